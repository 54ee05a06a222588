package watermark_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/platform/pdf"
	"github.com/tongban/tongban/internal/platform/watermark"
)

var lines = []string{"科技创新局 林巧云 2026-11-22 14:05", "仅供办理 371671-20261122-00001 使用"}

func document() []byte {
	d := pdf.New(pdf.Info{Title: "租赁合同", Lang: "zh-CN", Created: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)})
	for range 60 {
		d.Para("出租方和承租方就房屋租赁达成如下协议。")
	}
	return d.Bytes()
}

// keep leaves a file where somebody can look at it.
func keep(t *testing.T, name string, content []byte) {
	if dir := os.Getenv("TONGBAN_KEEP"); dir != "" {
		if err := os.WriteFile(dir+"/"+name, content, 0o600); err != nil {
			t.Error(err)
		}
	}
}

func TestPDF(t *testing.T) {
	t.Parallel()
	file := document()
	before := bytes.Clone(file)
	out, ok, err := watermark.Lay(t.Context(), "application/pdf", bytes.NewReader(file), lines)
	if err != nil || !ok || !bytes.HasPrefix(out, []byte("%PDF-")) || bytes.Equal(out, file) || !bytes.Equal(file, before) {
		t.Fatalf("%v %v, %d bytes", ok, err, len(out))
	}
	if len(out) < len(pdf.Stamp(lines))/2 {
		t.Errorf("%d bytes: the font of the mark is not in it", len(out))
	}
	keep(t, "marked.pdf", out)
	for name, bad := range map[string][]byte{
		"damaged": file[:len(file)/2],
		"nothing": nil,
		"signed":  append(bytes.Clone(file), "\n% /ByteRange [0 1 2 3]"...),
	} {
		if out, ok, err := watermark.Lay(t.Context(), "application/pdf", bytes.NewReader(bad), lines); err != nil || ok || out != nil {
			t.Errorf("%s: %v %v", name, ok, err)
		}
	}
	if _, ok, err := watermark.Lay(t.Context(), "application/ofd", bytes.NewReader(file), lines); ok || err != nil {
		t.Errorf("another kind: %v %v", ok, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok, _ := watermark.Lay(ctx, "image/png", bytes.NewReader(nil), lines); ok {
		t.Error("marked nothing")
	}
}

// differs counts the pixels that are not the colour.
func differs(img image.Image, c color.Color) (n int) {
	r, g, b, _ := c.RGBA()
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			pr, pg, pb, _ := img.At(x, y).RGBA()
			if near := func(a, b uint32) bool { return a>>8 <= b>>8+6 && b>>8 <= a>>8+6 }; !near(pr, r) || !near(pg, g) || !near(pb, b) {
				n++
			}
		}
	}
	return n
}

func plain(w, h int, c color.Color) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, c)
		}
	}
	return img
}

func TestPictures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]color.Color{"white": color.White, "black": color.Black} {
		var file bytes.Buffer
		if err := png.Encode(&file, plain(900, 600, c)); err != nil {
			t.Fatal(err)
		}
		out, ok, err := watermark.Lay(t.Context(), "image/png", &file, lines)
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", name, ok, err)
		}
		img, err := png.Decode(bytes.NewReader(out))
		if err != nil || img.Bounds().Dx() != 900 {
			t.Fatalf("%s: %v", name, err)
		}
		if n := differs(img, c); n < 900*600/100 || n > 900*600/3 {
			t.Errorf("%s: %d pixels carry the mark", name, n)
		}
		keep(t, name+".png", out)
	}
}

// TestAPictureStaysUpright: a telephone says by a tag how it was held; the copy
// has no tag and is turned instead.
func TestAPictureStaysUpright(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, plain(400, 200, color.White), nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	turned := bytes.Clone(file.Bytes()[:2])
	turned = binary.BigEndian.AppendUint16(append(turned, 0xFF, 0xE1), uint16(len(exif)+2))
	turned = append(append(turned, exif...), file.Bytes()[2:]...)
	for name, c := range map[string]struct {
		file []byte
		w    int
	}{"plain": {file.Bytes(), 400}, "turned": {turned, 200}} {
		out, ok, err := watermark.Lay(t.Context(), "image/jpeg", bytes.NewReader(c.file), lines)
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", name, ok, err)
		}
		if img, err := jpeg.Decode(bytes.NewReader(out)); err != nil || img.Bounds().Dx() != c.w {
			t.Errorf("%s: %v %v", name, img.Bounds(), err)
		}
	}
}

// A picture of a few hundred bytes, as long as a street and as thin as a line,
// ended the process: the letters were measured by its length.
func TestThinPictures(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{1_000_000, 10}, {10, 1_000_000}} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewPaletted(image.Rectangle{Max: size}, color.Palette{color.White})); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := watermark.Lay(context.Background(), "image/png", &b, lines); err != nil || !ok {
			t.Errorf("%v: ok %t, %v", size, ok, err)
		}
	}
}

// pdfOf puts objects together, the first of them the catalog.
func pdfOf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// blanks is a stream of so many bytes of nothing, packed.
func blanks(t *testing.T, n int, more string) string {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(bytes.Repeat([]byte(" "), n)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("<<%s/Length %d/Filter/FlateDecode>>stream\n%s\nendstream", more, b.Len(), b.String())
}

// A small document whose pages unpack to gigabytes ended the process; it is
// handed out without a mark, and one of ordinary size with it.
func TestPagesThatUnpack(t *testing.T) {
	t.Parallel()
	page := func(contents string) string {
		return "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents " + contents + ">>"
	}
	image := "/Type/XObject/Subtype/Image/Width 100/Height 100/ColorSpace/DeviceGray/BitsPerComponent 8"
	const much = 40 << 20
	for name, c := range map[string]struct {
		objects []string
		ok      bool
	}{
		"ordinary":              {[]string{page("5 0 R"), page("6 0 R"), blanks(t, 1<<20, ""), blanks(t, 1<<20, "")}, true},
		"pages of their own":    {[]string{page("5 0 R"), page("[6 0 R 7 0 R]"), blanks(t, much, ""), blanks(t, much, ""), blanks(t, much, "")}, false},
		"one content, many":     {[]string{page("[5 0 R 5 0 R]"), page("5 0 R"), blanks(t, much, "")}, false},
		"through a list":        {[]string{page("6 0 R"), page("6 0 R"), blanks(t, much, ""), "[5 0 R 5 0 R]"}, false},
		"said to be a picture":  {[]string{page("5 0 R"), page("5 0 R"), blanks(t, 2*much, image)}, false},
		"a picture no page is ": {[]string{page("5 0 R"), page("5 0 R"), blanks(t, 10, ""), blanks(t, 3*much, image)}, true},
	} {
		file := pdfOf(append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>"}, c.objects...)...)
		if _, ok, err := watermark.Lay(context.Background(), "application/pdf", bytes.NewReader(file), lines); err != nil || ok != c.ok {
			t.Errorf("%s: marked %t, %v", name, ok, err)
		}
	}
}
