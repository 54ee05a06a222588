package notify

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Deliver runs the job of one delivery.
func (s *Service) Deliver(ctx context.Context, id string) error {
	return s.deliver(ctx, deliverArgs{ID: id})
}

// Claim takes a delivery in hand and dies with it.
func (s *Service) Claim(ctx context.Context, id string) error {
	_, _, err := s.claim(ctx, id)
	return err
}

// After is the end of quiet hours.
func (p Preferences) After(t time.Time) time.Time { return p.after(t) }

// Period is the last one that is due.
func (p Preferences) Period(now time.Time) (string, time.Time) { return p.period(now) }

// ShortText is what a short message says.
func (s *Service) ShortText(l i18n.Locale, title string) string {
	return s.shortText(l, title, "account", "")
}
