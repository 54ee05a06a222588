package credit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// Ask is what somebody asks for.
type Ask string

// The asks.
const (
	Object Ask = "object" // the record is wrong
	Repair Ask = "repair" // what was owed is done
)

// The states of an objection.
const (
	Asked    = "asked"
	Upheld   = "upheld"
	Rejected = "rejected"
)

// Objection against a record, or the wish to have it repaired.
type Objection struct {
	ID          string
	RecordID    string
	Ask         Ask
	Text        string
	FulfilledOn string // of a repair: since when it is done
	FileID      string
	ByID        string
	At          time.Time
	DueAt       time.Time
	State       string
	Decision    string
	DecidedBy   string
	DecidedAt   time.Time
	Version     int
}

const objectionColumns = `o.id, o.record_id, o.ask, o.text, o.fulfilled_on, o.file_id, o.by_id, o.at, o.due_at, o.state, o.decision, o.decided_by, o.decided_at, o.version`

func scanObjection(r db.Scanner) (o Objection, err error) {
	return o, r.Scan(&o.ID, &o.RecordID, &o.Ask, &o.Text, &o.FulfilledOn, &o.FileID, &o.ByID, db.Time{Time: &o.At}, db.Time{Time: &o.DueAt}, &o.State, &o.Decision, &o.DecidedBy, db.Time{Time: &o.DecidedAt}, &o.Version)
}

func (s *Service) objections(ctx context.Context, where string, args ...any) ([]Objection, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), scanObjection, `SELECT `+objectionColumns+` FROM identity_credit_objection o WHERE `+where+` ORDER BY o.id DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("credit: objections: %w", err)
	}
	return list, nil
}

func (s *Service) record(ctx context.Context, id string) (Record, error) {
	r, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanRecord, `SELECT `+columns+` FROM identity_credit c WHERE c.id=$1`, id)
	if err == nil && !ok {
		err = ErrNotFound
	}
	r.DepartmentID = s.office(&r)
	return r, err
}

// RepairFrom is the first day on which a repair may be asked for of a record
// whose matter was done on a day.
func (s *Service) RepairFrom(r *Record, fulfilled workday.Date) workday.Date {
	return fulfilled.AddDays(s.Rule().Kinds[r.Kind].RepairAfter)
}

// AskInput is what a subject asks for.
type AskInput struct {
	Ask         Ask
	Text        string
	FulfilledOn string
	File        *Upload
}

// Ask takes an objection against a record, or a repair of it, from the subject.
func (s *Service) Ask(ctx context.Context, actor auth.Actor, recordID string, in AskInput) error {
	r, err := s.record(ctx, recordID)
	if err != nil {
		return err
	}
	if !mine(actor, r.Party, true) {
		return ErrNotFound
	}
	today := s.Identity.Today()
	if !r.Counts(today) {
		return ErrEnded
	}
	bad := ErrInvalid
	in.Text = strings.TrimSpace(in.Text)
	if n := utf8.RuneCountInString(in.Text); n == 0 || n > maxText {
		bad = bad.At("text", errText.Code)
	}
	switch {
	case in.Ask == Object:
		in.FulfilledOn = ""
	case in.Ask == Repair && r.Bad():
		day, err := workday.Parse(in.FulfilledOn)
		switch {
		case err != nil || day.String() > today || day.String() < r.From:
			bad = bad.At("fulfilled_on", errDay.Code)
		case s.RepairFrom(&r, day).String() > today:
			bad = bad.At("fulfilled_on", errEarly.Code, "day", s.RepairFrom(&r, day).String())
		}
	default:
		bad = bad.At("ask", errKind.Code)
	}
	if in.Ask == Repair && (in.File == nil || in.File.Name == "") {
		bad = bad.At("file", errFile.Code)
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	blob, err := s.takeIn(ctx, in.File)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		file, err := s.register(ctx, blob, in.File, actor.ID)
		if err != nil {
			return err
		}
		region := s.Identity.Directory().Department(r.DepartmentID).Region
		due, _ := s.Calendars.For(region, now).Due(now, DecideWithin)
		_, err = s.DB.Exec(ctx, `INSERT INTO identity_credit_objection (id, record_id, ask, text, fulfilled_on, file_id, by_id, at, due_at, state, decision, decided_by, decided_at, version)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'asked','','',0,1)`, ids.New(now), r.ID, string(in.Ask), in.Text, in.FulfilledOn, file, actor.ID, db.MS(now), db.MS(due))
		if errors.Is(err, db.ErrDuplicate) {
			return ErrOpen
		}
		if err != nil {
			return fmt.Errorf("credit: ask: %w", err)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "credit.ask", Object: "party:" + r.Party.ID, Reason: in.Text, Change: map[string]any{"record": r.ID, "ask": in.Ask}})
	})
}

// judges says whether the actor decides about a record, whoever entered it: the
// department that answers for it, or, for one from elsewhere, who leads.
func judges(a auth.Actor, r *Record) bool {
	if a.Kind != auth.Staff {
		return false
	}
	if r.DepartmentID == "" {
		return a.Has(auth.Leader, auth.Head)
	}
	return slices.ContainsFunc(a.PostsOf(auth.Approver, auth.Head), func(p auth.Post) bool { return p.DepartmentID == r.DepartmentID })
}

// Pending is what waits for a decision.
type Pending struct {
	Objection
	Record Record
	Party  identity.Party
	Own    bool // who reads entered the record and does not decide
}

// Pending lists what the actor's departments have to decide, the first due first.
func (s *Service) Pending(ctx context.Context, actor auth.Actor) ([]Pending, error) {
	if actor.Kind != auth.Staff || !actor.Has(Judges...) {
		return nil, nil
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scanObjection, `SELECT `+objectionColumns+` FROM identity_credit_objection o WHERE o.state='asked' ORDER BY o.due_at, o.id LIMIT 300`)
	if err != nil {
		return nil, fmt.Errorf("credit: pending: %w", err)
	}
	var out []Pending
	for _, o := range list {
		r, err := s.record(ctx, o.RecordID)
		if err != nil {
			return nil, err
		}
		if !judges(actor, &r) {
			continue
		}
		p := Pending{Objection: o, Record: r, Own: r.RecordedBy == actor.ID}
		if r.Party.Kind == identity.HolderEnterprise {
			e, err := s.Identity.Enterprise(ctx, r.Party.ID)
			if err != nil {
				return nil, err
			}
			p.Party = e.Party()
		} else {
			a, err := s.Identity.Account(ctx, r.Party.ID)
			if err != nil {
				return nil, err
			}
			p.Party = a.Party()
		}
		out = append(out, p)
	}
	return out, nil
}

// Decide upholds or rejects an objection or a repair, with a reason. A record
// that is struck out or repaired counts no more.
func (s *Service) Decide(ctx context.Context, actor auth.Actor, id string, version int, uphold bool, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		list, err := s.objections(ctx, `o.id=$1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNotFound
		}
		o := list[0]
		r, err := s.record(ctx, o.RecordID)
		switch {
		case err != nil:
			return err
		case !judges(actor, &r):
			return ErrNotFound
		case r.RecordedBy == actor.ID || slices.Contains(actor.StandsInFor(), r.RecordedBy):
			return ErrOwnRecord
		}
		if n := utf8.RuneCountInString(reason); n == 0 || n > maxText {
			return ErrInvalid.At("decision", errText.Code)
		}
		state, now := Rejected, s.Clock.Now()
		if uphold {
			state = Upheld
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_credit_objection SET state=$3, decision=$4, decided_by=$5, decided_at=$6, version=version+1 WHERE id=$1 AND version=$2 AND state='asked'`,
			id, version, state, reason, actor.ID, db.MS(now)); err != nil {
			return staleOr(err)
		}
		if uphold {
			if err := s.end(ctx, actor, &r, o.Ask, now); err != nil {
				return err
			}
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "credit.decide", Object: "party:" + r.Party.ID, Reason: reason, Change: map[string]any{"record": r.ID, "ask": o.Ask, "state": state}}); err != nil {
			return err
		}
		return s.tell(ctx, r.Party, "credit_"+state, "credit_decided:"+o.ID, reason)
	})
}

// end takes a record out of the count.
func (s *Service) end(ctx context.Context, actor auth.Actor, r *Record, ask Ask, now time.Time) error {
	column := `struck_at`
	if ask == Repair {
		column = `repaired_at`
	}
	if err := s.DB.ExecOne(ctx, `UPDATE identity_credit SET `+column+`=$3, repaired_by=$4, version=version+1 WHERE id=$1 AND version=$2`, r.ID, r.Version, db.MS(now), actor.ID); err != nil {
		return staleOr(err)
	}
	return nil
}

// Evidence opens the file that came with an objection, for who decides about it
// and who sent it.
func (s *Service) Evidence(ctx context.Context, actor auth.Actor, id string) (files.File, io.ReadSeekCloser, error) {
	list, err := s.objections(ctx, `o.id=$1`, id)
	if err != nil {
		return files.File{}, nil, err
	}
	if len(list) == 0 || list[0].FileID == "" {
		return files.File{}, nil, ErrNotFound
	}
	r, err := s.record(ctx, list[0].RecordID)
	if err != nil {
		return files.File{}, nil, err
	}
	if !judges(actor, &r) && !mine(actor, r.Party, false) {
		return files.File{}, nil, ErrNotFound
	}
	f, err := s.Files.Find(ctx, list[0].FileID)
	if err != nil {
		return f, nil, fmt.Errorf("credit: evidence: %w", err)
	}
	content, err := s.Files.Open(f)
	return f, content, err
}

// Proof opens the file that came with a record: for its subject, and for who
// works where the record is kept.
func (s *Service) Proof(ctx context.Context, actor auth.Actor, id string) (files.File, io.ReadSeekCloser, error) {
	r, err := s.record(ctx, id)
	if err != nil {
		return files.File{}, nil, err
	}
	if r.EvidenceID == "" || !s.ReadsProof(actor, &r) {
		return files.File{}, nil, ErrNotFound
	}
	f, err := s.Files.Find(ctx, r.EvidenceID)
	if err != nil {
		return f, nil, fmt.Errorf("credit: proof: %w", err)
	}
	if err := s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, actor, audit.Note{Action: "credit.proof", Object: "party:" + r.Party.ID, Change: map[string]any{"record": r.ID}})
	}); err != nil {
		return f, nil, err
	}
	content, err := s.Files.Open(f)
	return f, content, err
}

// ReadsProof says whether the actor may open the file of a record.
func (s *Service) ReadsProof(actor auth.Actor, r *Record) bool {
	if mine(actor, r.Party, false) || judges(actor, r) {
		return true
	}
	return actor.Kind == auth.Staff && r.DepartmentID != "" && slices.ContainsFunc(actor.PostsOf(Recorders...), func(p auth.Post) bool { return p.DepartmentID == r.DepartmentID })
}
