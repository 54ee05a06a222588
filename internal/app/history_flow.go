package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// movedItem is the item of which the demonstration publishes a newer version.
const movedItem = "KJ-0005"

// FillFlow adds what the past year of a demonstration does not bring about by
// itself: somebody who is away, a case that was passed on, a day off of the
// zone, and live cases on an older version of their item. It does so once.
func (a *App) FillFlow(ctx context.Context) error {
	if done, err := a.setting(ctx, "demo.flow"); err != nil || done != "" {
		return err
	}
	h, err := a.newHistory(ctx)
	if err != nil {
		return err
	}
	actors := map[string]auth.Actor{}
	for _, login := range []string{"applicant", "clerk", "handler-kj", "handler-kj2", "head-kj", "catalogue-admin", "catalogue-admin2", "system-admin"} {
		acc, err := h.Identity.AccountByLogin(ctx, login)
		if err != nil {
			return err
		}
		if actors[login], err = h.Identity.Actor(ctx, acc.ID); err != nil {
			return err
		}
	}
	for what, step := range map[string]func(context.Context, map[string]auth.Actor) error{"deputy": h.away, "calendar": h.dayOff} {
		if err := step(ctx, actors); err != nil {
			return fmt.Errorf("app: demonstration, %s: %w", what, err)
		}
	}
	if err := h.olderVersion(ctx, actors); err != nil {
		return fmt.Errorf("app: demonstration, older version: %w", err)
	}
	return a.set(ctx, "demo.flow", "done")
}

// away lets one handler stand in for another.
func (h *history) away(ctx context.Context, actors map[string]auth.Actor) error {
	h.clock.Set(h.now.Add(-2 * time.Hour))
	today := workday.DateOf(h.now)
	_, err := h.Cases.NameDeputy(ctx, actors["handler-kj2"], cases.DeputyInput{
		DeputyID: actors["handler-kj"].ID, From: workday.StartOf(today), To: workday.EndOf(today.AddDays(9)), Reason: "年休假",
	})
	if errors.Is(err, cases.ErrPeriod) {
		return nil // named when an earlier start was stopped
	}
	return err
}

// dayOff closes the offices of the zone for a day and makes it up on a Saturday.
func (h *history) dayOff(ctx context.Context, actors map[string]auth.Actor) error {
	h.clock.Set(h.now.Add(-time.Hour))
	off := h.cal.Add(workday.DateOf(h.now), 3)
	up := off.AddDays(1)
	for up.Weekday() != time.Saturday || h.cal.IsWorkday(up) {
		up = up.AddDays(1)
	}
	for _, in := range []calendar.Input{
		{Region: "371671", On: off.String(), Reason: "办公楼停电检修"},
		{Region: "371671", On: up.String(), Work: true, Reason: "补停电检修那天的班"},
	} {
		err := h.Calendar.Decide(ctx, actors["system-admin"], in)
		if err != nil && len(errs.FieldsOf(err)) == 0 { // a complaint: it was decided when an earlier start was stopped
			return err
		}
	}
	h.clock.Set(h.now)
	return h.Cases.Recount(ctx, cases.RecountArgs{Region: "371671", Day: off.String(), Reason: "办公楼停电检修"})
}

// olderVersion takes in some cases and then publishes a version with a desk more
// and a day less: one of the cases waits for its applicant and cannot move, one
// was passed on to another department.
func (h *history) olderVersion(ctx context.Context, actors map[string]auth.Actor) error {
	who := actors["applicant"]
	for i := range 4 {
		morning := workday.StartOf(h.cal.Add(workday.DateOf(h.now), workday.Days(-6+i))).Add(8 * time.Hour)
		h.clock.Set(h.office(morning, rand.New(rand.NewPCG(uint64(i), 5)))) //nolint:gosec // a demonstration
		k, err := h.Cases.Start(ctx, who, cases.StartInput{ItemCode: movedItem, EnterpriseID: who.Firms[0]})
		if err != nil {
			return err
		}
		ref := cases.Ref{ID: k.ID}
		if err := errors.Join(h.Cases.TypeSample(ctx, who, k.ID, uint64(i), nil), h.Cases.AttachSample(ctx, who, k.ID)); err != nil {
			return err
		}
		if _, err := h.Cases.Submit(ctx, who, ref); err != nil {
			return err
		}
		h.clock.Advance(30 * time.Minute)
		if _, err := h.Cases.Accept(ctx, actors["clerk"], ref); err != nil {
			return err
		}
		h.clock.Advance(90 * time.Minute)
		switch i {
		case 0:
			_, err = h.Cases.Transfer(ctx, actors["head-kj"], ref, cases.TransferInput{Department: "sc", WrongBody: true, Reason: "应当由市场监管部门办理"})
		case 1:
			_, err = h.Cases.SendBack(ctx, actors["handler-kj"], ref, cases.AskInput{Note: "请说明设备的用途。"})
		case 2:
			_, err = h.Cases.Pause(ctx, actors["handler-kj"], ref, "expert", "专家论证")
		}
		if err != nil {
			return err
		}
	}
	h.clock.Set(h.now)
	_, list, err := h.Catalogue.History(ctx, actors["catalogue-admin"], movedItem)
	if err != nil {
		return err
	}
	d := list[0].Definition
	if list[0].State != catalogue.Live || len(d.Flow.Stages) == 0 {
		return nil // somebody works on it already
	}
	st := &d.Flow.Stages[0]
	st.Tasks = append(st.Tasks, catalogue.Task{
		Key: "data_check", Name: i18n.Text{ZH: "数据比对", EN: "Comparison of data"}, Department: d.Department, Role: string(auth.Handler), Limit: workday.Limit{N: 2, Unit: workday.UnitWorkday},
	})
	d.Promised.N--
	draft, err := h.Catalogue.SaveDraft(ctx, actors["catalogue-admin"], d, 0)
	if err != nil {
		return err
	}
	return h.Catalogue.Publish(ctx, actors["catalogue-admin2"], movedItem, draft.Version)
}
