package app

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// turn orders the open tasks of a stage: what others wait for comes first.
func turn(t *cases.Task) int {
	switch t.Kind {
	case string(catalogue.TaskJoint):
		return 1
	case string(catalogue.TaskPublicity):
		return 2
	default:
		return 0
	}
}

// handlerOf is who does a task: who has it in hand, else somebody of the desk.
func (c *course) handlerOf(t *cases.Task) auth.Actor {
	list := c.staff[t.DepartmentID+"/"+t.Role]
	for _, a := range list {
		if a.ID == t.AssigneeID {
			return a
		}
	}
	return c.one(list)
}

// arrange sends two officers on an inspection a day or two later, and lets that
// day come.
func (c *course) arrange(ctx context.Context, handler auth.Actor, t *cases.Task) error {
	officers := []string{handler.ID}
	for _, a := range append(c.staff[t.DepartmentID+"/"+string(auth.Handler)], c.staff[t.DepartmentID+"/"+string(auth.Approver)]...) {
		if a.ID != handler.ID && len(officers) < 2 {
			officers = append(officers, a.ID)
		}
	}
	if err := c.later(0.5); err != nil {
		return err
	}
	on := c.cal.Add(workday.DateOf(c.clock.Now()), 1)
	var err error
	if c.k, err = c.Cases.Arrange(ctx, handler, c.ref(), cases.ArrangeInput{Officers: officers, On: on.String(), Place: "申请单位所在地", Reason: "企业申请改期"}); err != nil {
		return err
	}
	return c.until(workday.StartOf(on).Add(15 * time.Hour))
}

// waitOut lets the days of a publicity go by.
func (c *course) waitOut(ctx context.Context, t *cases.Task) error {
	if err := c.until(t.DueAt.Add(10 * time.Minute)); err != nil {
		return err
	}
	if err := c.Cases.EndPublicities(ctx); err != nil {
		return err
	}
	var err error
	c.k, err = c.Cases.Find(ctx, c.k.ID)
	return err
}

// until goes on to a moment, unless it lies in the future.
func (c *course) until(at time.Time) error {
	if at.After(c.now) {
		return errPast
	}
	if at.After(c.at) {
		c.at = at
		c.clock.Set(at)
	}
	return nil
}
