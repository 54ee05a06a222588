package insightweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/insight"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

const creditPath = "/lead/credit"

type creditPage struct{ insight.Credit }

// credit shows what each office did for cases, whoever's they are.
func (p *Pages) credit(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Service.Credit(r.Context(), auth.From(r.Context()), insight.Period(r.URL.Query().Get("period")))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, creditView(creditPage{c}))
}

func (p creditPage) tabs(ctx context.Context) []view.Tab {
	var out []view.Tab
	for _, x := range insight.Periods {
		out = append(out, view.Tab{Href: creditPath + "?period=" + string(x), Text: i18n.T(ctx, "insight.period."+string(x)), Active: x == p.Period})
	}
	return out
}

func creditHeads(ctx context.Context, keys ...string) []view.Head {
	var out []view.Head
	for i, key := range keys {
		out = append(out, view.Head{Text: i18n.T(ctx, "credit.col."+key), Num: i > 0})
	}
	return out
}
