package forms_test

import (
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
)

// TestMove: values under the same stable id stay, others are kept aside, and
// nothing that was typed is in neither.
func TestMove(t *testing.T) {
	t.Parallel()
	old, now := item(), item()
	now.Form.Sections[0].Fields = slices.Clone(now.Form.Sections[0].Fields)
	now.Form.Sections[0].Fields[2].Type = catalogue.FieldNumber                 // why_big: another type
	now.Form.Sections[1].Fields = slices.Clone(now.Form.Sections[1].Fields)[:4] // of the rows: no share
	now.Form.Sections[1].Fields[0].Options = now.Form.Sections[1].Fields[0].Options[:1]
	now.Form.Sections[1].Fields[1].ID = "title"
	typed := two()
	kept, aside := forms.Move(old, now, typed)
	var got []string
	for _, a := range aside {
		got = append(got, a.Name+" "+a.Label.ZH+" "+a.Value.ZH)
		if (a.Name == "holders.r1.name") != a.Gone && a.Name != "holders.r2.name" {
			t.Errorf("%s gone: %v", a.Name, a.Gone)
		}
	}
	want := []string{"why_big 说明 因为", "holders.r1.kind 股东 1：类型 个人", "holders.r1.name 股东 1：名称 张三", "holders.r2.name 股东 2：名称 甲公司"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if kept["capital"] == nil || kept["holders.r2.kind"] == nil || kept["why_big"] != nil || kept["holders.r1.kind"] != nil || len(kept.Rows("holders")) != 2 || typed["why_big"] == nil {
		t.Errorf("%v", kept)
	}
	if again, aside := forms.Move(now, now, kept); len(aside) > 0 || len(again) != len(kept) {
		t.Errorf("%v", aside)
	}
	// The rows are gone as a whole.
	bare := item()
	bare.Form.Sections = bare.Form.Sections[:1]
	if kept, aside := forms.Move(old, bare, two()); len(kept.Rows("holders")) != 0 || len(aside) != 7 {
		t.Errorf("%v %v", kept, aside)
	}
}

func TestApart(t *testing.T) {
	t.Parallel()
	there := two()
	here := with(two(), "capital", "2000", "holders", "r1|r3", "holders.r1.name", "李四", "holders.r3.name", "王五")
	var got []string
	for _, x := range forms.Apart(item(), there, here) {
		got = append(got, x.Label.ZH+" "+x.There.ZH+" "+x.Here.ZH)
	}
	want := []string{"注册资本 ¥ 1,000.30 ¥ 2,000.00", "股东 1：名称 张三 李四", "股东 2：名称  王五"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestUntouched(t *testing.T) {
	t.Parallel()
	if !forms.Untouched(two(), two(), "holders") || !forms.Untouched(two(), two(), "capital") {
		t.Error("nothing was touched")
	}
	for name, now := range map[string]forms.Typed{
		"a cell": with(two(), "holders.r1.name", "李四"), "a cell emptied": with(two(), "holders.r1.name", ""), "a row gone": with(two(), "holders", "r1"),
	} {
		if forms.Untouched(two(), now, "holders") {
			t.Errorf("%s is touched", name)
		}
	}
}
