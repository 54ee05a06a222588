package cases

import (
	"slices"
	"time"

	"github.com/tongban/tongban/internal/platform/db"

	"github.com/tongban/tongban/internal/cases/moving"
	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/files"
)

// ID of a case.
type ID string

// State of a case.
type State string

// The states; see doc.go for the drawing.
const (
	Draft         State = "draft"
	Submitted     State = "submitted"
	Supplementing State = "supplementing"
	Refused       State = "refused"
	Handling      State = "handling"
	Decided       State = "decided"
	Delivered     State = "delivered"
	Withdrawn     State = "withdrawn"
	Revoked       State = "revoked" // granted once, undone since
)

// States lists every state in the order of a life.
var States = []State{Draft, Submitted, Supplementing, Refused, Handling, Decided, Delivered, Withdrawn, Revoked}

// Ended says that nothing more happens.
func (s State) Ended() bool { return s == Refused || s == Delivered || s == Withdrawn || s == Revoked }

// Outcome of a decision.
type Outcome string

// The outcomes.
const (
	Granted Outcome = "granted"
	Partly  Outcome = "partly" // granted in part; the rest is refused with reasons
	Denied  Outcome = "denied"
	Ended   Outcome = "ended" // no decision on the merits: what was asked for has become pointless
)

// Outcomes lists every outcome of a decision, in the order of a form.
var Outcomes = []Outcome{Granted, Partly, Denied, Ended}

// Grants says that the applicant got what he asked for, or part of it.
func (o Outcome) Grants() bool { return o == Granted || o == Partly }

// NeedsReason says that a decision with this outcome must say why (行政许可法
// art. 38): whatever is not granted.
func (o Outcome) NeedsReason() bool { return o != Granted }

// Channel by which a case came in.
type Channel string

// The channels.
const (
	Online Channel = "online"
	Window Channel = "window"
	API    Channel = "api"
	// ByAward: nobody applied for it, a public list gave it (Award).
	ByAward Channel = "award"
)

// Channels lists every channel.
var Channels = []Channel{Online, Window, API, ByAward}

// Collect says how the applicant wants the result.
type Collect string

// The ways to collect a result.
const (
	Electronic Collect = "electronic"
	AtWindow   Collect = "window"
	ByPost     Collect = "post"
)

// Case is one thing asked for.
type Case struct {
	ID              ID
	ParentID        ID     // of a step: the order that it belongs to, never changed; "" for none
	Bundle          bool   // an order: its steps are cases of their own
	Number          string // "" for a draft
	PickupCode      string // six digits on the receipt
	ItemID          string
	ItemVersionID   string
	ItemCode        string
	ItemName        i18n.Text
	DepartmentID    string // decides
	Region          string // owns the item
	Party           identity.Party
	AccountID       string // the person who acts
	FiledBy         string // who typed it
	Channel         Channel
	ReceivingRegion string
	HallID          string
	WindowID        string
	ReceiverID      string
	Collect         Collect
	State           State
	Outcome         Outcome
	Stage           string
	DataVersion     int
	NeedsApplicant  bool // something was asked for and not answered yet
	Paused          bool
	Provisional     bool // the deadline lies in a year whose holidays are not announced
	DueAt           time.Time
	StatutoryAt     time.Time
	WarnAt          time.Time
	YellowAt        time.Time
	RedAt           time.Time
	CreatedAt       time.Time
	SubmittedAt     time.Time
	AcceptedAt      time.Time
	DecidedAt       time.Time
	ClosedAt        time.Time
	UpdatedAt       time.Time
	VerifyAt        time.Time // by when what was promised is verified; zero when nothing is to be
	Version         int
	OfferedTo       string // the colleague who is asked to go on with it, "" for none
	CopiedFrom      ID     // the former case whose answers it began with
	LastSeq         int    // number of its last event

	Kept moving.Kept // limits of versions of its item that it stood on before; the earliest due day of all counts

	stored *[]db.Column // as the row was locked or last saved; nil: not known
}

// Light of the case at an instant: derived, never stored. A paused or ended
// case shows none.
func (c *Case) Light(now time.Time) workday.Light {
	at := now
	if !c.DecidedAt.IsZero() {
		at = c.DecidedAt
	}
	reached := func(t time.Time) bool { return !t.IsZero() && !at.Before(t) }
	switch {
	case c.AcceptedAt.IsZero() || c.Paused || c.State == Withdrawn || c.State == Refused:
		return workday.Normal
	case reached(c.RedAt):
		return workday.Red
	case reached(c.YellowAt):
		return workday.Yellow
	case c.DecidedAt.IsZero() && reached(c.WarnAt):
		return workday.Warning
	default:
		return workday.Normal
	}
}

// TaskState of a task.
type TaskState string

// The states of tasks.
const (
	TaskOpen      TaskState = "open"
	TaskDone      TaskState = "done"
	TaskSkipped   TaskState = "skipped"
	TaskCancelled TaskState = "cancelled"
)

// Task is one department's part in a stage.
type Task struct {
	ID           string
	CaseID       ID
	Stage        string
	Key          string
	Name         i18n.Text
	DepartmentID string
	Role         string
	Decides      bool
	State        TaskState
	AssigneeID   string
	DueAt        time.Time
	Result       string // "agree", "object"
	Opinion      string
	DoneBy       string
	DoneFor      string // whom a deputy who did it stood in for
	Kind         string // see catalogue.TaskKind, and KindMember
	ParentID     string // of the part of a member: the task that it belongs to
	BackTo       string // done once more for the desk with this task, which waits for it
	GroupID      string // the group of the department whose members it is for; "" for all with the role
	CreatedAt    time.Time
	DoneAt       time.Time
	Version      int

	stored *[]db.Column // as the row was read or last saved; nil: not known
}

// Event is one thing that happened to a case.
type Event struct {
	ID        string
	CaseID    ID
	Seq       int
	Command   Command
	ActorKind string
	ActorID   string
	ActorName string
	ActorRole string
	Place     i18n.Text
	At        time.Time
	Reason    string
	From, To  State
	Public    bool
	Detail    map[string]any
}

// Happened is published in the transaction of every command, once for each
// event it left. Case is the case as the whole command left it, so choose by
// Event.Command, not by Case.State: a decision that issues and delivers at once
// arrives three times with the state delivered. A command can be repeated after
// a rollback; what a reaction writes carries a unique key of its own.
type Happened struct {
	Case  Case
	Event Event
}

// Pause is one row of the clock's ledger.
type Pause struct {
	ID     string
	Kind   string
	Reason string
	From   time.Time
	To     time.Time // zero while open
	Until  time.Time // of a special procedure: its end as the applicant was told, zero where none was named
}

// PauseKinds are the reasons for which time does not count: waiting for the
// applicant, and the special procedures of 行政许可法 art. 45.
var PauseKinds = append([]string{"applicant"}, catalogue.Uncounted...)

// Extension is one granted prolongation, in working days.
type Extension struct {
	Days   int
	Reason string
	At     time.Time
}

// Point is one thing the applicant is asked for.
type Point struct {
	Kind   string `json:"kind"` // "material", "field", "other"
	Key    string `json:"key"`
	Reason string `json:"reason"`
}

// Request is what the applicant was asked for, once.
type Request struct {
	ID         string
	Kind       string // "supplement", "return"
	TaskID     string
	Points     []Point
	Note       string
	AskedAt    time.Time
	DueAt      time.Time // of a return: the first instant that is too late for an answer
	AnsweredAt time.Time

	overAt time.Time // the desk was told that nobody answered
}

// Decision on a case.
type Decision struct {
	Outcome   Outcome
	Text      i18n.Text
	Reason    string
	DecidedBy string
	DecidedAt time.Time
}

// Snapshot is what was submitted under one data version.
type Snapshot struct {
	DataVersion int
	Answers     map[string]any
	Materials   []MaterialState
	SubmittedAt time.Time
}

// How a material is satisfied.
type How string

// The ways a material is satisfied, and the ways it is not.
const (
	ByUpload      How = "upload"
	ByEarlier     How = "earlier"     // a paper given in another case of the same party
	ByCertificate How = "certificate" // on file: nothing to hand in
	ByCommitment  How = "commitment"
	BySight       How = "window" // a clerk has seen the paper
	Later         How = "later"  // tolerated: may follow
	NotGiven      How = "not_given"
	Missing       How = "missing"
)

// MaterialState is one material of a case as it stands.
type MaterialState struct {
	Key    string       `json:"key"`
	How    How          `json:"how"`
	Ref    string       `json:"ref,omitempty"`    // certificate number
	Reason string       `json:"reason,omitempty"` // why it was asked for again
	Files  []files.File `json:"files,omitempty"`
	Trust  paper.Level  `json:"trust,omitempty"` // of what satisfies it, "" while nothing does
	From   *Origin      `json:"from,omitempty"`  // of an earlier paper
	Until  string       `json:"until,omitempty"` // last day of the paper itself, an ISO date

	Material catalogue.Material `json:"-"`
	Check    *Check             `json:"-"` // who held the copy against its original
	Offers   []Offer            `json:"-"` // earlier papers that would do, in a form in hand
	Gap      *Gap               `json:"-"` // a tolerated one that has to come yet, or did
	Flaw     *errs.Error        `json:"-"` // what keeps a paper that is there from serving
	Barred   bool               `json:"-"` // a bad record: neither may it come later nor may it be promised
}

// View is a case with everything that belongs to it, as one reader may see it.
type View struct {
	Case
	Item       *catalogue.Item
	Tasks      []Task
	Events     []Event
	Pauses     []Pause
	Extensions []Extension
	Requests   []Request
	Decision   *Decision
	Answers    map[string]any  // of the last snapshot; empty for a draft
	Before     map[string]any  // of the snapshot before, to show what changed
	Materials  []MaterialState // as they stand now
	Dishonest  bool            // a bad record stands against the party, and the case is not accepted yet and leans on trust
	Gaps       []Gap           // tolerated materials, in the order of the item
	Can        []Command       // what the reader may do now
	Procedure  []Fact          // how the procedure of the item stands

	Facts map[string]TaskFacts // by task, for staff: inspections, publicities, files

	Steps     []Step // of the order that this case is, or belongs to
	Order     *Order // of a step: the order that it belongs to
	SeesOrder bool   // the reader may open it
}

// OpenRequest returns what the applicant has been asked for and not answered.
func (v *View) OpenRequest() (Request, bool) {
	if q := unanswered(v.Requests); q != nil {
		return *q, true
	}
	return Request{}, false
}

// unanswered is the request that waits for the applicant, nil when there is
// none; there is never more than one (index cases_request_open).
func unanswered(requests []Request) *Request {
	i := slices.IndexFunc(requests, func(q Request) bool { return q.AnsweredAt.IsZero() })
	if i < 0 {
		return nil
	}
	return &requests[i]
}

// May says whether the reader may give the command now.
func (v *View) May(c Command) bool { return slices.Contains(v.Can, c) }
