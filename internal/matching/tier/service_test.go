package tier_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestService(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		for range 2 { // the second time changes nothing
			if err := a.Tiers.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		leader, officer := a.Actor(t, "leader"), a.Actor(t, "commissioner")
		all, err := a.Tiers.Overview(ctx, leader)
		if err != nil || len(all) != 9 {
			t.Fatalf("%d rungs, %v", len(all), err)
		}
		total := map[tier.Cohort]int{}
		for _, c := range all {
			for k, n := range c.N {
				total[k] += n
				list, err := a.Tiers.List(ctx, leader, c.Key, k, page.Request{Size: 200})
				if err != nil || len(list.Rows) != n {
					t.Errorf("%s %s: %d in the list, %d counted, %v", c.Key, k, len(list.Rows), n, err)
				}
				for _, m := range list.Rows[:min(3, len(list.Rows))] { // one firm, with reasons, says the same as all at once
					_, climbs, err := a.Tiers.Of(ctx, leader, m.Firm)
					if err != nil {
						t.Fatal(err)
					}
					for _, l := range climbs {
						for _, s := range l.Steps {
							if s.Key == c.Key && (s.Answer != m.Answer || s.HeldUntil != m.HeldUntil) {
								t.Errorf("%s of %s: %v until %q, in the list %v until %q", s.Key, m.USCC, s.Answer, s.HeldUntil, m.Answer, m.HeldUntil)
							}
						}
					}
				}
			}
		}
		if total[tier.Holding] == 0 || total[tier.Ready] == 0 || total[tier.Near] == 0 || total[tier.AtRisk] == 0 {
			t.Errorf("the zone has nobody there: %v", total)
		}
		reached, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM matching_rung WHERE until=''`)
		if err != nil || reached == 0 {
			t.Errorf("%d reached, %v", reached, err)
		}
		mine, err := a.Tiers.Overview(ctx, officer)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range mine {
			for k, n := range c.N {
				if n > all[i].N[k] || n > len(officer.Portfolio) {
					t.Errorf("%s %s: a commissioner of %d firms counts %d", c.Key, k, len(officer.Portfolio), n)
				}
			}
		}
		moves, err := a.Tiers.Movement(ctx, leader)
		if err != nil || len(moves) != 8 {
			t.Fatalf("%d movements, %v", len(moves), err)
		}
		for _, m := range moves {
			for _, c := range all {
				if c.Key == m.Key && c.N[tier.Holding] != m.Years[0].Held {
					t.Errorf("%s: %d hold it, %d this year", m.Key, c.N[tier.Holding], m.Years[0].Held)
				}
			}
		}
		for login, want := range map[string]error{"applicant": tier.ErrForbidden, "clerk": tier.ErrForbidden, "system-admin": tier.ErrForbidden} {
			if _, err := a.Tiers.Overview(ctx, a.Actor(t, login)); !errors.Is(err, want) {
				t.Errorf("%s: %v", login, err)
			}
		}
		who := a.Actor(t, "applicant")
		if _, climbs, err := a.Tiers.Of(ctx, who, who.Firms[0]); err != nil || len(climbs) != 3 {
			t.Errorf("%d ladders, %v", len(climbs), err)
		}
		if _, _, err := a.Tiers.Of(ctx, a.Actor(t, "talent"), who.Firms[0]); !errors.Is(err, tier.ErrNotFound) {
			t.Errorf("somebody else's firm: %v", err)
		}
		abroad := auth.Actor{Kind: auth.Staff, ID: "x", Posts: []auth.Post{{Role: auth.Leader, DepartmentID: "sh-zw", Region: "371622"}}}
		if _, _, err := a.Tiers.Of(ctx, abroad, who.Firms[0]); !errors.Is(err, tier.ErrNotFound) {
			t.Errorf("a leader of another county: %v", err)
		}
	})
}

func TestTargets(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		head, leader, officer := a.Actor(t, "head-kj"), a.Actor(t, "leader"), a.Actor(t, "commissioner")
		in := tier.TargetInput{Rung: "leading", Number: 4}
		if err := a.Tiers.SetTarget(ctx, head, in); err != nil {
			t.Fatal(err)
		}
		own := in
		own.AccountID = officer.ID
		for _, c := range []struct {
			who  auth.Actor
			in   tier.TargetInput
			want error
		}{
			{leader, own, nil},
			{leader, in, tier.ErrStale}, // is there already
			{head, tier.TargetInput{Rung: "specialized", Number: 4}, tier.ErrForbidden},
			{officer, in, tier.ErrForbidden},
			{leader, tier.TargetInput{Rung: "unicorn", Number: 1}, tier.ErrForbidden}, // nobody gives a certificate
			{leader, tier.TargetInput{Rung: "nothing", Number: 1}, tier.ErrNotFound},
			{leader, tier.TargetInput{Rung: "leading", Number: -1}, tier.ErrInvalid},
			{leader, tier.TargetInput{Rung: "gazelle", AccountID: head.ID, Number: 1}, tier.ErrInvalid},
			{leader, tier.TargetInput{Rung: "leading", Number: 6, Version: 1}, nil},
			{leader, tier.TargetInput{Rung: "leading", Number: 7, Version: 1}, tier.ErrStale},
		} {
			if err := a.Tiers.SetTarget(ctx, c.who, c.in); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v, want %v", c.in, err, c.want)
			}
		}
		seen := func(who auth.Actor) []tier.Target {
			list, err := a.Tiers.Targets(ctx, who)
			if err != nil {
				t.Fatal(err)
			}
			return slices.DeleteFunc(list, func(t tier.Target) bool { return t.Key != in.Rung })
		}
		list := seen(officer)
		if len(list) != 2 || list[0].Number != 6 || list[1].AccountID != officer.ID || list[1].Done > list[0].Done {
			t.Fatalf("%+v", list)
		}
		if other := seen(a.Actor(t, "fuwu01")); len(other) != 1 {
			t.Errorf("another commissioner sees %d", len(other))
		}
		if err := a.Tiers.SetTarget(ctx, leader, tier.TargetInput{Rung: "leading", Version: 2}); err != nil {
			t.Fatal(err)
		}
		if list = seen(head); len(list) != 1 {
			t.Errorf("%d left", len(list))
		}
	})
}

// BenchmarkSweep answers all rungs for 100,000 firms.
func BenchmarkSweep(b *testing.B) {
	list, err := tier.Published().Exprs("2026-11-22")
	if err != nil {
		b.Fatal(err)
	}
	schema := tier.Published().Facts.Rules.Schema()
	table := engine.NewTable(schema)
	row := make([]engine.Value, len(schema.Attrs))
	for i := range 100_000 {
		for k, a := range schema.Attrs {
			n := int64((i*7919 + k*104_729) % 1000 * (1 + i%7))
			if a.Kind == engine.Set {
				n %= 1 << min(a.Members, 10)
			}
			row[k] = engine.Of(n)
			if (i+k)%11 == 0 {
				row[k] = engine.Value{}
			}
		}
		if _, err := table.Append(row); err != nil {
			b.Fatal(err)
		}
	}
	exprs := make([]*engine.Expr, len(list))
	for i, c := range list {
		exprs[i] = c.Expr
	}
	x := engine.NewIndex(table, engine.Compile(schema, exprs))
	for b.Loop() {
		x.Run(1)
	}
}
