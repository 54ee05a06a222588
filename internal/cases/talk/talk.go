package talk

import (
	"context"
	"io"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/quota"
)

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "talk.not_found")
	ErrSilent    = errs.Define(errs.Forbidden, "talk.silent") // reads, but does not write
	ErrClosed    = errs.Define(errs.Conflict, "talk.closed")  // too long after the end, param days
	ErrNothing   = errs.Define(errs.Invalid, "talk.nothing")
	ErrLong      = errs.Define(errs.Invalid, "talk.long")      // param max
	ErrFiles     = errs.Define(errs.Invalid, "talk.files")     // param max
	ErrDue       = errs.Define(errs.Invalid, "talk.due")       // param days
	ErrNoAsk     = errs.Define(errs.Conflict, "talk.no_ask")   // the question was answered or dropped
	ErrEnded     = errs.Define(errs.Conflict, "talk.ended")    // nothing is asked about a case that has ended
	ErrTooLate   = errs.Define(errs.Conflict, "talk.too_late") // to withdraw: read, or two minutes are over
	ErrForbidden = errs.Define(errs.Forbidden, "talk.forbidden")
	ErrStale     = errs.Define(errs.Stale, "talk.stale")
	ErrPhrase    = errs.Define(errs.Invalid, "talk.phrase")
)

// Bounds of a conversation.
const (
	MaxText     = 2000             // characters of a message
	MaxFiles    = 5                // of a message
	MaxDue      = 60               // days from today for a reply
	Withdrawal  = 2 * time.Minute  // within which an unread message may be taken back
	Quiet       = 15 * time.Minute // a reader is told of a thread once in this time
	OpenAfter   = 30               // days after the end in which applicants may still write
	threadShown = 50               // messages on a page
)

// Deps of the conversation.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Cases    *cases.Service
	Identity *identity.Service
	Files    *files.Store
	Notify   *notify.Service
	Audit    *audit.Log
	Jobs     *jobs.Queue
	Quota    *quota.Book
}

// Service is the conversation. Its jobs are added by New.
type Service struct{ Deps }

// New wires the conversation.
func New(d Deps) *Service {
	s := &Service{d}
	jobs.Handle(d.Jobs, s.lookAgain)
	jobs.Handle(d.Jobs, func(ctx context.Context, _ remindArgs) error { return s.Remind(ctx) })
	jobs.Every(d.Jobs, 15*time.Minute, remindArgs{})
	return s
}

// Message is one message as a reader may see it.
type Message struct {
	ID          string
	Side        cases.Side
	AuthorID    string
	AuthorName  string // "" for the applicant's side when staff wrote it
	AuthorRole  string
	Place       i18n.Text
	Text        string // "" once withdrawn
	Answers     string // the question it answers
	WrittenAt   time.Time
	ReadAt      time.Time // by the other side
	WithdrawnAt time.Time
	Files       []files.File
	Ask         *Ask
	Mine        bool
	Withdrawal  bool // the reader may take it back now
}

// Ask is a reply that is waited for.
type Ask struct {
	MessageID string
	DueAt     time.Time // end of the day
	State     string    // open, answered, dropped
	ClosedAt  time.Time
}

// Open says that the reply is still waited for.
func (a *Ask) Open() bool { return a != nil && a.State == askOpen }

const (
	askOpen     = "open"
	askAnswered = "answered"
	askDropped  = "dropped"
)

// Thread is a conversation as a reader sees it.
type Thread struct {
	Case     cases.Case
	Voice    cases.Voice
	Writes   bool      // the reader may write now
	Asks     bool      // and ask for a reply
	Until    time.Time // after the end: until when applicants may write
	Messages []Message // oldest first
	Earlier  string    // there are more before: the id of the first one shown
}

// Upload is a file to go along.
type Upload struct {
	Name    string
	Content io.Reader
}

// Input is a message to write.
type Input struct {
	Text    string
	Files   []Upload
	Limit   int64  // bytes of one file
	Answers string // id of the question that it answers, "" for none
	ReplyBy string // of staff: a reply is wanted by this date (2026-03-05), "" for none
	Once    string // of the form that was filled in
}

// NoticeKinds lists every kind that is told; a test looks for the texts.
func NoticeKinds() []string {
	return []string{"talk_party", "talk_asked", "talk_staff", "talk_reminder", "talk_over", "talk_no_reply"}
}
