package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Errors of the package; the texts are error.privacy.*.
var (
	ErrNotFound  = errs.Define(errs.NotFound, "privacy.not_found")
	ErrForbidden = errs.Define(errs.Forbidden, "privacy.forbidden")
	ErrInvalid   = errs.Define(errs.Invalid, "privacy.invalid")
	errReason    = errs.Define(errs.Invalid, "privacy.reason")
	errWords     = errs.Define(errs.Invalid, "privacy.words")
)

// Bounds of looking at data whole.
const (
	revealsPerHour = 30 // of one member of staff
	wordsMin       = 4  // characters that say why
	wordsMax       = 200
)

// Reasons for which somebody's data may be seen whole.
var Reasons = []string{"call", "check", "deliver", "complaint", "other"}

// Field of a person; the table of who sees how much of it is package personal's.
type Field = personal.Kind

// Fields of an account, in the order of pages.
var Fields = []Field{personal.IDNumber, personal.Phone, personal.Email}

// MayReveal lists what an actor may see whole, having said why.
func MayReveal(actor auth.Actor) []Field { return personal.MayReveal(actor) }

// Answer is what a form says of somebody.
type Answer struct {
	Label i18n.Text
	Kind  Field
	Value string
}

// Case is what the package needs of a case.
type Case struct {
	Number    string
	AccountID string // who filed it
	PersonID  string // who asks, where that is a person
	Answers   []Answer
}

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Audit    *audit.Log
	Throttle *throttle.Throttle
	Jobs     *jobs.Queue
	Files    *files.Store
	Notify   *notify.Service
	Texts    *i18n.Catalog
	Ports
}

// Ports are what other modules do for the package; app fills them in.
type Ports struct {
	// CaseFor returns a case that the actor may see; ErrNotFound for any other.
	CaseFor func(ctx context.Context, actor auth.Actor, id string) (Case, error)
	// ActorOf is who somebody is when he signs in.
	ActorOf func(ctx context.Context, account string) (auth.Actor, error)
	// Collect adds what other modules keep about the actor to the copy of his data.
	Collect func(ctx context.Context, actor auth.Actor, a *Archive) error
	// Keeps lists what somebody asked for that has not ended, what he promised
	// that is not verified, and what is on record against him.
	Keeps func(ctx context.Context, account string) ([]Obstacle, error)
	// Cited lists the ids of the certificates of somebody that stand for papers in
	// cases that are kept.
	Cited func(ctx context.Context, account string) ([]string, error)
	// Forget takes out, in the transaction of ctx, what other modules keep for
	// nobody but him.
	Forget func(ctx context.Context, account string) error
	// EndSessions signs him out everywhere.
	EndSessions func(ctx context.Context, account string) error
}

// Service is the use cases.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service { return &Service{d} }

// Person is somebody whose data can be seen from a case.
type Person struct {
	identity.Account
	Asks bool // he is the one who asks; else the one who filed it for a firm
	Case string
	// Answers are what the form of the case says of people.
	Answers []Answer
}

// Whole is what somebody sees of a person, having said why.
type Whole struct {
	Own     map[Field]string
	Answers []Answer // what he may not see whole is masked
}

// Behind returns the person behind a case, for the page that asks why.
func (s *Service) Behind(ctx context.Context, actor auth.Actor, caseID string) (Person, error) {
	if actor.Kind != auth.Staff {
		return Person{}, ErrNotFound
	}
	if len(MayReveal(actor)) == 0 {
		return Person{}, ErrForbidden
	}
	k, err := s.CaseFor(ctx, actor, caseID)
	if err != nil {
		return Person{}, err
	}
	id := k.PersonID
	if id == "" {
		id = k.AccountID
	}
	if id == "" {
		return Person{}, ErrNotFound
	}
	a, err := s.Identity.Account(ctx, id)
	return Person{Account: a, Asks: k.PersonID != "", Case: k.Number, Answers: k.Answers}, err
}

// Reveal returns what the actor may see of the person behind a case, whole. It
// stands in the audit trail before it is shown.
func (s *Service) Reveal(ctx context.Context, actor auth.Actor, caseID, reason, words string) (*Whole, error) {
	p, err := s.Behind(ctx, actor, caseID)
	if err != nil {
		return nil, err
	}
	words = strings.TrimSpace(words)
	bad := ErrInvalid
	if !slices.Contains(Reasons, reason) {
		bad = bad.At("reason", errReason.Code)
	}
	if n := utf8.RuneCountInString(words); n < wordsMin || n > wordsMax {
		bad = bad.At("words", errWords.Code, "min", wordsMin)
	}
	if err := bad.OrNil(); err != nil {
		return nil, err
	}
	if err := s.Throttle.Hit(ctx, "reveal:"+actor.ID, revealsPerHour, time.Hour); err != nil {
		return nil, err
	}
	shown := MayReveal(actor)
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, actor, audit.Note{
			Action: "privacy.reveal", Object: "account:" + p.ID, Reason: reason + ": " + words, Change: map[string]any{"case": caseID, "fields": shown, "answers": len(p.Answers)},
		})
	})
	if err != nil {
		return nil, fmt.Errorf("privacy: reveal: %w", err)
	}
	all := map[Field]string{personal.IDNumber: p.IDNumber, personal.Phone: p.Phone, personal.Email: p.Email}
	out := &Whole{Own: map[Field]string{}, Answers: slices.Clone(p.Answers)}
	for _, f := range shown {
		if v, ok := all[f]; ok {
			out.Own[f] = v
		}
	}
	for i := range out.Answers {
		if x := &out.Answers[i]; !slices.Contains(shown, x.Kind) {
			x.Value = personal.Mask(x.Kind, x.Value)
		}
	}
	return out, nil
}

// RevealAction stands in the audit trail.
const RevealAction = "privacy.reveal"

// FindAction is that of a list in which somebody looked for the number of a person.
const FindAction = "cases.find_person"

// looking are the actions by which staff see somebody's data.
var looking = []string{RevealAction, "identity.find_visitor", "identity.open_visitor", FindAction}

// Look is one time that somebody of the staff saw data of the person.
type Look struct {
	At     time.Time
	Who    string
	Action string
	Reason string // key of Reasons, "" where none was asked for
	Words  string
}

// looksShown at most, newest first.
const looksShown = 100

// Looks says who looked at the data of the actor.
func (s *Service) Looks(ctx context.Context, actor auth.Actor) ([]Look, error) {
	if actor.Kind != auth.Person {
		return nil, ErrNotFound
	}
	var out []Look
	for _, action := range looking {
		list, err := s.Audit.List(ctx, audit.Filter{Object: "account:" + actor.ID, Action: action, Limit: looksShown})
		if err != nil {
			return nil, fmt.Errorf("privacy: looks: %w", err)
		}
		for _, e := range list {
			if !strings.HasPrefix(e.Actor, string(auth.Staff)+":") {
				continue
			}
			reason, words, ok := strings.Cut(e.Reason, ": ")
			if !ok || !slices.Contains(Reasons, reason) {
				reason, words = "", ""
			}
			out = append(out, Look{At: e.At, Who: e.Name, Action: e.Action, Reason: reason, Words: words})
		}
	}
	slices.SortStableFunc(out, func(a, b Look) int { return b.At.Compare(a.At) })
	return out[:min(len(out), looksShown)], nil
}

// Purpose is what data is used for only as long as the person does not refuse.
type Purpose string

// Recommend is suggesting policies and services from the file of a person or of
// his firms. What applies to everybody is shown all the same.
const Recommend Purpose = "recommend"

// Allows says whether somebody's data may be used for a purpose; who said nothing
// did not refuse.
func (s *Service) Allows(ctx context.Context, account string, p Purpose) (bool, error) {
	given, found, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[bool], `SELECT given FROM identity_consent WHERE account_id=$1 AND purpose=$2`, account, string(p))
	if err != nil {
		return false, fmt.Errorf("privacy: consent: %w", err)
	}
	return given || !found, nil
}

// Consent notes that the actor agrees to a purpose, or refuses it from now on.
func (s *Service) Consent(ctx context.Context, actor auth.Actor, p Purpose, given bool) error {
	if actor.Kind != auth.Person || p != Recommend {
		return ErrNotFound
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `INSERT INTO identity_consent (account_id, purpose, given, changed_at, version) VALUES ($1,$2,$3,$4,1)
			ON CONFLICT (account_id, purpose) DO UPDATE SET given=excluded.given, changed_at=excluded.changed_at, version=identity_consent.version+1
			WHERE identity_consent.given <> excluded.given`, actor.ID, string(p), given, db.MS(s.Clock.Now()))
		if err != nil || n == 0 {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "privacy.consent", Object: "account:" + actor.ID, Change: map[string]any{"purpose": p, "given": given}})
	})
}
