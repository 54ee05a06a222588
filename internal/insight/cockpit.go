package insight

import (
	"cmp"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Period of a cockpit, ending today.
type Period string

// The periods.
const (
	Month   Period = "month"
	Quarter Period = "quarter"
	Year    Period = "year"
)

// Periods in the order of the switch.
var Periods = []Period{Month, Quarter, Year}

// Days of the period, today included.
func (p Period) Days() int {
	switch p {
	case Quarter:
		return 91
	case Year:
		return 365
	default:
		return 30
	}
}

// span is the period and the one before it: [before, from) and [from, until).
type span struct{ before, from, until, now time.Time }

func (p Period) span(now time.Time) span {
	today := workday.DateOf(now)
	first := today.AddDays(1 - p.Days())
	return span{before: workday.StartOf(first.AddDays(-p.Days())), from: workday.StartOf(first), until: workday.EndOf(today), now: now}
}

// Count is a number of the period and of the one before.
type Count struct{ Now, Before int }

// Rate is a part of a whole.
type Rate struct{ Part, Whole int }

// Percent of the whole, rounded; ok is false when there is none.
func (r Rate) Percent() (n int, ok bool) {
	if r.Whole == 0 {
		return 0, false
	}
	return (200*r.Part + r.Whole) / (2 * r.Whole), true
}

// Score is the mean of ratings.
type Score struct{ N, Sum int }

// Mean of the ratings, 0 without any.
func (s Score) Mean() float64 {
	if s.N == 0 {
		return 0
	}
	return float64(s.Sum) / float64(s.N)
}

// Pace is how long decisions took, by median, in working days, over N of them.
type Pace struct{ N, Real, Promised int }

// Saved is how much shorter than promised, in percent of the promise; ok is
// false when nothing was promised or it took longer.
func (p Pace) Saved() (n int, ok bool) {
	if p.N == 0 || p.Promised <= 0 || p.Real > p.Promised {
		return 0, false
	}
	return 100 * (p.Promised - p.Real) / p.Promised, true
}

// Load is what one department, or all of them, did and has in hand.
type Load struct {
	Received, Decided     Count
	InTime, InTimeBefore  Rate // of the decided ones that had a limit
	Running               int  // accepted, not decided
	Warning, Yellow, Red  int  // of the running ones
	Waiting               int  // for the applicant
	Crossed, CrossedFirst Rate // received at a window of another region, of all that a window received; and the period before
	Ratings, RatingsFirst Score
	Bad                   int // bad ratings of the period
	ToRectify             int // bad ratings still open, of any time
}

// Overdue is what runs beyond its promise.
func (l Load) Overdue() int { return l.Yellow + l.Red }

func (l *Load) add(o Load) {
	l.Received.Now += o.Received.Now
	l.Received.Before += o.Received.Before
	l.Decided.Now += o.Decided.Now
	l.Decided.Before += o.Decided.Before
	for _, p := range []struct {
		to *Rate
		of Rate
	}{{&l.InTime, o.InTime}, {&l.InTimeBefore, o.InTimeBefore}, {&l.Crossed, o.Crossed}, {&l.CrossedFirst, o.CrossedFirst}} {
		p.to.Part += p.of.Part
		p.to.Whole += p.of.Whole
	}
	l.Running += o.Running
	l.Warning += o.Warning
	l.Yellow += o.Yellow
	l.Red += o.Red
	l.Waiting += o.Waiting
	l.Ratings.N += o.Ratings.N
	l.Ratings.Sum += o.Ratings.Sum
	l.RatingsFirst.N += o.RatingsFirst.N
	l.RatingsFirst.Sum += o.RatingsFirst.Sum
	l.Bad += o.Bad
	l.ToRectify += o.ToRectify
}

// DepartmentRow is one department.
type DepartmentRow struct {
	ID   string
	Name i18n.Text
	Load
}

// ItemRow is one item.
type ItemRow struct {
	Code     string
	Name     i18n.Text
	Received int
	Decided  int
	Ratings  Score
}

// ChannelRow is one way in.
type ChannelRow struct {
	Channel string // online, window, api
	N       int
}

// OutcomeRow is how many were decided one way.
type OutcomeRow struct {
	Outcome string // granted, partly, denied, ended
	N       int
}

// Week is how much came in from Monday to Sunday.
type Week struct {
	Monday workday.Date
	N      int
	Open   bool // the week has not ended yet
}

// Cockpit is everything on the page of who leads.
type Cockpit struct {
	Period       Period
	From, To     workday.Date // of the period
	All          Load
	Spared       Count // papers that nobody had to bring, being on file
	Orders       Count // bundles asked for; their steps count as work
	Pace         Pace
	PaceBefore   Pace
	Departments  []DepartmentRow // most received first
	Items        []ItemRow       // most received first, ten at most
	Channels     []ChannelRow
	Outcomes     []OutcomeRow // of what was decided, the most frequent first
	Weeks        []Week
	DepartmentID string // when it is about one department only
}

// median of values that each occur n times, by nearest rank.
func median(values map[int]int) int {
	keys, total := make([]int, 0, len(values)), 0
	for v, n := range values {
		keys, total = append(keys, v), total+n
	}
	slices.Sort(keys)
	seen := 0
	for _, v := range keys {
		if seen += values[v]; 2*seen >= total {
			return v
		}
	}
	return 0
}

// weeks fills the gaps of what was counted by number of week.
func weeks(counted map[int]int, from, today workday.Date) []Week {
	var out []Week
	for w := weekOf(from); w <= weekOf(today); w++ {
		monday := epoch.AddDays(7*w - 3)
		out = append(out, Week{Monday: monday, N: counted[w], Open: !monday.AddDays(6).Before(today)})
	}
	return out
}

// weekOf numbers weeks from Monday 29 December 1969, as the query does.
func weekOf(d workday.Date) int { return (d.Sub(epoch) + 3) / 7 }

var epoch = workday.NewDate(1970, time.January, 1)

func byReceived(a, b DepartmentRow) int {
	return cmp.Or(b.Received.Now-a.Received.Now, b.Running-a.Running, cmp.Compare(a.ID, b.ID))
}
