package cases_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestLookingForAPerson: who looks for the number of a person among cases is
// bounded, and the person reads it; a part of a masked name finds nobody.
func TestLookingForAPerson(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k, clerk := b.Submitted(t, "talent", "ZSCQ-0204"), b.Actor(t, "clerk")
		who, err := b.Identity.Account(b.ctx, k.AccountID)
		if err != nil {
			t.Fatal(err)
		}
		looks := func() int {
			t.Helper()
			list, err := b.Privacy.Looks(b.ctx, b.Actor(t, "talent"))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, l := range list {
				if l.Action == privacy.FindAction && l.Who == clerk.Name {
					n++
				}
			}
			return n
		}
		find := func(q string) int {
			t.Helper()
			found, err := b.Cases.List(b.ctx, clerk, cases.Filter{List: cases.ListAll, Query: q, Request: pageOf(10)})
			if err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			return len(found.Rows)
		}
		name := []rune(who.Name.ZH)
		for q, want := range map[string]int{who.Name.ZH: 1, string(name[1:]): 0, string(name[:2]): 0, k.Number: 1} {
			if n := find(q); n != want {
				t.Errorf("%s finds %d", q, n)
			}
		}
		if n := looks(); n != 0 {
			t.Errorf("%d looks by names and the number of the case", n)
		}
		if find(who.Phone) != 1 || find(who.IDNumber) != 1 || find("13999999999") != 0 {
			t.Error("not found by number")
		}
		if n := looks(); n != 2 {
			t.Errorf("%d looks", n)
		}
		// To count is to know.
		if n, err := b.Cases.Count(b.ctx, clerk, cases.Filter{List: cases.ListAll, Query: who.Phone}, 10); err != nil || n != 1 || looks() != 3 {
			t.Errorf("%d counted, %d looks, %v", n, looks(), err)
		}
		for range 60 {
			if _, err = b.Cases.List(b.ctx, clerk, cases.Filter{List: cases.ListAll, Query: "371602199001010011", Request: pageOf(10)}); err != nil {
				break
			}
		}
		if !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("guesses without end: %v", err)
		}
		if find(k.Number) != 1 {
			t.Error("nothing else is found any more")
		}
	})
}
