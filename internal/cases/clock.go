package cases

import (
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// setDeadlines derives the instants of the clock from the acceptance and the
// ledger. It is called by every command that touches one of them; an open
// pause counts as if it ended now, and the sweep renews those daily.
// It returns the limit that the due time comes from.
func setDeadlines(cal *workday.Calendar, k *Case, item *catalogue.Item, pauses []Pause, extensions []Extension, now time.Time) workday.Limit {
	if k.AcceptedAt.IsZero() {
		return workday.Limit{}
	}
	extra := extras(extensions)
	promised := cal.Deadline(k.AcceptedAt, item.Promised, stands(pauses), extra, now)
	statutory := cal.Deadline(k.AcceptedAt, item.Statutory, stands(pauses), extra, now)
	k.DueAt, k.StatutoryAt = promised.Due, statutory.Due
	limit := item.Promised
	if k.DueAt.IsZero() {
		k.DueAt, limit = k.StatutoryAt, item.Statutory
	}
	k.Provisional = promised.Provisional || statutory.Provisional
	for _, was := range k.Kept.Limits() { // it stood on another version of its item: what was said then holds
		p := cal.Deadline(k.AcceptedAt, was.Promised, stands(pauses), extra, now)
		s := cal.Deadline(k.AcceptedAt, was.Statutory, stands(pauses), extra, now)
		k.StatutoryAt = earlier(k.StatutoryAt, s.Due)
		told, of := p, was.Promised
		if told.Due.IsZero() {
			told, of = s, was.Statutory
		}
		if due := earlier(k.DueAt, told.Due); !due.Equal(k.DueAt) {
			k.DueAt, k.Provisional, limit = due, told.Provisional || statutory.Provisional, of
		}
	}
	k.WarnAt, k.YellowAt, k.RedAt = workday.Thresholds(cal, k.AcceptedAt, k.DueAt, k.StatutoryAt, warned(limit, item))
	k.Paused = false
	for _, p := range pauses {
		k.Paused = k.Paused || p.To.IsZero()
	}
	return limit
}

// warned is the promise by whose length the warning goes: none where only the
// law sets a limit.
func warned(limit workday.Limit, item *catalogue.Item) workday.Limit {
	if item.Promised.IsZero() && limit == item.Statutory {
		return item.Promised
	}
	return limit
}

// extras are the extensions as the calendar takes them.
func extras(list []Extension) []workday.Limit {
	out := make([]workday.Limit, len(list))
	for i, e := range list {
		out[i] = workday.Limit{N: e.Days, Unit: workday.UnitWorkday}
	}
	return out
}

// stands are the pauses as the calendar takes them.
func stands(pauses []Pause) []workday.Pause {
	out := make([]workday.Pause, len(pauses))
	for i, p := range pauses {
		out[i] = workday.Pause{From: p.From, To: p.To}
	}
	return out
}

// earlier of two ends; a zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
