package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// given are ids of what was planted in policies and grants.
type given struct {
	document, clause string // drafts of the science bureau
	list, line       string // a published list of the labour bureau, the line of luzhengping's firm
	draft            string // a list of the science bureau that is not out
	firm             string
}

// plantMatching puts drafts of policies, a list that is not out, and the account,
// bank and objection of one that is into the house.
func plantMatching(t *testing.T, a *apptest.App) (given, []planted) {
	t.Helper()
	ctx := t.Context()
	mark := func(what string) string { return queryMark + "-" + what + "-77e2c1" }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	kj := a.Actor(t, "handler-kj")
	_, err := a.Policies.SaveDocument(ctx, kj, policy.Document{
		Key: "kj-2027-99", Number: mark("number"), Title: i18n.Text{ZH: mark("title"), EN: mark("title")}, Issuer: i18n.Text{ZH: "科技局", EN: "Science bureau"},
		Department: "kj", Level: policy.Zone, Region: "371671", Issued: "2026-11-01", From: "2027-01-01",
	}, 0)
	must(err)
	_, err = a.Policies.SaveClause(ctx, kj, "kj-2027-99", policy.Clause{Key: "kj-2027-99-1", Place: "第一条", Title: i18n.Text{ZH: mark("clause"), EN: mark("clause")}, Way: policy.Plain, Rule: "staff(-1) >= 12345"}, 0)
	must(err)

	who := a.Actor(t, "luzhengping")
	list, line := granted(t, a, who)
	own, err := a.Grants.Own(ctx, who, line)
	must(err)
	const account = "6217857000077312349"
	must(a.Grants.Answer(ctx, who, grant.Answer{Line: line, Version: own.Line.Version, Bank: mark("bank"), Account: account}))
	must(a.Grants.Object(ctx, a.Actor(t, "citizen"), list, line, mark("objection")))

	out, err := a.Grants.Draft(ctx, kj, "kj-2026-02-1")
	must(err)
	sheet, err := a.Grants.Batch(ctx, kj, out.ID, grant.Filter{})
	must(err)
	_, err = a.Grants.Move(ctx, kj, grant.Ref{ID: out.ID, Version: out.Version}, sheet.Lines.Rows[0].ID, grant.Removed, mark("removed"))
	must(err)
	rs := []string{"handler-rs", "head-rs", "leader"}
	return given{"kj-2027-99", "kj-2027-99-1", list, line, out.ID, own.Line.FirmID}, []planted{
		{name: "a draft of a document", marks: []string{mark("title"), mark("number")}, readers: []string{"handler-kj", "head-kj", "catalogue-admin"}},
		{name: "a draft of a clause", marks: []string{mark("clause"), "12345"}, readers: []string{"handler-kj", "head-kj", "catalogue-admin"}},
		{name: "an account", marks: []string{account, mark("bank")}, readers: append([]string{"luzhengping"}, rs[:2]...)},
		{name: "an objection", marks: []string{mark("objection")}, readers: append([]string{"citizen"}, rs...)},
		{name: "a list that is not out", marks: []string{mark("removed")}, traces: []string{out.ID}, readers: []string{"handler-kj", "head-kj", "approver", "leader"}},
	}
}

// matchingBelow says whether a route is one of policies, pushes, ladders and grants.
func matchingBelow(path string) bool {
	for _, p := range []string{"/policies", "/work/policies", "/my/policies", "/work/grants", "/my/grants", "/publicity", "/work/candidates", "/work/push", "/work/tiers", "/my/tiers", "/tiers", "/care", "/api", "/calendar"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// TestDraftsAndAccountsAreNotShown walks role × route for drafts of policies, a list
// that is not out, and what a firm said on one that is.
func TestDraftsAndAccountsAreNotShown(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
	k, things := plantMatching(t, a)
	kept, err := db.One(t.Context(), a.DB.Read(t.Context()), db.Scalar[string], `SELECT account FROM matching_grant_line WHERE id=$1`, k.line)
	if err != nil || kept == "" || strings.Contains(kept, things[2].marks[0]) {
		t.Errorf("the account is kept as %q, %v", kept, err)
	}
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
			case strings.HasPrefix(r.Path, "/admin/audit"): // the trail names what was acted upon, and why
			case !strings.Contains(r.Path, "{"):
				get(r.Path)
				get(withQuery(r.Path, url.Values{"q": {queryMark}, "key": {k.clause, "kj-2026-01-1"}, "firm": {k.firm}}))
			case matchingBelow(r.Path):
				for _, id := range []string{k.list, k.draft, k.firm} {
					get(strings.NewReplacer("{id}", id, "{key}", k.clause, "{clause}", k.clause, "{document}", k.document, "{line}", k.line, "{rung}", "high_tech", "{cohort}", "held", "{push}", k.line).Replace(r.Path))
				}
			}
		}
		for _, must := range map[string][]string{
			"luzhengping": {things[2].marks[1]}, "handler-kj": {things[0].marks[0], things[1].marks[0], things[4].marks[0]}, "handler-rs": {things[3].marks[0]},
		}[login] {
			if !w.found[must] {
				t.Errorf("%s does not find %s, which is his", login, must)
			}
		}
	}
}
