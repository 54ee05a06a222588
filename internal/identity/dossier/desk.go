package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Matter is a place of a file that waits for a person.
type Matter struct {
	Firm    identity.Enterprise
	Def     *Def
	Year    int
	Present *Fact
	Open    []Fact // newest first
}

// Slot of the matter.
func (m Matter) Slot() Slot { return Slot{m.Def.Key, m.Year} }

// Request says that the firm asks for a correction, and nothing else is open.
func (m Matter) Request() bool {
	return !slices.ContainsFunc(m.Open, func(f Fact) bool { return f.State == Conflict })
}

// Mark names what is open now, so that nobody decides about what he has not seen.
func (m Matter) Mark() string {
	list := make([]string, 0, len(m.Open)+1)
	for _, f := range m.Open {
		list = append(list, f.ID+f.AsOf)
	}
	if m.Present != nil {
		list = append(list, m.Present.ID)
	}
	slices.Sort(list)
	return fmt.Sprint(len(list), strings.Join(list, ","))
}

// openTo is the condition on f (a line) and e (its firm) that the actor settles it.
func (s *Service) openTo(args *db.Args, actor auth.Actor) string {
	var parts []string
	for _, p := range actor.PostsOf(Keepers...) {
		if kept := s.vocab.kept(p.DepartmentID); actor.Kind == auth.Staff && len(kept) > 0 {
			parts = append(parts, `f.key IN `+db.In(args, kept)+` AND e.region LIKE `+args.Add(db.LikePrefix(auth.Reach(p.Region)))+` ESCAPE '\'`)
		}
	}
	if len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// Matters lists what the actor has to settle, the oldest first.
func (s *Service) Matters(ctx context.Context, actor auth.Actor, r page.Request) (page.Result[Matter], error) {
	if !Keeps(actor) {
		return page.Result[Matter]{}, ErrForbidden
	}
	type row struct {
		firm, key, first string
		year             int
	}
	var args db.Args
	where := s.openTo(&args, actor)
	having := ""
	if r.After != "" {
		having = ` HAVING MIN(f.id) > ` + args.Add(r.After)
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.firm, &x.key, &x.year, &x.first) },
		`SELECT f.enterprise_id, f.key, f.year, MIN(f.id) FROM identity_fact f JOIN identity_enterprise e ON e.id = f.enterprise_id
		WHERE f.state IN ('conflict','waiting') AND `+where+` GROUP BY f.enterprise_id, f.key, f.year`+having+` ORDER BY 4 LIMIT `+args.Add(r.Limit()+1), args...)
	if err != nil {
		return page.Result[Matter]{}, fmt.Errorf("dossier: matters: %w", err)
	}
	cut := page.Cut(rows, r.Limit(), func(x row) string { return x.first })
	out := page.Result[Matter]{Next: cut.Next}
	for _, x := range cut.Rows {
		m, err := s.matter(ctx, x.firm, Slot{x.key, x.year})
		if err != nil {
			return out, err
		}
		out.Rows = append(out.Rows, m)
	}
	return out, nil
}

// Open counts what the actor has to settle.
func (s *Service) Open(ctx context.Context, actor auth.Actor) (int, error) {
	var args db.Args
	where := s.openTo(&args, actor)
	return db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM (SELECT DISTINCT f.enterprise_id, f.key, f.year FROM identity_fact f
		JOIN identity_enterprise e ON e.id = f.enterprise_id WHERE f.state IN ('conflict','waiting') AND `+where+`) x`, args...)
}

func (s *Service) matter(ctx context.Context, firm string, slot Slot) (Matter, error) {
	e, err := s.Identity.Enterprise(ctx, firm)
	if err != nil {
		return Matter{}, err
	}
	m := Matter{Firm: e, Def: s.vocab.Def(slot.Key), Year: slot.Year}
	lines, err := s.store.facts(ctx, `enterprise_id=$1 AND key=$2 AND year=$3 AND state IN ('present','conflict','waiting') ORDER BY as_of DESC, id DESC`, firm, slot.Key, slot.Year)
	for _, f := range lines {
		if f.State == Present {
			m.Present = &f
		} else {
			m.Open = append(m.Open, f)
		}
	}
	return m, err
}

// Matter returns one; what the actor does not settle is ErrNotFound.
func (s *Service) Matter(ctx context.Context, actor auth.Actor, firm string, slot Slot) (Matter, error) {
	if s.vocab.Def(slot.Key) == nil {
		return Matter{}, ErrNotFound
	}
	m, err := s.matter(ctx, firm, slot)
	if isNotFound(err) || err == nil && !slices.Contains(s.vocab.keeps(actor, m.Firm.Region), slot.Key) {
		err = ErrNotFound
	}
	return m, err
}

// Verdict is what a person decides about a matter: whose word is taken, or
// another value that he has found himself.
type Verdict struct {
	Slot
	Mark   string
	Take   string // id of the line
	Value  string // as typed, instead of Take
	Reason string
}

// Decide settles a matter. What was not taken is rejected and stays in the
// history; the firm is told.
func (s *Service) Decide(ctx context.Context, actor auth.Actor, firm string, v Verdict) error {
	v.Reason = strings.TrimSpace(v.Reason)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Matter(ctx, actor, firm, v.Slot); err != nil {
			return err
		}
		if err := s.store.lock(ctx, firm, s.Clock.Now()); err != nil {
			return err
		}
		m, err := s.matter(ctx, firm, v.Slot) // again, now that nobody else writes
		switch {
		case err != nil:
			return err
		case len(m.Open) == 0:
			return ErrSettled
		case m.Mark() != v.Mark:
			return ErrStale
		case v.Reason == "" || utf8.RuneCountInString(v.Reason) > maxReason:
			return ErrInvalid.At("reason", ErrReason.Code, "max", maxReason)
		}
		return s.decide(ctx, actor, m, v)
	})
}

func (s *Service) decide(ctx context.Context, actor auth.Actor, m Matter, v Verdict) error {
	taken, found, err := s.taken(m, v)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	have, decisions, err := s.places(ctx, m.Firm.ID, map[Slot][]Word{v.Slot: nil})
	if err != nil {
		return err
	}
	lines := have[v.Slot]
	if taken.Source == Declared || found { // the officer stands for it from now on
		w := Fact{
			ID: ids.New(now), Firm: m.Firm.ID, Key: v.Key, Year: v.Year, Value: taken.Value, Source: Officer, Ref: taken.Ref, Since: s.today(), AsOf: s.today(),
			Reason: v.Reason, RecordedAt: now, State: Past,
		}
		s.signed(ctx, actor, &w)
		if err := s.store.insertFacts(ctx, []Fact{w}); err != nil {
			return err
		}
		taken, lines = w, append(lines, w)
	}
	d := Decision{
		ID: ids.New(now), Firm: m.Firm.ID, Key: v.Key, Year: v.Year, Value: taken.Value, Source: taken.Source, Origin: taken.Origin, Reason: v.Reason, At: now,
		Day: workday.DateOf(now).String(), By: actor.ID, ByName: s.Identity.NameOf(ctx, actor.ID), Not: []Said{},
	}
	sides := m.Open
	if m.Present != nil {
		sides = append(slices.Clone(sides), *m.Present)
	}
	for _, f := range sides {
		if f.Value != taken.Value && f.Source.Verified() && !slices.Contains(d.Not, f.said()) {
			d.Not = append(d.Not, f.said())
		}
	}
	if err := s.store.insertDecision(ctx, d); err != nil {
		return err
	}
	if err := s.decideNow(ctx, m.Firm.ID, v.Slot, lines, append(decisions[v.Slot], d)); err != nil {
		return err
	}
	if err := s.Audit.Record(ctx, actor, audit.Note{
		Action: "dossier.decide", Object: "enterprise:" + m.Firm.ID, Reason: v.Reason, Change: map[string]any{"key": v.Key, "year": v.Year, "source": taken.Source, "origin": taken.Origin},
	}); err != nil {
		return err
	}
	return s.tellDecided(ctx, m, d)
}

// taken is the word that was chosen; found says that it is the officer's own.
func (s *Service) taken(m Matter, v Verdict) (f Fact, found bool, err error) {
	for _, f := range m.Open {
		if f.ID == v.Take {
			return f, false, nil
		}
	}
	if m.Present != nil && m.Present.ID == v.Take {
		return *m.Present, false, nil
	}
	if strings.TrimSpace(v.Value) == "" {
		return f, false, ErrInvalid.At("take", ErrChoose.Code)
	}
	value, err := m.Def.Parse(v.Value)
	if err != nil {
		return f, false, at("value", err)
	}
	return Fact{Value: value}, true, nil
}

// tellDecided tells the people of the firm what was decided.
func (s *Service) tellDecided(ctx context.Context, m Matter, d Decision) error {
	name := m.Def.Name
	if m.Year != 0 {
		name = i18n.Text{ZH: fmt.Sprintf("%d年%s", m.Year, name.ZH), EN: fmt.Sprintf("%s %d", name.EN, m.Year)}
	}
	return s.tellFirm(ctx, m.Firm, notify.News{
		Key: "dossier:" + d.ID, Kind: "dossier_decided", Link: "/my/firms/" + m.Firm.ID + "/facts/" + m.Def.Key + yearPart(m.Year),
		Params: map[string]any{
			"firm": m.Firm.Name, "fact": name, "reason": d.Reason,
			"value": i18n.Text{ZH: m.Def.Words(i18n.Chinese, d.Value), EN: m.Def.Words(i18n.English, d.Value)},
		},
	})
}

func (s *Service) tellFirm(ctx context.Context, e identity.Enterprise, n notify.News) error {
	agents, err := s.Identity.AgentsFor(ctx, e.ID, auth.ModuleFile)
	if err != nil {
		return err
	}
	for _, a := range agents {
		if err := s.Notify.Tell(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: a.Email}, n); err != nil {
			return err
		}
	}
	return nil
}

func yearPart(year int) string {
	if year == 0 {
		return ""
	}
	return fmt.Sprintf("?year=%d", year)
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
