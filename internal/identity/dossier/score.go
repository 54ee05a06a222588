package dossier

import (
	"context"
	"math"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
)

// Gap is a fact that a file lacks.
type Gap struct {
	Def  *Def
	Year int
	Part int // points that it would add, in percent of the whole
}

// Completeness of a file: the weights of what is known by the weights of what
// there could be. A yearly fact is known when that of the last closed year is.
// Disputed values do not count: nobody can rely on them.
type Completeness struct {
	Score int
	Gaps  []Gap // what raises it most first
}

// complete counts the present facts of a firm.
func (v *Vocabulary) complete(present []Fact, year int, onFile []string) Completeness {
	known := map[Slot]bool{}
	for _, f := range present {
		known[f.Slot()] = known[f.Slot()] || !f.Disputed
	}
	all, have := 0, 0
	var out Completeness
	for _, d := range v.Facts {
		if d.Weight == 0 {
			continue
		}
		all += d.Weight
		slot := Slot{d.Key, 0}
		if d.Yearly {
			slot.Year = year
		}
		if known[slot] || slices.ContainsFunc(d.Certificates, func(c string) bool { return slices.Contains(onFile, c) }) {
			have += d.Weight
			continue
		}
		out.Gaps = append(out.Gaps, Gap{Def: d, Year: slot.Year, Part: d.Weight})
	}
	for i := range out.Gaps {
		out.Gaps[i].Part = max(1, int(math.Round(float64(out.Gaps[i].Part)*100/float64(all))))
	}
	slices.SortStableFunc(out.Gaps, func(a, b Gap) int { return b.Part - a.Part })
	out.Score = have * 100 / all
	return out
}

// closedYear is the last year of which figures can be expected.
func (s *Service) closedYear() int { return workday.DateOf(s.Clock.Now()).Year() - 1 }

// rescore keeps the completeness of a file for lists that are sorted by it.
func (s *Service) rescore(ctx context.Context, firm string) error {
	present, err := s.store.facts(ctx, `enterprise_id=$1 AND state='present'`, firm)
	if err != nil {
		return err
	}
	_, onFile, err := s.onFile(ctx, firm)
	if err != nil {
		return err
	}
	_, err = s.DB.Exec(ctx, `UPDATE identity_dossier SET score=$2 WHERE enterprise_id=$1 AND score <> $2`, firm, s.vocab.complete(present, s.closedYear(), onFile).Score)
	return err
}

// Scores returns the completeness of some files, for a list; a firm without one is left out.
func (s *Service) Scores(ctx context.Context, firms []string) (map[string]int, error) {
	out := map[string]int{}
	for part := range slices.Chunk(firms, 500) {
		var args db.Args
		_, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x int, err error) {
			var firm string
			err = r.Scan(&firm, &x)
			out[firm] = x
			return x, err
		}, `SELECT enterprise_id, score FROM identity_dossier WHERE enterprise_id IN `+db.In(&args, part), args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// itemOf makes an entry of a list of a certificate on file.
func itemOf(c identity.Certificate) Item {
	return Item{Kind: c.Type, Name: c.Title.ZH, Number: c.Number, From: c.ValidFrom, To: c.ValidTo, Ref: "certificate:" + c.ID}
}
