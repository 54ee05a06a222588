// Package signup opens accounts of persons (注册) without telling anybody who has
// one already.
//
//	Ask ──▶ asked ──a job sends a code──▶ waits for it ──Finish──▶ account
//	            └──the number is taken: a message says so, no code──▶ ends after a quarter of an hour
//
// Invariants:
//   - Ask and Finish do the same work, answer the same and leave the same behind in
//     the browser, whether or not somebody has an account with the identity number
//     or the telephone. What differs is told in a short message only: to the
//     telephone that was typed, and to the holder of the account if his is another.
//   - The telephone of an account that was opened this way is proven. Somebody of
//     the same telephone keeps it as his login; the newcomer signs in with his
//     identity number.
//   - Five wrong codes, or a quarter of an hour, end the matter.
//   - Where no short message can be sent nothing can be told to the right person
//     alone: Open opens the account if it can, says the same if not, and leads to
//     signing in.
//
// Owns the table identity_sign_up.
package signup
