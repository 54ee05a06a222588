// Package csvx makes cells of CSV files safe to open: what somebody typed into a
// name must not run as a formula on the machine of who opens the export.
package csvx

import (
	"regexp"
	"strings"
)

// dangerous begins a cell that a spreadsheet program would compute. East Asian
// editions take the wide signs too; a tab or line end in front is dropped by
// some, and what follows computed.
var dangerous = regexp.MustCompile(`^'*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}\t\r\n]`)

// Guard makes a cell harmless by a ' before it.
func Guard(s string) string {
	if dangerous.MatchString(s) {
		return "'" + s
	}
	return s
}

// GuardAll returns the cells of a row made harmless.
func GuardAll(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = Guard(c)
	}
	return out
}

// Unguard takes off what Guard put on.
func Unguard(s string) string {
	if strings.HasPrefix(s, "'") && dangerous.MatchString(s[1:]) {
		return s[1:]
	}
	return s
}
