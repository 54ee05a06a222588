package catalogueweb

import (
	"context"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// sumWords say how long items take one after the other, with what is done on
// the spot named beside and not counted. "" when the sum is not longer than
// what they take together, or one of the others promises nothing.
func sumWords(ctx context.Context, items []*catalogue.Item, together workday.Limit) string {
	var timed []*catalogue.Item
	instant := 0
	for _, it := range items {
		if it.CaseType == catalogue.Instant {
			instant++
		} else {
			timed = append(timed, it)
		}
	}
	all := catalogue.SumOf(timed)
	if len(timed) == 0 || all.IsZero() || all.N <= together.N || all.Unit != together.Unit {
		return ""
	}
	words := i18n.T(ctx, "orders.guide.single", "limit", LimitWords(ctx, all))
	if instant > 0 {
		words = i18n.Count(ctx, "orders.cart.instant_beside", instant, "sum", words)
	}
	return words
}

// limit of an order: on the spot when all of it is.
func (o cartOrder) limit(ctx context.Context) string {
	for _, it := range o.Items {
		if it.CaseType != catalogue.Instant {
			return dash(LimitWords(ctx, o.Whole.Promised))
		}
	}
	return i18n.T(ctx, "catalogue.instant")
}

// fewer counts a pair of numbers in words: how many together, and how many
// fewer than one by one ("" when it is none).
func fewer(ctx context.Context, key string, n [2]int) (count, less string) {
	count = i18n.Count(ctx, key, n[0])
	if n[1] > n[0] {
		less = i18n.T(ctx, "orders.cart.fewer", "n", i18n.Count(ctx, key, n[1]-n[0]))
	}
	return count, less
}

// Popular are the items that people ask for most: only those of which that is
// known, at most n of them.
func Popular(s *catalogue.Service, n int) []*catalogue.Item {
	out := s.Popular(n)
	for i, it := range out {
		if it.Popularity <= 0 { // they come in this order
			return out[:i]
		}
	}
	return out
}
