package careweb

import (
	"context"
	"strconv"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// lights from the worst on.
var lights = []workday.Light{workday.Red, workday.Yellow, workday.Warning}

// stateWord is the state of a case in a word; needs says that it waits for the firm.
func stateWord(ctx context.Context, k *cases.Case) (word string, needs bool) {
	switch {
	case k.NeedsApplicant && !k.State.Ended():
		return i18n.T(ctx, "care.state.needs_firm"), true
	case k.Outcome != "":
		return i18n.T(ctx, "care.outcome."+string(k.Outcome)), false
	default:
		return i18n.T(ctx, "care.state."+string(k.State)), false
	}
}

// daysLeft are the days up to the last day of a certificate.
func daysLeft(c identity.Certificate, today workday.Date) int {
	until, err := workday.Parse(c.ValidTo)
	if err != nil {
		return 0
	}
	return until.Sub(today)
}

// count is a number of people; one that is not known is no nought.
func count(n *int) string {
	if n == nil {
		return "—"
	}
	return money.Grouped(strconv.Itoa(*n))
}

// inWan is an amount in 10,000 yuan; one that is not known is no nought.
func inWan(f *money.Fen) string {
	if f == nil {
		return "—"
	}
	return money.Grouped(f.Wan())
}
