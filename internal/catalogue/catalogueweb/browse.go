package catalogueweb

import (
	"context"
	"net/http"
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// departmentName is who handles an item, also one of another administration.
func departmentName(ctx context.Context, it *catalogue.Item, d *identity.Directory) string {
	if it.External() {
		return it.Agency.Name.For(ctx)
	}
	return d.Department(it.Department).Name.For(ctx)
}

// themeGroup are the topics of firms, or of persons.
type themeGroup struct {
	Key    string
	Themes []catalogue.Theme
}

// themes shows all topics with how much belongs to them.
func (p *Pages) themes(w http.ResponseWriter, r *http.Request) error {
	now := p.Service.Snapshot()
	groups := []themeGroup{{Key: "business"}, {Key: "person"}}
	for _, t := range now.Themes() {
		i := slices.IndexFunc(groups, func(g themeGroup) bool { return g.Key == t.Group })
		if i >= 0 {
			groups[i].Themes = append(groups[i].Themes, t)
		}
	}
	return view.Render(w, r, http.StatusOK, themesPage(groups, now.Find("", catalogue.Filter{}).Themes))
}

// theme shows what belongs to one topic.
func (p *Pages) theme(w http.ResponseWriter, r *http.Request) error {
	t, ok := p.Service.Snapshot().Theme(r.PathValue("key"))
	if !ok {
		return httpx.ErrNotFound
	}
	in, err := p.find(r, catalogue.Filter{Theme: t.Key})
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, themePage(t, in))
}

// kinds in the order of the choice.
var kinds = []catalogue.Kind{catalogue.KindApply, catalogue.KindBundle, catalogue.KindService, catalogue.KindLookup}

// themes of what was found, in their order; the chosen one is always there.
func (f finding) themes(ctx context.Context) []choice {
	var out []choice
	for _, t := range f.Themes {
		if n := f.Found.Themes[t.Key]; n > 0 || t.Key == f.Filter.Theme {
			out = append(out, choice{Value: t.Key, Text: t.Name.For(ctx), N: n, Chosen: t.Key == f.Filter.Theme})
		}
	}
	return out
}
