package policyweb

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
)

// event is a day in a calendar.
type event struct {
	id, day              string // ISO date
	summary, description string
	url                  string
	topics               []string
}

// How far the feed reaches.
const (
	feedBack  = 31
	feedAhead = 400
)

// calendar is the feed of windows, for calendars of people: the day on which each
// opens and the day on which it closes. A stretch of two months in a calendar would
// only hide what else is there.
func (p *Pages) calendar(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if l, ok := i18n.Parse(r.URL.Query().Get("lang")); ok {
		ctx = i18n.In(ctx, l)
	}
	l, err := p.Service.Library(ctx)
	if err != nil {
		return err
	}
	now := p.Service.Clock.Now()
	topic := r.URL.Query().Get("topic")
	name := i18n.T(ctx, "policy.calendar.title")
	if slices.Contains(policy.Topics, topic) {
		name += i18n.T(ctx, "policy.dot") + i18n.T(ctx, "policy.topic."+topic)
	} else {
		topic = ""
	}
	early := now.UTC().AddDate(-1, 0, -2*feedBack).Format(time.DateOnly)
	day := now.UTC().AddDate(0, 0, -feedBack).Format(time.DateOnly)
	end := now.UTC().AddDate(0, 0, feedAhead).Format(time.DateOnly)
	var list []event
	for _, e := range l.Entries {
		if len(e.Windows) == 0 || topic != "" && !slices.Contains(e.Topics, topic) {
			continue
		}
		var topics []string
		for _, t := range e.Topics {
			topics = append(topics, i18n.T(ctx, "policy.topic."+t))
		}
		for _, s := range e.Spans(early) { // what is cut off at its beginning begins before the feed
			for what, at := range map[string]string{"opens": s.From, "closes": s.Until} {
				if at >= day && at <= end {
					list = append(list, event{
						id: e.Key + "-" + what + "-" + at, day: at, summary: i18n.T(ctx, "policy.calendar."+what, "title", e.Title.For(ctx)),
						description: Gives(ctx, e.Benefit) + "\n" + e.Summary.For(ctx), url: p.BaseURL + ClausePath(e.Key), topics: topics,
					})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b event) int { return strings.Compare(a.day+a.id, b.day+b.id) })
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `inline; filename="policies.ics"`)
	_, err = w.Write(feed(name, now, list))
	return err
}

// feed writes events as iCalendar, RFC 5545.
func feed(name string, stamp time.Time, list []event) []byte {
	var b bytes.Buffer
	line := func(s string) { fold(&b, s) }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Tongban//Policies//ZH")
	line("CALSCALE:GREGORIAN")
	line("METHOD:PUBLISH")
	line("X-WR-CALNAME:" + escape(name))
	line("REFRESH-INTERVAL;VALUE=DURATION:P1D")
	for _, e := range list {
		t, err := time.Parse(time.DateOnly, e.day)
		if err != nil {
			continue
		}
		line("BEGIN:VEVENT")
		line("UID:" + escape(e.id) + "@tongban")
		line("DTSTAMP:" + stamp.UTC().Format("20060102T150405Z"))
		line("DTSTART;VALUE=DATE:" + t.Format("20060102"))
		line("DTEND;VALUE=DATE:" + t.AddDate(0, 0, 1).Format("20060102"))
		line("SUMMARY:" + escape(e.summary))
		line("DESCRIPTION:" + escape(e.description))
		line("URL:" + e.url)
		if len(e.topics) > 0 {
			topics := make([]string, len(e.topics))
			for i, t := range e.topics {
				topics[i] = escape(t)
			}
			line("CATEGORIES:" + strings.Join(topics, ","))
		}
		line("TRANSP:TRANSPARENT")
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return b.Bytes()
}

var escaper = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "")

// escape writes a text as a value.
func escape(s string) string { return escaper.Replace(s) }

// longestLine is how many bytes a line may have without its end.
const longestLine = 75

// fold writes a content line, cut into pieces between characters.
func fold(b *bytes.Buffer, s string) {
	for room := longestLine; len(s) > room; room = longestLine - 1 {
		at := room
		for !utf8.RuneStart(s[at]) {
			at--
		}
		b.WriteString(s[:at])
		b.WriteString("\r\n ")
		s = s[at:]
	}
	b.WriteString(s)
	b.WriteString("\r\n")
}
