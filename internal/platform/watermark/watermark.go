package watermark

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// Bounds of what is marked.
const (
	maxBytes  = 64 << 20
	maxPixels = 40_000_000
	bigPixels = 12_000_000
	atOnce    = 2
)

var turn = make(chan struct{}, atOnce)

// errUnmarked is what cannot carry a mark.
var errUnmarked = errors.New("watermark: cannot be marked")

// Lay returns a copy of a file with the lines over it; ok is false when a file
// of this kind, or this one, cannot be marked. The error is about reading alone.
func Lay(ctx context.Context, mediaType string, file io.Reader, lines []string) (marked []byte, ok bool, err error) {
	var mark func([]byte, []string) ([]byte, error)
	switch mediaType {
	case "application/pdf":
		mark = overPDF
	case "image/jpeg", "image/png":
		mark = overPicture
	default:
		return nil, false, nil
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	content, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return nil, false, fmt.Errorf("watermark: %w", err)
	}
	if len(content) > maxBytes {
		return nil, false, nil
	}
	if marked, err = guarded(mark, content, lines); err != nil {
		return nil, false, nil //nolint:nilerr // it is handed out without, and the caller says so
	}
	return marked, true, nil
}

// guarded turns a panic over a malformed file into an error: what people upload
// must not end the process.
func guarded(mark func([]byte, []string) ([]byte, error), content []byte, lines []string) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("%w: %v", errUnmarked, p)
		}
	}()
	return mark(content, lines)
}

// signed says that a PDF file carries an electronic signature over its bytes.
func signed(file []byte) bool { return bytes.Contains(file, []byte("/ByteRange")) }
