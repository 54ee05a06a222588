package dossierweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const first = "91371671MA3TB0009L"

func firm(t testing.TB, a *apptest.App) identity.Enterprise {
	t.Helper()
	e, err := a.Identity.EnterpriseByUSCC(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// show gets a page in a language and looks at it.
func show(t testing.TB, c *webtest.Client, language, path string, want ...string) *webtest.Page {
	t.Helper()
	c.Header.Set("Accept-Language", language)
	p := c.Get(path)
	if p.Status != http.StatusOK {
		t.Fatalf("%s: %d", path, p.Status)
	}
	webtest.A11y(t, p.Doc())
	for _, w := range want {
		if !p.Has(w) {
			t.Errorf("%s %s: no %q in %s", language, path, w, p.Text())
		}
	}
	return p
}

func TestTheFileOfAFirm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	e := firm(t, a)
	path := "/my/firms/" + e.ID
	c := a.As(t, "applicant")
	show(t, c, "zh-CN", path, "渤海智联传感科技有限公司", first, "2018年5月11日", "500 万元", "I6513 应用软件开发", "4,200 万元", "6.19%", "市场主体登记", "档案完整度", "高新技术企业证书", "GR202437000001")
	show(t, c, "en", path, "Registered capital", "¥42,000,000", "R&D cost by revenue", "Completeness", "Register of companies")
	c.Header.Set("Accept-Language", "zh-CN")

	// What nobody has verified is said at once.
	niche := path + "/facts/niche_since"
	show(t, c, "zh-CN", niche, "还没有填写", "工业和信息化局")
	if p := c.Post(niche, url.Values{"value": {"2019-13-01"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "2019-13-01") || !p.Has("请填写日期") {
		t.Errorf("a wrong date: %d %s", p.Status, p.Text())
	}
	if p := c.Post(niche, url.Values{"value": {"2019-03-01"}}); p.Status != http.StatusOK || !p.Has("已保存") || !p.Has("2019年3月1日") || !p.Has("企业自己填写") {
		t.Errorf("%d %s", p.Status, p.Text())
	}

	// What is verified is a request: reason, paper, the desk, the answer.
	address := path + "/facts/address"
	show(t, c, "en", address, "Ask for correction", "History")
	c.Header.Set("Accept-Language", "zh-CN")
	if p := c.Post(address, url.Values{"value": {"海纳路9号"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("请写明理由") || !strings.Contains(p.Body, "海纳路9号") {
		t.Errorf("without a reason: %d %s", p.Status, p.Text())
	}
	p := c.Upload(address, url.Values{"value": {"海纳路9号"}, "reason": {"八月已搬迁"}}, webtest.File{Field: "paper", Name: "新执照.pdf", Content: []byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")})
	if p.Status != http.StatusOK || !p.Has("更正申请已提交") || !p.Has("您要求改为“海纳路9号”") || !p.Has("看附件") {
		t.Errorf("%d %s", p.Status, p.Text())
	}

	keeper := a.As(t, "handler-sc")
	show(t, keeper, "en", "/work/dossiers", "Correction asked for", "Bohai Zhilian")
	p = show(t, keeper, "zh-CN", "/work/dossiers", "企业申请更正", "海纳路9号")
	at := "/work/dossiers/" + e.ID + "/facts/address"
	if webtest.Find(p.Doc(), "a", "href", at) == nil {
		t.Fatal("no link to the matter")
	}
	p = show(t, keeper, "zh-CN", at, "八月已搬迁", "看附件", "采用哪个内容")
	mark := webtest.Attr(webtest.Find(p.Doc(), "input", "name", "mark"), "value")
	m, err := a.Dossier.Matter(t.Context(), a.Actor(t, "handler-sc"), e.ID, dossier.Slot{Key: "address"})
	if err != nil {
		t.Fatal(err)
	}
	if p := keeper.Get("/work/dossiers/" + e.ID + "/papers/" + m.Open[0].ID); p.Status != http.StatusOK || !strings.HasPrefix(p.Body, "%PDF") {
		t.Errorf("the paper: %d", p.Status)
	}
	form := url.Values{"mark": {mark}, "take": {m.Open[0].ID}}
	if p := keeper.Post(at, form); p.Status != http.StatusUnprocessableEntity || !p.Has("请写明理由") {
		t.Errorf("without a reason: %d %s", p.Status, p.Text())
	}
	form.Set("reason", "新执照已核对")
	for _, login := range []string{"handler-kj", "leader", "commissioner"} {
		if p := a.As(t, login).Post(at, form); p.Status != http.StatusNotFound && p.Status != http.StatusForbidden {
			t.Errorf("%s decides: %d", login, p.Status)
		}
	}
	if p := keeper.Post(at, form); p.Status != http.StatusOK || !p.Has("已核实") || !p.Has("工作人员核实") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := keeper.Post(at, form); p.Status != http.StatusConflict {
		t.Errorf("twice: %d", p.Status)
	}
	show(t, c, "zh-CN", address, "海纳路9号", "新执照已核对")
	show(t, c, "zh-CN", "/my/feed", "核实完成")
	if e := firm(t, a); e.Address != "海纳路9号" {
		t.Errorf("%+v", e)
	}
}

func TestSourcesThatDiffer(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	e := firm(t, a)
	if _, err := a.Dossier.Take(t.Context(), auth.SystemActor(), dossier.Opening{USCC: first, Words: []dossier.Word{
		{Key: "staff", Year: 2025, Value: "80", Source: dossier.Registry, Origin: "tax", AsOf: "2026-02-28"},
	}}); err != nil {
		t.Fatal(err)
	}
	at := "/facts/staff?year=2025"
	show(t, a.As(t, "applicant"), "zh-CN", "/my/firms/"+e.ID, "来源不一致", "有 1 项内容正在核实")
	show(t, a.As(t, "applicant"), "zh-CN", "/my/firms/"+e.ID+at, "另一个来源说是“80 人”")
	keeper := a.As(t, "approver-rs")
	p := show(t, keeper, "zh-CN", "/work/dossiers/"+e.ID+at, "社会保险登记", "税务登记与申报")
	mark := webtest.Attr(webtest.Find(p.Doc(), "input", "name", "mark"), "value")
	if p := keeper.Post("/work/dossiers/"+e.ID+at, url.Values{"mark": {mark}, "take": {"other"}, "value": {"八十"}, "reason": {"实地核查"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("请填写整数") || !strings.Contains(p.Body, "八十") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := keeper.Post("/work/dossiers/"+e.ID+at, url.Values{"mark": {mark}, "take": {"other"}, "value": {"84"}, "reason": {"实地核查"}}); p.Status != http.StatusOK || !p.Has("84 人") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
}

func TestFilesOfOthersAreNotFound(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	e := firm(t, a)
	other := a.As(t, "citizen")
	for _, path := range []string{"/my/firms/" + e.ID, "/my/firms/none", "/my/firms/" + e.ID + "/facts/address", "/my/firms/" + e.ID + "/papers/x"} {
		if p := other.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	own := a.As(t, "applicant")
	for _, path := range []string{"/facts/colour", "/facts/staff", "/facts/staff?year=1066", "/facts/staff?year=x", "/facts/address?year=2024", "/papers/none"} {
		if p := own.Get("/my/firms/" + e.ID + path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	for login, want := range map[string]int{"commissioner": 200, "fuwu05": 404, "leader": 200, "handler-sc": 200, "approver-sw": 200, "clerk": 403, "catalogue-admin": 403, "system-admin": 403} {
		p := a.As(t, login).Get("/work/dossiers/" + e.ID)
		if p.Status != want {
			t.Errorf("%s: %d", login, p.Status)
		}
		if p.Status == http.StatusOK {
			webtest.A11y(t, p.Doc())
		}
	}
	if p := a.As(t, "handler-sc").Get("/work/dossiers/" + e.ID); p.Has("13900010001") || !p.Has("139****0001") {
		t.Error("the telephone is masked for those who do not look after the firm")
	}
	if p := a.As(t, "handler-zw").Get("/work/dossiers"); p.Status != http.StatusOK || !p.Has("没有要核实的内容") {
		t.Errorf("a department without a register: %d", p.Status)
	}
}

func TestSheetsOfARegister(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "approver-sc")
	show(t, c, "en", "/work/registers", "Register sheets", "Upload and check")
	show(t, c, "zh-CN", "/work/registers", "登记数据导入", "市场主体登记")
	sheet := webtest.File{Field: "file", Name: "登记.csv", Content: []byte("统一社会信用代码,住所\n" + first + ",海纳路8号\n91371671MA3TB0009X,写错了\n")}
	if p := c.Upload("/work/registers", url.Values{"register": {"market"}, "as_of": {"2031-01-01"}}, sheet); p.Status != http.StatusUnprocessableEntity || !p.Has("日期不能晚于今天") {
		t.Errorf("a day to come: %d %s", p.Status, p.Text())
	}
	if p := c.Post("/work/registers", url.Values{"register": {"market"}, "as_of": {"2026-02-28"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("请选择表格文件") {
		t.Errorf("no file: %d %s", p.Status, p.Text())
	}
	p := c.Upload("/work/registers", url.Values{"register": {"market"}, "as_of": {"2026-02-28"}}, sheet)
	if p.Status != http.StatusOK || !p.Has("正在处理") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	webtest.A11y(t, p.Doc())
	for login, want := range map[string]int{"approver-sw": 404, "approver": 404, "handler-sc": 403, "clerk": 403, "applicant": 403} {
		if p := a.As(t, login).Get(p.Path); p.Status != want {
			t.Errorf("%s: %d", login, p.Status)
		}
	}
	if p := a.As(t, "approver-zw").Get("/work/registers"); p.Status != http.StatusOK || !p.Has("没有登记系统") {
		t.Errorf("a department without a register: %d", p.Status)
	}
}
