// Package grantweb holds the pages of automatic grants: for the department that
// makes lists and pays them, for everybody while they are published, and for the
// firms on them.
package grantweb
