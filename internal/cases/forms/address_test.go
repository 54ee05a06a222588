package forms_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// TestAddress: a division is chosen step by step or named by its code; what is
// half said is complained about, and what was said survives a round through JSON.
func TestAddress(t *testing.T) {
	t.Parallel()
	it := &catalogue.Item{}
	it.Form.Sections = []catalogue.Section{{Key: "s", Fields: []catalogue.Field{{ID: "place", Type: catalogue.FieldAddress, Required: true, Max: ptr(10)}}}}
	for _, c := range []struct {
		typed []string
		want  string // complaint
	}{
		{nil, "cases.field.required"},
		{[]string{"", "", "", "", ""}, "cases.field.required"},
		{[]string{"", "", "", "", "长安街1号"}, "cases.field.division"},
		{[]string{"110000", "", "", "", "长安街1号"}, "cases.field.division"},
		{[]string{"440000", "", "", "", "长安街1号"}, "cases.field.division"},
		{[]string{"120000", "110101", "", "", "长安街1号"}, "cases.field.division"}, // of another province
		{[]string{"990101", "长安街1号"}, "cases.field.division"},
		{[]string{"110101"}, "cases.field.division"}, // that is the detail
		{[]string{"110000", "110101", "", "", ""}, "cases.field.detail"},
		{[]string{"110000", "110101", "", "", "一二三四五六七八九十一"}, "cases.field.long"},
		{[]string{"110000", "110101", "", "", " 长安街1号 "}, ""},
		{[]string{"110101", "长安街1号"}, ""},
		{[]string{"440000", "441900", "", "", "长安街1号"}, ""}, // a city without counties
	} {
		answers, bad := forms.Read(it, forms.Typed{"place": c.typed}, "2026-03-02")
		switch {
		case c.want != "" && (len(bad) != 1 || bad[0].Code != c.want || answers["place"] != nil):
			t.Errorf("%q: %v %v, want %s", c.typed, answers, bad, c.want)
		case c.want == "" && (len(bad) > 0 || answers["place"] == nil):
			t.Errorf("%q: %v %v", c.typed, answers, bad)
		}
	}
	answers, _ := forms.Read(it, forms.Typed{"place": {"110000", "110101", "", "", "长安街1号"}}, "2026-03-02")
	if got := forms.Shown(it.Form.Sections[0].Fields[0], answers["place"], i18n.Chinese); got != "北京市东城区长安街1号" {
		t.Error(got)
	}
	if got := forms.Shown(it.Form.Sections[0].Fields[0], answers["place"], i18n.English); got != "北京市东城区 长安街1号" {
		t.Error(got)
	}
	var back map[string]any
	b, _ := json.Marshal(answers)
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if again, bad := forms.Read(it, forms.FromAnswers(back), "2026-03-02"); len(bad) > 0 || !reflect.DeepEqual(again, answers) {
		t.Errorf("%v %v", again, bad)
	}
	moved := map[string]any{"place": map[string]any{"code": "110101", "region": "北京市东城区", "detail": "长安街2号"}}
	if got := forms.Changed(answers, moved); !got["place"] {
		t.Errorf("%v", got)
	}
}

func ptr(n float64) *float64 { return &n }
