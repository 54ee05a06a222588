package pdf

import (
	"bytes"
	"fmt"
	"math"

	"github.com/skip2/go-qrcode"
)

// QR sets lines of small print beside a QR code that opens url, and keeps them
// together.
func (d *Doc) QR(url string, lines []string) error {
	const size = 74.0
	code, err := qrcode.New(url, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("pdf: QR code: %w", err)
	}
	d.need(size + 12)
	d.Rule()
	y := d.y
	d.squares(code.Bitmap(), left+textW-size, y-4, size)
	d.links[len(d.links)-1] = append(d.links[len(d.links)-1], link{left + textW - size, y - 4, size, size, url})
	for _, s := range lines {
		for _, l := range breakLines(s, textW-size-24, 0, d.measure(9.5)) {
			d.y += 15
			d.text(d.page(), left, d.y-4, l.runes, style{size: 9.5, gray: 0.25})
		}
	}
	d.y = max(d.y, y+size)
	return nil
}

// squares draws the modules of a QR code, runs of a row as one.
func (d *Doc) squares(bits [][]bool, x, y, size float64) {
	unit := size / float64(len(bits))
	p := d.page()
	p.WriteString("0 g\n")
	for row, line := range bits {
		for from := 0; from < len(line); from++ {
			to := from
			for to < len(line) && line[to] {
				to++
			}
			if to > from {
				fmt.Fprintf(p, "%.3f %.3f %.3f %.3f re\n", x+float64(from)*unit, sheetH-y-float64(row+1)*unit, float64(to-from)*unit, unit)
				from = to
			}
		}
	}
	p.WriteString("f\n")
}

// furniture is what stands on every sheet: page number, foot, watermark.
func (d *Doc) furniture(i int) {
	var under bytes.Buffer
	if d.info.Watermark != "" {
		d.watermark(&under)
	}
	page := d.pages[i]
	under.Write(page.Bytes())
	d.pages[i] = &under
	y := footY
	for _, s := range d.info.Foot {
		for _, l := range breakLines(s, textW-90, 0, d.measure(8)) {
			d.text(&under, left, y, l.runes, style{size: 8, gray: 0.4})
			y += 11
		}
	}
	if d.info.Page != nil {
		s := []rune(d.info.Page(i+1, len(d.pages)))
		d.text(&under, left+textW-d.widthOf(string(s), 8), footY, s, style{size: 8, gray: 0.4})
	}
}

// watermark repeats its words aslant over the sheet.
func (d *Doc) watermark(to *bytes.Buffer) {
	const angle, edge = math.Pi / 7, 46.0 // nothing of it runs off the sheet
	sin, cos := math.Sin(angle), math.Cos(angle)
	size := min(15, 15*(sheetW-2*edge)/cos/d.widthOf(d.info.Watermark, 15))
	w := d.widthOf(d.info.Watermark, size)
	for _, at := range [][2]float64{{sheetW * 0.30, 230}, {sheetW * 0.62, 430}, {sheetW * 0.36, 640}} {
		x, y := min(max(at[0]-w/2*cos, edge), sheetW-edge-w*cos), sheetH-at[1]-w/2*sin
		fmt.Fprintf(to, "BT 0.88 g /F1 %s Tf %.4f %.4f %.4f %.4f %s %s Tm <", num(size), cos, sin, -sin, cos, num(x), num(y))
		for _, r := range d.info.Watermark {
			fmt.Fprintf(to, "%04X", d.set.use(r))
		}
		to.WriteString("> Tj ET\n")
	}
}

// Frame draws a double line around the sheet, as certificates have it.
func (d *Doc) Frame() {
	for _, f := range []struct{ in, w float64 }{{34, 1.6}, {39, 0.5}} {
		fmt.Fprintf(d.page(), "0.25 G %s w %s %s %s %s re S\n", num(f.w), num(f.in), num(f.in), num(sheetW-2*f.in), num(sheetH-2*f.in))
	}
}

// Skip leaves room.
func (d *Doc) Skip(points float64) { d.y += points }
