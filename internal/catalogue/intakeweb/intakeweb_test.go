package intakeweb_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "intake", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// look opens a page in both languages and checks it.
func look(t *testing.T, c *webtest.Client, path string, zh, en string) *webtest.Page {
	t.Helper()
	var first *webtest.Page
	for l, want := range map[i18n.Locale]string{i18n.Chinese: zh, i18n.English: en} {
		c.Header.Set("Accept-Language", string(l))
		p := c.Get(path)
		if p.Status != http.StatusOK || !p.Has(want) || strings.Contains(p.Body, ">intake.") || strings.Contains(p.Body, ">error.") {
			t.Errorf("%s in %s: %d, want %q\n%.500s", path, l, p.Status, want, p.Text())
		}
		webtest.A11y(t, p.Doc())
		if l == i18n.Chinese {
			first = p
		}
	}
	c.Header.Set("Accept-Language", string(i18n.Chinese))
	return first
}

// upload sends a sheet and returns the path of its page.
func upload(t *testing.T, c *webtest.Client, name string, content []byte, fields url.Values) string {
	t.Helper()
	if fields == nil {
		fields = url.Values{"mapping": {"gd"}}
	}
	p := c.Upload("/admin/import", fields, webtest.File{Field: "file", Name: name, Content: content})
	if p.Status != http.StatusOK || !strings.HasPrefix(p.Path, "/admin/import/") {
		t.Fatalf("%d %s %.300s", p.Status, p.Path, p.Text())
	}
	return p.Path
}

// workOff lets the queue run until the import is through.
func workOff(t *testing.T, a *apptest.App, path string) {
	t.Helper()
	if err := a.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 300 { // the queue polls once a second
		r, err := a.Intake.Run(t.Context(), auth.SystemActor(), strings.TrimPrefix(path, "/admin/import/"))
		if err != nil {
			t.Fatal(err)
		}
		if !r.Working() {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := a.Jobs.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestImportFromUploadToRelease(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one, two := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	look(t, one, "/admin/import", "还没有导入过", "Nothing was imported yet")

	path := upload(t, one, "gd.csv", sample(t, "gd-gb18030.csv"), nil)
	look(t, one, path, "正在检查", "Being checked")
	if p := one.Get(path + "/progress"); p.Path != path {
		t.Errorf("without script the progress is the page: %s", p.Path)
	}
	part := one.Do(http.MethodGet, path+"/progress", nil, http.Header{"HX-Request": {"true"}})
	if part.Status != http.StatusOK || part.Header.Get("HX-Refresh") != "" || webtest.Find(part.Doc(), "progress", "", "") == nil {
		t.Errorf("progress: %d %s", part.Status, part.Body)
	}
	workOff(t, a, path)
	if part := one.Do(http.MethodGet, path+"/progress", nil, http.Header{"HX-Request": {"true"}}); part.Header.Get("HX-Refresh") != "true" {
		t.Error("the page is not loaded anew when the check is through")
	}
	own := look(t, one, path, "请另一位事项管理员来放行", "another catalogue administrator has to release it")
	if webtest.Find(own.Doc(), "form", "action", path+"/release") != nil {
		t.Error("who brought the sheet is offered to release it")
	}
	if p := one.Post(path+"/release", url.Values{"version": {"2"}}); p.Status != http.StatusForbidden || !p.Has("请由另一位事项管理员放行") {
		t.Errorf("%d", p.Status)
	}
	page := look(t, two, path, "科技型企业认定", "4 items")
	for _, want := range []string{"高新技术企业认定", "TE440000GD030003VV", "外部办理", "仅指南", "5 个工作日"} {
		if !page.Has(want) {
			t.Errorf("the preview lacks %s", want)
		}
	}
	if p := two.Get(path + "?level=warning"); !p.Has("没有通过校验") || p.Has("不是本地部门") {
		t.Error("the findings are not narrowed")
	}
	if !page.Has("选项：全部导入或全部不导入") {
		t.Error("the options are not named where the import is released")
	}
	if all := two.Get(path + "/changes"); all.Status != http.StatusOK || !strings.Contains(all.Body, "编码,字段,现在,导入后") || strings.Count(all.Body, "高新技术企业认定") == 0 {
		t.Errorf("all differences: %d %.300s", all.Status, all.Body)
	}
	done := two.Submit(page, path+"/release", nil)
	if !done.Has("已放行") {
		t.Errorf("%.300s", done.Text())
	}
	workOff(t, a, path)
	look(t, two, path, "已导入：新增 4 条", "Imported: 4 new")
	look(t, two, "/admin/import", "gd.csv", "Done")
	a.Clock.Advance(2 * time.Second)
	guide := two.Get("/items/11440000006939801C2442003005000")
	if !guide.Has("由广东省科学技术厅办理") || webtest.Find(guide.Doc(), "form", "action", "/my/start") != nil {
		t.Errorf("%d %.400s", guide.Status, guide.Text())
	}
	report := two.Get(path + "/report")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(report.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 3 || rows[0][0] != "行" || !strings.Contains(report.Header.Get("Content-Disposition"), "gd-report.csv") {
		t.Errorf("%v %v %v", rows, err, report.Header)
	}
}

func TestUploadsThatFail(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one, two := a.As(t, "catalogue-admin"), a.As(t, "catalogue-admin2")
	for name, tt := range map[string]struct {
		files []webtest.File
		want  string
	}{
		"no file":   {nil, "请选择文件"},
		"a picture": {[]webtest.File{{Field: "file", Name: "a.png", Content: []byte("\x89PNG\r\n\x1a\n")}}, "文件"},
	} {
		p := one.Upload("/admin/import", url.Values{"mapping": {"sc"}, "overwrite": {"on"}, "sheet": {"第二页"}}, tt.files...)
		if p.Status != http.StatusUnprocessableEntity || !p.Has(tt.want) || !strings.Contains(p.Body, `value="第二页"`) {
			t.Errorf("%s: %d", name, p.Status)
		}
		webtest.A11y(t, p.Doc())
	}
	// A file with other columns has its report, and can be discarded.
	path := upload(t, one, "x.csv", []byte("a,b\n1,2\n"), nil)
	workOff(t, a, path)
	p := look(t, one, path, "没有找到表头", "No header was found")
	if p := one.Submit(p, path+"/discard", nil); !p.Has("已作废") {
		t.Error("not discarded")
	}
	// Errors block; checked again without those rows, the others can come in.
	bad := bytes.Replace(sample(t, "gd.csv"), []byte(",20,workday,5,workday"), []byte(",20,workday,25,workday"), 1)
	path = upload(t, one, "bad.csv", bad, nil)
	workOff(t, a, path)
	look(t, two, path, "承诺时限不能比法定时限长", "The promised limit is longer than the statutory one")
	if p := two.Post(path+"/release", url.Values{"version": {"2"}}); p.Status != http.StatusConflict {
		t.Errorf("released with errors: %d", p.Status)
	}
	one.Submit(one.Get(path), path+"/again", url.Values{"skip_errors": {"on"}})
	workOff(t, a, path)
	if p := look(t, two, path, "跳过出错的行", "Leave out rows with errors"); webtest.Find(p.Doc(), "form", "action", path+"/release") == nil {
		t.Error("the good rows cannot be released")
	}
	if p := one.Post(path+"/discard", url.Values{"version": {"1"}}); p.Status != http.StatusPreconditionFailed {
		t.Errorf("an old page discards: %d", p.Status)
	}
	if p := one.Get("/admin/import/0190"); p.Status != http.StatusNotFound {
		t.Errorf("%d", p.Status)
	}
}

func TestMappingPages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	look(t, c, "/admin/import/mappings", "广东省事项目录", "Guangdong provincial catalogue")
	path := upload(t, c, "sc.csv", sample(t, "sc.csv"), url.Values{"mapping": {"sc"}})
	workOff(t, a, path)
	const edit = "/admin/import/mappings/edit/sc"
	p := look(t, c, edit+"?run="+strings.TrimPrefix(path, "/admin/import/"), "烟花爆竹经营许可", "3 rows read")
	values := webtest.Values(webtest.Find(p.Doc(), "form", "action", edit))

	try := func(do, content string) *webtest.Page {
		t.Helper()
		v := url.Values{}
		for k := range values {
			v.Set(k, values.Get(k))
		}
		v.Set("do", do)
		v.Set("content", content)
		return c.Post(edit, v)
	}
	content := values.Get("content")
	bad := try("preview", content+"\ncolour: red\n")
	if bad.Status != http.StatusUnprocessableEntity || !bad.Has("没有叫“colour”的字段") || !bad.Has("第 ") || !strings.Contains(bad.Body, "colour: red") {
		t.Errorf("%d %.400s", bad.Status, bad.Text())
	}
	webtest.A11y(t, bad.Doc())
	mapped := strings.Replace(content, "departments: {}", "departments: {区行政审批局: zw}", 1)
	if p := try("preview", mapped); p.Status != http.StatusOK || !p.Has("政务服务局") || !p.Has("仅指南") {
		t.Errorf("%d %.400s", p.Status, p.Text())
	}
	if p := try("save", mapped); p.Path != edit+"?done=saved" || !p.Has("映射已保存") || !strings.Contains(p.Body, "区行政审批局: zw") {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	if p := try("save", mapped); p.Status != http.StatusPreconditionFailed {
		t.Errorf("saved from an old page: %d", p.Status)
	}
	if p := c.Get(edit + "?shipped=1"); strings.Contains(p.Body, "区行政审批局: zw\n") || !p.Has("恢复自带内容") {
		t.Error("the shipped one is not shown")
	}
	look(t, c, "/admin/import/mappings/new", "新建映射", "New mapping")
	p = c.Post("/admin/import/mappings/new", url.Values{"key": {"Not A Key"}, "content": {mapped}, "do": {"save"}})
	if p.Status != http.StatusUnprocessableEntity || !p.Has("小写字母") {
		t.Errorf("%d", p.Status)
	}
	if p := c.Post("/admin/import/mappings/new", url.Values{"key": {"county"}, "content": {mapped}, "do": {"save"}}); p.Path != "/admin/import/mappings/edit/county?done=saved" {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	if p := c.Get("/admin/import/mappings/edit/mars"); p.Status != http.StatusNotFound {
		t.Errorf("%d", p.Status)
	}
}

func TestKeepersOnly(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, login := range []string{"clerk", "applicant", "system-admin"} {
		c := a.As(t, login)
		for _, path := range []string{"/admin/import", "/admin/import/x", "/admin/import/x/report", "/admin/import/mappings", "/admin/import/mappings/edit/gd", "/admin/items/export"} {
			if p := c.Get(path); p.Status != http.StatusForbidden {
				t.Errorf("%s at %s: %d", login, path, p.Status)
			}
		}
		for _, path := range []string{"/admin/import", "/admin/import/x/release", "/admin/import/x/again", "/admin/import/x/discard", "/admin/import/mappings/edit/gd"} {
			if p := c.Post(path, url.Values{"version": {"1"}}); p.Status != http.StatusForbidden {
				t.Errorf("%s posts to %s: %d", login, path, p.Status)
			}
		}
	}
}
