package pdf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf16"
)

// subset is what a document shows of the font. Each character has a glyph
// number of its own, so that it can be copied as what it is.
type subset struct {
	face    *face
	byRune  map[rune]uint16 // character to number in the document
	runes   []rune          // by number; 0 is no character
	gids    []uint16        // by number: glyph of the font
	missing []rune
}

func newSubset(f *face) *subset {
	return &subset{face: f, byRune: map[rune]uint16{}, runes: []rune{0}, gids: []uint16{0}}
}

// use returns the number of a character in the document.
func (s *subset) use(r rune) uint16 {
	if n, ok := s.byRune[r]; ok {
		return n
	}
	gid := s.face.glyph(r)
	if gid == 0 {
		s.missing = append(s.missing, r)
		gid = s.face.glyph(geta)
	}
	n := uint16(len(s.runes)) //nolint:gosec // a document of 65,000 different characters there is not
	s.byRune[r] = n
	s.runes = append(s.runes, r)
	s.gids = append(s.gids, gid)
	return n
}

// width of a character in thousandths of the size, without using it.
func (s *subset) width(r rune) int {
	gid := s.face.glyph(r)
	if gid == 0 {
		gid = s.face.glyph(geta)
	}
	return s.face.advance(gid)
}

// font writes the glyphs in use as a TrueType font. A glyph that is made of
// others takes them along behind the last.
func (s *subset) font() []byte {
	be := binary.BigEndian
	gids := slices.Clone(s.gids)
	var glyf bytes.Buffer
	loca := []byte{}
	for i := 0; i < len(gids); i++ {
		loca = be.AppendUint32(loca, uint32(glyf.Len())) //nolint:gosec // a document is small
		o := slices.Clone(s.face.outline(gids[i]))
		if len(o) > 0 && int16(be.Uint16(o)) < 0 { //nolint:gosec // signed in the format: -1 is a composite
			components(o, func(gid uint16) uint16 {
				gids = append(gids, gid)
				return uint16(len(gids) - 1) //nolint:gosec // as above
			})
		}
		glyf.Write(o)
		for glyf.Len()%4 != 0 {
			glyf.WriteByte(0)
		}
	}
	loca = be.AppendUint32(loca, uint32(glyf.Len())) //nolint:gosec // as above
	hmtx := []byte{}
	for _, gid := range gids {
		at := 4 * min(int(gid), s.face.metrics-1)
		hmtx = append(hmtx, s.face.hmtx[at:at+4]...)
	}
	head, hhea, maxp := slices.Clone(s.face.head), slices.Clone(s.face.hhea), slices.Clone(s.face.maxp)
	be.PutUint16(head[50:], 1)                 // long offsets
	be.PutUint32(head[8:], 0)                  // sum of the whole, below
	be.PutUint16(hhea[34:], uint16(len(gids))) //nolint:gosec // as above
	be.PutUint16(maxp[4:], uint16(len(gids)))  //nolint:gosec // as above
	return sfnt([]table{{"glyf", glyf.Bytes()}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}, {"prep", s.face.prep}})
}

// components renumbers the parts of a composite glyph in place.
func components(o []byte, renumber func(uint16) uint16) {
	const words, scale, more, xy, two = 1, 8, 32, 64, 128
	be := binary.BigEndian
	for at := 10; ; {
		flags := be.Uint16(o[at:])
		be.PutUint16(o[at+2:], renumber(be.Uint16(o[at+2:])))
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&xy != 0:
			at += 4
		case flags&two != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

type table struct {
	tag  string
	data []byte
}

// sfnt puts tables together, in the order of their tags.
func sfnt(tables []table) []byte {
	be := binary.BigEndian
	tables = slices.DeleteFunc(tables, func(t table) bool { return len(t.data) == 0 })
	n := len(tables)
	exp := 0
	for 2<<exp <= n {
		exp++
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 << exp, exp, 16*n - 16<<exp} {
		out = be.AppendUint16(out, uint16(v)) //nolint:gosec // a handful of tables
	}
	at, headAt := uint32(12+16*n), 0 //nolint:gosec // as above
	for _, t := range tables {
		out = append(out, t.tag...)
		out = be.AppendUint32(out, checksum(t.data))
		out = be.AppendUint32(out, at)
		out = be.AppendUint32(out, uint32(len(t.data))) //nolint:gosec // as above
		at += uint32(len(t.data)+3) &^ 3                //nolint:gosec // as above
	}
	for _, t := range tables {
		if t.tag == "head" {
			headAt = len(out)
		}
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	be.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) uint32 {
	var sum uint32
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	if len(b) > 0 {
		last := [4]byte{}
		copy(last[:], b)
		sum += binary.BigEndian.Uint32(last[:])
	}
	return sum
}

// toUnicode says which characters the glyph numbers stand for.
func (s *subset) toUnicode() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	const most = 100 // in one block, by the specification
	for from := 1; from < len(s.runes); from += most {
		to := min(from+most, len(s.runes))
		fmt.Fprintf(&b, "%d beginbfchar\n", to-from)
		for n := from; n < to; n++ {
			fmt.Fprintf(&b, "<%04X> <", n)
			for _, u := range utf16.Encode([]rune{s.runes[n]}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// widths in the form of a W array.
func (s *subset) widths() string {
	var b bytes.Buffer
	b.WriteString("[0 [")
	for i, gid := range s.gids {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d", s.face.advance(gid))
	}
	b.WriteString("]]")
	return b.String()
}
