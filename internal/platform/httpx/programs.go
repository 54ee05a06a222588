package httpx

import "net/http"

// Outer is the part of the chain that needs no route and no session, for an
// API whose routes stand elsewhere: request id, one line in the log, recovery
// from panics, security headers.
func (e *Edge) Outer(next http.Handler) http.Handler { return e.outer(next) }

// Meter measures handlers in the same figure as the pages; the name of a route
// is its pattern.
func (e *Edge) Meter() func(route string, next http.Handler) http.Handler {
	return newMetrics(e.Registry).measure
}

// Address is where a request comes from.
func (e *Edge) Address(r *http.Request) string { return e.address(r) }
