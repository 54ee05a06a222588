// Package intakeweb shows imports of catalogue sheets to those who keep the
// catalogue: the upload, the report, the release by a second person, and the
// mappings with a preview.
package intakeweb
