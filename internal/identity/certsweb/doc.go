// Package certsweb holds the pages of the register of certificates: what a
// holder sees of his own, and what staff find, open with a reason, change, take
// in at a window and answer for.
package certsweb
