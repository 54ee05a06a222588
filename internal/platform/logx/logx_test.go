package logx_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/platform/logx"
)

func TestSecretsStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var b bytes.Buffer
		log := logx.New(&b, format, "info")
		ctx := logx.WithRequest(t.Context(), "r-1")
		log.With("api_token", "s3cret").InfoContext(ctx, "x", "Password", "s3cret", "id_number", "s3cret", "cookie", "s3cret", "path", "/a")
		log.DebugContext(ctx, "not at this level")
		if out := b.String(); strings.Contains(out, "s3cret") || !strings.Contains(out, "r-1") || !strings.Contains(out, "/a") || strings.Contains(out, "not at this") {
			t.Errorf("%s: %s", format, out)
		}
	}
}
