package workday

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestSharesOfPauses(t *testing.T) {
	t.Parallel()
	cal, accepted, now := Official(), at("2026-03-02 10:00"), at("2026-04-20 10:00")
	limit := Limit{10, UnitWorkday}
	for name, x := range map[string]struct {
		pauses []Pause
		want   []Days
	}{
		"one, across a weekend":        {[]Pause{{at("2026-03-05 09:00"), at("2026-03-16 09:00")}}, []Days{7}},
		"within a day it costs none":   {[]Pause{{at("2026-03-05 09:00"), at("2026-03-05 17:00")}}, []Days{0}},
		"the second lies in the first": {[]Pause{{at("2026-03-05 09:00"), at("2026-03-10 09:00")}, {at("2026-03-06 09:00"), at("2026-03-09 09:00")}}, []Days{3, 0}},
		"they overlap":                 {[]Pause{{at("2026-03-04 09:00"), at("2026-03-06 12:00")}, {at("2026-03-05 10:00"), at("2026-03-10 10:00")}}, []Days{2, 2}},
		"the whole time before, over others that were": {[]Pause{
			{at("2026-03-02 10:00"), at("2026-03-10 09:00")}, {at("2026-03-04 09:00"), at("2026-03-06 09:00")}, {at("2026-03-12 09:00"), at("2026-03-13 09:00")},
		}, []Days{6, 0, 1}},
		"the order of the list does not matter": {[]Pause{
			{at("2026-03-12 09:00"), at("2026-03-13 09:00")}, {at("2026-03-02 10:00"), at("2026-03-10 09:00")},
		}, []Days{1, 6}},
		"it begins on what would be the last day": {[]Pause{{at("2026-03-16 09:00"), at("2026-03-18 09:00")}}, []Days{3}},
		"it lies after the due day":               {[]Pause{{at("2026-03-17 09:00"), at("2026-03-18 09:00")}}, []Days{0}},
	} {
		got := cal.Shares(accepted, now, limit, x.pauses, nil)
		for i := range x.want {
			if got[i] != x.want[i] {
				t.Errorf("%s: %v, want %v", name, got, x.want)
				break
			}
		}
	}
}

// Whatever the pauses: limit, extensions and shares are the days up to the due day.
func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	cal, r := Official(), rand.New(rand.NewPCG(3, 5))
	for range 2000 {
		accepted := at("2026-01-05 09:00").Add(time.Duration(r.IntN(24*200)) * time.Hour)
		now := accepted.Add(time.Duration(r.IntN(24*90)) * time.Hour)
		limit := Limit{1 + r.IntN(30), UnitWorkday}
		var extra []Limit
		if r.IntN(3) == 0 {
			extra = append(extra, Limit{1 + r.IntN(10), UnitWorkday})
		}
		var pauses []Pause
		for range r.IntN(5) {
			x := Pause{From: accepted.Add(time.Duration(r.IntN(24*60)-24) * time.Hour)}
			x.To = x.From.Add(time.Duration(r.IntN(24*20)) * time.Hour)
			pauses = append(pauses, x)
		}
		if len(pauses) > 0 && r.IntN(3) == 0 {
			pauses[0] = Pause{From: now.Add(-time.Duration(r.IntN(24*10)) * time.Hour)} // open
		}
		d := cal.Deadline(accepted, limit, pauses, extra, now)
		sum := Days(0)
		for _, n := range cal.Shares(accepted, now, limit, pauses, extra) {
			sum += n
		}
		whole := Days(limit.N)
		for _, e := range extra {
			whole += Days(e.N)
		}
		if between := cal.Between(DateOf(accepted), lastDay(d.Due)); sum != d.PausedDays || whole+sum != between {
			t.Fatalf("accepted %v, limit %v + %v, pauses %v, now %v: shares %d, paused %d, %d of %d days", accepted, limit, extra, pauses, now, sum, d.PausedDays, whole+sum, between)
		}
	}
}
