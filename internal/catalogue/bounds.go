package catalogue

import (
	"fmt"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Bounds of a definition. Lengths are in characters of the Chinese text; other
// languages need more letters for the same and have twice as much. They are far
// above what real catalogues hold, and keep one page from being a book.
const (
	maxName       = 200
	maxSummary    = 2000
	maxText       = 4000 // every other text
	maxWord       = 50   // a keyword or theme
	maxPlain      = 200  // a code, a number to call, the name of a place
	maxKeywords   = 60
	maxMaterials  = 100
	maxConditions = 100
	maxFAQ        = 50
	maxLegalBasis = 50
	maxFields     = 300 // of a form
	maxChecks     = 100 // of a form
)

// bounds wants a definition of a size that people can read.
func (c *checker) bounds(d Definition) {
	c.length("name", d.Name, maxName)
	c.length("main", d.Main, maxName)
	c.length("summary", d.Summary, maxSummary)
	for where, v := range map[string]string{
		"local_code": d.LocalCode, "area": d.Area, "level": d.Level, "department": d.Agency.USCC,
		"phone.consult": d.Phones.Consult, "phone.complaint": d.Phones.Complaint,
	} {
		c.plain(where, v, maxPlain)
	}
	for i, k := range d.Keywords {
		if i < maxKeywords {
			c.plain("keywords", k, maxWord)
		}
	}
	for i, t := range d.Themes {
		if i < maxKeywords {
			c.plain("themes", t, maxWord)
		}
	}
	if d.Bundle != nil && d.Bundle.Cart {
		return // as long as its steps together, each of which is within bounds; no page shows it whole
	}
	fields, checks := 0, len(d.Form.Checks)
	for _, s := range d.Form.Sections {
		fields += len(s.Fields)
		checks += len(s.Checks)
	}
	for _, l := range []struct {
		where  string
		n, max int
	}{
		{"keywords", len(d.Keywords), maxKeywords},
		{"themes", len(d.Themes), maxKeywords},
		{"materials", len(d.Materials), maxMaterials},
		{"conditions", len(d.Conditions), maxConditions},
		{"faq", len(d.FAQ), maxFAQ},
		{"legal_basis", len(d.LegalBasis), maxLegalBasis},
		{"form", fields, maxFields},
		{"checks", checks, maxChecks},
	} {
		if l.n > l.max {
			c.at(l.where, badMany, "n", fmt.Sprint(l.n), "max", l.max)
		}
	}
}

func (c *checker) length(where string, t i18n.Text, most int) {
	switch {
	case utf8.RuneCountInString(t.ZH) > most:
		c.at(where, badLong, "max", most)
	case utf8.RuneCountInString(t.EN) > 2*most:
		c.at(where, badLong, "max", 2*most)
	}
}

func (c *checker) plain(where, s string, most int) {
	if utf8.RuneCountInString(s) > most {
		c.at(where, badLong, "max", most)
	}
}
