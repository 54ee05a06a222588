package casesweb

import (
	"context"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

// awardPairs are what was given without an application and on what that rests.
func awardPairs(ctx context.Context, a cases.Award) []view.Pair {
	return []view.Pair{
		{Key: i18n.T(ctx, "cases.award.amount"), Value: i18n.T(ctx, "cases.award.yuan", "amount", a.Amount.String())},
		{Key: i18n.T(ctx, "cases.award.basis"), Value: a.Basis.For(ctx)},
	}
}
