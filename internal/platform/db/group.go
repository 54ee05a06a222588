package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// groupMost is how many transactions are committed together at most.
const groupMost = 64

// group commits together what several goroutines want to write at the same
// time to a SQLite database, which has one writer: while one group is being
// written the next gathers. Each transaction of a group runs in a savepoint of
// its own, one after the other, so that one that fails takes nothing with it
// but its own changes; all are acknowledged after the common commit. A
// transaction that finds nobody else waiting runs by itself, as it always did.
type group struct {
	mu      sync.Mutex
	leading bool // somebody writes
	waiting []*member
}

// member is one transaction of a group.
type member struct {
	ctx   context.Context //nolint:containedctx // of the call that waits
	fn    func(ctx context.Context) error
	state *txState
	lead  chan struct{} // closed: lead the next group
	done  chan struct{} // closed: err and panicked are final
	err   error
	panic any
}

var errLeaderGone = errors.New("db: the goroutine that wrote for this transaction ended; nothing was written")

// do runs fn in a transaction, perhaps together with those of others.
func (g *group) do(ctx context.Context, d *DB, fn func(ctx context.Context) error) error {
	m := &member{ctx: ctx, fn: fn, lead: make(chan struct{}), done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, m)
	if !g.leading {
		g.leading = true
		close(m.lead)
	}
	g.mu.Unlock()
	select {
	case <-m.lead:
		g.write(d, m)
	case <-m.done:
	case <-ctx.Done():
		if g.leave(m) {
			return fmt.Errorf("db: begin: %w", ctx.Err())
		}
		select { // too late: it is being written, or is to lead
		case <-m.done:
		case <-m.lead:
			g.write(d, m)
		}
	}
	if m.panic != nil {
		panic(m.panic)
	}
	if m.err != nil {
		return m.err
	}
	for _, f := range m.state.after {
		f()
	}
	return nil
}

// leave takes a member that has waited long enough out of the queue; false when
// it is not in it any more, or leads.
func (g *group) leave(m *member) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-m.lead:
		return false
	default:
	}
	for i, w := range g.waiting {
		if w == m {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// write leads one group, the caller among it, and hands the lead on.
func (g *group) write(d *DB, self *member) {
	g.mu.Lock()
	all := g.waiting
	if len(all) > groupMost {
		all = all[:groupMost:groupMost]
	}
	g.waiting = append([]*member(nil), g.waiting[len(all):]...)
	g.mu.Unlock()
	defer func() { // also when a test ends this goroutine from within a transaction
		g.mu.Lock()
		g.leading = len(g.waiting) > 0
		if g.leading {
			close(g.waiting[0].lead)
		}
		g.mu.Unlock()
		for _, m := range all {
			if m.state == nil && m.err == nil && m.panic == nil {
				m.err = errLeaderGone
			}
			close(m.done)
		}
	}()
	if len(all) == 1 && all[0] == self {
		self.alone(d, self.ctx)
		return
	}
	if err := d.together(all); err == nil {
		return
	}
	// The whole transaction fell: each once more by itself, so that the one at
	// fault is the only one to fail.
	for _, m := range all {
		if m.err == nil && m.panic == nil {
			m.state = nil
			m.alone(d, context.WithoutCancel(m.ctx))
		}
	}
}

// alone runs a member in a transaction of its own.
func (m *member) alone(d *DB, ctx context.Context) {
	ended := false
	defer func() {
		if !ended {
			m.state = nil // a panic, or the end of the goroutine
			m.panic = recover()
		}
	}()
	m.state, m.err = d.once(ctx, m.fn)
	ended = true
}

// together runs the members in savepoints of one transaction. An error means
// that nothing of it was written.
func (d *DB) together(all []*member) (err error) {
	ctx := context.WithoutCancel(all[0].ctx)
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	written := make([]*txState, len(all))
	ended := false
	defer func() {
		if err != nil || !ended {
			_ = tx.Rollback()
			return
		}
		for i, m := range all {
			m.state = written[i]
		}
	}()
	for i, m := range all {
		if m.err = m.ctx.Err(); m.err != nil {
			continue
		}
		if _, err := tx.ExecContext(ctx, `SAVEPOINT member`); err != nil {
			return err
		}
		state := &txState{tx: tx}
		// Without the cancellation of its own: an interrupted write would undo the
		// transaction of all.
		if m.within(context.WithValue(context.WithoutCancel(m.ctx), txKey{}, state), state) {
			written[i] = state
		} else if _, err := tx.ExecContext(ctx, `ROLLBACK TO member`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `RELEASE member`); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("db: commit: %w", translate(err))
	}
	ended = true
	return nil
}

// within runs a member and its last steps; true when they are to be kept.
func (m *member) within(ctx context.Context, state *txState) (keep bool) {
	defer func() {
		if !keep && m.err == nil {
			m.panic = recover()
		}
	}()
	if m.err = m.fn(ctx); m.err == nil {
		m.err = state.finish(ctx)
	}
	return m.err == nil
}
