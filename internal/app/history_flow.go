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
// zone, clocks that stood still for too long, and live cases on an older version of
// their item. It does so once.
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
	if err := h.stoodStill(ctx, actors); err != nil { // before what happens later
		return fmt.Errorf("app: demonstration, clocks: %w", err)
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

// stillItem is the item of the cases whose clock stood still for too long.
const stillItem = "KJ-0004"

// stoodStill leaves three cases that nobody looked after: a supplement notice that
// was not answered and ended its case, a return that was not answered, and an
// expert review that took longer than the applicant was told.
func (h *history) stoodStill(ctx context.Context, actors map[string]auth.Actor) error {
	clerk, desk := actors["clerk"], actors["handler-kj"]
	supplement := cases.AskInput{Note: "请补充说明项目的主要内容。"}
	if _, err := h.takenIn(ctx, actors, 62, func(ref cases.Ref) (cases.Case, error) { return h.Cases.AskSupplement(ctx, clerk, ref, supplement) }); err != nil {
		return err
	}
	for _, ago := range []int{32, 27, 20, 14} { // the reminder, the end
		h.clock.Set(h.now.AddDate(0, 0, -ago))
		if err := h.Cases.Sweep(ctx); err != nil {
			return err
		}
	}
	accept := func(ref cases.Ref) (cases.Case, error) { return h.Cases.Accept(ctx, clerk, ref) }
	ref, err := h.takenIn(ctx, actors, 45, accept)
	if err != nil {
		return err
	}
	if _, err := h.Cases.SendBack(ctx, desk, ref, cases.AskInput{Note: "请说明经费的来源。"}); err != nil {
		return err
	}
	if ref, err = h.takenIn(ctx, actors, 14, accept); err != nil {
		return err
	}
	until := workday.DateOf(h.now).AddDays(-6)
	if _, err := h.Cases.PauseFor(ctx, desk, ref, cases.PauseInput{Kind: "expert", Until: until.String(), Reason: "需要组织专家评审。"}); err != nil {
		return err
	}
	h.clock.Set(h.now)
	return h.Cases.Sweep(ctx)
}

// takenIn hands a case in so many days ago, does the first thing at the window,
// and leaves the clock an hour later.
func (h *history) takenIn(ctx context.Context, actors map[string]auth.Actor, ago int, first func(cases.Ref) (cases.Case, error)) (cases.Ref, error) {
	who := actors["applicant"]
	morning := workday.StartOf(h.cal.Add(workday.DateOf(h.now).AddDays(-ago), 0)).Add(8 * time.Hour)
	h.clock.Set(h.office(morning, rand.New(rand.NewPCG(uint64(ago), 5)))) //nolint:gosec // a demonstration
	k, err := h.Cases.Start(ctx, who, cases.StartInput{ItemCode: stillItem, EnterpriseID: who.Firms[0]})
	if err != nil {
		return cases.Ref{}, err
	}
	ref := cases.Ref{ID: k.ID}
	if err := errors.Join(h.Cases.TypeSample(ctx, who, k.ID, uint64(ago), nil), h.Cases.AttachSample(ctx, who, k.ID)); err != nil {
		return ref, err
	}
	if _, err := h.Cases.Submit(ctx, who, ref); err != nil {
		return ref, err
	}
	h.clock.Advance(30 * time.Minute)
	if _, err := first(ref); err != nil {
		return ref, err
	}
	h.clock.Advance(time.Hour)
	return ref, nil
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
			_, err = h.Cases.PauseFor(ctx, actors["handler-kj"], ref, cases.PauseInput{Kind: "expert", Until: workday.DateOf(h.now).AddDays(9).String(), Reason: "专家论证"})
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
