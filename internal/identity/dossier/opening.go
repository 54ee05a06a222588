package dossier

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Opening is a firm whose file is opened or brought up to date.
type Opening struct {
	USCC      string
	Confirmed bool   // a code that fails the check was really issued
	Region    string // where nothing else says it, of a file that is opened
	Words     []Word
	record    *register.Record // what the register of companies itself has just said
}

// Take opens the file of a firm under its credit code, if there is none, and
// records what is said of it. The engine itself only: seeding, sheets, the
// register of companies.
func (s *Service) Take(ctx context.Context, actor auth.Actor, in Opening) (identity.Enterprise, error) {
	if actor.Kind != auth.System {
		return identity.Enterprise{}, ErrForbidden
	}
	e, _, err := s.take(ctx, actor, in)
	return e, err
}

func (s *Service) take(ctx context.Context, actor auth.Actor, in Opening) (e identity.Enterprise, out outcome, err error) {
	checked := idcode.CheckUSCC(in.USCC)
	if !checked.OK(true) {
		return e, out, ErrInvalid.At("uscc", ErrUSCC.Code)
	}
	if !checked.OK(in.Confirmed) {
		return e, out, ErrInvalid.At("uscc", ErrConfirm.Code)
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if e, err = s.opened(ctx, checked.Normalised, in); err != nil {
			return err
		}
		if out, err = s.record(ctx, actor, e.ID, in.Words); err != nil {
			return err
		}
		if err := s.sheetAnswers(ctx, actor, e.ID, in); err != nil {
			return err
		}
		if len(out.Lines) == 0 {
			return nil
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "dossier.record", Object: "enterprise:" + e.ID, Change: map[string]any{"keys": out.Changed, "lines": len(out.Lines)}})
	})
	if err != nil {
		return e, out, err
	}
	e, err = s.Identity.Enterprise(ctx, e.ID)
	return e, out, err
}

// sheetAnswers ends the waiting of a firm of which the register of companies
// speaks: asked about it by somebody, in a sheet, or by a program.
func (s *Service) sheetAnswers(ctx context.Context, actor auth.Actor, firm string, in Opening) error {
	if !slices.ContainsFunc(in.Words, func(w Word) bool { return w.Source == Registry && w.Origin == Market && w.Key == "name" }) {
		return nil
	}
	ended, err := s.settleRegister(ctx, firm, RegisterKnown, RegisterWaiting, RegisterUnknown, RegisterRejected)
	if err != nil || !ended {
		return err
	}
	return s.answered(ctx, actor, Answered{Firm: firm, Record: in.record}, "dossier_filled", "")
}

// opened is the firm with the code, with a new and still empty file if there was none.
func (s *Service) opened(ctx context.Context, uscc string, in Opening) (identity.Enterprise, error) {
	e, err := s.Identity.EnterpriseByUSCC(ctx, uscc)
	if err == nil {
		return e, s.adoptFirst(ctx, e.ID)
	}
	if !isNotFound(err) {
		return e, err
	}
	e = identity.Enterprise{USCC: uscc, Name: i18n.Text{ZH: uscc}}
	for _, w := range in.Words {
		if w.Key == "region" || w.Key == "name" {
			s.column(&e, Fact{Key: w.Key, Value: w.Value})
			if at, ok := s.regionHere(w.Value); w.Key == "region" && !ok {
				return e, ErrInvalid.At("region", ErrOutside.Code)
			} else if ok {
				e.Region = at
			}
		}
	}
	if e.Region == "" {
		at, ok := s.regionHere(in.Region)
		if !ok {
			return e, ErrInvalid.At("region", ErrOutside.Code)
		}
		e.Region = at
	}
	return s.Identity.SaveEnterprise(ctx, auth.SystemActor(), identity.EnterpriseInput{Enterprise: e})
}
