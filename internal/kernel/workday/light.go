package workday

import "time"

// Light is the colour of electronic supervision (电子监察). It is always derived
// from instants, never stored as typed. The numbers are those of the national
// exchange, so they leave gaps; a higher one is worse.
type Light int

// The lights.
const (
	Normal  Light = 0
	Warning Light = 1 // 预警
	Yellow  Light = 2 // 黄牌
	Red     Light = 5 // 红牌
)

// String names the light for logs and style sheets.
func (l Light) String() string {
	switch l {
	case Normal:
		return "normal"
	case Warning:
		return "warning"
	case Yellow:
		return "yellow"
	case Red:
		return "red"
	default:
		return "unknown"
	}
}

// Our defaults; there are no national numbers.
const (
	warnDays   Days = 1 // warn at this many working days left, or at ...
	warnPart        = 5 // ... one fifth of the limit, whichever is earlier
	yellowDays Days = 3 // so long overdue is yellow, longer is red
)

// LightOf returns the light of now. A zero due time is a limit that does not
// exist. It is the comparison of now with Thresholds, so a query over stored
// thresholds gives the same.
func LightOf(cal *Calendar, now, promisedDue, statutoryDue time.Time, promised Limit) Light {
	warnAt, yellowAt, redAt := Thresholds(cal, time.Time{}, promisedDue, statutoryDue, promised)
	reached := func(at time.Time) bool { return !at.IsZero() && !now.Before(at) }
	switch {
	case reached(redAt):
		return Red
	case reached(yellowAt):
		return Yellow
	case reached(warnAt):
		return Warning
	default:
		return Normal
	}
}

// Thresholds returns the instants from which the lights change; store them in
// UTC and compare from red down to warning. A zero one never comes.
//
//   - warning: the working days left (Remaining) are one, or one fifth of the
//     promised limit if that is more. A promise of hours or minutes warns for its
//     last fifth only. One of a single working day warns from the start: it is
//     due tomorrow.
//   - yellow: the promise is overdue by up to three working days.
//   - red: the fourth working day after the promised day has begun, or the
//     statutory limit has passed.
//
// Without a promise, or when the statute ends first, the warning is before the
// statutory end. A warning never comes before acceptance; accepted may be zero
// if that does not matter.
func Thresholds(cal *Calendar, accepted, promisedDue, statutoryDue time.Time, promised Limit) (warnAt, yellowAt, redAt time.Time) {
	yellowAt, redAt = promisedDue, statutoryDue
	if !promisedDue.IsZero() {
		late := StartOf(cal.Add(lastDay(promisedDue), yellowDays+1))
		if redAt.IsZero() || late.Before(redAt) {
			redAt = late
		}
	}
	next := promisedDue // what is at stake first
	if next.IsZero() || !statutoryDue.IsZero() && statutoryDue.Before(next) {
		next = statutoryDue
	}
	if next.IsZero() {
		return warnAt, yellowAt, redAt
	}
	if promised.elapsed() && next.Equal(promisedDue) {
		warnAt = next.Add(-promised.duration() / warnPart)
	} else {
		left := max(warnDays, promised.workdays(cal, lastDay(next))/warnPart)
		// The working day with that many left after it, also if the limit ends
		// on a day that is not worked.
		warnAt = StartOf(cal.Add(lastDay(next).AddDays(1), -left-1))
	}
	if warnAt.Before(accepted) {
		warnAt = accepted
	}
	return warnAt, yellowAt, redAt
}

// workdays is about how many working days a limit that ends on a day is. It looks
// back from the end, since pauses and extensions do not make the warning longer.
func (l Limit) workdays(cal *Calendar, end Date) Days {
	switch l.Unit {
	case UnitWorkday:
		return Days(l.N)
	case UnitDay:
		return cal.Between(end.AddDays(-l.N), end)
	case UnitMonth:
		return cal.Between(end.AddMonths(-l.N), end)
	default:
		return 0
	}
}
