package app_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/browser"
)

// journey is the story of a licence, told by the people in it.
type journey struct {
	*apptest.App
	t     *testing.T
	b     *browser.Browser
	shots string // folder for the pictures of the documentation, "" for none
}

// signIn opens a tab for somebody and signs in through the page.
func (j *journey) signIn(login string, width, height int64) *browser.Page {
	j.t.Helper()
	p := j.b.Page(j.t, login, width, height)
	p.Open("/sign-in")
	p.Type("login", login)
	p.Type("password", app.DemoPassword)
	p.ClickOn(`main button[type="submit"], main form[action^="/sign-in"] button`)
	p.Until("be signed in", `!location.pathname.startsWith("/sign-in")`)
	return p
}

// TestJourney is the whole path in a real browser: a visitor on a phone finds
// the service and applies; a clerk at another window asks once for a paper; two
// departments examine side by side, one sends back; the approver decides; the
// certificate is verified by a stranger; the result is handed over; the service
// is rated; the leader sees it. Every page on the way is checked with axe-core.
func TestJourney(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	if err := a.FillHistory(t.Context(), 120, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(a.Handler)
	t.Cleanup(srv.Close)
	j := &journey{App: a, t: t, b: browser.Start(t, srv.URL), shots: os.Getenv("TONGBAN_SCREENSHOTS")}
	file := filepath.Join(t.TempDir(), "实验动物 设施.pdf")
	if err := os.WriteFile(file, pdfBytes, 0o600); err != nil {
		t.Fatal(err)
	}

	number, id, applicant := j.apply(file)
	j.askOnce(id, number)
	j.supplement(applicant, id, file)
	j.handle(id, applicant, file)
	j.result(id, applicant)
	j.counts()
	j.visitorWithoutAccount()
	j.inEnglish(id)
}

var pdfBytes = []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

// apply is the visitor on a phone, from the search to the receipt.
func (j *journey) apply(file string) (number, id string, p *browser.Page) {
	t := j.t
	t.Helper()
	wide := j.b.Page(t, "visitor", 1440, 1000)
	wide.Open("/")
	j.chinese(wide)
	wide.Axe()
	wide.Shot(j.shots, "portal")
	p = j.b.Page(t, "applicant", 390, 844)
	p.Open("/")
	j.chinese(p)
	p.Axe()
	p.Shot(j.shots, "portal-phone")
	p.Open("/search?q=" + url.QueryEscape("我要用小白鼠做实验 实验动物"))
	p.Axe()
	p.Click("实验动物使用许可")
	p.WaitPath("/items/KJ-0001")
	p.Axe()
	p.Click("登录")
	p.WaitPath("/sign-in")
	p.Axe()
	p.Type("login", "applicant")
	p.Type("password", "wrong password")
	p.ClickOn(`main form[action^="/sign-in"] button`)
	p.Until("be told", `document.querySelector('[role="alert"]')`)
	p.Axe()
	p.Type("password", app.DemoPassword)
	p.ClickOn(`main form[action^="/sign-in"] button`)
	p.WaitPath("/items/KJ-0001")
	p.Click("开始办理")
	p.WaitPath("/form")
	p.Axe()
	path := p.Path()
	id = strings.Split(path, "/")[3]
	j.fillForm(p, id, "applicant")
	p.Open(path) // what was typed saved itself and is still there
	for _, m := range j.missing(id, "applicant") {
		p.Upload(`[name="material.`+m+`"]`, file)
		p.ClickOn(`button[formaction$="/materials/` + m + `"]`)
		p.Until("the file is there", `!document.querySelector('.tb-busy') && document.querySelector('a[href*="/files/"]')`)
		p.Open(path)
	}
	p.Choose("collect", "window")
	p.Click("下一步")
	p.WaitPath("/review")
	p.Axe()
	p.Click("提交申请") // without the promise
	p.Until("be asked for the promise", `document.querySelector('[aria-invalid="true"], [name="promise"]:invalid')`)
	p.Choose("promise", "on")
	p.Click("提交申请")
	p.WaitPath("/receipt")
	p.Axe()
	p.Shot(j.shots, "receipt-phone")
	k, err := j.Cases.Find(t.Context(), cases.ID(id))
	if err != nil || k.State != cases.Submitted {
		t.Fatalf("%+v %v", k, err)
	}
	p.Wait(k.Number)
	return k.Number, id, p
}

// chinese switches a tab to Chinese through the switch of the page.
func (j *journey) chinese(p *browser.Page) { j.language(p, "zh-CN") }

func (j *journey) language(p *browser.Page, l string) {
	j.t.Helper()
	if lang, _ := p.JS(`document.documentElement.lang`).(string); lang == l {
		return
	}
	p.JS(`(() => { const b = document.querySelector('button[name="locale"][value="` + l + `"], [name="locale"][value="` + l + `"]'); const f = b.closest("form"); f.requestSubmit(b.tagName === "BUTTON" ? b : undefined); })()`)
	p.Until("read "+l, `document.readyState === "complete" && document.documentElement.lang === "`+l+`"`)
}

// fillForm types what the form asks for, as the shared sample does.
func (j *journey) fillForm(p *browser.Page, id, login string) {
	t := j.t
	t.Helper()
	who := j.Actor(t, login)
	for range 4 { // an answer can open further fields
		f, err := j.Cases.Form(t.Context(), who, cases.ID(id))
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Bad) == 0 {
			return
		}
		typed := map[string]string{}
		for _, s := range f.Item.Form.Sections {
			for _, field := range s.Fields {
				v := cases.Sample(f.Item, f.Answers, 3)[field.ID]
				if len(v) == 0 || len(f.Buffer.Typed[field.ID]) > 0 && f.Buffer.Typed[field.ID][0] != "" {
					continue
				}
				if there, _ := p.JS(`!!document.querySelector('[name="` + field.ID + `"]')`).(bool); !there {
					continue
				}
				if len(field.Options) > 0 || field.Type == "yesno" {
					p.Choose(field.ID, v[0])
				} else {
					p.Type(field.ID, v[0])
				}
				typed[field.ID] = v[0]
			}
		}
		j.saved(who, id, typed)
		p.Open(p.Path()) // with the fields that the answers opened
	}
}

// saved waits until the form has saved itself.
func (j *journey) saved(who auth.Actor, id string, typed map[string]string) {
	j.t.Helper()
	for range 200 {
		f, err := j.Cases.Form(j.t.Context(), who, cases.ID(id))
		if err != nil {
			j.t.Fatal(err)
		}
		there := true
		for field, v := range typed {
			there = there && len(f.Buffer.Typed[field]) > 0 && f.Buffer.Typed[field][0] == v
		}
		if there {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	f, _ := j.Cases.Form(j.t.Context(), who, cases.ID(id))
	j.t.Fatalf("the form did not save itself: typed %v, there is %v", typed, f.Buffer.Typed)
}

func (j *journey) missing(id, login string) []string {
	j.t.Helper()
	f, err := j.Cases.Form(j.t.Context(), j.Actor(j.t, login), cases.ID(id))
	if err != nil {
		j.t.Fatal(err)
	}
	if len(f.Bad) > 0 {
		j.t.Fatalf("still wrong in the form: %+v", f.Bad)
	}
	var out []string
	for _, m := range f.Materials {
		if m.How == cases.Missing {
			out = append(out, m.Key)
		}
	}
	return out
}

// askOnce is a clerk at a window of another hall who finds a paper missing.
func (j *journey) askOnce(id, number string) {
	p := j.signIn("clerk2", 1440, 900)
	p.WaitPath("/work")
	p.Axe()
	p.Open("/work/lists/to_accept")
	p.Axe()
	p.Shot(j.shots, "workbench-list")
	p.Open("/work/search?q=" + url.QueryEscape(number))
	p.WaitPath(id)
	p.Axe()
	p.Key("s")
	p.Until("the form of the notice", `document.querySelector('[name="point"]')`)
	p.Axe()
	p.JS(`(() => { const e = document.querySelector('[name="point"][value="material.facility_plan"]'); e.checked = true; e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	p.Type("reason.material.facility_plan", "图纸缺少比例尺,请补充后重新上传。")
	p.ClickOn(`form[action*="/do/ask_supplement"] button[type="submit"], form[action*="/do/ask_supplement"] button:not([type])`)
	p.Wait("等待")
	j.state(id, cases.Supplementing)
}

func (j *journey) state(id string, want cases.State) cases.Case {
	j.t.Helper()
	var k cases.Case
	for range 50 {
		var err error
		if k, err = j.Cases.Find(j.t.Context(), cases.ID(id)); err != nil {
			j.t.Fatal(err)
		}
		if k.State == want {
			return k
		}
		time.Sleep(100 * time.Millisecond)
	}
	j.t.Fatalf("case is %s, want %s", k.State, want)
	return k
}

// supplement is the applicant who reads the message and adds the paper.
func (j *journey) supplement(p *browser.Page, id, file string) {
	p.Open("/my/feed")
	p.Axe()
	p.Open("/my/cases/" + id)
	p.Axe()
	p.Shot(j.shots, "needs-you-phone")
	p.Open("/my/cases/" + id + "/form")
	p.Wait("图纸缺少比例尺")
	p.Axe()
	p.Upload(`[name="material.facility_plan"]`, file)
	p.ClickOn(`button[formaction$="/materials/facility_plan"]`)
	p.Until("the file is there", `!document.querySelector('.tb-busy')`)
	p.Open("/my/cases/" + id + "/review")
	p.Choose("promise", "on")
	p.JS(`document.querySelector('form[action$="/submit"]').requestSubmit()`)
	j.state(id, cases.Submitted)
}

// command gives a direct command with its form, opened by address.
func (j *journey) command(p *browser.Page, id, command string, fill func()) {
	j.t.Helper()
	p.Open("/work/cases/" + id + "/do/" + command)
	p.Axe()
	if fill != nil {
		fill()
	}
	p.ClickOn(`form[action*="/do/` + command + `"] button[type="submit"], form[action*="/do/` + command + `"] button:not([type])`)
	p.Until("be back at the case", `document.readyState === "complete" && !location.pathname.includes("/do/")`)
}

// handle is acceptance, the departments and the decision.
func (j *journey) handle(id string, applicant *browser.Page, file string) {
	t := j.t
	clerk := j.signIn("clerk2", 1440, 900)
	j.command(clerk, id, "accept", nil)
	k := j.state(id, cases.Handling)
	clerk.Open("/work/cases/" + id)
	clerk.Axe()
	clerk.Shot(j.shots, "workbench-case")
	hb := j.signIn("handler-hb", 1440, 900)
	hb.Open("/work/lists/group?case=" + id)
	hb.Axe()
	hb.Shot(j.shots, "workbench")
	j.command(hb, id, "endorse", func() {
		hb.Choose("result", "agree")
		hb.Type("reason", "废弃物处置合同有效,符合要求。")
	})
	wj := j.signIn("handler-wj", 1440, 900)
	j.command(wj, id, "send_back", func() {
		wj.JS(`document.querySelector('[name="point"][value="material.facility_plan"]').checked = true`)
		wj.Type("reason.material.facility_plan", "请在图上标明洁净区与污染区。")
	})
	applicant.Open("/my/cases/" + id)
	applicant.Wait("洁净区")
	applicant.Axe()
	applicant.Open("/my/cases/" + id + "/form")
	applicant.Upload(`[name="material.facility_plan"]`, file)
	applicant.ClickOn(`button[formaction$="/materials/facility_plan"]`)
	applicant.Until("the file is there", `!document.querySelector('.tb-busy')`)
	applicant.Open("/my/cases/" + id + "/review")
	applicant.Choose("promise", "on")
	applicant.JS(`document.querySelector('form[action$="/submit"]').requestSubmit()`)
	for range 50 {
		if got, err := j.Cases.Find(t.Context(), k.ID); err == nil && !got.NeedsApplicant {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	j.command(wj, id, "endorse", func() {
		wj.Choose("result", "object")
		wj.Type("reason", "消毒记录不全,建议加强管理。")
	})
	kj := j.signIn("handler-kj", 1440, 900)
	j.command(kj, id, "endorse", func() {
		kj.Choose("result", "agree")
		kj.Type("reason", "现场核查合格。")
	})
	approver := j.signIn("approver", 1440, 1000)
	approver.Open("/work/lists/group")
	approver.Axe()
	// What was tolerated at acceptance is let go of before the decision.
	if _, err := j.Cases.Waive(t.Context(), j.Actor(t, "approver"), cases.Ref{ID: k.ID}, "waste_contract", "现场已经核实"); err != nil {
		t.Fatal(err)
	}
	j.command(approver, id, "decide", func() {
		approver.Choose("outcome", "granted")
		approver.Shot(j.shots, "decision")
	})
	if k = j.state(id, cases.Decided); k.Outcome != cases.Granted {
		t.Fatalf("%+v", k)
	}
}

// result is the certificate, its public proof, the hand-over and the rating.
func (j *journey) result(id string, applicant *browser.Page) {
	t := j.t
	k := j.state(id, cases.Decided)
	c, ok, err := j.Identity.CertificateOfCase(t.Context(), id)
	if err != nil || !ok {
		t.Fatal("no certificate", err)
	}
	stranger := j.b.Page(t, "stranger", 390, 844)
	stranger.Open("/verify/" + c.Token)
	j.chinese(stranger)
	stranger.Wait(c.Number)
	stranger.Axe()
	stranger.Shot(j.shots, "verify-phone")
	stranger.Open("/verify/guessed")
	stranger.Axe()
	stranger.Open("/track")
	stranger.Type("number", k.Number)
	stranger.Type("code", k.PickupCode)
	stranger.ClickOn(`form[action="/track"] button`)
	stranger.Until("see the state", `document.querySelector(".tb-timeline")`)
	stranger.Axe()
	clerk := j.signIn("clerk3", 1440, 900)
	j.command(clerk, id, "deliver", func() {
		clerk.Choose("how", "window")
		clerk.Type("receiver", "赵启明")
		clerk.Type("pickup", k.PickupCode)
	})
	j.state(id, cases.Delivered)
	applicant.Open("/my/cases/" + id)
	applicant.Axe()
	applicant.Open("/my/certificates/" + c.ID + "/print")
	applicant.Axe()
	applicant.Shot(j.shots, "certificate-phone")
	who := j.Actor(t, "applicant")
	feed, err := j.Notify.Feed(t.Context(), who.ID, page.Request{Size: 20})
	if err != nil {
		t.Fatal(err)
	}
	link := ""
	for _, m := range feed.Rows {
		if strings.HasPrefix(m.Link, "/rate/") {
			link = m.Link
			break
		}
	}
	if link == "" {
		t.Fatal("nobody asked for a rating")
	}
	stranger.Open(link) // the link works without signing in
	stranger.Axe()
	stranger.Choose("score", "5")
	stranger.Type("text", "窗口态度好,材料只交了一次。")
	stranger.Shot(j.shots, "rating-phone")
	stranger.ClickOn(`form[action^="/rate/"] button`)
	stranger.WaitPath("/thanks")
	stranger.Axe()
}

// counts is the leader who sees what happened.
func (j *journey) counts() {
	p := j.signIn("leader", 1440, 1100)
	p.Open("/lead")
	p.Axe()
	p.Shot(j.shots, "cockpit")
	c := j.signIn("commissioner", 1440, 900)
	c.Open("/care/firms")
	c.Axe()
	m := j.signIn("catalogue-admin", 1440, 900)
	m.Open("/admin/items/KJ-0001")
	m.Axe()
}

// visitorWithoutAccount is somebody who comes to a window with nothing but a card.
func (j *journey) visitorWithoutAccount() {
	t := j.t
	p := j.signIn("clerk", 1440, 900)
	p.Open("/work/desk")
	p.Axe()
	p.Open("/work/desk/visitors/new")
	p.Axe()
	p.Type("name", "周来访")
	p.Type("id_number", "371602199001010011") // a wrong check digit
	p.Type("phone", "13900019999")
	p.ClickOn(`form[action="/work/desk/visitors/new"] button[type="submit"], form[action="/work/desk/visitors/new"] button:not([type])`)
	p.Until("be told beside the field", `document.querySelector('[name="id_number"][aria-invalid="true"]')`)
	p.Axe()
	p.Type("id_number", "371602199001010018")
	p.ClickOn(`form[action="/work/desk/visitors/new"] button[type="submit"], form[action="/work/desk/visitors/new"] button:not([type])`)
	p.Until("come to the visitor", `/visitors\/[0-9a-f-]{36}/.test(location.pathname)`)
	p.Axe()
	p.Open(p.Path() + "?q=" + url.QueryEscape("人才服务金卡"))
	p.Until("find the service", `document.querySelector('form[action="/work/desk/start"]')`)
	p.Axe()
	p.ClickOn(`form[action="/work/desk/start"] button`)
	p.WaitPath("/form")
	p.Axe()
	id := strings.Split(p.Path(), "/")[3]
	j.fillForm(p, id, "clerk")
	path := "/work/cases/" + id + "/form"
	p.Open(path)
	for _, m := range j.missing(id, "clerk") {
		p.ClickOn(`button[formaction*="/materials/` + m + `/mark"]`)
		p.Open(path)
	}
	p.Open("/work/cases/" + id + "/review")
	p.Axe()
	p.Choose("promise", "on")
	p.JS(`document.querySelector('form[action$="/submit"]').requestSubmit()`)
	k := j.state(id, cases.Submitted)
	if k.Channel != cases.Window || k.WindowID != "main/A01" {
		t.Errorf("%+v", k)
	}
	j.command(p, id, "accept", nil)
	j.state(id, cases.Handling)
}

// inEnglish reads the main pages in English, wide and narrow.
func (j *journey) inEnglish(id string) {
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		visitor := j.b.Page(j.t, fmt.Sprintf("English visitor %d", size[0]), size[0], size[1])
		visitor.Open("/")
		j.language(visitor, "en")
		for _, path := range []string{"/", "/shelves", "/shelves/permit", "/search?q=laboratory", "/items/KJ-0001", "/halls", "/sign-in", "/sign-up", "/track", "/verify", "/help", "/api/docs"} {
			visitor.Open(path)
			visitor.Axe()
		}
		p := j.signIn("applicant", size[0], size[1])
		j.language(p, "en")
		for _, path := range []string{"/", "/my/cases", "/my/cases/" + id, "/my/feed", "/my/account", "/my/certificates", "/my/cases/" + id + "/receipt"} {
			p.Open(path)
			p.Axe()
		}
	}
	p := j.signIn("clerk", 1440, 900)
	j.language(p, "en")
	for _, path := range []string{"/work", "/work/lists/all", "/work/cases/" + id, "/work/desk"} {
		p.Open(path)
		p.Axe()
	}
}
