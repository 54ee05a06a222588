package tier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
)

// Readers are the roles of staff who see how firms stand.
var Readers = []auth.Role{auth.Commissioner, auth.Handler, auth.Approver, auth.Head, auth.Leader}

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Dossier  *dossier.Service
	Audit    *audit.Log
	Tables   *Tables
	// Commissioners names who looks after some firms.
	Commissioners func(ctx context.Context, firms []string) (map[string]i18n.Text, error)
	// Portfolio lists the firms in the care of an account.
	Portfolio func(ctx context.Context, account string) ([]string, error)
}

// Service is the use cases of the package.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service { return &Service{d} }

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "tier.sweep" }

// Workers adds the jobs of the package to the queue. Facts change at any time and
// days move every night; an hour is soon enough for lists.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, time.Hour, sweepArgs{})
}

func (s *Service) today() string { return workday.DateOf(s.Clock.Now()).String() }

// dayOf is the number of a day that the clock says.
func dayOf(iso string) int64 {
	n, err := rule.ParseDay(iso)
	if err != nil {
		panic(err) // the clock writes it
	}
	return n
}

// sees says whether the actor may see how a firm stands.
func (s *Service) sees(actor auth.Actor, e identity.Enterprise) bool {
	switch actor.Kind {
	case auth.System:
		return true
	case auth.Person:
		return actor.May(e.ID, auth.ModuleFile, "", false)
	case auth.Staff:
		return actor.Has(auth.Commissioner) && slices.Contains(actor.Portfolio, e.ID) ||
			slices.ContainsFunc(actor.PostsOf(Readers...), func(p auth.Post) bool {
				return p.Role != auth.Commissioner && strings.HasPrefix(e.Region, auth.Reach(p.Region))
			})
	}
	return false
}

// visible is sees as a condition on a firm e.
func visible(args *db.Args, actor auth.Actor) string {
	var parts []string
	for _, p := range actor.PostsOf(Readers...) {
		if p.Role == auth.Commissioner {
			parts = append(parts, `e.id IN `+db.In(args, actor.Portfolio))
		} else {
			parts = append(parts, `e.region LIKE `+args.Add(db.LikePrefix(auth.Reach(p.Region)))+` ESCAPE '\'`)
		}
	}
	if len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// Step is a rung as a firm stands to it, with the certificate.
type Step struct {
	*Status
	HeldUntil string // the last day of the certificate, "" when it is not held
}

// Held says that the firm has a valid certificate.
func (s *Step) Held() bool { return s.HeldUntil != "" }

// Climb is how a firm stands on a ladder.
type Climb struct {
	*Ladder
	Steps []Step
	Next  int // which of the steps is to be climbed next; -1 for none
}

// Of says how a firm stands on all ladders today; one that the actor may not see
// is ErrNotFound.
func (s *Service) Of(ctx context.Context, actor auth.Actor, firm string) (identity.Enterprise, []Climb, error) {
	e, err := s.Identity.Enterprise(ctx, firm)
	if err != nil || !s.sees(actor, e) {
		return identity.Enterprise{}, nil, ErrNotFound.Because(err)
	}
	file, err := s.Dossier.FirmFacts(ctx, firm)
	if err != nil {
		return e, nil, err
	}
	day := s.today()
	row := s.Tables.Facts.Row(&file, day)
	var out []Climb
	for _, l := range s.Tables.Ladders {
		c := Climb{Ladder: l, Next: -1}
		for _, r := range l.On(day) {
			status, err := r.Status(row, dayOf(day))
			if err != nil {
				return e, nil, err
			}
			c.Steps = append(c.Steps, Step{status, s.held(r, row)})
		}
		c.Next = next(c.Steps)
		out = append(out, c)
	}
	return e, out, nil
}

// next is the lowest step above all that are held.
func next(steps []Step) int {
	out := 0
	for i := range steps {
		if steps[i].Held() {
			out = i + 1
		}
	}
	if out == len(steps) {
		return -1
	}
	return out
}

// held is the last day on which the row holds the certificate of a rung, "" when it does not.
func (s *Service) held(r *Rung, row []engine.Value) string {
	if r.Certificate == "" {
		return ""
	}
	col, ok := s.Tables.Facts.Rules.Column(r.Certificate+"_until", 0)
	if !ok || row[col].State != engine.Known {
		return ""
	}
	return time.Unix(row[col].N*86400, 0).UTC().Format(time.DateOnly)
}

// standing is a row of matching_standing.
type standing struct {
	held   string
	answer engine.Tri
	near   bool
}

// climbed is a live row of matching_rung.
type climbed struct{ firm, ladder string }

// writesAtOnce bounds how long one transaction of a sweep holds others up.
const writesAtOnce = 400

// Sweep brings what is known of all firms up to today.
func (s *Service) Sweep(ctx context.Context) error {
	day := s.today()
	var firms []string
	var held []map[string]string
	table := engine.NewTable(s.Tables.Facts.Rules.Schema())
	list, err := s.Tables.Exprs(day)
	if err != nil {
		return err
	}
	if err := s.Dossier.Each(ctx, func(f dossier.Firm) error {
		row := s.Tables.Facts.Row(&f, day)
		if _, err := table.Append(row); err != nil {
			return fmt.Errorf("tier: %s: %w", f.ID, err)
		}
		has := map[string]string{}
		for _, c := range list {
			if until := s.held(c.Rung, row); until != "" {
				has[c.Rung.Key] = until
			}
		}
		firms, held = append(firms, f.ID), append(held, has)
		return nil
	}); err != nil || len(firms) == 0 {
		return err
	}
	exprs := make([]*engine.Expr, len(list))
	for i, c := range list {
		exprs[i] = c.Expr
	}
	x := engine.NewIndex(table, engine.Compile(s.Tables.Facts.Rules.Schema(), exprs))
	answers, near := x.Run(0), x.Near(0)
	now, highest := map[[2]string]standing{}, map[climbed]string{}
	for i, firm := range firms {
		for k, c := range list {
			if c.Rung.Ladder.Elsewhere {
				continue
			}
			at := standing{held[i][c.Rung.Key], answers.At(i, k), near.At(i, k) == engine.Yes}
			if at.answer == engine.Yes {
				highest[climbed{firm, c.Rung.Ladder.Key}] = c.Rung.Key // the list goes upwards
			}
			if at.held != "" || at.answer != engine.No || at.near {
				now[[2]string{firm, c.Rung.Key}] = at
			}
		}
	}
	if err := s.keepStandings(ctx, day, now); err != nil {
		return err
	}
	return s.keepRungs(ctx, day, highest)
}

// keepStandings writes what differs from what is there.
func (s *Service) keepStandings(ctx context.Context, day string, now map[[2]string]standing) error {
	type line struct {
		key [2]string
		standing
	}
	old, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (l line, err error) {
		return l, r.Scan(&l.key[0], &l.key[1], &l.held, &l.answer, &l.near)
	}, `SELECT enterprise_id, rung, held_until, answer, near FROM matching_standing`)
	if err != nil {
		return fmt.Errorf("tier: standings: %w", err)
	}
	var gone [][2]string
	for _, l := range old {
		at, ok := now[l.key]
		if !ok {
			gone = append(gone, l.key)
		} else if at == l.standing {
			delete(now, l.key)
		}
	}
	keys := make([][2]string, 0, len(now))
	for k := range now {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	for part := range slices.Chunk(keys, writesAtOnce) {
		if err := s.DB.InTx(ctx, func(ctx context.Context) error {
			for _, k := range part {
				at := now[k]
				if _, err := s.DB.Exec(ctx, `INSERT INTO matching_standing (enterprise_id, rung, held_until, answer, near, as_of) VALUES ($1,$2,$3,$4,$5,$6)
					ON CONFLICT (enterprise_id, rung) DO UPDATE SET held_until=$3, answer=$4, near=$5, as_of=$6`, k[0], k[1], at.held, int(at.answer), at.near, day); err != nil {
					return fmt.Errorf("tier: standing: %w", err)
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(gone, writesAtOnce) {
		if err := s.DB.InTx(ctx, func(ctx context.Context) error {
			for _, k := range part {
				if _, err := s.DB.Exec(ctx, `DELETE FROM matching_standing WHERE enterprise_id=$1 AND rung=$2`, k[0], k[1]); err != nil {
					return fmt.Errorf("tier: standing: %w", err)
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// keepRungs ends what is reached no longer and begins what is.
func (s *Service) keepRungs(ctx context.Context, day string, highest map[climbed]string) error {
	type line struct {
		climbed
		rung, since string
	}
	live, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (l line, err error) {
		return l, r.Scan(&l.firm, &l.ladder, &l.rung, &l.since)
	}, `SELECT enterprise_id, ladder, rung, since FROM matching_rung WHERE until = ''`)
	if err != nil {
		return fmt.Errorf("tier: rungs: %w", err)
	}
	type change struct {
		line
		to string
	}
	var changes []change
	for _, l := range live {
		to, ok := highest[l.climbed]
		delete(highest, l.climbed)
		if !ok || to != l.rung {
			changes = append(changes, change{l, to})
		}
	}
	for k, to := range highest {
		changes = append(changes, change{line{climbed: k}, to})
	}
	slices.SortFunc(changes, func(a, b change) int { return strings.Compare(a.firm+a.ladder, b.firm+b.ladder) })
	for part := range slices.Chunk(changes, writesAtOnce) {
		if err := s.DB.InTx(ctx, func(ctx context.Context) error {
			for _, c := range part {
				if err := s.move(ctx, c.line.climbed, c.since, c.to, day); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// move ends a rung that began since some day, and begins another; what began
// today is replaced, so that a day has one rung.
func (s *Service) move(ctx context.Context, at climbed, since, to, day string) error {
	var err error
	switch {
	case since == "":
	case since == day:
		_, err = s.DB.Exec(ctx, `DELETE FROM matching_rung WHERE enterprise_id=$1 AND ladder=$2 AND until=''`, at.firm, at.ladder)
	default:
		_, err = s.DB.Exec(ctx, `UPDATE matching_rung SET until=$3 WHERE enterprise_id=$1 AND ladder=$2 AND until=''`, at.firm, at.ladder, day)
	}
	if err == nil && to != "" {
		_, err = s.DB.Exec(ctx, `INSERT INTO matching_rung (enterprise_id, ladder, rung, since, until) VALUES ($1,$2,$3,$4,'')
			ON CONFLICT (enterprise_id, ladder, since) DO UPDATE SET rung=$3, until=''`, at.firm, at.ladder, to, day)
	}
	if err != nil {
		return fmt.Errorf("tier: rung: %w", err)
	}
	return nil
}
