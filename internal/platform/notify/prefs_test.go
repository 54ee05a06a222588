package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// nowhere takes short messages.
type nowhere struct{}

func (nowhere) Send(context.Context, notify.Short) (string, error) { return "", nil }

var both = people{
	"account-1": {Locale: i18n.Chinese, Mail: "reader1@example.com", Phone: "13900010001"},
	"account-2": {Locale: i18n.English, Mail: "reader2@example.com"},
	"account-3": {Locale: i18n.Chinese},
}

func news(key string, c notify.Class, legal bool) notify.News {
	n := ready(key)
	n.NeedsYou, n.Class, n.Legal = c == notify.Action, c, legal
	return n
}

func (b bundle) prefer(t *testing.T, account string, change func(p *notify.Preferences)) error {
	t.Helper()
	p, err := b.svc.Preferences(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	change(&p)
	return b.svc.SetPreferences(t.Context(), account, p)
}

// ways are the deliveries of all messages, as "mail:waiting sms:waiting".
func (b bundle) ways(t *testing.T) string {
	t.Helper()
	var out []string
	for _, r := range b.rows(t) {
		out = append(out, r.channel+":"+r.state)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestWhoIsToldHow: classes, ways, and what the law wants told.
func TestWhoIsToldHow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.At(noon)
		b := setupAt(t, d, c)
		b.svc.Connect(notify.Connection{Gateway: nowhere{}, Contacts: both})
		off := func(p *notify.Preferences) { p.Ways = map[notify.Class][]notify.Way{} }
		daily := func(p *notify.Preferences) { p.Digest = notify.Daily }
		onlySMS := func(p *notify.Preferences) {
			p.Ways = map[notify.Class][]notify.Way{notify.Progress: {notify.BySMS}}
		}
		for name, tt := range map[string]struct {
			account string
			change  func(p *notify.Preferences)
			class   notify.Class
			legal   bool
			want    string
		}{
			"as it comes, progress":                {"account-1", nil, notify.Progress, false, "mail:waiting"},
			"as it comes, action":                  {"account-1", nil, notify.Action, false, "mail:waiting sms:waiting"},
			"no phone":                             {"account-2", nil, notify.Action, false, "mail:waiting"},
			"neither":                              {"account-3", nil, notify.Action, true, ""},
			"all off":                              {"account-1", off, notify.Result, false, ""},
			"all off, but the law":                 {"account-1", off, notify.Result, true, "mail:waiting"},
			"by sms only":                          {"account-1", onlySMS, notify.Progress, true, "sms:waiting"},
			"by sms only, and has no phone":        {"account-2", onlySMS, notify.Progress, true, "mail:waiting"},
			"together":                             {"account-1", daily, notify.Progress, false, "mail:held"},
			"together, but the law":                {"account-1", daily, notify.Progress, true, "mail:waiting"},
			"together, but something must be done": {"account-1", daily, notify.Action, false, "mail:waiting sms:waiting"},
		} {
			b.reset(t)
			if tt.change != nil {
				if err := b.prefer(t, tt.account, tt.change); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			b.tell(t, notify.Reader{AccountID: tt.account}, news("n", tt.class, tt.legal))
			if got := b.ways(t); got != tt.want {
				t.Errorf("%s: %q, want %q", name, got, tt.want)
			}
			if got := b.kinds(t, tt.account); len(got) != 1 {
				t.Errorf("%s: the feed has %v", name, got)
			}
		}
		b.reset(t)
		for name, change := range map[string]func(p *notify.Preferences){
			"an hour too many": func(p *notify.Preferences) { p.Hour = 24 }, "a way unknown": func(p *notify.Preferences) { p.Ways[notify.Action] = []notify.Way{"pigeon"} },
			"a rhythm unknown": func(p *notify.Preferences) { p.Digest = "hourly" }, "no time": func(p *notify.Preferences) { p.QuietFrom = -1 },
		} {
			if err := b.prefer(t, "account-1", change); !errors.Is(err, notify.ErrPreference) {
				t.Errorf("%s: %v", name, err)
			}
		}
		seen, _ := b.svc.Preferences(t.Context(), "account-1")
		if err := b.prefer(t, "account-1", daily); err != nil {
			t.Fatal(err)
		}
		if err := b.svc.SetPreferences(t.Context(), "account-1", seen); !errors.Is(err, notify.ErrStale) {
			t.Errorf("changed in two windows: %v", err)
		}
	})
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	china := time.FixedZone("", 8*3600)
	at := func(h, m int) time.Time { return time.Date(2026, 3, 2, h, m, 0, 0, china) }
	p := notify.Defaults() // 22:00 to 07:00
	day := p
	day.QuietFrom, day.QuietTo = 12*60, 13*60+30
	none := p
	none.QuietFrom, none.QuietTo = 8*60, 8*60
	for name, tt := range map[string]struct {
		p        notify.Preferences
		at, want time.Time
	}{
		"by day": {p, at(12, 0), at(12, 0)}, "a minute before": {p, at(21, 59), at(21, 59)}, "at the hour": {p, at(22, 0), at(31, 0)},
		"after midnight": {p, at(3, 0), at(7, 0)}, "at the end": {p, at(7, 0), at(7, 0)}, "at lunch": {day, at(12, 30), at(13, 30)},
		"after lunch": {day, at(13, 30), at(13, 30)}, "none": {none, at(8, 0), at(8, 0)},
	} {
		if got := tt.p.After(tt.at); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// TestTheWayOut: a signed link switches mails of one class off, and only that.
func TestTheWayOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setupAt(t, d, clock.At(noon))
		token, err := b.svc.UnsubscribeToken(t.Context(), "account-1", notify.Progress)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // mail programs press twice
			if c, err := b.svc.Unsubscribe(t.Context(), token); err != nil || c != notify.Progress {
				t.Fatalf("%s %v", c, err)
			}
		}
		p, err := b.svc.Preferences(t.Context(), "account-1")
		if err != nil || p.Wants(notify.Progress, notify.ByMail) || !p.Wants(notify.Action, notify.ByMail) || p.Version != 1 {
			t.Errorf("%+v %v", p, err)
		}
		other, err := b.svc.UnsubscribeToken(t.Context(), "account-2", notify.Progress)
		if err != nil {
			t.Fatal(err)
		}
		for _, forged := range []string{"", "x", token[:len(token)-1], "a" + token[1:], token + "a", other[:29] + token[29:], strings.Repeat("a", 80)} {
			if _, err := b.svc.Unsubscribe(t.Context(), forged); !errors.Is(err, notify.ErrToken) {
				t.Errorf("%q: %v", forged, err)
			}
		}
		for i := range 20 { // ids of every form
			account := fmt.Sprintf("019cac0f-2682-75cf-a5cd-57e6e714f%03d", i)
			token, err := b.svc.UnsubscribeToken(t.Context(), account, notify.Digest)
			if err != nil {
				t.Fatal(err)
			}
			if got, c, err := b.svc.Unsubscribable(t.Context(), token); err != nil || got != account || c != notify.Digest {
				t.Errorf("%s %s %v", got, c, err)
			}
		}
	})
}

// morning is a list for some of the staff.
type morning map[string][]notify.Line

func (m morning) Readers(context.Context) ([]string, error) {
	var out []string
	for account := range m {
		out = append(out, account)
	}
	return out, nil
}

func (m morning) Lines(_ context.Context, account string) ([]notify.Line, error) {
	return m[account], nil
}

// TestDigests: together instead of one by one, once for each person and period,
// also after a stop of several.
func TestDigests(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.At(noon) // Monday, 12:00
		b := setupAt(t, d, c)
		b.svc.Connect(notify.Connection{Contacts: both})
		run := func() {
			t.Helper()
			for range 2 { // the job may run twice
				if err := b.svc.Digests(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := b.prefer(t, "account-1", func(p *notify.Preferences) { p.Digest, p.Hour = notify.Daily, 8 }); err != nil {
			t.Fatal(err)
		}
		to := notify.Reader{AccountID: "account-1"}
		b.tell(t, to, news("1", notify.Progress, false))
		b.tell(t, to, news("2", notify.Conversation, false))
		run()
		if got := b.ways(t); got != "mail:held mail:held" {
			t.Fatalf("at noon, set at noon: %s", got)
		}
		c.Advance(20 * time.Hour) // Tuesday, 08:00
		run()
		if got := b.ways(t); got != "mail:digested mail:digested mail:waiting" {
			t.Fatalf("in the morning: %s", got)
		}
		b.deliver(t, b.rows(t)[2].id)
		_, subject, text, html := read(t, b.server.all()[0])
		if subject != "有 2 条消息" || strings.Count(text, "您申请的") != 2 || strings.Count(html, "<li") != 2 || strings.Contains(text, "https://tongban.example/my/feed\n") {
			t.Errorf("%q\n%s", subject, text)
		}
		if got := b.kinds(t, "account-1"); len(got) != 2 {
			t.Errorf("the digest stands in the feed: %v", got)
		}
		b.tell(t, to, news("3", notify.Progress, false)) // after the hour: tomorrow's
		run()
		if got := b.ways(t); !strings.HasPrefix(got, "mail:digested mail:digested mail:held") {
			t.Fatalf("after the hour: %s", got)
		}
		c.Advance(72*time.Hour + time.Minute) // the process stood still over three mornings
		run()
		if got := b.ways(t); strings.Count(got, "mail:waiting") != 1 || strings.Contains(got, "held") {
			t.Fatalf("after a stop: %s", got)
		}
		b.tell(t, to, news("4", notify.Progress, false))
		if err := b.prefer(t, "account-1", func(p *notify.Preferences) { p.Digest = notify.Each }); err != nil {
			t.Fatal(err)
		}
		run()
		if got := b.ways(t); strings.Count(got, "mail:waiting") != 2 || strings.Contains(got, "held") {
			t.Errorf("given up, and something is kept for ever: %s", got)
		}

		b.reset(t) // the morning list of staff
		b.svc.Connect(notify.Connection{Contacts: both, Briefing: morning{"account-2": {{Text: i18n.Text{ZH: "临近到期", EN: "near"}, Link: "/work/cases/1"}}, "account-3": nil}})
		c.Set(time.Date(2026, 3, 10, 23, 59, 0, 0, time.UTC)) // 07:59
		run()
		if n := len(b.rows(t)); n != 0 {
			// yesterday's is too late to be of use
			t.Errorf("%d mails at 07:59", n)
		}
		c.Advance(time.Minute)
		done := make(chan error, 3)
		for range cap(done) {
			go func() { done <- b.svc.Digests(t.Context()) }()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		rows := b.rows(t)
		if len(rows) != 1 || rows[0].address != "reader2@example.com" {
			t.Fatalf("%+v", rows)
		}
		before := len(b.server.all())
		b.deliver(t, rows[0].id)
		if all := b.server.all(); len(all) != before+1 {
			t.Fatalf("%d mails", len(all)-before)
		} else if h, subject, text, _ := read(t, all[before]); subject != "1 things" || !strings.Contains(text, "near\n  https://tongban.example/work/cases/1") || h.Get("List-Unsubscribe") == "" {
			t.Errorf("%q %s", subject, text)
		}
		if err := b.prefer(t, "account-2", func(p *notify.Preferences) { p.Ways[notify.Digest] = nil }); err != nil {
			t.Fatal(err)
		}
		c.Advance(24 * time.Hour)
		run()
		if n := len(b.rows(t)); n != 1 {
			t.Errorf("switched off, and told: %d", n)
		}
	})
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	china := time.FixedZone("", 8*3600)
	for name, tt := range map[string]struct {
		digest string
		day    time.Weekday
		now    time.Time
		want   string
	}{
		"before the hour":         {notify.Daily, 0, time.Date(2026, 3, 2, 7, 59, 0, 0, china), "2026-03-01"},
		"at the hour":             {notify.Daily, 0, time.Date(2026, 3, 2, 8, 0, 0, 0, china), "2026-03-02"},
		"a week, the day before":  {notify.Weekly, time.Monday, time.Date(2026, 3, 1, 23, 0, 0, 0, china), "2026-W09"},
		"a week, before the hour": {notify.Weekly, time.Monday, time.Date(2026, 3, 2, 7, 0, 0, 0, china), "2026-W09"},
		"a week, at the hour":     {notify.Weekly, time.Monday, time.Date(2026, 3, 2, 8, 0, 0, 0, china), "2026-W10"},
		"a week, six days later":  {notify.Weekly, time.Monday, time.Date(2026, 3, 8, 8, 0, 0, 0, china), "2026-W10"},
		"over new year":           {notify.Weekly, time.Sunday, time.Date(2027, 1, 2, 8, 0, 0, 0, china), "2026-W52"},
	} {
		p := notify.Defaults()
		p.Digest, p.Weekday = tt.digest, tt.day
		got, due := p.Period(tt.now)
		if got != tt.want || due.After(tt.now) {
			t.Errorf("%s: %s %v, want %s", name, got, due, tt.want)
		}
	}
}
