package cases_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

const day = 24 * time.Hour

// open is the open task with a key; nil when there is none.
func (b bench) task(t *testing.T, id cases.ID, key string) *cases.Task {
	t.Helper()
	v, err := b.Cases.View(b.ctx, auth.SystemActor(), id)
	if err != nil {
		t.Fatal(err)
	}
	for i := range v.Tasks {
		if v.Tasks[i].Key == key && v.Tasks[i].State == cases.TaskOpen {
			return &v.Tasks[i]
		}
	}
	return nil
}

// TestALaboratory is the story of an item with every kind of task: a joint
// review with a silent member, an inspection, experts, a publicity with
// objections.
func TestALaboratory(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		must, ctx := b.must(t), b.ctx
		k := b.accepted(t, "KJ-0111")
		ref, kj, two := cases.Ref{ID: k.ID}, b.Actor(t, "handler-kj"), b.Actor(t, "handler-kj2")
		for _, login := range []string{"handler-yj", "handler-wj"} { // asked or not, as the answers were
			if v, err := b.Cases.View(ctx, b.Actor(t, login), k.ID); err == nil && v.May(cases.CmdEndorse) {
				must(b.Cases.Endorse(ctx, b.Actor(t, login), ref, cases.EndorseInput{Opinion: "同意"}))
			}
		}
		b.inspect(t, k.ID, kj, two)
		b.joint(t, k.ID, kj)

		// The experts: the clock stands still under its legal kind.
		k, _ = b.Cases.Find(ctx, k.ID)
		if k.Stage != "experts" || !k.Paused {
			t.Fatalf("%s, paused %v", k.Stage, k.Paused)
		}
		due := k.DueAt
		b.Clock.Advance(7 * day)
		if _, err := b.Cases.Endorse(ctx, kj, ref, cases.EndorseInput{}); !errors.Is(err, cases.ErrReason) {
			t.Errorf("an opinion without words: %v", err)
		}
		k = must(b.Cases.Endorse(ctx, kj, ref, cases.EndorseInput{Opinion: "五位专家一致认为达到条件。"}))
		if k.Paused || k.DueAt.Sub(due) < 6*day {
			t.Errorf("paused %v, due moved by %v", k.Paused, k.DueAt.Sub(due))
		}
		v, err := b.Cases.View(ctx, kj, k.ID)
		if err != nil || len(v.Pauses) != 1 || v.Pauses[0].Kind != "expert" || v.Pauses[0].To.IsZero() {
			t.Errorf("%+v %v", v.Pauses, err)
		}
		b.publicity(t, k.ID, kj)
		if _, err := b.Cases.Decide(ctx, b.Actor(t, "approver"), ref, cases.DecideInput{Outcome: cases.Granted}); err != nil {
			t.Fatal(err)
		}
	})
}

func (b bench) inspect(t *testing.T, id cases.ID, kj, two auth.Actor) {
	t.Helper()
	ctx, ref := b.ctx, cases.Ref{ID: id}
	good := cases.ArrangeInput{Officers: []string{kj.ID, two.ID}, On: "2026-03-04", Place: "实验楼三层"}
	for name, change := range map[string]func(*cases.ArrangeInput){
		"one officer":         func(in *cases.ArrangeInput) { in.Officers = in.Officers[:1] },
		"the same one twice":  func(in *cases.ArrangeInput) { in.Officers = []string{kj.ID, kj.ID} },
		"of another office":   func(in *cases.ArrangeInput) { in.Officers = []string{kj.ID, b.Actor(t, "handler-sc").ID} },
		"yesterday":           func(in *cases.ArrangeInput) { in.On = "2026-03-01" },
		"no day":              func(in *cases.ArrangeInput) { in.On = "soon" },
		"nowhere":             func(in *cases.ArrangeInput) { in.Place = " " },
		"late without reason": func(in *cases.ArrangeInput) { in.On = "2026-03-10" },
	} {
		in := good
		change(&in)
		if _, err := b.Cases.Arrange(ctx, kj, ref, in); err == nil {
			t.Errorf("arranged: %s", name)
		}
	}
	site := b.task(t, id, "site")
	b.must(t)(b.Cases.Arrange(ctx, kj, ref, good))
	if e := b.last(t, id); e.Command != cases.CmdArrange || !e.Public || e.Detail["on"] != "2026-03-04" || e.Detail["late"] == true {
		t.Errorf("%+v", e)
	}
	if _, err := b.Cases.Endorse(ctx, kj, ref, cases.EndorseInput{Opinion: "合格"}); err == nil {
		t.Error("findings before the day of the inspection")
	}
	b.Clock.Advance(2 * day)
	if _, err := b.Cases.AttachToTask(ctx, b.Actor(t, "handler-sc"), id, site.ID, "x.pdf", bytes.NewReader(pdf), 1<<20); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("a photo by a stranger: %v", err)
	}
	if _, err := b.Cases.AttachToTask(ctx, b.Actor(t, "handler-fg"), id, site.ID, "x.pdf", bytes.NewReader(pdf), 1<<20); !errors.Is(err, cases.ErrForbidden) {
		t.Errorf("a photo by another desk: %v", err)
	}
	f, err := b.Cases.AttachToTask(ctx, kj, id, site.ID, "现场照片.pdf", bytes.NewReader(pdf), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := b.Cases.AttachToTask(ctx, kj, id, site.ID, "错.pdf", bytes.NewReader(pdf), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.DetachFromTask(ctx, kj, id, site.ID, wrong.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Cases.Endorse(ctx, kj, ref, cases.EndorseInput{}); !errors.Is(err, cases.ErrReason) {
		t.Errorf("no findings: %v", err)
	}
	b.must(t)(b.Cases.Endorse(ctx, kj, ref, cases.EndorseInput{Opinion: "现场与申报一致。"}))
	v, err := b.Cases.View(ctx, kj, id)
	if err != nil {
		t.Fatal(err)
	}
	x := v.Facts[site.ID]
	if x.Inspection == nil || x.Inspection.HeldOn != "2026-03-04" || len(x.Inspection.Names) != 2 || len(x.Files) != 1 || x.Files[0] != f.ID {
		t.Errorf("%+v", x)
	}
	if _, err := b.Cases.File(ctx, kj, id, f.ID); err != nil {
		t.Errorf("the photo: %v", err)
	}
	if _, err := b.Cases.File(ctx, b.Actor(t, "applicant"), id, f.ID); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("the applicant sees the office's photo: %v", err)
	}
}

func (b bench) joint(t *testing.T, id cases.ID, lead auth.Actor) {
	t.Helper()
	ctx, ref := b.ctx, cases.Ref{ID: id}
	if _, err := b.Cases.Endorse(ctx, lead, ref, cases.EndorseInput{Opinion: "同意"}); !errors.Is(err, cases.ErrMembers) {
		t.Errorf("closed before the members answered: %v", err)
	}
	b.must(t)(b.Cases.Endorse(ctx, b.Actor(t, "handler-fg"), ref, cases.EndorseInput{Opinion: "同意"}))
	if _, err := b.Cases.Endorse(ctx, lead, ref, cases.EndorseInput{Opinion: "同意"}); !errors.Is(err, cases.ErrMembers) {
		t.Errorf("closed while one has time left: %v", err)
	}
	b.Clock.Advance(4 * day)
	if _, err := b.Cases.Endorse(ctx, lead, ref, cases.EndorseInput{}); !errors.Is(err, cases.ErrReason) {
		t.Errorf("without a reason though one is silent: %v", err)
	}
	b.must(t)(b.Cases.Endorse(ctx, lead, ref, cases.EndorseInput{Opinion: "财政局逾期没有意见，按无意见处理。"}))
	if b.task(t, id, "check.2") != nil {
		t.Error("the part of the silent member is still open")
	}
}

func (b bench) publicity(t *testing.T, id cases.ID, kj auth.Actor) {
	t.Helper()
	ctx, ref := b.ctx, cases.Ref{ID: id}
	list, next, err := b.Cases.Publicities(ctx, auth.Actor{}, "")
	if err == nil && len(list) == 1 {
		if list[0].Fields != nil || next != "" || list[0].Applicant.ZH == "" {
			t.Errorf("%+v %s", list[0], next)
		}
		list[0], err = b.Cases.ReadPublicity(ctx, auth.Actor{}, list[0].Token)
	}
	if err != nil || len(list) != 1 || len(list[0].Fields) != 3 {
		t.Fatalf("%+v %v", list, err)
	}
	p := list[0]
	if want := workday.EndOf(workday.Official().Add(workday.DateOf(b.Clock.Now()), 5)); !p.UntilAt.Equal(want) {
		t.Errorf("until %v, want %v", p.UntilAt, want)
	}
	if v, err := b.Cases.View(ctx, kj, id); err != nil || v.May(cases.CmdEndorse) || !v.May(cases.CmdObject) {
		t.Errorf("%v %v", v.Can, err)
	}
	citizen := auth.Actor{From: "192.0.2.7"}
	if err := b.Cases.FileObjection(ctx, citizen, p.Token, cases.ObjectInput{Name: "某居民"}); !errors.Is(err, cases.ErrIncomplete) {
		t.Errorf("an objection without words: %v", err)
	}
	if err := b.Cases.FileObjection(ctx, citizen, "nothing", cases.ObjectInput{Name: "a", Contact: "13800000000", Body: "c"}); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("to nothing: %v", err)
	}
	before, err := b.Cases.Find(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.FileObjection(ctx, citizen, p.Token, cases.ObjectInput{Name: "某居民", Contact: "13800000000", Body: "研究方向与已有实验室重复。"}); err != nil {
		t.Fatal(err)
	}
	if k, err := b.Cases.Find(ctx, id); err != nil || k.Version != before.Version || k.LastSeq != before.LastSeq+1 {
		t.Errorf("a stranger moved the case from version %d to %d, %v", before.Version, k.Version, err)
	}
	b.must(t)(b.Cases.Note(ctx, kj, cases.Ref{ID: id, Version: before.Version}, "已打开的页面还能提交"))
	b.must(t)(b.Cases.Object(ctx, kj, ref, cases.ObjectInput{Name: "某单位", Contact: "0543-0000000", Body: "设备数量有误。"}))
	b.Clock.Advance(8 * day)
	if err := b.Cases.FileObjection(ctx, citizen, p.Token, cases.ObjectInput{Name: "a", Contact: "13800000000", Body: "c"}); !errors.Is(err, cases.ErrOver) {
		t.Errorf("after the end: %v", err)
	}
	if err := b.Cases.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	v, err := b.Cases.View(ctx, kj, id)
	if err != nil || v.Stage != "notice" {
		t.Fatalf("ended with undecided objections: %s %v", v.Stage, err)
	}
	objections := v.Facts[p.TaskID].Objections
	if len(objections) != 2 || objections[0].Name == "" {
		t.Fatalf("%+v", objections)
	}
	if other, err := b.Cases.View(ctx, b.Actor(t, "handler-fg"), id); err != nil || other.Facts[p.TaskID].Objections[0].Name != "" || other.Facts[p.TaskID].Objections[0].Contact != "" {
		t.Errorf("another department reads who objects: %v", err)
	}
	b.must(t)(b.Cases.Answer(ctx, kj, ref, cases.AnswerInput{ObjectionID: objections[0].ID, Text: "经核实不重复。"}))
	if b.stage(t, id) != "notice" {
		t.Error("ended with one undecided")
	}
	k := b.must(t)(b.Cases.Answer(ctx, kj, ref, cases.AnswerInput{ObjectionID: objections[1].ID, Upheld: true, Text: "属实，已更正。"}))
	if k.Stage != "decide" {
		t.Fatalf("stage %s", k.Stage)
	}
	v, err = b.Cases.View(ctx, kj, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range v.Tasks {
		if x.ID == p.TaskID && (x.Result != "object" || x.DoneBy != "system") {
			t.Errorf("%+v", x)
		}
	}
	if again, err := b.Cases.PublicityByToken(ctx, p.Token); err != nil || again.Open(b.Clock.Now()) {
		t.Errorf("still open: %v", err)
	}
}

// An officer of the inspection does not decide the case.
func TestOfficersDoNotDecide(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.accepted(t, "KJ-0111")
	ref, kj, approver := cases.Ref{ID: k.ID}, b.Actor(t, "handler-kj"), b.Actor(t, "approver")
	b.must(t)(b.Cases.Arrange(b.ctx, kj, ref, cases.ArrangeInput{Officers: []string{kj.ID, approver.ID}, On: "2026-03-02", Place: "现场"}))
	b.through(t, k.ID)
	if _, err := b.Cases.Decide(b.ctx, approver, ref, cases.DecideInput{Outcome: cases.Granted}); !errors.Is(err, cases.ErrOwnCase) {
		t.Errorf("%v", err)
	}
	b.must(t)(b.Cases.Decide(b.ctx, b.Actor(t, "approver-kj2"), ref, cases.DecideInput{Outcome: cases.Granted}))
}

// through brings a case to its decision; whoever can endorse does.
func (b bench) through(t *testing.T, id cases.ID) {
	t.Helper()
	b.reach(t, id, "decide")
}

// reach brings a case to a stage; whoever can endorse does.
func (b bench) reach(t *testing.T, id cases.ID, stage string) {
	t.Helper()
	for range 30 {
		if b.stage(t, id) == stage {
			return
		}
		for _, login := range []string{"handler-kj", "handler-fg", "handler-cz", "handler-yj", "handler-wj", "handler-rc", "handler-rs", "handler-hb"} {
			who := b.Actor(t, login)
			if v, err := b.Cases.View(b.ctx, who, id); err == nil && v.May(cases.CmdEndorse) {
				_, _ = b.Cases.Endorse(b.ctx, who, cases.Ref{ID: id}, cases.EndorseInput{Opinion: "同意"}) // a lead has to wait
			}
		}
		b.Clock.Advance(2 * day)
		if err := b.Cases.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("does not come to %s: %s", stage, b.stage(t, id))
}

// published is a case whose publicity is open, with the address of it.
func (b bench) published(t *testing.T) (cases.Case, string) {
	t.Helper()
	k := b.accepted(t, "KJ-0111")
	b.must(t)(b.Cases.Arrange(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}, cases.ArrangeInput{Officers: []string{b.Actor(t, "handler-kj").ID, b.Actor(t, "handler-kj2").ID}, On: "2026-03-02", Place: "现场"}))
	b.reach(t, k.ID, "notice")
	list, _, err := b.Cases.Publicities(b.ctx, auth.Actor{}, "")
	if err != nil || len(list) != 1 || list[0].Applicant.ZH == "" {
		t.Fatalf("%+v %v", list, err)
	}
	k, err = b.Cases.Find(b.ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	return k, list[0].Token
}

// A lead who agrees although a member does not says why: whoever decides reads it.
func TestALeadAnswersDissent(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.Submitted(t, "applicant", "GX-0102")
	k = b.must(t)(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
	ref, lead := cases.Ref{ID: k.ID}, b.Actor(t, "handler-gx")
	for _, login := range []string{"handler-sc", "handler-sw", "handler-hb", "handler-yj"} {
		b.must(t)(b.Cases.Endorse(b.ctx, b.Actor(t, login), ref, cases.EndorseInput{Object: login == "handler-sw", Opinion: "已核对。"}))
	}
	if _, err := b.Cases.Endorse(b.ctx, lead, ref, cases.EndorseInput{}); !errors.Is(err, cases.ErrDissent) {
		t.Errorf("without a word: %v", err)
	}
	b.must(t)(b.Cases.Endorse(b.ctx, lead, ref, cases.EndorseInput{Opinion: "企业已补充说明。"}))
}

// A case that ends takes its publicity with it, and nobody reads any more who
// asked for what; a transfer leaves its days alone.
func TestPublicityEndsWithItsCase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k, token := b.published(t)
		ref := cases.Ref{ID: k.ID}
		before, err := b.Cases.PublicityByToken(b.ctx, token)
		if err != nil || before.Applicant.ZH == "" || len(before.Fields) == 0 {
			t.Fatalf("%+v %v", before, err)
		}
		b.must(t)(b.Cases.Transfer(b.ctx, b.Actor(t, "head-kj"), ref, cases.TransferInput{Department: "sc", Reason: "职责调整"}))
		if err := b.Cases.FileObjection(b.ctx, auth.Actor{From: "192.0.2.9"}, token, cases.ObjectInput{Name: "某居民", Contact: "13800000000", Body: "有异议。"}); err != nil {
			t.Errorf("an objection after a transfer: %v", err)
		}
		if p, err := b.Cases.PublicityByToken(b.ctx, token); err != nil || !p.UntilAt.Equal(before.UntilAt) {
			t.Errorf("until %v, want %v, %v", p.UntilAt, before.UntilAt, err)
		}
		b.must(t)(b.Cases.Withdraw(b.ctx, b.Actor(t, "applicant"), ref, ""))
		if list, _, err := b.Cases.Publicities(b.ctx, auth.Actor{}, ""); err != nil || len(list) != 0 {
			t.Errorf("still listed: %+v %v", list, err)
		}
		p, err := b.Cases.PublicityByToken(b.ctx, token)
		if err != nil || p.EndedAt.IsZero() || p.Applicant.ZH != "" || len(p.Fields) != 0 {
			t.Errorf("%+v %v", p, err)
		}
		b.Clock.Advance(30 * day)
		if err := b.Cases.EndPublicities(b.ctx); err != nil {
			t.Error(err)
		}
	})
}

// The countersignature settles itself; one refusal of all that must sign is enough.
func TestCountersignature(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		for name, object := range map[string]bool{"all sign": false, "one refuses": true} {
			k := b.Submitted(t, "talent", "RC-0201")
			k = b.must(t)(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
			ref := cases.Ref{ID: k.ID}
			sign := b.task(t, k.ID, "sign")
			b.must(t)(b.Cases.Endorse(b.ctx, b.Actor(t, "handler-kj"), ref, cases.EndorseInput{Object: object, Opinion: "见意见"}))
			if open := b.task(t, k.ID, "sign") != nil; open == object {
				t.Errorf("%s: open %v after the first", name, open)
			}
			if !object {
				twice := b.Actor(t, "handler-kj") // who holds the post of another member as well
				twice.Posts = append(twice.Posts, b.Actor(t, "handler-rs").Posts...)
				if _, err := b.Cases.Endorse(b.ctx, twice, ref, cases.EndorseInput{Opinion: "同意"}); !errors.Is(err, cases.ErrSigned) {
					t.Errorf("one head signed twice: %v", err)
				}
				b.must(t)(b.Cases.Endorse(b.ctx, b.Actor(t, "handler-rs"), ref, cases.EndorseInput{Opinion: "同意"}))
			}
			v, err := b.Cases.View(b.ctx, b.Actor(t, "handler-rc"), k.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range v.Tasks {
				if x.ID == sign.ID && (x.State != cases.TaskDone || (x.Result == "object") != object) || x.ParentID == sign.ID && x.State == cases.TaskOpen {
					t.Errorf("%s: %+v", name, x)
				}
			}
			b.must(t)(b.Cases.Endorse(b.ctx, b.Actor(t, "handler-rc"), ref, cases.EndorseInput{Opinion: "同意"}))
			if b.stage(t, k.ID) != "experts" {
				t.Errorf("%s: %s", name, b.stage(t, k.ID))
			}
			b.must(t)(b.Cases.Withdraw(b.ctx, b.Actor(t, "talent"), ref, ""))
		}
	})
}

// A desk asks another to do its part again; the case comes back to it.
func TestReturnToAFormerDesk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.accepted(t, "KJ-0001")
		ref, hb, approver := cases.Ref{ID: k.ID}, b.Actor(t, "handler-hb"), b.Actor(t, "approver")
		for _, login := range []string{"handler-hb", "handler-wj", "handler-kj"} {
			b.must(t)(b.Cases.Endorse(b.ctx, b.Actor(t, login), ref, cases.EndorseInput{Opinion: "同意"}))
		}
		v, err := b.Cases.View(b.ctx, approver, k.ID)
		if err != nil || len(cases.Returnable(approver, v)) != 3 {
			t.Fatalf("%v %v", cases.Returnable(approver, v), err)
		}
		var old cases.Task
		for _, x := range v.Tasks {
			if x.Key == "environment" {
				old = x
			}
		}
		if _, err := b.Cases.Return(b.ctx, approver, ref, old.ID, " "); !errors.Is(err, cases.ErrReason) {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := b.Cases.Return(b.ctx, approver, ref, "nothing", "x"); !errors.Is(err, cases.ErrNoTask) {
			t.Errorf("to no desk: %v", err)
		}
		b.must(t)(b.Cases.Return(b.ctx, approver, ref, old.ID, "废弃物数量和合同不一致，请核对。"))
		if _, err := b.Cases.Decide(b.ctx, approver, ref, cases.DecideInput{Outcome: cases.Granted}); !errors.Is(err, cases.ErrDesk) {
			t.Errorf("decided while the desk is asked: %v", err)
		}
		if v, err := b.Cases.View(b.ctx, approver, k.ID); err != nil || v.May(cases.CmdDecide) || v.May(cases.CmdReturn) || v.Stage != "decide" {
			t.Errorf("%v %v", v.Can, err)
		}
		mine, err := b.Cases.List(b.ctx, hb, cases.Filter{List: cases.ListMine})
		if err != nil || len(mine.Rows) != 1 {
			t.Errorf("it is not on the desk of who did it: %v %v", mine.Rows, err)
		}
		b.must(t)(b.Cases.Endorse(b.ctx, hb, ref, cases.EndorseInput{Opinion: "已核对，按合同。"}))
		if mine, err = b.Cases.List(b.ctx, approver, cases.Filter{List: cases.ListMine}); err != nil || len(mine.Rows) != 1 {
			t.Errorf("it did not come back: %v %v", mine.Rows, err)
		}
		b.must(t)(b.Cases.Decide(b.ctx, approver, ref, cases.DecideInput{Outcome: cases.Granted}))
	})
}

// The public list is one query a page, is paged, and is counted by address.
func TestThePublicListIsBounded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.Submitted(t, "talent", "RC-0001")
		if err := d.InTx(b.ctx, func(ctx context.Context) error {
			for i := range 120 {
				task := fmt.Sprintf("t%03d", i)
				if _, err := d.Exec(ctx, `INSERT INTO cases_task (id, case_id, stage, name, department_id, role, state, decides, assignee_id, result, opinion, created_at, due_at, done_at, done_by, version, key)
					VALUES ($1, $2, 'x', '{"zh":"公示"}', 'kj', 'handler', 'open', FALSE, '', '', '', 0, 0, 0, '', 1, 'x')`, task, string(k.ID)); err != nil {
					return err
				}
				if _, err := d.Exec(ctx, `INSERT INTO cases_publicity (task_id, case_id, token, opened_at, until_at, ended_at) VALUES ($1,$2,$3,0,$4,0)`,
					task, string(k.ID), task, db.MS(b.Clock.Now().Add(time.Duration(1+i/7)*time.Hour))); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		reader, after, seen := auth.Actor{From: "192.0.2.9"}, "", map[string]bool{}
		for page := range 3 {
			list, next, err := b.Cases.Publicities(b.ctx, reader, after)
			if err != nil || len(list) != []int{50, 50, 20}[page] || (next == "") != (page == 2) {
				t.Fatalf("page %d: %d rows, next %q, %v", page, len(list), next, err)
			}
			for _, p := range list {
				seen[p.TaskID] = true
				if p.Applicant.ZH == k.Party.Name.ZH {
					t.Errorf("the whole name of a person: %s", p.Applicant.ZH)
				}
			}
			after = next
		}
		if len(seen) != 120 {
			t.Errorf("%d of 120 shown", len(seen))
		}
		var err error
		for range 240 {
			if _, err = b.Cases.ReadPublicity(b.ctx, reader, "nothing"); !errors.Is(err, cases.ErrNotFound) {
				break
			}
		}
		if !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("one address reads on and on: %v", err)
		}
		if _, _, err := b.Cases.Publicities(b.ctx, auth.Actor{From: "192.0.2.10"}, "nonsense~"); err != nil {
			t.Errorf("another address: %v", err)
		}
	})
}
