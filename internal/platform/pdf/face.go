package pdf

import (
	_ "embed" // the font
	"encoding/binary"
	"fmt"
	"sync"
)

//go:embed font/NotoSansSC_400Regular.ttf
var notoSansSC []byte

// geta stands for a character that the font does not have (下駄).
const geta = '〓'

// face is a TrueType font as far as a document needs it.
type face struct {
	head, hhea, maxp, prep []byte
	glyf, loca, hmtx       []byte
	unitsPerEm             int
	longLoca               bool
	metrics                int // glyphs with a width of their own
	glyphs                 int
	ascent, descent        int
	groups                 []group // of cmap, ascending
}

// group maps the code points from..to onto glyphs from gid on.
type group struct{ from, to, gid uint32 }

// theFace reads the font at its first use.
var theFace = sync.OnceValue(func() *face {
	f, err := parseFace(notoSansSC)
	if err != nil {
		panic(err) // it lies in the program: a test has read it
	}
	return f
})

func parseFace(data []byte) (*face, error) {
	be := binary.BigEndian
	tables := map[string][]byte{}
	for i := range int(be.Uint16(data[4:])) {
		rec := data[12+16*i:]
		off, n := be.Uint32(rec[8:]), be.Uint32(rec[12:])
		tables[string(rec[:4])] = data[off : off+n]
	}
	for _, name := range []string{"head", "hhea", "maxp", "glyf", "loca", "hmtx", "cmap"} {
		if tables[name] == nil {
			return nil, fmt.Errorf("pdf: font without table %s", name)
		}
	}
	f := &face{
		head: tables["head"], hhea: tables["hhea"], maxp: tables["maxp"], prep: tables["prep"], glyf: tables["glyf"], loca: tables["loca"], hmtx: tables["hmtx"],
		unitsPerEm: int(be.Uint16(tables["head"][18:])), longLoca: be.Uint16(tables["head"][50:]) == 1,
		metrics: int(be.Uint16(tables["hhea"][34:])), glyphs: int(be.Uint16(tables["maxp"][4:])),
		ascent: int(int16(be.Uint16(tables["hhea"][4:]))), descent: int(int16(be.Uint16(tables["hhea"][6:]))), //nolint:gosec // signed in the format
	}
	cmap := tables["cmap"]
	for i := range int(be.Uint16(cmap[2:])) {
		sub := cmap[be.Uint32(cmap[4+8*i+4:]):]
		if be.Uint16(sub) != 12 {
			continue
		}
		for g := range int(be.Uint32(sub[12:])) {
			rec := sub[16+12*g:]
			f.groups = append(f.groups, group{be.Uint32(rec), be.Uint32(rec[4:]), be.Uint32(rec[8:])})
		}
		return f, nil
	}
	return nil, fmt.Errorf("pdf: font without a full table of characters")
}

// glyph of a character, 0 when the font has none.
func (f *face) glyph(r rune) uint16 {
	lo, hi := 0, len(f.groups)
	for lo < hi {
		mid := (lo + hi) / 2
		switch g := f.groups[mid]; {
		case uint32(r) < g.from: //nolint:gosec // a code point is not negative
			hi = mid
		case uint32(r) > g.to: //nolint:gosec // as above
			lo = mid + 1
		default:
			return uint16(g.gid + uint32(r) - g.from) //nolint:gosec // as above; glyph numbers have 16 bits
		}
	}
	return 0
}

// advance of a glyph in thousandths of the size.
func (f *face) advance(gid uint16) int {
	i := min(int(gid), f.metrics-1)
	return int(binary.BigEndian.Uint16(f.hmtx[4*i:])) * 1000 / f.unitsPerEm
}

// outline of a glyph, empty for a space.
func (f *face) outline(gid uint16) []byte {
	be := binary.BigEndian
	if f.longLoca {
		return f.glyf[be.Uint32(f.loca[4*int(gid):]):be.Uint32(f.loca[4*int(gid)+4:])]
	}
	return f.glyf[2*int(be.Uint16(f.loca[2*int(gid):])) : 2*int(be.Uint16(f.loca[2*int(gid)+2:]))]
}

// Has says whether the font can show a character.
func Has(r rune) bool { return r == '\n' || r == '\t' || theFace().glyph(r) != 0 }
