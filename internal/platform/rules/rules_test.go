package rules

import (
	"strconv"
	"strings"
	"testing"
)

func TestHolds(t *testing.T) {
	t.Parallel()
	answers := map[string]any{"site": "rented", "area": 350.0, "kinds": []any{"a", "b"}, "n": int64(3)}
	for source, want := range map[string]bool{
		"":                         true,
		"true":                     true,
		"answers.site == 'rented'": true,
		"answers.area > 300":       true,
		"answers.n >= 2.5":         true,
		"'b' in answers.kinds":     true,
		"answers.missing == 'x'":   false,
		"answers.missing != 'x'":   false, // nobody said so
		"answers.site > 3":         false,
		"answers.n / 0 > 1":        false,
		"answers.site":             false,
		"answers.area > 300 && answers.site == 'own'": false,
	} {
		if got := Holds(source, answers); got != want {
			t.Errorf("%q = %v, want %v", source, got, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"answers.", "1 + 1", "'x'", "nosuch(answers)", "other.x == 1", strings.Repeat("true && ", 20_000) + "true"} {
		if _, err := Compile(source); err == nil {
			t.Errorf("%.40q compiled", source)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	answers := map[string]any{"site": "rented", "n": int64(3)}
	for source, want := range map[string]Verdict{
		"":                                     Yes,
		"answers.site == 'rented'":             Yes,
		"answers.site == 'own'":                No,
		"answers.missing == 'x'":               Unknown,
		"answers.site > 3":                     Broken,
		"answers.n / 0 > 1":                    Broken,
		"answers.site":                         Broken,
		"answers.":                             Broken,
		"!certainly(answers.missing == 'x')":   Yes,
		"!certainly(answers.site == 'rented')": No,
		"!certainly(answers.site == 'own')":    Yes,
		"!certainly(answers.site == 'rented' || answers.missing > 3)": No,
		"!certainly(answers.site == 'rented' && answers.missing > 3)": Yes,
		"answers.n == 3 && !certainly(answers.missing == 'x')":        Yes,
	} {
		v := Judge(source, answers)
		if v != want {
			t.Errorf("%q: %d, want %d", source, v, want)
		}
		if Holds(source, answers) != (want == Yes) || Asked(source, answers) != (want == Yes || want == Broken) {
			t.Errorf("%q holds %v, asked %v", source, Holds(source, answers), Asked(source, answers))
		}
	}
}

// TestComposedConditionsHold: what is put together of many conditions is longer
// than what a person may write, and must not be cut off for it.
func TestComposedConditionsHold(t *testing.T) {
	t.Parallel()
	var parts []string
	for i := range 40 {
		parts = append(parts, "(answers.site in ["+strings.Repeat("'somewhere else', ", 100)+"'x"+string(rune('a'+i%26))+"'])")
	}
	long := strings.Join(parts, " || ") + " || (answers.site == 'rented')"
	if len(long) < 10*MaxLength || len(long) > MaxComposed {
		t.Fatalf("%d bytes: the test has become blind", len(long))
	}
	if v := Judge(long, map[string]any{"site": "rented"}); v != Yes {
		t.Errorf("%d", v)
	}
}

func TestCacheIsBounded(t *testing.T) {
	for i := range 10_000 {
		if _, err := Compile("answers.n == " + strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := cache.Len(); n > cache.Size {
		t.Errorf("%d conditions are kept", n)
	}
}
