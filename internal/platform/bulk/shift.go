package bulk

import (
	"time"

	"github.com/tongban/tongban/internal/kernel/workday"
)

// days knows the working days of some years by number.
type days struct {
	first time.Time // midnight of the first day
	rank  []int     // of each calendar day: how many working days lie up to and including it
	days  []int     // the calendar day of each working day
}

const spanYears = 14

func newDays(cal *workday.Calendar, around time.Time) *days {
	x := &days{first: workday.StartOf(workday.DateOf(around.AddDate(-spanYears/2, 0, 0)))}
	d := workday.DateOf(x.first)
	for n := range spanYears * 366 {
		if cal.IsWorkday(d) {
			x.days = append(x.days, n)
		}
		x.rank = append(x.rank, len(x.days))
		d = d.AddDays(1)
	}
	return x
}

const day = 24 * time.Hour

// China knows no summer time, so a calendar day is 24 hours.
func (x *days) day(t time.Time) int { return int(t.Sub(x.first) / day) }

// place is an instant seen from the day on which its object began.
type place struct {
	work  int           // working days on
	extra int           // days after that working day, when it lies on none
	clock time.Duration // time of day
}

// place of t; midnight counts as the end of the day before, as limits do.
func (x *days) place(start int, t time.Time) place {
	t = t.Add(-time.Millisecond)
	n := x.day(t)
	r := x.rank[n]
	return place{r - x.rank[start], n - x.days[r-1], t.Sub(x.first) - time.Duration(n)*day}
}

// at is the instant of a place for an object that began on another working day.
func (x *days) at(start int, p place) time.Time {
	n := x.days[x.rank[start]-1+p.work] + p.extra
	return x.first.Add(time.Duration(n)*day + p.clock + time.Millisecond)
}
