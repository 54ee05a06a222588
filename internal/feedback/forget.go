package feedback

import (
	"context"
	"fmt"
)

// ForgetCase takes out, in the transaction of ctx, what somebody wrote about a
// case that is erased, and who it was. The score stays: figures are made of it.
func (s *Service) ForgetCase(ctx context.Context, caseID string) error {
	return s.forget(ctx, `case_id=$1`, caseID)
}

// Forget is ForgetCase for all that somebody wrote who has left.
func (s *Service) Forget(ctx context.Context, account string) error {
	return s.forget(ctx, `account_id=$1 AND account_id <> ''`, account)
}

func (s *Service) forget(ctx context.Context, where, of string) error {
	for _, stmt := range []string{
		`UPDATE feedback_rating SET text='', version=version+1 WHERE text <> '' AND invitation_id IN (SELECT id FROM feedback_invitation WHERE ` + where + `)`,
		`UPDATE feedback_invitation SET account_id='' WHERE ` + where,
	} {
		if _, err := s.DB.Exec(ctx, stmt, of); err != nil {
			return fmt.Errorf("feedback: forget: %w", err)
		}
	}
	return nil
}
