package catalogueweb_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestReportPage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	p := look(t, c, "/admin/catalogue/report", "体检报告", "Health report")
	if !p.Has("688") || !p.Has("各部门把时限压到多少") {
		t.Error(p.Text())
	}
	// Each finding leads to the items that it is about.
	link := webtest.Find(p.Doc(), "a", "href", "/admin/items?finding=sample&state=with_findings")
	if link == nil {
		t.Fatal("a finding leads nowhere")
	}
	list := c.Get(webtest.Attr(link, "href"))
	webtest.A11y(t, list.Doc())
	if !list.Has("没有办理结果的样本") || webtest.Find(list.Doc(), "tr", "data-row", "") == nil {
		t.Error(list.Text())
	}
	one := look(t, c, "/admin/catalogue/report?department=kj", "科技创新局", "Science and Technology")
	if one.Has("688") || webtest.Find(one.Doc(), "a", "href", "/admin/items?department=kj&finding=sample&state=with_findings") == nil {
		t.Error("the report of one department is that of all")
	}
	if p := a.As(t, "leader").Get("/admin/catalogue/report"); p.Status != http.StatusForbidden {
		t.Errorf("%d", p.Status)
	}
}

func TestWordsPage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	const words = "/admin/catalogue/words"
	a.As(t, "").Get("/search?q=" + url.QueryEscape("zzqqxxvv"))
	p := look(t, c, words+"?try="+url.QueryEscape("开公司"), "试一试搜索", "Try a search")
	if !p.Has("SC-0001") {
		t.Error(p.Text())
	}
	p = c.Post(words, url.Values{"words": {"只有一个"}})
	if p.Status != http.StatusUnprocessableEntity || !p.Has("至少写两个不同的说法") || !strings.Contains(p.Body, "只有一个") {
		t.Errorf("%d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	if p = c.Post(words, url.Values{"words": {"zzqqxxvv\n实验动物使用许可"}}); p.Path != words+"?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p = c.Get(words + "?try=" + url.QueryEscape("zzqqxxvv")); !p.Has("KJ-0001") {
		t.Errorf("the synonym does not lead there: %s", p.Text())
	}
	edit := webtest.Find(p.Doc(), "a", "class", "btn btn-sm")
	for _, x := range webtest.FindAll(p.Doc(), "a", "", "") {
		if strings.Contains(webtest.Attr(x, "href"), "?edit=") {
			edit = x
		}
	}
	p = c.Get(webtest.Attr(edit, "href"))
	webtest.A11y(t, p.Doc())
	for _, f := range webtest.FindAll(p.Doc(), "form", "action", words) {
		if v := webtest.Values(f); v.Get("id") != "" {
			v.Set("words", v.Get("words")+"\n哈基米")
			p = c.Post(words, v)
		}
	}
	if p.Path != words+"?done=saved" || !p.Has("zzqqxxvv＝实验动物使用许可＝哈基米") {
		t.Errorf("%s %s", p.Path, p.Text())
	}
	webtest.A11y(t, p.Doc())

	for _, tt := range []struct{ code, keyword, want string }{
		{"XX-1", "词", "没有找到这个事项"}, {"KJ-0001", "", "请填写"}, {"KJ-0001", "！", "写法不符合要求"},
	} {
		p = c.Post(words+"/keyword", url.Values{"code": {tt.code}, "keyword": {tt.keyword}})
		if p.Status != http.StatusUnprocessableEntity || !p.Has(tt.want) {
			t.Errorf("%v: %d %s", tt, p.Status, p.Text())
		}
		webtest.A11y(t, p.Doc())
	}
	if p = c.Post(words+"/keyword", url.Values{"code": {"KJ-0001"}, "keyword": {"小鼠证"}}); !p.Has("已加到事项的草稿里") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := c.Get(item + "/review"); !p.Has("小鼠证") {
		t.Error("the draft does not have it")
	}
	p = c.Submit(c.Get(words), "/words/done", nil)
	if !p.Has("最近没有搜不到的说法") {
		t.Errorf("%s", p.Text())
	}
	if p = c.Submit(c.Get(words), "/words/remove", nil); p.Path != words+"?done=removed" || p.Has("zzqqxxvv＝") {
		t.Errorf("%s", p.Path)
	}
}

func TestLifeEventPages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	const events = "/admin/catalogue/life-events"
	look(t, c, events, "智能导办", "Life events")
	first := a.Catalogue.Snapshot().LifeEvents()[0]
	key := events + "/" + first.Key

	// Saved as it is, and with a change that applicants see at once.
	page := look(t, c, key, "修改：", "")
	if p := press(t, c, page, "save", nil); p.Path != key+"?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	p := press(t, c, c.Get(key), "save", url.Values{"name.zh": {"我要养小鼠"}})
	if p.Path != key+"?done=saved" || !a.As(t, "").Get("/guide").Has("我要养小鼠") {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	webtest.A11y(t, p.Doc())
	if p = press(t, c, page, "save", url.Values{"name.zh": {"旧的一页"}}); p.Status != http.StatusPreconditionFailed || !strings.Contains(p.Body, "旧的一页") {
		t.Errorf("an old page: %d", p.Status)
	}
	webtest.A11y(t, p.Doc())

	// Bad conditions and items are told beside their inputs; nothing is lost.
	p = press(t, c, c.Get(key), "save", url.Values{"items.0.when": {"answers.nobody == 'x'"}, "items.0.when:pick": {"own"}, "items.1.item": {"XX-1"}, "questions.0.type": {"date"}})
	if p.Status != http.StatusUnprocessableEntity || !p.Has("表单里没有的字段“nobody”") || !p.Has("“XX-1”不是可以选用的值") || !strings.Contains(p.Body, `value="XX-1"`) {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())

	// Rows, a look, and a search for items.
	if p = press(t, c, c.Get(key), "look", url.Values{"name.zh": {"只是看看"}}); p.Status != http.StatusOK || !p.Has("现在的样子") || a.As(t, "").Get("/guide").Has("只是看看") {
		t.Errorf("%d", p.Status)
	}
	p = press(t, c, c.Get(key), "find", url.Values{"find": {"实验动物"}})
	put := ""
	for _, b := range webtest.FindAll(p.Doc(), "button", "", "") {
		if v := webtest.Attr(b, "value"); strings.HasPrefix(v, "put|items|item|") {
			put = v
		}
	}
	if put == "" {
		t.Fatal("nothing to add")
	}
	p = press(t, c, p, put, nil)
	if p = press(t, c, p, "save", nil); p.Path != key+"?done=saved" || !p.Has(strings.TrimPrefix(put, "put|items|item|")) {
		t.Errorf("%d %s", p.Status, p.Text())
	}

	// YAML, with its faults.
	_, values := partOf(t, look(t, c, key+"/yaml", "保存并生效", "Save and show"))
	text := values.Get("yaml")
	for what, want := range map[string]string{text + "\ncolour: red\n": "没有叫“colour”的字段", strings.Replace(text, "key: "+first.Key, "key: other", 1): "编码必须还是", strings.Replace(text, "item: ", "item: XX", 1): "不是可以选用的值"} {
		values.Set("yaml", what)
		if p := c.Post(key+"/yaml", values); p.Status != http.StatusUnprocessableEntity || !p.Has(want) {
			t.Errorf("%s: %d %s", want, p.Status, p.Text())
		}
	}
	values.Set("yaml", text)
	if p := c.Post(key+"/yaml", values); p.Path != key+"?done=saved" {
		t.Errorf("%d", p.Status)
	}

	// Back to the first version; order; off and on again; a new one.
	p = c.Submit(c.Get(key), "/restore", url.Values{"number": {"1"}})
	if e, _ := a.Catalogue.Snapshot().LifeEvent(first.Key); p.Path != key+"?done=saved" || e.Name.ZH != first.Name.ZH {
		t.Errorf("%s %s", p.Path, e.Name.ZH)
	}
	c.Post(key+"/move", url.Values{"to": {"down"}})
	if got := a.Catalogue.Snapshot().LifeEvents()[1].Key; got != first.Key {
		t.Errorf("the second is %s", got)
	}
	p = c.Submit(c.Get(events), "/"+first.Key+"/remove", nil)
	if p.Path != events+"?done=removed" || !p.Has("撤下的导办") {
		t.Errorf("%s", p.Path)
	}
	webtest.A11y(t, p.Doc())
	if p = c.Submit(p, "/"+first.Key+"/restore", nil); p.Path != key+"?done=saved" {
		t.Errorf("%s", p.Path)
	}
	page = look(t, c, events+"/new", "添加导办", "Add a life event")
	if p = press(t, c, page, "save", url.Values{"key": {first.Key}, "name.zh": {"又一个"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d", p.Status)
	}
	p = press(t, c, page, "put|items|item|KJ-0001", url.Values{"key": {"mice"}, "name.zh": {"养小鼠"}, "name.en": {"Keeping mice"}, "audience": {"enterprise"}})
	if p = press(t, c, p, "save", nil); p.Path != events+"/mice?done=saved" {
		t.Errorf("%d %s", p.Status, p.Text())
	}
}

func TestThemePage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	const themes = "/admin/catalogue/themes"
	page := look(t, c, themes, "主题", "Topics")
	n := len(a.Catalogue.Snapshot().Themes())
	p := press(t, c, page, "add|themes", nil)
	if p.Status != http.StatusOK {
		t.Fatalf("%d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	row := "themes." + strconv.Itoa(n) + "."
	saved := press(t, c, p, "save", url.Values{row + "name.zh": {"新主题"}, row + "name.en": {"New topic"}, row + "group": {"person"}})
	if saved.Path != themes+"?done=saved" || len(a.Catalogue.Snapshot().Themes()) != n+1 {
		t.Fatalf("%d %s", saved.Status, saved.Text())
	}
	if p = press(t, c, page, "save", url.Values{"themes.0.name.zh": {"旧页"}}); p.Status != http.StatusPreconditionFailed || !strings.Contains(p.Body, "旧页") {
		t.Errorf("an old page: %d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	p = press(t, c, c.Get(themes), "remove|themes|0", nil)
	if p = press(t, c, p, "save", nil); p.Status != http.StatusUnprocessableEntity || !p.Has("不能删除这个主题") {
		t.Errorf("one in use: %d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
}

// TestStepsOfABundle: items are found by name and put into a group.
func TestStepsOfABundle(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	const bundle = "/admin/items/YJS-0001"
	page := look(t, c, bundle+"/edit/bundle", "一件事的步骤", "Steps of the bundle")
	p := press(t, c, page, "find", url.Values{"find": {"实验动物使用许可"}})
	if p.Status != http.StatusOK || !p.Has("加到第 1 组") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
	p = press(t, c, p, "put|bundle.groups.1.items|item|KJ-0001", nil)
	if p = press(t, c, p, "save", nil); p.Path != bundle+"/edit/bundle?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	review := other.Get(bundle + "/review")
	if !review.Has("KJ-0001 实验动物使用许可") || !review.Has("新增") {
		t.Errorf("the review: %s", review.Text())
	}
	if p = press(t, c, c.Get(bundle+"/edit/bundle"), "save", url.Values{"bundle.groups.0.items.0.item": {"XX-1"}}); !p.Has("“XX-1”不是可以选用的值") {
		t.Errorf("an item that is not there: %d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
	for _, path := range []string{"/preview", "/preview/form", "/edit/time"} {
		if p := c.Get(bundle + path); p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}
