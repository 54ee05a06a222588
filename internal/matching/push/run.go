package push

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

// ClosingDays is how long before the end of a window a firm is reminded.
const ClosingDays = 14

// named is how many clauses a message names; the page has them all.
const named = 5

// pace of the job. A run in which nothing is new costs two small reads, so all
// changes of two minutes are gathered into one.
const pace = 2 * time.Minute

// feed is the clock of matching_change: that of the machine.
var feed clock.Clock = clock.System{}

// overlap is how long after its time a change may be committed.
const overlap = 2 * time.Minute

type runArgs struct{}

// Kind names the job.
func (runArgs) Kind() string { return "push.run" }

// Workers adds the job of the package.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ runArgs) error { return s.Follow(ctx) })
	jobs.Every(q, pace, runArgs{})
}

// Follow tells what is new since the last time: with a new day, or something else
// published, of all firms and of what people saved, else of firms whose facts are
// others.
func (s *Service) Follow(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lib, err := s.Policies.Library(ctx)
	if err != nil {
		return err
	}
	now := seen{day: s.today(), generation: lib.Generation(), at: feed.Now()}
	only := map[string]bool{}
	whole := s.last.day != now.day || s.last.generation != now.generation || now.at.Sub(s.last.at) > 20*time.Hour
	if whole {
		only = nil
	} else {
		firms, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT DISTINCT enterprise_id FROM matching_change WHERE at >= $1`, db.MS(s.last.at.Add(-overlap)))
		if err != nil {
			return fmt.Errorf("push: follow: %w", err)
		}
		for _, f := range firms {
			only[f] = true
		}
	}
	if only == nil || len(only) > 0 {
		_, err = s.run(ctx, only)
	}
	if whole {
		_, failed := s.RunStars(ctx)
		err = errors.Join(err, failed)
	}
	if err == nil {
		s.last = now
	}
	return err
}

// Run tells every firm what it was not told yet, and returns how many were told.
// It may be repeated at any time, and run by two at once.
func (s *Service) Run(ctx context.Context) (int, error) { return s.run(ctx, nil) }

// news is something to tell a firm.
type news struct {
	policy.Entry
	kinds []Kind // the first is the one that is named
	until string
	round string // first day of the window that is open
	worth money.Fen
}

func (s *Service) run(ctx context.Context, only map[string]bool) (int, error) {
	firms, err := s.reachable(ctx, only)
	if err != nil || len(firms) == 0 {
		return 0, err
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return 0, err
	}
	all, err := s.gather(ctx, v, firms)
	if err != nil {
		return 0, err
	}
	told, errAll := 0, error(nil)
	for _, firm := range firms {
		if ctx.Err() != nil {
			return told, ctx.Err()
		}
		ok, err := s.tell(ctx, v, firm, all[firm])
		if err != nil { // one firm does not hold up the others
			errAll = errors.Join(errAll, fmt.Errorf("push: firm %s: %w", firm, err))
		}
		if ok {
			told++
		}
	}
	return told, errAll
}

// reachable are the firms that have somebody who could be told and were told
// nothing today, in order.
func (s *Service) reachable(ctx context.Context, only map[string]bool) ([]string, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT DISTINCT g.enterprise_id FROM identity_agent g LEFT JOIN matching_push_day d ON d.enterprise_id = g.enterprise_id
		WHERE g.ended_at=0 AND (d.day IS NULL OR d.day < $1) ORDER BY g.enterprise_id`, s.today())
	if err != nil {
		return nil, fmt.Errorf("push: firms: %w", err)
	}
	if only != nil {
		list = slices.DeleteFunc(list, func(f string) bool { return !only[f] })
	}
	return list, nil
}

// gather finds what is to be told to some firms, by firm.
func (s *Service) gather(ctx context.Context, v *matching.View, firms []string) (map[string][]news, error) {
	entries, err := s.Policies.Published(ctx)
	if err != nil {
		return nil, err
	}
	wanted := make(map[string]bool, len(firms))
	for _, f := range firms {
		wanted[f] = true
	}
	known, err := s.known(ctx, firms)
	if err != nil {
		return nil, err
	}
	out, day := map[string][]news{}, v.Day()
	soon := dayAfter(day, ClosingDays)
	open := map[string]news{}
	add := func(firm string, n news, kinds ...Kind) {
		k := known[firm][n.Key]
		if kinds = slices.DeleteFunc(kinds, func(x Kind) bool { return k.knows(n, x) }); len(kinds) == 0 || k.over(n) {
			return
		}
		n.kinds = kinds
		n.worth, _ = v.Worth(matching.ClausePrefix+n.Key, firm)
		out[firm] = append(out[firm], n)
	}
	for _, e := range entries {
		key := matching.ClausePrefix + e.Key
		if !e.Holds(day) || !e.Matched() || !v.Has(key) {
			continue
		}
		n := news{Entry: e}
		now := false
		n.until, now = e.Open(day)
		if _, comes := e.Next(day); !now && !comes {
			continue // nobody can have it any more
		}
		if now {
			w, _ := e.Window(day)
			n.round = w.From
		}
		open[key] = n
		v.Each(key, engine.Yes, func(firm string) {
			switch {
			case !wanted[firm]:
			case now && n.until != "" && n.until <= soon && e.Way != policy.Plain && e.Way != policy.Automatic:
				add(firm, n, Newly, Closing)
			default:
				add(firm, n, Newly)
			}
		})
	}
	var failed error
	v.EachNear(func(key, firm string) {
		n, ok := open[key]
		if !ok || failed != nil || !wanted[firm] || n.Way == policy.Plain || v.Answer(key, firm) != engine.No {
			return // where one fact is missing the page asks for it
		}
		if k := known[firm][n.Key]; k.knows(n, Near) || k.over(n) {
			return
		}
		r, err := v.Explain(key, firm)
		if failed = err; r != nil && halfWay(r) {
			add(firm, n, Near)
		}
	})
	if failed != nil {
		return nil, failed
	}
	return out, nil
}

// halfWay says that what is short is an amount of which half is there. That a firm
// would only have to be listed on an exchange is no news to it, and nobody should
// be told to sell less.
func halfWay(r *rule.Reason) bool {
	if r.Answer != engine.No {
		return false
	}
	if r.Op != rule.OpCondition {
		return slices.ContainsFunc(r.Kids, halfWay)
	}
	if r.Fixed || r.Short == nil || r.Short.Sign() < 0 || r.Own == nil || r.Need == nil || r.Need.Sign() == 0 {
		return false
	}
	off := new(big.Rat).Sub(r.Need, r.Own)
	return off.Abs(off).Cmp(new(big.Rat).Abs(new(big.Rat).Mul(r.Need, big.NewRat(1, 2)))) <= 0
}

func dayAfter(day string, n int) string {
	d, err := workday.Parse(day)
	if err != nil {
		return day
	}
	return d.AddDays(n).String()
}

// standing is what a firm was told of a clause.
type standing []Push

// knows says that the firm was told that before: of what closes once in each
// window, of everything else once for an edition.
func (k standing) knows(n news, kind Kind) bool {
	return slices.ContainsFunc(k, func(p Push) bool {
		return p.Edition == n.Edition && p.Kind == kind && (kind != Closing || n.opened(p.ToldAt))
	})
}

// opened says that a time lies within the window that is open now.
func (n news) opened(at time.Time) bool {
	return n.round != "" && workday.DateOf(at).String() >= n.round
}

// over says that nothing more is told: the firm does not want it, has all that it
// can have, or has applied in the window that is open.
func (k standing) over(n news) bool {
	return slices.ContainsFunc(k, func(p Push) bool {
		switch p.State {
		case Declined:
			return true
		case Applied, Granted:
			return p.State == Granted && n.Benefit.Per == policy.Once || len(n.Windows) == 0 || n.round == "" || n.opened(p.AppliedAt)
		}
		return false
	})
}

// atOnce is how many firms one query asks for.
const atOnce = 500

func (s *Service) known(ctx context.Context, firms []string) (map[string]map[string]standing, error) {
	out := map[string]map[string]standing{}
	for part := range slices.Chunk(firms, atOnce) {
		var args db.Args
		list, err := db.List(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM matching_push WHERE enterprise_id IN `+db.In(&args, part), args...)
		if err != nil {
			return nil, fmt.Errorf("push: known: %w", err)
		}
		for _, p := range list {
			if out[p.Firm] == nil {
				out[p.Firm] = map[string]standing{}
			}
			out[p.Firm][p.Clause] = append(out[p.Firm][p.Clause], p)
		}
	}
	return out, nil
}

// rank puts what a firm should see first: what it fits before what it nearly fits,
// then what gives most.
func rank(a, b news) int {
	near := func(n news) int {
		if n.kinds[0] == Near {
			return 1
		}
		return 0
	}
	worth := func(n news) money.Fen {
		if n.Benefit.Kind == policy.Loan { // has to be paid back
			return 0
		}
		return n.worth
	}
	return cmp.Or(near(a)-near(b), -cmp.Compare(worth(a), worth(b)), -cmp.Compare(a.worth, b.worth), cmp.Compare(a.Key, b.Key))
}

// tell enters what is new for a firm and tells its people in one message.
func (s *Service) tell(ctx context.Context, v *matching.View, firm string, list []news) (told bool, err error) {
	if len(list) == 0 {
		return false, nil
	}
	people, err := s.people(ctx, firm)
	if err != nil || len(people) == 0 {
		return false, err
	}
	e, err := s.Identity.Enterprise(ctx, firm)
	if err != nil {
		return false, err
	}
	slices.SortFunc(list, rank)
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		told = false
		now := s.Clock.Now()
		// Two runs at once: one of them gets the day.
		n, err := s.DB.Exec(ctx, `INSERT INTO matching_push_day (enterprise_id, day) VALUES ($1,$2)
			ON CONFLICT (enterprise_id) DO UPDATE SET day=excluded.day WHERE matching_push_day.day < excluded.day`, firm, s.today())
		if err != nil || n == 0 {
			return err
		}
		var fresh []news
		for _, x := range list {
			entered := int64(0)
			for _, k := range x.kinds {
				n, err := s.enter(ctx, firm, x, k, "", now)
				if err != nil {
					return err
				}
				entered += n
			}
			if entered > 0 {
				fresh = append(fresh, x)
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		lines, err := s.lines(ctx, v, firm, fresh)
		if err != nil {
			return err
		}
		kind := "push_some"
		if len(fresh) > named {
			kind = "push_many"
		}
		told = true
		return s.tellAll(ctx, people, notify.News{
			Key: "push:" + firm + ":" + s.today(), Kind: kind, Link: "/my/policies?firm=" + firm, Class: notify.Progress,
			Params: map[string]any{"firm": e.Name, "n": len(fresh), "list": lines},
		})
	})
	return told && err == nil, err
}

// enter writes that a firm is told; 0 when it was before.
func (s *Service) enter(ctx context.Context, firm string, x news, k Kind, by string, now time.Time) (int64, error) {
	round := ""
	if k == Closing {
		round = x.round
	}
	return s.DB.Exec(ctx, `INSERT INTO matching_push (id, enterprise_id, clause, edition, kind, round, state, item, worth_fen, by_id, case_id, told_at, opened_at, chosen_at, applied_at, granted_at, declined_at, version)
		VALUES ($1,$2,$3,$4,$5,$6,'told',$7,$8,$9,'',$10,0,0,0,0,0,1) ON CONFLICT (enterprise_id, clause, edition, kind, round) DO NOTHING`,
		ids.New(now), firm, x.Key, x.Edition, string(k), round, x.Item, int64(x.worth), by, db.MS(now))
}

func (s *Service) tellAll(ctx context.Context, people []identity.Account, n notify.News) error {
	for _, a := range people {
		if err := s.Notify.Tell(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: a.Email}, n); err != nil {
			return err
		}
	}
	return nil
}

// lines names the first of what is new in words, with why.
func (s *Service) lines(ctx context.Context, v *matching.View, firm string, list []news) (i18n.Text, error) {
	var out i18n.Text
	for _, l := range []i18n.Locale{i18n.Chinese, i18n.English} {
		said := i18n.With(ctx, s.Texts, l)
		var parts []string
		for _, x := range list[:min(named, len(list))] {
			line, err := s.line(said, v, firm, x)
			if err != nil {
				return out, err
			}
			parts = append(parts, line)
		}
		text := strings.Join(parts, i18n.T(said, "push.line.join"))
		if l == i18n.Chinese {
			out.ZH = text
		} else {
			out.EN = text
		}
	}
	return out, nil
}

func (s *Service) line(ctx context.Context, v *matching.View, firm string, x news) (string, error) {
	var facts []string
	switch {
	case x.kinds[0] == Near:
		short, err := s.short(ctx, v, x.Key, firm)
		if err != nil {
			return "", err
		}
		facts = append(facts, i18n.T(ctx, "push.line.near", "what", strings.Join(short, i18n.T(ctx, "push.line.comma"))))
	case slices.Contains(x.kinds, Closing):
		facts = append(facts, i18n.T(ctx, "push.line.closing", "day", DayWords(ctx, x.until)))
	default:
		facts = append(facts, i18n.T(ctx, "push.line.new"))
	}
	if x.worth > 0 && x.kinds[0] != Near {
		facts = append(facts, i18n.T(ctx, "push.line.worth", "n", Yuan(ctx, x.worth)))
	}
	return i18n.T(ctx, "push.line", "title", x.Title, "facts", strings.Join(facts, i18n.T(ctx, "push.line.comma"))), nil
}

// short are the conditions that keep a firm from a clause, in words.
func (s *Service) short(ctx context.Context, v *matching.View, clause, firm string) ([]string, error) {
	r, err := v.Explain(matching.ClausePrefix+clause, firm)
	if err != nil || r == nil {
		return nil, err
	}
	why := s.Facts.Why(ctx, r, v.Day())
	var out []string
	for _, a := range []engine.Tri{engine.No, engine.Unknown} {
		for _, l := range why.Flat(a) {
			if words := conditionWords(ctx, l); !slices.Contains(out, words) { // one fact may be missing in several conditions
				out = append(out, words)
			}
		}
	}
	return out, nil
}

// conditionWords is a condition and how far the firm is from it, or what is missing.
func conditionWords(ctx context.Context, l facts.Line) string {
	switch {
	case l.Short != "":
		return i18n.T(ctx, "push.short.by", "what", l.Text, "short", l.Short)
	case len(l.Missing) > 0:
		return i18n.T(ctx, "push.short.missing", "what", l.Missing[0].Name)
	}
	return l.Text
}
