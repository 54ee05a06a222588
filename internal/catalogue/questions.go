package catalogue

import (
	"slices"

	"github.com/tongban/tongban/internal/platform/rules"
)

// Questions are what a reader can be asked before an application, to narrow
// the guide to his case: the situation, and the choices of the form that
// conditions, materials, fees or tasks depend on, in the order of the form.
// Typed answers (numbers, texts) are left to the form itself.
func (d Definition) Questions() []Field {
	fields := d.allFields()
	wanted := map[string]bool{}
	want := func(when string) {
		for _, id := range namesIn(when) {
			wanted[id] = true
		}
	}
	for _, f := range d.Situation {
		wanted[f.ID] = true
	}
	for _, c := range d.Conditions {
		want(c.When)
	}
	for _, m := range d.Materials {
		want(m.When)
	}
	for _, c := range d.Fee.Cases {
		want(c.When)
	}
	for _, s := range d.Flow.Stages {
		for _, t := range s.Tasks {
			want(t.When)
		}
	}
	for _, s := range d.Bundle.Steps() {
		want(s.When)
	}
	// A question is asked only after those that it depends on itself. They stand
	// before it, so one walk from the end finds them all.
	for i := len(fields) - 1; i >= 0; i-- {
		if wanted[fields[i].ID] {
			want(fields[i].When)
		}
	}
	return slices.DeleteFunc(fields, func(f Field) bool { return !wanted[f.ID] || !chosen(f.Type) || f.Formula != "" })
}

// allFields of the situation and the form; WithDefaults puts the one into the other.
func (d Definition) allFields() []Field {
	out := slices.Clone(d.Situation)
	for _, s := range d.Form.Sections {
		if s.Repeat != nil {
			continue
		}
		for _, f := range s.Fields {
			if !slices.ContainsFunc(d.Situation, func(q Field) bool { return q.ID == f.ID }) {
				out = append(out, f)
			}
		}
	}
	return out
}

// chosen says that an answer is picked, not typed.
func chosen(t FieldType) bool { return t == FieldChoice || t == FieldYesNo || t == FieldMulti }

// namesIn are the answers that a condition reads.
func namesIn(when string) []string {
	var out []string
	for _, m := range answerName.FindAllStringSubmatch(when, -1) {
		out = append(out, m[1])
	}
	return out
}

// Picked reads the answers to questions from the values of an address, as a
// shared link holds them. What is not offered is dropped without a word: a link
// may be older than the questions. An answer to a question that is not asked
// with the answers before it does not count.
func Picked(questions []Field, values map[string][]string) map[string]any {
	out := map[string]any{}
	for _, q := range questions {
		if !rules.Holds(q.When, out) {
			continue
		}
		offered := q.Options
		if q.Type == FieldYesNo {
			offered = []Option{{Value: "yes"}, {Value: "no"}}
		}
		var picked []any
		for _, v := range values[q.ID] {
			if slices.ContainsFunc(offered, func(o Option) bool { return o.Value == v }) && !slices.Contains(picked, any(v)) {
				picked = append(picked, v)
			}
		}
		switch {
		case len(picked) == 0:
		case q.Type == FieldMulti:
			out[q.ID] = picked
		default:
			out[q.ID] = picked[0]
		}
	}
	return out
}

// AskedWith are the questions that are asked with these answers.
func AskedWith(questions []Field, answers map[string]any) []Field {
	return slices.DeleteFunc(slices.Clone(questions), func(q Field) bool { return !rules.Holds(q.When, answers) })
}

// Verdict on a condition when not everything is answered yet.
type Verdict int

// The verdicts. Open is neither: an answer is missing that decides.
const (
	Open Verdict = iota
	Yes
	No
)

// Judge says what is certain about a condition. skipped are answers that will
// never be given, because their question is not asked in this case. A
// condition is certainly false when its contrary holds: a missing answer
// makes both fail.
func Judge(when string, answers map[string]any, skipped map[string]bool) Verdict {
	switch {
	case rules.Holds(when, answers):
		return Yes
	case rules.Holds("!("+when+")", answers):
		return No
	}
	for _, id := range namesIn(when) {
		if _, ok := answers[id]; !ok && !skipped[id] {
			return Open
		}
	}
	return No // as the engine takes it: nothing is asked for because of an answer that nobody gave
}

// Choose narrows the guide to the answers: what certainly does not apply is
// gone, what certainly does has no condition any more, and what is open keeps
// its own. A fee that depends on the answers becomes the one that applies.
func (d Definition) Choose(answers map[string]any) Definition {
	skipped := map[string]bool{}
	for _, f := range d.allFields() {
		if Judge(f.When, answers, skipped) == No {
			skipped[f.ID] = true
		}
	}
	judge := func(when string) Verdict { return Judge(when, answers, skipped) }
	d.Conditions = narrowed(d.Conditions, judge, func(c *Condition) *string { return &c.When })
	d.Materials = narrowed(d.Materials, judge, func(m *Material) *string { return &m.When })
	d.Fee = d.Fee.choose(judge)
	stages := make([]Stage, 0, len(d.Flow.Stages))
	for _, s := range d.Flow.Stages {
		s.Tasks = narrowed(s.Tasks, judge, func(t *Task) *string { return &t.When })
		if len(s.Tasks) > 0 {
			stages = append(stages, s)
		}
	}
	d.Flow.Stages = stages
	if d.Bundle != nil {
		b := *d.Bundle
		b.Groups = nil
		for _, g := range d.Bundle.Groups {
			g.Items = narrowed(g.Items, judge, func(s *Step) *string { return &s.When })
			if len(g.Items) > 0 {
				b.Groups = append(b.Groups, g)
			}
		}
		d.Bundle = &b
	}
	return d
}

func narrowed[T any](all []T, judge func(string) Verdict, when func(*T) *string) []T {
	out := make([]T, 0, len(all))
	for _, v := range all {
		switch w := when(&v); judge(*w) {
		case Yes:
			*w = ""
			out = append(out, v)
		case Open:
			out = append(out, v)
		case No:
		}
	}
	return out
}

// choose keeps of the cases those that can still apply. The first that
// certainly does is the fee, unless one before it is open.
func (f Fee) choose(judge func(string) Verdict) Fee {
	var open []FeeCase
	for _, c := range f.Cases {
		switch judge(c.When) {
		case Yes:
			if len(open) == 0 {
				f.Standard, f.Cases = c.Standard, nil
				return f
			}
			f.Standard, f.Cases = c.Standard, open
			return f
		case Open:
			open = append(open, c)
		case No:
		}
	}
	f.Cases = open
	return f
}

// Today says that the item can be done on the day it is asked for: at once, or
// promised within one working day.
func (d Definition) Today() bool {
	return d.CaseType == Instant || !d.Promised.IsZero() && Workdays(d.Promised) <= 1
}
