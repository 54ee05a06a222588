package catalogue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// feed is everything that was told after a change, as "code kind number".
func (b *bench) feed(t *testing.T, after int64) []string {
	t.Helper()
	b.clock.Advance(2 * time.Second) // so that the snapshot is looked after
	r, err := b.Changes(t.Context(), after, 100)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for i, c := range r.Rows {
		if c.Seq != after+int64(i)+1 || c.At.IsZero() {
			t.Errorf("number %d after %d: %+v", c.Seq, after, c)
		}
		out = append(out, fmt.Sprint(c.Code, " ", c.Kind, " ", c.Number))
	}
	return out
}

func TestChangesTellEverythingOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		draft := b.save(t, author, renamed("新名称"), 0)
		if diff := cmp.Diff([]string{"KJ-0001 created 1"}, b.feed(t, 0)); diff != "" { // a draft is nobody's business
			t.Fatal(diff)
		}
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); err != nil {
			t.Fatal(err)
		}
		record, _, _ := b.History(ctx, author, "KJ-0001")
		if err := b.Suspend(ctx, author, "KJ-0001", record.Version, "检修"); err != nil {
			t.Fatal(err)
		}
		// What is published meanwhile comes to light when the item is back.
		draft = b.save(t, author, renamed("更新的名称"), 0)
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); err != nil {
			t.Fatal(err)
		}
		record, _, _ = b.History(ctx, author, "KJ-0001")
		if err := b.Resume(ctx, author, "KJ-0001", record.Version); err != nil {
			t.Fatal(err)
		}
		want := []string{"KJ-0001 updated 2", "KJ-0001 suspended 2", "KJ-0001 resumed 3"}
		if diff := cmp.Diff(want, b.feed(t, 1)); diff != "" {
			t.Error(diff)
		}
		if again := b.feed(t, 4); len(again) != 0 {
			t.Errorf("reading makes changes: %v", again)
		}
		one, err := b.Changes(ctx, 1, 1)
		if err != nil || len(one.Rows) != 1 || one.Next != "2" {
			t.Errorf("a page of one: %+v, %v", one, err)
		}
		if last, err := b.LastChanges(ctx, 2); err != nil || len(last) != 2 || last[0].Seq != 4 || last[1].Seq != 3 {
			t.Errorf("the newest: %+v, %v", last, err)
		}
		// What fails leaves no trace and no gap.
		b.failing = errors.New("a reaction fails")
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{sample("NEW-1")}}); !errors.Is(err, b.failing) {
			t.Fatal(err)
		}
		b.failing = nil
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{sample("NEW-1"), sample("NEW-2")}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"NEW-1 created 1", "NEW-2 created 1"}, b.feed(t, 4)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestWhatLeavesByItselfIsTold: an offer lapses, a bundle goes with its step.
func TestWhatLeavesByItselfIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		offered := sample("S-1")
		offered.Family, offered.Type, offered.BaseCode = catalogue.ScienceService, "", ""
		offered.Offer = &catalogue.Offer{Provider: text("院"), Price: text("面议"), Delivery: text("五天"), Qualifications: []catalogue.Qualification{{Name: text("资质"), Until: "2026-03-03"}}}
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: shelves, Items: append(steps(), bundle(), offered)}); err != nil {
			t.Fatal(err)
		}
		if got := b.feed(t, 0); len(got) != 5 {
			t.Fatalf("%v", got)
		}
		record, _, _ := b.History(ctx, author, "B-1")
		if err := b.Suspend(ctx, author, "B-1", record.Version, "检修"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"B-1 suspended 1", "Y-1 withdrawn 1"}, b.feed(t, 5)); diff != "" {
			t.Error(diff)
		}
		record, _, _ = b.History(ctx, author, "B-1")
		if err := b.Resume(ctx, author, "B-1", record.Version); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"B-1 resumed 1", "Y-1 resumed 1"}, b.feed(t, 7)); diff != "" {
			t.Error(diff)
		}
		b.clock.Advance(48 * time.Hour)
		if diff := cmp.Diff([]string{"S-1 withdrawn 1"}, b.feed(t, 9)); diff != "" {
			t.Error(diff)
		}
		// Whatever was not told for another reason is told now.
		if err := d.InTx(ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE catalogue_change SET number=0 WHERE code=$1`, "A-1")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(24 * time.Hour)
		if diff := cmp.Diff([]string{"A-1 updated 1"}, b.feed(t, 10)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestACopyHasNoGhosts publishes from several sides at once while somebody
// follows the feed: his copy ends up as what is there, and he never sees a
// number below one he has.
func TestACopyHasNoGhosts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		var writers sync.WaitGroup
		for w := range 4 {
			writers.Go(func() {
				for i := range 6 {
					if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{sample(fmt.Sprintf("W%d-%d", w, i)), sample(fmt.Sprintf("W%d-%dB", w, i))}}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { writers.Wait(); close(done) }()
		copied, after := []string{}, int64(0)
		for ended := false; ; {
			r, err := b.Changes(ctx, after, 5)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range r.Rows {
				if c.Seq != after+1 {
					t.Fatalf("after %d comes %d", after, c.Seq)
				}
				after = c.Seq
				copied = append(copied, c.Code)
			}
			if ended && len(r.Rows) == 0 {
				break
			}
			select {
			case <-done:
				ended = true
			default:
			}
		}
		if err := b.Load(ctx); err != nil {
			t.Fatal(err)
		}
		there := []string{}
		for _, it := range b.List(catalogue.Filter{}).Items {
			there = append(there, it.Code)
		}
		slices.Sort(copied)
		slices.Sort(there)
		if diff := cmp.Diff(there, copied); diff != "" || len(there) != 49 {
			t.Errorf("%d items: %s", len(there), diff)
		}
	})
}

func TestVisits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		var all []catalogue.Definition
		for i := range 25 {
			all = append(all, sample(fmt.Sprintf("V-%02d", i)))
		}
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: shelves, Items: all}); err != nil {
			t.Fatal(err)
		}
		if err := b.Load(ctx); err != nil {
			t.Fatal(err)
		}
		look := func(a auth.Actor, code string) {
			t.Helper()
			b.clock.Advance(time.Minute)
			it, err := b.Item(code)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Visit(ctx, a, it.ID); err != nil {
				t.Fatal(err)
			}
		}
		for _, it := range all {
			look(person, it.Code)
		}
		look(person, "V-07")
		look(clerk, "V-01")
		seen := func(a auth.Actor, n int) []string {
			t.Helper()
			items, err := b.Visited(ctx, a, n)
			if err != nil {
				t.Fatal(err)
			}
			out := []string{}
			for _, it := range items {
				out = append(out, it.Code)
			}
			return out
		}
		if diff := cmp.Diff([]string{"V-07", "V-24", "V-23"}, seen(person, 3)); diff != "" {
			t.Error(diff)
		}
		if n := len(seen(person, 100)); n != 20 {
			t.Errorf("%d visits are kept", n)
		}
		if got := seen(clerk, 5); len(got) != 0 {
			t.Errorf("of staff: %v", got)
		}
		if got := seen(auth.Actor{Kind: auth.Person, ID: "other"}, 5); len(got) != 0 {
			t.Errorf("of somebody else: %v", got)
		}
		record, _, _ := b.History(ctx, author, "V-07")
		if err := b.Suspend(ctx, author, "V-07", record.Version, "检修"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"V-24"}, seen(person, 1)); diff != "" {
			t.Error(diff)
		}
		b.clock.Advance(100 * 24 * time.Hour)
		look(person, "V-00")
		if diff := cmp.Diff([]string{"V-00"}, seen(person, 5)); diff != "" {
			t.Errorf("what was long ago: %s", diff)
		}
	})
}
