package watermark

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"sync"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"

	"github.com/tongban/tongban/internal/platform/pdf"
)

var big sync.Mutex // held over a large picture

var typeface = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(pdf.Font()) })

// overPicture draws the lines aslant over a picture, again and again.
func overPicture(file []byte, lines []string) ([]byte, error) {
	head, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil || head.Width < 1 || head.Height < 1 || head.Width*head.Height > mostPixels(head.ColorModel) {
		return nil, errUnmarked
	}
	if head.Width*head.Height > bigPixels { // two of these at once would be felt by everybody
		big.Lock()
		defer big.Unlock()
	}
	from, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("watermark: %w", err)
	}
	to := upright(from, orientation(file))
	tile, err := tileOf(lines, letters(to.Bounds().Size()))
	if err != nil {
		return nil, err
	}
	spread(to, tile)
	var out bytes.Buffer
	if format == "png" {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, to)
	} else {
		err = jpeg.Encode(&out, to, &jpeg.Options{Quality: 90})
	}
	return out.Bytes(), err
}

// mostPixels is how large a picture of this kind may be when it is unpacked.
func mostPixels(m color.Model) int {
	if m == color.NRGBA64Model || m == color.RGBA64Model || m == color.Gray16Model {
		return maxPixels / 2 // each takes twice the room
	}
	return maxPixels
}

// letters is how high they are on a picture. A strip of a million pixels by ten
// gets small ones: measured by its length alone, the words would fill more
// memory than any machine has, and Go ends the process over that.
func letters(size image.Point) float64 {
	long, short := max(size.X, size.Y), min(size.X, size.Y)
	return max(12, min(float64(long)/42, float64(short)/12))
}

// tileOf is the lines once: grey with a light rim, so that they can be read on
// light ground and on dark.
func tileOf(lines []string, size float64) (*image.RGBA, error) {
	f, err := typeface()
	if err != nil {
		return nil, fmt.Errorf("watermark: font: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("watermark: font: %w", err)
	}
	defer func() { _ = face.Close() }()
	w, lead := 0, int(size*1.4)
	for _, s := range lines {
		w = max(w, font.MeasureString(face, s).Ceil())
	}
	tile := image.NewRGBA(image.Rect(0, 0, w+8, lead*len(lines)+8))
	write := func(c color.Color, dx, dy int) {
		for i, s := range lines {
			(&font.Drawer{Dst: tile, Src: image.NewUniform(c), Face: face, Dot: fixed.P(4+dx, 4+dy+lead*i+int(size))}).DrawString(s)
		}
	}
	rim := max(int(size/18), 1)
	for _, at := range [][2]int{{-rim, 0}, {rim, 0}, {0, -rim}, {0, rim}} {
		write(color.RGBA{110, 110, 110, 110}, at[0], at[1]) // white, with the weight already in it
	}
	write(color.RGBA{46, 46, 46, 130}, 0, 0)
	return tile, nil
}

// spread lays the tile aslant over a picture, in rows.
func spread(to draw.Image, tile *image.RGBA) {
	const angle = -math.Pi / 7
	sin, cos := math.Sin(angle), math.Cos(angle)
	b, t := to.Bounds(), tile.Bounds()
	stepX, stepY := float64(t.Dx())*1.15, max(float64(t.Dx())*0.5, float64(t.Dy())*2.6)
	for row, y := 0, 0.0; y < float64(b.Dy())+stepY; row, y = row+1, y+stepY {
		for x := -stepX * float64(row%2) / 2; x < float64(b.Dx()); x += stepX {
			xdraw.ApproxBiLinear.Transform(to, f64.Aff3{cos, -sin, x, sin, cos, y}, tile, t, draw.Over, nil)
		}
	}
}

// upright copies a picture the way its camera was held: a copy loses what said so.
func upright(from image.Image, orientation int) *image.NRGBA {
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	flat := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Bounds(), from, b.Min, draw.Src)
	if orientation < 2 || orientation > 8 {
		return flat
	}
	size := flat.Bounds()
	if orientation > 4 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewNRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch orientation {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			copy(to.Pix[to.PixOffset(tx, ty):][:4], flat.Pix[flat.PixOffset(x, y):][:4])
		}
	}
	return to
}
