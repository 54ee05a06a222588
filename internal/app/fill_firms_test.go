package app_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/demo/firms"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestFillFirms fills some invented firms, stops in the middle, goes on a day
// later and looks at what stands in the files: the people sign in and act for
// their firms, and commissioners find them.
func TestFillFirms(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, stop := context.WithCancel(t.Context())
		const n = 66 + 60
		if err := a.FillFirms(ctx, n, func(int, int) { stop() }); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped: %v", err)
		}
		today := workday.DateOf(a.Clock.Now())
		a.Clock.Set(a.Clock.Now().Add(24 * time.Hour))
		last := 0
		if err := a.FillFirms(t.Context(), n, func(done, total int) {
			if done <= last || total != n {
				t.Errorf("%d of %d after %d", done, total, last)
			}
			last = done
		}); err != nil || last != n {
			t.Fatalf("%d: %v", last, err)
		}
		ctx = t.Context()
		z, err := demo.Load()
		if err != nil {
			t.Fatal(err)
		}
		list, people := firms.Generate(z, n, today, firms.Seed)
		if got, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_enterprise`); err != nil || got != n {
			t.Fatalf("%d firms, %v", got, err)
		}
		for i, f := range list {
			e, err := a.Identity.EnterpriseByUSCC(ctx, f.USCC)
			if err != nil {
				t.Fatal(err)
			}
			actor := a.Actor(t, people[i].Login)
			if e.Name != f.Name || e.LegalRepresentative != people[i].Name.ZH || e.Region != f.Region || !actor.ActsFor(e.ID) {
				t.Errorf("%+v of %+v", e, actor)
			}
			if figures, err := a.Identity.Figures(ctx, e.ID); err != nil || len(figures) != len(f.Figures) {
				t.Errorf("%s: %d figures, %v", f.Name.ZH, len(figures), err)
			}
			onFile, err := a.Identity.Certificates(ctx, []string{e.ID})
			if err != nil || len(onFile) != len(f.Certificates) {
				t.Errorf("%s: %d certificates, %v", f.Name.ZH, len(onFile), err)
			}
		}
		for i, p := range []int{0, 24, 25, 59} { // on both sides of the stop
			who, err := a.Identity.SignIn(ctx, auth.Actor{From: "192.0.2.1"}, []string{people[p].Login, people[p].Phone, people[p].IDNumber, people[p].Login}[i], app.DemoPassword)
			if err != nil || who.Name != people[p].Name {
				t.Errorf("%s: %+v, %v", people[p].Login, who, err)
			}
		}
		if r, err := a.Audit.Verify(ctx); err != nil || r.Broken != nil {
			t.Errorf("audit: %+v %v", r.Broken, err)
		}
		if err := a.FillFirms(ctx, n, func(int, int) { t.Error("filled again") }); err != nil {
			t.Error(err)
		}
		if err := a.FillFirms(ctx, 10, func(int, int) { t.Error("fewer than there are") }); err != nil {
			t.Error(err)
		}
	})
}

// TestFillingTellsBoth: the bar covers firms and cases, and is gone at the end.
func TestFillingTellsBoth(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Filling.Plan(66+firmsMore, 3)
	var seen [][2]int
	look := func(int, int) {
		done, total := a.Filling.Now()
		seen = append(seen, [2]int{done, total})
	}
	if err := a.FillFirms(t.Context(), 66+firmsMore, look); err != nil {
		t.Fatal(err)
	}
	if err := a.FillHistory(t.Context(), 3, look); err != nil {
		t.Fatal(err)
	}
	want := [][2]int{{91, 96}, {93, 96}, {94, 96}, {95, 96}, {0, 0}}
	if len(seen) != len(want) {
		t.Fatalf("%v", seen)
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Errorf("%v, want %v", seen, want)
		}
	}
	if done, total := a.Filling.Now(); done != 0 || total != 0 {
		t.Errorf("%d of %d at the end", done, total)
	}
}

const firmsMore = 27

func BenchmarkFillFirms(b *testing.B) {
	for b.Loop() {
		a := apptest.New(b)
		if err := a.FillFirms(b.Context(), firms.All, func(int, int) {}); err != nil {
			b.Fatal(err)
		}
	}
}
