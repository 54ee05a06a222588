package catalogue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
)

// withRows is a definition with a repeating section, formulas and checks.
func withRows(code string) catalogue.Definition {
	d := sample(code)
	d.Situation, d.Decision, d.Conditions = nil, catalogue.Wording{}, nil
	d.Flow, d.Materials = catalogue.Flow{}, nil
	d.Form = catalogue.Form{
		Sections: []catalogue.Section{
			{Key: "main", Title: text("内容"), Fields: []catalogue.Field{
				{ID: "capital", Type: catalogue.FieldMoney, Label: text("资本"), Required: true},
				{ID: "share_of", Type: catalogue.FieldNumber, Label: text("比"), Formula: "answers.total / answers.capital"},
				{ID: "why", Type: catalogue.FieldText, Label: text("原因"), When: "answers.share_of > 1"},
			}},
			{Key: "rows", Title: text("清单"), Repeat: &catalogue.Repeat{Row: text("行"), Min: 1, Max: 5, When: "answers.capital > 0"}, Fields: []catalogue.Field{
				{ID: "kind", Type: catalogue.FieldYesNo, Label: text("类型")},
				{ID: "paid", Type: catalogue.FieldMoney, Label: text("金额"), When: "row.kind == 'yes'"},
				{ID: "twice", Type: catalogue.FieldMoney, Label: text("两倍"), Formula: "row.paid * 2"},
			}, Checks: []catalogue.Check{{Rule: "row.paid < answers.capital", Message: text("少于资本"), Field: "paid"}}},
			{Key: "end", Title: text("合计"), Fields: []catalogue.Field{{ID: "total", Type: catalogue.FieldMoney, Label: text("合计"), Formula: "sum(answers.rows, 'paid')"}}},
		},
		Checks: []catalogue.Check{{When: "count(answers.rows) > 1", Rule: "answers.total <= answers.capital", Message: text("合计不超过资本"), Field: "total"}},
	}
	return d
}

func TestFormsOfRowsAndFormulas(t *testing.T) {
	t.Parallel()
	if err := withRows("R-1").Validate(); err != nil {
		t.Fatal(err)
	}
	units, circle := withRows("R-1").Form.Units()
	var order []string
	for _, u := range units {
		order = append(order, u.ID())
	}
	if !slices.Equal(order, []string{"capital", "rows", "total", "share_of", "why"}) || circle != nil {
		t.Errorf("%v %v", order, circle)
	}
	rows := func(d *catalogue.Definition) *catalogue.Section { return &d.Form.Sections[1] }
	for name, c := range map[string]struct {
		change func(d *catalogue.Definition)
		want   string
	}{
		"a circle":                   {func(d *catalogue.Definition) { d.Form.Sections[2].Fields[0].Formula = "answers.share_of + 1" }, "form.total.formula circle"},
		"a circle through rows":      {func(d *catalogue.Definition) { rows(d).Fields[2].Formula = "answers.total + 1" }, "form.rows.formula circle"},
		"a circle in a row":          {func(d *catalogue.Definition) { rows(d).Fields[2].Formula = "row.twice + 1" }, "form.rows.twice.formula circle"},
		"a text times two":           {func(d *catalogue.Definition) { d.Form.Sections[0].Fields[1].Formula = "answers.why * 2" }, "form.share_of.formula formula"},
		"no CEL":                     {func(d *catalogue.Definition) { rows(d).Fields[2].Formula = "row.paid *" }, "form.rows.twice.formula formula"},
		"a row outside of rows":      {func(d *catalogue.Definition) { d.Form.Sections[0].Fields[1].Formula = "row.paid" }, "form.share_of.formula answer"},
		"an answer nobody asks for":  {func(d *catalogue.Definition) { rows(d).Fields[2].Formula = "row.nosuch + answers.none" }, "form.rows.twice.formula answer"},
		"a sum of nothing":           {func(d *catalogue.Definition) { d.Form.Sections[2].Fields[0].Formula = "sum(answers.rows, 'nosuch')" }, "form.total.formula answer"},
		"a phone cannot be computed": {func(d *catalogue.Definition) { d.Form.Sections[2].Fields[0].Type = catalogue.FieldPhone }, "form.total.formula computed"},
		"computed and prefilled":     {func(d *catalogue.Definition) { d.Form.Sections[2].Fields[0].Prefill = "enterprise.name" }, "form.total.formula computed"},
		"a computed question": {func(d *catalogue.Definition) {
			d.Situation = []catalogue.Field{{ID: "q", Type: catalogue.FieldYesNo, Label: text("问"), Formula: "true"}}
		}, "form.q.formula computed"},
		"a row without a name":        {func(d *catalogue.Definition) { rows(d).Repeat.Row.ZH, rows(d).Repeat.Row.EN = "", "" }, "form.rows.repeat.row required"},
		"more rows than there may be": {func(d *catalogue.Definition) { rows(d).Repeat.Min = 9 }, "form.rows.repeat.max range"},
		"rows that wait for rows":     {func(d *catalogue.Definition) { rows(d).Repeat.When = "count(answers.rows) > 1" }, "form.rows.repeat.when later"},
		"two of one name in a row":    {func(d *catalogue.Definition) { rows(d).Fields[1].ID = "kind" }, "form.rows.kind.id twice"},
		"a field called row":          {func(d *catalogue.Definition) { rows(d).Fields[0].ID = "row" }, "form.rows.row.id twice"},
		"rows called as a field":      {func(d *catalogue.Definition) { rows(d).Key = "capital" }, "form.capital.key twice"},
		"a prefilled field in rows":   {func(d *catalogue.Definition) { rows(d).Fields[1].Prefill = "enterprise.name" }, "form.rows.paid.prefill unknown"},
		"rows from nowhere":           {func(d *catalogue.Definition) { rows(d).Repeat.Prefill = "enterprise.name" }, "form.rows.repeat.prefill unknown"},
		"a check that says nothing":   {func(d *catalogue.Definition) { d.Form.Checks[0].Message = text("") }, "checks.1.message chinese"},
		"a check that is no question": {func(d *catalogue.Definition) { d.Form.Checks[0].Rule = "answers.total + 1" }, "checks.1.rule condition"},
		"a check that adds up texts":  {func(d *catalogue.Definition) { rows(d).Checks[0].Rule = "row.kind > 5" }, "form.rows.checks.1.rule condition"},
		"a check of another place":    {func(d *catalogue.Definition) { d.Form.Checks[0].Field = "paid" }, "checks.1.field answer"},
		"a material reads a row": {func(d *catalogue.Definition) {
			d.Materials = []catalogue.Material{{Key: "m", Name: text("证"), Need: "required", Kind: "document", Medium: "paper", Source: "applicant", When: "row.paid > 1"}}
		}, "materials.m.when condition"},
	} {
		d := withRows("R-1")
		c.change(&d)
		var got []string
		for _, f := range errs.FieldsOf(d.Validate()) {
			got = append(got, f.Name+" "+strings.TrimPrefix(f.Code, "catalogue.field."))
		}
		if !slices.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestPrefillSources(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{
		"enterprise.name": true, "former": true, "case.KJ-0002.amount": true, "certificate.business_licence.number": true,
		"": false, "case.KJ-0002": false, "case.KJ-0002.": false, "certificate.x.secret": false, "other": false,
	} {
		if catalogue.PrefillFits(source) != want {
			t.Errorf("%q is not %v", source, want)
		}
	}
}

// TestABundleCarriesRows: the same rows are asked for once, others under a name
// of their own, and formulas, conditions and checks follow.
func TestABundleCarriesRows(t *testing.T) {
	t.Parallel()
	items := steps()
	a, b, c := withRows("A-1"), withRows("B-1"), withRows("C-1")
	a.Result.CertificateType, b.Result.CertificateType, c.Result.CertificateType = "", "", ""
	b.Form.Sections[1].Fields[1].Label = text("另一种金额") // other rows
	items[0], items[1], items[2] = a, b, c
	d := bundle()
	d.Bundle.Same = nil
	out, err := resolve(t, d, items)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Validate(); err != nil {
		t.Fatalf("%v", err)
	}
	whens := map[string]string{}
	for _, s := range out.Form.Sections {
		if s.Repeat != nil {
			whens[s.Key] = s.Repeat.When
		}
	}
	if len(whens) != 2 || whens["rows"] == "" || whens["b_1_rows"] != "answers.capital > 0" {
		t.Errorf("%v", whens)
	}
	total, ok := out.Field("b_1_total")
	if !ok || total.Formula != "sum(answers.b_1_rows, 'paid')" {
		t.Errorf("%+v", total)
	}
	if first, _ := out.Field("total"); first.Formula != "sum(answers.rows, 'paid')" {
		t.Errorf("%+v", first)
	}
	var checked []string
	for _, x := range out.Form.Checks {
		checked = append(checked, x.Field+": "+x.When)
	}
	want := []string{"total: count(answers.rows) > 1", "b_1_total: count(answers.b_1_rows) > 1", "c_1_total: (answers.has_staff == 'yes') && (count(answers.rows) > 1)"}
	if !slices.Equal(checked, want) {
		t.Errorf("%q", checked)
	}
	merged := map[string]any{"capital": 5.0, "rows": []any{map[string]any{"row": "r1"}}, "b_1_rows": []any{}, "b_1_total": 7.0, "total": 3.0}
	own := out.Bundle.Groups[1].Items[0].Own(&catalogue.Item{Definition: b}, merged)
	if own["total"] != 7.0 || own["rows"] == nil || len(own["rows"].([]any)) != 0 {
		t.Errorf("%v", own)
	}
}
