// Package files keeps what people hand in.
//
// A file's bytes are written once under their SHA-256 in the data folder
// (Put, outside any transaction, synced to disk before it returns); the row in
// files_file that gives them a name and an owner is written by Register in the
// transaction of the command that uses the file. Bytes without a row are
// orphans and swept after a day. Who may read a file is decided by the module
// whose object it belongs to, never here.
//
// # Invariants
//
//   - What a file is comes from its content, not from its name or the browser's word.
//   - Only the types of Accepted are stored; they are served as downloads under
//     that fixed type, so that nothing uploaded ever runs in our origin.
//   - With a scanner (Guard) nothing leaves that it has not found clean.
//   - With keys (Seal) nothing is written to the disk in clear, not even on its
//     way; what an older release wrote so is read on until Reseal has sealed it.
//   - A file may come in pieces (staging.go); what was acknowledged is on disk.
//   - Looking into a container reads a bounded part of it, whatever it claims to hold.
//   - The client's file name is a label: cleaned, cut to 120 characters, never part of a path.
package files

import "github.com/tongban/tongban/internal/kernel/errs"

// Errors about an upload.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "files.not_found")
	ErrEmpty     = errs.Define(errs.Invalid, "files.empty")
	ErrTooLarge  = errs.Define(errs.Invalid, "files.too_large") // param mb
	ErrType      = errs.Define(errs.Invalid, "files.type")      // content is none of the accepted types
	ErrDisguised = errs.Define(errs.Invalid, "files.disguised") // name says one thing, content another
)
