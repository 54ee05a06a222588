package factor

import (
	"context"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

var (
	errShort = errs.Define(errs.Invalid, "factor.password_short")
	errSame  = errs.Define(errs.Invalid, "factor.password_same")
)

// checkNew says what is wrong with a new password.
func checkNew(password string) error {
	if utf8.RuneCountInString(password) < identity.MinPassword {
		return errInvalid.At("new_password", errShort.Code, "min", identity.MinPassword)
	}
	return nil
}

// ChangePassword gives the actor a new password for the old one. All other
// sessions end; keep is the one that goes on.
func (s *Service) ChangePassword(ctx context.Context, actor auth.Actor, old, password, keep string) error {
	if err := checkNew(password); err != nil {
		return err
	}
	if err := s.Identity.ConfirmPassword(ctx, actor.ID, old); err != nil {
		return err
	}
	if old == password {
		return errInvalid.At("new_password", errSame.Code)
	}
	hash := identity.HashPassword(password) // slow, so before the transaction
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.setPassword(ctx, actor, hash, keep, audit.Note{Action: "factor.password"})
	})
}

// setPassword writes a new password in the transaction of ctx, ends sessions,
// and tells the person. Second factors stay.
func (s *Service) setPassword(ctx context.Context, owner auth.Actor, hash, keep string, n audit.Note) error {
	if err := s.Identity.SetPassword(ctx, owner.ID, hash); err != nil {
		return err
	}
	if err := s.Sessions.EndAll(ctx, owner.ID, keep); err != nil {
		return err
	}
	n.Object = "account:" + owner.ID
	if err := s.Audit.Record(ctx, owner, n); err != nil {
		return err
	}
	return s.tell(ctx, owner.ID, "factor_password_new", nil)
}
