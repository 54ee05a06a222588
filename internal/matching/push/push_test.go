package push_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func count(t *testing.T, d *db.DB, query string, args ...any) int {
	t.Helper()
	n, err := db.One(t.Context(), d.Read(t.Context()), db.Scalar[int], query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func messages(t *testing.T, a *apptest.App, account string) (n int, last string) {
	t.Helper()
	feed, err := a.Notify.Feed(t.Context(), account, page.Request{Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range feed.Rows {
		if strings.HasPrefix(m.Kind, "push_") {
			if n++; last == "" {
				title, body := a.Notify.Text("zh-CN", m)
				last = title + "\n" + body
			}
		}
	}
	return n, last
}

// A filled zone is told in one message for each firm; two runs at once tell
// nothing twice; the next day only what is new is told.
func TestToldOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		who := a.Actor(t, "applicant")
		var both sync.WaitGroup
		var told [2]int
		var errs [2]error
		for i := range told {
			both.Go(func() { told[i], errs[i] = a.Push.Run(ctx) })
		}
		both.Wait()
		if err := errors.Join(errs[0], errs[1]); err != nil {
			t.Fatal(err)
		}
		firms := count(t, d, `SELECT count(DISTINCT enterprise_id) FROM matching_push`)
		if told[0]+told[1] != firms || firms < 10 {
			t.Fatalf("told %v, entered for %d firms", told, firms)
		}
		n, text := messages(t, a, who.ID)
		if n != len(who.Firms) {
			t.Errorf("%d messages for %d firms", n, len(who.Firms))
		}
		if !strings.Contains(text, "项政策值得看") || strings.Contains(text, "push.") || strings.Count(text, "《") == 0 || strings.Count(text, "《") > 5 {
			t.Errorf("%s", text)
		}
		adv, err := a.Advice.For(ctx, who, who.Firms[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range adv.Of(advice.Fits) {
			if c := count(t, d, `SELECT count(*) FROM matching_push WHERE enterprise_id=$1 AND clause=$2 AND kind='new'`, who.Firms[0], m.Key); c != 1 && (m.Now || m.Next != "") {
				t.Errorf("%s was entered %d times", m.Key, c)
			}
		}
		rows := count(t, d, `SELECT count(*) FROM matching_push`)
		for range 2 {
			if again, err := a.Push.Run(ctx); err != nil || again != 0 {
				t.Fatalf("told %d again: %v", again, err)
			}
		}
		if _, err := d.Pool().ExecContext(ctx, `DELETE FROM matching_push WHERE enterprise_id=$1 AND clause=(SELECT min(clause) FROM matching_push WHERE enterprise_id=$1)`, who.Firms[0]); err != nil {
			t.Fatal(err)
		}
		if again, err := a.Push.Run(ctx); err != nil || again != 0 {
			t.Errorf("a second message on the same day: %d %v", again, err)
		}
		a.Clock.Advance(24 * time.Hour)
		if _, err := a.Push.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if after, _ := messages(t, a, who.ID); after != n+1 {
			t.Errorf("%d messages, then %d", n, after)
		}
		if now := count(t, d, `SELECT count(*) FROM matching_push`); now < rows {
			t.Errorf("%d rows, then %d", rows, now)
		}
	})
}

// Who refused is told nothing, also not by a department, and hears again when he
// agrees.
func TestRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		who := a.Actor(t, "applicant")
		firm := who.Firms[0]
		agents, err := a.Identity.AgentsFor(ctx, firm, auth.ModuleFile)
		if err != nil {
			t.Fatal(err)
		}
		want := func(wants bool) {
			for _, g := range agents {
				if err := a.Push.Want(ctx, a.Actor(t, g.Login), wants); err != nil {
					t.Fatal(err)
				}
			}
		}
		want(false)
		if _, err := a.Push.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d, `SELECT count(*) FROM matching_push WHERE enterprise_id=$1`, firm); n != 0 {
			t.Errorf("%d entries of a firm that refused", n)
		}
		if n, _ := messages(t, a, who.ID); n != 0 {
			t.Errorf("%d messages", n)
		}
		clause, desk := candidate(t, a, firm)
		if err := a.Push.Invite(ctx, desk, clause, firm); !errors.Is(err, push.ErrRefused) {
			t.Errorf("invited: %v", err)
		}
		want(true)
		if _, err := a.Push.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if n, _ := messages(t, a, who.ID); n == 0 {
			t.Error("nothing was told after he agreed")
		}
	})
}

// candidate is a clause that a firm fits, and a handler of its department.
func candidate(t *testing.T, a *apptest.App, firm string) (string, auth.Actor) {
	t.Helper()
	desk := a.Actor(t, "handler-kj")
	list, err := a.Push.Looking(t.Context(), desk)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		for _, s := range advice.Standings {
			c, err := a.Push.Candidates(t.Context(), desk, l.Key, s, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range c.Rows {
				if r.ID == firm {
					return l.Key, desk
				}
			}
		}
	}
	t.Fatal("the firm is no candidate of the department")
	return "", desk
}

// From told to granted: what the people of a firm do is followed, by them alone.
func TestFollowed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		who := a.Actor(t, "applicant")
		firm := who.Firms[0]
		if _, err := a.Push.Run(ctx); err != nil {
			t.Fatal(err)
		}
		clause, desk := candidate(t, a, firm)
		invite := func() error { return a.Push.Invite(ctx, desk, clause, firm) }
		if err := invite(); err != nil {
			t.Fatal(err)
		}
		if err := invite(); !errors.Is(err, push.ErrInvited) {
			t.Errorf("twice: %v", err)
		}
		for _, login := range []string{"handler-rs", "head-rc", "clerk", "commissioner", "applicant"} {
			actor := a.Actor(t, login)
			if _, err := a.Push.Candidates(ctx, actor, clause, advice.Fits, 1); !errors.Is(err, push.ErrNotFound) {
				t.Errorf("%s sees candidates: %v", login, err)
			}
			if err := a.Push.Invite(ctx, actor, clause, firm); !errors.Is(err, push.ErrNotFound) {
				t.Errorf("%s invites: %v", login, err)
			}
			if err := a.Push.Write(ctx, actor, clause, firm, "x"); !errors.Is(err, push.ErrNotFound) {
				t.Errorf("%s notes: %v", login, err)
			}
		}
		if _, err := a.Push.Candidates(ctx, a.Actor(t, "leader"), clause, advice.Fits, 1); err != nil {
			t.Errorf("leader: %v", err)
		}
		if err := a.Push.Invite(ctx, a.Actor(t, "leader"), clause, firm); !errors.Is(err, push.ErrNotFound) {
			t.Errorf("a leader invites: %v", err)
		}
		for _, words := range []string{" ", strings.Repeat("长", push.NoteMost+1)} {
			if err := a.Push.Write(ctx, desk, clause, firm, words); !errors.Is(err, push.ErrNote) {
				t.Errorf("%d letters: %v", len(words), err)
			}
		}
		if err := a.Push.Write(ctx, desk, clause, firm, "已电话联系，下周报材料"); err != nil {
			t.Fatal(err)
		}
		marks, err := a.Push.Marks(ctx, who, firm)
		if err != nil || !marks[clause].New || !marks[clause].Invited {
			t.Fatalf("%+v %v", marks[clause], err)
		}
		stranger := a.Actor(t, "luzhengping")
		if _, err := a.Push.Open(ctx, stranger, marks[clause].ID); !errors.Is(err, push.ErrNotFound) {
			t.Errorf("a stranger opens: %v", err)
		}
		if _, err := a.Push.Decline(ctx, stranger, marks[clause].ID); !errors.Is(err, push.ErrNotFound) {
			t.Errorf("a stranger declines: %v", err)
		}
		if _, err := a.Push.Marks(ctx, stranger, firm); !errors.Is(err, push.ErrNotFound) {
			t.Errorf("a stranger reads: %v", err)
		}
		if key, err := a.Push.Open(ctx, who, marks[clause].ID); err != nil || key != clause {
			t.Fatalf("%s %v", key, err)
		}
		lib, _ := a.Policies.Library(ctx)
		entry, _ := lib.Entry(clause)
		if _, err := d.Pool().ExecContext(ctx, `UPDATE matching_push SET item='X-1' WHERE enterprise_id=$1 AND clause=$2`, firm, clause); err != nil {
			t.Fatal(err)
		}
		k := cases.Case{ID: "0190", ItemCode: "X-1", Party: identity.Party{Kind: identity.HolderEnterprise, ID: firm}}
		happen := func(cmd cases.Command) {
			if err := d.InTx(ctx, func(ctx context.Context) error {
				return a.Push.Happened(ctx, cases.Happened{Case: k, Event: cases.Event{Command: cmd}})
			}); err != nil {
				t.Fatal(err)
			}
		}
		see := func() push.Funnel {
			c, err := a.Push.Candidates(ctx, desk, clause, advice.Fits, 1)
			if err != nil {
				t.Fatal(err)
			}
			return c.Funnel
		}
		before := see()
		if before.Opened != 1 || before.Applied != 0 {
			t.Errorf("%+v", before)
		}
		happen(cases.CmdSubmit)
		k.Outcome = cases.Denied
		happen(cases.CmdDecide)
		if f := see(); f.Applied != 1 || f.Granted != 0 {
			t.Errorf("denied: %+v", f)
		}
		k.Outcome = cases.Granted
		happen(cases.CmdDecide)
		f := see()
		if f.Applied != 1 || f.Granted != 1 || f.Told != before.Told {
			t.Errorf("%+v", f)
		}
		if entry.Benefit.Budget > 0 && f.Left >= f.Total && f.Spent > 0 {
			t.Errorf("money: %+v", f)
		}
		if _, err := a.Push.Decline(ctx, who, marks[clause].ID); !errors.Is(err, push.ErrOver) {
			t.Errorf("declined after the grant: %v", err)
		}
		for key, m := range marks {
			if key != clause {
				if _, err := a.Push.Decline(ctx, who, m.ID); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		leader := a.Actor(t, "leader")
		list, err := a.Push.List(ctx, leader, push.Filter{Firm: firm})
		if err != nil || len(list.Rows) == 0 || list.Counts[push.Declined] == 0 || list.Counts[push.Granted] == 0 {
			t.Errorf("%+v %v", list.Counts, err)
		}
		officer := a.Actor(t, "commissioner")
		mine, err := a.Push.List(ctx, officer, push.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range mine.Rows {
			if !slices.Contains(officer.Portfolio, l.Firm) {
				t.Errorf("a firm of somebody else: %s", l.Name.ZH)
			}
		}
		if first, err := a.Push.List(ctx, officer, push.Filter{Request: page.Request{Size: 2}}); err != nil || len(first.Rows) != 2 || first.Next == "" {
			t.Errorf("%d rows, %v", len(first.Rows), err)
		}
		var other string
		for _, f := range a.Actor(t, "fuwu05").Portfolio {
			if !slices.Contains(officer.Portfolio, f) {
				other = f
			}
		}
		if _, err := a.Push.List(ctx, officer, push.Filter{Firm: other}); !errors.Is(err, push.ErrNotFound) {
			t.Errorf("another commissioner's firm: %v", err)
		}
	})
}
