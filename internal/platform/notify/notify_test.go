package notify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

type bundle struct {
	db     *db.DB
	svc    *notify.Service
	queue  *jobs.Queue
	server *server
}

func setup(t *testing.T, d *db.DB) bundle {
	t.Helper()
	return setupAt(t, d, daytime{clock.At(noon).Now().Sub(clock.System{}.Now())})
}

// daytime runs as the real clock does, from a noon: at night mails wait.
type daytime struct{ ahead time.Duration }

func (d daytime) Now() time.Time { return clock.System{}.Now().Add(d.ahead) }

func setupAt(t *testing.T, d *db.DB, c clock.Clock) bundle {
	t.Helper()
	texts, err := i18n.Load(fstest.MapFS{
		"zh-CN/a.json": {Data: []byte(`{"notify.test.ready.title":"您申请的“{item}”已经办结,可以到任意一个政务服务大厅的综合窗口领取,也可以邮寄","notify.test.ready.body":"编号 {number}。\n.这一行以点开头\n请在 {due} 前领取。","notify.mail.open":"登录查看","notify.mail.foot":"为什么收到","notify.mail.off":"不再接收","notify.sms":"【通办】{title} {link}","notify.digest.title":"有 {n} 条消息","notify.digest.body":"这些是：","notify.briefing.title":"今天 {n} 项","notify.briefing.body":"清单："}`)},
		"en/a.json":    {Data: []byte(`{"notify.test.ready.title":"Your application for {item} is finished","notify.test.ready.body":"Number {number}. Please collect it by {due}.","notify.mail.open":"Open it","notify.mail.foot":"Why you get this","notify.mail.off":"Stop these","notify.sms":"[Tongban] {title} {link}","notify.digest.title":"{n} messages","notify.digest.body":"These are:","notify.briefing.title":"{n} things","notify.briefing.body":"The list:"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	q, err := jobs.New(d, dbtest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	b := bundle{db: d, queue: q, server: newServer(t, serverOptions{})}
	m, err := notify.NewSMTP("smtp://"+b.server.address, "通办 <no-reply@tongban.example>")
	if err != nil {
		t.Fatal(err)
	}
	b.svc = notify.New(d, c, q, texts, m, "https://tongban.example")
	return b
}

func (b bundle) start(t *testing.T) {
	t.Helper()
	if err := b.queue.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := b.queue.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func reader(n int, l i18n.Locale) notify.Reader {
	return notify.Reader{AccountID: fmt.Sprintf("account-%d", n), Locale: l, Mail: fmt.Sprintf("reader%d@example.com", n)}
}

func ready(key string) notify.News {
	return notify.News{
		Key: key, Kind: "test.ready", Link: "/my/cases/1", NeedsYou: true,
		Params: map[string]any{"item": i18n.Text{ZH: "高新技术企业认定", EN: "high-tech certification"}, "number": "KJ2026-1", "due": "2026-03-31"},
	}
}

// tell tells in a transaction of its own.
func (b bundle) tell(t *testing.T, to notify.Reader, n notify.News) {
	t.Helper()
	if err := b.db.InTx(t.Context(), func(ctx context.Context) error { return b.svc.Tell(ctx, to, n) }); err != nil {
		t.Fatal(err)
	}
}

type deliveryRow struct {
	state, problem string
	attempts       int
}

// delivered waits until the delivery to an address is marked sent.
func (b bundle) delivered(t *testing.T, address string) deliveryRow {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		row, err := db.One(t.Context(), b.db.Read(t.Context()), func(s db.Scanner) (r deliveryRow, err error) {
			return r, s.Scan(&r.state, &r.problem, &r.attempts)
		}, `SELECT state, error, attempts FROM notify_delivery WHERE address=$1`, address)
		if err != nil {
			t.Fatal(err)
		}
		if row.state == "sent" {
			return row
		}
		select {
		case <-deadline:
			t.Fatalf("%s: %+v", address, row)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// read takes a mail apart: its text and its HTML.
func read(t *testing.T, l letter) (header mail.Header, subject, text, html string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(l.data))
	if err != nil {
		t.Fatalf("%v in %q", err, l.data)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Error(err)
	}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/alternative" {
		t.Fatalf("%s: %v", media, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart() // decodes quoted-printable by itself
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		media, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("%s %v", media, err)
		}
		switch s := strings.ReplaceAll(string(b), "\r\n", "\n"); media {
		case "text/plain":
			text = s
		case "text/html":
			html = s
		default:
			t.Errorf("a part of type %s", media)
		}
	}
	return m.Header, subject, text, html
}

// TestToldOnce takes some seconds because the queue polls once a second.
func TestToldOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		zhang, smith, nobody := reader(1, i18n.Chinese), reader(2, i18n.English), notify.Reader{AccountID: "account-3", Locale: i18n.Chinese}
		for range 2 { // the same news twice, as after a repeated command
			b.tell(t, zhang, ready("case:1:event:2"))
		}
		b.tell(t, smith, ready("case:1:event:2")) // the same news to somebody else
		b.tell(t, nobody, ready("case:1:event:2"))
		boom := errors.New("boom")
		if err := d.InTx(t.Context(), func(ctx context.Context) error {
			if err := b.svc.Tell(ctx, zhang, ready("case:1:event:3")); err != nil {
				return err
			}
			return boom
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if err := b.svc.Tell(t.Context(), zhang, ready("case:1:event:4")); !errors.Is(err, db.ErrNoTx) {
			t.Errorf("outside a transaction: %v", err)
		}
		if n, err := db.One(t.Context(), d.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM notify_delivery`); err != nil || n != 2 {
			t.Errorf("%d deliveries: %v", n, err)
		}
		b.start(t)
		b.server.letters(2)
		for _, to := range []notify.Reader{zhang, smith} {
			if row := b.delivered(t, to.Mail); row.attempts != 1 || row.problem != "" {
				t.Errorf("%s: %+v", to.Mail, row)
			}
		}
		b.tell(t, zhang, ready("case:1:event:5")) // a later one comes alone
		if letters := b.server.letters(1); len(letters) != 3 {
			t.Errorf("%d mails", len(letters))
		}
		for _, to := range []notify.Reader{zhang, smith, nobody} {
			want := map[string]int{zhang.AccountID: 2, smith.AccountID: 1, nobody.AccountID: 1}[to.AccountID]
			feed, err := b.svc.Feed(t.Context(), to.AccountID, page.Request{})
			if err != nil || len(feed.Rows) != want {
				t.Errorf("%s: %+v %v", to.AccountID, feed.Rows, err)
			}
		}
	})
}

func TestMailReadsWell(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.tell(t, reader(1, i18n.Chinese), ready("a"))
		b.tell(t, reader(2, i18n.English), ready("a"))
		b.start(t)
		ids := map[string]bool{}
		for _, l := range b.server.letters(2) {
			h, subject, body, html := read(t, l)
			from, err := mail.ParseAddress(h.Get("From"))
			if err != nil || from.Name != "通办" || from.Address != "no-reply@tongban.example" || !strings.Contains(l.from, from.Address) {
				t.Errorf("from %q %q: %v", h.Get("From"), l.from, err)
			}
			want := "Your application for high-tech certification is finished"
			text := "Number KJ2026-1. Please collect it by 2026-03-31."
			if strings.Contains(l.to, "reader1@") {
				want = "您申请的“高新技术企业认定”已经办结,可以到任意一个政务服务大厅的综合窗口领取,也可以邮寄"
				text = "编号 KJ2026-1。\n.这一行以点开头\n请在 2026-03-31 前领取。"
			}
			if subject != want {
				t.Errorf("subject %q", subject)
			}
			if !strings.HasPrefix(body, text+"\n\nhttps://tongban.example/my/cases/1\n") {
				t.Errorf("body %q", body)
			}
			if !strings.Contains(html, `<a href="https://tongban.example/my/cases/1">`) || !strings.Contains(html, "<h1") {
				t.Errorf("html %q", html)
			}
			way := strings.Trim(h.Get("List-Unsubscribe"), "<>")
			if !strings.HasPrefix(way, "https://tongban.example/unsubscribe/") || h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(body, way) {
				t.Errorf("no way out: %q %q", way, h.Get("List-Unsubscribe-Post"))
			}
			for line := range strings.Lines(l.data) {
				if len(line) > 1000 {
					t.Errorf("a line of %d bytes", len(line))
				}
			}
			ids[h.Get("Message-Id")] = true
		}
		if len(ids) != 2 || ids[""] {
			t.Errorf("message ids %v", ids)
		}
	})
}

func TestFeed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d) // its queue is not started: nothing is sent here
		ctx := t.Context()
		for i := range 5 {
			b.tell(t, reader(1, i18n.Chinese), ready(fmt.Sprint(i)))
		}
		b.tell(t, reader(2, i18n.Chinese), ready("x"))
		first, err := b.svc.Feed(ctx, "account-1", page.Request{Size: 3})
		if err != nil || len(first.Rows) != 3 || first.Next == "" {
			t.Fatalf("%+v %v", first, err)
		}
		rest, err := b.svc.Feed(ctx, "account-1", page.Request{Size: 3, After: first.Next})
		if err != nil || len(rest.Rows) != 2 || rest.Next != "" || rest.Rows[0].ID >= first.Rows[2].ID {
			t.Fatalf("%+v %v", rest, err)
		}
		if title, _ := b.svc.Text(i18n.English, first.Rows[0]); title != "Your application for high-tech certification is finished" {
			t.Errorf("title %q", title) // also after its parameters went through the database
		}
		unread := func(account string) int {
			n, err := b.svc.Unread(ctx, account)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := unread("account-1"); n != 5 {
			t.Errorf("%d unread", n)
		}
		if err := b.svc.MarkRead(ctx, "account-1", rest.Rows[0].ID); err != nil {
			t.Fatal(err)
		}
		if n := unread("account-1"); n != 3 {
			t.Errorf("%d unread after reading the two oldest", n)
		}
		if err := b.svc.MarkRead(ctx, "account-2", first.Rows[0].ID); err != nil || unread("account-1") != 3 {
			t.Errorf("somebody else read them: %v", err)
		}
	})
}

func TestMailServerAddress(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{"smtp://mail.example:25": true, "smtps://u:p@mail.example": true, "smtp://mail.example:port": false, "://": false} {
		if _, err := notify.NewSMTP(address, "a@example.com"); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	m, err := notify.NewSMTP("smtp://127.0.0.1:1", "a@example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"no address", "a@example.com\r\nBcc: b@example.com"} {
		if err := m.Send(t.Context(), notify.Mail{To: to, Subject: "s", Text: "b", MessageID: "1"}); err == nil {
			t.Errorf("%q is taken", to)
		}
	}
}
