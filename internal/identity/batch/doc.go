// Package batch brings sheets of certificates and of credit records into the
// register (批量导入) in two steps: first it is said what each row would do, then
// somebody has it done.
//
//	upload ─▶ checking ─▶ checked ─Release─▶ taking ─▶ done
//	              └────────────────────────────┴─▶ failed (a file that cannot be read)
//
// # Invariants
//
//   - A sheet belongs to the department of who uploaded it; to everybody else it
//     is not found.
//   - Nothing is written before the release. Rows that are wrong are left out,
//     and each says at which cell and why.
//   - The same sheet once more changes nothing: a row is known by what its kind
//     says (number of a certificate, source and number of a credit record). What
//     is in the register otherwise is wrong, not overwritten.
//   - Where a kind says so, who uploaded a sheet does not release it.
//   - A holder whom nobody knows here, or whose identity nobody has seen, is
//     refused; no file and no account is opened by a sheet.
//   - One sheet holds at most MaxRows rows; memory holds one of them, the first
//     few hundred lines of the report, and the keys of the rows.
//
// What a row means is the business of the packages certs and credit, which hand
// over a Kind each. Owns the table identity_batch.
package batch
