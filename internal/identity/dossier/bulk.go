package dossier

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
)

// Firm is what rules read of a firm: its present facts, those that follow from
// them, and what is on file. A fact that is missing is not there; a disputed one
// is marked, and a rule must not rely on it.
type Firm struct {
	ID    string
	Facts []Fact // by key and year
}

// Fact returns the present value in a place; nil when it is missing.
func (f *Firm) Fact(key string, year int) *Fact {
	i, ok := slices.BinarySearchFunc(f.Facts, Slot{key, year}, func(x Fact, at Slot) int { return compareSlots(x.Slot(), at) })
	if !ok {
		return nil
	}
	return &f.Facts[i]
}

func compareSlots(a, b Slot) int {
	switch {
	case a.Key < b.Key:
		return -1
	case a.Key > b.Key:
		return 1
	default:
		return a.Year - b.Year
	}
}

// firmsAtOnce are read with one statement. Memory holds these, whatever the
// number of firms.
const firmsAtOnce = 1000

// FirmFacts returns the facts of one firm, for the rules; nobody's right is asked.
// One that is not there is ErrNotFound.
func (s *Service) FirmFacts(ctx context.Context, id string) (Firm, error) {
	var out Firm
	if n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_enterprise WHERE id=$1`, id); err != nil {
		return out, fmt.Errorf("dossier: facts of %s: %w", id, err)
	} else if n == 0 {
		return out, ErrNotFound
	}
	err := s.chunk(ctx, []string{id}, func(f Firm) error { out = f; return nil })
	return out, err
}

// Each hands every firm with its facts to f, in the order of their ids, and
// stops at the first error. It reads a thousand firms at a time, so that memory
// stays bounded and no long snapshot is held: a firm is seen as it stands when
// its thousand is read.
func (s *Service) Each(ctx context.Context, f func(Firm) error) error {
	after := ""
	for {
		list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT id FROM identity_enterprise WHERE id > $1 ORDER BY id LIMIT $2`, after, firmsAtOnce)
		if err != nil {
			return fmt.Errorf("dossier: firms: %w", err)
		}
		if len(list) == 0 {
			return nil
		}
		if err := s.chunk(ctx, list, f); err != nil {
			return err
		}
		after = list[len(list)-1]
	}
}

// chunk reads the facts of firms whose ids follow each other.
func (s *Service) chunk(ctx context.Context, list []string, f func(Firm) error) error {
	first, last := list[0], list[len(list)-1]
	facts, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x Fact, err error) {
		x.State = Present
		return x, r.Scan(&x.Firm, &x.Key, &x.Year, &x.Value, &x.Source, &x.Since, &x.AsOf, &x.Disputed)
	}, `SELECT enterprise_id, key, year, value, source, since, as_of, disputed FROM identity_fact
		WHERE enterprise_id >= $1 AND enterprise_id <= $2 AND state='present' ORDER BY enterprise_id, key, year`, first, last)
	if err != nil {
		return fmt.Errorf("dossier: facts: %w", err)
	}
	held, err := s.heldBetween(ctx, first, last)
	if err != nil {
		return err
	}
	today := s.today()
	for _, id := range list {
		n := 0
		for n < len(facts) && facts[n].Firm == id {
			n++
		}
		own := facts[:n:n]
		facts = facts[n:]
		if err := f(Firm{ID: id, Facts: s.whole(id, own, held[id], today)}); err != nil {
			return err
		}
	}
	return nil
}

// whole adds what follows from facts, and what is on file.
func (s *Service) whole(id string, own []Fact, held []identity.Certificate, today string) []Fact {
	present := make(map[Slot]Fact, len(own))
	for _, x := range own {
		present[x.Slot()] = x
	}
	own = append(own, s.vocab.compute(present, today)...)
	for _, x := range s.vocab.fromCertificates(id, held, today) {
		if i := slices.IndexFunc(own, func(o Fact) bool { return o.Slot() == x.Slot() }); i >= 0 {
			x.Value = joined(x.Value, own[i].Value)
			own[i] = x
		} else {
			own = append(own, x)
		}
	}
	slices.SortFunc(own, func(a, b Fact) int { return compareSlots(a.Slot(), b.Slot()) })
	return own
}

// heldBetween are the valid certificates that are facts, by firm.
func (s *Service) heldBetween(ctx context.Context, first, last string) (map[string][]identity.Certificate, error) {
	var args db.Args
	var types []string
	for _, d := range s.vocab.Facts {
		types = append(types, d.Certificates...)
	}
	today := s.today()
	out := map[string][]identity.Certificate{}
	_, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (c identity.Certificate, err error) {
		c.State = "valid"
		err = r.Scan(&c.ID, &c.HolderID, &c.Type, &c.Number, db.JSON[i18n.Text]{V: &c.Title}, &c.ValidFrom, &c.ValidTo)
		out[c.HolderID] = append(out[c.HolderID], c)
		return c, err
	}, `SELECT id, holder_id, type, number, title, valid_from, valid_to FROM identity_certificate
		WHERE holder_id >= `+args.Add(first)+` AND holder_id <= `+args.Add(last)+` AND state='valid' AND type IN `+db.In(&args, types)+` AND valid_from <= `+args.Add(today)+`
			AND (valid_to = '' OR valid_to >= `+args.Add(today)+`) ORDER BY holder_id, issued_at DESC, id DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: certificates: %w", err)
	}
	return out, nil
}
