package shell_test

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
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
		if p.Status != http.StatusOK || p.Path != path {
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

func TestPagesForEverybody(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	visitor := a.As(t, "")
	home := look(t, visitor, "/", "想办什么？", "What do you want to do?")
	if n := len(webtest.FindAll(home.Doc(), "a", "class", "tb-tile")); n != 14 {
		t.Errorf("%d tiles", n)
	}
	if home.Has("我在办的") || home.Has("等您处理") {
		t.Error("a visitor has no cases")
	}
	look(t, visitor, "/halls", "科创区政务服务中心", "Zone Government Service Centre")
	look(t, visitor, "/help", "0543-8100100", "The text is too small.")
	look(t, visitor, "/progress", "演示数据已经准备好", "The demonstration is ready")
	if p := visitor.Get("/robots.txt"); !strings.Contains(p.Body, "Disallow: /work") || !strings.Contains(p.Body, "Sitemap: ") {
		t.Error(p.Body)
	}
	visitor.Follow = false
	if p := visitor.Get("/favicon.ico"); p.Status != http.StatusFound || !strings.HasSuffix(p.Location(), "/favicon.svg") {
		t.Errorf("%d %s", p.Status, p.Location())
	}
	if p := visitor.Get("/my/feed"); p.Location() != "/sign-in?next=%2Fmy%2Ffeed" {
		t.Errorf("%d %s", p.Status, p.Location())
	}
	if p := visitor.Get("/no/such/page"); p.Status != http.StatusNotFound || !p.Has("没有找到这一页") {
		t.Errorf("%d", p.Status)
	} else {
		webtest.A11y(t, p.Doc())
	}
}

func TestEventsLeadToTheGuide(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	links := webtest.FindAll(c.Get("/").Doc(), "a", "class", "tb-event-link")
	if want := min(len(a.Catalogue.Snapshot().LifeEvents()), 8) + 2; len(links) != want {
		t.Errorf("%d links, want %d", len(links), want)
	}
	for _, link := range links {
		href := webtest.Attr(link, "href")
		if p := c.Get(href); p.Status != http.StatusOK || !strings.HasPrefix(p.Path, "/guide") && href != "/themes" {
			t.Errorf("%s: %d at %s", webtest.Text(link), p.Status, p.Path)
		}
	}
}

func TestHomeOfAnApplicant(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	asked, accepted, _ := seedCases(t, a)
	c := a.As(t, "applicant")
	p := look(t, c, "/", "等您处理", "Waiting for you")
	for _, want := range []string{"/my/cases/" + string(asked.ID), "/my/cases/" + string(accepted.ID)} {
		if webtest.Find(p.Doc(), "a", "href", want) == nil {
			t.Errorf("no link to %s", want)
		}
	}
	if !p.Has("还剩 10 个工作日") || !p.Has("5 条新消息") || !p.Has("我的办件 1") {
		t.Error(p.Text())
	}
	feed := look(t, c, "/my/feed", "全部标为已读", "Mark all as read")
	if n := len(webtest.FindAll(feed.Doc(), "span", "class", "tb-new")); n != 5 {
		t.Errorf("%d new messages", n)
	}
	// What was opened is read; nobody opens what was told to others.
	message := webtest.Attr(webtest.Find(feed.Doc(), "a", "class", "tb-row"), "href")
	if q := a.As(t, "citizen").Get(message); q.Status != http.StatusNotFound {
		t.Errorf("%s for somebody else: %d", message, q.Status)
	}
	if q := c.Get(message); !strings.HasPrefix(q.Path+q.Location(), "/my/cases/") {
		t.Errorf("%s leads to %s %s", message, q.Path, q.Location())
	}
	if feed = c.Get("/my/feed"); len(webtest.FindAll(feed.Doc(), "span", "class", "tb-new")) != 4 {
		t.Error("an opened message is still new")
	}
	after := c.Submit(feed, "/my/feed/read", nil)
	if after.Path != "/my/feed" || after.Has("全部标为已读") || webtest.Find(after.Doc(), "span", "class", "tb-new") != nil {
		t.Error("messages are still new")
	}
	// Somebody else sees nothing of it.
	if other := a.As(t, "citizen"); other.Get("/").Has("等您处理") || !other.Get("/my/feed").Has("还没有消息") {
		t.Error("a stranger sees the cases of others")
	}
}

func TestWorkbench(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	_, _, waiting := seedCases(t, a)
	clerk := a.As(t, "clerk")
	if p := clerk.Get("/"); p.Path != "/work" {
		t.Errorf("staff land at %s", p.Path)
	}
	p := look(t, clerk, "/work", "来办事的是谁？", "Who is at the window?")
	if !p.Has("待受理 1") {
		t.Error(p.Text())
	}
	// The count follows what the clerk does.
	if _, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: waiting.ID, Version: waiting.Version}); err != nil {
		t.Fatal(err)
	}
	if clerk.Get("/work").Has("待受理 1") {
		t.Error("the count is old")
	}
	for login, want := range map[string][2]string{
		"handler-kj": {"我的任务", "My tasks"}, "leader": {"运行情况", "Performance"}, "head-kj": {"运行情况", "Performance"}, "commissioner": {"我的企业", "My firms"},
		"catalogue-admin": {"办事指南", "Guides"}, "system-admin": {"接口账号", "API clients"}, "audit-admin": {"审计", "Audit"}, "security-admin": {"审计", "Audit"},
	} {
		look(t, a.As(t, login), "/work", want[0], want[1])
	}
	for login, want := range map[string]int{"clerk": http.StatusForbidden, "applicant": http.StatusForbidden, "catalogue-admin": http.StatusOK, "audit-admin": http.StatusOK} {
		if p := a.As(t, login).Get("/admin"); p.Status != want {
			t.Errorf("/admin for %s: %d", login, p.Status)
		} else {
			webtest.A11y(t, p.Doc())
		}
	}
	look(t, a.As(t, "system-admin"), "/admin", "分派岗位", "give posts")
	look(t, a.As(t, "clerk"), "/my/feed", "还没有消息", "No messages yet")
	if p := a.As(t, "applicant").Get("/work"); p.Status != http.StatusForbidden {
		t.Errorf("an applicant in the workbench: %d", p.Status)
	}
}

func TestUrgentCasesStandOnTheWorkbench(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	_, accepted, _ := seedCases(t, a)
	a.Clock.Set(accepted.DueAt.AddDate(0, 0, 1))
	p := look(t, a.As(t, "clerk"), "/work", accepted.Number, accepted.Number)
	if !p.Has("超期 1 个工作日") && !p.Has("已超期") {
		t.Error(p.Text())
	}
	if webtest.Find(p.Doc(), "a", "href", "/work/cases/"+string(accepted.ID)) == nil {
		t.Error("no link to the case")
	}
}

func TestAppearance(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "applicant")
	root := func(p *webtest.Page) string {
		h := webtest.Find(p.Doc(), "html", "", "")
		return webtest.Attr(h, "lang") + "|" + webtest.Attr(h, "data-bs-theme") + "|" + webtest.Attr(h, "data-elder") + "|" + webtest.Attr(h, "data-text")
	}
	set := func(kv ...string) *webtest.Page {
		v := url.Values{"back": {"/halls"}}
		v.Set(kv[0], kv[1])
		return c.Post("/settings/appearance", v)
	}
	if got := root(c.Get("/halls")); got != "zh-CN|||" {
		t.Error(got)
	}
	set("theme", "dark")
	set("elder", "on")
	set("text", "large")
	p := set("locale", "en")
	if got := root(p); got != "en|dark|on|large" || p.Path != "/halls" {
		t.Errorf("%s at %s", got, p.Path)
	}
	webtest.A11y(t, p.Doc())
	if acc, err := a.Identity.AccountByLogin(t.Context(), "applicant"); err != nil || acc.Locale != i18n.English {
		t.Errorf("%v %v", acc.Locale, err)
	}
	set("theme", "light")
	set("elder", "off")
	set("text", "normal")
	if got := root(set("locale", "zh-CN")); got != "zh-CN|||" {
		t.Error(got)
	}
	c.Follow = false
	if p := c.Post("/settings/appearance", url.Values{"back": {"https://elsewhere.example/"}, "theme": {"dark"}}); p.Location() != "/" {
		t.Errorf("sends people to %s", p.Location())
	}
}

func TestQR(t *testing.T) {
	t.Parallel()
	c := apptest.New(t).As(t, "")
	p := c.Get("/qr?path=" + url.QueryEscape("/items/KJ-0001?a=1"))
	if _, err := png.Decode(bytes.NewReader([]byte(p.Body))); err != nil || p.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%d %s: %v", p.Status, p.Header.Get("Content-Type"), err)
	}
	for _, bad := range []string{"", "https://elsewhere.example", "//elsewhere.example", "/" + strings.Repeat("a", 600)} {
		if p := c.Get("/qr?path=" + url.QueryEscape(bad)); p.Status != http.StatusNotFound {
			t.Errorf("%.30q: %d", bad, p.Status)
		}
	}
}

func TestProgressOfFilling(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	p := a.As(t, "").Do(http.MethodGet, "/progress", nil, http.Header{"Hx-Request": {"true"}})
	if p.Status != 286 || strings.Contains(p.Body, "<html") {
		t.Errorf("%d %s", p.Status, p.Body)
	}
}

func TestStaffFindRatingsAndFirms(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for login, want := range map[string]map[string]bool{
		"clerk":        {"/work/ratings": true, "/care/firms": false, "/lead": false},
		"leader":       {"/work/ratings": true, "/care/firms": true, "/lead": true},
		"commissioner": {"/work/ratings": false, "/care/firms": true, "/lead": false},
	} {
		doc := a.As(t, login).Get("/work").Doc()
		for href, there := range want {
			if got := webtest.Find(doc, "a", "href", href) != nil; got != there {
				t.Errorf("%s: link to %s is %v", login, href, got)
			}
		}
	}
}

func TestStaffSeeThePortalWithItsOwnNavigation(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	p := a.As(t, "clerk").Get("/shelves")
	if webtest.Find(p.Doc(), "a", "href", "/halls") == nil || webtest.Find(p.Doc(), "a", "href", "/work/lists/to_accept") != nil {
		t.Error("the portal shows the navigation of the workbench")
	}
	if e := a.As(t, "clerk").Get("/no/such"); webtest.Find(e.Doc(), "a", "href", "/work/lists/to_accept") == nil {
		t.Error("an error page of staff is not in the workbench")
	}
}
