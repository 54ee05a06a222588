// Package identityweb shows the pages of package identity: signing in and up,
// the account and what is on file (我的账号、我的证照、企业档案), the public
// verification of certificates (证照核验), and the administration of staff, API
// clients and the audit log.
//
// # Invariants
//
//   - What was wrong at sign-in is never said, and a password is never shown again.
//   - Identity numbers and phones are shown masked, also to their owner.
//   - The verification page shows nothing beyond the paper: the name of a person masked.
//   - A new API token is shown once, on the answer to the form that asked for it.
package identityweb
