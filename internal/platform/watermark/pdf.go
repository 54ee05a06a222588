package watermark

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/tongban/tongban/internal/platform/pdf"
)

var prepare = sync.OnceFunc(api.DisableConfigDir) // it would write into the home of who runs the service

// overPDF stamps every page.
func overPDF(file []byte, lines []string) ([]byte, error) {
	if signed(file) {
		return nil, errUnmarked
	}
	prepare()
	wm, err := api.PDFWatermarkForReadSeeker(bytes.NewReader(pdf.Stamp(lines)), 1, "scale:1 rel, rot:0, pos:c, op:0.4", true, false, types.POINTS)
	if err != nil {
		return nil, fmt.Errorf("watermark: stamp: %w", err)
	}
	if err := unpacks(file); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := api.AddWatermarks(bytes.NewReader(file), &out, nil, wm, settings()); err != nil {
		return nil, fmt.Errorf("watermark: %w", err)
	}
	return out.Bytes(), nil
}
