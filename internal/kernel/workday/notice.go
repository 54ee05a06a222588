package workday

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// holidays.txt states the notices of 2007-2026 in the form ParseNotices reads.
//
//go:embed holidays.txt
var holidays string

// ErrNotice says that a text is not a list of notices.
var ErrNotice = errors.New("workday: not a list of holiday notices")

// Notice is what the State Council announces once a year, usually in November
// for the year to come.
type Notice struct {
	Year   int    // it is named after; some of its days may lie in the year before
	Source string // title of the notice or notices
	Days   []Day
}

// Day is a date that differs from the plain week, or may.
type Day struct {
	On   Date
	Work bool   // worked; else a day off
	Name string // festival, or why a city decided so
}

// ParseNotices reads notices in the form of holidays.txt:
//
//	2026 title of the notice
//	  元旦 off 01-01..01-03 work 01-04
//
// A day of another year than the block is written in full, empty lines and
// lines with # are skipped. The error is ErrNotice and names the line.
func ParseNotices(text string) ([]Notice, error) {
	var notices []Notice
	fail := func(line int, why string) ([]Notice, error) {
		return nil, fmt.Errorf("%w: line %d: %s", ErrNotice, line, why)
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
			year, err := strconv.Atoi(fields[0])
			if err != nil || year < 1949 || year > 9999 {
				return fail(n, "no year")
			}
			for _, old := range notices {
				if old.Year == year {
					return fail(n, "the year is there twice")
				}
			}
			notices = append(notices, Notice{Year: year, Source: strings.Join(fields[1:], " ")})
			continue
		}
		if len(notices) == 0 {
			return fail(n, "days before the first year")
		}
		notice := &notices[len(notices)-1]
		days, why := parseFestival(notice.Year, fields)
		if why != "" {
			return fail(n, why)
		}
		notice.Days = append(notice.Days, days...)
	}
	return notices, nil
}

func parseFestival(year int, fields []string) (days []Day, why string) {
	name, kind := fields[0], ""
	for _, f := range fields[1:] {
		if f == "off" || f == "work" {
			kind = f
			continue
		}
		if kind == "" {
			return nil, "neither off nor work before " + f
		}
		a, b, isRun := strings.Cut(f, "..")
		if !isRun {
			b = a
		}
		from, err1 := parseDay(year, a)
		to, err2 := parseDay(year, b)
		if err1 != nil || err2 != nil || to.Before(from) || to.Sub(from) > 31 {
			return nil, "bad days " + f
		}
		// A slip in the year would silently free a day of some other year.
		if from.Year() < year-1 || to.Year() > year+1 {
			return nil, "days far from the year of the notice: " + f
		}
		for d := from; !d.After(to); d = d.AddDays(1) {
			days = append(days, Day{On: d, Work: kind == "work", Name: name})
		}
	}
	if len(days) == 0 {
		return nil, "no days for " + name
	}
	return days, ""
}

func parseDay(year int, s string) (Date, error) {
	if len(s) == len("01-02") {
		s = fmt.Sprintf("%04d-%s", year, s)
	}
	return Parse(s)
}
