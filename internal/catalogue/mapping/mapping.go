package mapping

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

// Mapping from the columns of a sheet to the fields of an item.
type Mapping struct {
	Name          i18n.Text         `yaml:"name"`
	Separator     string            `yaml:"separator"`
	Nothing       []string          `yaml:"nothing"`
	Required      []string          `yaml:"required"`
	Columns       Columns           `yaml:"columns"`
	Values        Values            `yaml:"values"`
	Defaults      Words             `yaml:"defaults"`
	Departments   map[string]string `yaml:"departments"`
	Shelves       []ShelfRule       `yaml:"shelves"`
	MaterialKinds []KindRule        `yaml:"material_kinds"`

	words map[string]map[string]string // field → word of the sheet in lower case → ours
}

// Column of a sheet with the fields that it feeds.
type Column struct {
	Name   string
	Fields []string
	line   int
}

// Columns in the order of the file, which is the order of an export.
type Columns []Column

// UnmarshalYAML reads a mapping of names to a field or several.
func (c *Columns) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal !!seq `columns` into", n.Line)}}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		one := Column{Name: k.Value, line: k.Line}
		switch v.Kind {
		case yaml.ScalarNode:
			one.Fields = []string{v.Value}
		case yaml.SequenceNode:
			for _, f := range v.Content {
				one.Fields = append(one.Fields, f.Value)
			}
		default:
			return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal !!map `%s` into", v.Line, k.Value)}}
		}
		*c = append(*c, one)
	}
	return nil
}

// Word of a sheet and what it means.
type Word struct {
	Theirs, Ours string
	line         int
}

// Words in the order of the file: the first that means something is the one an
// export writes.
type Words []Word

// UnmarshalYAML reads a mapping of words.
func (w *Words) UnmarshalYAML(n *yaml.Node) error {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if v.Kind != yaml.ScalarNode {
			return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal !!seq `%s` into", v.Line, k.Value)}}
		}
		ours := v.Value
		if v.Tag == "!!null" {
			ours = ""
		}
		*w = append(*w, Word{k.Value, ours, k.Line})
	}
	return nil
}

// Values are the words of several fields.
type Values []FieldWords

// FieldWords are the words of one field.
type FieldWords struct {
	Field string
	Words Words
	line  int
}

// UnmarshalYAML reads a mapping of fields to words.
func (v *Values) UnmarshalYAML(n *yaml.Node) error {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		one := FieldWords{Field: n.Content[i].Value, line: n.Content[i].Line}
		if err := n.Content[i+1].Decode(&one.Words); err != nil {
			return err
		}
		*v = append(*v, one)
	}
	return nil
}

func (v Values) of(field string) (Words, bool) {
	for _, f := range v {
		if f.Field == field {
			return f.Words, true
		}
	}
	return nil, false
}

// ShelfRule puts new items on a shelf by a word in their name or themes.
type ShelfRule struct {
	Words []string `yaml:"words"`
	Shelf string   `yaml:"shelf"`
}

// KindRule says of what kind a material is by a word in its name.
type KindRule struct {
	Words []string `yaml:"words"`
	Kind  string   `yaml:"kind"`
}

// MaxBytes is how long the text of a mapping may be.
const MaxBytes = 100_000

// maxFaults is how many faults are told at once.
const maxFaults = 50

// Fault of a mapping, with its line.
type Fault = yamlx.Fault

// Parse reads a mapping strictly. The faults name their lines; besides those of
// the syntax they are "column" (a field that there is not), "field" (words for
// a field that there is not), "value" (a word that means nothing we know),
// "column_twice", "no_code", "no_name", "required" (a column asked for that is
// not mapped) and "long" (more than MaxBytes); at most fifty are told.
func Parse(text string) (*Mapping, []Fault) {
	if len(text) > MaxBytes {
		return nil, []Fault{{Key: "long", Value: strconv.Itoa(MaxBytes)}}
	}
	m := &Mapping{}
	if faults := yamlx.Decode(text, m); len(faults) > 0 {
		return nil, faults[:min(len(faults), maxFaults)]
	}
	m.Separator = cmp.Or(m.Separator, "|")
	var faults []Fault
	bad := func(line int, key, value string) {
		if len(faults) == maxFaults {
			return
		}
		faults = append(faults, Fault{Key: key, Value: value}.At(line, text))
	}
	seen, fed := map[string]bool{}, map[string]bool{}
	for _, c := range m.Columns {
		if seen[sheet.Canonical(c.Name)] {
			bad(c.line, "column_twice", c.Name)
		}
		seen[sheet.Canonical(c.Name)] = true
		for _, f := range c.Fields {
			if !isTarget(f) {
				bad(c.line, "column", f)
			}
			if f != ignore && fed[f] {
				bad(c.line, "fed_twice", f)
			}
			fed[f] = true
		}
	}
	for _, v := range m.Values {
		f, ok := fieldNamed(v.Field)
		if !ok && !isTarget(v.Field) {
			bad(v.line, "field", v.Field)
			continue
		}
		for _, w := range v.Words {
			if vocab := vocabOf(v.Field, f); w.Ours != "" && len(vocab) > 0 && !slices.Contains(vocab, w.Ours) {
				bad(w.line, "value", w.Ours)
			}
		}
	}
	for _, w := range m.Defaults {
		f, ok := fieldNamed(w.Theirs)
		if !ok && !isTarget(w.Theirs) {
			bad(w.line, "field", w.Theirs)
			continue
		}
		for _, v := range strings.Split(w.Ours, m.Separator) {
			if vocab := vocabOf(w.Theirs, f); len(vocab) > 0 && !slices.Contains(vocab, v) {
				bad(w.line, "value", v)
			}
		}
	}
	for _, k := range m.MaterialKinds {
		if !slices.Contains(materialKinds, k.Kind) {
			bad(0, "value", k.Kind)
		}
	}
	for _, r := range m.Required {
		if !seen[sheet.Canonical(r)] {
			bad(0, "required", r)
		}
	}
	if !fed["code"] {
		bad(0, "no_code", "")
	}
	if !fed["name"] {
		bad(0, "no_name", "")
	}
	if len(faults) > 0 {
		return nil, faults
	}
	m.words = map[string]map[string]string{}
	for _, v := range m.Values {
		if m.words[v.Field] == nil {
			m.words[v.Field] = make(map[string]string, len(v.Words))
		}
		for _, w := range v.Words {
			if _, first := m.words[v.Field][strings.ToLower(w.Theirs)]; !first {
				m.words[v.Field][strings.ToLower(w.Theirs)] = w.Ours
			}
		}
	}
	return m, nil
}

// Known are the columns that the mapping names.
func (m *Mapping) Known() []string {
	out := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		out[i] = c.Name
	}
	return out
}

// ColumnOf is the column that feeds a field, or the name of the field when none does.
func (m *Mapping) ColumnOf(field string) string {
	for _, c := range m.Columns {
		if slices.Contains(c.Fields, field) {
			return c.Name
		}
	}
	for _, part := range parts[field] {
		if c := m.ColumnOf(part); c != part {
			return c
		}
	}
	return field
}

// Feeds says that a column feeds the field, or a part of it.
func (m *Mapping) Feeds(field string) bool { return m.ColumnOf(field) != field || m.direct(field) }

func (m *Mapping) direct(field string) bool {
	return slices.ContainsFunc(m.Columns, func(c Column) bool { return slices.Contains(c.Fields, field) })
}

// ours translates a word of the sheet. Unknown words of a field with words of
// its own come back as they are; ok is false when the field knows only some.
func (m *Mapping) ours(field, theirs string) string {
	if words := m.words[field]; len(words) > 0 {
		if ours, ok := words[strings.ToLower(theirs)]; ok {
			return ours
		}
	}
	return theirs
}

// theirs is what an export writes for a value of ours.
func (m *Mapping) theirs(field, ours string) string {
	words, _ := m.Values.of(field)
	for _, w := range words {
		if w.Ours == ours {
			return w.Theirs
		}
	}
	return ours
}

// Default of a field for new items.
func (m *Mapping) Default(field string) (string, bool) {
	for _, w := range m.Defaults {
		if w.Theirs == field {
			return w.Ours, true
		}
	}
	return "", false
}

// ShelfFor applies the rules of shelves.
func (m *Mapping) ShelfFor(name string, themes []string) string {
	text := name + "\n" + strings.Join(themes, "\n")
	for _, r := range m.Shelves {
		for _, w := range r.Words {
			if w != "" && strings.Contains(text, w) {
				return r.Shelf
			}
		}
	}
	return ""
}

// kindOf guesses the kind of a material by its name.
func (m *Mapping) kindOf(name string) string {
	for _, r := range m.MaterialKinds {
		for _, w := range r.Words {
			if w != "" && strings.Contains(name, w) {
				return r.Kind
			}
		}
	}
	return "document"
}

//go:embed shipped/*.yaml
var shipped embed.FS

// Export is the key of the mapping that exports are written with.
const Export = "tongban"

// ShippedKeys are the mappings that come with the product, in the order of a list.
var ShippedKeys = []string{"gd", "sc", Export}

// Shipped is the text of a mapping that comes with the product.
func Shipped(key string) (string, bool) {
	b, err := shipped.ReadFile("shipped/" + key + ".yaml")
	return string(b), err == nil
}

// MustShipped is a shipped mapping, parsed. It panics on one that has a fault,
// which the tests of this package would have found.
func MustShipped(key string) *Mapping {
	text, _ := Shipped(key)
	m, faults := Parse(text)
	if len(faults) > 0 {
		panic(fmt.Sprintf("mapping: %s: %+v", key, faults))
	}
	return m
}
