// Package notify tells people: a feed inside the site, and mail, each sent
// once and only for what was committed.
//
// Tell writes the message and its deliveries in the transaction of ctx and
// enqueues a job for each delivery; the job sends after the commit. The
// de-duplication key of a message names the news ("case:ID:event:SEQ:ACCOUNT"),
// so telling the same twice is telling it once.
//
//	delivery: waiting ──sent──▶ sent
//	             └──given up after the queue's last try──▶ failed
//
// # Invariants
//
//   - No message for a change that was rolled back.
//   - A delivery is marked sent in its own transaction right after the server
//     took it; a crash in that moment can repeat it once, with the same
//     Message-ID, so that mail systems fold the copy.
//
// Texts are notify.<kind>.title and notify.<kind>.body in the reader's
// language, filled from the parameters. Owns tables notify_*.
package notify
