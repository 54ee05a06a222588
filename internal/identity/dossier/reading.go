package dossier

import (
	"cmp"
	"context"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Place of a file as somebody reads it.
type Place struct {
	Def     *Def
	Year    int
	Present *Fact  // nil: nobody has said it
	Agree   []Fact // others that say the same
	Open    []Fact // that a person has to decide about
	May     bool   // the reader may say or correct it
	Settles bool   // the reader may decide what is open
}

// Section of a file.
type Section struct {
	Group  Group
	Facts  []Place   // what is not yearly, and what is on file
	Yearly [][]Place // one row a fact, one place a year, newest first
}

// Dossier is the file of a firm as somebody reads it.
type Dossier struct {
	identity.Enterprise
	State File
	Completeness
	Sections []Section
	Years    []int // newest first
	OpenN    int
	Own      bool // the reader is of the firm
}

// yearsShown of a file.
const yearsShown = 4

// Read returns the file of a firm; one that the actor may not read is ErrNotFound.
func (s *Service) Read(ctx context.Context, actor auth.Actor, firm string) (Dossier, error) {
	e, err := s.firm(ctx, actor, firm)
	if err != nil {
		return Dossier{}, err
	}
	out := Dossier{Enterprise: e, Own: actor.Kind == auth.Person}
	if out.State, _, err = s.store.file(ctx, firm); err != nil {
		return out, err
	}
	lines, err := s.store.facts(ctx, `enterprise_id=$1 AND state IN ('present','agrees','conflict','waiting') ORDER BY id`, firm)
	if err != nil {
		return out, err
	}
	onFile, types, err := s.onFile(ctx, firm)
	if err != nil {
		return out, err
	}
	at, present := map[Slot]*Place{}, map[Slot]Fact{}
	place := func(slot Slot) *Place {
		if at[slot] == nil {
			at[slot] = &Place{Def: s.vocab.Def(slot.Key), Year: slot.Year}
		}
		return at[slot]
	}
	for _, f := range lines {
		if s.vocab.Def(f.Key) == nil {
			continue // of another version of the program
		}
		p := place(f.Slot())
		switch {
		case f.State == Present:
			p.Present, present[f.Slot()] = &f, f
		case f.State.Open():
			p.Open = append(p.Open, f)
			out.OpenN++
		default:
			p.Agree = append(p.Agree, f)
		}
	}
	out.Completeness = s.vocab.complete(slices.Collect(valuesOf(present)), s.closedYear(), types)
	for _, f := range s.vocab.compute(present, s.today()) {
		place(f.Slot()).Present = &f
	}
	for _, f := range onFile {
		p := place(f.Slot())
		if p.Present != nil { // what is declared stands beside what is on file
			f.Value = joined(f.Value, p.Present.Value)
		}
		p.Present = &f
	}
	keeps := s.vocab.keeps(actor, e.Region)
	for slot, p := range at {
		p.Settles = len(p.Open) > 0 && slices.Contains(keeps, slot.Key)
		if slot.Year != 0 && !slices.Contains(out.Years, slot.Year) {
			out.Years = append(out.Years, slot.Year)
		}
	}
	if last := s.closedYear(); !slices.Contains(out.Years, last) {
		out.Years = append(out.Years, last)
	}
	slices.SortFunc(out.Years, func(a, b int) int { return b - a })
	out.Years = out.Years[:min(len(out.Years), yearsShown)]
	for _, g := range s.vocab.Groups {
		section := Section{Group: g}
		for _, d := range s.vocab.Facts {
			if d.Group != g.Key {
				continue
			}
			if !d.Yearly {
				section.Facts = append(section.Facts, s.shown(actor, firm, place(Slot{d.Key, 0}), out.Own))
				continue
			}
			row := make([]Place, len(out.Years))
			for i, y := range out.Years {
				row[i] = s.shown(actor, firm, place(Slot{d.Key, y}), out.Own)
			}
			section.Yearly = append(section.Yearly, row)
		}
		out.Sections = append(out.Sections, section)
	}
	return out, nil
}

// shown is a place as the reader gets it: telephone and mail address of a firm
// are masked for all but its own people and the commissioner.
func (s *Service) shown(actor auth.Actor, firm string, p *Place, own bool) Place {
	out := *p
	out.May = says(actor, firm) && p.Def.By(Declared)
	if p.Def.Personal && !own && !actor.Has(auth.Commissioner) {
		hide := func(f Fact) Fact { f.Value = masked(p.Def, f.Value); return f }
		if p.Present != nil {
			f := hide(*p.Present)
			out.Present = &f
		}
		out.Agree, out.Open = slices.Clone(p.Agree), slices.Clone(p.Open)
		for i := range out.Agree {
			out.Agree[i] = hide(out.Agree[i])
		}
		for i := range out.Open {
			out.Open[i] = hide(out.Open[i])
		}
	}
	return out
}

func masked(d *Def, value string) string {
	if d.Key == "email" {
		return personal.Mask(personal.Email, value)
	}
	return personal.Mask(personal.Phone, value)
}

func valuesOf(m map[Slot]Fact) func(func(Fact) bool) {
	return func(yield func(Fact) bool) {
		for _, f := range m {
			if !yield(f) {
				return
			}
		}
	}
}

// onFile makes facts of the valid certificates of a firm, and tells their types.
func (s *Service) onFile(ctx context.Context, firm string) (facts []Fact, types []string, err error) {
	held, err := s.Identity.Certificates(ctx, []string{firm})
	if err != nil {
		return nil, nil, err
	}
	return s.vocab.fromCertificates(firm, held, s.today()), typesOf(held, s.today()), nil
}

func typesOf(held []identity.Certificate, today string) []string {
	var out []string
	for _, c := range held {
		if c.Status(today) == "valid" {
			out = append(out, c.Type)
		}
	}
	return out
}

// fromCertificates are the lists that the valid certificates of a firm make.
func (v *Vocabulary) fromCertificates(firm string, held []identity.Certificate, today string) []Fact {
	var out []Fact
	for _, d := range v.Facts {
		var items []Item
		since := ""
		for _, c := range held {
			if slices.Contains(d.Certificates, c.Type) && c.Status(today) == "valid" {
				items = append(items, itemOf(c))
				since = max(since, c.ValidFrom)
			}
		}
		if len(items) > 0 {
			out = append(out, Fact{Firm: firm, Key: d.Key, Value: listValue(items), Source: Certificate, State: Present, Since: since, AsOf: today})
		}
	}
	return out
}

// joined puts two lists together; what has the same number stands there once.
func joined(a, b string) string {
	items := Items(a)
	for _, i := range Items(b) {
		if i.Number == "" || !slices.ContainsFunc(items, func(x Item) bool { return x.Number == i.Number }) {
			items = append(items, i)
		}
	}
	return listValue(items)
}

// History returns everything that was said and decided in a place of a file,
// newest first.
func (s *Service) History(ctx context.Context, actor auth.Actor, firm string, slot Slot) (Place, []Fact, []Decision, error) {
	e, err := s.firm(ctx, actor, firm)
	d := s.vocab.Def(slot.Key)
	if err == nil && (d == nil || d.Yearly != (slot.Year != 0) || slot.Year != 0 && !s.yearOK(slot.Year)) {
		err = ErrNotFound
	}
	if err != nil {
		return Place{}, nil, nil, err
	}
	facts, err := s.store.facts(ctx, `enterprise_id=$1 AND key=$2 AND year=$3`, firm, slot.Key, slot.Year)
	if err != nil {
		return Place{}, nil, nil, err
	}
	decisions, err := s.store.decisions(ctx, `enterprise_id=$1 AND key=$2 AND year=$3 ORDER BY at DESC, id DESC`, firm, slot.Key, slot.Year)
	if err != nil {
		return Place{}, nil, nil, err
	}
	own := actor.Kind == auth.Person
	p := Place{Def: d, Year: slot.Year, Settles: slices.Contains(s.vocab.keeps(actor, e.Region), slot.Key)}
	open := slices.ContainsFunc(facts, func(f Fact) bool { return f.State.Open() })
	if d.Personal && !own && !actor.Has(auth.Commissioner) && !(p.Settles && open) { // who decides sees what about
		for i := range facts {
			facts[i].Value = masked(d, facts[i].Value)
		}
		for i := range decisions {
			decisions[i].Value = masked(d, decisions[i].Value)
		}
	}
	slices.SortFunc(facts, func(a, b Fact) int {
		return cmp.Or(b.RecordedAt.Compare(a.RecordedAt), cmp.Compare(b.ID, a.ID))
	})
	for i := range facts {
		switch {
		case facts[i].State == Present:
			p.Present = &facts[i]
		case facts[i].State.Open():
			p.Open = append(p.Open, facts[i])
		case facts[i].State == Agrees:
			p.Agree = append(p.Agree, facts[i])
		}
	}
	p.May, p.Settles = says(actor, firm) && d.By(Declared), p.Settles && len(p.Open) > 0
	return p, facts, decisions, nil
}

// firstYear that figures are kept of.
const firstYear = 2000

func (s *Service) yearOK(year int) bool { return year >= firstYear && year <= s.closedYear()+1 }
