package workday

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/quick"
	"time"
)

// dues are counted by hand from the notices of 2024-2026.
var dues = []struct {
	accepted string
	limit    Days
	due      string
}{
	{"2024-02-08", 5, "2024-02-21"},
	{"2024-04-03", 1, "2024-04-07"}, // make-up Sunday
	{"2024-09-13", 3, "2024-09-19"},
	{"2024-09-30", 5, "2024-10-12"}, // make-up Saturday
	{"2025-01-24", 5, "2025-02-07"},
	{"2025-04-25", 5, "2025-05-06"},
	{"2025-09-30", 20, "2025-11-04"},
	{"2025-12-31", 2, "2026-01-05"},
	{"2026-01-01", 1, "2026-01-04"}, // accepted online on a holiday, due on a make-up Sunday
	{"2026-01-03", 1, "2026-01-04"},
	{"2026-02-13", 1, "2026-02-14"},
	{"2026-02-13", 20, "2026-03-19"},
	{"2026-02-14", 1, "2026-02-24"},
	{"2026-04-30", 5, "2026-05-11"},
	{"2026-09-24", 10, "2026-10-15"},
	{"2026-09-30", 45, "2026-12-08"},
}

func TestAddAcrossHolidays(t *testing.T) {
	t.Parallel()
	for _, v := range dues {
		checkDue(t, v.accepted, v.limit, v.due)
	}
}

func TestAddAgreesWithThePublishedVectors(t *testing.T) {
	t.Parallel()
	for _, r := range shared(t, "calendar/workday-vectors.csv") {
		n, err := strconv.Atoi(r[1])
		if err != nil {
			t.Fatal(err)
		}
		checkDue(t, r[0], Days(n), r[2])
		due := MustParse(r[2])
		if got := due.Weekday().String()[:3]; got != r[3] {
			t.Errorf("%s is a %s, want %s", due, got, r[3])
		}
		if got := strconv.Itoa(due.Sub(MustParse(r[0]))); got != r[4] {
			t.Errorf("%s to %s is %s days, want %s", r[0], due, got, r[4])
		}
	}
}

func checkDue(t *testing.T, accepted string, limit Days, want string) {
	t.Helper()
	cal, from, due := Official(), MustParse(accepted), MustParse(want)
	if got := cal.Add(from, limit); got != due {
		t.Errorf("Add(%s, %d) = %s, want %s", from, limit, got, due)
	}
	if got := cal.Between(from, due); got != limit {
		t.Errorf("Between(%s, %s) = %d, want %d", from, due, got, limit)
	}
	for _, clock := range []time.Duration{0, 11 * time.Hour, 24*time.Hour - 1} {
		instant, provisional := cal.Due(StartOf(from).Add(clock), Limit{int(limit), UnitWorkday})
		if !instant.Equal(EndOf(due)) || provisional {
			t.Errorf("Due(%s + %s, %d) = %s, %t, want 24:00 of %s", from, clock, limit, instant, provisional, due)
		}
	}
}

func TestWorkdaysOfAYear(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]Days{2024: 251, 2025: 248, 2026: 248} {
		if got := Official().Between(NewDate(year-1, 12, 31), NewDate(year, 12, 31)); got != want {
			t.Errorf("%d has %d working days, want %d", year, got, want)
		}
	}
}

func TestIsWorkday(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"2026-03-02": true,
		"2026-02-28": true,  // make-up Saturday
		"2026-02-23": false, // Monday of Spring Festival
		"2026-03-01": false, // Sunday
		"2007-12-31": false, // by the notice for 2008
		"2007-12-29": true,
		"2006-12-31": true,  // make-up day by the notice for 2007, though 2006 has none
		"2006-12-29": true,  // provisional Friday
		"2006-10-03": false, // provisional legal day off
		"2027-01-01": false,
		"2027-05-03": true,  // worked until the notice says otherwise
		"1985-10-01": false, // before the table
		"1985-10-02": false,
		"1985-10-04": true,
		"2150-05-01": false, // after the table
		"2150-05-04": true,
	} {
		if got := Official().IsWorkday(MustParse(s)); got != want {
			t.Errorf("IsWorkday(%s) = %t", s, got)
		}
	}
}

func TestProvisionalUntilTheNoticeComes(t *testing.T) {
	t.Parallel()
	cal := Official()
	accepted, limit := at("2026-12-25 09:00"), Limit{10, UnitWorkday}

	due, provisional := cal.Due(accepted, limit)
	if !due.Equal(EndOf(MustParse("2027-01-11"))) || !provisional {
		t.Errorf("without a notice: %s, %t", due, provisional)
	}
	if due, provisional := cal.Due(at("2026-12-25"), Limit{4, UnitWorkday}); !due.Equal(EndOf(MustParse("2026-12-31"))) || provisional {
		t.Errorf("within a known year: %s, %t", due, provisional)
	}

	notices, err := ParseNotices("2027 made up\n  元旦 off 01-01..01-05 work 2026-12-27")
	if err != nil {
		t.Fatal(err)
	}
	known := cal.WithNotices(notices...)
	due, provisional = known.Due(accepted, limit)
	if !due.Equal(EndOf(MustParse("2027-01-12"))) || provisional {
		t.Errorf("with the notice: %s, %t", due, provisional)
	}
	if !cal.Provisional(MustParse("2027-06-01")) || known.Provisional(MustParse("2027-06-01")) {
		t.Error("WithNotices must change only the new calendar")
	}

	// A corrected notice replaces the first one, including days it no longer has.
	notices, err = ParseNotices("2027 corrected\n  元旦 off 01-01")
	if err != nil {
		t.Fatal(err)
	}
	known = known.WithNotices(notices...)
	if known.IsWorkday(MustParse("2026-12-27")) || !known.IsWorkday(MustParse("2027-01-04")) {
		t.Error("days of the replaced notice are still there")
	}
}

func TestOverridesWinAndLeaveTheRest(t *testing.T) {
	t.Parallel()
	snow, fair := MustParse("2026-03-04"), MustParse("2026-03-07")
	city := Official().With(
		Day{On: snow, Name: "snow"},
		Day{On: fair, Work: true, Name: "in exchange for the snow day"},
		Day{On: MustParse("2110-01-02")},
	)
	if city.IsWorkday(snow) || !city.IsWorkday(fair) || city.IsWorkday(MustParse("2110-01-02")) {
		t.Error("overrides do not apply")
	}
	if !Official().IsWorkday(snow) || Official().IsWorkday(fair) {
		t.Error("overrides leak into the official calendar")
	}
	if got := city.Add(MustParse("2026-03-03"), 3); got != fair {
		t.Errorf("third day = %s", got)
	}
	if day, ok := city.Special(snow); !ok || day.Name != "snow" {
		t.Errorf("Special = %+v, %t", day, ok)
	}
	again := city.With(Day{On: snow, Work: true})
	if !again.IsWorkday(snow) || !again.IsWorkday(fair) || city.IsWorkday(snow) {
		t.Error("a later override must win in the new calendar only")
	}
	if !city.With(Day{On: MustParse("2027-03-01")}).Provisional(MustParse("2027-03-01")) {
		t.Error("an override does not make a year official")
	}
}

// Every day of the table and a few beyond both ends, against plain counting.
func TestAddAndBetweenAgreeWithCounting(t *testing.T) {
	t.Parallel()
	cal := Official().With(Day{On: MustParse("1989-12-30"), Work: true}, Day{On: MustParse("2100-01-02"), Work: true})
	r := rand.New(rand.NewPCG(1, 2))
	check := func(from Date, n Days) {
		t.Helper()
		d, left := from, n
		for left > 0 {
			if d = d.AddDays(1); cal.rule(d) {
				left--
			}
		}
		for left < 0 {
			if d = d.AddDays(-1); cal.rule(d) {
				left++
			}
		}
		if got := cal.Add(from, n); got != d {
			t.Fatalf("Add(%s, %d) = %s, want %s", from, n, got, d)
		}
		if n >= 0 {
			if got := cal.Between(from, d); got != n {
				t.Fatalf("Between(%s, %s) = %d, want %d", from, d, got, n)
			}
		}
	}
	for d := tableFirst; !d.After(tableLast); d = d.AddDays(1) {
		if cal.IsWorkday(d) != cal.rule(d) {
			t.Fatalf("IsWorkday(%s) = %t", d, cal.IsWorkday(d))
		}
		check(d, Days(r.IntN(60)))
		check(d, -Days(r.IntN(60)))
	}
	for i := -80; i <= 80; i++ {
		for _, n := range []Days{0, 1, 2, 30, 100, -1, -2, -30, -100} {
			check(tableFirst.AddDays(i), n)
			check(tableLast.AddDays(i), n)
		}
	}
}

func TestAddAndBetweenProperties(t *testing.T) {
	t.Parallel()
	cal := Official()
	day := func(x uint16) Date { return NewDate(2005, 1, 1).AddDays(int(x) % 9000) }
	for name, property := range map[string]any{
		"Between undoes Add": func(x, n uint16) bool {
			k := Days(n % 400)
			return cal.Between(day(x), cal.Add(day(x), k)) == k
		},
		"Add lands on a working day": func(x uint16, n int8) bool {
			return n == 0 || cal.IsWorkday(cal.Add(day(x), Days(n)))
		},
		"Add is monotone in the day and strict in the number": func(x, y uint16, n uint8) bool {
			a, b := earlier(day(x), day(y)), later(day(x), day(y))
			return !cal.Add(b, Days(n)).Before(cal.Add(a, Days(n))) && cal.Add(a, Days(n)).Before(cal.Add(a, Days(n)+1))
		},
		"Add in two steps is Add at once": func(x uint16, n, m uint8) bool {
			return cal.Add(cal.Add(day(x), Days(n)), Days(m)) == cal.Add(day(x), Days(n)+Days(m))
		},
		"Add back from a working day returns": func(x uint16, n uint8) bool {
			d := cal.Add(day(x), 1)
			return cal.Add(cal.Add(d, Days(n)), -Days(n)) == d
		},
		"Between adds up and has a sign": func(x, y, z uint16) bool {
			a, b, c := day(x), day(y), day(z)
			return cal.Between(a, b)+cal.Between(b, c) == cal.Between(a, c) && cal.Between(a, b) == -cal.Between(b, a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := quick.Check(property, &quick.Config{MaxCount: 3000}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAddBeyondTheCalendarStops(t *testing.T) {
	t.Parallel()
	cal := Official()
	if got := cal.Add(MustParse("2026-01-01"), math.MaxInt); got != maxDate {
		t.Errorf("far future = %s", got)
	}
	if got := cal.Add(MustParse("2026-01-01"), math.MinInt); !got.IsZero() {
		t.Errorf("far past = %s", got)
	}
}

func TestRemaining(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		now, due string
		want     Days
	}{
		"days after today count":                {"2026-03-02 09:00", "2026-03-05", 2},
		"the last day itself":                   {"2026-03-04 23:59", "2026-03-05", 0},
		"at 24:00 it is overdue":                {"2026-03-05 00:00", "2026-03-05", -1},
		"the second working day late":           {"2026-03-06 12:00", "2026-03-05", -2},
		"a weekend adds nothing":                {"2026-03-08 12:00", "2026-03-05", -2},
		"overdue on a day off is overdue":       {"2026-03-07 12:00", "2026-03-07", -1},
		"overdue on the next working day":       {"2026-03-09 12:00", "2026-03-07", -1},
		"due by the hour, before":               {"2026-03-05 14:59", "2026-03-05 15:00", 0},
		"due by the hour, after":                {"2026-03-05 15:00", "2026-03-05 15:00", -1},
		"due by the hour, next working day":     {"2026-03-06 09:00", "2026-03-05 15:00", -1},
		"across Spring Festival, with make-ups": {"2026-02-13 09:00", "2026-03-01", 6},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Official().Remaining(at(tt.now), at(tt.due)); got != tt.want {
				t.Errorf("Remaining = %d, want %d", got, tt.want)
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	cal, from := Official(), MustParse("2026-01-01")
	for i := 0; b.Loop(); i++ {
		cal.Add(from.AddDays(i&511), 20)
	}
}

func BenchmarkBetween(b *testing.B) {
	cal, from, to := Official(), MustParse("2019-01-01"), MustParse("2026-12-31")
	for b.Loop() {
		cal.Between(from, to)
	}
}

func BenchmarkWith(b *testing.B) {
	cal, day := Official(), Day{On: MustParse("2026-03-04")}
	for b.Loop() {
		cal.With(day)
	}
}
