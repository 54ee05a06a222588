package catalogueweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestASentenceLeadsToEventsAndItems(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	all := look(t, c, "/guide", "我要开餐馆", "Opening a restaurant")
	if n := len(webtest.FindAll(all.Doc(), "li", "class", "tb-card")); n != len(a.Catalogue.Snapshot().LifeEvents()) {
		t.Errorf("%d cards", n)
	}
	p := c.Submit(all, "/guide", url.Values{"q": {"我想开一家饭店，要办什么"}})
	webtest.A11y(t, p.Doc())
	if first := webtest.Find(webtest.Find(p.Doc(), "li", "class", "tb-card"), "a", "", ""); webtest.Attr(first, "href") != "/guide/open-restaurant" || rows(p) == 0 {
		t.Errorf("%s, %d items", webtest.Attr(first, "href"), rows(p))
	}
	// The search knows the way to the guide, too.
	beside := look(t, c, "/search?q="+url.QueryEscape("开饭店"), "答几个问题", "Answer a few questions")
	if webtest.Find(beside.Doc(), "a", "href", "/guide/open-restaurant") == nil || c.Get("/search?fast=on&q="+url.QueryEscape("开饭店")).Has("答几个问题") {
		t.Error("the search does not lead to the guide, or gets in the way")
	}
	none := look(t, c, "/guide?q=zzqqxxvv", "没有找到符合的事项", "No service matches")
	if webtest.Find(none.Doc(), "a", "href", "/guide") == nil {
		t.Error("no next step")
	}
	if misses, err := a.Catalogue.Misses(t.Context(), a.Actor(t, "catalogue-admin"), 5); err != nil || len(misses) != 1 || misses[0].Query != "zzqqxxvv" {
		t.Errorf("%v %v", misses, err)
	}
}

func TestTheQuestionsOfAnEvent(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	asked := look(t, c, "/guide/open-firm", "您想办成哪一种", "What do you want to set up?")
	if asked.Has("您要办") || asked.Has("做科技研发或者软件吗") {
		t.Error("before any answer there is no list, and no question that hangs on one")
	}
	p := c.Submit(asked, "/guide/open-firm#plan-title", url.Values{"form": {"company"}, "has_staff": {"yes"}})
	webtest.A11y(t, p.Doc())
	if p.Path != "/guide/open-firm?form=company&has_staff=yes" || !p.Has("还有 2 个问题没有回答") || !p.Has("做科技研发或者软件吗") {
		t.Fatalf("%s: %s", p.Path, p.Text())
	}
	p = look(t, c, "/guide/open-firm?address=rented&form=company&has_staff=yes&science=no", "您要办 6 件事", "You need 6 services")
	items := webtest.FindAll(p.Doc(), "p", "class", "tb-plan-name")
	if len(items) != 6 || webtest.Text(items[0]) != "有限责任公司设立登记" {
		t.Errorf("%d items, first %s", len(items), webtest.Text(items[0]))
	}
	// The licence that the first step issues is never asked for by those after it.
	if !p.Has("营业执照不用您准备：办好“有限责任公司设立登记”以后") || !p.Has("第 2 步") {
		t.Error(p.Text())
	}
	for _, m := range webtest.FindAll(p.Doc(), "p", "class", "tb-material-name") {
		if webtest.Text(m) == "营业执照" {
			t.Error("the licence is on the list of papers")
		}
	}
	for _, want := range []string{"最快多久办好", "一件一件办要", "用于：", "渤海科技创新区创新路1号", "周一至周五", "当天能办好", "不收费"} {
		if !p.Has(want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	// All of them can be ordered with one press.
	action, _ := webtest.Form(p.Doc(), "/cart/add")
	codes := webtest.FindAll(p.Doc(), "input", "name", "item")
	if action != "/cart/add" || len(codes) < 4 || webtest.Attr(codes[0], "value") != "SC-0001" {
		t.Errorf("%s with %d codes", action, len(codes))
	}
	if webtest.Find(p.Doc(), "a", "class", "tb-map") == nil || !strings.Contains(p.Body, "/qr?path=%2Fguide%2Fopen-firm%3Faddress%3Drented") {
		t.Error("no map, or no code to go on by phone")
	}
	look(t, c, "/guide/open-firm/print?address=rented&form=company", "您想办成哪一种：有限责任公司", "A limited company")
	look(t, c, "/guide/settle-talent?level=settled&home=settled", "您要办", "You need")
	for path, want := range map[string]int{
		"/guide/nowhere": http.StatusNotFound, "/guide/nowhere/print": http.StatusNotFound, "/guide/open-firm?form=odd&x=1": http.StatusOK,
		"/guide/open-firm?for-party=somebody&form=self": http.StatusOK, "/guide/open-firm/print": http.StatusOK,
	} {
		if p := c.Get(path); p.Status != want {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

func TestWhatIsOnFileIsTicked(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	const path = "/guide/open-restaurant?drain=no&owner=exists&size=large&licensed=yes"
	ticked := func(p *webtest.Page) int { return len(webtest.FindAll(p.Doc(), "li", "class", "tb-material-ok")) }
	if p := a.As(t, "").Get(path); ticked(p) != 0 || webtest.Find(p.Doc(), "input", "name", "for-party") != nil {
		t.Error("a visitor has nothing on file")
	}
	c := a.As(t, "applicant")
	firm := a.Actor(t, "applicant").Firms[0]
	mine := look(t, c, path, "为谁办？", "For whom")
	ofFirm := c.Submit(mine, "/guide/open-restaurant#plan-title", url.Values{"for-party": {firm}})
	if ticked(ofFirm) <= ticked(mine) || !ofFirm.Has("“渤海智联传感科技有限公司”在平台上已经有了") {
		t.Errorf("%d papers of the firm are ticked, %d of the person", ticked(ofFirm), ticked(mine))
	}
	// For whom is nobody else's business.
	if share := webtest.Find(ofFirm.Doc(), "button", "data-copy", ""); strings.Contains(webtest.Attr(share, "data-copy"), firm) {
		t.Error("the link to share names the firm")
	}
	// Somebody else's firm changes nothing.
	if p := a.As(t, "citizen").Get(path + "&for-party=" + firm); p.Has("渤海智联") {
		t.Error("somebody else's firm is shown")
	}
}

func TestTopicsAndFilters(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	p := look(t, c, "/themes", "开办企业", "Opening a firm")
	if n := len(webtest.FindAll(p.Doc(), "li", "class", "tb-card")); n != 34 {
		t.Errorf("%d topics", n)
	}
	if p := look(t, c, "/themes/innovation", "高新技术企业认定", "High-tech"); rows(p) < 5 || webtest.Find(p.Doc(), "select", "id", "by-theme") != nil {
		t.Errorf("%d items of the topic", rows(p))
	}
	if p := c.Get("/themes/nothing"); p.Status != http.StatusNotFound {
		t.Errorf("%d", p.Status)
	}
	all := c.Get("/search")
	for name, change := range map[string]url.Values{
		"today": {"fast": {"on"}}, "no visit": {"trips": {"0"}}, "topic": {"theme": {"subsidy"}}, "kind": {"kind": {"service"}}, "channel": {"channel": {"online"}},
	} {
		p := c.Submit(all, "/search", change)
		for key, v := range change {
			if !strings.Contains(p.Path, key+"="+v[0]) {
				t.Errorf("%s: %s", name, p.Path)
			}
		}
		if rows(p) == 0 {
			t.Errorf("%s: nothing", name)
		}
		webtest.A11y(t, p.Doc())
	}
	// The second page keeps the filter.
	if next := webtest.Find(c.Get("/search?trips=0&channel=online").Doc(), "a", "rel", "next"); webtest.Attr(next, "href") != "/search?channel=online&page=2&trips=0" {
		t.Error(webtest.Attr(next, "href"))
	}
	ways := look(t, c, "/shelves", "换个办法找", "Other ways to look")
	for _, a := range webtest.FindAll(webtest.Find(ways.Doc(), "ul", "class", "tb-ways"), "a", "", "") {
		if p := c.Get(webtest.Attr(a, "href")); p.Status != http.StatusOK {
			t.Errorf("%s: %d", webtest.Attr(a, "href"), p.Status)
		}
	}
	printed := look(t, c, "/shelves/print", "政务服务和科技服务事项目录", "Catalogue of services")
	if n := len(webtest.FindAll(printed.Doc(), "div", "class", "tb-printed")); n != 13 || !printed.Has("KJ-0001") || !printed.Has("370103001002") {
		t.Errorf("%d shelves on paper", n)
	}
}
