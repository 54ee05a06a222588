package cases

import (
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// What an event says in its detail is read in two shapes: as the command wrote
// it, before the commit (a notice, another module), and as it comes back from
// JSON, in which every number is a float64 and a text of two languages a map.
// These getters take both; what is missing or of another kind is the zero value.

// Number is a whole number of the detail.
func (e Event) Number(name string) int {
	switch n := e.Detail[name].(type) {
	case int:
		return n
	case int64:
		return int(n)
	case float64:
		return int(n)
	}
	return 0
}

// Instant is a point in time of the detail, zero for none.
func (e Event) Instant(name string) time.Time {
	ms := int64(0)
	switch n := e.Detail[name].(type) {
	case int64:
		ms = n
	case float64:
		ms = int64(n)
	}
	if ms <= 0 {
		return time.Time{}
	}
	return clock.FromMillis(ms)
}

// Word is a plain word of the detail, "" for none.
func (e Event) Word(name string) string {
	s, _ := e.Detail[name].(string)
	return s
}

// Text is a text of the detail in both languages.
func (e Event) Text(name string) i18n.Text {
	switch v := e.Detail[name].(type) {
	case i18n.Text:
		return v
	case map[string]any:
		zh, _ := v["zh"].(string)
		en, _ := v["en"].(string)
		return i18n.Text{ZH: zh, EN: en}
	}
	return i18n.Text{}
}
