package forms

import (
	"encoding/json"
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
)

// Changed names what differs between two submissions: fields by their id,
// repeating sections by their key, and in them what differs in rows that are in
// both, by the name of the input.
func Changed(before, now map[string]any) map[string]bool {
	out := map[string]bool{}
	for k, v := range now {
		if b, ok := before[k]; !ok || !equal(b, v) {
			out[k] = true
			changedRows(out, k, RowsOf(b), RowsOf(v))
		}
	}
	for k := range before {
		if _, ok := now[k]; !ok {
			out[k] = true
		}
	}
	return out
}

func changedRows(out map[string]bool, group string, before, now []map[string]any) {
	for _, row := range now {
		id := RowID(row)
		i := slices.IndexFunc(before, func(b map[string]any) bool { return RowID(b) == id })
		old := map[string]any{}
		if i >= 0 {
			old = before[i]
		}
		for field := range Changed(old, row) {
			if field != catalogue.RowKey {
				out[catalogue.FieldName(group, id, field)] = true
			}
		}
	}
}

func equal(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

// ChangeKind says what became of an answer or a row.
type ChangeKind string

// The kinds.
const (
	Edited  ChangeKind = "edited"
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Moved   ChangeKind = "moved" // rows in another order
)

// Change is one difference between two submissions.
type Change struct {
	Kind    ChangeKind
	Section catalogue.Section
	Field   catalogue.Field // without an id when it is about a row as a whole
	Row     int             // number of the row: where it is now, or was when it was removed; 0 outside of rows
	Before  any             // of a whole row: its answers
	Now     any
}

// Diff lists what differs between two submissions in the order of the form. A
// row is followed by its name, so that one that only moved up is not told as
// changed.
func Diff(item *catalogue.Item, before, now map[string]any) []Change {
	var out []Change
	for _, s := range item.Form.Sections {
		if s.Repeat != nil {
			out = append(out, diffRows(s, RowsOf(before[s.Key]), RowsOf(now[s.Key]))...)
			continue
		}
		for _, f := range s.Fields {
			if c, ok := diffField(s, f, before, now); ok {
				out = append(out, c)
			}
		}
	}
	return out
}

func diffField(s catalogue.Section, f catalogue.Field, before, now map[string]any) (Change, bool) {
	b, had := before[f.ID]
	n, has := now[f.ID]
	c := Change{Kind: Edited, Section: s, Field: f, Before: b, Now: n}
	switch {
	case had && has:
		return c, !equal(b, n)
	case has:
		c.Kind = Added
	case had:
		c.Kind = Removed
	default:
		return c, false
	}
	return c, true
}

func diffRows(s catalogue.Section, before, now []map[string]any) []Change {
	var out []Change
	find := func(rows []map[string]any, id string) int {
		return slices.IndexFunc(rows, func(r map[string]any) bool { return RowID(r) == id })
	}
	for i, row := range before {
		if find(now, RowID(row)) < 0 {
			out = append(out, Change{Kind: Removed, Section: s, Row: i + 1, Before: row})
		}
	}
	last, moved := -1, false
	for i, row := range now {
		at := find(before, RowID(row))
		if at < 0 {
			out = append(out, Change{Kind: Added, Section: s, Row: i + 1, Now: row})
			continue
		}
		moved = moved || at < last
		last = at
		for _, f := range s.Fields {
			if c, ok := diffField(s, f, before[at], row); ok {
				c.Row = i + 1
				out = append(out, c)
			}
		}
	}
	if moved {
		out = append(out, Change{Kind: Moved, Section: s})
	}
	return out
}
