// Package certsheet sets a certificate on file as PDF: for its holder, and for
// who hands it over at a window.
//
// What lies over the sheet says how far it may be trusted, by the level of its
// type (国办函〔2016〕108号, A to D): issued by the authority itself, compared with
// the original once, to be compared before it is used, or the holder's own word.
// A certificate that is not valid says so across the sheet. The sheet is a copy:
// how the certificate stands says the public verification behind the code.
package certsheet
