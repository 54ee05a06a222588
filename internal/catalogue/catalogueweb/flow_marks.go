package catalogueweb

import (
	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/platform/view"
)

// FlowMark is how a case stands with one task of its flow.
type FlowMark struct {
	State view.StepState // "" for one that has not come yet
	Words string
}

func (m FlowMark) class() string {
	if m.State == "" {
		return ""
	}
	return "tb-stage-is-" + string(m.State)
}

// attrs tell a screen reader where the case stands.
func (m FlowMark) attrs() templ.Attributes {
	if m.State != view.StepNow {
		return nil
	}
	return templ.Attributes{"aria-current": "step"}
}
