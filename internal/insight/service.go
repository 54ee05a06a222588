package insight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Calendars knows in which calendar a region works, counted from an instant;
// package calendar has the rule.
type Calendars interface {
	For(region string, since time.Time) *workday.Calendar
}

// Deps of the module.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Calendars Calendars
	Catalogue *catalogue.Service
	Identity  *identity.Service
}

// Service is the module's use cases.
type Service struct {
	Deps
	store store
}

// New wires the module.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB}} }

// Readers are the roles that have a cockpit.
var Readers = []auth.Role{auth.Leader, auth.Head}

// scope is the condition on the columns of alias that a row counts for the actor.
func scope(args *db.Args, a auth.Actor, alias string) string {
	var parts []string
	for _, p := range a.PostsOf(Readers...) {
		if p.Role == auth.Leader {
			parts = append(parts, alias+`.region LIKE `+args.Add(db.LikePrefix(auth.Reach(p.Region)))+` ESCAPE '\'`)
		} else {
			parts = append(parts, alias+`.department_id = `+args.Add(p.DepartmentID))
		}
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// oneDepartment is the department of a head who leads nothing else.
func oneDepartment(a auth.Actor) string {
	posts := a.PostsOf(Readers...)
	if len(posts) != 1 || posts[0].Role != auth.Head {
		return ""
	}
	return posts[0].DepartmentID
}

// Cockpit gathers the numbers of a period up to now. An unknown period is a month.
func (s *Service) Cockpit(ctx context.Context, actor auth.Actor, p Period) (Cockpit, error) {
	if !actor.Has(Readers...) {
		return Cockpit{}, ErrForbidden
	}
	if !slices.Contains(Periods, p) {
		p = Month
	}
	x := p.span(s.Clock.Now())
	out := Cockpit{Period: p, From: workday.DateOf(x.from), To: workday.DateOf(x.now), DepartmentID: oneDepartment(actor)}
	var err error
	if out.Departments, err = s.departments(ctx, actor, x); err != nil {
		return Cockpit{}, fmt.Errorf("insight: departments: %w", err)
	}
	for _, d := range out.Departments {
		out.All.add(d.Load)
	}
	if out.Orders, err = s.store.orders(ctx, actor, x); err != nil {
		return Cockpit{}, fmt.Errorf("insight: orders: %w", err)
	}
	if out.Spared, err = s.store.spared(ctx, actor, x); err != nil {
		return Cockpit{}, fmt.Errorf("insight: papers spared: %w", err)
	}
	if out.Items, err = s.items(ctx, actor, x); err != nil {
		return Cockpit{}, fmt.Errorf("insight: items: %w", err)
	}
	if out.Channels, err = s.store.channels(ctx, actor, x); err != nil {
		return Cockpit{}, fmt.Errorf("insight: channels: %w", err)
	}
	if out.Outcomes, err = s.store.outcomes(ctx, actor, x); err != nil {
		return Cockpit{}, fmt.Errorf("insight: outcomes: %w", err)
	}
	monday := epoch.AddDays(7*weekOf(out.From) - 3)
	counted, err := s.store.weeks(ctx, actor, workday.StartOf(monday), x.until)
	if err != nil {
		return Cockpit{}, fmt.Errorf("insight: weeks: %w", err)
	}
	out.Weeks = weeks(counted, out.From, out.To)
	if out.Pace, err = s.pace(ctx, actor, span{from: x.from, until: x.until}); err != nil {
		return Cockpit{}, fmt.Errorf("insight: pace: %w", err)
	}
	if out.PaceBefore, err = s.pace(ctx, actor, span{from: x.before, until: x.from}); err != nil {
		return Cockpit{}, fmt.Errorf("insight: pace before: %w", err)
	}
	return out, nil
}

// departments joins what each department did with how it was rated.
func (s *Service) departments(ctx context.Context, actor auth.Actor, x span) ([]DepartmentRow, error) {
	rows, err := s.store.loads(ctx, actor, x)
	if err != nil {
		return nil, err
	}
	rated, err := s.store.rated(ctx, actor, x)
	if err != nil {
		return nil, err
	}
	for _, r := range rated {
		i := slices.IndexFunc(rows, func(d DepartmentRow) bool { return d.ID == r.ID })
		if i < 0 {
			rows = append(rows, r)
			continue
		}
		rows[i].Ratings, rows[i].RatingsFirst, rows[i].Bad, rows[i].ToRectify = r.Ratings, r.RatingsFirst, r.Bad, r.ToRectify
	}
	// A department with nothing in either period and nothing in hand has nothing to tell.
	rows = slices.DeleteFunc(rows, func(d DepartmentRow) bool { return d.Load == Load{} })
	for i := range rows {
		rows[i].Name = s.Identity.Directory().Department(rows[i].ID).Name
	}
	slices.SortFunc(rows, byReceived)
	return rows, nil
}

// items are the ten most asked for, with their ratings.
func (s *Service) items(ctx context.Context, actor auth.Actor, x span) ([]ItemRow, error) {
	rows, err := s.store.items(ctx, actor, x)
	if err != nil || len(rows) == 0 {
		return rows, err
	}
	codes := make([]string, len(rows))
	for i, r := range rows {
		codes[i] = r.Code
	}
	rated, err := s.store.ratedItems(ctx, actor, x, codes)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		r.Ratings, r.Name = rated[r.Code], i18n.Text{ZH: r.Code}
		if item, err := s.Catalogue.Item(r.Code); err == nil { // withdrawn items keep their code
			r.Name = item.Name
		}
	}
	return rows, nil
}

// pace counts how long the decisions of a period took against their promise.
// Those that the engine made by itself in the moment of acceptance are left
// out: they would hide the time that people take.
func (s *Service) pace(ctx context.Context, actor auth.Actor, x span) (Pace, error) {
	rows, err := s.store.runs(ctx, actor, x)
	if err != nil {
		return Pace{}, err
	}
	out, really, promised := Pace{}, map[int]int{}, map[int]int{}
	for _, r := range rows {
		accepted := epoch.AddDays(r.accepted)
		cal := s.Calendars.For(r.region, workday.StartOf(accepted))
		out.N += r.n
		really[int(cal.Between(accepted, epoch.AddDays(r.decided)))] += r.n
		promised[int(cal.Between(accepted, epoch.AddDays(r.due)))] += r.n
	}
	out.Real, out.Promised = median(really), median(promised)
	return out, nil
}
