package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/tongban/tongban/internal/platform/db"
)

// Load fills a database for measurements.
type Load struct {
	Cases     int    // how many in all, originals included
	Originals int    // cases that the engine lives through first; the rest are copies of them
	Seed      uint64 // the same seed gives the same cases
	Progress  func(done, total int)
}

// loadAtOnce copies go into one transaction.
const loadAtOnce = 500

// LoadCases fills the zone of the demonstration with cases: the engine lives
// through some, as for the demonstration, and the rest are copies of those made
// by cases.Loader. It goes on where an earlier call was stopped.
func (a *App) LoadCases(ctx context.Context, l Load) error {
	if err := a.seedOnce(ctx); err != nil {
		return err
	}
	l.Originals = min(l.Originals, l.Cases)
	if err := a.FillHistory(ctx, l.Originals, func(done, _ int) { l.Progress(done, l.Cases) }); err != nil {
		return err
	}
	text, err := a.setting(ctx, "load.done")
	if err != nil {
		return err
	}
	done, _ := strconv.Atoi(text)
	copies := l.Cases - l.Originals
	if done >= copies {
		return nil
	}
	if a.DB.Dialect() == db.SQLite { // of this connection, the only one that writes
		if _, err := a.DB.Pool().ExecContext(ctx, `PRAGMA cache_size=-400000`); err != nil {
			return fmt.Errorf("app: load: %w", err)
		}
	}
	loader, err := a.Cases.NewLoader(ctx, l.Seed)
	if err != nil {
		return err
	}
	for done < copies {
		to := min(done+loadAtOnce, copies)
		if err := a.DB.InTx(ctx, func(ctx context.Context) error {
			return errors.Join(loader.Write(ctx, done, to, copies), a.set(ctx, "load.done", strconv.Itoa(to)))
		}); err != nil {
			return err
		}
		done = to
		l.Progress(l.Originals+done, l.Cases)
	}
	return a.DB.Analyze(ctx)
}
