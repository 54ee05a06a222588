package i18n

import (
	"context"
	"fmt"
	"time"
)

// zone is China Standard Time: the service runs in one zone, without summer time.
var zone = time.FixedZone("CST", 8*3600)

var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// Date writes a day for people: 2026年3月16日(周一), Mon 16 March 2026. The
// zero time is a dash.
func Date(l Locale, t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	t = t.In(zone)
	if l == English {
		return t.Format("Mon 2 January 2006")
	}
	return fmt.Sprintf("%d年%d月%d日(%s)", t.Year(), t.Month(), t.Day(), weekdays[t.Weekday()])
}

// DateTime writes an instant for people, to the minute.
func DateTime(l Locale, t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	t = t.In(zone)
	if l == English {
		return t.Format("2 Jan 2006, 15:04")
	}
	return fmt.Sprintf("%d年%d月%d日 %s", t.Year(), t.Month(), t.Day(), t.Format("15:04"))
}

// LastMoment writes the day on which a limit that ends at 24:00 runs out: the
// instant is the start of the day after.
func LastMoment(l Locale, end time.Time) string {
	if end.IsZero() {
		return "—"
	}
	if local := end.In(zone); local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
		return Date(l, end.Add(-time.Millisecond))
	}
	return DateTime(l, end)
}

// ShortDate writes a day for dense tables, the same in all languages: 2026-03-16.
func ShortDate(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(zone).Format("2006-01-02")
}

// ShortTime writes an instant for dense tables: 2026-03-16 09:30.
func ShortTime(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// FormatDate is Date in the reader's language.
func FormatDate(ctx context.Context, t time.Time) string { return Date(LocaleOf(ctx), t) }

// FormatDateTime is DateTime in the reader's language.
func FormatDateTime(ctx context.Context, t time.Time) string { return DateTime(LocaleOf(ctx), t) }

// FormatLastMoment is LastMoment in the reader's language.
func FormatLastMoment(ctx context.Context, t time.Time) string { return LastMoment(LocaleOf(ctx), t) }

// Day writes a day as papers do, without the day of the week: 2026年3月16日, 16 March 2026.
func Day(l Locale, t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	t = t.In(zone)
	if l == English {
		return t.Format("2 January 2006")
	}
	return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
}

// LastDay is LastMoment as papers write it.
func LastDay(l Locale, end time.Time) string {
	if local := end.In(zone); !end.IsZero() && local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
		return Day(l, end.Add(-time.Millisecond))
	}
	return DateTime(l, end)
}

// Moment writes an instant in every language.
func Moment(write func(Locale, time.Time) string, t time.Time) Text {
	return Text{ZH: write(Chinese, t), EN: write(English, t)}
}
