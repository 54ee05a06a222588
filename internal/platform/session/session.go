// Package session keeps sign-ins: a random token in a cookie, its SHA-256 and
// the account in table auth_session. The token is renewed at sign-in and at
// sign-out (session fixation), idle sessions end, and a stolen database holds
// no usable token, nor, with a ring of keys, anything of what a session keeps:
// a number that was typed, a name from elsewhere, the secret of a new app. A request that was under way when its session ended, however
// slow it is, does not bring it back.
//
// Between password and second factor a session is half signed in: it knows who
// has to show the factor, and is a visitor's to everything else. A signed-in
// session stands in its row with account, browser and address, so that its owner
// can list and end it from another device (mine.go).
package session

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

// CookieName of the session.
const CookieName = "tongban_session"

// Manager reads and writes sessions.
type Manager struct {
	scs *scs.SessionManager

	// OnSignIn, when set, runs after somebody signed in, under the session that
	// he had as a visitor: for what he collected there. Set it at start only.
	OnSignIn func(ctx context.Context, account string) error

	// AddressOf is where a request comes from; the edge sets it at start.
	AddressOf func(r *http.Request) string

	db    *db.DB
	clock clock.Clock
}

// Options of the cookie.
type Options struct {
	Idle   time.Duration
	Secure bool
	Seal   *seal.Ring // seals what sessions keep; nil leaves it in clear
}

// New returns a manager with its store in the database.
func New(d *db.DB, c clock.Clock, o Options) *Manager {
	m := scs.New()
	m.Store = &store{db: d, clock: c, seal: o.Seal}
	m.HashTokenInStore = true
	m.Lifetime = 12 * time.Hour // a working day and its evening; then sign in anew
	m.IdleTimeout = o.Idle
	m.Cookie.Name = CookieName
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = o.Secure
	m.Cookie.Persist = false
	return &Manager{scs: m, db: d, clock: c}
}

// Wrap loads the session before next and saves it after.
func (m *Manager) Wrap(next http.Handler) http.Handler {
	inner := m.scs.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, &request{http: r})))
	})
}

// requestKey leads to what a request is about.
type requestKey struct{}

// request is what of a request its session has to know when it is written.
type request struct {
	http  *http.Request
	found string // token, as stored, of the session that the request came with

	// Of a session that begins with this request.
	id, account, address string
	begun                time.Time
}

func requestOf(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// Account returns the account signed in, "" when nobody is.
func (m *Manager) Account(ctx context.Context) string { return m.scs.GetString(ctx, "account") }

// SignIn binds the session to an account under a new token.
func (m *Manager) SignIn(ctx context.Context, account string) error {
	if err := m.scs.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: renew: %w", err)
	}
	m.forgetHalf(ctx)
	now := m.clock.Now()
	m.scs.Put(ctx, "account", account)
	m.scs.Put(ctx, "id", ids.New(now))
	m.scs.Put(ctx, "begun", now.UnixMilli())
	m.describe(ctx)
	if m.OnSignIn != nil {
		if err := m.OnSignIn(ctx, account); err != nil {
			return err
		}
	}
	// What is left was kept for whoever sat here before: it must not count for another account.
	for _, name := range m.scs.Keys(ctx) {
		if strings.HasPrefix(name, keptPrefix) {
			m.scs.Remove(ctx, name)
		}
	}
	return nil
}

const keptPrefix = "kept."

// Keep keeps a small text for the visitor under a name, until somebody signs in or
// the session ends; "" forgets it.
func (m *Manager) Keep(ctx context.Context, name, value string) {
	if value == "" {
		m.scs.Remove(ctx, keptPrefix+name)
		return
	}
	m.scs.Put(ctx, keptPrefix+name, value)
}

// Kept returns what Keep kept, "" without.
func (m *Manager) Kept(ctx context.Context, name string) string {
	return m.scs.GetString(ctx, keptPrefix+name)
}

// SignOut ends the session.
func (m *Manager) SignOut(ctx context.Context) error {
	if err := m.scs.Destroy(ctx); err != nil {
		return fmt.Errorf("session: end: %w", err)
	}
	return nil
}

// Flash keeps a message for the next page; PopFlash takes it out. kv are
// parameters of its text, name and value in turn.
func (m *Manager) Flash(ctx context.Context, key string, kv ...string) {
	m.scs.Put(ctx, "flash", strings.Join(append([]string{key}, kv...), "\n"))
}

// PopFlash returns the message kept by Flash, once: the key and then the
// parameters, a line each.
func (m *Manager) PopFlash(ctx context.Context) string { return m.scs.PopString(ctx, "flash") }

type store struct {
	db    *db.DB
	clock clock.Clock
	seal  *seal.Ring
}

const purposeData = "auth_session.data"

// SealedColumns are the columns of this package that a new key is brought to.
func SealedColumns() []seal.Column {
	return []seal.Column{{Table: "auth_session", ID: "token", Row: "token", Text: "data", Purpose: purposeData}}
}

func (s *store) pack(token string, b []byte) string {
	text := base64.StdEncoding.EncodeToString(b)
	if s.seal == nil {
		return text
	}
	return s.seal.Seal(purposeData, token, text)
}

func (s *store) unpack(token, text string) ([]byte, error) {
	if s.seal != nil && seal.Sealed(text) {
		plain, err := s.seal.Open(purposeData, token, text)
		if err != nil {
			return nil, fmt.Errorf("session: open: %w", err)
		}
		text = plain
	}
	return base64.StdEncoding.DecodeString(text)
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
	b, err := s.unpack(token, data)
	if err != nil {
		return nil, false, err
	}
	if r := requestOf(ctx); r != nil {
		r.found = token
	}
	return b, true, nil
}

// CommitCtx writes a new session, or renews the one that the request came with
// if it has not ended meanwhile: signing out must hold against slow requests.
func (s *store) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	r, now := requestOf(ctx), s.clock.Now()
	if r == nil {
		r = &request{}
	}
	agent := ""
	if r.http != nil {
		agent = cut(r.http.UserAgent(), maxAgent)
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		if r.found == token {
			_, err := s.db.Exec(ctx, `UPDATE auth_session SET data=$2, expires_at=$3, seen_at=$4 WHERE token=$1`, token, s.pack(token, b), db.MS(expiry), db.MS(now))
			return err
		}
		_, err := s.db.Exec(ctx, `INSERT INTO auth_session (token, data, expires_at, id, account, agent, address, begun_at, seen_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at, seen_at = excluded.seen_at`,
			token, s.pack(token, b), db.MS(expiry), r.id, r.account, agent, r.address, db.MS(r.begun), db.MS(now))
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
