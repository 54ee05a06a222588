package cases_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestRandomCommands lets random people give random commands to random cases
// while days go by. Whatever happens: a command that the page offers is never
// refused as forbidden, one that it does not offer changes nothing it may not,
// and the invariants of doc.go hold at the end.
func TestRandomCommands(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		// One who acts for two items for a while, and one who only reads.
		limit(t, b, "agent", mandate.Grant{Items: []string{"KJ-0001", "KJ-0004", "KJ-0111"}, Until: "2026-03-20"})
		limit(t, b, "talent", mandate.Grant{ReadOnly: true, Modules: []auth.Module{auth.ModuleCases}})
		rng := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // a fixed course, so that a failure repeats
		var people []auth.Actor
		for _, l := range []string{"applicant", "agent", "talent", "clerk", "clerk2", "clerk3", "handler-hb", "handler-wj", "handler-kj", "handler-kj2", "approver-kj2", "handler-cz", "handler-sc", "approver-sc", "handler-sw", "approver-sw", "approver", "head-kj", "leader", "commissioner"} {
			people = append(people, b.Actor(t, l))
		}
		var list []cases.ID
		for _, item := range []string{"KJ-0001", "KJ-0004", "KJ-0005", "KJ-0006", "KJ-0007", "KJ-0002", "KJ-0111", "HB-0101", "YJS-0019"} {
			who := people[0]
			k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: item, EnterpriseID: firmOf(who)})
			if err != nil {
				t.Fatal(err)
			}
			b.Fill(t, who, k.ID)
			b.leaveLater(t, who, k.ID)
			list = append(list, k.ID)
		}
		given := map[cases.Command]int{}
		for range 800 {
			steps, err := db.List(b.ctx, d.Read(b.ctx), db.Scalar[cases.ID], `SELECT id FROM cases_case WHERE parent_id <> '' ORDER BY id`)
			if err != nil {
				t.Fatal(err)
			}
			list := append(slices.Clone(list), steps...)
			id := list[rng.IntN(len(list))]
			rng.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
			var who auth.Actor
			var v *cases.View
			cmd := cases.Commands[rng.IntN(len(cases.Commands))]
			for _, p := range people {
				who = p
				var err error
				if v, err = b.Cases.View(b.ctx, who, id); errors.Is(err, cases.ErrNotFound) {
					v = &cases.View{}
				} else if err != nil {
					t.Fatal(err)
				}
				if rng.IntN(12) == 0 {
					break // anybody, anything
				}
				likely := slices.DeleteFunc(slices.Clone(v.Can), func(c cases.Command) bool {
					return (c == cases.CmdWithdraw || c == cases.CmdRefuse || c == cases.CmdNote) && rng.IntN(30) > 0 // else nothing lives long
				})
				if len(likely) > 0 {
					cmd = likely[rng.IntN(len(likely))]
					break
				}
			}
			offered := slices.Contains(v.Can, cmd)
			before, err := b.Cases.Find(b.ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			err = b.give(t, who, id, cmd, rng)
			after, ferr := b.Cases.Find(b.ctx, id)
			if ferr != nil {
				t.Fatal(ferr)
			}
			switch {
			case err == nil && !offered:
				t.Fatalf("%s gave %s to a case in %s though the page did not offer it", who.Name, cmd, before.State)
			case err != nil && errs.KindOf(err) == errs.Internal:
				t.Fatalf("%s, %s: %v", who.Name, cmd, err)
			case err != nil && offered && (errors.Is(err, cases.ErrForbidden) || errors.Is(err, cases.ErrNotFound)):
				t.Fatalf("%s was offered %s and refused: %v", who.Name, cmd, err)
			case err != nil && after.Version != before.Version:
				t.Fatalf("%s failed (%v) and changed the case", cmd, err)
			case err == nil:
				given[cmd]++
			}
			if rng.IntN(6) == 0 {
				b.Clock.Advance(time.Duration(rng.IntN(30)) * time.Hour)
			}
		}
		if len(given) < 10 {
			t.Errorf("only %v were given: the test has become blind", given)
		}
		if err := b.Cases.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
		b.clocksRun(t, d)
		for what, sql := range map[string]string{
			"a state without its event":   `SELECT count(*) FROM cases_case c WHERE c.state <> 'draft' AND c.state <> (SELECT e.to_state FROM cases_event e WHERE e.case_id=c.id ORDER BY seq DESC LIMIT 1)`,
			"a gap in the events":         `SELECT count(*) FROM (SELECT case_id FROM cases_event GROUP BY case_id HAVING max(seq) <> count(*)) x`,
			"an open task after the end":  `SELECT count(*) FROM cases_task t JOIN cases_case c ON c.id=t.case_id WHERE t.state='open' AND c.state IN ('decided','delivered','withdrawn','refused')`,
			"an open pause after the end": `SELECT count(*) FROM cases_pause p JOIN cases_case c ON c.id=p.case_id WHERE p.to_at=0 AND c.state <> 'handling'`,
			"a pause that the case hides": `SELECT count(*) FROM cases_case c WHERE c.paused <> (EXISTS (SELECT 1 FROM cases_pause p WHERE p.case_id=c.id AND p.to_at=0))`,
			"a request that it hides":     `SELECT count(*) FROM cases_case c WHERE NOT c.bundle AND c.needs_applicant <> (EXISTS (SELECT 1 FROM cases_request q WHERE q.case_id=c.id AND q.answered_at=0))`,
			"handling without a task":     `SELECT count(*) FROM cases_case c WHERE c.state='handling' AND NOT c.bundle AND NOT EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id=c.id AND t.state='open')`,
			"two of what happens once":    `SELECT count(*) FROM (SELECT case_id FROM cases_event WHERE command IN ('deliver','decide','issue','refuse') GROUP BY case_id, command HAVING count(*) > 1) x`,
			"a decision over a gap":       `SELECT count(*) FROM cases_gap g JOIN cases_case c ON c.id=g.case_id WHERE c.state <> 'handling' AND g.closed_at=0`,
			"a decision by its examiner":  `SELECT count(*) FROM cases_decision x JOIN cases_task t ON t.case_id=x.case_id AND t.done_by=x.decided_by AND t.id <> x.task_id`,
		} {
			if n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], sql); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", what, n, err)
			}
		}
		b.checkOrders(t, d)
	})
}

// clocksRun holds after the jobs that no clock stands still beyond what was told,
// that nobody's ledger has a row that ends before it begins, and that nothing was
// paused twice for one task.
func (b bench) clocksRun(t *testing.T, d *db.DB) {
	t.Helper()
	now := db.MS(b.Clock.Now())
	for what, sql := range map[string]string{
		"a clock that stands still past its end": `SELECT count(*) FROM cases_pause p JOIN cases_case c ON c.id=p.case_id WHERE c.state='handling' AND p.to_at=0 AND p.until_at > 0 AND p.until_at <= $1`,
		"a return that nobody hears of":          `SELECT count(*) FROM cases_request q JOIN cases_case c ON c.id=q.case_id WHERE c.state='handling' AND q.kind='return' AND q.answered_at=0 AND q.due_at <= $1 AND q.over_at=0`,
		"a pause that ends before it begins":     `SELECT count(*) FROM cases_pause WHERE to_at > 0 AND (to_at < from_at OR to_at > $1)`,
		"a task paused for twice":                `SELECT count(*) FROM (SELECT task_id FROM cases_pause WHERE task_id <> '' AND from_at <= $1 GROUP BY task_id HAVING count(*) > 1) x`,
	} {
		if n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], sql, now); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}

// give gives a command with input that makes sense for it.
func (b bench) give(t *testing.T, who auth.Actor, id cases.ID, cmd cases.Command, rng *rand.Rand) error {
	t.Helper()
	ref := cases.Ref{ID: id}
	ask := cases.AskInput{Note: "请补充说明", Points: []cases.Point{{Kind: "field", Key: "nothing"}}}
	handIn := func(f func() error) error {
		if form, err := b.Cases.Form(b.ctx, who, id); err == nil {
			for _, m := range form.Materials {
				if m.How == cases.Missing {
					if _, err := b.Cases.Attach(b.ctx, who, id, m.Key, "a.pdf", bytes.NewReader(pdf), 1<<20); err != nil {
						return err
					}
				}
			}
		}
		return f()
	}
	var err error
	switch cmd {
	case cases.CmdSubmit:
		err = handIn(func() error { _, err := b.Cases.Submit(b.ctx, who, ref); return err })
	case cases.CmdReceive:
		_, err = b.Cases.ReceiveAndAsk(b.ctx, who, ref, ask)
	case cases.CmdReply:
		err = handIn(func() error { _, err := b.Cases.Reply(b.ctx, who, ref); return err })
	case cases.CmdWithdraw:
		_, err = b.Cases.Withdraw(b.ctx, who, ref, "不办了")
	case cases.CmdAccept:
		_, err = b.Cases.Accept(b.ctx, who, ref)
	case cases.CmdAskSupplement:
		_, err = b.Cases.AskSupplement(b.ctx, who, ref, ask)
	case cases.CmdRefuse:
		_, err = b.Cases.Refuse(b.ctx, who, ref, "不属于本区")
	case cases.CmdClaim:
		_, err = b.Cases.Claim(b.ctx, who, ref)
	case cases.CmdRelease:
		_, err = b.Cases.Release(b.ctx, who, ref)
	case cases.CmdEndorse:
		_, err = b.Cases.Endorse(b.ctx, who, ref, cases.EndorseInput{Opinion: "同意", Object: rng.IntN(5) == 0})
	case cases.CmdSendBack:
		_, err = b.Cases.SendBack(b.ctx, who, ref, ask)
	case cases.CmdRecall:
		_, err = b.Cases.Recall(b.ctx, who, ref, "不需要补充了")
	case cases.CmdPause:
		in := cases.PauseInput{Kind: "expert", Reason: "专家评审"}
		if n := rng.IntN(5); n > 0 { // else without an end
			in.Until = workday.DateOf(b.Clock.Now()).AddDays(n).String()
		}
		_, err = b.Cases.PauseFor(b.ctx, who, ref, in)
	case cases.CmdResume:
		_, err = b.Cases.Resume(b.ctx, who, ref, "")
	case cases.CmdExtend:
		_, err = b.Cases.Extend(b.ctx, who, ref, 5, "情况复杂")
	case cases.CmdDecide:
		_, err = b.Cases.Decide(b.ctx, who, ref, cases.DecideInput{Outcome: cases.Outcomes[rng.IntN(len(cases.Outcomes))], Reason: "见意见"})
	case cases.CmdDeliver:
		_, err = b.Cases.Deliver(b.ctx, who, ref, cases.DeliverInput{How: cases.AtWindow, Receiver: "赵启明", Pickup: b.pickup(t, id)})
	case cases.CmdTransfer:
		_, err = b.Cases.Transfer(b.ctx, who, ref, cases.TransferInput{Department: []string{"kj", "sc", "sw", "cz", "nowhere"}[rng.IntN(5)], WrongBody: rng.IntN(2) == 0, Reason: "职能划转"})
	case cases.CmdReassign:
		_, err = b.Cases.Reassign(b.ctx, who, ref, cases.ReassignInput{To: b.Actor(t, []string{"handler-kj", "handler-kj2", "approver-kj2", "handler-sc"}[rng.IntN(4)]).ID})
	case cases.CmdReturn:
		desk := "nothing"
		if v, err := b.Cases.View(b.ctx, who, id); err == nil {
			if list := cases.Returnable(who, v); len(list) > 0 {
				desk = list[rng.IntN(len(list))].ID
			}
		}
		_, err = b.Cases.Return(b.ctx, who, ref, desk, "请再看一次")
	case cases.CmdArrange:
		_, err = b.Cases.Arrange(b.ctx, who, ref, cases.ArrangeInput{Officers: []string{b.Actor(t, "handler-kj").ID, b.Actor(t, "handler-kj2").ID}, On: i18n.ShortDate(b.Clock.Now()), Place: "现场", Reason: "天气原因"})
	case cases.CmdObject:
		_, err = b.Cases.Object(b.ctx, who, ref, cases.ObjectInput{Name: "某居民", Contact: "13800000000", Body: "不同意"})
	case cases.CmdAnswer:
		x := cases.AnswerInput{Upheld: rng.IntN(3) == 0, Text: "经核实"}
		if v, err := b.Cases.View(b.ctx, who, id); err == nil {
			for _, f := range v.Facts {
				for _, o := range f.Objections {
					if o.Answer == "" {
						x.ObjectionID = o.ID
					}
				}
			}
		}
		_, err = b.Cases.Answer(b.ctx, who, ref, x)
	case cases.CmdHandOver:
		_, err = b.Cases.HandOver(b.ctx, who, ref, b.Actor(t, []string{"agent", "applicant", "talent"}[rng.IntN(3)]).ID, "请接着办")
	case cases.CmdTakeOver:
		_, err = b.Cases.TakeOver(b.ctx, who, ref)
	case cases.CmdDecline:
		_, err = b.Cases.Decline(b.ctx, who, ref, "手头忙")
	case cases.CmdNote:
		_, err = b.Cases.Note(b.ctx, who, ref, "备注")
	case cases.CmdCheck:
		_, err = b.Cases.CheckOriginal(b.ctx, who, ref, b.anyMaterial(who, id, func(m cases.MaterialState) bool { return m.Trust == paper.Uploaded }))
	case cases.CmdHandIn:
		key := b.anyMaterial(who, id, waits)
		var in cases.Received
		if in, err = b.Cases.Receive(b.ctx, who, id, key, "a.pdf", bytes.NewReader(pdf), 1<<20); err == nil {
			_, err = b.Cases.HandIn(b.ctx, who, ref, cases.HandInInput{Key: key, Files: []cases.Received{in}})
		}
	case cases.CmdWaive:
		_, err = b.Cases.Waive(b.ctx, who, ref, b.anyMaterial(who, id, waits), "另有资料可以证明")
	case cases.CmdVerify:
		_, err = b.Cases.Verify(b.ctx, who, ref, cases.VerifyInput{Result: []cases.Finding{cases.Kept, cases.Mend, cases.Broken}[rng.IntN(3)], Days: 10, Reason: "已经核查"})
	case cases.CmdRevoke:
		_, err = b.Cases.Revoke(b.ctx, who, ref, "作出决定时所依据的材料不实")
	default:
		t.Fatalf("give does not know %s: add it", cmd)
	}
	return err
}

// leaveLater takes off again what may be handed in later.
func (b bench) leaveLater(t *testing.T, who auth.Actor, id cases.ID) {
	t.Helper()
	f, err := b.Cases.Form(b.ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range f.Materials {
		for _, x := range m.Files {
			if m.Material.Need != catalogue.Tolerated {
				continue
			}
			if err := b.Cases.Detach(b.ctx, who, id, x.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// waits says that a tolerated material has to come yet.
func waits(m cases.MaterialState) bool { return m.Gap != nil && m.Gap.Open() }

// anyMaterial is the key of the first material that fits, as somebody sees it.
func (b bench) anyMaterial(who auth.Actor, id cases.ID, fits func(cases.MaterialState) bool) string {
	v, err := b.Cases.View(b.ctx, who, id)
	if err != nil {
		return ""
	}
	for _, m := range v.Materials {
		if fits(m) {
			return m.Key
		}
	}
	return ""
}

func (b bench) pickup(t *testing.T, id cases.ID) string {
	t.Helper()
	k, err := b.Cases.Find(b.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return k.PickupCode
}
