package factor

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Numbers of RFC 6238 that every app knows: SHA-1, six digits, thirty seconds.
const (
	period   = 30
	skew     = 1 // steps before and after that are taken, for clocks that go wrong
	digits   = otp.DigitsSix
	setUpTTL = 30 * time.Minute
)

var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// step is the number of the code that an app shows at an instant.
func step(at time.Time) int64 { return at.Unix() / period }

// match finds the step whose code was typed, near now and after last.
func match(secret, code string, now time.Time, last int64) (int64, bool) {
	code = strings.Join(strings.Fields(code), "")
	if len(code) != digits.Length() {
		return 0, false
	}
	at, found := int64(0), false
	for n := step(now) - skew; n <= step(now)+skew; n++ {
		// Every step is compared, so that the time taken tells nothing.
		ok, err := hotp.ValidateCustom(code, uint64(n), secret, hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1}) //nolint:gosec // after 1970
		if err == nil && ok && n > last && !found {
			at, found = n, true
		}
	}
	return at, found
}

// CodeAt is the code that an app with the secret shows; for demonstrations and tests.
func CodeAt(secret string, at time.Time) (string, error) {
	return hotp.GenerateCodeCustom(secret, uint64(step(at)), hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1}) //nolint:gosec // after 1970
}

// Pending is an app that is being set up. It lives where it was begun, in one
// session, and nowhere else: whoever has another session of the account, be it by
// theft, sees nothing of it and cannot put his own in its place.
type Pending struct {
	Secret string // base32, to be typed where there is no camera
	URI    string // otpauth://…, for the QR code
}

// BeginApp makes a new secret to set up an app with, sealed, for the session to
// keep. The password is asked for again.
func (s *Service) BeginApp(ctx context.Context, actor auth.Actor, password string) (kept string, err error) {
	if err := s.Identity.ConfirmPassword(ctx, actor.ID, password); err != nil {
		return "", err
	}
	return s.BeginAppAfterPassword(actor)
}

// BeginAppAfterPassword is BeginApp for who has typed the password just now, at
// signing in.
func (s *Service) BeginAppAfterPassword(actor auth.Actor) (kept string, err error) {
	raw := make([]byte, 20)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("factor: secret: %w", err)
	}
	return s.Seal.Seal(purposePending, actor.ID, fmt.Sprintf("%d %s", s.Clock.Now().UnixMilli(), secretText.EncodeToString(raw))), nil
}

// PendingApp returns the app that the actor is setting up, of what BeginApp gave
// to his session.
func (s *Service) PendingApp(ctx context.Context, actor auth.Actor, kept string) (Pending, error) {
	if kept == "" {
		return Pending{}, ErrNoPending
	}
	plain, err := s.Seal.Open(purposePending, actor.ID, kept)
	if err != nil {
		return Pending{}, ErrNoPending // begun by somebody else who sat here before
	}
	begun, secret := int64(0), ""
	if _, err := fmt.Sscanf(plain, "%d %s", &begun, &secret); err != nil || s.Clock.Now().Sub(time.UnixMilli(begun)) > setUpTTL {
		return Pending{}, ErrNoPending
	}
	a, err := s.Identity.Account(ctx, actor.ID)
	if err != nil {
		return Pending{}, err
	}
	q := url.Values{"secret": {secret}, "issuer": {s.Brand}, "algorithm": {"SHA1"}, "digits": {digits.String()}, "period": {fmt.Sprint(period)}}
	label := url.PathEscape(s.Brand + ":" + a.Name.ZH)
	return Pending{Secret: secret, URI: "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")}, nil
}

// ProveApp takes the first code of a new app and puts it into use. The recovery
// codes come back when there were none; they are not shown again.
func (s *Service) ProveApp(ctx context.Context, actor auth.Actor, kept, code string) ([]string, error) {
	p, err := s.PendingApp(ctx, actor, kept)
	if err != nil {
		return nil, err
	}
	if err := s.Throttle.Hit(ctx, "factor:"+actor.ID, tries, triesIn); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	at, ok := match(p.Secret, code, now, 0)
	if !ok {
		return nil, ErrCode.At("code", ErrCode.Code)
	}
	sealed := s.Seal.Seal(purposeSecret, actor.ID, p.Secret)
	var codes []string
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.confirm(ctx, actor.ID, sealed, at, now); err != nil {
			return err
		}
		n, err := s.store.codesLeft(ctx, actor.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			if codes, err = s.newCodes(ctx, actor.ID); err != nil {
				return err
			}
		}
		return s.note(ctx, actor, "factor.app_on", "factor_app_on", nil)
	})
	if err != nil {
		return nil, err
	}
	return codes, s.Throttle.Clear(ctx, "factor:"+actor.ID)
}

// SeedApp puts an app with a known secret into use: for demonstrations only,
// where everybody shall be able to try it.
func (s *Service) SeedApp(ctx context.Context, account, secret string) error {
	sealed := s.Seal.Seal(purposeSecret, account, secret)
	return s.DB.InTx(ctx, func(ctx context.Context) error { return s.store.confirm(ctx, account, sealed, 0, s.Clock.Now()) })
}

// DropApp takes the app off; without any second factor left the recovery codes go too.
func (s *Service) DropApp(ctx context.Context, actor auth.Actor, password string) error {
	state, err := s.Of(ctx, actor.ID)
	if err == nil && !state.App {
		err = ErrNotFound
	}
	if err == nil {
		err = s.mayDrop(ctx, actor)
	}
	if err == nil {
		err = s.Identity.ConfirmPassword(ctx, actor.ID, password)
	}
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.dropApp(ctx, actor.ID); err != nil {
			return err
		}
		if state.left() < 1 {
			if err := s.store.dropCodes(ctx, actor.ID); err != nil {
				return err
			}
		}
		return s.note(ctx, actor, "factor.app_off", "factor_app_off", nil)
	})
}

// Bounds of trying codes.
const (
	tries   = 10
	triesIn = 15 * time.Minute
)

// CheckCode takes a code of the app or a recovery code of an account that has
// shown its password, and says which of them it was. A code counts once.
func (s *Service) CheckCode(ctx context.Context, from auth.Actor, account, code string) (way string, err error) {
	key := "factor:" + account
	if err := s.Throttle.Hit(ctx, key, tries, triesIn); err != nil {
		return "", err
	}
	app, _, err := s.store.app(ctx, account)
	if err != nil {
		return "", fmt.Errorf("factor: check: %w", err)
	}
	if app.secret != "" {
		secret, err := s.Seal.Open(purposeSecret, account, app.secret)
		if err != nil {
			return "", err
		}
		if at, ok := match(secret, code, s.Clock.Now(), app.lastStep); ok {
			used := false
			err := s.DB.InTx(ctx, func(ctx context.Context) (err error) {
				used, err = s.store.use(ctx, account, at, s.Clock.Now())
				return err
			})
			if err != nil {
				return "", err
			}
			if used {
				return WayApp, s.Throttle.Clear(ctx, key)
			}
		}
	}
	ok, err := s.useCode(ctx, from, account, code)
	if err != nil {
		return "", err
	}
	if ok {
		return WayRecovery, s.Throttle.Clear(ctx, key)
	}
	if err := s.Identity.NoteFailure(ctx, from, account, WayApp); err != nil {
		return "", err
	}
	return "", ErrCode.At("code", ErrCode.Code)
}

// SignedIn completes a sign-in: what was shown is written down. It returns the
// account, with the sign-in before in SignedInAt, and the failed tries since.
func (s *Service) SignedIn(ctx context.Context, from auth.Actor, account string, ways ...string) (identity.Account, int, error) {
	a, err := s.Identity.Account(ctx, account)
	if err != nil {
		return a, 0, err
	}
	if a.State != "active" {
		return a, 0, identity.ErrSignIn
	}
	failed, err := s.Identity.FailedSince(ctx, account, a.SignedInAt)
	if err != nil {
		return a, 0, err
	}
	_, err = s.Identity.NoteSignIn(ctx, from, a, ways...)
	return a, failed, err
}
