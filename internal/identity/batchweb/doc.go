// Package batchweb shows how sheets of certificates and of credit records are
// brought in: the form, the report of the check, the release.
package batchweb
