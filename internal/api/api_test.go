package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	firm = "91371671MA3TB0009L"
	v1   = api.Prefix
)

var pdf = []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

// bench is the application with one client that may do everything.
type bench struct {
	*apptest.App
	client identity.Client
	token  string
}

func newBench(t *testing.T) bench {
	t.Helper()
	return benchOf(t, apptest.New(t))
}

func benchOf(t *testing.T, a *apptest.App) bench {
	t.Helper()
	b := bench{App: a}
	b.client, b.token = b.newClient(t, auth.Scopes...)
	return b
}

func (b bench) newClient(t *testing.T, scopes ...auth.Scope) (identity.Client, string) {
	t.Helper()
	c, token, err := b.Identity.CreateClient(t.Context(), auth.SystemActor(), "OA", scopes, b.Clock.Now().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return c, token
}

// answer is what came back.
type answer struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
}

// into reads the body.
func into[T any](a answer) T {
	a.t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		a.t.Fatalf("%v: %s", err, a.Body)
	}
	return v
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// problem checks that the answer is a problem document with the code, and with
// a complaint at the location when one is given.
func (a answer) problem(status int, code, location string) api.Problem {
	a.t.Helper()
	p := into[api.Problem](a.want(status))
	if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
		a.t.Errorf("content type %q", ct)
	}
	if p.Code != code || p.Status != status || p.Detail == "" || p.Detail == "error."+code || p.Title == "" || p.Type != "about:blank" {
		a.t.Errorf("%s, want code %s", a.Body, code)
	}
	if location == "" {
		return p
	}
	for _, f := range p.Fields {
		if f.Location == location {
			if f.Message == "" || strings.HasPrefix(f.Message, "error.") {
				a.t.Errorf("no text for %s", f.Code)
			}
			return p
		}
	}
	a.t.Errorf("no complaint at %s: %s", location, a.Body)
	return p
}

func (b bench) do(t *testing.T, method, path, token string, body io.Reader, header ...string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.Handler.ServeHTTP(w, r)
	if w.Header().Get("X-Request-Id") == "" {
		t.Errorf("%s %s: no request id", method, path)
	}
	if len(w.Result().Cookies()) > 0 { //nolint:bodyclose // a recorder
		t.Errorf("%s %s sets a cookie", method, path)
	}
	return answer{t, w.Code, w.Header(), w.Body.String()}
}

func (b bench) get(t *testing.T, path string) answer {
	t.Helper()
	return b.do(t, http.MethodGet, path, b.token, nil)
}

func (b bench) post(t *testing.T, path string, v any, header ...string) answer {
	t.Helper()
	return b.send(t, http.MethodPost, path, v, header...)
}

func (b bench) send(t *testing.T, method, path string, v any, header ...string) answer {
	t.Helper()
	var body io.Reader
	if v != nil {
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(j)
	}
	return b.do(t, method, path, b.token, body, append([]string{"Content-Type", "application/json"}, header...)...)
}

func (b bench) upload(t *testing.T, path, name string, content []byte) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.do(t, http.MethodPost, path, b.token, &body, "Content-Type", w.FormDataContentType())
}

type object = map[string]any

// filled is answers that pass the checks of an item.
func (b bench) filled(t *testing.T, code string, given object) object {
	t.Helper()
	item, err := b.Catalogue.Item(code)
	if err != nil {
		t.Fatal(err)
	}
	out := object{}
	maps.Copy(out, given)
	for range 3 {
		answers, _ := cases.Answers(item, cases.FromAnswers(out), "2026-03-16")
		for id, v := range cases.Sample(item, answers, 7) {
			if f, _ := item.Field(id); out[id] == nil {
				switch f.Type {
				case "number", "money":
					var n float64
					_, _ = fmt.Sscan(v[0], &n)
					out[id] = n
				case "multi":
					out[id] = v
				case "address":
					out[id] = object{"code": v[0], "detail": v[1]}
				default:
					out[id] = v[0]
				}
			}
		}
		b, _ := json.Marshal(out)
		out = object{}
		_ = json.Unmarshal(b, &out)
	}
	return out
}

// TestACaseFromTheDraftToTheCertificate is the whole way of a program.
func TestACaseFromTheDraftToTheCertificate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	created := b.post(t, v1+"/cases", object{"item": "KJ-0001", "enterprise_uscc": strings.ToLower(firm), "answers": b.filled(t, "KJ-0001", nil), "collect": "electronic"}, "Idempotency-Key", "k-1").want(http.StatusCreated)
	k := into[api.Case](created)
	if k.State != "draft" || k.ID == "" || created.Header.Get("Location") != v1+"/cases/"+k.ID || k.Party.Code != firm || k.CreatedAt.Format(time.RFC3339) != "2026-03-02T09:00:00+08:00" {
		t.Fatalf("%s", created.Body)
	}
	if !strings.Contains(created.Body, `"created_at":"2026-03-02T09:00:00+08:00"`) {
		t.Errorf("instants without the offset: %s", created.Body)
	}
	missing := 0
	for _, d := range k.ToDo {
		key, ok := strings.CutPrefix(d.Location, "materials.")
		if !ok || d.Message == "" {
			t.Fatalf("to do: %+v", d)
		}
		missing++
		f := into[api.CaseFile](b.upload(t, v1+"/cases/"+k.ID+"/materials/"+key, "材料 <b>.pdf", pdf).want(http.StatusCreated))
		if f.Name != "材料 b.pdf" || f.MediaType != "application/pdf" {
			t.Errorf("%+v", f)
		}
	}
	if missing == 0 {
		t.Fatal("the item needs no material")
	}
	p := b.post(t, v1+"/cases/"+k.ID+"/submit", nil, "If-Match", `"99"`)
	p.problem(http.StatusPreconditionFailed, "cases.stale", "")
	b.post(t, v1+"/cases/"+k.ID+"/submit", nil, "If-Match", "soon").problem(http.StatusUnprocessableEntity, "api.invalid", "header.If-Match")
	submitted := b.post(t, v1+"/cases/"+k.ID+"/submit", nil, "If-Match", created.Header.Get("ETag")).want(http.StatusOK)
	k = into[api.Case](submitted)
	if k.State != "submitted" || k.Number == "" || k.SubmittedAt == nil || len(k.ToDo) != 0 || len(k.Materials) == 0 {
		t.Fatalf("%s", submitted.Body)
	}
	b.post(t, v1+"/cases/"+k.ID+"/submit", nil).problem(http.StatusConflict, "cases.state", "")
	b.get(t, v1+"/cases/"+k.ID+"/certificate").problem(http.StatusNotFound, "api.no_certificate", "")

	must := func(_ cases.Case, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r := cases.Ref{ID: cases.ID(k.ID)}
	must(b.Cases.AskSupplement(ctx, b.Actor(t, "clerk"), r, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "图纸缺少比例尺"}}}))
	k = into[api.Case](b.get(t, v1+"/cases/"+k.Number).want(http.StatusOK))
	if k.State != "supplementing" || k.Request == nil || len(k.Request.Points) != 1 || len(k.ToDo) != 1 || k.ToDo[0].Location != "materials.facility_plan" {
		t.Fatalf("%+v", k)
	}
	b.post(t, v1+"/cases/"+k.ID+"/submit", nil).problem(http.StatusUnprocessableEntity, "cases.incomplete", "materials.facility_plan")
	b.upload(t, v1+"/cases/"+k.Number+"/materials/facility_plan", "plan.pdf", pdf).want(http.StatusCreated)
	b.post(t, v1+"/cases/"+k.Number+"/submit", nil).want(http.StatusOK)
	must(b.Cases.Accept(ctx, b.Actor(t, "clerk"), r))
	must(b.Cases.SendBack(ctx, b.Actor(t, "handler-wj"), r, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "请标明洁污分区"}}}))
	b.upload(t, v1+"/cases/"+k.ID+"/materials/facility_plan", "plan2.pdf", pdf).want(http.StatusCreated)
	k = into[api.Case](b.post(t, v1+"/cases/"+k.ID+"/submit", nil).want(http.StatusOK))
	if k.State != "handling" || k.NeedsApplicant || k.DueAt == nil {
		t.Fatalf("%+v", k)
	}
	for _, login := range []string{"handler-hb", "handler-wj", "handler-kj"} {
		must(b.Cases.Endorse(ctx, b.Actor(t, login), r, cases.EndorseInput{Opinion: "符合要求"}))
	}
	must(b.Cases.Waive(ctx, b.Actor(t, "handler-kj"), r, "waste_contract", "现场已经核实"))
	must(b.Cases.Decide(ctx, b.Actor(t, "approver"), r, cases.DecideInput{Outcome: cases.Granted}))
	k = into[api.Case](b.get(t, v1+"/cases/"+k.ID).want(http.StatusOK))
	if k.Outcome != "granted" || k.Decision == nil || k.Decision.Text.ZH == "" {
		t.Fatalf("%+v", k)
	}
	events := b.get(t, v1+"/cases/"+k.ID+"/events").want(http.StatusOK)
	seen := map[string]bool{}
	for _, e := range into[api.EventList](events).Events {
		seen[e.Command] = true
	}
	if !seen["submit"] || !seen["accept"] || !seen["decide"] || seen["endorse"] || strings.Contains(events.Body, "符合要求") {
		t.Errorf("events: %s", events.Body)
	}
	c := into[api.Certificate](b.get(t, v1+"/cases/"+k.ID+"/certificate").want(http.StatusOK))
	if c.Type != "lab_animal_permit" || c.Number == "" || c.Status != "valid" || c.Token == "" || c.Issuer.Name.ZH == "" {
		t.Errorf("%+v", c)
	}
}

func TestTheSameKeyGivesTheSameCase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body := object{"item": "KJ-0002", "enterprise_uscc": firm, "answers": object{}}
	first := into[api.Case](b.post(t, v1+"/cases", body, "Idempotency-Key", "a").want(http.StatusCreated))
	again := into[api.Case](b.post(t, v1+"/cases", body, "Idempotency-Key", "a").want(http.StatusOK))
	other := into[api.Case](b.post(t, v1+"/cases", body, "Idempotency-Key", "b").want(http.StatusCreated))
	none := into[api.Case](b.post(t, v1+"/cases", body).want(http.StatusCreated))
	if first.ID != again.ID || first.ID == other.ID || none.ID == other.ID {
		t.Errorf("%s %s %s %s", first.ID, again.ID, other.ID, none.ID)
	}
	body["item"] = "KJ-0001"
	b.post(t, v1+"/cases", body, "Idempotency-Key", "a").problem(http.StatusConflict, "api.key_reused", "")
	b.post(t, v1+"/cases", body, "Idempotency-Key", "ü").problem(http.StatusUnprocessableEntity, "api.invalid", "header.Idempotency-Key")

	// What cannot be submitted leaves nothing behind and does not use up the key.
	before := len(into[api.CaseList](b.get(t, v1+"/cases")).Cases)
	body["submit"] = true
	b.post(t, v1+"/cases", body, "Idempotency-Key", "c").problem(http.StatusUnprocessableEntity, "cases.incomplete", "body.answers."+b.required(t, "KJ-0001"))
	if n := len(into[api.CaseList](b.get(t, v1+"/cases")).Cases); n != before {
		t.Errorf("%d cases, then %d", before, n)
	}
	body["submit"] = false
	b.post(t, v1+"/cases", body, "Idempotency-Key", "c").want(http.StatusCreated)

	// Two clients may use the same key.
	_, b.token = b.newClient(t, auth.Scopes...)
	strange := into[api.Case](b.post(t, v1+"/cases", body, "Idempotency-Key", "a").want(http.StatusCreated))
	if strange.ID == first.ID {
		t.Error("a key reaches over to another client")
	}
}

// TestTheSameKeyAtTheSameMoment: a client that lost patience gets one case.
func TestTheSameKeyAtTheSameMoment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := benchOf(t, apptest.NewOn(t, d))
		got := make(chan answer, 8)
		for range cap(got) {
			go func() {
				got <- b.post(t, v1+"/cases", object{"item": "KJ-0002", "enterprise_uscc": firm, "answers": object{}}, "Idempotency-Key", "a")
			}()
		}
		made, all := 0, map[string]bool{}
		for range cap(got) {
			a := <-got
			if a.Status == http.StatusCreated {
				made++
			}
			all[into[api.Case](a).ID] = true
		}
		if made != 1 || len(all) != 1 || all[""] {
			t.Errorf("%d made, %v", made, all)
		}
	})
}

func (b bench) required(t *testing.T, code string) string {
	t.Helper()
	item, err := b.Catalogue.Item(code)
	if err != nil {
		t.Fatal(err)
	}
	_, bad := cases.Answers(item, nil, "2026-03-16")
	if len(bad) == 0 {
		t.Fatal("nothing is required")
	}
	return bad[0].Name
}

func TestWhoMayCome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, reader := b.newClient(t, auth.ScopeCasesRead)
	gone, revoked := b.newClient(t, auth.Scopes...)
	_, old, err := b.Identity.CreateClient(t.Context(), auth.SystemActor(), "old", auth.Scopes, b.Clock.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	b.do(t, http.MethodGet, v1+"/items", old, nil).want(http.StatusOK)
	b.Clock.Advance(2 * time.Hour)
	admin := auth.Actor{Kind: auth.Staff, ID: "x", Posts: []auth.Post{{Role: auth.SystemAdmin}}}
	if err := b.Identity.RevokeClient(t.Context(), admin, gone.ID, gone.Version); err != nil {
		t.Fatal(err)
	}
	bodies := map[string]bool{}
	for name, token := range map[string]string{"none": "", "wrong": "tb_0123", "no prefix": "secret", "expired": old, "revoked": revoked} {
		a := b.do(t, http.MethodGet, v1+"/items", token, nil)
		a.problem(http.StatusUnauthorized, "identity.client_token", "")
		if a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
		bodies[a.Body+a.Header.Get("WWW-Authenticate")] = true
	}
	if len(bodies) != 1 {
		t.Errorf("the answers tell the tokens apart: %v", bodies)
	}
	b.do(t, http.MethodGet, v1+"/cases", "", nil, "Authorization", "Basic "+b.token).want(http.StatusUnauthorized)
	b.do(t, http.MethodGet, v1+"/cases", reader, nil).want(http.StatusOK)
	b.do(t, http.MethodGet, v1+"/items", reader, nil).problem(http.StatusForbidden, "api.scope", "")
	b.do(t, http.MethodPost, v1+"/cases", reader, strings.NewReader("no json")).problem(http.StatusForbidden, "api.scope", "")
	// A session of a person opens nothing here.
	if p := b.As(t, "applicant").Get(v1 + "/cases"); p.Status != http.StatusUnauthorized {
		t.Errorf("a cookie opens the API: %d", p.Status)
	}
}

func TestOthersCasesAreNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	k := into[api.Case](b.post(t, v1+"/cases", object{"item": "KJ-0002", "enterprise_uscc": firm, "answers": object{}}).want(http.StatusCreated))
	own, err := b.Cases.Start(t.Context(), b.Actor(t, "applicant"), cases.StartInput{ItemCode: "KJ-0002", EnterpriseID: b.Actor(t, "applicant").Firms[0]})
	if err != nil {
		t.Fatal(err)
	}
	b.get(t, v1+"/cases/"+string(own.ID)).problem(http.StatusNotFound, "cases.not_found", "")
	stranger := b
	_, stranger.token = b.newClient(t, auth.Scopes...)
	at := v1 + "/cases/" + k.ID
	stranger.get(t, at).problem(http.StatusNotFound, "cases.not_found", "")
	stranger.get(t, at+"/events").want(http.StatusNotFound)
	stranger.get(t, at+"/certificate").want(http.StatusNotFound)
	stranger.post(t, at+"/submit", nil).want(http.StatusNotFound)
	stranger.post(t, at+"/withdraw", nil).want(http.StatusNotFound)
	stranger.send(t, http.MethodPut, at+"/answers", object{"answers": object{}}).want(http.StatusNotFound)
	stranger.upload(t, at+"/materials/business_licence", "a.pdf", pdf).want(http.StatusNotFound)
	if l := into[api.CaseList](stranger.get(t, v1+"/cases").want(http.StatusOK)); len(l.Cases) != 0 {
		t.Errorf("%+v", l)
	}
	b.get(t, v1+"/cases/%20").want(http.StatusNotFound)
	b.get(t, v1+"/cases/371671-20260302-99999").want(http.StatusNotFound)
	if k = into[api.Case](b.post(t, at+"/withdraw", object{"reason": "项目调整"}).want(http.StatusOK)); k.State != "withdrawn" {
		t.Errorf("%+v", k)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	good := object{"item": "KJ-0002", "enterprise_uscc": firm, "answers": object{}}
	with := func(key string, v any) object {
		o := object{}
		for k, x := range good {
			o[k] = x
		}
		o[key] = v
		return o
	}
	create := func(v any) answer { return b.post(t, v1+"/cases", v) }
	raw := func(body string, header ...string) answer {
		return b.do(t, http.MethodPost, v1+"/cases", b.token, strings.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
	}
	create(with("enterprise_uscc", "91371671MA3TB0009X")).problem(422, "api.invalid", "body.enterprise_uscc")
	create(with("enterprise_uscc", "91110000100000000A")).problem(422, "api.invalid", "body.enterprise_uscc")
	create(with("item", "NO-0001")).problem(404, "catalogue.not_found", "")
	create(with("item", "RC-0001")).problem(422, "cases.audience", "")
	create(with("colour", "red")).problem(422, "api.invalid", "body.colour")
	create(with("collect", "drone")).problem(422, "api.invalid", "body.collect")
	create(with("submit", "yes")).problem(422, "api.invalid", "body.submit")
	create(with("answers", object{"nowhere": "x"})).problem(422, "api.invalid", "body.answers.nowhere")
	create(with("answers", object{"contact_name": object{"a": 1}})).problem(422, "api.invalid", "body.answers.contact_name")
	create(object{"item": "KJ-0002"}).problem(422, "api.invalid", "body.enterprise_uscc")
	raw("").problem(400, "api.unreadable", "")
	raw("{").problem(400, "api.unreadable", "")
	raw(`{"item":"KJ-0002","enterprise_uscc":"`+firm+`","answers":{"contact_name":"`+"\xff"+`"}}`).problem(400, "api.unreadable", "")
	raw(`{"item":"KJ-0002","enterprise_uscc":"`+firm+`","answers":{"contact_name":"a\u0000b"}}`).problem(400, "api.unreadable", "")
	raw(`{"item":"KJ-0002","enterprise_uscc":"`+firm+`","answers":{"contact_name":"\ud83d"}}`).problem(400, "api.unreadable", "")
	raw("{}", "Content-Type", "text/plain").problem(415, "api.media_type", "")
	raw(`{"item":"`+strings.Repeat("x", 2<<20)+`"}`).problem(413, "api.too_large", "")
	b.get(t, v1+"/cases?state=lost").problem(422, "api.invalid", "query.state")
	b.get(t, v1+"/cases?stat=draft").problem(422, "api.invalid", "query.stat")
	b.get(t, v1+"/cases?limit=0").problem(422, "api.invalid", "query.limit")
	b.get(t, v1+"/cases?limit=ten").problem(422, "api.invalid", "query.limit")
	b.get(t, v1+"/cases?updated_since=yesterday").problem(422, "api.invalid", "query.updated_since")
	b.get(t, v1+"/items?q=%ff").problem(400, "api.unreadable", "")
	b.get(t, v1+"/items?after=NO-0001").problem(422, "api.invalid", "query.after")
	b.get(t, v1+"/items/NO-0001").problem(404, "catalogue.not_found", "")
	b.get(t, v1+"/nowhere").problem(404, "http.not_found", "")
	b.get(t, "/api/v2/items").problem(404, "http.not_found", "")
	a := b.do(t, http.MethodDelete, v1+"/cases", b.token, nil)
	a.problem(405, "http.method", "")
	if allow := a.Header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("Allow: %s", allow)
	}

	k := into[api.Case](create(good).want(http.StatusCreated))
	at := v1 + "/cases/" + k.ID + "/materials/"
	key := k.Materials[0].Key
	b.upload(t, at+"nothing", "a.pdf", pdf).problem(422, "api.invalid", "path.key")
	b.upload(t, at+key, "a.exe", []byte("MZ\x90\x00")).problem(422, "files.type", "body.file")
	b.upload(t, at+key, "a.png", pdf).problem(422, "files.disguised", "body.file")
	limit := b.Config.MaxUploadMB << 20
	b.upload(t, at+key, "a.pdf", append(bytes.Clone(pdf), make([]byte, limit)...)).problem(413, "api.too_large", "")
	b.upload(t, at+key, "a.pdf", make([]byte, limit+2<<20)).problem(413, "api.too_large", "")
	b.post(t, at+key, object{}).problem(415, "api.media_type", "")
	b.do(t, http.MethodPost, at+key, b.token, strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF"), "Content-Type", "multipart/form-data; boundary=x").problem(400, "api.unreadable", "")
	b.do(t, http.MethodPost, at+key, b.token, strings.NewReader("--x--\r\n"), "Content-Type", "multipart/form-data; boundary=x").problem(422, "api.invalid", "body.file")

	// The sentence is in the language that was asked for.
	zh := b.do(t, http.MethodGet, v1+"/cases?limit=0", b.token, nil, "Accept-Language", "zh-CN").problem(422, "api.invalid", "query.limit")
	en := b.do(t, http.MethodGet, v1+"/cases?limit=0", b.token, nil, "Accept-Language", "en").problem(422, "api.invalid", "query.limit")
	if zh.Detail == en.Detail || en.Fields[0].Message != "The number must be ≥ 1." {
		t.Errorf("%+v %+v", zh, en)
	}
}

// TestTextIsData: what looks like markup or SQL goes in and comes out unchanged.
func TestTextIsData(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	item, err := b.Catalogue.Item("KJ-0002")
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, s := range item.Form.Sections {
		for _, f := range s.Fields {
			if (f.Type == "text" || f.Type == "textarea") && f.When == "" && f.Min == nil && id == "" {
				id = f.ID
			}
		}
	}
	const nasty = `<script>alert("x")</script>'; DROP TABLE cases_case; -- 😀 \u0041`
	k := into[api.Case](b.post(t, v1+"/cases", object{"item": "KJ-0002", "enterprise_uscc": firm, "answers": object{id: nasty[:40]}}).want(http.StatusCreated))
	if k.Answers[id] != nasty[:40] {
		t.Errorf("%q", k.Answers[id])
	}
	k = into[api.Case](b.send(t, http.MethodPut, v1+"/cases/"+k.ID+"/answers", object{"answers": object{id: "' OR 1=1 --😀"}, "collect": "post"}).want(http.StatusOK))
	if k.Answers[id] != "' OR 1=1 --😀" || k.Collect != "post" {
		t.Errorf("%+v", k)
	}
	b.get(t, v1+"/items?q=%27%3B+DROP+TABLE").want(http.StatusOK)
	b.get(t, v1+"/cases?item=%27+OR+1%3D1&after=%27").want(http.StatusOK)
}

func TestItems(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := map[string]bool{}
	after, pages := "", 0
	for {
		l := into[api.ItemList](b.get(t, v1+"/items?limit=50&after="+after).want(http.StatusOK))
		for _, it := range l.Items {
			if all[it.Code] {
				t.Fatalf("%s twice", it.Code)
			}
			all[it.Code] = true
		}
		pages++
		if after = l.Next; after == "" {
			if len(all) != l.Total || pages < 2 {
				t.Errorf("%d items on %d pages, total %d", len(all), pages, l.Total)
			}
			break
		}
	}
	if l := into[api.ItemList](b.get(t, v1+"/items?q=%E5%AE%9E%E9%AA%8C%E5%8A%A8%E7%89%A9&audience=enterprise&limit=3")); len(l.Items) == 0 || !strings.Contains(l.Items[0].Name.ZH, "实验动物") {
		t.Errorf("%+v", l)
	}
	it := into[api.Item](b.get(t, v1+"/items/KJ-0001").want(http.StatusOK))
	if it.Name.ZH == "" || it.Name.EN == "" || len(it.Form) == 0 || len(it.Materials) == 0 || len(it.Stages) == 0 || it.Form[0].Fields[0].Label.EN == "" || it.Promised.N == 0 {
		t.Errorf("%+v", it)
	}
}

func TestListOfCases(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 5 {
		b.post(t, v1+"/cases", object{"item": "KJ-0002", "enterprise_uscc": firm, "answers": object{}}).want(http.StatusCreated)
		b.Clock.Advance(time.Hour)
	}
	l := into[api.CaseList](b.get(t, v1+"/cases?limit=3&state=draft&item=KJ-0002"))
	rest := into[api.CaseList](b.get(t, v1+"/cases?limit=3&after="+l.Next))
	if len(l.Cases) != 3 || len(rest.Cases) != 2 || rest.Next != "" {
		t.Errorf("%d and %d", len(l.Cases), len(rest.Cases))
	}
	if l := into[api.CaseList](b.get(t, v1+"/cases?updated_since=2026-03-02T12:00:00%2B08:00")); len(l.Cases) != 2 {
		t.Errorf("%d since noon", len(l.Cases))
	}
	if l := into[api.CaseList](b.get(t, v1+"/cases?state=handling")); len(l.Cases) != 0 {
		t.Errorf("%+v", l)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range api.PerMinute {
		b.get(t, v1+"/items/KJ-0001").want(http.StatusOK)
	}
	a := b.get(t, v1+"/items/KJ-0001")
	a.problem(http.StatusTooManyRequests, "api.too_many", "")
	if a.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
	}
	_, other := b.newClient(t, auth.ScopeItems)
	b.do(t, http.MethodGet, v1+"/items/KJ-0001", other, nil).want(http.StatusOK)
	b.Clock.Advance(time.Minute)
	b.get(t, v1+"/items/KJ-0001").want(http.StatusOK)
}

func TestDocument(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	offline, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	served := b.do(t, http.MethodGet, v1+"/openapi.json", "", nil, "Accept-Language", "en").want(http.StatusOK)
	if served.Body != string(offline) {
		t.Error("the document served is not that of OpenAPI()")
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID          string
			Summary, Description string
			Security             []map[string][]string
			Responses            map[string]any
			Parameters           []struct{ Name, Description string }
		}
	}
	if err := json.Unmarshal(offline, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("openapi %q", doc.OpenAPI)
	}
	want := map[string]string{
		"GET /items": "items:read", "GET /items/{code}": "items:read", "GET /items/changes": "items:read", "POST /cases": "cases:write", "GET /cases": "cases:read", "GET /cases/{id}": "cases:read",
		"PUT /cases/{id}/answers": "cases:write", "POST /cases/{id}/materials/{key}": "cases:write", "POST /cases/{id}/submit": "cases:write",
		"PUT /cases/{id}/materials/{key}": "cases:write", "DELETE /cases/{id}/materials/{key}/files/{file}": "cases:write",
		"POST /cases/{id}/materials/{key}/uploads": "cases:write", "POST /cases/{id}/materials/{key}/uploads/{upload}": "cases:write",
		"GET /cases/{id}/uploads/{upload}": "cases:write", "PUT /cases/{id}/uploads/{upload}": "cases:write",
		"POST /cases/{id}/withdraw": "cases:write", "GET /cases/{id}/events": "cases:read", "GET /cases/{id}/certificate": "cases:read",
		"GET /cases/{id}/messages": "cases:read", "POST /cases/{id}/messages": "cases:write", "POST /cases/{id}/messages/read": "cases:write",
		"GET /cases/{id}/messages/files/{file}": "cases:read", "GET /cases/{id}/documents": "cases:read", "GET /cases/{id}/documents/{kind}/{no}": "cases:read",
		"GET /certificates": "certificates:read", "POST /certificates": "certificates:write", "GET /certificates/{certificate}": "certificates:read", "POST /certificates/verify": "certificates:read",
		"POST /certificates/{certificate}/use": "certificates:use", "POST /certificates/{certificate}/revoke": "certificates:write",
		"GET /enterprises/{uscc}": "enterprises:read", "POST /enterprises": "enterprises:write",
	}
	n := 0
	for path, methods := range doc.Paths {
		for method, op := range methods {
			n++
			scope, ok := want[strings.ToUpper(method)+" "+path]
			if !ok || len(op.Security) != 1 || op.Security[0]["token"][0] != scope {
				t.Errorf("%s %s: %v, want %s", method, path, op.Security, scope)
			}
			if op.Summary == "" || op.Description == "" || op.Responses["401"] == nil || op.Responses["422"] == nil && strings.Contains(path, "{") {
				t.Errorf("%s %s is not described", method, path)
			}
			for _, p := range op.Parameters {
				if p.Description == "" {
					t.Errorf("%s %s: parameter %s is not described", method, path, p.Name)
				}
			}
			// Every operation of the document is there, and closed without a token.
			at := v1 + strings.NewReplacer("{id}", "x", "{key}", "x", "{code}", "x", "{file}", "x", "{kind}", "x", "{no}", "1", "{upload}", "x").Replace(path)
			b.do(t, strings.ToUpper(method), at, "", nil).want(http.StatusUnauthorized)
		}
	}
	if n != len(want) {
		t.Errorf("%d operations, want %d", n, len(want))
	}
	if zh := b.do(t, http.MethodGet, v1+"/openapi.json", "", nil, "Accept-Language", "zh-CN").want(http.StatusOK); !strings.Contains(zh.Body, "新建申请") {
		t.Error("no Chinese document")
	}
}

func TestDocsPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for locale, words := range map[string][]string{
		"zh-CN": {"接口文档", "新建申请", "/api/v1/cases/{id}/materials/{key}", "cases:write", "Idempotency-Key", "幂等键"},
		"en":    {"API documentation", "Start an application", "/api/v1/cases/{id}/materials/{key}", "cases:write", "Idempotency-Key", "idempotency key"},
	} {
		c := b.As(t, "")
		c.Header.Set("Accept-Language", locale)
		p := c.Get(api.DocsPath)
		if p.Status != http.StatusOK {
			t.Fatalf("%d %s", p.Status, p.Body)
		}
		webtest.A11y(t, p.Doc())
		for _, w := range words {
			if !p.Has(w) {
				t.Errorf("%s: %q is not on the page", locale, w)
			}
		}
		if strings.Contains(p.Text(), "api.") && strings.Contains(p.Text(), "api.param") {
			t.Errorf("%s: a text is missing: %s", locale, p.Text())
		}
	}
	c := b.As(t, "")
	if p := c.Get("/api/"); p.Path != api.DocsPath {
		t.Errorf("/api/ leads to %s", p.Path)
	}
}
