// Package factorweb shows the second step of signing in (二次验证), and the page
// on which the owner of an account sees to its safety (账号安全): password, second
// factors, sessions, past sign-ins; and to security administrators who has set
// up what.
//
// # Invariants
//
//   - Between password and second factor the session is a visitor's to every
//     other page: it opens nothing.
//   - Secrets and recovery codes are shown once, on the answer to the form that
//     asked for them, and never cached.
//   - What weakens an account asks for its password again.
package factorweb
