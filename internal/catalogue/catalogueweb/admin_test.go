package catalogueweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

const item = "/admin/items/KJ-0001"

func TestKeepersOnly(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, login := range []string{"clerk", "applicant", "system-admin"} { // every other page: TestEveryPageForEveryRole
		c := a.As(t, login)
		for _, path := range []string{"/admin/items", "/admin/items/new", item, item + "/edit"} {
			if p := c.Get(path); p.Status != http.StatusForbidden {
				t.Errorf("%s at %s: %d", login, path, p.Status)
			}
		}
		for _, path := range []string{"/admin/items/new", item + "/edit/basics", item + "/withdraw", item + "/publish", item + "/suspend", item + "/resume"} {
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

// part is the form of a part with its values.
func partOf(t *testing.T, p *webtest.Page) (action string, values url.Values) {
	t.Helper()
	for _, f := range webtest.FindAll(p.Doc(), "form", "method", "post") {
		if a := webtest.Attr(f, "action"); strings.Contains(a, "/edit/") || strings.HasSuffix(a, "/new") || strings.Contains(a, "/admin/catalogue/") {
			return a, webtest.Values(f)
		}
	}
	t.Fatalf("no form at %s (%d): %.300s", p.Path, p.Status, p.Text())
	return "", nil
}

// press sends the form of a part with changes and a button.
func press(t *testing.T, c *webtest.Client, p *webtest.Page, do string, change url.Values) *webtest.Page {
	t.Helper()
	action, values := partOf(t, p)
	for k, vs := range change {
		values[k] = vs
	}
	values.Set("do", do)
	return c.Post(action, values)
}

// TestFromDraftToPublished is the way of a change: one edits, another publishes.
func TestFromDraftToPublished(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	look(t, one, item, "版本记录", "History")
	if p := one.Get(item + "/edit"); p.Path != item+"/edit/basics" {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	basics := look(t, one, item+"/edit/basics", "这里从已发布的内容开始改", "You start from the published version")

	// Rejected: what was typed stays.
	p := press(t, one, basics, "save", url.Values{"name.en": {""}, "popularity": {"soon"}, "name.zh": {"实验动物许可(新)"}})
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "实验动物许可(新)") || !strings.Contains(p.Body, `value="soon"`) || !p.Has("常办程度：请填数字") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())

	p = press(t, one, basics, "next", url.Values{"name.zh": {"实验动物许可(新)"}, "keywords": {"小白鼠\n兔子、豚鼠"}})
	if p.Path != item+"/edit/time?done=saved" || !p.Has("已保存到草稿") {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	webtest.A11y(t, p.Doc())
	p = press(t, one, p, "save", url.Values{"promised.n": {"7"}})
	if p.Path != item+"/edit/time?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	if p := one.Get("/items/KJ-0001"); p.Has("实验动物许可(新)") {
		t.Error("applicants see the draft")
	}

	// The review says in words what changes; its author may not publish.
	p = look(t, one, item+"/review", "改了 3 处", "3 changes")
	for _, want := range []string{"名称 › 中文", "承诺时限", "7 个工作日", "豚鼠", "正在办的件"} {
		if !p.Has(want) && !one.Get(item+"/review").Has(want) {
			t.Errorf("the review does not say %s", want)
		}
	}
	if p = one.Get(item + "/review"); !p.Has("草稿最后由您保存") || webtest.Find(p.Doc(), "form", "action", item+"/publish") != nil {
		t.Error("the author is offered to publish")
	}
	p = one.Post(item+"/publish", url.Values{"version": {"2"}})
	if p.Status != http.StatusForbidden || !p.Has("请由另一位事项管理员复核后发布") {
		t.Errorf("%d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	if p = other.Post(item+"/publish", url.Values{"version": {"1"}}); p.Status != http.StatusPreconditionFailed || !p.Has("您看过之后，草稿又被改了") {
		t.Errorf("a draft that moved: %d", p.Status)
	}

	p = other.Submit(other.Get(item+"/review"), "/publish", nil)
	if p.Path != item+"?done=published" || !p.Has("已发布") {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	guide := one.Get("/items/KJ-0001")
	if !guide.Has("实验动物许可(新)") || !guide.Has("7 个工作日") || !one.Get("/search?q="+url.QueryEscape("豚鼠")).Has("实验动物许可(新)") {
		t.Error("applicants do not see what was published")
	}
	// What the forms do not show has stayed.
	if it, err := a.Catalogue.Item("KJ-0001"); err != nil || len(it.Form.Sections) == 0 || len(it.Flow.Stages) != 2 || it.Materials[0].Standard.ZH == "" {
		t.Errorf("%v %v", it, err)
	}
	if p := other.Post(item+"/publish", url.Values{"version": {"1"}}); p.Status != http.StatusConflict || !p.Has("没有草稿") {
		t.Errorf("%d", p.Status)
	}
	look(t, one, item+"/review?from=1&to=2", "第 1 版 · 已被替换", "Version 1")
	look(t, one, item+"/history", "发布第 2 版", "Version 2 published")
}

// TestEveryPart: each part of each kind of item opens in both languages and is
// saved as it is without a change.
func TestEveryPart(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	for code, parts := range map[string][]string{
		"KJ-0001": {"basics", "time", "fee", "basis", "materials", "questions", "form", "flow", "result", "yaml"},
		"JC-0001": {"offer", "form"},
	} {
		for _, part := range parts {
			p := look(t, c, "/admin/items/"+code+"/edit/"+part, "修改：", "")
			if part == "yaml" {
				continue
			}
			if p = press(t, c, p, "save", nil); p.Path != "/admin/items/"+code+"/edit/"+part+"?done=saved" {
				t.Errorf("%s %s: %d %s\n%s", code, part, p.Status, p.Path, p.Text())
			}
		}
		if p := c.Get("/admin/items/" + code + "/review"); !p.Has("两版没有不同") {
			t.Errorf("%s: %s", code, p.Text())
		}
	}
	if p := c.Get(item + "/edit/bundle"); p.Status != http.StatusNotFound {
		t.Errorf("the steps of what is no bundle: %d", p.Status)
	}
}

func TestRowsWithoutScript(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	page := c.Get(item + "/edit/materials")
	_, before := partOf(t, page)
	p := press(t, c, page, "add|materials", url.Values{"materials.0.copies": {"many"}})
	if p.Status != http.StatusOK || !strings.Contains(p.Body, `value="many"`) {
		t.Fatalf("%d: what was typed is lost", p.Status)
	}
	webtest.A11y(t, p.Doc())
	n, _ := strconv.Atoi(before.Get("materials:n"))
	row := fmt.Sprintf("materials.%d.", n)
	p = press(t, c, p, fmt.Sprintf("up|materials|%d", n), url.Values{row + "name.zh": {"新的说明"}, row + "name.en": {"New statement"}, "materials.0.copies": {"1"}})
	if p = press(t, c, p, "save", nil); p.Path != item+"/edit/materials?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	_, after := partOf(t, p)
	if at := fmt.Sprintf("materials.%d.", n-1); after.Get(at+"name.zh") != "新的说明" || after.Get(at+"key") != "new_statement" || after.Get("materials:n") != strconv.Itoa(n+1) {
		t.Errorf("%v", after)
	}
	if _, v := partOf(t, press(t, c, p, fmt.Sprintf("remove|materials|%d", n-1), nil)); v.Get("materials:n") != strconv.Itoa(n) || v.Get(row+"name.zh") != "" {
		t.Error("the row is still there")
	}
	if p := press(t, c, p, "remove|materials|900", nil); p.Status != http.StatusBadRequest {
		t.Errorf("a row that is not there: %d", p.Status)
	}
	if p := c.Get(item + "/review"); !p.Has("材料 › 新的说明") || !p.Has("新增") {
		t.Errorf("the review: %s", p.Text())
	}
}

func TestConditionsAreChecked(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	for typed, want := range map[string]string{"answers.nobody == 'x'": "条件用到了表单里没有的字段“nobody”", "answers.": "条件写得不对"} {
		p := press(t, c, c.Get(item+"/edit/materials"), "save", url.Values{"materials.0.when": {typed}, "materials.0.when:pick": {"own"}})
		if p.Status != http.StatusUnprocessableEntity || !p.Has(want) || !strings.Contains(p.Body, `href="#f-materials.0.when"`) {
			t.Errorf("%s: %d", typed, p.Status)
		}
		webtest.A11y(t, p.Doc())
	}
	page := c.Get(item + "/edit/materials")
	if !page.Has("条件里可以用的答案") {
		t.Error("the answers are not named")
	}
	options := webtest.FindAll(webtest.Find(page.Doc(), "select", "name", "materials.0.when:pick"), "option", "", "")
	if len(options) < 4 {
		t.Fatalf("%d conditions to choose", len(options))
	}
	chosen := webtest.Attr(options[1], "value")
	if p := press(t, c, page, "save", url.Values{"materials.0.when:pick": {chosen}}); p.Path != item+"/edit/materials?done=saved" {
		t.Fatalf("%d", p.Status)
	}
	if _, v := partOf(t, c.Get(item+"/edit/materials")); v.Get("materials.0.when:pick") != chosen {
		t.Errorf("%v", v.Get("materials.0.when:pick"))
	}
}

func TestBlanksAndSamples(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one, other, visitor := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2"), a.As(t, "")
	action, values := partOf(t, one.Get(item+"/edit/materials"))
	values.Set("do", "save")
	pdf := []byte("%PDF-1.4\nblank\n%%EOF\n")
	p := one.Upload(action, values, webtest.File{Field: "materials.0.blank:file", Name: "表.pdf", Content: []byte("<script>")})
	if p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a page as a blank: %d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	p = one.Upload(action, values, webtest.File{Field: "materials.0.blank:file", Name: "空白表.pdf", Content: pdf})
	if p.Path != item+"/edit/materials?done=saved" || !p.Has("空白表.pdf") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	_, values = partOf(t, p)
	id := values.Get("materials.0.blank")
	if got := one.Get(item + "/files/" + id); got.Status != http.StatusOK || got.Body != string(pdf) || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d", got.Status)
	}
	if got := visitor.Get("/items/KJ-0001/files/" + id); got.Status != http.StatusNotFound {
		t.Errorf("before publishing: %d", got.Status)
	}
	if p := other.Submit(other.Get(item+"/review"), "/publish", nil); p.Path != item+"?done=published" {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if got := visitor.Get("/items/KJ-0001/files/" + id); got.Status != http.StatusOK || got.Body != string(pdf) {
		t.Errorf("published: %d", got.Status)
	}
	if got := visitor.Get("/items/KJ-0002/files/" + id); got.Status != http.StatusNotFound {
		t.Errorf("under another item: %d", got.Status)
	}
}

func TestStaleDraft(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	mine, yours := one.Get(item+"/edit/basics"), other.Get(item+"/edit/basics")
	if p := press(t, one, mine, "save", url.Values{"name.zh": {"甲"}}); p.Path != item+"/edit/basics?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	p := press(t, other, yours, "save", url.Values{"name.zh": {"乙的名称"}})
	if p.Status != http.StatusPreconditionFailed || !strings.Contains(p.Body, "乙的名称") || !p.Has("有人在您之后保存了这个草稿") {
		t.Fatalf("%d: what was typed is lost", p.Status)
	}
	webtest.A11y(t, p.Doc())
	if p = press(t, other, p, "save", nil); p.Path != item+"/edit/basics?done=saved" || !strings.Contains(p.Body, "乙的名称") {
		t.Errorf("once more: %d %s", p.Status, p.Path)
	}
}

func TestEverythingAsYAML(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	yaml := item + "/edit/yaml"
	_, values := partOf(t, c.Get(yaml))
	text := values.Get("yaml")
	if !strings.Contains(text, "code: KJ-0001") || !strings.Contains(text, "stages:") || strings.Contains(text, `""`) || strings.Contains(text, "null") {
		t.Errorf("%.300s", text)
	}
	p := c.Post(yaml, values)
	if p.Path != item+"?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	if p := c.Get(item + "/review"); !p.Has("两版没有不同") {
		t.Error("saved as it is, something is lost")
	}
	for what, tt := range map[string]struct{ from, to, want string }{
		"a field nobody knows": {"code: KJ-0001", "code: KJ-0001\ncolour: red", "没有叫“colour”的字段"},
		"a wrong kind":         {"trips: 0", "trips: often", "“often”不是这里要填的类型"},
		"a slip":               {"code: KJ-0001", "code: [KJ-0001", "写法不对"},
		"another code":         {"code: KJ-0001", "code: KJ-0009", "编码必须还是 KJ-0001"},
		"nothing":              {text, "", "内容是空的"},
	} {
		_, values := partOf(t, c.Get(yaml))
		values.Set("yaml", strings.Replace(text, tt.from, tt.to, 1))
		p := c.Post(yaml, values)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(tt.want) {
			t.Errorf("%s: %d", what, p.Status)
		}
		webtest.A11y(t, p.Doc())
		if tt.to != "" && !strings.Contains(p.Body, "KJ-000") {
			t.Errorf("%s: the text is lost", what)
		}
	}
}

func TestNewItem(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	page := look(t, c, "/admin/items/new", "新建事项", "New service")
	p := press(t, c, page, "save", url.Values{"code": {"KJ-0001"}, "name.zh": {"又一个"}})
	if p.Status != http.StatusUnprocessableEntity || !p.Has("“KJ-0001”重复了") || !strings.Contains(p.Body, "又一个") {
		t.Errorf("a code that is taken: %d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	if p = press(t, c, page, "save", url.Values{"code": {"a b"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("事项编码") {
		t.Errorf("%d", p.Status)
	}
	p = press(t, c, page, "save", url.Values{
		"code": {"ZW-0901"}, "name.zh": {"新的公共服务"}, "name.en": {"A new public service"}, "summary.zh": {"试一试。"}, "summary.en": {"To try it."},
		"type": {"20"}, "base_code": {"372000901001"}, "department": {"zw"}, "shelf": {"start"}, "audience": {"enterprise", "person"},
	})
	if p.Path != "/admin/items/ZW-0901/edit/basics?done=saved" {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	// Not yet: the result has no name and nothing is promised.
	review := other.Get("/admin/items/ZW-0901/review")
	if !review.Has("结果和决定书") && !review.Has("结果名称") || webtest.Find(review.Doc(), "form", "action", "/admin/items/ZW-0901/publish") != nil {
		t.Errorf("%s", review.Text())
	}
	webtest.A11y(t, review.Doc())
	press(t, c, c.Get("/admin/items/ZW-0901/edit/time"), "save", url.Values{"promised.n": {"3"}, "promised.unit": {"workday"}})
	press(t, c, c.Get("/admin/items/ZW-0901/edit/result"), "save", url.Values{"result.name.zh": {"办理结果"}, "result.name.en": {"Result"}})
	for _, path := range []string{"/preview", "/preview/form"} {
		look(t, c, "/admin/items/ZW-0901"+path, "预览：这是草稿", "Preview: this is a draft")
	}
	p = other.Submit(other.Get("/admin/items/ZW-0901/review"), "/publish", nil)
	if p.Path != "/admin/items/ZW-0901?done=published" || other.Get("/items/ZW-0901").Status != http.StatusOK {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	look(t, c, "/admin/items/new?as=yaml", "新建事项", "New service")
	bad := url.Values{"part": {"all"}, "yaml": {"code: \"a b\"\nname: {zh: 新}"}}
	if p := c.Post("/admin/items/new", bad); p.Status != http.StatusUnprocessableEntity || !p.Has("事项编码只能用") {
		t.Errorf("%d", p.Status)
	}
}

func TestCodesAreExplained(t *testing.T) {
	t.Parallel()
	c := apptest.New(t).As(t, "catalogue-admin")
	for query, want := range map[string]string{
		"base_code=372000901001&type=20":                               "公共服务",
		"base_code=3720&type=20":                                       "长度不对：现在 4 位",
		"base_code=372000901001&type=01":                               "与事项类型 01 不一致",
		"impl_code=11440000006939801C2442003005000":                    "符合国家编码规则",
		"impl_code=TE440000GD030003VV2442003005000":                    "前 18 位不是有效的信用代码",
		"base_code=372000901001&department=zw&level=county&action=new": "自动生成的业务办理项编码",
		"": "填了编码，这里会逐段解释",
	} {
		if p := c.Get("/admin/items/codes?" + query); p.Status != http.StatusOK || !strings.Contains(p.Body, want) {
			t.Errorf("%s: %d %s", query, p.Status, p.Body)
		}
	}
}

// TestFaultsStopPublishing: a draft may be incomplete, what applicants see not.
func TestFaultsStopPublishing(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, other := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	if p := press(t, c, c.Get(item+"/edit/time"), "save", url.Values{"promised.n": {"200"}}); !p.Has("承诺时限不能比法定时限长") {
		t.Fatalf("%d", p.Status)
	}
	p := other.Get(item + "/review")
	if !p.Has("承诺时限不能比法定时限长") || !strings.Contains(p.Body, item+"/edit/time#f-promised.n") {
		t.Error("the fault is not shown with the way to it")
	}
	webtest.A11y(t, p.Doc())
	if p = other.Post(item+"/publish", url.Values{"version": {"1"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("没有执行") {
		t.Errorf("%d", p.Status)
	}
	webtest.A11y(t, p.Doc())
}

func TestPreviewOfTheForm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	look(t, c, "/admin/items/SC-0001/preview", "预览：这是草稿", "Preview")
	p := look(t, c, "/admin/items/SC-0001/preview/form", "流程图", "The flow")
	if p.Has("住所租赁合同") {
		t.Error("a document that nothing asks for yet")
	}
	if p = c.Submit(c.Get("/admin/items/SC-0001/preview/form"), "/preview/form", url.Values{"address_kind": {"rented"}, "go": {"try"}}); !p.Has("住所租赁合同") || !p.Has("请填写") {
		t.Errorf("with an answer: %d", p.Status)
	}
	webtest.A11y(t, p.Doc())
	if p := a.As(t, "applicant").Get("/admin/items/SC-0001/preview/form"); p.Status != http.StatusForbidden {
		t.Errorf("%d", p.Status)
	}
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
	if p := lookAt(t, c, "/items/KJ-0001"); p.Status != http.StatusConflict || !p.Has("暂停办理") || !p.Has("上级政策调整") {
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

// lookAt opens a page of any status, and checks it.
func lookAt(t *testing.T, c *webtest.Client, path string) *webtest.Page {
	t.Helper()
	p := c.Get(path)
	webtest.A11y(t, p.Doc())
	return p
}

func TestWithdrawForGood(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, visitor := a.As(t, "catalogue-admin"), a.As(t, "")
	p := c.Submit(c.Get(item), "/withdraw", url.Values{"withdraw_reason": {"法规废止"}, "withdraw_replaced_by": {"XX-1"}})
	if p.Status != http.StatusUnprocessableEntity || !p.Has("“XX-1”不是可以选用的值") || !strings.Contains(p.Body, "法规废止") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
	p = c.Submit(c.Get(item), "/withdraw", url.Values{"withdraw_reason": {"法规废止"}, "withdraw_replaced_by": {"KJ-0002"}})
	if p.Path != item+"?done=withdrawn" || !p.Has("已取消") {
		t.Fatalf("%d %s", p.Status, p.Path)
	}
	webtest.A11y(t, p.Doc())
	gone := lookAt(t, visitor, "/items/KJ-0001")
	if gone.Status != http.StatusGone || !gone.Has("法规废止") || webtest.Find(gone.Doc(), "a", "href", "/items/KJ-0002") == nil {
		t.Errorf("%d %s", gone.Status, gone.Text())
	}
	if p := c.Get(item + "/edit/basics"); p.Status != http.StatusConflict {
		t.Errorf("edited: %d", p.Status)
	}
	if p := c.Get(item + "/history"); !p.Has("取消事项") || !p.Has("改办：KJ-0002") {
		t.Error(p.Text())
	}
	if p := c.Get("/admin/items?state=withdrawn"); !p.Has("KJ-0001") {
		t.Error("the list does not find it")
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
