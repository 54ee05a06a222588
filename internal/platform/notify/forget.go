package notify

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/db"
)

// Forget takes out, in the transaction of ctx, everything that was told to an
// account, and how it wanted to be told.
func (s *Service) Forget(ctx context.Context, account string) error {
	if err := s.takeOut(ctx, `account_id=$1`, account); err != nil {
		return err
	}
	for _, table := range []string{"notify_preference", "notify_digest"} {
		if _, err := s.db.Exec(ctx, `DELETE FROM `+table+` WHERE account_id=$1`, account); err != nil {
			return fmt.Errorf("notify: forget: %w", err)
		}
	}
	return nil
}

// ForgetNews takes out, in the transaction of ctx, what was told under keys that
// begin with a text, as "case:ID:".
func (s *Service) ForgetNews(ctx context.Context, prefix string) error {
	return s.takeOut(ctx, `dedup_key LIKE $1 ESCAPE '\'`, db.LikePrefix(prefix))
}

func (s *Service) takeOut(ctx context.Context, where string, arg any) error {
	const ours = ` IN (SELECT id FROM notify_message WHERE `
	for _, stmt := range []string{
		`DELETE FROM notify_attempt WHERE delivery_id IN (SELECT id FROM notify_delivery WHERE message_id` + ours + where + `))`,
		`DELETE FROM notify_delivery WHERE message_id` + ours + where + `)`,
		`DELETE FROM notify_message WHERE ` + where,
	} {
		if _, err := s.db.Exec(ctx, stmt, arg); err != nil {
			return fmt.Errorf("notify: forget: %w", err)
		}
	}
	return nil
}
