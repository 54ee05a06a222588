// Package insight answers questions about all cases at once, for those who lead:
// how much, how fast, against promise and last period, how content (领导驾驶舱).
//
// # Invariants
//
//   - It writes nothing and owns no table.
//   - It reads the views that the owners ship (cases_v_fact, cases_v_credit,
//     feedback_v_rating, identity_v_proof_saved) and nothing else of other modules'
//     data; names come from catalogue and identity.
//   - What is counted is work: cases that stand by themselves and the steps of
//     orders (一件事). The orders are counted apart, so that nothing counts twice;
//     the lists behind the numbers show them, too, since their joint limit is watched.
//   - A leader's numbers cover the region of the post and what lies below it, a
//     head's those of the own department; nobody else gets any.
//   - A period and the one before it have the same number of days, so that they
//     can be compared on any day of a month.
//
// Times in days are working days from acceptance to decision, as in package
// workday; of several, the median, because a handful of forgotten cases spoils
// every mean.
package insight
