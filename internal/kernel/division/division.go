package division

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// Division is one division: six digits, or nine for a town.
type Division struct {
	Code   string
	Parent string // code of the one above; "" derives it from the code
	Name   string
}

// County says that it is a county or lies below one: near enough for an address.
func (d Division) County() bool { return len(d.Code) > 6 || len(d.Code) == 6 && d.Code[4:] != "00" }

// Tree of divisions.
type Tree struct {
	byCode map[string]Division
	below  map[string][]string // codes below one; "" for the provinces
	own    map[string]bool     // codes that are not from the national table, or named otherwise
}

//go:embed divisions.txt
var table string

var national = sync.OnceValue(func() *Tree {
	t := &Tree{byCode: map[string]Division{}, below: map[string][]string{}, own: map[string]bool{}}
	province, city := "", ""
	add := func(code, parent, name string) {
		t.byCode[code] = Division{code, parent, name}
		t.below[parent] = append(t.below[parent], code)
	}
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case line[0] != ' ': // 11 北京市
			province = words[0] + "0000"
			add(province, "", words[1])
		case words[0] == "-": // counties right below the province: "0101东城区"
			for _, w := range words[1:] {
				code, name := cutDigits(w)
				add(province[:2]+code, province, name)
			}
		default: // a city and its counties: "16 滨州市 02滨城区"
			city = province[:2] + words[0] + "00"
			add(city, province, words[1])
			for _, w := range words[2:] {
				code, name := cutDigits(w)
				add(city[:4]+code, city, name)
			}
		}
	}
	return t
})

func cutDigits(s string) (digits, rest string) {
	i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	return s[:i], s[i:]
}

// National is the table of GB/T 2260.
func National() *Tree { return national() }

// With is the tree with divisions of an installation's own. A code that is there
// already gets another name. Below a division that the installation itself has
// divided, only its own divisions count.
func (t *Tree) With(own ...Division) *Tree {
	n := &Tree{byCode: maps.Clone(t.byCode), below: maps.Clone(t.below), own: maps.Clone(t.own)}
	for _, d := range own {
		n.own[d.Code] = true
	}
	for _, d := range own {
		if d.Parent == "" {
			d.Parent = n.above(d.Code)
		} else if n.own[d.Parent] {
			n.below[d.Parent] = slices.DeleteFunc(slices.Clone(n.below[d.Parent]), func(c string) bool { return !n.own[c] })
		}
		n.byCode[d.Code] = d
		if list := n.below[d.Parent]; !slices.Contains(list, d.Code) {
			n.below[d.Parent] = slices.Sorted(slices.Values(append(slices.Clone(list), d.Code)))
		}
	}
	return n
}

// above is what lies over a code, by its digits.
func (t *Tree) above(code string) string {
	if len(code) > 6 {
		return code[:6]
	}
	if len(code) != 6 || code[2:] == "0000" {
		return ""
	}
	if city := code[:4] + "00"; code[4:] != "00" && t.byCode[city].Code != "" {
		return city
	}
	return code[:2] + "0000"
}

// Find returns the division with the code.
func (t *Tree) Find(code string) (Division, bool) {
	d, ok := t.byCode[code]
	return d, ok
}

// Below lists what lies right below a code, in the order of the codes; the
// provinces for "".
func (t *Tree) Below(code string) []Division {
	out := make([]Division, len(t.below[code]))
	for i, c := range t.below[code] {
		out[i] = t.byCode[c]
	}
	return out
}

// Path lists the divisions from the province down to the code; nil for a code
// that is not there.
func (t *Tree) Path(code string) []Division {
	var out []Division
	for code != "" && len(out) < 8 {
		d, ok := t.byCode[code]
		if !ok {
			return nil
		}
		out = append(out, d)
		code = d.Parent
	}
	slices.Reverse(out)
	return out
}

// Name is the whole name of a code: 山东省滨州市滨城区; "" for none.
func (t *Tree) Name(code string) string {
	var b strings.Builder
	for _, d := range t.Path(code) {
		b.WriteString(d.Name)
	}
	return b.String()
}

// Chosen follows what was chosen step by step, as far as each lies below the one
// before; a single code stands for its whole path.
func (t *Tree) Chosen(codes ...string) []Division {
	codes = slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return c == "" })
	if len(codes) == 1 {
		return t.Path(codes[0])
	}
	var out []Division
	at := ""
	for _, c := range codes {
		if !slices.Contains(t.below[at], c) {
			break
		}
		out, at = append(out, t.byCode[c]), c
	}
	return out
}

// Exact says that a division is as near as an address has to say: a county or
// below it, or a city without counties.
func (t *Tree) Exact(code string) bool {
	d, ok := t.byCode[code]
	return ok && (d.County() || len(t.below[code]) == 0)
}

// Rest is an address without the divisions that it begins with, which are said
// by the code already.
func (t *Tree) Rest(code, address string) string {
	for _, d := range t.Path(code) {
		address = strings.TrimPrefix(strings.TrimSpace(address), d.Name)
	}
	if utf8.RuneCountInString(address) < 2 {
		return ""
	}
	return address
}

var known atomic.Pointer[Tree]

// Known is the tree that this process knows: the national one and what Add gave it.
func Known() *Tree {
	if t := known.Load(); t != nil {
		return t
	}
	return National()
}

// Add makes an installation's own divisions known for the life of the process.
func Add(own ...Division) {
	for {
		old := known.Load()
		from := old
		if from == nil {
			from = National()
		}
		if len(own) == 0 || !slices.ContainsFunc(own, func(d Division) bool { return !from.own[d.Code] || from.byCode[d.Code].Name != d.Name }) || known.CompareAndSwap(old, from.With(own...)) {
			return
		}
	}
}
