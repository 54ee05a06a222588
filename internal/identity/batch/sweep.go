package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/platform/db"
)

// KeptFor is how long a sheet stays once it was worked on last: it holds numbers
// of people in clear. What came of it stays.
const KeptFor = 30 * 24 * time.Hour

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "identity.batch_sweep" }

// Sweep throws away sheets that were kept long enough. One that nobody released
// in that time has to be brought again.
func (s *Service) Sweep(ctx context.Context) error {
	type old struct{ id, file string }
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x old, err error) { return x, r.Scan(&x.id, &x.file) },
		`SELECT id, file_id FROM identity_batch WHERE file_id <> '' AND state IN ('checked','done','failed') AND finished_at > 0 AND finished_at <= $1 ORDER BY finished_at LIMIT 200`,
		db.MS(s.Clock.Now().Add(-KeptFor)))
	for _, x := range list {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context) error {
			n, err := s.DB.Exec(ctx, `UPDATE identity_batch SET failure=CASE WHEN state='checked' THEN $3 ELSE failure END, state=CASE WHEN state='checked' THEN 'failed' ELSE state END,
				file_id='', lines='[]', version=version+1 WHERE id=$1 AND file_id=$2 AND state IN ('checked','done','failed')`, x.id, x.file, errOld.Code)
			if err != nil || n == 0 {
				return err
			}
			return s.Files.Remove(ctx, x.file)
		}))
	}
	if err != nil {
		return fmt.Errorf("batch: sweep: %w", err)
	}
	return nil
}
