package workday

import (
	"slices"
	"time"
)

// Pause is a time during which a limit stands still. A zero To means that it has
// not ended yet. A pause that ends before it begins has no effect.
type Pause struct {
	From, To time.Time
}

// Deadline is how a limit stands at an instant.
type Deadline struct {
	Due         time.Time // first instant that is too late; zero without a limit
	Provisional bool      // a day up to Due has no official calendar yet
	Paused      bool      // a pause is under way now
	UsedDays    Days      // working days that counted, up to and including today
	LeftDays    Days      // those still to come up to Due; negative when overdue
	PausedDays  Days      // working days up to Due that pauses took away
}

// Deadline computes where a limit with its extensions and pauses stands now. The
// package comment has the rules. Unless it is overdue, the used and the left
// days of a limit in working days add up to the limit.
func (c *Calendar) Deadline(accepted time.Time, l Limit, pauses []Pause, extra []Limit, now time.Time) Deadline {
	p := newStandstill(accepted, pauses, now)
	d := Deadline{Due: c.due(accepted, chain(l, extra), p)}
	for _, x := range pauses {
		d.Paused = d.Paused || !now.Before(x.From) && (x.To.IsZero() || now.Before(x.To))
	}

	from, today := DateOf(accepted), DateOf(now)
	today = later(today, from)
	end := today
	if !d.Due.IsZero() {
		end = lastDay(d.Due)
		d.Provisional = c.provisionalIn(from, end)
		d.LeftDays = c.Remaining(now, d.Due)
		if d.LeftDays >= 0 {
			d.LeftDays = c.counting(today, end, p)
		}
	}
	d.UsedDays = c.counting(from, today, p)
	d.PausedDays = c.Between(from, end) - c.counting(from, end, p)
	return d
}

// counting is Between without the days that pauses take.
func (c *Calendar) counting(a, b Date, p *standstill) Days {
	n := c.Between(a, b)
	for _, s := range p.days {
		if x, y := later(a, s.after), earlier(b, s.to); x.Before(y) {
			n -= c.Between(x, y)
		}
	}
	return n
}

// standstill is a list of pauses in order, without overlaps and without what
// lies before acceptance: the instants for limits in hours and minutes, the days
// for the others.
type standstill struct {
	times []Pause
	days  []span
}

// span takes the days after one up to and including another. It is never empty.
type span struct {
	after, to Date
}

func newStandstill(accepted time.Time, pauses []Pause, now time.Time) *standstill {
	p := &standstill{}
	sorted := slices.Clone(pauses)
	slices.SortFunc(sorted, func(a, b Pause) int { return a.From.Compare(b.From) })
	for _, x := range sorted {
		if x.To.IsZero() {
			x.To = now
		}
		if x.From.Before(accepted) {
			x.From = accepted
		}
		if !x.From.Before(x.To) {
			continue
		}
		if n := len(p.times); n > 0 && !x.From.After(p.times[n-1].To) {
			if x.To.After(p.times[n-1].To) {
				p.times[n-1].To = x.To
			}
			continue
		}
		p.times = append(p.times, x)
	}
	for _, x := range p.times {
		s := span{after: later(lastDay(x.From), DateOf(accepted)), to: lastDay(x.To)}
		if !s.after.Before(s.to) {
			continue
		}
		// One pause may begin on the day another ended; that day is taken already.
		if n := len(p.days); n > 0 && !s.after.After(p.days[n-1].to) {
			p.days[n-1].to = s.to
			continue
		}
		p.days = append(p.days, s)
	}
	return p
}

// takes reports whether a day does not count.
func (p *standstill) takes(d Date) bool {
	for _, s := range p.days {
		if d.After(s.after) && !d.After(s.to) {
			return true
		}
	}
	return false
}

// runsOut reports whether a limit that ends with the day would run out during a
// pause, and if so lets the pause take that day too.
func (p *standstill) runsOut(day Date) bool {
	for i := range p.days {
		if p.days[i].after == day {
			p.days[i].after = day.AddDays(-1)
			return true
		}
	}
	return false
}

// elapse returns the instant when a duration has passed outside the pauses.
func (p *standstill) elapse(at time.Time, d time.Duration) time.Time {
	for _, x := range p.times {
		if !x.To.After(at) {
			continue
		}
		if x.From.After(at) {
			free := x.From.Sub(at)
			if d <= free {
				break
			}
			d -= free
		}
		at = x.To
	}
	return at.Add(d)
}
