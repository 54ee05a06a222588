package tierweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// climbPage is where a firm stands.
type climbPage struct {
	speaker
	Firm   identity.Enterprise
	Firms  []identity.Enterprise // of a person, all whose file he may see
	Climbs []tier.Climb          // our own ladders
	Others []tier.Climb          // of other places
	Rung   tier.Step             // shown in full
	File   bool                  // the reader may open the file of the firm
	base   string
}

// mine shows the ladders of the firm that the person acts for.
func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	list := actor.FirmsIn(auth.ModuleFile)
	id := r.URL.Query().Get("firm")
	switch {
	case id == "" && len(list) == 0:
		return view.Render(w, r, http.StatusOK, noFirm())
	case id == "":
		id = list[0]
	}
	d, err := p.climb(ctx, actor, id, r.URL.Query().Get("rung"))
	if err != nil {
		return err
	}
	d.own, d.base = true, MyPath+"?firm="+url.QueryEscape(id)+"&rung="
	if d.Firms, err = p.Identity.Enterprises(ctx, list); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, myTiers(d))
}

// firm shows staff where a firm stands.
func (p *Pages) firm(w http.ResponseWriter, r *http.Request) error {
	d, err := p.climb(r.Context(), auth.From(r.Context()), r.PathValue("id"), r.URL.Query().Get("rung"))
	if err != nil {
		return err
	}
	d.File = p.Service.Dossier.Sees(auth.From(r.Context()), d.Firm)
	d.base = WorkPath + "/firms/" + url.PathEscape(d.Firm.ID) + "?rung="
	return view.Render(w, r, http.StatusOK, staffFirm(d))
}

func (p *Pages) climb(ctx context.Context, actor auth.Actor, firm, rung string) (d climbPage, err error) {
	var all []tier.Climb
	if d.Firm, all, err = p.Service.Of(ctx, actor, firm); err != nil {
		return d, err
	}
	d.speaker = speaker{Pages: p, firm: firm}
	found := false
	for _, c := range all {
		if c.Elsewhere {
			d.Others = append(d.Others, c)
		} else {
			d.Climbs = append(d.Climbs, c)
		}
		for i, s := range c.Steps {
			if s.Key == rung || rung == "" && !found && !c.Elsewhere && i == c.Next {
				d.Rung, found = s, true
			}
		}
	}
	if !found && rung != "" {
		return d, tier.ErrNotFound
	}
	if !found { // on top of everything
		last := d.Climbs[0].Steps
		d.Rung = last[len(last)-1]
	}
	return d, nil
}

// rungs of a ladder as steps.
func (d climbPage) rungs(ctx context.Context, c tier.Climb) []view.LadderGroup {
	var out []view.Rung
	for i, s := range c.Steps {
		x := view.Rung{N: i + 1, Text: s.Name.For(ctx), Href: d.base + s.Key + "#rung", Here: s.Key == d.Rung.Key, State: view.StepTodo}
		switch {
		case s.Held():
			x.State, x.Chip = view.StepDone, i18n.T(ctx, "tier.chip.held")
			x.Notes = append(x.Notes, d.until(ctx, s))
			if s.Answer == engine.No {
				x.Notes = append(x.Notes, i18n.T(ctx, "tier.held_unmet"))
			}
		case s.Answer == engine.Yes && c.Elsewhere:
			x.Chip = i18n.T(ctx, "tier.chip.met")
		case s.Answer == engine.Yes:
			x.Chip, x.Needs = i18n.T(ctx, "tier.chip.ready"), d.own
		case s.Answer == engine.Unknown:
			x.Chip = i18n.T(ctx, "tier.chip.open")
		default:
			x.Chip = i18n.T(ctx, "tier.chip.not")
		}
		if i == c.Next && !c.Elsewhere {
			x.State = view.StepNow
		}
		out = append(out, x)
	}
	return []view.LadderGroup{{Name: c.Name.For(ctx), Rungs: out}}
}

func (d climbPage) until(ctx context.Context, s tier.Step) string {
	if s.HeldUntil >= "9999" {
		return i18n.T(ctx, "tier.no_end")
	}
	return i18n.T(ctx, "tier.until", "day", dayWords(ctx, s.HeldUntil))
}

// verdict is the answer in a sentence, with the kind of its note.
func (d climbPage) verdict(ctx context.Context) (kind, text string) {
	s := d.Rung
	name := s.Name.For(ctx)
	switch {
	case s.Answer == engine.Yes && s.Held():
		return "done", i18n.T(ctx, "tier.verdict.holds", "rung", name)
	case s.Held() && s.Answer == engine.No:
		return "needs", i18n.T(ctx, "tier.verdict.risk", "rung", name)
	case s.Answer == engine.Yes:
		return "done", i18n.T(ctx, "tier.verdict.yes", "rung", name)
	case s.Held():
		return "", i18n.T(ctx, "tier.verdict.holds_open", "rung", name)
	case s.Answer == engine.Unknown:
		return "", i18n.T(ctx, "tier.verdict.open", "rung", name)
	}
	return "", i18n.T(ctx, "tier.verdict.no", "rung", name, "n", d.unmet())
}

// unmet counts what does not hold.
func (d climbPage) unmet() int {
	n := 0
	for _, g := range d.Rung.Gates {
		if g.Answer == engine.No {
			n++
		}
	}
	if d.Rung.Score != nil && d.Rung.Scored == engine.No && !slices.ContainsFunc(d.Rung.Direct, func(c tier.Check) bool { return c.Answer != engine.No }) {
		n++
	}
	return n
}

// score is the sum in a sentence.
func (d climbPage) score(ctx context.Context) string {
	s := d.Rung
	key := "tier.score.at_least"
	need := s.Score.AtLeast
	if s.Score.Above > 0 {
		key, need = "tier.score.above", s.Score.Above
	}
	return i18n.T(ctx, key, "own", pointsWords(s.Points), "need", need)
}

// item is where one applies for the rung.
func (p *Pages) item(ctx context.Context, r *tier.Rung) *view.Link {
	if r.Item == "" {
		return nil
	}
	name, ok := p.Item(r.Item)
	if !ok {
		return nil
	}
	return &view.Link{Href: "/items/" + r.Item, Text: name.For(ctx)}
}

func answerWord(ctx context.Context, a engine.Tri) string {
	return i18n.T(ctx, "tier.answer."+[]string{"no", "open", "yes"}[a])
}
