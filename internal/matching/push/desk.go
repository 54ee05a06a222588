package push

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Desk are the roles that see the candidates of a clause: those of the department
// of its document, and leaders of its region.
var Desk = []auth.Role{auth.Handler, auth.Approver, auth.Head, auth.Leader}

func (s *Service) sees(a auth.Actor, e policy.Entry) bool {
	region := s.Identity.Directory().Department(e.Document.Department).Region
	return s.writes(a, e) || slices.ContainsFunc(a.PostsOf(auth.Leader), func(p auth.Post) bool { return strings.HasPrefix(region, auth.Reach(p.Region)) })
}

// writes says who invites and notes: the department.
func (s *Service) writes(a auth.Actor, e policy.Entry) bool {
	return a.Kind == auth.Staff && slices.ContainsFunc(a.PostsOf(auth.Handler, auth.Approver, auth.Head), func(p auth.Post) bool {
		return p.DepartmentID != "" && p.DepartmentID == e.Document.Department
	})
}

// SeesCandidates says whether the actor may look for firms for a clause.
func (s *Service) SeesCandidates(a auth.Actor, e policy.Entry) bool {
	return a.Kind == auth.Staff && s.sees(a, e)
}

func (s *Service) entry(ctx context.Context, actor auth.Actor, key string, write bool) (policy.Entry, error) {
	lib, err := s.Policies.Library(ctx)
	if err != nil {
		return policy.Entry{}, err
	}
	e, ok := lib.Entry(key)
	if !ok || !s.SeesCandidates(actor, e) || write && !s.writes(actor, e) {
		return e, ErrNotFound
	}
	return e, nil
}

// Funnel counts firms of a clause from fitting to the grant, and its money.
type Funnel struct {
	Fits, Open, Near               int // today
	Told, Opened, Applied, Granted int
	Declined                       int
	Money                          bool // there is a fund or a budget
	Fund                           i18n.Text
	Total, Spent, Left             money.Fen
	Reckoned                       bool // Spent is what was worth to those granted, not what was paid
}

// Candidate is a firm that could have a clause.
type Candidate struct {
	identity.Enterprise
	Standing advice.Standing
	Worth    money.Fen
	Short    []string // conditions that keep it from it
	Officer  i18n.Text
	State    State // "" for one that was told nothing
	Invited  bool
	Refused  bool // nobody of it wants to be told
	Notes    []Note
}

// Note is what a department wrote down about a candidate.
type Note struct {
	Firm, By, Words string
	At              time.Time
}

// Candidates of a clause.
type Candidates struct {
	Entry    policy.Entry
	Funnel   Funnel
	Standing advice.Standing
	Rows     []Candidate
	All      int
	Page     int
	Pages    int
	MayWrite bool
	Shared   []policy.Entry // other clauses in force whose applications go to the same item
}

// candidatesMost bounds how many firms a list goes through, the best worth first.
const candidatesMost = 2000

const pageSize = 25

// Candidates lists the firms of a standing towards a clause, worth most first.
func (s *Service) Candidates(ctx context.Context, actor auth.Actor, key string, standing advice.Standing, page int) (*Candidates, error) {
	e, err := s.entry(ctx, actor, key, false)
	if err != nil {
		return nil, err
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(advice.Standings, standing) {
		standing = advice.Fits
	}
	c := &Candidates{Entry: e, Standing: standing, MayWrite: s.writes(actor, e)}
	all, err := s.Policies.Published(ctx)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if e.Item != "" && o.Item == e.Item && o.Key != e.Key && o.Holds(v.Day()) {
			c.Shared = append(c.Shared, o)
		}
	}
	lists := s.standings(v, e)
	if c.Funnel, err = s.funnel(ctx, e, lists); err != nil {
		return nil, err
	}
	firms := lists[standing]
	c.All, c.Pages = len(firms), max(1, (min(len(firms), candidatesMost)+pageSize-1)/pageSize)
	c.Page = min(max(1, page), c.Pages)
	from := (c.Page - 1) * pageSize
	firms = firms[min(from, len(firms)):min(from+pageSize, len(firms))]
	c.Rows, err = s.rows(ctx, v, e, firms, standing)
	return c, err
}

// standings are the firms by how they stand towards a clause, worth most first.
func (s *Service) standings(v *matching.View, e policy.Entry) map[advice.Standing][]string {
	out, key := map[advice.Standing][]string{}, matching.ClausePrefix+e.Key
	if !v.Has(key) {
		return out
	}
	v.Each(key, engine.Yes, func(firm string) { out[advice.Fits] = append(out[advice.Fits], firm) })
	near := map[string]bool{}
	v.Near(key, func(firm string) {
		near[firm] = true
		out[advice.Near] = append(out[advice.Near], firm)
	})
	v.Each(key, engine.Unknown, func(firm string) {
		if !near[firm] {
			out[advice.Open] = append(out[advice.Open], firm)
		}
	})
	for _, list := range out {
		worth := make(map[string]money.Fen, len(list))
		for _, f := range list {
			worth[f], _ = v.Worth(key, f)
		}
		slices.SortFunc(list, func(a, b string) int { return cmp.Or(-cmp.Compare(worth[a], worth[b]), cmp.Compare(a, b)) })
	}
	return out
}

func (s *Service) funnel(ctx context.Context, e policy.Entry, lists map[advice.Standing][]string) (Funnel, error) {
	f := Funnel{Fits: len(lists[advice.Fits]), Open: len(lists[advice.Open]), Near: len(lists[advice.Near])}
	type row struct {
		opened, applied, granted, declined bool
		worth                              money.Fen
	}
	year, err := workday.Parse(s.today()[:4] + "-01-01")
	if err != nil {
		return f, fmt.Errorf("push: funnel: %w", err)
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.opened, &x.applied, &x.granted, &x.declined, &x.worth)
	}, `SELECT max(opened_at) > 0, max(applied_at) > 0, max(granted_at) > 0, max(declined_at) > 0, max(CASE WHEN granted_at >= $2 THEN worth_fen ELSE 0 END)
		FROM matching_push WHERE clause=$1 GROUP BY enterprise_id`, e.Key, db.MS(workday.StartOf(year)))
	if err != nil {
		return f, fmt.Errorf("push: funnel: %w", err)
	}
	f.Told = len(list)
	var spent money.Fen
	for _, x := range list {
		for at, n := range map[*int]bool{&f.Opened: x.opened, &f.Applied: x.applied, &f.Granted: x.granted, &f.Declined: x.declined} {
			if n {
				*at++
			}
		}
		spent += x.worth
	}
	if e.Benefit.Fund != "" && s.Ports.Fund != nil {
		fund, ok, err := s.Ports.Fund(ctx, e.Benefit.Fund)
		if err != nil {
			return f, err
		}
		if ok {
			f.Money, f.Fund, f.Total, f.Spent, f.Left = true, fund.Name, fund.Total, fund.Granted, fund.Left
			return f, nil
		}
	}
	if e.Benefit.Budget > 0 {
		f.Money, f.Reckoned, f.Total, f.Spent, f.Left = true, true, e.Benefit.Budget, spent, e.Benefit.Budget-spent
	}
	return f, nil
}

// rows puts together what a page shows of some firms, in their order.
func (s *Service) rows(ctx context.Context, v *matching.View, e policy.Entry, firms []string, standing advice.Standing) ([]Candidate, error) {
	if len(firms) == 0 {
		return nil, nil
	}
	files, err := s.Identity.Enterprises(ctx, firms)
	if err != nil {
		return nil, err
	}
	var officers map[string]i18n.Text
	if s.Ports.Officers != nil {
		if officers, err = s.Ports.Officers(ctx, firms); err != nil {
			return nil, err
		}
	}
	var args db.Args
	where := `clause=` + args.Add(e.Key) + ` AND enterprise_id IN ` + db.In(&args, firms)
	told, err := db.List(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM matching_push WHERE `+where+` ORDER BY told_at, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("push: rows: %w", err)
	}
	notes, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (n Note, err error) {
		return n, r.Scan(&n.Firm, &n.By, &n.Words, db.Time{Time: &n.At})
	},
		`SELECT enterprise_id, by_name, words, at FROM matching_push_note WHERE `+where+` ORDER BY id DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("push: notes: %w", err)
	}
	out := make([]Candidate, 0, len(files))
	for _, f := range files {
		c := Candidate{Enterprise: f, Standing: standing, Officer: officers[f.ID]}
		c.Worth, _ = v.Worth(matching.ClausePrefix+e.Key, f.ID)
		if standing != advice.Fits {
			if c.Short, err = s.short(ctx, v, e.Key, f.ID); err != nil {
				return nil, err
			}
		}
		for _, p := range told {
			if p.Firm == f.ID {
				c.State, c.Invited = p.State, c.Invited || p.Kind == Invite && p.Edition == e.Edition
			}
		}
		for _, n := range notes {
			if n.Firm == f.ID {
				c.Notes = append(c.Notes, n)
			}
		}
		people, err := s.people(ctx, f.ID)
		if err != nil {
			return nil, err
		}
		c.Refused = len(people) == 0
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Candidate) int { return slices.Index(firms, a.ID) - slices.Index(firms, b.ID) })
	return out, nil
}

// candidate says whether a firm may be invited: it fits, or nearly, or nobody knows.
func (s *Service) candidate(ctx context.Context, e policy.Entry, firm string) (*matching.View, error) {
	v, err := s.Matching.View(ctx)
	if err != nil {
		return nil, err
	}
	for _, list := range s.standings(v, e) {
		if slices.Contains(list, firm) {
			return v, nil
		}
	}
	return nil, ErrNotFound
}

// Invite asks a firm, once for each edition, to apply.
func (s *Service) Invite(ctx context.Context, actor auth.Actor, key, firm string) error {
	e, err := s.entry(ctx, actor, key, true)
	if err != nil {
		return err
	}
	v, err := s.candidate(ctx, e, firm)
	if err != nil {
		return err
	}
	people, err := s.people(ctx, firm)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return ErrRefused
	}
	file, err := s.Identity.Enterprise(ctx, firm)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		x := news{Entry: e}
		x.worth, _ = v.Worth(matching.ClausePrefix+e.Key, firm)
		n, err := s.enter(ctx, firm, x, Invite, actor.ID, s.Clock.Now())
		if err != nil {
			return fmt.Errorf("push: invite: %w", err)
		}
		if n == 0 {
			return ErrInvited
		}
		if err := s.tellAll(ctx, people, notify.News{
			Key: "push:invite:" + firm + ":" + key + ":" + fmt.Sprint(e.Edition), Kind: "push_invite", Link: "/my/policies?firm=" + firm, Class: notify.Conversation,
			Params: map[string]any{"firm": file.Name, "title": e.Title, "department": s.Identity.Directory().Department(e.Document.Department).Name},
		}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "push.invite", Object: "enterprise:" + firm, Change: map[string]any{"clause": key}})
	})
}

// NoteMost is how long a note may be.
const NoteMost = 300

// Write notes something about a candidate.
func (s *Service) Write(ctx context.Context, actor auth.Actor, key, firm, words string) error {
	e, err := s.entry(ctx, actor, key, true)
	if err != nil {
		return err
	}
	if words = strings.TrimSpace(words); words == "" || utf8.RuneCountInString(words) > NoteMost {
		return ErrNote.At("words", ErrNote.Code)
	}
	if _, err := s.candidate(ctx, e, firm); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		_, err := s.DB.Exec(ctx, `INSERT INTO matching_push_note (id, enterprise_id, clause, by_id, by_name, words, at) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
			ids.New(now), firm, key, actor.ID, actor.Name, words, db.MS(now))
		if err != nil {
			return fmt.Errorf("push: note: %w", err)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "push.note", Object: "enterprise:" + firm, Change: map[string]any{"clause": key}})
	})
}

// Looking is a clause that looks for firms.
type Looking struct {
	policy.Entry
	Funnel Funnel
}

// Looking lists the clauses in force whose candidates the actor sees, first those
// for which most firms have not applied.
func (s *Service) Looking(ctx context.Context, actor auth.Actor) ([]Looking, error) {
	entries, err := s.Policies.Published(ctx)
	if err != nil {
		return nil, err
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return nil, err
	}
	type row struct {
		clause                         string
		told, opened, applied, granted int
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.clause, &x.told, &x.opened, &x.applied, &x.granted)
	}, `SELECT clause, count(DISTINCT enterprise_id), count(DISTINCT CASE WHEN opened_at > 0 THEN enterprise_id END), count(DISTINCT CASE WHEN applied_at > 0 THEN enterprise_id END),
			count(DISTINCT CASE WHEN granted_at > 0 THEN enterprise_id END)
		FROM matching_push GROUP BY clause`)
	if err != nil {
		return nil, fmt.Errorf("push: looking: %w", err)
	}
	counts := map[string]row{}
	for _, x := range list {
		counts[x.clause] = x
	}
	var out []Looking
	for _, e := range entries {
		if !e.Holds(v.Day()) || !v.Has(matching.ClausePrefix+e.Key) || !s.SeesCandidates(actor, e) {
			continue
		}
		x := counts[e.Key]
		l := Looking{Entry: e, Funnel: Funnel{Told: x.told, Opened: x.opened, Applied: x.applied, Granted: x.granted}}
		l.Funnel.Fits, l.Funnel.Open = v.Count(matching.ClausePrefix + e.Key)
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b Looking) int {
		return cmp.Compare(b.Funnel.Fits-b.Funnel.Applied, a.Funnel.Fits-a.Funnel.Applied)
	})
	return out, nil
}
