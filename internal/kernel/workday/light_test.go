package workday

import (
	"testing"
	"time"
)

func TestLightOf(t *testing.T) {
	t.Parallel()
	ten, one, thirty := Limit{10, UnitWorkday}, Limit{1, UnitWorkday}, Limit{30, UnitWorkday}
	tests := map[string]struct {
		now, promised, statutory string // due days, or instants
		limit                    Limit
		want                     Light
	}{
		"far away":                                {"2026-03-10 09:00", "2026-03-16", "", ten, Normal},
		"one fifth left":                          {"2026-03-12 00:00", "2026-03-16", "", ten, Warning},
		"just before":                             {"2026-03-11 23:59", "2026-03-16", "", ten, Normal},
		"the last day":                            {"2026-03-16 23:59", "2026-03-16", "", ten, Warning},
		"overdue at 24:00":                        {"2026-03-17 00:00", "2026-03-16", "", ten, Yellow},
		"three working days late":                 {"2026-03-19 23:59", "2026-03-16", "", ten, Yellow},
		"four working days late":                  {"2026-03-20 00:00", "2026-03-16", "", ten, Red},
		"a weekend does not make it red":          {"2026-03-15 12:00", "2026-03-10", "", ten, Yellow},
		"the statute makes it red at once":        {"2026-03-17 00:00", "2026-03-16", "2026-03-16", ten, Red},
		"the statute after two days":              {"2026-03-19 00:00", "2026-03-16", "2026-03-18", ten, Red},
		"the statute is further away":             {"2026-03-18 12:00", "2026-03-16", "2026-03-18", ten, Yellow},
		"a promise of one day warns at once":      {"2026-03-02 09:00", "2026-03-03", "", one, Warning},
		"a fifth of thirty days":                  {"2026-03-06 09:00", "2026-03-16", "", thirty, Warning},
		"before a fifth of thirty days":           {"2026-03-05 09:00", "2026-03-16", "", thirty, Normal},
		"only a statutory limit, a day before":    {"2026-03-13 09:00", "", "2026-03-16", Limit{}, Warning},
		"only a statutory limit, earlier":         {"2026-03-12 09:00", "", "2026-03-16", Limit{}, Normal},
		"only a statutory limit, overdue":         {"2026-03-17 09:00", "", "2026-03-16", Limit{}, Red},
		"no limit at all":                         {"2026-03-17 09:00", "", "", Limit{}, Normal},
		"hours warn in the last fifth":            {"2026-03-10 14:00", "2026-03-10 15:00", "", Limit{5, UnitHour}, Warning},
		"hours before that":                       {"2026-03-10 13:59", "2026-03-10 15:00", "", Limit{5, UnitHour}, Normal},
		"hours overdue":                           {"2026-03-10 15:00", "2026-03-10 15:00", "", Limit{5, UnitHour}, Yellow},
		"hours overdue for days":                  {"2026-03-16 00:00", "2026-03-10 15:00", "", Limit{5, UnitHour}, Red},
		"natural days count as working days left": {"2026-03-12 09:00", "2026-03-16", "", Limit{15, UnitDay}, Warning},
		"natural days, a day earlier":             {"2026-03-11 09:00", "2026-03-16", "", Limit{15, UnitDay}, Normal},
		"a month":                                 {"2026-03-11 09:00", "2026-03-16", "", Limit{1, UnitMonth}, Warning}, // 16 working days
		"a month with more left":                  {"2026-03-10 09:00", "2026-03-16", "", Limit{1, UnitMonth}, Normal},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			end := func(s string) time.Time {
				switch len(s) {
				case 0:
					return time.Time{}
				case len(time.DateOnly):
					return EndOf(MustParse(s))
				default:
					return at(s)
				}
			}
			if got := LightOf(Official(), at(tt.now), end(tt.promised), end(tt.statutory), tt.limit); got != tt.want {
				t.Errorf("LightOf = %s, want %s", got, tt.want)
			}
		})
	}
}

// The stored instants say the same as the rule in words, on every hour of half a
// year with holidays in it.
func TestThresholdsAgreeWithTheRule(t *testing.T) {
	t.Parallel()
	cal := Official()
	for _, n := range []int{1, 2, 5, 9, 10, 20, 45} {
		for _, day := range []string{"2026-01-01", "2026-02-13", "2026-04-03", "2026-04-30"} {
			accepted, promised := at(day).Add(10*time.Hour), Limit{n, UnitWorkday}
			promisedDue, _ := cal.Due(accepted, promised)
			statutoryDue, _ := cal.Due(accepted, Limit{n + 2*(n%3), UnitWorkday})
			warnAt, yellowAt, redAt := Thresholds(cal, accepted, promisedDue, statutoryDue, promised)
			if warnAt.Before(accepted) || !warnAt.Before(yellowAt) || redAt.Before(yellowAt) {
				t.Errorf("%d days from %s: %s, %s, %s", n, day, warnAt, yellowAt, redAt)
			}
			for now := accepted; now.Before(accepted.AddDate(0, 6, 0)); now = now.Add(time.Hour) {
				left := cal.Remaining(now, promisedDue)
				want := Normal
				switch {
				case !now.Before(statutoryDue) || left < -3:
					want = Red
				case left < 0:
					want = Yellow
				case left <= max(1, Days(n/5)):
					want = Warning
				}
				stored := Normal
				switch {
				case !now.Before(redAt):
					stored = Red
				case !now.Before(yellowAt):
					stored = Yellow
				case !now.Before(warnAt):
					stored = Warning
				}
				got := LightOf(cal, now, promisedDue, statutoryDue, promised)
				if got != want || stored != want {
					t.Fatalf("%d days from %s at %s: light %s, stored %s, want %s", n, day, now, got, stored, want)
				}
			}
		}
	}
}

func TestThresholdsWithoutALimitNeverCome(t *testing.T) {
	t.Parallel()
	warnAt, yellowAt, redAt := Thresholds(Official(), at("2026-03-02"), time.Time{}, time.Time{}, Limit{})
	if !warnAt.IsZero() || !yellowAt.IsZero() || !redAt.IsZero() {
		t.Errorf("Thresholds = %s, %s, %s", warnAt, yellowAt, redAt)
	}
}

func TestLightNames(t *testing.T) {
	t.Parallel()
	for l, want := range map[Light]string{Normal: "normal", Warning: "warning", Yellow: "yellow", Red: "red", 3: "unknown"} {
		if l.String() != want {
			t.Errorf("%d = %s", int(l), l)
		}
	}
}
