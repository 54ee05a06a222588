package factor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Policy is of whom the installation asks a second factor.
type Policy string

// The policies.
const (
	Off    Policy = "off"    // of nobody; who has set one up is asked for it
	Staff  Policy = "staff"  // of all staff
	Admins Policy = "admins" // of system, security and audit administrators
)

// Policies lists every policy, for the check of the settings.
var Policies = []Policy{Off, Staff, Admins}

// Wants says whether the policy asks a second factor of somebody.
func (p Policy) Wants(actor auth.Actor) bool {
	switch p {
	case Staff:
		return actor.Kind == auth.Staff
	case Admins:
		return actor.Kind == auth.Staff && actor.Has(auth.SystemAdmin, auth.SecurityAdmin, auth.AuditAdmin)
	default:
		return false
	}
}

// Ways of signing in, as the list of sign-ins and the audit trail name them.
const (
	WayApp      = "app"      // a code of the app
	WayRecovery = "recovery" // a recovery code
	WayPasskey  = "passkey"
)

// Sessions ends sign-ins; the session manager does.
type Sessions interface {
	EndAll(ctx context.Context, account, keep string) error
}

// Links are the identities of single sign-on that open an account; package oidc has them.
type Links interface {
	// DropAll takes all of an account off, in the transaction of ctx.
	DropAll(ctx context.Context, account string) error
}

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Audit    *audit.Log
	Throttle *throttle.Throttle
	Seal     *seal.Ring
	Notify   *notify.Service
	Jobs     *jobs.Queue // nil: nobody finds a password again by a code that is sent
	Sessions Sessions
	Links    Links // nil: without single sign-on
	Policy   Policy
	BaseURL  string // passkeys are bound to its host
	Brand    string // how an app names the site
}

// Service is the use cases.
type Service struct {
	Deps
	store store
	web   *webauthn.WebAuthn // nil where the site has no name
}

// New wires the package.
func New(d Deps) (*Service, error) {
	web, err := relyingParty(d.BaseURL, d.Brand)
	if err != nil {
		return nil, fmt.Errorf("factor: passkeys: %w", err)
	}
	s := &Service{Deps: d, store: store{d.DB}, web: web}
	if d.Jobs != nil {
		jobs.Handle(d.Jobs, s.sendCode)
	}
	return s, nil
}

// State is what an account has set up.
type State struct {
	App      bool
	AppSince time.Time
	AppUsed  time.Time
	Codes    int // recovery codes left
	Passkeys []Passkey
}

// Any says whether there is a second factor.
func (s State) Any() bool { return s.App || len(s.Passkeys) > 0 }

// left is how many factors stay when one is taken off.
func (s State) left() int {
	n := len(s.Passkeys) - 1
	if s.App {
		n++
	}
	return n
}

// Of returns what an account has set up.
func (s *Service) Of(ctx context.Context, account string) (State, error) {
	var out State
	app, _, err := s.store.app(ctx, account)
	if err == nil {
		out.Codes, err = s.store.codesLeft(ctx, account)
	}
	if err == nil {
		out.Passkeys, err = s.store.passkeys(ctx, account)
	}
	if err != nil {
		return State{}, fmt.Errorf("factor: state: %w", err)
	}
	out.App, out.AppSince, out.AppUsed = app.secret != "", app.confirmedAt, app.usedAt
	return out, nil
}

// Step is what comes after the password.
type Step int

// The steps.
const (
	Done  Step = iota // nothing: signed in
	Ask               // show a second factor
	SetUp             // set one up, because the installation wants it
	Own               // give the account a password of one's own: somebody else opened it
)

// After says what an account has to do after its password.
func (s *Service) After(ctx context.Context, account string) (Step, error) {
	if waits, _, err := s.Activation(ctx, account); err != nil || waits {
		return Own, err
	}
	state, err := s.Of(ctx, account)
	if err != nil {
		return Done, err
	}
	if state.Any() {
		return Ask, nil
	}
	if s.Policy == Off || s.Policy == "" {
		return Done, nil
	}
	actor, err := s.Identity.Actor(ctx, account)
	if err == nil && s.Policy.Wants(actor) {
		return SetUp, nil
	}
	return Done, err
}

// mayDrop refuses to take the last factor off whom the installation asks for one.
func (s *Service) mayDrop(ctx context.Context, actor auth.Actor) error {
	state, err := s.Of(ctx, actor.ID)
	if err == nil && state.left() < 1 && s.Policy.Wants(actor) {
		return ErrLast
	}
	return err
}

// note writes an entry about the actor's own account, and tells the person.
func (s *Service) note(ctx context.Context, actor auth.Actor, action, news string, change any) error {
	if err := s.Audit.Record(ctx, actor, audit.Note{Action: action, Object: "account:" + actor.ID, Change: change}); err != nil {
		return err
	}
	return s.tell(ctx, actor.ID, news, nil)
}

// tell says to the owner of an account that something about its safety changed.
func (s *Service) tell(ctx context.Context, account, kind string, params map[string]any) error {
	return s.tellAt(ctx, account, kind, "/settings/security", params)
}

// tellAt is tell with the page that the person is led to.
func (s *Service) tellAt(ctx context.Context, account, kind, link string, params map[string]any) error {
	if s.Notify == nil {
		return nil
	}
	a, err := s.Identity.Account(ctx, account)
	if err != nil {
		return err
	}
	return s.Notify.Tell(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: a.Email}, notify.News{
		Key: kind + ":" + ids.New(s.Clock.Now()), Kind: kind, Params: params, Link: link, Class: notify.Progress, Legal: true,
	})
}

// Notices lists every kind of notice of this package; a test looks for the texts.
func Notices() []string {
	return []string{"factor_app_on", "factor_app_off", "factor_passkey_on", "factor_passkey_off", "factor_codes_new", "factor_code_used", "factor_reset", "factor_password_new", "factor_password_code", "factor_window_code", "factor_window_used", "factor_window_review"}
}

// Row is one account in the list of a security administrator.
type Row struct {
	Account identity.Account
	State   State
	Waits   bool // for its owner to show a code that a security administrator prints
}

// List shows staff with what they have set up, by login. Security administrators only.
func (s *Service) List(ctx context.Context, actor auth.Actor, query, after string, limit int) ([]Row, error) {
	if !actor.Has(auth.SecurityAdmin) {
		return nil, ErrForbidden
	}
	staff, err := s.Identity.Staff(ctx, actor, identity.StaffFilter{Query: query, After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]Row, len(staff))
	for i, x := range staff {
		out[i].Account = x.Account
		if out[i].State, err = s.Of(ctx, x.ID); err != nil {
			return nil, err
		}
		a, err := s.Identity.ActivationOf(ctx, x.ID)
		if err != nil {
			return nil, err
		}
		out[i].Waits = !a.Vouched && a.OpenedBy != actor.ID && x.ID != actor.ID && x.State == "active"
	}
	return out, nil
}

// ForReset returns a member of staff whose factors the actor may take off.
func (s *Service) ForReset(ctx context.Context, actor auth.Actor, account string) (Row, error) {
	if !actor.Has(auth.SecurityAdmin) {
		return Row{}, ErrForbidden
	}
	a, err := s.Identity.Account(ctx, account)
	if err != nil {
		return Row{}, err
	}
	if a.Kind != auth.Staff || a.ID == actor.ID {
		return Row{}, ErrNotFound
	}
	state, err := s.Of(ctx, a.ID)
	return Row{Account: a, State: state}, err
}

// Reset takes every second factor of a member of staff off, because it is lost,
// and ends his sessions. Security administrators only, never for themselves.
func (s *Service) Reset(ctx context.Context, actor auth.Actor, account, reason string) error {
	row, err := s.ForReset(ctx, actor, account)
	if err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < 5 || n > 200 {
		return errInvalid.At("reason", ErrReason.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		err := errors.Join(s.store.dropApp(ctx, account), s.store.dropCodes(ctx, account), s.store.dropPasskeys(ctx, account), s.Sessions.EndAll(ctx, account, ""))
		if err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{
			Action: "factor.reset", Object: "account:" + account, Reason: reason,
			Change: map[string]any{"app": row.State.App, "passkeys": len(row.State.Passkeys), "codes": row.State.Codes},
		}); err != nil {
			return err
		}
		return s.tell(ctx, account, "factor_reset", map[string]any{"who": actor.Name, "reason": reason})
	})
}
