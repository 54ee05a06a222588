package cases_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// told says what a model knows of a command: from which states to which it
// leads, and whether the applicant hears of it. It knows nothing of the engine.
type told struct {
	leads map[cases.State][]cases.State
	once  bool // in the life of a case
	news  bool // to the person who acts
}

func stays(states ...cases.State) map[cases.State][]cases.State {
	out := map[cases.State][]cases.State{}
	for _, s := range states {
		out[s] = []cases.State{s}
	}
	return out
}

// model is the life of a case as the specification tells it. A command that is
// missing here fails the test by name.
var model = map[cases.Command]told{
	cases.CmdSubmit: {leads: map[cases.State][]cases.State{
		cases.Draft:         {cases.Submitted, cases.Decided, cases.Delivered},
		cases.Supplementing: {cases.Submitted, cases.Decided, cases.Delivered},
	}},
	cases.CmdWithdraw: {leads: map[cases.State][]cases.State{
		cases.Draft: {cases.Withdrawn}, cases.Submitted: {cases.Withdrawn}, cases.Supplementing: {cases.Withdrawn}, cases.Handling: {cases.Withdrawn},
	}, once: true},
	// An order of instant items is over at once; commitments may decide at acceptance.
	cases.CmdAccept:        {leads: map[cases.State][]cases.State{cases.Submitted: {cases.Handling, cases.Decided, cases.Delivered}}, once: true},
	cases.CmdAskSupplement: {leads: map[cases.State][]cases.State{cases.Submitted: {cases.Supplementing}}, news: true},
	cases.CmdRefuse:        {leads: map[cases.State][]cases.State{cases.Submitted: {cases.Refused}, cases.Supplementing: {cases.Refused}}, once: true, news: true},
	cases.CmdClaim:         {leads: stays(cases.Handling)},
	cases.CmdRelease:       {leads: stays(cases.Handling)},
	cases.CmdEndorse:       {leads: stays(cases.Handling)},
	cases.CmdSendBack:      {leads: stays(cases.Handling), news: true},
	cases.CmdReply:         {leads: stays(cases.Handling)},
	cases.CmdRecall:        {leads: stays(cases.Handling), news: true},
	cases.CmdPause:         {leads: stays(cases.Handling), news: true},
	cases.CmdResume:        {leads: stays(cases.Handling), news: true},
	cases.CmdExtend:        {leads: stays(cases.Handling), once: true, news: true},
	cases.CmdDecide:        {leads: map[cases.State][]cases.State{cases.Handling: {cases.Decided, cases.Delivered}}, once: true, news: true},
	cases.CmdDeliver:       {leads: map[cases.State][]cases.State{cases.Decided: {cases.Delivered}}, once: true},
	cases.CmdNote:          {leads: stays(cases.Submitted, cases.Supplementing, cases.Handling, cases.Decided, cases.Delivered, cases.Refused, cases.Withdrawn, cases.Revoked)},
	cases.CmdVerify:        {leads: map[cases.State][]cases.State{cases.Decided: {cases.Decided, cases.Revoked}, cases.Delivered: {cases.Delivered, cases.Revoked}}},
	cases.CmdRevoke:        {leads: map[cases.State][]cases.State{cases.Decided: {cases.Revoked}, cases.Delivered: {cases.Revoked}}, once: true},
	cases.CmdTransfer:      {leads: stays(cases.Submitted, cases.Handling)},
	cases.CmdReturn:        {leads: stays(cases.Handling)},
	cases.CmdArrange:       {leads: stays(cases.Handling), news: true},
	cases.CmdObject:        {leads: stays(cases.Handling)},
	cases.CmdAnswer:        {leads: stays(cases.Handling)},
	cases.CmdReassign:      {leads: stays(cases.Handling)},
	cases.CmdCheck:         {leads: stays(cases.Submitted, cases.Supplementing, cases.Handling)},
	cases.CmdHandIn:        {leads: stays(cases.Handling)},
	cases.CmdReceive:       {leads: stays(cases.Draft)},
	cases.CmdHandOver:      {leads: stays(cases.Draft, cases.Submitted, cases.Supplementing, cases.Handling, cases.Decided)},
	cases.CmdTakeOver:      {leads: stays(cases.Draft, cases.Submitted, cases.Supplementing, cases.Handling, cases.Decided)},
	cases.CmdDecline:       {leads: stays(cases.Draft, cases.Submitted, cases.Supplementing, cases.Handling, cases.Decided)},
	cases.CmdWaive:         {leads: stays(cases.Handling), news: true},
}

// randomFlow draws stages with tasks in parallel, some of them under a condition
// that holds, does not hold, or hangs on an answer.
func randomFlow(rng *rand.Rand, item *catalogue.Definition) catalogue.Flow {
	f := catalogue.Flow{}
	conditions := []string{"", "", "true", "1 == 2"}
	for _, s := range item.Form.Sections {
		for _, x := range s.Fields {
			if x.Type == catalogue.FieldYesNo && x.Required && x.When == "" {
				conditions = append(conditions, "answers."+x.ID+" == 'yes'")
			}
		}
	}
	name := func(n int) i18n.Text {
		return i18n.Text{ZH: fmt.Sprintf("审查%d", n), EN: fmt.Sprintf("Examination %d", n)}
	}
	n := 0
	for range rng.IntN(4) {
		st := catalogue.Stage{Key: fmt.Sprintf("s%d", len(f.Stages)), Name: name(len(f.Stages) + 1)}
		for range 1 + rng.IntN(3) {
			n++
			st.Tasks = append(st.Tasks, catalogue.Task{
				Key: fmt.Sprintf("t%d", n), Name: name(n), Department: []string{"kj", "hb", "wj", "cz", "sw"}[rng.IntN(5)], Role: "handler",
				Limit: workday.Limit{N: 1 + rng.IntN(4), Unit: workday.UnitWorkday}, When: conditions[rng.IntN(len(conditions))],
			})
		}
		f.Stages = append(f.Stages, st)
	}
	f.Stages = append(f.Stages, catalogue.Stage{Key: "decide", Name: i18n.Text{ZH: "决定", EN: "Decision"}, Tasks: []catalogue.Task{
		{Key: "decide", Name: i18n.Text{ZH: "决定", EN: "Decision"}, Department: "kj", Role: "approver", Limit: workday.Limit{N: 2, Unit: workday.UnitWorkday}, Decides: true},
	}})
	return f
}

// TestModel lets random people give random commands to cases that run through
// random flows, and holds every step and the end against the model.
func TestModel(t *testing.T) {
	t.Parallel()
	for _, c := range cases.Commands {
		if _, ok := model[c]; !ok {
			t.Errorf("the model does not know %s: say where it leads", c)
		}
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		rng := rand.New(rand.NewPCG(19, 23)) //nolint:gosec // a fixed course, so that a failure repeats
		z, err := demo.Load()
		if err != nil {
			t.Fatal(err)
		}
		mine := []string{"KJ-0001", "KJ-0002", "KJ-0005", "KJ-0006", "KJ-0007"}
		for i := range z.Items {
			if slices.Contains(mine, z.Items[i].Code) {
				z.Items[i].Flow = randomFlow(rng, &z.Items[i])
			}
		}
		if _, err := b.LoadFrame(b.ctx, z); err != nil {
			t.Fatal(err)
		}
		var people []auth.Actor
		for _, l := range []string{"applicant", "agent", "clerk", "clerk3", "handler-hb", "handler-wj", "handler-kj", "handler-kj2", "handler-cz", "handler-sw", "approver", "approver-sw", "head-kj", "leader"} {
			people = append(people, b.Actor(t, l))
		}
		var list []cases.ID
		for i, item := range append(slices.Clone(mine), "KJ-0003", "YJS-0019") {
			k, err := b.Cases.Start(b.ctx, people[i%2], cases.StartInput{ItemCode: item, EnterpriseID: firmOf(people[i%2])})
			if err != nil {
				t.Fatal(err)
			}
			b.Fill(t, people[i%2], k.ID)
			list = append(list, k.ID)
		}
		given := map[cases.ID][]cases.Command{}
		for range 450 {
			steps, err := db.List(b.ctx, d.Read(b.ctx), db.Scalar[cases.ID], `SELECT id FROM cases_case WHERE parent_id <> '' ORDER BY id`)
			if err != nil {
				t.Fatal(err)
			}
			all := append(slices.Clone(list), steps...)
			id := all[rng.IntN(len(all))]
			rng.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
			var who auth.Actor
			var v *cases.View
			for _, p := range people {
				if x, err := b.Cases.View(b.ctx, p, id); err == nil && len(x.Can) > 0 {
					who, v = p, x
					break
				} else if err != nil && !errors.Is(err, cases.ErrNotFound) {
					t.Fatal(err)
				}
			}
			if v == nil {
				continue
			}
			can := slices.DeleteFunc(slices.Clone(v.Can), func(c cases.Command) bool {
				return slices.Contains([]cases.Command{cases.CmdWithdraw, cases.CmdRefuse, cases.CmdNote, cases.CmdTransfer, cases.CmdRevoke}, c) && rng.IntN(12) > 0
			})
			if len(can) == 0 {
				continue
			}
			cmd := can[rng.IntN(len(can))]
			before := v.Case
			err = b.give(t, who, id, cmd, rng)
			after, ferr := b.Cases.Find(b.ctx, id)
			if ferr != nil {
				t.Fatal(ferr)
			}
			switch {
			case err == nil:
				given[id] = append(given[id], cmd)
				if !slices.Contains(model[cmd].leads[before.State], after.State) {
					t.Errorf("%s led from %s to %s, the model says %v", cmd, before.State, after.State, model[cmd].leads[before.State])
				}
				if after.Version <= before.Version || after.LastSeq <= before.LastSeq {
					t.Errorf("%s left version %d after %d, event %d after %d", cmd, after.Version, before.Version, after.LastSeq, before.LastSeq)
				}
			case errs.KindOf(err) == errs.Internal:
				t.Fatalf("%s, %s: %v", who.Name, cmd, err)
			case after.Version != before.Version || after.State != before.State:
				t.Errorf("%s failed (%v) and changed the case", cmd, err)
			}
			if rng.IntN(5) == 0 {
				b.Clock.Advance(time.Duration(rng.IntN(40)) * time.Hour)
			}
		}
		if err := b.Cases.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
		b.clocksRun(t, d)
		steps, err := db.List(b.ctx, d.Read(b.ctx), db.Scalar[cases.ID], `SELECT id FROM cases_case WHERE parent_id <> '' ORDER BY id`)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, steps...)
		total := 0
		for _, id := range list {
			total += len(given[id])
			b.holdAgainst(t, d, id, given[id])
		}
		if total < 60 {
			t.Errorf("only %d commands were given: the test has become blind", total)
		}
		b.listsAgree(t, people, list)
		b.checkOrders(t, d)
		if r, err := b.Audit.Verify(b.ctx); err != nil || r.Broken != nil {
			t.Errorf("audit: %+v %v", r.Broken, err)
		}
	})
}

// holdAgainst holds what is left of a case against the model.
func (b bench) holdAgainst(t *testing.T, d *db.DB, id cases.ID, given []cases.Command) {
	t.Helper()
	v, err := b.Cases.View(b.ctx, auth.SystemActor(), id)
	if err != nil {
		t.Fatal(err)
	}
	count := map[cases.Command]int{}
	last := cases.Draft
	for i, e := range v.Events {
		if i == 0 {
			last = e.From
		}
		if e.Seq != i+1 || e.From != last {
			t.Errorf("%s: event %d is number %d, %s from %s to %s after %s", v.Number, i+1, e.Seq, e.Command, e.From, e.To, last)
		}
		last = e.To
		count[e.Command]++
	}
	if len(v.Events) > 0 && last != v.State || v.LastSeq != len(v.Events) {
		t.Errorf("%s is %s, its events lead to %s; %d events, the last is %d", v.Number, v.State, last, len(v.Events), v.LastSeq)
	}
	for _, cmd := range given {
		if count[cmd] == 0 {
			t.Errorf("%s: %s was given and left no event", v.Number, cmd)
		}
	}
	for cmd, n := range count {
		if model[cmd].once && n > 1 {
			t.Errorf("%s: %s stands %d times", v.Number, cmd, n)
		}
	}
	if (v.Decision != nil) != (v.Outcome != "" && v.Outcome != cases.OutcomeWithdrawn) {
		t.Errorf("%s: outcome %q, decision %+v", v.Number, v.Outcome, v.Decision)
	}
	// One piece of news for each event that the person hears of.
	if v.AccountID != "" && v.ParentID == "" && !v.Bundle {
		for _, e := range v.Events {
			if !model[e.Command].news {
				continue
			}
			n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(DISTINCT dedup_key) FROM notify_message WHERE link LIKE $1 AND dedup_key LIKE $2`,
				"%"+string(v.ID)+"%", fmt.Sprintf("case:%s:%d:%%", v.ID, e.Seq))
			if err != nil || n < 1 { // the person of then, who may have handed the case over since
				t.Errorf("%s: of event %d, %s, the person was told %d times, %v", v.Number, e.Seq, e.Command, n, err)
			}
		}
	}
	b.countDays(t, v)
}

// countDays works the promised limit out again, one day after the other.
func (b bench) countDays(t *testing.T, v *cases.View) {
	t.Helper()
	if v.AcceptedAt.IsZero() || v.Bundle || v.Item.Promised.Unit != workday.UnitWorkday || v.State == cases.Revoked {
		return
	}
	cal := workday.Official()
	left := int(v.Item.Promised.N)
	for _, x := range v.Extensions {
		left += x.Days
	}
	// A pause takes the days after the one on which it begins, up to its end, and
	// that day itself when the limit would run out on it.
	d := workday.DateOf(v.AcceptedAt)
	for d2 := d.AddDays(1); left > 0; d2 = d2.AddDays(1) {
		still, begins := false, false
		for _, p := range v.Pauses {
			to := p.To
			if to.IsZero() {
				to = b.Clock.Now()
			}
			from, until := workday.DateOf(p.From), workday.DateOf(to.Add(-1)) // 00:00 ends the day before
			still = still || from.Before(d2) && !until.Before(d2)
			begins = begins || from == d2 && d2.Before(until)
		}
		if !cal.IsWorkday(d2) || still || left == 1 && begins {
			continue
		}
		left--
		d = d2
	}
	if due := workday.EndOf(d); !due.Equal(v.DueAt) {
		t.Errorf("%s (%s, %s) is due %v, counted by hand %v; accepted %v, pauses %+v, extensions %+v", v.Number, v.ItemCode, v.State, v.DueAt.In(workday.Zone), due.In(workday.Zone), v.AcceptedAt, v.Pauses, v.Extensions)
	}
}

// listsAgree holds the lists of everybody against what the pages show him.
func (b bench) listsAgree(t *testing.T, people []auth.Actor, list []cases.ID) {
	t.Helper()
	ctx := context.WithoutCancel(b.ctx)
	for _, who := range people {
		want := map[cases.ListName][]cases.ID{}
		for _, id := range list {
			v, err := b.Cases.View(ctx, who, id)
			if errors.Is(err, cases.ErrNotFound) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if v.SubmittedAt.IsZero() {
				continue
			}
			add := func(l cases.ListName, in bool) {
				if in {
					want[l] = append(want[l], id)
				}
			}
			if who.Kind == auth.Staff {
				mine := slices.ContainsFunc(v.Tasks, func(x cases.Task) bool { return x.State == cases.TaskOpen && x.AssigneeID == who.ID })
				add(cases.ListMine, mine && !v.NeedsApplicant)
				add(cases.ListToAccept, v.State == cases.Submitted)
				add(cases.ListWaiting, v.NeedsApplicant && (v.State == cases.Supplementing || v.State == cases.Handling && !v.Bundle))
				add(cases.ListAll, true)
				continue
			}
			if v.ParentID != "" {
				continue
			}
			add(cases.ListApplicant, true)
			add(cases.ListNeedsMe, v.NeedsApplicant)
			add(cases.ListRunning, slices.Contains([]cases.State{cases.Submitted, cases.Supplementing, cases.Handling, cases.Decided}, v.State))
		}
		names := []cases.ListName{cases.ListMine, cases.ListToAccept, cases.ListWaiting, cases.ListAll}
		if who.Kind == auth.Person {
			names = []cases.ListName{cases.ListRunning}
		}
		for _, name := range names {
			r, err := b.Cases.List(ctx, who, cases.Filter{List: name, Request: page.Request{Size: 100}})
			if err != nil {
				t.Fatal(err)
			}
			var got []cases.ID
			for _, row := range r.Rows {
				if slices.Contains(list, row.ID) {
					got = append(got, row.ID)
				}
			}
			slices.Sort(got)
			slices.Sort(want[name])
			if !slices.Equal(got, want[name]) {
				t.Errorf("%s, %s: the list has %v, the pages say %v", who.Name, name, got, want[name])
			}
		}
	}
}
