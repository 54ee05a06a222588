package forms_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

const day = "2026-11-21"

func text(s string) i18n.Text { return i18n.Text{ZH: s, EN: s} }

func num(n float64) *float64 { return &n }

// item asks for a firm and its shareholders, and works out what they hold.
func item() *catalogue.Item {
	it := &catalogue.Item{}
	it.Form = catalogue.Form{
		Sections: []catalogue.Section{
			{Key: "firm", Title: text("企业"), Fields: []catalogue.Field{
				{ID: "capital", Type: catalogue.FieldMoney, Label: text("注册资本"), Required: true},
				{ID: "level", Type: catalogue.FieldChoice, Label: text("规模"), Formula: "answers.total >= 1000 ? 'big' : 'small'", Options: []catalogue.Option{{Value: "big", Label: text("大")}, {Value: "small", Label: text("小")}}},
				{ID: "why_big", Type: catalogue.FieldText, Label: text("说明"), When: "answers.level == 'big'", Required: true},
				{ID: "owned", Type: catalogue.FieldYesNo, Label: text("有股东"), Required: true},
			}},
			{
				Key: "holders", Title: text("股东"),
				Repeat: &catalogue.Repeat{Row: text("股东"), Min: 1, Max: 3, When: "answers.owned == 'yes'"},
				Fields: []catalogue.Field{
					{ID: "kind", Type: catalogue.FieldChoice, Label: text("类型"), Required: true, Options: []catalogue.Option{{Value: "firm", Label: text("单位")}, {Value: "person", Label: text("个人")}}},
					{ID: "name", Type: catalogue.FieldText, Label: text("名称"), Required: true, Max: num(10)},
					{ID: "uscc", Type: catalogue.FieldUSCC, Label: text("代码"), Required: true, When: "row.kind == 'firm'"},
					{ID: "paid", Type: catalogue.FieldMoney, Label: text("出资"), Required: true},
					{ID: "share", Type: catalogue.FieldPercent, Label: text("比例"), Formula: "round(row.paid / answers.capital * 100, 2)"},
				},
				Checks: []catalogue.Check{{When: "row.kind == 'person'", Rule: "row.paid <= 500", Message: text("个人出资不超过 500"), Field: "paid"}},
			},
			{Key: "sum", Title: text("合计"), Fields: []catalogue.Field{
				{ID: "total", Type: catalogue.FieldMoney, Label: text("出资合计"), Formula: "sum(answers.holders, 'paid')", Required: true},
				{ID: "until", Type: catalogue.FieldDate, Label: text("到"), Formula: "plusMonths(today, 6)"},
			}},
		},
		Checks: []catalogue.Check{{Rule: "answers.total == answers.capital", Message: text("合计应当等于注册资本"), Field: "total"}},
	}
	return it
}

func two() forms.Typed {
	return forms.Typed{
		"capital": {"1000.30"}, "owned": {"yes"}, "why_big": {"因为"},
		"holders":         {"r1", "r2"},
		"holders.r1.kind": {"person"}, "holders.r1.name": {"张三"}, "holders.r1.paid": {"300.10"},
		"holders.r2.kind": {"firm"}, "holders.r2.name": {"甲公司"}, "holders.r2.uscc": {"91371671MA3T00000D"}, "holders.r2.paid": {"700.20"},
	}
}

func codes(bad []errs.Field) []string {
	var out []string
	for _, b := range bad {
		out = append(out, b.Name+" "+strings.TrimPrefix(b.Code, "cases.field."))
	}
	return out
}

func with(t forms.Typed, kv ...string) forms.Typed {
	t = t.Clone()
	for i := 0; i < len(kv); i += 2 {
		if kv[i+1] == "" {
			delete(t, kv[i])
		} else {
			t[kv[i]] = strings.Split(kv[i+1], "|")
		}
	}
	return t
}

func TestReadRowsAndFormulas(t *testing.T) {
	t.Parallel()
	typed := two()
	typed["holders.r2.uscc"] = forms.Sample(item(), map[string]any{"owned": "yes", "holders": []any{map[string]any{"row": "r2", "kind": "firm"}}}, 1)["holders.r2.uscc"]
	answers, bad := forms.Read(item(), typed, day)
	if len(bad) > 0 {
		t.Fatalf("%v", codes(bad))
	}
	rows := forms.RowsOf(answers["holders"])
	if len(rows) != 2 || rows[0]["share"] != 30.0 || rows[1]["share"] != 70.0 || rows[0]["row"] != "r1" || rows[0]["uscc"] != nil || rows[1]["uscc"] == nil {
		t.Errorf("%v", rows)
	}
	if answers["total"] != 1000.3 || answers["level"] != "big" || answers["until"] != "2027-05-21" || answers["why_big"] != "因为" {
		t.Errorf("%v", answers)
	}
	// What the browser says about a computed value does not count.
	typed["total"], typed["holders.r1.share"] = []string{"5"}, []string{"99"}
	kept := forms.KeepKnown(item(), url.Values(typed))
	if kept["total"] != nil || kept["holders.r1.share"] != nil {
		t.Errorf("kept %v", kept)
	}
	if again, _ := forms.Read(item(), typed, day); !reflect.DeepEqual(again, answers) {
		t.Errorf("%v", again)
	}
	// As JSON and back it is the same.
	raw, _ := json.Marshal(answers)
	var back map[string]any
	_ = json.Unmarshal(raw, &back)
	if again, bad := forms.Read(item(), forms.FromAnswers(back), day); !reflect.DeepEqual(again, answers) || len(bad) > 0 {
		t.Errorf("%v %v", again, codes(bad))
	}
}

func TestComplaints(t *testing.T) {
	t.Parallel()
	ok := two()
	ok["holders.r2.uscc"] = forms.Sample(item(), map[string]any{"owned": "yes", "holders": []any{map[string]any{"row": "r2", "kind": "firm"}}}, 1)["holders.r2.uscc"]
	for name, c := range map[string]struct {
		typed forms.Typed
		want  []string
	}{
		"all well":                        {ok, nil},
		"a row lacks a name":              {with(ok, "holders.r1.name", ""), []string{"holders.r1.name required"}},
		"a name too long":                 {with(ok, "holders.r1.name", "一二三四五六七八九十一"), []string{"holders.r1.name long"}},
		"a sum that is not right":         {with(ok, "holders.r1.paid", "300"), []string{"total rule"}},
		"a check of a row":                {with(ok, "holders.r1.paid", "600", "capital", "1300.20"), []string{"holders.r1.paid rule"}},
		"an empty row counts for nothing": {with(ok, "holders", "r1|r2|r3"), nil},
		"too many rows": {with(ok, "holders", "r1|r2|r3|r4", "holders.r3.kind", "person", "holders.r3.name", "丙", "holders.r3.paid", "0", "holders.r4.kind", "person", "holders.r4.name", "丁", "holders.r4.paid", "0"), []string{
			"holders rows_many",
		}},
		"no rows":                   {with(ok, "holders", ""), []string{"holders rows_few", "total rule"}},
		"one empty row":             {forms.Typed{"capital": {"1"}, "owned": {"yes"}, "holders": {"n1"}}, []string{"holders.n1.kind required", "holders.n1.name required", "holders.n1.paid required", "total rule"}},
		"rows not asked for":        {with(ok, "owned", "no"), []string{"total waits"}},
		"shares over a hundred":     {with(ok, "capital", "100"), []string{"holders.r1.share range", "holders.r2.share range", "total rule"}},
		"what nobody can divide by": {with(ok, "capital", "0"), []string{"holders.r1.share computed", "holders.r2.share computed", "total rule"}},
	} {
		if _, bad := forms.Read(item(), c.typed, day); !slices.Equal(codes(bad), c.want) {
			t.Errorf("%s: %v, want %v", name, codes(bad), c.want)
		}
	}
}

// TestNothingPassesOnAGuess: a rule or formula that cannot be evaluated stops
// the form, and one in a circle gives nothing.
func TestNothingPassesOnAGuess(t *testing.T) {
	t.Parallel()
	it := &catalogue.Item{}
	f := func(id, formula string) catalogue.Field {
		return catalogue.Field{ID: id, Type: catalogue.FieldNumber, Label: text(id), Formula: formula}
	}
	it.Form = catalogue.Form{
		Sections: []catalogue.Section{{Key: "s", Title: text("s"), Fields: []catalogue.Field{
			{ID: "word", Type: catalogue.FieldText, Label: text("word")}, f("sum", "answers.word * 2"), f("a", "answers.b + 1"), f("b", "answers.a + 1"), f("c", "answers.b + 1"),
		}}},
		Checks: []catalogue.Check{{Rule: "answers.word > 5", Message: text("大于五"), Field: "word"}},
	}
	answers, bad := forms.Read(it, forms.Typed{"word": {"x"}}, day)
	if want := []string{"word unruled", "sum computed", "a computed", "b computed", "c computed"}; !slices.Equal(codes(bad), want) || len(answers) != 1 {
		t.Errorf("%v %v", codes(bad), answers)
	}
}

func TestRowsComeAndGo(t *testing.T) {
	t.Parallel()
	it := item()
	typed := forms.WithRows(it, forms.Typed{"owned": {"yes"}})
	if got := typed.Rows("holders"); !slices.Equal(got, []string{"n1"}) {
		t.Fatalf("%v", got)
	}
	typed["holders.n1.name"] = []string{"甲"}
	for n := 2; n <= 4; n++ {
		e, ok := forms.ParseEdit("add:holders")
		if !ok {
			t.Fatal("add")
		}
		next, at := e.Apply(it, typed)
		if rows := next.Rows("holders"); n <= 3 && (len(rows) != n || rows[n-1] != at) || n == 4 && (len(rows) != 3 || at != "") {
			t.Errorf("%d: %v at %q", n, rows, at)
		}
		typed = next
	}
	e, _ := forms.ParseEdit("remove:holders:n1")
	next, at := e.Apply(it, typed)
	if rows := next.Rows("holders"); len(rows) != 2 || rows[0] != at || next["holders.n1.name"] != nil || typed["holders.n1.name"] == nil {
		t.Errorf("%v at %q: %v", rows, at, next)
	}
	for _, bad := range []string{"", "add", "add:", "remove:holders", "remove:holders:../x", "drop:holders:n1"} {
		if e, ok := forms.ParseEdit(bad); ok {
			if got, _ := e.Apply(it, typed); !reflect.DeepEqual(got, typed) {
				t.Errorf("%q changed something", bad)
			}
		}
	}
	posted := url.Values{"holders": {"r1", "r1", "UP", "r2"}, "holders.r1.name": {"甲"}, "holders.r9.name": {"没有这一行"}, "holders.r2.nosuch": {"x"}}
	if got := forms.KeepKnown(it, posted); !reflect.DeepEqual(got, forms.Typed{"holders": {"r1", "r2"}, "holders.r1.name": {"甲"}}) {
		t.Errorf("%v", got)
	}
}

func TestDiffFollowsRows(t *testing.T) {
	t.Parallel()
	row := func(id, name string, paid float64) map[string]any {
		return map[string]any{"row": id, "name": name, "paid": paid}
	}
	before := map[string]any{"capital": 10.0, "owned": "yes", "holders": []any{row("a", "甲", 1), row("b", "乙", 2), row("c", "丙", 3)}}
	now := map[string]any{"capital": 12.0, "why_big": "x", "holders": []any{row("c", "丙", 3), row("b", "乙", 5), row("d", "丁", 4)}}
	var got []string
	for _, c := range forms.Diff(item(), before, now) {
		got = append(got, string(c.Kind)+" "+c.Section.Key+" "+c.Field.ID+" "+string(rune('0'+c.Row)))
	}
	want := []string{"edited firm capital 0", "added firm why_big 0", "removed firm owned 0", "removed holders  1", "edited holders paid 2", "added holders  3", "moved holders  0"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	changed := forms.Changed(before, now)
	if !changed["holders"] || !changed["holders.b.paid"] || changed["holders.c.paid"] || !changed["holders.d.name"] || !changed["owned"] {
		t.Errorf("%v", changed)
	}
	if got := forms.Diff(item(), before, before); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	s, _ := item().Group("holders")
	rows := []any{map[string]any{"row": "a", "kind": "person", "name": "张三", "paid": 12.5, "share": 60.0}, map[string]any{"row": "b", "kind": "firm", "name": "甲公司", "paid": 8.0}}
	if got := forms.ShownRows(s, rows, i18n.Chinese); got != "1. 个人，张三，¥ 12.50，60%；2. 单位，甲公司，¥ 8.00" {
		t.Error(got)
	}
}

// TestSamplesPass: what the sampler types is taken after a few passes, rows,
// formulas and conditions in them among it.
func TestSamplesPass(t *testing.T) {
	t.Parallel()
	it := item()
	it.Form.Checks = nil // a sample cannot guess a sum
	for seed := range uint64(20) {
		typed := forms.Typed{}
		var bad []errs.Field
		for range 5 {
			var answers map[string]any
			answers, bad = forms.Read(it, typed, day)
			for _, b := range bad {
				delete(typed, b.Name)
			}
			for k, v := range forms.Sample(it, answers, seed) {
				if len(typed[k]) == 0 {
					typed[k] = v
				}
			}
		}
		for _, b := range bad {
			if b.Code != "cases.field.rule" && !strings.HasSuffix(b.Name, "share") && b.Name != "total" {
				t.Errorf("%d: %s %s", seed, b.Name, b.Code)
			}
		}
	}
}
