package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestAwardedCase shows a case that nobody applied for to everybody who may see
// it, on every page that cases have, and follows every link of its own.
func TestAwardedCase(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	who := a.Actor(t, "applicant")
	k, err := a.Cases.Award(t.Context(), auth.SystemActor(), cases.Awarding{
		Key: "grant:1", Item: "KJ-0004", Firm: who.Firms[0], Account: who.ID, Amount: 5_000_000, Link: "/publicity/grants",
		Basis: i18n.Text{ZH: "《若干措施》第三条，公示期满没有异议", EN: "Measures, clause 3, shown without objections"},
	})
	if err != nil {
		t.Fatal(err)
	}
	id, keys := string(k.ID), textKeys(t)
	table, byPattern := http.NewServeMux(), map[string]httpx.Route{}
	for _, r := range a.Routes {
		byPattern[r.Method+" "+r.Path] = r
		table.HandleFunc(r.Method+" "+r.Path, func(http.ResponseWriter, *http.Request) {})
	}
	route := func(method, at string) (httpx.Route, bool) {
		r, err := http.NewRequestWithContext(t.Context(), method, webtest.Origin+at, http.NoBody)
		if err != nil {
			return httpx.Route{}, false
		}
		_, pattern := table.Handler(r)
		x, ok := byPattern[pattern]
		return x, ok
	}
	for login, base := range map[string]string{"applicant": "/my/cases/", "approver": "/work/cases/", "clerk": "/work/cases/", "head-kj": "/work/cases/", "leader": "/work/cases/"} {
		for _, l := range i18n.Locales {
			c := a.As(t, login)
			c.Header.Set("Accept-Language", string(l))
			p := c.Get(base + id)
			want := map[i18n.Locale][]string{
				i18n.Chinese: {k.Number, "免申即享", "50,000.00 元", "第三条"},
				i18n.English: {k.Number, "without an application", "50,000.00 yuan", "clause 3"},
			}[l]
			for _, s := range want {
				if !p.Has(s) {
					t.Errorf("%s %s: no %q on %s", login, l, s, p.Text())
				}
			}
			if webtest.Find(p.Doc(), "a", "href", "/publicity/grants") == nil || webtest.Find(p.Doc(), "form", "action", "/my/cases/"+id+"/copy") != nil {
				t.Errorf("%s: the list is not linked, or one can apply again with nothing", login)
			}
			for _, problem := range webtest.Problems(p.Doc()) {
				t.Errorf("%s %s: %s", login, l, problem)
			}
			// Every page that hangs on a case answers, be it that there is no such thing.
			for _, r := range a.Routes {
				if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, base+"{id}") || !r.Need.Met(a.Actor(t, login)) {
					continue
				}
				at := strings.NewReplacer("{id}", id, "{kind}", "award", "{what}", "award", "{command}", "note").Replace(r.Path)
				if p := c.Get(at); p.Status >= http.StatusInternalServerError {
					t.Errorf("%s: %s answers %d", login, at, p.Status)
				} else if found := keys(p.Text()); found != nil && p.Status < http.StatusBadRequest && strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
					t.Errorf("%s: %s shows %s", login, at, found)
				}
			}
		}
		// What its page links to is there.
		w := &walk{t: t, login: login, actor: a.Actor(t, login), client: a.As(t, login), keys: keys, seen: map[string]bool{}, opened: map[string]int{}, route: route}
		w.add(base+id, "")
		for _, at := range []string{base + id, base + id + "/papers/award"} {
			w.seen[at] = true
			w.open(step{at, ""})
		}
		for _, next := range w.queue {
			if strings.Contains(next.to, id) {
				w.open(next)
			}
		}
	}

	for login, at := range map[string]string{
		"applicant": "/my/cases", "approver": "/work/lists/all?channel=award", "leader": "/work/lists/all?channel=award&outcome=granted", "clerk": "/work/search?q=" + k.Number,
	} {
		if p := a.As(t, login).Get(at); p.Status != http.StatusOK || !p.Has(k.Number) {
			t.Errorf("%s does not find it at %s: %d", login, at, p.Status)
		}
	}
	if p := a.As(t, "approver").Get("/work/lists/all?channel=online"); p.Has(k.Number) {
		t.Error("it came online")
	}
	if p := a.As(t, "applicant").Get("/my/cases/" + id + "/receipt"); p.Path != "/my/cases/"+id {
		t.Errorf("a receipt of what was not handed in: %s", p.Path)
	}
	if p := a.As(t, "citizen").Get("/my/cases/" + id); p.Status != http.StatusNotFound {
		t.Errorf("somebody else: %d", p.Status)
	}
	p := a.As(t, "").Post("/track", url.Values{"number": {k.Number}, "code": {k.PickupCode}})
	if !p.Has("免申即享") || p.Has("第三条") { // a reason may name people
		t.Errorf("tracked: %s", p.Text())
	}
	if p := a.As(t, "applicant").Post("/my/cases/"+id+"/copy", url.Values{}); p.Status != http.StatusConflict {
		t.Errorf("copied: %d", p.Status)
	}
}
