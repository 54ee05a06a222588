package certs

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/db"
)

// ComplainedOf says that a holder complained about a use of his certificate in a
// case, and has no answer yet.
func (s *Service) ComplainedOf(ctx context.Context, caseID string) (bool, error) {
	_, found, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT 1 FROM identity_certificate_complaint c JOIN identity_certificate_use u ON u.id=c.use_id WHERE u.case_id=$1 AND u.case_id <> '' AND c.answer='' LIMIT 1`, caseID)
	if err != nil {
		return false, fmt.Errorf("certs: complaints of a case: %w", err)
	}
	return found, nil
}
