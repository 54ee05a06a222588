package catalogueweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

const item = "/admin/items/KJ-0001"

func TestKeepersOnly(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, login := range []string{"clerk", "applicant", "system-admin"} {
		c := a.As(t, login)
		for _, path := range []string{"/admin/items", "/admin/items/new", item, item + "/edit"} {
			if p := c.Get(path); p.Status != http.StatusForbidden {
				t.Errorf("%s at %s: %d", login, path, p.Status)
			}
		}
		for _, path := range []string{"/admin/items/new", item + "/edit", item + "/publish", item + "/suspend", item + "/resume"} {
			if p := c.Post(path, url.Values{"version": {"1"}}); p.Status != http.StatusForbidden {
				t.Errorf("%s posts to %s: %d", login, path, p.Status)
			}
		}
	}
}

func TestListOfItems(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	p := look(t, c, "/admin/items", "事项管理", "Services")
	if n := len(webtest.FindAll(p.Doc(), "tr", "data-row", "")); n != 50 {
		t.Errorf("%d rows", n)
	}
	p = c.Submit(p, "/admin/items", url.Values{"q": {"实验动物"}, "state": {"published"}})
	if !p.Has("KJ-0001") || p.Has("SC-0001") {
		t.Error(p.Text())
	}
	if p := c.Get("/admin/items?state=with_draft"); !p.Has("没有这样的事项") {
		t.Error("there is no draft yet")
	} else {
		webtest.A11y(t, p.Doc())
	}
	if p := c.Get("/admin/items?shelf=ip&page=99"); p.Status != http.StatusOK || !p.Has("专利") {
		t.Errorf("%d", p.Status)
	}
	for _, it := range a.Catalogue.Popular(1000) {
		p := c.Get("/admin/items/" + it.Code)
		if p.Status != http.StatusOK || strings.Contains(p.Body, ">catalogue.") {
			t.Errorf("%s: %d", it.Code, p.Status)
		}
	}
	if p := c.Get("/admin/items/XX-9999"); p.Status != http.StatusNotFound {
		t.Errorf("no such item: %d", p.Status)
	}
}

// TestFromDraftToPublished is the way of a change: one edits, another publishes.
func TestFromDraftToPublished(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	look(t, one, item, "版本记录", "History")
	edit := look(t, one, item+"/edit", "这里从已发布的内容开始改", "You start from the published version")

	// Rejected: what was typed stays.
	p := one.Post(item+"/edit", change(edit, url.Values{"name_en": {""}, "promised_n": {"soon"}, "name_zh": {"实验动物许可(新)"}}))
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "实验动物许可(新)") || !strings.Contains(p.Body, `value="soon"`) {
		t.Errorf("%d", p.Status)
	}
	webtest.A11y(t, p.Doc())

	p = one.Post(item+"/edit", change(edit, url.Values{"name_zh": {"实验动物许可(新)"}, "promised_n": {"7"}, "keywords": {"小白鼠\n兔子、豚鼠"}, "standard_zh_facility_plan": {"盖章的平面图"}}))
	if p.Path != item+"?done=saved" || !p.Has("草稿已保存") || !p.Has("草稿最后由您保存") || webtest.Find(p.Doc(), "form", "action", item+"/publish") != nil {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	webtest.A11y(t, p.Doc())
	if p := one.Get("/items/KJ-0001"); p.Has("实验动物许可(新)") {
		t.Error("applicants see the draft")
	}

	// The same person may not publish, whatever he sends.
	p = one.Post(item+"/publish", url.Values{"version": {"1"}})
	if p.Status != http.StatusForbidden || !p.Has("请由另一位事项管理员复核后发布") {
		t.Errorf("%d", p.Status)
	}
	webtest.A11y(t, p.Doc())

	p = other.Submit(other.Get(item), "/publish", nil)
	if p.Path != item+"?done=published" || !p.Has("已发布") {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	guide := one.Get("/items/KJ-0001")
	if !guide.Has("实验动物许可(新)") || !guide.Has("7 个工作日") || !guide.Has("盖章的平面图") || !one.Get("/search?q="+url.QueryEscape("豚鼠")).Has("实验动物许可(新)") {
		t.Error("applicants do not see what was published")
	}
	// What the form does not show has stayed.
	if it, err := a.Catalogue.Item("KJ-0001"); err != nil || len(it.Form.Sections) == 0 || len(it.Flow.Stages) != 2 || it.Materials[0].Standard.ZH == "" {
		t.Errorf("%v %v", it, err)
	}
	// Publishing twice, and an old form, are refused with words.
	if p := other.Post(item+"/publish", url.Values{"version": {"1"}}); p.Status != http.StatusConflict || !p.Has("没有草稿") {
		t.Errorf("%d", p.Status)
	}
}

// change is the form of the guide with changes.
func change(p *webtest.Page, v url.Values) url.Values {
	out := url.Values{}
	for _, f := range webtest.FindAll(p.Doc(), "form", "method", "post") {
		values := webtest.Values(f)
		if values.Get("part") == "guide" {
			out = values
		}
	}
	for k, vs := range v {
		out[k] = vs
	}
	return out
}

func TestStaleDraft(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	mine, yours := change(one.Get(item+"/edit"), url.Values{"name_zh": {"甲"}}), change(other.Get(item+"/edit"), url.Values{"name_zh": {"乙的名称"}})
	if p := one.Post(item+"/edit", mine); p.Path != item+"?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	if p := other.Post(item+"/edit", yours); p.Status != http.StatusPreconditionFailed || !strings.Contains(p.Body, "乙的名称") {
		t.Errorf("%d: what was typed is lost", p.Status)
	}
}

func TestEverythingAsYAML(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	edit := c.Get(item + "/edit")
	_, values := all(edit)
	text := values.Get("yaml")
	if !strings.Contains(text, "code: KJ-0001") || !strings.Contains(text, "stages:") || strings.Contains(text, `""`) || strings.Contains(text, "null") {
		t.Errorf("%.300s", text)
	}
	// Saved as it is, nothing is lost.
	before, err := a.Catalogue.Lines(t.Context(), a.Actor(t, "catalogue-admin"))
	if err != nil {
		t.Fatal(err)
	}
	p := c.Post(item+"/edit", values)
	if p.Path != item+"?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	after, err := a.Catalogue.Lines(t.Context(), a.Actor(t, "catalogue-admin"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range after {
		if after[i].Code == "KJ-0001" && (!after[i].HasDraft || len(after[i].Definition.Materials) != len(before[i].Definition.Materials) || after[i].Definition.Trips != before[i].Definition.Trips) {
			t.Errorf("%+v", after[i])
		}
	}
	for what, tt := range map[string]struct{ from, to, want string }{
		"a field nobody knows": {"code: KJ-0001", "code: KJ-0001\ncolour: red", "没有叫“colour”的字段"},
		"a wrong kind":         {"trips: 0", "trips: often", "“often”不是这里要填的类型"},
		"a slip":               {"code: KJ-0001", "code: [KJ-0001", "写法不对"},
		"another code":         {"code: KJ-0001", "code: KJ-0009", "编码必须还是 KJ-0001"},
		"nothing":              {text, "", "内容是空的"},
	} {
		_, values := all(c.Get(item + "/edit"))
		values.Set("yaml", strings.Replace(text, tt.from, tt.to, 1))
		p := c.Post(item+"/edit", values)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(tt.want) {
			t.Errorf("%s: %d", what, p.Status)
		}
		webtest.A11y(t, p.Doc())
		if tt.to != "" && !strings.Contains(p.Body, "KJ-000") {
			t.Errorf("%s: the text is lost", what)
		}
	}
}

// all is the form of everything.
func all(p *webtest.Page) (action string, values url.Values) {
	for _, f := range webtest.FindAll(p.Doc(), "form", "method", "post") {
		if v := webtest.Values(f); v.Get("part") == "all" {
			return webtest.Attr(f, "action"), v
		}
	}
	return "", nil
}

func TestNewItem(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	page := look(t, c, "/admin/items/new", "新建事项", "New service")
	_, values := all(page)
	values.Set("yaml", strings.Replace(values.Get("yaml"), "XX-0001", "ZW-0901", 1))
	p := c.Post("/admin/items/new", values)
	if p.Path != "/admin/items/ZW-0901?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	p = other.Submit(other.Get("/admin/items/ZW-0901"), "/publish", nil)
	if p.Path != "/admin/items/ZW-0901?done=published" || other.Get("/items/ZW-0901").Status != http.StatusOK {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	bad := url.Values{"part": {"all"}, "yaml": {"code: \"a b\"\nname: {zh: 新}"}}
	if p := c.Post("/admin/items/new", bad); p.Status != http.StatusUnprocessableEntity || !p.Has("事项编码只能用") {
		t.Errorf("%d", p.Status)
	}
}

// TestFaultsStopPublishing: a draft may be incomplete, what applicants see not.
func TestFaultsStopPublishing(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	if p := c.Post(item+"/edit", change(c.Get(item+"/edit"), url.Values{"promised_n": {"200"}})); p.Path != item+"?done=saved" {
		t.Fatalf("%d", p.Status)
	}
	p := other.Get(item)
	if !p.Has("承诺时限不能比法定时限长") {
		t.Error("the fault is not shown")
	}
	webtest.A11y(t, p.Doc())
	if p = other.Submit(p, "/publish", nil); p.Status != http.StatusUnprocessableEntity || !p.Has("没有执行") {
		t.Errorf("%d", p.Status)
	}
	webtest.A11y(t, p.Doc())
}

func TestSuspendAndResume(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	p := c.Submit(c.Get(item), "/suspend", url.Values{"reason": {"  "}})
	if p.Status != http.StatusUnprocessableEntity || !p.Has("请填写这一项") {
		t.Errorf("%d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	p = c.Submit(c.Get(item), "/suspend", url.Values{"reason": {"上级政策调整"}})
	if p.Path != item+"?done=suspended" || !p.Has("已暂停") {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	webtest.A11y(t, p.Doc())
	if p := c.Get("/items/KJ-0001"); p.Status != http.StatusConflict || !p.Has("暂停办理") {
		t.Errorf("the guide: %d", p.Status)
	}
	if p := c.Get("/admin/items?state=suspended"); !p.Has("KJ-0001") {
		t.Error("the list does not find it")
	}
	if p := c.Post(item+"/suspend", url.Values{"version": {"1"}, "reason": {"再次"}}); p.Status != http.StatusPreconditionFailed {
		t.Errorf("an old page: %d", p.Status)
	}
	p = c.Submit(c.Get(item), "/resume", nil)
	if p.Path != item+"?done=resumed" || c.Get("/items/KJ-0001").Status != http.StatusOK {
		t.Errorf("%d %s", p.Status, p.Path)
	}
}

// TestExportOfWhatIsFiltered sends the items that the list shows, and no other.
func TestExportOfWhatIsFiltered(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	list := c.Get("/admin/items?q=" + url.QueryEscape("实验动物"))
	var link string
	for _, l := range webtest.FindAll(list.Doc(), "a", "", "") {
		if h := webtest.Attr(l, "href"); strings.HasPrefix(h, "/admin/items/export") && strings.HasSuffix(h, "=csv") {
			link = h
		}
	}
	p := c.Get(link)
	rows := strings.Count(p.Body, "\n")
	if p.Status != http.StatusOK || !strings.Contains(p.Body, "KJ-0001") || strings.Contains(p.Body, "SC-0001") || rows < 2 || rows > 40 {
		t.Errorf("%s: %d, %d rows", link, p.Status, rows)
	}
	if p.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(p.Header.Get("Content-Disposition"), "items-2026-03-02.csv") {
		t.Errorf("%v", p.Header)
	}
	if p := c.Get("/admin/items/export?format=xlsx"); !strings.HasPrefix(p.Body, "PK") {
		t.Errorf("%d %.20q", p.Status, p.Body)
	}
}
