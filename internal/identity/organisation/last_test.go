package organisation

import (
	"testing"

	"github.com/tongban/tongban/internal/identity"
)

func TestGap(t *testing.T) {
	t.Parallel()
	h := func(from, until string) identity.Held { return identity.Held{From: from, Until: until} }
	for name, tt := range map[string]struct {
		posts []identity.Held
		want  string
	}{
		"nobody":               {nil, "2026-03-02"},
		"for good":             {[]identity.Held{h("", "")}, ""},
		"one who leaves":       {[]identity.Held{h("", "2026-03-31")}, "2026-04-01"},
		"his last day":         {[]identity.Held{h("", "2026-03-02")}, "2026-03-03"},
		"over already":         {[]identity.Held{h("", "2026-03-01")}, "2026-03-02"},
		"one after the other":  {[]identity.Held{h("2026-04-01", ""), h("", "2026-03-31")}, ""},
		"a day between":        {[]identity.Held{h("2026-04-02", ""), h("", "2026-03-31")}, "2026-04-01"},
		"a chain of three":     {[]identity.Held{h("", "2026-03-31"), h("2026-03-15", "2026-05-31"), h("2026-06-01", "2026-06-30")}, "2026-07-01"},
		"only a future one":    {[]identity.Held{h("2026-03-03", "")}, "2026-03-02"},
		"over the end of Feb.": {[]identity.Held{h("", "2028-02-29"), h("2028-03-01", "")}, ""},
	} {
		if got := gap(tt.posts, "2026-03-02"); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		after, before string
		want          bool
	}{{"", "", false}, {"2026-03-02", "", true}, {"2026-03-02", "2026-03-02", false}, {"2026-03-02", "2026-04-02", true}, {"2026-04-02", "2026-03-02", false}, {"", "2026-03-02", false}} {
		if worse(tt.after, tt.before) != tt.want {
			t.Errorf("%+v", tt)
		}
	}
}
