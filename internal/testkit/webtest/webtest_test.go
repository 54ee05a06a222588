package webtest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const good = `<!doctype html><html lang="zh-CN"><head><title>x</title></head><body><main><h1>一</h1>
<form method="post" action="/a/save"><input type="hidden" name="rev" value="3">
<label for="n">名</label><input id="n" name="n" value="张" aria-describedby="h"><p id="h">说明</p>
<label>多<textarea name="t">
 两行
</textarea></label>
<label>选<select name="s"><option value="a">A</option><option selected>B</option></select></label>
<fieldset><legend>几</legend><label><input type="radio" name="r" value="1">1</label><label><input type="radio" name="r" value="2" checked>2</label>
<label><input type="checkbox" name="c" checked>3</label></fieldset>
<input type="file" name="f" aria-label="文件"><input name="off" disabled aria-label="x" value="1"><button name="act" value="go">走</button></form>
<a href="#n">去</a><img src="/x" alt=""></main></body></html>`

func TestGoodPageHasNoProblems(t *testing.T) {
	t.Parallel()
	A11y(t, Parse(t, good))
}

func TestEachProblemIsFound(t *testing.T) {
	t.Parallel()
	for break_, want := range map[[2]string]string{
		{` lang="zh-CN"`, ``}:                                       "lang",
		{`<title>x</title>`, `<title> </title>`}:                    "title",
		{`<h1>一</h1>`, `<h1>一</h1><h1>二</h1>`}:                      "2 h1",
		{`<h1>一</h1>`, `<h1>一</h1><h3>二</h3>`}:                      "skips",
		{`<label for="n">名</label>`, ``}:                            "no label",
		{`<p id="h">`, `<p>`}:                                       "aria-describedby points",
		{`<p id="h">`, `<p id="n">`}:                                "stands 2 times",
		{` alt=""`, ``}:                                             "no alt",
		{`>走</button>`, `><svg aria-hidden="true"></svg></button>`}: "button has no name",
		{`<a href="#n">去</a>`, `<a href="/x"></a>`}:                 "link has no name",
		{`href="#n"`, `href="#nowhere"`}:                            "#nowhere",
		{`<p id="h">`, `<p id="h" style="color:red">`}:              "inline style",
		{`<p id="h">`, `<p id="h" onclick="x()">`}:                  "inline handler",
		{`</main>`, `<script>x()</script></main>`}:                  "script without src",
		{`</main>`, `<table><tr><td>1</td></tr></table></main>`}:    "no th",
		{`<legend>几</legend>`, ``}:                                  "legend",
		{`<a href="#n">`, `<a href="JavaScript:x()">`}:              "script in an address",
		{`</main>`, `<svg></svg></main>`}:                           "svg",
	} {
		body := strings.Replace(good, break_[0], break_[1], 1)
		if found := strings.Join(Problems(Parse(t, body)), "\n"); body == good || !strings.Contains(found, want) {
			t.Errorf("%q → %q: %q is not found in %q", break_[0], break_[1], want, found)
		}
	}
}

func TestFormHoldsWhatABrowserWouldSend(t *testing.T) {
	t.Parallel()
	action, v := Form(Parse(t, good), "/save")
	want := url.Values{"rev": {"3"}, "n": {"张"}, "t": {" 两行\n"}, "s": {"B"}, "r": {"2"}, "c": {"on"}}
	if action != "/a/save" || v.Encode() != want.Encode() {
		t.Errorf("%s: %v, want %v", action, v, want)
	}
	if action, _ := Form(Parse(t, good), "/other"); action != "" {
		t.Errorf("found %q", action)
	}
}

func TestFindAndText(t *testing.T) {
	t.Parallel()
	doc := Parse(t, `<p class="a b">eins <b>zwei</b></p><p>drei<span>vier</span></p>`)
	if got := Text(Find(doc, "p", "class", "b")); got != "eins zwei" {
		t.Error(got)
	}
	if got := Text(doc); got != "eins zwei dreivier" {
		t.Error(got)
	}
	if Find(doc, "i", "", "") != nil || len(FindAll(doc, "p", "", "")) != 2 || Text(nil) != "" {
		t.Error("Find is wrong")
	}
}

func TestClientIsABrowser(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	protect := http.NewCrossOriginProtection()
	mux.HandleFunc("GET /a", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, good) })
	mux.HandleFunc("POST /a/save", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: r.FormValue("n"), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, "/b?x=1", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /b", func(w http.ResponseWriter, r *http.Request) {
		k, err := r.Cookie("who")
		if err == nil {
			_, _ = io.WriteString(w, "<p>"+k.Value+" from "+r.Referer())
		}
	})
	mux.HandleFunc("POST /up", func(w http.ResponseWriter, r *http.Request) {
		f, h, err := r.FormFile("f")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		b, _ := io.ReadAll(f)
		_, _ = io.WriteString(w, h.Filename+" "+h.Header.Get("Content-Type")+" "+string(b)+" "+r.FormValue("k"))
	})
	c := New(t, protect.Handler(mux))
	p := c.Submit(c.Get("/a"), "/save", url.Values{"n": {"li"}, "c": nil})
	if p.Status != http.StatusOK || p.Text() != "li from "+Origin+"/a" || p.Path != "/b?x=1" || len(p.Via) != 1 {
		t.Errorf("%d %q %q %v", p.Status, p.Text(), p.Path, p.Via)
	}
	c.Follow = false
	if p := c.Post("/a/save", url.Values{}); p.Status != http.StatusSeeOther || p.Location() != "/b?x=1" {
		t.Errorf("%d %q", p.Status, p.Location())
	}
	if p := c.Upload("/up", url.Values{"k": {"v"}}, File{Field: "f", Name: `章程 "签字版".pdf`, Content: []byte("%PDF"), Type: "application/pdf"}); p.Body != `章程 "签字版".pdf application/pdf %PDF v` {
		t.Errorf("%d %q", p.Status, p.Body)
	}
	c.Header.Set("Sec-Fetch-Site", "cross-site")
	if p := c.Post("/a/save", url.Values{}); p.Status != http.StatusForbidden {
		t.Errorf("a stranger's form: %d", p.Status)
	}
}
