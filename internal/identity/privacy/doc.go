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
// # Invariants
//
//   - What cannot be seen masked cannot be revealed: somebody else's case is not found.
//   - Nothing is revealed whose entry in the audit trail did not commit.
//   - Nobody but the person reads who looked, or changes what he agreed to.
//
// Owns table identity_consent. Source: 个人信息保护法 (2021) articles 6, 17, 24, 44, 45, 50.
package privacy
