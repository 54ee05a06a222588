package forms

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/ids"
)

// Typed is what stands in a form as it was typed: name of an input to values.
// It is kept unchecked, so that a half-finished form loses nothing.
type Typed map[string][]string

// Bounds of what is kept.
const (
	maxTyped  = 5000 // characters of one value
	maxValues = 50   // of one input
)

var rowID = regexp.MustCompile(`^[a-z0-9]{1,12}$`)

// KeepKnown takes from a posted form the values of the item's fields, each cut
// to a sane length; everything else in the form is dropped, what is computed
// among it.
func KeepKnown(item *catalogue.Item, posted url.Values) Typed {
	out := Typed{}
	keep := func(name string) {
		vs, ok := posted[name]
		if !ok {
			return
		}
		kept := make([]string, 0, len(vs))
		for _, v := range vs[:min(len(vs), maxValues)] {
			if r := []rune(v); len(r) > maxTyped {
				v = string(r[:maxTyped])
			}
			kept = append(kept, v)
		}
		out[name] = kept
	}
	for _, s := range item.Form.Sections {
		var rows []string
		if s.Repeat != nil {
			if rows = Typed(posted).Rows(s.Key); len(rows) > 0 {
				out[s.Key] = rows
			}
		}
		for _, f := range s.Fields {
			switch {
			case f.Formula != "":
			case s.Repeat == nil:
				keep(f.ID)
			default:
				for _, row := range rows {
					keep(catalogue.FieldName(s.Key, row, f.ID))
				}
			}
		}
	}
	return out
}

// Rows of a repeating section, in their order, each once.
func (t Typed) Rows(group string) []string {
	var out []string
	for _, id := range t[group] {
		if rowID.MatchString(id) && !slices.Contains(out, id) && len(out) < catalogue.MaxRows {
			out = append(out, id)
		}
	}
	return out
}

// Clone is a copy that can be changed.
func (t Typed) Clone() Typed {
	out := maps.Clone(t)
	if out == nil {
		out = Typed{}
	}
	return out
}

// given says that something stands in an input.
func (t Typed) given(name string) bool {
	return slices.ContainsFunc(t[name], func(v string) bool { return strings.TrimSpace(v) != "" })
}

// blank says that nothing stands in a row.
func (t Typed) blank(s catalogue.Section, row string) bool {
	return !slices.ContainsFunc(s.Fields, func(f catalogue.Field) bool { return t.given(catalogue.FieldName(s.Key, row, f.ID)) })
}

// WithRows is what is typed, with empty rows where a repeating section wants
// more than there are. They are named by their place, so that the same form is
// shown twice the same.
func WithRows(item *catalogue.Item, t Typed) Typed {
	for _, s := range item.Form.Sections {
		if s.Repeat == nil {
			continue
		}
		rows := t.Rows(s.Key)
		if len(rows) >= s.Repeat.Min {
			continue
		}
		t = t.Clone()
		for n := 1; len(rows) < s.Repeat.Min; n++ {
			if id := "n" + itoa(n); !slices.Contains(rows, id) {
				rows = append(rows, id)
			}
		}
		t[s.Key] = rows
	}
	return t
}

// Edit is a change of the rows of a form: one added at the end, or one removed.
type Edit struct{ Group, Remove string }

// ParseEdit reads what the buttons of a form post: "add:group" or
// "remove:group:row".
func ParseEdit(s string) (Edit, bool) {
	parts := strings.Split(s, ":")
	switch {
	case len(parts) == 2 && parts[0] == "add":
		return Edit{Group: parts[1]}, true
	case len(parts) == 3 && parts[0] == "remove" && rowID.MatchString(parts[2]):
		return Edit{Group: parts[1], Remove: parts[2]}, true
	}
	return Edit{}, false
}

// Apply makes the change; at names the row to go on with: the new one, or the
// one before the removed, "" for none. A section that is full stays as it is.
func (e Edit) Apply(item *catalogue.Item, t Typed) (out Typed, at string) {
	s, ok := item.Group(e.Group)
	if !ok {
		return t, ""
	}
	out = t.Clone()
	rows := out.Rows(s.Key)
	if e.Remove == "" {
		if len(rows) >= s.Repeat.Most() {
			return t, ""
		}
		id := newRow(rows)
		out[s.Key] = append(slices.Clone(rows), id)
		return out, id
	}
	i := slices.Index(rows, e.Remove)
	if i < 0 {
		return t, ""
	}
	rows = slices.Delete(slices.Clone(rows), i, i+1)
	out[s.Key] = rows
	maps.DeleteFunc(out, func(name string, _ []string) bool { return strings.HasPrefix(name, s.Key+"."+e.Remove+".") })
	if len(rows) == 0 {
		delete(out, s.Key)
		return out, ""
	}
	return out, rows[max(i-1, 0)]
}

// newRow is a name that no row has, nor is likely to have had: a row that is
// removed and one that comes after it are not taken for the same.
func newRow(taken []string) string {
	for {
		if id := "r" + ids.Digits(6); !slices.Contains(taken, id) {
			return id
		}
	}
}
