package catalogue

import (
	"context"
	"fmt"
)

// Forget takes out, in the transaction of ctx, what an account marked, gathered
// and looked at.
func (s *Service) Forget(ctx context.Context, account string) error {
	for _, table := range []string{"catalogue_cart", "catalogue_favourite", "catalogue_visit"} {
		if _, err := s.DB.Exec(ctx, `DELETE FROM `+table+` WHERE account_id=$1`, account); err != nil {
			return fmt.Errorf("catalogue: forget: %w", err)
		}
	}
	return nil
}
