package workday

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/quick"
	"time"
)

func TestParseAndString(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0001-01-02", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"} {
		d, err := Parse(s)
		if err != nil || d.String() != s {
			t.Errorf("Parse(%s) = %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "2025-02-29", "2026-13-01", "2026-1-1", "0000-12-31", "20260101", "2026-01-01T00:00:00Z", " 2026-01-01"} {
		if d, err := Parse(s); !errors.Is(err, ErrDate) {
			t.Errorf("Parse(%q) = %v, %v, want ErrDate", s, d, err)
		}
	}
}

func TestDateAgreesWithTime(t *testing.T) {
	t.Parallel()
	same := func(day int32, add int16) bool {
		day %= 700_000
		ref := time.Date(2000, 1, 1, 12, 0, 0, 0, Zone).AddDate(0, 0, int(day))
		if y := ref.Year(); y < 100 || y > 3800 {
			return true
		}
		d := DateOf(ref)
		later := DateOf(ref.AddDate(0, 0, int(add)))
		return d.String() == ref.Format(time.DateOnly) && d.Weekday() == ref.Weekday() &&
			d.AddDays(int(add)) == later && later.Sub(d) == int(add) &&
			d.Before(later) == (add > 0) && d.After(later) == (add < 0) && (d.Compare(later) < 0) == (add > 0) &&
			d == NewDate(ref.Date())
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

func TestDateOfInstants(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		instant string
		want    string
	}{
		"a second before midnight in Zone": {"2026-03-01T15:59:59Z", "2026-03-01"},
		"midnight in Zone":                 {"2026-03-01T16:00:00Z", "2026-03-02"},
		"another zone":                     {"2026-03-01T23:30:00-05:00", "2026-03-02"},
		"before 1970":                      {"1969-12-31T15:59:59.999Z", "1969-12-31"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, err := time.Parse(time.RFC3339Nano, tt.instant)
			if err != nil {
				t.Fatal(err)
			}
			if got := DateOf(x).String(); got != tt.want {
				t.Errorf("DateOf = %s, want %s", got, tt.want)
			}
		})
	}
	d := MustParse("2026-03-02")
	if got := EndOf(d).Format(time.RFC3339); got != "2026-03-03T00:00:00+08:00" {
		t.Errorf("EndOf = %s", got)
	}
	if got := StartOf(d).Format(time.RFC3339); got != "2026-03-02T00:00:00+08:00" {
		t.Errorf("StartOf = %s", got)
	}
	if lastDay(EndOf(d)) != d || DateOf(StartOf(d)) != d {
		t.Error("start and end of a day belong to it")
	}
}

func TestAddMonths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-15", 1, "2026-02-15"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2026-01-31", 2, "2026-03-31"},
		{"2026-08-31", 6, "2027-02-28"},
		{"2026-12-31", 12, "2027-12-31"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-01-31", -2, "2025-11-30"},
	}
	for _, tt := range tests {
		if got := MustParse(tt.from).AddMonths(tt.n).String(); got != tt.want {
			t.Errorf("%s + %d months = %s, want %s", tt.from, tt.n, got, tt.want)
		}
	}
}

func TestDateStopsAtTheEnds(t *testing.T) {
	t.Parallel()
	if got := MustParse("9999-12-30").AddDays(5); got != maxDate {
		t.Errorf("beyond the end: %v", got)
	}
	if got := MustParse("0001-01-05").AddDays(-9); !got.IsZero() {
		t.Errorf("before the start: %v", got)
	}
}

func TestDateAsJSON(t *testing.T) {
	t.Parallel()
	type row struct {
		On   Date
		None Date
		By   map[Date]int
	}
	d := MustParse("2026-05-09")
	b, err := json.Marshal(row{On: d, By: map[Date]int{d: 1}})
	if err != nil || string(b) != `{"On":"2026-05-09","None":"","By":{"2026-05-09":1}}` {
		t.Fatalf("Marshal = %s, %v", b, err)
	}
	var back row
	if err := json.Unmarshal(b, &back); err != nil || back.On != d || !back.None.IsZero() || back.By[d] != 1 {
		t.Errorf("Unmarshal = %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"On":"2026-02-30"}`), &back); !errors.Is(err, ErrDate) {
		t.Errorf("Unmarshal of 30 February = %v", err)
	}
}
