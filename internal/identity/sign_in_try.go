package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// WayPassword is how the audit trail and the list of sign-ins name the password.
const WayPassword = "password"

// keptTries is how long tries to sign in are kept (网络安全法 art. 21: six months at least).
const keptTries = 200 * 24 * time.Hour

// SignInTry is one try to sign in.
type SignInTry struct {
	At   time.Time
	OK   bool
	Ways []string // what was shown; of a failed try what was wrong
	From string   // network address
}

// SignIn is CheckPassword and NoteSignIn for an account that needs nothing but its password.
func (s *Service) SignIn(ctx context.Context, from auth.Actor, login, password string) (Account, error) {
	a, err := s.CheckSignIn(ctx, from, login, password)
	if err != nil {
		return Account{}, err
	}
	return s.NoteSignIn(ctx, from, a, WayPassword)
}

// CheckSignIn checks login (or phone, or identity number) and password and
// returns the account, which is not signed in by that. Ten wrong tries for one
// login, or fifty from one address, stop further tries for a quarter of an hour.
// What was wrong is never said, and a login that nobody has costs the same work.
func (s *Service) CheckSignIn(ctx context.Context, from auth.Actor, login, password string) (Account, error) {
	typed := strings.ToLower(strings.TrimSpace(login))
	a, found, err := s.store.accountToSignIn(ctx, typed)
	if err != nil {
		return Account{}, fmt.Errorf("identity: sign in: %w", err)
	}
	byLogin, byAddress := "sign-in:"+typed, "sign-in-from:"+from.From
	if found {
		byLogin = "sign-in:" + a.ID // one count for login, phone and identity number
	}
	if err := errors.Join(s.throttle.Hit(ctx, byAddress, 50, 15*time.Minute), s.throttle.Hit(ctx, byLogin, 10, 15*time.Minute)); err != nil {
		return Account{}, err
	}
	hash := ""
	if found && a.State == "active" {
		if hash, err = s.store.secret(ctx, a.ID); err != nil {
			return Account{}, fmt.Errorf("identity: sign in: %w", err)
		}
	}
	if !CheckPassword(hash, password) {
		return Account{}, errors.Join(ErrSignIn, s.NoteFailure(ctx, from, a.ID, WayPassword))
	}
	return a, errors.Join(s.throttle.Clear(ctx, byLogin), s.throttle.Forgive(ctx, byAddress))
}

// NoteSignIn writes down that somebody signed in, and what he showed. The
// account comes back with the sign-in before in SignedInAt.
func (s *Service) NoteSignIn(ctx context.Context, from auth.Actor, a Account, ways ...string) (Account, error) {
	now := s.clock.Now()
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.db.Exec(ctx, `UPDATE identity_account SET signed_in_at=$2 WHERE id=$1`, a.ID, db.MS(now)); err != nil {
			return err
		}
		if err := s.try(ctx, from, a.ID, true, ways); err != nil {
			return err
		}
		return s.audit.Record(ctx, auth.Actor{Kind: a.Kind, ID: a.ID, Name: a.Name.ZH, From: from.From, RequestID: from.RequestID},
			audit.Note{Action: "identity.sign_in", Object: "account:" + a.ID, Change: map[string]any{"ways": ways}})
	})
	return a, err
}

// NoteFailure writes down that a try failed; account is "" for a login that nobody has.
func (s *Service) NoteFailure(ctx context.Context, from auth.Actor, account, way string) error {
	return s.db.InTx(ctx, func(ctx context.Context) error { return s.try(ctx, from, account, false, []string{way}) })
}

func (s *Service) try(ctx context.Context, from auth.Actor, account string, ok bool, ways []string) error {
	now := s.clock.Now()
	_, err := s.db.Exec(ctx, `INSERT INTO identity_sign_in (id, account_id, at, ok, ways, address) VALUES ($1,$2,$3,$4,$5,$6)`,
		ids.New(now), account, db.MS(now), ok, strings.Join(ways, " "), from.From)
	return err
}

// SignIns are the last tries to sign in to the actor's own account, newest first.
func (s *Service) SignIns(ctx context.Context, actor auth.Actor, n int) ([]SignInTry, error) {
	out, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (t SignInTry, err error) {
		ways := ""
		err = r.Scan(db.Time{Time: &t.At}, &t.OK, &ways, &t.From)
		t.Ways = strings.Fields(ways)
		return t, err
	}, `SELECT at, ok, ways, address FROM identity_sign_in WHERE account_id=$1 AND account_id <> '' ORDER BY id DESC LIMIT $2`, actor.ID, n)
	if err != nil {
		return nil, fmt.Errorf("identity: sign-ins: %w", err)
	}
	return out, nil
}

// FailedSince counts failed tries on an account after an instant.
func (s *Service) FailedSince(ctx context.Context, account string, since time.Time) (int, error) {
	n, err := db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_sign_in WHERE account_id=$1 AND NOT ok AND at > $2`, account, db.MS(since))
	if err != nil {
		return 0, fmt.Errorf("identity: failed tries: %w", err)
	}
	return n, nil
}

// SweepSignIns deletes tries that have been kept long enough.
func (s *Service) SweepSignIns(ctx context.Context) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `DELETE FROM identity_sign_in WHERE at < $1`, db.MS(s.clock.Now().Add(-keptTries)))
		return err
	})
}

// ConfirmPassword asks the owner of an account for the password again, with as
// many tries as at signing in. The complaint stands at the field "password".
func (s *Service) ConfirmPassword(ctx context.Context, account, password string) error {
	a, err := s.Account(ctx, account)
	if err != nil {
		return err
	}
	return s.ownPassword(ctx, a, password)
}

// SamePassword says whether a password is the one that an account has.
func (s *Service) SamePassword(ctx context.Context, account, password string) (bool, error) {
	hash, err := s.store.secret(ctx, account)
	return err == nil && CheckPassword(hash, password), err
}

// SetPassword gives an account a new password, as HashPassword made it. It joins
// the transaction of ctx; who may do so, and what ends with the old one, is the
// caller's.
func (s *Service) SetPassword(ctx context.Context, account, hash string) error {
	n, err := s.db.Exec(ctx, `UPDATE identity_account SET password_hash=$2, version=version+1 WHERE id=$1 AND state='active'`, account, hash)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}
