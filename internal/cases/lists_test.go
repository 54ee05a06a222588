package cases_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// all reads a list to its end in small pages.
func (b bench) all(t *testing.T, who auth.Actor, f cases.Filter, size int) []cases.Row {
	t.Helper()
	var out []cases.Row
	f.Request = page.Request{Size: size}
	for {
		got, err := b.Cases.List(b.ctx, who, f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, got.Rows...)
		if got.Next == "" {
			return out
		}
		f.After = got.Next
	}
}

// TestListsOfALivedThroughYear holds orders, filters and counts of lists
// against what the cases themselves say.
func TestListsOfALivedThroughYear(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
		if err := b.FillHistory(b.ctx, 60, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		now := b.Clock.Now()
		for _, login := range []string{"clerk", "approver", "handler-kj", "leader"} {
			who := b.Actor(t, login)
			whole := b.all(t, who, cases.Filter{List: cases.ListAll}, 200)
			if len(whole) < 5 {
				t.Fatalf("%s sees %d cases", login, len(whole))
			}
			sorted(t, b, who, len(whole))
			for _, light := range cases.Lights {
				want := map[cases.ID]bool{}
				for _, r := range whole {
					if r.Light(now).String() == light {
						want[r.ID] = true
					}
				}
				same(t, login+" light "+light, want, b.all(t, who, cases.Filter{List: cases.ListAll, Light: light}, 200))
			}
			one := whole[len(whole)/2]
			for name, f := range map[string]cases.Filter{
				"number":             {Query: strings.ToLower(one.Number)},
				"the last figures":   {Query: one.Number[len(one.Number)-6:]},
				"beginning":          {Query: one.Number[:15]},
				"code":               {Query: one.Party.Code},
				"name":               {Query: one.Party.Name.ZH[:6]},
				"item":               {Item: one.ItemCode},
				"state":              {State: one.State},
				"channel":            {Channel: one.Channel},
				"region":             {Region: one.Region},
				"kind":               {PartyKind: one.Party.Kind},
				"day of submission":  {Submitted: cases.Span{From: one.SubmittedAt, To: one.SubmittedAt.Add(time.Millisecond)}},
				"department":         {Department: one.DepartmentID},
				"everything at once": {Query: one.Number, State: one.State, Item: one.ItemCode, Channel: one.Channel, PartyKind: one.Party.Kind, Light: one.Light(now).String()},
			} {
				f.List = cases.ListAll
				rows := b.all(t, who, f, 200)
				if !slices.ContainsFunc(rows, func(r cases.Row) bool { return r.ID == one.ID }) {
					t.Errorf("%s does not find %s by %s", login, one.Number, name)
				}
				if n, err := b.Cases.Count(b.ctx, who, f, 1000); err != nil || n != len(rows) {
					t.Errorf("%s by %s: %d counted, %d listed, %v", login, name, n, len(rows), err)
				}
			}
			if rows := b.all(t, who, cases.Filter{List: cases.ListAll, Query: "没有这样的名称"}, 50); len(rows) > 0 {
				t.Errorf("%s finds %d of nothing", login, len(rows))
			}
		}
	})
}

// sorted reads the list in every order that is offered, in pages of seven.
func sorted(t *testing.T, b bench, who auth.Actor, n int) {
	t.Helper()
	for _, by := range (cases.Filter{List: cases.ListAll, State: cases.Handling}).Sorts() {
		for _, desc := range []bool{false, true} {
			f := cases.Filter{List: cases.ListAll, Sort: by, Desc: desc}
			if by == cases.ByDue {
				f.State = cases.Handling
			}
			rows := b.all(t, who, f, 7)
			if by != cases.ByDue && len(rows) != n {
				t.Errorf("%s by %s: %d rows in pages, %d at once", who.Name, by, len(rows), n)
			}
			seen := map[cases.ID]bool{}
			for i, r := range rows {
				if seen[r.ID] {
					t.Errorf("%s by %s: %s stands twice", who.Name, by, r.Number)
				}
				seen[r.ID] = true
				if i == 0 || by == cases.ByParty { // the order of names is the database's
					continue
				}
				before := map[cases.Sort]int{
					cases.ByDue: rows[i-1].DueAt.Compare(r.DueAt), cases.BySubmitted: rows[i-1].SubmittedAt.Compare(r.SubmittedAt), cases.ByNumber: strings.Compare(rows[i-1].Number, r.Number),
				}[by]
				if desc && before < 0 || !desc && before > 0 {
					t.Errorf("%s by %s (desc %v): %s before %s", who.Name, by, desc, rows[i-1].Number, r.Number)
				}
			}
		}
	}
}

func same(t *testing.T, what string, want map[cases.ID]bool, rows []cases.Row) {
	t.Helper()
	for _, r := range rows {
		if !want[r.ID] {
			t.Errorf("%s: %s is listed", what, r.Number)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%s: %d listed, want %d", what, len(rows), len(want))
	}
}

// TestListsFollowACase goes with one case from list to list.
func TestListsFollowACase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		clerk, hb, wj, approver := b.Actor(t, "clerk2"), b.Actor(t, "handler-hb"), b.Actor(t, "handler-wj"), b.Actor(t, "approver")
		k := b.submitted(t, "KJ-0001")
		ref := cases.Ref{ID: k.ID}
		stands := func(when string, who auth.Actor, want ...cases.ListName) {
			t.Helper()
			var got []cases.ListName
			for _, l := range cases.StaffLists {
				if l == cases.ListAll {
					continue
				}
				for _, r := range b.all(t, who, cases.Filter{List: l}, 50) {
					if r.ID == k.ID {
						got = append(got, l)
					}
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s, for %s: %v, want %v", when, who.Name, got, want)
			}
		}
		do := func(_ cases.Case, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		stands("submitted", clerk, cases.ListToAccept)
		do(b.Cases.Accept(b.ctx, clerk, ref))
		stands("accepted", clerk, cases.ListOthers, cases.ListDone, cases.ListDoneUs)
		stands("accepted", hb, cases.ListGroup)
		do(b.Cases.Claim(b.ctx, hb, ref))
		stands("claimed", hb, cases.ListMine)
		if rows := b.all(t, hb, cases.Filter{List: cases.ListAll, Assignee: hb.ID}, 50); len(rows) != 1 || rows[0].Task == nil || len(rows[0].Open) != 3 {
			t.Errorf("by assignee: %d", len(rows))
		}
		if rows := b.all(t, wj, cases.Filter{List: cases.ListAll, Assignee: cases.Nobody}, 50); len(rows) != 1 {
			t.Errorf("claimed by nobody: %d", len(rows))
		}
		do(b.Cases.Endorse(b.ctx, hb, ref, cases.EndorseInput{Opinion: "同意"}))
		stands("endorsed", hb, cases.ListOthers, cases.ListDone, cases.ListDoneUs)
		do(b.Cases.Pause(b.ctx, wj, ref, "expert", "专家评审"))
		stands("paused", wj, cases.ListGroup, cases.ListSpecial)
		stands("paused", hb, cases.ListSpecial, cases.ListDone, cases.ListDoneUs)
		do(b.Cases.Resume(b.ctx, wj, ref, ""))
		do(b.Cases.Endorse(b.ctx, wj, ref, cases.EndorseInput{Opinion: "同意"}))
		do(b.Cases.Endorse(b.ctx, b.Actor(t, "handler-kj"), ref, cases.EndorseInput{Opinion: "同意"}))
		stands("at the last desk", wj, cases.ListOthers, cases.ListDone, cases.ListDoneUs)
		stands("at the last desk", approver, cases.ListGroup, cases.ListDoneUs)
		if n, err := b.Cases.Counts(b.ctx, approver, cases.ListGroup, cases.ListMine); err != nil || n[cases.ListGroup] != 1 || n[cases.ListMine] != 0 {
			t.Errorf("%v %v", n, err)
		}
	})
}
