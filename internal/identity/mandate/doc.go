// Package mandate keeps who may act for a firm (授权), how far and how long, and
// which organisations act for it (委托中介机构).
//
//	authorisation: future ──its day comes──▶ in force ──its last day is over, or End──▶ over
//	invitation:    open ──Accept──▶ accepted; ──Decline──▶ declined; ──Recall──▶ recalled; ──7 days──▶ over
//	mandate:       in force ──End by either side, or its last day is over──▶ over
//
// # Invariants
//
//   - auth.Mandate.Covers is the one rule of how far somebody acts; a period is
//     asked for when somebody acts, so it ends without a job that would have to run.
//   - A firm keeps at least one owner. An owner has neither limits nor an end, and
//     nobody becomes one without saying yes himself.
//   - A manager appoints and ends agents; owners and managers are the owner's.
//   - Who acts by way of an organisation leads nothing: he appoints nobody and
//     gives nothing on, so there are no chains.
//   - An invitation is a secret of one person: kept as a hash, good once, for the
//     account with the name that it was made for. To everybody else it says nothing.
//
// Owns identity_agent (whose rows package identity reads to say who acts),
// identity_invitation, identity_mandate and identity_mandate_person.
package mandate
