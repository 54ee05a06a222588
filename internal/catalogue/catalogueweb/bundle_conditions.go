package catalogueweb

import (
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// stepConditions are what one step of a bundle asks of the applicant.
type stepConditions struct {
	N          int // of the step, from 1
	Step       i18n.Text
	Of         catalogue.Definition // in whose words the conditions are
	Conditions []catalogue.Condition
}

// ownConditions are those of the item itself: a bundle that says nothing of its
// own takes over those of its steps, which stand apart.
func (g guidePage) ownConditions() []catalogue.Condition {
	if b := g.Whole.Bundle; b != nil && b.Written != nil && len(b.Written.Conditions) == 0 {
		return nil
	}
	return g.Item.Conditions
}

// stepConditions are those of the steps of a bundle, step by step.
func (g guidePage) stepConditions() []stepConditions {
	var out []stepConditions
	for i, step := range g.Whole.Bundle.Steps() {
		if i < len(g.Steps) && len(g.Steps[i].Conditions) > 0 {
			out = append(out, stepConditions{i + 1, step.Name, g.Steps[i].Definition, g.Steps[i].Conditions})
		}
	}
	return out
}
