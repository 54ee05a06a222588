package cases

import (
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// setDeadlines derives the instants of the clock from the acceptance and the
// ledger. It is called by every command that touches one of them; an open
// pause counts as if it ended now, and the sweep renews those daily.
func setDeadlines(cal *workday.Calendar, k *Case, item *catalogue.Item, pauses []Pause, extensions []Extension, now time.Time) {
	if k.AcceptedAt.IsZero() {
		return
	}
	extra := make([]workday.Limit, len(extensions))
	for i, e := range extensions {
		extra[i] = workday.Limit{N: e.Days, Unit: workday.UnitWorkday}
	}
	promised := cal.Deadline(k.AcceptedAt, item.Promised, stands(pauses), extra, now)
	statutory := cal.Deadline(k.AcceptedAt, item.Statutory, stands(pauses), extra, now)
	k.DueAt, k.StatutoryAt = promised.Due, statutory.Due
	if k.DueAt.IsZero() {
		k.DueAt = k.StatutoryAt
	}
	k.Provisional = promised.Provisional || statutory.Provisional
	k.WarnAt, k.YellowAt, k.RedAt = workday.Thresholds(cal, k.AcceptedAt, k.DueAt, k.StatutoryAt, item.Promised)
	k.Paused = false
	for _, p := range pauses {
		k.Paused = k.Paused || p.To.IsZero()
	}
}

// stands are the pauses as the calendar takes them.
func stands(pauses []Pause) []workday.Pause {
	out := make([]workday.Pause, len(pauses))
	for i, p := range pauses {
		out[i] = workday.Pause{From: p.From, To: p.To}
	}
	return out
}
