// Package personal is the one table of who sees which kind of personal datum
// whole, and where. Pages, lists, sheets, papers and programs ask it; none has a
// rule of its own. It reads nothing and keeps nothing: what somebody must say to
// see more than the table gives him is package privacy's.
//
// # Invariants
//
//   - A place that the table does not name shows the mask.
//   - What goes past many eyes (lists, sheets) shows nobody a number whole.
//   - Whoever may have a datum shown whole gives a reason each time.
//
// Source: 个人信息保护法 (2021) articles 6 and 51.
package personal

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Kind of personal datum.
type Kind string

// The kinds.
const (
	None     Kind = "" // tells of nobody
	IDNumber Kind = "id_number"
	Phone    Kind = "phone"
	Email    Kind = "email"
	Account  Kind = "account" // of a bank
	Name     Kind = "name"
	Address  Kind = "address" // of an office or a site
)

// Kinds in the order of pages.
var Kinds = []Kind{IDNumber, Phone, Email, Account, Name, Address}

// Place where a datum is shown to staff.
type Place string

// The places.
const (
	List  Place = "list"  // lists, searches, boards, and sheets made of them
	File  Place = "file"  // the page of one case, and papers made of it for the desk
	World Place = "world" // what anybody can read
)

// Places in the order of the table.
var Places = []Place{List, File, World}

// Reader is what the table asks of who reads the page of a case.
type Reader struct {
	Handles bool // the case is his to handle: he has to call and to write
	Pays    bool // he examines or decides in the department that pays to the account
}

// grade says who sees a datum whole.
type grade int

const (
	nobody grade = iota
	handles
	pays
	everybody
)

type rule struct {
	mask     func(string) string // "" for nothing left
	ofPerson bool                // tells of who fills in a form, not of his firm
	whole    map[Place]grade     // a place that is missing: nobody
	reveal   []auth.Role         // who may have it shown whole, for a reason
}

// table is that table; TestTheTable writes it out.
var table = map[Kind]rule{
	IDNumber: {mask: idcode.MaskID, ofPerson: true, reveal: []auth.Role{auth.Clerk, auth.Handler, auth.Approver}}, // compared with the card on the desk
	Phone: {
		mask: idcode.MaskPhone, ofPerson: true, whole: map[Place]grade{File: handles},
		reveal: []auth.Role{auth.Clerk, auth.Handler, auth.Approver, auth.Commissioner},
	},
	Email: {
		mask: idcode.MaskEmail, ofPerson: true, whole: map[Place]grade{File: handles},
		reveal: []auth.Role{auth.Clerk, auth.Handler, auth.Commissioner},
	},
	Account: {
		mask: idcode.MaskAccount, ofPerson: true, whole: map[Place]grade{File: pays},
		reveal: []auth.Role{auth.Handler, auth.Approver},
	},
	Name:    {mask: idcode.MaskName, whole: map[Place]grade{File: everybody}},
	Address: {mask: func(string) string { return "" }, whole: map[Place]grade{List: everybody, File: everybody}}, // an inspector has to find it
}

// Shown is a datum as a reader sees it at a place.
func Shown(k Kind, at Place, r Reader, value string) string {
	x, ok := table[k]
	if !ok || value == "" || Whole(k, at, r) {
		return value
	}
	return x.mask(value)
}

// Whole says that a reader sees a datum whole at a place.
func Whole(k Kind, at Place, r Reader) bool {
	x, ok := table[k]
	if !ok {
		return true
	}
	switch x.whole[at] {
	case everybody:
		return true
	case handles:
		return r.Handles
	case pays:
		return r.Pays
	default:
		return false
	}
}

// Mask is what is left of a datum for who sees no more of it.
func Mask(k Kind, value string) string { return Shown(k, World, Reader{}, value) }

var inText = regexp.MustCompile(`\b\d{17}[\dXx]\b|\b1[3-9]\d{9}\b|[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)

// MaskText masks the numbers of people that stand inside a text that somebody
// wrote freely: those of identity cards and mobiles, and addresses of mail. A
// number of 18 figures that is none of a person stays.
func MaskText(s string) string {
	return inText.ReplaceAllStringFunc(s, func(m string) string {
		switch {
		case strings.Contains(m, "@"):
			return Mask(Email, m)
		case len(m) == 11:
			return Mask(Phone, m)
		case idcode.CheckResidentID(m).OK(false):
			return Mask(IDNumber, m)
		default:
			return m
		}
	})
}

// OfPerson says that data of the kind tell of a person rather than of his firm.
func OfPerson(k Kind) bool { return table[k].ofPerson }

// MayReveal lists what an actor may have shown whole, for a reason.
func MayReveal(actor auth.Actor) []Kind {
	var out []Kind
	for _, k := range Kinds {
		if slices.ContainsFunc(table[k].reveal, func(r auth.Role) bool { return actor.Has(r) }) {
			out = append(out, k)
		}
	}
	return out
}
