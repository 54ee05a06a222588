package worklist

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// maxRows is how many rows one sheet may get: a case can bring many of a
// repeating section. Spreadsheet programs end at 1,048,576.
const maxRows = 1_000_000

// errFull ends the reading of a list whose file has all it may hold.
var errFull = errors.New("full")

// table writes the lines of a list in a format.
type table interface {
	line(ctx context.Context, l Line) error
	// end says in the file that it does not hold everything, if so.
	end(ctx context.Context, more bool) error
}

// tableOf is what writes this export.
func (s *Service) tableOf(ctx context.Context, in ExportInput, chosen []Asked, w io.Writer) (table, error) {
	var fields, groups []Asked
	for _, a := range chosen {
		if a.IsRows() {
			groups = append(groups, a)
		} else {
			fields = append(fields, a)
		}
	}
	columns := slices.Clone(in.Columns)
	var heads []string
	for _, c := range columns {
		heads = append(heads, i18n.T(ctx, "lists.col."+c))
	}
	for _, a := range fields {
		columns, heads = append(columns, a.Column), append(heads, a.Label(ctx))
	}
	if in.Format == sheet.XLSX {
		return s.newBook(ctx, columns, heads, groups, w)
	}
	return s.newFlat(ctx, in.Format, columns, heads, groups, w)
}

// bookTable is a workbook: a sheet of cases, and one for each chosen repeating
// section with a row for each of its rows.
type bookTable struct {
	s       *Service
	book    *sheet.Book
	columns []string
	groups  []Asked
}

func (s *Service) newBook(ctx context.Context, columns, heads []string, groups []Asked, w io.Writer) (table, error) {
	names := []string{i18n.T(ctx, "lists.export_form.cases")}
	for _, g := range groups {
		names = append(names, g.Label(ctx))
	}
	book, err := sheet.NewBook(w, names...)
	if err != nil {
		return nil, err
	}
	t := &bookTable{s: s, book: book, columns: columns, groups: groups}
	err = book.Write(0, anys(heads)...)
	for i, g := range groups {
		first := []any{i18n.T(ctx, "lists.col.number"), i18n.T(ctx, "lists.export_form.row")}
		for _, f := range g.Section.Fields {
			first = append(first, f.Label.For(ctx))
		}
		err = errors.Join(err, book.Write(i+1, first...))
	}
	return t, err
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

func (t *bookTable) line(ctx context.Context, l Line) error {
	for i, g := range t.groups { // a case stands in the file with all of its rows or not at all
		if t.book.Rows(i+1)+len(forms.RowsOf(l.answers[g.Section.Key])) > maxRows {
			return errFull
		}
	}
	cells := make([]any, len(t.columns))
	for i, c := range t.columns {
		cells[i] = t.s.typed(ctx, c, l)
	}
	if err := t.book.Write(0, cells...); err != nil {
		return err
	}
	for i, g := range t.groups {
		for n, row := range forms.RowsOf(l.answers[g.Section.Key]) {
			cells := []any{l.Number, n + 1}
			for _, f := range g.Section.Fields {
				cells = append(cells, typedCell(ctx, f, row[f.ID]))
			}
			if err := t.book.Write(i+1, cells...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *bookTable) end(ctx context.Context, more bool) error {
	var err error
	if more {
		err = t.book.Write(0, i18n.T(ctx, "lists.export_form.more", "n", t.book.Rows(0)-1))
	}
	return errors.Join(err, t.book.Close())
}

// flatTable is one table: the cases, or the rows of one repeating section with
// the columns of their case before them. A case without rows keeps its line.
type flatTable struct {
	s       *Service
	out     sheet.Writer
	columns []string
	group   *Asked
	n       int // lines so far
	cases   int
}

func (s *Service) newFlat(ctx context.Context, f sheet.Format, columns, heads []string, groups []Asked, w io.Writer) (table, error) {
	if len(groups) > 1 {
		return nil, ErrGroups.At("asked", ErrGroups.Code)
	}
	out, err := sheet.NewWriter(w, f)
	if err != nil {
		return nil, err
	}
	t := &flatTable{s: s, out: out, columns: columns}
	if len(groups) == 1 {
		t.group = &groups[0]
		heads = append(heads, i18n.T(ctx, "lists.export_form.row_of", "title", t.group.Label(ctx)))
		for _, f := range t.group.Section.Fields {
			heads = append(heads, f.Label.For(ctx))
		}
	}
	return t, out.Write(heads)
}

func (t *flatTable) line(ctx context.Context, l Line) error {
	cells := make([]string, len(t.columns))
	for i, c := range t.columns {
		cells[i] = t.s.Cell(ctx, c, l)
	}
	t.cases++
	if t.group == nil {
		t.n++
		return t.out.Write(cells)
	}
	rows := forms.RowsOf(l.answers[t.group.Section.Key])
	if t.n+max(len(rows), 1) > maxRows {
		return errFull
	}
	t.n += max(len(rows), 1)
	if len(rows) == 0 {
		return t.out.Write(append(cells, make([]string, 1+len(t.group.Section.Fields))...))
	}
	for n, row := range rows {
		line := append(slices.Clone(cells), strconv.Itoa(n+1))
		for _, f := range t.group.Section.Fields {
			line = append(line, shownCell(ctx, f, row[f.ID]))
		}
		if err := t.out.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (t *flatTable) end(ctx context.Context, more bool) error {
	var err error
	if more {
		err = t.out.Write([]string{i18n.T(ctx, "lists.export_form.more", "n", t.cases)})
	}
	return errors.Join(err, t.out.Close())
}

// write writes at most so many cases of a list, telling how far it is after
// each page. Memory does not grow with the number of rows.
func (s *Service) write(ctx context.Context, a auth.Actor, in ExportInput, most int, w io.Writer, tell func(n int)) (int, error) {
	chosen := s.chosen(in.Query.Item, in.Asked)
	out, err := s.tableOf(ctx, in, chosen, w)
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.Cases.EachPage(ctx, a, in.Query.Filter(in.List, a.ID), exportPage, func(rows []cases.Row) error {
		lines, err := s.Lines(ctx, rows)
		if err == nil && len(chosen) > 0 {
			err = s.addAnswers(ctx, a, chosen, lines)
		}
		if err != nil {
			return err
		}
		for _, l := range lines {
			if n == most {
				return errFull
			}
			if err := out.line(ctx, l); err != nil {
				return err
			}
			n++
		}
		if tell != nil {
			tell(n)
		}
		return nil
	})
	more := errors.Is(err, errFull)
	if more {
		err = nil
	}
	return n, errors.Join(err, out.end(ctx, more))
}
