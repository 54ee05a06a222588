package dossier_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func source(text string) sheet.Source {
	return sheet.Source{ReaderAt: strings.NewReader(text), Size: int64(len(text))}
}

const registerSheet = `统一社会信用代码,企业名称,注册地,住所,注册资本（元）,所属行业,年度,营业收入（万元）
91371671MA3TB0009L,渤海智联传感科技有限公司,371671,创新路22号,5000000,I6513 应用软件开发,,
91350200776049653A,老城仪表有限公司,371624,沾化路1号,,C4011,,
91350203M0001QAY9B,早期试点公司,371671,,,,,
91371671MA3TB0009X,写错代码的公司,371671,,,,,
91440101MA5CJQ4N59,外地公司,440106,,,,,
9135021359498494XQ,,371671,,一百万,Z9999,,3
`

func TestASheetOfTheRegister(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		sys, o := auth.SystemActor(), dossier.SheetOptions{Register: "market", AsOf: "2026-10-31"}
		b.take(t, figure("revenue", "market", 2025, "4200000000", "2026-01-01"))
		rows := map[string]dossier.SheetRow{}
		keep := func(r dossier.SheetRow) { rows[r.USCC] = r }
		want := dossier.SheetCounts{Read: 6, New: 1, Changed: 1, Wrong: 4}
		counts, err := b.CheckSheet(b.ctx, sys, source(registerSheet), o, keep)
		if err != nil || counts != want {
			t.Fatalf("%+v %v %+v", counts, err, rows)
		}
		for code, cell := range map[string]string{"91350203M0001QAY9B": "统一社会信用代码 dossier.confirm", "91371671MA3TB0009X": "统一社会信用代码 dossier.uscc", "91440101MA5CJQ4N59": "region dossier.outside"} {
			if f := rows[code].Findings; len(f) != 1 || f[0].Column+" "+f[0].Code != cell {
				t.Errorf("%s: %+v", code, f)
			}
		}
		if f := rows["9135021359498494XQ"].Findings; len(f) != 3 {
			t.Errorf("each wrong cell is named: %+v", f)
		}
		if _, err := b.identity.EnterpriseByUSCC(b.ctx, "91350200776049653A"); err == nil {
			t.Error("a dry run opened a file")
		}
		if counts, err = b.ApplySheet(b.ctx, sys, source(registerSheet), o, "sheet:1", keep); err != nil || counts != want {
			t.Fatalf("%+v %v", counts, err)
		}
		e, err := b.identity.EnterpriseByUSCC(b.ctx, "91350200776049653A")
		if err != nil || e.Region != "371603" || e.Industry != "C4011" || e.Name.ZH != "老城仪表有限公司" {
			t.Errorf("an old division is the one of today: %+v %v", e, err)
		}
		if e, _ := b.identity.Enterprise(b.ctx, b.firm.ID); e.Address != "创新路22号" || e.Capital != 500_000_000 {
			t.Errorf("%+v", e)
		}
		_, list := b.place(t, "address", 0)
		if len(list) != 2 || list[0].Ref != "sheet:1" || list[0].AsOf != "2026-10-31" {
			t.Errorf("%+v", list)
		}
		if counts, err = b.ApplySheet(b.ctx, sys, source(registerSheet), o, "sheet:2", keep); err != nil || counts.Same != 2 || counts.New+counts.Changed != 0 {
			t.Errorf("the same sheet once more: %+v %v", counts, err)
		}
		o.Confirmed = true
		if counts, err = b.CheckSheet(b.ctx, sys, source(registerSheet), o, keep); err != nil || counts.New != 1 || counts.Wrong != 3 {
			t.Errorf("%+v %v", counts, err)
		}
		// A sheet says what its register keeps, and nothing else.
		o = dossier.SheetOptions{Register: "tax", AsOf: "2026-11-01"}
		other := "统一社会信用代码,住所\n91371671MA3TB0009L,海纳路1号\n"
		if counts, err = b.ApplySheet(b.ctx, sys, source(other), o, "", keep); err != nil || counts.Wrong != 1 {
			t.Errorf("%+v %v", counts, err)
		}
		if f := rows["91371671MA3TB0009L"].Findings; len(f) != 1 || f[0].Column != "住所" || f[0].Code != "dossier.not_said" {
			t.Errorf("%+v", f)
		}
		// Another register says something else: a conflict, not an overwriting.
		if e := b.take(t, reg("address", "tax", "海纳路1号", "2026-11-01")); e.Address != "创新路22号" {
			t.Errorf("overwritten: %+v", e)
		}
		if list, err := b.Matters(b.ctx, b.keeper, page.Request{}); err != nil || len(list.Rows) != 1 {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestWhoBringsInASheet(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	keep := func(dossier.SheetRow) {}
	o := dossier.SheetOptions{Register: "market", AsOf: "2026-10-31"}
	for name, who := range map[string]auth.Actor{"the owner": b.owner, "the tax office": b.tax, "nobody": {}} {
		if _, err := b.CheckSheet(b.ctx, who, source(registerSheet), o, keep); !errors.Is(err, dossier.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	counts, err := b.CheckSheet(b.ctx, b.stranger, source(registerSheet), o, keep)
	if err != nil || counts.New != 1 || counts.Changed != 0 {
		t.Errorf("firms of another county: %+v %v", counts, err)
	}
	away := "统一社会信用代码,注册地\n91350200776049653A,371671\n"
	if _, err := b.Take(b.ctx, auth.SystemActor(), dossier.Opening{USCC: "91350200776049653A", Words: []dossier.Word{reg("name", "market", "老城仪表有限公司", "2020-01-01"), reg("region", "market", "371603", "2020-01-01")}}); err != nil {
		t.Fatal(err)
	}
	if counts, err = b.CheckSheet(b.ctx, b.stranger, source(away), o, keep); err != nil || counts.Wrong != 1 {
		t.Errorf("a firm is moved into another county: %+v %v", counts, err)
	}
	if counts, err = b.CheckSheet(b.ctx, b.keeper, source(away), o, keep); err != nil || counts.Wrong != 0 {
		t.Errorf("by who keeps both: %+v %v", counts, err)
	}
	o.AsOf = "2026-12-01"
	if _, err := b.CheckSheet(b.ctx, b.keeper, source(registerSheet), o, keep); !errors.Is(err, dossier.ErrInvalid) {
		t.Errorf("a day to come: %v", err)
	}
	for name, text := range map[string]string{"no code": "企业名称,住所\n甲,乙\n", "empty": ""} {
		if _, err := b.CheckSheet(b.ctx, b.keeper, source(text), dossier.SheetOptions{Register: "market", AsOf: "2026-10-31"}, keep); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func TestAnUploadedSheet(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		in := dossier.Upload{Name: "登记.csv", Content: strings.NewReader(registerSheet), Limit: 1 << 20, Options: dossier.SheetOptions{Register: "market", AsOf: "2026-10-31"}}
		id, err := b.TakeSheet(b.ctx, b.keeper, in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Sheet(b.ctx, b.tax, id); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("another register: %v", err)
		}
		if err := b.Release(b.ctx, b.keeper, id, 1); !errors.Is(err, dossier.ErrSheetState) {
			t.Errorf("before it is checked: %v", err)
		}
		if err := b.WorkSheet(b.ctx, id); err != nil {
			t.Fatal(err)
		}
		x, err := b.Sheet(b.ctx, b.keeper, id)
		if err != nil || x.State != dossier.SheetChecked || x.Counts.Wrong != 4 || len(x.Lines) != 6 || x.Lines[0].Kind != dossier.RowWrong {
			t.Fatalf("%+v %v", x, err)
		}
		if err := b.Release(b.ctx, b.keeper, id, x.Version-1); !errors.Is(err, db.ErrStale) {
			t.Errorf("from an old page: %v", err)
		}
		if err := b.Release(b.ctx, b.keeper, id, x.Version); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a job may run twice
			if err := b.WorkSheet(b.ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		if x, err = b.Sheet(b.ctx, b.keeper, id); err != nil || x.State != dossier.SheetDone || x.Counts.New != 1 {
			t.Errorf("%+v %v", x, err)
		}
		in.Content = strings.NewReader("甲,乙\n1,2\n")
		if id, err = b.TakeSheet(b.ctx, b.keeper, in); err != nil {
			t.Fatal(err)
		}
		if err := b.WorkSheet(b.ctx, id); err != nil {
			t.Fatal(err)
		}
		if x, err := b.Sheet(b.ctx, b.keeper, id); err != nil || x.State != dossier.SheetFailed || x.Failure != "sheet.header" {
			t.Errorf("%+v %v", x, err)
		}
	})
}
