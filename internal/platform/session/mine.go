package session

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/tongban/tongban/internal/platform/db"
)

// maxAgent is how many bytes are kept of what a browser calls itself.
const maxAgent = 300

// halfTTL is how long somebody has for the second factor.
const halfTTL = 10 * time.Minute

// Session is one sign-in of an account, as its owner sees it.
type Session struct {
	ID      string
	Agent   string // what the browser calls itself
	Address string // where the sign-in came from
	BegunAt time.Time
	SeenAt  time.Time
}

// ID names the session of a request to its owner; "" for a visitor.
func (m *Manager) ID(ctx context.Context) string { return m.scs.GetString(ctx, "id") }

// BegunAt is when the owner of the session of a request signed in; zero for a visitor.
func (m *Manager) BegunAt(ctx context.Context) time.Time {
	if ms := m.scs.GetInt64(ctx, "begun"); ms > 0 {
		return time.UnixMilli(ms)
	}
	return time.Time{}
}

// List returns the live sessions of an account, the one last seen first.
func (m *Manager) List(ctx context.Context, account string) ([]Session, error) {
	out, err := db.List(ctx, m.db.Read(ctx), func(r db.Scanner) (s Session, err error) {
		return s, r.Scan(&s.ID, &s.Agent, &s.Address, db.Time{Time: &s.BegunAt}, db.Time{Time: &s.SeenAt})
	}, `SELECT id, agent, address, begun_at, seen_at FROM auth_session WHERE account=$1 AND account <> '' AND expires_at > $2 ORDER BY seen_at DESC, id DESC`, account, db.MS(m.clock.Now()))
	if err != nil {
		return nil, fmt.Errorf("session: list: %w", err)
	}
	return out, nil
}

// End ends one session of an account and says whether there was one.
func (m *Manager) End(ctx context.Context, account, id string) (bool, error) {
	return m.end(ctx, `account=$1 AND account <> '' AND id=$2`, account, id)
}

// EndAll ends every session of an account except the one with the id keep. It
// joins the transaction of ctx.
func (m *Manager) EndAll(ctx context.Context, account, keep string) error {
	_, err := m.end(ctx, `account=$1 AND account <> '' AND (id <> $2 OR $2 = '')`, account, keep)
	return err
}

func (m *Manager) end(ctx context.Context, where string, args ...any) (bool, error) {
	n := int64(0)
	err := m.db.InTx(ctx, func(ctx context.Context) (err error) {
		n, err = m.db.Exec(ctx, `DELETE FROM auth_session WHERE `+where, args...)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("session: end: %w", err)
	}
	return n > 0, nil
}

// Renew gives the session of a request a new token, after something that a
// thief of the old one must not profit from.
func (m *Manager) Renew(ctx context.Context) error {
	if err := m.scs.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: renew: %w", err)
	}
	m.describe(ctx)
	return nil
}

// describe prepares the row of a session that begins, or goes on under a new token.
func (m *Manager) describe(ctx context.Context) {
	r := requestOf(ctx)
	if r == nil {
		return
	}
	r.id, r.account, r.begun = m.ID(ctx), m.Account(ctx), time.UnixMilli(m.scs.GetInt64(ctx, "begun"))
	switch host, _, err := net.SplitHostPort(r.http.RemoteAddr); {
	case m.AddressOf != nil:
		r.address = m.AddressOf(r.http)
	case err == nil:
		r.address = host
	}
}

// Half is somebody who has shown a password and not yet the second factor.
type Half struct {
	Account string
	Ways    string // what was shown so far
	Next    string // where to go on afterwards
	SetUp   bool   // has no second factor, and has to set one up first
	Own     bool   // has to give the account a password of his own first
	Mark    string // of the password that the account had: who changes it ends this too
	Then    string // what is to be done once signed in, and not before
}

// SignInHalf notes who has to show a second factor, under a new token. To
// everything but that the session stays a visitor's.
func (m *Manager) SignInHalf(ctx context.Context, h Half) error {
	if err := m.scs.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: renew: %w", err)
	}
	m.scs.Remove(ctx, "account")
	m.scs.Remove(ctx, "id")
	m.scs.Remove(ctx, "begun")
	m.scs.Put(ctx, "half", h.Account)
	m.scs.Put(ctx, "half.ways", h.Ways)
	m.scs.Put(ctx, "half.next", h.Next)
	m.scs.Put(ctx, "half.set_up", h.SetUp)
	m.scs.Put(ctx, "half.own", h.Own)
	m.scs.Put(ctx, "half.mark", h.Mark)
	m.scs.Put(ctx, "half.then", h.Then)
	m.scs.Put(ctx, "half.until", m.clock.Now().Add(halfTTL).UnixMilli())
	return nil
}

// HalfOf returns who has to show a second factor in this session; false for
// nobody, or when it took too long.
func (m *Manager) HalfOf(ctx context.Context) (Half, bool) {
	h := Half{
		Account: m.scs.GetString(ctx, "half"), Ways: m.scs.GetString(ctx, "half.ways"), Next: m.scs.GetString(ctx, "half.next"), SetUp: m.scs.GetBool(ctx, "half.set_up"),
		Own: m.scs.GetBool(ctx, "half.own"), Mark: m.scs.GetString(ctx, "half.mark"), Then: m.scs.GetString(ctx, "half.then"),
	}
	return h, h.Account != "" && m.clock.Now().UnixMilli() < m.scs.GetInt64(ctx, "half.until")
}

func (m *Manager) forgetHalf(ctx context.Context) {
	for _, name := range []string{"half", "half.ways", "half.next", "half.set_up", "half.own", "half.mark", "half.then", "half.until"} {
		m.scs.Remove(ctx, name)
	}
}

// cut shortens a text to n bytes, without half a character, and without what a
// database does not take as text.
func cut(s string, n int) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r < ' ' || r == '\uFFFD' {
			continue
		}
		if n -= len(string(r)); n < 0 {
			break
		}
		out = append(out, r)
	}
	return string(out)
}
