package matchingweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type minePage struct {
	*Pages
	*advice.Advice
	Firms []identity.Acting
	Staff bool
	Back  string // for staff
	Marks map[string]push.Mark
	Saved map[string]bool
	Told  string // for those who see what the firm was told
}

// mine shows what the library has for a firm of the person.
func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	actor := auth.From(r.Context())
	firms, err := p.Identity.FirmsOf(r.Context(), actor)
	if err != nil {
		return err
	}
	if len(firms) == 0 {
		return view.Render(w, r, http.StatusOK, noFirm())
	}
	allowed, err := p.Push.Allowed(r.Context(), actor.ID)
	if err != nil {
		return err
	}
	if !allowed {
		return view.Render(w, r, http.StatusOK, refused())
	}
	id := r.URL.Query().Get("firm")
	if id == "" {
		id = firms[0].ID
	}
	a, err := p.Advice.For(r.Context(), actor, id)
	if err != nil {
		return err
	}
	marks, err := p.Push.Marks(r.Context(), actor, id)
	if err != nil {
		return err
	}
	stars, err := p.Push.Stars(r.Context(), actor)
	if err != nil {
		return err
	}
	d := minePage{Pages: p, Advice: a, Firms: firms, Marks: marks, Saved: map[string]bool{}}
	for _, x := range stars {
		d.Saved[x.Clause] = true
	}
	return view.Render(w, r, http.StatusOK, mine(d))
}

// ofFirm shows the same to those who look after the firm.
func (p *Pages) ofFirm(w http.ResponseWriter, r *http.Request) error {
	a, err := p.Advice.For(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	d := minePage{Pages: p, Advice: a, Staff: true, Back: "/work/dossiers/" + a.Firm.ID}
	if auth.From(r.Context()).Has(auth.Commissioner, auth.Leader) { // who has the page of the firm
		d.Back = "/care/firms/" + a.Firm.ID
	}
	if actor := auth.From(r.Context()); actor.Has(auth.Leader) || slices.Contains(actor.Portfolio, a.Firm.ID) {
		d.Told = "/work/push?" + url.Values{"firm": {a.Firm.ID}}.Encode()
	}
	return view.Render(w, r, http.StatusOK, ofFirm(d))
}

func firmHref(id string) string { return "/my/policies?" + url.Values{"firm": {id}}.Encode() }

// href leads to a clause; the first look at one that the firm was told of is noted.
func (p minePage) href(m advice.Match) string {
	if k := p.Marks[m.Key]; k.New {
		return "/my/policies/open/" + k.ID
	}
	return clausePath(m.Key)
}

// declines says that the firm may say it does not want the clause.
func (p minePage) declines(m advice.Match) bool {
	k := p.Marks[m.Key]
	return !p.Staff && (k.State == push.Told || k.State == push.Opened)
}

func clausePath(key string) string { return "/policies/clauses/" + key }

// worthWords is what a firm would get.
func worthWords(ctx context.Context, m advice.Match) string {
	switch {
	case m.Known && m.Worth > 0 && m.Benefit.Per == policy.Year:
		return i18n.T(ctx, "matching.worth.year", "n", push.Yuan(ctx, m.Worth))
	case m.Known && m.Worth > 0:
		return i18n.T(ctx, "matching.worth.once", "n", push.Yuan(ctx, m.Worth))
	case !m.Benefit.Text.IsZero():
		return m.Benefit.Text.For(ctx)
	}
	return i18n.T(ctx, "matching.worth.kind."+string(m.Benefit.Kind))
}

// firstShown is how many policies of one standing a page shows at once; the others
// are folded away.
const firstShown = 8

// whenWords says when one can apply.
func whenWords(ctx context.Context, m advice.Match) string {
	switch {
	case m.Way == policy.Plain:
		return i18n.T(ctx, "matching.when.plain")
	case m.Now && m.Until == "":
		return i18n.T(ctx, "matching.when.always")
	case m.Now:
		return i18n.T(ctx, "matching.when.until", "day", push.DayWords(ctx, m.Until))
	case m.Next != "":
		return i18n.T(ctx, "matching.when.next", "day", push.DayWords(ctx, m.Next))
	}
	return i18n.T(ctx, "matching.when.over")
}

// needsSoon says that the window closes within three weeks.
func needsSoon(day string, m advice.Match) bool {
	d, err := workday.Parse(day)
	return err == nil && m.Now && m.Until != "" && m.Until <= d.AddDays(21).String()
}

// askWords says whom to ask about a fact.
func askWords(ctx context.Context, g facts.Gap) string {
	switch {
	case g.Declared:
		return i18n.T(ctx, "matching.ask.declare")
	case g.Register != "":
		return i18n.T(ctx, "matching.ask.register", "register", g.Register)
	}
	return ""
}

// gapPath leads to where the firm can say a fact.
func (p minePage) gapPath(g facts.Gap) string {
	if p.Staff || !g.Declared || p.Firm.ID == "" {
		return ""
	}
	path := "/my/firms/" + p.Firm.ID + "/facts/" + g.Key
	if g.Year > 0 {
		return path + "?" + url.Values{"year": {itoa(g.Year)}}.Encode()
	}
	return path
}

// notYet are the conditions that keep a firm from a clause.
func notYet(m advice.Match) []facts.Line {
	return slices.Concat(m.Why.Flat(engine.No), m.Why.Flat(engine.Unknown))
}

func answerIcon(a engine.Tri) string {
	return map[engine.Tri]string{engine.Yes: "circle-check", engine.Unknown: "circle-dashed", engine.No: "circle-x"}[a]
}

func answerWord(ctx context.Context, a engine.Tri) string {
	return i18n.T(ctx, "matching.answer."+map[engine.Tri]string{engine.Yes: "yes", engine.Unknown: "unknown", engine.No: "no"}[a])
}
