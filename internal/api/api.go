package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/logx"
)

// Prefix of every operation. A change that would break a client gets the next number.
const Prefix = "/api/v1"

// maxJSON bounds the body of everything but an upload.
const maxJSON = 1 << 20

// Deps of the interface.
type Deps struct {
	Catalogue   *catalogue.Service
	Cases       *cases.Service
	Talk        *talk.Service
	Dossier     *dossier.Service
	Identity    *identity.Service
	Certs       *certs.Service
	Log         *slog.Logger
	Clock       clock.Clock
	Texts       *i18n.Catalog
	MaxUpload   int64                 // bytes of one file
	BaseURL     string                // of the installation, for the QR codes of papers
	BehindProxy bool                  // take the address of a client from X-Forwarded-For
	Registry    prometheus.Registerer // nil: no metrics
}

// server answers the operations.
type server struct {
	Deps
	edge  *httpx.Edge
	meter func(route string, next http.Handler) http.Handler
	rate  *limiter
	mux   *http.ServeMux
	api   huma.API
	done  []operation // in the order of the document
}

// operation is one line of the table of operations.
type operation struct {
	*huma.Operation
	Scope auth.Scope
}

// New returns the handler of everything below /api/.
func New(d Deps) (http.Handler, error) {
	s := newServer(d)
	documents, err := s.documents(d.Texts)
	if err != nil {
		return nil, err
	}
	s.handle("GET "+Prefix+"/openapi.json", 0, func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(documents[i18n.LocaleOf(r.Context())])
		return nil
	})
	allowed := map[string][]string{Prefix + "/openapi.json": {http.MethodGet, http.MethodHead}}
	for _, op := range s.done {
		path := Prefix + op.Path
		allowed[path] = append(allowed[path], op.Method)
		if op.Method == http.MethodGet {
			allowed[path] = append(allowed[path], http.MethodHead)
		}
	}
	for path, methods := range allowed {
		wrong := func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			return httpx.ErrMethod
		}
		if !s.alsoVariable(path) {
			s.handle(path, 0, wrong)
			continue
		}
		// For all methods at once, /items/changes would contradict GET /items/{code}.
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
			if !slices.Contains(methods, m) {
				s.handle(m+" "+path, 0, wrong)
			}
		}
	}
	s.handle("GET /api/{$}", 0, func(w http.ResponseWriter, r *http.Request) error {
		return httpx.SeeOther(w, r, DocsPath)
	})
	s.handle("/api/", 0, func(http.ResponseWriter, *http.Request) error { return httpx.ErrNotFound })
	return s.edge.Outer(s.mux), nil
}

// alsoVariable says that the last part of a path is a name where other
// operations have a variable.
func (s *server) alsoVariable(path string) bool {
	parent := path[:strings.LastIndexByte(path, '/')+1]
	return !strings.HasSuffix(path, "}") && slices.ContainsFunc(s.done, func(op operation) bool {
		rest, ok := strings.CutPrefix(Prefix+op.Path, parent)
		return ok && strings.HasPrefix(rest, "{") && strings.HasSuffix(rest, "}") && !strings.Contains(rest, "/")
	})
}

// newServer registers the operations; they touch d only when they are called.
func newServer(d Deps) *server {
	s := &server{Deps: d, mux: http.NewServeMux(), rate: newLimiter()}
	s.edge = &httpx.Edge{Log: d.Log, Clock: d.Clock, Catalog: d.Texts, BehindProxy: d.BehindProxy, Registry: d.Registry}
	s.meter = s.edge.Meter()
	s.api = huma.NewAPI(config(), humago.NewAdapter(table{s}, Prefix))
	s.items()
	s.cases()
	s.papers()
	s.messages()
	s.certificates()
	s.enterprises()
	return s
}

// table puts the operations of huma behind our own chain.
type table struct{ s *server }

// HandleFunc mounts an operation.
func (t table) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	op := t.s.done[len(t.s.done)-1] // add has just put it there
	t.s.handle(pattern, op.MaxBodyBytes, func(w http.ResponseWriter, r *http.Request) error {
		r, err := t.s.admit(w, r, op.Scope)
		if err != nil {
			return err
		}
		defer func() {
			if r.MultipartForm != nil { // the server would look at the request it made itself only
				_ = r.MultipartForm.RemoveAll()
			}
		}()
		h(w, r)
		return nil
	})
}

// ServeHTTP serves what is mounted.
func (t table) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.s.mux.ServeHTTP(w, r) }

// add registers an operation that needs the scope.
func add[I, O any](s *server, scope auth.Scope, op huma.Operation, h func(context.Context, *I) (*O, error)) {
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxJSON
	}
	op.Security = []map[string][]string{{schemeName: {string(scope)}}}
	op.Errors = append([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests}, op.Errors...)
	slices.Sort(op.Errors)
	s.done = append(s.done, operation{&op, scope})
	huma.Register(s.api, op, h)
	s.done[len(s.done)-1].Operation = registered(s.api.OpenAPI(), op.Method, op.Path)
}

// exchange is one request and what the layers below must know of it.
type exchange struct {
	log      *slog.Logger
	tooLarge bool // the body ran into its limit
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// handle mounts a handler behind the chain that every request passes.
func (s *server) handle(pattern string, limit int64, h httpx.Handler) {
	if limit == 0 {
		limit = maxJSON
	}
	route := pattern
	if _, path, ok := strings.Cut(pattern, " "); ok {
		route = path
	}
	s.mux.Handle(pattern, s.meter(route, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{log: s.Log}
		l := i18n.FromAcceptLanguage(r.Header.Get("Accept-Language"))
		r = r.WithContext(context.WithValue(i18n.With(r.Context(), s.Texts, l), exchangeKey{}, x))
		r.Body = &watched{http.MaxBytesReader(w, r.Body, limit), x}
		head := w.Header()
		head.Set("Cache-Control", "private, no-store")
		head.Set("Content-Language", string(l))
		head.Add("Vary", "Accept-Language")
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler {
					httpx.WriteProblem(w, r, errPanic)
				}
				panic(p) // the edge logs it
			}
		}()
		err := readable(r)
		if err == nil {
			err = h(w, r)
		}
		if err != nil {
			x.note(r.Context(), err)
			httpx.WriteProblem(w, r, err)
		}
	})))
}

// errPanic is internal to the reader; what it was stands in the log.
var errPanic = errors.New("api: panic")

// note logs an error that is ours; one of the client is its own affair.
func (x *exchange) note(ctx context.Context, err error) {
	if x == nil || x.log == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return
	}
	if httpx.Status(err) >= http.StatusInternalServerError {
		x.log.ErrorContext(ctx, "request failed", "err", err)
	} else {
		x.log.DebugContext(ctx, "request refused", "err", err)
	}
}

// watched is a body that remembers having been too large: what reads it turns
// the error into a text.
type watched struct {
	io.ReadCloser
	x *exchange
}

// Read reads.
func (b *watched) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		b.x.tooLarge = true
	}
	return n, err
}

// readable refuses an address that is not text.
func readable(r *http.Request) error {
	if !clean(r.URL.Path) {
		return ErrUnreadable
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return ErrUnreadable.Because(err)
	}
	for k, vs := range values {
		if !clean(k) || slices.ContainsFunc(vs, func(v string) bool { return !clean(v) }) {
			return ErrUnreadable
		}
	}
	return nil
}

// clean says that s is text that every database keeps as it is.
func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// admit lets a client with the scope in and puts it into the context.
func (s *server) admit(w http.ResponseWriter, r *http.Request, scope auth.Scope) (*http.Request, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	actor, err := s.Identity.ClientByToken(r.Context(), strings.TrimSpace(token))
	if err != nil {
		if errors.Is(err, identity.ErrClientToken) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="tongban"`)
		}
		return nil, err
	}
	if wait := s.rate.hit(actor.ID, s.Clock.Now()); wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		return nil, ErrTooMany.With("seconds", seconds)
	}
	if !auth.WithScope(scope).Met(actor) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="tongban", error="insufficient_scope", scope="`+string(scope)+`"`)
		return nil, ErrScope.With("scope", string(scope))
	}
	actor.From, actor.RequestID = s.edge.Address(r), logx.RequestID(r.Context())
	return r.WithContext(auth.With(r.Context(), actor)), nil
}

// asJSON is what bodies are written in; unreadable text is refused instead of
// being mended, for half a name must not reach a file.
var asJSON = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return ErrUnreadable
		}
		if err := json.Unmarshal(data, v); err != nil {
			return err
		}
		if tree, ok := v.(*any); ok && !cleanTree(*tree) {
			return ErrUnreadable
		}
		return nil
	},
}

// cleanTree also refuses the replacement character, which is what half a
// surrogate pair was read as.
func cleanTree(v any) bool {
	switch v := v.(type) {
	case string:
		return clean(v) && !strings.ContainsRune(v, utf8.RuneError)
	case []any:
		return !slices.ContainsFunc(v, func(x any) bool { return !cleanTree(x) })
	case map[string]any:
		for k, x := range v {
			if !cleanTree(k) || !cleanTree(x) {
				return false
			}
		}
	}
	return true
}
