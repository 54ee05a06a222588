package rules

import (
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
	for _, source := range []string{"answers.", "1 + 1", "'x'", "nosuch(answers)", "other.x == 1", strings.Repeat("true && ", 300) + "true"} {
		if _, err := Compile(source); err == nil {
			t.Errorf("%.40q compiled", source)
		}
	}
}
