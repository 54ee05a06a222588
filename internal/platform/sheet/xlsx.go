package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	maxDirectory = 4 << 20 // bytes of a container's list of parts
	maxParts     = 2000
	maxRatio     = 200      // a part that packs better than this holds nothing worth reading
	smallPart    = 1 << 20  // bytes below which the ratio does not matter
	inMemory     = 16 << 20 // bytes of one part; larger ones are unpacked to a temporary file
)

func openXLSX(src Source, o Options) (*Table, error) {
	z, err := container(src, o)
	if err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(io.NewSectionReader(src, 0, src.Size), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: o.MaxUnpacked, UnzipXMLSizeLimit: inMemory,
	})
	if err != nil {
		return nil, ErrBroken.Because(err)
	}
	t, err := openWorkbook(f, z, o)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return t, nil
}

func openWorkbook(f *excelize.File, z *zip.Reader, o Options) (*Table, error) {
	name, err := chooseSheet(f, o.Sheet)
	if err != nil {
		return nil, err
	}
	part, err := partOf(z, name)
	if err != nil {
		return nil, err
	}
	marks, err := scan(part, o)
	if err != nil {
		return nil, err
	}
	rows, err := f.Rows(name)
	if err != nil {
		return nil, ErrBroken.Because(err)
	}
	number := 0
	next := func() (Row, error) {
		if !rows.Next() {
			if err := rows.Error(); err != nil {
				return Row{}, ErrBroken.Because(err)
			}
			return Row{}, io.EOF
		}
		number++
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		switch {
		case err != nil:
			return Row{}, ErrBroken.Because(err)
		case len(cells) > o.MaxColumns:
			return Row{}, ErrColumns.With("max", o.MaxColumns)
		}
		r := Row{Number: number, Cells: make([]string, len(cells)), Faults: marks.of(number)}
		for i, c := range cells {
			r.Cells[i] = strings.TrimSpace(c)
		}
		return r, nil
	}
	done := func() error { return errors.Join(rows.Close(), f.Close()) }
	return &Table{Total: marks.rows, next: next, done: done}, nil
}

// chooseSheet is the named sheet, or the first that is not hidden.
func chooseSheet(f *excelize.File, name string) (string, error) {
	all := f.GetSheetList()
	for _, s := range all {
		if name != "" && s == name {
			return s, nil
		}
		if visible, err := f.GetSheetVisible(s); name == "" && err == nil && visible {
			return s, nil
		}
	}
	return "", ErrNoSheet.With("name", name).With("sheets", strings.Join(all, ", "))
}

// directory is a file of which only so many bytes may be read.
type directory struct {
	io.ReaderAt
	left int64
}

// ReadAt reads, and fails once the bytes are used up.
func (b *directory) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, io.ErrNoProgress
	}
	return b.ReaderAt.ReadAt(p, off)
}

// container judges a zip file before anything opens it for good: the sizes
// that it states, and then, since those may lie, those that it has.
func container(src Source, o Options) (*zip.Reader, error) {
	if _, err := zip.NewReader(&directory{src, maxDirectory}, src.Size); err != nil {
		return nil, ErrBroken.Because(err)
	}
	z, err := zip.NewReader(src, src.Size)
	if err != nil {
		return nil, ErrBroken.Because(err)
	}
	bomb := ErrBomb.With("mb", o.MaxUnpacked>>20)
	if len(z.File) > maxParts {
		return nil, bomb
	}
	var stated int64
	book := false
	for _, f := range z.File {
		size := int64(f.UncompressedSize64)
		if stated += size; size < 0 || stated < 0 || stated > o.MaxUnpacked || size > smallPart && size/max(int64(f.CompressedSize64), 1) > maxRatio {
			return nil, bomb
		}
		book = book || f.Name == "xl/workbook.xml"
	}
	if !book {
		return nil, ErrKind
	}
	left := o.MaxUnpacked
	for _, f := range z.File {
		n, err := inflate(f, left)
		if err != nil {
			return nil, ErrBroken.Because(err)
		}
		if left -= n; left < 0 {
			return nil, bomb
		}
	}
	return z, nil
}

// inflate unpacks a part to nowhere and says how large it is, up to one byte
// more than allowed.
func inflate(f *zip.File, most int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }()
	return io.Copy(io.Discard, io.LimitReader(r, most+1))
}

// partOf finds the part of the container in which a sheet is kept.
func partOf(z *zip.Reader, sheet string) (*zip.File, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(decode(z, "xl/workbook.xml", &book), decode(z, "xl/_rels/workbook.xml.rels", &links)); err != nil {
		return nil, ErrBroken.Because(err)
	}
	for _, s := range book.Sheets {
		for _, l := range links.All {
			if s.Name != sheet || l.ID != s.ID {
				continue
			}
			name := path.Join("xl", l.Target)
			if strings.HasPrefix(l.Target, "/") {
				name = l.Target[1:]
			}
			for _, f := range z.File {
				if strings.EqualFold(f.Name, name) {
					return f, nil
				}
			}
		}
	}
	return nil, ErrBroken.Because(fmt.Errorf("sheet: no part for %q", sheet))
}

func decode(z *zip.Reader, name string, into any) error {
	r, err := z.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	return xml.NewDecoder(io.LimitReader(r, inMemory)).Decode(into)
}

// marks are what the reader of values does not tell.
type marks struct {
	rows   int
	faults map[int][]Fault
	merges []merge
}

// merge is a range of merged cells. It is kept as one: a mark on each of its
// rows would take a thousand times the memory of the file.
type merge struct {
	ref, column string
	first, last int // rows
}

// scan walks the tags of a sheet for formulas and merged cells. It knows just
// enough of XML to find them in a stream, and is several times as fast as a
// decoder.
func scan(part *zip.File, o Options) (marks, error) {
	m := marks{faults: map[int][]Fault{}}
	r, err := part.Open()
	if err != nil {
		return m, ErrBroken.Because(err)
	}
	defer func() { _ = r.Close() }()
	br := bufio.NewReaderSize(r, 64<<10)
	cell, formulas := "", 0
	for {
		if err := skipTo(br, '<'); errors.Is(err, io.EOF) {
			return m, nil
		} else if err != nil {
			return m, ErrBroken.Because(err)
		}
		tag, err := br.ReadSlice('>')
		if errors.Is(err, bufio.ErrBufferFull) { // no tag of a sheet is that long
			continue
		}
		if err != nil {
			return m, ErrBroken.Because(err)
		}
		switch local(tag) {
		case "row":
			if m.rows++; m.rows > o.MaxRows+headerWithin {
				return m, ErrRows.With("max", o.MaxRows)
			}
		case "c":
			cell = attribute(tag, "r")
		case "f":
			column, row := split(cell)
			if formulas++; formulas > maxFormulas {
				return m, ErrFormulas.With("max", maxFormulas)
			}
			m.faults[row] = append(m.faults[row], Fault{column, errFormula})
		case "mergeCell":
			if len(m.merges) == maxMerges {
				return m, ErrMerges.With("max", maxMerges)
			}
			m.merged(attribute(tag, "ref"))
		}
	}
}

// longRef is more than any reference to a range has: XFD1048576:XFD1048576.
const longRef = 40

// merged keeps a range of merged cells; one without a second corner is none.
func (m *marks) merged(ref string) {
	from, to, _ := strings.Cut(ref, ":")
	column, first := split(from)
	_, last := split(to)
	if first > 0 && last >= first && len(ref) <= longRef {
		m.merges = append(m.merges, merge{strings.Clone(ref), strings.Clone(column), first, last})
	}
}

// of are the faults of a row, of the merged cells the first few.
func (m *marks) of(row int) []Fault {
	out, n := slices.Clip(m.faults[row]), 0
	for _, r := range m.merges {
		if row < r.first || row > r.last {
			continue
		}
		if n++; n > rowMerges {
			break
		}
		out = append(out, Fault{r.column, errMerged.With("cells", r.ref)})
	}
	return out
}

func skipTo(br *bufio.Reader, c byte) error {
	for {
		_, err := br.ReadSlice(c)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// local is the name of a start tag without its prefix, "" for other tags.
func local(tag []byte) string {
	end := bytes.IndexAny(tag, " \t\r\n/>")
	if end <= 0 {
		return ""
	}
	name := tag[:end]
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	return string(name)
}

func attribute(tag []byte, name string) string {
	i := bytes.Index(tag, []byte(" "+name+`="`))
	if i < 0 {
		return ""
	}
	rest := tag[i+len(name)+3:]
	if j := bytes.IndexByte(rest, '"'); j >= 0 {
		return string(rest[:j])
	}
	return ""
}

// split parts a reference such as B5.
func split(ref string) (column string, row int) {
	i := strings.IndexAny(ref, "0123456789")
	if i < 0 {
		return ref, 0
	}
	row, _ = strconv.Atoi(ref[i:])
	return ref[:i], row
}

// columnAt is the position of the column with these letters, from 0; -1 for none.
func columnAt(letters string) int {
	n, err := excelize.ColumnNameToNumber(letters)
	if err != nil {
		return -1
	}
	return n - 1
}
