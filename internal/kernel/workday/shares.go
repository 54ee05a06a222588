package workday

import (
	"slices"
	"time"
)

// Shares returns what each pause takes from a limit: the working days up to the
// due time that it stands on and no pause before it does. So no day is given
// twice, and the shares add up to PausedDays of Deadline.
func (c *Calendar) Shares(accepted, now time.Time, l Limit, pauses []Pause, extra []Limit) []Days {
	out := make([]Days, len(pauses))
	p := newStandstill(accepted, pauses, now)
	due := c.due(accepted, chain(l, extra), p) // widens a pause that begins on the last day
	from, end := DateOf(accepted), later(DateOf(now), DateOf(accepted))
	if !due.IsZero() {
		end = lastDay(due)
	}
	order := make([]int, len(pauses))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return pauses[a].From.Compare(pauses[b].From) })
	for _, s := range p.days {
		for d := s.after.AddDays(1); !d.After(earlier(s.to, end)); d = d.AddDays(1) {
			if !d.After(from) || !c.IsWorkday(d) {
				continue
			}
			if i := taker(pauses, order, now, d); i >= 0 {
				out[i]++
			}
		}
	}
	return out
}

// taker is the first pause that stands on a day: one that takes it whole, else
// one that begins on it, which is how a limit does not run out during a pause.
func taker(pauses []Pause, order []int, now time.Time, d Date) int {
	begins := -1
	for _, i := range order {
		x := pauses[i]
		if x.To.IsZero() {
			x.To = now
		}
		first, last := lastDay(x.From), lastDay(x.To)
		switch {
		case d.After(first) && !d.After(last):
			return i
		case d == first && last.After(first) && begins < 0:
			begins = i
		}
	}
	return begins
}
