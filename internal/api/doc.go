// Package api is the REST interface for programs, /api/v1: finding items,
// filing cases and following them, described by an OpenAPI 3.1 document.
//
//	request id → log → recover → measure → language → body limit → readable? →
//	token → rate → scope → shape → one call of a service → JSON
//
// # Invariants
//
//   - A token opens what its scopes name and nothing else; there are no cookies,
//     so no page of a stranger can act with them. Missing, wrong, revoked and
//     expired tokens are one answer.
//   - A client sees the cases it filed itself; any other is not found. The
//     services decide that, never this package.
//   - Every error is a problem document (RFC 9457) as httpx writes it: a code for
//     programs, a sentence in the reader's language, and where in the request.
//   - What comes in is UTF-8 without NUL and holds no field we do not know; what
//     goes out has instants with the offset +08:00 and money in yuan.
//   - The document and the page /api/docs are made from the operations
//     themselves, so they cannot say anything else than the program does.
//
// # Boundaries
//
// Owns no table. Uses identity (clients, files of firms, certificates), catalogue
// and cases.
package api
