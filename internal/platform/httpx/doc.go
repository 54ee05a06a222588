// Package httpx is the edge between HTTP and the services: the table of
// routes, the chain of middleware, and the one place where an error becomes a
// status, a page or a problem document (RFC 9457).
//
//	request id → log → recover → security headers → body limit → language →
//	session → actor → same-origin check → need of the route → handler → error page
//
// # Invariants
//
//   - Every route declares its need; a route without one stops the start.
//   - A handler writes nothing before it is sure to succeed: pages are rendered
//     to a buffer, so an error still gets its status.
//   - A POST that fails for lack of a session, or because the page was stale,
//     shows what was typed: nothing a person wrote is lost.
//   - What a refused request typed is read for that page only: its files are kept nowhere.
//   - The log holds no token, not even as part of an address.
//   - Only this package and the job runner log errors.
package httpx
