package sheet

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"
)

// What a cell of a Book may hold beside a text, an int and a float64, so that a
// spreadsheet sorts and sums it.
type (
	Money   float64   // yuan
	Percent float64   // 12.5 for 12.5 %
	Day     time.Time // without a time of day
	Moment  time.Time // to the minute
)

// The zone that days and moments are written in.
var zone = time.FixedZone("CST", 8*3600)

// Book writes a workbook of several sheets, row by row. A text stays a text,
// which no spreadsheet computes, whatever it begins with.
type Book struct {
	w      io.Writer
	file   *excelize.File
	sheets []*excelize.StreamWriter
	rows   []int
	style  struct{ head, money, percent, day, moment int }
}

// badInName may not stand in the name of a sheet.
var badInName = regexp.MustCompile(`[\[\]:*?/\\'\x00-\x1f]+`)

// longestName that a spreadsheet program takes for a sheet.
const longestName = 31

// sheetNames makes names that are allowed, each once.
func sheetNames(names []string) []string {
	var out []string
	for i, n := range names {
		r := []rune(badInName.ReplaceAllString(n, " "))
		n = string(r[:min(len(r), longestName)])
		if n == "" || slices.Contains(out, n) {
			n = fmt.Sprintf("%s %d", string(r[:min(len(r), longestName-4)]), i+1)
		}
		out = append(out, n)
	}
	return out
}

// NewBook begins a workbook with these sheets.
func NewBook(w io.Writer, names ...string) (*Book, error) {
	b := &Book{w: w, file: excelize.NewFile(), rows: make([]int, len(names))}
	if err := b.begin(sheetNames(names)); err != nil {
		return nil, errors.Join(fmt.Errorf("sheet: book: %w", err), b.file.Close())
	}
	return b, nil
}

func (b *Book) begin(names []string) error {
	text := func(s string) *excelize.Style { return &excelize.Style{CustomNumFmt: &s} }
	for _, x := range []struct {
		to    *int
		style *excelize.Style
	}{
		{&b.style.head, &excelize.Style{Font: &excelize.Font{Bold: true}}},
		{&b.style.money, text("#,##0.00")},
		{&b.style.percent, text("0.00%")},
		{&b.style.day, text("yyyy-mm-dd")},
		{&b.style.moment, text("yyyy-mm-dd hh:mm")},
	} {
		id, err := b.file.NewStyle(x.style)
		if err != nil {
			return err
		}
		*x.to = id
	}
	for i, n := range names {
		if i == 0 {
			if err := b.file.SetSheetName("Sheet1", n); err != nil {
				return err
			}
		} else if _, err := b.file.NewSheet(n); err != nil {
			return err
		}
		s, err := b.file.NewStreamWriter(n)
		if err != nil {
			return err
		}
		if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
			return err
		}
		if err := s.SetColWidth(1, 40, 18); err != nil {
			return err
		}
		b.sheets = append(b.sheets, s)
	}
	return nil
}

// Write writes a row of a sheet; the first is its header and stays in sight. An
// empty text is an empty cell.
func (b *Book) Write(sheet int, cells ...any) error {
	b.rows[sheet]++
	values := make([]any, len(cells))
	for i, c := range cells {
		if b.rows[sheet] == 1 {
			values[i] = excelize.Cell{StyleID: b.style.head, Value: c}
			continue
		}
		values[i] = b.cell(c)
	}
	at, err := excelize.CoordinatesToCellName(1, b.rows[sheet])
	if err != nil {
		return err
	}
	return b.sheets[sheet].SetRow(at, values)
}

func (b *Book) cell(c any) any {
	at := func(t time.Time, style int) any {
		if t.IsZero() {
			return nil
		}
		return excelize.Cell{StyleID: style, Value: t.In(zone)}
	}
	switch c := c.(type) {
	case Money:
		return excelize.Cell{StyleID: b.style.money, Value: float64(c)}
	case Percent:
		return excelize.Cell{StyleID: b.style.percent, Value: float64(c) / 100}
	case Day:
		return at(time.Time(c), b.style.day)
	case Moment:
		return at(time.Time(c), b.style.moment)
	case string:
		if c == "" {
			return nil
		}
	}
	return c
}

// Rows says how many rows stand in a sheet, with its header.
func (b *Book) Rows(sheet int) int { return b.rows[sheet] }

// Close puts the file together and writes it.
func (b *Book) Close() error {
	var err error
	for _, s := range b.sheets {
		err = errors.Join(err, s.Flush())
	}
	if err == nil {
		_, err = b.file.WriteTo(b.w)
	}
	return errors.Join(err, b.file.Close())
}
