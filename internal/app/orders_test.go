package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// orderWorld is the people around an order, at their pages.
type orderWorld struct {
	*apptest.App
	t *testing.T
}

// submit hands a filled-in draft in through the pages and returns its id.
func (w orderWorld) submit(c *webtest.Client, id cases.ID) {
	w.t.Helper()
	page := "/my/cases/" + string(id)
	p := c.Submit(c.Get(page+"/review"), page+"/submit", url.Values{"promise": {"on"}})
	if p.Status != http.StatusOK || !strings.HasSuffix(p.Path, "/receipt") {
		w.t.Fatalf("%s %d: %s", p.Path, p.Status, p.Text())
	}
	webtest.A11y(w.t, p.Doc())
}

// do gives a command on a case through the workbench.
func (w orderWorld) do(login string, id cases.ID, command string, values url.Values) {
	w.t.Helper()
	k, err := w.Cases.Find(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	v := url.Values{"version": {strconv.Itoa(k.Version)}}
	for key, x := range values {
		v[key] = x
	}
	if p := w.As(w.t, login).Post("/work/cases/"+string(id)+"/do/"+command, v); p.Status != http.StatusOK {
		w.t.Fatalf("%s by %s: %d %s", command, login, p.Status, p.Text())
	}
}

// through takes a step through its desks, each half an hour after the other.
func (w orderWorld) through(st cases.Step, departments map[string]bool) {
	w.t.Helper()
	for range 6 {
		v, err := w.Cases.View(w.t.Context(), auth.SystemActor(), st.CaseID)
		if err != nil {
			w.t.Fatal(err)
		}
		i := slices.IndexFunc(v.Tasks, func(x cases.Task) bool { return x.State == cases.TaskOpen })
		if i < 0 {
			return
		}
		w.Clock.Advance(20 * time.Minute)
		task := v.Tasks[i]
		login := task.Role + "-" + task.DepartmentID
		departments[task.DepartmentID] = true
		if login == "approver-kj" {
			login = "approver"
		}
		if task.Decides {
			w.do(login, st.CaseID, "decide", url.Values{"outcome": {"granted"}})
		} else {
			w.do(login, st.CaseID, "endorse", url.Values{"result": {"agree"}, "reason": {"材料齐全"}})
		}
	}
}

// TestOpenAFirm is the story of a firm that is opened: one form, one window that
// accepts once, six cases at the desks of several departments, all of it done
// within the working day, a licence on file, and one rating.
func TestOpenAFirm(t *testing.T) {
	t.Parallel()
	w := orderWorld{apptest.New(t), t}
	ctx := t.Context()
	c, who := w.As(t, "talent"), w.Actor(t, "talent")

	guide := c.Get("/items/YJS-0001")
	webtest.A11y(t, guide.Doc())
	for _, want := range []string{"企业开办一件事", "公章刻制备案", "由第 1 步", "单独办合计 6 个工作日", "同时办理"} {
		if !guide.Has(want) {
			t.Errorf("the guide lacks %q: %s", want, guide.Text())
		}
	}
	if p := c.Get("/items/GA-0101"); !p.Has("企业开办一件事") {
		t.Error("the guide of a step does not name the bundle")
	}
	form := c.Submit(guide, "/my/start", nil)
	if !strings.HasSuffix(form.Path, "/form") {
		t.Fatalf("%s %d %s", form.Path, form.Status, form.Text())
	}
	webtest.A11y(t, form.Doc())
	id := cases.ID(strings.Split(form.Path, "/")[3])
	if err := w.Cases.TypeSample(ctx, who, id, 7, map[string]string{"has_staff": "yes", "wants_account": "yes", "seal_reason": "more", "invoice_limit": "more", "staff_count": "300"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Cases.AttachSample(ctx, who, id); err != nil {
		t.Fatal(err)
	}
	w.submit(c, id)
	if p := c.Get("/my/cases/" + string(id) + "/receipt"); !p.Has("分 6 步") || !p.Has("住房公积金单位缴存登记") {
		t.Error(p.Text())
	}
	w.do("clerk2", id, "accept", nil) // any window of the city

	departments := map[string]bool{}
	for range 6 {
		v, err := w.Cases.View(ctx, who, id)
		if err != nil {
			t.Fatal(err)
		}
		if p := c.Get("/my/cases/" + string(id)); p.Status != http.StatusOK {
			t.Fatal(p.Text())
		} else {
			webtest.A11y(t, p.Doc())
		}
		for _, st := range v.Steps {
			if st.State != cases.StepRunning {
				continue
			}
			mine := c.Get("/my/cases/" + string(st.CaseID))
			if !mine.Has("看整件事") || mine.Has("办理中。 办理中") {
				t.Error(mine.Text())
			}
			webtest.A11y(t, mine.Doc())
			staff := w.As(t, "handler-"+st.DepartmentID).Get("/work/lists/group?case=" + string(st.CaseID))
			if !staff.Has("步 · 企业开办一件事") || !staff.Has("办理步骤") {
				t.Errorf("the workbench of %s: %s", st.DepartmentID, staff.Text())
			}
			webtest.A11y(t, staff.Doc())
			w.through(st, departments)
		}
		if v, _ = w.Cases.View(ctx, who, id); v.State != cases.Handling {
			break
		}
	}
	v, err := w.Cases.View(ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	if v.State != cases.Delivered || v.Outcome != cases.Granted || cases.Taken(v.Steps) != 6 || len(departments) < 5 {
		t.Fatalf("%s %s, by %v: %+v", v.State, v.Outcome, departments, v.Steps)
	}
	if workday.DateOf(v.DecidedAt) != workday.DateOf(v.AcceptedAt) || !v.DecidedAt.Before(v.DueAt) {
		t.Errorf("accepted %v, decided %v, due %v", v.AcceptedAt, v.DecidedAt, v.DueAt)
	}
	onFile, err := w.Identity.OnFile(ctx, who.ID)
	if err != nil || onFile["business_licence"].Number == "" {
		t.Errorf("no licence on file: %v %v", onFile, err)
	}
	if err := w.Feedback.RateCase(ctx, who, string(id), feedback.RateInput{Score: 5}); err != nil {
		t.Errorf("the order cannot be rated: %v", err)
	}
	if err := w.Feedback.RateCase(ctx, who, string(v.Steps[1].CaseID), feedback.RateInput{Score: 5}); err == nil {
		t.Error("a step was asked to be rated, too")
	}
	if p := c.Get("/my/cases"); len(webtest.FindAll(p.Doc(), "a", "class", "tb-row")) != 1 || !p.Has("已办好 6/6 步") {
		t.Error(p.Text())
	}
	if p := w.As(t, "").Post("/track", url.Values{"number": {v.Number}, "code": {v.PickupCode}}); !p.Has("公章刻制备案") || !p.Has("第 1 步办好了") {
		t.Error(p.Text())
	} else {
		webtest.A11y(t, p.Doc())
	}
	if p := w.As(t, "leader").Get("/lead"); !p.Has("一件事申请 1 单") {
		t.Error(p.Text())
	}
}

// TestCart is the story of an order from the menu: a visitor collects items of
// two departments, signs in, orders both with one form, and each becomes a case.
func TestCart(t *testing.T) {
	t.Parallel()
	w := orderWorld{apptest.New(t), t}
	ctx := t.Context()
	c, who := w.As(t, ""), w.Actor(t, "applicant")
	empty := c.Get("/cart")
	if !empty.Has("清单还是空的") {
		t.Error(empty.Text())
	}
	webtest.A11y(t, empty.Doc())
	for _, code := range []string{"KJ-0102", "RC-0001", "CZ-0201"} {
		p := c.Submit(c.Get("/items/"+code), "/cart/add", nil)
		if p.Status != http.StatusOK || !p.Has("已加入") || p.Path != "/items/"+code {
			t.Fatalf("%s: %s", p.Path, p.Text())
		}
	}
	if p := c.Post("/cart/add", url.Values{"item": {"YB-9999"}}); p.Status != http.StatusNotFound {
		t.Errorf("what is not there: %d", p.Status)
	}
	both := c.Get("/cart") // a card for people and things for firms: two orders
	if !both.Has("为企业办的") || !both.Has("为本人办的") || !both.Has("人才服务金卡申领") {
		t.Error(both.Text())
	}
	webtest.A11y(t, both.Doc())
	one := c.Post("/cart/remove", url.Values{"item": {"RC-0001"}, "back": {"/cart"}})
	if one.Has("为本人办的") || !one.Has("比分开办少") {
		t.Error(one.Text())
	}
	c.Get("/-/sign-in?login=applicant")
	cart := c.Get("/cart")
	if !cart.Has("雏鹰企业入库") || !cart.Has("一起办这 2 项") {
		t.Fatalf("the cart was lost at signing in: %s", cart.Text())
	}
	webtest.A11y(t, cart.Doc())
	if n := len(w.Catalogue.Search("雏鹰企业入库", 50, catalogue.Filter{})); n == 0 {
		t.Fatal("the search is blind")
	}
	before := len(w.Catalogue.List(catalogue.Filter{}).Items)
	form := c.Submit(cart, "/my/order", url.Values{"party": {who.Firms[0]}})
	if !strings.HasSuffix(form.Path, "/form") {
		t.Fatalf("%s %d %s", form.Path, form.Status, form.Text())
	}
	webtest.A11y(t, form.Doc())
	id := cases.ID(strings.Split(form.Path, "/")[3])
	if err := w.Catalogue.Load(ctx); err != nil || len(w.Catalogue.List(catalogue.Filter{}).Items) != before {
		t.Errorf("what was composed stands in the catalogue: %v", err)
	}
	if p := c.Get("/cart"); !p.Has("清单还是空的") {
		t.Error("what was ordered is still in the cart")
	}
	w.Fill(t, who, id)
	w.submit(c, id)
	w.do("clerk", id, "accept", nil)
	v, err := w.Cases.View(ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Steps) != 2 || v.Steps[0].State != cases.StepRunning || v.Steps[1].State != cases.StepRunning {
		t.Fatalf("%+v", v.Steps)
	}
	for i, st := range v.Steps {
		x := v.Steps[i].Case
		if x.ItemCode != st.ItemCode || x.DepartmentID != st.DepartmentID || x.Party != v.Party {
			t.Errorf("%+v", x)
		}
		w.through(st, map[string]bool{})
	}
	if k, err := w.Cases.Find(ctx, id); err != nil || k.State != cases.Delivered || k.Outcome != cases.Granted {
		t.Fatalf("%+v %v", k, err)
	}
	staff := w.As(t, "clerk")
	if p := staff.Get("/cart"); p.Status != http.StatusForbidden {
		t.Errorf("staff have a cart: %d", p.Status)
	}
}
