package batchweb_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	base = "/work/sheets/certificates"
	rows = "证照类型,证照编号,主体代码,有效期自\n实验动物使用许可证,SYXK-1,91371671MA3TB0009L,2025-01-01\n实验动物使用许可证,SYXK-2,91371671MA3TB0009X,2025-01-01\n"
)

// show opens a page in both languages and expects it to be usable.
func show(t *testing.T, c *webtest.Client, path string, texts ...string) *webtest.Page {
	t.Helper()
	var p *webtest.Page
	for _, l := range []i18n.Locale{i18n.English, i18n.Chinese} {
		c.Header.Set("Accept-Language", string(l))
		if p = c.Get(path); p.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, p.Status, p.Text())
		}
		webtest.A11y(t, p.Doc())
		if strings.Contains(p.Text(), "batch.") {
			t.Errorf("%s shows a key: %s", path, p.Text())
		}
	}
	for _, s := range texts {
		if !p.Has(s) {
			t.Errorf("%s does not say %q: %s", path, s, p.Text())
		}
	}
	return p
}

func TestFromTheSheetToTheRegister(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	handler, approver := a.As(t, "handler-kj"), a.As(t, "approver")
	show(t, handler, base, "批量导入证照", "证照编号*", "下载空表")
	show(t, handler, "/work/sheets/credit", "批量导入信用记录")
	show(t, handler, "/work/certificates", "批量导入")
	if p := handler.Get(base + "/template"); p.Status != http.StatusOK || !strings.HasPrefix(p.Body, "PK") {
		t.Errorf("the empty sheet: %d", p.Status)
	}
	if p := handler.Post(base, url.Values{}); p.Status != http.StatusUnprocessableEntity || !p.Has("请选择表格") {
		t.Errorf("without a file: %d %s", p.Status, p.Text())
	}
	if p := handler.Upload(base, nil, webtest.File{Field: "file", Name: "a.csv", Content: []byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("another kind of file: %d %s", p.Status, p.Text())
	}
	p := handler.Upload(base, nil, webtest.File{Field: "file", Name: "许可证.csv", Content: []byte(rows)})
	if p.Status != http.StatusOK || !p.Has("正在处理") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	path := p.Path
	id := path[strings.LastIndexByte(path, '/')+1:]
	work := func() {
		t.Helper()
		if err := a.Batches.Work(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	work()
	show(t, handler, path, "已检查，待导入", "主体代码", "不是有效的统一社会信用代码", "您不能导入这份表格")
	p = show(t, approver, path, "导入 1 行")
	version := webtest.Attr(webtest.Find(p.Doc(), "input", "name", "version"), "value")
	for _, login := range []string{"handler-kj", "handler-sc", "clerk", "applicant", "leader"} {
		if p := a.As(t, login).Post(path+"/release", url.Values{"version": {version}}); p.Status != http.StatusNotFound && p.Status != http.StatusForbidden {
			t.Errorf("%s releases: %d", login, p.Status)
		}
	}
	if p := approver.Post(path+"/release", url.Values{"version": {"1"}}); p.Status != http.StatusPreconditionFailed {
		t.Errorf("an old page: %d", p.Status)
	}
	if p := approver.Post(path+"/release", url.Values{"version": {version}}); p.Status != http.StatusOK || !p.Has("已开始导入") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	work()
	show(t, approver, path, "已导入")
	show(t, a.As(t, "clerk"), "/work/certificates?q=SYXK-1", "SYXK-1")
	if p := approver.Post(path+"/release", url.Values{"version": {strconv.Itoa(99)}}); p.Status != http.StatusConflict {
		t.Errorf("twice: %d", p.Status)
	}
	if p := a.As(t, "handler-sc").Get(base + "/" + id); p.Status != http.StatusNotFound {
		t.Errorf("another department reads it: %d", p.Status)
	}
}

// The sheets of the demonstration say what they are to show.
func TestSheetsOfTheDemonstration(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	z, err := demo.Load()
	if err != nil || len(z.Sheets) != 2 {
		t.Fatalf("%d sheets, %v", len(z.Sheets), err)
	}
	want := map[string]batch.Counts{"certificates": {Read: 8, New: 5, Wrong: 3}, "credit": {Read: 5, New: 3, Wrong: 2}}
	for _, x := range z.Sheets {
		got, err := a.Batches.Check(t.Context(), x.Kind, "kj", sheet.Source{ReaderAt: bytes.NewReader(x.Content), Size: int64(len(x.Content))}, func(r batch.Row) {
			if r.Kind == batch.RowWrong {
				t.Log(x.Kind, r)
			}
		})
		if err != nil || got != want[x.Kind] {
			t.Errorf("%s: %+v %v", x.Kind, got, err)
		}
	}
}
