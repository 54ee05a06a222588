package budgetweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestFunds(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	k := a.Submitted(t, "applicant", "KJ-0004")
	if _, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	head := a.As(t, "head-kj")
	for _, l := range []string{"zh-CN", "en"} {
		head.Header.Set("Accept-Language", l)
		want := map[string][]string{
			"zh-CN": {"专项资金", "企业研发投入补助资金", "科技创新局", "80,000,000.00"},
			"en":    {"Funds", "Fund for R&D subsidies", "80,000,000.00"},
		}[l]
		for _, path := range []string{"/work/funds", "/work/funds/rd-subsidy"} {
			p := head.Get(path)
			webtest.A11y(t, p.Doc())
			for _, w := range want[1:2] {
				if !p.Has(w) {
					t.Errorf("%s %s: no %q", l, path, w)
				}
			}
		}
		if p := head.Get("/work/funds"); !p.Has(want[0]) || !p.Has(want[len(want)-1]) {
			t.Error(p.Text())
		}
	}
	head.Header.Set("Accept-Language", "zh-CN")
	p := head.Get("/work/funds/rd-subsidy")
	if !p.Has(k.Number) || !p.Has("受理时占用") || webtest.Find(p.Doc(), "a", "href", "/work/cases/"+string(k.ID)) == nil {
		t.Error(p.Text())
	}
	f, err := a.Budget.Fund(ctx, a.Actor(t, "head-kj"), "rd-subsidy")
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"version": {strconv.Itoa(f.Version)}, "total": {"90,000,000"}, "reason": {""}}
	if p := head.Post("/work/funds/rd-subsidy", form); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `value="90,000,000"`) {
		t.Errorf("without a reason: %d, or the amount is lost", p.Status)
	}
	form.Set("reason", "年中追加")
	form.Set("total", "1")
	if p := head.Post("/work/funds/rd-subsidy", form); p.Status == http.StatusOK || !p.Has("总额不能少于") {
		t.Errorf("cut to nothing: %d %s", p.Status, p.Text())
	}
	form.Set("total", "90,000,000")
	if p := head.Post("/work/funds/rd-subsidy", form); p.Status != http.StatusOK || !p.Has("资金已调整") || !p.Has("+10,000,000.00") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := head.Post("/work/funds/rd-subsidy", form); p.Status == http.StatusOK || !p.Has("刚刚有变动") {
		t.Errorf("from an old page: %d %s", p.Status, p.Text())
	}
	if p := a.As(t, "approver").Get("/work/funds/rd-subsidy"); p.Status != http.StatusOK || webtest.Find(p.Doc(), "input", "name", "total") != nil {
		t.Errorf("an approver reads and does not change: %d", p.Status)
	}
	if p := a.As(t, "head-sc").Get("/work/funds/rd-subsidy"); p.Status != http.StatusNotFound {
		t.Errorf("another department: %d", p.Status)
	}
	if p := a.As(t, "leader").Get("/work/funds"); !p.Has("企业研发投入补助资金") {
		t.Errorf("the leader: %s", p.Text())
	}
	if p := a.As(t, "clerk").Get("/work/funds"); p.Status != http.StatusForbidden {
		t.Errorf("a clerk: %d", p.Status)
	}
}

// TestAmountInTheDecision: the form of a decision asks for the amount, proposes
// what was asked for, and keeps what was typed wrong beside its complaint.
func TestAmountInTheDecision(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	k := a.Submitted(t, "applicant", "KJ-0004")
	if _, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		v, err := a.Cases.View(ctx, auth.SystemActor(), k.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range v.Tasks {
			if x.State == cases.TaskOpen && !x.Decides {
				if _, err := a.Cases.Endorse(ctx, a.Actor(t, x.Role+"-"+x.DepartmentID), cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	c, at := a.As(t, "approver"), "/work/cases/"+string(k.ID)+"/do/decide"
	p := c.Get(at)
	in := webtest.Find(p.Doc(), "input", "name", "procedure.amount")
	if in == nil || webtest.Attr(in, "value") == "" || !p.Has("批准金额") || !p.Has("资金和程序") {
		t.Fatal(p.Text())
	}
	webtest.A11y(t, p.Doc())
	proposed := webtest.Attr(in, "value")
	v, err := a.Cases.View(ctx, a.Actor(t, "approver"), k.ID)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"version": {strconv.Itoa(v.Version)}, "outcome": {"granted"}, "procedure.amount": {"99999999"}}
	if p := c.Post(at, form); p.Status != http.StatusUnprocessableEntity || !p.Has("不能超过可批准的") || !strings.Contains(p.Body, `value="99999999"`) {
		t.Errorf("too much: %d %s", p.Status, p.Text())
	}
	form.Set("procedure.amount", proposed)
	if p := c.Post(at, form); p.Status != http.StatusOK || !p.Has("批准金额") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if v, err := a.Cases.View(ctx, auth.SystemActor(), k.ID); err != nil || v.Outcome != cases.Granted || strings.Contains(v.Decision.Text.ZH, "{procedure") {
		t.Errorf("%v %+v", err, v.Decision)
	}
}
