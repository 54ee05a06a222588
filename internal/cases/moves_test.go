package cases_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/moving"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// A case of two desks in parallel goes to a version with a longer promise, a
// desk that moved and a desk more: it keeps its due day, and those who have
// something to do are told.
func TestMoveCases(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		must, keeper := b.must(t), b.Actor(t, "catalogue-admin")
		k, other := b.accepted(t, "KJ-0001"), b.accepted(t, "KJ-0001")
		waiting := b.accepted(t, "KJ-0001")
		hb := b.Actor(t, "handler-hb")
		k = must(b.Cases.Endorse(b.ctx, hb, cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"}))
		waiting = must(b.Cases.SendBack(b.ctx, hb, cases.Ref{ID: waiting.ID}, cases.AskInput{Note: "请说明"}))
		due := k.DueAt
		b.Renew(t, "KJ-0001", func(d *catalogue.Definition) {
			d.Promised.N += 5
			d.Statutory.N += 10
			st := &d.Flow.Stages[0]
			st.Tasks = append(st.Tasks, catalogue.Task{Key: "fund", Name: i18n.Text{ZH: "经费审核", EN: "Funds"}, Department: "cz", Role: "handler", Limit: workday.Limit{N: 2, Unit: workday.UnitWorkday}})
		})
		if now, err := b.Cases.Find(b.ctx, k.ID); err != nil || now.ItemVersionID != k.ItemVersionID {
			t.Fatalf("publishing moved a live case: %v", err)
		}

		if _, err := b.Cases.MoveBoard(b.ctx, b.Actor(t, "approver"), "KJ-0001"); !errors.Is(err, catalogue.ErrForbidden) {
			t.Errorf("the board for an approver: %v", err)
		}
		board, err := b.Cases.MoveBoard(b.ctx, keeper, "KJ-0001")
		if err != nil || board.Older != 3 || len(board.Rows) != 3 || len(board.Groups) != 1 || board.Groups[0].Now {
			t.Fatalf("%+v %v", board, err)
		}
		item, lines, err := b.Cases.SimulateMoves(b.ctx, keeper, "KJ-0001", cases.MoveInput{All: k.ItemVersionID})
		if err != nil || len(lines) != 3 {
			t.Fatalf("%+v %v", lines, err)
		}
		for _, l := range lines {
			if l.Ref.ID == waiting.ID {
				if l.Result != cases.MoveCannot || l.Obstacles[0].Why != moving.WhyAsked {
					t.Errorf("%+v", l)
				}
				continue
			}
			if l.Result != cases.MoveCan || len(l.Plan.Opens) != 1 || l.Plan.Opens[0].Key != "fund" || !l.DueAfter.Equal(due) {
				t.Errorf("%+v, due %v", l, due)
			}
		}
		if now, err := b.Cases.Find(b.ctx, k.ID); err != nil || now.Version != k.Version {
			t.Fatalf("the simulation changed a case: %v", err)
		}

		// Somebody acts on the other one in between.
		must(b.Cases.Note(b.ctx, hb, cases.Ref{ID: other.ID}, "备注"))
		in := cases.MoveInput{To: item.VersionID, Reason: "新版增加经费审核"}
		for _, l := range lines {
			in.Refs = append(in.Refs, l.Ref)
		}
		if _, err := b.Cases.MoveCases(b.ctx, keeper, "KJ-0001", cases.MoveInput{To: item.VersionID, Refs: in.Refs}); !errors.Is(err, cases.ErrReason) {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := b.Cases.MoveCases(b.ctx, keeper, "KJ-0001", cases.MoveInput{To: k.ItemVersionID, Refs: in.Refs, Reason: "x"}); !errors.Is(err, cases.ErrStale) {
			t.Errorf("to a version that is not current: %v", err)
		}
		run, err := b.Cases.MoveCases(b.ctx, keeper, "KJ-0001", in)
		if err != nil || run.Count(cases.MoveDone) != 1 || run.Count(cases.MoveCannot) != 1 || run.Count(cases.MoveChanged) != 1 {
			t.Fatalf("%+v %v", run.Lines, err)
		}
		if _, kept, err := b.Cases.MoveRun(b.ctx, keeper, "KJ-0001", run.ID); err != nil || len(kept.Lines) != 3 || kept.EndedAt.IsZero() || kept.Count(cases.MoveDone) != 1 {
			t.Errorf("the record: %+v %v", kept, err)
		}

		now, err := b.Cases.Find(b.ctx, k.ID)
		if err != nil || now.ItemVersionID != item.VersionID || !now.DueAt.Equal(due) || now.Stage != "review" {
			t.Fatalf("%+v %v", now, err)
		}
		if !slices.ContainsFunc(b.events(t, k.ID), func(e cases.Event) bool {
			return e.Command == cases.CmdMove && e.Reason == in.Reason && e.ActorID == keeper.ID && e.Detail["to_version"] == item.VersionID
		}) {
			t.Errorf("%+v", b.events(t, k.ID))
		}
		cz := b.Actor(t, "handler-cz")
		feed, err := b.Notify.Feed(b.ctx, cz.ID, pageOf(20))
		if err != nil || !slices.ContainsFunc(feed.Rows, func(m notify.Message) bool { return strings.HasSuffix(m.Link, string(k.ID)) }) {
			t.Errorf("who has a new task was not told: %+v %v", feed.Rows, err)
		}
		// It goes on under the new version, pauses and all, and never gets the longer limit.
		k = must(b.Cases.Pause(b.ctx, cz, cases.Ref{ID: k.ID}, "expert", "专家论证"))
		b.Clock.Advance(7 * 24 * time.Hour)
		k = must(b.Cases.Resume(b.ctx, cz, cases.Ref{ID: k.ID}, ""))
		if want := workday.EndOf(b.Cases.Calendar.Add(workday.DateOf(due.Add(-time.Second)), 5)); !k.DueAt.Equal(want) {
			t.Errorf("due %v after a week's pause, want %v", k.DueAt, want)
		}
		for b.stage(t, k.ID) == "review" {
			for _, l := range []string{"handler-wj", "handler-kj", "handler-cz"} {
				if v, err := b.Cases.View(b.ctx, b.Actor(t, l), k.ID); err == nil && v.May(cases.CmdEndorse) {
					must(b.Cases.Endorse(b.ctx, b.Actor(t, l), cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"}))
				}
			}
		}
		if k = must(b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted})); k.Outcome != cases.Granted {
			t.Errorf("%+v", k)
		}
		if r, err := b.Audit.Verify(b.ctx); err != nil || r.Broken != nil {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// A shorter promise is the applicant's gain, and he is told.
func TestMoveToAShorterPromise(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.accepted(t, "KJ-0005")
		b.Renew(t, "KJ-0005", func(d *catalogue.Definition) { d.Promised.N -= 2 })
		board, err := b.Cases.MoveBoard(b.ctx, b.Actor(t, "catalogue-admin"), "KJ-0005")
		if err != nil {
			t.Fatal(err)
		}
		run, err := b.Cases.MoveCases(b.ctx, b.Actor(t, "catalogue-admin"), "KJ-0005", cases.MoveInput{Refs: []cases.Ref{board.Rows[0].Ref}, To: board.Item.VersionID, Reason: "压缩时限"})
		if err != nil || run.Count(cases.MoveDone) != 1 {
			t.Fatalf("%+v %v", run, err)
		}
		now, err := b.Cases.Find(b.ctx, k.ID)
		want, _ := b.Cases.Calendar.Due(k.AcceptedAt, board.Item.Promised)
		if err != nil || !now.DueAt.Equal(want) || !now.DueAt.Before(k.DueAt) {
			t.Errorf("due %v, want %v, was %v", now.DueAt, want, k.DueAt)
		}
		feed, err := b.Notify.Feed(b.ctx, b.Actor(t, "applicant").ID, pageOf(20))
		if err != nil || !slices.ContainsFunc(feed.Rows, func(m notify.Message) bool { return m.Kind == "case_move" }) {
			t.Errorf("the applicant was not told: %v", err)
		}
		// A second time it stands there already.
		run, err = b.Cases.MoveCases(b.ctx, b.Actor(t, "catalogue-admin"), "KJ-0005", cases.MoveInput{Refs: []cases.Ref{{ID: k.ID}}, To: board.Item.VersionID, Reason: "再来"})
		if err != nil || run.Count(cases.MoveCannot) != 1 || run.Lines[0].Obstacles[0].Why != moving.WhyCurrent {
			t.Errorf("%+v %v", run.Lines, err)
		}
	})
}

func (b bench) events(t *testing.T, id cases.ID) []cases.Event {
	t.Helper()
	v, err := b.Cases.View(b.ctx, b.Actor(t, "approver"), id)
	if err != nil {
		t.Fatal(err)
	}
	return v.Events
}
