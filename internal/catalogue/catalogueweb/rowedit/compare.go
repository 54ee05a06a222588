package rowedit

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Sort of a change.
type Sort string

// The sorts.
const (
	Changed Sort = "changed"
	Added   Sort = "added"
	Removed Sort = "removed"
	Moved   Sort = "moved"
)

// Change is one difference between two things, in words.
type Change struct {
	Sort  Sort
	Place []string // labels from the outermost in; rows by their title
	Old   string
	New   string
	Rows  []Pair // what an added or removed row holds
}

// Pair is a label and a value in words.
type Pair struct{ Label, Value string }

// Compare lists in words what differs, in the order of the nodes. Labels are
// texts under the prefix.
func Compare(ctx context.Context, env Env, prefix string, nodes []Node, old, next map[string]any) []Change {
	c := comparer{ctx: ctx, env: env, prefix: prefix}
	c.object(nodes, old, next, nil)
	return c.out
}

type comparer struct {
	ctx    context.Context //nolint:containedctx // lives for one call
	env    Env
	prefix string
	out    []Change
}

func (c *comparer) label(n Node) string { return Label(c.ctx, c.prefix, n) }

func (c *comparer) object(nodes []Node, old, next map[string]any, place []string) {
	for _, n := range nodes {
		a, b := old[n.Key], next[n.Key]
		if n.Key == "" {
			a, b = flat(old), flat(next)
		}
		if same(a, b) {
			continue
		}
		in := append(slices.Clone(place), c.label(n))
		switch n.Kind {
		case Group:
			c.object(n.Nodes, object(a), object(b), in)
		case List:
			c.rows(n, rows(a), rows(b), in)
		case Text, LongText:
			for _, lang := range []string{"zh", "en"} {
				if x, y := str(object(a)[lang]), str(object(b)[lang]); x != y {
					c.add(Changed, append(slices.Clone(in), i18n.T(c.ctx, "rowedit.lang."+lang)), x, y)
				}
			}
		default:
			if x, y := c.words(n, a), c.words(n, b); x != y {
				c.add(Changed, in, x, y)
			}
		}
	}
}

// flat is the text of an object that holds others beside.
func flat(m map[string]any) map[string]any {
	out := map[string]any{}
	for _, lang := range []string{"zh", "en"} {
		if s := str(m[lang]); s != "" {
			out[lang] = s
		}
	}
	return out
}

func (c *comparer) add(s Sort, place []string, old, next string) {
	c.out = append(c.out, Change{Sort: s, Place: place, Old: old, New: next})
}

func same(a, b any) bool {
	if empty(a) && empty(b) {
		return true
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, x := range v {
			if !empty(x) {
				return false
			}
		}
		return true
	}
	return false
}

// rows pairs the rows of two lists: by their id, else by equal content, else
// the rest in their order.
func (c *comparer) rows(n Node, old, next []any, place []string) {
	partner := pairs(n, old, next)
	used := map[int]bool{}
	for _, k := range partner {
		used[k] = true
	}
	for i, row := range old {
		if !used[i] {
			c.out = append(c.out, Change{Sort: Removed, Place: append(slices.Clone(place), c.title(n, row, i)), Rows: c.whole(n.Nodes, object(row), "")})
		}
	}
	last, order := -1, 0
	for k, row := range next {
		in := append(slices.Clone(place), c.title(n, row, k))
		i, ok := partner[k]
		if !ok {
			c.out = append(c.out, Change{Sort: Added, Place: in, Rows: c.whole(n.Nodes, object(row), "")})
			continue
		}
		if i < last && order == 0 { // the first that stands out of order tells it
			c.add(Moved, place, c.titles(n, old), c.titles(n, next))
			order++
		}
		last = max(last, i)
		c.object(n.Nodes, object(old[i]), object(row), in)
	}
}

func pairs(n Node, old, next []any) map[int]int {
	partner, taken := map[int]int{}, map[int]bool{}
	match := func(alike func(a, b any) bool) {
		for k, row := range next {
			if _, done := partner[k]; done {
				continue
			}
			for i, other := range old {
				if !taken[i] && alike(other, row) {
					partner[k], taken[i] = i, true
					break
				}
			}
		}
	}
	if n.ID != "" {
		match(func(a, b any) bool { id := str(object(a)[n.ID]); return id != "" && id == str(object(b)[n.ID]) })
		return partner
	}
	match(same)
	match(func(a, b any) bool { return true })
	return partner
}

func (c *comparer) titles(n Node, list []any) string {
	out := make([]string, len(list))
	for i, row := range list {
		out[i] = c.title(n, row, i)
	}
	return strings.Join(out, i18n.T(c.ctx, "catalogue.comma"))
}

func (c *comparer) title(n Node, row any, i int) string {
	return Title(c.ctx, c.env, n, object(row), i)
}

// Title of a row: what its title node says, else its number.
func Title(ctx context.Context, env Env, n Node, row map[string]any, i int) string {
	var t string
	x := row[n.Title]
	if n.Title == "" {
		x = flat(row)
	}
	switch x := x.(type) {
	case string:
		t = x
	case map[string]any:
		t = i18n.Text{ZH: str(x["zh"]), EN: str(x["en"])}.For(ctx)
	}
	if t == "" {
		return i18n.T(ctx, "rowedit.row", "n", i+1)
	}
	if more := env.RowWords(ctx, n.Key, t); more != "" {
		t = more
	}
	if r := []rune(t); len(r) > 40 {
		t = string(r[:40]) + "…"
	}
	return t
}

// whole says everything that a row holds.
func (c *comparer) whole(nodes []Node, row map[string]any, before string) []Pair {
	var out []Pair
	for _, n := range nodes {
		x := row[n.Key]
		label := before + c.label(n)
		switch n.Kind {
		case Group:
			out = append(out, c.whole(n.Nodes, object(x), label+" · ")...)
			continue
		case List:
			for i, r := range rows(x) {
				out = append(out, Pair{label, c.title(n, r, i)})
			}
			continue
		case Text, LongText:
			if n.Key == "" {
				x = flat(row)
			}
		}
		if w := c.words(n, x); w != "" && !empty(x) {
			out = append(out, Pair{label, w})
		}
	}
	return out
}

// words of a value.
func (c *comparer) words(n Node, v any) string {
	switch n.Kind {
	case Text, LongText:
		m := object(v)
		return strings.Trim(str(m["zh"])+" / "+str(m["en"]), " /")
	case Words:
		return strings.Join(texts(v), i18n.T(c.ctx, "catalogue.comma"))
	case Many:
		chosen, out := texts(v), []string{}
		for _, o := range c.env.Options(c.ctx, n.Source) { // their order says nothing
			if i := slices.Index(chosen, o.Value); i >= 0 {
				out, chosen = append(out, o.Label), slices.Delete(chosen, i, i+1)
			}
		}
		return strings.Join(append(out, chosen...), i18n.T(c.ctx, "catalogue.comma"))
	case Choice:
		return c.option(n, str(v))
	case Whole, Number:
		if f, ok := v.(float64); ok {
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
		return ""
	case Span:
		m := object(v)
		f, _ := m["n"].(float64)
		if f == 0 {
			return ""
		}
		return i18n.Count(c.ctx, "catalogue.limit."+str(m["unit"]), int(f))
	case Bool:
		if b, _ := v.(bool); b {
			return i18n.T(c.ctx, "rowedit.yes")
		}
		return i18n.T(c.ctx, "rowedit.no")
	case When:
		s := str(v)
		if s == "" && n.Never != "" {
			return i18n.T(c.ctx, n.Never)
		}
		if w := c.env.ConditionWords(c.ctx, s); w != "" {
			return w
		}
		return s
	case File:
		if l := c.env.FileLink(str(v)); l.Text != "" {
			return l.Text
		}
		return str(v)
	}
	return str(v)
}

func (c *comparer) option(n Node, value string) string {
	for _, o := range c.env.Options(c.ctx, n.Source) {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// Label of a node in the reader's language.
func Label(ctx context.Context, prefix string, n Node) string {
	if n.Label != "" {
		return i18n.T(ctx, n.Label)
	}
	return i18n.T(ctx, prefix+n.Key)
}

// Differ cuts two texts into what both begin with, what differs, and what both
// end with.
func Differ(old, next string) (head, gone, come, tail string) {
	a, b := []rune(old), []rune(next)
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	k := 0
	for k < len(a)-i && k < len(b)-i && a[len(a)-1-k] == b[len(b)-1-k] {
		k++
	}
	return string(a[:i]), string(a[i : len(a)-k]), string(b[i : len(b)-k]), string(a[len(a)-k:])
}
