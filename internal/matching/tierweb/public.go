package tierweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type tablesPage struct {
	*Pages
	Day   string
	Staff bool // they act for no firm
}

// Ladders are all ladders.
func (d tablesPage) Ladders() []*tier.Ladder { return d.Service.Tables.Ladders }

// tables lists the ladders for everybody.
func (p *Pages) tables(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, tableList(tablesPage{p, workday.DateOf(p.Clock.Now()).String(), staff(r)}))
}

type tablePage struct {
	*Pages
	*tier.Rung
	Staff bool
}

// table shows what a rung asks for.
func (p *Pages) table(w http.ResponseWriter, r *http.Request) error {
	day := workday.DateOf(p.Clock.Now()).String()
	for _, l := range p.Service.Tables.Ladders {
		for _, x := range l.On(day) {
			if x.Key == r.PathValue("rung") {
				return view.Render(w, r, http.StatusOK, rungTable(tablePage{p, x, staff(r)}))
			}
		}
	}
	return tier.ErrNotFound
}

func staff(r *http.Request) bool { return auth.From(r.Context()).Kind == auth.Staff }
