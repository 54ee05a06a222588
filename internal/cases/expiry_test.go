package cases_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestPaperWithALastDay: the day is asked for with the paper, one that is over
// does not serve, and an earlier paper past its day is not offered.
func TestPaperWithALastDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		const item, key = "WJ-0101", "health"
		k := b.start(t, who, item)
		b.Fill(t, who, k.ID) // hands in everything, with a day
		for _, f := range b.material(t, who, k.ID, key).Files {
			if err := b.Cases.Detach(b.ctx, who, k.ID, f.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Cases.SetUntil(b.ctx, who, k.ID, key, "2026-12-31"); !errors.Is(err, cases.ErrMaterial) {
			t.Fatalf("a day for nothing: %v", err)
		}
		b.attach(t, who, k.ID, key, "健康证.pdf", "")
		m := b.material(t, who, k.ID, key)
		if m.How != cases.Missing || m.Flaw != cases.ErrUntil {
			t.Fatalf("without a day: %+v", m)
		}
		if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); !errors.Is(err, cases.ErrIncomplete) {
			t.Fatalf("submitted without a day: %v", err)
		}
		for day, want := range map[string]error{"": cases.ErrUntil, "明年": cases.ErrUntil, "2026-03-01": cases.ErrPaperEnded, paper.Forever: nil, "2026-03-02": nil} {
			if err := b.Cases.SetUntil(b.ctx, who, k.ID, key, day); !errors.Is(err, want) {
				t.Errorf("%q: %v, want %v", day, err, want)
			}
		}
		if err := b.Cases.SetUntil(b.ctx, b.Actor(t, "talent"), k.ID, key, "2026-12-31"); !errors.Is(err, cases.ErrNotFound) {
			t.Fatalf("somebody else's: %v", err)
		}
		if err := b.Cases.SetUntil(b.ctx, who, k.ID, "no_such", "2026-12-31"); !errors.Is(err, cases.ErrMaterial) {
			t.Fatal(err)
		}
		if err := b.Cases.SetUntil(b.ctx, who, k.ID, key, "2026-03-20"); err != nil {
			t.Fatal(err)
		}
		if m = b.material(t, who, k.ID, key); m.How != cases.ByUpload || m.Until != "2026-03-20" {
			t.Fatalf("%+v", m)
		}
		if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}

		// Another case: offered to the last day, and no longer.
		other := b.start(t, who, item)
		b.Fill(t, who, other.ID)
		for _, f := range b.material(t, who, other.ID, key).Files {
			if err := b.Cases.Detach(b.ctx, who, other.ID, f.ID); err != nil {
				t.Fatal(err)
			}
		}
		m = b.material(t, who, other.ID, key)
		if len(m.Offers) != 1 || m.Offers[0].Until.String() != "2026-03-20" {
			t.Fatalf("%+v", m.Offers)
		}
		if err := b.Cases.Reuse(b.ctx, who, other.ID, key, m.Offers[0].CaseID, m.Offers[0].Key); err != nil {
			t.Fatal(err)
		}
		if m = b.material(t, who, other.ID, key); m.How != cases.ByEarlier || m.Until != "2026-03-20" {
			t.Fatalf("%+v", m)
		}
		b.Clock.Advance(20 * 24 * 3600 * 1e9) // to Sunday 22 March: the draft lay too long
		if m = b.material(t, who, other.ID, key); m.How != cases.Missing || m.Flaw != cases.ErrPaperEnded {
			t.Fatalf("past its day: %+v", m)
		}
		third := b.start(t, b.Actor(t, "agent"), item)
		if m = b.material(t, b.Actor(t, "agent"), third.ID, key); len(m.Offers) != 0 {
			t.Fatalf("offered past its day: %+v", m.Offers)
		}
	})
}
