package credit

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/db"
)

// RestsOn says that a record that counts, or that its subject objects to, came of
// a case: until that is over, what was said in the case is its evidence.
func (s *Service) RestsOn(ctx context.Context, caseID string) (bool, error) {
	_, found, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT 1 FROM identity_credit c WHERE c.case_id=$1 AND c.case_id <> ''
		AND (c.repaired_at=0 AND c.struck_at=0 AND c.until_on >= $2 OR EXISTS (SELECT 1 FROM identity_credit_objection o WHERE o.record_id=c.id AND o.state='asked')) LIMIT 1`, caseID, s.Identity.Today())
	if err != nil {
		return false, fmt.Errorf("credit: of a case: %w", err)
	}
	return found, nil
}
