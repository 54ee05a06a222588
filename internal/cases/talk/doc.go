// Package talk is the conversation about a case (留言) between those who ask
// and those who handle it, and the canned texts of the departments (常用语).
//
//	message: written ──read by the other side──▶ read
//	            └──within two minutes, unread──▶ withdrawn
//	ask:     open ──reply──▶ answered ──reply withdrawn──▶ open
//	           └──no longer needed, or the question withdrawn──▶ dropped
//
// Who may take part stands in the table of rights of package cases
// (cases.Service.Voice). The two sides are read as one each: what one of those
// who act for a firm has read is read by the firm, what a desk has read is read
// by the office. A message moves no state and no clock and raises no version of
// the case: who is filling in a form is not disturbed by it. Internal notes are
// events of the case and never stand here.
//
// # Invariants
//
//   - A message is never changed; it is withdrawn by its author within two
//     minutes while nobody of the other side has read it, or stays.
//   - Sending the same form twice is sending it once (index on once).
//   - The row of the thread is locked before anything in it, so its counts agree
//     with its messages.
//   - A reader is told of a thread at most once in a quarter of an hour; what
//     came in between is told when the quarter is over, unless it was read.
//   - That somebody read stands with the message (read_at, read_by), not in the
//     audit trail; every message, withdrawal and dropped question stands in both.
//   - Thirty days after the end of a case the applicant's side can only read.
//
// # Boundaries
//
// Owns the tables cases_thread, cases_message, cases_message_file, cases_ask,
// cases_told and cases_phrase; cases reads the first and cases_ask for its
// lists. Tells by notify under the kinds of NoticeKinds.
package talk
