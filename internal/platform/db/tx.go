package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

type txKey struct{}

type txState struct {
	tx      *sql.Tx
	before  []func(ctx context.Context) error
	after   []func()
	batches map[any]any
	memo    map[any]any
}

func txFrom(ctx context.Context) *txState {
	t, _ := ctx.Value(txKey{}).(*txState)
	return t
}

// InTx runs fn in a transaction: a new one, or the one that ctx carries
// already. Only the outermost call commits. An error of fn, of a BeforeCommit
// hook or a panic rolls everything back. On PostgreSQL a serialisation failure
// or deadlock runs fn again, up to three times, and on SQLite so may the failure
// of a group (see group), so fn must not have effects outside the database.
func (d *DB) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if txFrom(ctx) != nil {
		return fn(ctx)
	}
	if d.group != nil {
		return d.group.do(ctx, d, fn)
	}
	for attempt := 0; ; attempt++ {
		state, err := d.once(ctx, fn)
		if err == nil {
			for _, f := range state.after {
				f()
			}
		}
		if err == nil || attempt == 3 || !retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(5<<attempt) * time.Millisecond):
		}
	}
}

// once runs fn and commits; what is to be done afterwards is left to the caller.
func (d *DB) once(ctx context.Context, fn func(ctx context.Context) error) (state *txState, err error) {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("db: begin: %w", err)
	}
	state = &txState{tx: tx}
	inner := context.WithValue(ctx, txKey{}, state)
	ended := false
	defer func() {
		if !ended { // a panic, or a test that ends its goroutine in here
			_ = tx.Rollback()
			return
		}
		if err != nil {
			if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
				err = errors.Join(err, fmt.Errorf("db: roll back: %w", rerr))
			}
		}
	}()
	err = fn(inner)
	if err == nil {
		err = state.finish(inner)
	}
	ended = true
	if err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("db: commit: %w", translate(err))
	}
	return state, nil
}

// finish runs the last steps inside the transaction.
func (t *txState) finish(ctx context.Context) error {
	for i := 0; i < len(t.before); i++ { // a hook may add hooks
		if err := t.before[i](ctx); err != nil {
			return err
		}
	}
	return nil
}

// BeforeCommit adds a step that runs last inside the transaction of ctx. Locks
// that many transactions share, such as the head of the audit chain, are taken
// there and so held for a moment only.
func BeforeCommit(ctx context.Context, f func(ctx context.Context) error) error {
	t := txFrom(ctx)
	if t == nil {
		return ErrNoTx
	}
	t.before = append(t.before, f)
	return nil
}

// Memo loads what several steps of one transaction read and none of them
// changes, once: the account that is told of three events of one command.
func Memo[T any](ctx context.Context, key any, load func(ctx context.Context) (T, error)) (T, error) {
	t := txFrom(ctx)
	if t == nil {
		return load(ctx)
	}
	if v, ok := t.memo[key].(T); ok {
		return v, nil
	}
	v, err := load(ctx)
	if err == nil {
		if t.memo == nil {
			t.memo = map[any]any{}
		}
		t.memo[key] = v
	}
	return v, err
}

// AfterCommit adds a step that runs once the transaction of ctx is committed,
// or at once when there is none: for waking live screens, never for effects
// that must happen (those are jobs).
func AfterCommit(ctx context.Context, f func()) {
	if t := txFrom(ctx); t != nil {
		t.after = append(t.after, f)
		return
	}
	f()
}

// Batch collects values under a key during the transaction of ctx and hands
// all of them to flush once, just before the commit.
func Batch[T any](ctx context.Context, key any, v T, flush func(ctx context.Context, all []T) error) error {
	t := txFrom(ctx)
	if t == nil {
		return ErrNoTx
	}
	if t.batches == nil {
		t.batches = map[any]any{}
	}
	all, ok := t.batches[key].(*[]T)
	if !ok {
		all = new([]T)
		t.batches[key] = all
		t.before = append(t.before, func(ctx context.Context) error {
			values := *all
			delete(t.batches, key) // a later hook that records again starts a new batch
			return flush(ctx, values)
		})
	}
	*all = append(*all, v)
	return nil
}
