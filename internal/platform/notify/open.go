package notify

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/db"
)

// Open marks one message of an account as read and returns where it leads; ok
// is false when the account has no such message.
func (s *Service) Open(ctx context.Context, account, id string) (link string, ok bool, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		links, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT link FROM notify_message WHERE account_id=$1 AND id=$2`, account, id)
		if err != nil || len(links) == 0 {
			return err
		}
		link, ok = links[0], true
		_, err = s.db.Exec(ctx, `UPDATE notify_message SET read_at=$3 WHERE account_id=$1 AND id=$2 AND read_at=0`, account, id, db.MS(s.clock.Now()))
		return err
	})
	if err != nil {
		return "", false, fmt.Errorf("notify: open: %w", err)
	}
	return link, ok, nil
}
