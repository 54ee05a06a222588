package docs

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Sort of a part of a composed document.
type Sort string

// The sorts of parts.
const (
	To      Sort = "to"
	P       Sort = "p"
	H       Sort = "h"
	Small   Sort = "small"
	Big     Sort = "big"     // Label and Text
	Picture Sort = "picture" // Label; Text names the file
	Pairs   Sort = "pairs"   // Rows of two
	Grid    Sort = "grid"    // Heads and Rows
	Lines   Sort = "lines"   // Items
)

// Part of a document in one language.
type Part struct {
	Sort   Sort
	Label  string
	Text   string
	Heads  []string
	Shares []float64
	Rows   [][]string
	Items  []string
}

// Text is a document in one language, to be shown on a page or on a sheet.
type Text struct {
	Locale i18n.Locale
	Title  string
	Number string
	Parts  []Part
	Basis  []string // law that it rests on
	By     string   // who answers for it
	Seal   bool
	On     string // its date
}

// Compose writes a document in a language. More are facts that only this reader
// is shown, such as the pick-up code; they are no part of the document.
func (d Document) Compose(l i18n.Locale, more map[string]i18n.Text) (Text, bool) {
	k, ok := At(d.Kind, d.Version)
	if !ok {
		return Text{}, false
	}
	c := composer{d.Facts, more, l}
	t := Text{Locale: l, Title: k.Title.In(l), Number: d.Number, Seal: k.Seal, By: c.fact("body"), On: i18n.Day(l, d.At)}
	if k.Signer == "applicant" {
		t.By = c.fact("applicant")
	}
	for _, b := range k.Blocks {
		if b.If != "" && !c.has(b.If) || b.Unless != "" && c.has(b.Unless) {
			continue
		}
		if p, ok := c.part(b); ok {
			t.Parts = append(t.Parts, p)
		}
	}
	if c.has("licence") {
		for _, b := range k.Basis {
			t.Basis = append(t.Basis, b.In(l))
		}
	}
	if k.ItemBasis {
		for _, row := range d.Facts.List["legal_basis"] {
			if s := row[0].In(l); !slices.Contains(t.Basis, s) {
				t.Basis = append(t.Basis, s)
			}
		}
	}
	return t, true
}

type composer struct {
	facts  Facts
	more   map[string]i18n.Text
	locale i18n.Locale
}

func (c composer) has(name string) bool { return c.facts.has(name) || !c.more[name].IsZero() }

func (c composer) fact(name string) string {
	if t, ok := c.more[name]; ok {
		return t.In(c.locale)
	}
	return c.facts.Text[name].In(c.locale)
}

// fill puts the facts into a sentence, in one pass: what a fact says is never
// read as a place for another.
func (c composer) fill(t i18n.Text) string {
	s := t.In(c.locale)
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			b.WriteString("{" + rest)
			return b.String()
		}
		b.WriteString(c.fact(name))
		s = after
	}
}

func (c composer) part(b Block) (Part, bool) {
	switch {
	case !b.To.IsZero():
		return Part{Sort: To, Text: c.fill(b.To)}, true
	case !b.P.IsZero():
		return Part{Sort: P, Text: c.fill(b.P)}, true
	case !b.H.IsZero():
		return Part{Sort: H, Text: c.fill(b.H)}, true
	case !b.Small.IsZero():
		return Part{Sort: Small, Text: c.fill(b.Small)}, true
	case b.Big.Fact != "":
		return Part{Sort: Big, Label: b.Big.Label.In(c.locale), Text: c.fact(b.Big.Fact)}, c.has(b.Big.Fact)
	case b.Picture.Fact != "":
		return Part{Sort: Picture, Label: b.Picture.Label.In(c.locale), Text: c.fact(b.Picture.Fact)}, c.has(b.Picture.Fact)
	case len(b.Lines) > 0:
		p := Part{Sort: Lines}
		for _, t := range b.Lines {
			p.Items = append(p.Items, t.In(c.locale))
		}
		return p, true
	case len(b.Facts) > 0:
		p := Part{Sort: Pairs}
		for _, f := range b.Facts {
			if c.has(f.Fact) {
				p.Rows = append(p.Rows, []string{f.Label.In(c.locale), c.fact(f.Fact)})
			}
		}
		return p, len(p.Rows) > 0
	case b.Table.Rows != "":
		return c.grid(b.Table)
	}
	return Part{}, false
}

// grid is a table with the numbers of its rows in front.
func (c composer) grid(t Table) (Part, bool) {
	p := Part{Sort: Grid, Shares: t.Shares}
	for _, h := range t.Heads {
		p.Heads = append(p.Heads, h.In(c.locale))
	}
	for i, row := range c.facts.List[t.Rows] {
		cells := []string{strconv.Itoa(i + 1)}
		for _, x := range row {
			cells = append(cells, x.In(c.locale))
		}
		p.Rows = append(p.Rows, cells)
	}
	return p, len(p.Rows) > 0
}
