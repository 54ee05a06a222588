package catalogue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/rules"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestLongConditionsOfABundleHold: two conditions that are as long as a person
// may write give one that is longer, and it still asks for the paper.
func TestLongConditionsOfABundleHold(t *testing.T) {
	t.Parallel()
	items, d := steps(), bundle()
	for i, it := range items[1:] {
		when := "answers.seals > 1 || " + strings.Repeat(fmt.Sprintf("answers.seals == %d.5 || ", i+2), 80) + "answers.seals == 0"
		if i == 1 {
			when = strings.ReplaceAll(when, "seals", "staff")
		}
		if len(when) > rules.MaxLength || 2*len(when) < rules.MaxLength {
			t.Fatalf("%d bytes: the test has become blind", len(when))
		}
		it.Materials[1].When, it.Materials[1].Name = when, text("同一份材料")
		items[i+1] = it
	}
	out, err := resolve(t, d, items)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Validate(); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(out.Materials, func(m catalogue.Material) bool { return m.Name.ZH == "同一份材料" })
	if i < 0 || len(out.Materials[i].When) <= rules.MaxLength || !rules.Holds(out.Materials[i].When, map[string]any{"has_staff": "no", "seals": 2.0}) {
		t.Errorf("%d %.80s", len(out.Materials[i].When), out.Materials[i].When)
	}
	one := items[1]
	one.Materials[1].When += strings.Repeat(" || answers.seals == 9", 30)
	if one.Validate() == nil {
		t.Error("a person may write a condition without end")
	}
}

// TestPaperOfAStepThatMayNotRun: what a step issues is asked for unless that
// step certainly runs, also while nobody has said whether it does.
func TestPaperOfAStepThatMayNotRun(t *testing.T) {
	t.Parallel()
	d := bundle()
	d.Bundle.Groups[0].Items[0].When, d.Bundle.Groups[1].Items[1].When = "answers.has_staff == 'yes'", "answers.has_staff == 'no'"
	items := steps()
	items[2].Materials = items[2].Materials[1:] // only B-1 asks for the licence
	out, err := resolve(t, d, items)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(out.Materials, func(m catalogue.Material) bool { return m.Name.ZH == "营业执照" })
	if i < 0 {
		t.Fatalf("%+v", out.Materials)
	}
	for want, answers := range map[bool][]map[string]any{
		true:  {{}, {"has_staff": "no"}, {"seals": 1.0}},
		false: {{"has_staff": "yes"}},
	} {
		for _, a := range answers {
			if rules.Holds(out.Materials[i].When, a) != want {
				t.Errorf("%s with %v is not %v", out.Materials[i].When, a, want)
			}
		}
	}
}

// TestQuestionsThatChooseMustBeAnswered: else the step is left out because
// somebody scrolled past it.
func TestQuestionsThatChooseMustBeAnswered(t *testing.T) {
	t.Parallel()
	d := bundle()
	d.Situation[0].Required = false
	out, err := resolve(t, d, steps())
	if err != nil {
		t.Fatal(err)
	}
	if f := errs.FieldsOf(out.Validate()); len(f) != 1 || f[0].Code != "catalogue.field.chooses" || f[0].Name != "form.has_staff.required" {
		t.Errorf("%+v", f)
	}
}

// TestLongNamesStayApart: fields of items with long codes, under ids that are
// cut to the same, are still two fields.
func TestLongNamesStayApart(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1144080000711712", 3) + "A1"
	d, items := bundle(), steps()
	d.Bundle.Same, d.Bundle.Groups[1].Items[0].Item = nil, long
	items[1].Code = long
	for i, name := range []string{"the_first_of_two_long_names_of_fields", "the_first_of_two_long_names_of_figures"} {
		a, b := items[0].Form.Sections[0].Fields[1], items[1].Form.Sections[0].Fields[1] // a choice, and a text under the same id
		a.ID, b.ID = name, name
		if i == 0 {
			a.When = ""
		}
		items[0].Form.Sections[0].Fields, items[1].Form.Sections[0].Fields = append(items[0].Form.Sections[0].Fields, a), append(items[1].Form.Sections[0].Fields, b)
	}
	out, err := resolve(t, d, items)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Validate(); err != nil {
		t.Fatalf("%+v", errs.FieldsOf(err))
	}
	fields := out.Bundle.Steps()[1].Fields
	x, y := fields["the_first_of_two_long_names_of_fields"], fields["the_first_of_two_long_names_of_figures"]
	if x == "" || y == "" || x == y || len(x) > 50 {
		t.Errorf("%q %q", x, y)
	}
}

// TestWhatDoesNotValidateIsNotComposed: an order with faults is refused before
// anybody fills it in.
func TestWhatDoesNotValidateIsNotComposed(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	var items []catalogue.Definition
	var codes []string
	for i := range 16 { // one field of all, each time under another long condition: more than the language reads
		d := steps()[0]
		d.Code, d.Name, d.Result.CertificateType = fmt.Sprintf("L-%02d", i), text(fmt.Sprintf("事项%02d", i)), ""
		d.Form.Sections[0].Fields[2].When = strings.Repeat(fmt.Sprintf("answers.site == 'own%02d' || ", i), 60) + "answers.site == 'own'"
		items, codes = append(items, d), append(codes, d.Code)
	}
	for i := range 4 { // bundles of all of them, each with a long choice
		y := bundle()
		y.Code, y.Name, y.Bundle.Same, y.Bundle.Groups = fmt.Sprintf("YL-%d", i), text(fmt.Sprintf("长%d", i)), nil, nil
		g := catalogue.Group{Key: "all", Name: text("都办")}
		for _, c := range codes {
			g.Items = append(g.Items, catalogue.Step{Item: c, When: strings.Repeat(fmt.Sprintf("answers.has_staff == '%s%d' || ", c, i), 50) + "answers.has_staff == 'yes'"})
		}
		y.Bundle.Groups = []catalogue.Group{g}
		items = append(items, y)
	}
	if _, err := b.Import(t.Context(), auth.SystemActor(), catalogue.Seed{Shelves: shelves, Items: items}); err != nil {
		t.Fatalf("%.500v", err)
	}
	refresh(t, b)
	if it, err := b.Together([]string{"YL-0", "L-01"}); err != nil || len(it.Bundle.Steps()) != 16 {
		t.Fatalf("one bundle of them: %.300v", err)
	}
	if _, err := b.Together([]string{"YL-0", "YL-1", "YL-2", "YL-3"}); !errors.Is(err, catalogue.ErrNotMerged) {
		t.Errorf("%.300v", err)
	}
}

// TestBundleThatCannotFollow: an item is published although a bundle does not
// hold together with it any more; the bundle stays what it was, on the record.
func TestBundleThatCannotFollow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		y := bundle()
		y.Bundle.Groups[1].Items[1].When = "answers.seals > 1" // a field of B-1
		seed := catalogue.Seed{Shelves: shelves, Items: append([]catalogue.Definition{y}, steps()...)}
		if _, err := b.Import(ctx, auth.SystemActor(), seed); err != nil {
			t.Fatal(err)
		}
		refresh(t, b)
		before, err := b.Item("Y-1")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(b.Findings(before.Definition)); slices.ContainsFunc(b.Findings(before.Definition), func(f catalogue.Finding) bool { return f.Code == "bundle_stale" }) {
			t.Errorf("stale among %d before anything happened", n)
		}
		changed := steps()[1]
		changed.Form.Sections[0].Fields = changed.Form.Sections[0].Fields[:2] // without the seals
		draft := b.save(t, author, changed, 0)
		if err := b.Publish(ctx, second, "B-1", draft.Version); err != nil {
			t.Fatalf("the item cannot be published: %v", err)
		}
		refresh(t, b)
		after, err := b.Item("Y-1")
		if err != nil || after.VersionID != before.VersionID {
			t.Fatalf("%+v %v", after, err)
		}
		if !slices.ContainsFunc(b.Findings(after.Definition), func(f catalogue.Finding) bool { return f.Code == "bundle_stale" && f.Level == catalogue.Fault }) {
			t.Errorf("nobody is told: %+v", b.Findings(after.Definition))
		}
		r, err := b.Report(ctx, author, "")
		if err != nil || !slices.ContainsFunc(r.Lint, func(l catalogue.LintCount) bool { return l.Code == "bundle_stale" && slices.Contains(l.Items, "Y-1") }) {
			t.Errorf("the report says nothing: %+v %v", r.Lint, err)
		}
		n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='catalogue.keep_bundle'`)
		if err != nil || n != 1 {
			t.Errorf("on the record %d times: %v", n, err)
		}
	})
}

// TestReservedCodes: nobody but the program makes items with codes of orders.
func TestReservedCodes(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t, dbtest.New(t)), t.Context()
	for _, code := range []string{"CART-0001", "cart-x"} {
		reserved := func(err error) bool {
			return slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Code == "catalogue.field.reserved" })
		}
		if _, err := b.SaveDraft(ctx, author, sample(code), 0); !reserved(err) {
			t.Errorf("a draft of %s: %v", code, err)
		}
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: shelves, Items: []catalogue.Definition{sample(code)}}); !reserved(err) {
			t.Errorf("a seed of %s: %v", code, err)
		}
		if err := b.Faults(sample(code)); !reserved(err) { // as sheets are checked
			t.Errorf("a sheet of %s: %v", code, err)
		}
	}
}

// TestSweepComposed: what no case names goes after a day, the rest stays.
func TestSweepComposed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := menu(t, d), t.Context()
		kept, err := compose(b, "A-1", "B-1")
		if err != nil {
			t.Fatal(err)
		}
		gone, err := compose(b, "A-1", "C-1")
		if err != nil {
			t.Fatal(err)
		}
		named := func(context.Context, []string) ([]string, error) { return []string{kept.VersionID}, nil }
		versions := func() int {
			t.Helper()
			n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM catalogue_version WHERE state='composed'`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := b.SweepComposed(ctx, named); err != nil || versions() != 2 {
			t.Fatalf("too early: %d %v", versions(), err)
		}
		b.clock.Advance(catalogue.ComposedAge + 1e9)
		again, err := compose(b, "A-1", "C-1") // somebody orders it just now
		if err != nil || again.VersionID != gone.VersionID {
			t.Fatalf("%+v %v", again, err)
		}
		if err := b.SweepComposed(ctx, named); err != nil || versions() != 2 {
			t.Fatalf("what was just kept: %d %v", versions(), err)
		}
		b.clock.Advance(catalogue.ComposedAge + 1e9)
		if err := b.SweepComposed(ctx, named); err != nil || versions() != 1 {
			t.Fatalf("%d %v", versions(), err)
		}
		if n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM catalogue_item WHERE state='composed'`); err != nil || n != 1 {
			t.Errorf("%d items are left: %v", n, err)
		}
		if _, err := compose(b, "A-1", "C-1"); err != nil {
			t.Errorf("after the sweep: %v", err)
		}
	})
}
