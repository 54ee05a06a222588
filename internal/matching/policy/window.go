package policy

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Days are ISO dates throughout: they compare as texts.

// Span is a stretch of days, the last one included. Until "" has no end.
type Span struct{ From, Until string }

// Has says whether a day lies in it.
func (s Span) Has(day string) bool { return s.From <= day && (s.Until == "" || day <= s.Until) }

// isDay says whether a text is an ISO date that there is.
func isDay(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() >= 1980 && t.Year() <= 2200
}

var yearly = regexp.MustCompile(`^--(\d\d-\d\d)$`)

// isYearly says whether a text is a day of every year: --03-01.
func isYearly(s string) bool {
	m := yearly.FindStringSubmatch(s)
	return m != nil && isDay("2024-"+m[1]) // a leap year
}

// Yearly says that a window comes back every year.
func (w Window) Yearly() bool { return strings.HasPrefix(w.From, "--") }

// in returns the window as it opens in a year. One that is there every year may
// go over into the next; the 29th of February is the 28th where there is none.
func (w Window) in(year int) Span {
	if !w.Yearly() {
		return Span(w)
	}
	at := func(year int, s string) string {
		day := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006") + s[1:]
		if !isDay(day) {
			day = day[:8] + "28"
		}
		return day
	}
	if w.Until < w.From {
		return Span{at(year, w.From), at(year+1, w.Until)}
	}
	return Span{at(year, w.From), at(year, w.Until)}
}

// Spans are the stretches of [from, until] in which windows are open, the
// earliest first. Without windows it is all of it.
func Spans(windows []Window, from, until string) []Span {
	if until != "" && until < from {
		return nil
	}
	if len(windows) == 0 {
		return []Span{{from, until}}
	}
	var out []Span
	add := func(s Span) {
		if until != "" && (s.Until == "" || s.Until > until) {
			s.Until = until
		}
		s.From = max(s.From, from)
		if s.Until == "" || s.From <= s.Until {
			out = append(out, s)
		}
	}
	for _, w := range windows {
		if !w.Yearly() {
			add(Span(w))
			continue
		}
		first, last := yearOf(from)-1, yearOf(from)+2
		if until != "" {
			last = min(yearOf(until), first+100)
		}
		for year := first; year <= last; year++ {
			add(w.in(year))
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Until, b.Until)) })
	return slices.Compact(out)
}

func yearOf(day string) int {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return t.Year()
}

// dayBefore is the day before another.
func dayBefore(day string) string { return addDays(day, -1) }

func addDays(day string, n int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}
