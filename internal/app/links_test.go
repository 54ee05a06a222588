package app_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestEveryLinkLeadsSomewhere walks the site as each kind of user, from the
// pages of the table of routes along the links: every link that a reader can
// follow answers, every place on a page that a link names is there, and every
// button sends to a route that its reader may use. Of pages that differ only in
// their object a few are opened; what is public is walked by the visitor.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	if err := a.FillHistory(t.Context(), 40, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	path, keys := concrete(t, a), textKeys(t)
	table := http.NewServeMux()
	byPattern := map[string]httpx.Route{}
	for _, r := range a.Routes {
		pattern := r.Method + " " + r.Path
		byPattern[pattern] = r
		table.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
	}
	for _, login := range roles {
		w := &walk{t: t, login: login, client: a.As(t, login), keys: keys, seen: map[string]bool{}, opened: map[string]int{}, route: func(method, at string) (httpx.Route, bool) {
			r, err := http.NewRequestWithContext(t.Context(), method, webtest.Origin+at, http.NoBody)
			if err != nil {
				return httpx.Route{}, false
			}
			_, pattern := table.Handler(r)
			x, ok := byPattern[pattern]
			return x, ok
		}}
		if login != "" {
			w.actor = a.Actor(t, login)
		}
		for _, r := range a.Routes {
			if r.Method == http.MethodGet && r.Need.Met(w.actor) {
				w.add(path(r.Path), "")
			}
		}
		for len(w.queue) > 0 {
			next := w.queue[0]
			w.queue = w.queue[1:]
			w.open(next)
		}
		if w.pages < 10 {
			t.Errorf("%q was shown %d pages only", login, w.pages)
		}
	}
}

// walk is one reader on his way through the site.
type walk struct {
	t      *testing.T
	login  string
	actor  auth.Actor
	client *webtest.Client
	keys   func(text string) []string
	route  func(method, at string) (httpx.Route, bool)
	queue  []step
	seen   map[string]bool
	opened map[string]int // pages by their kind
	pages  int
}

// step is a link: where it leads and where it stands.
type step struct{ to, from string }

// object is a part of an address that names one of many.
var object = regexp.MustCompile(`[0-9]`)

// textKeys finds the keys of the catalogue of texts where their words should
// stand: whatever begins like one of the keys that there are. A file name, an
// address or a host that begins so is none: those have other signs beside them.
// The audit trail shows the codes of its actions on purpose.
func textKeys(t *testing.T) func(text string) []string {
	t.Helper()
	c, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]bool{}
	for _, key := range c.Keys(i18n.Source) {
		word, _, _ := strings.Cut(key, ".")
		first[word] = true
	}
	if len(first) < 30 {
		t.Fatalf("only %d first words of keys", len(first))
	}
	form := regexp.MustCompile(`(?:^|[^\w/@.-])((?:` + strings.Join(slices.Sorted(maps.Keys(first)), "|") + `)(?:\.[a-z][a-z_0-9]*)+)(?:$|[^\w/@-])`)
	return func(text string) []string {
		var out []string
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			if _, code := c.Raw(i18n.Source, "audit.action."+m[1]); !code {
				out = append(out, m[1])
			}
		}
		return out
	}
}

// kind is what a page is of, whatever its object: the path without ids and the
// names of its parameters.
func kind(u *url.URL) string {
	parts := strings.Split(u.Path, "/")
	for i, p := range parts {
		if object.MatchString(p) {
			parts[i] = "*"
		}
	}
	names := ""
	for k := range u.Query() {
		if strings.Contains(u.RawQuery, k+"=") && u.Query().Get(k) != "" {
			names += "&" + k
		}
	}
	return strings.Join(parts, "/") + "?" + names
}

// add notes a link to be followed; from is the page it stands on, "" for a start.
func (w *walk) add(to, from string) {
	u, err := url.Parse(to)
	if err != nil {
		w.t.Errorf("%q: %s has the address %q: %v", w.login, from, to, err)
		return
	}
	if u.Scheme != "" || u.Host != "" || w.seen[to] {
		return // to another site, or known
	}
	w.seen[to] = true
	r, ok := w.route(http.MethodGet, u.Path)
	if !ok && !strings.HasPrefix(u.Path, "/assets/") && !strings.HasPrefix(u.Path, "/api/") { // these two are served beside the table
		w.t.Errorf("%q: %s links to %s, which no route answers", w.login, from, to)
		return
	}
	public := ok && r.Need.Met(auth.Actor{})
	if public && w.login != "" && from != "" {
		return
	}
	k := kind(u)
	if w.opened[k] > 1 {
		return
	}
	w.opened[k]++
	w.queue = append(w.queue, step{to, from})
}

func (w *walk) open(s step) {
	p := w.client.Get(s.to)
	if p.Status >= http.StatusBadRequest && s.from != "" {
		w.t.Errorf("%q: %s links to %s, which answers %d", w.login, s.from, s.to, p.Status)
	}
	if p.Status >= http.StatusBadRequest || !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
		return
	}
	w.pages++
	doc := p.Doc()
	if _, place, ok := strings.Cut(s.to, "#"); ok && place != "" && webtest.Find(doc, "", "id", place) == nil {
		w.t.Errorf("%q: %s links to %s, and there is no such place", w.login, s.from, s.to)
	}
	base, err := url.Parse(p.Path)
	if err != nil {
		w.t.Fatal(err)
	}
	if keys := w.keys(p.Text()); keys != nil && !strings.HasPrefix(p.Path, "/api/") {
		w.t.Errorf("%q: %s shows the keys %s", w.login, p.Path, keys)
	}
	for _, e := range webtest.FindAll(doc, "a", "href", "") {
		href := webtest.Attr(e, "href")
		if place, ok := strings.CutPrefix(href, "#"); ok {
			if place != "" && webtest.Find(doc, "", "id", place) == nil {
				w.t.Errorf("%q: %s links to its own %s, and there is no such place", w.login, p.Path, href)
			}
			continue
		}
		w.add(absolute(base, href), p.Path)
	}
	for _, e := range webtest.FindAll(doc, "form", "", "") {
		w.form(base, e)
	}
	for _, e := range webtest.FindAll(doc, "", "formaction", "") {
		w.posts(base, webtest.Attr(e, "formaction"))
	}
}

// form looks at where a form sends.
func (w *walk) form(base *url.URL, e *html.Node) {
	action := webtest.Attr(e, "action")
	if strings.EqualFold(webtest.Attr(e, "method"), "post") {
		w.posts(base, action)
		return
	}
	if u, err := base.Parse(action); err == nil {
		if _, ok := w.route(http.MethodGet, u.Path); !ok {
			w.t.Errorf("%q: a form of %s asks %s, which no route answers", w.login, base, u.Path)
		}
	}
}

// posts looks whether the reader may send what a button of the page sends.
func (w *walk) posts(base *url.URL, action string) {
	u, err := base.Parse(action)
	if err != nil {
		w.t.Errorf("%q: a form of %s sends to %q: %v", w.login, base, action, err)
		return
	}
	if u.Host != base.Host {
		return
	}
	switch r, ok := w.route(http.MethodPost, u.Path); {
	case !ok:
		w.t.Errorf("%q: a button of %s sends to %s, which no route answers", w.login, base, u.Path)
	case !r.Need.Met(w.actor):
		w.t.Errorf("%q: a button of %s sends to %s, which is not for this reader", w.login, base, u.Path)
	}
}

// absolute is the address of a link on a page.
func absolute(base *url.URL, href string) string {
	u, err := base.Parse(href)
	if err != nil {
		return href
	}
	return u.String()
}
