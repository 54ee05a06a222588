package casesweb_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/tongban/tongban/internal/cases"
)

// TestVersionsOfWhatWasSubmitted: a supplement is a version of its own, and both
// sides read what it changed: an answer, a row that came, one that went.
func TestVersionsOfWhatWasSubmitted(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	who := b.Actor(t, "applicant")
	k := b.must(b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "SC-0001"}))
	b.complete(who, k.ID)
	k = b.must(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
	c, desk := b.As(t, "applicant"), b.As(t, "clerk")
	want(t, looks(t, c, myPath(k, "/versions")), http.StatusOK, "第 1 次提交", "首次提交的全部内容")
	if c.Get(myPath(k, "")).Has("看每次改了什么") {
		t.Error("a case that was submitted once has changes to show")
	}
	p := desk.Get("/work/cases/" + string(k.ID) + "/do/ask_supplement")
	desk.Submit(p, "/do/ask_supplement", url.Values{"point": {"field.shareholders"}, "reason.field.shareholders": {"少填了一位"}})
	p = c.Get(myPath(k, "/form"))
	row := rowsOn(p, "shareholders")[0]
	p = c.Submit(p, "/form", url.Values{"go": {"remove:shareholders:" + row}})
	p = c.Submit(p, "/form", url.Values{"go": {"add:shareholders"}})
	rows := rowsOn(p, "shareholders")
	last := rows[len(rows)-1]
	in := func(field string) string { return "shareholders." + last + "." + field }
	for _, other := range rows[:len(rows)-1] { // all shares go to the new one
		p = c.Submit(p, "/form", url.Values{"go": {"remove:shareholders:" + other}})
	}
	c.Submit(p, "/form", url.Values{in("kind"): {"person"}, in("name"): {"新来的股东"}, in("share"): {"100"}, "company_name": {"改名以后的科技有限公司"}, "go": {"save"}})
	b.complete(who, k.ID)
	b.must(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
	want(t, looks(t, c, myPath(k, "")), http.StatusOK, "一共提交过 2 次，看每次改了什么")
	want(t, looks(t, c, myPath(k, "/versions")), http.StatusOK, "第 2 次提交", "改名以后的科技有限公司", "修改", "新增", "删除", "新来的股东", "股东 1")
	want(t, looks(t, desk, "/work/cases/"+string(k.ID)+"/versions"), http.StatusOK, "第 2 次提交", "新来的股东")
	if got := b.As(t, "commissioner").Get(myPath(k, "/versions")); got.Status == http.StatusOK {
		t.Errorf("%d for somebody else", got.Status)
	}
}
