package worklist_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestFormsInAnExport: the form of the item that a list is narrowed to comes
// along, a repeating section with a row for each of its rows.
func TestFormsInAnExport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		clerk := a.Actor(t, "clerk")
		k := a.Submitted(t, "applicant", "GX-0201")
		a.Submitted(t, "applicant", "KJ-0002")
		v, err := a.Cases.View(ctx, clerk, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		rows := forms.RowsOf(v.Answers["equipment"])
		if len(rows) == 0 {
			t.Fatal("no row was filled in")
		}
		in := worklist.ExportInput{
			List: cases.ListAll, Query: worklist.Query{Item: "GX-0201"}, Format: sheet.XLSX, Columns: []string{"number", "submitted"},
			Asked: []string{"rows.equipment", "field.bank_account", "field.unknown", "rows.equipment"},
		}
		var out bytes.Buffer
		if n, err := a.Lists.Direct(i18n.With(ctx, a.Texts, i18n.English), clerk, in, &out); err != nil || n != 1 {
			t.Fatalf("%d %v", n, err)
		}
		book, err := excelize.OpenReader(&out)
		if err != nil {
			t.Fatal(err)
		}
		names := book.GetSheetList()
		if len(names) != 2 || names[0] != "Cases" {
			t.Fatalf("sheets %q", names)
		}
		first, err := book.GetRows(names[0])
		if err != nil || len(first) != 2 || first[1][0] != k.Number || first[1][2] == v.Answers["bank_account"] || !strings.Contains(first[1][2], "*") {
			t.Errorf("%q %v", first, err)
		}
		second, err := book.GetRows(names[1])
		if err != nil || len(second) != len(rows)+1 || second[0][0] != "Number" || second[1][0] != k.Number || second[1][1] != "1" {
			t.Errorf("%q %v", second, err)
		}
		for i, head := range second[0] {
			if strings.Contains(head, "rice") { // of one item of equipment
				at, _ := excelize.CoordinatesToCellName(i+1, 2)
				if kind, err := book.GetCellType(names[1], at); err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
					t.Errorf("%s is a text: %v %v", at, kind, err)
				}
			}
		}
		in.Format = sheet.CSV
		out.Reset()
		if _, err := a.Lists.Direct(ctx, clerk, in, &out); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out.Bytes(), []byte("\ufeff")))).ReadAll()
		if err != nil || len(lines) != len(rows)+1 || !slices.ContainsFunc(lines[1:], func(l []string) bool { return l[0] == k.Number && l[3] == "1" }) {
			t.Errorf("%q %v", lines, err)
		}
		in.Asked = append(in.Asked, "rows.other")
		if _, err := a.Lists.Direct(ctx, clerk, in, &out); !errors.Is(err, worklist.ErrGroups) {
			t.Errorf("two groups in one table: %v", err)
		}
		// In the background the same comes out, and nothing of a form without its item.
		in.Format, in.Asked = sheet.XLSX, in.Asked[:2]
		e, err := a.Lists.Order(ctx, clerk, in)
		if err != nil || !slices.Equal(e.Asked, in.Asked) {
			t.Fatalf("%+v %v", e, err)
		}
		if e, err = a.Lists.Export(ctx, clerk, e.ID); err != nil || !slices.Equal(e.Asked, in.Asked) || !slices.Equal(e.Columns, in.Columns) {
			t.Errorf("%+v %v", e, err)
		}
		in.Query.Item = ""
		if e, err = a.Lists.Order(ctx, clerk, in); err != nil || len(e.Asked) != 0 {
			t.Errorf("%+v %v", e, err)
		}
	})
}
