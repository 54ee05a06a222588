// Package session keeps sign-ins: a random token in a cookie, its SHA-256 and
// the account in table auth_session. The token is renewed at sign-in and at
// sign-out (session fixation), idle sessions end, and a stolen database holds
// no usable token. A request that was under way when its session ended, however
// slow it is, does not bring it back.
package session

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
)

// CookieName of the session.
const CookieName = "tongban_session"

// Manager reads and writes sessions.
type Manager struct {
	scs *scs.SessionManager

	// OnSignIn, when set, runs after somebody signed in, under the session that
	// he had as a visitor: for what he collected there. Set it at start only.
	OnSignIn func(ctx context.Context, account string) error
}

// Options of the cookie.
type Options struct {
	Idle   time.Duration
	Secure bool
}

// New returns a manager with its store in the database.
func New(d *db.DB, c clock.Clock, o Options) *Manager {
	m := scs.New()
	m.Store = &store{db: d, clock: c}
	m.HashTokenInStore = true
	m.Lifetime = 12 * time.Hour // a working day and its evening; then sign in anew
	m.IdleTimeout = o.Idle
	m.Cookie.Name = CookieName
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = o.Secure
	m.Cookie.Persist = false
	return &Manager{scs: m}
}

// Wrap loads the session before next and saves it after.
func (m *Manager) Wrap(next http.Handler) http.Handler {
	inner := m.scs.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), foundKey{}, new(string))))
	})
}

// foundKey leads to the token, as stored, of the session that a request came with.
type foundKey struct{}

// Account returns the account signed in, "" when nobody is.
func (m *Manager) Account(ctx context.Context) string { return m.scs.GetString(ctx, "account") }

// SignIn binds the session to an account under a new token.
func (m *Manager) SignIn(ctx context.Context, account string) error {
	if err := m.scs.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: renew: %w", err)
	}
	m.scs.Put(ctx, "account", account)
	if m.OnSignIn == nil {
		return nil
	}
	return m.OnSignIn(ctx, account)
}

// Keep keeps a small text for the visitor under a name, as long as the session
// lasts; "" forgets it.
func (m *Manager) Keep(ctx context.Context, name, value string) {
	if value == "" {
		m.scs.Remove(ctx, "kept."+name)
		return
	}
	m.scs.Put(ctx, "kept."+name, value)
}

// Kept returns what Keep kept, "" without.
func (m *Manager) Kept(ctx context.Context, name string) string {
	return m.scs.GetString(ctx, "kept."+name)
}

// SignOut ends the session.
func (m *Manager) SignOut(ctx context.Context) error {
	if err := m.scs.Destroy(ctx); err != nil {
		return fmt.Errorf("session: end: %w", err)
	}
	return nil
}

// Flash keeps a message for the next page; PopFlash takes it out.
func (m *Manager) Flash(ctx context.Context, key string) { m.scs.Put(ctx, "flash", key) }

// PopFlash returns the message kept by Flash, once.
func (m *Manager) PopFlash(ctx context.Context) string { return m.scs.PopString(ctx, "flash") }

type store struct {
	db    *db.DB
	clock clock.Clock
}

// The interface without a context is never used: scs prefers the other one.
func (s *store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

func (s *store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s *store) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

func (s *store) DeleteCtx(ctx context.Context, token string) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `DELETE FROM auth_session WHERE token=$1`, token)
		return err
	})
}

func (s *store) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	data, ok, err := db.Maybe(ctx, s.db.Read(ctx), db.Scalar[string],
		`SELECT data FROM auth_session WHERE token=$1 AND expires_at > $2`, token, db.MS(s.clock.Now()))
	if err != nil || !ok {
		return nil, false, err
	}
	if found, in := ctx.Value(foundKey{}).(*string); in {
		*found = token
	}
	b, err := base64.StdEncoding.DecodeString(data)
	return b, err == nil, err
}

// CommitCtx writes a new session, or renews the one that the request came with
// if it has not ended meanwhile: signing out must hold against slow requests.
func (s *store) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		if found, in := ctx.Value(foundKey{}).(*string); in && *found == token {
			_, err := s.db.Exec(ctx, `UPDATE auth_session SET data=$2, expires_at=$3 WHERE token=$1`, token, base64.StdEncoding.EncodeToString(b), db.MS(expiry))
			return err
		}
		_, err := s.db.Exec(ctx, `INSERT INTO auth_session (token, data, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
			token, base64.StdEncoding.EncodeToString(b), db.MS(expiry))
		return err
	})
}

// Sweep deletes sessions that have run out.
func Sweep(ctx context.Context, d *db.DB, now time.Time) error {
	return d.InTx(ctx, func(ctx context.Context) error {
		_, err := d.Exec(ctx, `DELETE FROM auth_session WHERE expires_at <= $1`, db.MS(now))
		return err
	})
}
