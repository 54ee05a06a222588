package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"

	"github.com/tongban/tongban/internal/platform/csvx"
)

// Format of an export.
type Format string

// The formats. GB18030 is for older offices, which open a CSV file in it.
const (
	CSV        Format = "csv"
	CSVGB18030 Format = "csv-gb18030"
	XLSX       Format = "xlsx"
)

// Formats lists them, for those who offer a choice.
var Formats = []Format{XLSX, CSV, CSVGB18030}

// Extension of the file's name.
func (f Format) Extension() string {
	if f == XLSX {
		return ".xlsx"
	}
	return ".csv"
}

// MediaType of the file.
func (f Format) MediaType() string {
	switch f {
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case CSVGB18030:
		return "text/csv; charset=gb18030"
	default:
		return "text/csv; charset=utf-8"
	}
}

// Writer writes rows. The file is whole once Close has returned.
type Writer interface {
	Write(cells []string) error
	Close() error
}

// NewWriter writes to w in the format. Cells of CSV are guarded, see csvx.Guard; in
// XLSX they are texts, which no spreadsheet computes.
func NewWriter(w io.Writer, f Format) (Writer, error) {
	switch f {
	case XLSX:
		return newXLSX(w)
	case CSVGB18030:
		encoded := transform.NewWriter(w, simplifiedchinese.GB18030.NewEncoder())
		return &csvWriter{Writer: csv.NewWriter(encoded), close: encoded.Close}, nil
	case CSV:
		if _, err := io.WriteString(w, "\ufeff"); err != nil { // else spreadsheets take it for the encoding of the machine
			return nil, fmt.Errorf("sheet: write: %w", err)
		}
		return &csvWriter{Writer: csv.NewWriter(w), close: func() error { return nil }}, nil
	default:
		return nil, ErrKind
	}
}

type csvWriter struct {
	*csv.Writer
	close func() error
}

// Write writes a row.
func (w *csvWriter) Write(cells []string) error {
	return w.Writer.Write(csvx.GuardAll(cells))
}

// Close writes what is left.
func (w *csvWriter) Close() error {
	w.Flush()
	return errors.Join(w.Error(), w.close())
}

type xlsxWriter struct {
	w    io.Writer
	file *excelize.File
	rows *excelize.StreamWriter
	row  int
	head int // style
}

func newXLSX(w io.Writer) (*xlsxWriter, error) {
	f := excelize.NewFile()
	x := &xlsxWriter{w: w, file: f}
	var err error
	if x.head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, errors.Join(fmt.Errorf("sheet: write: %w", err), f.Close())
	}
	if x.rows, err = f.NewStreamWriter("Sheet1"); err == nil {
		err = x.rows.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sheet: write: %w", err), f.Close())
	}
	return x, nil
}

// Write writes a row; the first is the header and stays in sight.
func (x *xlsxWriter) Write(cells []string) error {
	x.row++
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = c
		if x.row == 1 {
			values[i] = excelize.Cell{StyleID: x.head, Value: c}
		}
	}
	at, err := excelize.CoordinatesToCellName(1, x.row)
	if err != nil {
		return err
	}
	return x.rows.SetRow(at, values)
}

// Close puts the file together and writes it.
func (x *xlsxWriter) Close() error {
	err := x.rows.Flush()
	if err == nil {
		_, err = x.file.WriteTo(x.w)
	}
	return errors.Join(err, x.file.Close())
}
