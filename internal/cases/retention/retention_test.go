package retention_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/retention"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const day = 24 * time.Hour

func TestThePublishedTableFitsEveryItem(t *testing.T) {
	t.Parallel()
	table, err := retention.Published()
	if err != nil {
		t.Fatal(err)
	}
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for i := range z.Items {
		d := &z.Items[i]
		for _, s := range cases.States {
			r := table.For(d, cases.Online, s)
			if r.Key == "" || r.Years < 1 {
				t.Errorf("%s, %s: no rule", d.Code, s)
			}
			used[r.Key] = true
		}
		if got := table.For(d, cases.Online, cases.Withdrawn).Key; got != "ended" {
			t.Errorf("%s withdrawn: %s", d.Code, got)
		}
		if got := table.For(d, cases.ByAward, cases.Delivered).Key; got != "subsidy" {
			t.Errorf("%s awarded: %s", d.Code, got)
		}
	}
	for _, key := range []string{"ended", "permit", "science", "bundle"} {
		if !used[key] {
			t.Errorf("%s fits nothing", key)
		}
	}
	if len(table.Kinds) < 5 {
		t.Error("the table is short")
	}
}

func TestATableThatForgetsSomethingIsRefused(t *testing.T) {
	t.Parallel()
	const head = "version: \"1\"\nfrom: \"2026-01-01\"\nnotice_days: 30\nobjection_days: 183\nkinds:\n"
	const last = "  - {key: other, name: {zh: 其他, en: Other}, years: 10, basis: {zh: 法, en: Law}}\n"
	if _, err := retention.Parse(head + last); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing":              "",
		"too little notice":    strings.Replace(head, "notice_days: 30", "notice_days: 29", 1) + last,
		"objections forgotten": strings.Replace(head, "183", "60", 1) + last,
		"no kinds":             strings.TrimSuffix(head, "kinds:\n"),
		"no last":              head + "  - {key: a, types: [\"01\"], name: {zh: 其他, en: Other}, years: 10, basis: {zh: 法, en: Law}}\n",
		"all too early":        head + last + strings.Replace(last, "other", "a", 1),
		"twice":                head + strings.Replace(last, "key: other", "key: other, types: [\"01\"]", 1) + last,
		"no basis":             head + strings.Replace(last, "en: Law", "en: \"\"", 1),
		"no years":             head + strings.Replace(last, "years: 10", "years: 0", 1),
		"no end":               head + strings.Replace(last, "key: other", "key: a, states: [handling]", 1) + last,
		"unknown word":         head + strings.Replace(last, "years", "jears", 1),
	} {
		if _, err := retention.Parse(text); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestWhatIsKeptLonger(t *testing.T) {
	t.Parallel()
	table := retention.Table{ObjectionDays: 183}
	end := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		rule retention.Rule
		want time.Time
	}{
		"years":      {retention.Rule{Years: 2}, end.AddDate(2, 0, 0)},
		"objections": {retention.Rule{}, end.AddDate(0, 0, 183)},
		"claw-back":  {retention.Rule{Years: 2, ClawbackYears: 5}, end.AddDate(5, 0, 0)},
	} {
		if got := table.Due(x.rule, end, end); !got.Equal(x.want) {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
	if got := table.Due(retention.Rule{Years: 1, ClawbackYears: 5}, time.Time{}, end); !got.Equal(end.AddDate(1, 0, 0)) {
		t.Errorf("never decided: %v", got)
	}
}

type bench struct {
	*apptest.App
	t *testing.T
}

func (b bench) sweep() {
	b.t.Helper()
	if err := b.Retention.Sweep(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b bench) exec(query string, args ...any) {
	b.t.Helper()
	if err := b.DB.InTx(b.t.Context(), func(ctx context.Context) error { _, err := b.DB.Exec(ctx, query, args...); return err }); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
}

func (b bench) count(query string, args ...any) int {
	b.t.Helper()
	n, err := db.One(b.t.Context(), b.DB.Read(b.t.Context()), db.Scalar[int], query, args...)
	if err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (b bench) erased(id cases.ID) bool {
	b.t.Helper()
	at, err := b.Retention.ErasedAt(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return !at.IsZero()
}

// withdrawn is a case that has come to its end.
func (b bench) withdrawn() cases.Case {
	b.t.Helper()
	k := b.Submitted(b.t, "applicant", "KJ-0001")
	k, err := b.Cases.Withdraw(b.t.Context(), b.Actor(b.t, "applicant"), cases.Ref{ID: k.ID}, "我的电话13912345678")
	if err != nil {
		b.t.Fatal(err)
	}
	return k
}

// TestWhatIsOldGoes: with notice, all of it, and figures stay.
func TestWhatIsOldGoes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := bench{apptest.NewOn(t, d), t}
		ctx, admin := t.Context(), b.Actor(t, "system-admin")
		k, live := b.withdrawn(), b.Submitted(t, "applicant", "KJ-0001")
		id := string(k.ID)
		figures := b.count(`SELECT count(*) FROM cases_v_fact`)
		b.sweep()
		if board, err := b.Retention.Board(ctx, admin); err != nil || len(board.Next) != 0 {
			t.Errorf("too early: %+v %v", board, err)
		}
		b.Clock.Advance(2*365*day - 29*day)
		b.sweep()
		board, err := b.Retention.Board(ctx, admin)
		if err != nil || len(board.Next) != 1 || board.Next[0].CaseID != k.ID || board.Next[0].ToldAt.IsZero() || board.Next[0].Rule != "ended" {
			t.Fatalf("%+v %v", board, err)
		}
		if n := b.count(`SELECT count(*) FROM notify_message WHERE kind='retention_soon' AND account_id=$1`, k.AccountID); n != 1 {
			t.Errorf("told %d times", n)
		}
		b.sweep() // the same night again
		b.Clock.Advance(29 * day)
		b.sweep()
		if b.erased(k.ID) {
			t.Fatal("gone before the notice was over")
		}
		b.Clock.Advance(2 * day)
		b.sweep()
		if !b.erased(k.ID) {
			t.Fatal("still kept")
		}
		for _, query := range []string{
			`SELECT count(*) FROM cases_file WHERE case_id=$1`, `SELECT count(*) FROM cases_buffer WHERE case_id=$1`, `SELECT count(*) FROM cases_document WHERE case_id=$1`,
			`SELECT count(*) FROM cases_snapshot WHERE case_id=$1 AND CAST(answers AS TEXT) <> '{}'`, `SELECT count(*) FROM cases_event WHERE case_id=$1 AND reason <> ''`,
			`SELECT count(*) FROM notify_message WHERE dedup_key LIKE 'case:' || $1 || ':%'`,
		} {
			if n := b.count(query, id); n != 0 {
				t.Errorf("%s: %d", query, n)
			}
		}
		if n := b.count(`SELECT count(*) FROM cases_v_fact`); n != figures {
			t.Errorf("%d figures, %d before", n, figures)
		}
		if b.erased(live.ID) || b.count(`SELECT count(*) FROM cases_file WHERE case_id=$1`, string(live.ID)) == 0 {
			t.Error("a case that runs lost something")
		}
		// Its page still stands, for both sides.
		if p := b.As(t, "applicant").Get("/my/cases/" + id); p.Status != http.StatusOK || p.Has("13912345678") {
			t.Errorf("applicant: %d", p.Status)
		}
		if p := b.As(t, "clerk").Get("/work/cases/" + id); p.Status != http.StatusOK || p.Has("13912345678") {
			t.Errorf("staff: %d", p.Status)
		}
		if entries, err := b.Audit.OfObject(ctx, "case:"+id); err != nil || entries[0].Action != "retention.erase" && entries[len(entries)-1].Action != "retention.erase" {
			t.Errorf("not in the trail: %v", err)
		}
		b.sweep()
	})
}

// TestNothingGoesWithoutNotice: also where the platform stood still for years.
func TestNothingGoesWithoutNotice(t *testing.T) {
	t.Parallel()
	b := bench{apptest.New(t), t}
	k := b.withdrawn()
	b.Clock.Advance(5 * 365 * day)
	b.sweep()
	b.Clock.Advance(29 * day)
	b.sweep()
	if b.erased(k.ID) {
		t.Fatal("gone within the notice")
	}
	b.Clock.Advance(2 * day)
	b.sweep()
	if !b.erased(k.ID) {
		t.Error("still kept")
	}
}

// TestWhatKeepsACase: each of them, and it goes when that is over.
func TestWhatKeepsACase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := bench{apptest.NewOn(t, d), t}
		k := b.withdrawn()
		id := string(k.ID)
		b.Clock.Advance(2 * 365 * day)
		b.sweep()
		b.Clock.Advance(31 * day)
		b.exec(`INSERT INTO cases_task (id, case_id, stage, key, name, department_id, role, decides, state, assignee_id, due_at, result, opinion, done_by, created_at, done_at, version)
			SELECT 'task', id, 'x', 'x', '{}', department_id, 'handler', FALSE, 'done', '', 0, '', '', '', 1, 1, 1 FROM cases_case WHERE id=$1`, id)
		b.exec(`INSERT INTO identity_certificate_use (id, certificate_id, kind, edition, actor_kind, actor_id, department_id, case_id, case_number, item_name, material, reason, at)
			SELECT 'use', (SELECT min(id) FROM identity_certificate), 'opened', 1, 'staff', 'x', 'kj', id, '', '{}', 'x', 'x', 1 FROM cases_case WHERE id=$1`, id)
		for _, x := range []struct{ why, set, undo string }{
			{retention.Objection, `INSERT INTO cases_objection (id, case_id, task_id, name, contact, body, channel, filed_by, filed_at, upheld, answer, answered_by, answered_at, version) VALUES ('o',$1,'task','x','x','x','online','',1,FALSE,'','',0,1)`, `DELETE FROM cases_objection WHERE case_id=$1`},
			{retention.Objection, `INSERT INTO cases_publicity (task_id, case_id, token, opened_at, until_at, ended_at) VALUES ('task',$1,'t',1,2,0)`, `DELETE FROM cases_publicity WHERE case_id=$1`},
			{retention.Credit, `INSERT INTO identity_credit (id, party_kind, party_id, kind, reason, source, case_id, from_on, until_on, repaired_at, repaired_by, recorded_by, recorded_at, version) VALUES ('c','enterprise','x','bad','x','x',$1,'2026-01-01','2099-01-01',0,'','x',1,1)`, `UPDATE identity_credit SET until_on='2026-02-01' WHERE case_id=$1`},
			{retention.Credit, `INSERT INTO identity_credit_objection (id, record_id, ask, text, fulfilled_on, file_id, by_id, at, due_at, state, decision, decided_by, decided_at, version) SELECT 'co', id, 'object', 'x', '', '', 'x', 1, 1, 'asked', '', '', 0, 1 FROM identity_credit WHERE case_id=$1`, `UPDATE identity_credit_objection SET state='rejected' WHERE record_id IN (SELECT id FROM identity_credit WHERE case_id=$1)`},
			{retention.Complaint, `INSERT INTO identity_certificate_complaint (id, use_id, department_id, text, by_id, at, answer, upheld, answered_by, answered_at, version) SELECT 'cc', id, 'kj', 'x', 'x', 1, '', FALSE, '', 0, 1 FROM identity_certificate_use WHERE case_id=$1 AND id='use'`, `UPDATE identity_certificate_complaint SET answer='x' WHERE use_id IN (SELECT id FROM identity_certificate_use WHERE case_id=$1)`},
			{retention.Promise, `UPDATE cases_case SET verify_at=1 WHERE id=$1`, `UPDATE cases_case SET verify_at=0 WHERE id=$1`},
			{retention.Promise, `INSERT INTO cases_gap (case_id, key, due_at, opened_at, reminded_at, closed_at, closed_how, closed_by, reason, version) VALUES ($1,'x',1,1,0,0,'','','',1)`, `DELETE FROM cases_gap WHERE case_id=$1`},
			{retention.Runs, `UPDATE cases_case SET state='handling' WHERE id=$1`, `UPDATE cases_case SET state='withdrawn' WHERE id=$1`},
			{retention.Held, `INSERT INTO cases_retention_hold (id, case_id, reason, until_at, set_by, set_at, lifted_by, lifted_at, version) VALUES ('h',$1,'诉讼',9000000000000,'x',1,'',0,1)`, `DELETE FROM cases_retention_hold WHERE case_id=$1`},
		} {
			b.exec(x.set, id)
			b.Clock.Advance(day)
			b.sweep()
			if b.erased(k.ID) {
				t.Fatalf("%s: erased", x.why)
			}
			b.exec(x.undo, id)
			board, err := b.Retention.Board(t.Context(), b.Actor(t, "system-admin"))
			if err != nil || len(board.Next) != 1 || board.Next[0].WaitsFor != x.why {
				t.Errorf("%s: %+v %v", x.why, board.Next, err)
			}
		}
		b.Clock.Advance(day)
		b.sweep()
		if !b.erased(k.ID) {
			t.Error("still kept")
		}
	})
}

// TestEachKindGoesInItsTime: a case of each kind of the table is told of thirty
// days before it goes, goes then and not before, and never while it runs.
func TestEachKindGoesInItsTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := bench{apptest.NewOn(t, d), t}
		z, err := demo.Load()
		if err != nil {
			t.Fatal(err)
		}
		table := b.Retention.Table
		of := map[string]cases.ID{} // by the key of its kind
		end := b.Clock.Now()
		for _, r := range table.Kinds {
			k := b.withdrawn()
			if r.Key != "ended" {
				i := slices.IndexFunc(z.Items, func(d catalogue.Definition) bool { return table.For(&d, cases.Online, cases.Delivered).Key == r.Key })
				if i < 0 {
					t.Logf("no item of the demonstration is of the kind %s", r.Key)
					continue
				}
				item, err := b.Catalogue.Item(z.Items[i].Code)
				if err != nil {
					t.Fatal(err)
				}
				b.exec(`UPDATE cases_case SET item_version_id=$2, state='delivered', decided_at=closed_at WHERE id=$1`, string(k.ID), item.VersionID)
			}
			of[r.Key] = k.ID
		}
		if len(of) < 5 {
			t.Fatalf("%d kinds", len(of))
		}
		live := b.Submitted(t, "applicant", "KJ-0001")
		told := func(id cases.ID) bool {
			return b.count(`SELECT count(*) FROM notify_message WHERE kind='retention_soon' AND dedup_key LIKE $1`, "case:"+string(id)+":%") > 0
		}
		b.sweep()
		rules := slices.Clone(table.Kinds)
		slices.SortStableFunc(rules, func(x, y retention.Rule) int { return table.Due(x, end, end).Compare(table.Due(y, end, end)) })
		at := func(when time.Time) { // nothing happens in between
			if when.After(b.Clock.Now()) {
				b.Clock.Set(when)
			}
			b.sweep()
		}
		for _, r := range rules {
			id, ok := of[r.Key]
			if !ok || b.erased(id) {
				continue
			}
			due := table.Due(r, end, end)
			if at(due.Add(-31 * day)); told(id) && b.Clock.Now().Before(due.Add(-30*day)) {
				t.Errorf("%s: told early", r.Key)
			}
			at(due.Add(-30 * day).Add(time.Hour))
			if !told(id) || b.erased(id) {
				t.Errorf("%s: told %v, erased %v, thirty days before", r.Key, told(id), b.erased(id))
			}
			at(due.Add(-time.Hour))
			if b.erased(id) {
				t.Errorf("%s: erased before its day", r.Key)
			}
			at(due.Add(2 * day))
			if !b.erased(id) {
				t.Errorf("%s: still kept after its day", r.Key)
			}
		}
		if b.erased(live.ID) {
			t.Error("a case that runs was erased")
		}
	})
}

// TestHolds: by an administrator, with a reason and an end.
func TestHolds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := bench{apptest.NewOn(t, d), t}
		ctx, admin := t.Context(), b.Actor(t, "system-admin")
		k := b.withdrawn()
		b.sweep()
		until := b.Clock.Now().AddDate(3, 0, 0).Format(time.DateOnly)
		if err := b.Retention.Keep(ctx, b.Actor(t, "clerk"), k.Number, "正在诉讼", until); !errors.Is(err, retention.ErrForbidden) {
			t.Errorf("a clerk holds: %v", err)
		}
		if err := b.Retention.Keep(ctx, auth.Actor{}, k.Number, "正在诉讼", until); !errors.Is(err, retention.ErrForbidden) {
			t.Errorf("a visitor holds: %v", err)
		}
		page := b.As(t, "system-admin")
		for name, bad := range map[string]url.Values{
			"nothing": {}, "no such case": {"number": {"x"}, "reason": {"正在诉讼"}, "until": {until}}, "no reason": {"number": {k.Number}, "reason": {"x"}, "until": {until}},
			"no end": {"number": {k.Number}, "reason": {"正在诉讼"}}, "an end that is over": {"number": {k.Number}, "reason": {"正在诉讼"}, "until": {"2026-01-01"}}, "for ever": {"number": {k.Number}, "reason": {"正在诉讼"}, "until": {"2099-01-01"}},
		} {
			if p := page.Post("/admin/retention/holds", bad); p.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, p.Status)
			}
		}
		if p := page.Submit(page.Get("/admin/retention"), "/admin/retention/holds", url.Values{"number": {k.Number}, "reason": {"正在诉讼"}, "until": {until}}); p.Status != http.StatusOK || !p.Has("正在诉讼") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		for _, locale := range []string{"en", "zh-CN"} {
			page.Post("/settings/appearance", url.Values{"locale": {locale}})
			for _, path := range []string{"/admin/retention", "/retention"} {
				p := page.Get(path)
				webtest.A11y(t, p.Doc())
				if p.Status != http.StatusOK {
					t.Errorf("%s %s: %d", locale, path, p.Status)
				}
			}
		}
		// On the pages: one asks, the other is offered nothing but to answer.
		first, err := b.Retention.Board(ctx, admin)
		if err != nil || len(first.Holds) != 1 {
			t.Fatalf("%+v %v", first, err)
		}
		of := "/admin/retention/holds/" + first.Holds[0].ID
		if p := page.Submit(page.Get("/admin/retention"), of, url.Values{"lift": {"已经和解"}}); p.Status != http.StatusOK || !p.Has("已经和解") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		second := b.As(t, "audit-admin")
		p := second.Get("/admin/retention")
		webtest.A11y(t, p.Doc())
		if webtest.Find(p.Doc(), "form", "action", "/admin/retention/holds") != nil || page.Post(of+"/end", url.Values{"answer": {"yes"}}).Status != http.StatusForbidden {
			t.Error("who confirms holds, or who asks confirms")
		}
		if p = second.Submit(p, of+"/end", url.Values{"answer": {"no"}}); p.Status != http.StatusOK || p.Has("已经和解") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		b.Clock.Advance(2 * 365 * day)
		b.sweep()
		b.Clock.Advance(31 * day)
		b.sweep()
		board, err := b.Retention.Board(ctx, admin)
		if err != nil || b.erased(k.ID) || len(board.Holds) != 1 {
			t.Fatalf("erased although held: %+v %v", board, err)
		}
		h := board.Holds[0]
		auditor := b.Actor(t, "audit-admin")
		if err := b.Retention.AskLift(ctx, admin, h.ID, h.Version+1, "判决生效"); !errors.Is(err, retention.ErrStale) {
			t.Errorf("stale: %v", err)
		}
		if err := b.Retention.Lift(ctx, auditor, h.ID, h.Version, true); !errors.Is(err, retention.ErrStale) {
			t.Errorf("ended though nobody asked: %v", err)
		}
		if err := b.Retention.AskLift(ctx, auditor, h.ID, h.Version, "判决生效"); !errors.Is(err, retention.ErrForbidden) {
			t.Errorf("who confirms asks: %v", err)
		}
		asks := func() retention.Hold {
			t.Helper()
			board, err := b.Retention.Board(ctx, admin)
			if err != nil || len(board.Holds) != 1 {
				t.Fatalf("%+v %v", board, err)
			}
			if err := b.Retention.AskLift(ctx, admin, h.ID, board.Holds[0].Version, "判决生效"); err != nil {
				t.Fatal(err)
			}
			if err := b.Retention.Lift(ctx, admin, h.ID, board.Holds[0].Version+1, true); !errors.Is(err, retention.ErrForbidden) {
				t.Errorf("one administrator alone: %v", err)
			}
			if board, err = b.Retention.Board(ctx, auditor); err != nil || board.Holds[0].AskedBy != admin.ID || board.Holds[0].Why != "判决生效" {
				t.Fatalf("%+v %v", board, err)
			}
			return board.Holds[0]
		}
		if err := b.Retention.Lift(ctx, auditor, h.ID, asks().Version, false); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(day)
		b.sweep()
		if b.erased(k.ID) {
			t.Fatal("erased though the second said no")
		}
		if err := b.Retention.Lift(ctx, auditor, h.ID, asks().Version, true); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(day)
		b.sweep()
		if !b.erased(k.ID) {
			t.Error("still kept")
		}
		if err := b.Retention.Keep(ctx, admin, k.Number, "正在诉讼", b.Clock.Now().AddDate(0, 0, 60).Format(time.DateOnly)); !errors.Is(err, retention.ErrInvalid) {
			t.Errorf("holds what is gone: %v", err)
		}
	})
}

// TestAHoldCountsForTheWholeOrder: who holds one step keeps its order and the
// other steps; what is on the board says so.
func TestAHoldCountsForTheWholeOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := bench{apptest.NewOn(t, d), t}
		order, one, two, other := b.withdrawn(), b.withdrawn(), b.withdrawn(), b.withdrawn()
		for _, step := range []cases.Case{one, two} {
			b.exec(`UPDATE cases_case SET parent_id=$2 WHERE id=$1`, string(step.ID), string(order.ID))
		}
		b.sweep()
		if err := b.Retention.Keep(t.Context(), b.Actor(t, "system-admin"), one.Number, "正在诉讼", b.Clock.Now().AddDate(3, 0, 0).Format(time.DateOnly)); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(2 * 365 * day)
		b.sweep()
		b.Clock.Advance(31 * day)
		b.sweep()
		if b.erased(order.ID) || b.erased(one.ID) || b.erased(two.ID) || !b.erased(other.ID) {
			t.Errorf("order %v, held %v, its sibling %v, another %v", b.erased(order.ID), b.erased(one.ID), b.erased(two.ID), b.erased(other.ID))
		}
		board, err := b.Retention.Board(t.Context(), b.Actor(t, "system-admin"))
		if err != nil || len(board.Next) != 3 {
			t.Fatalf("%+v %v", board.Next, err)
		}
		for _, l := range board.Next {
			if l.WaitsFor != retention.Held || l.HeldUntil.IsZero() {
				t.Errorf("%+v", l)
			}
		}
		// Held as a whole, by its own number.
		b.exec(`UPDATE cases_retention_hold SET case_id=$1`, string(order.ID))
		b.Clock.Advance(day)
		b.sweep()
		if b.erased(one.ID) || b.erased(two.ID) {
			t.Error("a step went though its order is held")
		}
		b.exec(`UPDATE cases_retention_hold SET lifted_at=1`)
		b.Clock.Advance(day)
		b.sweep()
		if !b.erased(order.ID) || !b.erased(one.ID) || !b.erased(two.ID) {
			t.Error("still kept")
		}
	})
}

// TestNothingComesBackAfterErasure: what was said when it was rated and at the
// window goes too, who looks for the person does not find the case, and nobody
// writes into it any more.
func TestNothingComesBackAfterErasure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := bench{apptest.NewOn(t, d), t}
		ctx, clerk := t.Context(), b.Actor(t, "clerk")
		k := b.withdrawn()
		id := string(k.ID)
		who, err := b.Identity.Account(ctx, k.AccountID)
		if err != nil {
			t.Fatal(err)
		}
		b.exec(`INSERT INTO feedback_invitation (id, case_id, case_number, moment, item_code, item_name, department_id, region, hall_id, clerk_id, account_id, token_hash, created_at, expires_at, answered_at)
			VALUES ('i',$1,$2,'finish',$3,'{}',$4,'371671','','',$5,'h',1,2,1)`, id, k.Number, k.ItemCode, k.DepartmentID, k.AccountID)
		b.exec(`INSERT INTO feedback_rating (id, invitation_id, score, reasons, text, anonymous, state, contact_due_at, rated_at, version) VALUES ('r','i',2,'[]','我的电话13912345678',$1,'closed',0,1,1)`, false)
		b.exec(`INSERT INTO cases_visit (id, region, hall_id, window_id, clerk_id, account_id, enterprise_id, items, note, ticket_id, ticket_number, state, begun_at, parked_at, ended_at, updated_at, version)
			VALUES ('v','371671','','',$1,'','','[]','他的儿子也来了','','','ended',1,0,2,2,1)`, clerk.ID)
		b.exec(`INSERT INTO cases_visit_case (visit_id, case_id, part, added_at) VALUES ('v',$1,'begun',1)`, id)
		finds := func() int {
			t.Helper()
			found, err := b.Cases.List(ctx, clerk, cases.Filter{List: cases.ListAll, Query: who.Phone})
			if err != nil {
				t.Fatal(err)
			}
			return len(found.Rows)
		}
		writes := func() (error, error) {
			_, noted := b.Cases.Note(ctx, clerk, cases.Ref{ID: k.ID}, "他的电话13912345678")
			_, said := b.Talk.Write(ctx, clerk, k.ID, talk.Input{Text: "您的电话13912345678"})
			return noted, said
		}
		if finds() != 1 {
			t.Fatal("not found before")
		}
		if noted, said := writes(); noted != nil || said != nil {
			t.Fatal(noted, said)
		}
		b.sweep()
		b.Clock.Advance(3 * 365 * day)
		b.sweep()
		b.Clock.Advance(31 * day)
		b.sweep()
		if !b.erased(k.ID) {
			t.Fatal("still kept")
		}
		if finds() != 0 {
			t.Error("found by the telephone of who asked")
		}
		if noted, said := writes(); !errors.Is(noted, cases.ErrState) || !errors.Is(said, talk.ErrSilent) {
			t.Errorf("written into what is erased: %v, %v", noted, said)
		}
		if n := b.count(`SELECT count(*) FROM feedback_rating WHERE text <> ''`) + b.count(`SELECT count(*) FROM feedback_invitation WHERE account_id <> ''`) + b.count(`SELECT count(*) FROM cases_visit WHERE note <> ''`); n != 0 {
			t.Errorf("%d things stay", n)
		}
		if n := b.count(`SELECT count(*) FROM feedback_rating WHERE score=2`); n != 1 {
			t.Error("the score went")
		}
	})
}
