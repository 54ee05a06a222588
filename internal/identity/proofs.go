package identity

import (
	"context"
	"fmt"
)

// ForgetProofs takes back, in the transaction of ctx, that the phone and the mail
// address of an account were proven, and gives up what is being proven: whoever
// had the account before must not be reached, or come in again, by them.
func (s *Service) ForgetProofs(ctx context.Context, account string) error {
	if _, err := s.db.Exec(ctx, `UPDATE identity_account SET phone_proven_at=0, mail_proven_at=0, version=version+1 WHERE id=$1`, account); err != nil {
		return fmt.Errorf("identity: proofs: %w", err)
	}
	if _, err := s.db.Exec(ctx, `DELETE FROM identity_contact WHERE account_id=$1`, account); err != nil {
		return fmt.Errorf("identity: proofs: %w", err)
	}
	return nil
}
