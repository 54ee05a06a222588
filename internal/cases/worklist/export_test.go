package worklist

import (
	"context"
	"io"

	"github.com/tongban/tongban/internal/platform/auth"
)

// WriteAll is what a background export writes.
func (s *Service) WriteAll(ctx context.Context, a auth.Actor, in ExportInput, w io.Writer) (int, error) {
	return s.write(ctx, a, in, MaxExport, w, nil)
}
