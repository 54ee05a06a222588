package view

import "github.com/a-h/templ"

// StepOff is the state of a step that is not taken.
const StepOff StepState = "off"

// LadderGroup is what is done side by side.
type LadderGroup struct {
	Name, Note string
	Rungs      []Rung
}

// Rung is one step of a ladder.
type Rung struct {
	N     int // 0 for one that does not count
	Text  string
	Href  string
	Notes []string
	Chip  string // how it stands, "" before anything begins
	Needs bool   // the chip is filled: the reader has to do something
	State StepState
	Here  bool // the page is about this step
}

func rungAttrs(r Rung) templ.Attributes {
	if !r.Here {
		return nil
	}
	return templ.Attributes{"aria-current": "step"}
}
