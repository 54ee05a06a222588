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
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Calendars knows in which calendar a region works, counted from an instant.
type Calendars interface {
	For(region string, since time.Time) *workday.Calendar
}

// Deps of the package.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Identity  *identity.Service
	Calendars Calendars
	Files     *files.Store
	Notify    *notify.Service
	Audit     *audit.Log
	Rules     Rules
}

// Service is the use cases.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service { return &Service{d} }

// DecideWithin is how long an objection or a repair may take.
var DecideWithin = workday.Limit{N: 15, Unit: workday.UnitWorkday}

// Recorders enter records for their department.
var Recorders = []auth.Role{auth.Handler, auth.Approver, auth.Head}

// Judges decide about objections and repairs.
var Judges = []auth.Role{auth.Approver, auth.Head, auth.Leader}

// Lookers see how a firm stands, and why.
var Lookers = []auth.Role{auth.Handler, auth.Approver, auth.Head, auth.Leader}

const (
	maxText = 1000
	// MaxFile is how large a file of evidence may be.
	MaxFile = 20 << 20
)

const columns = `c.id, c.party_kind, c.party_id, c.class, c.kind, c.reason, c.source, c.department_id, c.case_id, c.from_on, c.until_on, c.evidence_id, c.recorded_by, c.recorded_at, c.repaired_at, c.struck_at, c.number, c.version`

func scanRecord(r db.Scanner) (x Record, err error) {
	var class, kind string
	err = r.Scan(&x.ID, &x.Party.Kind, &x.Party.ID, &class, &kind, &x.Reason, &x.Source, &x.DepartmentID, &x.CaseID, &x.From, &x.Until, &x.EvidenceID, &x.RecordedBy,
		db.Time{Time: &x.RecordedAt}, db.Time{Time: &x.RepairedAt}, db.Time{Time: &x.StruckAt}, &x.Number, &x.Version)
	x.Kind = Kind(class)
	if class == "" { // entered by the engine, which knows good and bad only
		x.Kind = Broken
		if kind == string(identity.StandingGood) {
			x.Kind = Honour
		}
	}
	return x, err
}

// records of somebody, the newest first, with what is asked about them.
func (s *Service) records(ctx context.Context, party string) ([]Record, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), scanRecord, `SELECT `+columns+` FROM identity_credit c WHERE c.party_id=$1 ORDER BY c.id DESC`, party)
	if err != nil {
		return nil, fmt.Errorf("credit: records: %w", err)
	}
	for i := range list {
		list[i].DepartmentID = s.office(&list[i])
		asked, err := s.objections(ctx, `o.record_id=$1`, list[i].ID)
		if err != nil {
			return nil, err
		}
		for j := range asked {
			if asked[j].State == Asked {
				list[i].Open = &asked[j]
			} else if list[i].Last == nil {
				list[i].Last = &asked[j]
			}
		}
	}
	return list, nil
}

// office is the department that answers for a record: who entered it, or who is
// named as its source by the engine.
func (s *Service) office(r *Record) string {
	if r.DepartmentID == "" && s.Identity.Directory().HasDepartment(r.Source) {
		return r.Source
	}
	return r.DepartmentID
}

// SourceName is who said so, in words.
func (s *Service) SourceName(ctx context.Context, r *Record) string {
	if d := s.Identity.Directory(); d.HasDepartment(r.Source) {
		return d.Department(r.Source).Name.For(ctx)
	}
	return r.Source
}

// Grade makes the grade of somebody today. Rights are the caller's.
func (s *Service) Grade(ctx context.Context, party string) (Result, error) {
	day := s.Identity.Today()
	list, err := db.List(ctx, s.DB.Read(ctx), scanRecord, `SELECT `+columns+` FROM identity_credit c WHERE c.party_id=$1 AND c.until_on >= $2 AND c.from_on <= $2`, party, day)
	if err != nil {
		return Result{}, fmt.Errorf("credit: grade: %w", err)
	}
	return GradeOf(s.Rules.On(day), list, day), nil
}

// StandingOf is what the engine asks: how somebody stands by the grade of today.
func (s *Service) StandingOf(ctx context.Context, party string) (identity.Standing, error) {
	r, err := s.Grade(ctx, party)
	if err != nil {
		return identity.StandingNormal, err
	}
	return Standing(r.Grade), nil
}

// Account is how somebody stands, with all records.
type Account struct {
	Party   identity.Party
	Result  Result
	Records []Record
	Asks    bool // who reads may ask about them
}

func (s *Service) account(ctx context.Context, p identity.Party) (Account, error) {
	list, err := s.records(ctx, p.ID)
	if err != nil {
		return Account{}, err
	}
	day := s.Identity.Today()
	return Account{Party: p, Result: GradeOf(s.Rules.On(day), list, day), Records: list}, nil
}

// mine says whether the party is the person himself, or a firm whose file he may
// read; write: and ask about it.
func mine(actor auth.Actor, p identity.Party, write bool) bool {
	return actor.Kind == auth.Person && (p.ID == actor.ID || actor.May(p.ID, auth.ModuleFile, "", write))
}

// Mine shows a person how he stands, and the firms whose file he may read.
func (s *Service) Mine(ctx context.Context, actor auth.Actor) ([]Account, error) {
	parties, err := s.Identity.Parties(ctx, actor)
	if err != nil {
		return nil, err
	}
	parties = slices.DeleteFunc(parties, func(p identity.Party) bool { return !mine(actor, p, false) })
	out := make([]Account, len(parties))
	for i, p := range parties {
		if out[i], err = s.account(ctx, p); err != nil {
			return nil, err
		}
		out[i].Asks = mine(actor, p, true)
	}
	return out, nil
}

// Look shows staff how a firm stands, by its credit code.
func (s *Service) Look(ctx context.Context, actor auth.Actor, code string) (Account, error) {
	if actor.Kind != auth.Staff || !actor.Has(Lookers...) {
		return Account{}, ErrForbidden
	}
	e, err := s.Identity.EnterpriseByUSCC(ctx, code)
	if err != nil {
		return Account{}, ErrInvalid.At("code", errHolder.Code)
	}
	return s.account(ctx, e.Party())
}

// Upload is a file that comes along.
type Upload struct {
	Name    string
	Content io.Reader
}

// takeIn keeps the bytes of a file, before any transaction.
func (s *Service) takeIn(ctx context.Context, u *Upload) (files.Blob, error) {
	if u == nil || u.Name == "" {
		return files.Blob{}, nil
	}
	b, err := s.Files.Put(ctx, u.Content, u.Name, MaxFile)
	if err != nil && errs.KindOf(err) == errs.Invalid {
		return b, ErrInvalid.At("file", errFile.Code)
	}
	return b, err
}

func (s *Service) register(ctx context.Context, b files.Blob, u *Upload, owner string) (string, error) {
	if b.SHA256 == "" {
		return "", nil
	}
	f, err := s.Files.Register(ctx, b, u.Name, owner)
	return f.ID, err
}

// Input is a record to be entered about a firm.
type Input struct {
	Code   string // credit code
	Kind   Kind
	Reason string
	Source string // "" for the own department
	From   string
	Until  string // "" for as long as the rule lets it count
	File   *Upload
}

// Record enters a record for the department of the actor. It counts no longer
// than the rule of its first day says.
func (s *Service) Record(ctx context.Context, actor auth.Actor, in Input) (Record, error) {
	posts := actor.PostsOf(Recorders...)
	if actor.Kind != auth.Staff || len(posts) == 0 {
		return Record{}, ErrForbidden
	}
	r := Record{Kind: in.Kind, Reason: strings.TrimSpace(in.Reason), Source: strings.TrimSpace(in.Source), DepartmentID: posts[0].DepartmentID, From: in.From, Until: in.Until, RecordedBy: actor.ID, Version: 1}
	bad := s.checkRecord(&r)
	e, err := s.Identity.EnterpriseByUSCC(ctx, in.Code)
	if err != nil || !idcode.CheckUSCC(in.Code).OK(true) {
		bad = bad.At("code", errHolder.Code)
	}
	if err := bad.OrNil(); err != nil {
		return r, err
	}
	r.Party = e.Party()
	blob, err := s.takeIn(ctx, in.File)
	if err != nil {
		return r, err
	}
	now := s.Clock.Now()
	r.ID, r.RecordedAt = ids.New(now), now
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if r.EvidenceID, err = s.register(ctx, blob, in.File, actor.ID); err != nil {
			return err
		}
		if err := s.insert(ctx, &r); err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "credit.record", Object: "party:" + r.Party.ID, Reason: r.Reason, Change: map[string]any{"kind": r.Kind, "until": r.Until, "record": r.ID}}); err != nil {
			return err
		}
		return s.tell(ctx, r.Party, "credit_record", "credit:"+r.ID, r.Reason)
	})
	return r, err
}

// Seed enters a record as it was known before this installation; the engine
// itself only.
func (s *Service) Seed(ctx context.Context, actor auth.Actor, r Record) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	if err := s.checkRecord(&r).OrNil(); err != nil {
		return err
	}
	now := s.Clock.Now()
	r.ID, r.RecordedAt, r.RecordedBy = ids.New(now), now, actor.ID
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.insert(ctx, &r); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "credit.record", Object: "party:" + r.Party.ID, Reason: r.Reason, Change: map[string]any{"kind": r.Kind, "until": r.Until, "record": r.ID}})
	})
}

func (s *Service) insert(ctx context.Context, r *Record) error {
	kind := identity.StandingBad
	if r.Kind == Honour {
		kind = identity.StandingGood
	}
	if _, err := s.DB.Exec(ctx, `INSERT INTO identity_credit (id, party_kind, party_id, kind, class, reason, source, department_id, case_id, from_on, until_on, evidence_id, repaired_at, repaired_by, recorded_by, recorded_at, number, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'',$9,$10,$11,0,'',$12,$13,$14,1)`, r.ID, string(r.Party.Kind), r.Party.ID, string(kind), string(r.Kind), r.Reason, r.Source, r.DepartmentID, r.From, r.Until,
		r.EvidenceID, r.RecordedBy, db.MS(r.RecordedAt), r.Number); err != nil {
		return fmt.Errorf("credit: record: %w", err)
	}
	return nil
}

// checkRecord looks a record over, and bounds how long it counts.
func (s *Service) checkRecord(r *Record) *errs.Error {
	bad := ErrInvalid
	if !slices.Contains(Kinds, r.Kind) {
		return bad.At("kind", errKind.Code)
	}
	if n := utf8.RuneCountInString(r.Reason); n == 0 || n > maxText {
		bad = bad.At("reason", errText.Code)
	}
	if utf8.RuneCountInString(r.Source) > 100 {
		bad = bad.At("source", errSource.Code)
	}
	if r.Source == "" {
		r.Source = r.DepartmentID
	}
	from, err := workday.Parse(r.From)
	if err != nil || from.String() > s.Identity.Today() {
		return bad.At("from", errDay.Code)
	}
	r.From = from.String()
	last := from.AddMonths(12 * s.Rules.On(r.From).Kinds[r.Kind].Years).String()
	if r.Until == "" {
		r.Until = last
	}
	until, err := workday.Parse(r.Until)
	if err != nil || until.Before(from) {
		return bad.At("until", errDay.Code)
	}
	r.Until = min(until.String(), last)
	return bad
}

// tell tells somebody, or all who may read the file of a firm.
func (s *Service) tell(ctx context.Context, p identity.Party, kind, key, reason string) error {
	var list []identity.Account
	var err error
	if p.Kind == identity.HolderEnterprise {
		list, err = s.Identity.AgentsFor(ctx, p.ID, auth.ModuleFile)
	} else {
		var a identity.Account
		a, err = s.Identity.Account(ctx, p.ID)
		list = []identity.Account{a}
	}
	if err != nil {
		return fmt.Errorf("credit: whom to tell: %w", err)
	}
	for _, a := range list {
		if err := s.Notify.Tell(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: a.Email}, notify.News{
			Key: key, Kind: kind, Link: "/my/credit", Class: notify.Progress, Legal: true, Params: map[string]any{"reason": reason},
		}); err != nil {
			return err
		}
	}
	return nil
}

// Listed is a line of the public list.
type Listed struct {
	Name   i18n.Text
	Code   string
	Reason string
	Source string // in words of the reader
	From   string
	Until  string
}

// Public lists the promises that firms broke, while they count: five years at
// most, and gone on the day on which they are repaired or struck out.
func (s *Service) Public(ctx context.Context) ([]Listed, error) {
	day := s.Identity.Today()
	rule := s.Rules.On(day)
	today, err := workday.Parse(day)
	if err != nil {
		return nil, fmt.Errorf("credit: public: %w", err)
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scanRecord, `SELECT `+columns+` FROM identity_credit c WHERE c.party_kind='enterprise' AND c.kind='bad' AND c.repaired_at=0 AND c.struck_at=0
		AND c.from_on <= $1 AND c.until_on >= $1 AND c.from_on > $2 ORDER BY c.from_on DESC, c.id LIMIT 500`, day, today.AddMonths(-12*identity.MaxCreditYears).String())
	if err != nil {
		return nil, fmt.Errorf("credit: public: %w", err)
	}
	list = slices.DeleteFunc(list, func(r Record) bool { return !rule.Kinds[r.Kind].Public || !r.Counts(day) })
	of := make([]string, len(list))
	for i := range list {
		of[i] = list[i].Party.ID
	}
	firms := map[string]identity.Enterprise{}
	if len(of) > 0 {
		found, err := s.Identity.Enterprises(ctx, of)
		if err != nil {
			return nil, fmt.Errorf("credit: public: %w", err)
		}
		for _, e := range found {
			firms[e.ID] = e
		}
	}
	out := make([]Listed, 0, len(list))
	for i := range list {
		e := firms[list[i].Party.ID]
		out = append(out, Listed{Name: e.Name, Code: e.USCC, Reason: list[i].Reason, Source: s.SourceName(ctx, &list[i]), From: list[i].From, Until: list[i].Until})
	}
	return out, nil
}

// Rule is the version that is valid today.
func (s *Service) Rule() Rule { return s.Rules.On(s.Identity.Today()) }

func staleOr(err error) error {
	if errors.Is(err, db.ErrStale) {
		return ErrStale
	}
	return err
}
