package identityweb_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

const firstFirm = "91371671MA3TB0009L" // of applicant and agent

// show opens a page in a language, expects it to be there and usable, and to
// hold the texts.
func show(t *testing.T, c *webtest.Client, l i18n.Locale, path string, texts ...string) *webtest.Page {
	t.Helper()
	c.Header.Set("Accept-Language", string(l))
	p := c.Get(path)
	if p.Status != http.StatusOK {
		t.Errorf("%s: status %d", path, p.Status)
	}
	webtest.A11y(t, p.Doc())
	has(t, p, texts...)
	return p
}

func has(t *testing.T, p *webtest.Page, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !p.Has(s) {
			t.Errorf("%s does not say %q: %s", p.Path, s, p.Text())
		}
	}
	if s := p.Text(); strings.Contains(s, "identity.") && !strings.Contains(p.Path, "/admin/audit") {
		t.Errorf("%s shows a key: %s", p.Path, s)
	}
}

// issue puts a certificate of the department kj on file for the first firm.
func issue(t *testing.T, a *apptest.App, in identity.IssueInput) identity.Certificate {
	t.Helper()
	e, err := a.Identity.EnterpriseByUSCC(t.Context(), firstFirm)
	if err != nil {
		t.Fatal(err)
	}
	if in.Holder.ID == "" {
		in.Holder = e.Party()
	}
	c, err := a.Identity.Issue(t.Context(), auth.SystemActor(), in)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOwnPagesInBothLanguages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	cert := issue(t, a, identity.IssueInput{Type: "lab_animal_permit", Issuer: "kj", Months: 60})
	c := a.As(t, "applicant")

	p := show(t, c, i18n.Chinese, "/my/account", "赵启明", "371602********0011", "139****0001", "a***@zhilian.example", "负责人")
	if strings.Contains(p.Body, "371602198803120011") || strings.Contains(p.Body, "13900010001") {
		t.Error("the account shows a number in full")
	}
	show(t, c, i18n.English, "/my/account", "My account", "Zhao Qiming", "Owner", "Bohai Zhilian Sensing Technology Co., Ltd.")

	p = show(t, c, i18n.Chinese, "/my/certificates", "居民身份证", "371602********0011", cert.Number, "科技创新局", "2026年3月2日至2031年3月1日", "还没生效")
	if strings.Contains(p.Body, "371602198803120011") {
		t.Error("the list shows the number of the identity card in full")
	}
	show(t, c, i18n.English, "/my/certificates", "Not yet valid", "2 March 2026 to 1 March 2031", "Show the verification code")

	p = show(t, c, i18n.Chinese, "/my/certificates/"+cert.ID+"/print", cert.Number, "渤海智联传感科技有限公司", "科技创新局")
	if webtest.Find(p.Doc(), "img", "src", "/qr?path="+url.QueryEscape("/verify/"+cert.Token)) == nil {
		t.Error("the sheet has no code to verify it with")
	}
	show(t, c, i18n.English, "/my/certificates/"+cert.ID+"/print", "Holder")

	citizen := a.As(t, "citizen")
	show(t, citizen, i18n.Chinese, "/my/account", "请企业负责人带营业执照")
	show(t, citizen, i18n.English, "/my/account", "ask its owner")
	if p := show(t, a.As(t, "agent"), i18n.Chinese, "/my/account", "经办人"); p.Has("负责人") {
		t.Error("the agent is shown as owner")
	}
}

func TestWhatIsNotYoursIsNotFound(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	firm := issue(t, a, identity.IssueInput{Type: "lab_animal_permit", Issuer: "kj"})
	other := a.As(t, "citizen")
	for _, path := range []string{"/my/certificates/" + firm.ID + "/print", "/my/certificates/none/print"} {
		if p := other.Get(path); p.Status != http.StatusNotFound || p.Has(firm.Number) {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	for _, path := range []string{"/my/account", "/my/certificates", "/my/certificates/" + firm.ID + "/print"} {
		if p := a.As(t, "clerk").Get(path); p.Status != http.StatusForbidden {
			t.Errorf("staff at %s: %d", path, p.Status)
		}
		visitor := a.As(t, "")
		visitor.Follow = false
		if p := visitor.Get(path); p.Status != http.StatusSeeOther || p.Location() != "/sign-in?next="+url.QueryEscape(path) {
			t.Errorf("visitor at %s: %d %s", path, p.Status, p.Location())
		}
	}
}

func TestVerifyPage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	valid := issue(t, a, identity.IssueInput{Type: "lab_animal_permit", Issuer: "kj", Months: 60})
	gone := issue(t, a, identity.IssueInput{Type: "test_report", Number: "JC-1", From: "2020-01-01", Until: "2020-12-31"})
	future := issue(t, a, identity.IssueInput{Type: "test_report", Number: "JC-2", From: "2026-03-03"})
	revoked := issue(t, a, identity.IssueInput{Type: "test_report", Number: "JC-3"})
	if err := a.DB.InTx(t.Context(), func(ctx context.Context) error {
		_, err := a.DB.Exec(ctx, `UPDATE identity_certificate SET state='revoked' WHERE id=$1`, revoked.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	citizen, err := a.Identity.AccountByLogin(t.Context(), "citizen")
	if err != nil {
		t.Fatal(err)
	}
	own, err := a.Identity.Certificates(t.Context(), []string{citizen.ID})
	if err != nil || len(own) == 0 {
		t.Fatal(own, err)
	}
	c := a.As(t, "")
	for token, want := range map[string][2]string{
		valid.Token: {"这份证照有效", "This certificate is valid"}, gone.Token: {"这份证照已过期", "This certificate has expired"},
		future.Token: {"这份证照还没生效", "not yet valid"}, revoked.Token: {"这份证照已撤销", "has been revoked"},
	} {
		show(t, c, i18n.Chinese, "/verify/"+token, want[0], "渤海智联传感科技有限公司")
		show(t, c, i18n.English, "/verify/"+token, want[1], "Holder")
	}
	p := show(t, c, i18n.Chinese, "/verify/"+own[0].Token, "何*芬", "371602********0025")
	if strings.Contains(p.Body, "何桂芬") || strings.Contains(p.Body, citizen.IDNumber) || strings.Contains(p.Body, citizen.ID) {
		t.Error("the page says who the person is")
	}
	for _, token := range []string{strings.Repeat("a", 32), "x", "' OR 1=1 --", strings.Repeat("z", 500)} {
		p := c.Get("/verify/" + url.PathEscape(token))
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusNotFound || !p.Has("没有查到这份证照") && !p.Has("No such certificate") {
			t.Errorf("%q: %d %s", token, p.Status, p.Text())
		}
	}
}

func TestVerifyForm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	cert := issue(t, a, identity.IssueInput{Type: "lab_animal_permit", Issuer: "kj"})
	c := a.As(t, "")
	for typed, ok := range map[string]bool{
		cert.Token: true, strings.ToUpper(cert.Token): true, " " + cert.Token[:8] + "-" + cert.Token[8:] + " ": true,
		"http://tongban.test/verify/" + cert.Token: true, "": false, "abc": false, "http://tongban.test/verify/": false, "//evil.example": false,
	} {
		p := c.Submit(show(t, c, i18n.Chinese, "/verify", "核验证照"), "/verify", url.Values{"code": {typed}})
		webtest.A11y(t, p.Doc())
		switch {
		case ok && (p.Status != http.StatusOK || p.Path != "/verify/"+cert.Token):
			t.Errorf("%q: %d %s", typed, p.Status, p.Path)
		case !ok && p.Status != http.StatusUnprocessableEntity:
			t.Errorf("%q: %d %s", typed, p.Status, p.Path)
		}
	}
	show(t, c, i18n.English, "/verify", "Verify a certificate")
}

func TestVerifyIsThrottledByAddress(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	for range 60 {
		if p := c.Get("/verify/" + strings.Repeat("a", 32)); p.Status != http.StatusNotFound {
			t.Fatal(p.Status)
		}
	}
	if p := c.Get("/verify/" + strings.Repeat("b", 32)); p.Status != http.StatusTooManyRequests || !p.Has("15 分钟") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
}

func TestDemonstrationOffersItsAccounts(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := webtest.New(t, demonstration(t, a))
	p := show(t, c, i18n.Chinese, "/sign-in?next=%2Fmy%2Faccount", "演示账号", "综合窗口人员 · 科创区政务服务中心 A01", "渤海智联传感科技有限公司（负责人）", "林巧云")
	show(t, c, i18n.English, "/sign-in", "Demonstration accounts", "Window clerk")
	var links []string
	for _, n := range webtest.FindAll(p.Doc(), "a", "class", "tb-row") {
		links = append(links, webtest.Attr(n, "href"))
	}
	if len(links) != len(demoLogins)-1 || !slices.Contains(links, "/sign-in?login=applicant&next=%2Fmy%2Faccount") {
		t.Errorf("%d accounts: %v", len(links), links)
	}
	p = c.Submit(c.Get("/sign-in?login=applicant&next=%2Fmy%2Faccount"), "/sign-in", nil)
	if p.Status != http.StatusOK || p.Path != "/my/account" || !p.Has("Zhao Qiming") {
		t.Errorf("one click and a button: %d %s", p.Status, p.Path)
	}
	if p := c.Get("/sign-in?login=xiaruoyun"); strings.Contains(p.Body, "tongban-demo") {
		t.Error("the password is filled in for an account that is not offered")
	}
	if p := a.As(t, "").Get("/sign-in?login=clerk"); p.Has("演示账号") || strings.Contains(p.Body, "tongban-demo") {
		t.Error("an installation that is no demonstration offers accounts")
	}
}
