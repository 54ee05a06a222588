package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/rules"
)

// order is an order in hand with its steps. Its row is locked, which locks the
// whole of it: nobody else can begin, end or read-to-write any of its steps.
type order struct {
	*work
	steps []Step
}

// beginOrder writes the steps of an order that was accepted and begins the
// first group.
func (w *work) beginOrder(ctx context.Context) error {
	answers, err := w.answers(ctx)
	if err != nil {
		return err
	}
	o := &order{work: w}
	if o.steps, err = w.svc.plannedSteps(ctx, &w.Case, w.item, answers); err != nil {
		return err
	}
	for i := range o.steps {
		st := &o.steps[i]
		st.ID = ids.New(w.now)
		if st.State == StepSkipped {
			st.EndedAt = w.now
			o.tellStep(st, StepLeftOut)
		}
		if err := w.svc.store.insertStep(ctx, *st); err != nil {
			return err
		}
	}
	return o.goOn(ctx)
}

// advance brings an order on after a command on one of its steps: before is the
// step as it was, step as the command left it. Both rows are locked.
func (s *Service) advance(ctx context.Context, locked Case, before *Case, step *work, cmd Command) error {
	clock := slices.Contains([]Command{CmdPause, CmdResume, CmdExtend, CmdTransfer, CmdCalendar}, cmd)
	if !clock && before.State == step.State && before.NeedsApplicant == step.NeedsApplicant && before.Paused == step.Paused {
		return nil // a claim, an opinion, a note: the order stands as it stood
	}
	w := s.newWork(locked, auth.SystemActor(), step.now)
	w.since = step.since
	var err error
	if w.item, err = s.itemOf(ctx, &w.Case); err != nil {
		return err
	}
	o := &order{work: w}
	if o.steps, err = s.store.steps(ctx, string(w.ID)); err != nil {
		return err
	}
	numberSteps(o.steps)
	i := slices.IndexFunc(o.steps, func(st Step) bool { return st.CaseID == step.ID })
	if i < 0 {
		return fmt.Errorf("cases: order %s has no step %s", w.ID, step.ID)
	}
	st := &o.steps[i]
	switch {
	case st.State != StepRunning: // handed over after its decision
	case step.State == Withdrawn:
		err = o.endStep(ctx, st, OutcomeWithdrawn)
	case !step.DecidedAt.IsZero():
		err = o.endStep(ctx, st, step.Outcome)
	case cmd == CmdSendBack:
		o.tellStep(st, StepAsked)
	case cmd == CmdReply:
		o.tellStep(st, StepAnswered)
	case cmd == CmdRecall:
		o.tellStep(st, StepRecalled)
	case cmd == CmdPause:
		o.tellStep(st, StepPaused)
	case cmd == CmdResume:
		o.tellStep(st, StepResumed)
	case cmd == CmdTransfer:
		o.tellStep(st, StepPassedOn)
		if step.detail["wrong_body"] == true { // the order waited for nobody competent, too
			err = o.passedOn(ctx, step)
		}
	case cmd == CmdCalendar: // of a step that was extended, in the calendar of its region
		due := o.DueAt
		if err = o.tick(ctx); err == nil && !o.DueAt.Equal(due) {
			o.also(CmdCalendar, true, map[string]any{"due": db.MS(o.DueAt), "before": db.MS(due)})
			o.more[len(o.more)-1].Reason = step.reason
		}
	case cmd == CmdExtend:
		o.tellStep(st, StepExtended)
		err = o.tick(ctx) // its limit reaches as far as that of the step
	}
	if err != nil {
		return err
	}
	if w.State != Handling {
		return nil // it has ended already; only results are handed over
	}
	if err := o.mirror(ctx); err != nil {
		return err
	}
	if err := o.goOn(ctx); err != nil {
		return err
	}
	return o.keep(ctx, locked)
}

// keep writes the order, if something about it changed.
func (o *order) keep(ctx context.Context, before Case) error {
	if len(o.more) > 0 {
		return o.leave(ctx, before.State, o.more)
	}
	if o.Case == before {
		return nil
	}
	o.UpdatedAt = o.now
	return o.svc.store.save(ctx, &o.Case)
}

// goOn begins the groups that are due, and ends the order when nothing is left
// to do. A loop, because a group of instant items is over at once.
func (o *order) goOn(ctx context.Context) error {
	for {
		if slices.ContainsFunc(o.steps, failed) {
			if err := o.dropWaiting(ctx); err != nil {
				return err
			}
		}
		if i := slices.IndexFunc(o.steps, func(st Step) bool { return st.State == StepRunning }); i >= 0 {
			o.Stage = o.item.Bundle.Groups[o.steps[i].Group-1].Key
			return nil
		}
		next := slices.IndexFunc(o.steps, waits)
		if next < 0 {
			return o.conclude(ctx)
		}
		for i, group := next, o.steps[next].Group; i < len(o.steps); i++ {
			if st := &o.steps[i]; st.State == StepWaiting && st.Group == group {
				if err := o.openStep(ctx, st); err != nil {
					return fmt.Errorf("cases: step %s: %w", st.ItemCode, err)
				}
			}
		}
	}
}

// failed says that a step ended without what was asked for.
func failed(st Step) bool { return st.State == StepDone && !st.Outcome.Grants() }

// dropWaiting cancels what has not begun.
func (o *order) dropWaiting(ctx context.Context) error {
	for i := range o.steps {
		st := &o.steps[i]
		if st.State != StepWaiting {
			continue
		}
		st.State, st.EndedAt = StepCancelled, o.now
		if err := o.svc.store.saveStep(ctx, st); err != nil {
			return err
		}
		o.tellStep(st, StepDropped)
	}
	return nil
}

// endStep notes how a step ended.
func (o *order) endStep(ctx context.Context, st *Step, outcome Outcome) error {
	st.State, st.Outcome, st.EndedAt = StepDone, outcome, o.now
	if err := o.svc.store.saveStep(ctx, st); err != nil {
		return err
	}
	o.tellStep(st, map[Outcome]StepNews{Granted: StepGranted, Partly: StepPartly, Denied: StepDenied, Ended: StepEnded, OutcomeWithdrawn: StepGivenUp}[outcome])
	return nil
}

// tellStep leaves a line in the ledger of the order, which the applicant sees.
func (o *order) tellStep(st *Step, what StepNews) {
	o.also(CmdStep, true, map[string]any{"what": string(what), "step": st.Name, "n": st.N, "case": string(st.CaseID)})
}

// mirror makes the order wait for the applicant while one of its steps does,
// and its clock stand still while one of theirs does, for the same reason: the
// joint limit is no shorter than the limits of its parts.
func (o *order) mirror(ctx context.Context) error {
	s := o.svc
	needs, err := db.One(ctx, s.DB.Write(ctx), db.Scalar[int], `SELECT count(*) FROM cases_case WHERE parent_id=$1 AND state='handling' AND needs_applicant`, string(o.ID))
	if err != nil {
		return err
	}
	o.NeedsApplicant = needs > 0
	kinds, err := db.List(ctx, s.DB.Write(ctx), db.Scalar[string], `SELECT p.kind FROM cases_pause p JOIN cases_case c ON c.id=p.case_id
		WHERE c.parent_id=$1 AND c.state='handling' AND p.to_at=0 ORDER BY p.from_at, p.id`, string(o.ID))
	if err != nil {
		return err
	}
	want := ""
	switch {
	case slices.Contains(kinds, "applicant"):
		want = "applicant"
	case len(kinds) > 0:
		want = kinds[0]
	}
	pauses, err := s.store.pauses(ctx, o.ID)
	if err != nil {
		return err
	}
	have := ""
	if i := slices.IndexFunc(pauses, func(p Pause) bool { return p.To.IsZero() }); i >= 0 {
		have = pauses[i].Kind
	}
	if have == want {
		return nil
	}
	if have != "" {
		if _, err := o.closePauses(ctx, o.from(), everyPause); err != nil {
			return err
		}
	}
	if want != "" {
		if err := o.openPause(ctx, want, ""); err != nil {
			return err
		}
	}
	return o.tick(ctx)
}

// reachExtended moves the limit of an order to the farthest of its steps that
// were extended: the extension of a step is none of the order's own.
func (w *work) reachExtended(ctx context.Context) error {
	type limit struct{ due, statutory time.Time }
	far, err := db.One(ctx, w.svc.DB.Read(ctx), func(r db.Scanner) (x limit, err error) {
		return x, r.Scan(db.Time{Time: &x.due}, db.Time{Time: &x.statutory})
	}, `SELECT COALESCE(max(c.due_at), 0), COALESCE(max(c.statutory_at), 0) FROM cases_case c
		WHERE c.parent_id=$1 AND c.id IN (SELECT e.case_id FROM cases_extension e)`, string(w.ID))
	if err != nil {
		return err
	}
	if w.DueAt.IsZero() || !far.due.After(w.DueAt) && !far.statutory.After(w.StatutoryAt) {
		return nil
	}
	if far.due.After(w.DueAt) {
		w.DueAt = far.due
	}
	if !w.StatutoryAt.IsZero() && far.statutory.After(w.StatutoryAt) {
		w.StatutoryAt = far.statutory
	}
	w.WarnAt, w.YellowAt, w.RedAt = workday.Thresholds(w.cal(), w.AcceptedAt, w.DueAt, w.StatutoryAt, w.item.Promised)
	return nil
}

// openStep makes the case of a step: submitted and accepted with the order,
// with its own part of the answers and papers, under its own clock.
func (o *order) openStep(ctx context.Context, st *Step) error {
	s := o.svc
	item, err := s.Catalogue.Version(ctx, st.ItemVersionID)
	if err != nil {
		return err
	}
	mended, err := o.mends(ctx, st)
	if err != nil {
		return err
	}
	answers, err := o.ownAnswers(ctx, st, item, mended)
	if err != nil {
		return err
	}
	received, accepted := o.now, o.now
	if !slices.ContainsFunc(o.steps, func(x Step) bool { return x.CaseID != "" && x.Group < st.Group }) { // nothing ran before: it came in with the order
		received, accepted = o.SubmittedAt, o.AcceptedAt
	}
	k := Case{
		ID: ID(ids.New(o.now)), ParentID: o.ID, PickupCode: o.PickupCode, ItemID: item.ID, ItemVersionID: item.VersionID, ItemCode: item.Code, ItemName: item.Name,
		DepartmentID: item.Department, Region: s.regionOf(item), Party: o.Party, AccountID: o.AccountID, FiledBy: o.FiledBy, Channel: o.Channel,
		ReceivingRegion: o.ReceivingRegion, HallID: o.HallID, WindowID: o.WindowID, ReceiverID: o.ReceiverID, Collect: o.Collect,
		State: Submitted, CreatedAt: o.now, UpdatedAt: o.now, Version: 1,
	}
	if err := s.store.insert(ctx, k); err != nil {
		return err
	}
	k.Number, k.SubmittedAt, k.DataVersion = fmt.Sprintf("%s-%02d", o.Number, st.N), received, 1
	c := s.newWork(k, o.actor, o.now)
	c.item, c.detail["order"], c.detail["n"] = item, o.Number, st.N
	if err := s.store.insertBuffer(ctx, k.ID, Buffer{Typed: FromAnswers(answers), Prefill: map[string]string{}}, o.FiledBy, o.now); err != nil {
		return err
	}
	if err := o.handDown(ctx, st, item, k.ID, mended); err != nil {
		return err
	}
	materials, err := s.materials(ctx, &c.Case, item, answers, nil)
	if err != nil {
		return err
	}
	if err := s.store.insertSnapshot(ctx, k.ID, Snapshot{DataVersion: 1, Answers: answers, Materials: materials, SubmittedAt: o.now}, o.FiledBy); err != nil {
		return err
	}
	st.State, st.CaseID, st.StartedAt = StepRunning, k.ID, o.now
	if err := s.store.saveStep(ctx, st); err != nil {
		return err
	}
	o.tellStep(st, StepBegun)
	if err := c.beforeStep(ctx, CmdAccept); err != nil {
		return err
	}
	if err := c.start(ctx, accepted); err != nil {
		return err
	}
	instant := item.Flow.Automatic != "" && rules.Holds(item.Flow.Automatic, answers)
	if lacking := lacks(item, answers, materials, o.svc.today()); instant && len(lacking) > 0 {
		instant = false
		c.system()
		c.also(CmdNote, false, map[string]any{})
		c.more[len(c.more)-1].Reason = "没有自动办理，以下内容缺少或者不合要求：" + strings.Join(lacking, "、")
		c.actor = o.actor
	}
	instant = instant && settled(materials) // what is tolerated or has to be seen needs a person
	if instant {
		c.system()
		if err := c.mayDecide(ctx); err != nil {
			if _, err := c.people(err); err != nil {
				return err
			}
			instant, c.actor = false, o.actor
		}
	}
	if instant {
		if err = c.byEngine(ctx, answers); err == nil {
			err = o.endStep(ctx, st, c.Outcome)
		}
		c.actor = o.actor
	} else {
		err = c.enter(ctx, 0)
	}
	if err != nil {
		return err
	}
	return c.finish(ctx, Submitted, CmdAccept, true)
}

// lacks names what is missing or wrong in a step by its own form and its own
// list of papers. The form of the order asked for all of it; where it did not,
// or a later change opened further questions, a person has to look.
func lacks(item *catalogue.Item, answers map[string]any, materials []MaterialState, today string) []string {
	var out []string
	_, bad := Answers(item, FromAnswers(answers), today)
	for _, b := range bad {
		if f, _, _, ok := item.At(b.Name); ok {
			out = append(out, f.Label.ZH)
		}
	}
	for _, m := range materials {
		if m.How == Missing {
			out = append(out, m.Material.Name.ZH)
		}
	}
	return out
}

// outcomeWords name how a step stands at the end of its order.
var outcomeWords = map[string]i18n.Text{
	string(Granted):          {ZH: "准予", EN: "granted"},
	string(Partly):           {ZH: "部分准予", EN: "granted in part"},
	string(Denied):           {ZH: "不予批准", EN: "refused"},
	string(Ended):            {ZH: "终止办理", EN: "ended"},
	string(OutcomeWithdrawn): {ZH: "已撤回", EN: "withdrawn"},
	string(StepCancelled):    {ZH: "没有开始", EN: "not begun"},
}

// results lists the steps that were taken with their outcomes.
func results(steps []Step) i18n.Text {
	var zh, en []string
	for _, st := range steps {
		key := string(st.Outcome)
		if st.State == StepCancelled {
			key = string(StepCancelled)
		}
		if words, ok := outcomeWords[key]; ok {
			zh = append(zh, st.Name.ZH+"（"+words.ZH+"）")
			en = append(en, st.Name.In(i18n.English)+" ("+words.EN+")")
		}
	}
	return i18n.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

// outcomeOf an order whose steps have all ended: granted when every one of them
// was, granted in part when some were, else denied, or ended when no step was
// denied; "" when the applicant withdrew every one of them.
func outcomeOf(steps []Step) Outcome {
	ways := map[Outcome]int{}
	for _, st := range steps {
		if st.State == StepDone {
			ways[st.Outcome]++
		}
	}
	partly := ways[Partly] > 0 || ways[Denied]+ways[Ended]+ways[OutcomeWithdrawn] > 0
	switch {
	case ways[Granted]+ways[Partly] > 0 && partly:
		return Partly
	case ways[Denied] > 0:
		return Denied
	case ways[Ended] > 0:
		return Ended
	case ways[OutcomeWithdrawn] > 0:
		return ""
	}
	return Granted
}

// conclude ends an order whose steps have all ended. Unless all were granted the
// steps and their outcomes are the reason.
func (o *order) conclude(ctx context.Context) error {
	outcome, all := outcomeOf(o.steps), results(o.steps)
	if outcome == "" {
		return o.leftAlone(ctx)
	}
	answers, err := o.answers(ctx)
	if err != nil {
		return err
	}
	person := o.actor
	o.system()
	defer func() { o.actor = person }() // an acceptance that ends it at once was the clerk's
	if outcome != Granted {
		o.reason = all.ZH
	}
	text := wording(template(o.item, outcome), &o.Case, o.item, answers, o.reason, all, o.now)
	kept, mark := o.detail, len(o.more)
	o.detail = map[string]any{}
	from := o.State
	if err := o.decide(ctx, outcome, text, ""); err != nil {
		return err
	}
	decided := o.event(CmdDecide, true)
	decided.From, decided.To, decided.Reason, decided.Detail = from, Decided, o.reason, map[string]any{"outcome": string(outcome), "automatic": true}
	o.more = append(o.more[:mark:mark], append([]Event{decided}, o.more[mark:]...)...)
	o.detail, o.reason = kept, ""
	return nil
}

// leftAlone ends an order of which the applicant withdrew every step: there is
// nothing left to decide.
func (o *order) leftAlone(ctx context.Context) error {
	from := o.State
	o.State, o.Stage = Withdrawn, ""
	if err := o.closeLedger(ctx); err != nil {
		return err
	}
	o.also(CmdWithdraw, true, map[string]any{"automatic": true})
	o.more[len(o.more)-1].From = from
	return nil
}

// mayLeave refuses to withdraw a step that later ones wait for: without it they
// cannot be done, so it is the order that is withdrawn.
func (w *work) mayLeave(ctx context.Context) error {
	if w.ParentID == "" {
		return nil
	}
	steps, err := w.svc.store.steps(ctx, string(w.ParentID))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(steps, waits) {
		return ErrOthersWait
	}
	return nil
}

// withdrawSteps withdraws what is running of an order and cancels the rest;
// what was granted stays.
func (w *work) withdrawSteps(ctx context.Context) error {
	o, running, err := w.inHand(ctx, Handling)
	if err != nil {
		return err
	}
	for _, c := range running {
		c.reason = w.reason
		if err := c.beforeStep(ctx, CmdWithdraw); err != nil {
			return err
		}
	}
	for _, c := range running {
		c.State = Withdrawn
		if err := w.svc.store.cancelOpenTasks(ctx, c.ID, c.now); err != nil {
			return err
		}
		if err := c.closeLedger(ctx); err != nil {
			return err
		}
		if err := c.finish(ctx, Handling, CmdWithdraw, true); err != nil {
			return err
		}
		i := slices.IndexFunc(o.steps, func(st Step) bool { return st.CaseID == c.ID })
		if err := o.endStep(ctx, &o.steps[i], OutcomeWithdrawn); err != nil {
			return err
		}
	}
	if err := o.dropWaiting(ctx); err != nil {
		return err
	}
	w.Stage = ""
	return nil
}

// deliverSteps hands over, with the order, the results of its steps that were
// not collected before.
func (w *work) deliverSteps(ctx context.Context, in DeliverInput) error {
	_, ready, err := w.inHand(ctx, Decided)
	if err != nil {
		return err
	}
	for _, c := range ready {
		if err := c.beforeStep(ctx, CmdDeliver); err != nil {
			return err
		}
	}
	for _, c := range ready {
		c.detail["how"], c.detail["receiver"] = string(in.How), in.Receiver
		if in.Tracking != "" {
			c.detail["carrier"], c.detail["tracking"] = in.Carrier, in.Tracking
		}
		if err := c.deliver(ctx, in.How, in.Receiver, postFor(w.actor, nil, auth.Clerk)); err != nil {
			return err
		}
		if err := c.finish(ctx, Decided, CmdDeliver, true); err != nil {
			return err
		}
	}
	return nil
}

// inHand locks the steps of an order that are in a state, to do the same to
// each of them under the command on the order.
func (w *work) inHand(ctx context.Context, state State) (*order, []*work, error) {
	s := w.svc
	o := &order{work: w}
	var err error
	if o.steps, err = s.store.steps(ctx, string(w.ID)); err != nil {
		return nil, nil, err
	}
	numberSteps(o.steps)
	list, err := s.store.lockedSteps(ctx, w.ID, state)
	if err != nil {
		return nil, nil, err
	}
	out := make([]*work, len(list))
	for i, k := range list {
		c := s.newWork(k, w.actor, w.now)
		c.detail["order"] = w.Number
		if c.item, err = s.itemOf(ctx, &k); err != nil {
			return nil, nil, err
		}
		if c.tasks, err = s.store.tasks(ctx, k.ID); err != nil {
			return nil, nil, err
		}
		out[i] = c
	}
	return o, out, nil
}

// StepOf returns the step that a case is, nil when it is none of them.
func (v *View) StepOf(id ID) *Step {
	for i := range v.Steps {
		if v.Steps[i].CaseID == id && id != "" {
			return &v.Steps[i]
		}
	}
	return nil
}
