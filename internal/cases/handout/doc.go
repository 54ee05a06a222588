// Package handout hands files of cases to staff: with words over them that say
// who took them, when, and for which case, and with a line in the audit trail.
// The stored file stays as it is; applicants get what they handed in.
package handout
