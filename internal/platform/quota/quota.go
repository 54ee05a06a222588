package quota

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Kind of what is counted.
type Kind string

// The kinds. Bytes are counted beside Files.
const (
	Files    Kind = "files"
	Bytes    Kind = "bytes"
	Messages Kind = "messages"
	Drafts   Kind = "drafts"
)

// Kinds in the order shown.
var Kinds = []Kind{Files, Bytes, Messages, Drafts}

// What is over for today; param max (for bytes mb).
var (
	ErrFiles    = errs.Define(errs.TooMany, "quota.files")
	ErrBytes    = errs.Define(errs.TooMany, "quota.bytes")
	ErrMessages = errs.Define(errs.TooMany, "quota.messages")
	ErrDrafts   = errs.Define(errs.TooMany, "quota.drafts")
	// ErrForbidden is for who does not look after the installation.
	ErrForbidden = errs.Define(errs.Forbidden, "quota.forbidden")
)

// Limits of one account and day; 0 is none.
type Limits struct {
	Files, MB, Messages, Drafts int
	Staff                       int // times as much for staff and programs
}

// Of is the limit of a kind, of staff or not; 0 is none.
func (l Limits) Of(k Kind, staff bool) int64 {
	n := map[Kind]int64{Files: int64(l.Files), Bytes: int64(l.MB) << 20, Messages: int64(l.Messages), Drafts: int64(l.Drafts)}[k]
	if staff {
		n *= int64(max(l.Staff, 1))
	}
	return n
}

// Book counts.
type Book struct {
	Limits
	db    *db.DB
	clock clock.Clock
}

// New returns a book on the database.
func New(d *db.DB, c clock.Clock, l Limits) *Book { return &Book{Limits: l, db: d, clock: c} }

func many(k auth.Kind) bool { return k == auth.Staff || k == auth.Client }

func over(k Kind, limit int64) error {
	switch k {
	case Files:
		return ErrFiles.With("max", limit)
	case Bytes:
		return ErrBytes.With("mb", limit>>20)
	case Messages:
		return ErrMessages.With("max", limit)
	default:
		return ErrDrafts.With("max", limit)
	}
}

// Spend counts so many of a kind for an actor, or refuses them.
func (b *Book) Spend(ctx context.Context, a auth.Actor, k Kind, n int64) error {
	limit := b.Of(k, many(a.Kind))
	if a.Kind == auth.System || limit == 0 {
		return nil
	}
	if n > limit {
		return over(k, limit)
	}
	err := b.db.InTx(ctx, func(ctx context.Context) error {
		_, fits, err := db.Maybe(ctx, b.db.Write(ctx), db.Scalar[int64], `INSERT INTO quota_day (account_id, day, kind, staff, used) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (account_id, day, kind) DO UPDATE SET used = quota_day.used + excluded.used WHERE quota_day.used + excluded.used <= $6 RETURNING used`,
			a.ID, workday.DateOf(b.clock.Now()).String(), string(k), many(a.Kind), n, limit)
		if err == nil && !fits {
			err = over(k, limit)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("quota: %s: %w", k, err)
	}
	return nil
}

// Used is what an account took of a kind today.
type Used struct {
	AccountID string
	Kind      Kind
	Staff     bool
	Used      int64
}

// Most lists who took most today of what is limited, for administrators: each
// row is at least half of its limit.
func (b *Book) Most(ctx context.Context, a auth.Actor) ([]Used, error) {
	if !a.Has(auth.SystemAdmin) {
		return nil, ErrForbidden
	}
	var out []Used
	for _, k := range Kinds {
		for _, staff := range []bool{false, true} {
			limit := b.Of(k, staff)
			if limit == 0 {
				continue
			}
			list, err := db.List(ctx, b.db.Read(ctx), func(r db.Scanner) (u Used, err error) {
				return u, r.Scan(&u.AccountID, &u.Kind, &u.Staff, &u.Used)
			}, `SELECT account_id, kind, staff, used FROM quota_day WHERE day=$1 AND kind=$2 AND staff=$3 AND used >= $4 ORDER BY used DESC, account_id LIMIT 20`,
				workday.DateOf(b.clock.Now()).String(), string(k), staff, (limit+1)/2)
			if err != nil {
				return nil, fmt.Errorf("quota: most: %w", err)
			}
			out = append(out, list...)
		}
	}
	return out, nil
}

// kept is how long a day is remembered, for who asks what happened.
const kept = 30

// Sweep forgets old days.
func Sweep(ctx context.Context, d *db.DB, now time.Time) error {
	return d.InTx(ctx, func(ctx context.Context) error {
		_, err := d.Exec(ctx, `DELETE FROM quota_day WHERE day < $1`, workday.DateOf(now).AddDays(-kept).String())
		return err
	})
}
