// Package logx makes the structured log: one event per request, enriched on
// the way, and never a secret in it.
package logx

import (
	"context"
	"io"
	"log/slog"
	"strings"
)

// New returns a logger in text or json form from the given level on.
func New(w io.Writer, format, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: l, ReplaceAttr: redact}
	if format == "json" {
		return slog.New(withRequest{slog.NewJSONHandler(w, o)})
	}
	return slog.New(withRequest{slog.NewTextHandler(w, o)})
}

// redact hides attributes whose name says that they are secret, whoever logs them.
func redact(_ []string, a slog.Attr) slog.Attr {
	name := strings.ToLower(a.Key)
	for _, secret := range []string{"password", "token", "secret", "cookie", "authorization", "id_number", "phone"} {
		if strings.Contains(name, secret) {
			return slog.String(a.Key, "***")
		}
	}
	return a
}

type requestKey struct{}

// WithRequest puts the request id into ctx, so that every line logged for it carries it.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID returns the request id of ctx, "" outside a request.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

type withRequest struct{ slog.Handler }

func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withRequest) WithAttrs(a []slog.Attr) slog.Handler {
	return withRequest{h.Handler.WithAttrs(a)}
}
func (h withRequest) WithGroup(n string) slog.Handler { return withRequest{h.Handler.WithGroup(n)} }
