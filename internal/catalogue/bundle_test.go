package catalogue_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// steps are three items that share facts and papers: the first issues the
// licence that the others ask for.
func steps() []catalogue.Definition {
	field := func(id string, t catalogue.FieldType) catalogue.Field {
		return catalogue.Field{ID: id, Type: t, Label: text(id), Required: true}
	}
	paper := func(key, name string) catalogue.Material {
		return catalogue.Material{Key: key, Name: text(name), Need: catalogue.Optional, Kind: "document", Medium: "electronic", Copies: 1, Source: "applicant"}
	}
	item := func(code string, days int, fields []catalogue.Field, materials ...catalogue.Material) catalogue.Definition {
		d := sample(code)
		d.Name, d.Promised = text("事项"+code), limit(days, workday.UnitWorkday)
		d.Form = catalogue.Form{Sections: []catalogue.Section{{Key: "main", Title: text("内容"), Fields: fields}}}
		d.Flow, d.Decision, d.Materials, d.Result.CertificateType = catalogue.Flow{}, catalogue.Wording{}, materials, ""
		return d
	}
	licence := paper("licence", "营业执照")
	licence.SatisfiedBy = "business_licence"
	id := paper("id_card", "身份证")
	id.Need = catalogue.Required

	area := field("area", catalogue.FieldNumber)
	area.When = "answers.site == 'rented'"
	site := field("site", catalogue.FieldChoice)
	site.Options = []catalogue.Option{{Value: "own", Label: text("自有")}, {Value: "rented", Label: text("租用")}}
	otherSite := field("site", catalogue.FieldText) // the same id, another thing
	firm := field("firm", catalogue.FieldText)
	firm.Prefill = "enterprise.name"
	unit := field("unit_name", catalogue.FieldText)
	unit.Prefill = "enterprise.name"

	a := item("A-1", 1, []catalogue.Field{firm, site, area}, id)
	a.Result.CertificateType = "business_licence"
	lease := paper("lease", "租赁合同")
	lease.When = "answers.site == 'there'"
	b := item("B-1", 2, []catalogue.Field{unit, otherSite, field("seals", catalogue.FieldNumber)}, licence, paper("card", "身份证"), lease)
	c := item("C-1", 3, []catalogue.Field{field("company", catalogue.FieldText), field("staff", catalogue.FieldNumber)}, licence, paper("id_card", "法人身份证"))
	return []catalogue.Definition{a, b, c}
}

func bundle() catalogue.Definition {
	d := sample("Y-1")
	d.Family, d.Type, d.BaseCode, d.Form, d.Flow, d.Decision, d.Materials = catalogue.Bundled, "", "", catalogue.Form{}, catalogue.Flow{}, catalogue.Wording{}, nil
	d.Statutory, d.Promised, d.Conditions, d.Result.CertificateType = workday.Limit{}, workday.Limit{}, nil, ""
	d.Situation = []catalogue.Field{{ID: "has_staff", Type: catalogue.FieldYesNo, Label: text("有职工"), Required: true}}
	d.Bundle = &catalogue.Bundle{
		Groups: []catalogue.Group{
			{Key: "first", Name: text("登记"), Items: []catalogue.Step{{Item: "A-1"}}},
			{Key: "then", Name: text("其余"), Items: []catalogue.Step{{Item: "B-1"}, {Item: "C-1", When: "answers.has_staff == 'yes'"}}},
		},
		Same: []catalogue.Same{{ID: "firm", Fields: []string{"C-1.company"}}},
	}
	return d
}

func resolve(t *testing.T, d catalogue.Definition, items []catalogue.Definition) (catalogue.Definition, error) {
	t.Helper()
	return catalogue.Resolve(d, func(code string) (*catalogue.Item, error) {
		for _, it := range items {
			if it.Code == code {
				return &catalogue.Item{ID: code, VersionID: "v-" + code, Definition: it.WithDefaults()}, nil
			}
		}
		return nil, catalogue.ErrNotFound
	})
}

func TestBundleAsksEachFactOnce(t *testing.T) {
	t.Parallel()
	d, err := resolve(t, bundle(), steps())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err != nil {
		t.Fatalf("the merged bundle has faults: %v", err)
	}
	type shown struct{ Section, ID, When string }
	var got []shown
	for _, s := range d.Form.Sections {
		for _, f := range s.Fields {
			got = append(got, shown{s.Key, f.ID, f.When})
		}
	}
	want := []shown{
		{"situation", "has_staff", ""},
		{"shared", "firm", ""}, // of all three: by prefill, and by the word of the bundle
		{"a_1", "site", ""},
		{"a_1", "area", "answers.site == 'rented'"},
		{"b_1", "b_1_site", ""},
		{"b_1", "seals", ""},
		{"c_1", "staff", "answers.has_staff == 'yes'"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	papers := map[string]string{}
	for _, m := range d.Materials {
		papers[m.Key] = string(m.Need) + " " + m.When
	}
	wantPapers := map[string]string{
		"id_card":   "required ",                            // of A and B, by name; A asks for it in any case
		"lease":     "optional answers.b_1_site == 'there'", // the condition follows its field
		"id_card_2": "optional answers.has_staff == 'yes'",  // the same key, another paper
	}
	if diff := cmp.Diff(wantPapers, papers); diff != "" {
		t.Error(diff)
	}
	if s := d.Bundle.Steps(); s[1].Materials["licence"] != "" || s[1].Materials["card"] != "id_card" || s[2].Fields["company"] != "firm" || s[1].VersionID != "v-B-1" {
		t.Errorf("%+v", s)
	}
	if d.Promised != limit(4, workday.UnitWorkday) { // one, then the slower of two and three
		t.Errorf("promised %+v", d.Promised)
	}
	if src := d.Source(); len(src.Form.Sections) != 0 || src.Promised.N != 0 || src.Bundle.Steps()[0].VersionID != "" || len(src.Conditions) != 0 {
		t.Errorf("what people wrote is mixed with what was merged: %+v", src)
	}
	it := &catalogue.Item{Definition: steps()[1]}
	own := d.Bundle.Steps()[1].Own(it, map[string]any{"firm": "渤海", "b_1_site": "there", "site": "own", "staff": 3.0, "seals": 2.0})
	if diff := cmp.Diff(map[string]any{"unit_name": "渤海", "site": "there", "seals": 2.0}, own); diff != "" {
		t.Error(diff)
	}
}

func TestBundleFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*catalogue.Bundle)
		code   string
	}{
		"an item that is not there": {func(b *catalogue.Bundle) { b.Groups[0].Items[0].Item = "Z-9" }, "unknown"},
		"an item twice":             {func(b *catalogue.Bundle) { b.Groups[0].Items[0].Item = "B-1" }, "twice"},
		"one item alone":            {func(b *catalogue.Bundle) { b.Groups = b.Groups[:1]; b.Same = nil }, "steps"},
		"a condition on nothing":    {func(b *catalogue.Bundle) { b.Groups[1].Items[0].When = "answers.nothing == 'yes'" }, "answer"},
		"a fact of a stranger":      {func(b *catalogue.Bundle) { b.Same[0].Fields[0] = "Z-9.firm" }, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := bundle()
			tt.change(d.Bundle)
			d, err := resolve(t, d, steps())
			if err == nil {
				err = d.Validate()
			}
			fields := errs.FieldsOf(err)
			if len(fields) == 0 || fields[0].Code != "catalogue.field."+tt.code {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestBundleFollowsItsItems: a new version of an item renews the bundles that
// have it, in one transaction, and a bundle goes when a step goes.
func TestBundleFollowsItsItems(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		seed := catalogue.Seed{Shelves: shelves, Items: append([]catalogue.Definition{bundle()}, steps()...)}
		if got, err := b.Import(ctx, auth.SystemActor(), seed); err != nil || got.Created != 4 {
			t.Fatalf("%+v %v", got, err)
		}
		if got, err := b.Import(ctx, auth.SystemActor(), seed); err != nil || got.Unchanged != 4 {
			t.Fatalf("the same again: %+v %v", got, err)
		}
		refresh(t, b)
		before, err := b.Item("Y-1")
		if err != nil || len(before.Form.Sections) == 0 {
			t.Fatalf("%+v %v", before, err)
		}
		changed := steps()[1]
		changed.Form.Sections[0].Fields = append(changed.Form.Sections[0].Fields, catalogue.Field{ID: "colour", Type: catalogue.FieldText, Label: text("颜色")})
		draft, err := b.SaveDraft(ctx, author, changed, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(ctx, second, "B-1", draft.Version); err != nil {
			t.Fatal(err)
		}
		refresh(t, b)
		after, err := b.Item("Y-1")
		if err != nil || after.Version != before.Version+1 {
			t.Fatalf("version %d after %d, %v", after.Version, before.Version, err)
		}
		if _, ok := after.Field("colour"); !ok {
			t.Error("the bundle does not ask for what its item asks for now")
		}
		if old, err := b.Version(ctx, before.VersionID); err != nil || len(old.Bundle.Steps()) != 3 {
			t.Errorf("the version of running cases: %v", err)
		}
		r, _, err := b.History(ctx, author, "C-1")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Suspend(ctx, author, "C-1", r.Version, "暂停受理"); err != nil {
			t.Fatal(err)
		}
		refresh(t, b)
		if _, err := b.Item("Y-1"); err == nil {
			t.Error("a bundle is on the shelf without one of its steps")
		}
	})
}

func refresh(t *testing.T, b *bench) {
	t.Helper()
	if err := b.Refresh(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}
