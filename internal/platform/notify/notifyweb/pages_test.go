package notifyweb_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// installation has an outbox for mails and short messages.
func installation(t *testing.T) *apptest.App {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.BaseURL, cfg.SMTP, cfg.SMS, cfg.SMSSecret = t.TempDir(), "http://tongban.test", config.Memory, config.Memory, "secret"
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	c := clock.At(apptest.Start)
	a, err := app.Wire(t.Context(), cfg, dbtest.Quiet(), c, dbtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SeedZone(t.Context(), z); err != nil {
		t.Fatal(err)
	}
	// What the zone told its people while it was filled is of no concern here.
	if err := a.DB.InTx(t.Context(), func(ctx context.Context) error {
		_, err := a.DB.Exec(ctx, `DELETE FROM notify_delivery`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return &apptest.App{App: a, Clock: c}
}

func looks(t *testing.T, c *webtest.Client, path string, texts ...string) *webtest.Page {
	t.Helper()
	var p *webtest.Page
	for _, lang := range []string{"en", "zh-CN"} {
		c.Header.Set("Accept-Language", lang)
		p = c.Get(path)
		if p.Status != http.StatusOK {
			t.Fatalf("%s: %d\n%s", path, p.Status, p.Text())
		}
		webtest.A11y(t, p.Doc())
	}
	for _, s := range texts {
		if !p.Has(s) {
			t.Errorf("%s does not say %q:\n%s", path, s, p.Text())
		}
	}
	return p
}

func want(t *testing.T, p *webtest.Page, status int, texts ...string) {
	t.Helper()
	if p.Status != status {
		t.Fatalf("%s: %d, want %d\n%s", p.Path, p.Status, status, p.Text())
	}
	for _, s := range texts {
		if !p.Has(s) {
			t.Errorf("%s does not say %q:\n%s", p.Path, s, p.Text())
		}
	}
}

// deliveries runs every job that waits, as the queue would.
func deliveries(t *testing.T, a *apptest.App) []string {
	t.Helper()
	list, err := db.List(t.Context(), a.DB.Read(t.Context()), db.Scalar[string], `SELECT id FROM notify_delivery WHERE state='waiting' ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestPreferencesPage(t *testing.T) {
	t.Parallel()
	a := installation(t)
	c := a.As(t, "applicant")
	if p := c.Get("/settings"); p.Path != notify.PreferencesPath {
		t.Errorf("the menu leads to %s", p.Path)
	}
	p := looks(t, c, notify.PreferencesPath, "怎样通知我", "139****0001", "a***@zhilian.example", "等您处理", "法律要求")
	looks(t, c, "/my/feed", "设置怎样通知我")
	c.Header.Set("Accept-Language", "zh-CN")
	want(t, c.Submit(p, notify.PreferencesPath, url.Values{"quiet_from": {"25:99"}, "digest": {"daily"}}), http.StatusUnprocessableEntity, "22:00 这样")
	p = c.Submit(p, notify.PreferencesPath, url.Values{"progress.mail": {}, "digest": {"weekly"}, "weekday": {"3"}, "hour": {"9"}})
	want(t, p, http.StatusOK, "已保存")
	got, err := a.Notify.Preferences(t.Context(), a.Actor(t, "applicant").ID)
	if err != nil || got.Wants(notify.Progress, notify.ByMail) || !got.Wants(notify.Action, notify.BySMS) || got.Digest != notify.Weekly || got.Weekday != 3 || got.Hour != 9 {
		t.Errorf("%+v %v", got, err)
	}
	looks(t, a.As(t, "clerk"), notify.PreferencesPath, "现在不能发短信")
	want(t, a.As(t, "").Post(notify.PreferencesPath, url.Values{"digest": {"each"}}), http.StatusUnauthorized)
}

func TestUnsubscribeByOneClick(t *testing.T) {
	t.Parallel()
	a := installation(t)
	who := a.Actor(t, "applicant")
	token, err := a.Notify.UnsubscribeToken(t.Context(), who.ID, notify.Conversation)
	if err != nil {
		t.Fatal(err)
	}
	visitor := a.As(t, "")
	looks(t, visitor, notify.UnsubscribePath+token, "不再用邮件告诉您“留言”？")
	wants := func() bool {
		p, err := a.Notify.Preferences(context.WithoutCancel(t.Context()), who.ID)
		if err != nil {
			t.Fatal(err)
		}
		return p.Wants(notify.Conversation, notify.ByMail)
	}
	if !wants() {
		t.Fatal("looking at the link switched it off")
	}
	want(t, visitor.Post(notify.UnsubscribePath+token, url.Values{"List-Unsubscribe": {"One-Click"}}), http.StatusOK, "好的")
	if wants() {
		t.Error("one click does nothing")
	}
	want(t, visitor.Get(notify.UnsubscribePath+"abc"), http.StatusNotFound)
	want(t, visitor.Post(notify.UnsubscribePath+token[:30], nil), http.StatusNotFound)
}

// TestWhatAdministratorsSee: the outbox of a demonstration, dead letters, and
// the reports that bring them.
func TestWhatAdministratorsSee(t *testing.T) {
	t.Parallel()
	a := installation(t)
	admin := a.As(t, "system-admin")
	looks(t, admin, "/admin/notices", "全部送到了")
	looks(t, admin, "/admin/notices/outbox", "还没有发出的")
	who := a.Actor(t, "applicant")
	if err := a.DB.InTx(t.Context(), func(ctx context.Context) error {
		return a.Notify.Tell(ctx, notify.Reader{AccountID: who.ID}, notify.News{
			Key: "t", Kind: "case_send_back", Link: "/my/cases/1", NeedsYou: true, Params: map[string]any{"item": "高新技术企业认定", "number": "1", "n": 2},
		})
	}); err != nil {
		t.Fatal(err)
	}
	list := deliveries(t, a)
	if len(list) != 2 {
		t.Fatalf("%d deliveries", len(list))
	}
	if err := a.Jobs.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	// The queue reads the machine's clock, which has long passed the one of the test.
	for range 500 {
		if len(a.Outbox.Sent()) == 2 && len(deliveries(t, a)) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := a.Jobs.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	looks(t, admin, "/admin/notices/outbox", "139****0001", "按 1 条计费", "【通办】", "高新技术企业认定", "不再接收这类邮件")
	sms, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[string], `SELECT id FROM notify_delivery WHERE channel='sms'`)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"key":"` + sms + `","status":"failed"}`
	at := strconv.FormatInt(a.Clock.Now().Unix(), 10)
	say := func(signature string) *webtest.Page {
		return a.As(t, "").Do(http.MethodPost, "/hooks/sms", bytes.NewReader([]byte(body)), http.Header{"Content-Type": {"application/json"}, "X-Tongban-Time": {at}, "X-Tongban-Signature": {signature}})
	}
	want(t, say("guess"), http.StatusUnauthorized)
	want(t, say(notify.Sign("secret", at, []byte(body))), http.StatusNoContent)
	p := looks(t, admin, "/admin/notices", "网关报告没有送到", "139****0001", "需要您补充 2 项内容")
	if strings.Contains(p.Body, "13900010001") {
		t.Error("the number stands there in clear")
	}
	admin.Header.Set("Accept-Language", "zh-CN")
	want(t, admin.Submit(p, "/again", nil), http.StatusOK, "已重新排队发送", "全部送到了")
	want(t, a.As(t, "clerk").Get("/admin/notices"), http.StatusForbidden)
	want(t, a.As(t, "clerk").Post("/admin/notices/"+sms+"/again", nil), http.StatusForbidden)
	want(t, apptest.New(t).As(t, "system-admin").Get("/admin/notices/outbox"), http.StatusNotFound)
}
