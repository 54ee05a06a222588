package privacy

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
)

// ErrAgain asks somebody without a password to sign in anew; the text is error.privacy.again.
var ErrAgain = errs.Define(errs.Conflict, "privacy.again")

// FreshSignIn is for how long a sign-in proves who somebody is who has no
// password here: by single sign-on.
const FreshSignIn = 10 * time.Minute

// Proof is what somebody shows, beside his session, before everything about him
// is handed out or his account is closed.
type Proof struct {
	Password   string
	SignedInAt time.Time // when the session began
}

// prove asks for the password, with as many tries as at signing in; the complaint
// stands at the field "password".
func (s *Service) prove(ctx context.Context, actor auth.Actor, p Proof) error {
	a, err := s.Identity.Account(ctx, actor.ID)
	switch {
	case err != nil:
		return err
	case a.HasSecret:
		return s.Identity.ConfirmPassword(ctx, a.ID, p.Password)
	case !s.Fresh(p.SignedInAt):
		return ErrAgain
	}
	return nil
}

// Fresh says whether a sign-in was so short a time ago that it proves who it was.
func (s *Service) Fresh(signedIn time.Time) bool {
	return !signedIn.IsZero() && s.Clock.Now().Sub(signedIn) < FreshSignIn
}
