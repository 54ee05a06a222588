package careweb

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/care"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

type firmsPage struct {
	Query  string
	Score  bool // the least complete files first
	Result care.List
	Leads  bool // a leader sees who looks after each firm
	First  bool // the list is shown from its beginning
}

// firms lists the firms of the commissioner, or all that a leader reaches.
func (p *Pages) firms(w http.ResponseWriter, r *http.Request) error {
	actor := auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := firmsPage{Query: f.Text("q", form.Max(100)), Leads: actor.Has(auth.Leader), First: f.Value("after") == ""}
	d.Score = f.Value("sort") == "score"
	filter := care.Filter{ByScore: d.Score, Request: page.Request{After: f.Value("after"), Size: 50}}
	if f.OK() { // nothing has so long a name
		filter.Query = d.Query
	}
	if d.Result, err = p.Service.Firms(r.Context(), actor, filter); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, firmList(d))
}

func (d firmsPage) next() string {
	if d.Result.Next == "" {
		return ""
	}
	q := url.Values{"after": {d.Result.Next}}
	if d.Query != "" {
		q.Set("q", d.Query)
	}
	if d.Score {
		q.Set("sort", "score")
	}
	return "/care/firms?" + q.Encode()
}

func (d firmsPage) title(ctx context.Context) string {
	if d.Leads {
		return i18n.T(ctx, "care.firms.title_all")
	}
	return i18n.T(ctx, "care.firms.title")
}

// lead says how many firms there are and how many want attention.
func (d firmsPage) lead(ctx context.Context) string {
	if d.Result.All == 0 || !d.First {
		return ""
	}
	return i18n.T(ctx, "care.firms.lead", "n", d.Result.All, "late", d.Result.Late, "expiring", d.Result.Expiring)
}

func (d firmsPage) heads(ctx context.Context) []view.Head {
	head := func(key string) view.Head { return view.Head{Text: i18n.T(ctx, "care.col."+key)} }
	out := []view.Head{head("firm"), head("contact")}
	if d.Leads {
		out = append(out, head("commissioner"))
	}
	return append(out, head("score"), head("cases"), head("certificates"), head("last"))
}

func firmPath(id string) string { return "/care/firms/" + id }
