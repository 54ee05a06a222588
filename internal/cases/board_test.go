package cases_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestBoard: every number of a board is the length of the list behind it, for
// heads and leaders; others have none, and a person without work stands there too.
func TestBoard(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		head := auth.Actor{Kind: auth.Staff, ID: b.Actor(t, "handler-sc").ID, Posts: []auth.Post{{Role: auth.Head, DepartmentID: "kj", Region: "371671"}}}
		leader := b.Actor(t, "leader")
		var claimed cases.Case
		for i := range 6 {
			claimed = b.accepted(t, "KJ-0002")
			if i%2 == 0 {
				b.must(t)(b.Cases.Claim(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: claimed.ID}))
			}
		}
		b.must(t)(b.Cases.Pause(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: claimed.ID}, "expert", "专家评审"))
		back := b.accepted(t, "KJ-0002")
		b.must(t)(b.Cases.SendBack(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: back.ID}, cases.AskInput{Note: "请说明"}))
		b.accepted(t, "KJ-0001") // has tasks in other departments too
		b.Clock.Advance(20 * 24 * time.Hour)
		b.accepted(t, "KJ-0002")

		agree := func(who auth.Actor, l cases.BoardLine, f cases.Filter) {
			t.Helper()
			for name, want := range map[cases.ListName]int{cases.ListAll: l.InHand, cases.ListNear: l.Near, cases.ListOverdue: l.Overdue, cases.ListWaiting: l.Waiting, cases.ListSpecial: l.Special} {
				f.List, f.State = name, ""
				if name == cases.ListAll {
					f.State = cases.Handling
				}
				if got := len(b.all(t, who, f, 7)); got != want {
					t.Errorf("%s %s: the board says %d, the list %d", l.ID, name, want, got)
				}
			}
		}
		sum := cases.BoardLine{}
		lines, err := b.Cases.DepartmentBoard(b.ctx, head, "kj")
		if err != nil || len(lines) < 3 {
			t.Fatal(lines, err)
		}
		idle := false
		for _, l := range lines {
			agree(head, l, cases.Filter{Desk: "kj", Assignee: l.ID})
			sum.Overdue, sum.Waiting, sum.Special = sum.Overdue+l.Overdue, sum.Waiting+l.Waiting, sum.Special+l.Special
			idle = idle || l.InHand == 0 && l.ID != cases.Nobody && !l.Name.IsZero() && len(l.Posts) > 0
			if l.Gone {
				t.Errorf("%s is said to be gone", l.ID)
			}
		}
		if sum.Overdue < 4 || sum.Waiting != 1 || sum.Special != 1 || !idle {
			t.Errorf("the test has become blind: %+v %v", sum, lines)
		}
		departments, err := b.Cases.Board(b.ctx, leader)
		if err != nil || len(departments) < 2 {
			t.Fatal(departments, err)
		}
		for _, l := range departments {
			agree(leader, l, cases.Filter{Desk: l.ID})
			people, err := b.Cases.DepartmentBoard(b.ctx, leader, l.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range people {
				agree(leader, x, cases.Filter{Desk: l.ID, Assignee: x.ID})
			}
		}
		for _, who := range []auth.Actor{head, b.Actor(t, "handler-kj"), b.Actor(t, "applicant")} {
			if _, err := b.Cases.DepartmentBoard(b.ctx, who, "sc"); !errors.Is(err, cases.ErrNotFound) {
				t.Errorf("%s watches a department that is not his: %v", who.ID, err)
			}
		}
	})
}
