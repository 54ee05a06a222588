package claimweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func open(t *testing.T) *apptest.App {
	t.Helper()
	a := apptest.Changed(t, func(c *config.Config) { c.RegisterURL = config.Memory })
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SampleMatters(t.Context(), z); err != nil {
		t.Fatal(err)
	}
	return a
}

func want(t *testing.T, p *webtest.Page, status int, words ...string) *webtest.Page {
	t.Helper()
	if p.Status != status {
		t.Errorf("status %d, want %d: %.400s", p.Status, status, p.Text())
	}
	for _, w := range words {
		if !p.Has(w) {
			t.Errorf("lacks %q: %.600s", w, p.Text())
		}
	}
	webtest.A11y(t, p.Doc())
	return p
}

var mine = url.Values{"uscc": {"91371671MAEX003K5K"}, "name": {"渤海知远低空智能科技有限公司"}, "representative": {"沈知远"}}

func TestAddMyFirm(t *testing.T) {
	t.Parallel()
	a := open(t)
	c := a.As(t, "talent")
	c.Header.Set("Accept-Language", "en")
	want(t, c.Get("/my/firms/new"), http.StatusOK, "Add a business")
	c.Header.Set("Accept-Language", "zh-CN")
	want(t, c.Post("/my/firms/new", url.Values{"uscc": {"1"}, "name": {"留着我"}}), http.StatusUnprocessableEntity, "这不是有效的统一社会信用代码", "请填写法定代表人姓名")
	want(t, c.Post("/my/firms/new", url.Values{"uscc": {"91350203M0001QAY9B"}, "name": {"甲公司"}, "representative": {"某人"}}), http.StatusUnprocessableEntity, "我已核对营业执照")
	want(t, c.Post("/my/firms/new", mine), http.StatusOK, "您是这家企业的负责人", "渤海知远低空智能科技有限公司")
	// somebody else needs a paper, and its owner hears of it
	other := a.As(t, "agent")
	want(t, other.Post("/my/firms/new", mine), http.StatusUnprocessableEntity, "请上传授权委托书")
	p := want(t, other.Upload("/my/firms/new", mine, webtest.File{Field: "paper", Name: "w.pdf", Content: []byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")}), http.StatusOK, "核实中")
	if !strings.HasPrefix(p.Path, "/my/claims/") {
		t.Fatal(p.Path)
	}
	for _, login := range []string{"citizen", "applicant"} {
		want(t, a.As(t, login).Get(p.Path), http.StatusNotFound)
	}
	want(t, other.Post(p.Path, url.Values{"verdict": {"accept"}, "version": {"1"}}), http.StatusConflict)
	want(t, c.Get("/my/claims"), http.StatusOK, "请您核实", "孙晓岚")
	want(t, c.Post(p.Path, url.Values{"version": {"1"}}), http.StatusUnprocessableEntity, "请选择同意或不同意")
	want(t, c.Post(p.Path, url.Values{"version": {"1"}, "verdict": {"reject"}}), http.StatusUnprocessableEntity, "请写明理由")
	desk := strings.Replace(p.Path, "/my/", "/work/", 1)
	keeper := a.As(t, "handler-sc")
	want(t, keeper.Get("/work/claims"), http.StatusOK, "孙晓岚", "渤海新苗生物育种有限公司")
	want(t, keeper.Get(desk), http.StatusOK, "授权委托书", "不同意")
	for login, status := range map[string]int{"handler-kj": 404, "clerk": 403, "leader": 403, "system-admin": 403} {
		want(t, a.As(t, login).Get(desk), status)
	}
	want(t, keeper.Post(desk, url.Values{"version": {"1"}, "verdict": {"accept"}}), http.StatusOK, "还要另一位工作人员")
	want(t, keeper.Get(desk), http.StatusOK, "您已经同意")
	second := a.As(t, "approver-sc")
	want(t, second.Get(desk), http.StatusOK, "已经同意，请您再核实一遍")
	want(t, second.Post(desk, url.Values{"version": {"2"}, "verdict": {"accept"}}), http.StatusOK, "已处理")
	want(t, other.Get(p.Path), http.StatusOK, "已同意")
}

// The register does not answer: a case can be filed and worked on, and is not
// decided until the register has answered.
func TestDegraded(t *testing.T) {
	t.Parallel()
	a := open(t)
	admin := a.As(t, "system-admin")
	want(t, a.As(t, "leader").Get("/admin/register"), http.StatusForbidden)
	want(t, admin.Get("/admin"), http.StatusOK, "演示登记系统")
	want(t, admin.Get("/admin/register"), http.StatusOK, "登记系统正常")
	want(t, admin.Post("/admin/register", url.Values{"down": {"yes"}}), http.StatusOK, "登记系统已关闭")
	if n, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='register.switch'`); err != nil || n != 1 {
		t.Errorf("%d switches in the audit: %v", n, err)
	}
	c := a.As(t, "talent")
	p := want(t, c.Post("/my/firms/new", mine), http.StatusConflict, "暂时没有回应", "先建立档案")
	if !strings.Contains(p.Body, "渤海知远低空智能科技有限公司") {
		t.Error("what was typed is lost")
	}
	more := url.Values{"declare": {"on"}, "region": {"371671"}}
	for k, v := range mine {
		more[k] = v
	}
	want(t, c.Post("/my/firms/new", more), http.StatusOK, "待核验")
	firm := a.Actor(t, "talent").Firms[0]
	want(t, c.Get("/my/firms/"+firm), http.StatusOK, "待核验")
	keeper := a.As(t, "handler-sc")
	want(t, keeper.Get("/work/claims"), http.StatusOK, "渤海知远低空智能科技有限公司")
	want(t, keeper.Get("/work/unverified/"+firm), http.StatusOK, "人工核验", "沈知远")
	want(t, keeper.Post("/work/unverified/"+firm, url.Values{"version": {"1"}, "reason": {"x"}}), http.StatusUnprocessableEntity, "请选择同意或不同意")
	u, err := a.Dossier.UnverifiedFirm(t.Context(), a.Actor(t, "handler-sc"), firm)
	if err != nil {
		t.Fatal(err)
	}
	verdict := url.Values{"version": {strconv.Itoa(u.Version)}, "verdict": {"accept"}}
	want(t, keeper.Post("/work/unverified/"+firm, verdict), http.StatusUnprocessableEntity, "请写明理由")
	verdict.Set("reason", "已核对执照")
	want(t, keeper.Post("/work/unverified/"+firm, verdict), http.StatusOK, "还要另一位工作人员")
	want(t, keeper.Get("/work/unverified/"+firm), http.StatusOK, "您已经同意")
	want(t, a.As(t, "approver-sc").Get("/work/unverified/"+firm), http.StatusOK, "已核对并同意", "不属实")
	want(t, a.As(t, "handler-kj").Get("/work/unverified/"+firm), http.StatusNotFound)
	want(t, admin.Post("/admin/register", url.Values{"down": {"no"}}), http.StatusOK, "登记系统正常")
	a.Clock.Advance(time.Hour)
	if err := a.Dossier.FillWaiting(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !a.Actor(t, "talent").Leads(firm, "owner") {
		t.Error("the legal representative is not the owner")
	}
}
