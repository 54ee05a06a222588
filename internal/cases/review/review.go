package review

import "time"

// Answer of one member.
type Answer int

// The answers.
const (
	Silent Answer = iota // not yet
	Agreed
	Objected
)

// Part is one member's part.
type Part struct {
	Answer Answer
	Due    time.Time // of the member; zero for no limit of his own
}

// Joint counts the members who have not answered, and says whether the lead may
// close all the same: he may when the limit of each of them has run out. A
// member without a limit is waited for.
func Joint(parts []Part, now time.Time) (silent int, mayClose bool) {
	mayClose = true
	for _, p := range parts {
		if p.Answer != Silent {
			continue
		}
		silent++
		if p.Due.IsZero() || now.Before(p.Due) {
			mayClose = false
		}
	}
	return silent, mayClose
}

// Countersign says whether the signatures settle the matter: agreed as soon as
// enough have signed, refused as soon as too many have not for that still to
// come. need 0 asks for all.
func Countersign(parts []Part, need int) (settled, agreed bool) {
	if need <= 0 || need > len(parts) {
		need = len(parts)
	}
	signed, open := 0, 0
	for _, p := range parts {
		switch p.Answer {
		case Agreed:
			signed++
		case Silent:
			open++
		case Objected:
		}
	}
	switch {
	case signed >= need:
		return true, true
	case signed+open < need:
		return true, false
	}
	return false, false
}
