package queue

import (
	"context"
	"fmt"
)

// Forget takes back, in the transaction of ctx, the appointments of somebody who
// leaves, and his words in those that are over.
func (s *Service) Forget(ctx context.Context, account string) error {
	if _, err := s.DB.Exec(ctx, `UPDATE queue_appointment SET state=CASE WHEN state='booked' THEN 'cancelled' ELSE state END, topic='' WHERE account_id=$1`, account); err != nil {
		return fmt.Errorf("queue: forget: %w", err)
	}
	return nil
}
