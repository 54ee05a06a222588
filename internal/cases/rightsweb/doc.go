// Package rightsweb is the page that explains to an administrator why somebody
// may or may not do a thing: how the table of rights reads for a person and a
// case, and what a page asks of its readers. It decides nothing itself.
package rightsweb
