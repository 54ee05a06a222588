package catalogue

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Repeat makes a section a list of rows.
type Repeat struct {
	Row     i18n.Text `json:"row,omitzero" yaml:"row"`          // what one row is called: 股东
	Min     int       `json:"min,omitempty" yaml:"min"`         // rows at least, while it is asked for
	Max     int       `json:"max,omitempty" yaml:"max"`         // 0 is MaxRows
	When    string    `json:"when,omitempty" yaml:"when"`       // CEL over answers: whether it is asked for
	Prefill string    `json:"prefill,omitempty" yaml:"prefill"` // "former" or "case.<item>.<key>": rows of a former case
}

// MaxRows that a repeating section can have.
const MaxRows = 200

// Most rows that the section takes.
func (r Repeat) Most() int {
	if r.Max <= 0 || r.Max > MaxRows {
		return MaxRows
	}
	return r.Max
}

// RowKey is the name under which a row of the answers keeps what it is told
// apart by. No field of a repeating section is called so.
const RowKey = "row"

// Check of what several answers say together. What it reads and nobody answered
// is not checked; a rule that cannot be evaluated complains.
type Check struct {
	When    string    `json:"when,omitempty" yaml:"when"` // CEL; "" = always
	Rule    string    `json:"rule" yaml:"rule"`           // CEL: holds when all is well; sees answers, today, and row inside of rows
	Message i18n.Text `json:"message" yaml:"message"`
	Field   string    `json:"field" yaml:"field"` // where the message stands
}

// Group returns the repeating section with the key.
func (d Definition) Group(key string) (Section, bool) {
	for _, s := range d.Form.Sections {
		if s.Key == key && s.Repeat != nil {
			return s, true
		}
	}
	return Section{}, false
}

// FieldName is the name of an input in a row.
func FieldName(group, row, field string) string { return group + "." + row + "." + field }

// SplitName takes the name of an input in a row apart; ok is false for others.
func SplitName(name string) (group, row, field string, ok bool) {
	parts := strings.Split(name, ".")
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}

// At returns what stands under the name of an input: a field, a field of a row
// (group and row are told then), or a repeating section by its key (a field
// without a type, with the title of the section).
func (d Definition) At(name string) (f Field, group Section, row string, ok bool) {
	if f, ok = d.Field(name); ok {
		return f, group, "", true
	}
	if group, ok = d.Group(name); ok {
		return Field{ID: name, Label: group.Title}, group, "", true
	}
	key, row, id, isRow := SplitName(name)
	if !isRow {
		return f, group, "", false
	}
	if group, ok = d.Group(key); !ok {
		return f, group, "", false
	}
	i := slices.IndexFunc(group.Fields, func(f Field) bool { return f.ID == id })
	if i < 0 {
		return f, group, "", false
	}
	return group.Fields[i], group, row, true
}

// Field of a section.
func (s Section) Field(id string) (Field, bool) {
	if i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.ID == id }); i >= 0 {
		return s.Fields[i], true
	}
	return Field{}, false
}

var (
	rowName = regexp.MustCompile(`\brow\.([A-Za-z_][A-Za-z0-9_]*)`)
	sumName = regexp.MustCompile(`\bsum\(\s*answers\.([A-Za-z_][A-Za-z0-9_]*)\s*,\s*['"]([^'"]*)['"]`)
)

// rowNamesIn are the answers of its row that an expression reads.
func rowNamesIn(source string) []string {
	var out []string
	for _, m := range rowName.FindAllStringSubmatch(source, -1) {
		out = append(out, m[1])
	}
	return out
}

// Unit of a form is what is answered as one: a field, or a repeating section
// with all its rows.
type Unit struct {
	Field   Field
	Section Section // it stands in, or is
	Group   bool
}

// ID of the unit: the key of its answer.
func (u Unit) ID() string {
	if u.Group {
		return u.Section.Key
	}
	return u.Field.ID
}

// reads lists the answers that the unit needs before its own.
func (u Unit) reads() []string {
	if !u.Group {
		return append(namesIn(u.Field.When), namesIn(u.Field.Formula)...)
	}
	out := namesIn(u.Section.Repeat.When)
	for _, f := range u.Section.Fields {
		out = append(append(out, namesIn(f.When)...), namesIn(f.Formula)...)
	}
	return out
}

// Units of the form in an order in which each reads only those before it: the
// order of the form, except that what is computed, and what depends on that,
// comes after what it is computed from. circle names units that wait for each
// other; they come last, in the order of the form.
func (f Form) Units() (units []Unit, circle []string) {
	var rest []Unit
	for _, s := range f.Sections {
		if s.Repeat != nil {
			rest = append(rest, Unit{Section: s, Group: true})
			continue
		}
		for _, x := range s.Fields {
			rest = append(rest, Unit{Field: x, Section: s})
		}
	}
	if !slices.ContainsFunc(rest, func(u Unit) bool { return u.Field.Formula != "" || u.Group }) {
		return rest, nil // nothing computed: a condition sees what stands before it
	}
	return sorted(rest, Unit.ID, Unit.reads)
}

// RowOrder is the order in which the fields of a row are answered.
func (s Section) RowOrder() (fields []Field, circle []string) {
	return sorted(slices.Clone(s.Fields), func(f Field) string { return f.ID }, func(f Field) []string { return append(rowNamesIn(f.When), rowNamesIn(f.Formula)...) })
}

// sorted puts what is read before what reads it and changes the order no more
// than that needs.
func sorted[T any](rest []T, id func(T) string, reads func(T) []string) (out []T, circle []string) {
	waiting := map[string]bool{}
	for _, x := range rest {
		waiting[id(x)] = true
	}
	out = make([]T, 0, len(rest))
	for len(rest) > 0 {
		next := slices.IndexFunc(rest, func(x T) bool {
			return !slices.ContainsFunc(reads(x), func(name string) bool { return waiting[name] })
		})
		if next < 0 {
			for _, x := range rest {
				circle = append(circle, id(x))
			}
			return append(out, rest...), circle
		}
		waiting[id(rest[next])] = false
		out, rest = append(out, rest[next]), slices.Delete(rest, next, next+1)
	}
	return out, nil
}

// FormerPrefill is the source of a field that takes what the same applicant
// answered under the same id in the newest case that was granted.
const FormerPrefill = "former"

var (
	casePrefill = regexp.MustCompile(`^case\.([A-Za-z0-9][A-Za-z0-9._-]{0,63})\.([a-z][a-z0-9_]{0,49})$`)
	certPrefill = regexp.MustCompile(`^certificate\.([a-z][a-z0-9_-]{0,49})\.(number|title|issued_on|valid_from|valid_to|issuer)$`)
)

// PrefillFits says whether something can be filled in from this source: a name
// of PrefillNames, "former", "case.<item>.<field>" for what the newest granted
// case of an item says, or "certificate.<type>.<number|title|issued_on|…>" for a
// certificate on file.
func PrefillFits(source string) bool {
	return slices.Contains(PrefillNames, source) || source == FormerPrefill || casePrefill.MatchString(source) || certPrefill.MatchString(source)
}

// rowsFit says whether the rows of a section can come from this source.
func rowsFit(source string) bool { return source == FormerPrefill || casePrefill.MatchString(source) }

// PrefillCase takes the source "case.<item>.<field>" apart.
func PrefillCase(source string) (item, field string, ok bool) {
	m := casePrefill.FindStringSubmatch(source)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// PrefillCertificate takes the source "certificate.<type>.<field>" apart.
func PrefillCertificate(source string) (kind, field string, ok bool) {
	m := certPrefill.FindStringSubmatch(source)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}
