// Package privacy is what people may know and say about their own data, and what
// staff must say to see it whole.
//
// Staff read identity numbers, telephones and mail addresses masked. Who needs one
// whole opens it from the case on which he works, with a reason of a fixed list
// and words; that is limited by the hour, written into the audit trail, and shown
// to the person under 谁看过我的信息, together with each time that a clerk looked
// him up or opened his file at a window.
//
// A person can refuse suggestions that are made from his data (个保法 24);
// [Service.Allows] is what modules ask that make some.
//
// Somebody can have a copy of everything that is kept about him (copy.go): made by
// a job, fetched once, gone after three days. And he can have his account closed:
//
//	active ──AskLeave──▶ leaving ──a week──▶ closed: an id that names nobody
//	   ▲                    │
//	   └────────Stay────────┘   refused while a case runs, a firm would have no owner,
//	                                 a promise is not verified or a bad record counts
//
// What is asked of other modules for that stands in [Ports].
//
// # Invariants
//
//   - What cannot be seen masked cannot be revealed: somebody else's case is not found.
//
//   - Nothing is revealed whose entry in the audit trail did not commit.
//
//   - Nobody but the person reads who looked, or changes what he agreed to.
//
//   - A copy is handed over once, to its owner. He proves anew who he is before
//     one is made or handed over, and before his account is closed.
//
//   - What a case rests on is kept as long as the case, and no longer.
//
//   - Nothing about a closed account finds its way back: login, numbers, indexes,
//     second factors and sessions go in one transaction. The audit trail keeps
//     what it hashed; entries from then on name an id.
//
// Owns tables identity_consent, identity_data_copy and identity_leaving. Source: 个人信息保护法 (2021) articles 6, 17, 24, 44, 45, 47, 50.
package privacy
