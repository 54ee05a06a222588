// Package seal keeps personal data unreadable in the database: text that is
// sealed under keys that lie elsewhere, and blind indexes to find it again.
//
// A [Ring] holds keys of two suites behind one interface ([Suite]): standard
// (AES-256-GCM, HMAC-SHA-256, SHA-256, Ed25519) and national (SM4-GCM, HMAC-SM3,
// SM3, SM2). One data key is written with; every one of the ring is read with, so
// that a new key or the other suite needs no standstill. Sealed text names suite
// and key: tb1.aes.k3f2a91.<base64url>. It is bound to a purpose and to a row:
// moved to another row or column it cannot be opened.
//
// A blind index is a keyed hash of a value in one form, for exact search and
// unique indexes: i51c0de.<22 characters>. It is cut to 128 bits: half as long as
// whole, and two of a thousand million values fall together with odds of 1 in 10^21,
// for nobody can look for such a pair without the key. It has keys of its own, so
// a new data key leaves it alone; while an index key is replaced, searches ask for
// the values under both.
//
// [Keeper] knows every column that holds sealed text. It seals what an older
// release wrote in clear, rewrites what an old key sealed, in small transactions
// while the site runs, and says what still uses a key; a key that something uses
// cannot be retired.
//
// Files are sealed in chunks that can be read each by itself ([Writer], [File]);
// what keeps them is a [Vault], which the Keeper sees to as well.
//
// # Invariants
//
//   - Keys are never in the database; seal_key names them with a fingerprint, so
//     that a start with the wrong file, or without it, is refused.
//   - The file of keys is made with 0600 and refused when others can read it.
//   - Every sealed text has a nonce of its own. A key may seal 2^32 texts
//     (NIST SP 800-38D 8.3), which no installation comes near; each file has a key
//     of its own.
//
// Owns tables seal_key and seal_column. Sources: GB/T 32907 (SM4), GB/T 32905
// (SM3), GB/T 32918 (SM2), GB/T 15852.2 (HMAC), NIST SP 800-38D.
package seal
