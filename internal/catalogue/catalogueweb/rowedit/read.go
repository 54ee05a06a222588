package rowedit

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/form"
)

var (
	errNumber = errs.Define(errs.Invalid, "rowedit.number") // no number, or not within low and high
	errLong   = errs.Define(errs.Invalid, "rowedit.long")   // params: max
)

// longest texts where a node says nothing.
const (
	longestLine = 300
	longestText = 5000
)

// Read takes what a form holds into a tree. What cannot be read is complained
// about in the form. Rows that are empty are left out; a row without the id
// that its list knows it by is given one.
func Read(nodes []Node, f *form.Form, tree map[string]any) {
	r := reader{f}
	r.object(nodes, tree, "")
}

type reader struct{ f *form.Form }

func (r reader) object(nodes []Node, tree map[string]any, path string) {
	for _, n := range nodes {
		at := join(path, n.Key)
		if n.Key == "" { // a text that lies flat
			for lang, s := range r.text(n, at) {
				set(tree, lang, s)
			}
			continue
		}
		if v := r.value(n, at, tree[n.Key]); v == nil {
			delete(tree, n.Key)
		} else {
			tree[n.Key] = v
		}
	}
}

// set keeps a value, unless it is empty.
func set(tree map[string]any, key string, v any) {
	if s, ok := v.(string); ok && s == "" {
		delete(tree, key)
		return
	}
	tree[key] = v
}

// value of a node; nil when there is none.
func (r reader) value(n Node, at string, before any) any {
	switch n.Kind {
	case Text, LongText:
		t := r.text(n, at)
		if len(t) == 0 {
			return nil
		}
		return t
	case Words:
		return r.words(at)
	case Many:
		var out []any
		for _, s := range r.f.All(at) {
			if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, any(s)) {
				out = append(out, s)
			}
		}
		return list(out)
	case Whole:
		if x, ok := r.number(at, float64(n.Low), float64(n.High), true); ok {
			return x
		}
		return nil
	case Number:
		if x, ok := r.number(at, -1e12, 1e12, false); ok {
			return x
		}
		return nil
	case Span:
		x, ok := r.number(at+".n", 0, 6_000_000, true)
		if !ok || x == 0 {
			return nil
		}
		return map[string]any{"n": x, "unit": r.f.Value(at + ".unit")}
	case Bool:
		if r.f.Bool(at) {
			return true
		}
		return nil
	case When:
		return some(r.when(at))
	case File:
		if r.f.Bool(at + drop) {
			return nil
		}
		return some(r.f.Text(at, form.Max(64)))
	case Group:
		inner := map[string]any{}
		for k, v := range object(before) { // what is not described stays
			inner[k] = v
		}
		r.object(n.Nodes, inner, at)
		if len(inner) == 0 {
			return nil
		}
		return inner
	case List:
		return r.rows(n, at)
	default:
		return some(r.line(n, at))
	}
}

func some(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func list(l []any) any {
	if len(l) == 0 {
		return nil
	}
	return l
}

func (r reader) line(n Node, at string) string {
	most := n.Max
	switch {
	case most > 0:
	case n.Kind == Long || n.Kind == LongText:
		most = longestText
	default:
		most = longestLine
	}
	s := strings.TrimSpace(r.f.Value(at))
	if len([]rune(s)) > most {
		r.f.Complain(at, errLong.Code, map[string]any{"max": most})
	}
	return s
}

func (r reader) text(n Node, at string) map[string]any {
	out := map[string]any{}
	set(out, "zh", r.line(n, at+".zh"))
	set(out, "en", r.line(n, at+".en"))
	return out
}

func (r reader) words(at string) any {
	var out []any
	for w := range strings.FieldsFuncSeq(r.f.Value(at), func(c rune) bool { return strings.ContainsRune("\n,，、;；", c) }) {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(out, any(w)) {
			out = append(out, w)
		}
	}
	if len(out) > mostRows {
		r.f.Complain(at, errLong.Code, map[string]any{"max": mostRows})
	}
	return list(out)
}

func (r reader) number(at string, low, high float64, whole bool) (float64, bool) {
	s := strings.ReplaceAll(strings.TrimSpace(r.f.Value(at)), ",", "")
	if s == "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(x) || x < low || high > low && x > high || whole && x != math.Trunc(x) {
		r.f.Complain(at, errNumber.Code, nil)
		return 0, false
	}
	return x, true
}

// when is the condition that was chosen or typed. What was chosen from the list
// counts; with nothing chosen what is typed does, unless it only stands there
// from before: then "always" was chosen.
func (r reader) when(at string) string {
	typed, chosen := strings.TrimSpace(r.f.Value(at)), r.f.Value(at+pick)
	switch {
	case chosen == own:
		return typed
	case chosen != "":
		return chosen
	case typed == r.f.Value(at+was):
		return ""
	}
	return typed
}

func (r reader) rows(n Node, at string) any {
	var out []any
	for i := range Rows(r.f.Values(), at) {
		row := map[string]any{}
		r.object(n.Nodes, row, join(at, strconv.Itoa(i)))
		if len(row) > 0 {
			out = append(out, row)
		}
	}
	if n.Auto != "" {
		number(n, out)
	}
	return list(out)
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

// number gives rows without an id one, made of what they are called in English.
func number(n Node, list []any) {
	taken := map[string]bool{}
	for _, row := range list {
		taken[str(object(row)[n.ID])] = true
	}
	for i, row := range list {
		m := object(row)
		if str(m[n.ID]) != "" {
			continue
		}
		id := strings.Trim(notID.ReplaceAllString(strings.ToLower(str(object(m[n.Title])["en"])), "_"), "_")
		if id == "" || id[0] < 'a' {
			id = n.Auto + strconv.Itoa(i+1)
		}
		id = strings.TrimRight(id[:min(len(id), 40)], "_")
		for k, base := 2, id; taken[id]; k++ {
			id = fmt.Sprintf("%s_%d", base, k)
		}
		taken[id] = true
		m[n.ID] = id
	}
}
