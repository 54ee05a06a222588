package shell

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// nearShown is how many cases near their limit the workbench names.
const nearShown = 5

// workPage is the first page of the workbench.
type workPage struct {
	Actor  auth.Actor
	Worker bool // sees cases at all
	Cards  []view.KPI
	Near   []cases.Row // over the limit first, then those near it
	More   int         // how many there are beyond
	Admin  []view.NavItem
	Shell  *Shell
}

// work is the first page of the workbench: what waits for the reader.
func (s *Shell) work(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	p := workPage{Actor: actor, Worker: actor.Has(workers...), Admin: append(adminNav(actor), s.samples(actor)...), Shell: s}
	if p.Worker {
		counts, err := s.Cases.Counts(ctx, actor, Counted(actor)...)
		if err != nil {
			return err
		}
		p.Cards = s.cards(ctx, actor, counts)
		if err := s.near(ctx, actor, &p); err != nil {
			return err
		}
		p.More = counts[cases.ListNear] + counts[cases.ListOverdue] - len(p.Near)
	}
	return view.Render(w, r, http.StatusOK, workView(p))
}

// cards are the counts of the lists as doors to them.
func (s *Shell) cards(ctx context.Context, actor auth.Actor, counts map[cases.ListName]int) []view.KPI {
	var out []view.KPI
	for _, l := range Counted(actor) {
		figure := strconv.Itoa(counts[l])
		if counts[l] >= cases.CountMost {
			figure = "99+"
		}
		out = append(out, view.KPI{Href: listPath(l), Label: i18n.T(ctx, "work.list."+string(l)), Figure: figure, Note: i18n.T(ctx, "shell.card."+string(l))})
	}
	if actor.Has(auth.Commissioner) {
		out = append(out, view.KPI{Href: "/care/firms", Label: i18n.T(ctx, "shell.nav.firms"), Figure: strconv.Itoa(len(actor.Portfolio)), Note: i18n.T(ctx, "shell.card.firms")})
	}
	return out
}

// near adds the cases that are over their limit or close to it.
func (s *Shell) near(ctx context.Context, actor auth.Actor, p *workPage) error {
	for _, l := range []cases.ListName{cases.ListOverdue, cases.ListNear} {
		if len(p.Near) >= nearShown {
			break
		}
		list, err := s.Cases.List(ctx, actor, cases.Filter{List: l, Request: page.Request{Size: nearShown - len(p.Near)}})
		if err != nil {
			return err
		}
		p.Near = append(p.Near, list.Rows...)
	}
	return nil
}

// admin lists the administration pages that the reader may use.
func (s *Shell) admin(w http.ResponseWriter, r *http.Request) error {
	actor := auth.From(r.Context())
	return view.Render(w, r, http.StatusOK, adminView(append(adminNav(actor), s.samples(actor)...)))
}
