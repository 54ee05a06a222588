package privacyweb_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	credits "github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// password of everybody in the demonstration.
const password = "tongban-demo"

var proof = privacy.Proof{Password: password}

func passwordOf(c privacy.Copy) string { return "password_take_" + c.ID }

// made asks for a copy and has the job's work done.
func made(t *testing.T, a *apptest.App, login string, me *webtest.Client) privacy.Copy {
	t.Helper()
	if p := me.Submit(me.Get("/my/privacy"), "/my/privacy/copies", url.Values{"password_copy": {password}}); p.Status != http.StatusOK {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	list, err := a.Privacy.Copies(t.Context(), a.Actor(t, login))
	if err != nil || len(list) == 0 || list[0].State != "waiting" {
		t.Fatalf("%+v: %v", list, err)
	}
	if err := a.Privacy.AskCopy(t.Context(), a.Actor(t, login), proof); !errors.Is(err, privacy.ErrUnderWay) {
		t.Errorf("two at once: %v", err)
	}
	for range 2 { // a job may run twice
		if err := a.Privacy.MakeCopy(t.Context(), list[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	return list[0]
}

// TestACopyOfOnesOwnData: everything is in it, it is fetched once, by its owner,
// within three days.
func TestACopyOfOnesOwnData(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		k := a.Submitted(t, "applicant", "KJ-0001")
		who, err := a.Identity.AccountByLogin(t.Context(), "applicant")
		if err != nil {
			t.Fatal(err)
		}
		me := a.As(t, "applicant")
		c := made(t, a, "applicant", me)
		path := "/my/privacy/copies/" + c.ID
		for _, locale := range []string{"en", "zh-CN"} {
			me.Post("/settings/appearance", url.Values{"locale": {locale}})
			p := me.Get("/my/privacy")
			webtest.A11y(t, p.Doc())
			if webtest.Find(p.Doc(), "form", "action", path) == nil {
				t.Errorf("%s: nothing to download: %s", locale, p.Text())
			}
		}
		if p := a.As(t, "agent").Post(path, url.Values{passwordOf(c): {password}}); p.Status != http.StatusNotFound {
			t.Errorf("somebody else: %d", p.Status)
		}
		if p := me.Post(path, url.Values{passwordOf(c): {"wrong"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("密码") {
			t.Errorf("without proof: %d", p.Status)
		}
		p := me.Post(path, url.Values{passwordOf(c): {password}})
		if p.Status != http.StatusOK || p.Header.Get("Content-Type") != "application/zip" || p.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v", p.Status, p.Header)
		}
		all := unpacked(t, []byte(p.Body))
		for name, want := range map[string][]string{
			"index.html": {who.Phone, who.IDNumber, who.Name.ZH, k.Number}, "account.json": {who.Phone, who.IDNumber}, "cases.json": {k.Number, "answer."}, "notices.json": {k.Number},
			"firms.json": nil, "sign_ins.json": nil, "looks.json": nil, "certificates.json": nil, "messages.json": nil,
		} {
			text, ok := all[name]
			if !ok {
				t.Errorf("%s is missing", name)
			}
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%s lacks %s", name, w)
				}
			}
		}
		papers := 0
		for name := range all {
			if strings.HasPrefix(name, "files/"+k.Number+"/") {
				papers++
			}
		}
		if papers == 0 {
			t.Error("his papers are missing")
		}
		if p := me.Post(path, url.Values{passwordOf(c): {password}}); p.Status != http.StatusNotFound {
			t.Errorf("twice: %d", p.Status)
		}
		entries, err := a.Audit.OfObject(t.Context(), "account:"+who.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Action, "privacy.") && (strings.Contains(e.Change+e.Reason, who.Phone) || strings.Contains(e.Change+e.Reason, who.Name.ZH)) {
				t.Errorf("%s tells who it was: %s", e.Action, e.Change)
			}
		}
		a.Clock.Advance(time.Second) // the newest stands first
		late := made(t, a, "applicant", me)
		a.Clock.Advance(privacy.CopyAge)
		if p := a.As(t, "applicant").Post("/my/privacy/copies/"+late.ID, url.Values{passwordOf(late): {password}}); p.Status != http.StatusNotFound {
			t.Errorf("after three days: %d", p.Status)
		}
		if err := a.Privacy.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM files_file WHERE media_type='application/zip'`); err != nil || n != 0 {
			t.Errorf("%d copies are still there: %v", n, err)
		}
	})
}

func unpacked(t *testing.T, body []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}

// TestClosingAnAccount: not while something runs; a week to think it over; then
// nothing of the person is left.
func TestClosingAnAccount(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx := t.Context()
		// A firm must keep an owner.
		owner := a.Actor(t, "applicant")
		if list, err := a.Privacy.Obstacles(ctx, owner.ID); err != nil || !hasKind(list, "firm") {
			t.Errorf("the only owner: %v %v", list, err)
		}
		if err := a.Privacy.AskLeave(ctx, owner, true, proof); !errors.Is(err, privacy.ErrKept) {
			t.Errorf("the only owner leaves: %v", err)
		}

		who, err := a.Identity.AccountByLogin(ctx, "agent")
		if err != nil {
			t.Fatal(err)
		}
		k := a.Submitted(t, "agent", "KJ-0001")
		me := a.As(t, "agent")
		for _, locale := range []string{"en", "zh-CN"} {
			me.Post("/settings/appearance", url.Values{"locale": {locale}})
			p := me.Get("/my/privacy")
			webtest.A11y(t, p.Doc())
			if !p.Has(k.Number) || webtest.Find(p.Doc(), "form", "action", "/my/privacy/leave") != nil {
				t.Errorf("%s: offered while a case runs", locale)
			}
		}
		if p := me.Post("/my/privacy/leave", url.Values{"sure": {"on"}, "password_leave": {password}}); p.Status != http.StatusUnprocessableEntity || !p.Has("暂时不能注销") {
			t.Errorf("while a case runs: %d", p.Status)
		}
		withdraw := func(id cases.ID) {
			t.Helper()
			if _, err := a.Cases.Withdraw(ctx, a.Actor(t, "agent"), cases.Ref{ID: id}, "不办了"); err != nil {
				t.Fatal(err)
			}
		}
		withdraw(k.ID)
		if p := me.Post("/my/privacy/leave", nil); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("without knowing what it means: %d", p.Status)
		}
		ask := func() {
			t.Helper()
			if p := me.Submit(me.Get("/my/privacy"), "/my/privacy/leave", url.Values{"sure": {"on"}, "password_leave": {password}}); p.Status != http.StatusOK {
				t.Fatalf("%d %s", p.Status, p.Text())
			}
			p := me.Get("/my/privacy")
			webtest.A11y(t, p.Doc())
		}
		ask()
		me.Submit(me.Get("/my/privacy"), "/my/privacy/stay", nil)
		if _, leaving, err := a.Privacy.LeavingOf(ctx, who.ID); err != nil || leaving {
			t.Errorf("he changed his mind: %v %v", leaving, err)
		}
		ask()
		state := func() string {
			t.Helper()
			if err := a.Privacy.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			x, err := a.Identity.Account(ctx, who.ID)
			if err != nil {
				t.Fatal(err)
			}
			return x.State
		}
		a.Clock.Advance(privacy.ThinkItOver - time.Minute)
		if state() != "active" {
			t.Fatal("gone within the week")
		}
		// What he began meanwhile keeps it.
		again := a.Submitted(t, "agent", "KJ-0001")
		a.Clock.Advance(time.Minute)
		if state() != "active" {
			t.Fatal("gone while a case runs")
		}
		withdraw(again.ID)
		draft := a.Draft(t, "agent", "KJ-0001")
		a.Clock.Advance(25 * time.Hour)
		fresh := a.As(t, "agent")
		if state() != "closed" {
			t.Fatal("still there")
		}
		if p := fresh.Get("/my/privacy"); strings.HasPrefix(p.Path, "/my/privacy") {
			t.Error("his session lives on")
		}
		gone, err := a.Identity.Account(ctx, who.ID)
		if err != nil || gone.Phone+gone.IDNumber+gone.Email != "" || gone.Name != privacy.Gone || gone.HasSecret || gone.Login == "agent" {
			t.Errorf("%+v: %v", gone, err)
		}
		if _, err := a.Identity.AccountByLogin(ctx, "agent"); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("found by his login: %v", err)
		}
		for _, query := range []string{
			`SELECT count(*) FROM identity_agent WHERE account_id=$1 AND ended_at=0`, `SELECT count(*) FROM notify_message WHERE account_id=$1`, `SELECT count(*) FROM identity_sign_in WHERE account_id=$1`,
			`SELECT count(*) FROM identity_account WHERE id=$1 AND (phone_index <> '' OR id_number_index <> '' OR phone_proven_at > 0)`, `SELECT count(*) FROM auth_session WHERE account=$1`,
		} {
			if n, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int], query, who.ID); err != nil || n != 0 {
				t.Errorf("%s: %d %v", query, n, err)
			}
		}
		// What he began for the firm is the firm's; whoever leads it goes on.
		if left, err := a.Cases.LeftBehind(ctx, owner, draft.Party.ID); err != nil || len(left) == 0 {
			t.Errorf("the firm lost a draft: %v %v", left, err)
		}
		// What the trail hashed before stays as it was.
		if r, err := a.Audit.Verify(context.WithoutCancel(ctx)); err != nil || r.Broken != nil {
			t.Errorf("the audit trail broke: %+v %v", r, err)
		}
		if state() != "closed" {
			t.Error("a second night undid it")
		}
	})
}

// TestLeavingWashesNothingOff: who has a bad record, or was granted something on
// a promise that nobody has verified, does not come back with the same number
// and a clean one. The page names the day on which each ends.
func TestLeavingWashesNothingOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, who, owner := t.Context(), a.Actor(t, "talent"), identity.Party{Kind: identity.HolderPerson}
		owner.ID = who.ID
		stays := func(kind, words string) {
			t.Helper()
			if err := a.Privacy.AskLeave(ctx, who, true, proof); !errors.Is(err, privacy.ErrKept) {
				t.Errorf("%s: %v", kind, err)
			}
			if list, err := a.Privacy.Obstacles(ctx, who.ID); err != nil || !hasKind(list, kind) {
				t.Errorf("%s: %+v %v", kind, list, err)
			}
			if p := a.As(t, "talent").Get("/my/privacy"); !p.Has(words) || webtest.Find(p.Doc(), "form", "action", "/my/privacy/leave") != nil {
				t.Errorf("%s: %s", kind, p.Text())
			}
		}
		free := func() {
			t.Helper()
			if list, err := a.Privacy.Obstacles(ctx, who.ID); err != nil || len(list) > 0 {
				t.Fatalf("%+v %v", list, err)
			}
		}
		free()

		// Granted on the spot on a promise: handed over, and yet not done with.
		k, err := a.Cases.Start(ctx, who, cases.StartInput{ItemCode: "ZSCQ-0204"})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(a.Cases.TypeSample(ctx, who, k.ID, 7, map[string]string{"applicant_kind": "person", "has_income": "yes"}),
			a.Cases.Mark(ctx, who, k.ID, "income", cases.ByCommitment), a.Cases.AttachSample(ctx, who, k.ID)); err != nil {
			t.Fatal(err)
		}
		if k, err = a.Cases.Submit(ctx, who, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		if k.State == cases.Decided {
			if k, err = a.Cases.Deliver(ctx, a.Actor(t, "clerk"), cases.Ref{ID: k.ID}, cases.DeliverInput{}); err != nil {
				t.Fatal(err)
			}
		}
		if k.State != cases.Delivered || k.VerifyAt.IsZero() {
			t.Fatalf("%s, to verify %v", k.State, k.VerifyAt)
		}
		stays("promise", i18n.LastDay(i18n.Chinese, k.VerifyAt))
		if _, err := a.Cases.Verify(ctx, auth.SystemActor(), cases.Ref{ID: k.ID}, cases.VerifyInput{Result: cases.Kept, Reason: "已核查"}); err != nil {
			t.Fatal(err)
		}
		free()

		// A bad record, though it came while he thought it over.
		if err := a.Privacy.AskLeave(ctx, who, true, proof); err != nil {
			t.Fatal(err)
		}
		until := workday.DateOf(a.Clock.Now()).AddDays(30)
		if err := a.Identity.RecordCredit(ctx, auth.SystemActor(), identity.CreditRecord{Party: owner, Kind: identity.StandingBad, Reason: "欠费记录", Until: until.String()}); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(privacy.ThinkItOver)
		if err := a.Privacy.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if x, err := a.Identity.Account(ctx, who.ID); err != nil || x.State != "active" {
			t.Fatalf("left with a bad record: %+v %v", x, err)
		}
		if err := a.Privacy.Stay(ctx, who); err != nil {
			t.Fatal(err)
		}
		stays("credit", i18n.LastDay(i18n.Chinese, workday.EndOf(until)))

		// What he asked about it is not decided when it counts no more.
		list, err := a.Credit.Against(ctx, who.ID)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		if err := a.Credit.Ask(ctx, who, list[0].ID, credits.AskInput{Ask: credits.Object, Text: "不是我欠的"}); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(31 * 24 * time.Hour)
		if list, err = a.Credit.Against(ctx, who.ID); err != nil || len(list) != 1 || list[0].Open == nil {
			t.Fatalf("%+v %v", list, err)
		}
		stays("objection", i18n.LastDay(i18n.Chinese, list[0].Open.DueAt))
		if err := d.InTx(ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE identity_credit_objection SET state='rejected' WHERE id=$1`, list[0].Open.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		free()
	})
}

// TestASessionIsNotEnough: neither a copy nor the end of the account is had with
// a session alone; who has no password signs in anew.
func TestASessionIsNotEnough(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, who, me := t.Context(), a.Actor(t, "talent"), a.As(t, "talent")
		asked := func() int {
			t.Helper()
			n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT (SELECT count(*) FROM identity_data_copy WHERE account_id=$1) + (SELECT count(*) FROM identity_leaving WHERE account_id=$1)`, who.ID)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, locale := range []string{"en", "zh-CN"} {
			me.Post("/settings/appearance", url.Values{"locale": {locale}})
			for _, given := range []string{"", "wrong"} {
				for path, field := range map[string]string{"/my/privacy/copies": "password_copy", "/my/privacy/leave": "password_leave"} {
					p := me.Post(path, url.Values{"sure": {"on"}, field: {given}})
					webtest.A11y(t, p.Doc())
					if x := webtest.Find(p.Doc(), "input", "name", field); p.Status != http.StatusUnprocessableEntity || x == nil || webtest.Attr(x, "aria-invalid") != "true" {
						t.Errorf("%s %s %q: %d %s", locale, path, given, p.Status, p.Text())
					}
				}
			}
		}
		if asked() != 0 {
			t.Fatal("done without proof")
		}
		// By single sign-on: no password, so the sign-in must be fresh.
		if err := d.InTx(ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE identity_account SET password_hash='' WHERE id=$1`, who.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(privacy.FreshSignIn)
		if p := me.Get("/my/privacy"); webtest.Find(p.Doc(), "form", "action", "/my/privacy/copies") != nil || !p.Has("重新登录") {
			t.Errorf("offered to a session of long ago: %s", p.Text())
		}
		me.Post("/my/privacy/copies", nil)
		me.Post("/my/privacy/leave", url.Values{"sure": {"on"}})
		if asked() != 0 {
			t.Fatal("done by a session of long ago")
		}
		me = a.As(t, "talent")
		if me.Submit(me.Get("/my/privacy"), "/my/privacy/copies", nil); asked() != 1 {
			t.Error("who signed in just now gets no copy")
		}
	})
}

// TestPapersOfAKeptCaseStay: what a case was handed in with stands as long as the
// case, though who brought it has left; it goes with the last such case.
func TestPapersOfAKeptCaseStay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, who := t.Context(), a.Actor(t, "talent")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		account, err := a.Identity.Account(ctx, who.ID)
		must(err)
		brought := func(kind, number string) identity.Certificate {
			t.Helper()
			blob, err := a.Files.Put(ctx, strings.NewReader("%PDF-1.4\n"+number+"\n%%EOF\n"), "a.pdf", 1<<20)
			must(err)
			var c identity.Certificate
			must(d.InTx(ctx, func(ctx context.Context) error {
				f, err := a.Files.Register(ctx, blob, "a.pdf", who.ID)
				if err != nil {
					return err
				}
				there, err := a.Identity.Certificates(ctx, []string{who.ID})
				if err != nil {
					return err
				}
				for _, x := range there {
					if x.Type == kind { // of the demonstration: as if he had brought it
						c = x
						c.FileID = f.ID
						_, err := d.Exec(ctx, `UPDATE identity_certificate SET source='window', file_id=$2 WHERE id=$1`, c.ID, f.ID)
						return err
					}
				}
				c, err = a.Identity.Issue(ctx, auth.SystemActor(), identity.IssueInput{Type: kind, Number: number, Holder: account.Party(), Source: "window", FileID: f.ID})
				return err
			}))
			return c
		}
		lent, other := brought("id_card", account.IDNumber), brought("property_certificate", "ABC-17")
		k, err := a.Cases.Start(ctx, who, cases.StartInput{ItemCode: "ZSCQ-0204"})
		must(err)
		must(errors.Join(a.Cases.TypeSample(ctx, who, k.ID, 7, map[string]string{"applicant_kind": "person", "has_income": "yes"}), a.Cases.AttachSample(ctx, who, k.ID)))
		k, err = a.Cases.Submit(ctx, who, cases.Ref{ID: k.ID})
		must(err)
		v, err := a.Cases.View(ctx, auth.SystemActor(), k.ID)
		must(err)
		key := ""
		for _, m := range v.Materials {
			if m.How == cases.ByCertificate {
				key = m.Key
			}
		}
		if key == "" {
			t.Fatalf("nothing was lent: %+v", v.Materials)
		}
		_, err = a.Cases.Withdraw(ctx, who, cases.Ref{ID: k.ID}, "不办了")
		must(err)
		// A claim that was decided, and a fact that he gave of a firm.
		must(d.InTx(ctx, func(ctx context.Context) error {
			blob, err := a.Files.Put(ctx, strings.NewReader("%PDF-1.4\nproxy\n%%EOF\n"), "p.pdf", 1<<20)
			if err != nil {
				return err
			}
			f, err := a.Files.Register(ctx, blob, "p.pdf", who.ID)
			if err != nil {
				return err
			}
			_, err = d.Exec(ctx, `INSERT INTO identity_claim (id, enterprise_id, account_id, level, proven, provisional, paper, state, reason, decided_by, decided_name, decided_at, created_at, version)
				SELECT 'c', min(id), $1, 'agent', $3, $3, $2, 'rejected', '', '', '{}', 1, 1, 1 FROM identity_enterprise`, who.ID, f.ID, false)
			_, err2 := d.Exec(ctx, `UPDATE identity_fact SET recorded_by=$1, by_name=$2 WHERE id=(SELECT min(id) FROM identity_fact)`, who.ID, db.ToJSON(account.Name))
			return errors.Join(err, err2)
		}))
		must(a.Privacy.AskLeave(ctx, who, true, proof))
		a.Clock.Advance(privacy.ThinkItOver)
		must(a.Privacy.Sweep(ctx))
		for _, query := range []string{`SELECT count(*) FROM files_file WHERE name='p.pdf'`, `SELECT count(*) FROM identity_claim WHERE id='c' AND paper <> ''`, `SELECT count(*) FROM identity_fact WHERE CAST(by_name AS TEXT) LIKE '%` + account.Name.ZH + `%'`} {
			if n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], query); err != nil || n != 0 {
				t.Errorf("%s: %d %v", query, n, err)
			}
		}
		if x, err := a.Identity.Account(ctx, who.ID); err != nil || x.State != "closed" {
			t.Fatalf("%+v %v", x, err)
		}
		there := func(c identity.Certificate) bool {
			t.Helper()
			n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM files_file WHERE id=$1`, c.FileID)
			must(err)
			return n > 0
		}
		if there(other) {
			t.Error("a paper stays that nothing rests on")
		}
		if list, err := a.Cases.OnFile(ctx, &v.Case); err != nil || list[key].ID != lent.ID || list[key].FileID != lent.FileID || list[key].State == identity.CertValid || !there(lent) {
			t.Fatalf("the evidence is gone: %+v %v", list[key], err)
		}
		a.Clock.Advance(2 * 366 * 24 * time.Hour)
		must(a.Retention.Sweep(ctx))
		if !there(lent) {
			t.Error("gone before the case")
		}
		a.Clock.Advance(31 * 24 * time.Hour)
		must(a.Retention.Sweep(ctx))
		if there(lent) {
			t.Error("it outlives the case")
		}
	})
}

func hasKind(list []privacy.Obstacle, kind string) bool {
	for _, o := range list {
		if o.Kind == kind {
			return true
		}
	}
	return false
}
