package workday

import (
	"errors"
	"fmt"
	"time"
)

// Zone is the only zone that dates are counted in. It is fixed, so a server
// without a zone database and a summer time of decades ago change nothing.
var Zone = time.FixedZone("Asia/Shanghai", zoneSeconds)

const (
	zoneSeconds = 8 * 3600
	daySeconds  = 24 * 3600
	unixEpoch   = 719_162   // days from 0001-01-01 to 1970-01-01
	maxDay      = 3_652_058 // 9999-12-31
)

// ErrDate says that a text is not a civil date.
var ErrDate = errors.New("workday: not a date")

// Date is a civil date from 0001-01-01 to 9999-12-31. It is comparable and may
// be a map key. The zero value means that there is no date.
type Date struct {
	n int32 // days since 0001-01-01
}

// maxDate is where arithmetic stops, so that the text of a date always sorts
// like the date.
var maxDate = Date{maxDay}

// NewDate returns a date. Values out of range carry over as in time.Date, so
// day 0 is the last day of the month before.
func NewDate(year int, month time.Month, day int) Date {
	return fromUnixDay(floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), daySeconds))
}

// Parse reads a date as 2006-01-02. The error is ErrDate.
func Parse(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%w: %q", ErrDate, s)
	}
	return NewDate(t.Date()), nil
}

// MustParse is Parse for dates written in code; it panics on anything else.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DateOf returns the date of an instant in Zone.
func DateOf(t time.Time) Date {
	return fromUnixDay(floorDiv(t.Unix()+zoneSeconds, daySeconds))
}

// StartOf returns 00:00 of the date in Zone.
func StartOf(d Date) time.Time {
	return time.Unix(int64(d.n-unixEpoch)*daySeconds-zoneSeconds, 0).In(Zone)
}

// EndOf returns 24:00 of the date in Zone, which is 00:00 of the next day: the
// first instant that is too late for something due on the date.
func EndOf(d Date) time.Time {
	return time.Unix(int64(d.n-unixEpoch+1)*daySeconds-zoneSeconds, 0).In(Zone)
}

// lastDay is the date that an end belongs to: 00:00 ends the day before.
func lastDay(end time.Time) Date {
	return DateOf(end.Add(-1))
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Date returns year, month and day.
func (d Date) Date() (year int, month time.Month, day int) {
	return d.utc().Date()
}

// Year returns the year.
func (d Date) Year() int { return d.utc().Year() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday((d.n + 1) % 7) // 0001-01-01 was a Monday
}

// AddDays returns the date n natural days later, or earlier if n is negative.
// It stops at the first and the last date there is.
func (d Date) AddDays(n int) Date {
	return fromUnixDay(int64(d.n) - unixEpoch + int64(n))
}

// AddMonths returns the same day of the month n months later, or the last day of
// that month if it is shorter.
func (d Date) AddMonths(n int) Date {
	y, m, day := d.Date()
	last := NewDate(y, m+time.Month(n)+1, 0)
	if _, _, l := last.Date(); day > l {
		return last
	}
	return NewDate(y, m+time.Month(n), day)
}

// Sub returns the natural days from o to d.
func (d Date) Sub(o Date) int { return int(d.n - o.n) }

// Before reports whether d is earlier than o.
func (d Date) Before(o Date) bool { return d.n < o.n }

// After reports whether d is later than o.
func (d Date) After(o Date) bool { return d.n > o.n }

// Equal is ==; comparison libraries look for it.
func (d Date) Equal(o Date) bool { return d == o }

// Compare orders dates for sorting.
func (d Date) Compare(o Date) int { return int(d.n) - int(o.n) }

// String returns the date as 2006-01-02, or nothing for the zero value.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

// MarshalText is String, for JSON and YAML.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is Parse, but an empty text is the zero value.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

func (d Date) utc() time.Time {
	return time.Unix(int64(d.n-unixEpoch)*daySeconds, 0).UTC()
}

func fromUnixDay(n int64) Date {
	return Date{int32(min(max(n+unixEpoch, 0), maxDay))}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func earlier(a, b Date) Date { return Date{min(a.n, b.n)} }
func later(a, b Date) Date   { return Date{max(a.n, b.n)} }
