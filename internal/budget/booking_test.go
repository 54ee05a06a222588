package budget_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const fund = "rd-subsidy"

func fundOf(t *testing.T, a *apptest.App) budget.Fund {
	t.Helper()
	f, ok, err := a.Budget.Money(t.Context(), fund)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return f
}

// total sets what the fund has.
func total(t *testing.T, a *apptest.App, fen money.Fen, closed bool) {
	t.Helper()
	if _, err := a.Budget.Change(t.Context(), a.Actor(t, "head-kj"), fund, budget.ChangeInput{Version: fundOf(t, a).Version, Total: fen, Closed: closed, Reason: "测试"}); err != nil {
		t.Fatal(err)
	}
}

// agree holds the sums of the fund against its ledger.
func agree(t *testing.T, d *db.DB) {
	t.Helper()
	n, err := db.One(t.Context(), d.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM budget_fund f WHERE
		f.reserved_fen <> (SELECT COALESCE(SUM(CASE kind WHEN 'reserve' THEN fen WHEN 'release' THEN -fen ELSE 0 END), 0) FROM budget_entry e WHERE e.fund_id=f.id) OR
		f.granted_fen <> (SELECT COALESCE(SUM(CASE kind WHEN 'grant' THEN fen WHEN 'return' THEN -fen ELSE 0 END), 0) FROM budget_entry e WHERE e.fund_id=f.id)`)
	if err != nil || n != 0 {
		t.Errorf("%d funds disagree with their ledger, %v", n, err)
	}
}

// TestBookings: a list is reserved as a whole, firms are granted out of it, what
// is left is released and what was undone returned; nothing is booked twice.
func TestBookings(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		total(t, a, 1000, false)
		who, sys := a.Actor(t, "approver"), auth.SystemActor()
		stands := func(what string, reserved, granted money.Fen) {
			t.Helper()
			if f := fundOf(t, a); f.Reserved != reserved || f.Granted != granted {
				t.Errorf("%s: %d reserved, %d granted, not %d and %d", what, f.Reserved, f.Granted, reserved, granted)
			}
		}
		is := func(what string, err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, not %v", what, err, want)
			}
		}
		list := budget.Booking{Fund: fund, Key: "list:1", Amount: 600, Reason: "免申即享名单"}
		line := func(n int, fen money.Fen) budget.Booking {
			return budget.Booking{Fund: fund, Key: fmt.Sprintf("grant:%d", n), From: "list:1", CaseID: fmt.Sprintf("case%d", n), CaseNumber: fmt.Sprintf("N-%d", n), Party: i18n.Text{ZH: "企业"}, Amount: fen, Reason: "名单第一行"}
		}
		is("reserve", a.Budget.Reserve(ctx, who, list), nil)
		is("reserve again", a.Budget.Reserve(ctx, sys, list), nil)
		stands("reserved once", 600, 0)
		more := list
		more.Amount = 700
		is("another sum", a.Budget.Reserve(ctx, who, more), budget.ErrBooked)
		much := list
		much.Key, much.Amount = "list:2", 401
		is("more than there is", a.Budget.Reserve(ctx, who, much), budget.ErrExhausted)

		is("grant", a.Budget.Grant(ctx, sys, line(1, 200)), nil)
		is("grant again", a.Budget.Grant(ctx, sys, line(1, 200)), nil)
		stands("granted once", 400, 200)
		is("another sum for the key", a.Budget.Grant(ctx, sys, line(1, 100)), budget.ErrBooked)
		other := line(9, 10)
		other.CaseID = "case1"
		is("the case has a grant", a.Budget.Grant(ctx, sys, other), budget.ErrBooked)
		other = line(9, 10)
		other.From = "list:unknown"
		is("out of nothing", a.Budget.Grant(ctx, sys, other), budget.ErrUnbooked)
		other = line(9, 10)
		other.Fund = "no-such-fund"
		is("of no fund", a.Budget.Grant(ctx, sys, other), budget.ErrNotFound)
		other = line(9, 0)
		is("of nothing", a.Budget.Grant(ctx, sys, other), budget.ErrInvalid)
		other = line(9, 10)
		other.Reason = " "
		is("without a reason", a.Budget.Grant(ctx, sys, other), budget.ErrInvalid)
		stands("what was refused", 400, 200)

		// More than the list still holds comes out of what the fund has left.
		is("more than the list holds", a.Budget.Grant(ctx, sys, line(2, 500)), nil)
		stands("list used up", 0, 700)
		if n, err := a.Budget.Release(ctx, who, "list:1", "名单办结"); err != nil || n != 0 {
			t.Errorf("nothing is left of the list: %d %v", n, err)
		}
		is("beyond the fund", a.Budget.Grant(ctx, sys, line(3, 301)), budget.ErrExhausted)

		if n, err := a.Budget.Return(ctx, who, "grant:2", "决定撤销"); err != nil || n != 500 {
			t.Errorf("return: %d %v", n, err)
		}
		if n, err := a.Budget.Return(ctx, who, "grant:2", "再退一次"); err != nil || n != 0 {
			t.Errorf("return again: %d %v", n, err)
		}
		is("granted anew under a key that was returned", a.Budget.Grant(ctx, sys, line(2, 500)), budget.ErrBooked)
		_, err := a.Budget.Return(ctx, who, "grant:7", "没有")
		is("return of nothing", err, budget.ErrUnbooked)
		stands("returned", 0, 200)

		much.Amount = 300
		is("second list", a.Budget.Reserve(ctx, who, much), nil)
		if n, err := a.Budget.Release(ctx, who, "list:2", "名单取消"); err != nil || n != 300 {
			t.Errorf("release: %d %v", n, err)
		}
		if n, err := a.Budget.Release(ctx, who, "list:2", "名单取消"); err != nil || n != 0 {
			t.Errorf("release again: %d %v", n, err)
		}
		is("reserved anew under a key that was released", a.Budget.Reserve(ctx, who, much), budget.ErrBooked)
		stands("released", 0, 200)

		// A booking stands and falls with the transaction of the caller.
		undone := errors.New("undone")
		err = a.DB.InTx(ctx, func(ctx context.Context) error {
			if err := a.Budget.Grant(ctx, sys, budget.Booking{Fund: fund, Key: "grant:4", Amount: 5, Reason: "名单"}); err != nil {
				return err
			}
			return undone
		})
		is("rolled back", err, undone)
		stands("rolled back", 0, 200)

		is("third list", a.Budget.Reserve(ctx, who, budget.Booking{Fund: fund, Key: "list:3", Amount: 100, Reason: "名单"}), nil)
		total(t, a, 1000, true)
		last := line(5, 50)
		last.From = "list:3"
		is("closed, though it was reserved", a.Budget.Grant(ctx, sys, last), budget.ErrClosed)
		is("closed", a.Budget.Reserve(ctx, sys, budget.Booking{Fund: fund, Key: "list:4", Amount: 1, Reason: "名单"}), budget.ErrClosed)
		if n, err := a.Budget.Release(ctx, who, "list:3", "资金停用"); err != nil || n != 100 {
			t.Errorf("what a closed fund holds is released: %d %v", n, err)
		}
		if n, err := a.Budget.Return(ctx, who, "grant:1", "资金停用"); err != nil || n != 200 {
			t.Errorf("what a closed fund granted is returned: %d %v", n, err)
		}
		stands("closed", 0, 0)
		agree(t, d)

		entries, err := a.Budget.Ledger(ctx, a.Actor(t, "head-kj"), fund, page.Request{Size: 100})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, e := range entries.Rows {
			found = found || e.Kind == budget.EntryGrant && e.Key == "grant:1" && e.CaseID == "case1" && e.CaseNumber == "N-1" && e.Reason == "名单第一行" && e.ByID == sys.ID
		}
		if !found {
			t.Errorf("the ledger does not tell of the grant: %+v", entries.Rows)
		}
		if r, err := a.Audit.Verify(ctx); err != nil || r.Broken != nil {
			t.Errorf("audit: %+v %v", r.Broken, err)
		}
	})
}

// TestBookingsAtOnce: many want what is there for some, of one fund and of one
// reservation in it; never is more granted than there is, nor twice for a key.
func TestBookingsAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		total(t, a, 1000, false)
		if err := a.Budget.Reserve(ctx, auth.SystemActor(), budget.Booking{Fund: fund, Key: "list:1", Amount: 500, Reason: "名单"}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		granted := map[string]int{}
		for i := range 24 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				b := budget.Booking{Fund: fund, Key: fmt.Sprintf("grant:%d", i%12), Amount: 150, Reason: "名单"} // each twice
				if i%12 < 6 {
					b.From = "list:1"
				}
				err := a.Budget.Grant(ctx, auth.SystemActor(), b)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					granted[b.Key]++
				case !errors.Is(err, budget.ErrExhausted):
					t.Errorf("%s: %v", b.Key, err)
				}
			}()
		}
		wg.Wait()
		f := fundOf(t, a)
		held, err := a.Budget.Held(ctx, "list:1")
		if err != nil || f.Granted != money.Fen(150*len(granted)) || f.Reserved != held || f.Granted+f.Reserved > f.Total || held < 0 || len(granted) < 5 {
			t.Errorf("%d keys granted, %+v, the list holds %d, %v", len(granted), f, held, err)
		}
		agree(t, d)
		n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM budget_entry WHERE kind='grant'`)
		if err != nil || n != len(granted) {
			t.Errorf("%d grants stand in the ledger, %d were told so, %v", n, len(granted), err)
		}
	})
}
