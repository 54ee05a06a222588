// Package sheets hands documents of cases out as PDF: to pages, which show them
// to people, and to the interface for programs. What a document says is made in
// package docs and kept by cases; here it gets its frame, the words around it in
// the language of the reader, and the note that lets the public verification
// know the file again.
package sheets
