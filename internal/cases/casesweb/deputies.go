package casesweb

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

const deputiesPath = "/work/deputies"

// deputyPage lists who stands in for whom, and names a deputy.
type deputyPage struct {
	List     []cases.Deputy
	Possible []view.Opt
	Post     bool // the reader has a post that a deputy can take over
	Acts     string
	Me       string
	Now      time.Time
	Form     *form.Form
}

func (p *Pages) deputies(w http.ResponseWriter, r *http.Request) error {
	today := workday.DateOf(p.now())
	return p.showDeputies(w, r, form.New("from", today.String()))
}

func (p *Pages) showDeputies(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	x := deputyPage{Me: actor.ID, Now: p.now(), Form: f}
	var err error
	if x.List, err = p.Service.Deputies(ctx, actor); err != nil {
		return err
	}
	people, err := p.Service.PossibleDeputies(ctx, actor)
	if err != nil {
		return err
	}
	for _, c := range people {
		x.Possible = append(x.Possible, p.colleagueOpt(ctx, c))
	}
	x.Post = slices.ContainsFunc(actor.PostsOf(auth.Handler, auth.Approver), func(p auth.Post) bool { return p.For == "" })
	var names []string
	for _, id := range actor.StandsInFor() {
		names = append(names, p.Identity.NameOf(ctx, id).For(ctx))
	}
	x.Acts = strings.Join(names, i18n.T(ctx, "cases.semicolon"))
	return view.Render(w, r, f.Status(), deputyView(x))
}

// nameDeputy reads whole days: the last one counts to its end.
func (p *Pages) nameDeputy(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := cases.DeputyInput{DeputyID: f.Text("deputy", form.Required, form.Max(50)), Reason: f.Text("reason", form.Max(200))}
	from, to := dayIn(f, "from"), dayIn(f, "to")
	if f.OK() {
		in.From, in.To = workday.StartOf(from), workday.EndOf(to)
		_, err := p.Service.NameDeputy(r.Context(), auth.From(r.Context()), in)
		if err == nil {
			p.Sessions.Flash(r.Context(), "flow.deputy.done")
			return httpx.SeeOther(w, r, deputiesPath)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showDeputies(w, r, f)
}

// dayIn reads a date that has to be there.
func dayIn(f *form.Form, name string) workday.Date {
	d, err := workday.Parse(f.Text(name, form.Required))
	if err != nil && f.Error(name) == nil {
		f.Complain(name, "cases.field.date", nil)
	}
	return d
}

func (p *Pages) endDeputy(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := p.Service.EndDeputy(r.Context(), auth.From(r.Context()), r.PathValue("id"), int(f.Int("version", 1, 1<<31, true))); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "flow.deputy.ended")
	return httpx.SeeOther(w, r, deputiesPath)
}

// state of a deputyship in a word.
func (x deputyPage) state(ctx context.Context, d cases.Deputy) string {
	key := "active"
	switch {
	case !d.EndedAt.IsZero():
		key = "ended"
	case x.Now.Before(d.From):
		key = "future"
	case !x.Now.Before(d.To):
		key = "past"
	}
	return i18n.T(ctx, "flow.deputy.state."+key)
}

// open says whether a deputyship can still be ended.
func (x deputyPage) open(d cases.Deputy) bool { return d.EndedAt.IsZero() && x.Now.Before(d.To) }

func deputyHeads(ctx context.Context) []view.Head {
	var out []view.Head
	for _, key := range []string{"who", "deputy", "period", "reason", "state"} {
		out = append(out, view.Head{Text: i18n.T(ctx, "flow.deputy."+key)})
	}
	return append(out, view.Head{})
}

// deputyIns are the inputs of the form.
func deputyIns(ctx context.Context, x deputyPage) []view.In {
	return []view.In{
		{Name: "deputy", Label: i18n.T(ctx, "flow.deputy.deputy"), Required: true, Options: x.Possible},
		{Name: "from", Label: i18n.T(ctx, "flow.deputy.from"), Type: "date", Required: true, Width: "sm"},
		{Name: "to", Label: i18n.T(ctx, "flow.deputy.to"), Type: "date", Required: true, Width: "sm"},
		{Name: "reason", Label: i18n.T(ctx, "flow.deputy.reason"), Hint: i18n.T(ctx, "flow.deputy.reason_hint"), Optional: true, MaxLength: 200},
	}
}
