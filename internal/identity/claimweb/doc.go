// Package claimweb holds the pages on which somebody adds his firm, on which its
// owners and the department that keeps the register decide about it, where that
// department verifies firms by hand while the register does not answer, and, in
// a demonstration, the switch of its register.
package claimweb
