package ids

import (
	"regexp"
	"testing"
	"time"
)

func TestNewIsAUUIDv7ThatSortsByTime(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	seen, last := map[string]bool{}, ""
	for i := range 2000 {
		id := New(at.Add(time.Duration(i) * time.Millisecond))
		if !form.MatchString(id) {
			t.Fatalf("not a UUIDv7: %s", id)
		}
		if id <= last || seen[id] {
			t.Fatalf("%s after %s", id, last)
		}
		seen[id], last = true, id
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	if !regexp.MustCompile(`^[0-9]{6}$`).MatchString(Digits(6)) {
		t.Error("six digits wanted")
	}
}

func TestAStandingClockStillGivesAnOrder(t *testing.T) {
	at, last := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), ""
	for range 10_000 {
		id := New(at)
		if id <= last {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
}

// Clocks that stand at different instants side by side keep their own order.
func TestTwoStandingClocksEachGiveAnOrder(t *testing.T) {
	at := time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)
	var last [5]string
	for range 3000 {
		for i := range last {
			id := New(at.Add(time.Duration(i) * time.Hour))
			if id <= last[i] {
				t.Fatalf("clock %d: %s after %s", i, id, last[i])
			}
			last[i] = id
		}
	}
}
