package dossierweb

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
)

type deskPage struct {
	side
	List page.Result[dossier.Matter]
}

var noMatters page.Result[dossier.Matter]

func pageOf(r *http.Request) page.Request {
	return page.Request{After: r.URL.Query().Get("after"), Size: 30}
}

func (d deskPage) next() string {
	if d.List.Next == "" {
		return ""
	}
	return DeskPath + "?" + url.Values{"after": {d.List.Next}}.Encode()
}

// kind of a matter in a word.
func kind(ctx context.Context, m dossier.Matter) string {
	if m.Request() {
		return i18n.T(ctx, "dossier.kind.request")
	}
	return i18n.T(ctx, "dossier.kind.conflict")
}
