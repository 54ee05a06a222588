package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/rules"
)

// computable are the types that a formula can give.
var computable = []FieldType{FieldNumber, FieldMoney, FieldPercent, FieldText, FieldDate, FieldChoice, FieldYesNo}

// form checks sections, fields, rows, formulas and checks.
func (c *checker) form(form Form, fields map[string]bool) {
	sections, ids := map[string]bool{}, map[string]bool{}
	trial := trialOf(form)
	for _, s := range form.Sections {
		at := "form." + s.Key
		c.key(at+".key", s.Key, sections)
		c.text(at+".title", s.Title, true)
		if len(s.Fields) == 0 && s.Key != "questions" {
			c.at(at+".fields", badRequired)
		}
		if s.Repeat != nil {
			c.group(s, fields, ids, trial)
			continue
		}
		for _, f := range s.Fields {
			at := "form." + f.ID
			c.key(at+".id", f.ID, ids)
			c.field(at, f)
			if f.Prefill != "" && !PrefillFits(f.Prefill) {
				c.at(at+".prefill", badUnknown, "value", f.Prefill)
			}
			c.condition(at+".when", f.When, fields)
			for _, read := range namesIn(f.When) { // it would never be asked for
				if fields[read] && !ids[read] && !computed(form, read) || read == f.ID {
					c.at(at+".when", badLater, "value", read)
				}
			}
			c.formula(at+".formula", f, fields, rules.Scope{Answers: trial, Today: trialDay})
		}
		c.checks(at+".checks", s.Checks, fields, nil, rules.Scope{Answers: trial, Today: trialDay}, func(id string) bool { return fields[id] })
	}
	c.checks("checks", form.Checks, fields, nil, rules.Scope{Answers: trial, Today: trialDay}, func(id string) bool { return fields[id] })
	if _, circle := form.Units(); len(circle) > 0 {
		for _, id := range circle {
			c.at("form."+id+".formula", badCircle, "value", strings.Join(circle, ", "))
		}
	}
}

// computed says that the unit with the id is computed: it is worked out as soon
// as what it needs is there, wherever it stands.
func computed(form Form, id string) bool {
	for _, s := range form.Sections {
		if f, ok := s.Field(id); ok && s.Repeat == nil {
			return f.Formula != ""
		}
	}
	return false
}

// field checks what fields have alike, in rows and outside.
func (c *checker) field(at string, f Field) {
	known(c, at+".type", f.Type, FieldTypes)
	c.text(at+".label", f.Label, true)
	c.text(at+".hint", f.Hint, false)
	if f.Min != nil && f.Max != nil && *f.Min > *f.Max {
		c.at(at+".max", badRange)
	}
	c.options(at, f)
	if f.Formula != "" && (!slices.Contains(computable, f.Type) || f.Prefill != "") {
		c.at(at+".formula", badComputed)
	}
}

// group checks a repeating section.
func (c *checker) group(s Section, fields, ids map[string]bool, trial map[string]any) {
	at, r := "form."+s.Key, s.Repeat
	if ids[s.Key] || s.Key == RowKey {
		c.at(at+".key", badTwice, "value", s.Key)
	}
	ids[s.Key] = true
	c.text(at+".repeat.row", r.Row, true)
	if r.Min < 0 || r.Min > r.Most() || r.Max < 0 || r.Max > MaxRows {
		c.at(at+".repeat.max", badRange)
	}
	c.condition(at+".repeat.when", r.When, fields)
	if slices.Contains(namesIn(r.When), s.Key) {
		c.at(at+".repeat.when", badLater, "value", s.Key)
	}
	if r.Prefill != "" && !rowsFit(r.Prefill) {
		c.at(at+".repeat.prefill", badUnknown, "value", r.Prefill)
	}
	own, inRow := map[string]bool{}, map[string]bool{RowKey: true}
	for _, f := range s.Fields {
		inRow[f.ID] = true
	}
	scope := rules.Scope{Answers: trial, Row: trialRow(s), Today: trialDay}
	for _, f := range s.Fields {
		at := at + "." + f.ID
		c.key(at+".id", f.ID, own)
		if f.ID == RowKey {
			c.at(at+".id", badTwice, "value", f.ID)
		}
		c.field(at, f)
		if f.Prefill != "" { // a row is prefilled whole
			c.at(at+".prefill", badUnknown, "value", f.Prefill)
		}
		c.inRow(at+".when", f.When, fields, inRow, badCondition)
		if slices.Contains(rowNamesIn(f.When), f.ID) {
			c.at(at+".when", badLater, "value", f.ID)
		}
		if f.Formula != "" {
			c.inRow(at+".formula", f.Formula, fields, inRow, badFormula)
			c.tried(at+".formula", f.Formula, scope)
		}
	}
	c.checks(at+".checks", s.Checks, fields, inRow, scope, func(id string) bool { return inRow[id] && id != RowKey })
	if _, circle := s.RowOrder(); len(circle) > 0 {
		for _, id := range circle {
			c.at(at+"."+id+".formula", badCircle, "value", strings.Join(circle, ", "))
		}
	}
}

// formula of a field outside of rows.
func (c *checker) formula(at string, f Field, fields map[string]bool, scope rules.Scope) {
	if f.Formula == "" {
		return
	}
	c.inRow(at, f.Formula, fields, nil, badFormula)
	c.tried(at, f.Formula, scope)
}

// inRow wants an expression that compiles and reads only what is asked for;
// row holds the fields of its row, nil outside of rows.
func (c *checker) inRow(at, source string, fields, row map[string]bool, code string) {
	if source == "" {
		return
	}
	_, err := rules.CompileFormula(source)
	if long := cmp.Or(c.long, rules.MaxLength); err == nil && len(source) > long {
		err = fmt.Errorf("rules: longer than %d bytes", long)
	}
	if err != nil {
		c.at(at, code, "reason", err.Error())
		return
	}
	for _, name := range namesIn(source) {
		if !fields[name] {
			c.at(at, badAnswer, "value", name)
		}
	}
	for _, name := range rowNamesIn(source) {
		if !row[name] {
			c.at(at, badAnswer, "value", "row."+name)
		}
	}
}

// tried evaluates an expression with an answer to everything: what adds a text
// to a number is found before anybody fills in the form.
func (c *checker) tried(at, source string, scope rules.Scope) {
	f, err := rules.CompileFormula(source)
	if err != nil {
		return // told already
	}
	for _, m := range sumName.FindAllStringSubmatch(source, -1) {
		rows, _ := scope.Answers[m[1]].([]any)
		if len(rows) == 0 {
			continue
		}
		if row, _ := rows[0].(map[string]any); row[m[2]] == nil {
			c.at(at, badAnswer, "value", m[1]+"."+m[2])
			return
		}
	}
	if _, verdict, err := f.Value(scope); verdict == rules.Broken && !strings.Contains(err.Error(), "division by zero") {
		c.at(at, badFormula, "reason", err.Error())
	}
}

// checks of a form, a section or the rows of one.
func (c *checker) checks(at string, checks []Check, fields, row map[string]bool, scope rules.Scope, has func(id string) bool) {
	for i, x := range checks {
		at := fmt.Sprintf("%s.%d", at, i+1)
		if x.Rule == "" {
			c.at(at+".rule", badRequired)
		}
		c.inRow(at+".rule", x.Rule, fields, row, badCondition)
		c.inRow(at+".when", x.When, fields, row, badCondition)
		if x.Rule != "" && scope.Judge(x.Rule) == rules.Broken {
			if f, err := rules.CompileFormula(x.Rule); err == nil {
				_, _, err = f.Value(scope)
				if err == nil {
					err = fmt.Errorf("rules: gives no yes or no")
				}
				c.at(at+".rule", badCondition, "reason", err.Error())
			}
		}
		c.text(at+".message", x.Message, true)
		if !has(x.Field) {
			c.at(at+".field", badAnswer, "value", x.Field)
		}
	}
}

// trialDay is a day for trying expressions out.
const trialDay = "2026-01-15"

// trialOf answers everything of a form.
func trialOf(form Form) map[string]any {
	out := map[string]any{}
	for _, s := range form.Sections {
		if s.Repeat != nil {
			out[s.Key] = []any{trialRow(s)}
			continue
		}
		for _, f := range s.Fields {
			out[f.ID] = trialValue(f)
		}
	}
	return out
}

func trialRow(s Section) map[string]any {
	row := map[string]any{RowKey: "r1"}
	for _, f := range s.Fields {
		row[f.ID] = trialValue(f)
	}
	return row
}

func trialValue(f Field) any {
	switch f.Type {
	case FieldNumber, FieldMoney, FieldPercent:
		if f.Min != nil {
			return *f.Min
		}
		return 1.0
	case FieldDate:
		return trialDay
	case FieldAddress:
		return map[string]any{"code": "371602", "region": "x", "detail": "x"}
	case FieldYesNo:
		return "yes"
	case FieldChoice, FieldMulti:
		v := ""
		if len(f.Options) > 0 {
			v = f.Options[0].Value
		}
		if f.Type == FieldMulti {
			return []any{v}
		}
		return v
	default:
		return "x"
	}
}
