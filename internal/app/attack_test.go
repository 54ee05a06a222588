package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// cookies of somebody who signed in, for requests that no browser would send.
func cookies(t *testing.T, a *apptest.App, login string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/sign-in", strings.NewReader(url.Values{"login": {login}, "password": {app.DemoPassword}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	a.Handler.ServeHTTP(w, r)
	var out []string
	for _, k := range w.Result().Cookies() {
		out = append(out, k.Name+"="+k.Value)
	}
	if w.Code != http.StatusSeeOther || len(out) == 0 {
		t.Fatalf("%s cannot sign in: %d", login, w.Code)
	}
	return strings.Join(out, "; ")
}

// wire sends bytes to a server as they are and reads the answer.
func wire(t *testing.T, address, request string) (status int, header http.Header, body string) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(clock.System{}.Now().Add(time.Minute))
	if _, err := io.WriteString(c, request); err != nil {
		return http.StatusRequestHeaderFieldsTooLarge, http.Header{}, "" // hung up on us in the middle
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%.80q: %v", request, err)
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, string(b)
}

var titleOf = regexp.MustCompile(`<title>([^<]+)</title>`)

// outward says that a redirect would leave the site.
func outward(location string) bool {
	u, err := url.Parse(location)
	return err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(location, "//") || strings.HasPrefix(location, `/\`) || location != "" && location[0] != '/'
}

// TestDisguisedAddresses asks for pages of the staff under addresses that a
// guard might read otherwise than the site does. None shows the page to a
// citizen or a stranger, none breaks, and none sends anybody away.
func TestDisguisedAddresses(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	srv := httptest.NewServer(a.Handler)
	t.Cleanup(srv.Close)
	address := srv.Listener.Addr().String()
	disguises := []func(p string) string{
		func(p string) string { return p },
		func(p string) string { return "/" + p },
		func(p string) string { return "//evil.example/.." + p },
		func(p string) string { return strings.ReplaceAll(p, "/", "//") },
		func(p string) string { return p + "/" },
		func(p string) string { return p + "//" },
		func(p string) string { return p + "/." },
		func(p string) string { return "/my/.." + p },
		func(p string) string { return "/my/%2e%2e" + p },
		func(p string) string { return "/my/%2E%2E%2F" + p[1:] },
		func(p string) string { return "/assets/.." + p },
		func(p string) string { return "/assets/%2e%2e%2f" + p[1:] },
		func(p string) string { return "/assets/..%5c.." + p },
		func(p string) string { return "/items/..%2f.." + strings.ReplaceAll(p, "/", "%2f") },
		func(p string) string { return "/api/v1/../.." + p },
		func(p string) string { return "/api/%2e%2e" + p },
		func(p string) string { return strings.ReplaceAll(p, "/", "%2f") },
		func(p string) string { return "/" + strings.ReplaceAll(p[1:], "/", "%2F") },
		func(p string) string { return p[:1] + fmt.Sprintf("%%%02x", p[1]) + p[2:] },
		func(p string) string { return p[:1] + fmt.Sprintf("%%25%02x", p[1]) + p[2:] },
		func(p string) string { return strings.ToUpper(p) },
		func(p string) string { return p + "%00" },
		func(p string) string { return p + "%00.css" },
		func(p string) string { return p + "%0d%0aX-Injected:%20yes" },
		func(p string) string { return p + ";/assets/x.css" },
		func(p string) string { return "/.;" + p },
		func(p string) string { return p + "?/sign-in" },
		func(p string) string { return p + "%3f" },
		func(p string) string { return p + "%20" },
		func(p string) string { return `/\` + p[1:] },
		func(p string) string { return p + "%ff%fe" },
		func(p string) string { return p + "%" },
		func(p string) string { return "http://evil.example" + p },
		func(p string) string { return "http://evil.example//evil.example" + p },
	}
	admin := a.As(t, "system-admin")
	secret := map[string]string{}
	for _, p := range []string{"/admin/staff", "/admin/clients", "/admin/audit", "/work"} {
		page := admin
		if p == "/work" {
			page = a.As(t, "clerk")
		}
		if p == "/admin/audit" {
			page = a.As(t, "audit-admin")
		}
		m := titleOf.FindStringSubmatch(page.Get(p).Body)
		if m == nil {
			t.Fatalf("%s has no title", p)
		}
		secret[p] = m[0]
	}
	for _, login := range []string{"", "citizen"} {
		cookie := ""
		if login != "" {
			cookie = "Cookie: " + cookies(t, a, login) + "\r\n"
		}
		for path, title := range secret {
			for _, disguise := range disguises {
				at := disguise(path)
				for _, more := range []string{"", "X-Original-URL: " + path + "\r\nX-Rewrite-URL: " + path + "\r\n", "X-HTTP-Method-Override: POST\r\nX-Forwarded-Prefix: " + path + "\r\n"} {
					if more != "" && at != path { // the headers are tried on pages that are open to all, too
						at = "/"
					}
					status, header, body := wire(t, address, "GET "+at+" HTTP/1.1\r\nHost: tongban.test\r\nAccept-Language: zh-CN\r\nConnection: close\r\n"+cookie+more+"\r\n")
					if status >= 500 || strings.Contains(body, title) || header.Get("X-Injected") != "" {
						t.Errorf("%q asks for %s: %d", login, at, status)
					}
					if l := header.Get("Location"); l != "" && outward(l) {
						t.Errorf("%q asks for %s and is sent to %s", login, at, l)
					}
					if at == "/" && more != "" {
						break
					}
				}
			}
		}
	}
}

// TestBrokenRequests: what is no request gets an answer that says so, and long
// ones do not take the memory of the server.
func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	srv := httptest.NewUnstartedServer(a.Handler)
	srv.Config.MaxHeaderBytes = 64 << 10 // as Serve has it
	srv.Start()
	t.Cleanup(srv.Close)
	head := "Host: tongban.test\r\nConnection: close\r\n"
	for name, request := range map[string]string{
		"a null byte in the address":      "GET /\x00 HTTP/1.1\r\n" + head + "\r\n",
		"a null byte in a header":         "GET / HTTP/1.1\r\n" + head + "X-A: \x00\r\n\r\n",
		"no host":                         "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
		"two hosts":                       "GET / HTTP/1.1\r\nHost: evil.example\r\n" + head + "\r\n",
		"a header of two hundred kB":      "GET / HTTP/1.1\r\n" + head + "X-A: " + strings.Repeat("a", 200<<10) + "\r\n\r\n",
		"a cookie of two hundred kB":      "GET / HTTP/1.1\r\n" + head + "Cookie: a=" + strings.Repeat("a", 200<<10) + "\r\n\r\n",
		"an address of two hundred kB":    "GET /" + strings.Repeat("a", 200<<10) + " HTTP/1.1\r\n" + head + "\r\n",
		"five thousand headers":           "GET / HTTP/1.1\r\n" + head + strings.Repeat("X-A: abcdefghijklmnop\r\n", 5000) + "\r\n",
		"two lengths":                     "POST /sign-in HTTP/1.1\r\n" + head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nlogin=",
		"a length that is none":           "POST /sign-in HTTP/1.1\r\n" + head + "Content-Length: -5\r\n\r\n",
		"an encoding that nobody speaks":  "POST /sign-in HTTP/1.1\r\n" + head + "Transfer-Encoding: xchunked\r\n\r\n",
		"a space in the name of a header": "POST /sign-in HTTP/1.1\r\n" + head + "Content-Length : 5\r\n\r\nlogin",
	} {
		if status, _, body := wire(t, srv.Listener.Addr().String(), request); status < 400 || status >= 500 && status != http.StatusNotImplemented || strings.Contains(body, "<title>") && status < 400 {
			t.Errorf("%s: %d", name, status)
		}
	}
	for name, request := range map[string]string{
		"a query of thirty kB":   "GET /search?q=" + strings.Repeat("%E4%B8%80", 3300) + " HTTP/1.1\r\n" + head + "\r\n",
		"bytes that are no text": "GET /search?q=%ff%fe%00 HTTP/1.1\r\n" + head + "Accept-Language: \xff\xfe\r\nReferer: \xff\r\nUser-Agent: \xff\r\n\r\n",
		"a cookie that is none":  "GET / HTTP/1.1\r\n" + head + "Cookie: tongban_session=%00%ff; tongban_locale=\xff; ;=;a\r\n\r\n",
		"a range of a page":      "GET / HTTP/1.1\r\n" + head + "Range: bytes=0-1,0-1,0-1\r\n\r\n",
	} {
		if status, _, _ := wire(t, srv.Listener.Addr().String(), request); status >= 500 {
			t.Errorf("%s: %d", name, status)
		}
	}
}

// TestHostIsNotBelieved: pages and redirects hold no address that the request
// named, whatever header names it.
func TestHostIsNotBelieved(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	path := concrete(t, a)
	const evil = "evil.example"
	for _, login := range []string{"", "applicant", "clerk"} {
		cookie := ""
		if login != "" {
			cookie = cookies(t, a, login)
		}
		asked := 0
		for _, r := range a.Routes {
			if r.Method != http.MethodGet || login == "clerk" && !strings.HasPrefix(r.Path, "/work") || login == "applicant" && !strings.HasPrefix(r.Path, "/my") {
				continue
			}
			q := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path(r.Path), nil)
			q.Host = evil
			for _, h := range []string{"X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Forwarded-Server", "X-Forwarded-For"} {
				q.Header.Set(h, evil)
			}
			q.Header.Set("X-Forwarded-Proto", "gopher")
			q.Header.Set("Forwarded", "host="+evil+";proto=gopher")
			q.Header.Set("Referer", "https://"+evil+"/x")
			if cookie != "" {
				q.Header.Set("Cookie", cookie)
			}
			w := httptest.NewRecorder()
			a.Handler.ServeHTTP(w, q)
			asked++
			if w.Code >= 500 || strings.Contains(w.Body.String(), evil) || strings.Contains(w.Body.String(), "gopher:") || strings.Contains(fmt.Sprint(w.Header()), evil) {
				t.Errorf("%q asks for %s: %d, and the answer names another host", login, r.Path, w.Code)
			}
		}
		if asked < 15 {
			t.Errorf("only %d pages as %q", asked, login)
		}
	}
}

// TestNoOtherSitePosts: no form of ours can be sent from a page of somebody
// else, by whatever mark the browser tells it.
func TestNoOtherSitePosts(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	path := concrete(t, a)
	for _, login := range []string{"applicant", "clerk", "system-admin", "catalogue-admin"} {
		cookie, actor, tried := cookies(t, a, login), a.Actor(t, login), 0
		for _, r := range a.Routes {
			if r.Method != http.MethodPost || !r.Need.Met(actor) || strings.HasPrefix(r.Path, "/hooks/") {
				continue
			}
			for _, mark := range []http.Header{
				{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}}, {"Origin": {"null"}},
			} {
				q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path(r.Path), strings.NewReader("a=b"))
				q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				q.Header.Set("Cookie", cookie)
				for k, v := range mark {
					q.Header[k] = v
				}
				w := httptest.NewRecorder()
				a.Handler.ServeHTTP(w, q)
				tried++
				if w.Code != http.StatusForbidden {
					t.Errorf("%s posts to %s with %v: %d", login, r.Path, mark, w.Code)
				}
			}
		}
		if tried < 20 {
			t.Errorf("only %d tries as %s", tried, login)
		}
	}
	// A method in a header or a field is no method.
	c := a.As(t, "applicant")
	c.Do(http.MethodGet, "/sign-out?_method=POST", nil, http.Header{"X-Http-Method-Override": {"POST"}, "X-Method-Override": {"POST"}})
	if p := c.Get("/my"); p.Status != http.StatusOK || strings.HasPrefix(p.Path, "/sign-in") {
		t.Error("a GET signed somebody out")
	}
}

// TestForgedLinks tries links that look like true ones. The answers to a near
// miss and to nonsense are the same, and nothing comes of either.
func TestForgedLinks(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	path := concrete(t, a)
	c := a.As(t, "")
	c.Follow = false
	rate, verify := strings.TrimPrefix(path("/rate/{token}"), "/rate/"), strings.TrimPrefix(path("/verify/{token}"), "/verify/")
	if len(rate) != 32 || len(verify) != 32 {
		t.Fatalf("links %q %q", rate, verify)
	}
	other := func(b byte) string {
		if b == 'a' {
			return "b"
		}
		return "a"
	}
	near := func(token string) []string {
		n := len(token)
		return []string{
			token[:n-1] + other(token[n-1]), other(token[0]) + token[1:], token[:n/2] + other(token[n/2]) + token[n/2+1:],
			token[1:] + token[:1], token[16:] + token[:16], strings.Repeat("a", n),
		}
	}
	// What is compared: the answer without what it repeats of the address.
	answer := func(p *webtest.Page, token string) string {
		return strings.ReplaceAll(fmt.Sprint(p.Status, " ", p.Header.Get("Content-Type"), p.Header.Get("Location"), p.Body), token, "")
	}
	for _, at := range []string{"/rate/", "/rate/TOKEN/thanks", "/verify/"} {
		true_ := rate
		if at == "/verify/" {
			true_ = verify
		}
		address := func(token string) string {
			if strings.Contains(at, "TOKEN") {
				return strings.Replace(at, "TOKEN", token, 1)
			}
			return at + token
		}
		nonsense := "zyxwvutsrqponmlkjihgfedcba765432"
		want := answer(c.Get(address(nonsense)), nonsense)
		if !strings.HasPrefix(want, "404") && !strings.HasPrefix(want, "303") {
			t.Fatalf("nonsense at %s: %.200s", at, want)
		}
		for _, token := range near(true_) {
			if got := answer(c.Get(address(token)), token); got != want {
				t.Errorf("%s: a near miss is answered otherwise:\n%.300s\n%.300s", address(token), got, want)
			}
		}
		for _, token := range []string{true_ + "a", true_[:31], true_ + "%00", true_ + "%20or%201=1", "%27%20OR%20token%20LIKE%20%27%25", "%25", strings.Repeat("_", 32), "..%2f" + true_} {
			if p := c.Get(address(token)); p.Status == http.StatusOK || p.Status >= 500 {
				t.Errorf("%s: %d", address(token), p.Status)
			}
		}
	}
	for _, token := range near(rate) {
		if p := c.Post("/rate/"+token, url.Values{"score": {"1"}, "case_id": {"x"}, "token": {rate}}); p.Status != http.StatusNotFound {
			t.Errorf("rated with %s: %d", token, p.Status)
		}
	}
	// Codes of documents have half the length: who guesses is stopped, and does not
	// become somebody else by naming another address.
	for i := 0; ; i++ {
		c.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
		p := c.Get(fmt.Sprintf("/verify/aaaaaaaaaaaaa%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26))
		if p.Status == http.StatusTooManyRequests {
			break
		}
		if p.Status != http.StatusNotFound || i > 100 {
			t.Fatalf("guess %d: %d", i, p.Status)
		}
	}
}

// TestMailsNameOurHost: what leaves for people holds links to this site, whatever
// host the request named that made it leave.
func TestMailsNameOurHost(t *testing.T) {
	t.Parallel()
	a := apptest.Reaching(t, dbtest.New(t))
	if err := a.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Jobs.Stop(context.WithoutCancel(t.Context())) }()
	who := a.Actor(t, "applicant")
	k, err := a.Cases.Start(t.Context(), who, cases.StartInput{ItemCode: "KJ-0001", EnterpriseID: who.Firms[0]})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Cases.TypeSample(t.Context(), who, k.ID, 1, nil); err != nil {
		t.Fatal(err)
	}
	form, err := a.Cases.Form(t.Context(), who, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range form.Materials {
		if m.How == cases.Missing {
			if _, err := a.Cases.Attach(t.Context(), who, k.ID, m.Key, "a.pdf", strings.NewReader("%PDF-1.4\n% "+m.Key+"\n%%EOF\n"), 1<<20); err != nil {
				t.Fatal(err)
			}
		}
	}
	cookie := cookies(t, a, "applicant")
	_, submit := webtest.Form(a.As(t, "applicant").Get("/my/cases/"+string(k.ID)+"/review").Doc(), "/submit")
	submit.Set("promise", "on")
	for _, p := range []struct {
		path string
		with url.Values
	}{
		{"/settings/contact/mail", url.Values{"address_mail": {"neu@example.com"}, "password_mail": {app.DemoPassword}}},
		{"/my/cases/" + string(k.ID) + "/submit", submit},
	} {
		q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, p.path, strings.NewReader(p.with.Encode()))
		q.Host = "evil.example"
		for _, h := range []string{"X-Forwarded-Host", "X-Original-Host", "Forwarded", "X-Forwarded-For"} {
			q.Header.Set(h, "evil.example")
		}
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Sec-Fetch-Site", "same-origin")
		q.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		a.Handler.ServeHTTP(w, q)
		if w.Code != http.StatusSeeOther || outward(w.Header().Get("Location")) {
			t.Fatalf("%s: %d %s", p.path, w.Code, w.Header().Get("Location"))
		}
	}
	linked := false
	for i := 0; i < 1500 && !linked; i++ { // the queue polls once a second
		for _, x := range a.Outbox.Sent() {
			linked = linked || strings.Contains(x.Text, a.Config.BaseURL+"/")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !linked {
		t.Errorf("nothing with a link left: %+v", a.Outbox.Sent())
	}
	for _, x := range a.Outbox.Sent() {
		if strings.Contains(x.Subject+x.Text, "evil.example") {
			t.Errorf("%s %s: %s", x.To, x.Subject, x.Text)
		}
	}
}
