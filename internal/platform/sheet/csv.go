package sheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// rounded is how a spreadsheet writes a long code once it took it for a number.
var rounded = regexp.MustCompile(`^[0-9](\.[0-9]+)?[eE]\+[0-9]{2}$`)

// text is what the first pass learnt of a CSV file.
type text struct {
	encoding encoding.Encoding // nil for UTF-8
	skip     int64             // bytes of the mark in front
	lines    int               // line ends outside quotes
	comma    rune
}

func openCSV(src Source, o Options) (*Table, error) {
	found, err := look(src)
	if err != nil {
		return nil, err
	}
	if found.lines > o.MaxRows+headerWithin {
		return nil, ErrRows.With("max", o.MaxRows)
	}
	bound := &bounded{r: found.reader(src)}
	cr := csv.NewReader(bound)
	cr.Comma, cr.FieldsPerRecord, cr.ReuseRecord = found.comma, -1, true
	line, row := 1, 1 // where the next record would begin
	next := func() (Row, error) {
		bound.left = maxRecord
		record, err := cr.Read()
		switch {
		case errors.Is(err, io.EOF):
			return Row{}, io.EOF
		case errors.Is(err, errUnbounded):
			return Row{}, ErrRecord.With("line", line)
		case err != nil:
			if p, ok := errors.AsType[*csv.ParseError](err); ok {
				return Row{}, ErrQuote.With("line", p.StartLine)
			}
			return Row{}, ErrBroken.Because(err)
		case len(record) > o.MaxColumns:
			return Row{}, ErrColumns.With("max", o.MaxColumns)
		}
		// A record may span several lines, and blank lines are left out by the
		// reader: both would make the number drift from what people see.
		at, _ := cr.FieldPos(0)
		row += at - line
		out := Row{Number: row, Cells: make([]string, len(record))}
		line, row = at+1, row+1
		for i, c := range record {
			line += strings.Count(c, "\n")
			out.Cells[i] = strings.TrimSpace(c)
		}
		return out, nil
	}
	return &Table{CSV: true, Total: found.lines, next: next}, nil
}

var errUnbounded = errors.New("sheet: a record without end")

// bounded ends a record that takes more than its share: one quote that is
// never closed would take the rest of the file into memory.
type bounded struct {
	r    io.Reader
	left int
}

// Read reads, and fails once the share is used up.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errUnbounded
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}

func (f text) reader(src Source) io.Reader {
	r := io.Reader(io.NewSectionReader(src, f.skip, src.Size-f.skip))
	if f.encoding != nil {
		r = transform.NewReader(r, f.encoding.NewDecoder())
	}
	return r
}

// look reads a file once to learn in what encoding it is: a mark in front says
// so; else all of it has to be UTF-8, or all of it GB18030. A file that is
// UTF-8 for the most part is damaged UTF-8, and not GB18030 by chance.
func look(src Source) (text, error) {
	f := text{comma: ','}
	head := make([]byte, 4096)
	n, err := src.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, ErrBroken.Because(err)
	}
	switch s := string(head[:n]); {
	case strings.HasPrefix(s, "\xef\xbb\xbf"):
		f.skip = 3
	case strings.HasPrefix(s, "\xff\xfe"):
		f.encoding, f.skip = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 2
	case strings.HasPrefix(s, "\xfe\xff"):
		f.encoding, f.skip = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 2
	}
	if f.encoding != nil {
		w, err := weigh(f.reader(src))
		if err != nil {
			return f, err
		}
		if w.bad > 0 {
			return f, ErrEncoding.With("line", w.line)
		}
		return f.with(w), nil
	}
	w, err := weigh(f.reader(src))
	if err != nil {
		return f, err
	}
	if w.bad == 0 {
		return f.with(w), nil
	}
	mark := f.skip > 0
	if mark || w.good > 10*w.bad {
		return f, ErrEncoding.With("line", w.line)
	}
	f.encoding = simplifiedchinese.GB18030
	if w, err = weigh(f.reader(src)); err != nil {
		return f, err
	}
	if w.bad > 0 {
		return f, ErrEncoding.With("line", w.line)
	}
	return f.with(w), nil
}

func (f text) with(w weight) text {
	f.lines, f.comma = w.lines, w.comma
	return f
}

// weight is what a text is made of.
type weight struct {
	good  int // letters of several bytes
	bad   int // bytes that are no letter, and control characters that no text has
	line  int // of the first bad one
	lines int // line ends outside quotes, and the last line if it has none
	comma rune
}

// weigh reads a text that claims to be UTF-8, or was made so by a decoder,
// which puts U+FFFD for what it cannot read.
func weigh(r io.Reader) (weight, error) {
	w := weight{comma: ','}
	br := bufio.NewReaderSize(r, 64<<10)
	quoted, line, any := false, 1, false
	counts := map[rune]int{}
	for {
		c, size, err := br.ReadRune()
		if errors.Is(err, io.EOF) {
			if any {
				w.lines++
			}
			break
		}
		if err != nil {
			return w, ErrBroken.Because(fmt.Errorf("sheet: %w", err))
		}
		any = true
		switch {
		case c == utf8.RuneError, c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\v':
			if w.bad++; w.bad == 1 {
				w.line = line
			}
		case size > 1:
			w.good++
		case c == '"':
			quoted = !quoted
		case c == '\n':
			line++
			if !quoted {
				w.lines++
				any = false
			}
		case (c == ',' || c == ';' || c == '\t') && !quoted && line == 1:
			counts[c]++
		}
	}
	for _, c := range ";\t" {
		if counts[c] > counts[w.comma] {
			w.comma = c
		}
	}
	return w, nil
}
