package app_test

import (
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// What the demonstration shows of tasks, clock and calendar can be clicked: it
// is there once, however often the filling runs.
func TestTheFlowIsShown(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for range 2 {
		if err := a.FillFlow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, keeper := t.Context(), a.Actor(t, "catalogue-admin")
	if err := a.Catalogue.Load(ctx); err != nil {
		t.Fatal(err)
	}
	b, err := a.Cases.MoveBoard(ctx, keeper, "KJ-0005")
	if err != nil || b.Older != 4 || b.Item.Version != 2 {
		t.Fatalf("%+v %v", b, err)
	}
	_, lines, err := a.Cases.SimulateMoves(ctx, keeper, "KJ-0005", cases.MoveInput{All: b.Groups[0].VersionID})
	can := cases.MoveRun{Lines: lines}.Count(cases.MoveCan)
	if err != nil || can < 2 || can == 4 {
		t.Errorf("%d can move, %v", can, err)
	}
	y, err := a.Calendar.Year(ctx, a.Actor(t, "system-admin"), a.Clock.Now().Year())
	if err != nil || len(y.Overrides) != 2 {
		t.Errorf("%+v %v", y.Overrides, err)
	}
	for list, want := range map[cases.ListName]int{cases.ListStalled: 1, cases.ListSpecial: 1} {
		if n, err := a.Cases.Count(ctx, a.Actor(t, "handler-kj"), cases.Filter{List: list}, 99); err != nil || n != want {
			t.Errorf("%s: %d, %v", list, n, err)
		}
	}
	for command, want := range map[cases.Command]int{cases.CmdRemind: 1, cases.CmdExpire: 1, cases.CmdResume: 1} {
		if n, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_event WHERE command=$1`, string(command)); err != nil || n != want {
			t.Errorf("%s: %d events, %v", command, n, err)
		}
	}
	if list, err := a.Cases.Deputies(ctx, a.Actor(t, "handler-kj")); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
}
