package i18n

import (
	"testing"
	"testing/fstest"
	"time"
)

func TestTextFillsAndFallsBack(t *testing.T) {
	t.Parallel()
	c, err := Load(fstest.MapFS{
		"zh-CN/a.json": {Data: []byte(`{"a.hello":"您好,{name},还有 {n} 件","a.only":"只有中文"}`)},
		"en/a.json":    {Data: []byte(`{"a.hello":"Hello {name}, {n} left"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		l    Locale
		key  string
		want string
	}{
		{English, "a.hello", "Hello {n}, 3 left"}, // a value is never expanded again
		{Chinese, "a.hello", "您好,{n},还有 3 件"},
		{English, "a.only", "只有中文"},
		{English, "a.none", "a.none"},
	} {
		if got := c.Text(tt.l, tt.key, "name", "{n}", "n", 3); got != tt.want {
			t.Errorf("%s %s = %q, want %q", tt.l, tt.key, got, tt.want)
		}
	}
}

func TestLastMomentIsTheDayBeforeMidnight(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 12, 8, 16, 0, 0, 0, time.UTC) // 24:00 of 8 December in China
	if got := LastMoment(Chinese, end); got != "2026年12月8日(周二)" {
		t.Error(got)
	}
	if got := LastMoment(English, end); got != "Tue 8 December 2026" {
		t.Error(got)
	}
	if got := LastMoment(Chinese, end.Add(-time.Hour)); got != "2026年12月8日 23:00" {
		t.Error(got)
	}
}

func TestFromAcceptLanguage(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]Locale{"": Chinese, "en-GB,en;q=0.8,zh;q=0.5": English, "zh-TW,en": Chinese, "fr,en;q=0.5": English, "fr": Chinese} {
		if got := FromAcceptLanguage(header); got != want {
			t.Errorf("%q = %s, want %s", header, got, want)
		}
	}
}
