package app_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// extras are names of columns and of what decides over rights: no form asks a
// person for them unless it shows the field.
func extras(value func(name string) string) url.Values {
	out := url.Values{}
	for _, name := range []string{
		"id", "kind", "role", "roles", "level", "state", "status", "version_", "account", "account_id", "party_id", "party_kind", "enterprise", "enterprise_id", "holder_id", "owner",
		"login_", "posts", "department", "department_id", "region", "scopes", "token", "registered_by", "assignee", "assignee_id", "decided_by", "decided_at", "due_at", "promised", "outcome", "price", "fee", "amount_fen",
		"created_at", "is_admin", "admin", "parent_id", "number", "case_id", "receiver_id", "actor", "from_", "popularity", "trust_level", "valid_to", "issuer_id",
	} {
		out.Set(name, value(name))
	}
	return out
}

// everywhere returns where in the database a text stands.
func everywhere(t *testing.T, a *apptest.App, text string) []string {
	t.Helper()
	ctx := t.Context()
	tables, err := db.List(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil || len(tables) < 50 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	var out []string
	for _, table := range tables {
		columns, err := db.List(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT name FROM pragma_table_info('`+table+`')`)
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range columns {
			found, err := db.List(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT substr(CAST("`+column+`" AS TEXT), 1, 300) FROM "`+table+`" WHERE CAST("`+column+`" AS TEXT) LIKE $1 LIMIT 3`, "%"+text+"%")
			if err != nil {
				continue // an index of the search engine's own kind
			}
			for _, f := range found {
				out = append(out, table+"."+column+": "+f)
			}
		}
	}
	return out
}

// rights is everything that says who is who and who may what.
func rights(t *testing.T, a *apptest.App, before bool) []string {
	t.Helper()
	var out []string
	for _, sql := range []string{
		`SELECT 'account ' || id || ' ' || kind || ' ' || state || ' ' || login FROM identity_account WHERE login NOT LIKE 'visitor-%' ORDER BY id`,
		`SELECT 'post ' || account_id || role || department_id || region || ended_at FROM identity_post ORDER BY id`,
		`SELECT 'agent ' || enterprise_id || account_id || level || ended_at FROM identity_agent ORDER BY id`,
		`SELECT 'firm ' || id || uscc || name || region FROM identity_enterprise ORDER BY id`,
		`SELECT 'certificate ' || id || holder_id || type || state || valid_to FROM identity_certificate ORDER BY id`,
		`SELECT 'item ' || id || ' ' || code FROM catalogue_item WHERE code NOT LIKE 'CART-%' ORDER BY id`,
		`SELECT 'program ' || id || scopes || revoked_at FROM identity_client ORDER BY id`,
		`SELECT 'credit ' || id || party_id || kind FROM identity_credit ORDER BY id`,
	} {
		rows, err := db.List(t.Context(), a.DB.Read(t.Context()), db.Scalar[string], sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		out = append(out, rows...)
	}
	if before && len(out) < 300 {
		t.Fatalf("only %d rights", len(out))
	}
	return out
}

// TestMassAssignment sends every form that a page shows, and posts to every
// route without one, with fields that nobody asked for: columns of the tables,
// first with values that would be recognised anywhere, then with values that
// would be worth something. Nothing of the first is kept, the second change no
// right of anybody.
func TestMassAssignment(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	path := concrete(t, a)
	victim := a.Actor(t, "luzhengping")
	before := rights(t, a, true)
	worth := map[string]string{
		"kind": "staff", "role": "system_admin", "roles": "system_admin", "level": "owner", "state": "active", "status": "active", "account": victim.ID, "account_id": victim.ID,
		"party_id": victim.Firms[0], "party_kind": "enterprise", "enterprise": victim.Firms[0], "enterprise_id": victim.Firms[0], "holder_id": victim.ID, "owner": "true", "posts": "system_admin",
		"department": "zw", "department_id": "zw", "region": "371671", "scopes": "cases:write", "is_admin": "true", "admin": "1", "price": "0", "fee": "0", "outcome": "granted", "valid_to": "2099-12-31",
	}
	canary := func(name string) string { return "zzmass-" + name }
	valuable := func(name string) string {
		if v, ok := worth[name]; ok {
			return v
		}
		return "1"
	}
	forms := 0
	for _, login := range []string{"citizen", "applicant", "clerk", "handler-kj"} {
		c, actor := a.As(t, login), a.Actor(t, login)
		c.Follow = false
		sent := map[string]bool{}
		send := func(action string, values url.Values, asked map[string]bool) {
			if strings.HasPrefix(action, "/sign-out") || strings.Contains(action, "handover") || strings.Contains(action, "colleagues") {
				return // what these change is a right, and theirs to change
			}
			for _, value := range []func(string) string{canary, valuable} {
				all := url.Values{}
				for k, v := range values {
					all[k] = slices.Clone(v)
				}
				for k, v := range extras(value) {
					if !asked[k] {
						all[k] = v
					}
				}
				if p := c.Post(action, all); p.Status >= 500 {
					t.Errorf("%s posts to %s: %d", login, action, p.Status)
				}
			}
			forms++
		}
		for _, r := range a.Routes {
			if !r.Need.Met(actor) {
				continue
			}
			if r.Method == http.MethodPost {
				if !strings.HasPrefix(r.Path, "/sign-") && !strings.HasPrefix(r.Path, "/hooks/") {
					send(path(r.Path), nil, nil)
				}
				continue
			}
			if strings.HasPrefix(r.Path, "/sign-") {
				continue
			}
			page := c.Get(path(r.Path))
			if page.Status != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
				continue
			}
			for _, form := range webtest.FindAll(page.Doc(), "form", "", "") {
				action := webtest.Attr(form, "action")
				if action == "" {
					action = page.Path
				}
				if !strings.EqualFold(webtest.Attr(form, "method"), "post") || sent[r.Path+" "+action] {
					continue
				}
				sent[r.Path+" "+action] = true
				asked := map[string]bool{}
				for _, tag := range []string{"input", "select", "textarea", "button"} {
					for _, field := range webtest.FindAll(form, tag, "", "") {
						asked[webtest.Attr(field, "name")] = true
					}
				}
				send(action, webtest.Values(form), asked)
			}
		}
	}
	if forms < 200 {
		t.Errorf("only %d forms were sent", forms)
	}
	for _, at := range everywhere(t, a, "zzmass") {
		t.Errorf("kept: %s", at)
	}
	after := rights(t, a, false)
	gone, come := difference(before, after), difference(after, before)
	for _, x := range gone {
		t.Errorf("gone: %s", x)
	}
	for _, x := range come {
		t.Errorf("come: %s", x)
	}
	others, err := db.List(t.Context(), a.DB.Read(t.Context()), db.Scalar[string], `SELECT id FROM cases_case WHERE party_id=$1 OR account_id=$2`, victim.Firms[0], victim.ID)
	if err != nil || len(others) > 0 {
		t.Errorf("cases in the name of somebody else: %v %v", others, err)
	}
}

// difference is what stands in a and not in b.
func difference(a, b []string) []string {
	in := map[string]bool{}
	for _, x := range b {
		in[x] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return in[x] })
}

// TestProgramsAssignNothing: fields that an operation does not know are refused
// or left alone, and a case stays the program's own.
func TestProgramsAssignNothing(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	_, token, err := a.Identity.CreateClient(t.Context(), auth.SystemActor(), "OA", auth.Scopes, a.Clock.Now().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	before := rights(t, a, true)
	c := a.As(t, "")
	victim := a.Actor(t, "luzhengping")
	for _, at := range []string{"/api/v1/cases", "/api/v1/items", "/api/v1/cases/x/submit", "/api/v1/cases/x"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			for _, body := range []string{
				`{"item":"KJ-0001","item_code":"KJ-0001","uscc":"91371671MA3TB0009L","account_id":"` + victim.ID + `","party_id":"` + victim.Firms[0] + `","state":"delivered","outcome":"granted","kind":"staff","role":"system_admin","version":99,"price":0}`,
				`{"__proto__":{"role":"system_admin"},"constructor":1}`, `[1]`, `null`, `{"item":`, strings.Repeat(`{"a":`, 20000) + `1` + strings.Repeat(`}`, 20000),
			} {
				p := c.Do(method, at, strings.NewReader(body), http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}})
				if p.Status >= 500 {
					t.Errorf("%s %s %.60s: %d %.200s", method, at, body, p.Status, p.Body)
				}
			}
		}
	}
	if gone, come := difference(before, rights(t, a, false)), difference(rights(t, a, false), before); len(gone)+len(come) > 0 {
		t.Errorf("gone %v, come %v", gone, come)
	}
	bad, err := db.List(t.Context(), a.DB.Read(t.Context()), db.Scalar[string], `SELECT id FROM cases_case WHERE party_id=$1 OR account_id=$2 OR state='delivered' OR outcome <> ''`, victim.Firms[0], victim.ID)
	if err != nil || len(bad) > 0 {
		t.Errorf("%v %v", bad, err)
	}
}

// payloads begin a cell that a spreadsheet would compute.
var payloads = []string{"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "＝1+1", "\t=1+1"}

// TestExportsComputeNothing: firms whose names are formulas turn up in the exports
// of those who work on their cases, and run nothing there.
func TestExportsComputeNothing(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	path := concrete(t, a)
	for i, name := range payloads[:5] {
		who := a.Actor(t, []string{"luzhengping", "weihaoran", "xiaruoyun", "jiangbeichen", "tanyuqing"}[i])
		if err := a.DB.InTx(ctx, func(ctx context.Context) error {
			_, err := a.DB.Exec(ctx, `UPDATE identity_enterprise SET name=$2 WHERE id=$1`, who.Firms[0], db.ToJSON(i18n.Text{ZH: name}))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := handIn(ctx, a.App, who, "KJ-0001", i); err != nil {
			t.Fatal(err)
		}
	}
	sheets, met := 0, map[string]bool{}
	look := func(at string, p *webtest.Page) {
		kind := p.Header.Get("Content-Type")
		if p.Status != http.StatusOK || !strings.Contains(kind, "csv") && !strings.Contains(kind, "spreadsheet") {
			return
		}
		sheets++
		for _, cell := range cellsOf(t, at, kind, p.Body) {
			for _, x := range payloads {
				if strings.Contains(cell.text, x) {
					met[x] = true
				}
			}
			if cell.computed || cell.csv && strings.IndexAny(cell.text, "=+-@\t\r\n＝＋－＠") == 0 {
				t.Errorf("%s computes %q", at, cell.text)
			}
		}
		if d := p.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || p.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %q", at, d)
		}
	}
	for _, login := range []string{"clerk", "handler-kj", "head-kj", "leader", "catalogue-admin"} {
		c, actor := a.As(t, login), a.Actor(t, login)
		for _, r := range a.Routes {
			if r.Method == http.MethodGet && r.Need.Met(actor) && (strings.Contains(r.Path, "export") || strings.Contains(r.Path, ".csv") || strings.Contains(r.Path, ".xlsx") || strings.Contains(r.Path, "sheet")) {
				look(login+" "+r.Path, c.Get(path(r.Path)))
			}
		}
		if login == "catalogue-admin" {
			continue
		}
		for _, format := range []string{"csv", "csv-gb18030", "xlsx"} {
			ask := c.Get("/work/exports/new?list=all")
			look(login+" /work/exports "+format, c.Submit(ask, "/work/exports", url.Values{"format": {format}}))
		}
	}
	if sheets < 10 || len(met) < 5 {
		t.Errorf("only %d sheets with %d payloads", sheets, len(met))
	}
}

type cell struct {
	text          string
	csv, computed bool
}

func cellsOf(t *testing.T, at, kind, body string) []cell {
	t.Helper()
	var out []cell
	if strings.Contains(kind, "csv") {
		if strings.Contains(kind, "gb18030") {
			s, err := simplifiedchinese.GB18030.NewDecoder().String(body)
			if err != nil {
				t.Fatalf("%s: %v", at, err)
			}
			body = s
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		for _, r := range rows {
			for _, c := range r {
				out = append(out, cell{text: c, csv: true})
			}
		}
		return out
	}
	f, err := excelize.OpenReader(bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	defer func() { _ = f.Close() }()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		for i, r := range rows {
			for k, text := range r {
				name, _ := excelize.CoordinatesToCellName(k+1, i+1)
				formula, err := f.GetCellFormula(sheet, name)
				out = append(out, cell{text: text, computed: err != nil || formula != ""})
			}
		}
	}
	return out
}
