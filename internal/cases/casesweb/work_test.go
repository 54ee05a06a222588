package casesweb_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// workBench is a zone with cases in hand.
type workBench struct {
	*apptest.App
	t   *testing.T
	ctx context.Context
}

func newWorkBench(t *testing.T) workBench {
	t.Helper()
	return workBench{apptest.New(t), t, t.Context()}
}

func (b workBench) must(k cases.Case, err error) cases.Case {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	return k
}

// fill types what the form of a case asks for and attaches what is missing.
func (b workBench) fill(who auth.Actor, id cases.ID) {
	b.t.Helper()
	b.Fill(b.t, who, id)
}

func (b workBench) attach(who auth.Actor, id cases.ID, key string) {
	b.t.Helper()
	pdf := []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
	if _, err := b.Cases.Attach(b.ctx, who, id, key, key+".pdf", bytes.NewReader(pdf), 1<<20); err != nil {
		b.t.Fatal(err)
	}
}

// submitted is a case that a person of a firm has handed in online.
func (b workBench) submitted(login, item string) cases.Case {
	b.t.Helper()
	who := b.Actor(b.t, login)
	in := cases.StartInput{ItemCode: item}
	if len(who.Firms) > 0 {
		in.EnterpriseID = who.Firms[0]
	}
	k := b.must(b.Cases.Start(b.ctx, who, in))
	b.fill(who, k.ID)
	return b.must(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
}

func (b workBench) accepted(item string) cases.Case {
	b.t.Helper()
	k := b.submitted("applicant", item)
	return b.must(b.Cases.Accept(b.ctx, b.Actor(b.t, "clerk"), cases.Ref{ID: k.ID}))
}

func (b workBench) state(k cases.Case) cases.Case {
	b.t.Helper()
	return b.must(b.Cases.Find(b.ctx, k.ID))
}

// stranger opens an account of a clerk in another city.
func (b workBench) stranger() string {
	b.t.Helper()
	sys := auth.SystemActor()
	err := b.Identity.SaveOrganisation(b.ctx, sys, identity.Organisation{
		Regions:     []identity.Region{{Code: "370100", Level: "city", Parent: "370000", Name: i18n.Text{ZH: "泉城市", EN: "Quancheng"}}},
		Departments: []identity.Department{{ID: "jn-zw", Region: "370100", Name: i18n.Text{ZH: "泉城市政务服务局", EN: "Quancheng Services"}}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	posts := []auth.Post{}
	for _, r := range []auth.Role{auth.Clerk, auth.Handler, auth.Approver, auth.Head, auth.Leader} {
		posts = append(posts, auth.Post{Role: r, DepartmentID: "jn-zw", Region: "370100"})
	}
	if _, err := b.Identity.SeedAccount(b.ctx, sys, identity.Account{Login: "stranger", Kind: auth.Staff, Name: i18n.Text{ZH: "外市人员"}}, posts, "x"); err != nil {
		b.t.Fatal(err)
	}
	return "stranger"
}

// want checks status and texts of a page.
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

func workPath(k cases.Case, below string) string { return "/work/cases/" + string(k.ID) + below }

func TestWorkListsForEveryRole(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	fresh := b.submitted("applicant", "KJ-0001")
	handled := b.accepted("KJ-0002")
	personal := b.submitted("talent", "RC-0001")
	for _, login := range []string{"clerk", "handler-kj", "approver", "commissioner", "head-kj", "leader", "catalogue-admin", "system-admin"} {
		c := b.As(t, login)
		for _, l := range cases.StaffLists {
			for _, lang := range []string{"zh-CN", "en"} {
				c.Header.Set("Accept-Language", lang)
				p := c.Get("/work/lists/" + string(l))
				want(t, p, http.StatusOK)
				webtest.A11y(t, p.Doc())
				if raw := untranslated(p); raw != "" {
					t.Errorf("%s %s: no text for %s", p.Path, lang, raw)
				}
			}
		}
	}
	c := b.As(t, "clerk")
	p := c.Get("/work/lists/to_accept")
	want(t, p, http.StatusOK, fresh.Number, "5 天", "2026-03-09", personal.Number, "沈*远")
	if p.Has("沈知远") {
		t.Error("a person's name stands unmasked in a list")
	}
	if webtest.Find(p.Doc(), "table", "data-keylist", "") == nil || len(webtest.FindAll(p.Doc(), "tr", "data-row", "")) != 2 {
		t.Error("the list cannot be walked by keyboard")
	}
	want(t, c.Get("/work/lists/all?state=handling"), http.StatusOK, handled.Number)
	if c.Get("/work/lists/all?state=handling").Has(fresh.Number) {
		t.Error("the filter lets everything through")
	}
	want(t, c.Get("/work/lists/all?q=没有这样的&department=kj&item=KJ-0001"), http.StatusOK, "没有符合条件的件", "清除条件")
	want(t, c.Get("/work/lists/all?after=rubbish&state=rubbish"), http.StatusOK)
	want(t, b.As(t, "system-admin").Get("/work/lists/all"), http.StatusOK, "您的岗位不经办件")
	want(t, c.Get("/work/lists/needs_me"), http.StatusNotFound)
	want(t, b.As(t, "applicant").Get("/work/lists/all"), http.StatusForbidden)
	if p := b.As(t, b.stranger()).Get("/work/lists/all"); p.Has(fresh.Number) {
		t.Error("another city sees the case")
	}
}

// untranslated returns a locale key that stands on the page instead of a text.
func untranslated(p *webtest.Page) string {
	for word := range strings.FieldsSeq(p.Text()) {
		for _, prefix := range []string{"work.", "cases.", "view.", "error."} {
			if strings.HasPrefix(word, prefix) && word != prefix { // "view." may end a sentence
				return word
			}
		}
	}
	return ""
}

func TestWorkListPagesByKey(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	one := b.submitted("applicant", "KJ-0001")
	for i := range 55 {
		if _, err := b.copyCase(one, i); err != nil {
			t.Fatal(err)
		}
	}
	c := b.As(t, "clerk")
	p := c.Get("/work/lists/to_accept?department=" + one.DepartmentID)
	next := webtest.Attr(webtest.Find(p.Doc(), "a", "rel", "next"), "href")
	if next == "" || !strings.Contains(next, "department=") {
		t.Fatalf("no next page: %q", next)
	}
	rows := len(webtest.FindAll(p.Doc(), "tr", "data-row", ""))
	p = c.Get(next)
	if rows += len(webtest.FindAll(p.Doc(), "tr", "data-row", "")); rows != 56 {
		t.Errorf("%d rows on both pages", rows)
	}
}

// copyCase makes another case like one, without its file.
func (b workBench) copyCase(k cases.Case, i int) (string, error) {
	id := string(k.ID)[:len(k.ID)-4] + "0000"
	id = id[:len(id)-2] + string(rune('0'+i/10)) + string(rune('0'+i%10))
	return id, b.DB.InTx(b.ctx, func(ctx context.Context) error {
		_, err := b.DB.Exec(ctx, `INSERT INTO cases_case (id, number, pickup_code, item_id, item_version_id, item_code, item_name, department_id, region, party_kind, party_id, party_name, party_code, account_id, filed_by, channel, receiving_region, hall_id, window_id, receiver_id, collect, state, outcome, stage, data_version, needs_applicant, paused, provisional, due_at, statutory_at, warn_at, yellow_at, red_at, created_at, submitted_at, accepted_at, decided_at, closed_at, updated_at, version, parent_id, bundle)
			SELECT $1, $2, pickup_code, item_id, item_version_id, item_code, item_name, department_id, region, party_kind, party_id,
			party_name, party_code, account_id, filed_by, channel, receiving_region, hall_id, window_id, receiver_id, collect, state, outcome, stage, data_version, needs_applicant,
			paused, provisional, due_at, statutory_at, warn_at, yellow_at, red_at, created_at, submitted_at, accepted_at, decided_at, closed_at, updated_at, version, parent_id, bundle
			FROM cases_case WHERE id=$3`, id, "C-"+id, string(k.ID))
		return err
	})
}

func TestWorkCaseBesideItsList(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.submitted("applicant", "KJ-0001")
	c := b.As(t, "clerk2")
	p := c.Get("/work/lists/to_accept?case=" + string(k.ID))
	want(t, p, http.StatusOK, k.Number, "一次告知补正", "还剩 5 个工作日", "动物房平面布局图", "接收回执")
	webtest.A11y(t, p.Doc())
	row := webtest.Find(p.Doc(), "tr", "aria-selected", "true")
	if row == nil || !strings.Contains(webtest.Text(row), k.Number) {
		t.Error("the open case is not marked in the list")
	}
	for _, key := range []string{"a", "s", "r", "n"} {
		if webtest.Find(p.Doc(), "", "data-key", key) == nil {
			t.Errorf("no command has the key %s", key)
		}
	}
	part := c.Do(http.MethodGet, "/work/lists/to_accept?case="+string(k.ID), nil, http.Header{"HX-Request": {"true"}})
	if !strings.HasPrefix(strings.TrimSpace(part.Body), "<section") || strings.Contains(part.Body, "<html") {
		t.Errorf("not a part of a page: %.80s", part.Body)
	}
	// the way back from a command leads to the list again
	p = c.Submit(p, "/do/accept", nil)
	want(t, p, http.StatusOK)
	if p.Path != "/work/lists/to_accept?case="+string(k.ID) || b.state(k).State != cases.Handling {
		t.Errorf("after accepting: %s, %s", p.Path, b.state(k).State)
	}
	p = c.Get(workPath(k, "?from=https://evil.example/"))
	want(t, p, http.StatusOK, "正在办", "待领取")
	webtest.A11y(t, p.Doc())
	c.Header.Set("Accept-Language", "en")
	p = c.Get(workPath(k, ""))
	webtest.A11y(t, p.Doc())
	if raw := untranslated(p); raw != "" {
		t.Errorf("no text for %s", raw)
	}
	want(t, b.As(t, "handler-sw").Get(workPath(k, "")), http.StatusNotFound)
	stranger := b.As(t, b.stranger())
	for _, path := range []string{workPath(k, ""), workPath(k, "/do/note"), "/work/lists/all?case=" + string(k.ID)} {
		want(t, stranger.Get(path), http.StatusNotFound)
	}
	want(t, stranger.Post(workPath(k, "/do/note"), url.Values{"reason": {"x"}}), http.StatusNotFound)
	want(t, c.Get("/work/cases/nowhere"), http.StatusNotFound)
	want(t, c.Get(workPath(k, "/do/fly")), http.StatusNotFound)
}

func TestWorkMasksIdentityNumbers(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.submitted("talent", "RC-0001")
	c := b.As(t, "clerk")
	for _, path := range []string{workPath(k, ""), workPath(k, "/do/ask_supplement"), "/work/lists/all?case=" + string(k.ID), "/work/search?q=沈知远"} {
		p := c.Get(path)
		want(t, p, http.StatusOK)
		if strings.Contains(p.Body, "371602199110080015") {
			t.Errorf("%s shows the whole identity number", path)
		}
	}
}

func TestWorkSearch(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.submitted("applicant", "KJ-0001")
	c := b.As(t, "clerk")
	if p := c.Get("/work/search?q=" + strings.ToLower(k.Number)); p.Path != workPath(k, "") {
		t.Errorf("the number leads to %s", p.Path)
	}
	p := c.Get("/work/search?q=智联")
	want(t, p, http.StatusOK, k.Number, "查找办件")
	webtest.A11y(t, p.Doc())
	p = c.Get(webtest.Attr(webtest.Find(webtest.Find(p.Doc(), "tr", "data-row", ""), "a", "", ""), "href"))
	want(t, p, http.StatusOK, "经过")
	want(t, c.Get("/work/search"), http.StatusOK, "查什么")
	p = b.As(t, b.stranger()).Get("/work/search?q=" + k.Number)
	want(t, p, http.StatusOK, "没有符合条件的件")
}

func TestWorkExport(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.submitted("applicant", "KJ-0001")
	wide := b.submitted("applicant", "KJ-0001") // as East Asian editions take it too
	err := b.DB.InTx(b.ctx, func(ctx context.Context) error {
		for id, name := range map[cases.ID]string{k.ID: `{"zh":"=HYPERLINK(\"http://evil\",\"开\")"}`, wide.ID: "{\"zh\":\"\uff1d1+1\"}"} {
			if _, err := b.DB.Exec(ctx, `UPDATE cases_case SET party_name=$2 WHERE id=$1`, string(id), name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	personal := b.submitted("talent", "RC-0001")
	c := b.As(t, "clerk")
	ask := c.Get("/work/exports/new?list=all")
	want(t, ask, http.StatusOK, "共 3 件", "导出会记入审计")
	webtest.A11y(t, ask.Doc())
	p := c.Submit(ask, "/work/exports", url.Values{"format": {"csv"}})
	want(t, p, http.StatusOK)
	if p.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(p.Header.Get("Content-Disposition"), "2026-03-02.csv") {
		t.Errorf("%v", p.Header)
	}
	if !strings.HasPrefix(p.Body, "\ufeff编号,") || !strings.Contains(p.Body, `"'=HYPERLINK(`) || !strings.Contains(p.Body, ",'\uff1d1+1,") || !strings.Contains(p.Body, personal.Number) || strings.Contains(p.Body, "沈知远") {
		t.Errorf("%s", p.Body)
	}
	if xlsx := c.Submit(ask, "/work/exports", url.Values{"columns": {"shown"}}); !strings.HasPrefix(xlsx.Body, "PK") || !strings.Contains(xlsx.Header.Get("Content-Disposition"), ".xlsx") {
		t.Errorf("%v", xlsx.Header)
	}
	want(t, c.Submit(ask, "/work/exports", url.Values{"format": {"pdf"}}), http.StatusUnprocessableEntity)
	if p := b.As(t, b.stranger()).Post("/work/exports", url.Values{"list": {"all"}, "format": {"csv"}}); strings.Contains(p.Body, k.Number) {
		t.Error("another city exports the case")
	}
	want(t, b.As(t, "applicant").Get("/work/exports/new?list=all"), http.StatusForbidden)
	want(t, c.Get("/work/exports/new?list=nothing"), http.StatusNotFound)
	want(t, c.Get("/work/exports/nothing/file"), http.StatusNotFound)
	want(t, c.Get("/work/exports"), http.StatusOK, "还没有导出的文件")
	n, err := b.Audit.List(b.ctx, audit.Filter{Action: "cases.export", Limit: 10})
	rows := 0 // all three are of one instant and come in any order
	for _, x := range n {
		if strings.Contains(x.Change, `"rows":3`) {
			rows++
		}
	}
	if err != nil || len(n) != 3 || rows != 2 {
		t.Errorf("the audit trail says %+v %v", n, err)
	}
}

// TestWorkCommands gives each command well, badly, by somebody who may not, and
// on a case that was changed in between.
func TestWorkCommands(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	sys := auth.SystemActor()
	review := func() cases.Case { return b.accepted("KJ-0001") }
	tests := []struct {
		command   string
		login     string
		start     func() cases.Case
		good, bad url.Values // bad nil: nothing can be wrong
		complaint string
		forbidden string // a login that sees the case but may not
		reached   func(k cases.Case) bool
	}{
		{command: "accept", login: "clerk", start: func() cases.Case { return b.submitted("applicant", "KJ-0001") }, forbidden: "handler-kj", reached: func(k cases.Case) bool { return k.State == cases.Handling }},
		{
			command: "ask_supplement", login: "clerk", start: func() cases.Case { return b.submitted("applicant", "KJ-0001") },
			good: url.Values{"point": {"material.facility_plan"}, "reason.material.facility_plan": {"缺少比例尺"}, "reason.field.facility_area": {"与图纸不一致"}},
			bad:  url.Values{"point": {"material.facility_plan", "material.environment_report"}, "reason.material.facility_plan": {"缺少比例尺"}}, complaint: "请填写这一项",
			forbidden: "handler-kj", reached: func(k cases.Case) bool { return k.State == cases.Supplementing },
		},
		{
			command: "refuse", login: "clerk", start: func() cases.Case { return b.submitted("applicant", "KJ-0001") },
			good: url.Values{"often": {"申请人不具备申请资格。"}}, bad: url.Values{"reason": {"  "}}, complaint: "请写明理由", forbidden: "handler-kj", reached: func(k cases.Case) bool { return k.State == cases.Refused },
		},
		{command: "claim", login: "handler-hb", start: review, forbidden: "clerk", reached: func(cases.Case) bool { return true }},
		{
			command: "endorse", login: "handler-hb", start: review, good: url.Values{"result": {"object"}, "often": {"现有材料不能证明符合规定条件，不同意。"}, "reason": {"缺少监测数据"}},
			bad: url.Values{"result": {"object"}}, complaint: "请写明理由", forbidden: "clerk", reached: func(cases.Case) bool { return true },
		},
		{
			command: "send_back", login: "handler-hb", start: review, good: url.Values{"note": {"请补充说明"}}, bad: url.Values{}, complaint: "请至少写明一项", forbidden: "clerk",
			reached: func(k cases.Case) bool { return k.NeedsApplicant && k.Paused },
		},
		{
			command: "pause", login: "handler-hb", start: review, good: url.Values{"kind": {"expert"}, "until": {"2026-03-20"}, "reason": {"组织专家评审"}}, bad: url.Values{"kind": {"applicant"}, "until": {"2026-03-20"}, "reason": {"x"}}, complaint: "请写明理由", forbidden: "clerk",
			reached: func(k cases.Case) bool { return k.Paused },
		},
		{command: "resume", login: "handler-hb", start: func() cases.Case {
			k := review()
			return b.must(b.Cases.Pause(b.ctx, b.Actor(t, "handler-hb"), cases.Ref{ID: k.ID}, "expert", "评审"))
		}, forbidden: "clerk", good: url.Values{}, bad: url.Values{"reason": {strings.Repeat("长", 1001)}}, complaint: "最多 1000 个字", reached: func(k cases.Case) bool { return !k.Paused }},
		{
			command: "extend", login: "approver", start: review, good: url.Values{"days": {"5"}, "reason": {"案情复杂"}}, bad: url.Values{"days": {"11"}, "reason": {"案情复杂"}}, complaint: "1 至 10", forbidden: "clerk",
			reached: func(k cases.Case) bool { return true },
		},
		{command: "release", login: "handler-hb", start: func() cases.Case {
			k := review()
			return b.must(b.Cases.Claim(b.ctx, b.Actor(t, "handler-hb"), cases.Ref{ID: k.ID}))
		}, forbidden: "clerk", reached: func(cases.Case) bool { return true }},
		{command: "note", login: "clerk", start: review, good: url.Values{"reason": {"已电话提醒"}}, bad: url.Values{}, complaint: "请写明理由", reached: func(cases.Case) bool { return true }},
		{
			command: "decide", login: "approver", start: func() cases.Case { return b.toDecide() }, good: url.Values{"outcome": {"denied"}, "reason": {"设施不合格"}, "text_denied": {"改过的正文"}},
			bad: url.Values{"outcome": {"denied"}}, complaint: "请写明理由", forbidden: "clerk", reached: func(k cases.Case) bool { return k.Outcome == cases.Denied },
		},
		{
			command: "deliver", login: "clerk3", start: func() cases.Case {
				k := b.toDecide()
				b.collect(k, cases.ByPost)
				return b.must(b.Cases.Decide(b.ctx, b.Actor(t, "approver"), cases.Ref{ID: k.ID}, cases.DecideInput{Outcome: cases.Granted}))
			}, good: url.Values{"how": {"post"}, "carrier": {"EMS"}, "tracking": {"EX123"}}, bad: url.Values{"how": {"window"}, "receiver": {"赵启明"}, "pickup": {"x"}}, complaint: "取件码不对", forbidden: "approver",
			reached: func(k cases.Case) bool { return k.State == cases.Delivered },
		},
	}
	for _, tt := range tests {
		k := tt.start()
		path := workPath(k, "/do/"+tt.command)
		c := b.As(t, tt.login)
		for _, lang := range []string{"en", "zh-CN"} {
			c.Header.Set("Accept-Language", lang)
			p := c.Get(path)
			want(t, p, http.StatusOK)
			webtest.A11y(t, p.Doc())
			if raw := untranslated(p); raw != "" {
				t.Errorf("%s: no text for %s", tt.command, raw)
			}
		}
		form := c.Get(path)
		if tt.forbidden != "" {
			other := b.As(t, tt.forbidden)
			if p := other.Post(path, tt.good); p.Status != http.StatusForbidden && p.Status != http.StatusUnprocessableEntity || b.state(k).Version != k.Version {
				t.Errorf("%s by %s: %d", tt.command, tt.forbidden, p.Status)
			}
			if p := other.Get(path); p.Status != http.StatusForbidden && p.Status != http.StatusConflict {
				t.Errorf("%s shown to %s: %d", tt.command, tt.forbidden, p.Status)
			}
		}
		if tt.bad != nil {
			p := c.Submit(form, "/do/"+tt.command, tt.bad)
			want(t, p, http.StatusUnprocessableEntity, tt.complaint, "您填的其他内容都还在")
			webtest.A11y(t, p.Doc())
			for key, vs := range tt.bad {
				if key != "kind" && len(vs[0]) > 1 && len(vs[0]) < 100 && !strings.Contains(p.Body, vs[0]) {
					t.Errorf("%s: %s=%s is lost", tt.command, key, vs[0])
				}
			}
		}
		b.must(b.Cases.Note(b.ctx, sys, cases.Ref{ID: k.ID}, "期间有人备注"))
		p := c.Submit(form, "/do/"+tt.command, tt.good)
		want(t, p, http.StatusPreconditionFailed, "刚刚有人办过")
		webtest.A11y(t, p.Doc())
		for key, vs := range tt.good {
			if key != "result" && !strings.Contains(p.Body, vs[0]) {
				t.Errorf("%s: %s=%s is lost in a stale form", tt.command, key, vs[0])
			}
		}
		p = c.Submit(p, "/do/"+tt.command, nil) // seen what happened, sent again
		want(t, p, http.StatusOK)
		if p.Path != workPath(k, "") || !tt.reached(b.state(k)) {
			t.Errorf("%s: %s %+v", tt.command, p.Path, b.state(k))
		}
		webtest.A11y(t, p.Doc())
	}
}

// toDecide is a case that has been examined.
func (b workBench) toDecide() cases.Case {
	b.t.Helper()
	k := b.accepted("KJ-0001")
	for b.state(k).Stage != "decide" {
		b.must(b.Cases.Endorse(b.ctx, auth.SystemActor(), cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "符合"}))
	}
	return b.state(k)
}

// collect says how the applicant wants the result.
func (b workBench) collect(k cases.Case, how cases.Collect) {
	b.t.Helper()
	if err := b.DB.InTx(b.ctx, func(ctx context.Context) error {
		_, err := b.DB.Exec(ctx, `UPDATE cases_case SET collect=$2 WHERE id=$1`, string(k.ID), string(how))
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
}

func TestWorkStaleCommandThatIsGone(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.submitted("applicant", "KJ-0001")
	c := b.As(t, "clerk")
	form := c.Get(workPath(k, "/do/refuse"))
	b.must(b.Cases.Accept(b.ctx, b.Actor(t, "clerk2"), cases.Ref{ID: k.ID}))
	p := c.Submit(form, "/do/refuse", url.Values{"reason": {"这些话不能丢"}})
	want(t, p, http.StatusPreconditionFailed, "已经不能这样办了", "这些话不能丢", "看最新的情况")
	webtest.A11y(t, p.Doc())
	want(t, c.Get(workPath(k, "/do/refuse")), http.StatusConflict)
}

func TestWorkShowsWhatChanged(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.submitted("applicant", "KJ-0001")
	who := b.Actor(t, "applicant")
	b.must(b.Cases.AskSupplement(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}, cases.AskInput{Points: []cases.Point{{Kind: "field", Key: "facility_area", Reason: "请核对面积"}}}))
	c := b.As(t, "clerk")
	want(t, c.Get(workPath(k, "")), http.StatusOK, "已请申请人补充", "请核对面积", "等待补充")
	f, err := b.Cases.Form(b.ctx, who, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	posted := url.Values(f.Buffer.Typed)
	posted.Set("facility_area", "4321")
	if _, err := b.Cases.SaveTyped(b.ctx, who, k.ID, f.Buffer.Rev, posted); err != nil {
		t.Fatal(err)
	}
	b.must(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
	p := c.Get(workPath(k, ""))
	want(t, p, http.StatusOK, "4321有改动", "第 2 版")
	webtest.A11y(t, p.Doc())
}

func TestWorkDesk(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.submitted("applicant", "KJ-0001")
	c := b.As(t, "clerk")
	for q, texts := range map[string][]string{
		"":                   {"办件编号、信用代码"},
		k.Number:             {"实验动物"},
		"91371671MA3TB0009L": {"赵启明", "孙晓岚", k.Number},
		"371602198803120011": {"赵启明"},
		"13900010003":        {"沈知远"},
		"何桂芬":                {"何桂芬"},
		"没有这个人":              {"没有找到", "登记新办事人"},
	} {
		p := c.Get("/work/desk?q=" + url.QueryEscape(q))
		want(t, p, http.StatusOK, texts...)
		webtest.A11y(t, p.Doc())
		if p.Has("371602198803120011") {
			t.Error("an identity number stands unmasked")
		}
	}
	form := c.Get("/work/desk/visitors/new?q=" + url.QueryEscape("王小川"))
	webtest.A11y(t, form.Doc())
	p := c.Submit(form, "/visitors/new", url.Values{"id_number": {"123"}, "phone": {"13900019999"}})
	want(t, p, http.StatusUnprocessableEntity)
	webtest.A11y(t, p.Doc())
	if !strings.Contains(p.Body, "王小川") || !strings.Contains(p.Body, "13900019999") {
		t.Error("what was typed is lost")
	}
	p = c.Submit(p, "/visitors/new", url.Values{"id_number": {idcode.WithResidentIDCheck("37160219900101001")}})
	want(t, p, http.StatusOK, "王小川", "还没有办件")
	webtest.A11y(t, p.Doc())
	if p.Has("13900019999") {
		t.Error("a phone number stands unmasked")
	}
	p = c.Get(p.Path + "?q=" + url.QueryEscape("人才"))
	want(t, p, http.StatusOK)
	webtest.A11y(t, p.Doc())
	// somebody with firms, in English
	who := b.Actor(t, "applicant")
	c.Header.Set("Accept-Language", "en")
	p = c.Get("/work/desk/visitors/" + who.ID)
	want(t, p, http.StatusOK, "File for them", k.Number)
	webtest.A11y(t, p.Doc())
	if raw := untranslated(p); raw != "" {
		t.Errorf("no text for %s", raw)
	}
	c.Header.Set("Accept-Language", "zh-CN")
	p = c.Get("/work/desk/visitors/" + who.ID + "?q=KJ-0001")
	c.Follow = false
	p = c.Submit(p, "/work/desk/start", nil)
	if p.Status != http.StatusSeeOther || !strings.HasSuffix(p.Location(), "/form") {
		t.Fatalf("%d %s", p.Status, p.Location())
	}
	c.Follow = true
	want(t, c.Post("/work/desk/start", url.Values{"visitor": {who.ID}, "item": {"KJ-0001"}, "party": {"not-his-firm"}}), http.StatusNotFound)
	want(t, c.Post("/work/desk/start", url.Values{"visitor": {who.ID}, "item": {"KJ-0001"}}), http.StatusUnprocessableEntity, "不能以这个身份办理")
	want(t, c.Get("/work/desk/visitors/"+b.Actor(t, "clerk").ID), http.StatusNotFound)
	for _, path := range []string{"/work/desk", "/work/desk/visitors/new", "/work/desk/visitors/" + who.ID} {
		want(t, b.As(t, "handler-kj").Get(path), http.StatusForbidden)
	}
	want(t, b.As(t, "handler-kj").Post("/work/desk/start", url.Values{}), http.StatusForbidden)
}

// TestWorkLicencePath is the story of a licence as it is clicked through.
func TestWorkLicencePath(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	who := b.Actor(t, "applicant")
	k := b.submitted("applicant", "KJ-0001")
	b.collect(k, cases.AtWindow)

	clerk := b.As(t, "clerk2")
	p := clerk.Get("/work/lists/to_accept")
	p = clerk.Get(webtest.Attr(webtest.Find(webtest.Find(p.Doc(), "tr", "data-row", ""), "a", "", ""), "href"))
	want(t, clerk.Submit(p, "/do/accept", nil), http.StatusOK, "办理中")

	hb := b.As(t, "handler-hb")
	p = hb.Get("/work/lists/group?case=" + string(k.ID))
	hb.Submit(p, "/do/claim", nil)
	want(t, hb.Get("/work/lists/mine"), http.StatusOK, k.Number)
	form := hb.Get(workPath(k, "/do/endorse"))
	want(t, hb.Submit(form, "/do/endorse", url.Values{"often": {"经审查，申请材料齐全，符合规定条件，同意。"}}), http.StatusOK, "我 同意 经审查，申请材料齐全")

	wj := b.As(t, "handler-wj")
	form = wj.Get(workPath(k, "/do/send_back"))
	p = wj.Submit(form, "/do/send_back", url.Values{"point": {"material.facility_plan"}, "reason.material.facility_plan": {"请标明洁污分区"}})
	want(t, p, http.StatusOK, "等待补充", "请标明洁污分区", "暂停")
	want(t, wj.Get("/work/lists/waiting"), http.StatusOK, k.Number)

	b.Clock.Advance(3 * 24 * time.Hour)
	b.attach(who, k.ID, "facility_plan")
	b.must(b.Cases.Reply(b.ctx, who, cases.Ref{ID: k.ID}))
	want(t, wj.Get("/work/lists/mine"), http.StatusOK, k.Number) // it came back to the desk that asked
	for _, login := range []string{"handler-wj", "handler-kj"} {
		c := b.As(t, login)
		want(t, c.Submit(c.Get(workPath(k, "/do/endorse")), "/do/endorse", nil), http.StatusOK)
	}

	approver := b.As(t, "approver")
	want(t, approver.Get("/work/lists/group"), http.StatusOK, k.Number)
	form = approver.Get(workPath(k, "/do/decide"))
	want(t, form, http.StatusOK, "准予决定书正文", k.Number)
	p = approver.Submit(form, "/do/decide", url.Values{"outcome": {"granted"}})
	want(t, p, http.StatusOK, "已批准", "实验动物使用许可证")

	c3 := b.As(t, "clerk3")
	want(t, c3.Get("/work/lists/to_deliver"), http.StatusOK, k.Number)
	form = c3.Get(workPath(k, "/do/deliver"))
	if strings.Contains(form.Body, k.PickupCode) {
		t.Error("the pick-up code is given away")
	}
	p = c3.Submit(form, "/do/deliver", url.Values{"receiver": {"赵启明"}, "pickup": {k.PickupCode[:3] + " " + k.PickupCode[3:]}})
	want(t, p, http.StatusOK, "已办结")
	webtest.A11y(t, p.Doc())
	if s := b.state(k); s.State != cases.Delivered || s.Outcome != cases.Granted {
		t.Errorf("%+v", s)
	}
}
