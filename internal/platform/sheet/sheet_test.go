package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/sheet"
)

var wanted = sheet.Options{Known: []string{"编码", "名称", "材料"}, Required: []string{"编码", "名称"}}

func source(b []byte) sheet.Source {
	return sheet.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}

// read reads all rows, as "number|cell|cell !column:code".
func read(b []byte, o sheet.Options) ([]string, error) {
	t, err := sheet.Open(source(b), o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	var out []string
	for {
		r, err := t.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		line := fmt.Sprintf("%d|%s", r.Number, strings.Join(r.Cells, "|"))
		for _, f := range r.Faults {
			line += fmt.Sprintf(" !%s:%s", f.Column, f.Err.Code)
		}
		out = append(out, line)
	}
}

func encoded(t *testing.T, s string, e interface{ Bytes([]byte) ([]byte, error) }) []byte {
	t.Helper()
	b, err := e.Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCSV(t *testing.T) {
	t.Parallel()
	const plain = "编码,名称,备注\nA-1,实验动物许可,x\nA-2,高企认定,\n"
	want := []string{"2|A-1|实验动物许可|x", "3|A-2|高企认定|"}
	long := strings.Repeat("字", 40_000)
	tests := map[string]struct {
		in   []byte
		want []string
	}{
		"UTF-8":            {[]byte(plain), want},
		"with a mark":      {[]byte("\ufeff" + plain), want},
		"GB18030":          {encoded(t, plain, simplifiedchinese.GB18030.NewEncoder()), want},
		"UTF-16":           {encoded(t, plain, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()), want},
		"Windows":          {[]byte(strings.ReplaceAll(plain, "\n", "\r\n")), want},
		"tabs":             {[]byte(strings.ReplaceAll(plain, ",", "\t")), want},
		"semicolons":       {[]byte(strings.ReplaceAll(plain, ",", ";")), want},
		"no last line end": {[]byte(strings.TrimSuffix(plain, "\n")), want},
		"a title above":    {[]byte("某市事项目录,,\n\n编码 （必填）,名称*,材料\nA-1,许可,\n"), []string{"4|A-1|许可|"}},
		"rows keep the number of the spreadsheet": {
			[]byte("编码,名称\n\nA-1,\"两\n行\"\n\n\nA-2,b\n,\nA-3,c\n"), []string{"3|A-1|两\n行", "6|A-2|b", "8|A-3|c"},
		},
		"a formula in a column that counts": {[]byte("编码,名称,备注\nA-1,=1+1,=2\n"), []string{"2|A-1|=1+1|=2 !名称:sheet.formula"}},
		"what we guarded is taken back":     {[]byte("编码,名称\nA-1,'-5℃\nA-2,'quoted'\n"), []string{"2|A-1|-5℃", "3|A-2|'quoted'"}},
		"a code that became a number":       {[]byte("编码,名称\n1.144E+30,b\n"), []string{"2|1.144E+30|b !编码:sheet.rounded_number"}},
		"a cell too long":                   {[]byte("编码,名称\nA-1," + long + "\n"), []string{"2|A-1|" + long + " !名称:sheet.cell_long"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := wanted
			if strings.Contains(name, "title") {
				o.Known = []string{"编码（必填）", "名称", "材料"}
				o.Required = o.Known[:2]
			}
			got, err := read(tt.in, o)
			if err != nil || strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("%.300q, %v\nwant %.300q", got, err, tt.want)
			}
		})
	}
}

// workbook is an XLSX file with one sheet of rows.
func workbook(t testing.TB, change func(f *excelize.File), rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	rows := [][]any{{"编码", "名称", "备注"}, {"A-1", "许可", 20}, {"A-2", " 认定 ", 1.5}}
	must := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	tests := map[string]struct {
		change func(f *excelize.File)
		sheet  string
		want   []string
		code   string
	}{
		"plain": {nil, "", []string{"2|A-1|许可|20", "3|A-2|认定|1.5"}, ""},
		"formula": {func(f *excelize.File) {
			must(f.SetCellValue("Sheet1", "B2", nil))
			must(f.SetCellFormula("Sheet1", "B2", "=1+1"))
		}, "", []string{"2|A-1||20 !名称:sheet.formula", "3|A-2|认定|1.5"}, ""},
		"formula in a column that does not count": {func(f *excelize.File) { must(f.SetCellFormula("Sheet1", "C2", "=1+1")) }, "", []string{"2|A-1|许可|20", "3|A-2|认定|1.5"}, ""},
		"merged header": {func(f *excelize.File) { must(f.MergeCell("Sheet1", "A1", "B1")) }, "", nil, "sheet.merged_header"},
		"merged rows":   {func(f *excelize.File) { must(f.MergeCell("Sheet1", "C2", "C3")) }, "", []string{"2|A-1|许可|20 !备注:sheet.merged", "3|A-2|认定| !备注:sheet.merged"}, ""},
		"hidden in front": {func(f *excelize.File) {
			_, err := f.NewSheet("Second")
			must(err)
			must(f.SetSheetRow("Second", "A1", &[]any{"编码", "名称"}))
			must(f.SetSheetRow("Second", "A2", &[]any{"B-1", "b"}))
			f.SetActiveSheet(1)
			must(f.SetSheetVisible("Sheet1", false))
		}, "", []string{"2|B-1|b"}, ""},
		"named": {func(f *excelize.File) {
			_, err := f.NewSheet("Second")
			must(err)
			must(f.SetSheetRow("Second", "A1", &[]any{"编码", "名称"}))
			must(f.SetSheetRow("Second", "A2", &[]any{"B-1", "b"}))
		}, "Second", []string{"2|B-1|b"}, ""},
		"a name that none": {nil, "Third", nil, "sheet.no_sheet"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := wanted
			o.Sheet = tt.sheet
			got, err := read(workbook(t, tt.change, rows...), o)
			if tt.code != "" {
				if errs.CodeOf(err) != tt.code {
					t.Errorf("%v, want %s", err, tt.code)
				}
				return
			}
			if err != nil || strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("%q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	many := "编码,名称\n" + strings.Repeat("A,b\n", 300)
	wide := "编码,名称" + strings.Repeat(",x", 300) + "\nA,b\n"
	tests := map[string]struct {
		in     []byte
		code   string
		params map[string]any
	}{
		"nothing":             {nil, "sheet.empty", nil},
		"spaces":              {[]byte(" \n "), "sheet.empty", nil},
		"a picture":           {[]byte("\x89PNG\r\n\x1a\n....."), "sheet.kind", nil},
		"an old workbook":     {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."), "sheet.old_excel", nil},
		"a word document":     {container(t, map[string]string{"word/document.xml": "<x/>"}), "sheet.kind", nil},
		"a damaged container": {[]byte("PK\x03\x04 and nothing more of it"), "sheet.broken", nil},
		"a damaged workbook":  {container(t, map[string]string{"xl/workbook.xml": "<x"}), "sheet.broken", nil},
		"no encoding at all":  {[]byte("编码,名称\nA,b\nB,\xff\xfe\x80\n"), "sheet.encoding", map[string]any{"line": 3}},
		"damaged UTF-8":       {[]byte("编码,名称\n" + strings.Repeat("A,中文名称很多\n", 20) + "B,\xe4\xb8\n"), "sheet.encoding", map[string]any{"line": 22}},
		"zeros":               {[]byte("编码,名称\nA,b\x00c\n"), "sheet.encoding", map[string]any{"line": 2}},
		"other columns":       {[]byte("a,b\n1,2\n"), "sheet.header", nil},
		"a column missing":    {[]byte("编码,材料\n1,2\n"), "sheet.missing", map[string]any{"columns": "名称"}},
		"a column twice":      {[]byte("编码,名称,名称\n1,2,3\n"), "sheet.column_twice", map[string]any{"column": "名称"}},
		"an open quote":       {[]byte("编码,名称\nA,\"b\nB,c\n"), "sheet.quote", nil},
		"a quote inside":      {[]byte("编码,名称\nA,b\"c\n"), "sheet.quote", map[string]any{"line": 2}},
		"a row without end":   {[]byte("编码,名称\nA,\"" + strings.Repeat("b\n", 1<<20) + "\n"), "sheet.record", map[string]any{"line": 2}},
		"too many rows":       {[]byte(many), "sheet.rows", map[string]any{"max": 200}},
		"too many columns":    {[]byte(wide), "sheet.columns", nil},
		"too many formulas": {workbook(t, func(f *excelize.File) {
			for i := range 1100 {
				_ = f.SetCellFormula("Sheet1", fmt.Sprintf("B%d", i%90+2), "=1")
				_ = f.SetCellFormula("Sheet1", fmt.Sprintf("%s%d", string(rune('C'+i/90)), i%90+2), "=1")
			}
		}, []any{"编码", "名称"}), "sheet.many_formulas", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := wanted
			o.MaxRows = 200
			_, err := read(tt.in, o)
			if errs.CodeOf(err) != tt.code || errs.KindOf(err) != errs.Invalid {
				t.Fatalf("%v, want %s", err, tt.code)
			}
			e, _ := errors.AsType[*errs.Error](err)
			for k, v := range tt.params {
				if e.Params[k] != v {
					t.Errorf("%s is %v, want %v", k, e.Params[k], v)
				}
			}
		})
	}
}

// container is a zip file with parts.
func container(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a workbook whose sheet unpacks to mb megabytes; lying says that the
// container states less.
func bomb(t testing.TB, mb int, lying bool) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "xl/worksheets/sheet1.xml" {
			block := bytes.Repeat([]byte("<row><c><v>1</v></c></row>"), 1<<20/26)
			for range mb {
				_, _ = w.Write(block)
			}
		} else {
			_, _ = io.WriteString(w, "<x/>")
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out := b.Bytes()
	if lying { // the size stands at 24 in the entry of the directory
		at := bytes.LastIndex(out, []byte("PK\x01\x02"))
		copy(out[at+24:], []byte{0, 0, 8, 0})
	}
	return out
}

// A zip bomb is refused quickly and without taking it into memory, whether the
// container admits to it or not.
func TestZipBomb(t *testing.T) {
	for _, lying := range []bool{false, true} {
		in, o := bomb(t, 200, lying), wanted
		o.MaxUnpacked = 100 << 20
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, err := read(in, o)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if code := errs.CodeOf(err); code != "sheet.bomb" && !(lying && code == "sheet.broken") {
			t.Errorf("lying %v: %v", lying, err)
		}
		if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 32 || took > 10*time.Second {
			t.Errorf("lying %v: %d MB, %v", lying, grown, took)
		}
	}
}

// A sheet of 50 MB is either read or refused, and never kept in memory.
func TestFiftyMegabytes(t *testing.T) {
	row := []byte("A-0000001," + strings.Repeat("很长的名称", 30) + "\n")
	in := append([]byte("编码,名称\n"), bytes.Repeat(row, 50<<20/len(row))...)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	o := wanted
	o.MaxRows = 1 << 20
	table, err := sheet.Open(source(in), o)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		if _, err := table.Next(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			break
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if n != table.Total || n < 100_000 || int64(after.HeapAlloc)-int64(before.HeapAlloc) > 8<<20 {
		t.Errorf("%d of %d rows, %d bytes more", n, table.Total, int64(after.HeapAlloc)-int64(before.HeapAlloc))
	}
	o.MaxRows = 0
	if _, err := sheet.Open(source(in), o); errs.CodeOf(err) != "sheet.rows" {
		t.Errorf("more rows than the limit: %v", err)
	}
	o.MaxBytes = 10 << 20
	if _, err := sheet.Open(source(in), o); errs.CodeOf(err) != "sheet.too_large" {
		t.Errorf("more bytes than the limit: %v", err)
	}
}

// What is written is read again as it was, whatever stands in the cells.
func TestWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	pieces := []string{"=", "+", "-", "@", "'", "\"", ",", "\n", ";", "中文", "龘", "a", "1", "|", "，"}
	random := rand.New(rand.NewPCG(1, 2))
	rows := [][]string{{"编码", "名称", "材料"}}
	for i := range 300 {
		r := []string{fmt.Sprintf("A-%d", i)}
		for range 2 {
			c := "x"
			for range random.IntN(6) {
				c += pieces[random.IntN(len(pieces))]
			}
			if i%2 == 0 { // dangerous beginnings
				c = strings.TrimPrefix(c, "x")
			}
			r = append(r, strings.TrimSpace(c))
		}
		rows = append(rows, r)
	}
	for _, format := range sheet.Formats {
		var b bytes.Buffer
		w, err := sheet.NewWriter(&b, format)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		table, err := sheet.Open(source(b.Bytes()), wanted)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		for _, want := range rows[1:] {
			got, err := table.Next()
			if err != nil || strings.Join(got.Cells, "\x1f") != strings.Join(want, "\x1f") || len(got.Faults) > 0 {
				t.Fatalf("%s: %q %v %v, want %q", format, got.Cells, got.Faults, err, want)
			}
		}
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	rows, err := sheet.Head(source([]byte("什么,都行\n1,2\n3,4\n5,6\n")), sheet.Options{}, 3)
	if err != nil || fmt.Sprint(rows) != "[[什么 都行] [1 2] [3 4]]" {
		t.Errorf("%v %v", rows, err)
	}
}

// TestMergedCellsAreBounded: they are kept as ranges, and too many are refused
// before they take memory.
func TestMergedCellsAreBounded(t *testing.T) {
	t.Parallel()
	rows := [][]any{{"编码", "名称", "材料"}, {"A-1", "a"}}
	for i := range 60 {
		rows = append(rows, []any{fmt.Sprint("B-", i), "b"})
	}
	got, err := read(workbook(t, func(f *excelize.File) {
		if err := f.MergeCell("Sheet1", "C2", "C50"); err != nil {
			t.Error(err)
		}
	}, rows...), wanted)
	if err != nil || len(got) != 61 || !strings.Contains(got[45], "sheet.merged") || strings.Contains(got[55], "sheet.merged") {
		t.Errorf("%q %v", got, err)
	}
	for n, want := range map[int]error{1000: nil, 1001: sheet.ErrMerges} {
		_, err := read(workbook(t, func(f *excelize.File) {
			for i := range n {
				if err := f.MergeCell("Sheet1", fmt.Sprint("D", 2*i+100), fmt.Sprint("D", 2*i+101)); err != nil {
					t.Error(err)
				}
			}
		}, rows...), wanted)
		if !errors.Is(err, want) {
			t.Errorf("%d ranges: %v", n, err)
		}
	}
}

// TestTextIsBounded: a text that is kept once and stands in many cells counts each time.
func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	o := wanted
	o.MaxText = 1000
	rows := [][]any{{"编码", "名称"}}
	for i := range 20 {
		rows = append(rows, []any{fmt.Sprint("A-", i), strings.Repeat("字", 60)})
	}
	if _, err := read(workbook(t, nil, rows...), o); !errors.Is(err, sheet.ErrMuch) {
		t.Errorf("%v", err)
	}
	if _, err := read(workbook(t, nil, rows[:15]...), o); err != nil {
		t.Error(err)
	}
}
