package identity

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Standing is how far somebody is trusted (信易批, 失信制约).
type Standing string

// The standings. Bad wins over good.
const (
	StandingGood   Standing = "good"
	StandingNormal Standing = "normal"
	StandingBad    Standing = "bad"
)

// MaxCreditYears bounds how long a bad record counts (山东省社会信用条例 art. 38).
const MaxCreditYears = 5

// CreditRecord is one reason for a standing.
type CreditRecord struct {
	ID         string
	Party      Party
	Kind       Standing // good or bad
	Reason     string
	Source     string // who said so
	CaseID     string
	From       string // ISO date
	Until      string // ISO date, the last day on which it counts
	RepairedAt time.Time
	RecordedBy string
	RecordedAt time.Time
	Version    int
}

const creditColumns = `id, party_kind, party_id, kind, reason, source, case_id, from_on, until_on, repaired_at, recorded_by, recorded_at, version`

func scanCredit(s db.Scanner) (c CreditRecord, err error) {
	return c, s.Scan(&c.ID, &c.Party.Kind, &c.Party.ID, &c.Kind, &c.Reason, &c.Source, &c.CaseID, &c.From, &c.Until, db.Time{Time: &c.RepairedAt}, &c.RecordedBy, db.Time{Time: &c.RecordedAt}, &c.Version)
}

// StandingOf says how far a person or firm is trusted today: by the grade that
// the published rule makes, or, where none is wired in, by the records alone.
func (s *Service) StandingOf(ctx context.Context, party string) (Standing, error) {
	if s.Standing != nil {
		return s.Standing(ctx, party)
	}
	list, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT DISTINCT kind FROM identity_credit WHERE party_id=$1 AND until_on >= $2 AND from_on <= $2 AND repaired_at=0 AND struck_at=0`,
		party, today(s.clock))
	if err != nil {
		return StandingNormal, fmt.Errorf("identity: standing: %w", err)
	}
	out := StandingNormal
	for _, k := range list {
		if Standing(k) == StandingBad {
			return StandingBad, nil
		}
		out = Standing(k)
	}
	return out, nil
}

// CreditOf lists the records of a party, the newest first, for its own page and
// for other modules; rights are the caller's.
func (s *Service) CreditOf(ctx context.Context, party string) ([]CreditRecord, error) {
	return db.List(ctx, s.db.Read(ctx), scanCredit, `SELECT `+creditColumns+` FROM identity_credit WHERE party_id=$1 ORDER BY id DESC`, party)
}

// RecordCredit writes a record in the transaction of who found the reason. A bad
// one counts MaxCreditYears at most.
func (s *Service) RecordCredit(ctx context.Context, actor auth.Actor, c CreditRecord) error {
	c.Reason, c.Source = strings.TrimSpace(c.Reason), strings.TrimSpace(c.Source)
	now := s.clock.Now()
	if c.From == "" {
		c.From = today(s.clock)
	}
	from, err := workday.Parse(c.From)
	if err != nil {
		return fmt.Errorf("identity: credit: %w", err)
	}
	last := from.AddMonths(12 * MaxCreditYears).String()
	if c.Kind == StandingBad && (c.Until == "" || c.Until > last) {
		c.Until = last
	}
	if _, err := workday.Parse(c.Until); err != nil || c.Until < c.From {
		return fmt.Errorf("identity: credit: until %q", c.Until)
	}
	if c.Kind != StandingGood && c.Kind != StandingBad || c.Party.ID == "" || c.Reason == "" || utf8.RuneCountInString(c.Reason) > 1000 {
		return fmt.Errorf("identity: credit: %q of %q for %q", c.Kind, c.Party.ID, c.Reason)
	}
	c.ID = ids.New(now)
	return s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.db.Exec(ctx, `INSERT INTO identity_credit (id, party_kind, party_id, kind, reason, source, case_id, from_on, until_on, repaired_at, repaired_by, recorded_by, recorded_at, version)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,0,'',$10,$11,1)`,
			c.ID, string(c.Party.Kind), c.Party.ID, string(c.Kind), c.Reason, c.Source, c.CaseID, c.From, c.Until, actor.ID, db.MS(now)); err != nil {
			return fmt.Errorf("identity: credit: %w", err)
		}
		return s.audit.Record(ctx, actor, audit.Note{
			Action: "identity.credit", Object: "party:" + c.Party.ID, Reason: c.Reason,
			Change: map[string]any{"kind": c.Kind, "until": c.Until, "case": c.CaseID},
		})
	})
}

// RevokeCertificates ends the validity of what a case ended with; how many
// there were is returned. The record stays: the public check says revoked.
func (s *Service) RevokeCertificates(ctx context.Context, actor auth.Actor, caseID, reason string) (int, error) {
	var n int64
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		var err error
		// Undoing a change does not take the right away that was there before it: the
		// certificate rests until its office has put it right.
		m, err := s.db.Exec(ctx, `UPDATE identity_certificate SET state='suspended', version=version+1 WHERE case_id=$1 AND state='valid' AND edition > 1
			AND EXISTS (SELECT 1 FROM identity_certificate_past p WHERE p.certificate_id=identity_certificate.id AND p.case_id <> $1)`, caseID)
		if err != nil {
			return fmt.Errorf("identity: revoke: %w", err)
		}
		if n, err = s.db.Exec(ctx, `UPDATE identity_certificate SET state='revoked', version=version+1 WHERE state IN ('valid', 'suspended')
			AND (id IN (SELECT certificate_id FROM identity_certificate_past WHERE case_id=$1 AND case_id <> (SELECT x.case_id FROM identity_certificate x WHERE x.id=certificate_id))
				OR case_id=$1 AND state='valid')`, caseID); err != nil {
			return fmt.Errorf("identity: revoke: %w", err)
		}
		n += m
		if n == 0 {
			return nil
		}
		holders, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT DISTINCT holder_id FROM identity_certificate
			WHERE holder_kind='enterprise' AND (case_id=$1 OR id IN (SELECT certificate_id FROM identity_certificate_past WHERE case_id=$1))`, caseID)
		if err != nil {
			return fmt.Errorf("identity: revoke: %w", err)
		}
		for _, h := range holders {
			if err := s.HeldChanged(ctx, HolderEnterprise, h); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.revoke_certificate", Object: "case:" + caseID, Reason: reason})
	})
	return int(n), err
}
