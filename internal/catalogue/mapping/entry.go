package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Level of a finding: an error keeps its row out, a warning is to be looked
// at, a note says how something was understood.
type Level string

// The levels.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Note    Level = "note"
)

// Finding about a row of a sheet. Its text is "error.<Reason>".
type Finding struct {
	Row    int            `json:"row"` // 0 for the file as a whole
	Code   string         `json:"code,omitempty"`
	Column string         `json:"column,omitempty"`
	Level  Level          `json:"level"`
	Reason string         `json:"reason"`
	Params map[string]any `json:"params,omitempty"`
	Rows   int            `json:"rows,omitempty"` // how many rows it is about, when more than one
}

// long is how many characters a finding keeps of what a cell said.
const long = 120

// Short is the finding without more of a cell than a report needs: a cell may
// hold 32,767 characters, and there may be thousands of findings.
func (f Finding) Short() Finding {
	f.Code, f.Column = short(f.Code), short(f.Column)
	if len(f.Params) > 0 {
		params := make(map[string]any, len(f.Params))
		for k, v := range f.Params {
			switch v.(type) {
			case int, int64, float64, bool:
				params[k] = v
			default:
				params[k] = short(fmt.Sprint(v))
			}
		}
		f.Params = params
	}
	return f
}

// short is a copy, so that it does not hold on to the row that it comes from.
func short(s string) string {
	n := 0
	for i := range s {
		if n++; n > long {
			return s[:i] + "…"
		}
	}
	return strings.Clone(s)
}

// maxValues is how many values one cell may hold.
const maxValues = 200

// Reasons of findings.
var (
	errMany         = errs.Define(errs.Invalid, "mapping.many") // params: n, max
	errNoCode       = errs.Define(errs.Invalid, "mapping.no_code")
	errCode         = errs.Define(errs.Invalid, "mapping.code")          // params: value
	errCodeBody     = errs.Define(errs.Invalid, "mapping.code_body")     // params: value, body
	errCodeArea     = errs.Define(errs.Invalid, "mapping.code_area")     // params: value
	errCodeBase     = errs.Define(errs.Invalid, "mapping.code_base")     // params: value, inside
	errCodeType     = errs.Define(errs.Invalid, "mapping.code_type")     // params: value, inside
	errCodeLevel    = errs.Define(errs.Invalid, "mapping.code_level")    // params: value, inside
	errCodeUSCC     = errs.Define(errs.Invalid, "mapping.code_uscc")     // params: value, inside
	errUnknown      = errs.Define(errs.Invalid, "mapping.unknown")       // params: value
	errNumber       = errs.Define(errs.Invalid, "mapping.number")        // params: value
	errUnit         = errs.Define(errs.Invalid, "mapping.unit")          // params: value
	errDepartment   = errs.Define(errs.Invalid, "mapping.no_department") //
	errExternal     = errs.Define(errs.Invalid, "mapping.external")      // params: name
	errNewOffice    = errs.Define(errs.Invalid, "mapping.new_office")    // params: name
	errNoRegion     = errs.Define(errs.Invalid, "mapping.no_region")     // params: name
	errOfficeCode   = errs.Define(errs.Invalid, "mapping.office_code")   // params: value
	errAlias        = errs.Define(errs.Invalid, "mapping.alias")         // params: name, key
	errShelfUnknown = errs.Define(errs.Invalid, "mapping.shelf")         // params: value
)

// World is what an entry is understood against: the departments, shelves and
// themes of the installation.
type World struct {
	Departments []identity.Department
	Regions     []identity.Region
	Shelves     []catalogue.Shelf
	Themes      []catalogue.Theme
	Create      bool // departments that are not there are to be made

	byKey, byUSCC, byName map[string]string
	New                   []identity.Department // those that entries asked for
}

// Entry is a row, understood.
type Entry struct {
	Row      int
	Code     string
	Version  int                 // number of the version that was exported, 0 when the sheet does not say
	Said     map[string][]string // field → values, of the fields that the mapping feeds
	Findings []Finding
}

// OK says that nothing keeps the row out.
func (e *Entry) OK() bool {
	return !slices.ContainsFunc(e.Findings, func(f Finding) bool { return f.Level == Error })
}

func (e *Entry) find(level Level, column string, err *errs.Error, kv ...any) {
	f := Finding{Row: e.Row, Code: e.Code, Column: column, Level: level, Reason: err.Code}
	for i := 0; i+1 < len(kv); i += 2 {
		if f.Params == nil {
			f.Params = map[string]any{}
		}
		f.Params[fmt.Sprint(kv[i])] = kv[i+1]
	}
	e.Findings = append(e.Findings, f.Short())
}

// Reader turns rows into entries.
type Reader struct {
	Mapping *Mapping
	World   *World
	at      map[string]int // target → position of its column
}

// NewReader matches the header of a sheet with a mapping.
func NewReader(m *Mapping, w *World, header []string) *Reader {
	r := &Reader{Mapping: m, World: w, at: map[string]int{}}
	names := map[string]int{}
	for i, h := range header {
		names[sheet.Canonical(h)] = i
	}
	for _, c := range m.Columns {
		if i, ok := names[sheet.Canonical(c.Name)]; ok {
			for _, f := range c.Fields {
				r.at[f] = i
			}
		}
	}
	w.index()
	return r
}

// Brings says that the sheet has a column for the field.
func (r *Reader) Brings(field string) bool {
	if _, ok := r.at[field]; ok {
		return true
	}
	return slices.ContainsFunc(parts[field], func(p string) bool { _, ok := r.at[p]; return ok })
}

func (r *Reader) cell(row sheet.Row, target string) string {
	i, ok := r.at[target]
	if !ok || i >= len(row.Cells) {
		return ""
	}
	c := row.Cells[i]
	if slices.Contains(r.Mapping.Nothing, c) {
		return ""
	}
	return c
}

// Entry understands a row.
func (r *Reader) Entry(row sheet.Row) Entry {
	e := Entry{Row: row.Number, Code: r.cell(row, "code"), Said: map[string][]string{}}
	for _, f := range row.Faults {
		e.Findings = append(e.Findings, Finding{Row: row.Number, Code: e.Code, Column: f.Column, Level: Error, Reason: f.Err.Code, Params: f.Err.Params}.Short())
	}
	if len(row.Faults) > 0 {
		return e // half a row says nothing
	}
	if e.Code == "" {
		e.find(Error, r.Mapping.ColumnOf("code"), errNoCode)
		return e
	}
	if v := r.cell(row, "version"); v != "" {
		n, err := wholeNumber(v)
		if err != nil {
			e.find(Error, r.Mapping.ColumnOf("version"), errNumber, "value", v)
		}
		e.Version = n
	}
	for _, f := range fields {
		if !r.Brings(f.Name) {
			continue
		}
		switch f.Name {
		case "statutory", "promised":
			e.Said[f.Name] = r.limit(&e, row, f.Name)
			if f.Name == "promised" && !r.Brings("case_type") { // a promise of no days is one of the same hour
				kind := string(catalogue.Promised)
				if n, err := wholeNumber(r.cell(row, "promised.n")); err == nil && n == 0 {
					kind = string(catalogue.Instant)
				}
				e.Said["case_type"] = one(kind)
			}
		case "department":
			e.Said[f.Name] = r.department(&e, row)
		case "trips", "popularity":
			e.Said[f.Name] = r.number(&e, row, f.Name)
		default:
			e.Said[f.Name] = r.values(&e, f, r.cell(row, f.Name))
		}
	}
	r.codes(&e)
	return e
}

// values of a cell: parted, translated, checked.
func (r *Reader) values(e *Entry, f Field, cell string) []string {
	if n := r.Mapping.count(f, cell); n > maxValues {
		e.find(Error, r.Mapping.ColumnOf(f.Name), errMany, "n", n, "max", maxValues)
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, v := range r.Mapping.part(f, cell) {
		ours := r.Mapping.ours(f.Name, v)
		if seen[ours] {
			continue
		}
		seen[ours] = true
		switch {
		case ours == "":
			continue
		case len(f.vocab) > 0 && !slices.Contains(f.vocab, ours):
			e.find(Error, r.Mapping.ColumnOf(f.Name), errUnknown, "value", v)
			continue
		case f.Name == "shelf":
			ours = r.World.shelf(ours)
			if ours == "" {
				e.find(Error, r.Mapping.ColumnOf(f.Name), errShelfUnknown, "value", v)
				continue
			}
		case f.Name == "themes":
			ours = r.World.theme(ours)
		}
		out = append(out, ours)
	}
	return out
}

// count is how many values a cell holds at most.
func (m *Mapping) count(f Field, cell string) int {
	switch {
	case f.many:
		return strings.Count(cell, m.Separator) + 1
	case f.lines:
		return strings.Count(cell, "\n") + 1
	default:
		return 1
	}
}

// part cuts a cell into its values.
func (m *Mapping) part(f Field, cell string) []string {
	all := []string{cell}
	switch {
	case f.many:
		all = strings.Split(cell, m.Separator)
	case f.lines:
		all = strings.Split(cell, "\n")
	}
	var out []string
	for _, v := range all {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(m.Nothing, v) {
			out = append(out, v)
		}
	}
	return out
}

var numberAndUnit = regexp.MustCompile(`^([0-9]+)(?:\.0+)?\s*(\D*)$`)

// limit reads a number and its unit, from two cells or one (20个工作日).
func (r *Reader) limit(e *Entry, row sheet.Row, name string) []string {
	n, unit := r.cell(row, name+".n"), r.cell(row, name+".unit")
	if n == "" {
		return nil
	}
	m := numberAndUnit.FindStringSubmatch(plainDigits(n))
	if m == nil {
		e.find(Error, r.Mapping.ColumnOf(name+".n"), errNumber, "value", n)
		return nil
	}
	if unit == "" {
		unit = strings.TrimPrefix(strings.TrimSpace(m[2]), "个")
	} else if m[2] != "" {
		e.find(Error, r.Mapping.ColumnOf(name+".n"), errNumber, "value", n)
		return nil
	}
	if count, err := wholeNumber(m[1]); err != nil {
		e.find(Error, r.Mapping.ColumnOf(name+".n"), errNumber, "value", n)
		return nil
	} else if count == 0 {
		return nil
	}
	ours := r.Mapping.ours(name+".unit", unit)
	if ours == "" {
		ours, _ = r.Mapping.Default(name + ".unit")
	}
	if !slices.Contains(units, ours) {
		e.find(Error, r.Mapping.ColumnOf(name+".unit"), errUnit, "value", unit)
		return nil
	}
	return []string{strings.TrimLeft(m[1], "0"), ours}
}

func (r *Reader) number(e *Entry, row sheet.Row, name string) []string {
	cell := r.cell(row, name)
	if cell == "" {
		return one("0")
	}
	n, err := wholeNumber(cell)
	if err != nil {
		e.find(Error, r.Mapping.ColumnOf(name), errNumber, "value", cell)
	}
	return one(strconv.Itoa(n))
}

func wholeNumber(s string) (int, error) {
	s = plainDigits(s)
	if whole, rest, ok := strings.Cut(s, "."); ok && strings.Trim(rest, "0") == "" {
		s = whole
	}
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err
}

// plainDigits turns full-width digits into plain ones.
func plainDigits(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s))
}

var levelOf = map[int]string{1: "nation", 2: "province", 3: "city", 4: "county", 5: "town", 6: "village"}

// codes takes a national code apart and holds the parts against the other
// columns. The base code is taken from it where no column brings one.
func (r *Reader) codes(e *Entry) {
	column := r.Mapping.ColumnOf
	base := first(e.Said["base_code"])
	if base != "" && (len(base) != 12 || idcode.CheckItemCode(base).Verdict == idcode.Invalid) {
		e.find(Error, column("base_code"), errCode, "value", base)
		return
	}
	impl := first(e.Said["impl_code"])
	if impl == "" {
		return
	}
	c := idcode.CheckItemCode(impl)
	if c.Verdict == idcode.Invalid || c.Body == "" {
		e.find(Error, column("impl_code"), errCode, "value", impl)
		return
	}
	if base != "" && base != c.Base {
		e.find(Error, column("base_code"), errCodeBase, "value", base, "inside", c.Base)
	}
	if base == "" {
		e.Said["base_code"] = one(c.Base)
	}
	if t := first(e.Said["type"]); t != "" && t != c.Type {
		e.find(Error, column("type"), errCodeType, "value", t, "inside", c.Type)
	}
	if l := first(e.Said["level"]); l != "" && l != levelOf[c.Level] {
		e.find(Error, column("level"), errCodeLevel, "value", l, "inside", levelOf[c.Level])
	}
	switch c.Reason {
	case idcode.ReasonBody:
		e.find(Warning, column("code"), errCodeBody, "value", impl, "body", c.Body)
	case idcode.ReasonDivision:
		e.find(Warning, column("code"), errCodeArea, "value", impl)
	}
	if d := e.Said["department"]; len(d) == 3 && d[2] != "" && d[2] != c.Body {
		e.find(Warning, column("department"), errCodeUSCC, "value", d[2], "inside", c.Body)
	}
}
