// Package clock gives the time, always injected and always in whole
// milliseconds UTC, so that SQLite, PostgreSQL and Go agree on every instant.
//
// Nothing else in the house may call time.Now; a test sees to it.
package clock

import (
	"sync"
	"time"
)

// Clock tells the present instant.
type Clock interface {
	Now() time.Time
}

// System is the real clock.
type System struct{}

// Now returns the present instant in UTC, truncated to milliseconds.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Moved is a clock that stands still until it is moved: for tests and for
// running the engine over a past year. It may be used by many goroutines.
type Moved struct {
	mu sync.Mutex
	at time.Time
}

// At returns a clock that stands at t.
func At(t time.Time) *Moved { return &Moved{at: t.UTC().Truncate(time.Millisecond)} }

// Now returns where the clock stands.
func (m *Moved) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

// Set puts the clock to t, also backwards.
func (m *Moved) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = t.UTC().Truncate(time.Millisecond)
}

// Advance moves the clock by d and returns where it stands then.
func (m *Moved) Advance(d time.Duration) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = m.at.Add(d).Truncate(time.Millisecond)
	return m.at
}

// Millis is an instant as the database keeps it: unix milliseconds, 0 for
// "never".
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// FromMillis is the inverse of Millis.
func FromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
