package session_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const idle = 30 * time.Minute

// site is a handler that signs in, out, keeps a flash and says who is there.
// Its clock begins at the real time, since the lifetime of a session is counted
// by the real one.
type site struct {
	http.Handler
	db    *db.DB
	clock *clock.Moved
}

func newSite(t *testing.T, d *db.DB, o session.Options) site {
	t.Helper()
	c := clock.At(clock.System{}.Now())
	m := session.New(d, c, o)
	mux := http.NewServeMux()
	check := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/in", func(_ http.ResponseWriter, r *http.Request) { check(m.SignIn(r.Context(), r.FormValue("account"))) })
	mux.HandleFunc("/out", func(_ http.ResponseWriter, r *http.Request) { check(m.SignOut(r.Context())) })
	mux.HandleFunc("/flash", func(_ http.ResponseWriter, r *http.Request) { m.Flash(r.Context(), r.FormValue("key")) })
	mux.HandleFunc("/keep", func(_ http.ResponseWriter, r *http.Request) { m.Keep(r.Context(), "x", r.FormValue("v")) })
	mux.HandleFunc("/kept", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(m.Kept(r.Context(), "x"))) })
	m.OnSignIn = func(ctx context.Context, account string) error { // as the cart is taken over
		m.Keep(ctx, "taken", m.Kept(ctx, "x"))
		m.Flash(ctx, account+m.Kept(ctx, "taken"))
		return nil
	}
	mux.HandleFunc("/pop", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(m.PopFlash(r.Context()))) })
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(m.Account(r.Context()))) })
	return site{Handler: m.Wrap(mux), db: d, clock: c}
}

// get sends the token, and returns the answer and the cookie that came back, if any.
func (s site) get(t *testing.T, path, token string) (string, *http.Cookie) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if token != "" {
		r.AddCookie(&http.Cookie{Name: session.CookieName, Value: token})
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	res := w.Result()
	defer func() { _ = res.Body.Close() }()
	for _, k := range res.Cookies() {
		if k.Name == session.CookieName {
			return w.Body.String(), k
		}
	}
	return w.Body.String(), nil
}

func (s site) who(t *testing.T, token string) string {
	t.Helper()
	who, _ := s.get(t, "/who", token)
	return who
}

func (s site) rows(t *testing.T) []string {
	t.Helper()
	list, err := db.List(t.Context(), s.db.Read(t.Context()), db.Scalar[string], `SELECT token FROM auth_session ORDER BY token`)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSignInRenewsTheToken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, session.Options{Idle: idle})
		if _, k := s.get(t, "/who", ""); k != nil {
			t.Error("a visitor gets a cookie before there is anything to remember")
		}
		_, before := s.get(t, "/flash?key=a.b", "")
		_, after := s.get(t, "/in?account=zhang", before.Value)
		if after == nil || after.Value == before.Value {
			t.Fatalf("the token stays: %v", after)
		}
		if who := s.who(t, after.Value); who != "zhang" {
			t.Errorf("signed in as %q", who)
		}
		if who := s.who(t, before.Value); who != "" {
			t.Errorf("the old token is signed in as %q", who)
		}
		_, third := s.get(t, "/in?account=li", after.Value)
		if s.who(t, third.Value) != "li" || s.who(t, after.Value) != "" {
			t.Error("another account signs in over the first: its token lives on")
		}
		if who := s.who(t, "made-up"); who != "" {
			t.Errorf("a made-up token is %q", who)
		}
		_, fixed := s.get(t, "/in?account=wang", "made-up")
		if fixed.Value == "made-up" {
			t.Error("a made-up token is taken over")
		}
	})
}

// TestWhatIsKeptIsSealed: of what a visitor typed nothing stands in the database,
// sessions of an older release go on, and another key reads those from before.
func TestWhatIsKeptIsSealed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		ring, err := seal.Make(seal.Source{File: filepath.Join(t.TempDir(), "keys.yaml"), Suite: seal.StandardName}, clock.System{})
		if err != nil {
			t.Fatal(err)
		}
		data := func() string {
			text, err := db.One(ctx, d.Read(ctx), db.Scalar[string], `SELECT data FROM auth_session`)
			if err != nil {
				t.Fatal(err)
			}
			plain, _ := base64.StdEncoding.DecodeString(text)
			return text + string(plain)
		}
		_, k := newSite(t, d, session.Options{Idle: idle}).get(t, "/keep?v=13800000001", "")
		if !strings.Contains(data(), "13800000001") {
			t.Fatal("the test looks in the wrong place")
		}
		s := newSite(t, d, session.Options{Idle: idle, Seal: ring})
		if kept, _ := s.get(t, "/kept", k.Value); kept != "13800000001" {
			t.Errorf("of an older release: %q", kept)
		}
		keeper := seal.NewKeeper(ring, d, s.clock, session.SealedColumns()...)
		if err := keeper.SealPlain(ctx); err != nil || strings.Contains(data(), "13800000001") {
			t.Errorf("at the start: %v", err)
		}
		if kept, _ := s.get(t, "/kept", k.Value); kept != "13800000001" {
			t.Errorf("sealed at the start: %q", kept)
		}
		if _, err := ring.Rotate(); err != nil {
			t.Fatal(err)
		}
		if kept, _ := s.get(t, "/kept", k.Value); kept != "13800000001" {
			t.Errorf("under the next key: %q", kept)
		}
		s.get(t, "/keep?v=13800000002", k.Value)
		if kept, _ := s.get(t, "/kept", k.Value); kept != "13800000002" || strings.Contains(data(), "13800000002") {
			t.Errorf("written anew: %q", kept)
		}
	})
}

func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, session.Options{Idle: idle})
		_, k := s.get(t, "/in?account=zhang", "")
		_, gone := s.get(t, "/out", k.Value)
		if gone == nil || gone.MaxAge >= 0 || s.who(t, k.Value) != "" || len(s.rows(t)) != 0 {
			t.Errorf("%+v, %q, %v", gone, s.who(t, k.Value), s.rows(t))
		}
		if _, k := s.get(t, "/out", ""); k != nil && k.MaxAge >= 0 {
			t.Errorf("signing out without a session: %+v", k)
		}
	})
}

// TestSlowRequestDoesNotBringASessionBack: it began before the session ended
// and renews it when it is done.
func TestSlowRequestDoesNotBringASessionBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, session.Options{Idle: idle})
		for _, end := range []string{"/out", "/in?account=li"} {
			_, k := s.get(t, "/in?account=zhang", "")
			body, more := io.Pipe()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slow", body)
			r.AddCookie(&http.Cookie{Name: session.CookieName, Value: k.Value})
			done := make(chan struct{})
			go func() {
				defer close(done)
				s.ServeHTTP(httptest.NewRecorder(), r)
			}()
			if _, err := more.Write([]byte("x")); err != nil { // taken: the session is loaded
				t.Fatal(err)
			}
			s.get(t, end, k.Value)
			_ = more.Close()
			<-done
			if who := s.who(t, k.Value); who != "" {
				t.Errorf("%s: the old token is signed in as %q again", end, who)
			}
		}
	})
}

func TestCookieAndStore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, secure := range []bool{false, true} {
			s := newSite(t, d, session.Options{Idle: idle, Secure: secure})
			_, k := s.get(t, "/in?account=zhang", "")
			if !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Secure != secure || k.Path != "/" || k.MaxAge != 0 || !k.Expires.IsZero() || len(k.Value) < 32 {
				t.Errorf("%+v", k)
			}
			rows, err := db.List(t.Context(), d.Read(t.Context()), func(r db.Scanner) (x [2]string, err error) { return x, r.Scan(&x[0], &x[1]) }, `SELECT token, data FROM auth_session`)
			if err != nil || len(rows) == 0 {
				t.Fatal(rows, err)
			}
			for _, row := range rows {
				if strings.Contains(row[0]+row[1], k.Value) {
					t.Error("the database holds a token that can be used")
				}
				if who := s.who(t, row[0]); who != "" {
					t.Errorf("what the database holds signs in as %q", who)
				}
			}
		}
	})
}

func TestIdleSessionsEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, session.Options{Idle: idle})
		_, k := s.get(t, "/in?account=zhang", "")
		s.clock.Advance(idle - time.Minute)
		if who := s.who(t, k.Value); who != "zhang" {
			t.Errorf("before the time is out: %q", who)
		}
		if err := session.Sweep(t.Context(), d, s.clock.Now()); err != nil || len(s.rows(t)) != 1 {
			t.Errorf("swept too early: %v %v", s.rows(t), err)
		}
		s.clock.Advance(2 * time.Minute)
		if who := s.who(t, k.Value); who != "" {
			t.Errorf("after the time: %q", who)
		}
		if err := session.Sweep(t.Context(), d, s.clock.Now()); err != nil || len(s.rows(t)) != 0 {
			t.Errorf("not swept: %v %v", s.rows(t), err)
		}
	})
}

func TestFlashIsShownOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, session.Options{Idle: idle})
		_, k := s.get(t, "/flash?key=saved", "")
		for _, want := range []string{"saved", ""} {
			if got, _ := s.get(t, "/pop", k.Value); got != want {
				t.Errorf("flash %q, want %q", got, want)
			}
		}
	})
}

// TestTwoProcesses: what one process signs in, another knows.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := newSite(t, d, session.Options{Idle: idle}), newSite(t, d, session.Options{Idle: idle})
		_, k := one.get(t, "/in?account=zhang", "")
		if two.who(t, k.Value) != "zhang" {
			t.Error("the other process does not know the session")
		}
		two.get(t, "/out", k.Value)
		if one.who(t, k.Value) != "" {
			t.Error("signed out at one, alive at the other")
		}
	})
}

func TestSweepNeedsNoSession(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := session.Sweep(context.Background(), d, clock.System{}.Now()); err != nil {
			t.Error(err)
		}
	})
}

// TestWhatWasKeptEndsWithSigningIn: what one account proved does not count for the
// next in the same browser; who signs in can still take over what is his.
func TestWhatWasKeptEndsWithSigningIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, session.Options{Idle: idle})
		_, k := s.get(t, "/in?account=zhang", "")
		s.get(t, "/keep?v=proven", k.Value)
		if kept, _ := s.get(t, "/kept", k.Value); kept != "proven" {
			t.Fatalf("kept %q", kept)
		}
		_, next := s.get(t, "/in?account=li", k.Value)
		if kept, _ := s.get(t, "/kept", next.Value); kept != "" {
			t.Errorf("the next account has %q", kept)
		}
		if flash, _ := s.get(t, "/pop", next.Value); flash != "liproven" {
			t.Errorf("taken over: %q", flash)
		}
	})
}
