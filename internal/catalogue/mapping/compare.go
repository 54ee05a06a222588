package mapping

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
)

// between joins the values of a field to one text that can be compared and kept.
const between = "\x1f"

// FieldNames are all fields in the order in which they are put.
func FieldNames() []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}

// Join is the kept form of what a sheet said of a field.
func Join(values []string) string { return strings.Join(values, between) }

// Has is what a definition says of a field, in the form of Join, as this
// mapping would write and read it: a name with the separator in it does not
// differ from itself after a journey through a sheet.
func (m *Mapping) Has(d *catalogue.Definition, field string) string {
	f, ok := fieldNamed(field)
	if !ok {
		return ""
	}
	values := f.get(d)
	if !f.many && !f.lines {
		for i, v := range values {
			values[i] = strings.TrimSpace(v)
		}
		return Join(values)
	}
	var out []string
	seen := map[string]bool{}
	for _, v := range m.part(f, m.whole(f, values)) {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return Join(out)
}

// whole is the cell that several values stand in.
func (m *Mapping) whole(f Field, values []string) string {
	if f.many {
		return strings.Join(values, m.Separator)
	}
	return strings.Join(values, "\n")
}

// Put writes what a sheet said of a field into a definition.
func (m *Mapping) Put(d *catalogue.Definition, field string, values []string) {
	if f, ok := fieldNamed(field); ok {
		f.put(d, values, m)
	}
}

// Fill gives a new item the defaults of fields that are still empty, and a
// shelf by the rules.
func (m *Mapping) Fill(d *catalogue.Definition, w *World) {
	for _, f := range fields {
		v, ok := m.Default(f.Name)
		if have := f.get(d); ok && (len(have) == 0 || f.Name == "fee" || f.Name == "guide_only") {
			f.put(d, m.part(f, v), m)
		}
	}
	if d.Shelf == "" {
		d.Shelf = w.shelf(m.ShelfFor(d.Name.ZH, d.Themes))
	}
}

// Header of an export: the columns of the mapping.
func (m *Mapping) Header() []string { return m.Known() }

// Office names a department for an export.
type Office func(key string) (name, uscc string)

// Row of an export for an item whose published version has this number.
func (m *Mapping) Row(d *catalogue.Definition, number int, office Office) []string {
	out := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		out[i] = m.write(d, c.Fields[0], number, office)
	}
	return out
}

func (m *Mapping) write(d *catalogue.Definition, target string, number int, office Office) string {
	switch target {
	case "code":
		return d.Code
	case "version":
		return strconv.Itoa(number)
	case "department.key":
		return d.Department
	case "department.name", "department.code":
		name, uscc := d.Agency.Name.ZH, d.Agency.USCC
		if d.Department != "" {
			name, uscc = office(d.Department)
		}
		if target == "department.name" {
			return name
		}
		return uscc
	}
	if name, part, ok := strings.Cut(target, "."); ok && (part == "n" || part == "unit") {
		f, _ := fieldNamed(name)
		v := f.get(d)
		switch {
		case len(v) != 2:
			return ""
		case part == "n":
			return v[0]
		default:
			return m.theirs(target, v[1])
		}
	}
	f, ok := fieldNamed(target)
	if !ok {
		return ""
	}
	values := slices.Clone(f.get(d))
	for i, v := range values {
		values[i] = m.theirs(f.Name, v)
	}
	return m.whole(f, values)
}
