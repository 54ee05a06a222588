package pdf

import (
	"strings"
	"testing"
)

func TestBreakLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text  string
		width float64 // in full characters
		want  string
	}{
		"Chinese parts anywhere":               {"申请材料齐全", 3, "申请材|料齐全"},
		"no comma begins a line":               {"申请材料，齐全", 4, "申请材|料，齐全"},
		"no opening bracket ends a line":       {"申请材（料）", 4, "申请材|（料）"},
		"two signs stay together":              {"申请材。”齐", 4, "申请|材。”齐"},
		"a dash is not parted":                 {"申请材——齐", 4, "申请|材——齐"},
		"a word is not parted":                 {"申请 ABC 齐", 3.5, "申请|ABC 齐"},
		"a word longer than a line is cut":     {"ABCDEFGHIJ", 2, "ABCD|EFGH|IJ"},
		"a space does not begin a line":        {"AB CD EF", 2.5, "AB CD|EF"},
		"a line break is one":                  {"申请\n材料", 9, "申请|材料"},
		"a number is not parted from its sign": {"共100%齐", 3, "共100%|齐"},
	}
	measure := func(r rune) float64 {
		if r < 0x2000 {
			return 0.5
		}
		return 1
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, l := range breakLines(tt.text, tt.width, 0, measure) {
				got = append(got, string(l.runes))
			}
			if s := strings.Join(got, "|"); s != tt.want {
				t.Errorf("%s, want %s", s, tt.want)
			}
		})
	}
}

// FuzzBreakLines holds that nothing is lost and that it comes to an end.
func FuzzBreakLines(f *testing.F) {
	f.Add("申请 ABC，（材料）——x\n\n", 30.0)
	f.Fuzz(func(t *testing.T, s string, width float64) {
		if width < 1 || width > 1e4 {
			return
		}
		squash := func(s string) string { return strings.Join(strings.Fields(s), "") }
		var b strings.Builder
		for _, l := range breakLines(s, width, 0, func(rune) float64 { return 5 }) {
			b.WriteString(string(l.runes))
		}
		if want := squash(string([]rune(s))); squash(b.String()) != want {
			t.Errorf("%q became %q", want, b.String())
		}
	})
}
