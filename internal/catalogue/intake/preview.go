package intake

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/csvx"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// ErrPreviewLong refuses rows that are more than a few.
var ErrPreviewLong = errs.Define(errs.Invalid, "intake.preview_long") // params: kb

const (
	previewRows  = 20
	previewBytes = 64 << 10
)

// Preview says what a mapping that is being written makes of some rows: pasted
// ones, with their header, as a spreadsheet copies them or as CSV. Every row is
// taken for a new item, and only the first twenty are read; ErrPreviewLong is
// for more than 64 kB. Faults of the mapping come back instead.
func (s *Service) Preview(ctx context.Context, actor auth.Actor, content, rows string) (*Plan, []mapping.Fault, error) {
	if err := mayKeep(actor); err != nil {
		return nil, nil, err
	}
	if len(rows) > previewBytes {
		return nil, nil, ErrPreviewLong.With("kb", previewBytes>>10)
	}
	m, faults := mapping.Parse(strings.ReplaceAll(content, "\r\n", "\n"))
	if len(faults) > 0 {
		return nil, faults, nil
	}
	plan, err := s.checkAgainst(ctx, previewRows, nil, sheet.Source{ReaderAt: strings.NewReader(rows), Size: int64(len(rows))}, m, Options{}, nil)
	return plan, nil, err
}

const headRows = 10

// Head is the first rows of the sheet of a run, as CSV, for Preview.
func (s *Service) Head(ctx context.Context, actor auth.Actor, id string) (string, error) {
	r, err := s.Glance(ctx, actor, id)
	if err != nil {
		return "", err
	}
	content, f, err := s.file(ctx, r)
	if err != nil {
		return "", err
	}
	defer func() { _ = content.Close() }()
	at, ok := content.(io.ReaderAt)
	if !ok {
		return "", errors.New("intake: the file cannot be read at random")
	}
	limits := s.Limits
	limits.Sheet = r.Options.Sheet
	rows, err := sheet.Head(sheet.Source{ReaderAt: at, Size: f.Size}, limits, headRows)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	for i := range rows {
		rows[i] = csvx.GuardAll(rows[i]) // people copy it into a spreadsheet; Preview takes the guard off again
	}
	if err := w.WriteAll(rows); err != nil {
		return "", err
	}
	return b.String(), nil
}
