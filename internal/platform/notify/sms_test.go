package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

const smsSecret = "a shared secret"

// gateway is a gateway of doubtful quality. It honours keys, as its real
// brothers promise to.
type gateway struct {
	t       *testing.T
	mu      sync.Mutex
	plan    []string          // of the next requests: "500", "400", "401", "hang", "late" (takes it, then hangs)
	sent    map[string]string // key to text: what a phone would show
	asked   int
	release chan struct{}
}

func newGateway(t *testing.T, plan ...string) (*gateway, string) {
	t.Helper()
	g := &gateway{t: t, plan: plan, sent: map[string]string{}, release: make(chan struct{})}
	s := httptest.NewServer(g)
	t.Cleanup(func() {
		close(g.release)
		s.Close()
	})
	return g, s.URL
}

// phone is what phones have shown; a handler may still be running.
func (g *gateway) phone() map[string]string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.sent)
}

func (g *gateway) requests() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get("X-Tongban-Signature") != notify.Sign(smsSecret, r.Header.Get("X-Tongban-Time"), body) || r.Header.Get("X-App") != "tongban" {
		g.t.Errorf("not signed: %v", r.Header)
	}
	var m struct{ Key, To, Text string }
	if err := json.Unmarshal(body, &m); err != nil || m.Key != r.Header.Get("Idempotency-Key") {
		g.t.Errorf("%s: %v", body, err)
	}
	g.mu.Lock()
	g.asked++
	do := ""
	if len(g.plan) > 0 {
		do, g.plan = g.plan[0], g.plan[1:]
	}
	if do == "" || do == "late" {
		if _, twice := g.sent[m.Key]; !twice {
			g.sent[m.Key] = m.Text
		}
	}
	g.mu.Unlock()
	switch do {
	case "":
		_, _ = io.WriteString(w, `{"id":"gw-`+m.Key[:8]+`"}`)
	case "hang", "late":
		select {
		case <-r.Context().Done():
		case <-g.release:
		}
	default:
		code, _ := strconv.Atoi(do)
		w.WriteHeader(code)
	}
}

// impatient gives up a request soon, as a real timeout would.
type impatient struct{ notify.Gateway }

func (i impatient) Send(ctx context.Context, m notify.Short) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	return i.Gateway.Send(ctx, m)
}

// people is who can be reached how.
type people map[string]notify.Contact

func (p people) Contact(_ context.Context, account string) (notify.Contact, error) {
	return p[account], nil
}

func connectSMS(t *testing.T, b bundle, c clock.Clock, address string) {
	t.Helper()
	g, err := notify.NewHTTPGateway(address, "X-App: tongban", "", smsSecret, c)
	if err != nil {
		t.Fatal(err)
	}
	b.svc.Connect(notify.Connection{Gateway: impatient{g}, ReportSecret: smsSecret, Contacts: people{
		"account-1": {Locale: i18n.Chinese, Phone: "13900010001"},
	}})
}

func report(t *testing.T, b bundle, c clock.Clock, key, status string) error {
	t.Helper()
	body := []byte(`{"key":"` + key + `","status":"` + status + `","id":"gw-1"}`)
	at := strconv.FormatInt(c.Now().Unix(), 10)
	return b.svc.Report(t.Context(), at, notify.Sign(smsSecret, at, body), body)
}

// TestShortMessages through a gateway that fails, hangs, answers late and twice.
func TestShortMessages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.At(noon)
		to := notify.Reader{AccountID: "account-1"}
		admin := auth.Actor{Kind: auth.Staff, ID: "admin", Posts: []auth.Post{{Role: auth.SystemAdmin}}}
		for name, story := range map[string]struct {
			plan []string
			run  func(t *testing.T, b bundle, g *gateway, id string)
		}{
			"fails, hangs, and takes it at last": {[]string{"500", "429", "hang"}, func(t *testing.T, b bundle, g *gateway, id string) {
				for range 4 {
					b.deliver(t, id)
					c.Advance(time.Hour)
				}
				if r := b.rows(t)[0]; r.state != "sent" || r.attempts != 4 || b.outcomes(t, id) != "refused refused unknown sent" {
					t.Errorf("%+v %s", r, b.outcomes(t, id))
				}
				b.deliver(t, id)
				if len(g.phone()) != 1 || g.requests() != 4 {
					t.Errorf("%d on the phone, %d requests", len(g.phone()), g.requests())
				}
				for _, text := range g.phone() {
					if notify.Segments(text) != 1 || !strings.HasPrefix(text, "【通办】") {
						t.Errorf("%q has %d segments", text, notify.Segments(text))
					}
				}
			}},
			"takes it and says so too late": {[]string{"late"}, func(t *testing.T, b bundle, g *gateway, id string) {
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "waiting" {
					t.Fatalf("%+v", r)
				}
				c.Advance(time.Minute)
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "sent" || len(g.phone()) != 1 || g.requests() != 2 {
					t.Errorf("%+v: %d on the phone after %d requests", r, len(g.phone()), g.requests())
				}
			}},
			"reports before the next try": {[]string{"late"}, func(t *testing.T, b bundle, g *gateway, id string) {
				b.deliver(t, id)
				for range 2 { // and says it twice
					if err := report(t, b, c, id, "delivered"); err != nil {
						t.Fatal(err)
					}
				}
				c.Advance(time.Minute)
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "sent" || g.requests() != 1 {
					t.Errorf("%+v: sent again what was delivered, %d requests", r, g.requests())
				}
			}},
			"a number that it does not know": {[]string{"400"}, func(t *testing.T, b bundle, g *gateway, id string) {
				b.deliver(t, id)
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "bounced" || g.requests() != 1 || !strings.Contains(strings.Join(b.kinds(t, to.AccountID), " "), "bounced_sms") {
					t.Errorf("%+v %d %v", r, g.requests(), b.kinds(t, to.AccountID))
				}
			}},
			"our key is wrong": {[]string{"401"}, func(t *testing.T, b bundle, _ *gateway, id string) {
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "waiting" {
					t.Errorf("the reader pays for our settings: %+v", r)
				}
			}},
			"takes it and loses it": {nil, func(t *testing.T, b bundle, g *gateway, id string) {
				b.deliver(t, id)
				if err := report(t, b, c, id, "failed"); err != nil {
					t.Fatal(err)
				}
				dead, err := b.svc.Dead(t.Context(), admin, "", 10)
				if err != nil || len(dead) != 1 || dead[0].State != "undelivered" || dead[0].Address != "139****0001" {
					t.Fatalf("%+v %v", dead, err)
				}
				if err := b.svc.Resend(t.Context(), admin, id); err != nil {
					t.Fatal(err)
				}
				if err := report(t, b, c, id, "failed"); err != nil { // late, about the round before
					t.Fatal(err)
				}
				b.deliver(t, id)
				if err := report(t, b, c, id+"-1", "delivered"); err != nil {
					t.Fatal(err)
				}
				if r := b.rows(t)[0]; r.state != "sent" || len(g.phone()) != 2 || g.phone()[id+"-1"] == "" {
					t.Errorf("%+v %v", r, g.phone())
				}
			}},
			"reports that are not its own": {nil, func(t *testing.T, b bundle, _ *gateway, id string) {
				b.deliver(t, id)
				body := []byte(`{"key":"` + id + `","status":"failed"}`)
				now := strconv.FormatInt(c.Now().Unix(), 10)
				old := strconv.FormatInt(c.Now().Add(-time.Hour).Unix(), 10)
				for what, err := range map[string]error{
					"no signature":   b.svc.Report(t.Context(), now, "", body),
					"another secret": b.svc.Report(t.Context(), now, notify.Sign("guess", now, body), body),
					"another body":   b.svc.Report(t.Context(), now, notify.Sign(smsSecret, now, []byte("{}")), body),
					"an old one":     b.svc.Report(t.Context(), old, notify.Sign(smsSecret, old, body), body),
				} {
					if !errors.Is(err, notify.ErrSignature) {
						t.Errorf("%s: %v", what, err)
					}
				}
				if err := report(t, b, c, id, "eaten"); !errors.Is(err, notify.ErrReport) {
					t.Errorf("nonsense: %v", err)
				}
				if err := report(t, b, c, "nobody", "failed"); err != nil {
					t.Errorf("an unknown key is no error of the gateway's: %v", err)
				}
				if r := b.rows(t)[0]; r.state != "sent" {
					t.Errorf("%+v", r)
				}
			}},
		} {
			t.Run(name, func(t *testing.T) {
				g, address := newGateway(t, story.plan...)
				b := setupAt(t, d, c)
				b.reset(t)
				connectSMS(t, b, c, address)
				b.tell(t, to, ready("a"))
				rows := b.rows(t)
				if len(rows) != 1 || rows[0].channel != "sms" {
					t.Fatalf("%+v", rows)
				}
				story.run(t, b, g, rows[0].id)
			})
		}
	})
}

func TestSegments(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 0, 1: 1, 70: 1, 71: 2, 134: 2, 135: 3} {
		if got := notify.Segments(strings.Repeat("字", n)); got != want {
			t.Errorf("%d characters are %d messages, want %d", n, got, want)
		}
	}
	if got := notify.Segments(strings.Repeat("𠮷", 36)); got != 2 { // two units each
		t.Errorf("%d", got)
	}
}

func TestShortTextsAreShortAndTellNoNumbers(t *testing.T) {
	t.Parallel()
	b := setupAt(t, dbtest.New(t), clock.At(noon))
	for name, title := range map[string]string{
		"short": "已受理：高新技术企业认定", "long": strings.Repeat("很长的事项名称", 30), "with numbers": "证件 371602198803120011、91371600MA3ABCDE1X 的结果", "rare": strings.Repeat("𠮷", 80),
	} {
		got := b.svc.ShortText(i18n.Chinese, title)
		if notify.Segments(got) != 1 || !utf8.ValidString(got) || !strings.HasSuffix(got, "https://tongban.example/my/feed") {
			t.Errorf("%s: %q", name, got)
		}
		if strings.Contains(got, "198803") || strings.Contains(got, "MA3ABC") {
			t.Errorf("%s: a number stands in clear: %q", name, got)
		}
	}
}

func TestGatewaySettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		address, headers, body string
		ok                     bool
	}{
		"usual":        {"https://sms.example/send", "", "", true},
		"own form":     {"https://sms.example/send", "Content-Type: application/x-www-form-urlencoded", "to={{url .To}}&msg={{url .Text}}", true},
		"no address":   {"sms.example", "", "", false},
		"bad header":   {"https://sms.example", "nonsense", "", false},
		"bad template": {"https://sms.example", "", "{{.To", false},
	} {
		if _, err := notify.NewHTTPGateway(tt.address, tt.headers, tt.body, "", clock.System{}); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
