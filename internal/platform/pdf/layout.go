package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Measures of an A4 sheet in points: the type area of official documents,
// 156 mm wide (GB/T 9704-2012), with less white at the head.
const (
	sheetW, sheetH = 595.28, 841.89
	left           = 79.37
	textW          = 442.2
	footY          = 786.0
)

// measures of the text on a sheet, in points.
type measures struct {
	top, bottom float64 // where the text begins and ends
	body, lead  float64 // size of the text and distance of its lines
	cell, row   float64 // the same in tables
	pad         float64 // of a cell
	sign        float64 // distance of the lines of a signature
}

var (
	usual = measures{top: 68, bottom: 758, body: 12, lead: 21, cell: 10.5, row: 16, pad: 6, sign: 22}
	dense = measures{top: 54, bottom: 768, body: 11, lead: 17.5, cell: 10, row: 14.5, pad: 4.5, sign: 18}
)

// Info describes a document to programs.
type Info struct {
	Title, Author, Subject string
	Lang                   string // BCP 47
	Dense                  bool   // set closer, so that a short rest needs no sheet of its own
	Created                time.Time
	Watermark              string                 // across every sheet, "" for none
	Foot                   []string               // small lines at the foot of every sheet
	Page                   func(n, of int) string // page number in words
}

// Doc is a document in the making. Blocks flow from sheet to sheet.
type Doc struct {
	info   Info
	set    *subset
	pages  []*bytes.Buffer
	links  [][]link
	images []picture
	y      float64
	zh     bool
	m      measures
}

type link struct {
	x, y, w, h float64
	url        string
}

type picture struct {
	w, h int
	gray []byte
}

// New begins a document.
func New(info Info) *Doc {
	d := &Doc{info: info, set: newSubset(theFace()), zh: !strings.HasPrefix(info.Lang, "en"), m: usual}
	if info.Dense {
		d.m = dense
	}
	d.newPage()
	return d
}

func (d *Doc) newPage() {
	d.pages = append(d.pages, &bytes.Buffer{})
	d.links = append(d.links, nil)
	d.y = d.m.top
}

func (d *Doc) page() *bytes.Buffer { return d.pages[len(d.pages)-1] }

// need begins a new sheet unless h points are left on this one.
func (d *Doc) need(h float64) bool {
	if d.y+h <= d.m.bottom || d.y == d.m.top {
		return false
	}
	d.newPage()
	return true
}

// Keep begins a new sheet unless h points are left: for parts that belong together.
func (d *Doc) Keep(h float64) { d.need(h) }

// Pages is how many sheets there are so far.
func (d *Doc) Pages() int { return len(d.pages) }

// Missing lists the characters that the font does not have and that were shown
// as 〓, in the order of their appearance.
func (d *Doc) Missing() []rune { return slices.Clone(d.set.missing) }

func (d *Doc) measure(size float64) func(rune) float64 {
	return func(r rune) float64 { return float64(d.set.width(r)) * size / 1000 }
}

func (d *Doc) widthOf(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		w += float64(d.set.width(r)) * size / 1000
	}
	return w
}

// style of a run of text.
type style struct {
	size  float64
	heavy bool
	gray  float64 // 0 is black
	space float64 // between characters
}

// text writes one run at a baseline, measured from the head of the sheet.
func (d *Doc) text(to *bytes.Buffer, x, y float64, runes []rune, s style) {
	if len(runes) == 0 {
		return
	}
	fmt.Fprintf(to, "BT %s g /F1 %s Tf ", num(s.gray), num(s.size))
	if s.heavy {
		fmt.Fprintf(to, "2 Tr %s w %s G ", num(s.size*0.028), num(s.gray))
	}
	if s.space != 0 {
		fmt.Fprintf(to, "%.4f Tc ", s.space)
	}
	fmt.Fprintf(to, "%s %s Td <", num(x), num(sheetH-y))
	for _, r := range runes {
		if r == '\t' {
			r = ' '
		}
		fmt.Fprintf(to, "%04X", d.set.use(r))
	}
	to.WriteString("> Tj")
	if s.heavy {
		to.WriteString(" 0 Tr")
	}
	if s.space != 0 {
		to.WriteString(" 0 Tc")
	}
	to.WriteString(" ET\n")
}

// Title in the middle, large.
func (d *Doc) Title(s string) {
	size := 22.0
	if d.widthOf(s, size) > textW {
		size = 17
	}
	d.y += 6
	for _, l := range breakLines(s, textW, 0, d.measure(size)) {
		d.y += size * 1.45
		d.text(d.page(), left+(textW-d.widthOf(string(l.runes), size))/2, d.y-size*0.3, l.runes, style{size: size, heavy: true})
	}
	d.y += 8
}

// Centre sets a line in the middle, smaller than the body.
func (d *Doc) Centre(s string) {
	const size = 10.5
	for _, l := range breakLines(s, textW, 0, d.measure(size)) {
		d.y += 16
		d.text(d.page(), left+(textW-d.widthOf(string(l.runes), size))/2, d.y-4, l.runes, style{size: size, gray: 0.25})
	}
	d.y += 4
}

// Rule draws a line across.
func (d *Doc) Rule() {
	d.y += 6
	d.stroke(left, d.y, left+textW, d.y, 0.8, 0.2)
	d.y += 10
}

func (d *Doc) stroke(x1, y1, x2, y2, width, gray float64) {
	fmt.Fprintf(d.page(), "%s G %s w %s %s m %s %s l S\n", num(gray), num(width), num(x1), num(sheetH-y1), num(x2), num(sheetH-y2))
}

// Head over a part of the document.
func (d *Doc) Head(s string) {
	d.need(60)
	d.y += 6
	for _, l := range breakLines(s, textW, 0, d.measure(12.5)) {
		d.y += d.m.lead
		d.text(d.page(), left, d.y-5, l.runes, style{size: 12.5, heavy: true})
	}
	d.y += 3
}

// Para is a paragraph; a Chinese one is indented by two characters.
func (d *Doc) Para(s string) {
	indent := 0.0
	if d.zh {
		indent = 2 * d.m.body
	}
	d.flow(s, left, textW, indent, style{size: d.m.body}, d.m.lead)
	d.y += 4
}

// Address is the line that a letter begins with.
func (d *Doc) Address(s string) {
	d.flow(s, left, textW, 0, style{size: d.m.body, heavy: true}, d.m.lead)
	d.y += 4
}

// flow sets text at x within width, over sheets where it must.
func (d *Doc) flow(s string, x, width, indent float64, st style, lead float64) {
	for i, l := range breakLines(s, width, indent, d.measure(st.size)) {
		d.need(lead)
		d.y += lead
		in := 0.0
		if i == 0 {
			in = indent
		}
		st.space = d.stretch(l, width-in, st.size)
		d.text(d.page(), x+in, d.y-lead*0.3, l.runes, st)
	}
}

// stretch fills a line of Chinese to the edge.
func (d *Doc) stretch(l line, width, size float64) float64 {
	slack := width - d.widthOf(string(l.runes), size)
	if l.last || !d.zh || len(l.runes) < 2 || slack <= 0 || slack > 2.5*size {
		return 0
	}
	return slack / float64(len(l.runes)-1)
}

// List of points; numbered "1." where there are several.
func (d *Doc) List(items []string) {
	const hang = 26
	for i, s := range items {
		if len(items) > 1 {
			d.need(d.m.lead)
			mark := strconv.Itoa(i+1) + "."
			d.text(d.page(), left+hang-6-d.widthOf(mark, d.m.body), d.y+d.m.lead*0.7, []rune(mark), style{size: d.m.body})
		}
		d.flow(s, left+hang, textW-hang, 0, style{size: d.m.body}, d.m.lead)
	}
	d.y += 4
}

// Small print.
func (d *Doc) Small(s string) {
	d.flow(s, left, textW, 0, style{size: 9.5, gray: 0.25}, 15)
	d.y += 2
}

// Big is a word to be found at a glance: a pick-up code.
func (d *Doc) Big(label, s string) {
	d.need(40)
	d.y += 30
	d.text(d.page(), left, d.y-6, []rune(label), style{size: d.m.body})
	d.text(d.page(), left+d.widthOf(label, d.m.body)+8, d.y-7, []rune(s), style{size: 20, heavy: true, space: 3})
	d.y += 6
}

// Table with heads that are repeated on every sheet; without heads it is a
// table of facts whose first column names them. Shares are the widths of the columns.
func (d *Doc) Table(heads []string, shares []float64, rows [][]string) {
	size, lead, pad := d.m.cell, d.m.row, d.m.pad
	sum := 0.0
	for _, s := range shares {
		sum += s
	}
	d.y += 4
	row := func(cells []string, head bool) {
		lines := make([][]line, len(shares))
		most := 1
		for i := range shares {
			if i < len(cells) {
				lines[i] = breakLines(cells[i], shares[i]/sum*textW-2*pad, 0, d.measure(size))
			}
			most = max(most, len(lines[i]))
		}
		for from := 0; from < most; { // a row higher than what is left goes on overleaf
			fits := min(most-from, int((d.m.bottom-d.y-2*pad+4)/lead))
			if fits < 1 || from == 0 && fits < most && most <= 12 {
				if d.y == d.m.top {
					fits = max(fits, 1)
				} else {
					d.overleaf(head, heads, shares)
					fits = min(most-from, int((d.m.bottom-d.y-2*pad+4)/lead))
				}
			}
			h := float64(fits)*lead + 2*pad - 4
			x := left
			for i, share := range shares {
				w := share / sum * textW
				gray := 0.0
				if head || heads == nil && i == 0 {
					fmt.Fprintf(d.page(), "0.95 g %s %s %s %s re f\n", num(x), num(sheetH-d.y-h), num(w), num(h))
					gray = 0.2
				}
				for n := from; n < min(from+fits, len(lines[i])); n++ {
					d.text(d.page(), x+pad, d.y+pad+float64(n-from)*lead+lead*0.62, lines[i][n].runes, style{size: size, gray: gray, heavy: head})
				}
				x += w
			}
			d.grid(h, shares, sum)
			d.y += h
			from += fits
		}
	}
	if heads != nil {
		d.need(70)
		row(heads, true)
	}
	for _, r := range rows {
		row(r, false)
	}
	d.y += 10
}

// overleaf goes on overleaf and repeats the heads there.
func (d *Doc) overleaf(head bool, heads []string, shares []float64) {
	d.newPage()
	if head || heads == nil {
		return
	}
	d.Table(heads, shares, nil)
	d.y -= 10 // the rows follow at once
}

// grid draws the lines around one row.
func (d *Doc) grid(h float64, shares []float64, sum float64) {
	d.stroke(left, d.y, left+textW, d.y, 0.5, 0.45)
	d.stroke(left, d.y+h, left+textW, d.y+h, 0.5, 0.45)
	x := left
	for _, s := range append([]float64{0}, shares...) {
		x += s / sum * textW
		d.stroke(x, d.y, x, d.y+h, 0.5, 0.45)
	}
}

// Sign is who answers for the document, the place of the seal, and the day.
func (d *Doc) Sign(by, seal, on string) {
	const in = 24
	names := breakLines(by, textW-in, 0, d.measure(d.m.body))
	d.need(float64(len(names)+2)*d.m.sign + 20)
	d.y += d.m.sign - 2
	at := func(s string, st style) {
		d.y += d.m.sign
		d.text(d.page(), left+textW-in-d.widthOf(s, st.size), d.y-6, []rune(s), st)
	}
	for _, l := range names { // a long name in several lines
		at(strings.TrimSpace(string(l.runes)), style{size: d.m.body})
	}
	if seal != "" {
		at(seal, style{size: 9.5, gray: 0.45})
	}
	at(on, style{size: d.m.body})
	d.y += 8
}

// Lines to be filled in by hand, two beside each other.
func (d *Doc) Lines(labels ...string) {
	for i := 0; i < len(labels); i += 2 {
		d.need(36)
		d.y += 34
		for n, label := range labels[i:min(i+2, len(labels))] {
			x := left + float64(n)*textW/2
			d.text(d.page(), x, d.y-6, []rune(label), style{size: 10.5})
			d.stroke(x+d.widthOf(label, 10.5)+4, d.y-3, x+textW/2-14, d.y-3, 0.5, 0.3)
		}
	}
	d.y += 8
}

// Picture shows a picture in gray, at most w by h points, after a label: a
// signature drawn by hand.
func (d *Doc) Picture(label string, img image.Image, w, h float64) {
	b := img.Bounds()
	p := picture{w: b.Dx(), h: b.Dy()}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := img.At(x, y).RGBA()
			p.gray = append(p.gray, byte((((299*r+587*g+114*bl)/1000)+(0xFFFF-a))>>8)) //nolint:gosec // 16 bits to 8, over white
		}
	}
	scale := min(w/float64(p.w), h/float64(p.h))
	w, h = float64(p.w)*scale, float64(p.h)*scale
	d.need(h + 12)
	d.text(d.page(), left, d.y+h/2+4, []rune(label), style{size: 10.5})
	d.images = append(d.images, p)
	fmt.Fprintf(d.page(), "q %s 0 0 %s %s %s cm /I%d Do Q\n", num(w), num(h), num(left+d.widthOf(label, 10.5)+8), num(sheetH-d.y-4-h), len(d.images))
	d.y += h + 12
}

// Bytes writes the file. The same document gives the same bytes.
func (d *Doc) Bytes() []byte {
	w := &writer{}
	w.b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	root, tree, font := w.reserve(), w.reserve(), w.reserve()
	pages := make([]int, len(d.pages))
	for i := range d.pages {
		d.furniture(i)
	}
	images := ""
	for i, p := range d.images {
		images += fmt.Sprintf("/I%d %d 0 R ", i+1, w.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8", p.w, p.h), p.gray))
	}
	for i, content := range d.pages {
		annots := ""
		for _, l := range d.links[i] {
			annots += fmt.Sprintf("<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect [%s %s %s %s] /A << /S /URI /URI (%s) >> >> ",
				num(l.x), num(sheetH-l.y-l.h), num(l.x+l.w), num(sheetH-l.y), strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(l.url))
		}
		c := w.stream("", content.Bytes())
		pages[i] = w.object(0, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Contents %d 0 R /Resources << /Font << /F1 %d 0 R >> /XObject << %s>> >> /Annots [%s] >>",
			tree, num(sheetW), num(sheetH), c, font, images, annots))
	}
	kids := ""
	for _, n := range pages {
		kids += fmt.Sprintf("%d 0 R ", n)
	}
	w.object(tree, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids, len(pages)))
	d.writeFont(w, font)
	w.object(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang (%s) /ViewerPreferences << /DisplayDocTitle true >> >>", tree, d.info.Lang))
	info := w.object(0, fmt.Sprintf("<< /Title %s /Author %s /Subject %s /Producer (Tongban) /CreationDate %s >>",
		hexText(d.info.Title), hexText(d.info.Author), hexText(d.info.Subject), pdfDate(d.info.Created)))
	sum := sha256.Sum256(w.b.Bytes())
	return w.finish(root, info, hex.EncodeToString(sum[:16]))
}

func (d *Doc) writeFont(w *writer, font int) {
	f := d.set.face
	k := func(v int) int { return v * 1000 / f.unitsPerEm }
	program := d.set.font()
	file := w.stream(fmt.Sprintf("/Length1 %d", len(program)), program)
	// The six letters say that it is a part of the font.
	sum := sha256.Sum256(program)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	name := string(tag) + "+NotoSansSC-Regular"
	desc := w.object(0, fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-200 -300 1200 1100] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight 733 /StemV 80 /FontFile2 %d 0 R >>",
		name, k(f.ascent), k(f.descent), file))
	cid := w.object(0, fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 1000 /W %s >>",
		name, desc, d.set.widths()))
	uni := w.stream("", d.set.toUnicode())
	w.object(font, fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", name, cid, uni))
}
