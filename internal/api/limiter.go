package api

import (
	"sync"
	"time"
)

// PerMinute is how many requests a client may send in a minute.
const PerMinute = 600

// limiter counts the requests of each client in windows of a minute. It holds
// one entry for each client with a valid token, so it stays small.
type limiter struct {
	mu      sync.Mutex
	windows map[string]window
}

type window struct {
	from time.Time
	n    int
}

func newLimiter() *limiter { return &limiter{windows: map[string]window{}} }

// hit counts a request and returns how long to wait; 0 lets it pass.
func (l *limiter) hit(client string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.windows[client]
	if age := now.Sub(w.from); age >= time.Minute || age < 0 {
		w = window{from: now}
	}
	w.n++
	l.windows[client] = w
	if w.n <= PerMinute {
		return 0
	}
	return w.from.Add(time.Minute).Sub(now)
}
