package casesweb_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// rowsOn are the names of the rows of a section on a page.
func rowsOn(p *webtest.Page, group string) []string {
	_, values := webtest.Form(p.Doc(), "/form")
	return values[group]
}

// TestRowsWithoutScript is a company with two shareholders, by a browser
// without script: rows are added and removed, what they hold is worked out and
// checked, and shown on every page after.
func TestRowsWithoutScript(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	p := c.Post("/my/start", url.Values{"item": {"SC-0001"}, "party": {"person"}})
	want(t, p, http.StatusOK, "股东 1", "填 1 至 50 个股东", "认缴出资额（元）", "填好相关内容后自动计算", "再加一个股东")
	form := strings.TrimSuffix(p.Path, "/form")
	looks(t, c, p.Path)
	first := rowsOn(p, "shareholders")[0]
	in := func(row, field string) string { return "shareholders." + row + "." + field }

	p = c.Submit(p, "/form", url.Values{"registered_capital": {"1000000"}, in(first, "kind"): {"person"}, in(first, "name"): {"张三"}, in(first, "share"): {"60"}, "go": {"add:shareholders"}})
	want(t, p, http.StatusOK, "股东 2", "¥ 600,000.00", "身份证号")
	rows := rowsOn(p, "shareholders")
	if len(rows) != 2 || rows[0] != first || webtest.Find(p.Doc(), "", "id", "row-shareholders-"+rows[1]) == nil {
		t.Fatalf("%v", rows)
	}
	looks(t, c, p.Path)
	second := rows[1]
	p = c.Submit(p, "/form", url.Values{in(second, "kind"): {"firm"}, in(second, "name"): {"蓝湾科技"}, in(second, "share"): {"30"}, "go": {"add:shareholders"}})
	third := rowsOn(p, "shareholders")[2]
	p = c.Submit(p, "/form", url.Values{in(third, "name"): {"不要了"}, "go": {"remove:shareholders:" + third}})
	if now := rowsOn(p, "shareholders"); len(now) != 2 || p.Has("不要了") {
		t.Fatalf("%v", now)
	}
	if p.Has("加起来应当是 100%") {
		t.Error("the sum is complained about while it is being filled in")
	}
	p = c.Get(form + "/form?check=1")
	want(t, p, http.StatusOK, "各位股东的出资比例加起来应当是 100%", "请填写这一项", "90%")
	p = c.Submit(p, "/form", url.Values{"go": {"review"}})
	want(t, p, http.StatusOK, "股东 1：身份证号：请填写这一项", "股东 2：统一社会信用代码：请填写这一项", "¥ 300,000.00", "张三", "蓝湾科技")
	looks(t, c, p.Path)
	check := c.Get(form + "/form?check=1")
	for _, a := range webtest.FindAll(webtest.Find(p.Doc(), "", "class", "tb-error-summary"), "a", "", "") {
		_, anchor, _ := strings.Cut(webtest.Attr(a, "href"), "#")
		if webtest.Find(check.Doc(), "", "id", anchor) == nil {
			t.Errorf("the review links to #%s, which the form does not have", anchor)
		}
	}

	// The script saves and is told what was worked out of it.
	f, err := b.Cases.Form(b.ctx, b.Actor(t, "applicant"), cases.ID(strings.TrimPrefix(form, "/my/cases/")))
	if err != nil {
		t.Fatal(err)
	}
	typed := url.Values{"rev": {strconv.Itoa(f.Buffer.Rev)}, "amount_total": {"1"}}
	for k, v := range f.Buffer.Typed {
		typed[k] = v
	}
	typed.Set(in(second, "share"), "40")
	p = c.Post(form+"/autosave", typed)
	var saved struct{ Computed map[string]string }
	if err := json.Unmarshal([]byte(p.Body), &saved); err != nil || saved.Computed["amount_total"] != "¥ 1,000,000.00" || saved.Computed[in(second, "amount")] != "¥ 400,000.00" || saved.Computed["share_total"] != "100%" {
		t.Errorf("%s %v", p.Body, err)
	}
	typed.Set("go", "add:shareholders")
	p = c.Post(form+"/form/part", typed)
	if rows := webtest.FindAll(p.Doc(), "li", "class", "tb-row"); len(rows) != 3 || webtest.Find(p.Doc(), "", "data-focus", "") == nil {
		t.Errorf("%d rows", len(rows))
	}
}

// TestRowsOnTheDesk: staff read the rows, with identity numbers masked, and ask
// for one answer of one row; the reply has to change that one.
func TestRowsOnTheDesk(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	who := b.Actor(t, "applicant")
	k := b.must(b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "SC-0001"}))
	b.complete(who, k.ID)
	k = b.must(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
	v, err := b.Cases.View(b.ctx, who, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	row, _ := v.Answers["shareholders"].([]any)[0].(map[string]any)
	id, _ := row["row"].(string)
	name, _ := row["name"].(string)
	desk := b.As(t, "clerk")
	p := looks(t, desk, "/work/cases/"+string(k.ID), "认缴出资额合计", "股东 1", name, "100%")
	if number, ok := row["id_number"].(string); ok && p.Has(number) {
		t.Error("an identity number of a row is shown in full")
	}
	point := "field.shareholders." + id + ".name"
	p = desk.Get("/work/cases/" + string(k.ID) + "/do/ask_supplement")
	want(t, p, http.StatusOK, "股东 1：姓名或者名称", "股东（整体，例如少填了）")
	p = desk.Submit(p, "/do/ask_supplement", url.Values{"point": {point}, "reason." + point: {"和章程不一致"}})
	if p.Status != http.StatusOK || b.state(k).State != cases.Supplementing {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	c := b.As(t, "applicant")
	p = looks(t, c, myPath(k, "/form"), "股东：姓名或者名称", "和章程不一致")
	p = c.Submit(p, "/form", url.Values{"go": {"review"}})
	want(t, p, http.StatusOK, "这里要您修改，现在还和上次一样")
	p = c.Submit(c.Get(myPath(k, "/form")), "/form", url.Values{"shareholders." + id + ".name": {"改过的名字"}, "go": {"review"}})
	p = c.Submit(p, "/submit", url.Values{"promise": {"on"}})
	want(t, p, http.StatusOK, "已经提交")
	looks(t, desk, "/work/cases/"+string(k.ID), "改过的名字", "有改动")
}
