// Package oidcweb shows signing in over a provider of single sign-on: the buttons
// on the sign-in page, the way there and back, and linking and unlinking on the
// page of account security.
//
// # Invariants
//
//   - What a session keeps of a flow is taken out before the answer is judged.
//   - A stranger is told the same whoever he is: show the password of an account,
//     or sign up.
//   - Where to go on is a path of this site.
package oidcweb
