package matchgen_test

import (
	"reflect"
	"testing"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/testkit/matchgen"
)

func comparisons(e *engine.Expr) int {
	if e.Op == engine.InRange || e.Op == engine.Has {
		return 1
	}
	n := 0
	for _, k := range e.Kids {
		n += comparisons(k)
	}
	return n
}

// TestRulesAreVarious holds what figures are told of: a thousand rules of about
// six comparisons, more than nine hundred of them different, and the same rules
// every time.
func TestRulesAreVarious(t *testing.T) {
	t.Parallel()
	rules := matchgen.Rules(1, 1000, true)
	n := 0
	for _, e := range rules {
		n += comparisons(e)
	}
	if n < 5800 || n > 6500 {
		t.Errorf("%d comparisons", n)
	}
	if d := engine.Compile(matchgen.Schema(), rules).Leaves(); d < 900 {
		t.Errorf("%d different comparisons", d)
	}
	if !reflect.DeepEqual(rules, matchgen.Rules(1, 1000, true)) {
		t.Error("other rules the second time")
	}
}
