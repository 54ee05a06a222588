package push_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// publish puts a change of a paper into force, with the people that it takes.
func publish(t *testing.T, a *apptest.App, kind policy.Kind, key string, change func(b *policy.Body)) {
	t.Helper()
	ctx, one, two := t.Context(), a.Actor(t, "catalogue-admin"), a.Actor(t, "catalogue-admin2")
	p, _, err := a.Policies.Paper(ctx, one, kind, key)
	if err != nil {
		t.Fatal(err)
	}
	b := p.Published
	change(&b)
	if kind == policy.KindDocument {
		p, err = a.Policies.SaveDocument(ctx, one, *b.Document, p.Version)
	} else {
		p, err = a.Policies.SaveClause(ctx, one, p.Document, *b.Clause, p.Version)
	}
	if err == nil {
		err = a.Policies.Propose(ctx, one, []policy.Ref{p.Ref()}, "x")
		p.Version++
	}
	if err == nil {
		err = a.Policies.Publish(ctx, two, []policy.Ref{p.Ref()})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Who saved a clause hears of each thing that happens to it once, and of nothing
// while he does not want to.
func TestStars(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		yearlyDocument(t, a, map[string]policy.Per{"1": policy.Year, "2": policy.Year})
		who := a.Actor(t, "citizen")
		for _, key := range []string{"kj-2026-97-1", "kj-2026-97-1", "kj-2026-97-2"} {
			if err := a.Push.Star(ctx, who, key); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.Push.Star(ctx, who, "gone"); !errors.Is(err, push.ErrNotFound) {
			t.Errorf("a clause that is not there: %v", err)
		}
		if err := errors.Join(a.Push.Star(ctx, auth.Actor{}, "kj-2026-97-1"), a.Push.Star(ctx, a.Actor(t, "handler-kj"), "kj-2026-97-1")); !errors.Is(err, push.ErrNotFound) {
			t.Errorf("by nobody: %v", err)
		}
		if err := a.Push.Unstar(ctx, who, "kj-2026-97-2"); err != nil {
			t.Fatal(err)
		}
		list, err := a.Push.Stars(ctx, who)
		if err != nil || len(list) != 1 || list[0].Clause != "kj-2026-97-1" {
			t.Fatalf("%+v %v", list, err)
		}
		if other, err := a.Push.Stars(ctx, a.Actor(t, "applicant")); err != nil || len(other) != 0 {
			t.Errorf("somebody else's: %+v %v", other, err)
		}
		n := 0
		told := func(what string, words string) {
			t.Helper()
			var both sync.WaitGroup
			var errs [2]error
			for i := range errs {
				both.Go(func() { _, errs[i] = a.Push.RunStars(ctx) })
			}
			both.Wait()
			if err := errors.Join(errs[:]...); err != nil {
				t.Fatal(err)
			}
			if words != "" {
				n++
			}
			got, last := messages(t, a, who.ID)
			if got != n || words != "" && !strings.Contains(last, words) || strings.Contains(last, "push.") {
				t.Errorf("%s: %d messages, want %d with %q\n%s", what, got, n, words, last)
			}
		}
		day := func(months, days int) { a.Clock.Set(apptest.Start.AddDate(0, months, days)) }
		told("on the same day", "")
		day(0, 1)
		told("its window closes", "3月12日")
		told("again on that day", "")
		day(0, 2)
		told("again the next day", "")
		publish(t, a, policy.KindClause, "kj-2026-97-1", func(b *policy.Body) { c := *b.Clause; c.Benefit.Amount *= 2; b.Clause = &c })
		told("it reads otherwise", "内容有更新")
		publish(t, a, policy.KindClause, "kj-2026-97-1", func(b *policy.Body) {
			c := *b.Clause
			c.Windows = []policy.Window{{From: "--05-01", Until: "--06-30"}}
			b.Clause = &c
		})
		told("again on that day", "")
		day(0, 3)
		told("the next edition, the next day", "内容有更新")
		day(2, 0)
		told("its window opens", "已开放申报")
		// While he does not want to be told nothing is entered, and what is true then comes later.
		if err := a.Push.Want(ctx, who, false); err != nil {
			t.Fatal(err)
		}
		day(3, 27)
		told("he refused", "")
		if err := a.Push.Want(ctx, who, true); err != nil {
			t.Fatal(err)
		}
		told("he agreed again", "截止")
		publish(t, a, policy.KindDocument, "kj-2026-97", func(b *policy.Body) { x := *b.Document; x.Until = "2026-06-30"; b.Document = &x })
		day(5, 0)
		told("its document expired", "已到期")
		day(6, 0)
		told("once", "")
		publish(t, a, policy.KindDocument, "kj-2026-97", func(b *policy.Body) { x := *b.Document; x.Until = ""; b.Document = &x })
		told("it holds again", "重新有效")
		p, _, err := a.Policies.Paper(ctx, a.Actor(t, "catalogue-admin"), policy.KindDocument, "kj-2026-97")
		if err == nil {
			err = a.Policies.Withdraw(ctx, a.Actor(t, "catalogue-admin"), p.Ref(), "文件有误")
		}
		if err != nil {
			t.Fatal(err)
		}
		day(6, 1)
		told("it is withdrawn", "每年奖励1》（已撤下")
		if list, err = a.Push.Stars(ctx, who); err != nil || len(list) != 1 || list[0].Ended != "withdrawn" || list[0].Title.In(i18n.English) != "Yearly prize 1" {
			t.Errorf("%+v %v", list, err)
		}
		if err := d.InTx(ctx, func(ctx context.Context) error { return a.Push.Forget(ctx, who.ID) }); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d, `SELECT count(*) FROM matching_star`); n != 0 {
			t.Errorf("%d stars of who left", n)
		}
	})
}
