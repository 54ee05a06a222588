package calendar_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/kernel/workday"
)

func on(day string) time.Time { return workday.StartOf(workday.MustParse(day)).Add(9 * time.Hour) }

func TestTheKindestCalendar(t *testing.T) {
	t.Parallel()
	wed, sat := workday.MustParse("2026-03-11"), workday.MustParse("2026-03-14")
	off := calendar.Override{ID: "1", Region: "371671", On: wed, Reason: "snow", At: on("2026-03-05")}
	made := calendar.Override{ID: "2", Region: "371671", On: sat, Work: true, Reason: "for the snow", At: on("2026-03-05")}
	back := off
	back.EndedAt = on("2026-03-09")
	back2 := made
	back2.EndedAt = on("2026-03-09")
	ofCity := calendar.Override{ID: "3", Region: "371600", On: wed, Reason: "games", At: on("2026-03-01")}
	butHere := calendar.Override{ID: "4", Region: "371671", On: wed, Work: true, Reason: "open here", At: on("2026-03-01")}
	for name, x := range map[string]struct {
		list   []calendar.Override
		region string
		since  string
		worked string // day → worked
		want   bool
	}{
		"a day off counts for what is accepted afterwards":     {[]calendar.Override{off}, "371671", "2026-03-06", "2026-03-11", false},
		"and for what was accepted before":                     {[]calendar.Override{off}, "371671", "2026-03-02", "2026-03-11", false},
		"and below the region":                                 {[]calendar.Override{off}, "371671001", "2026-03-06", "2026-03-11", false},
		"not beside it":                                        {[]calendar.Override{off}, "371602", "2026-03-06", "2026-03-11", true},
		"not above it":                                         {[]calendar.Override{off}, "371600", "2026-03-06", "2026-03-11", true},
		"a day made up counts for what is accepted afterwards": {[]calendar.Override{made}, "371671", "2026-03-06", "2026-03-14", true},
		"not for what was accepted before":                     {[]calendar.Override{made}, "371671", "2026-03-02", "2026-03-14", false},
		"a day off taken back stays for what was told so":      {[]calendar.Override{back}, "371671", "2026-03-06", "2026-03-11", false},
		"also for what was accepted before it was decided":     {[]calendar.Override{back}, "371671", "2026-03-02", "2026-03-11", false},
		"and is worked for what comes later":                   {[]calendar.Override{back}, "371671", "2026-03-10", "2026-03-11", true},
		"a made up day taken back is off for everybody":        {[]calendar.Override{back2}, "371671", "2026-03-06", "2026-03-14", false},
		"the city's day off":                                   {[]calendar.Override{ofCity}, "371671", "2026-03-02", "2026-03-11", false},
		"but the district is nearer":                           {[]calendar.Override{ofCity, butHere}, "371671", "2026-03-02", "2026-03-11", true},
		"and the rest of the city is not":                      {[]calendar.Override{ofCity, butHere}, "371602", "2026-03-02", "2026-03-11", false},
	} {
		b := calendar.NewBook(workday.Official(), x.list)
		for range 2 { // made, then remembered
			if got := b.For(x.region, on(x.since)).IsWorkday(workday.MustParse(x.worked)); got != x.want {
				t.Errorf("%s: worked = %t", name, got)
			}
		}
	}
}

// Whatever is decided after a limit began, its due day never comes nearer.
func TestNothingMovesADueDayNearer(t *testing.T) {
	t.Parallel()
	limit, accepted := workday.Limit{N: 10, Unit: workday.UnitWorkday}, on("2026-03-02")
	var list []calendar.Override
	due, _ := calendar.NewBook(workday.Official(), nil).For("371671", accepted).Due(accepted, limit)
	for i, day := range []string{"2026-03-07", "2026-03-10", "2026-03-14", "2026-03-12", "2026-03-08"} {
		d := workday.MustParse(day)
		o := calendar.Override{ID: day, Region: "371671", On: d, Work: !workday.Official().IsWorkday(d), At: on("2026-03-03").Add(time.Duration(i) * time.Hour)}
		list = append(list, o)
		now, _ := calendar.NewBook(workday.Official(), list).For("371671", accepted).Due(accepted, limit)
		if now.Before(due) {
			t.Errorf("%s moved it from %v to %v", day, due, now)
		}
		due = now
		list[i].EndedAt = o.At.Add(30 * time.Minute) // taken back
		if back, _ := calendar.NewBook(workday.Official(), list).For("371671", accepted).Due(accepted, limit); back.Before(due) {
			t.Errorf("%s taken back moved it from %v to %v", day, due, back)
		}
	}
}
