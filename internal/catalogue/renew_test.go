package catalogue_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// bundled has the bundle Y-1 and its three items published.
func bundled(t *testing.T, d *db.DB) (*bench, catalogue.Seed) {
	t.Helper()
	b := setup(t, d)
	seed := catalogue.Seed{Shelves: shelves, Items: append([]catalogue.Definition{bundle()}, steps()...)}
	if _, err := b.Import(t.Context(), auth.SystemActor(), seed); err != nil {
		t.Fatal(err)
	}
	refresh(t, b)
	return b, seed
}

func (b *bench) publish(t *testing.T, d catalogue.Definition) {
	t.Helper()
	if err := b.Publish(t.Context(), second, d.Code, b.save(t, author, d, 0).Version); err != nil {
		t.Fatalf("publish %s: %v %v", d.Code, err, errs.FieldsOf(err))
	}
	refresh(t, b)
}

// TestConditionsReadWhatIsAskedBefore: what a shared field depends on is asked
// before it, or it would never be asked for.
func TestConditionsReadWhatIsAskedBefore(t *testing.T) {
	t.Parallel()
	list, d := steps(), bundle()
	for i, kind := range []string{"kind_a", "kind_b"} {
		size := catalogue.Field{ID: "size", Type: catalogue.FieldNumber, Label: text("面积"), Required: true, When: "answers." + kind + " == 'yes'"}
		list[i].Form.Sections[0].Fields = []catalogue.Field{{ID: kind, Type: catalogue.FieldYesNo, Label: text(kind), Required: true}, size}
		list[i].Materials = nil
	}
	out, err := resolve(t, d, list)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Validate(); err != nil {
		t.Errorf("%v", errs.FieldsOf(err))
	}
	var order []string
	for _, s := range out.Form.Sections {
		for _, f := range s.Fields {
			order = append(order, s.Key+"."+f.ID)
		}
	}
	if want := []string{"situation.has_staff", "shared.kind_a", "shared.kind_b", "shared.size"}; !slices.Equal(order[:4], want) {
		t.Errorf("%v", order)
	}
	late := steps()[0]
	f := late.Form.Sections[0].Fields
	f[1], f[2] = f[2], f[1] // the area before the site that it depends on
	if bad := errs.FieldsOf(late.Validate()); len(bad) != 1 || bad[0].Code != "catalogue.field.later" {
		t.Errorf("%v", bad)
	}
}

// TestSituationIsNotAskedBecauseOfItself: a question of the bundle that one of
// its steps asks too, and that decides about this step, is asked when the bundle
// says so.
func TestSituationIsNotAskedBecauseOfItself(t *testing.T) {
	t.Parallel()
	list, d := steps(), bundle()
	d.Situation = append(d.Situation, catalogue.Field{ID: "urgent", Type: catalogue.FieldYesNo, Label: text("加急"), Required: true, When: "answers.has_staff == 'yes'"})
	d.Bundle.Groups[1].Items[1].When = "answers.has_staff == 'yes' && answers.urgent == 'yes'"
	list[2].Form.Sections[0].Fields = append(list[2].Form.Sections[0].Fields, catalogue.Field{ID: "urgent", Type: catalogue.FieldYesNo, Label: text("加急"), Required: true})
	list[2].Code = d.Bundle.Groups[1].Items[1].Item
	out, err := resolve(t, d, list)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Validate(); err != nil {
		t.Errorf("%v", errs.FieldsOf(err))
	}
	i := slices.IndexFunc(out.Form.Sections[0].Fields, func(f catalogue.Field) bool { return f.ID == "urgent" })
	if i < 0 || out.Form.Sections[0].Fields[i].When != "answers.has_staff == 'yes'" {
		t.Errorf("%+v", out.Form.Sections[0])
	}
}

// TestSuspendedStepBlocksNobody: while a step is suspended its neighbours, the
// step itself and whole seeds are published, and the bundle follows them.
func TestSuspendedStepBlocksNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, seed := bundled(t, d)
		ctx := t.Context()
		r, _, err := b.History(ctx, author, "C-1")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Suspend(ctx, author, "C-1", r.Version, "暂停受理"); err != nil {
			t.Fatal(err)
		}
		neighbour, mended := steps()[1], steps()[2]
		neighbour.Form.Sections[0].Fields = append(neighbour.Form.Sections[0].Fields, catalogue.Field{ID: "colour", Type: catalogue.FieldText, Label: text("颜色")})
		mended.Form.Sections[0].Fields = append(mended.Form.Sections[0].Fields, catalogue.Field{ID: "shape", Type: catalogue.FieldText, Label: text("形状")})
		b.publish(t, neighbour)
		b.publish(t, mended)
		if _, err := b.Item("Y-1"); err == nil {
			t.Error("the bundle is on the shelf without one of its steps")
		}
		if r, _, err = b.History(ctx, author, "C-1"); err != nil {
			t.Fatal(err)
		}
		if err := b.Resume(ctx, author, "C-1", r.Version); err != nil {
			t.Fatal(err)
		}
		refresh(t, b)
		y, err := b.Item("Y-1")
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"colour", "shape"} {
			if _, ok := y.Field(id); !ok {
				t.Errorf("the bundle does not ask for %s", id)
			}
		}
		if r, _, err = b.History(ctx, author, "C-1"); err != nil {
			t.Fatal(err)
		}
		if err := b.Suspend(ctx, author, "C-1", r.Version, "暂停受理"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Import(ctx, auth.SystemActor(), seed); err != nil {
			t.Errorf("a seed while a step is suspended: %v %v", err, errs.FieldsOf(err))
		}
		if r, _, err = b.History(ctx, author, "C-1"); err != nil {
			t.Fatal(err)
		}
		if err := b.Withdraw(ctx, author, "C-1", r.Version, catalogue.Stop{Reason: "取消"}); err != nil {
			t.Fatal(err)
		}
		seed.Items = slices.DeleteFunc(slices.Clone(seed.Items), func(d catalogue.Definition) bool { return d.Code == "C-1" })
		seed.Items[0].Summary = text("换一句话")
		if _, err := b.Import(ctx, auth.SystemActor(), seed); err != nil {
			t.Errorf("a seed after a step was withdrawn: %v %v", err, errs.FieldsOf(err))
		}
	})
}

// TestBundleAndItemPublishedAtOnce: whoever comes second sees what the first
// has published, so that the bundle never stays on a version that is gone.
func TestBundleAndItemPublishedAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: shelves, Items: steps()}); err != nil {
			t.Fatal(err)
		}
		refresh(t, b)
		y := b.save(t, author, bundle(), 0)
		changed := steps()[1]
		changed.Summary = text("改过的")
		item := b.save(t, author, changed, 0)
		done := make(chan error, 2)
		if d.Dialect() == db.Postgres { // the bundle's publishing stops after it has read its items: at the row of its draft
			held, release := make(chan error), make(chan struct{})
			go func() {
				_ = d.InTx(ctx, func(ctx context.Context) error {
					_, err := d.Exec(ctx, `UPDATE catalogue_version SET saved_at=saved_at WHERE id=$1`, y.ID)
					held <- err
					<-release
					return err
				})
			}()
			if err := <-held; err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(700*time.Millisecond, func() { close(release) })
		}
		go func() { done <- b.Publish(ctx, second, "Y-1", y.Version) }()
		time.Sleep(200 * time.Millisecond)
		go func() { done <- b.Publish(ctx, second, "B-1", item.Version) }()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Fatal(err)
		}
		refresh(t, b)
		whole, err := b.Item("Y-1")
		if err != nil {
			t.Fatal(err)
		}
		now, err := b.Item("B-1")
		if err != nil || whole.Bundle.Steps()[1].VersionID != now.VersionID {
			t.Errorf("the bundle runs under %s, published is %s: %v", whole.Bundle.Steps()[1].VersionID, now.VersionID, err)
		}
	})
}

// TestDraftOfABundleIsWhatPeopleWrote: editing a published bundle does not freeze
// what was put together from its items.
func TestDraftOfABundleIsWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	b, _ := bundled(t, dbtest.New(t))
	_, versions, err := b.History(t.Context(), author, "Y-1")
	if err != nil {
		t.Fatal(err)
	}
	d := versions[0].Definition
	d.Summary = text("改一个字")
	b.publish(t, d)
	slower := steps()[2]
	slower.Promised.N = 6
	b.publish(t, slower)
	y, err := b.Item("Y-1")
	if err != nil || y.Promised.N != 7 || y.Summary.ZH != "改一个字" {
		t.Errorf("the joint limit is %+v: %v", y.Promised, err)
	}
}

// TestComposedOfWhatIsNotOrderedAnyMore is refused at Submit, not run under the
// version that is gone.
func TestComposedOfWhatIsNotOrderedAnyMore(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	if _, err := b.Import(t.Context(), auth.SystemActor(), catalogue.Seed{Shelves: shelves, Items: steps()}); err != nil {
		t.Fatal(err)
	}
	refresh(t, b)
	it, err := compose(b, "B-1", "C-1")
	if err != nil {
		t.Fatal(err)
	}
	guide := steps()[1]
	guide.GuideOnly = true
	b.publish(t, guide)
	if _, err := b.Orderable(t.Context(), it); !errors.Is(err, catalogue.ErrNotForCart) {
		t.Errorf("%v", err)
	}
}
