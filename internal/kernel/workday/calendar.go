package workday

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Days is a number of working days.
type Days int

// Calendar tells working days from others. It never changes and may be shared
// by goroutines; keep one per tenant, it takes about 300 kB.
type Calendar struct {
	notices   map[int]Notice
	overrides map[Date]Day
	special   map[Date]Day // notices and overrides together

	// The years of every real case are tabulated, so that Add and Between cost
	// two look-ups; outside they go day by day.
	rank []int32 // rank[i]: working days of the table up to and including day i
	days []Date  // working days of the table in order
}

var (
	tableFirst = NewDate(1990, time.January, 1)
	tableLast  = NewDate(2099, time.December, 31)
)

// Official returns the calendar of the notices of 2007-2026.
func Official() *Calendar { return official() }

var official = sync.OnceValue(func() *Calendar {
	notices, err := ParseNotices(holidays)
	if err != nil {
		panic(err) // holidays.txt is part of the program
	}
	return New(notices...)
})

// New returns a calendar of the given notices. Of two notices for one year the
// last counts, and where two years speak of one day the later year.
func New(notices ...Notice) *Calendar {
	c := &Calendar{notices: map[int]Notice{}, overrides: map[Date]Day{}}
	for _, n := range notices {
		c.notices[n.Year] = n
	}
	c.build()
	return c
}

// WithNotices returns a calendar that also knows these notices, such as the one
// for next year, or corrected ones that replace what was known for their year.
// Overrides stay.
func (c *Calendar) WithNotices(notices ...Notice) *Calendar {
	n := &Calendar{notices: maps.Clone(c.notices), overrides: c.overrides}
	for _, notice := range notices {
		n.notices[notice.Year] = notice
	}
	n.build()
	return n
}

// With returns a calendar with local overrides, which win over notices and over
// earlier overrides of the same day. An override does not make a provisional
// year official. To take one back, start again from the calendar without it.
func (c *Calendar) With(overrides ...Day) *Calendar {
	n := &Calendar{notices: c.notices, overrides: maps.Clone(c.overrides)}
	for _, o := range overrides {
		n.overrides[o.On] = o
	}
	n.build()
	return n
}

func (c *Calendar) build() {
	c.special = map[Date]Day{}
	for _, year := range slices.Sorted(maps.Keys(c.notices)) {
		for _, d := range c.notices[year].Days {
			c.special[d.On] = d
		}
	}
	maps.Copy(c.special, c.overrides)

	size := tableLast.Sub(tableFirst) + 1
	c.rank = make([]int32, size)
	c.days = make([]Date, 0, size*5/7+1)
	for i := range size {
		if d := tableFirst.AddDays(i); c.rule(d) {
			c.days = append(c.days, d)
		}
		c.rank[i] = int32(len(c.days))
	}
}

// rule decides one day without the table.
func (c *Calendar) rule(d Date) bool {
	if day, ok := c.special[d]; ok {
		return day.Work
	}
	if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	return !c.Provisional(d) || !fixedDayOff(d)
}

// fixedDayOff reports the legal days off that have a fixed date (全国年节及纪念日
// 放假办法 2024, art. 2). Spring Festival, Dragon Boat and Mid-Autumn follow the
// lunar calendar and Qingming the sun; they are missing, as are the days given
// for a festival on a weekend (art. 6) and all exchanged days, since only the
// notice says where they go. That is why the result is provisional.
func fixedDayOff(d Date) bool {
	switch _, m, day := d.Date(); m {
	case time.January:
		return day == 1
	case time.May:
		return day <= 2
	case time.October:
		return day <= 3
	default:
		return false
	}
}

// IsWorkday reports whether the date is worked.
func (c *Calendar) IsWorkday(d Date) bool {
	if d.Before(tableFirst) || d.After(tableLast) {
		return c.rule(d)
	}
	i := d.Sub(tableFirst)
	return c.rank[i] > 0 && c.days[c.rank[i]-1] == d
}

// Provisional reports whether the year of the date has no notice yet, so that
// the working days around it may still change.
func (c *Calendar) Provisional(d Date) bool {
	_, known := c.notices[d.Year()]
	return !known
}

// provisionalIn reports whether any day after a up to b is provisional.
func (c *Calendar) provisionalIn(a, b Date) bool {
	for y, last := a.AddDays(1).Year(), b.Year(); y <= last; y++ {
		if _, known := c.notices[y]; !known {
			return true
		}
	}
	return false
}

// Special returns what is particular about a date: the festival that frees it or
// is made up for, or the reason of an override.
func (c *Calendar) Special(d Date) (Day, bool) {
	day, ok := c.special[d]
	return day, ok
}

// Notice returns the notice for a year.
func (c *Calendar) Notice(year int) (Notice, bool) {
	n, ok := c.notices[year]
	n.Days = slices.Clone(n.Days)
	return n, ok
}

// Add returns the n-th working day after from, which itself is not counted. For
// a negative n it is the n-th before from; for 0 it is from, worked or not.
func (c *Calendar) Add(from Date, n Days) Date {
	n = min(max(n, -maxDay), maxDay) // more lies beyond the calendar anyway
	switch {
	case n > 0:
		return c.nth(c.rankOf(from) + int(n))
	case n < 0:
		return c.nth(c.rankOf(from.AddDays(-1)) + int(n) + 1)
	default:
		return from
	}
}

// Between counts the working days after a up to and including b. If b is before
// a it is the negative of Between(b, a).
func (c *Calendar) Between(a, b Date) Days {
	return Days(c.rankOf(b) - c.rankOf(a))
}

// Remaining counts the working days that are left after today up to the day a
// thing is due: 0 on the last day itself. From the due instant on it is
// negative: how many working days have begun since the due day, at least one.
func (c *Calendar) Remaining(now, due time.Time) Days {
	left := c.Between(DateOf(now), lastDay(due))
	if now.Before(due) {
		return left
	}
	return min(left, -1)
}

// rankOf numbers working days: the working days up to d, counted from the start
// of the table and negative before it.
func (c *Calendar) rankOf(d Date) int {
	if d.Before(tableFirst) {
		n := 0
		for x := d.AddDays(1); x.Before(tableFirst); x = x.AddDays(1) {
			if c.rule(x) {
				n--
			}
		}
		return n
	}
	if !d.After(tableLast) {
		return int(c.rank[d.Sub(tableFirst)])
	}
	n := len(c.days)
	for x := tableLast; x.Before(d); {
		if x = x.AddDays(1); c.rule(x) {
			n++
		}
	}
	return n
}

// nth is the working day with rank k, or the end of the calendar.
func (c *Calendar) nth(k int) Date {
	if k >= 1 && k <= len(c.days) {
		return c.days[k-1]
	}
	if k < 1 {
		d := tableFirst
		for d != (Date{}) {
			if d = d.AddDays(-1); c.rule(d) {
				if k == 0 {
					break
				}
				k++
			}
		}
		return d
	}
	d := tableLast
	for k -= len(c.days); k > 0 && d != maxDate; {
		if d = d.AddDays(1); c.rule(d) {
			k--
		}
	}
	return d
}
