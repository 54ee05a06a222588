package cases_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var pdf = []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

// bench is a zone with its engine and the people the tests need.
type bench struct {
	*apptest.App
	ctx context.Context
}

func newBench(t *testing.T, d *db.DB) bench {
	t.Helper()
	return bench{apptest.NewOn(t, d), t.Context()}
}

func (b bench) start(t *testing.T, who auth.Actor, item string) cases.Case {
	t.Helper()
	k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: item, EnterpriseID: firmOf(who)})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func firmOf(a auth.Actor) string {
	if len(a.Firms) == 0 {
		return ""
	}
	return a.Firms[0]
}

func (b bench) submitted(t *testing.T, item string) cases.Case {
	t.Helper()
	return b.Submitted(t, "applicant", item)
}

// TestThePath is the story of the licence with two departments in parallel,
// from the draft to the delivered certificate, on both databases.
func TestThePath(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ctx := b.ctx
		who, clerk := b.Actor(t, "applicant"), b.Actor(t, "clerk2") // a window of the city, not of the zone
		must := func(k cases.Case, err error) cases.Case {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		k := b.submitted(t, "KJ-0001")
		if k.State != cases.Submitted || !strings.HasPrefix(k.Number, "371671-20260302-") || k.DataVersion != 1 {
			t.Fatalf("%+v", k)
		}
		k = must(b.Cases.AskSupplement(ctx, clerk, cases.Ref{ID: k.ID, Version: k.Version}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "图纸缺少比例尺"}}}))
		if k.State != cases.Supplementing || !k.NeedsApplicant {
			t.Fatalf("%+v", k)
		}
		if _, err := b.Cases.Submit(ctx, who, cases.Ref{ID: k.ID}); !errors.Is(err, cases.ErrIncomplete) {
			t.Fatalf("submitted without what was asked for: %v", err)
		}
		if _, err := b.Cases.Attach(ctx, who, k.ID, "facility_plan", "平面图.pdf", bytes.NewReader(pdf), 1<<20); err != nil {
			t.Fatal(err)
		}
		k = must(b.Cases.Submit(ctx, who, cases.Ref{ID: k.ID}))
		if k.DataVersion != 2 || k.NeedsApplicant {
			t.Fatalf("%+v", k)
		}
		k = must(b.Cases.Accept(ctx, clerk, cases.Ref{ID: k.ID}))
		if k.State != cases.Handling || k.Stage != "review" || k.WindowID != "city/B03" {
			t.Fatalf("%+v", k)
		}
		due := k.DueAt
		hb, wj, kj := b.Actor(t, "handler-hb"), b.Actor(t, "handler-wj"), b.Actor(t, "handler-kj")
		must(b.Cases.Claim(ctx, hb, cases.Ref{ID: k.ID}))
		if _, err := b.Cases.Endorse(ctx, hb, cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "符合要求"}); err != nil {
			t.Fatal(err)
		}
		k = must(b.Cases.SendBack(ctx, wj, cases.Ref{ID: k.ID}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "请标明洁污分区"}}}))
		if !k.Paused || !k.NeedsApplicant {
			t.Fatalf("%+v", k)
		}
		if _, err := b.Cases.Endorse(ctx, wj, cases.Ref{ID: k.ID}, cases.EndorseInput{}); !errors.Is(err, cases.ErrWaiting) {
			t.Fatalf("endorsed while waiting: %v", err)
		}
		if k = must(b.Cases.Recall(ctx, wj, cases.Ref{ID: k.ID}, "图上已有标注")); k.Paused || k.NeedsApplicant || k.DataVersion != 2 {
			t.Fatalf("recalled: %+v", k)
		}
		k = must(b.Cases.SendBack(ctx, wj, cases.Ref{ID: k.ID}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "请标明洁污分区"}}}))
		b.Clock.Advance(4 * 24 * time.Hour)
		if _, err := b.Cases.Attach(ctx, who, k.ID, "facility_plan", "平面图2.pdf", bytes.NewReader(pdf), 1<<20); err != nil {
			t.Fatal(err)
		}
		k = must(b.Cases.Reply(ctx, who, cases.Ref{ID: k.ID}))
		if k.Paused || !k.DueAt.After(due) {
			t.Fatalf("the pause did not move the limit: %v then %v", due, k.DueAt)
		}
		must(b.Cases.Endorse(ctx, wj, cases.Ref{ID: k.ID}, cases.EndorseInput{Object: true, Opinion: "应加强消毒"}))
		k = must(b.Cases.Endorse(ctx, kj, cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "现场核查合格"}))
		if k.Stage != "decide" {
			t.Fatalf("stage %q", k.Stage)
		}
		approver := b.Actor(t, "approver")
		if _, err := b.Cases.Decide(ctx, approver, cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Denied}); !errors.Is(err, cases.ErrReason) {
			t.Fatalf("denied without a reason: %v", err)
		}
		k = must(b.Cases.Decide(ctx, approver, cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted}))
		if k.Outcome != cases.Granted {
			t.Fatalf("%+v", k)
		}
		v, err := b.Cases.View(ctx, who, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		c, ok, err := b.Cases.Certificate(ctx, v)
		if err != nil || !ok || c.Type != "lab_animal_permit" || v.Decision == nil || strings.Contains(v.Decision.Text.ZH, "{") {
			t.Fatalf("%+v %v %v %+v", c, ok, err, v.Decision)
		}
		for _, e := range v.Events {
			if !e.Public {
				t.Errorf("the applicant sees %s", e.Command)
			}
		}
		if v.State == cases.Decided {
			if _, err := b.Cases.Deliver(ctx, b.Actor(t, "clerk3"), cases.Ref{ID: k.ID}, cases.DeliverInput{How: cases.AtWindow, Receiver: "赵启明", Pickup: "000000"}); !errors.Is(err, cases.ErrPickup) && k.PickupCode != "000000" {
				t.Fatalf("wrong pick-up code: %v", err)
			}
			k = must(b.Cases.Deliver(ctx, b.Actor(t, "clerk3"), cases.Ref{ID: k.ID}, cases.DeliverInput{How: cases.AtWindow, Receiver: "赵启明", Pickup: k.PickupCode}))
		}
		if k.State != cases.Delivered || k.ClosedAt.IsZero() {
			t.Fatalf("%+v", k)
		}
		staff, err := b.Cases.View(ctx, approver, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range staff.Events {
			if e.Seq != i+1 {
				t.Fatalf("events are not numbered without a gap: %+v", staff.Events)
			}
		}
		feed, err := b.Notify.Feed(ctx, who.ID, pageOf(100))
		if err != nil || len(feed.Rows) < 6 {
			t.Fatalf("feed %d %v", len(feed.Rows), err)
		}
		if r, err := b.Audit.Verify(ctx); err != nil || r.Broken != nil {
			t.Fatalf("%+v %v", r, err)
		}
	})
}

func pageOf(n int) page.Request { return page.Request{Size: n} }
