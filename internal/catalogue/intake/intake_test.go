package intake_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var (
	sys    = auth.SystemActor()
	engine = catalogue.Hands{Brought: sys.ID, Released: sys.ID}
)

// shared opens a real sheet of the data folder that lies beside the repository.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "data", "items", name))
	if err != nil {
		t.Skip("needs the shared data folder beside the repository; the own samples cover the same rules")
	}
	return b
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func source(b []byte) sheet.Source {
	return sheet.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}

// take checks a sheet and applies it when nothing blocks it.
func take(t testing.TB, a *apptest.App, key string, b []byte, o intake.Options) *intake.Plan {
	t.Helper()
	plan, err := a.Intake.Check(t.Context(), source(b), mapping.MustShipped(key), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Blocked(o) {
		return plan
	}
	if err := a.Intake.Apply(t.Context(), sys, engine, plan, "sheet:test", nil); err != nil {
		t.Fatal(err)
	}
	a.Clock.Advance(2 * time.Second) // the snapshot is looked at again
	return plan
}

func expect(t testing.TB, p *intake.Plan, want intake.Counts) {
	t.Helper()
	if p.Counts != want {
		t.Errorf("counts %+v\nwant   %+v\n%+v", p.Counts, want, p.Findings[:min(len(p.Findings), 5)])
	}
}

func reasons(p *intake.Plan) []string {
	var out []string
	for _, f := range p.Findings {
		out = append(out, fmt.Sprintf("%d:%s:%s", f.Row, f.Column, f.Reason))
	}
	return out
}

// generation counts the changes of the catalogue.
func generation(t testing.TB, a *apptest.App) int64 {
	t.Helper()
	n, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[int64], `SELECT value FROM catalogue_generation`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRealSheets takes both real catalogues in, on both databases; the second
// time nothing changes.
func TestRealSheets(t *testing.T) {
	t.Parallel()
	gd, sc := shared(t, "gd-items.csv"), shared(t, "sc-items.csv")
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		p := take(t, a, "gd", gd, intake.Options{})
		expect(t, p, intake.Counts{Read: 2262, Created: 2262, Warnings: 6, Notes: 177})
		expect(t, take(t, a, "sc", sc, intake.Options{}), intake.Counts{Read: 1135, Created: 1135, Notes: 63})
		before := generation(t, a)
		expect(t, take(t, a, "gd", gd, intake.Options{}), intake.Counts{Read: 2262, Unchanged: 2262, Warnings: 6, Notes: 177})
		expect(t, take(t, a, "sc", sc, intake.Options{}), intake.Counts{Read: 1135, Unchanged: 1135, Notes: 63})
		if after := generation(t, a); after != before {
			t.Errorf("the second time changed the catalogue: %d, %d", before, after)
		}
		it, err := a.Catalogue.Item("11440000006940116U2440102002003")
		if err != nil {
			t.Fatal(err)
		}
		if !it.External() || it.Agency.Name.ZH != "广东省教育厅" || it.Promised.N != 18 || it.Statutory.N != 70 || len(it.Materials) != 4 || it.Level != "province" || it.Online() || it.BaseCode != "440102002003" {
			t.Errorf("%+v", it.Definition)
		}
		hits := a.Catalogue.Search("中小学地方课程教材初审", 5, catalogue.Filter{})
		if len(hits) == 0 || hits[0].Item.Code != it.Code {
			t.Errorf("the search does not find it: %v", hits)
		}
		if r, err := a.Audit.Verify(t.Context()); err != nil || r.Broken != nil {
			t.Errorf("audit %v %v", r.Broken, err)
		}
	})
}

// TestSamples takes in rows of our own making in both dialects and encodings.
func TestSamples(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		gd := sample(t, "gd.csv")
		p := take(t, a, "gd", gd, intake.Options{})
		expect(t, p, intake.Counts{Read: 4, Created: 4, Warnings: 1, Notes: 1})
		expect(t, take(t, a, "gd", sample(t, "gd-gb18030.csv"), intake.Options{}), intake.Counts{Read: 4, Unchanged: 4, Warnings: 1, Notes: 1})
		it, err := a.Catalogue.Item("11371671MB0A00026N437070300100001")
		if err != nil {
			t.Fatal(err)
		}
		if it.Department != "kj" || !it.GuideOnly || it.Orderable() || len(it.Flow.Stages) != 0 || it.Conditions[0].ZH != "在本区注册|经营" {
			t.Errorf("an item of a department of ours: %+v", it.Definition)
		}
		for _, code := range []string{it.Code, "11440000006939801C2442003005000"} {
			who := a.Actor(t, "applicant")
			if _, err := a.Cases.Start(t.Context(), who, cases.StartInput{ItemCode: code, EnterpriseID: who.Firms[0]}); !errors.Is(err, cases.ErrChannel) {
				t.Errorf("%s is ordered: %v", code, err)
			}
		}
		// Departments are made when asked for.
		before := len(a.Identity.Directory().Departments)
		sc := sample(t, "sc.csv")
		p = take(t, a, "sc", sc, intake.Options{CreateDepartments: true})
		a.Clock.Advance(2 * time.Second)
		if p.Created != 3 || len(p.Departments) != 2 || len(a.Identity.Directory().Departments) != before+2 {
			t.Fatalf("%+v, %d departments", p.Counts, len(a.Identity.Directory().Departments)-before)
		}
		it, err = a.Catalogue.Item("511A0000000001-511602000000-000-11371671MB0A99998X-1-00")
		if err != nil || it.External() || it.Orderable() {
			t.Errorf("%+v %v", it, err)
		}
		// They are there now: the same sheet finds them, asked or not.
		for _, o := range []intake.Options{{}, {CreateDepartments: true}} {
			expect(t, take(t, a, "sc", sc, o), intake.Counts{Read: 3, Unchanged: 3})
		}
	})
}

// TestBadSheets: each has a finding at its place, and the catalogue stays as it was.
func TestBadSheets(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	good := string(sample(t, "gd.csv"))
	lines := strings.SplitAfter(good, "\n")
	tests := map[string]struct {
		in     string
		want   []string
		errors int
	}{
		"promise above the statute": {strings.Replace(good, ",20,workday,5,workday", ",20,workday,25,workday", 1), []string{"2:promised_days:catalogue.field.longer"}, 1},
		"one code twice":            {good + lines[2], []string{"3:task_code:intake.twice", "6:task_code:intake.twice"}, 2},
		"one code three times":      {good + lines[2] + lines[2], []string{"3:task_code:intake.twice", "6:task_code:intake.twice", "7:task_code:intake.twice"}, 3},
		"unknown type":              {strings.Replace(good, "437070300100001,370703001000,370703001000,07", "437030300100001,370303001000,370303001000,03", 1), []string{"2:type_code:catalogue.field.unknown"}, 1},
		"a formula":                 {strings.Replace(good, "科技型企业认定", "=HYPERLINK(1)", 1), []string{"2:name:sheet.formula"}, 1},
		"missing columns":           {"task_code,name\n1,2\n", []string{"0::sheet.missing"}, 1},
		"wrong encoding":            {good + "\xff\xff\n", []string{"6::sheet.encoding"}, 1},
		"no sheet":                  {"\x89PNG\r\n\x1a\n", []string{"0::sheet.kind"}, 1},
		"a catch-all material":      {strings.Replace(good, "营业执照|研发费用表", "其他材料", 1), []string{"2:materials:catalogue.field.catch_all"}, 1},
	}
	before := generation(t, a)
	for name, tt := range tests {
		p := take(t, a, "gd", []byte(tt.in), intake.Options{})
		if p.Errors != tt.errors || !p.Blocked(intake.Options{}) {
			t.Errorf("%s: %+v", name, p.Counts)
		}
		for _, want := range tt.want {
			if !slices.Contains(reasons(p), want) {
				t.Errorf("%s: %v, want %s", name, reasons(p), want)
			}
		}
	}
	if after := generation(t, a); after != before {
		t.Errorf("the catalogue has changed: %d, %d", before, after)
	}
	// Told to, the good rows come in without the bad ones.
	p := take(t, a, "gd", []byte(tests["one code twice"].in), intake.Options{SkipErrors: true})
	expect(t, p, intake.Counts{Read: 5, Created: 3, Errors: 2, Warnings: 1, Notes: 1})
}

// TestSheetAgainstWhatWasChangedHere: the rules of the package comment.
func TestSheetAgainstWhatWasChangedHere(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	const code = "11371671MB0A00026N437070300100001"
	one, two := a.Actor(t, "catalogue-admin"), a.Actor(t, "catalogue-admin2")
	good := string(sample(t, "gd.csv"))
	take(t, a, "gd", []byte(good), intake.Options{})
	edit := func(change func(d *catalogue.Definition)) {
		t.Helper()
		_, history, err := a.Catalogue.History(t.Context(), one, code)
		if err != nil {
			t.Fatal(err)
		}
		d := history[0].Definition
		change(&d)
		r, err := a.Catalogue.SaveDraft(t.Context(), one, d, 0)
		if err == nil {
			err = a.Catalogue.Publish(t.Context(), two, code, r.Version)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	now := func() catalogue.Definition {
		t.Helper()
		a.Clock.Advance(2 * time.Second)
		it, err := a.Catalogue.Item(code)
		if err != nil {
			t.Fatal(err)
		}
		return it.Definition
	}
	edit(func(d *catalogue.Definition) {
		d.Name.EN, d.Keywords, d.Promised.N = "Recognition", []string{"高企"}, 3
		d.Materials = slices.Clone(d.Materials)
		d.Materials[0].Standard = i18n.Text{ZH: "在有效期内"}
	})
	unchanged := intake.Counts{Read: 4, Unchanged: 4, Warnings: 1, Notes: 1}
	expect(t, take(t, a, "gd", []byte(good), intake.Options{}), unchanged)
	if d := now(); d.Promised.N != 3 || d.Name.EN != "Recognition" {
		t.Errorf("a sheet that says what it said: %+v", d)
	}
	// The sheet changes what was not changed here, and a material beside another.
	moved := strings.Replace(strings.Replace(good, "科技型企业认定", "科技型企业认定（新）", 1), "营业执照|研发费用表", "申请表|营业执照", 1)
	p := take(t, a, "gd", []byte(moved), intake.Options{})
	expect(t, p, intake.Counts{Read: 4, Updated: 1, Unchanged: 3, Warnings: 1, Notes: 1})
	d := now()
	if d.Name.ZH != "科技型企业认定（新）" || d.Name.EN != "Recognition" || d.Promised.N != 3 || len(d.Materials) != 2 || d.Materials[1].Standard.ZH != "在有效期内" || d.Keywords[0] != "高企" {
		t.Errorf("%+v", d)
	}
	if len(p.Samples) != 1 || p.Samples[0].New || len(p.Samples[0].Changes) != 2 {
		t.Errorf("samples %+v", p.Samples)
	}
	// Both have changed: what is here stays, each time it is said, until told otherwise.
	both := strings.Replace(moved, ",20,workday,5,workday", ",20,workday,4,workday", 1)
	for range 2 {
		p = take(t, a, "gd", []byte(both), intake.Options{})
		expect(t, p, intake.Counts{Read: 4, Unchanged: 4, Warnings: 2, Notes: 1})
		if !slices.Contains(reasons(p), "2:promised_days:intake.here") || now().Promised.N != 3 {
			t.Errorf("%v, %+v", reasons(p), now().Promised)
		}
	}
	p = take(t, a, "gd", []byte(both), intake.Options{Overwrite: true})
	if p.Updated != 1 || now().Promised.N != 4 {
		t.Errorf("%+v %+v", p.Counts, now().Promised)
	}
	// A draft stays, and is told of.
	draft, err := a.Catalogue.SaveDraft(t.Context(), one, now(), 0)
	if err != nil {
		t.Fatal(err)
	}
	p = take(t, a, "gd", []byte(good), intake.Options{})
	if p.Updated != 1 || !slices.Contains(reasons(p), "2:task_code:intake.draft") {
		t.Errorf("%+v %v", p.Counts, reasons(p))
	}
	if _, history, err := a.Catalogue.History(t.Context(), one, code); err != nil || !slices.ContainsFunc(history, func(r catalogue.Revision) bool { return r.ID == draft.ID && r.State == catalogue.Draft }) {
		t.Error("the draft is gone")
	}
	// Somebody publishes between check and apply: nothing is written.
	plan, err := a.Intake.Check(t.Context(), source([]byte(both)), mapping.MustShipped("gd"), intake.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Catalogue.Publish(t.Context(), two, code, draft.Version); err != nil {
		t.Fatal(err)
	}
	if err := a.Intake.Apply(t.Context(), sys, engine, plan, "sheet:late", nil); err == nil {
		t.Error("a plan that is out of date was applied")
	}
}

// TestWhatIsExportedImportsUnchanged writes the demonstration and a real-like
// sheet in each format and takes it in again.
func TestWhatIsExportedImportsUnchanged(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	take(t, a, "gd", sample(t, "gd.csv"), intake.Options{})
	before := generation(t, a)
	for _, format := range sheet.Formats {
		var b bytes.Buffer
		w, err := sheet.NewWriter(&b, format)
		if err != nil {
			t.Fatal(err)
		}
		n, err := a.Intake.Export(t.Context(), sys, w, func(catalogue.Standing) bool { return true })
		if err != nil || n < 100 {
			t.Fatalf("%s: %d, %v", format, n, err)
		}
		p := take(t, a, mapping.Export, b.Bytes(), intake.Options{})
		if p.Read != n || p.Unchanged != n || p.Errors != 0 {
			t.Errorf("%s: %+v\n%v", format, p.Counts, reasons(p))
		}
	}
	if after := generation(t, a); after != before {
		t.Error("the catalogue has changed")
	}
	// In a new installation the rows become what they were.
	other := apptest.New(t)
	var b bytes.Buffer
	w, _ := sheet.NewWriter(&b, sheet.CSV)
	if _, err := a.Intake.Export(t.Context(), sys, w, func(st catalogue.Standing) bool { return len(st.Code) > 30 }); err != nil {
		t.Fatal(err)
	}
	if p := take(t, other, mapping.Export, b.Bytes(), intake.Options{}); p.Created != 4 {
		t.Errorf("%+v %v", p.Counts, reasons(p))
	}
	for _, code := range []string{"11371671MB0A00026N437070300100001", "TE440000GD030003VV2442199374000"} {
		x, err := a.Catalogue.Item(code)
		if err != nil {
			t.Fatal(err)
		}
		y, err := other.Catalogue.Item(code)
		if err != nil || db.ToJSON(x.Definition) != db.ToJSON(y.Definition) {
			t.Errorf("%s: %v\n%s\n%s", code, err, db.ToJSON(x.Definition), db.ToJSON(y.Definition))
		}
	}
	if _, err := a.Intake.Export(t.Context(), a.Actor(t, "clerk"), w, nil); err == nil {
		t.Error("a clerk exports")
	}
}

// TestEditedExport: what was changed in the sheet comes in, unless somebody
// published in between.
func TestEditedExport(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	export := func() [][]string {
		t.Helper()
		var b bytes.Buffer
		w, _ := sheet.NewWriter(&b, sheet.CSV)
		if _, err := a.Intake.Export(t.Context(), sys, w, func(st catalogue.Standing) bool { return st.Code == "KJ-0001" }); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	write := func(rows [][]string, column, value string) []byte {
		var b bytes.Buffer
		rows[1][slices.Index(rows[0], column)] = value
		_ = csv.NewWriter(&b).WriteAll(rows)
		return b.Bytes()
	}
	first := export()
	if p := take(t, a, mapping.Export, write(first, "承诺时限", "7"), intake.Options{}); p.Updated != 1 {
		t.Fatalf("%+v %v", p.Counts, reasons(p))
	}
	it, err := a.Catalogue.Item("KJ-0001")
	if err != nil || it.Promised.N != 7 || len(it.Form.Sections) == 0 || len(it.Flow.Stages) == 0 {
		t.Errorf("%+v %v", it, err)
	}
	// The first export is old by now: another change in it is only reported.
	p := take(t, a, mapping.Export, write(first, "承诺时限", "6"), intake.Options{})
	if p.Updated != 1 { // it is the sheet's own value that moved on, nobody changed it here
		t.Errorf("%+v %v", p.Counts, reasons(p))
	}
	if p := take(t, a, mapping.Export, write(export(), "类别", "一件事"), intake.Options{}); p.Errors != 1 || !slices.Contains(reasons(p), "2:类别:intake.bundle") {
		t.Errorf("%+v %v", p.Counts, reasons(p))
	}
}

// TestLargeSheetIsRefusedInBoundedMemory: 50 MB with too many rows end at once.
func TestLargeSheetIsRefusedInBoundedMemory(t *testing.T) {
	a := apptest.New(t)
	lines := strings.SplitAfter(string(sample(t, "gd.csv")), "\n")
	in := append([]byte(lines[0]), bytes.Repeat([]byte(lines[1]), 50<<20/len(lines[1]))...)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p := take(t, a, "gd", in, intake.Options{})
	runtime.ReadMemStats(&after)
	if p.Findings[0].Reason != "sheet.rows" || (after.TotalAlloc-before.TotalAlloc)>>20 > 64 {
		t.Errorf("%v, %d MB", reasons(p), (after.TotalAlloc-before.TotalAlloc)>>20)
	}
}

// BenchmarkCheck reads and compares 2,000 rows; BenchmarkBareCSV only reads them.
func BenchmarkCheck(b *testing.B) {
	a := apptest.New(b)
	in, m := many(b, 2000), mapping.MustShipped("gd")
	b.ResetTimer()
	for b.Loop() {
		p, err := a.Intake.Check(b.Context(), source(in), m, intake.Options{}, nil)
		if err != nil || p.Created != 2000 {
			b.Fatal(err, p.Counts, reasons(p)[:3])
		}
	}
	b.ReportMetric(float64(b.N)*2000/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkBareCSV(b *testing.B) {
	in := many(b, 2000)
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(in))
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			}
		}
	}
	b.ReportMetric(float64(b.N)*2000/b.Elapsed().Seconds(), "rows/s")
}

// many is a sheet of n rows with codes of their own.
func many(b *testing.B, n int) []byte {
	b.Helper()
	lines := strings.SplitAfter(string(sample(b, "gd.csv")), "\n")
	var out bytes.Buffer
	out.WriteString(lines[0])
	for i := range n {
		base := fmt.Sprintf("370799%03d%03d", i/1000, i%1000)
		out.WriteString(strings.NewReplacer("370703001000", base, "00100001", base[6:]+"01").Replace(
			strings.Replace(lines[1], "11371671MB0A00026N437070300100001", "11371671MB0A00026N4"+base+"01", 1)))
	}
	return out.Bytes()
}
