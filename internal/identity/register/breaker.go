package register

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
)

const (
	failuresAllowed = 3
	firstPause      = 15 * time.Second
	longestPause    = 5 * time.Minute
)

// Breaker spares a register that does not answer, and those who wait for it:
// after some failures in a row it is not asked for a while, then by one.
type Breaker struct {
	next  Register
	clock clock.Clock

	mu       sync.Mutex
	failures int
	pause    time.Duration // how long it is open now; 0: closed
	until    time.Time
	probing  bool
}

// NewBreaker guards a register.
func NewBreaker(next Register, c clock.Clock) *Breaker { return &Breaker{next: next, clock: c} }

// Look asks the register, or says at once that it does not answer.
func (b *Breaker) Look(ctx context.Context, uscc string) (Record, error) {
	if !b.enter() {
		return Record{}, ErrDown
	}
	answered := false
	defer func() { b.leave(ctx, answered) }() // also when the register panics
	r, err := b.next.Look(ctx, uscc)
	answered = err == nil || errors.Is(err, ErrUnknown)
	return r, err
}

// Open says that the register is not asked now.
func (b *Breaker) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pause > 0 && b.clock.Now().Before(b.until)
}

func (b *Breaker) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause == 0 {
		return true
	}
	if b.probing || b.clock.Now().Before(b.until) {
		return false
	}
	b.probing = true
	return true
}

func (b *Breaker) leave(ctx context.Context, answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	probe := b.probing
	b.probing = false
	switch {
	case answered:
		b.failures, b.pause = 0, 0
	case ctx.Err() != nil: // who asked went away: that says nothing of the register
	case probe:
		b.pause = min(2*b.pause, longestPause)
		b.until = b.clock.Now().Add(b.pause)
	default:
		if b.failures++; b.failures >= failuresAllowed && b.pause == 0 {
			b.pause = firstPause
			b.until = b.clock.Now().Add(b.pause)
		}
	}
}
