// Package certs keeps the register of certificates on file (电子证照): how one is
// changed, suspended or revoked, who used it and why, which papers nobody had
// to bring because of it, and when its end comes near. Package identity issues
// certificates and reads them for the engine.
//
//	issued by a decision (level A) ─▶ valid ⇄ suspended ─▶ revoked
//	taken in at a window (B)       ─▶ valid      a change: the next edition of the same row
//	uploaded by its holder (C)     ─▶ unchecked ─Check─▶ valid (B)
//	made by its holder (D)         ─▶ declared
//
// # Invariants
//
//   - What takes a right away (revoke, suspend, an end that comes sooner) waits for
//     a second person of the same department, who is not the first one.
//   - A change raises the edition, makes the identifier and the verification link
//     anew, and keeps what was before in identity_certificate_past: the old link
//     says that the certificate was replaced, and by what it does not say.
//   - Only a valid certificate spares a paper; what its holder uploaded or made
//     does not until a clerk held it against the original.
//   - Staff open a certificate outside a case only with a reason; every use is a
//     row that the holder reads, and no row is changed; the same person coming back
//     within half an hour for the same reason is the same use, which counts on. The
//     audit trail has each time.
//   - A paper counts as saved once for each case and material, and not at all when
//     the case was withdrawn or not accepted.
//
// Owns the tables identity_certificate_* and identity_proof_saved, ships the view
// identity_v_proof_saved.
package certs
