package division_test

import (
	"testing"

	"github.com/tongban/tongban/internal/kernel/division"
)

func names(list []division.Division) (out string) {
	for _, d := range list {
		out += d.Name + " "
	}
	return out
}

func TestNational(t *testing.T) {
	t.Parallel()
	n := division.National()
	if got := len(n.Below("")); got != 34 {
		t.Errorf("%d provinces", got)
	}
	for code, want := range map[string]string{"110101": "北京市东城区", "371602": "山东省滨州市滨城区", "441900": "广东省东莞市", "429004": "湖北省仙桃市", "999999": ""} {
		if got := n.Name(code); got != want {
			t.Errorf("%s is %q, want %q", code, got, want)
		}
	}
	for code, want := range map[string]bool{"110101": true, "110000": false, "371600": false, "441900": true, "429004": true, "": false, "x": false} {
		if n.Exact(code) != want {
			t.Errorf("exact %q: %v", code, !want)
		}
	}
	total := 0
	for _, p := range n.Below("") {
		total++
		for _, c := range n.Below(p.Code) {
			total++
			for _, x := range n.Below(c.Code) {
				total++
				if !n.Exact(x.Code) || len(n.Path(x.Code)) != 3 {
					t.Errorf("%+v", x)
				}
			}
		}
	}
	if total != 3433 {
		t.Errorf("%d divisions", total)
	}
}

func TestChosenStepByStep(t *testing.T) {
	t.Parallel()
	n := division.National()
	for _, c := range []struct {
		codes []string
		want  string
	}{
		{[]string{"371602"}, "山东省 滨州市 滨城区 "},
		{[]string{"370000", "371600", "371602", ""}, "山东省 滨州市 滨城区 "},
		{[]string{"110000", "371600", "371602"}, "北京市 "}, // the province was changed afterwards
		{[]string{"370000", "", "371602"}, "山东省 "},
		{[]string{"", ""}, ""},
		{[]string{"nonsense"}, ""},
	} {
		if got := names(n.Chosen(c.codes...)); got != c.want {
			t.Errorf("%q: %q, want %q", c.codes, got, c.want)
		}
	}
}

func TestOwnDivisions(t *testing.T) {
	t.Parallel()
	n := division.National().With(
		division.Division{Code: "371600", Name: "渤海市"},
		division.Division{Code: "371602", Parent: "371600", Name: "城东区"},
		division.Division{Code: "371671", Parent: "371600", Name: "创新区"},
		division.Division{Code: "371671001", Parent: "371671", Name: "创新街道"},
	)
	if got := names(n.Below("371600")); got != "城东区 创新区 " {
		t.Errorf("below a city that was divided anew: %q", got)
	}
	if got := len(n.Below("370000")); got != len(division.National().Below("370000")) {
		t.Errorf("%d cities in the province", got)
	}
	if got := n.Name("371671001"); got != "山东省渤海市创新区创新街道" || !n.Exact("371671") {
		t.Error(got)
	}
	if got := n.Rest("371671", "渤海市创新区科技大道8号"); got != "科技大道8号" {
		t.Error(got)
	}
	if got := division.National().Name("371602"); got != "山东省滨州市滨城区" {
		t.Errorf("the national tree changed: %q", got)
	}
}
