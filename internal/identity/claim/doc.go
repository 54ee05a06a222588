// Package claim is how somebody comes to act for a firm that he names by its
// credit code (添加企业).
//
//	the register says that he is the legal representative ──▶ owner, at once
//	open ──Decide──▶ accepted or rejected
//	waiting (the register does not answer; a firm without a file is opened unverified,
//	         and he acts for it for the time being)
//	  ──it says that it is he──▶ accepted
//	  ──it says that it is not he──▶ open with a power of attorney, rejected without; he acts no more
//	  ──a sheet, a program or people verified the firm──▶ open; he acts no more
//	  ──people rejected what he declared──▶ rejected; he acts no more
//	  ──the claim of somebody else was accepted──▶ open or rejected; he acts no more
//
// # Invariants
//
//   - Only who has the name and the identity number that the register has, and was
//     checked at a window or by a provider of single sign-on, is taken for the
//     legal representative. A number that was merely typed proves nothing.
//   - No answer says who the legal representative is, nor whether the typed number
//     is his: whoever is not proven is asked for a power of attorney in the same
//     words. Tries are counted by account and by firm.
//   - A claim to a firm that has an owner goes to its owners and to the desk, also
//     that of the legal representative.
//   - Nobody decides his own claim, nor one of somebody with his name or telephone.
//     An owner accepts alone; of the department two people do, one after the other.
//   - What somebody declared keeps nobody out: while a file is unverified, others are
//     heard with a power of attorney, whatever they say the firm is called.
//   - While a firm is unverified, or who filed for it is not proven, its cases go on
//     and are not decided (HoldOf).
//
// Owns identity_claim. Uses packages register (by way of dossier) and dossier,
// and the port Grants, which is package mandate.
package claim
