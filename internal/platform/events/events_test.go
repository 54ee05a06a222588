package events_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/platform/events"
)

type happened struct{ n int }

func TestSubscribersAreCalledInOrderUntilOneFails(t *testing.T) {
	t.Parallel()
	b, sum, boom := events.New(), 0, errors.New("boom")
	events.Subscribe(b, func(_ context.Context, e happened) error { sum += e.n; return nil })
	events.Subscribe(b, func(_ context.Context, e happened) error {
		if e.n == 2 {
			return boom
		}
		return nil
	})
	events.Subscribe(b, func(_ context.Context, e happened) error { sum += 10 * e.n; return nil })
	events.Subscribe(b, func(context.Context, string) error { t.Error("another type"); return nil })
	if err := events.Publish(t.Context(), b, happened{1}); err != nil || sum != 11 {
		t.Errorf("%d %v", sum, err)
	}
	if err := events.Publish(t.Context(), b, happened{2}); !errors.Is(err, boom) || sum != 13 {
		t.Errorf("%d %v", sum, err)
	}
}
