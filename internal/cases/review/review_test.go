package review_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases/review"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestJoint(t *testing.T) {
	t.Parallel()
	later, past := now.Add(time.Hour), now.Add(-time.Hour)
	for name, tt := range map[string]struct {
		parts  []review.Part
		silent int
		may    bool
	}{
		"nobody asked":                        {nil, 0, true},
		"all answered":                        {[]review.Part{{review.Agreed, later}, {review.Objected, later}}, 0, true},
		"one silent within the limit":         {[]review.Part{{review.Agreed, later}, {review.Silent, later}}, 1, false},
		"one silent at the very end":          {[]review.Part{{review.Silent, now}}, 1, true},
		"one silent beyond it":                {[]review.Part{{review.Silent, past}, {review.Agreed, past}}, 1, true},
		"one beyond it and one within":        {[]review.Part{{review.Silent, past}, {review.Silent, later}}, 2, false},
		"without a limit he is waited for":    {[]review.Part{{review.Silent, time.Time{}}}, 1, false},
		"who answered late answered all same": {[]review.Part{{review.Agreed, past}}, 0, true},
	} {
		if silent, may := review.Joint(tt.parts, now); silent != tt.silent || may != tt.may {
			t.Errorf("%s: %d %t", name, silent, may)
		}
	}
}

func TestCountersign(t *testing.T) {
	t.Parallel()
	const y, n, o = review.Agreed, review.Objected, review.Silent
	for name, tt := range map[string]struct {
		answers         []review.Answer
		need            int
		settled, agreed bool
	}{
		"nobody yet":                      {[]review.Answer{o, o, o}, 2, false, false},
		"one of two":                      {[]review.Answer{y, o, o}, 2, false, false},
		"enough":                          {[]review.Answer{y, y, o}, 2, true, true},
		"enough though one refused":       {[]review.Answer{y, n, y}, 2, true, true},
		"one refusal leaves it open":      {[]review.Answer{n, o, y}, 2, false, false},
		"two refusals of three are final": {[]review.Answer{n, n, o}, 2, true, false},
		"all must sign":                   {[]review.Answer{y, y, o}, 0, false, false},
		"all signed":                      {[]review.Answer{y, y, y}, 0, true, true},
		"one of all refused":              {[]review.Answer{y, o, n}, 0, true, false},
		"more asked than there are":       {[]review.Answer{y, y}, 9, true, true},
	} {
		var parts []review.Part
		for _, a := range tt.answers {
			parts = append(parts, review.Part{Answer: a})
		}
		if settled, agreed := review.Countersign(parts, tt.need); settled != tt.settled || agreed != tt.agreed {
			t.Errorf("%s: %t %t", name, settled, agreed)
		}
	}
}
