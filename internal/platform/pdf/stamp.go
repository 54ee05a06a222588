package pdf

import (
	"bytes"
	"fmt"
	"math"
)

// Font is the font of documents, as a TrueType file.
func Font() []byte { return notoSansSC }

// Stamp is one sheet with nothing but lines aslant over it, to be laid over the
// pages of another document.
func Stamp(lines []string) []byte {
	d := New(Info{Lang: "zh-CN"})
	const angle, edge = math.Pi / 7, 30.0
	sin, cos := math.Sin(angle), math.Cos(angle)
	size, widest := 14.0, 0.0
	for _, s := range lines {
		widest = max(widest, d.widthOf(s, size))
	}
	if room := (sheetW - 2*edge) / cos; widest > room {
		size *= room / widest
	}
	var b bytes.Buffer
	for _, at := range [][2]float64{{0.34, 0.14}, {0.66, 0.34}, {0.34, 0.54}, {0.66, 0.74}, {0.40, 0.92}} {
		for i, s := range lines {
			w := d.widthOf(s, size)
			down := size * 1.5 * float64(i)
			x := min(max(sheetW*at[0]-w/2*cos, edge), sheetW-edge-w*cos) + down*sin
			y := sheetH*(1-at[1]) - w/2*sin - down*cos
			fmt.Fprintf(&b, "BT 0.35 g /F1 %s Tf %.4f %.4f %.4f %.4f %s %s Tm <", num(size), cos, sin, -sin, cos, num(x), num(y))
			for _, r := range s {
				fmt.Fprintf(&b, "%04X", d.set.use(r))
			}
			b.WriteString("> Tj ET\n")
		}
	}
	d.pages[0] = &b
	return d.Bytes()
}
