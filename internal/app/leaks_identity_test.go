package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// theirs is the firm in the files of which marks are planted, and neither
// applicant nor agent belongs to it.
const theirs = "91371671357860695G"

// kept are ids of what was planted in the files of a firm.
type kept struct{ firm, certificate, record, fact string }

// plantFiles puts a certificate, a credit record with its evidence and a fact with
// its paper into the files of a firm.
func plantFiles(t *testing.T, a *apptest.App) (kept, []planted) {
	t.Helper()
	ctx := t.Context()
	mark := func(what string) string { return queryMark + "-" + what + "-9d20b4" }
	e, err := a.Identity.EnterpriseByUSCC(ctx, theirs)
	if err != nil {
		t.Fatal(err)
	}
	owner := a.Actor(t, "luzhengping")
	c, err := a.Identity.Issue(ctx, auth.SystemActor(), identity.IssueInput{Type: "lab_animal_permit", Number: mark("permit"), Holder: e.Party(), Issuer: "kj"})
	if err != nil {
		t.Fatal(err)
	}
	proof := "%PDF-1.4\n% " + mark("proof") + "\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
	r, err := a.Credit.Record(ctx, a.Actor(t, "handler-kj"), credit.Input{
		Code: theirs, Kind: credit.Penalty, Reason: mark("penalty"), From: "2026-02-02", File: &credit.Upload{Name: "a.pdf", Content: strings.NewReader(proof)},
	})
	if err != nil {
		t.Fatal(err)
	}
	paper := "%PDF-1.4\n% " + mark("paper") + "\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
	if _, err := a.Dossier.Declare(ctx, owner, e.ID, dossier.Declaration{
		Key: "address", Value: mark("address"), Reason: mark("moved"), Paper: &dossier.Paper{Name: "a.pdf", Content: strings.NewReader(paper), Limit: 1 << 20},
	}); err != nil {
		t.Fatal(err)
	}
	fact, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT id FROM identity_fact WHERE enterprise_id=$1 AND key='address' AND paper <> ''`, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	kj, looks := []string{"handler-kj", "approver", "head-kj"}, []string{"leader"}
	for _, login := range watchers {
		if strings.HasPrefix(login, "handler-") || strings.HasPrefix(login, "head-") || login == "approver" {
			looks = append(looks, login)
		}
	}
	// The commissioner of the firm and leaders read the list of what it holds.
	desk := []string{"clerk", "clerk2"} // who stands at a window may ask for a certificate on file, with a reason
	return kept{e.ID, c.ID, r.ID, fact}, []planted{
		{name: "a certificate", marks: []string{mark("permit")}, traces: []string{c.Token, c.Code}, readers: slices.Concat([]string{"luzhengping", "fuwu05", "leader"}, kj, desk)},
		{name: "a credit record", marks: []string{mark("penalty")}, readers: slices.Concat([]string{"luzhengping"}, looks)},
		{name: "the evidence of a record", marks: []string{mark("proof")}, readers: slices.Concat([]string{"luzhengping"}, kj)},
		{name: "a fact", marks: []string{mark("address"), mark("moved")}, readers: slices.Concat([]string{"luzhengping", "fuwu05", "leader"}, keepersOf(t, a, e))},
		{name: "the paper of a fact", marks: []string{mark("paper")}, readers: []string{"luzhengping"}},
	}
}

// keepersOf are the watchers whose departments keep a register that speaks of the
// firm.
func keepersOf(t *testing.T, a *apptest.App, e identity.Enterprise) []string {
	t.Helper()
	var out []string
	for _, login := range watchers {
		if login != "" && login != "commissioner" && login != "leader" && a.Dossier.Sees(a.Actor(t, login), e) {
			out = append(out, login)
		}
	}
	return out
}

// filesBelow says whether a route is one of the files of identity.
func filesBelow(path string) bool {
	return slices.ContainsFunc([]string{"/my/certificates", "/work/certificates", "/my/credit", "/work/credit", "/my/firms", "/work/dossiers", "/care", "/work/sheets", "/verify"}, func(p string) bool {
		return strings.HasPrefix(path, p)
	})
}

// TestTheFilesOfAFirmAreItsOwn walks role × route for a certificate, a credit
// record and a fact of a firm: pages, lists, searches, files, exports.
func TestTheFilesOfAFirmAreItsOwn(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k, things := plantFiles(t, a)
	for _, login := range watchers {
		w := &watcher{t: t, login: login, things: things, found: map[string]bool{}}
		c := a.As(t, login)
		c.Follow = false
		actor := auth.Actor{}
		if login != "" {
			actor = a.Actor(t, login)
		}
		get := func(address string) {
			p := c.Get(address)
			w.look(address, []byte(p.Body), p.Header.Get("Location"))
		}
		for _, r := range a.Routes {
			switch {
			case r.Method != http.MethodGet || !r.Need.Met(actor) || strings.HasSuffix(r.Path, "/{$}"):
			case strings.HasPrefix(r.Path, "/admin/audit"): // the trail names what was acted upon, and why: that is what it is for
			case !strings.Contains(r.Path, "{"):
				get(r.Path)
				for _, q := range []string{queryMark, theirs, things[0].marks[0], "渤海衡川测控仪表有限公司"} {
					get(withQuery(r.Path, url.Values{"q": {q}, "query": {q}, "code": {theirs}, "party": {k.firm}}))
				}
			case filesBelow(r.Path):
				for _, id := range []string{k.firm, k.certificate, k.record, k.fact} {
					get(strings.NewReplacer("{id}", id, "{key}", "address", "{fact}", k.fact, "{agent}", k.fact, "{use}", k.fact, "{token}", "x").Replace(r.Path))
				}
			}
		}
		if login == "luzhengping" {
			w.all()
		}
		if login == "handler-kj" && (!w.found[things[1].marks[0]] || !w.found[things[2].marks[0]]) {
			t.Errorf("who entered the record does not find it: %v", w.found)
		}
	}
}

// TestProgramsSeeNoFiles: a program that works for another department, or for
// none, learns nothing of the certificates of a firm, whatever its scopes.
func TestProgramsSeeNoFiles(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k, things := plantFiles(t, a)
	code := things[0].traces[1]
	for name, department := range map[string]string{"of none": "", "of another": "sc", "of the department": "kj"} {
		_, token, err := a.Identity.CreateClientFor(t.Context(), auth.SystemActor(), name, department, auth.Scopes, a.Clock.Now().AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		own := department == "kj"
		seen, c := false, a.As(t, "")
		ask := func(method, path, body string) {
			p := c.Do(method, api.Prefix+path, strings.NewReader(body), http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}})
			seen = seen || strings.Contains(p.Body, things[0].marks[0])
			for _, x := range things {
				for _, m := range x.marks {
					if strings.Contains(p.Body, m) && !own {
						t.Errorf("a program %s is told %s by %s %s", name, x.name, method, path)
					}
				}
			}
			if strings.Contains(p.Body, "衡川") && !strings.HasSuffix(path, "/use") && !strings.HasPrefix(path, "/enterprises") {
				t.Errorf("a program %s is told whose it is by %s %s", name, method, path)
			}
			if strings.HasPrefix(path, "/certificates/") && !strings.HasSuffix(path, "/verify") && !own && p.Status != http.StatusNotFound {
				t.Errorf("a program %s: %s %s: %d", name, method, path, p.Status)
			}
		}
		ask(http.MethodGet, "/certificates", "")
		for _, id := range []string{k.certificate, url.PathEscape(code)} {
			ask(http.MethodGet, "/certificates/"+id, "")
			ask(http.MethodPost, "/certificates/"+id+"/use", `{"reason":"x"}`)
			if !own {
				ask(http.MethodPost, "/certificates/"+id+"/revoke", `{"reason":"x"}`)
			}
		}
		if seen != own {
			t.Errorf("a program %s saw the certificate: %v", name, seen)
		}
	}
}
