// Package throttle counts tries in windows of time, in the database, so that
// a restart or a second process does not forget them.
package throttle

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/db"
)

// ErrTooMany says to wait; param minutes.
var ErrTooMany = errs.Define(errs.TooMany, "throttle.too_many")

// Throttle counts per key.
type Throttle struct {
	db    *db.DB
	clock clock.Clock
	hide  func(string) string
}

// New returns a throttle on the database.
func New(d *db.DB, c clock.Clock) *Throttle { return &Throttle{db: d, clock: c} }

// Hide keeps what follows the first colon of a key, which names what was typed
// or from where, under its keyed hash only. Call it before anything is counted.
func (t *Throttle) Hide(hash func(string) string) { t.hide = hash }

// kept is a key as the database holds it.
func (t *Throttle) kept(key string) string {
	kind, rest, ok := strings.Cut(key, ":")
	if t.hide == nil || !ok || rest == "" {
		return key
	}
	return kind + ":" + t.hide(rest)
}

// Hit counts one try under key and returns ErrTooMany from the try after max
// on, until the window that began with the first try is over. It commits on
// its own, so that a failing command does not take its try back; call it
// outside a transaction.
func (t *Throttle) Hit(ctx context.Context, key string, limit int, window time.Duration) error {
	now := t.clock.Now()
	type row struct {
		hits int
		end  time.Time
	}
	var r row
	err := t.db.InTx(ctx, func(ctx context.Context) (err error) {
		r, err = db.One(ctx, t.db.Write(ctx), func(s db.Scanner) (r row, err error) {
			return r, s.Scan(&r.hits, db.Time{Time: &r.end})
		}, `INSERT INTO throttle_window (key, hits, expires_at) VALUES ($1, 1, $2)
			ON CONFLICT (key) DO UPDATE SET
				hits = CASE WHEN throttle_window.expires_at <= $3 THEN 1 ELSE throttle_window.hits + 1 END,
				expires_at = CASE WHEN throttle_window.expires_at <= $3 THEN $2 ELSE throttle_window.expires_at END
			RETURNING hits, expires_at`, t.kept(key), db.MS(now.Add(window)), db.MS(now))
		return err
	})
	if err != nil {
		return fmt.Errorf("throttle: %w", err)
	}
	if r.hits > limit {
		return ErrTooMany.With("minutes", int((r.end.Sub(now)+time.Minute-1)/time.Minute))
	}
	return nil
}

// Clear forgets the tries under key, after a success.
func (t *Throttle) Clear(ctx context.Context, key string) error {
	return t.db.InTx(ctx, func(ctx context.Context) error {
		_, err := t.db.Exec(ctx, `DELETE FROM throttle_window WHERE key=$1`, t.kept(key))
		return err
	})
}

// Forgive takes one try back, after a success that says nothing about the
// other tries under the key: who knows one password must not wash away the
// guesses that came from the same address.
func (t *Throttle) Forgive(ctx context.Context, key string) error {
	return t.db.InTx(ctx, func(ctx context.Context) error {
		_, err := t.db.Exec(ctx, `UPDATE throttle_window SET hits = hits - 1 WHERE key=$1 AND hits > 0`, t.kept(key))
		return err
	})
}

// Sweep deletes windows that are over.
func Sweep(ctx context.Context, d *db.DB, now time.Time) error {
	return d.InTx(ctx, func(ctx context.Context) error {
		_, err := d.Exec(ctx, `DELETE FROM throttle_window WHERE expires_at <= $1`, db.MS(now))
		return err
	})
}
