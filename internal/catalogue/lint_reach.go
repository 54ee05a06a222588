package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/recent"
	"github.com/tongban/tongban/internal/platform/rules"
)

// conditions finds those that no answer can ever make true: an option that is
// not offered, or two that exclude each other.
func (l *linter) conditions() {
	full := l.WithDefaults()
	if l.Family == Bundled { // its conditions read the merged form, which Source has left out
		return
	}
	fields := full.conditionFields()
	check := func(when, where string) { l.add(when != "" && !reachable(when, fields), Fault, "unreachable", where) }
	for i, c := range l.Conditions {
		check(c.When, fmt.Sprintf("conditions.%d.when", i+1))
	}
	for i, c := range l.Fee.Cases {
		check(c.When, fmt.Sprintf("fee.cases.%d.when", i+1))
	}
	for _, m := range l.Materials {
		check(m.When, "materials."+m.Key+".when")
	}
	for _, s := range full.Form.Sections {
		if s.Repeat != nil {
			check(s.Repeat.When, "form."+s.Key+".repeat.when")
			continue // a condition in a row reads the row
		}
		for _, f := range s.Fields {
			check(f.When, "form."+f.ID+".when")
		}
	}
	check(l.Flow.Automatic, "flow.automatic")
	for _, s := range l.Flow.Stages {
		for _, t := range s.Tasks {
			check(t.When, "flow."+s.Key+"."+t.Key+".when")
		}
	}
}

// conditionFields are the fields that conditions read, by name.
func (d Definition) conditionFields() map[string]Field {
	fields := map[string]Field{}
	for _, s := range d.Form.Sections {
		if s.Repeat != nil {
			fields[s.Key] = Field{ID: s.Key} // its rows cannot be listed
			continue
		}
		for _, f := range s.Fields {
			fields[f.ID] = f
		}
	}
	return fields
}

// mostTried is how many combinations of answers are tried. A condition over
// more is taken to be reachable.
const mostTried = 4096

var (
	reached  recent.Map[string, bool] // by condition and the answers it reads
	numberIn = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)
)

// reachable tries all combinations of answers that a condition reads: the
// options of a choice, both answers of a yesno, the numbers at and around those
// that it compares with. A condition that reads anything else, or does not
// compile, is left alone.
func reachable(when string, fields map[string]Field) bool {
	var names []string
	var tries [][]any
	n := 1
	for _, m := range answerName.FindAllStringSubmatch(when, -1) {
		f, ok := fields[m[1]]
		if !ok {
			return true // Validate says so
		}
		if slices.Contains(names, f.ID) {
			continue
		}
		values := possible(f, when)
		if values == nil {
			return true
		}
		values = append(values, nil) // not answered
		names, tries = append(names, f.ID), append(tries, values)
		if n *= len(values); n > mostTried {
			return true
		}
	}
	condition, err := rules.Compile(when)
	if err != nil {
		return true
	}
	key := when + fmt.Sprint(tries)
	if known, ok := reached.Load(key); ok {
		return known
	}
	found := false
	for i := 0; i < n && !found; i++ {
		answers, rest := map[string]any{}, i
		for k, values := range tries {
			if v := values[rest%len(values)]; v != nil {
				answers[names[k]] = v
			}
			rest /= len(values)
		}
		found = condition.Holds(answers)
	}
	reached.Store(key, found)
	return found
}

// possible lists the answers to try for a field; nil when they cannot be listed.
func possible(f Field, when string) []any {
	var out []any
	if f.Formula != "" { // it may become anything
		return nil
	}
	switch f.Type {
	case FieldYesNo:
		return []any{"yes", "no"}
	case FieldChoice:
		for _, o := range f.Options {
			out = append(out, o.Value)
		}
	case FieldMulti:
		all := []any{}
		for _, o := range f.Options {
			all = append(all, o.Value)
			out = append(out, []any{o.Value})
		}
		out = append(out, []any{}, all)
	case FieldNumber, FieldMoney, FieldPercent:
		within := func(n float64) {
			if (f.Min == nil || n >= *f.Min) && (f.Max == nil || n <= *f.Max) {
				out = append(out, n)
			}
		}
		for _, s := range numberIn.FindAllString(strings.ReplaceAll(when, "answers.", "answers "), -1) {
			if n, err := strconv.ParseFloat(s, 64); err == nil {
				within(n - 1)
				within(n)
				within(n + 1)
			}
		}
		for _, end := range []*float64{f.Min, f.Max} {
			if end != nil {
				out = append(out, *end)
			}
		}
		if len(out) == 0 {
			return nil
		}
	}
	return out
}
