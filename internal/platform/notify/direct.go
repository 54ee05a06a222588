package notify

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/db"
)

// ErrNoWay says that the installation has no server for a way; the text is error.notify.no_way.
var ErrNoWay = errs.Define(errs.Conflict, "notify.no_way")

// Configured says whether anything can leave by a way.
func (s *Service) Configured(w Way) bool {
	if w == BySMS {
		return s.Gateway != nil
	}
	return s.mailer != nil
}

// SendTo sends news by one way to an address that need not be the reader's own:
// the code that proves a new one, and the word to the old one. It stands in no
// feed, and asks no preferences. It joins the transaction of ctx; the same key is
// sent once.
func (s *Service) SendTo(ctx context.Context, to Reader, w Way, address string, n News) error {
	if !s.Configured(w) {
		return ErrNoWay
	}
	params, err := s.sealed(ctx, n)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	id := ids.New(now)
	added, err := s.db.Exec(ctx, `INSERT INTO notify_message (id, account_id, dedup_key, kind, params, link, needs_you, created_at, read_at, class, legal, feed, secret_until)
		VALUES ($1,$2,$3,$4,$5,$6,FALSE,$7,0,$8,TRUE,FALSE,$9) ON CONFLICT (dedup_key) DO NOTHING`,
		id, to.AccountID, n.Key+":"+to.AccountID, n.Kind, db.ToJSON(params), n.Link, db.MS(now), string(n.Class), db.MS(n.Until))
	if err != nil {
		return fmt.Errorf("notify: message: %w", err)
	}
	if added == 0 {
		return nil
	}
	return s.deliverBy(ctx, to.AccountID, id, w, address, to.Locale, "waiting", now)
}
