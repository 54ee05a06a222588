// Package audit keeps who did what, for whom, why and from where, in a chain
// of hashes that shows tampering.
//
// Record notes an entry in the transaction of ctx; the entries of one
// transaction are written together just before it commits, as links of one of
// sixteen chains (chosen by the first object touched), so that commands on
// different objects seldom wait for the same chain head.
//
// # Invariants
//
//   - An entry commits with the change that it speaks of, or not at all.
//   - hash(n) = SHA-256(hash(n-1) ‖ canonical form of entry n), or SM3 of it with "sm3:" before;
//     entries of both follow each other in one chain. seq counts up by one in each chain.
//   - The head of a chain names its last seq and hash: changing, removing or
//     reordering entries breaks a link, cutting the end off disagrees with the head.
//
// Owns tables audit_entry and audit_head. Source: 网络安全法 (2016) art. 21 asks
// for logs of at least six months; nothing here deletes.
package audit
