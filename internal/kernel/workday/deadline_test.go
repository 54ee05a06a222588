package workday

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestDeadlineDue(t *testing.T) {
	t.Parallel()
	const accepted = "2026-03-02 10:00"
	ten := Limit{10, UnitWorkday}
	type pauses = [][2]string
	tests := map[string]struct {
		accepted string
		limit    Limit
		pauses   pauses
		extra    []Limit
		now      string
		want     string // last day, or instant
		paused   Days
	}{
		"no pause": {limit: ten, want: "2026-03-16"},
		"the vector: paused after the 5th until the 16th": {
			limit: ten, pauses: pauses{{"2026-03-05 15:00", "2026-03-16 09:00"}}, want: "2026-03-25", paused: 7,
		},
		"the vector with dates for instants": {
			limit: ten, pauses: pauses{{"2026-03-05", "2026-03-16"}}, want: "2026-03-25", paused: 7,
		},
		"the vector with ends of days": {
			limit: ten, pauses: pauses{{"2026-03-06", "2026-03-17"}}, want: "2026-03-25", paused: 7,
		},
		"within one day nothing is taken": {
			limit: ten, pauses: pauses{{"2026-03-05 08:00", "2026-03-05 23:59"}}, want: "2026-03-16",
		},
		"overnight takes the second day": {
			limit: ten, pauses: pauses{{"2026-03-05 17:00", "2026-03-06 08:30"}}, want: "2026-03-17", paused: 1,
		},
		"until 24:00 takes no further day": {
			limit: ten, pauses: pauses{{"2026-03-05 17:00", "2026-03-06"}}, want: "2026-03-16",
		},
		"a weekend takes nothing": {
			limit: ten, pauses: pauses{{"2026-03-06 17:00", "2026-03-08 23:00"}}, want: "2026-03-16",
		},
		"overlapping pauses are merged": {
			limit: ten, want: "2026-03-25", paused: 7,
			pauses: pauses{{"2026-03-10 09:00", "2026-03-16 09:00"}, {"2026-03-05 15:00", "2026-03-12 09:00"}, {"2026-03-06 09:00", "2026-03-07 09:00"}},
		},
		"a pause that begins the day another ends": {
			limit: ten, want: "2026-03-25", paused: 7,
			pauses: pauses{{"2026-03-05 15:00", "2026-03-10 09:00"}, {"2026-03-10 15:00", "2026-03-16 09:00"}},
		},
		"two pauses apart": {
			limit: ten, want: "2026-03-19", paused: 3,
			pauses: pauses{{"2026-03-03 15:00", "2026-03-04 09:00"}, {"2026-03-10 15:00", "2026-03-12 09:00"}},
		},
		"a pause moved into by another pause": {
			limit: ten, want: "2026-03-20", paused: 4,
			pauses: pauses{{"2026-03-03 15:00", "2026-03-05 09:00"}, {"2026-03-16 15:00", "2026-03-18 09:00"}},
		},
		"before acceptance there is nothing to pause": {
			limit: ten, pauses: pauses{{"2026-02-24 09:00", "2026-02-27 09:00"}}, want: "2026-03-16",
		},
		"from before acceptance it takes what lies after": {
			limit: ten, pauses: pauses{{"2026-02-24 09:00", "2026-03-03 09:00"}}, want: "2026-03-17", paused: 1,
		},
		"after the due time it is too late": {
			limit: ten, pauses: pauses{{"2026-03-17 09:00", "2026-03-20 09:00"}}, want: "2026-03-16",
		},
		"a limit does not run out during a pause": {
			limit: ten, pauses: pauses{{"2026-03-16 15:00", "2026-03-18 09:00"}}, want: "2026-03-19", paused: 3,
		},
		"a pause on the last day that ends in time": {
			limit: ten, pauses: pauses{{"2026-03-16 09:00", "2026-03-16 15:00"}}, want: "2026-03-16",
		},
		"one backwards has no effect": {
			limit: ten, pauses: pauses{{"2026-03-16 09:00", "2026-03-05 15:00"}}, want: "2026-03-16",
		},
		"across Spring Festival": {
			accepted: "2026-02-10 10:00", limit: ten, want: "2026-03-09", paused: 5,
			pauses: pauses{{"2026-02-12 15:00", "2026-02-26 09:00"}}, // takes 13, 14 (worked), 24, 25, 26
		},
		"open: as if it ended now": {
			limit: ten, pauses: pauses{{"2026-03-05 15:00", ""}}, now: "2026-03-16 09:00", want: "2026-03-25", paused: 7,
		},
		"open since this morning": {
			limit: ten, pauses: pauses{{"2026-03-05 08:00", ""}}, now: "2026-03-05 09:00", want: "2026-03-16",
		},
		"open on the last day, a day later": {
			limit: ten, pauses: pauses{{"2026-03-16 08:00", ""}}, now: "2026-03-17 09:00", want: "2026-03-18", paused: 2,
		},
		"natural days": {
			limit: Limit{10, UnitDay}, pauses: pauses{{"2026-03-05 15:00", "2026-03-09 09:00"}}, want: "2026-03-16", paused: 2,
		},
		"natural days that then end on a Saturday": {
			limit: Limit{10, UnitDay}, pauses: pauses{{"2026-03-05 15:00", "2026-03-07 09:00"}}, want: "2026-03-16", paused: 1,
		},
		"moved from a Saturday past a pause": {
			limit: Limit{5, UnitDay}, pauses: pauses{{"2026-03-07 15:00", "2026-03-10 09:00"}}, want: "2026-03-11", paused: 2,
		},
		"a month": {
			limit: Limit{1, UnitMonth}, pauses: pauses{{"2026-03-05 15:00", "2026-03-10 09:00"}}, want: "2026-04-07", paused: 3,
		},
		"hours stop for the pause": {
			limit: Limit{24, UnitHour}, pauses: pauses{{"2026-03-02 12:00", "2026-03-02 13:30"}, {"2026-03-03 11:00", "2026-03-03 12:00"}}, want: "2026-03-03 12:30",
		},
		"hours do not stop for a pause that begins when they are over": {
			limit: Limit{24, UnitHour}, pauses: pauses{{"2026-03-03 10:00", "2026-03-04 10:00"}}, want: "2026-03-03 10:00",
		},
		"minutes stop too": {
			limit: Limit{30, UnitMinute}, pauses: pauses{{"2026-03-02 10:10", "2026-03-02 10:40"}}, want: "2026-03-02 11:00",
		},
		"extended": {
			limit: ten, extra: []Limit{{5, UnitWorkday}}, want: "2026-03-23",
		},
		"extended and paused in the extension": {
			limit: ten, extra: []Limit{{5, UnitWorkday}}, pauses: pauses{{"2026-03-17 15:00", "2026-03-19 09:00"}}, want: "2026-03-25", paused: 2,
		},
		"extended in natural days, moved once at the end": {
			limit: Limit{5, UnitDay}, extra: []Limit{{7, UnitDay}}, want: "2026-03-16", // 14th is a Saturday
		},
		"months are added up before clamping": {
			accepted: "2026-01-30 10:00", limit: Limit{1, UnitMonth}, extra: []Limit{{1, UnitMonth}}, want: "2026-03-30",
		},
		"another unit goes on from the end": {
			limit: ten, extra: []Limit{{2, UnitDay}}, want: "2026-03-18",
		},
		"hours after days begin at 24:00": {
			limit: ten, extra: []Limit{{6, UnitHour}}, want: "2026-03-17 06:00",
		},
		"days after hours begin the next day": {
			limit: Limit{24, UnitHour}, extra: []Limit{{1, UnitWorkday}}, want: "2026-03-04",
		},
		"an empty extension": {
			limit: ten, extra: []Limit{{}}, want: "2026-03-16",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, now := at(accepted), at("2026-03-02 11:00")
			if tt.accepted != "" {
				from = at(tt.accepted)
			}
			if tt.now != "" {
				now = at(tt.now)
			}
			var list []Pause
			for _, p := range tt.pauses {
				x := Pause{From: at(p[0])}
				if p[1] != "" {
					x.To = at(p[1])
				}
				list = append(list, x)
			}
			want := at(tt.want)
			if len(tt.want) == len(time.DateOnly) {
				want = EndOf(MustParse(tt.want))
			}
			got := Official().Deadline(from, tt.limit, list, tt.extra, now)
			if !got.Due.Equal(want) || got.PausedDays != tt.paused {
				t.Errorf("due %s, %d days paused; want %s, %d", got.Due, got.PausedDays, want, tt.paused)
			}
		})
	}
}

func TestDeadlineDays(t *testing.T) {
	t.Parallel()
	closed := []Pause{{at("2026-03-05 15:00"), at("2026-03-16 09:00")}}
	open := []Pause{{From: at("2026-03-05 15:00")}}
	tests := map[string]struct {
		pauses     []Pause
		now        string
		used, left Days
		paused     bool
	}{
		"on the day of acceptance":           {nil, "2026-03-02 11:00", 0, 10, false},
		"after three days":                   {nil, "2026-03-05 11:00", 3, 7, false},
		"on the last day":                    {nil, "2026-03-16 11:00", 10, 0, false},
		"a day late":                         {nil, "2026-03-17 11:00", 11, -1, false},
		"before acceptance":                  {nil, "2026-03-01 11:00", 0, 10, false},
		"while the pause is open":            {open, "2026-03-12 11:00", 3, 7, true},
		"on the day it begins":               {open, "2026-03-05 16:00", 3, 7, true},
		"before it begins":                   {open, "2026-03-05 14:00", 3, 7, false},
		"in a pause whose end is known":      {closed, "2026-03-12 11:00", 3, 7, true},
		"before a pause that is known":       {closed, "2026-03-04 11:00", 2, 8, false},
		"on the day it ended":                {closed, "2026-03-16 09:00", 3, 7, false},
		"on the first day that counts again": {closed, "2026-03-17 09:00", 4, 6, false},
		"on the last day after a pause":      {closed, "2026-03-25 09:00", 10, 0, false},
		"two days late after a pause":        {closed, "2026-03-27 09:00", 12, -2, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Official().Deadline(at("2026-03-02 10:00"), Limit{10, UnitWorkday}, tt.pauses, nil, at(tt.now))
			if got.UsedDays != tt.used || got.LeftDays != tt.left || got.Paused != tt.paused {
				t.Errorf("used %d, left %d, paused %t; want %d, %d, %t", got.UsedDays, got.LeftDays, got.Paused, tt.used, tt.left, tt.paused)
			}
		})
	}
}

func TestDeadlineWithoutALimit(t *testing.T) {
	t.Parallel()
	got := Official().Deadline(at("2026-03-02 10:00"), Limit{}, []Pause{{From: at("2026-03-05 15:00")}}, []Limit{{5, UnitDay}}, at("2026-03-09 10:00"))
	want := Deadline{Paused: true, UsedDays: 3, PausedDays: 2}
	if got != want {
		t.Errorf("Deadline = %+v, want %+v", got, want)
	}
}

func TestDeadlineIsProvisional(t *testing.T) {
	t.Parallel()
	accepted := at("2026-12-21 10:00")
	if d := Official().Deadline(accepted, Limit{5, UnitWorkday}, nil, nil, accepted); d.Provisional {
		t.Error("all days are known")
	}
	if d := Official().Deadline(accepted, Limit{5, UnitWorkday}, nil, []Limit{{10, UnitWorkday}}, accepted); !d.Provisional {
		t.Error("the extension reaches a year without a notice")
	}
}

// Whatever pauses there are, the deadline agrees with walking day by day.
func TestDeadlineAgreesWithWalking(t *testing.T) {
	t.Parallel()
	cal := Official()
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		accepted := at("2025-08-01").Add(time.Duration(r.IntN(400*24*60)) * time.Minute)
		limit := Limit{1 + r.IntN(25), UnitWorkday}
		var pauses []Pause
		for range r.IntN(5) {
			from := accepted.Add(time.Duration(r.IntN(40*24*60)-3000) * time.Minute)
			pauses = append(pauses, Pause{from, from.Add(time.Duration(r.IntN(12*24*60)) * time.Minute)})
		}
		now := accepted.Add(time.Duration(r.IntN(60*24*60)) * time.Minute)
		got := cal.Deadline(accepted, limit, pauses, nil, now)

		taken := func(d Date) bool { // inside a pause, but not the day it begins
			for _, p := range pauses {
				if p.To.After(accepted) && p.From.Before(p.To) && d.After(lastDay(p.From)) && !d.After(lastDay(p.To)) {
					return true
				}
			}
			return false
		}
		standing := func(end time.Time) bool { // a pause spans the end of a day
			for _, p := range pauses {
				if p.From.Before(end) && p.To.After(end) {
					return true
				}
			}
			return false
		}
		var counted Days
		day := DateOf(accepted)
		for {
			day = day.AddDays(1)
			if !cal.IsWorkday(day) || taken(day) {
				continue
			}
			if counted++; counted < Days(limit.N) {
				continue
			}
			if !standing(EndOf(day)) {
				break
			}
			counted--
		}
		if !got.Due.Equal(EndOf(day)) {
			t.Fatalf("accepted %s, %d days, pauses %v: due %s, want 24:00 of %s", accepted, limit.N, pauses, got.Due, day)
		}
		if got.Due != (time.Time{}) && now.Before(got.Due) && got.UsedDays+got.LeftDays != Days(limit.N) {
			t.Fatalf("accepted %s, %d days, pauses %v, now %s: used %d, left %d", accepted, limit.N, pauses, now, got.UsedDays, got.LeftDays)
		}
		if want := cal.Between(DateOf(accepted), day) - Days(limit.N); got.PausedDays != want {
			t.Fatalf("accepted %s, %d days, pauses %v: %d days paused, want %d", accepted, limit.N, pauses, got.PausedDays, want)
		}
	}
}

func BenchmarkDeadline(b *testing.B) {
	cal, accepted, now := Official(), at("2026-03-02 10:00"), at("2026-03-20 10:00")
	pauses := []Pause{{at("2026-03-05 15:00"), at("2026-03-16 09:00")}}
	for b.Loop() {
		cal.Deadline(accepted, Limit{10, UnitWorkday}, pauses, nil, now)
	}
}
