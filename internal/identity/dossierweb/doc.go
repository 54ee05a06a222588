// Package dossierweb holds the pages of the file of a firm (一企一档): for its
// own people, who read it and say what is missing or wrong; for staff who may
// read it; and the desk where a department settles what its registers keep.
package dossierweb
