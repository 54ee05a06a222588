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
//   - The secret of an app is kept sealed.
//   - A new password does not take second factors off, so whoever reads
//     somebody's mail does not have the account.
//   - Who is asked for a second factor by the installation cannot take the last one off.
//   - A security administrator takes the factors of a member of staff off, never
//     his own, with a reason; the person is told.
//   - A code from a window takes off every other key to the account as well: second
//     factors, links of single sign-on, proofs of addresses, sessions. Whoever had
//     taken the account before its owner came is out.
//   - Recovery answers the same, and does the same work, whether there is such an
//     account or not: what is sent leaves as a job.
//
// # Boundaries
//
// Owns the tables identity_totp, identity_recovery_code, identity_passkey and
// identity_password_code. Passwords and the list of sign-ins are package
// identity's.
package factor
