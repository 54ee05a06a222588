package workday

import (
	"errors"
	"fmt"
	"time"
)

// Unit is what a limit is counted in.
type Unit string

// The five units of the national exchange tables.
const (
	UnitWorkday Unit = "workday" // 工作日
	UnitDay     Unit = "day"     // 自然日
	UnitHour    Unit = "hour"
	UnitMinute  Unit = "minute"
	UnitMonth   Unit = "month"
)

// ErrLimit says that a limit cannot be counted.
var ErrLimit = errors.New("workday: bad limit")

// Limit is how long something may take, such as 20 working days. The zero value
// means that there is no limit.
type Limit struct {
	N    int  `json:"n" yaml:"n"`
	Unit Unit `json:"unit" yaml:"unit"`
}

// longest is about ten years in each unit. More is a slip of the keyboard.
var longest = map[Unit]int{
	UnitWorkday: 2_610,
	UnitDay:     3_653,
	UnitHour:    87_672,
	UnitMinute:  5_260_320,
	UnitMonth:   120,
}

// IsZero reports whether there is no limit, whatever the unit: forms carry a
// unit before they carry a number.
func (l Limit) IsZero() bool { return l.N == 0 }

// Validate returns ErrLimit for an unknown unit, a negative number and anything
// beyond ten years. No limit is valid.
func (l Limit) Validate() error {
	if l == (Limit{}) {
		return nil
	}
	top, ok := longest[l.Unit]
	switch {
	case !ok:
		return fmt.Errorf("%w: unknown unit %q", ErrLimit, l.Unit)
	case l.N < 0 || l.N > top:
		return fmt.Errorf("%w: %d %s is not within 0 to %d", ErrLimit, l.N, l.Unit, top)
	}
	return nil
}

// elapsed reports whether the limit runs from instant to instant, not by days.
func (l Limit) elapsed() bool { return l.Unit == UnitHour || l.Unit == UnitMinute }

func (l Limit) duration() time.Duration {
	if l.Unit == UnitHour {
		return time.Duration(l.N) * time.Hour
	}
	return time.Duration(l.N) * time.Minute
}

// Due returns the first instant that is too late for something accepted at an
// instant, and whether a day in between has no official calendar yet. Without
// a limit, or with one that Validate rejects, there is no due time: it is zero.
func (c *Calendar) Due(accepted time.Time, l Limit) (due time.Time, provisional bool) {
	due = c.due(accepted, chain(l, nil), &standstill{})
	if due.IsZero() {
		return due, false
	}
	return due, c.provisionalIn(DateOf(accepted), lastDay(due))
}

// chain puts a limit and its extensions in a row and adds up neighbours of one
// unit: two extensions of a month from 31 January end on 31 March, not on 28.
// It is empty when there is nothing to count from or something that cannot be
// counted.
func chain(l Limit, extra []Limit) []Limit {
	if l.IsZero() || l.Validate() != nil {
		return nil
	}
	steps := []Limit{l}
	for _, e := range extra {
		if e.Validate() != nil {
			return nil
		}
		if e.IsZero() {
			continue
		}
		if last := &steps[len(steps)-1]; last.Unit == e.Unit {
			last.N += e.N
			continue
		}
		steps = append(steps, e)
	}
	return steps
}

// due walks the steps around the pauses. It may widen a pause, see runsOut.
func (c *Calendar) due(accepted time.Time, steps []Limit, p *standstill) time.Time {
	if len(steps) == 0 {
		return time.Time{}
	}
	for {
		day, at := DateOf(accepted), accepted
		for i, l := range steps {
			if l.elapsed() {
				if i > 0 && !steps[i-1].elapsed() {
					at = EndOf(day)
				}
				at = p.elapse(at, l.duration())
				continue
			}
			if i > 0 && steps[i-1].elapsed() {
				day = lastDay(at)
			}
			day = c.count(day, l, p)
		}
		if steps[len(steps)-1].elapsed() {
			return at
		}
		if day = c.roll(day, p); !p.runsOut(day) {
			return EndOf(day)
		}
	}
}

// count returns the last day of a limit that begins after from.
func (c *Calendar) count(from Date, l Limit, p *standstill) Date {
	n := l.N
	between, add := Date.Sub, Date.AddDays // of natural days
	switch l.Unit {
	case UnitMonth:
		n = from.AddMonths(n).Sub(from)
	case UnitWorkday:
		between = func(b, a Date) int { return int(c.Between(a, b)) }
		add = func(d Date, n int) Date { return c.Add(d, Days(n)) }
	}
	for _, s := range p.days {
		if !s.to.After(from) {
			continue
		}
		if s.after.After(from) {
			free := between(s.after, from)
			if n <= free {
				break
			}
			n -= free
		}
		from = s.to
	}
	return add(from, n)
}

// roll moves a day that is not worked to the next one that is and counts
// (民法典 203).
func (c *Calendar) roll(day Date, p *standstill) Date {
	for !c.IsWorkday(day) || p.takes(day) {
		next := c.Add(day, 1)
		if next == day { // the end of the calendar
			break
		}
		day = next
	}
	return day
}
