package policyweb

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestFeed: lines end as they must, are cut between characters, and what has a
// meaning of its own is escaped.
func TestFeed(t *testing.T) {
	t.Parallel()
	title := strings.Repeat("企业研发投入补助", 12)
	got := string(feed("政策", time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), []event{
		{id: "a-1", day: "2026-03-31", summary: title, description: `one; two, three\four` + "\nfive", url: "https://zone.example/policies/clauses/a-1", topics: []string{"研发, 创新", "融资"}},
		{id: "bad", day: "no day"},
	}))
	if strings.Contains(strings.ReplaceAll(got, "\r\n", ""), "\n") || !strings.HasSuffix(got, "END:VCALENDAR\r\n") {
		t.Errorf("%q", got)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("%d bytes: %q", len(line), line)
		}
	}
	whole := strings.ReplaceAll(got, "\r\n ", "")
	for _, want := range []string{
		"SUMMARY:" + title + "\r\n", `DESCRIPTION:one\; two\, three\\four\nfive` + "\r\n", "DTSTART;VALUE=DATE:20260331\r\n", "DTEND;VALUE=DATE:20260401\r\n", "DTSTAMP:20260302T010000Z\r\n",
		`CATEGORIES:研发\, 创新,融资` + "\r\n", "UID:a-1@tongban\r\n",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("no %q in %q", want, whole)
		}
	}
	if strings.Count(whole, "BEGIN:VEVENT") != 1 {
		t.Error(whole)
	}
}
