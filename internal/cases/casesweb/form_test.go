package casesweb_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

var tinyPDF = []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

func myPath(k cases.Case, below string) string { return "/my/cases/" + string(k.ID) + below }

// started is an untouched draft.
func (b workBench) started(login, item string) cases.Case {
	b.t.Helper()
	who := b.Actor(b.t, login)
	in := cases.StartInput{ItemCode: item}
	if len(who.Firms) > 0 {
		in.EnterpriseID = who.Firms[0]
	}
	return b.must(b.Cases.Start(b.ctx, who, in))
}

// complete fills in what is still empty in a form that was saved from its page.
func (b workBench) complete(who auth.Actor, id cases.ID) {
	b.t.Helper()
	f, err := b.Cases.Form(b.ctx, who, id)
	if err != nil {
		b.t.Fatal(err)
	}
	typed := url.Values{}
	for k, v := range f.Buffer.Typed {
		if len(v) > 0 && v[0] != "" {
			typed[k] = v
		}
	}
	if _, err := b.Cases.SaveTyped(b.ctx, who, id, f.Buffer.Rev, typed); err != nil {
		b.t.Fatal(err)
	}
	b.fill(who, id)
}

// looks checks a page in both languages for a screen reader and for missing texts.
func looks(t *testing.T, c *webtest.Client, path string, texts ...string) *webtest.Page {
	t.Helper()
	var zh *webtest.Page
	for _, lang := range []string{"en", "zh-CN"} {
		c.Header.Set("Accept-Language", lang)
		zh = c.Get(path)
		if zh.Status != http.StatusOK {
			t.Fatalf("%s: %d\n%s", path, zh.Status, zh.Text())
		}
		for _, s := range webtest.Problems(zh.Doc()) {
			t.Errorf("%s (%s): a11y: %s", path, lang, s)
		}
		if raw := untranslated(zh); raw != "" {
			t.Errorf("%s (%s): no text for %s", path, lang, raw)
		}
		if strings.Contains(zh.Text(), "{") {
			t.Errorf("%s (%s): a placeholder is left: %s", path, lang, zh.Text())
		}
	}
	want(t, zh, http.StatusOK, texts...)
	return zh
}

// TestFormFromStartToReceipt is the way of an applicant without script.
func TestFormFromStartToReceipt(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	who := b.Actor(t, "applicant")
	c := b.As(t, "applicant")

	p := c.Post("/my/start", url.Values{"item": {"KJ-0001"}, "party": {who.Firms[0]}})
	want(t, p, http.StatusOK, "实验动物使用许可", "申请单位", "已从企业档案带出", "动物房平面布局图", "平台上已有，不用再交", "怎样领取结果", "现在还没有提交")
	form := strings.TrimSuffix(p.Path, "/form")
	looks(t, c, p.Path)
	if p.Has("租期到哪一天") || p.Has("场所租赁合同") {
		t.Error("a field shows whose condition does not hold")
	}

	p = c.Submit(p, "/form", url.Values{"facility_ownership": {"rented"}, "lease_end": {}, "go": {"update"}})
	want(t, p, http.StatusOK, "租期到哪一天", "场所租赁合同")
	p = c.Submit(p, "/form", url.Values{"go": {"save"}})
	want(t, p, http.StatusOK, "已保存，还没有提交")

	p = c.Submit(p, "/form", url.Values{"go": {"review"}})
	want(t, p, http.StatusOK, "核对并提交", "处没有填好", "动物房使用面积（平方米）：请填写这一项", "还没有交：动物房平面布局图")
	looks(t, c, form+"/review")
	if webtest.Find(p.Doc(), "form", "action", form+"/submit") != nil {
		t.Error("an incomplete form can be submitted")
	}
	link := webtest.Find(webtest.Find(p.Doc(), "", "class", "tb-error-summary"), "a", "", "")
	at, _, _ := strings.Cut(webtest.Attr(link, "href"), "#")
	p = c.Get(at)
	want(t, p, http.StatusOK, "处要补齐，已在下面标出", "请填写这一项")
	for _, a := range webtest.FindAll(webtest.Find(c.Get(form+"/review").Doc(), "", "class", "tb-error-summary"), "a", "", "") {
		_, anchor, _ := strings.Cut(webtest.Attr(a, "href"), "#")
		if webtest.Find(p.Doc(), "", "id", anchor) == nil {
			t.Errorf("the review links to #%s, which the form does not have", anchor)
		}
	}

	id := cases.ID(strings.TrimPrefix(form, "/my/cases/"))
	b.complete(who, id)
	p = c.Get(form + "/review")
	want(t, p, http.StatusOK, "我已核对，以上内容真实、完整")
	looks(t, c, form+"/review")
	p = c.Submit(p, "/submit", nil) // the promise is not ticked
	want(t, p, http.StatusUnprocessableEntity, "请勾选，确认内容真实、完整")
	before := c.Get(form + "/review")
	p = c.Submit(before, "/submit", url.Values{"promise": {"on"}})
	k := b.state(cases.Case{ID: id})
	want(t, p, http.StatusOK, "已经提交", k.Number, k.PickupCode, "5 个工作日内告诉您是否受理")
	if p.Path != form+"/receipt" || k.State != cases.Submitted {
		t.Fatalf("%s %s", p.Path, k.State)
	}
	looks(t, c, p.Path)
	if webtest.Find(p.Doc(), "", "data-autosave-clear", "") == nil {
		t.Error("the copy in the browser is not dropped")
	}

	// The second click, and the way back to the form.
	p = c.Submit(before, "/submit", url.Values{"promise": {"on"}})
	want(t, p, http.StatusOK, "已经提交", k.Number)
	if now := b.state(k); now.Version != k.Version {
		t.Error("a second submission changed the case")
	}
	if p = c.Get(form + "/form"); p.Path != form {
		t.Errorf("the form of a submitted case leads to %s", p.Path)
	}
	if p = c.Get(form + "/review"); p.Path != form {
		t.Errorf("the review of a submitted case leads to %s", p.Path)
	}
}

func TestFormFieldsOfAllTypes(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	types := map[catalogue.FieldType]bool{}
	for _, code := range []string{"KJ-0001", "KJ-0002", "KJ-0004", "KJ-0005", "KJ-0006", "KJ-0007", "GD-0001", "JC-0001", "SC-0001", "GX-0201"} {
		item, err := b.Catalogue.Item(code)
		if err != nil {
			t.Fatal(err)
		}
		if !item.For(catalogue.ForEnterprise) {
			continue
		}
		k := b.started("applicant", code)
		b.fill(b.Actor(t, "applicant"), k.ID)
		p := looks(t, c, myPath(k, "/form"), item.Name.ZH)
		_, values := webtest.Form(p.Doc(), "/form")
		f, err := b.Cases.Form(b.ctx, b.Actor(t, "applicant"), k.ID)
		if err != nil {
			t.Fatal(err)
		}
		for field, v := range f.Buffer.Typed {
			x, _ := item.Field(field)
			types[x.Type] = true
			if x.Type == catalogue.FieldAddress { // its code stands in the last step chosen
				if got := values[field]; len(got) != 5 || got[2] != v[0] || got[4] != v[1] {
					t.Errorf("%s %s: typed %q, the form shows %q", code, field, v, got)
				}
				continue
			}
			if got := values[field]; len(v) > 0 && v[0] != "" && (len(got) == 0 || got[0] != v[0]) {
				t.Errorf("%s %s (%s): typed %q, the form shows %q", code, field, x.Type, v, got)
			}
		}
	}
	for _, x := range catalogue.FieldTypes {
		if !types[x] && x != catalogue.FieldIDCard && x != catalogue.FieldPercent { // of the items above none asks a firm for these
			t.Errorf("no %s field was seen", x)
		}
	}
}

func TestFormKeepsWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.started("applicant", "KJ-0001")
	for field, try := range map[string]struct{ typed, says string }{
		"uscc":            {"91371671MA3TB00091", "统一社会信用代码不对"},
		"contact_phone":   {"12", "电话号码不对"},
		"facility_area":   {"很大", "请填数字"},
		"yearly_number":   {"-1", "请填 1 至 1000000 之间的数"},
		"enterprise_name": {strings.Repeat("长", 101), "最多 100 个字，现在有 101 个"},
		"supplier":        {strings.Repeat("长", 201), "最多 200 个字"},
	} {
		p := c.Submit(c.Get(myPath(k, "/form")), "/form", url.Values{field: {try.typed}, "go": {"save"}})
		want(t, p, http.StatusOK, try.says)
		if _, v := webtest.Form(p.Doc(), "/form"); v.Get(field) != try.typed {
			t.Errorf("%s: %q came back as %q", field, try.typed, v.Get(field))
		}
	}
	// HTML, SQL and odd characters in every text field come back as they were typed, and nothing else.
	evil := `<script>alert(1)</script>" onfocus="x' OR 1=1; DROP TABLE cases_case;-- {applicant} ${7*7} ` + "\u202eأ😀"
	p := c.Get(myPath(k, "/form"))
	_, values := webtest.Form(p.Doc(), "/form")
	for field := range values {
		if f, ok := mustItem(t, b, "KJ-0001").Field(field); ok && f.Type != catalogue.FieldDate && len(f.Options) == 0 && f.Type != catalogue.FieldYesNo {
			values.Set(field, evil)
		}
	}
	values.Set("no_such_field", evil)
	p = c.Post(myPath(k, "/form"), values)
	want(t, p, http.StatusOK)
	webtest.A11y(t, p.Doc())
	_, back := webtest.Form(p.Doc(), "/form")
	if back.Get("supplier") != evil || back.Has("no_such_field") || strings.Contains(p.Body, "<script>alert") {
		t.Errorf("%q", back.Get("supplier"))
	}
	want(t, c.Get(myPath(k, "/review")), http.StatusOK)
	if strings.Contains(c.Get(myPath(k, "/review")).Body, "<script>alert") {
		t.Error("a script stands in the review")
	}
	want(t, c.Post(myPath(k, "/form"), url.Values{"rev": {"1"}, "supplier": {"\xff\xfe"}}), http.StatusBadRequest)
	want(t, c.Post(myPath(k, "/form"), url.Values{"rev": {"1"}, "supplier": {"a\x00b"}}), http.StatusBadRequest)
	want(t, c.Post(myPath(k, "/form"), url.Values{"rev": {"1"}, "supplier": {strings.Repeat("x", 300<<10)}}), http.StatusRequestEntityTooLarge)
	want(t, c.Get(myPath(k, "/submit")), http.StatusMethodNotAllowed)
	want(t, c.Do(http.MethodDelete, myPath(k, ""), nil, nil), http.StatusMethodNotAllowed)
}

func mustItem(t *testing.T, b workBench, code string) *catalogue.Item {
	t.Helper()
	item, err := b.Catalogue.Item(code)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func TestFormAutosaveAndTwoTabs(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.started("applicant", "KJ-0001")
	first := c.Get(myPath(k, "/form"))
	second := b.As(t, "applicant").Get(myPath(k, "/form"))
	_, values := webtest.Form(first.Doc(), "/form")
	values.Set("supplier", "甲养殖场")
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Autosave": {"1"}, "Accept": {"application/json"}}
	p := c.Do(http.MethodPost, myPath(k, "/autosave"), strings.NewReader(values.Encode()), header)
	var got struct {
		Rev     int
		SavedAt string
	}
	if err := json.Unmarshal([]byte(p.Body), &got); err != nil || p.Status != http.StatusOK || got.Rev != 2 || got.SavedAt == "" {
		t.Fatalf("%d %s %v", p.Status, p.Body, err)
	}
	// The same once more, its answer lost on the way, is no conflict; anything else from the revision before is.
	if p = c.Do(http.MethodPost, myPath(k, "/autosave"), strings.NewReader(values.Encode()), header); p.Status != http.StatusOK || !strings.Contains(p.Body, `"rev":2`) {
		t.Fatalf("%d %s", p.Status, p.Body)
	}
	values.Set("supplier", "丁养殖场")
	if p = c.Do(http.MethodPost, myPath(k, "/autosave"), strings.NewReader(values.Encode()), header); p.Status != http.StatusConflict || !strings.Contains(p.Body, "cases.typed") {
		t.Fatalf("%d %s", p.Status, p.Body)
	}
	p = c.Submit(second, "/form", url.Values{"supplier": {"乙养殖场"}, "go": {"save"}})
	want(t, p, http.StatusConflict, "另一个窗口或另一个人", "看已经保存的内容")
	webtest.A11y(t, p.Doc())
	_, values = webtest.Form(p.Doc(), "/form")
	if values.Get("supplier") != "乙养殖场" {
		t.Errorf("what was typed is lost: %q", values.Get("supplier"))
	}
	if _, saved := webtest.Form(c.Get(myPath(k, "/form")).Doc(), "/form"); saved.Get("supplier") != "甲养殖场" {
		t.Errorf("the first tab was overwritten: %q", saved.Get("supplier"))
	}
	// Knowing of it, the person may save over it.
	want(t, c.Submit(p, "/form", url.Values{"go": {"save"}}), http.StatusOK, "已保存")
	if _, saved := webtest.Form(c.Get(myPath(k, "/form")).Doc(), "/form"); saved.Get("supplier") != "乙养殖场" {
		t.Errorf("%q", saved.Get("supplier"))
	}
	// A part for the script keeps nothing.
	_, values = webtest.Form(c.Get(myPath(k, "/form")).Doc(), "/form")
	values.Set("facility_ownership", "rented")
	p = c.Post(myPath(k, "/form/part"), values)
	want(t, p, http.StatusOK, "租期到哪一天", "场所租赁合同")
	if c.Get(myPath(k, "/form")).Has("租期到哪一天") {
		t.Error("the preview was kept")
	}
	// A draft that moved on after its review is not submitted unseen.
	b.complete(b.Actor(t, "applicant"), k.ID)
	review := c.Get(myPath(k, "/review"))
	want(t, review, http.StatusOK, "我已核对")
	want(t, c.Submit(c.Get(myPath(k, "/form")), "/form", url.Values{"supplier": {"丙养殖场"}}), http.StatusOK)
	p = c.Submit(review, "/submit", url.Values{"promise": {"on"}})
	want(t, p, http.StatusUnprocessableEntity, "请重新核对", "丙养殖场")
}

func TestFormSessionLost(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.started("applicant", "KJ-0001")
	p := b.As(t, "applicant").Get(myPath(k, "/form"))
	_, values := webtest.Form(p.Doc(), "/form")
	values.Set("supplier", "写了很久的内容")
	gone := b.As(t, "")
	p = gone.Post(myPath(k, "/form"), values)
	want(t, p, http.StatusUnauthorized, "再次提交")
	if _, back := webtest.Form(p.Doc(), "/form"); back.Get("supplier") != "写了很久的内容" || back.Get("rev") != values.Get("rev") {
		t.Errorf("what was typed is lost: %v", back)
	}
	p = gone.Do(http.MethodPost, myPath(k, "/autosave"), strings.NewReader(values.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Autosave": {"1"}})
	want(t, p, http.StatusUnauthorized)
	want(t, b.As(t, "clerk").Post(myPath(k, "/form"), values), http.StatusForbidden)
}

func TestFormMaterials(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.started("applicant", "KJ-0004")
	page := c.Get(myPath(k, "/form"))
	at := myPath(k, "/materials/audit_report")
	_, typed := webtest.Form(page.Doc(), "/form")
	text := "" // a field with free text
	for _, s := range mustItem(t, b, "KJ-0004").Form.Sections {
		for _, f := range s.Fields {
			if f.Type == catalogue.FieldText && f.Prefill == "" {
				text = f.ID
			}
		}
	}
	typed.Set(text, "没有保存过的内容")
	pdf := webtest.File{Field: "material.audit_report", Name: `..\..\etc/审计 报告<1>.pdf`, Content: tinyPDF}

	// Without script the whole form comes along, and nothing typed is lost.
	p := c.Upload(at, typed, pdf, webtest.File{Field: "material.audit_report", Name: "second.pdf", Content: tinyPDF})
	want(t, p, http.StatusOK, "已上传", "审计 报告1.pdf", "second.pdf", "已上传 2 个文件")
	_, typed = webtest.Form(p.Doc(), "/form")
	if typed.Get(text) != "没有保存过的内容" {
		t.Errorf("typed %q", typed.Get(text))
	}
	for name, try := range map[string]struct {
		file webtest.File
		says string
	}{
		"too large":  {webtest.File{Field: "material.audit_report", Name: "big.pdf", Content: append(bytes.Clone(tinyPDF), make([]byte, 20<<20)...)}, "文件超过 20 MB"},
		"disguised":  {webtest.File{Field: "material.audit_report", Name: "scan.png", Content: tinyPDF}, "文件的内容和扩展名对不上"},
		"a program":  {webtest.File{Field: "material.audit_report", Name: "scan.pdf", Content: []byte("MZ\x90\x00program")}, "不能上传这种文件"},
		"a page":     {webtest.File{Field: "material.audit_report", Name: "page.html", Content: []byte("<html><script>alert(1)</script>")}, "不能上传这种文件"},
		"empty":      {webtest.File{Field: "material.audit_report", Name: "empty.pdf"}, "文件是空的"},
		"none":       {webtest.File{Field: "material.audit_report"}, "没有选择文件"},
		"far larger": {webtest.File{Field: "material.audit_report", Name: "huge.pdf", Content: make([]byte, 90<<20)}, "文件超过 20 MB"},
	} {
		p := c.Upload(at, url.Values{}, try.file)
		want(t, p, http.StatusUnprocessableEntity, try.says)
		webtest.A11y(t, p.Doc())
		if e := webtest.Find(p.Doc(), "", "id", "f-material.audit_report-e"); !strings.Contains(webtest.Text(e), try.says) {
			t.Errorf("%s: the complaint does not stand beside the material", name)
		}
		if _, v := webtest.Form(p.Doc(), "/form"); v.Get(text) != "没有保存过的内容" {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	want(t, c.Upload(myPath(k, "/materials/no_such"), nil, webtest.File{Field: "material.no_such", Name: "a.pdf", Content: tinyPDF}), http.StatusUnprocessableEntity)

	// The script gets the row back.
	c.Header.Set("X-Upload", "1")
	p = c.Upload(at, nil, webtest.File{Field: "material.audit_report", Name: "third.pdf", Content: tinyPDF})
	want(t, p, http.StatusOK, "third.pdf", "已上传 3 个文件")
	if webtest.Find(p.Doc(), "header", "", "") != nil || webtest.Find(p.Doc(), "li", "class", "tb-material") == nil {
		t.Error("the script gets a whole page")
	}
	p = c.Upload(at, nil, webtest.File{Field: "material.audit_report", Name: "a.png", Content: tinyPDF})
	want(t, p, http.StatusUnprocessableEntity, "文件的内容和扩展名对不上")
	c.Header.Del("X-Upload")

	// Files are downloads and nothing else.
	p = c.Get(myPath(k, "/form"))
	link := webtest.Attr(webtest.Find(webtest.Find(p.Doc(), "ul", "class", "tb-files"), "a", "", ""), "href")
	file := c.Get(link)
	if file.Status != http.StatusOK || file.Body != string(tinyPDF) || file.Header.Get("Content-Type") != "application/pdf" || file.Header.Get("X-Content-Type-Options") != "nosniff" ||
		file.Header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment; filename*=utf-8''") {
		t.Errorf("%d %v", file.Status, file.Header)
	}
	button := webtest.Find(webtest.Find(p.Doc(), "ul", "class", "tb-files"), "button", "", "")
	p = c.Post(webtest.Attr(button, "formaction"), typedOf(t, c, k))
	want(t, p, http.StatusOK, "已删除", "已上传 2 个文件")
	want(t, c.Post(webtest.Attr(button, "formaction"), nil), http.StatusNotFound)
	want(t, c.Get(link), http.StatusOK) // what was looked at stays on record for who may see the case

	// A commitment has to be agreed to.
	mark := myPath(k, "/materials/no_double_funding/mark")
	want(t, c.Post(mark, url.Values{"how": {"commitment"}}), http.StatusUnprocessableEntity, "请先勾选承诺的内容")
	want(t, c.Post(mark, url.Values{"how": {"commitment"}, "commit.no_double_funding": {"on"}}), http.StatusOK, "已书面承诺", "收回承诺")
	want(t, c.Post(mark, url.Values{"how": {""}}), http.StatusOK, "改用书面承诺")
	want(t, c.Post(mark, url.Values{"how": {"window"}}), http.StatusForbidden)
	want(t, c.Post(mark, url.Values{"how": {"magic"}}), http.StatusUnprocessableEntity)
	want(t, c.Post(myPath(k, "/materials/audit_report/mark"), url.Values{"how": {"commitment"}, "commit.audit_report": {"on"}}), http.StatusUnprocessableEntity)
}

func typedOf(t *testing.T, c *webtest.Client, k cases.Case) url.Values {
	t.Helper()
	_, v := webtest.Form(c.Get(myPath(k, "/form")).Doc(), "/form")
	return v
}

// TestFormOfSomebodyElse: every address of somebody else's case is not found.
func TestFormOfSomebodyElse(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	who := b.Actor(t, "applicant")
	draft := b.started("applicant", "KJ-0001")
	k := b.submitted("applicant", "KJ-0002")
	v, err := b.Cases.View(b.ctx, who, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	file := ""
	for _, m := range v.Materials {
		if len(m.Files) > 0 {
			file = m.Files[0].ID
		}
	}
	other := b.As(t, "talent")
	far := b.As(t, b.stranger())
	for _, x := range []cases.Case{draft, k} {
		for _, below := range []string{"", "/form", "/review", "/receipt", "/withdraw", "/papers/receipt", "/files/" + file} {
			want(t, other.Get(myPath(x, below)), http.StatusNotFound)
		}
		for _, below := range []string{"/form", "/form/part", "/autosave", "/submit", "/withdraw", "/materials/audit_report/mark", "/materials/audit_report/remove/" + file} {
			want(t, other.Post(myPath(x, below), url.Values{"rev": {"1"}, "version": {"1"}, "promise": {"on"}}), http.StatusNotFound)
		}
		want(t, other.Upload(myPath(x, "/materials/audit_report"), nil, webtest.File{Field: "material.audit_report", Name: "a.pdf", Content: tinyPDF}), http.StatusNotFound)
		for _, below := range []string{"/form", "/review", "/papers/receipt", "/files/" + file} {
			want(t, far.Get(workPath(x, below)), http.StatusNotFound)
		}
	}
	// A draft of the person is nobody else's, not even a clerk's or a colleague's.
	want(t, b.As(t, "clerk").Get(workPath(draft, "/form")), http.StatusNotFound)
	want(t, b.As(t, "agent").Get(myPath(draft, "/form")), http.StatusNotFound)
	want(t, b.As(t, "agent").Get(myPath(k, "")), http.StatusOK, k.Number) // a colleague sees what the firm submitted
	want(t, b.As(t, "applicant").Get(myPath(cases.Case{ID: "' OR 1=1"}, "")), http.StatusNotFound)
	want(t, b.As(t, "applicant").Get(myPath(k, "/papers/grant")), http.StatusNotFound) // there is none yet
	want(t, b.As(t, "applicant").Get(myPath(k, "/papers/receipt?no=2")), http.StatusNotFound)
	want(t, b.As(t, "applicant").Get(myPath(k, "/files/no-such")), http.StatusNotFound)
}

func TestFormAtTheWindow(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	clerk, visitor := b.Actor(t, "clerk"), b.Actor(t, "applicant")
	k := b.must(b.Cases.Start(b.ctx, clerk, cases.StartInput{ItemCode: "KJ-0004", AccountID: visitor.ID, EnterpriseID: visitor.Firms[0]}))
	c := b.As(t, "clerk")
	p := looks(t, c, workPath(k, "/form"), "已从申请人账号带出", "窗口已核验原件")
	if webtest.Find(p.Doc(), "form", "data-autosave-key", "") != nil {
		t.Error("a copy stays in the browser of a window")
	}
	want(t, c.Post(workPath(k, "/materials/audit_report/mark"), url.Values{"how": {"window"}}), http.StatusOK, "窗口已核验原件", "取消核验")
	b.fill(clerk, k.ID)
	p = looks(t, c, workPath(k, "/review"), "申请人已当面核对")
	p = c.Submit(p, "/submit", url.Values{"promise": {"on"}})
	if p.Path != workPath(k, "") || b.state(k).State != cases.Submitted {
		t.Fatalf("%s %s", p.Path, b.state(k).State)
	}
	want(t, c.Get(workPath(k, "/papers/receipt")), http.StatusOK, b.state(k).PickupCode) // who took it in prints the code
	if b.As(t, "clerk-a02").Get(workPath(k, "/papers/receipt")).Has(b.state(k).PickupCode) {
		t.Error("another clerk sees the pick-up code")
	}
	want(t, b.As(t, "handler-kj").Get(workPath(k, "/form")), http.StatusForbidden)
}

func TestFormAnswersANotice(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.submitted("applicant", "KJ-0004")
	clerk := b.Actor(t, "clerk")
	b.must(b.Cases.AskSupplement(b.ctx, clerk, cases.Ref{ID: k.ID}, cases.AskInput{Note: "请尽快", Points: []cases.Point{
		{Kind: "material", Key: "audit_report", Reason: "缺少<公章>"}, {Kind: "field", Key: "contact_phone", Reason: "号码打不通"},
	}}))
	looks(t, c, myPath(k, ""), "请您补充 2 项内容", "缺少<公章>", "号码打不通", "请尽快", "去补充", "补充之前不计时")
	looks(t, c, myPath(k, "/papers/supplement"), "申请材料补正告知书", "缺少<公章>", "全部内容")
	p := looks(t, c, myPath(k, "/form"), "这次需要您补充", "请改这里：号码打不通")
	for _, a := range webtest.FindAll(webtest.Find(p.Doc(), "", "class", "tb-note-needs"), "a", "", "") {
		if webtest.Find(p.Doc(), "", "id", strings.TrimPrefix(webtest.Attr(a, "href"), "#")) == nil {
			t.Errorf("no place for %s", webtest.Attr(a, "href"))
		}
	}
	want(t, c.Get(myPath(k, "/review")), http.StatusOK, "还没有交")
	want(t, c.Upload(myPath(k, "/materials/audit_report"), nil, webtest.File{Field: "material.audit_report", Name: "new.pdf", Content: tinyPDF}), http.StatusOK)
	want(t, c.Get(myPath(k, "/review")), http.StatusOK, "现在还和上次一样")
	c.Submit(c.Get(myPath(k, "/form")), "/form", url.Values{"contact_phone": {"13900018888"}, "go": {"save"}})
	review := c.Get(myPath(k, "/review"))
	want(t, review, http.StatusOK, "提交补充")
	want(t, c.Submit(review, "/submit", url.Values{"promise": {"on"}}), http.StatusOK, k.Number)
	want(t, c.Submit(review, "/submit", url.Values{"promise": {"on"}}), http.StatusOK, k.Number)
	if now := b.state(k); now.State != cases.Submitted || now.DataVersion != 2 {
		t.Fatalf("%+v", now)
	}
	// Returned from the desk: the reply goes back to it, once.
	k = b.must(b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID}))
	b.must(b.Cases.SendBack(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "audit_report", Reason: "看不清"}}}))
	looks(t, c, myPath(k, ""), "请您补充 1 项内容", "暂停计时", "看不清")
	looks(t, c, myPath(k, "/papers/return"), "补充材料通知书", "看不清")
	want(t, c.Upload(myPath(k, "/materials/audit_report"), nil, webtest.File{Field: "material.audit_report", Name: "new.pdf", Content: tinyPDF}), http.StatusOK)
	review = c.Get(myPath(k, "/review"))
	want(t, c.Submit(review, "/submit", url.Values{"promise": {"on"}}), http.StatusOK, k.Number)
	want(t, c.Submit(review, "/submit", url.Values{"promise": {"on"}}), http.StatusOK, k.Number)
	if now := b.state(k); now.NeedsApplicant || now.DataVersion != 3 {
		t.Fatalf("%+v", now)
	}
}

func TestFormStaleVersion(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c := b.As(t, "applicant")
	k := b.started("applicant", "KJ-0002")
	b.fill(b.Actor(t, "applicant"), k.ID)
	p := c.Submit(c.Get(myPath(k, "/review")), "/submit", url.Values{"promise": {"on"}, "version": {strconv.Itoa(k.Version + 7)}})
	want(t, p, http.StatusPreconditionFailed)
	if b.state(k).State != cases.Draft {
		t.Error("submitted under a stale version")
	}
}
