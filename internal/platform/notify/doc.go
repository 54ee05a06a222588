// Package notify tells people: a feed inside the site always, and mail and
// short messages (SMS) as each reader wants them.
//
// Tell writes the message and its deliveries in the transaction of ctx and
// enqueues a job for each delivery; the job sends after the commit. The
// de-duplication key of a message names the news ("case:ID:SEQ:ACCOUNT"), so
// telling the same twice is telling it once.
//
//	delivery: waiting ──claimed──▶ sending ──taken──▶ sent ──report──▶ undelivered
//	             ▲                    ├──refused for now──▶ waiting … failed
//	             └──lease ran out─────┤
//	                                  └──refused for good──▶ bounced, told in the feed
//	          held ──digest──▶ digested
//
// # What holds
//
//   - No message for a change that was rolled back: message, deliveries and jobs
//     commit with it.
//   - None is lost: a delivery is a row with a due time, which a sweep finds when
//     its job is gone; what was given up stands in a list for administrators.
//   - One worker at a time has a delivery in hand (a lease of two minutes). An
//     attempt is written down before it is made: one that died with its worker
//     shows as unknown.
//   - Mail is sent at least once. It is repeated only when the process died, or
//     the connection broke, between the server's taking it and our noting it;
//     the copy has the same Message-ID, by which mail systems fold it.
//   - A short message carries the same idempotency key in every try, so a gateway
//     that honours it sends it once; what the gateway took is never tried again.
//   - A digest is made once for each person and period (primary key), also when
//     the process stood still over several periods: then once for all of them.
//   - A code (News.Secret) is kept sealed under the secret of the installation,
//     read by its delivery alone, and taken out once it has left or is over; no
//     list, no outbox and no administrator shows it.
//   - What the law wants told (News.Legal) leaves by at least one way, whatever
//     the reader switched off, and is never kept for a digest.
//
// Texts are notify.<kind>.title and notify.<kind>.body in the reader's
// language, filled from the parameters. Owns tables notify_* and the entry
// notify.secret of db_setting.
package notify
