package notify_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// noon on a Monday in China.
var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

type row struct {
	id, state, problem, channel, address string
	attempts                             int
	next                                 time.Time
}

// rows are the deliveries, oldest first.
func (b bundle) rows(t *testing.T) []row {
	t.Helper()
	out, err := db.List(t.Context(), b.db.Read(t.Context()), func(s db.Scanner) (r row, err error) {
		return r, s.Scan(&r.id, &r.state, &r.problem, &r.channel, &r.address, &r.attempts, db.Time{Time: &r.next})
	}, `SELECT id, state, error, channel, address, attempts, next_at FROM notify_delivery ORDER BY created_at, id`)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// outcomes are those of the attempts of a delivery.
func (b bundle) outcomes(t *testing.T, id string) string {
	t.Helper()
	list, err := db.List(t.Context(), b.db.Read(t.Context()), db.Scalar[string], `SELECT outcome FROM notify_attempt WHERE delivery_id=$1 ORDER BY n`, id)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}

func (b bundle) deliver(t *testing.T, id string) {
	t.Helper()
	if err := b.svc.Deliver(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

func (b bundle) kinds(t *testing.T, account string) (out []string) {
	t.Helper()
	feed, err := b.svc.Feed(t.Context(), account, page.Request{Size: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range feed.Rows {
		out = append(out, m.Kind)
	}
	return out
}

// reset empties the tables, so that one database serves several stories.
func (b bundle) reset(t *testing.T) {
	t.Helper()
	if err := b.db.InTx(t.Context(), func(ctx context.Context) error {
		for _, table := range []string{"notify_attempt", "notify_delivery", "notify_message", "notify_preference", "notify_digest"} {
			if _, err := b.db.Exec(ctx, `DELETE FROM `+table); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestMailThatIsNotTakenAtOnce: refusals for now, for good, and workers that die.
func TestMailThatIsNotTakenAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.At(noon)
		later := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not now"}
		never := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
		to := reader(1, i18n.Chinese)
		for name, story := range map[string]func(t *testing.T, b bundle){
			"refused for now": func(t *testing.T, b bundle) {
				b.server.refuse = []error{later, later}
				b.tell(t, to, ready("a"))
				id := b.rows(t)[0].id
				b.deliver(t, id)
				r := b.rows(t)[0]
				if r.state != "waiting" || r.attempts != 1 || !r.next.Equal(c.Now().Add(time.Minute)) || !strings.Contains(r.problem, "451") {
					t.Fatalf("%+v", r)
				}
				b.deliver(t, id) // too early: somebody asks again
				if r := b.rows(t)[0]; r.attempts != 1 {
					t.Errorf("tried before its time: %+v", r)
				}
				c.Advance(time.Minute)
				b.deliver(t, id)
				c.Advance(5 * time.Minute)
				b.deliver(t, id)
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "sent" || r.attempts != 3 || b.outcomes(t, id) != "refused refused sent" || len(b.server.all()) != 1 {
					t.Errorf("%+v %s", r, b.outcomes(t, id))
				}
			},
			"given up": func(t *testing.T, b bundle) {
				b.server.rcpt = later
				b.tell(t, to, ready("a"))
				id := b.rows(t)[0].id
				for range 12 {
					b.deliver(t, id)
					c.Advance(24 * time.Hour)
				}
				if r := b.rows(t)[0]; r.state != "failed" || r.attempts != 9 {
					t.Fatalf("%+v", r)
				}
				admin := auth.Actor{Kind: auth.Staff, ID: "admin", Posts: []auth.Post{{Role: auth.SystemAdmin}}}
				dead, err := b.svc.Dead(t.Context(), admin, "", 10)
				if err != nil || len(dead) != 1 || strings.Contains(dead[0].Address, "reader1") {
					t.Fatalf("%+v %v", dead, err)
				}
				if err := b.svc.Resend(t.Context(), auth.Actor{Kind: auth.Staff, Posts: []auth.Post{{Role: auth.Clerk}}}, id); !errors.Is(err, notify.ErrForbidden) {
					t.Errorf("a clerk sends again: %v", err)
				}
				b.server.rcpt = nil
				if err := b.svc.Resend(t.Context(), admin, id); err != nil {
					t.Fatal(err)
				}
				if err := b.svc.Resend(t.Context(), admin, id); !errors.Is(err, notify.ErrNotDead) {
					t.Errorf("sent again twice: %v", err)
				}
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "sent" || len(b.server.all()) != 1 {
					t.Errorf("%+v", r)
				}
			},
			"refused for good": func(t *testing.T, b bundle) {
				b.server.rcpt = never
				b.tell(t, to, ready("a"))
				b.tell(t, to, ready("b"))
				for _, r := range b.rows(t) {
					b.deliver(t, r.id)
					b.deliver(t, r.id)
				}
				for _, r := range b.rows(t) {
					if r.state != "bounced" || r.attempts != 1 || b.outcomes(t, r.id) != "rejected" {
						t.Errorf("%+v", r)
					}
				}
				if got := strings.Join(b.kinds(t, to.AccountID), " "); strings.Count(got, "bounced_mail") != 1 {
					t.Errorf("the reader is told once in the feed: %s", got)
				}
			},
			"a worker that died": func(t *testing.T, b bundle) {
				b.tell(t, to, ready("a"))
				id := b.rows(t)[0].id
				if err := b.svc.Claim(t.Context(), id); err != nil { // and then nothing more is heard of it
					t.Fatal(err)
				}
				b.deliver(t, id) // another one must not take it from a hand that may live
				if len(b.server.all()) != 0 {
					t.Fatal("two had it in hand")
				}
				before, _ := b.queue.Counts(t.Context())
				c.Advance(2 * time.Minute)
				if err := b.svc.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
				if after, _ := b.queue.Counts(t.Context()); after["available"] != before["available"]+1 {
					t.Errorf("the sweep found nothing: %v then %v", before, after)
				}
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "sent" || b.outcomes(t, id) != "unknown sent" {
					t.Errorf("%+v %s", r, b.outcomes(t, id))
				}
			},
			"taken, but the answer is lost": func(t *testing.T, b bundle) {
				b.server.drop = true
				b.tell(t, to, ready("a"))
				id := b.rows(t)[0].id
				b.deliver(t, id)
				if r := b.rows(t)[0]; r.state != "waiting" {
					t.Fatalf("%+v", r)
				}
				b.server.mu.Lock()
				b.server.drop = false
				b.server.mu.Unlock()
				c.Advance(time.Minute)
				b.deliver(t, id)
				all := b.server.all()
				if len(all) != 2 {
					t.Fatalf("%d mails", len(all))
				}
				one, _, _, _ := read(t, all[0])
				two, _, _, _ := read(t, all[1])
				if one.Get("Message-Id") == "" || one.Get("Message-Id") != two.Get("Message-Id") {
					t.Errorf("the copy cannot be folded: %q, %q", one.Get("Message-Id"), two.Get("Message-Id"))
				}
			},
		} {
			t.Run(name, func(t *testing.T) {
				b := setupAt(t, d, c)
				b.reset(t)
				story(t, b)
			})
		}
	})
}

// TestMailByTLS: from the start, by STARTTLS, with user and password.
func TestMailByTLS(t *testing.T) {
	t.Parallel()
	serve, trust := certificate(t)
	hello := notify.Mail{To: "a@example.com", Subject: "中文标题", Text: "正文", MessageID: "1"}
	for name, tt := range map[string]struct {
		options serverOptions
		address func(host string) string
		believe bool
		ok      bool
	}{
		"starttls with user": {serverOptions{tls: serve, auth: true}, func(h string) string {
			return "smtp://tongban:" + url.QueryEscape("秘密") + "@" + h + "?starttls=must"
		}, true, true},
		"tls from the start":              {serverOptions{tls: serve, implicit: true, auth: true}, func(h string) string { return "smtps://tongban:" + url.QueryEscape("秘密") + "@" + h }, true, true},
		"wrong password":                  {serverOptions{tls: serve, auth: true}, func(h string) string { return "smtp://tongban:x@" + h + "?starttls=must" }, true, false},
		"a certificate nobody knows":      {serverOptions{tls: serve}, func(h string) string { return "smtp://" + h + "?starttls=must" }, false, false},
		"must have tls, and has not":      {serverOptions{}, func(h string) string { return "smtp://" + h + "?starttls=must" }, true, false},
		"without tls where there is none": {serverOptions{}, func(h string) string { return "smtp://" + h }, false, true},
	} {
		s := newServer(t, tt.options)
		m, err := notify.NewSMTP(tt.address(s.address), "a@tongban.example")
		if err != nil {
			t.Fatal(err)
		}
		if tt.believe {
			m.Trust(trust)
		}
		err = m.Send(t.Context(), hello)
		if (err == nil) != tt.ok || (len(s.all()) == 1) != tt.ok || errors.Is(err, notify.ErrRefused) {
			t.Errorf("%s: %v, %d taken", name, err, len(s.all()))
		}
	}
}

// TestNothingIsLost: a delivery whose job is gone is found again.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.At(noon)
		b := setupAt(t, d, c)
		b.tell(t, reader(1, i18n.Chinese), ready("a"))
		if err := d.InTx(t.Context(), func(ctx context.Context) error {
			_, err := d.Exec(ctx, `DELETE FROM river_job`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		waiting := func() int64 {
			if err := b.svc.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			n, err := b.queue.Counts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n["available"]
		}
		if n := waiting(); n != 0 {
			t.Errorf("what is fresh has a job: %d", n)
		}
		c.Advance(2 * time.Minute)
		if n := waiting(); n != 1 {
			t.Errorf("%d jobs", n)
		}
		done := make(chan error, 4) // and when several run at once, one sends
		id := b.rows(t)[0].id
		for range cap(done) {
			go func() { done <- b.svc.Deliver(t.Context(), id) }()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if n := len(b.server.all()); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

// TestACodeIsReadByItsReaderAlone: it is kept sealed until it has left, gone
// afterwards, and never sent when it is over.
func TestACodeIsReadByItsReaderAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.At(noon)
		b := setupAt(t, d, c)
		admin := auth.Actor{Kind: auth.Staff, ID: "admin", Posts: []auth.Post{{Role: auth.SystemAdmin}}}
		send := func(key string) string {
			t.Helper()
			if err := b.db.InTx(t.Context(), func(ctx context.Context) error {
				return b.svc.SendTo(ctx, reader(1, i18n.Chinese), notify.ByMail, "neu@example.com", notify.News{
					Key: key, Kind: "test.ready", Params: map[string]any{"item": "证", "number": "481516"}, Class: notify.Action, Secret: []string{"number"}, Until: c.Now().Add(15 * time.Minute),
				})
			}); err != nil {
				t.Fatal(err)
			}
			rows := b.rows(t)
			return rows[len(rows)-1].id
		}
		kept := func() string {
			t.Helper()
			list, err := db.List(t.Context(), d.Read(t.Context()), db.Scalar[string], `SELECT CAST(params AS TEXT) FROM notify_message ORDER BY id DESC`)
			if err != nil {
				t.Fatal(err)
			}
			return list[0]
		}
		id := send("a")
		if x := kept(); strings.Contains(x, "481516") || !strings.Contains(x, "sealed:") {
			t.Errorf("before it left: %s", x)
		}
		b.deliver(t, id)
		if got := b.server.all(); len(got) != 1 || !strings.Contains(got[0].data, "481516") {
			t.Fatalf("sent: %q", got)
		}
		if x := kept(); strings.Contains(x, "481516") || strings.Contains(x, "sealed:") {
			t.Errorf("after it left: %s", x)
		}
		// One that the server does not take in time is given up, forgotten and not sent again.
		b.server.refuse = []error{nil, &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not now"}}
		c.Advance(time.Second)
		id = send("b")
		b.deliver(t, id)
		c.Advance(16 * time.Minute)
		if err := b.svc.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.deliver(t, id)
		if rows := b.rows(t); len(b.server.all()) != 1 || rows[1].state != "failed" || strings.Contains(kept(), "sealed:") {
			t.Errorf("a code that is over: %+v, kept %s", rows[1], kept())
		}
		if err := b.svc.Resend(t.Context(), admin, id); !errors.Is(err, notify.ErrSealOver) {
			t.Errorf("sent again: %v", err)
		}
		if dead, err := b.svc.Dead(t.Context(), admin, "", 10); err != nil || len(dead) != 1 || strings.Contains(dead[0].Message.Params["number"].(string), "sealed") {
			t.Errorf("%+v %v", dead, err)
		}
	})
}
