package oidc

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/seal"
)

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound = errs.Define(errs.NotFound, "oidc.not_found")
	ErrAnswer   = errs.Define(errs.Invalid, "oidc.answer")        // not what was asked for, or not for us: never says which
	ErrAway     = errs.Define(errs.Unavailable, "oidc.away")      // the provider cannot be reached
	ErrTaken    = errs.Define(errs.Conflict, "oidc.taken")        // linked already, this way or that
	ErrOther    = errs.Define(errs.Conflict, "oidc.other")        // the identity is that of another person
	ErrNoNumber = errs.Define(errs.Conflict, "oidc.no_number")    // the provider did not tell whose identity it is
	ErrStaff    = errs.Define(errs.Forbidden, "oidc.staff")       // staff sign in with their own account
	ErrStranger = errs.Define(errs.Unauthorized, "oidc.stranger") // not linked, or linked to an account that is closed
)

const (
	flowTTL     = 10 * time.Minute
	strangerTTL = 15 * time.Minute

	purposeNumber = "oidc.stranger" // under which the number of a stranger is sealed
)

// WayProvider is how the list of sign-ins names this way.
const WayProvider = "provider"

// Deps of the package.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Identity  *identity.Service
	Audit     *audit.Log
	Seal      *seal.Ring
	Notify    *notify.Service
	Providers []Provider
	BaseURL   string
	// Client puts into a context with what client providers are asked.
	Client func(ctx context.Context) context.Context
}

// Service is the use cases.
type Service struct {
	Deps
	mu    sync.Mutex
	known map[string]*gooidc.Provider // what the providers say of themselves, by key
}

// New wires the package.
func New(d Deps) *Service {
	return &Service{Deps: d, known: map[string]*gooidc.Provider{}}
}

// Provider returns one by its key.
func (s *Service) Provider(key string) (Provider, error) {
	i := slices.IndexFunc(s.Providers, func(p Provider) bool { return p.Key == key })
	if i < 0 {
		return Provider{}, ErrNotFound
	}
	return s.Providers[i], nil
}

// discover asks a provider once what it can do. It is not asked while the house starts:
// a provider that is away keeps nobody from signing in otherwise.
func (s *Service) discover(ctx context.Context, p Provider) (*gooidc.Provider, error) {
	s.mu.Lock()
	found := s.known[p.Key]
	s.mu.Unlock()
	if found != nil {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	found, err := gooidc.NewProvider(s.Client(ctx), p.Issuer)
	if err != nil {
		return nil, ErrAway.Because(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[p.Key] = found
	return found, nil
}

func (s *Service) oauth(p Provider, at *gooidc.Provider) oauth2.Config {
	return oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.secret, Endpoint: at.Endpoint(), RedirectURL: s.BaseURL + "/sign-in/with/" + p.Key + "/back",
		Scopes: append([]string{gooidc.ScopeOpenID}, p.Scopes...),
	}
}

// Flow is what a session keeps while its owner is at the provider. It is judged
// once: the caller forgets it before.
type Flow struct {
	Provider string `json:"provider"`
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Until    int64  `json:"until"` // unix ms
	Next     string `json:"next,omitempty"`
	Link     string `json:"link,omitempty"` // account that is to be linked; "" to sign in
}

// Begin returns where to send the browser, and what to keep in its session.
func (s *Service) Begin(ctx context.Context, key, next, link string) (string, Flow, error) {
	p, err := s.Provider(key)
	if err != nil {
		return "", Flow{}, err
	}
	at, err := s.discover(ctx, p)
	if err != nil {
		return "", Flow{}, err
	}
	f := Flow{Provider: key, State: ids.Token(), Nonce: ids.Token(), Verifier: oauth2.GenerateVerifier(), Until: s.Clock.Now().Add(flowTTL).UnixMilli(), Next: next, Link: link}
	c := s.oauth(p, at)
	return c.AuthCodeURL(f.State, gooidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), f, nil
}

// Answer is what came back from a provider.
type Answer struct{ Provider, State, Code, Issuer string }

// Stranger is somebody whom a provider knows and we do not. It is kept in his
// session until he has shown the password of an account.
type Stranger struct {
	Provider string `json:"provider"`
	Issuer   string `json:"issuer"`
	Subject  string `json:"subject"`
	IDNumber string `json:"id_number,omitempty"` // sealed
	Next     string `json:"next,omitempty"`
	Until    int64  `json:"until"`
}

// Finish judges an answer.
func (s *Service) Finish(ctx context.Context, f Flow, a Answer) (Stranger, error) {
	p, err := s.Provider(a.Provider)
	if err != nil {
		return Stranger{}, err
	}
	if f.State == "" || f.Provider != a.Provider || a.Code == "" || s.Clock.Now().UnixMilli() > f.Until || subtle.ConstantTimeCompare([]byte(f.State), []byte(a.State)) != 1 {
		return Stranger{}, ErrAnswer
	}
	if a.Issuer != "" && a.Issuer != p.Issuer { // RFC 9207: another provider answered
		return Stranger{}, ErrAnswer
	}
	at, err := s.discover(ctx, p)
	if err != nil {
		return Stranger{}, err
	}
	ctx, cancel := context.WithTimeout(s.Client(ctx), 15*time.Second)
	defer cancel()
	c := s.oauth(p, at)
	token, err := c.Exchange(ctx, a.Code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		if _, refused := errors.AsType[*oauth2.RetrieveError](err); refused {
			return Stranger{}, ErrAnswer.Because(err)
		}
		return Stranger{}, ErrAway.Because(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := at.VerifierContext(s.Client(context.WithoutCancel(ctx)), &gooidc.Config{ClientID: p.ClientID, Now: s.Clock.Now}).Verify(ctx, raw)
	if err != nil {
		return Stranger{}, ErrAnswer.Because(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 || id.Subject == "" {
		return Stranger{}, ErrAnswer
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return Stranger{}, ErrAnswer.Because(err)
	}
	out := Stranger{Provider: p.Key, Issuer: id.Issuer, Subject: id.Subject, Next: f.Next, Until: s.Clock.Now().Add(strangerTTL).UnixMilli()}
	if number, ok := claims[p.IDNumberClaim].(string); ok && p.IDNumberClaim != "" {
		out.IDNumber = s.Seal.Seal(purposeNumber, id.Subject, number)
	}
	return out, nil
}

// AccountOf returns the account that an identity opens; ErrStranger when none.
func (s *Service) AccountOf(ctx context.Context, x Stranger) (identity.Account, error) {
	id, found, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT account_id FROM identity_oidc_link WHERE issuer=$1 AND subject=$2`, x.Issuer, x.Subject)
	if err != nil {
		return identity.Account{}, fmt.Errorf("oidc: account: %w", err)
	}
	if !found {
		return identity.Account{}, ErrStranger
	}
	a, err := s.Identity.Account(ctx, id)
	if err == nil && a.State != "active" {
		err = ErrStranger
	}
	if err != nil {
		return identity.Account{}, err
	}
	return a, s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.Exec(ctx, `UPDATE identity_oidc_link SET used_at=$3 WHERE issuer=$1 AND subject=$2`, x.Issuer, x.Subject, db.MS(s.Clock.Now()))
		return err
	})
}

// MayLink says whether an identity could be linked to an account.
func (s *Service) MayLink(ctx context.Context, account string, x Stranger) error {
	_, _, _, err := s.toLink(ctx, account, x)
	if err != nil {
		return err
	}
	taken, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_oidc_link WHERE issuer=$1 AND subject=$2 OR account_id=$3 AND provider=$4`, x.Issuer, x.Subject, account, x.Provider)
	if err == nil && taken > 0 {
		err = ErrTaken
	}
	return err
}

// toLink judges an identity against an account. Where a provider tells identity
// numbers, one that does not is refused: it would get round the comparison.
func (s *Service) toLink(ctx context.Context, account string, x Stranger) (a identity.Account, p Provider, number string, err error) {
	if x.Subject == "" || s.Clock.Now().UnixMilli() > x.Until {
		return a, p, "", ErrAnswer
	}
	if p, err = s.Provider(x.Provider); err != nil {
		return a, p, "", err
	}
	if a, err = s.Identity.Account(ctx, account); err != nil {
		return a, p, "", err
	}
	if a.Kind != auth.Person {
		return a, p, "", ErrStaff
	}
	if number, err = s.Seal.Open(purposeNumber, x.Subject, x.IDNumber); err != nil {
		return a, p, "", ErrAnswer.Because(err)
	}
	if p.IDNumberClaim == "" {
		return a, p, "", nil
	}
	if number == "" {
		return a, p, "", ErrNoNumber
	}
	if told := idcode.CheckResidentID(number).Normalised; told == "" || told != a.IDNumber {
		return a, p, "", ErrOther
	}
	return a, p, number, nil
}

// Link binds an identity to an account whose owner has just shown all the factors
// that it has. The owner is told.
func (s *Service) Link(ctx context.Context, from auth.Actor, account string, x Stranger) error {
	a, p, number, err := s.toLink(ctx, account, x)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_oidc_link (id, account_id, provider, issuer, subject, created_at, used_at) VALUES ($1,$2,$3,$4,$5,$6,0)`,
			ids.New(now), a.ID, x.Provider, x.Issuer, x.Subject, db.MS(now)); err != nil {
			if errors.Is(err, db.ErrDuplicate) {
				return ErrTaken
			}
			return err
		}
		if number != "" {
			if err := s.Identity.NoteRealName(ctx, a.ID, identity.RealProvider, p.Name); err != nil {
				return err
			}
		}
		who := auth.Actor{Kind: a.Kind, ID: a.ID, Name: a.Name.ZH, From: from.From, RequestID: from.RequestID}
		if err := s.Audit.Record(ctx, who, audit.Note{Action: "oidc.link", Object: "account:" + a.ID, Change: map[string]any{"provider": x.Provider, "real_name": number != ""}}); err != nil {
			return err
		}
		return s.tell(ctx, a, "oidc_linked", p)
	})
}

// Notices lists every kind of notice of this package; a test looks for the texts.
func Notices() []string { return []string{"oidc_linked", "oidc_unlinked"} }

// tell says to the owner of an account that another key to it was made, or taken away.
func (s *Service) tell(ctx context.Context, a identity.Account, kind string, p Provider) error {
	return s.Notify.Tell(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: a.Email}, notify.News{
		Key: kind + ":" + ids.New(s.Clock.Now()), Kind: kind, Params: map[string]any{"provider": p.Name.In(a.Locale)}, Link: "/settings/security", Class: notify.Progress, Legal: true,
	})
}

// Linked is one provider as the owner of an account sees it.
type Linked struct {
	Provider
	Since  time.Time // zero: not linked
	UsedAt time.Time
}

// Of lists the providers with what is linked to an account.
func (s *Service) Of(ctx context.Context, account string) ([]Linked, error) {
	type row struct {
		provider    string
		since, used time.Time
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.provider, db.Time{Time: &x.since}, db.Time{Time: &x.used})
	}, `SELECT provider, created_at, used_at FROM identity_oidc_link WHERE account_id=$1`, account)
	if err != nil {
		return nil, fmt.Errorf("oidc: links: %w", err)
	}
	out := make([]Linked, len(s.Providers))
	for i, p := range s.Providers {
		out[i].Provider = p
		for _, x := range rows {
			if x.provider == p.Key {
				out[i].Since, out[i].UsedAt = x.since, x.used
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Linked) int { return cmp.Compare(b.Since.Unix(), a.Since.Unix()) })
	return out, nil
}

// Unlink takes a link off; the password is asked for again.
func (s *Service) Unlink(ctx context.Context, actor auth.Actor, key, password string) error {
	if err := s.Identity.ConfirmPassword(ctx, actor.ID, password); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `DELETE FROM identity_oidc_link WHERE account_id=$1 AND provider=$2`, actor.ID, key)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "oidc.unlink", Object: "account:" + actor.ID, Change: map[string]any{"provider": key}}); err != nil {
			return err
		}
		p, err := s.Provider(key)
		if err != nil {
			return err
		}
		a, err := s.Identity.Account(ctx, actor.ID)
		if err != nil {
			return err
		}
		return s.tell(ctx, a, "oidc_unlinked", p)
	})
}

// DropAll takes every link of an account off, in the transaction of ctx; the caller
// writes it down and tells the owner.
func (s *Service) DropAll(ctx context.Context, account string) error {
	_, err := s.DB.Exec(ctx, `DELETE FROM identity_oidc_link WHERE account_id=$1`, account)
	if err != nil {
		return fmt.Errorf("oidc: drop: %w", err)
	}
	return nil
}

// Pack writes what a session keeps.
func Pack(v any) string {
	b, _ := json.Marshal(v) // plain structs of texts
	return string(b)
}

// UnpackFlow reads a flow; one that cannot be read is none.
func UnpackFlow(s string) (f Flow) {
	_ = json.Unmarshal([]byte(s), &f)
	return f
}

// UnpackStranger reads a stranger; one that cannot be read is none.
func UnpackStranger(s string) (x Stranger) {
	_ = json.Unmarshal([]byte(s), &x)
	return x
}
