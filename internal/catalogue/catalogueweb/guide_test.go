package catalogueweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// look opens a page in both languages, checks it and looks for a text in each.
func look(t *testing.T, c *webtest.Client, path, zh, en string) *webtest.Page {
	t.Helper()
	var chinese *webtest.Page
	for lang, want := range map[string]string{"en": en, "zh-CN": zh} {
		c.Header.Set("Accept-Language", lang)
		p := c.Get(path)
		if p.Status != http.StatusOK {
			t.Errorf("%s in %s: %d at %s", path, lang, p.Status, p.Path)
		}
		webtest.A11y(t, p.Doc())
		if !p.Has(want) {
			t.Errorf("%s in %s lacks %q", path, lang, want)
		}
		if lang == "zh-CN" {
			chinese = p
		}
	}
	c.Header.Set("Accept-Language", "zh-CN")
	return chinese
}

func rows(p *webtest.Page) int { return len(webtest.FindAll(p.Doc(), "a", "class", "tb-row")) }

func TestSearch(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	p := look(t, c, "/search?q="+url.QueryEscape("开公司"), "“开公司”的搜索结果", "Results for")
	if first := webtest.Find(p.Doc(), "a", "class", "tb-row"); webtest.Attr(first, "href") != "/items/YJS-0001" {
		t.Errorf("first is %s", webtest.Attr(first, "href"))
	}
	all := look(t, c, "/search", "全部事项", "All services")
	if rows(all) != 20 || webtest.Find(all.Doc(), "a", "rel", "next") == nil {
		t.Errorf("%d rows", rows(all))
	}
	if p := c.Get("/search?page=2"); !p.Has("第 21–40 项") {
		t.Error("no second page")
	}
	// Narrow by the form, as without script.
	narrow := c.Submit(all, "/search", url.Values{"shelf": {"tier"}, "fast": {"on"}})
	if narrow.Status != http.StatusOK || rows(narrow) == 0 || rows(narrow) >= rows(all) || !strings.Contains(narrow.Path, "shelf=tier") {
		t.Errorf("%s: %d rows", narrow.Path, rows(narrow))
	}
	webtest.A11y(t, narrow.Doc())
	none := c.Get("/search?department=zw&shelf=ip&audience=person&fast=on")
	if !none.Has("这样筛选，没有事项") {
		t.Error(none.Text())
	}
	webtest.A11y(t, none.Doc())
	for _, odd := range []string{"/search?page=-3", "/search?page=999999", "/search?shelf=%3Cb%3E&audience=nobody&sort=x", "/search?q=" + strings.Repeat("a", 3000)} {
		if p := c.Get(odd); p.Status != http.StatusOK {
			t.Errorf("%.40s: %d", odd, p.Status)
		}
	}
	if p := c.Get("/search?q=%ff"); p.Status != http.StatusBadRequest {
		t.Errorf("not UTF-8: %d", p.Status)
	}
}

func TestVainSearchIsNotedAndHelped(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	p := look(t, c, "/search?q="+url.QueryEscape("zzqqxxvv"), "没有找到符合的事项", "No service matches")
	if webtest.Find(p.Doc(), "a", "href", "/shelves") == nil || !p.Has("0543-8100100") || rows(p) == 0 {
		t.Error("no next step")
	}
	misses, err := a.Catalogue.Misses(t.Context(), a.Actor(t, "catalogue-admin"), 10)
	if err != nil || len(misses) != 1 || misses[0].Query != "zzqqxxvv" {
		t.Errorf("%v %v", misses, err)
	}
	if p := a.As(t, "catalogue-admin").Get("/admin/catalogue/words"); !p.Has("zzqqxxvv") {
		t.Error("who keeps the words does not see it")
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	c := apptest.New(t).As(t, "")
	p := c.Do(http.MethodGet, "/search/suggest?q=gaoxin", nil, http.Header{"Hx-Request": {"true"}})
	if p.Status != http.StatusOK || !strings.HasPrefix(p.Body, `<ul class="tb-suggest">`) || !strings.Contains(p.Body, "高新技术企业") {
		t.Errorf("%d %.200s", p.Status, p.Body)
	}
	if p := c.Do(http.MethodGet, "/search/suggest?q=", nil, http.Header{"Hx-Request": {"true"}}); p.Body != "" {
		t.Errorf("nothing typed: %q", p.Body)
	}
	if p := c.Get("/search/suggest?q=gaoxin"); p.Path != "/search?q=gaoxin" {
		t.Error(p.Path)
	}
}

func TestShelvesAndDepartments(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	p := look(t, c, "/shelves", "创新券与仪器共享", "Technology transfer")
	if n := len(webtest.FindAll(p.Doc(), "li", "class", "tb-card")); n != 13 {
		t.Errorf("%d shelves", n)
	}
	for _, s := range a.Catalogue.Shelves() {
		if p := look(t, c, "/shelves/"+s.Key, s.Name.ZH, s.Name.EN); rows(p) == 0 {
			t.Errorf("shelf %s is empty", s.Key)
		}
	}
	look(t, c, "/departments/kj", "0543-8112323", "Services of this department")
	for _, path := range []string{"/shelves/nowhere", "/departments/nowhere", "/items/XX-9999", "/items/XX-9999/print"} {
		if p := c.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

func TestGuideForAVisitor(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	p := look(t, c, "/items/KJ-0001", "法定 20 个工作日", "By law: 20 working days")
	for _, want := range []string{"8 个工作日", "不收费", "动物房平面布局图", "“场所来源”为“自有”时需要", "联合审查与现场核查", "0543-8112391", "登录后在线办理"} {
		if !p.Has(want) {
			t.Errorf("the guide lacks %q", want)
		}
	}
	if webtest.Find(p.Doc(), "form", "action", "/my/start") != nil || webtest.Find(p.Doc(), "a", "href", "/sign-in?next=%2Fitems%2FKJ-0001") == nil {
		t.Error("a visitor has to sign in first")
	}
	look(t, c, "/items/KJ-0001/print", "事项编码 KJ-0001", "service code KJ-0001")
}

// TestEveryGuide opens all guides: data of any item must not break the page.
func TestEveryGuide(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "applicant")
	for _, it := range a.Catalogue.Popular(1000) {
		p := c.Get("/items/" + it.Code)
		if p.Status != http.StatusOK || !p.Has(it.Name.ZH) || strings.Contains(p.Body, ">catalogue.") {
			t.Errorf("%s: %d", it.Code, p.Status)
		}
		webtest.A11y(t, p.Doc())
	}
}

func TestGuideForAnApplicant(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "applicant")
	p := c.Get("/items/KJ-0001") // for firms only, and there is one
	action, values := webtest.Form(p.Doc(), "/my/start")
	who := a.Actor(t, "applicant")
	if action == "" || values.Get("item") != "KJ-0001" || values.Get("party") != who.Firms[0] {
		t.Errorf("%s %v", action, values)
	}
	if n := len(webtest.FindAll(p.Doc(), "li", "class", "tb-material-ok")); n < 1 || !p.Has("平台上已有（渤海智联传感科技有限公司），不用交") {
		t.Errorf("%d materials are ticked", n)
	}
	// For both kinds: the reader chooses for whom.
	p = c.Get("/items/JC-0001")
	if n := len(webtest.FindAll(p.Doc(), "input", "name", "party")); n != 2 {
		t.Errorf("%d parties", n)
	}
	// Somebody without a firm cannot ask for what is for firms.
	if p := a.As(t, "citizen").Get("/items/KJ-0001"); !p.Has("这件事由企业来办") || webtest.Find(p.Doc(), "form", "action", "/my/start") != nil {
		t.Error("a citizen can ask for a firm's service")
	}
	if p := a.As(t, "clerk").Get("/items/KJ-0001"); !p.Has("工作账号") {
		t.Error("staff can ask")
	}
}

func TestFavourites(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "applicant")
	look(t, c, "/my/favourites", "还没有收藏的事项", "Nothing saved yet")
	p := c.Submit(c.Get("/items/KJ-0001"), "/favour", nil)
	if p.Path != "/items/KJ-0001" || !p.Has("取消收藏") {
		t.Errorf("%s", p.Path)
	}
	if p := look(t, c, "/my/favourites", "实验动物使用许可", "laboratory animals"); rows(p) != 1 {
		t.Errorf("%d favourites", rows(p))
	}
	if p := a.As(t, "citizen").Get("/my/favourites"); rows(p) != 0 {
		t.Error("somebody else's favourites")
	}
	c.Submit(c.Get("/items/KJ-0001"), "/unfavour", nil)
	if p := c.Get("/my/favourites"); rows(p) != 0 {
		t.Error("still there")
	}
	visitor := a.As(t, "")
	visitor.Follow = false
	if p := visitor.Post("/items/KJ-0001/favour", nil); p.Status != http.StatusUnauthorized {
		t.Errorf("a visitor: %d", p.Status)
	}
	if p := c.Post("/items/XX-9999/favour", nil); p.Status != http.StatusNotFound {
		t.Errorf("no such item: %d", p.Status)
	}
}
