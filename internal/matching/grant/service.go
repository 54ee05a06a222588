package grant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Calendars knows in which calendar a region works, counted from an instant.
type Calendars interface {
	For(region string, since time.Time) *workday.Calendar
}

// Deps of the package.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Matching  *matching.Service
	Policies  *policy.Service
	Identity  *identity.Service
	Calendars Calendars
	Notify    *notify.Service
	Audit     *audit.Log
	Throttle  *throttle.Throttle
	Seal      *seal.Ring
	Texts     *i18n.Catalog
	Facts     *facts.Facts
	Dossier   *dossier.Service
	Jobs      *jobs.Queue
	Ports     Ports
}

// Service grants.
type Service struct {
	Deps
	store store
}

// New wires the package.
func New(d Deps) *Service {
	if d.Facts == nil {
		d.Facts = facts.Published()
	}
	return &Service{d, store{d.DB, d.Seal}}
}

// Offer is a clause of which a list can be made today.
type Offer struct {
	policy.Entry
	Fit   int       // firms that fit
	Free  int       // of those, who has no line for it yet, and no case of its item
	Cost  money.Fen // what all that fit would get
	Batch string    // the one that is in hand, "" for none
}

// Offers are the automatic clauses of the actor's departments that are open.
func (s *Service) Offers(ctx context.Context, actor auth.Actor) ([]Offer, error) {
	entries, err := s.Policies.Published(ctx)
	if err != nil {
		return nil, err
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return nil, err
	}
	var out []Offer
	for _, e := range entries {
		if !drafted(actor, e, v.Day()) {
			continue
		}
		o := Offer{Entry: e}
		key := matching.ClausePrefix + e.Key
		o.Cost, _ = v.Cost(key)
		var firms []string
		v.Each(key, engine.Yes, func(firm string) { firms = append(firms, firm) })
		has, err := s.has(ctx, e.Clause, period(e, v.Day()), "", firms)
		if err != nil {
			return nil, err
		}
		o.Fit, o.Free = len(firms), len(firms)-len(has)
		inHand, err := s.store.batches(ctx, `clause_key=$1 AND state IN ('drafted','checked')`, e.Key)
		if err != nil {
			return nil, err
		}
		if len(inHand) > 0 {
			o.Batch = inHand[0].ID
		}
		out = append(out, o)
	}
	return out, nil
}

// drafted says that the actor may make a list of a clause on a day. A clause whose
// sum nobody can reckon is none for a list, nor is one that pays for each thing.
func drafted(actor auth.Actor, e policy.Entry, day string) bool {
	if e.Way != policy.Automatic || !e.Matched() || e.Benefit.Per == policy.Each || !Drafts(actor, e.Document.Department) {
		return false
	}
	_, open := e.Open(day)
	return open && (e.Benefit.Amount > 0 || e.Benefit.Rate > 0 && e.Benefit.Of != "")
}

// period for which a firm gets a clause once.
func period(e policy.Entry, day string) string {
	if e.Benefit.Per == policy.Once {
		return string(policy.Once)
	}
	return day[:4]
}

// Draft makes the list of those who fit a clause today and have no line for it.
func (s *Service) Draft(ctx context.Context, actor auth.Actor, key string) (Batch, error) {
	lib, err := s.Policies.Library(ctx)
	if err != nil {
		return Batch{}, err
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return Batch{}, err
	}
	e, ok := lib.Entry(key)
	if !ok || !drafted(actor, e, v.Day()) {
		return Batch{}, ErrNotFound
	}
	now := s.Clock.Now()
	b := Batch{
		ID: ids.New(now), ClauseID: e.ID, Key: e.Key, Edition: e.Edition, Clause: e.Clause, Source: Source{e.Document.Key, e.Document.Number, e.Document.Title},
		DepartmentID: e.Document.Department, Region: e.Document.Region, Period: period(e, v.Day()), Day: v.Day(), State: Drafted, DraftedBy: actor.ID, DraftedAt: now, Version: 1,
	}
	lines, err := s.fitting(ctx, v, lib, e, &b)
	if err != nil {
		return Batch{}, err
	}
	if len(lines) == 0 {
		return Batch{}, ErrNobody
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.insert(ctx, b); err != nil {
			return err
		}
		for _, l := range lines {
			if err := s.store.insertLine(ctx, b, l); err != nil {
				return err
			}
		}
		return s.note(ctx, actor, "grant.draft", &b, "", map[string]any{"clause": b.Key, "edition": b.Edition, "lines": len(lines), "fen": int64(sumOf(lines))})
	})
	if errors.Is(err, db.ErrDuplicate) { // somebody else makes it at this moment
		err = ErrInHand
	}
	return b, err
}

// excluded are the firms that stand on a list of a clause which cannot be had besides.
func (s *Service) excluded(ctx context.Context, lib *policy.Library, e policy.Entry) (map[string]bool, error) {
	var args db.Args
	var others []string
	for _, o := range lib.Entries {
		if o.Key != e.Key && policy.Exclude(e, o) {
			others = append(others, o.Key)
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	where := `clause_key IN ` + db.In(&args, others)
	return s.store.placed(ctx, where, args...)
}

// has are those of the firms that have what a clause gives, or are to get it: by a
// line of it that counts, or by a case of its item. What is had once counts for
// ever, whatever the clause said when it was had; what is had every year counts for
// that year, and so does what was had once and for all. Lines of one batch are left
// out, "" for none.
func (s *Service) has(ctx context.Context, c policy.Clause, period, but string, firms []string) (map[string]Cause, error) {
	out := map[string]Cause{}
	if len(firms) == 0 {
		return out, nil
	}
	var since time.Time
	where, args := `clause_key=$1 AND grant_id<>$2`, db.Args{c.Key, but}
	if period != string(policy.Once) {
		where += ` AND period IN ('once',` + args.Add(period) + `)`
		year, err := workday.Parse(period + "-01-01")
		if err != nil {
			return nil, fmt.Errorf("grant: period %q: %w", period, err)
		}
		since = workday.StartOf(year)
	}
	lines, err := s.store.placed(ctx, where, args...)
	if err != nil {
		return nil, err
	}
	var applied map[string]bool
	if c.Item != "" {
		if applied, err = s.Ports.Having(ctx, c.Item, firms, since); err != nil {
			return nil, fmt.Errorf("grant: cases of %s: %w", c.Item, err)
		}
	}
	for _, f := range firms {
		switch {
		case lines[f]:
			out[f] = HasLine
		case applied[f]:
			out[f] = HasCase
		}
	}
	return out, nil
}

// fitting are the lines of a batch. Who has what excludes the clause, or a case of
// its item, is left out and counted; who fits and whose sum cannot be told waits,
// and so does who has not been verified by anybody.
func (s *Service) fitting(ctx context.Context, v *matching.View, lib *policy.Library, e policy.Entry, b *Batch) ([]Line, error) {
	key := matching.ClausePrefix + e.Key
	var fit, firms []string
	v.Each(key, engine.Yes, func(firm string) { fit = append(fit, firm) })
	has, err := s.has(ctx, e.Clause, b.Period, "", fit)
	if err != nil {
		return nil, err
	}
	barred, err := s.excluded(ctx, lib, e)
	if err != nil {
		return nil, err
	}
	for _, firm := range fit {
		switch {
		case has[firm] == HasLine:
		case barred[firm]:
			b.Barred++
		case has[firm] == HasCase:
			b.Applied++
		default:
			firms = append(firms, firm)
		}
	}
	v.Each(key, engine.Unknown, func(string) { b.Unknown++ })
	unproven, err := s.Dossier.UnsettledOf(ctx, firms)
	if err != nil {
		return nil, err
	}
	known, err := s.Identity.Enterprises(ctx, firms)
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, f := range known {
		l := Line{ID: ids.New(b.DraftedAt), BatchID: b.ID, Seq: len(out) + 1, FirmID: f.ID, USCC: f.USCC, Name: f.Name, State: Listed}
		sum, ok := v.Worth(key, f.ID)
		switch l.Sum = sum; {
		case !ok || sum <= 0:
			l.Sum, l.State, l.Cause = 0, Waiting, NoSum
		case unproven[f.ID]:
			l.State, l.Cause = Waiting, Unproven
		}
		if l.Why, err = s.grounds(ctx, v, key, f.ID); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// grounds puts why a firm fits into both languages.
func (s *Service) grounds(ctx context.Context, v *matching.View, key, firm string) ([]Ground, error) {
	r, err := v.Explain(key, firm)
	if err != nil || r == nil {
		return nil, err
	}
	zh := s.Facts.Why(i18n.With(ctx, s.Texts, i18n.Chinese), r, v.Day()).Flat(engine.Yes)
	en := s.Facts.Why(i18n.With(ctx, s.Texts, i18n.English), r, v.Day()).Flat(engine.Yes)
	out := make([]Ground, len(zh))
	for i := range zh {
		out[i] = Ground{i18n.Text{ZH: zh[i].Text, EN: en[i].Text}, i18n.Text{ZH: zh[i].Own, EN: en[i].Own}}
	}
	return out, nil
}

func (s *Service) note(ctx context.Context, actor auth.Actor, action string, b *Batch, reason string, change map[string]any) error {
	return s.Audit.Record(ctx, actor, audit.Note{Action: action, Object: "grant:" + b.ID, Reason: reason, Change: change})
}

// Ref names a batch as somebody saw it.
type Ref struct {
	ID      string
	Version int
}

// turn changes a batch that the actor sees, in one transaction; f says what the
// audit keeps of it.
func (s *Service) turn(ctx context.Context, actor auth.Actor, ref Ref, action, reason string, f func(ctx context.Context, b *Batch) (map[string]any, error)) (Batch, error) {
	var out Batch
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		b, err := s.store.batch(ctx, ref.ID)
		if err != nil {
			return err
		}
		if !sees(actor, &b) {
			return ErrNotFound
		}
		if ref.Version != b.Version {
			return db.ErrStale
		}
		change, err := f(ctx, &b)
		if err != nil {
			return err
		}
		if slices.Contains(handed, action) && !slices.Contains(b.Hands, actor.ID) {
			b.Hands = append(b.Hands, actor.ID)
		}
		if err := s.store.save(ctx, b); err != nil {
			return err
		}
		b.Version++
		out = b
		return s.note(ctx, actor, action, &b, reason, change)
	})
	return out, err
}

// handed are the commands after which somebody had a hand in a list, also in one
// that was given back meanwhile.
var handed = []string{"grant.remove", "grant.wait", "grant.restore", "grant.keep", "grant.check"}

func reasonOf(text string) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > 300 {
		return "", ErrInvalid.At("reason", errReason.Code)
	}
	return text, nil
}

// ofLine changes a line of a batch that is being checked.
func (s *Service) ofLine(ctx context.Context, actor auth.Actor, ref Ref, line, action, reason string, f func(ctx context.Context, b *Batch, l *Line) error) (Batch, error) {
	return s.turn(ctx, actor, ref, action, reason, func(ctx context.Context, b *Batch) (map[string]any, error) {
		l, err := s.store.line(ctx, line)
		if err != nil || l.BatchID != b.ID {
			return nil, cmpErr(err, ErrNotFound)
		}
		if err := f(ctx, b, &l); err != nil {
			return nil, err
		}
		if err := s.store.saveLine(ctx, l); errors.Is(err, db.ErrDuplicate) {
			return nil, ErrInHand
		} else if err != nil {
			return nil, err
		}
		return map[string]any{"firm": l.FirmID, "state": string(l.State)}, nil
	})
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func mayCheck(actor auth.Actor, b *Batch) error {
	switch {
	case !Drafts(actor, b.DepartmentID):
		return ErrForbidden
	case b.State != Drafted:
		return ErrState
	}
	return nil
}

// Move takes a line out of a draft (Removed), lets it wait for a fact (Waiting), or
// puts it back (Listed).
func (s *Service) Move(ctx context.Context, actor auth.Actor, ref Ref, line string, to LineState, reason string) (Batch, error) {
	if to == Listed {
		return s.restore(ctx, actor, ref, line)
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return Batch{}, err
	}
	switch to {
	case Removed:
		return s.ofLine(ctx, actor, ref, line, "grant.remove", reason, moving(actor, to, reason))
	case Waiting:
		return s.ofLine(ctx, actor, ref, line, "grant.wait", reason, moving(actor, to, reason))
	}
	return Batch{}, ErrState
}

func moving(actor auth.Actor, to LineState, reason string) func(ctx context.Context, b *Batch, l *Line) error {
	return func(_ context.Context, b *Batch, l *Line) error {
		if err := mayCheck(actor, b); err != nil {
			return err
		}
		if l.State == to || !slices.Contains([]LineState{Listed, Waiting, Removed}, l.State) {
			return ErrState
		}
		l.State, l.Reason = to, reason
		return nil
	}
}

// restore puts a line back. What made it wait must be gone: nobody puts a firm back
// by hand whose sum cannot be told, which nobody has verified, or of which nobody
// can tell whether it fits.
func (s *Service) restore(ctx context.Context, actor auth.Actor, ref Ref, line string) (Batch, error) {
	v, err := s.Matching.View(ctx)
	if err != nil {
		return Batch{}, err
	}
	return s.ofLine(ctx, actor, ref, line, "grant.restore", "", func(ctx context.Context, b *Batch, l *Line) error {
		if err := mayCheck(actor, b); err != nil {
			return err
		}
		if l.State != Waiting && l.State != Removed || l.Sum <= 0 {
			return ErrState
		}
		unproven, err := s.Dossier.UnsettledOf(ctx, []string{l.FirmID})
		switch {
		case err != nil:
			return err
		case unproven[l.FirmID]:
			return ErrUnproven
		case v.Answer(matching.ClausePrefix+b.Key, l.FirmID) == engine.Unknown:
			return ErrUnknown
		}
		l.State, l.Reason, l.Cause = Listed, "", ""
		return nil
	})
}

// Keep lets a line stay whose firm fits no more, for a reason.
func (s *Service) Keep(ctx context.Context, actor auth.Actor, ref Ref, line, reason string) (Batch, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Batch{}, err
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return Batch{}, err
	}
	return s.ofLine(ctx, actor, ref, line, "grant.keep", reason, func(_ context.Context, b *Batch, l *Line) error {
		switch {
		case !Drafts(actor, b.DepartmentID):
			return ErrForbidden
		case b.State != Drafted, l.State != Listed: // who releases gives the list back: he keeps nobody himself
			return ErrState
		case v.Answer(matching.ClausePrefix+b.Key, l.FirmID) == engine.Unknown:
			return ErrUnknown
		}
		l.Kept = reason
		return nil
	})
}

// Check says that the department has looked at every line; somebody else releases it.
func (s *Service) Check(ctx context.Context, actor auth.Actor, ref Ref) (Batch, error) {
	return s.turn(ctx, actor, ref, "grant.check", "", func(ctx context.Context, b *Batch) (map[string]any, error) {
		if err := mayCheck(actor, b); err != nil {
			return nil, err
		}
		t, err := s.store.tallies(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		if t[Listed].N == 0 {
			return nil, ErrNobody
		}
		b.State, b.CheckedBy, b.CheckedAt, b.Note = Checked, actor.ID, s.Clock.Now(), ""
		return map[string]any{"lines": t[Listed].N, "fen": int64(t[Listed].Sum)}, nil
	})
}

// Return gives a checked batch back.
func (s *Service) Return(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Batch, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Batch{}, err
	}
	return s.turn(ctx, actor, ref, "grant.return", reason, func(_ context.Context, b *Batch) (map[string]any, error) {
		switch {
		case !Releases(actor, b.DepartmentID):
			return nil, ErrForbidden
		case b.State != Checked:
			return nil, ErrState
		}
		b.State, b.Note = Drafted, reason
		return map[string]any{}, nil
	})
}

// Discard throws a batch away that is not out; its firms are free for another one.
func (s *Service) Discard(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Batch, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Batch{}, err
	}
	return s.turn(ctx, actor, ref, "grant.discard", reason, func(ctx context.Context, b *Batch) (map[string]any, error) {
		switch {
		case !Drafts(actor, b.DepartmentID):
			return nil, ErrForbidden
		case b.State != Drafted && b.State != Checked:
			return nil, ErrState
		}
		if _, err := s.DB.Exec(ctx, `UPDATE matching_grant_line SET live=FALSE, version=version+1 WHERE grant_id=$1`, b.ID); err != nil {
			return nil, err
		}
		b.State, b.Note = Discarded, reason
		return map[string]any{}, nil
	})
}

// invalid says that a field is wrong.
func invalid(field string, e *errs.Error, params ...any) error {
	return ErrInvalid.At(field, e.Code, params...)
}
