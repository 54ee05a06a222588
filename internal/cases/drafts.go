package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// DraftWarning is how long before a draft is thrown away its owner is told.
const DraftWarning = 14 * 24 * time.Hour

// DraftEnds is when a draft that was touched last at this instant is thrown away.
func DraftEnds(touched time.Time) time.Time { return touched.Add(DraftAge) }

// kindDraftEnds is the notice of a draft that will be forgotten.
const kindDraftEnds = "draft_ends"

// warnDraft tells who fills in a draft that it will be thrown away, once for
// each time that it was left alone.
func (s *Service) warnDraft(ctx context.Context, k Case) error {
	b, err := s.store.buffer(ctx, k.ID)
	if err != nil {
		return err
	}
	touched := k.UpdatedAt
	if b.SavedAt.After(touched) {
		touched = b.SavedAt
	}
	if k.State != Draft || touched.After(s.Clock.Now().Add(-DraftAge+DraftWarning)) {
		return nil
	}
	a, err := s.Identity.Account(ctx, k.AccountID)
	if err != nil || a.Kind != auth.Person {
		return nil //nolint:nilerr // nobody to tell
	}
	ends := DraftEnds(touched)
	return s.Notify.Tell(ctx, a.Reader(), notify.News{
		Key: fmt.Sprintf("draft:%s:%d", k.ID, db.MS(touched)), Kind: kindDraftEnds, Link: "/my/cases/" + string(k.ID) + "/form", NeedsYou: true,
		Params: map[string]any{"item": k.ItemName, "day": i18n.Text{ZH: i18n.Date(i18n.Chinese, ends), EN: i18n.Date(i18n.English, ends)}},
	})
}

// Touched says when drafts were last typed in, for lists of them.
func (s *Service) Touched(ctx context.Context, list []ID) (map[ID]time.Time, error) {
	if len(list) == 0 {
		return map[ID]time.Time{}, nil
	}
	var args db.Args
	out, err := s.store.instants(ctx, `SELECT case_id, saved_at FROM cases_buffer WHERE case_id IN `+db.In(&args, texts(list)), args...)
	if err != nil {
		return nil, fmt.Errorf("cases: touched: %w", err)
	}
	return out, nil
}
