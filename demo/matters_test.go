package demo

import (
	"fmt"
	"testing"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/idcode"
)

// Each matter says one thing, of firms and people that are there, in the words
// of the vocabulary.
func TestMatters(t *testing.T) {
	t.Parallel()
	z := load(t)
	people := keys(t, "person", z.People, func(p Person) string { return p.Login })
	firms := keys(t, "firm", z.Firms, func(f Firm) string { return f.USCC })
	types := keys(t, "certificate type", z.CertificateTypes, func(c CertificateType) string { return c.Key })
	staff := keys(t, "staff member", z.Staff, func(s Staff) string { return s.Login })
	published := map[string]bool{}
	for _, d := range z.Policies {
		published[d.Key] = true
		for _, c := range d.Clauses {
			published[c.Key] = true
		}
	}
	vocabulary := dossier.Published()
	kinds := map[string]int{}
	value := func(at, key string, year int, said string, by dossier.Source) {
		d := vocabulary.Def(key)
		if d == nil || d.Yearly != (year != 0) || !d.By(by) {
			t.Errorf("%s: %s does not say %s of %d", at, by, key, year)
			return
		}
		if v, err := d.Parse(said); err != nil || v == "" {
			t.Errorf("%s: %s %q: %v", at, key, said, err)
		}
	}
	for i, m := range z.Matters {
		at, parts := fmt.Sprintf("matter %d", i+1), 0
		named := func(kind, firm, login string) {
			parts++
			kinds[kind]++
			if _, ok := firms[firm]; firm != "" && !ok {
				t.Errorf("%s: no firm %s", at, firm)
			}
			if _, ok := people[login]; login != "" && !ok {
				t.Errorf("%s: no person %s", at, login)
			}
		}
		if x := m.Said; x != nil {
			named("said", x.Firm, "")
			if _, ok := vocabulary.Register(x.Register); !ok || x.DaysAgo < 1 || len(x.Facts) == 0 {
				t.Errorf("%s: %+v", at, x)
			}
			for _, f := range x.Facts {
				value(at, f.Key, f.Year, f.Value, dossier.Registry)
				if d := vocabulary.Def(f.Key); d != nil && d.Register == x.Register {
					t.Errorf("%s: %s keeps %s itself", at, x.Register, f.Key)
				}
			}
		}
		if x := m.Declared; x != nil {
			named("declared", x.Firm, x.By)
			value(at, x.Key, x.Year, x.Value, dossier.Declared)
		}
		if x := m.Drafted; x != nil {
			named("drafted", "", "")
			if _, ok := staff[x.By]; !ok || x.Document.Key == "" || published[x.Document.Key] {
				t.Errorf("%s: %+v", at, x)
			}
		}
		if x := m.Revised; x != nil {
			named("revised", "", "")
			_, ok := staff[x.By]
			if _, too := staff[x.ProposedBy]; !ok || !too || !published[x.Clause] || x.Reason == "" || x.Rate <= 0 {
				t.Errorf("%s: %+v", at, x)
			}
		}
		if x := m.Claim; x != nil {
			named("claim", x.Firm, x.By)
		}
		if x := m.Unverified; x != nil {
			named("unverified", "", x.By)
			if _, has := firms[x.USCC]; has || !idcode.CheckUSCC(x.USCC).OK(false) || x.Name == "" || x.Region == "" {
				t.Errorf("%s: %+v", at, x)
			}
		}
		if x := m.Objection; x != nil {
			named("objection", x.Firm, x.By)
		}
		if x := m.Certificate; x != nil {
			named("certificate", x.Firm, "")
			if _, ok := types[x.Type]; !ok || x.Number == "" || x.DaysAgo < 1 {
				t.Errorf("%s: %+v", at, x)
			}
		}
		if parts != 1 {
			t.Errorf("%s says %d things", at, parts)
		}
	}
	if len(kinds) != 8 || kinds["said"] < 5 || kinds["declared"] < 3 {
		t.Errorf("only %v", kinds)
	}
}
