package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// RealLevel is how surely an account is the person it says (实名等级).
type RealLevel string

// The levels, the weakest first.
const (
	RealTyped    RealLevel = "typed"    // name and number were typed at signing up
	RealPhone    RealLevel = "phone"    // and the telephone is proven
	RealWindow   RealLevel = "window"   // a clerk has looked at the identity card
	RealProvider RealLevel = "provider" // a provider of single sign-on named the identity number
)

var realLevels = []RealLevel{RealTyped, RealPhone, RealWindow, RealProvider}

// RealName is one thing that is known about who somebody is.
type RealName struct {
	Level  RealLevel
	Source i18n.Text // where it was checked, "" for what the person did himself
	At     time.Time
}

// NoteRealName writes down that an account was checked; the newest check of a
// level counts. It joins the transaction of ctx.
func (s *Service) NoteRealName(ctx context.Context, account string, level RealLevel, source i18n.Text) error {
	_, err := s.db.Exec(ctx, `INSERT INTO identity_real_name (account_id, level, source, at) VALUES ($1,$2,$3,$4)
		ON CONFLICT (account_id, level) DO UPDATE SET source=excluded.source, at=excluded.at`, account, string(level), db.ToJSON(source), db.MS(s.clock.Now()))
	return err
}

// RealNameOf lists what is known about who the owner of an account is, the
// surest first.
func (s *Service) RealNameOf(ctx context.Context, a Account) ([]RealName, error) {
	out, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (n RealName, err error) {
		return n, r.Scan(&n.Level, db.JSON[i18n.Text]{V: &n.Source}, db.Time{Time: &n.At})
	}, `SELECT level, source, at FROM identity_real_name WHERE account_id=$1`, a.ID)
	if err != nil {
		return nil, fmt.Errorf("identity: real name: %w", err)
	}
	if !a.PhoneProvenAt.IsZero() {
		out = append(out, RealName{Level: RealPhone, At: a.PhoneProvenAt})
	}
	out = append(out, RealName{Level: RealTyped, At: a.CreatedAt})
	slices.SortStableFunc(out, func(x, y RealName) int { return slices.Index(realLevels, y.Level) - slices.Index(realLevels, x.Level) })
	return out, nil
}

// windowOf is where a clerk sits, in words.
func (s *Service) windowOf(actor auth.Actor) i18n.Text {
	if posts := actor.PostsOf(auth.Clerk); len(posts) > 0 {
		return s.Directory().Place(posts[0])
	}
	return i18n.Text{}
}

// CheckedAtWindow notes that a clerk has looked at the identity card of the owner
// of an account. It joins the transaction of ctx.
func (s *Service) CheckedAtWindow(ctx context.Context, clerk auth.Actor, account string) error {
	return s.NoteRealName(ctx, account, RealWindow, s.windowOf(clerk))
}
