package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// limited is the agent of a firm who may do less than everything, with the
// things of the firm that he may see.
type limited struct {
	login string
	grant mandate.Grant
	sees  []string // marks
}

// TestAnAuthorisationIsTheWholeOfIt walks the own pages as people whose
// authorisation for a firm is for its queue only, to read only, and for one item:
// they are shown nothing beyond it, and what they send changes nothing.
func TestAnAuthorisationIsTheWholeOfIt(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	one := func(sql string, args ...any) string {
		t.Helper()
		v, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[string], sql, args...)
		must(err)
		return v
	}
	owner := a.Actor(t, "applicant")
	firm := owner.Firms[0]
	e, err := a.Identity.Enterprise(ctx, firm)
	must(err)
	pdf := func(what string) *strings.Reader {
		return strings.NewReader("%PDF-1.4\n% " + what + "\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
	}
	const fact, brought, record, mine, other = "LK9-fact", "LK9-brought", "LK9-record", "LK9-mine", "LK9-other"

	people := []limited{
		{"citizen", mandate.Grant{Modules: []auth.Module{auth.ModuleQueue}}, nil},
		{"agent", mandate.Grant{ReadOnly: true}, []string{fact, brought, record, mine, other}},
		{"talent", mandate.Grant{Modules: []auth.Module{auth.ModuleCases}, Items: []string{"KJ-0001"}}, []string{mine}},
	}
	for _, p := range people {
		limit(t, a, owner, p)
	}

	_, err = a.Dossier.Declare(ctx, owner, firm, dossier.Declaration{Key: "rd_staff", Year: 2025, Value: "31", Reason: fact, Paper: &dossier.Paper{Name: fact + ".pdf", Content: pdf(fact), Limit: 1 << 20}})
	must(err)
	said := one(`SELECT id FROM identity_fact WHERE enterprise_id=$1 AND paper <> '' ORDER BY id DESC LIMIT 1`, firm)
	cert, err := a.Certs.Bring(ctx, owner, firm, certs.Paper{Type: "tech_sme", Number: brought, From: "2026-01-01", Name: brought + ".pdf", File: pdf(brought)}, false, false)
	must(err)
	must(a.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := a.DB.Exec(ctx, `INSERT INTO identity_certificate_use (id, certificate_id, kind, edition, actor_kind, actor_id, department_id, case_id, case_number, item_name, material, reason, at)
		VALUES ('use-1',$1,'opened',1,'staff',$2,'kj','','','{}','','x',1)`, cert.ID, a.Actor(t, "clerk").ID)
		return err
	}))
	bad, err := a.Credit.Record(ctx, a.Actor(t, "approver"), credit.Input{Code: e.USCC, Kind: credit.Penalty, Reason: record, From: "2026-01-05"})
	must(err)
	about, err := a.Credit.Record(ctx, a.Actor(t, "approver"), credit.Input{Code: e.USCC, Kind: credit.Penalty, Reason: record, From: "2026-01-06"})
	must(err)
	must(a.Credit.Ask(ctx, owner, about.ID, credit.AskInput{Ask: credit.Object, Text: "x", File: &credit.Upload{Name: "a.pdf", Content: pdf(record)}}))
	evidence := one(`SELECT id FROM identity_credit_objection WHERE record_id=$1`, about.ID)
	ids := map[string]cases.ID{mine: a.Submitted(t, "applicant", "KJ-0001").ID, other: a.Submitted(t, "applicant", "KJ-0002").ID}
	for what, id := range ids {
		_, err := a.Talk.Write(ctx, owner, id, talk.Input{Text: what, Limit: 1 << 20})
		must(err)
	}

	// addresses of a route, each with the mark of the thing that it is about.
	addresses := func(path string) map[string]string {
		out := map[string]string{}
		put := func(what string, pairs ...string) { out[strings.NewReplacer(pairs...).Replace(path)] = what }
		switch {
		case strings.Contains(path, "/my/firms/{id}/facts/"), strings.Contains(path, "/my/firms/{id}/papers/"), path == "/my/firms/{id}":
			put(fact, "{id}", firm, "{key}", "rd_staff?year=2025", "{fact}", said)
		case strings.HasPrefix(path, "/my/certificates/{id}"):
			put(brought, "{id}", cert.ID, "{use}", "use-1")
		case path == "/my/credit/files/{id}":
			put(record, "{id}", evidence)
		case strings.HasPrefix(path, "/my/credit/{id}"):
			put(record, "{id}", bad.ID)
		case strings.Contains(path, "cases/{id}"):
			for what, id := range ids {
				file := one(`SELECT file_id FROM cases_file WHERE case_id=$1 ORDER BY id LIMIT 1`, string(id))
				put(what, "{id}", string(id), "{file}", file, "{key}", "facility_plan", "{kind}", "receipt", "{command}", "withdraw", "{upload}", "x", "{message}", "x", "{task}", "x")
			}
		case !strings.Contains(path, "{"):
			put("")
		}
		return out
	}
	state := func() string {
		var out []string
		for _, sql := range []string{
			`SELECT c.id || ' ' || c.version || ' ' || c.state || ' ' || c.offered_to || ' ' || (SELECT count(*) FROM cases_event e WHERE e.case_id=c.id) || ' ' || (SELECT count(*) FROM cases_message m WHERE m.case_id=c.id) FROM cases_case c ORDER BY c.id`,
			`SELECT id || state FROM identity_fact WHERE enterprise_id='` + firm + `' ORDER BY id`,
			`SELECT id || version FROM identity_certificate WHERE holder_id='` + firm + `' ORDER BY id`,
			`SELECT id FROM identity_certificate_complaint ORDER BY id`,
			`SELECT id || version FROM identity_credit_objection ORDER BY id`,
			`SELECT account_id || enterprise_id FROM identity_desk_code WHERE enterprise_id <> '' ORDER BY account_id`,
		} {
			rows, err := db.List(ctx, a.DB.Read(ctx), db.Scalar[string], sql)
			must(err)
			out = append(out, rows...)
		}
		return strings.Join(out, "\n")
	}
	marks := []string{fact, brought, record, mine, other}
	for _, p := range people {
		actor, c := a.Actor(t, p.login), a.As(t, p.login)
		c.Follow = false
		shown := map[string]bool{}
		look := func(address, body string) {
			t.Helper()
			for _, m := range marks {
				if strings.Contains(body, m) {
					shown[m] = true
					if !slices.Contains(p.sees, m) {
						t.Errorf("%s is shown %s at %s", p.login, m, address)
					}
				}
			}
		}
		for _, r := range a.Routes {
			if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, "/my") || !r.Need.Met(actor) {
				continue
			}
			for address, what := range addresses(r.Path) {
				page := c.Get(address)
				look(address, page.Body)
				if page.Status == http.StatusOK && what != "" && !slices.Contains(p.sees, what) {
					t.Errorf("%s opens %s, which is about %s", p.login, address, what)
				}
			}
		}
		for _, m := range p.sees {
			if !shown[m] {
				t.Errorf("%s may see %s and is not shown it", p.login, m)
			}
		}
		before := state()
		for _, r := range a.Routes {
			if r.Method != http.MethodPost || !strings.HasPrefix(r.Path, "/my") || !r.Need.Met(actor) {
				continue
			}
			for address, what := range addresses(r.Path) {
				if p.login == "talent" && what == mine || what == "" {
					continue // his to change, and what is about nothing of the firm
				}
				page := c.Post(address, url.Values{"version": {"1"}, "rev": {"1"}, "text": {"x"}, "reason": {"x"}, "value": {"77"}, "ask": {"object"}, "to": {owner.ID}, "name": {"a.pdf"}, "size": {"10"}})
				look(address, page.Body)
				if now := state(); now != before {
					t.Errorf("%s changes something at %s: %d", p.login, address, page.Status)
					before = now
				}
			}
		}
		bring := certs.Paper{Type: "tech_sme", Number: "LK8-" + p.login, From: "2026-01-01", Name: "a.pdf", File: pdf("x")}
		if _, err := a.Certs.Bring(ctx, actor, firm, bring, false, false); err == nil {
			t.Errorf("%s puts a certificate on file", p.login)
		}
		told := one(`SELECT count(*) || '' FROM notify_message WHERE account_id=$1 AND kind='credit_record'`, actor.ID)
		if want := fmt.Sprint(map[bool]int{true: 2}[slices.Contains(p.sees, record)]); told != want {
			t.Errorf("%s is told of %s records, want %s", p.login, told, want)
		}
	}
}

// limit gives somebody an authorisation for the first firm of an owner, or makes
// the one that he has this.
func limit(t *testing.T, a *apptest.App, owner auth.Actor, p limited) {
	t.Helper()
	p.grant.Level = auth.LevelAgent
	who, firm := a.Actor(t, p.login), owner.Firms[0]
	all, err := a.Mandates.People(t.Context(), owner, firm)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(all, func(x mandate.Person) bool { return x.AccountID == who.ID && x.State != mandate.Over }); i >= 0 {
		err = a.Mandates.Change(t.Context(), owner, firm, all[i].Mandate.ID, all[i].Version, p.grant)
	} else {
		var acc identity.Account
		if acc, err = a.Identity.Account(t.Context(), who.ID); err == nil {
			_, err = a.Mandates.Appoint(t.Context(), owner, firm, acc.Phone, acc.Name.ZH, p.grant)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
