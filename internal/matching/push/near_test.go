package push

import (
	"math/big"
	"testing"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/rule"
)

func TestHalfWay(t *testing.T) {
	t.Parallel()
	short := func(own, need int64) *rule.Reason {
		return &rule.Reason{Op: rule.OpCondition, Answer: engine.No, Own: big.NewRat(own, 1), Need: big.NewRat(need, 1), Short: big.NewRat(need-own, 1)}
	}
	fixed, met := short(9, 10), short(9, 10)
	fixed.Fixed, met.Answer = true, engine.Yes
	for name, x := range map[string]struct {
		r    *rule.Reason
		want bool
	}{
		"half":              {short(5, 10), true},
		"less than half":    {short(4, 10), false},
		"nearly":            {short(9, 10), true},
		"too much":          {short(11, 10), false},
		"nothing allowed":   {short(1, 0), false},
		"nobody can change": {fixed, false},
		"met":               {met, false},
		"no amount":         {&rule.Reason{Op: rule.OpCondition, Answer: engine.No}, false},
		"in a join":         {&rule.Reason{Op: rule.OpAnd, Answer: engine.No, Kids: []*rule.Reason{met, short(9, 10)}}, true},
		"in a join met":     {&rule.Reason{Op: rule.OpOr, Answer: engine.Yes, Kids: []*rule.Reason{met, short(9, 10)}}, false},
	} {
		if got := halfWay(x.r); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
