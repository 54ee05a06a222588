package casesweb

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	trust "github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// earlierOf reads the value of a button that takes an earlier paper: the case
// and the material there.
func earlierOf(value string) (cases.ID, string) {
	from, key, _ := strings.Cut(value, "/")
	return cases.ID(from), key
}

func earlierValue(o cases.Offer) string { return string(o.CaseID) + "/" + o.Key }

// reuse satisfies a material by a paper that was given in another case.
func (p formPages) reuse(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if done, err := p.keep(w, r, f); err != nil || done {
		return err
	}
	id, key := cases.ID(r.PathValue("id")), r.PathValue("key")
	from, fromKey := earlierOf(f.Value("earlier"))
	if err := p.Service.Reuse(r.Context(), auth.From(r.Context()), id, key, from, fromKey); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "papers.reused")
	return httpx.SeeOther(w, r, casePath(p.base, id, "form")+"#"+view.FieldID(materialField(key)))
}

// checked notes that the clerk holds the original of an upload in his hands.
func (p formPages) checked(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if done, err := p.keep(w, r, f); err != nil || done {
		return err
	}
	id, key := cases.ID(r.PathValue("id")), r.PathValue("key")
	if err := p.Service.CheckTyped(r.Context(), auth.From(r.Context()), id, key); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "papers.checked")
	return httpx.SeeOther(w, r, casePath(p.base, id, "form")+"#"+view.FieldID(materialField(key)))
}

// originWords say where an earlier paper comes from: 用的是 2026年3月2日 … 交过的材料.
func originWords(ctx context.Context, m cases.MaterialState) string {
	if m.From == nil {
		return ""
	}
	if m.From.Number == "" {
		return i18n.T(ctx, "papers.from_draft", "day", i18n.FormatDate(ctx, m.From.GivenAt))
	}
	return i18n.T(ctx, "papers.from", "number", m.From.Number, "day", i18n.FormatDate(ctx, m.From.GivenAt))
}

// offerWords describe an earlier paper on offer.
func offerWords(ctx context.Context, o cases.Offer) string {
	if o.Number == "" {
		return i18n.T(ctx, "papers.offer_draft", "day", i18n.FormatDate(ctx, o.Given))
	}
	return i18n.T(ctx, "papers.offer", "number", o.Number, "day", i18n.FormatDate(ctx, o.Given))
}

// gapWords say how it stands with a tolerated material; "" where there is none.
func gapWords(ctx context.Context, m cases.MaterialState) string {
	switch g := m.Gap; {
	case g == nil:
		return ""
	case g.Open():
		return i18n.T(ctx, "papers.gap.open", "due", i18n.FormatLastMoment(ctx, g.DueAt))
	case g.How == cases.GapWaived:
		return i18n.T(ctx, "papers.gap.waived", "reason", g.Reason)
	case g.How == cases.GapLate:
		return i18n.T(ctx, "papers.gap.late")
	}
	return ""
}

// paperFacts are the sentences about where a material comes from and what has
// to happen yet; for staff with what its level means.
func paperFacts(ctx context.Context, base string, m cases.MaterialState) []string {
	var out []string
	add := func(s string) {
		if s != "" {
			out = append(out, s)
		}
	}
	add(originWords(ctx, m))
	add(gapWords(ctx, m))
	switch m.Until {
	case "":
	case trust.Forever:
		add(i18n.T(ctx, "papers.until_forever"))
	default:
		add(i18n.T(ctx, "papers.until", "day", m.Until))
	}
	if m.Check != nil {
		add(i18n.T(ctx, "papers.checked_on", "day", i18n.FormatDate(ctx, m.Check.At), "place", m.Check.Place))
	}
	if base == work && m.Trust == trust.Uploaded {
		key := "papers.level.C"
		if m.Material.Original {
			key = "papers.level.C_original"
		}
		add(i18n.T(ctx, key))
	}
	return out
}

// levelWords explain the levels that occur, for staff.
func levelWords(ctx context.Context, list []cases.MaterialState) []string {
	seen := map[trust.Level]bool{}
	for _, m := range list {
		seen[m.Trust] = true
	}
	var out []string
	for _, l := range trust.Levels {
		if seen[l] {
			out = append(out, i18n.T(ctx, "papers.level."+string(l)+"_means"))
		}
	}
	return out
}

// copies are the materials of a case whose originals can be checked.
func copies(v *cases.View) []cases.MaterialState {
	var out []cases.MaterialState
	for _, m := range v.Materials {
		if m.Trust == trust.Uploaded {
			out = append(out, m)
		}
	}
	return out
}

// materialIn are the materials that a command can be about, to choose one.
func materialIn(ctx context.Context, v *cases.View, d *commandPage) view.In {
	in := view.In{Name: "material", Label: d.say(ctx, "material"), Required: true}
	switch d.Command {
	case cases.CmdCheck:
		for _, m := range copies(v) {
			in.Options = append(in.Options, view.Opt{Value: m.Key, Label: m.Material.Name.For(ctx), Hint: howWords(ctx, m)})
		}
	case cases.CmdWaive:
		for _, g := range v.OpenGaps() {
			in.Options = append(in.Options, view.Opt{Value: g.Key, Label: g.Name.For(ctx), Hint: i18n.T(ctx, "papers.gap.open", "due", i18n.FormatLastMoment(ctx, g.DueAt))})
		}
	}
	return in
}

// materialForm is a form in which the only choice is taken.
func materialForm(v *cases.View, d *commandPage) *form.Form {
	in := materialIn(context.Background(), v, d)
	if d.Form.Value("material") != "" || len(in.Options) != 1 {
		return d.Form
	}
	return form.New("material", in.Options[0].Value)
}

func giveCheck(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	key := f.Text("material", form.Required)
	if !f.OK() {
		return nil
	}
	_, err := s.CheckOriginal(ctx, a, ref, key)
	return err
}

func giveWaive(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	key, why := f.Text("material", form.Required), reasonOf(f)
	if !f.OK() {
		return nil
	}
	_, err := s.Waive(ctx, a, ref, key, why)
	return err
}

// toleratedLater are the materials that would be tolerated, before acceptance.
func toleratedLater(v *cases.View) []cases.MaterialState {
	var out []cases.MaterialState
	for _, m := range v.Materials {
		if m.How == cases.Later && m.Gap == nil {
			out = append(out, m)
		}
	}
	return out
}

// daysOf is how long a tolerated material may take, in words.
func daysOf(ctx context.Context, m cases.MaterialState) string {
	return i18n.T(ctx, "papers.days", "n", trust.DaysOf(m.Material))
}

func lateWords(ctx context.Context, v *cases.View) string {
	if v.Item.Late == "refuse" && v.ParentID == "" {
		return i18n.T(ctx, "papers.late.refuse")
	}
	return i18n.T(ctx, "papers.late.lapse")
}

// tolerates says whether something is left to come later.
func tolerates(list []cases.MaterialState) bool {
	return slices.ContainsFunc(list, func(m cases.MaterialState) bool { return m.How == cases.Later })
}
