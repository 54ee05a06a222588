// Package pushweb has the pages of push: what one clicks in a notice, the
// candidates of a clause for its department, and what firms were told for those
// who look after them.
package pushweb
