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
	Settled    State = "settled" // every answer is in
	Discarded  State = "discarded"
)

// Public says that everybody may read the list.
func (s State) Public() bool { return s == Published || s == Confirming || s == Settled }

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
	Note         string
	Version      int
}

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
)

// LineStates in the order of pages.
var LineStates = []LineState{Listed, Confirmed, Waiting, Declined, Lapsed, Struck, Unfit, Removed}

// Stands says that the firm gets the money as far as is known today.
func (s LineState) Stands() bool { return s == Listed || s == Confirmed }

// holds says that the line keeps the place of its firm: what is declined does.
func (s LineState) holds() bool { return s.Stands() || s == Waiting || s == Declined }

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
	Reason     string // why it was removed, waits, was struck or declined
	Kept       string // why it stays though the firm fits no more
	Bank       string
	Account    string
	AnsweredBy string
	AnsweredAt time.Time
	Version    int
	Stopped    bool // an objection is open
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
	return Tally{t[Listed].N + t[Confirmed].N, t[Listed].Sum + t[Confirmed].Sum}
}

// All lines.
func (t Tallies) All() (n int) {
	for _, x := range t {
		n += x.N
	}
	return n
}
