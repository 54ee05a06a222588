package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Credit is what each office did in a period for cases, whoever's they are
// (全市通办): the window that receives and hands over, the desks that examine, the
// department that decides. A case counts once for each part of it.
type Credit struct {
	Period      Period
	From, To    workday.Date
	Departments []DepartmentCredit
	Halls       []HallCredit // empty for who heads a department only
}

// DepartmentCredit is what the desks of a department did.
type DepartmentCredit struct {
	ID       string
	Name     i18n.Text
	Handled  int // examinations, opinions, parts in a review
	Decided  int
	PassedOn int // cases that were passed on to another department
}

// HallCredit is what the windows of a hall did.
type HallCredit struct {
	ID         string
	Name       i18n.Text
	Received   int
	Crossed    int // of those received: for another region
	HandedOver int
}

// Credit gathers what the offices did that the actor leads.
func (s *Service) Credit(ctx context.Context, actor auth.Actor, p Period) (Credit, error) {
	if !actor.Has(Readers...) {
		return Credit{}, ErrForbidden
	}
	if !slices.Contains(Periods, p) {
		p = Month
	}
	x := p.span(s.Clock.Now())
	out := Credit{Period: p, From: workday.DateOf(x.from), To: workday.DateOf(x.now)}
	var err error
	if out.Departments, err = s.store.departmentCredit(ctx, actor, x); err != nil {
		return Credit{}, fmt.Errorf("insight: credit of departments: %w", err)
	}
	if out.Halls, err = s.store.hallCredit(ctx, actor, x); err != nil {
		return Credit{}, fmt.Errorf("insight: credit of halls: %w", err)
	}
	dir := s.Identity.Directory()
	for i := range out.Departments {
		out.Departments[i].Name = dir.Department(out.Departments[i].ID).Name
	}
	for i := range out.Halls {
		h, ok := dir.Hall(out.Halls[i].ID)
		if out.Halls[i].Name = h.Name; !ok {
			out.Halls[i].Name = i18n.Text{ZH: out.Halls[i].ID}
		}
	}
	slices.SortStableFunc(out.Departments, func(a, b DepartmentCredit) int { return cmp.Compare(b.Handled+b.Decided, a.Handled+a.Decided) })
	slices.SortStableFunc(out.Halls, func(a, b HallCredit) int { return cmp.Compare(b.Received+b.HandedOver, a.Received+a.HandedOver) })
	return out, nil
}

func (s store) departmentCredit(ctx context.Context, a auth.Actor, x span) ([]DepartmentCredit, error) {
	var args db.Args
	from, until := args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (d DepartmentCredit, err error) {
		return d, r.Scan(&d.ID, &d.Handled, &d.Decided, &d.PassedOn)
	}, `SELECT v.department_id, count(*) FILTER (WHERE v.part='handled'), count(*) FILTER (WHERE v.part='decided'), count(*) FILTER (WHERE v.part='passed_on')
		FROM cases_v_credit v WHERE `+scope(&args, a, "v")+` AND v.department_id <> '' AND v.at >= `+from+` AND v.at < `+until+` GROUP BY v.department_id ORDER BY v.department_id`, args...)
}

func (s store) hallCredit(ctx context.Context, a auth.Actor, x span) ([]HallCredit, error) {
	var args db.Args
	from, until := args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (h HallCredit, err error) {
		return h, r.Scan(&h.ID, &h.Received, &h.Crossed, &h.HandedOver)
	}, `SELECT v.hall_id, count(*) FILTER (WHERE v.part='received'), count(*) FILTER (WHERE v.part='received' AND f.region <> v.region), count(*) FILTER (WHERE v.part='handed_over')
		FROM cases_v_credit v JOIN cases_v_fact f ON f.id = v.case_id
		WHERE `+scope(&args, a, "v")+` AND v.hall_id <> '' AND v.at >= `+from+` AND v.at < `+until+` GROUP BY v.hall_id ORDER BY v.hall_id`, args...)
}
