package catalogue

import (
	"reflect"
	"slices"
)

// mergedGroup is a repeating section with everybody who asks for it. Rows are
// asked for once only when the sections are the same to the letter; what an item
// asks in its rows is not taken apart.
type mergedGroup struct {
	Section
	whens []string
}

// free says that no field and no repeating section has the name.
func (m *merger) free(id string) bool {
	_, taken := m.fields[id]
	return !taken && !slices.ContainsFunc(m.groups, func(g *mergedGroup) bool { return g.Key == id })
}

// ownUnless is the id, or one of the item's own when it is not free.
func ownUnless(free bool, code, id string, isFree func(string) bool) string {
	if free {
		return id
	}
	return ownID(code, id, func(id string) bool { return !isFree(id) })
}

// names says under which names the answers of an item stand in the merged form.
func (m *merger) names(step *Step, it *Item) {
	name := func(id, merged string) {
		if merged != id {
			step.Fields[id] = merged
		}
	}
	for _, s := range it.Form.Sections {
		if s.Repeat != nil {
			continue
		}
		for _, f := range s.Fields {
			name(f.ID, m.place(it.Code, f))
		}
	}
	for _, s := range it.Form.Sections { // their rows read the fields, so these have their names first
		if s.Repeat == nil {
			continue
		}
		s = translated(s, step)
		same := slices.IndexFunc(m.groups, func(g *mergedGroup) bool { return g.original(s) })
		if same >= 0 {
			name(s.Key, m.groups[same].Key)
			continue
		}
		key := ownUnless(m.free(s.Key) && s.Key != "situation" && s.Key != "shared", it.Code, s.Key, m.free)
		name(s.Key, key)
		s.Key = key
		m.groups = append(m.groups, &mergedGroup{Section: s})
	}
}

// original says whether a section is what the group was made of.
func (g *mergedGroup) original(s Section) bool {
	a, b := g.Section, s
	a.Key, b.Key = "", ""
	ra, rb := *a.Repeat, *b.Repeat
	ra.When, rb.When = "", ""
	a.Repeat, b.Repeat = &ra, &rb
	return reflect.DeepEqual(a, b)
}

// translated is a repeating section with the names of the merged form.
func translated(s Section, step *Step) Section {
	r := *s.Repeat
	r.When = and(step.When, rewrite(r.When, step.Fields))
	s.Repeat, s.Fields = &r, slices.Clone(s.Fields)
	for i := range s.Fields {
		f := &s.Fields[i]
		f.When, f.Formula = rewrite(f.When, step.Fields), rewrite(f.Formula, step.Fields)
	}
	s.Checks = slices.Clone(s.Checks)
	for i := range s.Checks {
		x := &s.Checks[i]
		x.When, x.Rule = rewrite(x.When, step.Fields), rewrite(x.Rule, step.Fields)
	}
	return s
}

// addGroup adds when an item asks for its rows.
func (m *merger) addGroup(s Section, step *Step) {
	key := renamed(s.Key, step.Fields)
	for _, g := range m.groups {
		if g.Key == key {
			if len(g.whens) == 0 { // of this item: by now all its names are known
				g.Section = translated(s, step)
				g.Key = key
			}
			g.whens = append(g.whens, and(step.When, rewrite(s.Repeat.When, step.Fields)))
		}
	}
}

// addChecks carries checks over; they count while the step is taken.
func (m *merger) addChecks(checks []Check, step *Step) {
	for _, x := range checks {
		x.When, x.Rule, x.Field = and(step.When, rewrite(x.When, step.Fields)), rewrite(x.Rule, step.Fields), renamed(x.Field, step.Fields)
		if !slices.Contains(m.checks, x) {
			m.checks = append(m.checks, x)
		}
	}
}

// repeating are the repeating sections of the merged form.
func (m *merger) repeating() []Section {
	out := make([]Section, 0, len(m.groups))
	for _, g := range m.groups {
		r := *g.Repeat
		r.When = or(g.whens)
		s := g.Section
		s.Repeat = &r
		out = append(out, s)
	}
	return out
}
