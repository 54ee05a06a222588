package talk

import (
	"context"

	"github.com/tongban/tongban/internal/cases"
)

// LookAgain runs the job.
func (s *Service) LookAgain(ctx context.Context, id cases.ID, account string) error {
	return s.lookAgain(ctx, lookAgainArgs{Case: string(id), Account: account})
}
