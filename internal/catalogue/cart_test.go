package catalogue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// menu has the three items of the bundle tests, the bundle of them, and two more bundles.
func menu(t *testing.T, d *db.DB) *bench {
	t.Helper()
	b := setup(t, d)
	other := bundle()
	other.Code, other.Name = "Y-2", text("另一件事")
	other.Situation = []catalogue.Field{{ID: "has_staff", Type: catalogue.FieldNumber, Label: text("几名职工"), Required: true}} // the same id, another question
	other.Bundle = &catalogue.Bundle{Groups: []catalogue.Group{
		{Key: "one", Name: text("先"), Items: []catalogue.Step{{Item: "B-1"}}},
		{Key: "two", Name: text("后"), Items: []catalogue.Step{{Item: "D-1", When: "answers.has_staff > 3"}}},
	}}
	against := bundle() // wants A after B
	against.Code, against.Name, against.Situation = "Y-3", text("反过来"), nil
	against.Bundle = &catalogue.Bundle{Groups: []catalogue.Group{
		{Key: "one", Name: text("先"), Items: []catalogue.Step{{Item: "B-1"}}},
		{Key: "two", Name: text("后"), Items: []catalogue.Step{{Item: "A-1"}}},
	}}
	four := steps()[2]
	four.Code, four.Name, four.Audience = "D-1", text("事项D-1"), []catalogue.Audience{catalogue.ForEnterprise, catalogue.ForPerson}
	people := steps()[2]
	people.Code, people.Name, people.Audience = "P-1", text("个人事项"), []catalogue.Audience{catalogue.ForPerson}
	offline := steps()[2]
	offline.Code, offline.Name, offline.Channels = "W-1", text("只在窗口"), []catalogue.Channel{catalogue.AtWindow}
	items := append([]catalogue.Definition{bundle(), other, against, four, people, offline}, steps()...)
	if _, err := b.Import(t.Context(), auth.SystemActor(), catalogue.Seed{Shelves: shelves, Items: items}); err != nil {
		for _, f := range errs.FieldsOf(err) {
			t.Log(f.Name, f.Code, f.Params)
		}
		t.Fatal(err)
	}
	refresh(t, b)
	return b
}

// groups writes the steps of a composed bundle: A|B C.
func groups(it *catalogue.Item) string {
	var out []string
	for _, g := range it.Bundle.Groups {
		var codes []string
		for _, s := range g.Items {
			code := s.Item
			if s.When != "" {
				code += "?"
			}
			codes = append(codes, code)
		}
		out = append(out, strings.Join(codes, " "))
	}
	return strings.Join(out, "|")
}

func TestTogether(t *testing.T) {
	t.Parallel()
	b := menu(t, dbtest.New(t))
	for name, tt := range map[string]struct {
		codes []string
		want  string
		err   error
	}{
		"items go side by side":                          {codes: []string{"B-1", "A-1"}, want: "A-1 B-1"},
		"one twice is once":                              {codes: []string{"B-1", "A-1", "B-1"}, want: "A-1 B-1"},
		"a bundle brings its groups":                     {codes: []string{"Y-1", "D-1"}, want: "D-1 A-1|B-1 C-1?"},
		"a step of the bundle is not ordered twice":      {codes: []string{"Y-1", "B-1"}, want: "A-1|B-1 C-1?"},
		"ordered by itself too, it is taken in any case": {codes: []string{"Y-1", "C-1"}, want: "A-1|C-1 B-1"},
		"two bundles keep both orders":                   {codes: []string{"Y-1", "Y-2"}, want: "A-1|B-1 C-1?|D-1?"},
		"bundles that contradict each other still end":   {codes: []string{"Y-1", "Y-3"}, want: "B-1|A-1 C-1?"},
		"nobody can ask for both":                        {codes: []string{"P-1", "B-1"}, err: catalogue.ErrNotTogether},
		"not ordered here":                               {codes: []string{"W-1", "B-1"}, err: catalogue.ErrNotForCart},
		"not there":                                      {codes: []string{"Z-9", "B-1"}, err: catalogue.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			it, err := b.Together(tt.codes)
			if !errors.Is(err, tt.err) {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if got := groups(it); got != tt.want && name != "bundles that contradict each other still end" || len(it.Bundle.Steps()) < 2 {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if err := it.Validate(); err != nil {
				t.Errorf("what was composed has faults: %v", err)
			}
		})
	}
	both, err := b.Together([]string{"Y-1", "Y-2"})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := both.Field("y_2_has_staff"); !ok || both.Bundle.Groups[2].Items[0].When != "answers.y_2_has_staff > 3" {
		t.Errorf("two questions under one id became one: %+v", both.Bundle.Groups[2])
	}
	if one, err := b.Together([]string{"B-1", "B-1"}); err != nil || one.Code != "B-1" {
		t.Errorf("one item alone: %v %v", one, err)
	}
}

// compose puts items together and keeps what comes out.
func compose(b *bench, codes ...string) (*catalogue.Item, error) {
	it, err := b.Together(codes)
	if err != nil {
		return nil, err
	}
	return b.Keep(context.Background(), it)
}

// TestComposed: the same items are the same version, hidden from everybody, and
// a new version of one of them is a new version of the order.
func TestComposed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := menu(t, d), t.Context()
		before := len(b.List(catalogue.Filter{}).Items)
		first, err := compose(b, "A-1", "B-1")
		if err != nil {
			t.Fatal(err)
		}
		again, err := compose(b, "B-1", "A-1")
		if err != nil || again.VersionID != first.VersionID || again.ID != first.ID {
			t.Fatalf("%v, %v: %v", again.VersionID, first.VersionID, err)
		}
		var wg sync.WaitGroup
		made := make([]*catalogue.Item, 4)
		for i := range made {
			wg.Go(func() { made[i], _ = compose(b, "A-1", "C-1") })
		}
		wg.Wait()
		for _, it := range made {
			if it == nil || it.VersionID != made[0].VersionID {
				t.Errorf("at one moment: %+v", made)
			}
		}
		if err := b.Load(ctx); err != nil {
			t.Fatal(err)
		}
		if n := len(b.List(catalogue.Filter{}).Items); n != before {
			t.Errorf("%d items, were %d", n, before)
		}
		if _, err := b.Item(first.Code); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("it stands on a shelf: %v", err)
		}
		if slices.ContainsFunc(b.Snapshot().BundlesWith("A-1"), func(it *catalogue.Item) bool { return it.Bundle.Cart }) {
			t.Error("a guide offers what somebody composed")
		}
		records, err := b.Records(ctx, author)
		if err != nil || len(records) != before {
			t.Errorf("administrators see %d of %d: %v", len(records), before, err)
		}
		if it, err := b.Version(ctx, first.VersionID); err != nil || !it.Bundle.Cart || it.Decision.Grant.IsZero() {
			t.Fatalf("%+v %v", it, err)
		}
		changed := steps()[1]
		changed.Form.Sections[0].Fields = append(changed.Form.Sections[0].Fields, catalogue.Field{ID: "colour", Type: catalogue.FieldText, Label: text("颜色")})
		draft := b.save(t, author, changed, 0)
		if err := b.Publish(ctx, second, "B-1", draft.Version); err != nil {
			t.Fatal(err)
		}
		refresh(t, b)
		renewed, err := b.Renewed(first)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := renewed.Field("colour"); !ok {
			t.Error("a draft does not follow its items")
		}
		now, err := b.Orderable(ctx, first)
		if err != nil || now.ID != first.ID || now.VersionID == first.VersionID {
			t.Fatalf("%+v %v", now, err)
		}
		if old, err := b.Version(ctx, first.VersionID); err != nil {
			t.Error(err)
		} else if _, ok := old.Field("colour"); ok {
			t.Error("a version that was ordered under has changed")
		}
		r, _, err := b.History(ctx, author, "A-1")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Suspend(ctx, author, "A-1", r.Version, "暂停受理"); err != nil {
			t.Fatal(err)
		}
		refresh(t, b)
		if _, err := b.Orderable(ctx, now); !errors.Is(err, catalogue.ErrSuspended) {
			t.Errorf("ordered with a suspended step: %v", err)
		}
	})
}

func TestCart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := menu(t, d), t.Context()
		codes := func() string {
			t.Helper()
			items, err := b.Cart(ctx, person)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, it := range items {
				out = append(out, it.Code)
			}
			return strings.Join(out, " ")
		}
		if err := b.AddToCart(ctx, person, "B-1", "A-1"); err != nil {
			t.Fatal(err)
		}
		if err := b.AddToCart(ctx, person, "B-1"); err != nil || codes() != "B-1 A-1" {
			t.Errorf("%s %v", codes(), err)
		}
		if err := b.AddToCart(ctx, person, "C-1", "W-1"); !errors.Is(err, catalogue.ErrNotForCart) || codes() != "B-1 A-1" {
			t.Errorf("part of what was refused stays: %s %v", codes(), err)
		}
		if err := b.AddToCart(ctx, clerk, "B-1"); !errors.Is(err, catalogue.ErrForbidden) {
			t.Errorf("a clerk: %v", err)
		}
		b.clock.Advance(time.Minute)
		if err := b.MergeCart(ctx, person.ID, []string{"A-1", "Z-9", "W-1", "C-1"}); err != nil || codes() != "B-1 A-1 C-1" {
			t.Errorf("merged: %s %v", codes(), err)
		}
		if err := b.DropFromCart(ctx, person, "A-1", "Z-9"); err != nil || codes() != "B-1 C-1" {
			t.Errorf("%s %v", codes(), err)
		}
	})
}

// TestAnythingCanBeOrderedTogether composes random sets of the demonstration's
// items: whatever is in the cart, the form and papers that come out are sound.
func TestAnythingCanBeOrderedTogether(t *testing.T) {
	t.Parallel()
	zone, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	b := setup(t, dbtest.New(t))
	if _, err := b.Import(t.Context(), auth.SystemActor(), catalogue.Seed{Shelves: zone.Shelves, Themes: zone.Themes, Items: zone.Items}); err != nil {
		t.Fatal(err)
	}
	refresh(t, b)
	all := slices.DeleteFunc(b.Popular(10_000), func(it *catalogue.Item) bool { return !it.ForCart() })
	rng, composed := rand.New(rand.NewPCG(1, 2)), 0 //nolint:gosec // a fixed course, so that a failure repeats
	for range 150 {
		var codes []string
		for range 2 + rng.IntN(4) {
			codes = append(codes, all[rng.IntN(len(all))].Code)
		}
		it, err := b.Together(codes)
		if errors.Is(err, catalogue.ErrNotTogether) {
			continue
		}
		if err != nil {
			t.Fatalf("%v: %v", codes, err)
		}
		composed++
		for _, f := range errs.FieldsOf(it.Validate()) {
			t.Errorf("%v: %s %s %s", codes, f.Name, f.Code, fmt.Sprint(f.Params))
		}
	}
	if composed < 50 {
		t.Errorf("only %d could be composed: the test has become blind", composed)
	}
}
