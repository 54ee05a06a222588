// Package register is the port to the register of companies (市场主体登记): what
// it says of a firm with a credit code, or that it does not have it, or that it
// does not answer.
//
//	breaker: closed ──three failures in a row──▶ open ──its pause is over──▶ half-open
//	half-open ──the one probe succeeds──▶ closed; ──it fails──▶ open, twice as long
//
// # The service that is asked
//
//	GET <register-url>/<credit code>
//	Accept: application/json
//	Authorization: Bearer <register-token>      (when one is set)
//
//	200 {"uscc": "91371671MA3TB0009L", "as_of": "2026-11-20",
//	     "facts": {"name": "…", "legal_representative": "…", "region": "371671",
//	               "registered_on": "2018-05-11", "capital": "1000", "industry": "I6513", "address": "…"},
//	     "representative_id": "37…"}            (identity number, compared and never kept)
//	404 {"error": "unknown"}                    (the register has no such firm)
//
// The facts have the keys and units of dossier's vocabulary (money in 10,000
// yuan); what is not there is not said. Anything else, another credit code in
// the answer, or no answer within three seconds, counts as no answer: a register
// that is set up wrongly must not make firms unknown.
//
// Owns no table and knows nothing of files; package dossier asks it.
package register
