package catalogue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// situated has a situation, a fee that depends on it, and a material that
// depends on a number nobody is asked for on a guide page.
func situated() catalogue.Definition {
	d := copied(sample("KJ-0001"))
	d.Situation = []catalogue.Field{
		{ID: "has_canteen", Type: catalogue.FieldYesNo, Label: text("有食堂")},
		{ID: "canteen_size", Type: catalogue.FieldChoice, Label: text("食堂大小"), When: "answers.has_canteen == 'yes'", Options: []catalogue.Option{{Value: "small", Label: text("小")}, {Value: "large", Label: text("大")}}},
	}
	d.Form.Sections[0].Fields = append(d.Form.Sections[0].Fields,
		catalogue.Field{ID: "area", Type: catalogue.FieldNumber, Label: text("面积")},
		catalogue.Field{ID: "colour", Type: catalogue.FieldChoice, Label: text("颜色"), Options: []catalogue.Option{{Value: "red", Label: text("红")}}})
	need := func(key, when string) catalogue.Material {
		return catalogue.Material{Key: key, Name: text(key), Need: catalogue.Required, Kind: "document", Medium: "electronic", Source: "applicant", Standard: text("好"), When: when}
	}
	d.Materials = []catalogue.Material{
		need("always", ""), need("branch", "answers.has_branch == 'yes'"), need("plan", "answers.canteen_size == 'large'"),
		need("big", "answers.area > 300.0"), need("both", "answers.has_branch == 'yes' && answers.area > 300.0"),
	}
	d.Conditions = append(d.Conditions, catalogue.Condition{Text: text("食堂合格。"), When: "answers.has_canteen == 'yes'"})
	d.Fee = catalogue.Fee{Charged: true, Standard: text("100元"), Cases: []catalogue.FeeCase{{When: "answers.has_canteen == 'yes'", Standard: text("200元")}, {When: "answers.site == 'rented'", Standard: text("150元")}}}
	return d.WithDefaults()
}

func TestQuestionsAreWhatTheGuideDependsOn(t *testing.T) {
	t.Parallel()
	d := situated()
	var got []string
	for _, f := range d.Questions() {
		got = append(got, f.ID)
	}
	// Not the number, which is for the form; not the colour, on which nothing depends.
	if diff := cmp.Diff([]string{"has_canteen", "canteen_size", "has_branch", "site"}, got); diff != "" {
		t.Error(diff)
	}
	plain := sample("X-1")
	plain.Materials, plain.Flow.Stages = nil, nil
	if q := plain.Questions(); len(q) != 0 {
		t.Errorf("nothing depends on anything: %+v", q)
	}
}

func TestAnswersOfAnAddress(t *testing.T) {
	t.Parallel()
	q := situated().Questions()
	multi := catalogue.Field{ID: "kinds", Type: catalogue.FieldMulti, Label: text("种类"), Options: []catalogue.Option{{Value: "a"}, {Value: "b"}}}
	q = append(q, multi)
	for name, tt := range map[string]struct {
		values map[string][]string
		want   map[string]any
	}{
		"as offered":                        {map[string][]string{"has_branch": {"yes"}, "site": {"own"}}, map[string]any{"has_branch": "yes", "site": "own"}},
		"several":                           {map[string][]string{"kinds": {"b", "a", "b", "c"}}, map[string]any{"kinds": []any{"b", "a"}}},
		"not offered, unknown, empty":       {map[string][]string{"has_branch": {"maybe"}, "site": {""}, "odd": {"yes"}}, map[string]any{}},
		"to a question that is not asked":   {map[string][]string{"has_canteen": {"no"}, "canteen_size": {"large"}}, map[string]any{"has_canteen": "no"}},
		"to a question that is asked":       {map[string][]string{"has_canteen": {"yes"}, "canteen_size": {"large"}}, map[string]any{"has_canteen": "yes", "canteen_size": "large"}},
		"the first of two, where one holds": {map[string][]string{"site": {"rented", "own"}}, map[string]any{"site": "rented"}},
	} {
		if diff := cmp.Diff(tt.want, catalogue.Picked(q, tt.values)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestChoosing(t *testing.T) {
	t.Parallel()
	d := situated()
	for name, tt := range map[string]struct {
		answers    map[string]any
		materials  map[string]string
		conditions int
		fee        string
		feeCases   int
		tasks      int
	}{
		"nothing answered: all is open": {
			map[string]any{},
			map[string]string{"always": "", "branch": "answers.has_branch == 'yes'", "plan": "answers.canteen_size == 'large'", "big": "answers.area > 300.0", "both": "answers.has_branch == 'yes' && answers.area > 300.0"},
			2, "100元", 2, 3,
		},
		"all no: one answer decides of two, and a question not asked counts as no": {
			map[string]any{"has_canteen": "no", "has_branch": "no", "site": "own"},
			map[string]string{"always": "", "big": "answers.area > 300.0"},
			1, "100元", 0, 2,
		},
		"a branch: what hangs on the number stays open": {
			map[string]any{"has_canteen": "yes", "has_branch": "yes", "site": "rented"},
			map[string]string{"always": "", "branch": "", "plan": "answers.canteen_size == 'large'", "big": "answers.area > 300.0", "both": "answers.has_branch == 'yes' && answers.area > 300.0"},
			2, "200元", 0, 3,
		},
		"a later fee holds while an earlier is open": {
			map[string]any{"site": "rented", "has_branch": "no"},
			map[string]string{"always": "", "plan": "answers.canteen_size == 'large'", "big": "answers.area > 300.0"},
			2, "150元", 1, 3,
		},
	} {
		got := d.Choose(tt.answers)
		materials := map[string]string{}
		for _, m := range got.Materials {
			materials[m.Key] = m.When
		}
		tasks := 0
		for _, s := range got.Flow.Stages {
			tasks += len(s.Tasks)
		}
		if diff := cmp.Diff(tt.materials, materials); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(got.Conditions) != tt.conditions || got.Fee.Standard.ZH != tt.fee || len(got.Fee.Cases) != tt.feeCases || tasks != tt.tasks {
			t.Errorf("%s: %d conditions, fee %s and %d cases, %d tasks", name, len(got.Conditions), got.Fee.Standard.ZH, len(got.Fee.Cases), tasks)
		}
	}
	if len(d.Materials) != 5 || d.Materials[1].When == "" || len(d.Fee.Cases) != 2 || len(d.Flow.Stages[0].Tasks) != 2 {
		t.Error("choosing changed what others share")
	}
}

func TestToday(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind     catalogue.CaseType
		promised workday.Limit
		want     bool
	}{
		"instant":           {catalogue.Instant, workday.Limit{}, true},
		"one working day":   {catalogue.Promised, limit(1, workday.UnitWorkday), true},
		"four hours":        {catalogue.Promised, limit(4, workday.UnitHour), true},
		"thirty hours":      {catalogue.Promised, limit(30, workday.UnitHour), false},
		"two days":          {catalogue.Promised, limit(2, workday.UnitDay), false},
		"nothing is stated": {catalogue.Promised, workday.Limit{}, false},
	} {
		if got := (catalogue.Definition{CaseType: tt.kind, Promised: tt.promised}).Today(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
