package dossier

import (
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Source is who says a value.
type Source string

// The sources, in the order of how much their word counts while they differ.
const (
	Registry    Source = "registry"    // a register of an authority
	Certificate Source = "certificate" // a certificate on file
	Officer     Source = "officer"     // seen and verified by staff
	Declared    Source = "declared"    // the firm itself
	Computed    Source = "computed"    // reckoned from other facts when read
)

// Sources lists them all, those that count most first.
var Sources = []Source{Registry, Certificate, Officer, Declared, Computed}

// Verified says that an authority stands behind the source.
func (s Source) Verified() bool { return s == Registry || s == Certificate || s == Officer }

// State of a value.
type State string

// The states.
const (
	Present  State = "present"
	Agrees   State = "agrees"   // somebody else says the same as the present one
	Past     State = "past"     // replaced by a newer word
	Conflict State = "conflict" // differs from another verified source: a person decides
	Waiting  State = "waiting"  // declared against a verified one: a person decides
	Rejected State = "rejected" // a person decided against it
)

// Open says that somebody has to decide about the value.
func (s State) Open() bool { return s == Conflict || s == Waiting }

// Fact is one value that somebody said of a firm.
type Fact struct {
	ID       string
	Firm     string
	Key      string
	Year     int    // 0 when the fact is not yearly
	Value    string // canonical, see Def.Parse
	Source   Source
	Origin   string // which register; "" for the others
	Ref      string // where it came from: sheet:…, case:…, certificate:…, account:…
	Since    string // ISO date: the first day for which the source said so
	AsOf     string // ISO date: the last one
	Asked    bool   // declared against what was verified then
	Reason   string
	Paper    string // file that was handed in with it
	State    State
	Disputed bool // present, but there is an open conflict

	RecordedAt time.Time
	RecordedBy string // kind:id
	ByName     i18n.Text
}

// Slot is a place in the file of a firm.
type Slot struct {
	Key  string
	Year int
}

// Slot of the fact.
func (f Fact) Slot() Slot { return Slot{f.Key, f.Year} }

// Said is what a source says, without where and when: who repeats a rejected
// word says the same again.
type Said struct {
	Source Source `json:"source"`
	Origin string `json:"origin"`
	Value  string `json:"value"`
}

func (f Fact) said() Said { return Said{f.Source, f.Origin, f.Value} }

// voice is one who speaks: its newer word replaces its older one.
type voice struct {
	source Source
	origin string
}

func (f Fact) voice() voice { return voice{f.Source, f.Origin} }

// Decision of a person about what sources say differently.
type Decision struct {
	ID     string
	Firm   string
	Key    string
	Year   int
	Value  string
	Source Source // whose word was taken
	Origin string
	Not    []Said // what was rejected
	Reason string
	At     time.Time
	Day    string // ISO date of At
	By     string // account
	ByName i18n.Text
}

// rank of a source while sources differ; the smaller counts more.
func (s Source) rank() int {
	for i, x := range Sources {
		if s == x {
			return i
		}
	}
	return len(Sources)
}

// newer orders by the day for which a fact speaks, then by when it was recorded.
func newer(a, b Fact) int {
	if c := strings.Compare(a.AsOf, b.AsOf); c != 0 {
		return c
	}
	if c := a.RecordedAt.Compare(b.RecordedAt); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}
