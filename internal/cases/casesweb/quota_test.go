package casesweb_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestADayOfOneAccount: who attaches and detaches, writes and begins without end
// is stopped, is told so, and loses nothing; administrators see who it was.
func TestADayOfOneAccount(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	b.Quota.Limits = quota.Limits{Files: 3, MB: 1, Messages: 1, Drafts: 2, Staff: 2}
	c, who := b.As(t, "applicant"), b.Actor(t, "applicant")
	k := b.started("applicant", "KJ-0004")
	attach := func(size int) error {
		_, err := b.Cases.Attach(b.ctx, who, k.ID, "audit_report", "审计报告.pdf", bytes.NewReader(append(bytes.Clone(tinyPDF), make([]byte, size)...)), 20<<20)
		return err
	}
	for range 2 {
		f, err := b.Cases.Attach(b.ctx, who, k.ID, "audit_report", "审计报告.pdf", bytes.NewReader(tinyPDF), 20<<20)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.Detach(b.ctx, who, k.ID, f.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := attach(1 << 20); !errors.Is(err, quota.ErrBytes) {
		t.Errorf("more bytes than a day allows: %v", err)
	}
	if err := attach(0); !errors.Is(err, quota.ErrFiles) {
		t.Errorf("more files than a day allows: %v", err)
	}
	begin := c.Do(http.MethodPost, myPath(k, "/materials/audit_report/uploads"), strings.NewReader(url.Values{"name": {"a.pdf"}, "size": {"1000"}, "mark": {"1"}}.Encode()),
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	want(t, begin, http.StatusTooManyRequests, "今天上传的文件已经到了上限")
	if _, err := b.Cases.View(b.ctx, who, k.ID); err != nil {
		t.Errorf("the draft: %v", err)
	}
	b.started("applicant", "KJ-0005")
	if _, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "KJ-0001", EnterpriseID: who.Firms[0]}); !errors.Is(err, quota.ErrDrafts) {
		t.Errorf("the third application: %v", err)
	}
	if _, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "KJ-0005", EnterpriseID: who.Firms[0]}); err != nil {
		t.Errorf("one that is begun already: %v", err)
	}

	b.Quota.Files, b.Quota.Drafts = 0, 0
	done := b.Submitted(t, "applicant", "KJ-0002")
	if _, err := b.Talk.Write(b.ctx, who, done.ID, talk.Input{Text: "第一条"}); err != nil {
		t.Fatal(err)
	}
	p := c.Post(myPath(done, "/messages"), url.Values{"text": {"第二条, 很长的话"}})
	want(t, p, http.StatusUnprocessableEntity, "今天发的留言已经到了上限（1 条）", "第二条, 很长的话")

	b.Quota.Files = 3
	admin := b.As(t, "system-admin")
	for _, lang := range []string{"en", "zh-CN"} {
		admin.Header.Set("Accept-Language", lang)
		p = admin.Get("/admin/quotas")
		webtest.A11y(t, p.Doc())
	}
	want(t, p, http.StatusOK, "每日限额", "已到上限", "day-files")
	want(t, b.As(t, "clerk").Get("/admin/quotas"), http.StatusForbidden)
}
