package casesweb_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/browser"
)

// line is a server that can be cut off, restarted, or lose an answer.
type line struct {
	*httptest.Server
	site    atomic.Pointer[http.Handler] // nil while the server is down
	swallow atomic.Bool                  // the next save arrives, its answer does not
}

func (b workBench) line() *line {
	l := &line{}
	l.site.Store(&b.Handler)
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := l.site.Load()
		if h == nil {
			panic(http.ErrAbortHandler)
		}
		if strings.HasSuffix(r.URL.Path, "/autosave") && l.swallow.CompareAndSwap(true, false) {
			(*h).ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		(*h).ServeHTTP(w, r)
	}))
	b.t.Cleanup(l.Close)
	return l
}

func signedIn(t *testing.T, l *line, width, height int64) *browser.Page {
	t.Helper()
	p := browser.Start(t, l.URL).Page(t, "applicant", width, height)
	signIn(p)
	return p
}

func signIn(p *browser.Page) {
	if !strings.HasPrefix(p.Path(), "/sign-in") {
		p.Open("/sign-in")
	}
	p.Type("login", "applicant")
	p.Type("password", app.DemoPassword)
	p.ClickOn(`main button[type="submit"], main form[action^="/sign-in"] button`)
	p.Until("be signed in", `!location.pathname.startsWith("/sign-in")`)
}

// status waits until the sign of the form says so.
func status(p *browser.Page, state string) {
	p.Until("see the draft "+state, `document.querySelector("[data-autosave-status]")?.dataset.state === "`+state+`"`)
}

func stands(p *browser.Page, name, text string) {
	p.Until(name+" to be "+text, `document.querySelector('[name="`+name+`"]')?.value === "`+text+`"`)
}

func (b workBench) typed(k cases.Case, name string) string {
	b.t.Helper()
	f, err := b.Cases.Form(b.ctx, b.Actor(b.t, "applicant"), k.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(f.Buffer.Typed[name], "|")
}

// TestAutosaveWithoutNetwork: who types on while the network, the server or the
// session is gone sees it said, and finds every letter again.
func TestAutosaveWithoutNetwork(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	l := b.line()
	p := signedIn(t, l, 390, 844)
	k := b.started("applicant", "KJ-0001")
	p.Open(myPath(k, "/form"))
	p.Type("supplier", "甲养殖场")
	status(p, "saved")

	p.Offline(true)
	p.Type("supplier", "甲养殖场二分场")
	p.Wait("网络断开了。内容已留在这台设备上，联网后自动保存。")
	p.ClickOn(`button.btn-primary[value="review"]`) // goes nowhere, and takes nothing away
	p.Wait("联网后再继续")
	p.Type("supplier", "甲养殖场二分场三号楼")
	if got := b.typed(k, "supplier"); got != "甲养殖场" {
		t.Fatalf("saved without a network: %q", got)
	}
	p.Offline(false)
	status(p, "saved")
	if got := b.typed(k, "supplier"); got != "甲养殖场二分场三号楼" {
		t.Fatalf("%q", got)
	}
	p.Open(myPath(k, "/form"))
	stands(p, "supplier", "甲养殖场二分场三号楼")

	// The answer to a save is lost and the person types on: that is no conflict with herself.
	l.swallow.Store(true)
	p.Type("supplier", "一号")
	status(p, "failed")
	p.Type("supplier", "一号二号")
	status(p, "saved")
	if got := b.typed(k, "supplier"); got != "一号二号" {
		t.Fatalf("%q", got)
	}

	// The server stands still and comes back; the window was closed meanwhile.
	l.site.Store(nil)
	p.Type("supplier", "重启前写的")
	status(p, "failed")
	p.Type("supplier", "重启前写的，还有一句")
	p.Leave()
	again := b.Again(t)
	l.site.Store(&again.Handler)
	p.Open(myPath(k, "/form"))
	stands(p, "supplier", "重启前写的，还有一句")
	status(p, "saved")
	if got := b.typed(k, "supplier"); got != "重启前写的，还有一句" {
		t.Fatalf("%q", got)
	}

	// The session is lost: the text is there after signing in again.
	p.Forget()
	p.Type("supplier", "登录过期以后写的")
	p.Wait("登录已过期。登录后接着填")
	p.ClickOn(`[data-autosave-status] a`)
	p.WaitPath("/sign-in")
	signIn(p)
	p.Open(myPath(k, "/form"))
	stands(p, "supplier", "登录过期以后写的")
	status(p, "saved")
	if got := b.typed(k, "supplier"); got != "登录过期以后写的" {
		t.Fatalf("%q", got)
	}
}

// TestAutosaveInTwoTabs: nothing is overwritten unseen; what the other tab and
// what this one typed stand side by side, also when the tab was closed before.
func TestAutosaveInTwoTabs(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	l := b.line()
	p := signedIn(t, l, 1440, 1000)
	k := b.started("applicant", "KJ-0001")
	p.Open(myPath(k, "/form"))
	q := p.Tab()
	q.Open(myPath(k, "/form"))
	q.Type("supplier", "第一个窗口写的")
	status(q, "saved")
	p.Type("supplier", "第二个窗口写的")
	p.Wait("在另一处改过")
	p.Click("对照两边的内容")
	p.Wait("还没有保存")
	p.Wait("第一个窗口写的")
	stands(p, "supplier", "第二个窗口写的")
	p.Axe()
	p.Type("supplier", "第二个窗口写的，再补一句") // is not saved over the other's by itself
	if got := b.typed(k, "supplier"); got != "第一个窗口写的" {
		t.Fatalf("overwritten unseen: %q", got)
	}

	// Closed without a decision, it is offered the next time, not dropped.
	p.Leave()
	p.Open(myPath(k, "/form"))
	stands(p, "supplier", "第一个窗口写的")
	p.Wait("没有存上的内容")
	p.Axe()
	p.Click("对照两边的内容")
	p.Wait("第一个窗口写的")
	stands(p, "supplier", "第二个窗口写的，再补一句")
	p.ClickOn(`.tb-actions button[value="save"], button.btn-lg[value="save"]`)
	p.Wait("已保存，还没有提交")
	stands(p, "supplier", "第二个窗口写的，再补一句")
	p.Until("nothing left to offer", `[...document.querySelectorAll("[data-autosave-offer]")].every(e => e.hidden) && Object.keys(localStorage).filter(k => k.startsWith("tb:case")).length === 0`)

	// A copy older than what the server has: thrown away only when asked to.
	p.Offline(true)
	p.Type("supplier", "断网时写的")
	p.Offline(false)
	status(p, "saved")
	p.Offline(true)
	p.Type("supplier", "又断网时写的")
	status(p, "offline")
	f, err := b.Cases.Form(b.ctx, b.Actor(t, "applicant"), k.ID)
	if err != nil {
		t.Fatal(err)
	}
	typed := url.Values{}
	for name, v := range f.Buffer.Typed {
		typed[name] = v
	}
	typed.Set("supplier", "同事写的")
	if _, err := b.Cases.SaveTyped(b.ctx, b.Actor(t, "applicant"), k.ID, f.Buffer.Rev, typed); err != nil {
		t.Fatal(err)
	}
	p.JS(`window.addEventListener("pagehide", e => e.stopImmediatePropagation(), true)`)
	p.Offline(false)
	p.Open(myPath(k, "/form"))
	stands(p, "supplier", "同事写的")
	p.Wait("没有存上的内容")
	p.Click("删掉这份内容")
	p.Wait("找不回来")
	p.ClickOn(`dialog .btn-primary`)
	p.Until("the offer to go", `[...document.querySelectorAll("[data-autosave-offer]")].every(e => e.hidden)`)
	if got := b.typed(k, "supplier"); got != "同事写的" {
		t.Fatalf("%q", got)
	}
}

// TestAutosaveOfRows: a row that was added and not saved before the window was
// closed comes back with what stands in it; without a network no row comes or
// goes, and that is said.
func TestAutosaveOfRows(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	l := b.line()
	p := signedIn(t, l, 1440, 1000)
	k := b.must(b.Cases.Start(b.ctx, b.Actor(t, "applicant"), cases.StartInput{ItemCode: "SC-0001"}))
	p.Open(myPath(k, "/form"))
	rows := func(n int) {
		p.Until(strconv.Itoa(n)+" rows", `document.querySelectorAll("#form-part .tb-row").length === `+strconv.Itoa(n))
	}
	rows(1)
	name := func(i int) string {
		s, _ := p.JS(`document.querySelectorAll("#form-part .tb-row")[` + strconv.Itoa(i) + `].querySelector('input[name$=".name"]').name`).(string)
		return s
	}
	p.Type(name(0), "张三")
	status(p, "saved")
	p.Offline(true)
	p.Click("再加一个股东")
	p.Wait("网络不通，这一行没有改动")
	rows(1)
	stands(p, name(0), "张三")
	p.Offline(false)

	// The row is there, and the server goes before it was saved.
	p.JS(`window.stopSaves = window.fetch; window.fetch = () => Promise.reject(new TypeError("cut"))`)
	p.Click("再加一个股东")
	rows(2)
	second := name(1)
	p.Type(second, "李四")
	status(p, "failed")
	p.JS(`document.querySelector('form[data-autosave]').addEventListener("submit", e => e.preventDefault())`)
	p.Open(myPath(k, "/form"))
	rows(2)
	stands(p, second, "李四")
	status(p, "saved")
	if got := b.typed(k, second); got != "李四" {
		t.Fatalf("%q", got)
	}
}
