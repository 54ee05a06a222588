package httpx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/logx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Errors of the edge itself.
var (
	ErrSignIn    = errs.Define(errs.Unauthorized, "http.sign_in")
	ErrForbidden = errs.Define(errs.Forbidden, "http.forbidden")
	ErrNotFound  = errs.Define(errs.NotFound, "http.not_found")
	ErrMethod    = errs.Define(errs.Method, "http.method")
	ErrOrigin    = errs.Define(errs.Forbidden, "http.cross_origin")
)

// LocaleCookie remembers the language of a visitor.
const LocaleCookie = "tongban_locale"

// ErrorView is what the error page shows.
type ErrorView struct {
	Status   int
	Code     string
	Params   map[string]any
	Incident string     // number to quote, for 500 only
	Typed    url.Values // what the person had typed, to be shown again
	SignIn   string     // where to sign in, for 401
}

// Edge holds what every request passes.
type Edge struct {
	Log      *slog.Logger
	Clock    clock.Clock
	Catalog  *i18n.Catalog
	Sessions *session.Manager
	// Actor resolves the account of a session; a closed account is anonymous.
	Actor func(ctx context.Context, account string) (auth.Actor, error)
	// Chrome adds what the layout shows (navigation, counts) to the context of a page.
	Chrome func(ctx context.Context, r *http.Request) (context.Context, error)
	// ErrorPage renders an error for people.
	ErrorPage func(w http.ResponseWriter, r *http.Request, v ErrorView) error
	// BehindProxy takes the client's address from X-Forwarded-For.
	BehindProxy bool
	Registry    prometheus.Registerer
}

// Mux serves the routes. It fails on a route without a need and on two routes
// that collide.
func (e *Edge) Mux(routes []Route) (http.Handler, error) {
	e.Sessions.AddressOf = e.address
	mux := http.NewServeMux()
	m := newMetrics(e.Registry)
	methods := map[string][]string{}
	for _, r := range routes {
		if !r.Need.Declared() {
			return nil, fmt.Errorf("httpx: %s %s declares no need", r.Method, r.Path)
		}
		methods[r.Path] = append(methods[r.Path], r.Method)
		mux.Handle(r.Method+" "+r.Path, m.measure(r.Path, e.page(r)))
	}
	wrongMethod := func(allow string) Handler {
		return func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Allow", allow)
			return ErrMethod
		}
	}
	for path, have := range methods {
		for _, other := range []string{http.MethodGet, http.MethodPost} {
			if !slices.Contains(have, other) {
				mux.Handle(other+" "+path, e.page(Route{Path: path, Need: auth.Public, Handle: wrongMethod(strings.Join(have, ", "))}))
			}
		}
	}
	mux.Handle("/", e.page(Route{Path: "/", Need: auth.Public, Handle: func(w http.ResponseWriter, r *http.Request) error {
		// DELETE and its like on a path that we know are told so; the rest is not there.
		known := r.Clone(r.Context())
		known.Method = http.MethodGet
		if _, pattern := mux.Handler(known); pattern != "/" {
			return wrongMethod("GET, POST")(w, r)
		}
		return ErrNotFound
	}}))
	return e.outer(mux), nil
}

// outer is the part of the chain that needs no route.
func (e *Edge) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ids.New(e.Clock.Now())
		ctx := logx.WithRequest(r.Context(), id)
		start := e.Clock.Now()
		rec := &recorder{ResponseWriter: w}
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				e.Log.ErrorContext(ctx, "handler panicked", "panic", p, "trace", string(debug.Stack()))
				if !rec.wrote {
					http.Error(rec, "500", http.StatusInternalServerError)
				}
			}
			e.Log.LogAttrs(ctx, level(rec.status), "request", slog.String("method", r.Method), slog.String("path", loggable(r.URL.Path)),
				slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", e.Clock.Now().Sub(start)), slog.String("from", e.address(r)))
		}()
		next.ServeHTTP(rec, r.WithContext(ctx))
	})
}

// capability is what ids.Token makes, or the beginning of it, or several: as part
// of an address it opens a page to whoever knows it.
var capability = regexp.MustCompile(`[a-z2-7]{16,}`)

// loggable is a path without the tokens in it: who reads the log must not be
// able to rate in somebody's name.
func loggable(path string) string { return capability.ReplaceAllString(path, "***") }

func level(status int) slog.Level {
	if status >= 500 {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// page is the part of the chain that a page needs.
func (e *Edge) page(route Route) http.Handler {
	limit := route.MaxBody
	if limit == 0 {
		limit = 256 << 10
	}
	protect := http.NewCrossOriginProtection()
	return e.Sessions.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		ctx := i18n.With(r.Context(), e.Catalog, e.locale(r))
		w.Header().Set("Cache-Control", "private, no-store")
		r = r.WithContext(ctx)
		defer func() { // the server cleans up after the request it knows, not after our copy
			if r.MultipartForm != nil {
				_ = r.MultipartForm.RemoveAll()
			}
		}()
		rec := &recorder{ResponseWriter: w}
		w = rec
		err := e.caught(ctx, rec, func() error {
			actor := auth.Actor{}
			if account := e.Sessions.Account(ctx); account != "" {
				a, err := e.Actor(ctx, account)
				if err != nil {
					return err
				}
				actor = a
			}
			actor.From, actor.RequestID = e.address(r), logx.RequestID(ctx)
			r = r.WithContext(auth.With(ctx, actor))
			if e.Chrome != nil {
				c, err := e.Chrome(r.Context(), r)
				if err != nil {
					return err
				}
				r = r.WithContext(c)
			}
			if !readable(r.URL) {
				return form.ErrUnreadable
			}
			if protect.Check(r) != nil {
				return ErrOrigin
			}
			if !route.Need.Met(actor) {
				if !actor.SignedIn() {
					return ErrSignIn
				}
				return ErrForbidden
			}
			return route.Handle(w, r)
		})
		if err != nil {
			e.fail(w, r, err)
		}
	}))
}

// errPanic is what a page that panicked says to people: that it went wrong.
var errPanic = errors.New("httpx: the page panicked")

// caught calls handle and turns a panic into an error, for which there is a
// page. What has been begun to be sent cannot become one: that goes on upwards,
// as does a handler that only hangs up.
func (e *Edge) caught(ctx context.Context, w *recorder, handle func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler || w.wrote {
				panic(p)
			}
			e.Log.ErrorContext(ctx, "handler panicked", "panic", p, "trace", string(debug.Stack()))
			for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "ETag"} {
				w.Header().Del(name)
			}
			w.Header().Set("Cache-Control", "private, no-store")
			err = errPanic
		}
	}()
	return handle()
}

// readable says that path and query are text. PostgreSQL takes no other, so no
// id and no filter can be one.
func readable(u *url.URL) bool {
	text := func(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
	for name, values := range u.Query() {
		if !text(name) || slices.ContainsFunc(values, func(v string) bool { return !text(v) }) {
			return false
		}
	}
	return text(u.Path)
}

// fail shows an error. What the person typed is kept where it can be.
func (e *Edge) fail(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return // the reader is gone
	}
	v := ErrorView{Status: Status(err), Code: errs.CodeOf(err)}
	if x, ok := errors.AsType[*errs.Error](err); ok {
		v.Params = x.Params
	}
	if v.Status >= 500 {
		v.Incident = logx.RequestID(ctx)
		e.Log.ErrorContext(ctx, "request failed", "err", err)
	} else {
		e.Log.DebugContext(ctx, "request refused", "err", err)
	}
	if v.Status == http.StatusUnauthorized {
		v.SignIn = "/sign-in?next=" + url.QueryEscape(next(r))
		if r.Method == http.MethodGet && r.Header.Get("HX-Request") == "" {
			http.Redirect(w, r, v.SignIn, http.StatusSeeOther)
			return
		}
	}
	if r.Method == http.MethodPost && v.Status != http.StatusRequestEntityTooLarge {
		if f, err := form.ParseTexts(r); err == nil {
			v.Typed = f.Values()
		}
	}
	if r.Header.Get("X-Autosave") != "" || strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
		WriteProblem(w, r, err)
		return
	}
	if err := e.ErrorPage(w, r, v); err != nil {
		e.Log.ErrorContext(ctx, "error page failed", "err", err)
		http.Error(w, http.StatusText(v.Status), v.Status)
	}
}

// next is where to go on after signing in: the page itself, or for a POST the
// page it came from.
func next(r *http.Request) string {
	if r.Method == http.MethodGet {
		return r.URL.RequestURI()
	}
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host && strings.HasPrefix(u.Path, "/") {
		return u.RequestURI()
	}
	return "/"
}

// LocalPath returns s when it is a path of this site, else fallback: a link
// must not send people elsewhere after signing in.
func LocalPath(s, fallback string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.Contains(s, `\`) {
		return fallback
	}
	return s
}

func (e *Edge) locale(r *http.Request) i18n.Locale {
	if c, err := r.Cookie(LocaleCookie); err == nil {
		if l, ok := i18n.Parse(c.Value); ok {
			return l
		}
	}
	return i18n.FromAcceptLanguage(r.Header.Get("Accept-Language"))
}

func (e *Edge) address(r *http.Request) string {
	if e.BehindProxy {
		// The last entry of the last header is what our own proxy added; some
		// proxies add a header of their own below those that the client sent.
		all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if a, ok := forwarded(all[len(all)-1]); ok {
			return a
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// forwarded reads an entry of X-Forwarded-For; some proxies add the port.
func forwarded(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr().String(), true
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.String(), err == nil
}

type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
		// What may lie in a cache that many share never carries a session.
		if h := r.Header(); strings.HasPrefix(h.Get("Cache-Control"), "public") && len(h["Set-Cookie"]) > 0 {
			h.Del("Set-Cookie")
			h.Set("Cache-Control", h.Get("Cache-Control"))
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if !r.wrote {
		r.WriteHeader(http.StatusOK)
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
