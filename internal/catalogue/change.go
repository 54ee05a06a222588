package catalogue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/db"
)

// ChangeKind says what happened to an item.
type ChangeKind string

// The kinds of changes. Created, updated and resumed items are there for
// everybody; suspended and withdrawn ones are not.
const (
	Created   ChangeKind = "created"
	Updated   ChangeKind = "updated"
	Halted    ChangeKind = "suspended"
	Restarted ChangeKind = "resumed"
	Withdrawn ChangeKind = "withdrawn" // for good; or its offer lapsed, or a step of the bundle is not there
)

// Shown says that the item can be seen after the change.
func (k ChangeKind) Shown() bool { return k == Created || k == Updated || k == Restarted }

// Change is one line of the feed from which other systems keep a copy of the
// catalogue.
type Change struct {
	Seq    int64 // without gaps in the order of commits
	ItemID string
	Code   string
	Kind   ChangeKind
	Number int // of the published version
	At     time.Time
}

// longestFeed bounds one page of the feed.
const longestFeed = 1000

// Changes returns what happened after the change with the number, oldest
// first, at most limit (1,000). Next of the result is "" at the end.
func (s *Service) Changes(ctx context.Context, after int64, limit int) (page.Result[Change], error) {
	if err := s.noteHidden(ctx); err != nil {
		return page.Result[Change]{}, fmt.Errorf("catalogue: changes: %w", err)
	}
	limit = min(max(limit, 1), longestFeed)
	rows, err := s.store.changes(ctx, `seq > $1 ORDER BY seq LIMIT $2`, after, limit+1)
	if err != nil {
		return page.Result[Change]{}, fmt.Errorf("catalogue: changes: %w", err)
	}
	return page.Cut(rows, limit, func(c Change) string { return strconv.FormatInt(c.Seq, 10) }), nil
}

// LastChanges returns the newest changes first.
func (s *Service) LastChanges(ctx context.Context, limit int) ([]Change, error) {
	if err := s.noteHidden(ctx); err != nil {
		return nil, fmt.Errorf("catalogue: last changes: %w", err)
	}
	rows, err := s.store.changes(ctx, `1=1 ORDER BY seq DESC LIMIT $1`, min(max(limit, 1), longestFeed))
	if err != nil {
		return nil, fmt.Errorf("catalogue: last changes: %w", err)
	}
	return rows, nil
}

// changeKey collects the changes of one transaction.
type changeKey struct{}

// told puts a change of an item on record with the transaction of ctx. A bundle
// that was put together for one order is nobody else's business.
func (s *Service) told(ctx context.Context, item Record, kind ChangeKind, number int, d Definition) error {
	if d.Bundle != nil && d.Bundle.Cart {
		return nil
	}
	return db.Batch(ctx, changeKey{}, Change{ItemID: item.ID, Code: item.Code, Kind: kind, Number: number, At: s.Clock.Now()}, s.store.insertChanges)
}

// noteHidden records what left, came back or changed without being told: an
// offer lapses by the day, a bundle goes and comes with its steps. The first
// reader of the feed after such a day or command writes it down. So the feed
// agrees with what is shown, whatever way that came about.
func (s *Service) noteHidden(ctx context.Context) error {
	now := s.Snapshot()
	if last, ok := s.noted.Load().(string); ok && last == now.Version() {
		return nil
	}
	stale := false
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		// Whoever publishes draws the numbers of his changes last: under this lock
		// either his generation can be seen here, or he comes after.
		if err := s.store.lockChanges(ctx); err != nil {
			return err
		}
		generation, err := s.store.generation(ctx)
		if err != nil {
			return err
		}
		if stale = generation != now.generation; stale {
			return nil
		}
		known, err := s.store.changes(ctx, `seq IN (SELECT MAX(seq) FROM catalogue_change GROUP BY item_id) ORDER BY seq`)
		if err != nil {
			return err
		}
		return s.store.insertChanges(ctx, now.untold(known, s.Clock.Now()))
	})
	if err == nil && !stale {
		s.noted.Store(now.Version())
	}
	return err
}

// untold is what differs between the last change of each item and what is
// shown, as changes of their own.
func (s *Snapshot) untold(known []Change, at time.Time) []Change {
	var out []Change
	told := map[string]bool{}
	for _, c := range known {
		told[c.ItemID] = true
		it := s.byID[c.ItemID]
		switch {
		case it == nil && c.Kind.Shown():
			c.Kind = Withdrawn
		case it != nil && !c.Kind.Shown():
			c.Kind, c.Number = Restarted, it.Version
		case it != nil && c.Number != it.Version:
			c.Kind, c.Number = Updated, it.Version
		default:
			continue
		}
		c.At = at
		out = append(out, c)
	}
	for _, it := range s.items {
		if !told[it.ID] {
			out = append(out, Change{ItemID: it.ID, Code: it.Code, Kind: Created, Number: it.Version, At: at})
		}
	}
	return out
}

func (s store) lockChanges(ctx context.Context) error {
	return s.db.ExecOne(ctx, `UPDATE catalogue_change_head SET last=last WHERE id=1`)
}

// insertChanges draws numbers and writes the changes; the lock of the head is
// held from here to the commit.
func (s store) insertChanges(ctx context.Context, all []Change) error {
	if len(all) == 0 {
		return nil
	}
	if err := s.db.ExecOne(ctx, `UPDATE catalogue_change_head SET last=last+$1 WHERE id=1`, len(all)); err != nil {
		return err
	}
	last, err := db.One(ctx, s.db.Read(ctx), db.Scalar[int64], `SELECT last FROM catalogue_change_head WHERE id=1`)
	if err != nil {
		return err
	}
	first := last - int64(len(all)) + 1
	for i, c := range all {
		if _, err := s.db.Exec(ctx, `INSERT INTO catalogue_change (seq, item_id, code, kind, number, at) VALUES ($1,$2,$3,$4,$5,$6)`,
			first+int64(i), c.ItemID, c.Code, c.Kind, c.Number, db.MS(c.At)); err != nil {
			return err
		}
	}
	return nil
}

func (s store) changes(ctx context.Context, where string, args ...any) ([]Change, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (c Change, err error) {
		return c, r.Scan(&c.Seq, &c.ItemID, &c.Code, &c.Kind, &c.Number, db.Time{Time: &c.At})
	}, `SELECT seq, item_id, code, kind, number, at FROM catalogue_change WHERE `+where, args...)
}

// LastVersion is the version of an item that is, or before it was suspended
// was, the published one.
func (s *Service) LastVersion(ctx context.Context, itemID string) (*Item, error) {
	id, ok, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT version_id FROM catalogue_item WHERE id=$1`, itemID)
	if err != nil {
		return nil, fmt.Errorf("catalogue: last version of %s: %w", itemID, err)
	}
	if !ok || id == "" {
		return nil, ErrNotFound
	}
	return s.Version(ctx, id)
}
