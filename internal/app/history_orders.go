package app

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
)

// handleSteps lives through the steps of an order: those of a group go side by
// side, and whoever's turn comes first acts first.
func (c *course) handleSteps(ctx context.Context) error {
	turn := map[cases.ID]time.Time{} // when something happens next in a step
	for range 200 {
		v, err := c.Cases.View(ctx, auth.SystemActor(), c.k.ID)
		if err != nil {
			return err
		}
		if c.k = v.Case; c.k.State != cases.Handling {
			return nil
		}
		next := cases.Step{}
		for _, st := range v.Steps {
			if st.State != cases.StepRunning {
				continue
			}
			if turn[st.CaseID].IsZero() {
				turn[st.CaseID] = c.after(0.1 + 0.3*c.rng.Float64())
			}
			if next.CaseID == "" || turn[st.CaseID].Before(turn[next.CaseID]) {
				next = st
			}
		}
		if turn[next.CaseID].After(c.now) {
			return errPast
		}
		c.at = turn[next.CaseID]
		c.clock.Set(c.at)
		days, err := c.step(ctx, next)
		if err != nil {
			return err
		}
		turn[next.CaseID] = c.after(days)
	}
	return fmt.Errorf("app: order %s never ends", c.k.Number)
}

// step does what comes next in a step and says how many days go by then.
func (c *course) step(ctx context.Context, st cases.Step) (days float64, err error) {
	item, err := c.Catalogue.Version(ctx, st.ItemVersionID)
	if err != nil {
		return 0, err
	}
	sub := &course{history: c.history, rng: c.rng, at: c.at, who: c.who, k: *st.Case, item: item}
	if sub.k.NeedsApplicant {
		if err := sub.attach(ctx, c.who); err != nil {
			return 0, err
		}
		_, err := c.Cases.Reply(ctx, c.who, sub.ref())
		return c.rng.Float64(), err
	}
	t, err := sub.nextTask(ctx)
	if err != nil || t == nil {
		return 1, err
	}
	desk := sub.handlerOf(t)
	switch {
	case t.Kind == string(catalogue.TaskPublicity): // looked at again every day until it is over
		if c.at.Before(t.DueAt) {
			return 1, nil
		}
		return 0.1, c.Cases.EndPublicities(ctx)
	case t.Kind == string(catalogue.TaskInspection) && t.AssigneeID == "":
		err := sub.arrange(ctx, desk, t)
		c.at = sub.at
		return 0.1, err
	case t.Decides:
		if err := sub.settle(ctx); err != nil {
			return 0, err
		}
		in := cases.DecideInput{Outcome: cases.Granted}
		if c.chance(3) {
			in = cases.DecideInput{Outcome: cases.Denied, Reason: "登记信息与提交的材料不一致，不符合规定条件。"}
		}
		_, err = c.Cases.Decide(ctx, desk, sub.ref(), in)
		return 0, err
	case c.chance(4):
		err = sub.ask(ctx, func(in cases.AskInput) (cases.Case, error) { return c.Cases.SendBack(ctx, desk, sub.ref(), in) })
		if err != nil || sub.k.NeedsApplicant {
			return 1 + 2*c.rng.Float64(), err
		}
	}
	_, err = c.Cases.Endorse(ctx, desk, sub.ref(), cases.EndorseInput{Opinion: "经审查，材料齐全，符合条件。"})
	return sub.pace(t), err
}
