package matchingweb_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/browser"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// A firm sees what it fits, why, and what would settle the rest; when it says a
// fact that is missing, the page knows at once.
func TestPoliciesForMe(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	actor := a.Actor(t, "applicant")
	before, err := a.Advice.For(ctx, actor, actor.Firms[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(before.Of(advice.Fits)) == 0 || len(before.Of(advice.Open)) == 0 || len(before.Of(advice.Near)) == 0 || before.Total <= 0 || len(before.Gaps) == 0 {
		t.Fatalf("%d fit, %d open, %d near, %v in all, %d facts wanted", len(before.Of(advice.Fits)), len(before.Of(advice.Open)), len(before.Of(advice.Near)), before.Total, len(before.Gaps))
	}
	c := a.As(t, "applicant")
	for l, want := range map[string][]string{"zh-CN": {"适合我的政策", "符合条件", "补上这些"}, "en": {"Policies for me", "You meet the conditions", "One step away"}} {
		c.Header.Set("Accept-Language", l)
		p := c.Get("/my/policies")
		webtest.A11y(t, p.Doc())
		for _, w := range want {
			if !p.Has(w) {
				t.Errorf("%s: no %q", l, w)
			}
		}
		if strings.Contains(p.Body, "matching.") {
			t.Errorf("%s: a text is missing", l)
		}
	}
	g := before.Gaps[0]
	value := "12"
	if d := dossier.Published().Def(g.Key); d.Type == dossier.Flag {
		value = "yes"
	}
	if _, err := a.Dossier.Declare(ctx, actor, actor.Firms[0], dossier.Declaration{Key: g.Key, Year: g.Year, Value: value}); err != nil {
		t.Fatal(err)
	}
	after, err := a.Advice.For(ctx, actor, actor.Firms[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range after.Gaps {
		if w.Gap == g.Gap {
			t.Errorf("%s is still missing", g.Name)
		}
	}
	if p := a.As(t, "luzhengping").Get("/my/policies?firm=" + actor.Firms[0]); p.Status != http.StatusNotFound {
		t.Errorf("somebody else's firm: %d", p.Status)
	}
}

// The page of those who look after a firm is theirs alone.
func TestPoliciesOfAFirm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	mine := a.Actor(t, "commissioner").Portfolio[0]
	p := a.As(t, "commissioner").Get("/care/firms/" + mine + "/policies")
	webtest.A11y(t, p.Doc())
	if p.Status != http.StatusOK || !p.Has("适合该企业的政策") {
		t.Error(p.Status)
	}
	if p := a.As(t, "clerk").Get("/care/firms/" + mine + "/policies"); p.Status != http.StatusNotFound {
		t.Errorf("a clerk sees them: %d", p.Status)
	}
}

// Anybody can check without an account: what is typed wrong is said at its place,
// and what would help most is asked for next.
func TestCheckWithoutAnAccount(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := webtest.New(t, a.Handler)
	for _, l := range []string{"zh-CN", "en"} {
		c.Header.Set("Accept-Language", l)
		webtest.A11y(t, c.Get("/policies/check").Doc())
		p := c.Get("/policies/check?" + url.Values{
			"region": {"371671"}, "industry": {"I65"}, "registered_on": {"2018-05-01"}, "staff": {"80"}, "rd_staff": {"30"}, "revenue": {"3000"}, "rd_cost": {"200"}, "qualifications": {"high_tech_enterprise", "tech_sme"},
		}.Encode())
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusOK || webtest.Find(p.Doc(), "section", "id", "fits") == nil || !strings.Contains(p.Body, `value="3000"`) || webtest.Find(p.Doc(), "fieldset", "class", "tb-check-more") == nil {
			t.Errorf("%s: %d %s", l, p.Status, p.Text())
		}
	}
	p := c.Get("/policies/check?revenue=many&staff=80")
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `value="many"`) || !strings.Contains(p.Body, `value="80"`) {
		t.Errorf("%d, or what was typed is lost", p.Status)
	}
}

// While somebody writes a rule he is told what is wrong and where, what it says,
// how many firms fit and what it costs.
func TestTrials(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	c.Header.Set("HX-Request", "true")
	try := func(rule, zero string) *webtest.Page {
		t.Helper()
		p := c.Post("/work/policies/try", url.Values{"rule": {rule}, "zero": {zero}, "amount": {"100000"}, "budget": {"1"}})
		if p.Status != http.StatusOK || strings.Contains(p.Body, "<html") || strings.Contains(p.Body, "matching.") {
			t.Fatalf("%d %s", p.Status, p.Body)
		}
		return p
	}
	for _, x := range []struct{ rule, zero, want string }{
		{`rd_cost(-1) / revenue(-1) >= 0.03`, "none", "不低于 3%"},
		{`rd_cost(-1) / revenue(-1) >= 0.03`, "", "除数为零"},
		{"resident &&\n  turnover >= 5", "", "第 2 行第 3 个字"},
		{`resident &&`, "", "规则到这里就断了"},
		{`revenue(-9) > 0`, "", "没有这一年的数"},
		{`true`, "", "所有企业都符合"},
		{`resident || (listed && strategic)`, "", "同时满足："},
		{`"x" in awards`, "", "不在这个指标的可选项里"},
		{`staff(-1) >= 5 ? resident : listed`, "", "逐家计算"},
		{`staff(-1) > 1 && staff(-1) < 1`, "", "符合的企业"},
		{``, "", "写下条件后"},
		{strings.Repeat("(", 70) + "resident" + strings.Repeat(")", 70), "", "太长"},
		{strings.Repeat("resident || ", 2000) + "listed", "", "太长"},
	} {
		if p := try(x.rule, x.zero); !p.Has(x.want) {
			t.Errorf("%.60s: no %q in %s", x.rule, x.want, p.Text())
		}
	}
	c.Header.Del("HX-Request")
	p := c.Post("/work/policies/try", url.Values{"rule": {`resident`}})
	webtest.A11y(t, p.Doc())
	for _, path := range []string{"/work/policies/words"} {
		p := c.Get(path)
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusOK || !p.Has("rd_cost") {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := a.As(t, "applicant").Post("/work/policies/try", url.Values{"rule": {`resident`}}); p.Status != http.StatusForbidden {
		t.Errorf("an applicant tries rules: %d", p.Status)
	}
	m := a.As(t, "system-admin").Get("/admin/matching")
	webtest.A11y(t, m.Doc())
	if m.Status != http.StatusOK || !m.Has("每家企业") {
		t.Error(m.Status)
	}
}

// A moved threshold shows whom it gains and loses, as the engine says.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	entries, err := a.Policies.Published(ctx)
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.Matching.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c := a.As(t, "handler-kj")
	c.Header.Set("HX-Request", "true")
	moved := 0
	for _, e := range entries {
		key := matching.ClausePrefix + e.Key
		if yes, _ := v.Count(key); !e.Matched() || yes == 0 {
			continue
		}
		if e.Document.Department != "kj" { // another department's candidates
			if p := c.Get("/work/policies/what-if/" + e.Key); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d", e.Key, p.Status)
			}
			continue
		}
		p := c.Get("/work/policies/what-if/" + e.Key)
		if p.Status != http.StatusOK || !p.Has("+0") || !p.Has("−0") {
			t.Fatalf("%s: %d %s", e.Key, p.Status, p.Text())
		}
		p = c.Get("/work/policies/what-if/" + e.Key + "?n0=1&n1=1&n2=1")
		if p.Status != http.StatusOK {
			t.Fatalf("%s: %d", e.Key, p.Status)
		}
		if moved++; moved == 8 {
			break
		}
	}
	if moved == 0 {
		t.Error("no clause fits anybody")
	}
	c.Header.Del("HX-Request")
	for _, l := range []string{"zh-CN", "en"} {
		c.Header.Set("Accept-Language", l)
		i := slices.IndexFunc(entries, func(e policy.Entry) bool { return e.Key == "kj-2026-01-1" })
		webtest.A11y(t, c.Get("/work/policies/what-if/"+entries[i].Key).Doc())
	}
	if p := c.Get("/work/policies/what-if/nothing"); p.Status != http.StatusNotFound {
		t.Error(p.Status)
	}
}

// A rule that means one firm tells nothing of it to those who may not read its
// file, and is entered.
func TestATrialTellsNothingOfAFirm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	firm, err := a.Identity.Enterprise(ctx, a.Actor(t, "applicant").Firms[0])
	if err != nil {
		t.Fatal(err)
	}
	f, err := a.Dossier.FirmFacts(ctx, firm.ID)
	if err != nil {
		t.Fatal(err)
	}
	rule := `registered_on == day("` + f.Fact("registered_on", 0).Value + `")`
	v, err := a.Matching.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if one, err := v.Try(matching.Draft{Rule: rule}); err != nil || one.Yes == 0 || one.Yes > 4 {
		t.Fatalf("%d firms, %v", one.Yes, err)
	}
	c := a.As(t, "handler-hb")
	c.Header.Set("HX-Request", "true")
	p := c.Post("/work/policies/try", url.Values{"rule": {rule}, "of": {"revenue(-1)"}, "rate": {"100"}})
	if p.Status != http.StatusOK || !p.Has("少于 5") || p.Has("预计金额") || p.Has("元") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	entries, err := a.Audit.OfObject(ctx, "matching:rule")
	if err != nil || len(entries) != 1 || !strings.Contains(entries[0].Change, "registered_on") {
		t.Errorf("%+v %v", entries, err)
	}
	// A library administrator sees how many, and no names.
	c = a.As(t, "catalogue-admin")
	p = c.Get("/work/policies/what-if/kj-2026-01-1?n0=1e1000000&n1=0.9")
	if p.Status != http.StatusOK || p.Has("会减少的企业") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
}

// Only firms are held against rules: a certificate of a person adds nobody, one of
// a firm is known at once.
func TestCertificatesCountAtOnce(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	before, err := a.Matching.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	issue := func(kind string, holder identity.Party) {
		t.Helper()
		if _, err := a.Identity.Issue(ctx, auth.SystemActor(), identity.IssueInput{Type: kind, Number: kind + "-1", Holder: holder}); err != nil {
			t.Fatal(err)
		}
	}
	person, err := a.Identity.AccountByLogin(ctx, "talent")
	if err != nil {
		t.Fatal(err)
	}
	issue("diploma", person.Party())
	firm, err := a.Identity.Enterprise(ctx, a.Actor(t, "applicant").Firms[0])
	if err != nil {
		t.Fatal(err)
	}
	issue("gazelle", firm.Party())
	after, err := a.Matching.View(ctx)
	if err != nil || after.Firms() != before.Firms() {
		t.Fatalf("%d firms, were %d, %v", after.Firms(), before.Firms(), err)
	}
	gazelle := func(v *matching.View) engine.Tri {
		row, _ := v.Row(firm.ID)
		r, err := facts.Vocabulary().Compile(`"gazelle" in qualifications`, "")
		if err != nil {
			t.Fatal(err)
		}
		out, _ := r.Eval(row, 0)
		return out
	}
	if gazelle(before) != engine.No || gazelle(after) != engine.Yes {
		t.Errorf("%v, then %v", gazelle(before), gazelle(after))
	}
}

// In a browser the figures follow the slider, and the trial follows the typing.
func TestSlidersInTheBrowser(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	v, err := a.Matching.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const key = "kj-2026-01-1"
	before, _ := v.Count(matching.ClausePrefix + key)
	srv := httptest.NewServer(a.Handler)
	t.Cleanup(srv.Close)
	p := browser.Start(t, srv.URL).Page(t, "handler-kj", 1440, 900)
	p.Open("/sign-in")
	p.Type("login", "handler-kj")
	p.Type("password", app.DemoPassword)
	p.ClickOn(`main button[type="submit"], main form[action^="/sign-in"] button`)
	p.Until("be signed in", `!location.pathname.startsWith("/sign-in")`)
	p.Open("/work/policies/what-if/" + key)
	p.Until("see the figures", `document.querySelector("#what-if b").textContent === "`+strconv.Itoa(before)+`"`)
	p.JS(`(() => {
		const s = document.querySelector("input[type=range]");
		s.value = s.max;
		s.dispatchEvent(new Event("input", { bubbles: true }));
	})()`)
	p.Until("see the number move", `document.querySelector("output").textContent.replaceAll(",", "") === document.querySelector("input[type=range]").max`)
	p.Until("see firms lost", `/−[1-9]/.test(document.querySelector("#what-if").textContent)`)
	p.Axe()
}
