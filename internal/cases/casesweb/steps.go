package casesweb

import (
	"context"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

// ladder shows the steps of an order as they stand; base is where a step that
// the reader may open lies, "" for nobody.
func (p *Pages) ladder(ctx context.Context, base string, v *cases.View) []view.LadderGroup {
	var out []view.LadderGroup
	last := 0
	for _, st := range v.Steps {
		if st.Group != last {
			out = append(out, view.LadderGroup{Name: p.groupName(ctx, v, st.Group)})
			last = st.Group
		}
		g := &out[len(out)-1]
		g.Rungs = append(g.Rungs, p.rung(ctx, base, v, st))
	}
	for i := range out {
		if len(out[i].Rungs) > 1 {
			out[i].Note = i18n.T(ctx, "orders.group.parallel")
		}
	}
	return out
}

// groupName is that of the bundle; a step's page does not have the bundle at hand.
func (p *Pages) groupName(ctx context.Context, v *cases.View, group int) string {
	b := v.Item.Bundle
	if b == nil && v.Order != nil {
		if it, err := p.Catalogue.Version(ctx, v.Order.ItemVersionID); err == nil {
			b = it.Bundle
		}
	}
	if b == nil || group > len(b.Groups) || len(b.Groups) == 1 && b.Cart {
		return ""
	}
	return b.Groups[group-1].Name.For(ctx)
}

func (p *Pages) rung(ctx context.Context, base string, v *cases.View, st cases.Step) view.Rung {
	r := view.Rung{N: st.N, Text: st.Name.For(ctx), Notes: []string{p.departmentName(ctx, st.DepartmentID)}, State: view.StepTodo, Here: st.CaseID != "" && st.CaseID == v.ID}
	if st.Open && base != "" && !r.Here {
		r.Href = casePath(base, st.CaseID)
	}
	switch st.State {
	case cases.StepSkipped:
		r.State, r.Chip = view.StepOff, i18n.T(ctx, "orders.step.skipped")
	case cases.StepCancelled:
		r.State, r.Chip = view.StepOff, i18n.T(ctx, "orders.step.cancelled")
	case cases.StepDone:
		r.State = view.StepDone
		if st.Outcome == cases.OutcomeWithdrawn {
			r.State, r.Chip = view.StepOff, i18n.T(ctx, "orders.step.withdrawn")
			break
		}
		r.Chip = i18n.T(ctx, "cases.outcome."+string(st.Outcome))
		if !st.Outcome.Grants() {
			r.State = view.StepOff
		}
	case cases.StepRunning:
		r.State, r.Chip = view.StepNow, i18n.T(ctx, "cases.state.handling")
	default:
		if !v.SubmittedAt.IsZero() && v.AcceptedAt.IsZero() {
			r.Chip = i18n.T(ctx, "orders.step.planned")
		} else if !v.AcceptedAt.IsZero() {
			r.Chip = i18n.T(ctx, "orders.step.waiting")
		}
	}
	if st.Case == nil {
		return r
	}
	if st.State == cases.StepRunning {
		if base == my {
			r.Chip, r.Needs = StateWord(ctx, st.Case)
		} else {
			r.Chip = staffState(ctx, st.Case)
		}
	}
	if words := p.clockWords(ctx, st.Case, nil); words != "" {
		r.Notes[0] += " · " + words
	}
	return r
}

// progress says how many steps of an order are done.
func progress(ctx context.Context, steps []cases.Step) string {
	done := 0
	for _, st := range steps {
		if st.State == cases.StepDone {
			done++
		}
	}
	return i18n.T(ctx, "orders.progress", "done", done, "of", cases.Taken(steps))
}

// groupNow names the group of an order that is in hand.
func groupNow(ctx context.Context, v *cases.View) string {
	for _, g := range v.Item.Bundle.Groups {
		if g.Key == v.Stage {
			return g.Name.For(ctx)
		}
	}
	return v.ItemName.For(ctx)
}

// stepsThatAsk lists the steps that wait for the applicant.
func stepsThatAsk(steps []cases.Step) []cases.Step {
	var out []cases.Step
	for _, st := range steps {
		if st.Case != nil && st.Open && st.State == cases.StepRunning && st.Case.NeedsApplicant {
			out = append(out, st)
		}
	}
	return out
}

// markWords says in a list which step of which order a case is.
func markWords(ctx context.Context, m *cases.StepMark) string {
	return i18n.T(ctx, "orders.mark", "order", m.OrderName, "n", m.N, "of", m.Of)
}

// partOf says on the page of a step what it belongs to.
func partOf(ctx context.Context, v *cases.View) string {
	st := v.StepOf(v.ID)
	if st == nil || v.Order == nil {
		return ""
	}
	return i18n.T(ctx, "orders.part_of", "order", v.Order.ItemName, "n", st.N, "of", cases.Taken(v.Steps))
}
