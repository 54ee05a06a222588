package app

import (
	"context"
	"errors"
	"time"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// grantClauses are the automatic clauses of which a demonstration may have lists:
// the first that somebody fits is taken. The one of jobs is left to who looks around.
var grantClauses = []string{
	"kj-2026-02-3", "kj-2026-02-2", "gx-2026-02-5", "kj-2026-02-1", "gx-2026-02-6", "kj-2026-01-7", "gx-2026-02-2", "swj-2026-01-3", "prov-kj-2026-01-4",
}

// grantBefore is how long ago the first of the lists was drafted.
const grantBefore = 75 * 24 * time.Hour

// grants lives through three lists of automatic grants: one is settled and paid, one
// is shown to everybody and somebody objects, one is being checked. A clause that
// does not hold yet, that nobody fits, or of which there is a list, has none.
func (h *history) grants(ctx context.Context) error {
	n, err := db.One(ctx, h.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM matching_grant`)
	if err != nil || n > 0 {
		return err
	}
	if err := h.grantPaid(ctx, h.now.Add(-grantBefore)); err != nil {
		return err
	}
	b, err := h.grantFirst(ctx, h.now.Add(-48*time.Hour), true)
	if err != nil {
		return err
	}
	if b.State == grant.Published {
		if err := h.grantObject(ctx, b, h.now.Add(-5*time.Hour)); err != nil {
			return err
		}
	}
	_, err = h.grantFirst(ctx, h.now.Add(-3*time.Hour), false)
	return err
}

// grantFirst makes a list of the first clause of which one can be made.
func (h *history) grantFirst(ctx context.Context, at time.Time, out bool) (grant.Batch, error) {
	for _, key := range grantClauses {
		b, err := h.grantOut(ctx, key, at, out)
		if err != nil || b.ID != "" {
			return b, err
		}
	}
	return grant.Batch{}, nil
}

// passed says that a list cannot be there, which is no fault of the past.
func passed(err error) bool {
	return errors.Is(err, grant.ErrNotFound) || errors.Is(err, grant.ErrNobody) || errors.Is(err, grant.ErrInHand) || errors.Is(err, budget.ErrExhausted)
}

// grantOut drafts a list at an instant, and releases it some hours later.
func (h *history) grantOut(ctx context.Context, clause string, at time.Time, out bool) (grant.Batch, error) {
	lib, err := h.Policies.Library(ctx)
	if err != nil {
		return grant.Batch{}, err
	}
	e, ok := lib.Entry(clause)
	if !ok {
		return grant.Batch{}, nil
	}
	handlers, approvers := h.staff[e.Document.Department+"/"+string(auth.Handler)], h.staff[e.Document.Department+"/"+string(auth.Approver)]
	n, err := db.One(ctx, h.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM matching_grant WHERE clause_key=$1`, clause)
	if err != nil || n > 0 || len(handlers) == 0 || len(approvers) == 0 {
		return grant.Batch{}, err
	}
	at = h.morning(at)
	h.clock.Set(at)
	b, err := h.Grants.Draft(ctx, handlers[0], clause)
	switch {
	case passed(err):
		return grant.Batch{}, nil
	case err != nil || !out:
		return b, err
	}
	if b, err = h.reached(ctx, handlers[0], b); err != nil {
		return b, err
	}
	h.clock.Set(at.Add(2 * time.Hour))
	if b, err = h.Grants.Check(ctx, handlers[0], grant.Ref{ID: b.ID, Version: b.Version}); err != nil {
		if passed(err) {
			err = nil
		}
		return b, err
	}
	h.clock.Set(at.Add(4 * time.Hour))
	b, err = h.Grants.Release(ctx, approvers[0], grant.Ref{ID: b.ID, Version: b.Version})
	if passed(err) {
		err = nil
	}
	return b, err
}

// morning is ten o'clock of a working day, the one of an instant or the last before it.
func (h *history) morning(t time.Time) time.Time {
	d := workday.DateOf(t)
	if workday.StartOf(d).Add(10 * time.Hour).After(t) {
		d = d.AddDays(-1)
	}
	for !h.cal.IsWorkday(d) {
		d = d.AddDays(-1)
	}
	return workday.StartOf(d).Add(10 * time.Hour)
}

// silent is how many firms for which nobody acts stay on a list of the past, and let
// their time go by.
const silent = 3

// reached lets the other firms wait for whom nobody acts yet, as a department does
// that wants its money to arrive.
func (h *history) reached(ctx context.Context, handler auth.Actor, b grant.Batch) (grant.Batch, error) {
	acts := map[string]bool{}
	for _, who := range h.people {
		for _, firm := range who.Firms {
			acts[firm] = true
		}
	}
	sheet, err := h.Grants.Batch(ctx, handler, b.ID, grant.Filter{State: grant.Listed})
	stay := 0
	for err == nil {
		for _, l := range sheet.Lines.Rows {
			if !acts[l.FirmID] {
				if stay++; stay > silent {
					if b, err = h.Grants.Move(ctx, handler, grant.Ref{ID: b.ID, Version: b.Version}, l.ID, grant.Waiting, "企业在平台上还没有经办人，请服务专员联系后再列入下一批。"); err != nil {
						return b, err
					}
				}
			}
		}
		if sheet.Lines.Next == "" {
			break
		}
		sheet, err = h.Grants.Batch(ctx, handler, b.ID, grant.Filter{State: grant.Listed, After: sheet.Lines.Rows[len(sheet.Lines.Rows)-1].Seq})
	}
	return b, err
}

// grantPaid brings a list to its end: firms give their accounts, cases are made, the
// treasury pays.
func (h *history) grantPaid(ctx context.Context, at time.Time) error {
	b, err := h.grantFirst(ctx, at, true)
	if err != nil || b.State != grant.Published {
		return err
	}
	h.clock.Set(b.ReleasedAt.Add(22 * time.Hour))
	for n, who := range h.people {
		mine, err := h.Grants.Mine(ctx, who)
		if err != nil {
			return err
		}
		for i, c := range mine {
			if c.Batch.ID != b.ID || !c.Open || c.Line.State != grant.Listed {
				continue
			}
			answer := grant.Answer{Line: c.Line.ID, Version: c.Line.Version, Bank: "渤海银行创新区支行", Account: "62220000" + workday.DateOf(h.now).String()[:4] + c.Line.USCC[2:6] + string(rune('0'+(n+i)%10))}
			if err := h.Grants.Answer(ctx, who, answer); err != nil {
				return err
			}
		}
	}
	for _, at := range []time.Time{b.ShownUntil, b.RemindAt, b.AnswerUntil} {
		h.clock.Set(at.Add(time.Hour))
		if err := h.Grants.Sweep(ctx); err != nil {
			return err
		}
	}
	if err := h.Grants.Award(ctx, b.ID); err != nil {
		return err
	}
	handler, approver := h.staff[b.DepartmentID+"/"+string(auth.Handler)][0], h.staff[b.DepartmentID+"/"+string(auth.Approver)][0]
	sheet, err := h.Grants.Batch(ctx, handler, b.ID, grant.Filter{})
	if err != nil || sheet.Cases.Ready.N == 0 { // nobody answered
		return err
	}
	h.clock.Set(b.AnswerUntil.Add(26 * time.Hour))
	if b, err = h.Grants.MakeList(ctx, handler, grant.Ref{ID: b.ID, Version: sheet.Version}); err != nil {
		return err
	}
	if sheet, err = h.Grants.Batch(ctx, handler, b.ID, grant.Filter{}); err != nil {
		return err
	}
	h.clock.Set(b.AnswerUntil.Add(75 * time.Hour))
	_, err = h.Grants.Paid(ctx, approver, grant.Payment{
		Ref: grant.Ref{ID: b.ID, Version: b.Version}, List: sheet.Lists[0].ID, On: workday.DateOf(h.clock.Now()).String(), Voucher: "国库支付 " + workday.DateOf(h.clock.Now()).String() + "-017",
	})
	return err
}

// grantObject lets somebody object who has nothing to do with the firm.
func (h *history) grantObject(ctx context.Context, b grant.Batch, at time.Time) error {
	public, err := h.Grants.Public(ctx, b.ID, grant.Look{})
	if err != nil || len(public.Lines.Rows) == 0 {
		return err
	}
	h.clock.Set(at)
	for _, who := range h.people {
		if len(who.Firms) == 0 {
			return h.Grants.Object(ctx, who, b.ID, public.Lines.Rows[0].ID, "这家企业今年可能已经搬到外地，请核实现在的经营地址。")
		}
	}
	return nil
}
