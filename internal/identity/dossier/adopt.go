package dossier

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
)

type adoptArgs struct{}

// Kind names the job.
func (adoptArgs) Kind() string { return "dossier.adopt" }

type rescoreArgs struct{}

// Kind names the job.
func (rescoreArgs) Kind() string { return "dossier.rescore" }

// Workers adds the jobs of the package to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	s.sheetWorkers(q)
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ fillArgs) error { return s.FillWaiting(ctx) })
	jobs.Every(q, time.Minute, fillArgs{})
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ adoptArgs) error { return s.Adopt(ctx) })
	jobs.Every(q, 24*time.Hour, adoptArgs{})
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ rescoreArgs) error { return s.Rescore(ctx) })
	jobs.Every(q, 24*time.Hour, rescoreArgs{})
}

// Adopt makes facts of the columns of firms that have no file yet: of those that
// were there before there were files. Every nought among their figures is taken
// for missing, since nobody could tell the two apart then.
func (s *Service) Adopt(ctx context.Context) error {
	for {
		list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT e.id FROM identity_enterprise e
			WHERE NOT EXISTS (SELECT 1 FROM identity_dossier d WHERE d.enterprise_id = e.id) ORDER BY e.id LIMIT 100`)
		if err != nil {
			return fmt.Errorf("dossier: adopt: %w", err)
		}
		if len(list) == 0 || ctx.Err() != nil {
			return ctx.Err()
		}
		for _, id := range list {
			if err := s.DB.InTx(ctx, func(ctx context.Context) error { return s.adopt(ctx, id) }); err != nil {
				return err
			}
		}
	}
}

// adoptFirst adopts a firm without a file before something else is written into
// it: Adopt would pass it over from then on.
func (s *Service) adoptFirst(ctx context.Context, id string) error {
	_, has, err := s.store.file(ctx, id)
	if err != nil || has {
		return err
	}
	return s.adopt(ctx, id)
}

func (s *Service) adopt(ctx context.Context, id string) error {
	e, err := s.Identity.Enterprise(ctx, id)
	if err != nil {
		return err
	}
	figures, err := s.Identity.Figures(ctx, id)
	if err != nil {
		return err
	}
	for i := range figures {
		f := &figures[i]
		for _, p := range []**int{&f.Staff, &f.RDStaff} {
			if *p != nil && **p == 0 {
				*p = nil
			}
		}
		for _, p := range []**money.Fen{&f.Revenue, &f.RD, &f.Profit, &f.Tax} {
			if *p != nil && **p == 0 {
				*p = nil
			}
		}
	}
	_, err = s.record(ctx, auth.SystemActor(), id, s.WordsOf(e, figures))
	return err
}

// WordsOf are the words that registers say with a firm and its figures as they
// stand in the columns. Figures of a year are those of its filing, by the end of
// next June.
func (s *Service) WordsOf(e identity.Enterprise, figures []identity.Figure) []Word {
	var out []Word
	add := func(key string, year int, value, asOf string) {
		d := s.vocab.Def(key)
		if value != "" {
			out = append(out, Word{Key: key, Year: year, Value: value, Source: Registry, Origin: d.Register, AsOf: asOf})
		}
	}
	born := e.RegisteredOn
	if _, err := workday.Parse(born); err != nil {
		born = s.today()
	}
	code, _, _ := Industry(e.Industry)
	capital := ""
	if e.Capital > 0 {
		capital = strconv.FormatInt(int64(e.Capital), 10)
	}
	for key, value := range map[string]string{
		"name": e.Name.ZH, "name_en": e.Name.EN, "legal_representative": e.LegalRepresentative, "registered_on": e.RegisteredOn, "capital": capital, "industry": code,
		"region": e.Region, "address": e.Address, "phone": e.Phone, "email": e.Email,
	} {
		add(key, 0, value, born)
	}
	for _, f := range figures {
		filed := min(strconv.Itoa(f.Year+1)+"-06-30", s.today())
		for key, p := range map[string]*money.Fen{
			"revenue": f.Revenue, "main_revenue": f.Main, "high_tech_revenue": f.HighTech, "costs": f.Costs, "rd_cost": f.RD, "profit": f.Profit, "tax": f.Tax,
			"assets": f.Assets, "net_assets": f.NetAssets,
		} {
			if p != nil {
				add(key, f.Year, strconv.FormatInt(int64(*p), 10), filed)
			}
		}
		for key, p := range map[string]*int{"staff": f.Staff, "rd_staff": f.RDStaff, "patents_1": f.Patents1, "patents_2": f.Patents2} {
			if p != nil {
				add(key, f.Year, strconv.Itoa(*p), filed)
			}
		}
	}
	return out
}

// Rescore counts the completeness of all files anew: with a new year what was
// known of the last closed one is known no more, and certificates end.
func (s *Service) Rescore(ctx context.Context) error {
	var list []scored
	err := s.Each(ctx, func(f Firm) error {
		list = append(list, scored{f.ID, s.vocab.complete(f.Facts, s.closedYear(), nil).Score})
		if len(list) < 500 {
			return nil
		}
		err := s.saveScores(ctx, list)
		list = list[:0]
		return err
	})
	if err != nil {
		return err
	}
	return s.saveScores(ctx, list)
}

type scored struct {
	firm  string
	score int
}

func (s *Service) saveScores(ctx context.Context, list []scored) error {
	if len(list) == 0 {
		return nil
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		for _, x := range list {
			if _, err := s.DB.Exec(ctx, `UPDATE identity_dossier SET score=$2 WHERE enterprise_id=$1 AND score <> $2`, x.firm, x.score); err != nil {
				return fmt.Errorf("dossier: score: %w", err)
			}
		}
		return nil
	})
}
