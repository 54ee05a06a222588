package workday

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func TestDue(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		accepted string
		limit    Limit
		want     string // the first instant that is too late
	}{
		"one working day":                       {"2026-03-02 10:00", Limit{1, UnitWorkday}, "2026-03-04"},
		"a make-up Saturday is a working day":   {"2026-02-13 10:00", Limit{1, UnitWorkday}, "2026-02-15"},
		"natural days":                          {"2026-03-02 10:00", Limit{3, UnitDay}, "2026-03-06"},
		"natural days ending on a Sunday":       {"2026-03-02 10:00", Limit{6, UnitDay}, "2026-03-10"},
		"natural days ending on a make-up day":  {"2026-02-13 10:00", Limit{1, UnitDay}, "2026-02-15"},
		"natural days ending in a long holiday": {"2026-09-30 10:00", Limit{2, UnitDay}, "2026-10-09"},
		"a month":                               {"2026-03-02 10:00", Limit{1, UnitMonth}, "2026-04-03"},
		"a month clamped, then a Saturday":      {"2026-01-31 10:00", Limit{1, UnitMonth}, "2026-03-01"}, // 28 Feb 2026 is worked
		"a month ending on a holiday":           {"2026-09-03 10:00", Limit{1, UnitMonth}, "2026-10-09"},
		"a month of a leap year":                {"2024-01-31 10:00", Limit{1, UnitMonth}, "2024-03-01"},
		"hours run at night and on holidays":    {"2026-02-14 17:30", Limit{48, UnitHour}, "2026-02-16 17:30"},
		"minutes":                               {"2026-03-02 23:50", Limit{30, UnitMinute}, "2026-03-03 00:20"},
		"accepted at midnight is that day":      {"2026-03-02 00:00", Limit{1, UnitWorkday}, "2026-03-04"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, provisional := Official().Due(at(tt.accepted), tt.limit)
			if !got.Equal(at(tt.want)) || provisional {
				t.Errorf("Due = %s, %t, want %s", got, provisional, tt.want)
			}
			utc, _ := Official().Due(at(tt.accepted).UTC(), tt.limit)
			if !utc.Equal(got) {
				t.Errorf("Due depends on the zone of the instant: %s and %s", got, utc)
			}
		})
	}
}

func TestNoLimitHasNoDue(t *testing.T) {
	t.Parallel()
	for _, l := range []Limit{{}, {0, UnitWorkday}, {-1, UnitDay}, {5, "week"}, {1 << 40, UnitHour}} {
		if due, provisional := Official().Due(at("2026-03-02"), l); !due.IsZero() || provisional {
			t.Errorf("Due of %+v = %s, %t", l, due, provisional)
		}
	}
}

func TestLimitValidate(t *testing.T) {
	t.Parallel()
	for _, l := range []Limit{{}, {0, UnitDay}, {20, UnitWorkday}, {3653, UnitDay}, {24, UnitHour}, {1, UnitMinute}, {120, UnitMonth}} {
		if err := l.Validate(); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
	for _, l := range []Limit{{20, ""}, {0, "week"}, {-1, UnitDay}, {121, UnitMonth}, {3654, UnitDay}, {5, "Workday"}} {
		if err := l.Validate(); !errors.Is(err, ErrLimit) {
			t.Errorf("%+v: %v, want ErrLimit", l, err)
		}
	}
	if !(Limit{Unit: UnitDay}).IsZero() || (Limit{1, UnitDay}).IsZero() {
		t.Error("a limit is zero when its number is")
	}
}

func TestLimitAsJSON(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(Limit{20, UnitWorkday})
	if err != nil || string(b) != `{"n":20,"unit":"workday"}` {
		t.Fatalf("Marshal = %s, %v", b, err)
	}
	var l Limit
	if err := json.Unmarshal(b, &l); err != nil || l != (Limit{20, UnitWorkday}) {
		t.Errorf("Unmarshal = %+v, %v", l, err)
	}
}

func TestDueIsMonotone(t *testing.T) {
	t.Parallel()
	for _, unit := range []Unit{UnitWorkday, UnitDay, UnitHour, UnitMinute, UnitMonth} {
		for n := 1; n <= 40; n += 13 {
			var last time.Time
			for now := at("2025-12-01"); now.Before(at("2026-12-01")); now = now.Add(7 * time.Hour) {
				due, _ := Official().Due(now, Limit{n, unit})
				if due.Before(last) || !due.After(now) {
					t.Fatalf("%d %s from %s is due %s, an earlier one %s", n, unit, now, due, last)
				}
				last = due
			}
		}
	}
}
