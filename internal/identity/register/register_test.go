package register_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/kernel/clock"
)

const code = "91371671MA3TB0009L"

func TestHTTP(t *testing.T) {
	const good = `{"uscc":"` + code + `","as_of":"2026-11-20","facts":{"name":"甲公司","legal_representative":"赵启明"},"representative_id":"371602199001010018"}`
	for _, c := range []struct {
		name, kind, body string
		status           int
		want             error
	}{
		{"found", "application/json", good, 200, nil},
		{"found with a charset", "application/json; charset=utf-8", good, 200, nil},
		{"unknown", "application/json", `{"error":"unknown"}`, 404, register.ErrUnknown},
		{"a page that is not there", "text/html", `not found`, 404, register.ErrDown},
		{"another 404", "application/json", `{"error":"no_route"}`, 404, register.ErrDown},
		{"fault", "application/json", `{}`, 500, register.ErrDown},
		{"another firm", "application/json", strings.Replace(good, code, "91371671MA3TB00180", 1), 200, register.ErrDown},
		{"no date", "application/json", strings.Replace(good, "2026-11-20", "today", 1), 200, register.ErrDown},
		{"no name", "application/json", strings.Replace(good, "甲公司", "", 1), 200, register.ErrDown},
		{"no JSON", "application/json", `<html>`, 200, register.ErrDown},
		{"elsewhere", "application/json", ``, 302, register.ErrDown},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/firms/"+code || r.Header.Get("Authorization") != "Bearer secret" {
					t.Errorf("asked %s with %q", r.URL.Path, r.Header.Get("Authorization"))
				}
				w.Header().Set("Content-Type", c.kind)
				if c.status == 302 {
					w.Header().Set("Location", "/firms/other")
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			defer s.Close()
			h, err := register.NewHTTP(s.URL+"/firms/", "secret")
			if err != nil {
				t.Fatal(err)
			}
			r, err := h.Look(t.Context(), code)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.want == nil && (r.Name() != "甲公司" || r.Representative() != "赵启明" || r.RepresentativeID == "") {
				t.Errorf("got %+v", r)
			}
		})
	}
	for _, bad := range []string{"", "ftp://register", "register.example", "https://register.example/?a=b"} {
		if _, err := register.NewHTTP(bad, ""); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

type counted struct {
	register.Memory
	asked atomic.Int32
	hold  chan struct{}
}

func (c *counted) Look(ctx context.Context, uscc string) (register.Record, error) {
	c.asked.Add(1)
	if c.hold != nil {
		<-c.hold
	}
	return c.Memory.Look(ctx, uscc)
}

func TestBreaker(t *testing.T) {
	at := clock.At(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC))
	mem := &counted{}
	b := register.NewBreaker(mem, at)
	look := func() error { _, err := b.Look(t.Context(), code); return err }
	for range 5 { // that a firm is unknown is an answer
		if err := look(); !errors.Is(err, register.ErrUnknown) || b.Open() {
			t.Fatalf("an answer opened it: %v", err)
		}
	}
	mem.Switch(true)
	mem.asked.Store(0)
	for range 5 {
		if err := look(); !errors.Is(err, register.ErrDown) {
			t.Fatalf("got %v", err)
		}
	}
	if mem.asked.Load() != 3 || !b.Open() {
		t.Fatalf("asked %d times, open %v", mem.asked.Load(), b.Open())
	}
	at.Advance(15 * time.Second)
	mem.hold = make(chan struct{})
	done := make(chan error)
	go func() { done <- look() }() // the probe
	mem.hold <- struct{}{}         // it is under way, and still counts as such until it has returned
	if err := <-done; !errors.Is(err, register.ErrDown) {
		t.Fatalf("got %v", err)
	}
	mem.hold = nil
	if mem.asked.Load() != 4 || !b.Open() {
		t.Fatalf("after the probe asked %d times, open %v", mem.asked.Load(), b.Open())
	}
	at.Advance(15 * time.Second)
	if err := look(); !errors.Is(err, register.ErrDown) || mem.asked.Load() != 4 { // the pause is twice as long now
		t.Fatalf("asked %d times: %v", mem.asked.Load(), err)
	}
	at.Advance(15 * time.Second)
	mem.Switch(false)
	if err := look(); !errors.Is(err, register.ErrUnknown) || b.Open() {
		t.Fatalf("it did not close: %v", err)
	}
}

// While a probe is under way everybody else is told at once.
func TestBreakerOneProbe(t *testing.T) {
	at := clock.At(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC))
	mem := &counted{}
	mem.Switch(true)
	b := register.NewBreaker(mem, at)
	for range 3 {
		_, _ = b.Look(t.Context(), code)
	}
	at.Advance(time.Minute)
	mem.Switch(false)
	mem.hold = make(chan struct{})
	done := make(chan error)
	go func() { _, err := b.Look(t.Context(), code); done <- err }()
	for b.Idle() { // until the probe is on its way
		time.Sleep(time.Millisecond)
	}
	if _, err := b.Look(t.Context(), code); !errors.Is(err, register.ErrDown) || mem.asked.Load() > 1+3 {
		t.Fatalf("a second one was let through: %v, asked %d", err, mem.asked.Load())
	}
	mem.hold <- struct{}{}
	if err := <-done; !errors.Is(err, register.ErrUnknown) {
		t.Fatalf("got %v", err)
	}
}
