package casesweb

import (
	"context"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

// givenWords say when and what a firm got from a public list.
func givenWords(ctx context.Context, base string, g cases.Given) string {
	key := "cases.given.work"
	if base == my {
		key = "cases.given.my"
	}
	return i18n.T(ctx, key, "day", i18n.FormatDate(ctx, g.At), "amount", g.Amount.String(), "number", g.Number)
}

// awardPairs are what was given without an application and on what that rests.
func awardPairs(ctx context.Context, a cases.Award) []view.Pair {
	return []view.Pair{
		{Key: i18n.T(ctx, "cases.award.amount"), Value: i18n.T(ctx, "cases.award.yuan", "amount", a.Amount.String())},
		{Key: i18n.T(ctx, "cases.award.basis"), Value: a.Basis.For(ctx)},
	}
}
