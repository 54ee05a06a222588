// Package factor is what an account shows besides its password (二次验证): an app
// with one-time codes, passkeys (通行密钥), and recovery codes on paper; and how a
// password is changed or found again.
//
//	app:      none ──BeginApp──▶ pending ──ProveApp──▶ on ──DropApp──▶ none
//	passkey:  BeginPasskey ──FinishPasskey──▶ on ──DropPasskey──▶ gone
//	password: known ──ChangePassword / Recover──▶ new; all other sessions end
//
// # Invariants
//
//   - A one-time code counts once: neither it nor an earlier one is taken again
//     (RFC 6238 section 5.2), also not when two arrive at the same instant.
//   - An app counts only after a first code has proven it; setting up another does
//     not put the old one out of use before that.
//   - Recovery codes are shown once and kept as hashes; each opens one sign-in.
//   - The secret of an app is kept sealed. While it is set up it stands in the
//     session where that was begun, and in no other of the account.
//   - A code from a window stands beside one that was sent: nobody who types wrong
//     codes, or asks for another one, takes it from its owner. It is long enough
//     (sixty bits) to need no bound of tries; a sent one has eight digits and five.
//   - A new password does not take second factors off, so whoever reads
//     somebody's mail does not have the account.
//   - Who is asked for a second factor by the installation cannot take the last one off.
//   - A security administrator takes the factors of a member of staff off, never
//     his own, with a reason; the person is told.
//   - An account of staff that somebody else opened begins with a password of its
//     owner's own. Its posts that need a second person have no effect before he has
//     shown the code of a security administrator who did not open it: one
//     administrator is never two people.
//   - A code from a window takes off every other key to the account as well: second
//     factors, links of single sign-on, proofs of addresses, sessions. Whoever had
//     taken the account before its owner came is out, and the owner is asked to look
//     through what was granted from it.
//   - Recovery answers the same, and does the same work, whether there is such an
//     account or not: what is sent leaves as a job.
//
// # Boundaries
//
// Owns the tables identity_totp, identity_recovery_code, identity_passkey and
// identity_password_code. Passwords and the list of sign-ins are package
// identity's.
package factor
