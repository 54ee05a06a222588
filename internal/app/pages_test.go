package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/intake"
	batches "github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/claim"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// roles are one login for each kind of user; "" is a visitor.
var roles = []string{"", "applicant", "talent", "clerk", "handler-hb", "handler-sc", "approver", "commissioner", "head-kj", "leader", "catalogue-admin", "system-admin", "security-admin", "audit-admin"}

// concrete fills the variables of a route with objects of the demonstration.
func concrete(t *testing.T, a *apptest.App) func(path string) string {
	t.Helper()
	ctx := t.Context()
	one := func(sql string, args ...any) string {
		t.Helper()
		v, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[string], sql, args...)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return v
	}
	who := a.Actor(t, "applicant")
	draft, err := a.Cases.Start(ctx, who, cases.StartInput{ItemCode: "KJ-0004", EnterpriseID: who.Firms[0]})
	if err != nil {
		t.Fatal(err)
	}
	atWindow, err := a.Cases.Start(ctx, a.Actor(t, "clerk"), cases.StartInput{ItemCode: "KJ-0001", AccountID: who.ID, EnterpriseID: who.Firms[0]})
	if err != nil {
		t.Fatal(err)
	}
	submitted, err := handIn(ctx, a.App, who, "KJ-0001", 1)
	if err != nil {
		t.Fatal(err)
	}
	decided, err := handIn(ctx, a.App, who, "KJ-0003", 1)
	if err != nil {
		t.Fatal(err)
	}
	visited, err := a.Visits.Begin(ctx, a.Actor(t, "clerk"), visit.BeginInput{CaseID: submitted.ID})
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := a.Intake.Upload(ctx, a.Actor(t, "catalogue-admin"), intake.UploadInput{Name: "items.csv", Content: strings.NewReader("task_code,name\n1,2\n"), Mapping: "gd"})
	if err != nil {
		t.Fatal(err)
	}
	message := one(`SELECT id FROM notify_message WHERE account_id=$1 ORDER BY id DESC LIMIT 1`, who.ID)
	file := one(`SELECT file_id FROM cases_file WHERE case_id=$1 ORDER BY id LIMIT 1`, string(submitted.ID))
	cert := one(`SELECT id FROM identity_certificate WHERE case_id=$1`, string(decided.ID))
	token := one(`SELECT token FROM identity_certificate WHERE case_id=$1`, string(decided.ID))
	link := one(`SELECT link FROM notify_message WHERE kind='rate' AND account_id=$1 ORDER BY id DESC LIMIT 1`, who.ID)
	blank, publicity := withBlank(t, a), publicised(t, a)
	off, err := a.Notify.UnsubscribeToken(ctx, who.ID, notify.Progress)
	if err != nil {
		t.Fatal(err)
	}
	item, err := a.Catalogue.Item("KJ-0001")
	if err != nil {
		t.Fatal(err)
	}
	moved, err := a.Cases.MoveCases(ctx, a.Actor(t, "catalogue-admin"), item.Code, cases.MoveInput{Refs: []cases.Ref{{ID: submitted.ID}}, To: item.VersionID, Reason: "x"})
	if err != nil {
		t.Fatal(err)
	}
	head := a.Actor(t, "head-kj")
	phrase, err := a.Talk.SavePhrase(ctx, head, talk.Phrase{Department: head.Posts[0].DepartmentID, Use: talk.ForMessage, Title: "x", Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	pdf := talk.Upload{Name: "a.pdf", Content: strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")}
	if _, err := a.Talk.Write(ctx, who, submitted.ID, talk.Input{Text: "x", Files: []talk.Upload{pdf}, Limit: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	sent := one(`SELECT file_id FROM cases_message_file ORDER BY file_id LIMIT 1`)
	hall, err := a.Queue.Hall(ctx, "main")
	if err != nil {
		t.Fatal(err)
	}
	machine, err := a.Queue.MakeMachine(ctx, a.Actor(t, "system-admin"), "main")
	if err != nil {
		t.Fatal(err)
	}
	number, err := a.Queue.Take(ctx, a.Actor(t, "clerk"), queue.TakeInput{LaneID: hall.Lanes[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	clerk := a.Actor(t, "clerk")
	batch, err := a.Lists.Choose(ctx, clerk, cases.ListAll, worklist.Query{}, []cases.Ref{{ID: submitted.ID}})
	if err != nil {
		t.Fatal(err)
	}
	seen, err := a.Cases.View(ctx, clerk, submitted.ID)
	if err != nil {
		t.Fatal(err)
	}
	lent := seen.Materials[slices.IndexFunc(seen.Materials, func(m cases.MaterialState) bool { return m.How == cases.ByCertificate })].Key
	brought, err := a.Certs.Bring(ctx, who, who.ID, certs.Paper{
		Type: "id_card", Number: "X-1", Issuer: "公安局", From: "2020-01-01", File: strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), Name: "a.pdf",
	}, false, false)
	if err != nil {
		t.Fatal(err)
	}
	firm, err := a.Identity.Enterprise(ctx, who.Firms[0])
	if err != nil {
		t.Fatal(err)
	}
	record, err := a.Credit.Record(ctx, a.Actor(t, "approver"), credit.Input{Code: firm.USCC, Kind: "honour", Reason: "x", From: "2026-01-05", File: &credit.Upload{Name: "a.pdf", Content: strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Credit.Ask(ctx, who, record.ID, credit.AskInput{Ask: credit.Object, Text: "写错了单位", File: &credit.Upload{Name: "a.pdf", Content: strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")}}); err != nil {
		t.Fatal(err)
	}
	objection := one(`SELECT id FROM identity_credit_objection WHERE record_id=$1`, record.ID)
	way := map[string]string{} // a file on its way, by who sends it
	for base, who := range map[string]struct {
		actor auth.Actor
		id    cases.ID
	}{"/my/": {who, draft.ID}, "/work/": {clerk, atWindow.ID}} {
		form, err := a.Cases.Form(ctx, who.actor, who.id)
		if err != nil {
			t.Fatal(err)
		}
		u, err := a.Cases.BeginUpload(ctx, who.actor, who.id, form.Item.Materials[0].Key, "a.pdf", "", 1<<10, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		way[base] = strings.NewReplacer("{id}", string(who.id), "{upload}", u.ID).Replace(base + "cases/{id}/uploads/{upload}")
	}
	paper := &dossier.Paper{Name: "a.pdf", Content: strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), Limit: 1 << 20}
	if _, err := a.Dossier.Declare(ctx, who, who.Firms[0], dossier.Declaration{Key: "rd_staff", Year: 2025, Value: "31", Reason: "x", Paper: paper}); err != nil {
		t.Fatal(err)
	}
	said := one(`SELECT id FROM identity_fact WHERE paper <> '' AND key=$1 ORDER BY id LIMIT 1`, "rd_staff")
	register, err := a.Dossier.TakeSheet(ctx, a.Actor(t, "approver"), dossier.Upload{
		Name: "a.csv", Content: strings.NewReader("统一社会信用代码\n"), Limit: 1 << 20, Options: dossier.SheetOptions{Register: "science", AsOf: "2026-01-01"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Mandates.Commission(ctx, who, who.Firms[0], "91371671MA3M20FB9J", mandate.Grant{}); err != nil {
		t.Fatal(err)
	}
	mandated := one(`SELECT id FROM identity_mandate WHERE enterprise_id=$1`, who.Firms[0])
	colleague := a.Actor(t, "handler-kj2").ID
	post := one(`SELECT id FROM identity_post WHERE account_id=$1`, colleague)
	member := one(`SELECT id FROM identity_group_member WHERE account_id=$1`, colleague)
	brings := map[string]string{}
	for _, kind := range a.Batches.Kinds {
		if brings[kind.Key], err = a.Batches.Bring(ctx, a.Actor(t, "approver"), kind.Key, batches.Upload{Name: "a.csv", Content: strings.NewReader("a\n"), Limit: 1 << 20}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Push.Run(ctx); err != nil {
		t.Fatal(err)
	}
	pushed := one(`SELECT id FROM matching_push WHERE enterprise_id=$1 ORDER BY id LIMIT 1`, who.Firms[0])
	clauses, err := a.Policies.Bring(ctx, a.Actor(t, "catalogue-admin"), policy.Upload{Name: "a.csv", Content: strings.NewReader("文件编码,条款编码,标题\nzw-2026-01,zw-2026-01-9,新条款\n"), Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	talent := a.Actor(t, "talent")
	asked, err := a.Claims.Add(ctx, talent, claim.AddInput{
		USCC: firm.USCC, Name: firm.Name.ZH, Representative: firm.LegalRepresentative,
		Paper: &claim.Paper{Name: "a.pdf", Content: strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), Limit: 1 << 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	unverified, err := a.Claims.Add(ctx, a.Actor(t, "citizen"), claim.AddInput{
		USCC: "91371671MAEX003K5K", Name: "渤海某某有限公司", Representative: a.Identity.NameOf(ctx, a.Actor(t, "citizen").ID).ZH, Declare: true, Region: firm.Region,
	})
	if err != nil {
		t.Fatal(err)
	}
	list, line := granted(t, a, a.Actor(t, "luzhengping"))
	if err := a.Tiers.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	return func(path string) string {
		switch {
		case strings.HasPrefix(path, "/work/grants/") || strings.HasPrefix(path, "/publicity/grants/") || strings.HasPrefix(path, "/my/grants/"):
			return strings.NewReplacer("{id}", list, "{line}", line, "{what}", "check", "{objection}", line, "{list}", line).Replace(path)
		case strings.Contains(path, "/organisations/{mandate}"):
			return strings.NewReplacer("{id}", who.Firms[0], "{mandate}", mandated).Replace(path)
		case strings.HasPrefix(path, "/admin/groups/{id}"):
			return strings.NewReplacer("{id}", "kj-contract", "{member}", member).Replace(path)
		case strings.HasPrefix(path, "/admin/staff/{id}"):
			return strings.NewReplacer("{id}", colleague, "{post}", post).Replace(path)
		case strings.HasPrefix(path, "/work/sheets/"):
			return strings.Replace(path, "{id}", brings[strings.Split(path, "/")[3]], 1)
		case strings.Contains(path, "/claims/{id}"):
			return strings.Replace(path, "{id}", asked.Claim, 1)
		case strings.HasPrefix(path, "/work/unverified/"):
			return strings.Replace(path, "{id}", unverified.Firm, 1)
		case strings.Contains(path, "/credit/records/{id}/"):
			return strings.Replace(path, "{id}", record.ID, 1)
		case strings.Contains(path, "/credit/files/{id}"):
			return strings.Replace(path, "{id}", objection, 1)
		case path == "/my/certificates/{id}/file":
			return strings.Replace(path, "{id}", brought.ID, 1)
		case strings.Contains(path, "/colleagues/{agent}"):
			return strings.NewReplacer("{id}", who.Firms[0], "{agent}", who.Mandates[0].ID).Replace(path)
		case strings.Contains(path, "/facts/{key}"):
			return strings.NewReplacer("{id}", who.Firms[0], "{key}", "rd_staff").Replace(path) + "?year=2025"
		case strings.HasPrefix(path, "/work/dossiers/") || strings.Contains(path, "/papers/{fact}"):
			return strings.NewReplacer("{id}", who.Firms[0], "{fact}", said).Replace(path)
		case strings.HasPrefix(path, "/work/registers/"):
			return strings.Replace(path, "{id}", register, 1)
		case strings.Contains(path, "/uploads/{upload}"):
			return way[path[:strings.Index(path, "cases/")]]
		case strings.HasPrefix(path, "/work/batches/{id}"):
			return strings.Replace(path, "{id}", batch.ID, 1)
		case path == "/work/exports/new":
			return "/work/exports/new?list=all"
		case strings.HasPrefix(path, "/work/candidates/"):
			return strings.Replace(path, "{clause}", "kj-2026-01-1", 1)
		case strings.Contains(path, "/policies/") && strings.HasSuffix(path, "/{push}"):
			return strings.Replace(path, "{push}", pushed, 1)
		case strings.HasPrefix(path, "/my/policies/apply/"):
			return "/my/policies/apply/kj-2026-01-1"
		case path == "/policies/compare":
			return "/policies/compare?key=zw-2026-01-1&key=kj-2026-01-1&key=gone"
		case strings.HasPrefix(path, "/work/policies/what-if/"):
			return "/work/policies/what-if/kj-2026-01-1"
		case strings.HasPrefix(path, "/work/policies/sheets/{id}"):
			return strings.Replace(path, "{id}", clauses, 1)
		case strings.HasPrefix(path, "/policies/"), strings.HasPrefix(path, "/work/policies/documents/"), strings.HasPrefix(path, "/work/policies/clauses/"):
			return strings.NewReplacer("{document}", "zw-2026-01", "{key}", "zw-2026-01-1", "{act}", "propose").Replace(path)
		case strings.Contains(path, "{rung}"):
			return strings.NewReplacer("{rung}", "tech_sme", "{cohort}", "held").Replace(path)
		case strings.HasPrefix(path, "/work/funds/"):
			return "/work/funds/rd-subsidy"
		case path == "/work/cases/{id}/certificate":
			return "/work/cases/" + string(decided.ID) + "/certificate"
		case path == "/work/cases/{id}/lent/{key}":
			return "/work/cases/" + string(submitted.ID) + "/lent/" + lent
		case path == "/publicity/{token}":
			return "/publicity/" + publicity
		case path == notify.UnsubscribePath+"{token}":
			return notify.UnsubscribePath + off
		case strings.Contains(path, "/messages/files/"):
			return strings.NewReplacer("{id}", string(submitted.ID), "{file}", sent).Replace(path)
		case strings.HasPrefix(path, "/work/phrases/"):
			return strings.Replace(path, "{id}", phrase.ID, 1)
		case strings.HasPrefix(path, "/guide/"):
			return strings.Replace(path, "{key}", "open-firm", 1)
		case strings.HasPrefix(path, "/kiosk/open/"):
			return "/kiosk/open/" + machine
		case strings.HasPrefix(path, "/ticket/"):
			return "/ticket/" + number.Token
		case strings.HasPrefix(path, "/admin/halls/{hall}"):
			return strings.NewReplacer("{hall}", hall.ID, "{letter}", "A").Replace(path)
		case strings.HasPrefix(path, "/queue/{hall}"):
			return strings.Replace(path, "{hall}", hall.ID, 1)
		case strings.HasPrefix(path, "/work/visits/"):
			return strings.NewReplacer("{id}", string(visited.ID), "{case}", string(submitted.ID), "{command}", "ask").Replace(path)
		case strings.HasPrefix(path, "/themes/"):
			return "/themes/innovation"
		case strings.HasPrefix(path, "/sitemap/"):
			return "/sitemap/1.xml"
		case path == "/items/{code}/files/{file}":
			return blank
		case path == "/admin/items/{code}/files/{file}":
			return "/admin" + blank
		case strings.Contains(path, "life-events/{key}"):
			return strings.Replace(path, "{key}", "open-firm", 1)
		}
		if strings.HasPrefix(path, "/rate/{token}") {
			return strings.Replace(path, "/rate/{token}", link, 1)
		}
		id := string(submitted.ID)
		switch {
		case strings.Contains(path, "/feed/open/"):
			id = message
		case strings.HasPrefix(path, "/admin/import/mappings/"):
			return strings.Replace(path, "{key}", "gd", 1)
		case strings.HasPrefix(path, "/admin/import/{id}"):
			id = sheet.ID
		case path == "/qr":
			return "/qr?path=/items/KJ-0001"
		case strings.HasPrefix(path, "/work/") && (strings.HasSuffix(path, "/form") || strings.HasSuffix(path, "/review")):
			id = string(atWindow.ID)
		case strings.HasSuffix(path, "/form") || strings.Contains(path, "/review"):
			id = string(draft.ID)
		case strings.Contains(path, "firms/{id}"):
			id = who.Firms[0]
		case strings.Contains(path, "certificates/{id}"):
			id = cert
		case strings.Contains(path, "departments/{id}"):
			id = "kj"
		case strings.Contains(path, "visitors/{id}"):
			id = who.ID
		}
		kind := "receipt"
		return strings.NewReplacer("{id}", id, "{file}", file, "{token}", token, "{code}", "KJ-0001", "{department}", "kj", "{key}", "permit", "{part}", "basics", "{list}", "all", "{command}", "note",
			"{kind}", kind, "{run}", moved.ID, "{$}", "").Replace(path)
	}
}

// granted publishes a list of automatic grants with a firm of the person on it.
// Clauses come into force in the year of the demonstration, so the clock is moved.
func granted(t *testing.T, a *apptest.App, who auth.Actor) (list, line string) {
	t.Helper()
	ctx, now := t.Context(), a.Clock.Now()
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	defer a.Clock.Set(now)
	b, err := a.Grants.Draft(ctx, a.Actor(t, "handler-rs"), "rs-2026-02-1")
	if err != nil {
		t.Fatal(err)
	}
	if b, err = a.Grants.Check(ctx, a.Actor(t, "handler-rs"), grant.Ref{ID: b.ID, Version: b.Version}); err != nil {
		t.Fatal(err)
	}
	if b, err = a.Grants.Release(ctx, a.Actor(t, "approver-rs"), grant.Ref{ID: b.ID, Version: b.Version}); err != nil {
		t.Fatal(err)
	}
	mine, err := a.Grants.Mine(ctx, who)
	if err != nil || len(mine) == 0 {
		t.Fatalf("nothing for a firm of the person: %v", err)
	}
	return b.ID, mine[0].Line.ID
}

// withBlank gives a material of an item a blank form and returns its address.
func withBlank(t *testing.T, a *apptest.App) string {
	t.Helper()
	ctx := t.Context()
	f, err := a.Catalogue.KeepFile(ctx, a.Actor(t, "catalogue-admin"), "KJ-0007", "blank.pdf", strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range z.Items {
		if d.Code == "KJ-0007" {
			d.Materials[0].Blank = f.ID
			if _, err := a.Catalogue.Import(ctx, auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{d}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := a.Catalogue.Load(ctx); err != nil {
		t.Fatal(err)
	}
	return "/items/KJ-0007/files/" + f.ID
}

// TestEveryPageForEveryRole walks the table of routes: every page for every
// kind of user in both languages. A page answers, sends to sign in, or says no
// in the right way; it never fails, and what it shows passes the checks.
func TestEveryPageForEveryRole(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	if err := a.FillHistory(t.Context(), 40, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	path := concrete(t, a)
	shown := map[string]bool{}
	for _, login := range roles {
		for _, l := range i18n.Locales {
			c := a.As(t, login)
			c.Follow = false
			c.Header.Set("Accept-Language", string(l))
			actor := auth.Actor{}
			if login != "" {
				actor = a.Actor(t, login)
			}
			for _, r := range a.Routes {
				if r.Method != http.MethodGet {
					continue
				}
				p := c.Get(path(r.Path))
				name := fmt.Sprintf("%q %s %s: %d", login, l, r.Path, p.Status)
				switch {
				case p.Status >= 500:
					t.Errorf("%s\n%.300s", name, p.Body)
				case !r.Need.Met(actor) && actor.SignedIn() && p.Status != http.StatusForbidden:
					t.Errorf("%s, want 403", name)
				case !r.Need.Met(actor) && !actor.SignedIn() && p.Status != http.StatusSeeOther:
					t.Errorf("%s, want to be sent to sign in", name)
				}
				if p.Status == http.StatusOK || p.Status >= 300 && p.Status < 400 && r.Need.Met(actor) {
					shown[r.Path] = true
				}
				if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") && strings.Contains(p.Body, "<html") {
					for _, problem := range webtest.Problems(p.Doc()) {
						t.Errorf("%s: %s", name, problem)
					}
					if i := strings.Index(p.Text(), "error."); i >= 0 && p.Status < 400 {
						t.Errorf("%s shows a key: %.60s", name, p.Text()[i:])
					}
				}
			}
		}
	}
	// The differences of an import are there once its job has run; intakeweb
	// tests that page.
	shown["/admin/import/{id}/changes"] = true
	shown["/my/grants/{line}"] = true       // of who acts for a firm on the list; grantweb tests it
	shown["/admin/notices/outbox"] = true   // of demonstrations; notifyweb tests it
	shown["/work/exports/{id}/file"] = true // of who asked for it, once its job has run; casesweb tests it
	for _, r := range a.Routes {
		if r.Method == http.MethodGet && !shown[r.Path] {
			t.Errorf("nobody was shown %s", r.Path)
		}
	}
}

// TestWritesNeedTheirRight posts an empty form to every route as everybody who
// lacks its need: nobody gets through, and nothing is written.
func TestWritesNeedTheirRight(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	path := concrete(t, a)
	entries := func() int {
		n, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM audit_entry`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := entries()
	for _, login := range roles {
		c := a.As(t, login)
		c.Follow = false
		actor := auth.Actor{}
		if login != "" {
			actor = a.Actor(t, login)
		}
		for _, r := range a.Routes {
			if r.Method != http.MethodPost || r.Need.Met(actor) {
				continue
			}
			want := http.StatusForbidden
			if !actor.SignedIn() {
				want = http.StatusUnauthorized
			}
			if p := c.Post(path(r.Path), nil); p.Status != want {
				t.Errorf("%q POST %s: %d, want %d", login, r.Path, p.Status, want)
			}
		}
	}
	if got := entries(); got != before {
		t.Errorf("%d audit entries came of it", got-before)
	}
}

// TestWrongMethods: a route that only shows refuses to be posted to.
func TestWrongMethods(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "applicant")
	c.Follow = false
	have := map[string]map[string]bool{}
	for _, r := range a.Routes {
		if have[r.Path] == nil {
			have[r.Path] = map[string]bool{}
		}
		have[r.Path][r.Method] = true
	}
	for p, methods := range have {
		if methods[http.MethodPost] {
			continue
		}
		if got := c.Do(http.MethodDelete, strings.NewReplacer("{", "", "}", "", "$", "").Replace(p), nil, nil); got.Status != http.StatusMethodNotAllowed && got.Status != http.StatusNotFound && got.Status != http.StatusForbidden {
			t.Errorf("DELETE %s: %d", p, got.Status)
		}
	}
	var _ []httpx.Route = a.Routes
}
