package dossier

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
)

// Word is a value that somebody says of a firm. Value is canonical (Def.Parse).
type Word struct {
	Key    string
	Year   int
	Value  string
	Source Source
	Origin string
	Ref    string
	AsOf   string // ISO date, "" for today
	Asked  bool
	Reason string
	Paper  string
}

// outcome of recording: which lines are new or stand differently, and which
// present values became others.
type outcome struct {
	Changed []string
	Lines   []Fact // that were written, as they stand now
}

// record adds words to the file of a firm, decides by the rules what is present,
// and brings the columns, the score and everybody who listens up to date. It
// joins the transaction of ctx; who may say what was checked before.
func (s *Service) record(ctx context.Context, actor auth.Actor, firm string, words []Word) (out outcome, err error) {
	if err := s.store.lock(ctx, firm, s.Clock.Now()); err != nil {
		return out, err
	}
	w, err := s.work(ctx, actor, firm, words)
	if err != nil {
		return out, err
	}
	if err := s.write(ctx, w.Lines, w.have); err != nil {
		return out, err
	}
	return w.outcome, s.settleFile(ctx, firm, w.changed, w.Changed)
}

// worked is what words would do to a file.
type worked struct {
	outcome
	have    map[Slot][]Fact
	changed []Fact // present values that become others
}

// work finds out what words would do to the file of a firm; it writes nothing.
func (s *Service) work(ctx context.Context, actor auth.Actor, firm string, words []Word) (out worked, err error) {
	now := s.Clock.Now()
	slots := map[Slot][]Word{}
	for _, w := range words {
		d := s.vocab.Def(w.Key)
		if d == nil || !d.By(w.Source) || d.Yearly != (w.Year != 0) {
			return out, fmt.Errorf("dossier: %s does not say %s of %d", w.Source, w.Key, w.Year)
		}
		if w.Value != "" {
			slots[Slot{w.Key, w.Year}] = append(slots[Slot{w.Key, w.Year}], w)
		}
	}
	have, decisions, err := s.places(ctx, firm, slots)
	if err != nil {
		return out, err
	}
	out.have = have
	var by Fact
	s.signed(ctx, actor, &by)
	for slot, said := range slots {
		before := have[slot]
		after := slices.Clone(before)
		slices.SortFunc(said, func(a, b Word) int { return cmp.Compare(a.AsOf, b.AsOf) })
		for _, w := range said {
			day := cmp.Or(w.AsOf, s.today())
			after = merge(after, Fact{
				ID: ids.New(now), Firm: firm, Key: w.Key, Year: w.Year, Value: w.Value, Source: w.Source, Origin: w.Origin, Ref: w.Ref, Since: day, AsOf: day,
				Asked: w.Asked, Reason: w.Reason, Paper: w.Paper, RecordedAt: now, RecordedBy: by.RecordedBy, ByName: by.ByName,
			})
		}
		after = Resolve(after, decisions[slot])
		out.Lines = append(out.Lines, differing(before, after)...)
		if was, is := presentOf(before), presentOf(after); was.Value != is.Value || was.Disputed != is.Disputed || was.Source.Verified() != is.Source.Verified() {
			out.changed = append(out.changed, is)
			out.Changed = append(out.Changed, slot.Key)
		}
	}
	slices.Sort(out.Changed)
	out.Changed = slices.Compact(out.Changed)
	return out, nil
}

// decideNow works out a place anew after a decision.
func (s *Service) decideNow(ctx context.Context, firm string, slot Slot, before []Fact, decisions []Decision) error {
	after := Resolve(before, decisions)
	if err := s.write(ctx, differing(before, after), map[Slot][]Fact{slot: before}); err != nil {
		return err
	}
	return s.settleFile(ctx, firm, []Fact{presentOf(after)}, []string{slot.Key})
}

// places reads what was said and decided in some places of a file.
func (s *Service) places(ctx context.Context, firm string, slots map[Slot][]Word) (map[Slot][]Fact, map[Slot][]Decision, error) {
	var args db.Args
	where := `enterprise_id = ` + args.Add(firm)
	keys := map[string]bool{}
	for slot := range slots {
		keys[slot.Key] = true
	}
	list := make([]string, 0, len(keys))
	for k := range keys {
		list = append(list, k)
	}
	slices.Sort(list)
	where += ` AND key IN ` + db.In(&args, list)
	facts, err := s.store.facts(ctx, where+` ORDER BY id`, args...)
	if err != nil {
		return nil, nil, err
	}
	decisions, err := s.store.decisions(ctx, where+` ORDER BY id`, args...)
	if err != nil {
		return nil, nil, err
	}
	have, decided := map[Slot][]Fact{}, map[Slot][]Decision{}
	for _, f := range facts {
		have[f.Slot()] = append(have[f.Slot()], f)
	}
	for _, d := range decisions {
		decided[Slot{d.Key, d.Year}] = append(decided[Slot{d.Key, d.Year}], d)
	}
	return have, decided, nil
}

// differing are the lines that are new or stand differently than before.
func differing(before, after []Fact) []Fact {
	was := map[string]Fact{}
	for _, f := range before {
		was[f.ID] = f
	}
	var out []Fact
	for _, f := range after {
		if b, ok := was[f.ID]; !ok || b.State != f.State || b.Disputed != f.Disputed || b.AsOf != f.AsOf {
			out = append(out, f)
		}
	}
	return out
}

func presentOf(list []Fact) Fact {
	for _, f := range list {
		if f.State == Present {
			return f
		}
	}
	if len(list) > 0 {
		return Fact{Firm: list[0].Firm, Key: list[0].Key, Year: list[0].Year}
	}
	return Fact{}
}

// write brings lines to the table: first those that are present no more, so that
// at no moment two are.
func (s *Service) write(ctx context.Context, lines []Fact, have map[Slot][]Fact) error {
	var fresh, later []Fact
	for _, f := range lines {
		switch {
		case !slices.ContainsFunc(have[f.Slot()], func(b Fact) bool { return b.ID == f.ID }):
			fresh = append(fresh, f)
		case f.State == Present:
			later = append(later, f)
		default:
			if err := s.store.restate(ctx, f); err != nil {
				return err
			}
		}
	}
	for _, f := range later {
		if err := s.store.restate(ctx, f); err != nil {
			return err
		}
	}
	slices.SortFunc(fresh, func(a, b Fact) int { return cmp.Compare(a.ID, b.ID) })
	return s.store.insertFacts(ctx, fresh)
}

// settleFile brings columns and score up to date and tells who listens.
func (s *Service) settleFile(ctx context.Context, firm string, changed []Fact, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	if err := s.project(ctx, firm, changed); err != nil {
		return err
	}
	if err := s.rescore(ctx, firm); err != nil {
		return err
	}
	return events.Publish(ctx, s.Bus, Changed{Firm: firm, Keys: keys})
}

// project writes present values into the columns of the firm.
func (s *Service) project(ctx context.Context, firm string, changed []Fact) error {
	e, err := s.Identity.Enterprise(ctx, firm)
	if err != nil {
		return err
	}
	in := identity.EnterpriseInput{Enterprise: e}
	years, columns := map[int]bool{}, false
	for _, f := range changed {
		if f.Year != 0 {
			years[f.Year] = true
		}
		columns = s.column(&in.Enterprise, f) || columns
	}
	if len(years) == 0 && !columns {
		return nil
	}
	for year := range years {
		list, err := s.store.facts(ctx, `enterprise_id=$1 AND year=$2 AND state='present'`, firm, year)
		if err != nil {
			return err
		}
		in.Figures = append(in.Figures, figure(year, list))
	}
	_, err = s.Identity.SaveEnterprise(ctx, auth.SystemActor(), in)
	return err
}

// column puts a value into the column that holds it; false when none does.
func (s *Service) column(e *identity.Enterprise, f Fact) bool {
	switch f.Key {
	case "name":
		e.Name.ZH = f.Value
	case "name_en":
		e.Name.EN = f.Value
	case "legal_representative":
		e.LegalRepresentative = f.Value
	case "industry":
		e.Industry = f.Value
	case "region":
		if f.Value == "" {
			return false // a firm lies somewhere
		}
		if at, ok := s.regionHere(f.Value); ok {
			e.Region = at
		}
	case "address":
		e.Address = f.Value
	case "registered_on":
		e.RegisteredOn = f.Value
	case "capital":
		n, _ := strconv.ParseInt(f.Value, 10, 64)
		e.Capital = money.Fen(n)
	case "phone":
		e.Phone = f.Value
	case "email":
		e.Email = f.Value
	default:
		return false
	}
	return true
}

// regionHere is the division of this platform that a code lies in: itself, or
// the nearest one above it that the platform has.
func (s *Service) regionHere(code string) (string, bool) {
	dir := s.Identity.Directory()
	for _, c := range []string{code, prefix(code, 6), prefix(code, 4) + "00", prefix(code, 2) + "0000"} {
		if dir.Region(c).Level != "" {
			return c, true
		}
	}
	return "", false
}

func prefix(s string, n int) string { return s[:min(n, len(s))] }

// figure is a year of present values.
func figure(year int, list []Fact) identity.Figure {
	f := identity.Figure{Year: year}
	amounts := map[string]**money.Fen{
		"revenue": &f.Revenue, "main_revenue": &f.Main, "high_tech_revenue": &f.HighTech, "costs": &f.Costs, "rd_cost": &f.RD, "profit": &f.Profit, "tax": &f.Tax,
		"assets": &f.Assets, "net_assets": &f.NetAssets,
	}
	counts := map[string]**int{"staff": &f.Staff, "rd_staff": &f.RDStaff, "patents_1": &f.Patents1, "patents_2": &f.Patents2}
	for _, x := range list {
		n, err := strconv.ParseInt(x.Value, 10, 64)
		if err != nil {
			continue
		}
		if to, ok := amounts[x.Key]; ok {
			*to = new(money.Fen(n))
		}
		if to, ok := counts[x.Key]; ok {
			*to = new(int(n))
		}
	}
	return f
}
