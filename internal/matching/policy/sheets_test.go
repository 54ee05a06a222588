package policy_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func bring(t *testing.T, b bench, actor auth.Actor, name string, content []byte) policy.Sheet {
	t.Helper()
	id, err := b.Policies.Bring(b.ctx, actor, policy.Upload{Name: name, Content: bytes.NewReader(content), Limit: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Policies.Sheet(b.ctx, actor, id)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestWhatIsExportedComesInUnchanged: in both languages and both formats every row
// of an export says what is there already.
func TestWhatIsExportedComesInUnchanged(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	c := sampleClause("kj-2026-95-1")
	c.Materials = []i18n.Text{{ZH: "审计报告", EN: "Audit report"}, {ZH: "承诺书"}}
	c.Windows = append(c.Windows, policy.Window{From: "2026-09-01", Until: "2026-09-30"})
	c.Benefit.Text = i18n.Text{ZH: "=不是公式\n第二行", EN: "No formula"}
	if _, err := b.Policies.Import(b.ctx, auth.SystemActor(), []policy.Seed{{Document: sampleDocument("kj-2026-95", "kj"), Clauses: []policy.Clause{c}}}); err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Locales {
		for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			var out bytes.Buffer
			w, err := sheet.NewWriter(&out, f)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(b.Policies.Export(b.ctx, b.one, w, l), w.Close()); err != nil {
				t.Fatal(err)
			}
			x := bring(t, b, b.one, "all"+f.Extension(), out.Bytes())
			if x.Counts.New+x.Counts.Changed+x.Counts.Wrong > 0 || x.Counts.Same < 4 {
				t.Errorf("%s %s: %+v", l, f, x.Counts)
				for _, line := range x.Lines {
					if line.Does != policy.RowSame {
						t.Errorf("%+v", line)
						break
					}
				}
			}
		}
	}
}

// TestSheet: what rows would do is said first, wrong ones are left out, and what
// is taken in are drafts.
func TestSheet(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		content := strings.Join([]string{
			"文件编码,条款编码,标题,发文字号,发文单位,实施部门编码,级别,行政区划代码,印发日期,施行日期,内容提要,说明,支持方式,金额（元）,次数,兑现方式,申报事项编码,主题",
			"kj-2026-94,kj-2026-94-1,研发奖励,,,,,,,,,给奖励。,奖励补助,\"500,000\",只能享受一次,申报,KJ-0004,研发创新",
			"kj-2026-94,,研发办法,渤科发〔2026〕4号,科技创新局,kj,园区,371671,2026年1月5日,2026/2/1,一份样本。,,,,,,,",
			"kj-2026-94,kj-2026-94-2,写错的,,,,,,,,,给奖励。,礼物,很多,只能享受一次,申报,KJ-0004,研发创新",
			"kj-2026-94,kj-2026-94-1,研发奖励,,,,,,,,,给奖励。,grant,5,once,apply,KJ-0004,rd",
			"sc-2026-94,,别的部门,渤市发〔2026〕4号,市场监管局,sc,zone,371671,2026-01-05,2026-02-01,一份样本。,,,,,,,",
			"kj-2026-94,kj-2026-94-3,还没写完,,,,,,,,,,grant,,once,apply,,rd",
		}, "\n")
		x := bring(t, b, b.head, "rows.csv", []byte(content))
		does := map[string]string{}
		for _, l := range x.Lines {
			does[l.Key] += l.Does + " "
		}
		// The clause stands above its document, and in the wrong department is nothing to take.
		if does["kj-2026-94"] != "new " || does["kj-2026-94-2"] != "wrong " || does["sc-2026-94"] != "wrong " || does["kj-2026-94-3"] != "new " || does["kj-2026-94-1"] != "new wrong " {
			t.Fatalf("%v %+v", does, x.Lines)
		}
		for _, l := range x.Lines {
			if l.Key == "kj-2026-94-2" {
				var at []string
				for _, f := range l.Wrong {
					at = append(at, f.Column)
				}
				if !slices.Equal(at, []string{"支持方式", "金额（元）"}) {
					t.Errorf("%+v", l.Wrong)
				}
			}
			if l.Key == "kj-2026-94-3" && len(l.Open) == 0 {
				t.Error("an unfinished row says nothing of it")
			}
		}
		if _, err := b.Policies.Sheet(b.ctx, b.stranger, x.ID); !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		if _, _, err := b.Policies.File(b.ctx, b.head, "kj-2026-94"); !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("before it is taken in: %v", err)
		}
		want(t, "take", b.Policies.Take(b.ctx, b.head, x.ID, x.Version), nil)
		want(t, "again", b.Policies.Take(b.ctx, b.head, x.ID, x.Version), policy.ErrState)
		doc, clauses, err := b.Policies.File(b.ctx, b.head, "kj-2026-94")
		if err != nil || len(clauses) != 2 || doc.Stage != policy.Draft || doc.Draft.Document.Issued != "2026-01-05" || doc.Draft.Document.From != "2026-02-01" {
			t.Fatalf("%v %+v %+v", err, doc, clauses)
		}
		if c := clauses[0].Draft.Clause; c.Benefit.Amount != 50_000_000 || c.Benefit.Kind != policy.Grant || c.Topics[0] != "rd" {
			t.Errorf("%+v", c)
		}
		if _, err := b.Policies.Bring(b.ctx, b.head, policy.Upload{Name: "x.csv", Content: strings.NewReader("a,b\n1,2\n"), Limit: 1 << 20}); len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Name != "file" {
			t.Errorf("another sheet: %v", err)
		}
	})
}

func TestListsInCells(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-03-01 ~ 2026-04-30":                   "2026-03-01 ~ 2026-04-30",
		"2026年3月1日至2026年4月30日":                      "2026-03-01 ~ 2026-04-30",
		"每年3月1日至4月30日；2026/9/1～2026/9/30":           "--03-01 ~ --04-30\n2026-09-01 ~ 2026-09-30",
		"--03-01 ~ --04-30; every year 9-1 to 9-30": "--03-01 ~ --04-30\n--09-01 ~ --09-30",
		"": "",
	} {
		if got := policy.WriteWindows(policy.ReadWindows(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := policy.WriteTexts(policy.ReadTexts("审计报告 | Audit report\n\n 承诺书 ")); got != "审计报告 | Audit report\n承诺书" {
		t.Errorf("%q", got)
	}
	for in, want := range map[string]float64{"": 0, "10": 10, "2.5%": 2.5, "２": -1, "-1": -1, "1e3": -1, "NaN": -1} {
		if got, ok := policy.ReadRate(in); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %v %v", in, got, ok)
		}
	}
}

type fits map[string]int

func (f fits) Firms() int                        { return 100 }
func (f fits) Fit(key string) (int, bool)        { n, ok := f[key]; return n, ok }
func (f fits) Both(a, b string) (n int, ok bool) { return min(f[a], f[b]), true }

// TestHints: each thing that somebody should look at is told once, at its clause.
func TestHints(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	d := sampleDocument("kj-2026-93", "kj")
	d.Until = "2026-03-20"
	clause := func(n string, change func(c *policy.Clause)) policy.Clause {
		c := sampleClause("kj-2026-93-" + n)
		c.Windows, c.Benefit.Covers = nil, ""
		change(&c)
		return c
	}
	seed := []policy.Seed{{Document: d, Clauses: []policy.Clause{
		clause("1", func(c *policy.Clause) { c.Benefit.Covers = "exhibition" }),
		clause("2", func(c *policy.Clause) { c.Benefit.Covers = "exhibition" }),
		clause("3", func(c *policy.Clause) {
			c.Benefit.Covers, c.Excludes = "exhibition", []string{"kj-2026-93-1", "kj-2026-93-2"}
		}),
		clause("4", func(c *policy.Clause) { c.Windows = []policy.Window{{From: "2026-01-10", Until: "2026-02-10"}} }),
		clause("5", func(c *policy.Clause) { c.Benefit.Covers = "exhibition" }),
	}}}
	if _, err := b.Policies.Import(b.ctx, auth.SystemActor(), seed); err != nil {
		t.Fatal(err)
	}
	b.Policies.Ports.Fits = func(context.Context) (policy.Fits, error) {
		return fits{"kj-2026-93-1": 7, "kj-2026-93-2": 100, "kj-2026-93-3": 9, "kj-2026-93-4": 4, "kj-2026-93-5": 0}, nil
	}
	list, err := b.Policies.Hints(b.ctx, b.head)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range list {
		if strings.HasPrefix(h.Key, "kj-2026-93") {
			got = append(got, h.Code+" "+strings.TrimPrefix(h.Key, "kj-2026-93")+" "+strings.TrimPrefix(h.Other, "kj-2026-93"))
		}
	}
	if !slices.Equal(got, []string{"nobody -5 ", "everybody -2 ", "twice -1 -2", "ending_30  ", "over -4 "}) {
		t.Errorf("%q", got)
	}
	if list, err := b.Policies.Hints(b.ctx, b.stranger); err != nil || slices.ContainsFunc(list, func(h policy.Hint) bool { return strings.HasPrefix(h.Key, "kj-") }) {
		t.Errorf("another department: %v %+v", err, list)
	}
	for _, code := range policy.HintCodes {
		for _, l := range i18n.Locales {
			if _, ok := b.Texts.Raw(l, "policy.hint."+code); !ok {
				t.Errorf("no words for %s", code)
			}
		}
	}
}

// TestForeignDraftsInASheet: of a draft of another department the report of a sheet
// says that its key is taken, and none of its words.
func TestForeignDraftsInASheet(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	doc, clause := sampleDocument("kj-2026-92", "kj"), sampleClause("kj-2026-92-1")
	doc.Title.EN, clause.Title.EN = "Words of a secret measure", "Words of a secret prize"
	if _, err := b.Policies.SaveDocument(b.ctx, b.handler, doc, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Policies.SaveClause(b.ctx, b.handler, doc.Key, clause, 0); err != nil {
		t.Fatal(err)
	}
	x := bring(t, b, b.stranger, "rows.csv", []byte(strings.Join([]string{
		"文件编码,条款编码,标题",
		"kj-2026-92,,随便写的",
		"sc-2026-92,kj-2026-92-1,随便写的",
		"kj-2026-92,kj-2026-92-9,随便写的",
	}, "\n")))
	for _, l := range x.Lines {
		if l.Does != policy.RowWrong || l.Title.EN != "" || l.Title.ZH != "随便写的" || strings.Contains(db.ToJSON(l), "secret") || len(l.Open) > 0 {
			t.Errorf("%+v", l)
		}
	}
	for i, code := range []string{policy.ErrKeyTaken.Code, policy.ErrKeyTaken.Code, policy.ErrNotFound.Code} {
		if w := x.Lines[i].Wrong; len(w) != 1 || w[0].Code != code || strings.Contains(db.ToJSON(w[0].Params), doc.Key+`"`) && i == 1 {
			t.Errorf("row %d: %+v", i, w)
		}
	}
	want(t, "take", b.Policies.Take(b.ctx, b.stranger, x.ID, x.Version), nil)
	if p, _, err := b.Policies.Paper(b.ctx, b.head, policy.KindDocument, doc.Key); err != nil || p.Draft.Document.Title != doc.Title || p.Version != 1 {
		t.Errorf("%v: the draft reads otherwise: %+v", err, p)
	}
}
