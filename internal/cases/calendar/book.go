package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Override is what a region decided about a day.
type Override struct {
	ID        string
	Region    string
	On        workday.Date
	Work      bool // made up; else a day off
	Reason    string
	ByID      string
	At        time.Time
	EndReason string
	EndedBy   string
	EndedAt   time.Time // zero while it stands
	Version   int
}

// Stands says whether it was in force at an instant.
func (o Override) Stands(at time.Time) bool {
	return !o.At.After(at) && (o.EndedAt.IsZero() || at.Before(o.EndedAt))
}

// of says whether it holds for a region.
func (o Override) of(region string) bool { return strings.HasPrefix(region, auth.Reach(o.Region)) }

// Book is all that was decided, on top of the notices. It never changes.
type Book struct {
	base      *workday.Calendar
	overrides []Override

	mu   sync.Mutex
	made map[string]*workday.Calendar
}

// NewBook returns the book of some decisions.
func NewBook(base *workday.Calendar, overrides []Override) *Book {
	b := &Book{base: base, overrides: slices.Clone(overrides), made: map[string]*workday.Calendar{}}
	slices.SortFunc(b.overrides, func(a, o Override) int { return cmp.Or(a.At.Compare(o.At), strings.Compare(a.ID, o.ID)) })
	return b
}

// For is the calendar in which a limit is counted that began at an instant in a region.
func (b *Book) For(region string, since time.Time) *workday.Calendar {
	mine := slices.DeleteFunc(slices.Clone(b.overrides), func(o Override) bool { return !o.of(region) })
	if len(mine) == 0 {
		return b.base
	}
	moments := []time.Time{since}
	before := 0 // changes up to the beginning: all that tells two calendars apart
	for _, o := range mine {
		for _, at := range []time.Time{o.At, o.EndedAt} {
			switch {
			case at.IsZero():
			case at.After(since):
				moments = append(moments, at)
			default:
				before++
			}
		}
	}
	key := fmt.Sprintf("%s %d", region, before)
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, ok := b.made[key]; ok {
		return c
	}
	c := b.base.With(kindest(b.base, mine, moments)...)
	b.made[key] = c
	return c
}

// kindest are the days that differ from the notices: a day is off when it was
// off at one of the moments, and made up when it was worked at all of them.
func kindest(base *workday.Calendar, mine []Override, moments []time.Time) []workday.Day {
	var days []workday.Day
	for _, o := range mine {
		if slices.ContainsFunc(days, func(d workday.Day) bool { return d.On == o.On }) {
			continue
		}
		day, any := workday.Day{On: o.On, Work: true}, false
		for _, at := range moments {
			s, ok := stateAt(mine, o.On, at)
			if !ok {
				s = workday.Day{On: o.On, Work: base.IsWorkday(o.On)}
			}
			any = any || ok
			if day.Work {
				day = s
			}
		}
		if any && day.Work != base.IsWorkday(o.On) {
			days = append(days, day)
		}
	}
	return days
}

// stateAt is what was decided about a day at an instant: by the nearest region,
// and of two there the later one.
func stateAt(mine []Override, on workday.Date, at time.Time) (workday.Day, bool) {
	best := -1
	for i, o := range mine {
		if o.On == on && o.Stands(at) && (best < 0 || len(auth.Reach(o.Region)) >= len(auth.Reach(mine[best].Region))) {
			best = i
		}
	}
	if best < 0 {
		return workday.Day{}, false
	}
	return workday.Day{On: on, Work: mine[best].Work, Name: mine[best].Reason}, true
}
