// Package browser drives a real Chromium through a page as a person would:
// by visible words, labels and keys. Each Page is a person of its own.
//
// Without Chromium the test is skipped aloud; with CI set that is a failure.
package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"github.com/tongban/tongban/internal/testkit/webtest"
)

// Browser is a running Chromium.
type Browser struct {
	ctx  context.Context
	base string
}

// Start starts Chromium for the site at base.
func Start(t *testing.T, base string) *Browser {
	t.Helper()
	path := find()
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("browser: no Chromium, and CI must have one")
		}
		t.Skip("SKIPPED IN THE BROWSER: Chromium is not installed")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Flag("headless", "new"), chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("accept-lang", "zh-CN,zh"), chromedp.Flag("disable-dev-shm-usage", true), chromedp.UserDataDir(t.TempDir()))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browser: start: %v", err)
	}
	return &Browser{ctx: ctx, base: strings.TrimSuffix(base, "/")}
}

func find() string {
	if p := os.Getenv("TONGBAN_CHROMIUM"); p != "" {
		return p
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// Page is a tab with cookies of its own.
type Page struct {
	t    *testing.T
	ctx  context.Context
	base string
	who  string
}

// Page opens a tab for one person, with a window of the given size.
func (b *Browser) Page(t *testing.T, who string, width, height int64) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	// The tab lives as long as the context of the first call: no time limit here.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browser: tab for %s: %v", who, err)
	}
	p := &Page{t: t, ctx: ctx, base: b.base, who: who}
	p.do("open a tab", chromedp.EmulateViewport(width, height))
	return p
}

// Tab opens another tab of the same person: cookies and what the browser keeps
// are shared.
func (p *Page) Tab() *Page {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	p.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatalf("browser: second tab for %s: %v", p.who, err)
	}
	return &Page{t: p.t, ctx: ctx, base: p.base, who: p.who}
}

// Offline cuts the network of the tab, or gives it back.
func (p *Page) Offline(off bool) {
	p.t.Helper()
	p.do("change the network", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, offline, map[string]any{"offline": off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
		return chromedp.Void{}, err
	})
	p.until("notice the network", fmt.Sprintf("navigator.onLine === %t", !off))
}

// Forget drops the cookies: the session is lost, what the page keeps stays.
func (p *Page) Forget() {
	p.t.Helper()
	p.do("drop the cookies", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, forget, map[string]any{})
		return chromedp.Void{}, err
	})
}

// Authenticator plugs a virtual authenticator in that keeps passkeys and always
// says that the finger was right.
func (p *Page) Authenticator() {
	p.t.Helper()
	p.do("plug an authenticator in", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, t, webauthn, map[string]any{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, t, authenticator, map[string]any{"options": map[string]any{
			"protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
		}})
		return chromedp.Void{}, err
	})
}

var (
	webauthn      = cdp.Command[map[string]any, map[string]any]{Method: "WebAuthn.enable"}
	authenticator = cdp.Command[map[string]any, map[string]any]{Method: "WebAuthn.addVirtualAuthenticator"}
)

var forget = cdp.Command[map[string]any, map[string]any]{Method: "Network.clearBrowserCookies"}

var offline = cdp.Command[map[string]any, map[string]any]{Method: "Network.emulateNetworkConditions"}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fail(what, err)
	}
}

func (p *Page) fail(what string, err error) {
	p.t.Helper()
	file := filepath.Join(os.TempDir(), "tongban-browser-failure.png")
	p.shot(file)
	p.t.Fatalf("%s at %s: %s: %v (picture in %s)\n%.600s", p.who, p.Path(), what, err, file, p.Text())
}

// JS runs a script in the page and returns its result.
func (p *Page) JS(script string) any {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[any](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: script: %v\n%.200s", p.who, err, script)
	}
	return v
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Open goes to a path of the site.
func (p *Page) Open(path string) {
	p.t.Helper()
	p.do("open "+path, chromedp.Navigate(p.base+path))
	p.ready()
}

// Leave goes away from the site without closing the tab.
func (p *Page) Leave() {
	p.t.Helper()
	p.do("leave", chromedp.Navigate("about:blank"))
}

// Path is where the tab is now.
func (p *Page) Path() string {
	s, _ := p.JS(`location.pathname + location.search`).(string)
	return s
}

// Text is everything that can be read on the page.
func (p *Page) Text() string {
	s, _ := p.JS(`document.body ? document.body.innerText : ""`).(string)
	return s
}

// Wait waits until the text can be read on the page.
func (p *Page) Wait(text string) {
	p.t.Helper()
	p.until("see "+text, `document.body && document.body.innerText.includes(`+quote(text)+`)`)
}

// WaitPath waits until the tab is at a path that contains the part.
func (p *Page) WaitPath(part string) {
	p.t.Helper()
	p.until("come to "+part, `document.readyState === "complete" && (location.pathname + location.search).includes(`+quote(part)+`)`)
}

// Until waits until a script says true.
func (p *Page) Until(what, condition string) {
	p.t.Helper()
	p.until(what, condition)
}

func (p *Page) until(what, condition string) {
	p.t.Helper()
	for range 300 { // a laden machine may take its time
		ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		cancel()
		if err == nil && ok {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.fail(what, context.DeadlineExceeded)
}

func (p *Page) ready() {
	p.t.Helper()
	p.until("the page is there", `document.readyState === "complete"`)
}

// press presses a found element and waits for the page that follows, if one does.
func (p *Page) press(what, find string) {
	p.t.Helper()
	p.until("find "+what, find)
	p.JS(`(() => { const e = ` + find + `; e.scrollIntoView({block: "center"}); window.__here = true; e.click(); })()`)
	time.Sleep(150 * time.Millisecond)
	p.ready()
}

// Click presses the visible link or button with the words.
func (p *Page) Click(words string) {
	p.t.Helper()
	p.press(words, `(() => { const q = `+quote(words)+`; const all = [...document.querySelectorAll("main a, main button, main summary, a, button, summary, input[type=submit]")]
		.filter(e => e.getClientRects().length > 0); const word = e => (e.innerText || e.value || e.getAttribute("aria-label") || "").trim();
		return all.find(e => word(e) === q) || all.find(e => word(e).includes(q)); })()`)
}

// ClickOn presses the element of a CSS selector.
func (p *Page) ClickOn(selector string) {
	p.t.Helper()
	p.press(selector, `document.querySelector(`+quote(selector)+`)`)
}

// Type types into the input with the name, replacing what is there.
func (p *Page) Type(name, text string) {
	p.t.Helper()
	find := `document.querySelector('[name="` + name + `"]')`
	p.until("find input "+name, find)
	p.JS(`(() => { const e = ` + find + `; e.focus(); e.value = ` + quote(text) + `; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
}

// Choose picks a radio, checkbox or option by name and value.
func (p *Page) Choose(name, value string) {
	p.t.Helper()
	find := `(document.querySelector('input[name="` + name + `"][value="` + value + `"]') || document.querySelector('select[name="` + name + `"]'))`
	p.until("find choice "+name+"="+value, find)
	p.JS(`(() => { const e = ` + find + `; if (e.tagName === "SELECT") { e.value = ` + quote(value) + `; } else { e.checked = true; }
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
}

// Upload puts a file into the input of a CSS selector.
func (p *Page) Upload(selector, file string) {
	p.t.Helper()
	p.do("upload into "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}

// Key presses a key where the focus is.
func (p *Page) Key(key string) {
	p.t.Helper()
	p.do("key "+key, chromedp.KeyEvent(key))
	time.Sleep(150 * time.Millisecond)
	p.ready()
}

// Axe checks the page with axe-core and fails on every serious or critical finding.
func (p *Page) Axe() {
	p.t.Helper()
	p.JS(webtest.AxeSource + "; null")
	raw, _ := p.JS(`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.filter(v => v.impact === "serious" || v.impact === "critical")
		.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0] ? n.any[0].message : "")).join(" | "))))`).(string)
	var found []string
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		p.t.Fatalf("axe at %s: %v", p.Path(), err)
	}
	for _, f := range found {
		p.t.Errorf("axe at %s (%s): %s", p.Path(), p.who, f)
	}
	if wide, _ := p.JS(`document.documentElement.scrollWidth > document.documentElement.clientWidth + 1`).(bool); wide {
		p.t.Errorf("the page %s is wider than the window (%s)", p.Path(), p.who)
	}
}

// Shot writes a picture of the window into dir, when a dir is asked for.
func (p *Page) Shot(dir, name string) {
	p.t.Helper()
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pictures for the documentation
		p.t.Fatal(err)
	}
	p.shot(filepath.Join(dir, name+".png"))
}

func (p *Page) shot(file string) {
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser: picture:", err)
	}
}
