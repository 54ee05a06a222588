// Package identity knows people (用户), firms (企业), authorisations (授权),
// departments, halls and windows (部门、大厅、窗口), posts (岗位), certificates on
// file (电子证照) and API clients.
//
//	visitor ──RegisterVisitor (at a window)──▶ account without password ──Activate──▶ active ──▶ closed
//	certificate: valid ──Revoke──▶ revoked; expired is derived from its last day
//
// # Invariants
//
//   - A person's account and a staff account are two accounts; posts make staff.
//   - An account acts for a firm only through a live row in identity_agent.
//   - A password is kept as argon2id (RFC 9106) and compared in constant time;
//     an unknown login costs as much as a wrong password.
//   - A certificate's number is unique within its type; its verification token
//     is random and shows nothing beyond what the paper shows.
//   - Identity numbers and phones leave this package masked, except to the
//     person, to a clerk who has typed them, and to a command that needs them.
//
// # Boundaries
//
// Owns the tables identity_*. Other modules may refer to identity_ rows by id
// and read departments, halls and regions through Directory, which is held in
// memory.
package identity
