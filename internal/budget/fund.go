package budget

import (
	"math"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
)

// Fund is money that a department may grant in a year.
type Fund struct {
	ID           string
	Key          string
	Name         i18n.Text
	DepartmentID string
	Year         int
	Total        money.Fen
	Reserved     money.Fen // asked for by accepted cases, or set aside for a list
	Granted      money.Fen
	Closed       bool
	Version      int
}

// Left is what can still be reserved or granted.
func (f Fund) Left() money.Fen { return f.Total - f.Reserved - f.Granted }

// EntryKind says what an entry of the ledger does.
type EntryKind string

// The kinds of entries.
const (
	EntryTotal   EntryKind = "total"   // the total was set, raised or cut
	EntryReserve EntryKind = "reserve" // a case was accepted, or a list released
	EntryRelease EntryKind = "release" // its reservation was given back, or went into a grant
	EntryGrant   EntryKind = "grant"   // a case, or a line of a list, was granted
	EntryReturn  EntryKind = "return"  // a grant was undone
)

// Entry is one line of the ledger of a fund.
type Entry struct {
	ID         string
	FundID     string
	Kind       EntryKind
	Key        string // of a Booking, "" of what a case or a total left
	Source     string // of a release that a grant made: the key of the reservation that it drew on
	CaseID     string
	CaseNumber string
	PartyName  i18n.Text
	Amount     money.Fen
	ByID       string
	ByName     string
	Reason     string
	At         time.Time
}

// Kind of procedure, as items name it.
const Kind = "subsidy"

// terms are what an item says of its subsidy.
type terms struct {
	fund  string
	field string
	scale float64   // yuan in one unit of the field
	most  money.Fen // 0 without a cap
}

// maxYuan bounds one amount: no fund of a zone is near it, and sums stay exact.
const maxYuan = 1e12

func readTerms(p catalogue.Procedure) (t terms, badParam, value string) {
	t = terms{fund: p.Param("fund"), field: p.Param("field"), scale: 1}
	switch u := p.Param("unit"); u {
	case "", "yuan":
	case "wan":
		t.scale = 10000
	default:
		return t, "unit", u
	}
	if s := p.Param("max"); s != "" {
		fen, err := money.Parse(s)
		if err != nil || fen <= 0 {
			return t, "max", s
		}
		t.most = fen
	}
	return t, "", ""
}

// asked is the amount that the answers ask for, no more than the cap.
func (t terms) asked(answers map[string]any) money.Fen {
	v, ok := answers[t.field].(float64)
	if !ok || v <= 0 || v*t.scale > maxYuan {
		return 0
	}
	fen := money.Fen(math.Round(v * t.scale * 100))
	if t.most > 0 {
		fen = min(fen, t.most)
	}
	return fen
}

// yuan writes an amount as the form of a decision proposes it.
func yuan(f money.Fen) string { return strconv.FormatFloat(float64(f)/100, 'f', -1, 64) }

// yuanOf writes a checked answer in yuan with its two decimals.
func yuanOf(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
