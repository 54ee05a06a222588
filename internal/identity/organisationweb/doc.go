// Package organisationweb shows the pages of package organisation: a member of
// staff with his posts, the posts that wait for a second person, and how the
// departments are reached.
//
// # Invariants
//
//   - A button stands only where the service would obey it; the service asks again.
//   - All three administrators read these pages; the audit administrator changes nothing.
package organisationweb
