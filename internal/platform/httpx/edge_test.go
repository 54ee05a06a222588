package httpx_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/logx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// site is one edge with a route of each need, its log, and what it last knew of
// who asked and showed of an error.
type site struct {
	http.Handler
	log   *bytes.Buffer
	actor *auth.Actor
	shown *httpx.ErrorView
}

func newSite(t *testing.T, behindProxy bool) site {
	t.Helper()
	texts, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := site{log: &bytes.Buffer{}, actor: &auth.Actor{}, shown: &httpx.ErrorView{}}
	c := clock.System{}
	edge := &httpx.Edge{
		Log: logx.New(s.log, "text", "debug"), Clock: c, Catalog: texts, Sessions: session.New(dbtest.New(t), c, session.Options{Idle: time.Hour}), BehindProxy: behindProxy,
		Actor: func(context.Context, string) (auth.Actor, error) { return auth.Actor{}, nil },
		ErrorPage: func(w http.ResponseWriter, r *http.Request, v httpx.ErrorView) error {
			*s.shown = v
			if r.URL.Query().Has("twice") {
				panic("the page for errors as well")
			}
			w.WriteHeader(v.Status)
			_, err := io.WriteString(w, "page for people")
			return err
		},
	}
	look := func(_ http.ResponseWriter, r *http.Request) error {
		*s.actor = auth.From(r.Context())
		return nil
	}
	s.Handler, err = edge.Mux([]httpx.Route{
		httpx.Get("/open/{id}", auth.Public, look),
		httpx.Post("/open/new", auth.Public, look),
		httpx.Get("/broken", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Cache-Control", "public, max-age=300")
			if r.URL.Query().Has("late") {
				_, _ = io.WriteString(w, "begun")
			}
			panic("broken")
		}),
		httpx.Post("/closed", auth.AsStaff, look).WithMaxBody(8 << 20),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s site) do(t *testing.T, method, target string, body io.Reader, header http.Header) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, body)
	r.Header = header
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code
}

func TestAddressIsWhatOurProxySaw(t *testing.T) {
	t.Parallel()
	const peer = "192.0.2.1" // of httptest
	tests := map[string]struct {
		proxy  bool
		header []string
		want   string
	}{
		"no proxy, no word of a client counts":         {false, []string{"203.0.113.9"}, peer},
		"the entry of our proxy":                       {true, []string{"203.0.113.9"}, "203.0.113.9"},
		"what the client wrote before it":              {true, []string{"198.51.100.7, 203.0.113.9"}, "203.0.113.9"},
		"what the client wrote in a header of its own": {true, []string{"198.51.100.7", "203.0.113.9"}, "203.0.113.9"},
		"with a port":                      {true, []string{"203.0.113.9:4711"}, "203.0.113.9"},
		"six, in brackets and with a port": {true, []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		"no address":                       {true, []string{"x\xff"}, peer},
		"nothing":                          {true, nil, peer},
	}
	for name, tt := range tests {
		s := newSite(t, tt.proxy)
		s.do(t, http.MethodGet, "/open/a", nil, http.Header{"X-Forwarded-For": tt.header})
		if s.actor.From != tt.want {
			t.Errorf("%s: %q, want %q", name, s.actor.From, tt.want)
		}
	}
}

func TestWrongMethodsAreNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	for request, want := range map[string]int{
		"GET /open/a": 200, "HEAD /open/a": 200, "POST /open/a": 405, "DELETE /open/a": 405, "OPTIONS /open/a": 405,
		"POST /open/new": 200, "GET /open/new": 405, "HEAD /open/new": 405, "PUT /open/new": 405, "GET /closed": 405, "GET /nowhere": 404,
	} {
		method, target, _ := strings.Cut(request, " ")
		if got := s.do(t, method, target, nil, http.Header{}); got != want {
			t.Errorf("%s: %d, want %d", request, got, want)
		}
	}
}

func TestTokensStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	token := strings.Repeat("ab2c", 8)
	s.do(t, http.MethodGet, "/open/"+token, nil, nil)
	s.do(t, http.MethodGet, "/nowhere/"+token+"/thanks?token="+token, nil, nil)
	if log := s.log.String(); strings.Contains(log, token) || !strings.Contains(log, "/open/***") {
		t.Error(log)
	}
}

// TestAddressesAreText: PostgreSQL takes no other, and answers with an error of ours.
func TestAddressesAreText(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	for target, want := range map[string]int{
		"/open/a?q=%E5%8A%9E": 200, "/open/%E5%8A%9E": 200, "/open/a?q=100%": 200,
		"/open/%ff": 400, "/open/%00": 400, "/open/a?q=%ff": 400, "/open/a?q=a%00b": 400, "/open/a?%00=a": 400,
	} {
		if got := s.do(t, http.MethodGet, target, nil, nil); got != want {
			t.Errorf("%s: %d, want %d", target, got, want)
		}
	}
}

// TestPanicsHaveAPage: with the number to quote; plain text is for when that
// fails as well, and nothing is added to what has been begun.
func TestPanicsHaveAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	for target, want := range map[string]struct {
		code int
		body string
	}{
		"/broken": {500, "page for people"}, "/broken?twice": {500, "500\n"}, "/broken?late": {200, "begun"},
	} {
		s.log.Reset()
		*s.shown = httpx.ErrorView{}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil))
		if w.Code != want.code || w.Body.String() != want.body {
			t.Errorf("%s: %d %q", target, w.Code, w.Body)
		}
		if want.code == 500 && (s.shown.Incident == "" || strings.Contains(w.Header().Get("Cache-Control"), "public")) {
			t.Errorf("%s: incident %q, %v", target, s.shown.Incident, w.Header())
		}
		if !strings.Contains(s.log.String(), "handler panicked") {
			t.Errorf("%s: nobody will know: %s", target, s.log)
		}
	}
}

// TestRefusedUploads: what was typed comes back, the file is kept nowhere.
func TestRefusedUploads(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // so not parallel
	s := newSite(t, false)
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "a.pdf")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(bytes.Repeat([]byte("a"), 4<<20))
	_ = form.WriteField("note", "多写了几句")
	_ = form.Close()
	header := http.Header{"Content-Type": {form.FormDataContentType()}}
	watched := &watch{Reader: &body, seen: func() {
		if now, _ := os.ReadDir(dir); len(now) > len(before) {
			t.Error("the file of a stranger is on disk")
		}
	}}
	if got := s.do(t, http.MethodPost, "/closed", watched, header); got != http.StatusUnauthorized {
		t.Errorf("%d", got)
	}
	if got := s.shown.Typed.Get("note"); got != "多写了几句" {
		t.Errorf("typed %q is lost", got)
	}
}

// watch looks around whenever something is read.
type watch struct {
	io.Reader
	seen func()
}

func (w *watch) Read(p []byte) (int, error) {
	w.seen()
	return w.Reader.Read(p)
}
