package idcode

import (
	"strings"
	"unicode"
)

// Verdict is what a check found.
type Verdict string

// The verdicts. The zero value is none of them, so it passes nothing.
const (
	Valid   Verdict = "valid"
	Invalid Verdict = "invalid"
	Confirm Verdict = "confirm" // breaks the standard but may be right: ask a person
)

// Reasons for a verdict other than Valid. They are message codes: the first rule
// that is broken is named.
const (
	ReasonEmpty       = "empty"
	ReasonLength      = "length"
	ReasonAlphabet    = "alphabet" // a character that cannot stand where it stands
	ReasonCheck       = "check"    // check character
	ReasonDivision    = "division" // unknown province
	ReasonDate        = "date"     // no such day
	ReasonPrefix      = "prefix"
	ReasonLevel       = "level"          // level digit of an item code
	ReasonHandle      = "handle"         // running number 00 of an item code
	ReasonAreaCode    = "area_code"      // missing or unknown
	ReasonEarlyPilot  = "early_pilot"    // confirm
	ReasonPlaceholder = "placeholder"    // confirm
	ReasonBody        = "body"           // confirm: credit code inside the code
	ReasonOld         = "old"            // confirm
	ReasonService     = "service_number" // confirm: 12345, 400 and the like
)

// Result is what a check says about a text.
type Result struct {
	Verdict    Verdict
	Reason     string // why it is not Valid
	Normalised string // the form to store
}

// OK reports whether the code may be used, given whether a person confirmed it.
func (r Result) OK(confirmed bool) bool {
	return r.Verdict == Valid || r.Verdict == Confirm && confirmed
}

func valid(s string) Result               { return Result{Valid, "", s} }
func invalid(s, reason string) Result     { return Result{Invalid, reason, s} }
func unconfirmed(s, reason string) Result { return Result{Confirm, reason, s} }

// normalise drops spaces, turns full-width characters (the default of Chinese
// input methods) into plain ones and small letters into capitals.
func normalise(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u200b', r == '\ufeff': // copied from pages
			return -1
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		default:
			return r
		}
	}, s))
}

// only reports whether s has no other characters than those of the alphabet.
func only(s, alphabet string) bool {
	return strings.Trim(s, alphabet) == "" // a character outside stops the trimming
}

const (
	digits   = "0123456789"
	alphanum = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// isProvince reports whether two digits begin a division code of GB/T 2260.
func isProvince(s string) bool {
	switch s {
	case "11", "12", "13", "14", "15", "21", "22", "23",
		"31", "32", "33", "34", "35", "36", "37",
		"41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54",
		"61", "62", "63", "64", "65", "71", "81", "82":
		return true
	default:
		return false
	}
}
