package push

import (
	"context"
	"math/big"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/facts"
)

// Yuan writes a sum as people say it.
func Yuan(ctx context.Context, f money.Fen) string {
	return facts.Yuan(ctx, big.NewRat(int64(f), 100))
}

// DayWords writes a day as people say it.
func DayWords(ctx context.Context, iso string) string {
	d, err := workday.Parse(iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), workday.StartOf(d))
}
