package dossier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Market is the register of companies, which says who a firm is.
const Market = "market"

// Answered is published in the transaction in which a firm that was opened
// unverified is verified: by the register (Record is what it says), or else by
// people or a sheet. Unknown says that the register does not have the firm,
// Rejected that a person found what was declared not to be so, and why.
type Answered struct {
	Firm     string
	Record   *register.Record
	Unknown  bool
	Rejected string
}

// Ask looks a firm up in the register of companies. An installation without one
// is as one whose register never answers.
func (s *Service) Ask(ctx context.Context, uscc string) (register.Record, error) {
	if s.Register == nil {
		return register.Record{}, register.ErrDown
	}
	return s.Register.Look(ctx, uscc)
}

// wordsOfRecord are what the register says in the terms of the vocabulary. What
// the platform cannot read or does not keep is left out, so that a new field of
// the register stops nothing.
func (s *Service) wordsOfRecord(r register.Record) []Word {
	var out []Word
	for _, d := range s.vocab.Facts {
		said, ok := r.Facts[d.Key]
		if !ok || d.Register != Market || d.Yearly || !d.By(Registry) {
			continue
		}
		if value, err := d.Parse(said); err == nil && value != "" {
			out = append(out, Word{Key: d.Key, Value: value, Source: Registry, Origin: Market, Ref: "register:" + r.USCC, AsOf: min(r.AsOf, s.today())})
		}
	}
	return out
}

// FromRegister opens the file of a firm with what the register says of it, or
// brings it up to date. The code is the register's own, so that one whose check
// fails needs no further word. The engine itself only.
func (s *Service) FromRegister(ctx context.Context, actor auth.Actor, r register.Record) (identity.Enterprise, error) {
	return s.Take(ctx, actor, Opening{USCC: r.USCC, Confirmed: true, Words: s.wordsOfRecord(r), record: &r})
}

// OpenDeclared opens the file of a firm while the register does not answer, with
// what somebody declares of it: it is unverified until the register answers, or a
// person verifies it. The engine itself only; a firm that has a file is ErrSettled.
func (s *Service) OpenDeclared(ctx context.Context, actor auth.Actor, in Opening) (e identity.Enterprise, err error) {
	if actor.Kind != auth.System {
		return e, ErrForbidden
	}
	for i := range in.Words {
		in.Words[i].Source, in.Words[i].Asked = Declared, true // what differs from the register later is a matter for a person
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Identity.EnterpriseByUSCC(ctx, in.USCC); !isNotFound(err) {
			if err == nil {
				err = ErrSettled
			}
			return err
		}
		if e, err = s.Take(ctx, actor, in); err != nil {
			return err
		}
		_, err = s.DB.Exec(ctx, `UPDATE identity_dossier SET register=$2, asked_at=$3, tries=1, version=version+1 WHERE enterprise_id=$1`, e.ID, RegisterWaiting, db.MS(s.Clock.Now()))
		return err
	})
	return e, err
}

// RegisterState is how the file of a firm stands towards the register.
func (s *Service) RegisterState(ctx context.Context, firm string) (string, error) {
	f, ok, err := s.store.file(ctx, firm)
	if err == nil && !ok {
		return RegisterKnown, nil
	}
	return f.Register, err
}

type fillArgs struct{}

// Kind names the job.
func (fillArgs) Kind() string { return "dossier.fill" }

// Between two questions about a firm lie one minute, two, four and so on.
const (
	askAgain    = time.Minute
	askAtLatest = 2 * time.Hour
	askedAtOnce = 200
)

func pauseAfter(tries int) time.Duration {
	if tries > 7 {
		return askAtLatest
	}
	return askAgain << max(tries-1, 0)
}

// FillWaiting asks the register about the firms that were opened while it did not
// answer, those first that have waited longest. It stops at the first question
// that is not answered: the others would not be, either.
func (s *Service) FillWaiting(ctx context.Context) error {
	type waiting struct {
		firm, uscc string
		asked      time.Time
		tries      int
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x waiting, err error) {
		return x, r.Scan(&x.firm, &x.uscc, db.Time{Time: &x.asked}, &x.tries)
	},
		`SELECT d.enterprise_id, e.uscc, d.asked_at, d.tries FROM identity_dossier d JOIN identity_enterprise e ON e.id = d.enterprise_id
		WHERE d.register = 'waiting' ORDER BY d.asked_at, d.enterprise_id LIMIT $1`, askedAtOnce)
	if err != nil {
		return fmt.Errorf("dossier: waiting: %w", err)
	}
	now := s.Clock.Now()
	for _, x := range list {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if now.Before(x.asked.Add(pauseAfter(x.tries))) {
			continue
		}
		r, err := s.Ask(ctx, x.uscc)
		if err != nil && !errors.Is(err, register.ErrUnknown) {
			return s.DB.InTx(ctx, func(ctx context.Context) error {
				_, err := s.DB.Exec(ctx, `UPDATE identity_dossier SET asked_at=$2, tries=tries+1 WHERE enterprise_id=$1 AND register='waiting'`, x.firm, db.MS(now))
				return err
			})
		}
		if err := s.fill(ctx, x.firm, r, err != nil); err != nil {
			slog.WarnContext(ctx, "a firm was not filled from the register", "firm", x.firm, "error", err)
		}
	}
	return nil
}

// fill writes what the register answered about a firm that waited.
func (s *Service) fill(ctx context.Context, firm string, r register.Record, unknown bool) error {
	sys := auth.SystemActor()
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if unknown {
			if _, err := s.settleRegister(ctx, firm, RegisterUnknown, RegisterWaiting); err != nil {
				return err
			}
			return s.answered(ctx, sys, Answered{Firm: firm, Unknown: true}, "dossier_unknown", "")
		}
		if ended, err := s.settleRegister(ctx, firm, RegisterKnown, RegisterWaiting); err != nil || !ended {
			return err // somebody verified it in between
		}
		if _, err := s.record(ctx, sys, firm, s.wordsOfRecord(r)); err != nil {
			return err
		}
		return s.answered(ctx, sys, Answered{Firm: firm, Record: &r}, "dossier_filled", "")
	})
}

// settleRegister changes how a file stands towards the register; false when it
// did not stand as one of those.
func (s *Service) settleRegister(ctx context.Context, firm, to string, from ...string) (bool, error) {
	var args db.Args
	where := ` WHERE enterprise_id=` + args.Add(firm)
	set := args.Add(to)
	now := args.Add(db.MS(s.Clock.Now()))
	n, err := s.DB.Exec(ctx, `UPDATE identity_dossier SET register=`+set+`, asked_at=`+now+`, version=version+1`+where+` AND register IN `+db.In(&args, from), args...)
	return n > 0, err
}

// answered tells everybody who waits for it.
func (s *Service) answered(ctx context.Context, actor auth.Actor, a Answered, kind, reason string) error {
	e, err := s.Identity.Enterprise(ctx, a.Firm)
	if err != nil {
		return err
	}
	if err := s.Audit.Record(ctx, actor, audit.Note{
		Action: "dossier.verified", Object: "enterprise:" + a.Firm, Reason: reason, Change: map[string]any{"unknown": a.Unknown, "register": a.Record != nil, "rejected": a.Rejected != ""},
	}); err != nil {
		return err
	}
	if err := s.tellFirm(ctx, e, notify.News{Key: kind + ":" + ids.New(s.Clock.Now()), Kind: kind, Link: "/my/firms/" + e.ID, Params: map[string]any{"firm": e.Name, "reason": reason}}); err != nil {
		return err
	}
	return events.Publish(ctx, s.Bus, a)
}
