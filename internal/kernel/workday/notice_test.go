package workday

import (
	"errors"
	"testing"
)

func TestHolidaysAgreeWithThePublishedTable(t *testing.T) {
	t.Parallel()
	rows := shared(t, "calendar/calendar-2007-2026.csv")
	cal := Official()
	if len(rows) != len(cal.special) {
		t.Errorf("%d days here, %d in the table", len(cal.special), len(rows))
	}
	for _, r := range rows {
		day, ok := cal.Special(MustParse(r[0]))
		if !ok || day.Work != (r[1] == "work") {
			t.Errorf("%s is %s, not %+v", r[0], r[1], day)
		}
	}
}

func TestEveryNoticeIsThere(t *testing.T) {
	t.Parallel()
	for y := 2007; y <= 2026; y++ {
		n, ok := Official().Notice(y)
		if !ok || n.Source == "" || len(n.Days) < 20 {
			t.Errorf("%d: %d days of %q", y, len(n.Days), n.Source)
		}
	}
	if _, ok := Official().Notice(2027); ok {
		t.Error("there is no notice for 2027 yet")
	}
}

func TestParseNotices(t *testing.T) {
	t.Parallel()
	notices, err := ParseNotices("# made up\n2027 a notice\n  元旦 off 2026-12-31..01-02 work 2026-12-27 01-03\n\n2028\n\t元旦 off 01-01\n")
	if err != nil || len(notices) != 2 {
		t.Fatalf("ParseNotices = %v, %v", notices, err)
	}
	want := []Day{
		{MustParse("2026-12-31"), false, "元旦"},
		{MustParse("2027-01-01"), false, "元旦"},
		{MustParse("2027-01-02"), false, "元旦"},
		{MustParse("2026-12-27"), true, "元旦"},
		{MustParse("2027-01-03"), true, "元旦"},
	}
	got := notices[0]
	if got.Year != 2027 || got.Source != "a notice" || len(got.Days) != len(want) {
		t.Fatalf("first notice = %+v", got)
	}
	for i := range want {
		if got.Days[i] != want[i] {
			t.Errorf("day %d = %+v, want %+v", i, got.Days[i], want[i])
		}
	}

	for name, text := range map[string]string{
		"days first":        "  元旦 off 01-01",
		"no year":           "next year",
		"the year twice":    "2027\n2027",
		"no kind":           "2027\n  元旦 01-01",
		"no days":           "2027\n  元旦 off",
		"no such day":       "2027\n  元旦 off 02-29",
		"run goes backward": "2027\n  元旦 off 01-03..01-01",
		"endless run":       "2027\n  元旦 off 01-01..06-01",
		"slip in the year":  "2027\n  元旦 off 2017-01-01",
	} {
		if n, err := ParseNotices(text); !errors.Is(err, ErrNotice) {
			t.Errorf("%s: ParseNotices = %v, %v, want ErrNotice", name, n, err)
		}
	}
}
