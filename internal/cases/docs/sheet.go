package docs

import (
	"fmt"
	"image"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/pdf"
)

// Sheet is what a document needs beside its text to be printed.
type Sheet struct {
	Text
	Created   time.Time
	Code      string                                // of the public verification
	Hash      string                                // fingerprint
	URL       string                                // that the QR code opens
	Phones    []string                              // lines beside the QR code
	Say       func(key string, kv ...any) string    // words of the frame, docs.sheet.*
	Signature func(file string) (image.Image, bool) // that a picture part names
}

// PDF sets the document on A4. Missing are the characters that the font does
// not have: they stand as 〓, and a line at the end says which they are.
func (s Sheet) PDF() (file []byte, missing []rune, err error) {
	d, err := s.set(false)
	if err == nil && d.Pages() > 1 { // often only the signature stands overleaf: set closer it does not
		if closer, err := s.set(true); err == nil && closer.Pages() < d.Pages() {
			d = closer
		}
	}
	if err != nil {
		return nil, nil, err
	}
	return d.Bytes(), d.Missing(), nil
}

// set puts the document on sheets.
func (s Sheet) set(dense bool) (*pdf.Doc, error) {
	lang := "zh-CN"
	if s.Locale == i18n.English {
		lang = "en"
	}
	foot := s.Say("docs.sheet.foot", "number", s.Number, "code", Short(s.Code, 16), "hash", Short(s.Hash, 16))
	d := pdf.New(pdf.Info{
		Title: s.Title, Author: s.By, Subject: s.Number, Lang: lang, Created: s.Created, Foot: []string{foot}, Dense: dense,
		Page: func(n, of int) string { return s.Say("docs.sheet.page", "n", n, "of", of) },
	})
	d.Title(s.Title)
	d.Centre(s.Say("docs.sheet.number", "number", s.Number))
	d.Skip(4)
	for _, p := range s.Parts {
		s.part(d, s.plain(p))
	}
	if len(s.Basis) > 0 {
		d.Small(s.Say("docs.sheet.basis", "basis", strings.Join(s.Basis, s.Say("docs.sheet.and"))))
	}
	seal := ""
	if s.Seal {
		seal = s.Say("docs.sheet.seal")
	}
	d.Keep(165) // the signature and what verifies it
	d.Sign(s.By, seal, s.On)
	lines := []string{s.straight(s.Say("docs.sheet.verify", "code", Short(s.Code, 16)))}
	lines = append(lines, s.Phones...)
	if s.Locale != i18n.Source {
		lines = append(lines, s.Say("docs.sheet.language"))
	}
	if m := d.Missing(); len(m) > 0 {
		lines = append(lines, s.straight(s.Say("docs.sheet.missing", "characters", codePoints(m))))
	}
	return d, d.QR(s.URL, lines)
}

func (s Sheet) part(d *pdf.Doc, p Part) {
	switch p.Sort {
	case To:
		d.Address(p.Text)
	case P:
		d.Para(p.Text)
	case H:
		d.Head(p.Text)
	case Small:
		d.Small(p.Text)
	case Big:
		d.Big(p.Label, p.Text)
	case Pairs:
		d.Table(nil, []float64{1, 3}, p.Rows)
	case Grid:
		d.Table(p.Heads, p.Shares, p.Rows)
	case Lines:
		d.Lines(p.Items...)
	case Picture:
		if img, ok := s.Signature(p.Text); ok {
			d.Picture(p.Label, img, 180, 64)
		}
	}
}

// plain writes English with straight quotation marks: the curly ones of the font
// are as wide as a Han character.
func (s Sheet) plain(p Part) Part {
	if s.Locale != i18n.English {
		return p
	}
	p.Text, p.Label = straight.Replace(p.Text), straight.Replace(p.Label)
	rows := make([][]string, len(p.Rows))
	for i, r := range p.Rows {
		for _, c := range r {
			rows[i] = append(rows[i], straight.Replace(c))
		}
	}
	p.Rows = rows
	return p
}

func (s Sheet) straight(words string) string {
	if s.Locale != i18n.English {
		return words
	}
	return straight.Replace(words)
}

var straight = strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'")

// codePoints names characters that cannot be shown.
func codePoints(list []rune) string {
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprintf("U+%04X", r))
	}
	return strings.Join(out, " ")
}
