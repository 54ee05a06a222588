package factor

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// activationTTL is how long a printed code of activation is good.
const activationTTL = 7 * 24 * time.Hour

// hashActivation is what is kept of a code. It is fast: a code has sixty bits.
func hashActivation(account, code string) string {
	sum := sha256.Sum256([]byte("activation:" + account + ":" + code))
	return hex.EncodeToString(sum[:])
}

// PrintActivation makes a code for a member of staff whose account somebody else
// opened, to be handed to him in person. Security administrators only; never for
// themselves, and never by who opened the account: who knows the first password
// does not get the code as well.
func (s *Service) PrintActivation(ctx context.Context, actor auth.Actor, account string) (WindowCode, error) {
	row, err := s.ForReset(ctx, actor, account)
	if err != nil {
		return WindowCode{}, err
	}
	a, err := s.Identity.ActivationOf(ctx, account)
	switch {
	case err != nil:
		return WindowCode{}, err
	case a.Vouched || row.Account.State != "active":
		return WindowCode{}, ErrNotFound
	case a.OpenedBy == actor.ID:
		return WindowCode{}, ErrOpener
	}
	code, shown, err := printedCode()
	if err != nil {
		return WindowCode{}, err
	}
	out := WindowCode{Name: row.Account.Name.ZH, Login: row.Account.Login, Code: shown, ExpiresAt: s.Clock.Now().Add(activationTTL)}
	return out, s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Identity.PutActivationCode(ctx, account, hashActivation(account, code), actor.ID, out.ExpiresAt); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "factor.activation_code", Object: "account:" + account})
	})
}

// Activation says what the owner of an account has to do before anything else:
// give it a password of his own, and with code type what a second person handed him.
func (s *Service) Activation(ctx context.Context, account string) (waits, code bool, err error) {
	a, err := s.Identity.ActivationOf(ctx, account)
	if err != nil {
		return false, false, err
	}
	if a.Vouched {
		return !a.Activated, false, nil
	}
	if code, err = s.Identity.NeedsVouching(ctx, account); err != nil {
		return false, false, err
	}
	return !a.Activated || code, code, nil
}

// Activate gives an account a password that only its owner knows. Where posts
// wait for it, the code of a second person is needed as well.
func (s *Service) Activate(ctx context.Context, from auth.Actor, account, code, password string) error {
	waits, needed, err := s.Activation(ctx, account)
	if err == nil && !waits {
		err = ErrNotFound
	}
	if err == nil {
		err = checkNew(password)
	}
	if err == nil {
		err = s.Throttle.Hit(ctx, "activate:"+account, tries, triesIn)
	}
	if err != nil {
		return err
	}
	a, err := s.Identity.ActivationOf(ctx, account)
	if err != nil {
		return err
	}
	code = typedCode(code)
	right := a.CodeHash != "" && s.Clock.Now().Before(a.CodeUntil) && subtle.ConstantTimeCompare([]byte(hashActivation(account, code)), []byte(a.CodeHash)) == 1
	if !right && (needed || code != "") {
		return ErrCode.At("code", ErrCode.Code)
	}
	who, err := s.Identity.Account(ctx, account)
	if err != nil {
		return err
	}
	switch same, err := s.Identity.SamePassword(ctx, account, password); {
	case err != nil:
		return err
	case same:
		return errInvalid.At("new_password", errSame.Code)
	}
	hash := identity.HashPassword(password)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Identity.Activated(ctx, account, a.Version, right); err != nil {
			return err
		}
		owner := auth.Actor{Kind: who.Kind, ID: who.ID, Name: who.Name.ZH, From: from.From, RequestID: from.RequestID}
		return s.setPassword(ctx, owner, hash, "", audit.Note{Action: "factor.activate", Change: map[string]any{"vouched": right}})
	})
}
