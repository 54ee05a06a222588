package cases

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/rules"
)

// StepState of a step of an order.
type StepState string

// The states of a step.
const (
	StepWaiting   StepState = "waiting"   // a group before it is not done
	StepRunning   StepState = "running"   // its case is in hand
	StepDone      StepState = "done"      // its case was decided or withdrawn
	StepSkipped   StepState = "skipped"   // the answers do not ask for it
	StepCancelled StepState = "cancelled" // not begun, because an earlier one was not granted or the order was withdrawn
)

// OutcomeWithdrawn is that of a step which the applicant withdrew.
const OutcomeWithdrawn Outcome = "withdrawn"

// Step of an order: one handling item of a bundle, which becomes one case.
type Step struct {
	ID            string
	OrderID       ID
	Position      int // from 1, over all groups
	Group         int // from 1; the groups follow one another
	ItemCode      string
	ItemVersionID string
	Name          i18n.Text
	DepartmentID  string
	State         StepState
	CaseID        ID // "" before it runs
	Outcome       Outcome
	StartedAt     time.Time
	EndedAt       time.Time
	Version       int

	// For readers.
	N         int    // from 1 among those that are taken; 0 for a skipped one
	Number    string // of its case; "" before it runs
	CaseState State  // of its case
	Case      *Case  // as it stands; nil before it runs, and for who may not see it
	Open      bool   // the reader may open the case
}

// Taken counts the steps that the answers ask for.
func Taken(steps []Step) int {
	n := 0
	for _, s := range steps {
		if s.State != StepSkipped {
			n++
		}
	}
	return n
}

// StepNews is what the ledger of an order says about a step: Detail "what" of
// an event CmdStep, with "step" its name, "n" its number among those taken and
// "case" its case.
type StepNews string

// The news.
const (
	StepBegun    StepNews = "begun"
	StepLeftOut  StepNews = "skipped"
	StepDropped  StepNews = "cancelled"
	StepAsked    StepNews = "asked" // the applicant has to do something
	StepAnswered StepNews = "answered"
	StepRecalled StepNews = "recalled"
	StepGranted  StepNews = "granted"
	StepPartly   StepNews = "partly"
	StepDenied   StepNews = "denied"
	StepEnded    StepNews = "ended"
	StepGivenUp  StepNews = "withdrawn"
	StepPaused   StepNews = "paused" // its clock stands still for a special procedure
	StepResumed  StepNews = "resumed"
	StepExtended StepNews = "extended"
	StepPassedOn StepNews = "passed_on" // to another department
)

// AllStepNews lists the news, for the test that looks for their texts.
var AllStepNews = []StepNews{StepBegun, StepLeftOut, StepDropped, StepAsked, StepAnswered, StepRecalled, StepGranted, StepPartly, StepDenied, StepEnded, StepGivenUp, StepPaused, StepResumed, StepExtended, StepPassedOn}

// plannedSteps are the steps that the answers choose out of a bundle.
func (s *Service) plannedSteps(ctx context.Context, k *Case, item *catalogue.Item, answers map[string]any) ([]Step, error) {
	var out []Step
	for g, group := range item.Bundle.Groups {
		for _, d := range group.Items {
			it, err := s.Catalogue.Version(ctx, d.VersionID)
			if err != nil {
				return nil, err
			}
			st := Step{
				OrderID: k.ID, Position: len(out) + 1, Group: g + 1, ItemCode: d.Item, ItemVersionID: d.VersionID, Name: d.Name, DepartmentID: it.Department,
				State: StepWaiting, Version: 1,
			}
			if !rules.Holds(d.When, answers) {
				st.State = StepSkipped
			}
			out = append(out, st)
		}
	}
	numberSteps(out)
	return out, nil
}

// numberSteps counts the steps that are taken.
func numberSteps(steps []Step) {
	n := 0
	for i := range steps {
		if steps[i].N = 0; steps[i].State != StepSkipped {
			n++
			steps[i].N = n
		}
	}
}

// someStep refuses an order of which the answers choose nothing.
func someStep(item *catalogue.Item, answers map[string]any) error {
	for _, d := range item.Bundle.Steps() {
		if rules.Holds(d.When, answers) {
			return nil
		}
	}
	return ErrNoStep
}

const stepColumns = `id, order_id, position, group_no, item_code, item_version_id, name, department_id, state, COALESCE(case_id, ''), outcome, started_at, ended_at, version`

func scanStep(s db.Scanner) (x Step, err error) {
	return x, s.Scan(&x.ID, &x.OrderID, &x.Position, &x.Group, &x.ItemCode, &x.ItemVersionID, db.JSON[i18n.Text]{V: &x.Name}, &x.DepartmentID, &x.State, &x.CaseID,
		&x.Outcome, db.Time{Time: &x.StartedAt}, db.Time{Time: &x.EndedAt}, &x.Version)
}

// steps of some orders, in their order.
func (s store) steps(ctx context.Context, orders ...string) ([]Step, error) {
	var args db.Args
	return db.List(ctx, s.db.Read(ctx), scanStep, `SELECT `+stepColumns+` FROM cases_step WHERE order_id IN `+db.In(&args, orders)+` ORDER BY order_id, position`, args...)
}

func (s store) insertStep(ctx context.Context, x Step) error {
	_, err := s.db.Exec(ctx, `INSERT INTO cases_step (id, order_id, position, group_no, item_code, item_version_id, name, department_id, state, case_id, outcome, started_at, ended_at, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,1)`,
		x.ID, string(x.OrderID), x.Position, x.Group, x.ItemCode, x.ItemVersionID, db.ToJSON(x.Name), x.DepartmentID, string(x.State), db.NullString(string(x.CaseID)),
		string(x.Outcome), db.MS(x.StartedAt), db.MS(x.EndedAt))
	return err
}

func (s store) saveStep(ctx context.Context, x *Step) error {
	err := s.db.ExecOne(ctx, `UPDATE cases_step SET state=$3, case_id=$4, outcome=$5, started_at=$6, ended_at=$7, version=version+1 WHERE id=$1 AND version=$2`,
		x.ID, x.Version, string(x.State), db.NullString(string(x.CaseID)), string(x.Outcome), db.MS(x.StartedAt), db.MS(x.EndedAt))
	if errors.Is(err, db.ErrStale) {
		return ErrStale
	}
	x.Version++
	return err
}

// lockedWithOrder locks a case, and before it the order that it is a step of:
// see doc.go for why in this sequence. The order is nil for other cases.
func (s store) lockedWithOrder(ctx context.Context, id ID) (k Case, order *Case, err error) {
	if k, err = s.lockedWhere(ctx, `c.id=$1 AND c.parent_id=''`, string(id)); !errors.Is(err, ErrNotFound) {
		return k, nil, err
	}
	parent, err := db.One(ctx, s.db.Write(ctx), db.Scalar[string], `SELECT parent_id FROM cases_case WHERE id=$1`, string(id))
	if errors.Is(err, db.ErrNotFound) {
		return k, nil, ErrNotFound
	}
	if err != nil {
		return k, nil, err
	}
	o, err := s.locked(ctx, ID(parent))
	if err != nil {
		return k, nil, err
	}
	k, err = s.locked(ctx, id)
	return k, &o, err
}

// lockedSteps locks the cases of an order, whose row is locked already, in the
// order of their ids.
func (s store) lockedSteps(ctx context.Context, order ID, states ...State) ([]Case, error) {
	lock := ""
	if s.db.Dialect() == db.Postgres {
		lock = " FOR UPDATE"
	}
	var args db.Args
	return db.List(ctx, s.db.Write(ctx), s.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE c.parent_id=`+args.Add(string(order))+` AND c.state IN `+db.In(&args, states)+` ORDER BY c.id`+lock, args...)
}

// Order is what everybody who sees a step knows of the order that it belongs to.
type Order struct {
	ID            ID
	Number        string
	ItemName      i18n.Text
	ItemVersionID string
	State         State
}

// orderID is the order that the case is, or belongs to; "" for other cases.
func (v *View) orderID() ID {
	switch {
	case v.ParentID != "":
		return v.ParentID
	case v.Bundle:
		return v.ID
	}
	return ""
}

// addSteps gives a reader the steps of the order that the case is, or belongs
// to. Who sees a step sees how its siblings stand, since they wait for one
// another, by name and state; the cases are there only of the steps in shown,
// and those in open he may open by themselves.
func (s *Service) addSteps(ctx context.Context, v *View, shown, open []string) (err error) {
	order := v.orderID()
	if order == "" {
		return nil
	}
	if v.ParentID != "" {
		o, err := s.store.find(ctx, `c.id=$1`, string(order))
		if err != nil {
			return err
		}
		v.Order = &Order{ID: o.ID, Number: o.Number, ItemName: o.ItemName, ItemVersionID: o.ItemVersionID, State: o.State}
	}
	if v.Steps, err = s.store.steps(ctx, string(order)); err != nil {
		return err
	}
	if len(v.Steps) == 0 && v.Item.Bundle != nil { // not accepted yet: as it would be
		v.Steps, err = s.plannedSteps(ctx, &v.Case, v.Item, v.Answers)
		for i := range v.Steps { // a draft has not answered what chooses them
			if v.SubmittedAt.IsZero() {
				v.Steps[i].State = StepWaiting
			}
		}
		numberSteps(v.Steps)
		return err
	}
	numberSteps(v.Steps)
	list, err := db.List(ctx, s.DB.Read(ctx), s.store.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE c.parent_id=$1`, string(order))
	if err != nil {
		return err
	}
	for i := range v.Steps {
		st := &v.Steps[i]
		at := slices.IndexFunc(list, func(k Case) bool { return k.ID == st.CaseID })
		if at < 0 {
			continue
		}
		st.Number, st.CaseState, st.Open = list[at].Number, list[at].State, slices.Contains(open, string(st.CaseID))
		if slices.Contains(shown, string(st.CaseID)) {
			st.Case = &list[at]
		}
	}
	v.SeesOrder = slices.Contains(open, string(order))
	if v.ParentID != "" && slices.ContainsFunc(v.Steps, waits) { // others wait for it: it is not withdrawn alone
		v.Can = slices.DeleteFunc(v.Can, func(c Command) bool { return c == CmdWithdraw })
	}
	return nil
}

func waits(st Step) bool { return st.State == StepWaiting }

// seenOf lists which of an order and its steps the actor may see.
func (s *Service) seenOf(ctx context.Context, actor auth.Actor, order ID) ([]string, error) {
	if order == "" {
		return nil, nil
	}
	var args db.Args
	id := args.Add(string(order))
	return db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT c.id FROM cases_case c WHERE (c.id=`+id+` OR c.parent_id=`+id+`) AND `+visible(&args, actor), args...)
}

// StepMark says in a list which step of which order a case is.
type StepMark struct {
	OrderID   ID
	OrderName i18n.Text
	N, Of     int
	SeesOrder bool // the reader may open the order
}

// addMarks marks the rows that are steps of orders, and counts the steps of
// those that are orders.
func (s *Service) addMarks(ctx context.Context, actor auth.Actor, rows []Row) error {
	var orders []string
	for _, r := range rows {
		of := r.ParentID
		if r.Bundle {
			of = r.ID
		}
		if of != "" && !slices.Contains(orders, string(of)) {
			orders = append(orders, string(of))
		}
	}
	if len(orders) == 0 {
		return nil
	}
	all, err := s.store.steps(ctx, orders...)
	if err != nil {
		return err
	}
	type order struct {
		id   ID
		name i18n.Text
	}
	var args db.Args
	parents, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (o order, err error) { return o, r.Scan(&o.id, db.JSON[i18n.Text]{V: &o.name}) },
		`SELECT id, item_name FROM cases_case WHERE id IN `+db.In(&args, orders), args...)
	if err != nil {
		return err
	}
	args = nil
	seen, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT c.id FROM cases_case c WHERE c.id IN `+db.In(&args, orders)+` AND `+visible(&args, actor), args...)
	if err != nil {
		return err
	}
	for _, o := range parents {
		steps := slices.DeleteFunc(slices.Clone(all), func(st Step) bool { return st.OrderID != o.id })
		numberSteps(steps)
		for i := range rows {
			if rows[i].ID == o.id {
				rows[i].Of = Taken(steps)
				for _, st := range steps {
					if st.State == StepDone {
						rows[i].Done++
					}
				}
			}
			if at := slices.IndexFunc(steps, func(st Step) bool { return st.CaseID == rows[i].ID }); at >= 0 {
				rows[i].Step = &StepMark{OrderID: o.id, OrderName: o.name, N: steps[at].N, Of: Taken(steps), SeesOrder: slices.Contains(seen, string(o.id))}
			}
		}
	}
	return nil
}
