package cases_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func (b bench) attach(t *testing.T, who auth.Actor, id cases.ID, key, name, text string) {
	t.Helper()
	if _, err := b.Cases.Attach(b.ctx, who, id, key, name, strings.NewReader(string(pdf)+text), 1<<20); err != nil {
		t.Fatal(err)
	}
}

// material of a form in hand.
func (b bench) material(t *testing.T, who auth.Actor, id cases.ID, key string) cases.MaterialState {
	t.Helper()
	f, err := b.Cases.Form(b.ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range f.Materials {
		if m.Key == key {
			return m
		}
	}
	t.Fatalf("no material %s", key)
	return cases.MaterialState{}
}

// seen is a material of a case as somebody sees it.
func (b bench) seen(t *testing.T, who auth.Actor, id cases.ID, key string) cases.MaterialState {
	t.Helper()
	v, err := b.Cases.View(b.ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range v.Materials {
		if m.Key == key {
			return m
		}
	}
	t.Fatalf("no material %s", key)
	return cases.MaterialState{}
}

// TestEarlierPaper: what was handed in for one case serves for another of the
// same party with one click, with where it came from and how far it is trusted,
// as long as it is valid; nobody else's is ever offered.
func TestEarlierPaper(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, clerk := b.Actor(t, "applicant"), b.Actor(t, "clerk")
		const key, there = "audit_report", "annual_audit" // one paper, called differently by two items
		first := b.start(t, who, "KJ-0004")
		if m := b.material(t, who, first.ID, key); len(m.Offers) != 0 {
			t.Fatalf("offered before anything was given: %+v", m.Offers)
		}
		b.attach(t, who, first.ID, key, "审计报告 第一页.pdf", "1")
		b.attach(t, who, first.ID, key, "审计报告 第二页.pdf", "2")
		b.Fill(t, who, first.ID)
		first, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: first.ID})
		if err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(30 * 24 * time.Hour)

		// A colleague of the firm is offered it with its pages in order; others are not.
		agent := b.Actor(t, "agent")
		second := b.start(t, agent, "KJ-0005")
		m := b.material(t, agent, second.ID, there)
		if len(m.Offers) != 1 {
			t.Fatalf("offers %+v", m.Offers)
		}
		o := m.Offers[0]
		if o.Number != first.Number || o.Trust != paper.Uploaded || len(o.Files) != 2 || o.Files[0].Name != "审计报告 第一页.pdf" || o.Files[1].Name != "审计报告 第二页.pdf" || o.Until.String() != "2027-03-02" {
			t.Fatalf("%+v", o)
		}
		for _, other := range []string{"luzhengping", "weihaoran"} {
			stranger := b.Actor(t, other)
			k := b.start(t, stranger, "KJ-0005")
			if m := b.material(t, stranger, k.ID, there); len(m.Offers) != 0 {
				t.Fatalf("%s is offered another firm's paper", other)
			}
			if err := b.Cases.Reuse(b.ctx, stranger, k.ID, there, first.ID, key); !errors.Is(err, cases.ErrNotFound) {
				t.Fatalf("%s used another firm's paper: %v", other, err)
			}
		}
		if err := b.Cases.Reuse(b.ctx, agent, second.ID, there, first.ID, "special_audit"); !errors.Is(err, cases.ErrNotFound) {
			t.Fatalf("another paper in its place: %v", err)
		}
		if err := b.Cases.Reuse(b.ctx, agent, second.ID, there, first.ID, key); err != nil {
			t.Fatal(err)
		}
		m = b.material(t, agent, second.ID, there)
		if m.How != cases.ByEarlier || m.From == nil || m.From.Number != first.Number || len(m.Files) != 2 || m.Files[0].ID != o.Files[0].ID || len(m.Offers) != 0 {
			t.Fatalf("shared: %+v", m)
		}
		if _, err := b.Cases.File(b.ctx, agent, second.ID, m.Files[0].ID); err != nil {
			t.Fatal(err)
		}
		b.Fill(t, agent, second.ID)
		if second, err = b.Cases.Submit(b.ctx, agent, cases.Ref{ID: second.ID}); err != nil {
			t.Fatal(err)
		}

		// Checked against the original in one case, it counts as checked in all of them.
		if m := b.seen(t, clerk, second.ID, there); m.Trust != paper.Uploaded || m.How != cases.ByEarlier {
			t.Fatalf("%+v", m)
		}
		if _, err := b.Cases.CheckOriginal(b.ctx, who, cases.Ref{ID: first.ID}, key); !errors.Is(err, cases.ErrForbidden) {
			t.Fatalf("the applicant checked his own copy: %v", err)
		}
		if _, err := b.Cases.CheckOriginal(b.ctx, clerk, cases.Ref{ID: first.ID}, "no_such"); !errors.Is(err, cases.ErrMaterial) {
			t.Fatal(err)
		}
		k, err := b.Cases.CheckOriginal(b.ctx, clerk, cases.Ref{ID: first.ID, Version: first.Version}, key)
		if err != nil || k.Version != first.Version+1 {
			t.Fatalf("%v %+v", err, k)
		}
		if _, err := b.Cases.CheckOriginal(b.ctx, clerk, cases.Ref{ID: first.ID}, key); !errors.Is(err, cases.ErrMaterial) {
			t.Fatalf("checked twice: %v", err)
		}
		keys := map[cases.ID]string{first.ID: key, second.ID: there}
		for id := range keys {
			if m := b.seen(t, clerk, id, keys[id]); m.Trust != paper.Checked || m.Check == nil || m.Check.By != clerk.ID {
				t.Fatalf("%+v", m)
			}
		}
		third := b.start(t, who, "KJ-0005")
		if m := b.material(t, who, third.ID, there); len(m.Offers) != 1 || m.Offers[0].Trust != paper.Checked || m.Offers[0].Given.After(b.Clock.Now().AddDate(0, 0, -29)) {
			t.Fatalf("%+v", m.Offers)
		}

		// What was not good enough in one case is offered in none any more.
		if _, err := b.Cases.AskSupplement(b.ctx, clerk, cases.Ref{ID: second.ID}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: there, Reason: "缺少报告末页"}}}); err != nil {
			t.Fatal(err)
		}
		if m := b.material(t, who, third.ID, there); len(m.Offers) != 0 {
			t.Fatalf("a paper that was set aside is offered: %+v", m.Offers)
		}
		b.attach(t, agent, second.ID, there, "新报告.pdf", "3")
		if m := b.material(t, who, third.ID, there); len(m.Offers) != 1 || m.Offers[0].Files[0].Name != "新报告.pdf" {
			t.Fatalf("%+v", m.Offers)
		}
		// The former one stays with the former version of the data.
		if _, err := b.Cases.Submit(b.ctx, agent, cases.Ref{ID: second.ID}); err != nil {
			t.Fatal(err)
		}
		old, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[string], `SELECT CAST(materials AS TEXT) FROM cases_snapshot WHERE case_id=$1 AND data_version=1`, string(second.ID))
		if err != nil || !strings.Contains(old, "审计报告 第二页.pdf") || strings.Contains(old, "新报告") {
			t.Fatalf("%v %s", err, old)
		}
		// Not from what was withdrawn, and not beyond its time.
		if _, err := b.Cases.Withdraw(b.ctx, agent, cases.Ref{ID: second.ID}, ""); err != nil {
			t.Fatal(err)
		}
		if m := b.material(t, who, third.ID, there); len(m.Offers) != 0 {
			t.Fatalf("from a withdrawn case: %+v", m.Offers)
		}
		fourth := b.start(t, agent, "KJ-0004")
		b.attach(t, agent, fourth.ID, key, "报告.pdf", "4")
		b.Fill(t, agent, fourth.ID)
		if _, err := b.Cases.Submit(b.ctx, agent, cases.Ref{ID: fourth.ID}); err != nil {
			t.Fatal(err)
		}
		if m := b.material(t, who, third.ID, there); len(m.Offers) != 1 {
			t.Fatalf("%+v", m.Offers)
		}
		b.Clock.Advance(367 * 24 * time.Hour)
		if m := b.material(t, who, third.ID, there); len(m.Offers) != 0 {
			t.Fatalf("after its time: %+v", m.Offers)
		}
	})
}

// TestOnceAtTheWindow: a clerk who fills in two forms for one visitor takes a
// paper once, and what he held against the original is checked for both.
func TestOnceAtTheWindow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, clerk, other := b.Actor(t, "applicant"), b.Actor(t, "clerk"), b.Actor(t, "clerk2")
		open := func(by auth.Actor, item string) cases.Case {
			k, err := b.Cases.Start(b.ctx, by, cases.StartInput{ItemCode: item, EnterpriseID: who.Firms[0], AccountID: who.ID})
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		const key, there = "audit_report", "annual_audit" // one paper, called differently by two items
		one, two := open(clerk, "KJ-0004"), open(clerk, "KJ-0005")
		b.attach(t, clerk, one.ID, key, "a.pdf", "")
		if err := b.Cases.CheckTyped(b.ctx, clerk, one.ID, key); err != nil {
			t.Fatal(err)
		}
		m := b.material(t, clerk, two.ID, there)
		if len(m.Offers) != 1 || m.Offers[0].Number != "" || m.Offers[0].Trust != paper.Checked {
			t.Fatalf("%+v", m.Offers)
		}
		// Another window's drafts are its own.
		if m := b.material(t, other, open(other, "KJ-0005").ID, there); len(m.Offers) != 0 {
			t.Fatalf("%+v", m.Offers)
		}
		if err := b.Cases.Reuse(b.ctx, clerk, two.ID, there, one.ID, key); err != nil {
			t.Fatal(err)
		}
		if m := b.material(t, clerk, two.ID, there); m.Trust != paper.Checked || m.How != cases.ByEarlier {
			t.Fatalf("%+v", m)
		}
		if err := b.Cases.CheckTyped(b.ctx, who, one.ID, key); !errors.Is(err, cases.ErrForbidden) {
			t.Fatalf("an applicant checked his own: %v", err)
		}
	})
}

// gapCase is an accepted case that waits for a tolerated material.
func (b bench) gapCase(t *testing.T, item string) cases.Case {
	t.Helper()
	who := b.Actor(t, "applicant")
	k := b.start(t, who, item)
	b.Fill(t, who, k.ID)
	b.leaveLater(t, who, k.ID)
	k, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID})
	if err != nil {
		t.Fatal(err)
	}
	if k, err = b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	return k
}

// endorsed brings a licence up to its decision.
func (b bench) endorsed(t *testing.T, id cases.ID) {
	t.Helper()
	for _, l := range []string{"handler-hb", "handler-wj", "handler-kj"} {
		if _, err := b.Cases.Endorse(b.ctx, b.Actor(t, l), cases.Ref{ID: id}, cases.EndorseInput{Opinion: "符合要求"}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestToleratedMaterial: accepted with a gap, nothing is decided before it is
// closed, by the applicant in time or by a desk with a reason.
func TestToleratedMaterial(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, approver := b.Actor(t, "applicant"), b.Actor(t, "approver")
		const key = "waste_contract"
		k := b.gapCase(t, "KJ-0001")
		v, err := b.Cases.View(b.ctx, who, k.ID)
		if err != nil || len(v.OpenGaps()) != 1 || v.Gaps[0].Key != key || !v.May(cases.CmdHandIn) {
			t.Fatalf("%v %+v", err, v.Gaps)
		}
		// Monday 2 March; fifteen working days end on Monday 23 March.
		if want := time.Date(2026, 3, 23, 16, 0, 0, 0, time.UTC); !v.Gaps[0].DueAt.Equal(want) {
			t.Errorf("due %v, want %v", v.Gaps[0].DueAt, want)
		}
		b.endorsed(t, k.ID)
		for _, o := range cases.Outcomes {
			if _, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: o, Reason: "见意见"}); !errors.Is(err, cases.ErrGaps) {
				t.Fatalf("%s over a gap: %v", o, err)
			}
		}
		if list, err := b.Cases.MyGaps(b.ctx, who); err != nil || len(list) != 1 || list[0].Case.ID != k.ID {
			t.Fatalf("%v %+v", err, list)
		}
		// Somebody else's is not found; nothing handed in is no answer; another material is none either.
		if _, err := b.Cases.Receive(b.ctx, b.Actor(t, "talent"), k.ID, key, "a.pdf", bytes.NewReader(pdf), 1<<20); !errors.Is(err, cases.ErrNotFound) {
			t.Fatal(err)
		}
		if _, err := b.Cases.HandIn(b.ctx, who, cases.Ref{ID: k.ID}, cases.HandInInput{Key: key}); err == nil {
			t.Fatal("handed in nothing")
		}
		if _, err := b.Cases.HandIn(b.ctx, who, cases.Ref{ID: k.ID}, cases.HandInInput{Key: key, Seen: true}); err == nil {
			t.Fatal("the applicant saw his own original")
		}
		if _, err := b.Cases.Receive(b.ctx, who, k.ID, "facility_plan", "a.pdf", bytes.NewReader(pdf), 1<<20); !errors.Is(err, cases.ErrMaterial) {
			t.Fatal(err)
		}
		in, err := b.Cases.Receive(b.ctx, who, k.ID, key, "协议.pdf", bytes.NewReader(pdf), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		done, err := b.Cases.HandIn(b.ctx, who, cases.Ref{ID: k.ID}, cases.HandInInput{Key: key, Files: []cases.Received{in}})
		if err != nil || done.DataVersion != 2 {
			t.Fatalf("%v %+v", err, done)
		}
		if m := b.seen(t, approver, k.ID, key); m.How != cases.ByUpload || len(m.Files) != 1 || m.Gap.How != cases.GapGiven {
			t.Fatalf("%+v", m)
		}
		if _, err := b.Cases.HandIn(b.ctx, who, cases.Ref{ID: k.ID}, cases.HandInInput{Key: key, Files: []cases.Received{in}}); !errors.Is(err, cases.ErrMaterial) {
			t.Fatalf("handed in twice: %v", err)
		}
		if _, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted}); err != nil {
			t.Fatal(err)
		}

		// A desk lets go of it with a reason, and the applicant is told.
		k = b.gapCase(t, "KJ-0001")
		b.endorsed(t, k.ID)
		if _, err := b.Cases.Waive(b.ctx, approver, cases.Ref{ID: k.ID}, key, " "); !errors.Is(err, cases.ErrReason) {
			t.Fatal(err)
		}
		if _, err := b.Cases.Waive(b.ctx, who, cases.Ref{ID: k.ID}, key, "不需要"); !errors.Is(err, cases.ErrForbidden) {
			t.Fatal(err)
		}
		if _, err := b.Cases.Waive(b.ctx, approver, cases.Ref{ID: k.ID}, key, "由园区统一处理"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Decide(b.ctx, approver, cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted}); err != nil {
			t.Fatal(err)
		}
		if feed, err := b.Notify.Feed(b.ctx, who.ID, pageOf(100)); err != nil || !strings.Contains(fmt.Sprint(feed.Rows), "case_waive") {
			t.Fatalf("%v: nobody was told", err)
		}
	})
}

// TestLateMaterial: a reminder before the day, the end after it, and a platform
// that stood still costs nobody his case.
func TestLateMaterial(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		told := func(kind string) int {
			feed, err := b.Notify.Feed(b.ctx, who.ID, pageOf(200))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, m := range feed.Rows {
				if m.Kind == kind {
					n++
				}
			}
			return n
		}
		sweep := func(days int) {
			t.Helper()
			b.Clock.Advance(time.Duration(days) * 24 * time.Hour)
			for range 2 { // repeated, nothing happens twice
				if err := b.Cases.Sweep(b.ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		state := func(id cases.ID) cases.State {
			k, err := b.Cases.Find(b.ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			return k.State
		}
		k := b.gapCase(t, "KJ-0001") // due on Monday 23 March
		sweep(16)                    // Wednesday 18 March
		if n := told("case_gap"); n != 0 {
			t.Fatalf("reminded %d times three days before", n)
		}
		sweep(2) // Friday 20 March
		if n := told("case_gap"); n != 1 {
			t.Fatalf("reminded %d times", n)
		}
		sweep(3) // Monday, the last day
		if state(k.ID) != cases.Handling {
			t.Fatal("ended before the day was over")
		}
		sweep(1)
		if state(k.ID) != cases.Withdrawn || told("case_lapse_withdrawn") != 1 {
			t.Fatalf("%s, told %d", state(k.ID), told("case_lapse_withdrawn"))
		}
		if _, _, keys := b.papers(t, who, k.ID); keys[len(keys)-1] != "expiry" || slices.Contains(keys, "unaccept") {
			t.Errorf("papers %v", keys)
		}
		v, err := b.Cases.View(b.ctx, who, k.ID)
		if err != nil || v.Gaps[0].How != cases.GapLate || v.Events[len(v.Events)-1].Command != cases.CmdLapse || v.Events[len(v.Events)-1].ActorKind != string(auth.System) {
			t.Fatalf("%v %+v", err, v.Gaps)
		}

		// The platform stood still for weeks: reminded now, and one working day more.
		k = b.gapCase(t, "KJ-0001")
		sweep(60)
		if state(k.ID) != cases.Handling || told("case_gap") != 2 {
			t.Fatalf("%s, reminded %d times", state(k.ID), told("case_gap"))
		}
		if v, err = b.Cases.View(b.ctx, who, k.ID); err != nil || !v.OpenGaps()[0].DueAt.After(b.Clock.Now()) {
			t.Fatalf("%v %+v", err, v.Gaps)
		}
		sweep(5)
		if state(k.ID) != cases.Withdrawn {
			t.Fatal(state(k.ID))
		}

		// By the rule of the item, the acceptance is taken back instead.
		b.late(t, "KJ-0001", catalogue.Unaccept)
		k = b.gapCase(t, "KJ-0001")
		sweep(20)
		sweep(10)
		if state(k.ID) != cases.Refused || told("case_lapse_refused") != 1 {
			t.Fatalf("%s, told %d", state(k.ID), told("case_lapse_refused"))
		}
		v, list, keys := b.papers(t, who, k.ID)
		if keys[len(keys)-1] != "unaccept" || slices.Contains(keys, "expiry") {
			t.Fatalf("papers %v", keys)
		}
		if paper, err := b.Cases.Issue(b.ctx, v, list[len(list)-1]); err != nil || paper.Facts.Text["reason"].IsZero() || paper.Facts.Text["review"].IsZero() {
			t.Errorf("%+v %v", paper.Facts, err)
		}
	})
}

// late publishes an item with another rule for what does not come in time.
func (b bench) late(t *testing.T, code string, effect catalogue.LateEffect) {
	t.Helper()
	it, err := b.Catalogue.Item(code)
	if err != nil {
		t.Fatal(err)
	}
	next := it.Source()
	next.Late = effect
	b.publish(t, next)
}

// TestOddUploads: names, sizes and contents that people really send.
func TestOddUploads(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	who := b.Actor(t, "applicant")
	k := b.start(t, who, "KJ-0004")
	for name, tt := range map[string]struct {
		file  string
		data  io.Reader
		limit int64
		fails bool
	}{
		"Chinese name":    {"二〇二五年度财务审计报告（盖章扫描件）.pdf", bytes.NewReader(pdf), 1 << 20, false},
		"no bytes":        {"空.pdf", strings.NewReader(""), 1 << 20, true},
		"wrong extension": {"照片.jpg", bytes.NewReader(pdf), 1 << 20, true},
		"no extension":    {"报告", bytes.NewReader(pdf), 1 << 20, true},
		"200 MB":          {"大.pdf", io.MultiReader(bytes.NewReader(pdf), io.LimitReader(zeros{}, 200<<20-int64(len(pdf)))), 200 << 20, false},
		"200 MB and one":  {"大.pdf", io.MultiReader(bytes.NewReader(pdf), io.LimitReader(zeros{}, 200<<20-int64(len(pdf))+1)), 200 << 20, true},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := b.Cases.Attach(b.ctx, who, k.ID, "audit_report", tt.file, tt.data, tt.limit)
			if (err != nil) != tt.fails {
				t.Fatal(err)
			}
			if err == nil && f.Name != tt.file {
				t.Errorf("name %q", f.Name)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
