package sheet_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/tongban/tongban/internal/platform/sheet"
)

// TestBook: several sheets, cells with types, and nothing that somebody typed
// becomes a formula.
func TestBook(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b, err := sheet.NewBook(&out, "办件", "股东[1]/设备", "股东[1]/设备", strings.Repeat("长", 40))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC) // 09:30 in Beijing
	write := func(n int, cells ...any) {
		t.Helper()
		if err := b.Write(n, cells...); err != nil {
			t.Fatal(err)
		}
	}
	write(0, "编号", "金额", "比例", "日", "时", "份", "话")
	write(0, "K-1", sheet.Money(1234567.5), sheet.Percent(12.5), sheet.Day(at), sheet.Moment(at), 3, "=1+1")
	write(0, "K-2", "", sheet.Percent(100), sheet.Day{}, sheet.Moment{}, 0, "+86")
	write(1, "编号")
	write(1, "K-1")
	if b.Rows(0) != 3 || b.Rows(1) != 2 || b.Close() != nil {
		t.Fatal("not written")
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.GetSheetList(); len(got) != 4 || got[0] != "办件" || got[1] != "股东 1 设备" || got[1] == got[2] || len([]rune(got[3])) > 31 {
		t.Errorf("%q", got)
	}
	for cell, want := range map[string]string{"A2": "K-1", "B2": "1,234,567.50", "C2": "12.50%", "D2": "2026-03-02", "E2": "2026-03-02 09:30", "F2": "3", "G2": "=1+1", "B3": "", "D3": "", "G3": "+86"} {
		if got, err := f.GetCellValue("办件", cell); err != nil || got != want {
			t.Errorf("%s is %q, want %q, %v", cell, got, want, err)
		}
	}
	for _, cell := range []string{"G2", "G3"} {
		if x, err := f.GetCellFormula("办件", cell); err != nil || x != "" {
			t.Errorf("%s computes %q, %v", cell, x, err)
		}
	}
	if kind, err := f.GetCellType("办件", "B2"); err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
		t.Errorf("money is a text: %v %v", kind, err)
	}
}
