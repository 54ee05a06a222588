package sheet

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/csvx"
)

// What can be wrong with a file as a whole.
var (
	ErrTooLarge     = errs.Define(errs.Invalid, "sheet.too_large")      // params: mb
	ErrKind         = errs.Define(errs.Invalid, "sheet.kind")           // neither CSV nor XLSX
	ErrOldExcel     = errs.Define(errs.Invalid, "sheet.old_excel")      // .xls, or XLSX with a password
	ErrEncoding     = errs.Define(errs.Invalid, "sheet.encoding")       // params: line
	ErrBomb         = errs.Define(errs.Invalid, "sheet.bomb")           // params: mb; unpacks to more
	ErrBroken       = errs.Define(errs.Invalid, "sheet.broken")         // not to be read to its end
	ErrQuote        = errs.Define(errs.Invalid, "sheet.quote")          // params: line
	ErrRecord       = errs.Define(errs.Invalid, "sheet.record")         // params: line; a row without end
	ErrRows         = errs.Define(errs.Invalid, "sheet.rows")           // params: max
	ErrColumns      = errs.Define(errs.Invalid, "sheet.columns")        // params: max
	ErrNoSheet      = errs.Define(errs.Invalid, "sheet.no_sheet")       // params: name, sheets
	ErrEmpty        = errs.Define(errs.Invalid, "sheet.empty")          // no rows
	ErrHeader       = errs.Define(errs.Invalid, "sheet.header")         // params: columns; no header found
	ErrMissing      = errs.Define(errs.Invalid, "sheet.missing")        // params: columns
	ErrColumnTwice  = errs.Define(errs.Invalid, "sheet.column_twice")   // params: column
	ErrMergedHeader = errs.Define(errs.Invalid, "sheet.merged_header")  // params: cells
	ErrFormulas     = errs.Define(errs.Invalid, "sheet.many_formulas")  // params: max
	ErrMerges       = errs.Define(errs.Invalid, "sheet.many_merged")    // params: max
	ErrMuch         = errs.Define(errs.Invalid, "sheet.much")           // params: max; characters of all cells
	errFormula      = errs.Define(errs.Invalid, "sheet.formula")        // a cell that is computed
	errMerged       = errs.Define(errs.Invalid, "sheet.merged")         // params: cells
	errLong         = errs.Define(errs.Invalid, "sheet.cell_long")      // params: max
	errRounded      = errs.Define(errs.Invalid, "sheet.rounded_number") // params: value; a long code kept as a number
)

// Options bound what is read. The zero value takes the defaults.
type Options struct {
	MaxBytes    int64 // of the file; 64 MB
	MaxUnpacked int64 // of all parts of an XLSX file together; 512 MB
	MaxRows     int   // 100,000
	MaxColumns  int   // 256
	MaxCell     int   // characters; 32,767, the limit of spreadsheets
	MaxText     int   // characters of all cells together, each as often as it stands there; 64 M
	Sheet       string
	Known       []string // columns that tell a header from other rows
	Required    []string // columns without which there is nothing to read
}

const (
	headerWithin = 20      // rows that are looked through for the header
	maxRecord    = 1 << 20 // bytes of one CSV row
	maxFormulas  = 1000    // cells that are named one by one
	maxMerges    = 1000    // ranges of merged cells
	rowMerges    = 3       // of these that are named in one row
)

func (o Options) withDefaults() Options {
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<20)
	o.MaxUnpacked = cmp.Or(o.MaxUnpacked, 512<<20)
	o.MaxRows = cmp.Or(o.MaxRows, 100_000)
	o.MaxColumns = cmp.Or(o.MaxColumns, 256)
	o.MaxText = cmp.Or(o.MaxText, 64<<20)
	o.MaxCell = cmp.Or(o.MaxCell, 32_767)
	return o
}

// Source is an opened file.
type Source struct {
	io.ReaderAt
	Size int64
}

// Fault is what is wrong with one cell.
type Fault struct {
	Column string // as the header calls it
	Err    *errs.Error
}

// Row of a table.
type Row struct {
	Number int      // as a spreadsheet counts, the header included
	Cells  []string // trimmed, one for each column of the header
	Faults []Fault
}

// Table is a sheet from its header on.
type Table struct {
	Header []string // as written, trimmed
	Row    int      // of the header
	Total  int      // rows below it, blank ones included: for a progress bar
	CSV    bool

	o    Options
	next func() (Row, error) // raw rows
	done func() error
	read int
	text int   // characters so far
	used []int // positions of the known columns
}

// Open looks a file over and finds its header: the row among the first twenty
// that holds most of the known columns. Close the table when it is read.
func Open(src Source, o Options) (*Table, error) {
	o = o.withDefaults()
	t, err := open(src, o)
	if err != nil {
		return nil, err
	}
	t.o = o
	if err := t.findHeader(); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// open tells by the first bytes what a file is.
func open(src Source, o Options) (*Table, error) {
	if src.Size > o.MaxBytes {
		return nil, ErrTooLarge.With("mb", o.MaxBytes>>20)
	}
	head := make([]byte, 8)
	n, err := src.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, ErrBroken.Because(err)
	}
	switch s := string(head[:n]); {
	case strings.TrimSpace(s) == "" && int64(n) == src.Size:
		return nil, ErrEmpty
	case strings.HasPrefix(s, "PK\x03\x04"):
		return openXLSX(src, o)
	case strings.HasPrefix(s, "\xd0\xcf\x11\xe0"):
		return nil, ErrOldExcel
	case strings.HasPrefix(s, "%PDF") || strings.HasPrefix(s, "PK") || strings.HasPrefix(s, "\x89PNG"):
		return nil, ErrKind
	default:
		return openCSV(src, o)
	}
}

// Close lets go of the file's temporary parts, if any.
func (t *Table) Close() error {
	if t.done == nil {
		return nil
	}
	return t.done()
}

// findHeader reads up to the row that holds most of the known columns.
func (t *Table) findHeader() error {
	known := map[string]bool{}
	for _, c := range t.o.Known {
		known[Canonical(c)] = true
	}
	var rows []Row
	best, most := -1, 0
	for len(rows) < headerWithin {
		r, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		rows = append(rows, r)
		n := 0
		for _, c := range r.Cells {
			if known[Canonical(c)] {
				n++
			}
		}
		if n > most {
			best, most = len(rows)-1, n
		}
	}
	switch {
	case len(rows) == 0:
		return ErrEmpty
	case best < 0:
		return ErrHeader.With("columns", strings.Join(t.o.Required, ", "))
	}
	header := rows[best]
	for _, f := range header.Faults {
		if f.Err.Code == errMerged.Code {
			return ErrMergedHeader.With("cells", f.Err.Params["cells"]).With("row", header.Number)
		}
	}
	seen := map[string]bool{}
	for i, c := range header.Cells {
		name := Canonical(c)
		if known[name] {
			if seen[name] {
				return ErrColumnTwice.With("column", c)
			}
			t.used = append(t.used, i)
		}
		seen[name] = true
	}
	var missing []string
	for _, c := range t.o.Required {
		if !seen[Canonical(c)] {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		return ErrMissing.With("columns", strings.Join(missing, ", "))
	}
	t.Header, t.Row = header.Cells, header.Number
	t.Total = max(t.Total-header.Number, 0)
	rest, stream := rows[best+1:], t.next
	t.next = func() (Row, error) { // first those that were read while looking
		if len(rest) > 0 {
			r := rest[0]
			rest = rest[1:]
			return r, nil
		}
		return stream()
	}
	return nil
}

// Canonical makes names of columns comparable: 事项编码（必填） and 事项编码(必填)
// are one, as are small and capital letters; marks of being required, spaces
// and line breaks do not count.
func Canonical(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r == '　':
			r = ' '
		}
		if r == '*' || r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '\ufeff' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
	return strings.ToLower(s)
}

// Next returns the next row that is not blank; io.EOF after the last. Faults
// are of known columns only: what stands in the others is nobody's business.
func (t *Table) Next() (Row, error) {
	for {
		r, err := t.next()
		if err != nil {
			return Row{}, err
		}
		blank := len(r.Faults) == 0
		cells := make([]string, len(t.Header))
		for i, c := range r.Cells {
			if i < len(cells) {
				cells[i] = c
			}
			blank = blank && c == ""
			t.text += utf8.RuneCountInString(c)
		}
		if t.text > t.o.MaxText {
			return Row{}, ErrMuch.With("max", t.o.MaxText)
		}
		if blank {
			continue
		}
		if t.read++; t.read > t.o.MaxRows {
			return Row{}, ErrRows.With("max", t.o.MaxRows)
		}
		r.Cells = cells
		r.Faults = t.faults(r)
		return r, nil
	}
}

// faults of a row: those found by position get the name of their column, and
// the texts are looked over.
func (t *Table) faults(r Row) []Fault {
	var out []Fault
	for _, f := range r.Faults {
		at := columnAt(f.Column)
		if f.Err.Code == errMerged.Code || slices.Contains(t.used, at) {
			if at >= 0 && at < len(t.Header) {
				f.Column = t.Header[at]
			}
			out = append(out, f)
		}
	}
	for _, i := range t.used {
		c := r.Cells[i]
		switch {
		case len(c) > t.o.MaxCell && len([]rune(c)) > t.o.MaxCell:
			out = append(out, Fault{t.Header[i], errLong.With("max", t.o.MaxCell)})
		case t.CSV && strings.HasPrefix(c, "="):
			out = append(out, Fault{t.Header[i], errFormula})
		case rounded.MatchString(c):
			out = append(out, Fault{t.Header[i], errRounded.With("value", c)})
		case t.CSV:
			r.Cells[i] = csvx.Unguard(c)
		}
	}
	return out
}
