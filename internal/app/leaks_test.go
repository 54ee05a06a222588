package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// planted is something in the house that only some may see. Its marks are texts
// that stand nowhere else: who is shown one has seen the thing.
type planted struct {
	name    string
	id      cases.ID
	marks   []string          // what it holds
	traces  []string          // its id and number: not to be seen by others either, but an answer may repeat the address it was asked at
	vars    map[string]string // parts of addresses below it
	readers []string          // logins; nobody else may see anything of it
}

// watchers are the people of the test: each role of the house, each with
// somebody who is near the planted things and somebody who is not.
var watchers = []string{
	"", "applicant", "agent", "talent", "citizen", "luzhengping", "clerk", "clerk2", "handler-kj", "handler-hb", "handler-wj", "handler-rs", "handler-rc", "approver", "head-kj", "head-rs", "head-rc",
	"commissioner", "fuwu05", "leader", "catalogue-admin", "system-admin", "security-admin", "audit-admin",
}

const queryMark = "LK7Q" // begins every mark, so that one search would find them all

// plant puts a draft, a case under way with a message, a note of a colleague and a
// paper, and a case of another person into the house.
func plant(t *testing.T, a *apptest.App) []planted {
	t.Helper()
	ctx := t.Context()
	mark := func(what string) string { return queryMark + "-" + what + "-3f81c9" }
	owner, talent, clerk := a.Actor(t, "applicant"), a.Actor(t, "talent"), a.Actor(t, "clerk")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	filled := func(who auth.Actor, item, field, text string) cases.Case {
		in := cases.StartInput{ItemCode: item}
		if len(who.Firms) > 0 {
			in.EnterpriseID = who.Firms[0]
		}
		k, err := a.Cases.Start(ctx, who, in)
		must(err)
		must(a.Cases.TypeSample(ctx, who, k.ID, 7, map[string]string{field: text}))
		form, err := a.Cases.Form(ctx, who, k.ID)
		must(err)
		for i, m := range form.Materials {
			if m.How == cases.Missing {
				_, err := a.Cases.Attach(ctx, who, k.ID, m.Key, mark("paper")+".pdf", strings.NewReader(fmt.Sprintf("%%PDF-1.4\n%% %s %d\n%%%%EOF\n", k.ID, i)), 1<<20)
				must(err)
			}
		}
		return k
	}
	fileOf := func(id cases.ID) string {
		v, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT file_id FROM cases_file WHERE case_id=$1 ORDER BY id LIMIT 1`, string(id))
		must(err)
		return v
	}

	draft := filled(owner, "KJ-0004", "contact_name", mark("draft"))
	running := filled(owner, "KJ-0001", "facility_address", mark("address"))
	running, err := a.Cases.Submit(ctx, owner, cases.Ref{ID: running.ID})
	must(err)
	pdf := talk.Upload{Name: mark("sent") + ".pdf", Content: strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")}
	_, err = a.Talk.Write(ctx, owner, running.ID, talk.Input{Text: mark("message"), Files: []talk.Upload{pdf}, Limit: 1 << 20})
	must(err)
	running, err = a.Cases.Accept(ctx, clerk, cases.Ref{ID: running.ID})
	must(err)
	running, err = a.Cases.Note(ctx, clerk, cases.Ref{ID: running.ID}, mark("note"))
	must(err)
	sent, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT f.file_id FROM cases_message_file f JOIN cases_message m ON m.id=f.message_id WHERE m.case_id=$1`, string(running.ID))
	must(err)
	personal := filled(talent, "RC-0001", "position", mark("position"))
	personal, err = a.Cases.Submit(ctx, talent, cases.Ref{ID: personal.ID})
	must(err)

	firm, windows := []string{"applicant", "agent"}, []string{"clerk", "clerk2"}
	desks := []string{"handler-kj", "handler-hb", "handler-wj", "approver", "head-kj", "commissioner", "leader"}
	staff := slices.Concat(windows, desks)
	at := map[string]string{"file": fileOf(running.ID), "sent": sent}
	traces := []string{string(running.ID), running.Number}
	return []planted{
		{name: "a draft", id: draft.ID, marks: []string{mark("draft")}, traces: []string{string(draft.ID)}, vars: map[string]string{"file": fileOf(draft.ID)}, readers: []string{"applicant"}},
		{name: "a case of a firm", id: running.ID, marks: []string{mark("address")}, traces: append(traces, fileOf(running.ID), sent), vars: at, readers: slices.Concat(firm, staff)},
		{name: "its messages", id: running.ID, marks: []string{mark("message"), mark("sent")}, vars: at, readers: slices.Concat(firm, staff)},
		{name: "a note of a colleague", id: running.ID, marks: []string{mark("note")}, vars: at, readers: staff},
		{
			name: "a case of a person", id: personal.ID, marks: []string{mark("position")}, traces: []string{string(personal.ID), personal.Number, fileOf(personal.ID)},
			vars: map[string]string{"file": fileOf(personal.ID)}, readers: slices.Concat([]string{"talent", "handler-rc", "head-rc", "leader"}, windows),
		},
	}
}

// TestNobodySeesMoreThanHisShare walks role × route × object × path: pages,
// lists, searches, the feed, files, exports, figures and the API, as somebody of
// every role. Nothing of a planted thing may turn up with anybody who is not
// named among its readers, and each reader finds it somewhere.
func TestNobodySeesMoreThanHisShare(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	if err := a.FillHistory(t.Context(), 20, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	path := concrete(t, a)
	things := plant(t, a)
	for _, login := range watchers {
		w := &watcher{t: t, login: login, things: things, found: map[string]bool{}}
		c := a.As(t, login)
		c.Follow = false
		actor := auth.Actor{}
		if login != "" {
			actor = a.Actor(t, login)
		}
		get := func(address string) int {
			p := c.Get(address)
			w.look(address, []byte(p.Body), p.Header.Get("Location"))
			return p.Status
		}
		for _, r := range a.Routes {
			if r.Method != http.MethodGet || !r.Need.Met(actor) {
				continue
			}
			if strings.Contains(r.Path, "/cases/{id}") || strings.Contains(r.Path, "cases/{case}") {
				for _, x := range things {
					address := x.at(r.Path)
					if status := get(address); status == http.StatusOK && !w.reads(x.id) {
						t.Errorf("%q is shown %s of %s", login, address, x.name)
					}
				}
				continue
			}
			address := path(r.Path)
			get(address)
			if !strings.Contains(r.Path, "{token}") {
				get(withQuery(address, url.Values{"q": {queryMark}, "query": {queryMark}}))
			}
			if r.Path == "/admin/audit" {
				get(withQuery(address, url.Values{"object": {"case:" + string(things[1].id)}}))
			}
		}
		if actor.Kind == auth.Staff {
			w.lists(c.Get, a, actor)
		}
		w.all()
	}
}

// TestFiguresDoNotTell: counts and charts are a way to see, too. No page of
// somebody whom none of the planted things concerns reads differently for them.
func TestFiguresDoNotTell(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	if err := a.FillHistory(t.Context(), 20, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	browsers := map[string]*webtest.Client{}
	for _, login := range []string{"citizen", "luzhengping", "handler-rs", "head-rs", "head-gx", "fuwu05", "catalogue-admin", "system-admin"} {
		browsers[login] = a.As(t, login)
	}
	read := func() map[string]string {
		pages := map[string]string{}
		for login, c := range browsers {
			actor := a.Actor(t, login)
			for _, r := range a.Routes {
				if r.Method == http.MethodGet && r.Need.Met(actor) && r.Need.String() != auth.Public.String() && !strings.Contains(r.Path, "{") {
					pages[login+" "+r.Path] = unpacked([]byte(c.Get(r.Path).Body))
				}
			}
		}
		return pages
	}
	before := read()
	plant(t, a)
	for at, now := range read() {
		if strings.HasSuffix(at, "/admin/catalogue/report") || strings.HasSuffix(at, "/work/certificates/saved") {
			continue // how often an item is asked for, and how many papers the zone saved, are sums that staff are to know
		}
		if was := before[at]; was != now {
			i := 0
			for i < min(len(was), len(now)) && was[i] == now[i] {
				i++
			}
			t.Errorf("%s tells of what is none of his business:\n%.200s\n%.200s", at, was[max(0, i-80):], now[max(0, i-80):])
		}
	}
	if len(before) < 60 {
		t.Errorf("only %d pages", len(before))
	}
}

// TestProgramsSeeWhatTheyFiled: every operation of the API that names a case says
// "not found" of one that another program or a person filed.
func TestProgramsSeeWhatTheyFiled(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	things := plant(t, a)
	_, token, err := a.Identity.CreateClient(t.Context(), auth.SystemActor(), "OA", auth.Scopes, a.Clock.Now().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	c := a.As(t, "")
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	p := c.Get("/api/v1/openapi.json")
	if err := json.Unmarshal([]byte(p.Body), &document); err != nil || len(document.Paths) < 10 {
		t.Fatalf("%d operations: %v", len(document.Paths), err)
	}
	w := &watcher{t: t, login: "a program", things: things, found: map[string]bool{}}
	asked := 0
	for at, operations := range document.Paths {
		for method := range operations {
			for _, x := range things {
				address := "/api/v1" + strings.NewReplacer("{id}", string(x.id), "{case}", string(x.id), "{file}", x.vars["file"], "{key}", "facility_plan", "{code}", "KJ-0001", "{kind}", "receipt").Replace(at)
				p := c.Do(strings.ToUpper(method), address, strings.NewReader(`{}`), http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}})
				w.look(address, []byte(p.Body), "")
				if strings.Contains(at, "/cases/{") {
					asked++
					if !slices.Contains([]int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusBadRequest, http.StatusUnsupportedMediaType}, p.Status) {
						t.Errorf("%s %s of %s: %d", method, at, x.name, p.Status)
					}
				}
			}
		}
	}
	if asked < 20 {
		t.Errorf("only %d questions about a case", asked)
	}
}

// TestNobodyChangesWhatHeCannotSee posts to every route that names a case, for
// each planted case as everybody who may not see it: the answer is that there is
// nothing, and nothing is changed.
func TestNobodyChangesWhatHeCannotSee(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	things := plant(t, a)
	state := func() string {
		rows, err := db.List(t.Context(), a.DB.Read(t.Context()), db.Scalar[string], `SELECT c.id || ' ' || c.version || ' ' || c.state || ' ' || (SELECT count(*) FROM cases_event e WHERE e.case_id=c.id)
			|| ' ' || (SELECT count(*) FROM cases_file f WHERE f.case_id=c.id) || ' ' || (SELECT count(*) FROM cases_message m WHERE m.case_id=c.id) FROM cases_case c ORDER BY c.id`)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(rows, "\n")
	}
	before := state()
	for _, login := range watchers {
		c := a.As(t, login)
		c.Follow = false
		actor := auth.Actor{}
		if login != "" {
			actor = a.Actor(t, login)
		}
		w := &watcher{t: t, login: login, things: things, found: map[string]bool{}}
		for _, r := range a.Routes {
			if r.Method != http.MethodPost || !r.Need.Met(actor) || !strings.Contains(r.Path, "cases/{id}") {
				continue
			}
			for _, x := range things {
				if w.reads(x.id) {
					continue
				}
				for _, command := range commandsIn(r.Path) {
					address := strings.Replace(x.at(r.Path), "/do/note", "/do/"+command, 1)
					p := c.Post(address, url.Values{"version": {"1"}, "text": {"x"}, "reason": {"x"}, "to": {"x"}, "name": {"a.pdf"}, "size": {"10"}, "rev": {"1"}, "do": {"back"}})
					w.look(address, []byte(p.Body), p.Header.Get("Location"))
					if p.Status == http.StatusSeeOther { // of nothing that was sent nothing was kept: the page that follows says so
						p = c.Get(p.Header.Get("Location"))
						w.look(address, []byte(p.Body), "")
					}
					if p.Status != http.StatusNotFound && p.Status != http.StatusForbidden {
						t.Errorf("%q POST %s on %s: %d %s", login, address, x.name, p.Status, p.Header.Get("Location"))
					}
				}
			}
		}
	}
	if after := state(); after != before {
		t.Errorf("something changed:\n%s\n%s", before, after)
	}
}

// commandsIn are the commands to try on a route.
func commandsIn(path string) []string {
	if !strings.Contains(path, "{command}") {
		return []string{""}
	}
	var out []string
	for _, c := range cases.Commands {
		out = append(out, string(c))
	}
	return out
}

// watcher is somebody who goes through the house and looks for what is not his.
type watcher struct {
	t      *testing.T
	login  string
	things []planted
	found  map[string]bool // marks he has seen
}

// reads says whether the watcher may see a case.
func (w *watcher) reads(id cases.ID) bool {
	return slices.ContainsFunc(w.things, func(x planted) bool { return x.id == id && slices.Contains(x.readers, w.login) })
}

// look searches an answer for what the watcher may not see.
func (w *watcher) look(address string, body []byte, location string) {
	w.t.Helper()
	text := unpacked(body) + " " + location
	for _, x := range w.things {
		own := slices.Contains(x.readers, w.login)
		for _, m := range x.marks {
			if !strings.Contains(text, m) {
				continue
			}
			w.found[m] = true
			if !own && !strings.Contains(address, m) {
				w.t.Errorf("%q is shown %q of %s at %s", w.login, m, x.name, address)
			}
		}
		for _, m := range x.traces {
			// The audit trail names what was acted upon: that is what it is for.
			if m != "" && !own && strings.Contains(text, m) && !strings.Contains(address, m) && !strings.HasPrefix(address, "/admin/audit") {
				w.t.Errorf("%q is shown the id or number of %s at %s", w.login, x.name, address)
			}
		}
	}
}

// lists reads every list of the workbench, on the page and as a file.
func (w *watcher) lists(get func(string) *webtest.Page, a *apptest.App, actor auth.Actor) {
	ctx := w.t.Context()
	for _, l := range cases.StaffLists {
		for _, q := range []url.Values{{}, {"q": {queryMark}}, {"item": {"KJ-0001"}}, {"item": {"RC-0001"}}} {
			address := withQuery("/work/lists/"+string(l), q)
			w.look(address, []byte(get(address).Body), "")
		}
		for item, field := range map[string]string{"KJ-0001": "facility_address", "RC-0001": "position"} {
			asked := []string{}
			for _, x := range a.Lists.Asks(item) {
				if strings.Contains(x.Column, field) {
					asked = append(asked, x.Column)
				}
			}
			if len(asked) == 0 {
				w.t.Fatalf("no column for %s", field)
			}
			for _, f := range []sheet.Format{sheet.XLSX, sheet.CSV} {
				var out bytes.Buffer
				if _, err := a.Lists.Direct(ctx, actor, worklist.ExportInput{List: l, Query: worklist.Query{Item: item}, Asked: asked, Format: f}, &out); err != nil {
					w.t.Fatalf("%s exports %s: %v", w.login, l, err)
				}
				w.look("export of "+string(l), out.Bytes(), "")
			}
		}
	}
}

// all complains when a reader did not find what he may see: then this test would
// not find a leak either.
func (w *watcher) all() {
	w.t.Helper()
	for _, x := range w.things {
		if slices.Contains(x.readers, w.login) && !slices.ContainsFunc(x.marks, func(m string) bool { return w.found[m] }) {
			w.t.Errorf("%q may see %s and was shown nothing of it", w.login, x.name)
		}
	}
}

// at is the address of a route below the thing.
func (x planted) at(pattern string) string {
	file := x.vars["file"]
	if strings.Contains(pattern, "/messages/files/") {
		file = x.vars["sent"]
	}
	return strings.NewReplacer("{id}", string(x.id), "{case}", string(x.id), "{file}", file, "{key}", "facility_plan", "{kind}", "receipt", "{command}", "note", "{upload}", string(x.id),
		"{message}", string(x.id), "{task}", string(x.id)).Replace(pattern)
}

func withQuery(address string, q url.Values) string {
	sign := "?"
	if strings.Contains(address, "?") {
		sign = "&"
	}
	if len(q) == 0 {
		return address
	}
	return address + sign + q.Encode()
}

// unpacked is the text of an answer; of a workbook that of all its parts.
func unpacked(body []byte) string {
	if !bytes.HasPrefix(body, []byte("PK\x03\x04")) {
		return string(body)
	}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return string(body)
	}
	var out strings.Builder
	slices.SortFunc(z.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) }) // they are written in any order
	for _, f := range z.File {
		if r, err := f.Open(); err == nil {
			_, _ = io.Copy(&out, io.LimitReader(r, 16<<20))
			_ = r.Close()
		}
	}
	return out.String()
}
