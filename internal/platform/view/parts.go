package view

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
)

// ---- clock ----

// share is how much of the way from acceptance to the limit t lies, 0 to 100.
func (v ClockView) share(t time.Time) int {
	whole := v.Due.Sub(v.Accepted)
	if whole <= 0 {
		return 100
	}
	return int(min(max(t.Sub(v.Accepted)*100/whole, 0), 100))
}

func (v ClockView) percent(t time.Time) string { return strconv.Itoa(v.share(t)) + "%" }

// end is where a pause ends on the bar.
func (v ClockView) end(p Span) time.Time {
	if p.To.IsZero() {
		return v.Now
	}
	return p.To
}

func (v ClockView) overdue() bool { return !v.Due.IsZero() && !v.Now.Before(v.Due) }

// splitWords parts the sentence that counts from the bracket that explains it.
func splitWords(s string) (bold, rest string) {
	if i := strings.IndexAny(s, "((;;"); i > 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// dayOf writes a day, without the year where that is this year.
func dayOf(ctx context.Context, t, now time.Time) string {
	return shorten(i18n.FormatDate(ctx, t), i18n.LocaleOf(ctx), now)
}

// lastOf is dayOf for the end of a limit, which may be 24:00.
func lastOf(ctx context.Context, t, now time.Time) string {
	return shorten(i18n.FormatLastMoment(ctx, t), i18n.LocaleOf(ctx), now)
}

func shorten(s string, l i18n.Locale, now time.Time) string {
	year := now.Add(8 * time.Hour).UTC().Format("2006") // of the one zone of the service
	if l == i18n.English {
		return strings.Replace(s, " "+year, "", 1)
	}
	return strings.TrimPrefix(s, year+"年")
}

func dueWords(ctx context.Context, v ClockView) string {
	day := lastOf(ctx, v.Due, v.Now)
	if v.Statutory.IsZero() || v.Statutory.Equal(v.Due) {
		return i18n.T(ctx, "view.clock.due", "day", day)
	}
	return i18n.T(ctx, "view.clock.due_statutory", "day", day, "statutory", lastOf(ctx, v.Statutory, v.Now))
}

func pauseWords(ctx context.Context, v ClockView, p Span) string {
	from := dayOf(ctx, p.From, v.Now)
	if p.To.IsZero() {
		return i18n.T(ctx, "view.clock.paused_since", "from", from, "reason", p.Reason)
	}
	return i18n.T(ctx, "view.clock.paused", "from", from, "to", dayOf(ctx, p.To.Add(-time.Millisecond), v.Now), "reason", p.Reason)
}

// clockLabel says in words what the bar draws.
func clockLabel(ctx context.Context, v ClockView) string {
	key := "view.clock.label"
	switch {
	case v.Done:
		key = "view.clock.label_done"
	case v.overdue():
		key = "view.clock.label_overdue"
	}
	s := i18n.T(ctx, key, "from", dayOf(ctx, v.Accepted, v.Now), "due", lastOf(ctx, v.Due, v.Now), "percent", v.share(v.Now))
	if len(v.Pauses) > 0 {
		s += i18n.T(ctx, "view.clock.label_pauses", "n", len(v.Pauses))
	}
	return s
}

// ---- small things ----

func wanOf(ctx context.Context, f money.Fen) string {
	if i18n.LocaleOf(ctx) == i18n.English || f < 1_000_000 && f > -1_000_000 {
		return ""
	}
	return i18n.T(ctx, "view.wan", "n", money.Grouped(f.Wan()))
}

func qrSource(path string) string {
	return "/qr?path=" + url.QueryEscape(textOr(path, "/"))
}

func noteIcon(kind string) string {
	switch kind {
	case "done":
		return "circle-check"
	case "needs":
		return "alert-circle"
	default:
		return "info-circle"
	}
}

func materialState(s MaterialState) MaterialState {
	switch s {
	case MaterialOK, MaterialNeeds, MaterialLater, MaterialWindow, MaterialListed:
		return s
	default:
		return MaterialMissing
	}
}

func materialIcon(s MaterialState) string {
	switch s {
	case MaterialOK:
		return "circle-check"
	case MaterialNeeds:
		return "alert-circle"
	case MaterialLater:
		return "calendar-due"
	case MaterialWindow:
		return "building-store"
	case MaterialListed:
		return "file-text"
	default:
		return "circle-dashed"
	}
}

// ---- error page ----

// errorTexts are the statuses with words of their own.
var errorTexts = []int{400, 401, 403, 404, 405, 409, 412, 413, 422, 429, 500, 503}

func (d ErrorData) key(part string) string {
	status := d.Status
	if !slices.Contains(errorTexts, status) {
		status = http.StatusInternalServerError
	}
	return "view.error." + strconv.Itoa(status) + "." + part
}

// sentence is the text of the code, unless the page says the same already.
func (d ErrorData) sentence(ctx context.Context) string {
	if d.Code == "" || d.Status >= http.StatusInternalServerError || strings.HasPrefix(d.Code, "http.") {
		return ""
	}
	key := "error." + d.Code
	s := i18n.T(ctx, key, i18n.Map(d.Params)...)
	if s == key {
		return ""
	}
	return s
}

func errorPage(ctx context.Context, d ErrorData) Page {
	return Page{Title: i18n.T(ctx, d.key("title")), Width: WidthRead, NoIndex: true}
}

// again says whether there is a form to send once more after signing in.
func (d ErrorData) again() bool { return len(d.Typed) > 0 && d.Action != "" }

type typed struct{ name, value string }

// secretive names are never shown again, nor sent again.
func secretive(name string) bool {
	name = strings.ToLower(name)
	for _, s := range []string{"password", "secret", "token"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}

// sendable is everything typed but secrets, in a fixed order.
func (d ErrorData) sendable() []typed {
	var out []typed
	for _, name := range sortedKeys(d.Typed) {
		if secretive(name) {
			continue
		}
		for _, v := range d.Typed[name] {
			out = append(out, typed{name, v})
		}
	}
	return out
}

// readable is what is worth copying: texts longer than one character.
func (d ErrorData) readable() []typed {
	return slices.DeleteFunc(d.sendable(), func(t typed) bool {
		return utf8.RuneCountInString(strings.TrimSpace(t.value)) <= 1
	})
}

func sortedKeys(v url.Values) []string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// rowsFor is a height that shows a text without scrolling, within reason.
func rowsFor(s string) int {
	return min(max(strings.Count(s, "\n")+1+utf8.RuneCountInString(s)/44, 2), 12)
}

// upTo99 writes a count that was not counted to its end.
func upTo99(n int) string {
	if n > 99 {
		return "99+"
	}
	return number(n)
}
