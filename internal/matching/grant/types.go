package grant

import (
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/policy"
)

// State of a batch.
type State string

// The states.
const (
	Drafted    State = "drafted"
	Checked    State = "checked"
	Published  State = "published"
	Confirming State = "confirming"
	Settled    State = "settled" // every answer is in; cases are made
	Paying     State = "paying"  // there is a payment list
	Paid       State = "paid"    // everybody on the list is paid
	Discarded  State = "discarded"
)

// public lists the states in which everybody may read the list, for SQL.
const public = `('published','confirming','settled','paying','paid')`

// Public says that everybody may read the list.
func (s State) Public() bool {
	return s == Published || s == Confirming || s.Closed()
}

// Closed says that the answers are closed.
func (s State) Closed() bool { return s == Settled || s == Paying || s == Paid }

// Answers says that firms can answer.
func (s State) Answers() bool { return s == Published || s == Confirming }

// Source is the document of a clause as a batch keeps it.
type Source struct {
	Key    string    `json:"key"`
	Number string    `json:"number"`
	Title  i18n.Text `json:"title"`
}

// Batch is a list of firms that get what a clause gives.
type Batch struct {
	ID           string
	ClauseID     string
	Key          string // of the clause
	Edition      int
	Clause       policy.Clause // as it was
	Source       Source
	DepartmentID string
	Region       string
	Period       string
	Day          string // ISO
	State        State
	Unknown      int // firms of which it could not be told
	Barred       int // firms that fit, and have what excludes it
	Applied      int // firms that fit, and have a case of the item
	DraftedBy    string
	DraftedAt    time.Time
	CheckedBy    string
	Hands        []string // accounts that drafted, moved, kept or checked
	CheckedAt    time.Time
	ReleasedBy   string
	ReleasedAt   time.Time
	ShownUntil   time.Time // first instant that is too late for an objection
	AnswerUntil  time.Time // first instant that is too late for an account
	RemindAt     time.Time
	RemindedAt   time.Time
	Reserved     money.Fen // what was set aside in the fund at the release
	AwardedAt    time.Time // when the last of the cases was made, or its fault known
	Note         string
	Version      int
}

// Fund that pays, "" when the clause names none.
func (b *Batch) Fund() string { return b.Clause.Benefit.Fund }

// Objectable says whether one can object.
func (b *Batch) Objectable(now time.Time) bool {
	return b.State == Published && now.Before(b.ShownUntil)
}

// LineState is how a line stands.
type LineState string

// The states of lines.
const (
	Listed    LineState = "listed"
	Waiting   LineState = "waiting"
	Removed   LineState = "removed"
	Unfit     LineState = "unfit"
	Struck    LineState = "struck"
	Declined  LineState = "declined"
	Lapsed    LineState = "lapsed"
	Confirmed LineState = "confirmed"
	Double    LineState = "double"  // the firm has the benefit already, by a case or another list
	PaidOut   LineState = "paid"    // the treasury has paid
	Bounced   LineState = "bounced" // the bank sent it back; the firm gives another account
	Clawed    LineState = "clawed"  // taken back
)

// LineStates in the order of pages.
var LineStates = []LineState{Listed, Confirmed, PaidOut, Bounced, Waiting, Declined, Lapsed, Struck, Double, Clawed, Unfit, Removed}

// Stands says that the firm gets the money as far as is known today, or has it.
func (s LineState) Stands() bool {
	return s == Listed || s == Confirmed || s == PaidOut || s == Bounced
}

// standing lists those states for SQL.
const standing = `('listed','confirmed','paid','bounced')`

// holds says that the line keeps the place of its firm: what is declined does, and
// what was taken back.
func (s LineState) holds() bool {
	return s.Stands() || s == Waiting || s == Declined || s == Clawed
}

// Cause is why the program lets a line wait, or left it out.
type Cause string

// The causes.
const (
	NoSum    Cause = "no_sum"   // the sum cannot be reckoned
	Unproven Cause = "unproven" // nobody has verified the firm
	Unknown  Cause = "unknown"  // a fact is missing: it cannot be told whether it fits
	HasCase  Cause = "has_case" // of the same item
	HasLine  Cause = "has_line" // on another list of the clause, or of one that excludes it
)

// Ground is a condition that a firm met, in words.
type Ground struct {
	Text i18n.Text `json:"text"`
	Own  i18n.Text `json:"own"`
}

// Line is what one firm gets.
type Line struct {
	ID         string
	BatchID    string
	Seq        int
	FirmID     string
	USCC       string
	Name       i18n.Text
	Sum        money.Fen
	Why        []Ground
	State      LineState
	Reason     string // why it was removed, waits, was struck, declined, bounced or taken back
	Cause      Cause
	Kept       string // why it stays though the firm fits no more
	Bank       string
	Account    string // only of the line that is read alone
	AnsweredBy string
	AnsweredAt time.Time
	Version    int
	Stopped    bool   // an objection is open
	CaseID     string // "" until its case is made
	CaseNumber string
	Fault      string // why no case could be made, a code
	ListID     string // the payment list that it stands on
	PaidOn     string // ISO
	Owed       money.Fen
	ClawedAt   time.Time
	Recovered  string // ISO date on which the money came back
}

// Objection to a line.
type Objection struct {
	ID         string
	BatchID    string
	LineID     string
	AccountID  string // "" once the account is closed
	Body       string
	At         time.Time
	Upheld     bool
	Answer     string
	AnsweredBy string
	AnsweredAt time.Time
}

// Open says that nobody has settled it.
func (o *Objection) Open() bool { return o.AnsweredAt.IsZero() }

// Tally counts the lines of a state and adds up what they get.
type Tally struct {
	N   int
	Sum money.Fen
}

// Tallies are the counts of a batch by state.
type Tallies map[LineState]Tally

// Standing is what is to be paid as far as is known today.
func (t Tallies) Standing() Tally {
	var out Tally
	for s, x := range t {
		if s.Stands() {
			out.N, out.Sum = out.N+x.N, out.Sum+x.Sum
		}
	}
	return out
}

// Given is how many firms gave an account, and still get the money or have it.
func (t Tallies) Given() int { return t[Confirmed].N + t[PaidOut].N + t[Bounced].N }

// All lines.
func (t Tallies) All() (n int) {
	for _, x := range t {
		n += x.N
	}
	return n
}
