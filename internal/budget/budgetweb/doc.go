// Package budgetweb holds the pages of module budget: the funds that the reader
// sees, and one fund with its ledger, where a head changes the total.
package budgetweb
