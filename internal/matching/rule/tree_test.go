package rule

import (
	"testing"

	"github.com/tongban/tongban/internal/matching/engine"
)

func TestNumbersCanBeReplaced(t *testing.T) {
	t.Parallel()
	v := words(t)
	r, err := v.Compile(`form == "有限公司" && revenue(-1) >= 20000000 && research(-1) / revenue(-1) >= 0.03 && years_since(registered_on) >= 3 && profit(-1) > -5`, "none")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range r.Numbers() {
		got = append(got, r.Source[n.At:n.End])
	}
	if want := []string{"20000000", "0.03", "3", "-5"}; len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] {
		t.Fatalf("%q", got)
	}
	if s := r.With(map[int]string{1: "0.025", 3: "7"}); s != `form == "有限公司" && revenue(-1) >= 20000000 && research(-1) / revenue(-1) >= 0.025 && years_since(registered_on) >= 3 && profit(-1) > 7` {
		t.Error(s)
	}
	if s := r.With(nil); s != r.Source {
		t.Error(s)
	}
	tree := r.Tree()
	if tree.Op != OpAnd || len(tree.Kids) != 5 || tree.Kids[3].Kids[0].Op != NodeSince || tree.Kids[2].Kids[0].Op != "/" {
		t.Errorf("%+v", tree)
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	v := words(t)
	a, err := v.Amount(`research(-1) - research(-2) / 2`)
	if err != nil {
		t.Fatal(err)
	}
	value := func(one, two engine.Value) []engine.Value { return []engine.Value{one, two} }
	for _, x := range []struct {
		values []engine.Value
		rate   int64
		want   int64
		ok     bool
	}{
		{value(engine.Of(1_000_001), engine.Of(500_000)), 100_000, 75_000, true}, // a tenth of 750,001
		{value(engine.Of(1_000_000), engine.Value{}), 100_000, 0, false},
		{value(engine.Of(100), engine.Of(500_000)), 100_000, 0, true},
		{value(engine.Of(engine.MaxValue), engine.Of(0)), 1_000_000, engine.MaxValue, true},
	} {
		if got, ok := a.PartOf(x.values, x.rate); got != x.want || ok != x.ok {
			t.Errorf("%v: %d %v", x, got, ok)
		}
	}
	for _, source := range []string{"research(-1) / revenue(-1)", "5", "listed", "research(-1) + 1", "turnover", "research(-9)", "research(-1"} {
		if _, err := v.Amount(source); err == nil {
			t.Errorf("%s is a sum", source)
		}
	}
}
