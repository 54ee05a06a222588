package policy

import (
	"context"
	"fmt"
	"strings"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Seed is a document with its clauses as the files of an installation hold them.
type Seed struct {
	Document `yaml:",inline"`
	Clauses  []Clause `yaml:"clauses"`
}

// Amounts reads the amounts of a clause that files hold in yuan.
func (c Clause) Amounts() (Clause, error) {
	bad := ErrInvalid
	for _, x := range []struct {
		name, text string
		into       *money.Fen
	}{{"amount", c.Benefit.Yuan, &c.Benefit.Amount}, {"cap", c.Benefit.Most, &c.Benefit.Cap}, {"budget", c.Benefit.All, &c.Benefit.Budget}} {
		if strings.TrimSpace(x.text) == "" {
			continue
		}
		fen, err := money.Parse(x.text)
		if err != nil {
			bad = bad.At(x.name, badMoney)
		}
		*x.into = fen
	}
	return c, bad.OrNil()
}

// Report counts what an import did to papers.
type Report struct{ Created, Updated, Unchanged int }

// Import publishes documents and clauses as they are, for the files of an
// installation: only the engine itself may, since no second person looks at them.
// What is as the files had it last is left alone, also when people have edited it
// since. Faults in any of them stop all, with the key before each place.
func (s *Service) Import(ctx context.Context, actor auth.Actor, seeds []Seed) (Report, error) {
	if actor.Kind != auth.System {
		return Report{}, ErrForbidden
	}
	var r Report
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r = Report{}
		papers, err := papersOf(seeds)
		if err != nil {
			return err
		}
		w, err := s.world(ctx, papers)
		if err != nil {
			return err
		}
		if err := soundPapers(papers, w); err != nil {
			return err
		}
		mine, err := s.store.lastOf(ctx, actor.ID)
		if err != nil {
			return err
		}
		var moved []Paper
		for _, in := range papers {
			p, known, err := s.store.paper(ctx, in.Kind, in.Key)
			switch {
			case err != nil:
				return err
			case known && p.Document != in.Document:
				return ErrOther.With("key", in.Key).With("document", p.Document)
			case known && mine[p.ID].Same(in.Draft):
				r.Unchanged++
				continue
			case known:
				r.Updated++
			default:
				r.Created++
				p = Paper{ID: ids.New(s.Clock.Now()), Kind: in.Kind, Key: in.Key, Document: in.Document, State: Unseen, Version: 1}
				if err := s.store.insert(ctx, p); err != nil {
					return err
				}
			}
			p.Draft, p.SavedBy, p.SavedAt, p.Position, p.Note = in.Draft, actor.ID, s.Clock.Now(), in.Position, ""
			moved = append(moved, p)
			if err := s.live(ctx, actor, p); err != nil {
				return fmt.Errorf("%s: %w", p.Key, err)
			}
		}
		if len(moved) == 0 {
			return nil
		}
		return s.published(ctx, moved)
	})
	if err != nil {
		return Report{}, fmt.Errorf("policy: import: %w", err)
	}
	return r, nil
}

// papersOf makes papers of what files hold.
func papersOf(seeds []Seed) ([]Paper, error) {
	var out []Paper
	bad := ErrInvalid
	for _, x := range seeds {
		d := x.Document.tidy()
		out = append(out, Paper{Kind: KindDocument, Key: d.Key, Document: d.Key, Draft: Body{Document: &d}})
		for i, c := range x.Clauses {
			c, err := c.Amounts()
			for _, f := range errs.FieldsOf(err) {
				bad = bad.At(c.Key+": "+f.Name, f.Code, i18n.Map(f.Params)...)
			}
			c = c.tidy()
			out = append(out, Paper{Kind: KindClause, Key: c.Key, Document: d.Key, Position: i + 1, Draft: Body{Clause: &c}})
		}
	}
	return out, bad.OrNil()
}
