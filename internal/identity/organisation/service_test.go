package organisation_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

type bench struct {
	*apptest.App
	ctx context.Context
	t   *testing.T
}

func newBench(t *testing.T, d *db.DB) bench { return bench{apptest.NewOn(t, d), t.Context(), t} }

func (b bench) who(login string) auth.Actor { b.t.Helper(); return b.Actor(b.t, login) }

func (b bench) id(login string) string {
	b.t.Helper()
	a, err := b.Identity.AccountByLogin(b.ctx, login)
	if err != nil {
		b.t.Fatal(err)
	}
	return a.ID
}

func (b bench) is(what string, err, want error) {
	b.t.Helper()
	if !errors.Is(err, want) {
		b.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// complains says whether an error is about a field, with a code.
func complains(err error, code string) bool {
	return slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Code == code })
}

func (b bench) day(n int) string { return workday.DateOf(b.Clock.Now()).AddDays(n).String() }

func (b bench) add(by, to string, role auth.Role, more ...string) (bool, error) {
	in := organisation.Input{AccountID: b.id(to), Post: auth.Post{Role: role, DepartmentID: "zw", Region: "371671"}, Reason: "调岗"}
	if len(more) > 0 {
		in.From = more[0]
	}
	if len(more) > 1 {
		in.Until = more[1]
	}
	return b.Offices.Add(b.ctx, b.who(by), in)
}

// open is the proposal that waits for somebody.
func (b bench) open(login string) organisation.Proposal {
	b.t.Helper()
	all, err := b.Offices.Proposals(b.ctx, b.who("audit-admin"))
	if err != nil {
		b.t.Fatal(err)
	}
	id := b.id(login)
	i := slices.IndexFunc(all, func(p organisation.Proposal) bool { return p.AccountID == id })
	if i < 0 {
		b.t.Fatalf("nothing is proposed for %s", login)
	}
	return all[i]
}

func (b bench) post(login string, role auth.Role) organisation.Post {
	b.t.Helper()
	m, err := b.Offices.Member(b.ctx, b.who("audit-admin"), b.id(login))
	if err != nil {
		b.t.Fatal(err)
	}
	i := slices.IndexFunc(m.Posts, func(p organisation.Post) bool { return p.Role == role && p.State != "over" })
	if i < 0 {
		b.t.Fatalf("%s has no post %s", login, role)
	}
	return m.Posts[i]
}

func (b bench) end(by, login string, role auth.Role, lastDay string) error {
	b.t.Helper()
	p := b.post(login, role)
	return b.Offices.End(b.ctx, b.who(by), p.AccountID, p.ID, p.Version, lastDay, "调岗")
}

func (b bench) closeAccount(by, login string) error {
	b.t.Helper()
	a, err := b.Identity.AccountByLogin(b.ctx, login)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.Offices.Close(b.ctx, b.who(by), a.ID, a.Version, "", "离职")
}

// TestPostsWithDays: a post begins and ends by its day.
func TestPostsWithDays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		_, err := b.add("system-admin", "handler-zw", auth.Commissioner, b.day(2), b.day(5))
		b.is("an ordinary post", err, nil)
		holders := func() int {
			t.Helper()
			list, err := b.Identity.Holders(b.ctx, []string{"zw"}, auth.Commissioner)
			if err != nil {
				t.Fatal(err)
			}
			return len(slices.DeleteFunc(list, func(h identity.Holder) bool { return h.ID != b.id("handler-zw") }))
		}
		for _, tt := range []struct {
			days int
			has  bool
		}{{0, false}, {2, true}, {3, true}, {1, false}} { // days that pass: 0, 2, 5, 6
			b.Clock.Advance(time.Duration(tt.days) * 24 * time.Hour)
			if b.who("handler-zw").Has(auth.Commissioner) != tt.has || holders() == 1 != tt.has {
				t.Errorf("on %s: %v %d", b.day(0), b.who("handler-zw").Posts, holders())
			}
		}
		for name, tt := range map[string]struct {
			more []string
			code string
		}{
			"a past day":         {[]string{b.day(-1)}, "organisation.day"},
			"an end in the past": {[]string{"", b.day(-1)}, "identity.post_days"},
			"an end before it":   {[]string{b.day(5), b.day(4)}, "identity.post_days"},
			"words":              {[]string{"tomorrow"}, "identity.post_days"},
			"a day that is none": {[]string{"2026-13-40"}, "identity.post_days"},
			"the same post anew": {nil, "identity.post_twice"},
		} {
			role := auth.Commissioner
			if tt.code == "identity.post_twice" {
				role = auth.Handler
			}
			if _, err := b.add("system-admin", "handler-zw", role, tt.more...); !complains(err, tt.code) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = b.Offices.Add(b.ctx, b.who("system-admin"), organisation.Input{AccountID: b.id("handler-zw"), Post: auth.Post{Role: auth.Commissioner, DepartmentID: "zw", Region: "371671"}})
		if !complains(err, "organisation.reason") {
			t.Errorf("without a reason: %v", err)
		}
		_, err = b.add("system-admin", "applicant", auth.Handler)
		b.is("a person", err, organisation.ErrNotFound)

		b.is("he ends by a day", b.end("system-admin", "handler-zw", auth.Handler, b.day(1)), nil)
		if !b.who("handler-zw").Has(auth.Handler) {
			t.Error("ended before its day")
		}
		if err := b.end("system-admin", "handler-zw", auth.Handler, b.day(3)); !complains(err, "organisation.day") {
			t.Errorf("longer than it was given: %v", err)
		}
		b.is("an auditor ends one", b.end("audit-admin", "handler-kj", auth.Handler, ""), organisation.ErrForbidden)
		p := b.post("handler-kj", auth.Handler)
		b.is("of somebody else's page", b.Offices.End(b.ctx, b.who("system-admin"), b.id("handler-zw"), p.ID, p.Version, "", "x"), organisation.ErrNotFound)
		b.is("an old page", b.Offices.End(b.ctx, b.who("system-admin"), p.AccountID, p.ID, p.Version+1, "", "x"), organisation.ErrOver)
		b.is("now", b.end("system-admin", "handler-kj", auth.Handler, ""), nil)
		if b.who("handler-kj").Has(auth.Handler) {
			t.Error("still holds it")
		}
		b.is("twice", b.Offices.End(b.ctx, b.who("system-admin"), p.AccountID, p.ID, p.Version+1, "", "x"), organisation.ErrOver)
	})
}

// TestSeparation: every path by which somebody could become two administrators,
// or give himself something.
func TestSeparation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		sys := auth.SystemActor()
		separate := func(what string, err error) {
			t.Helper()
			if !complains(err, "identity.separate_administrators") {
				t.Errorf("%s: %v", what, err)
			}
		}
		post := func(r auth.Role) auth.Post { return auth.Post{Role: r, DepartmentID: "zw", Region: "371671"} }
		both := identity.StaffInput{Login: "both", Password: "a long password", Posts: []auth.Post{post(auth.SecurityAdmin), post(auth.AuditAdmin)}}
		both.Name.ZH = "两头"
		_, _, err := b.Offices.CreateFromConsole(b.ctx, both, true)
		separate("the command line", err)
		_, err = b.Identity.SeedAccount(b.ctx, sys, identity.Account{Login: "both", Kind: auth.Staff, Name: both.Name}, both.Posts, "x")
		if !errors.Is(err, identity.ErrInvalid) {
			t.Errorf("seeding: %v", err)
		}
		_, _, err = b.Offices.Create(b.ctx, b.who("system-admin"), both, "x") // both are proposed: the second does not fit beside the first once that is confirmed
		if err == nil {
			if err := b.confirmAll("security-admin"); !complains(err, "identity.separate_administrators") {
				t.Errorf("both proposed and confirmed: %v", err)
			}
			if who := b.who("both"); who.Has(auth.SecurityAdmin) && who.Has(auth.AuditAdmin) {
				t.Error("holds two")
			}
		}
		_, err = b.add("system-admin", "audit-admin", auth.SystemAdmin)
		separate("proposed for an administrator", err)
		_, err = b.add("system-admin", "audit-admin", auth.SystemAdmin, b.day(30))
		separate("for later", err)
		_, err = b.Identity.GivePost(b.ctx, sys, identity.Held{AccountID: b.id("audit-admin"), Post: post(auth.SystemAdmin)})
		separate("given by the engine", err)

		// a right that was given up makes room, from the day after
		b.is("the auditor leaves", b.end("system-admin", "audit-admin2", auth.AuditAdmin, b.day(10)), nil)
		_, err = b.add("system-admin", "audit-admin2", auth.SecurityAdmin, b.day(10))
		separate("on his last day", err)
		_, err = b.add("system-admin", "audit-admin2", auth.SecurityAdmin, b.day(11))
		b.is("from the day after", err, nil)

		// nobody gives himself, or alone
		_, err = b.add("system-admin", "system-admin", auth.Handler)
		b.is("himself an ordinary post", err, identity.ErrOwnPost)
		_, err = b.add("system-admin", "system-admin", auth.Approver)
		b.is("himself one for two", err, identity.ErrOwnPost)
		for _, by := range []string{"security-admin", "audit-admin", "catalogue-admin", "leader", "applicant"} {
			_, err = b.add(by, "handler-kj", auth.Commissioner)
			b.is(by+" gives", err, organisation.ErrForbidden)
			_, err = b.Offices.Propose(b.ctx, b.who(by), organisation.Input{AccountID: b.id("handler-kj"), Post: post(auth.Head), Reason: "x"})
			b.is(by+" proposes", err, organisation.ErrForbidden)
			_, _, err = b.Offices.Create(b.ctx, b.who(by), both, "x")
			b.is(by+" creates", err, organisation.ErrForbidden)
		}
		for _, h := range []identity.Held{
			{Post: post(auth.Approver)},
			{Post: post(auth.SecurityAdmin), GivenBy: b.id("system-admin"), ConfirmedBy: b.id("security-admin")},
			{Post: post(auth.Leader), GivenBy: b.id("system-admin2"), ConfirmedBy: b.id("system-admin")},
		} {
			h.AccountID = b.id("handler-kj")
			_, err = b.Identity.GivePost(b.ctx, b.who("system-admin"), h)
			b.is("alone "+string(h.Role), err, identity.ErrSecondPerson)
		}
		in := both
		in.Posts = []auth.Post{post(auth.Approver)}
		if _, err = b.Identity.CreateStaff(b.ctx, b.who("system-admin"), in); !complains(err, "identity.second_person") {
			t.Errorf("with a new account: %v", err)
		}
	})
}

// confirmAll confirms what waits and returns the first refusal.
func (b bench) confirmAll(by string) error {
	b.t.Helper()
	all, err := b.Offices.Proposals(b.ctx, b.who(by))
	if err != nil {
		b.t.Fatal(err)
	}
	var first error
	for _, p := range all {
		if p.State == organisation.Open && p.AccountID == b.id("both") {
			if err := b.Offices.Confirm(b.ctx, b.who(by), p.ID, p.Version); err != nil && first == nil {
				first = err
			}
		}
	}
	return first
}

func TestFourEyes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		proposed, err := b.add("system-admin", "handler-zw", auth.Head)
		if err != nil || !proposed || b.who("handler-zw").Has(auth.Head) {
			t.Fatalf("%v %v", proposed, err)
		}
		_, err = b.add("system-admin2", "handler-zw", auth.Head)
		if !complains(err, "organisation.proposed") {
			t.Errorf("the same again: %v", err)
		}
		p := b.open("handler-zw")
		for _, by := range []string{"system-admin", "system-admin2", "audit-admin", "leader", "applicant"} {
			b.is(by+" confirms", b.Offices.Confirm(b.ctx, b.who(by), p.ID, p.Version), organisation.ErrForbidden)
			b.is(by+" refuses", b.Offices.Refuse(b.ctx, b.who(by), p.ID, p.Version, "x"), organisation.ErrForbidden)
		}
		for _, by := range []string{"security-admin", "audit-admin"} {
			b.is(by+" recalls", b.Offices.Recall(b.ctx, b.who(by), p.ID, p.Version, "x"), organisation.ErrForbidden)
		}
		b.is("an old page", b.Offices.Confirm(b.ctx, b.who("security-admin"), p.ID, p.Version+1), organisation.ErrOver)
		b.is("another one", b.Offices.Confirm(b.ctx, b.who("security-admin"), "nothing", 1), organisation.ErrNotFound)
		b.is("confirmed", b.Offices.Confirm(b.ctx, b.who("security-admin"), p.ID, p.Version), nil)
		if h := b.post("handler-zw", auth.Head); !b.who("handler-zw").Has(auth.Head) || h.GivenBy != b.id("system-admin") || h.ConfirmedBy != b.id("security-admin") {
			t.Errorf("%+v", h)
		}
		b.is("twice", b.Offices.Confirm(b.ctx, b.who("security-admin"), p.ID, p.Version+1), organisation.ErrOver)

		_, err = b.add("system-admin", "handler-rs", auth.Approver)
		b.is("another", err, nil)
		p = b.open("handler-rs")
		if err := b.Offices.Refuse(b.ctx, b.who("security-admin"), p.ID, p.Version, " "); !complains(err, "organisation.reason") {
			t.Errorf("no reason: %v", err)
		}
		b.is("refused", b.Offices.Refuse(b.ctx, b.who("security-admin"), p.ID, p.Version, "既审查又审批"), nil)
		if p = b.open("handler-rs"); p.State != organisation.Refused || p.Answer != "既审查又审批" || b.who("handler-rs").Has(auth.Approver) {
			t.Errorf("%+v", p)
		}

		_, err = b.add("system-admin", "handler-gx", auth.Approver)
		b.is("a third", err, nil)
		p = b.open("handler-gx")
		b.Clock.Advance(organisation.ProposalTTL)
		b.is("after 14 days", b.Offices.Confirm(b.ctx, b.who("security-admin"), p.ID, p.Version), organisation.ErrOver)
		if p = b.open("handler-gx"); p.State != organisation.Expired {
			t.Errorf("%+v", p)
		}
		_, err = b.add("system-admin", "handler-gx", auth.Approver)
		b.is("proposed anew", err, nil)

		// who proposed something and is the security administrator later confirms it not
		b.is("he leaves", b.end("system-admin", "system-admin2", auth.SystemAdmin, ""), nil)
		early := b.open("handler-gx")
		if err := b.DB.InTx(b.ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE identity_post_proposal SET proposed_by=$2 WHERE id=$1`, early.ID, b.id("system-admin2"))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		_, err = b.add("system-admin", "system-admin2", auth.SecurityAdmin)
		b.is("and is to be another", err, nil)
		p = b.open("system-admin2")
		b.is("which another confirms", b.Offices.Confirm(b.ctx, b.who("security-admin"), p.ID, p.Version), nil)
		b.is("his own proposal", b.Offices.Confirm(b.ctx, b.who("system-admin2"), early.ID, early.Version), organisation.ErrProposer)
	})
}

// TestLastAdministrator: none of the three can come to have nobody.
func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		for _, role := range identity.Separate {
			name := strings.ReplaceAll(string(role), "_", "-")
			by := "system-admin" // the last of them tries himself
			b.is("the second of "+name, b.closeAccount(by, name+"2"), nil)
			if !b.post(name, role).Last {
				t.Errorf("%s is not shown as the last", name)
			}
			b.is("to end "+name, b.end(by, name, role, ""), organisation.ErrLast)
			b.is("to date "+name, b.end(by, name, role, b.day(300)), organisation.ErrLast)
			if by != name {
				b.is("to close "+name, b.closeAccount(by, name), organisation.ErrLast)
			}
			if who := b.who(name); !who.Has(role) {
				t.Errorf("%s lost it: %+v", name, who)
			}
		}
		b.is("his own account", b.closeAccount("system-admin", "system-admin"), identity.ErrOwnPost)

		// a successor makes room, from his day on
		_, err := b.add("system-admin", "leader", auth.AuditAdmin, b.day(20))
		b.is("a successor", err, nil)
		p := b.open("leader")
		b.is("confirmed", b.Offices.Confirm(b.ctx, b.who("security-admin"), p.ID, p.Version), nil)
		b.is("a day too soon", b.end("system-admin", "audit-admin", auth.AuditAdmin, b.day(18)), organisation.ErrLast)
		b.is("in time", b.end("system-admin", "audit-admin", auth.AuditAdmin, b.day(19)), nil)
		b.is("the successor stays", b.closeAccount("system-admin", "leader"), organisation.ErrLast)
		if gaps, err := b.Offices.Gaps(b.ctx); err != nil || len(gaps) != 0 {
			t.Errorf("%+v %v", gaps, err)
		}
	})
}

// TestTwoLeaveAtOnce: of the last two administrators only one goes.
func TestTwoLeaveAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		one, two, by := b.post("audit-admin", auth.AuditAdmin), b.post("audit-admin2", auth.AuditAdmin), b.who("system-admin")
		var failed [2]error
		var all sync.WaitGroup
		for i, p := range []organisation.Post{one, two} {
			all.Go(func() { failed[i] = b.Offices.End(b.ctx, by, p.AccountID, p.ID, p.Version, "", "x") })
		}
		all.Wait()
		if (failed[0] == nil) == (failed[1] == nil) {
			t.Errorf("%v, %v", failed[0], failed[1])
		}
		if !b.who("audit-admin").Has(auth.AuditAdmin) && !b.who("audit-admin2").Has(auth.AuditAdmin) {
			t.Error("nobody is left")
		}
	})
}

func TestCloseAndReopen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.handling()
		if _, err := b.Cases.Claim(b.ctx, b.who("handler-kj"), cases.Ref{ID: k}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.NameDeputy(b.ctx, b.who("handler-kj2"), cases.DeputyInput{DeputyID: b.id("handler-kj"), From: b.Clock.Now(), To: b.Clock.Now().AddDate(0, 0, 5)}); err != nil {
			t.Fatal(err)
		}
		session := b.As(t, "handler-kj")
		if p := session.Get("/work"); p.Status != 200 {
			t.Fatal(p.Status)
		}
		_, err := b.add("system-admin", "handler-kj", auth.Head)
		b.is("proposed for him", err, nil)
		for _, by := range []string{"security-admin", "audit-admin", "approver", "applicant"} {
			b.is(by+" closes", b.closeAccount(by, "handler-kj"), organisation.ErrForbidden)
		}
		b.is("a person's account", b.closeAccount("system-admin", "applicant"), organisation.ErrNotFound)
		a, err := b.Identity.AccountByLogin(b.ctx, "handler-kj")
		if err != nil {
			t.Fatal(err)
		}
		b.is("an old page", b.Offices.Close(b.ctx, b.who("system-admin"), a.ID, a.Version+1, "", "x"), organisation.ErrOver)
		b.is("closed", b.closeAccount("system-admin", "handler-kj"), nil)

		if p := session.Get("/work"); p.Status == 200 && p.Path == "/work" {
			t.Error("his session goes on")
		}
		if _, err := b.Identity.SignIn(b.ctx, auth.Actor{From: "192.0.2.1"}, "handler-kj", "tongban-demo"); !errors.Is(err, identity.ErrSignIn) {
			t.Errorf("he signs in: %v", err)
		}
		v, err := b.Cases.View(b.ctx, b.who("handler-kj2"), k)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range v.Tasks {
			if task.AssigneeID == a.ID {
				t.Errorf("still in his hands: %+v", task)
			}
		}
		if e := v.Events[len(v.Events)-1]; e.Command != cases.CmdRelease || e.ActorKind != string(auth.System) {
			t.Errorf("%+v", e)
		}
		if list, err := b.Cases.Deputies(b.ctx, b.who("handler-kj2")); err != nil || len(list) != 1 || list[0].Active(b.Clock.Now()) {
			t.Errorf("%+v %v", list, err)
		}
		p := b.open("handler-kj")
		b.is("what was proposed", b.Offices.Confirm(b.ctx, b.who("security-admin"), p.ID, p.Version), organisation.ErrOver)
		_, err = b.add("system-admin", "handler-kj", auth.Handler)
		b.is("a post for a closed account", err, organisation.ErrNotFound)

		a, err = b.Identity.Account(b.ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		b.is("an auditor reopens", b.Offices.Reopen(b.ctx, b.who("audit-admin"), a.ID, a.Version, "x"), organisation.ErrForbidden)
		b.is("reopened", b.Offices.Reopen(b.ctx, b.who("system-admin"), a.ID, a.Version, "返聘"), nil)
		if who := b.who("handler-kj"); who.Kind != auth.Staff || len(who.Posts) != 0 {
			t.Errorf("he comes back with %+v", who)
		}
		// an approver who comes back gets his post by two people again
		b.is("an approver leaves", b.closeAccount("system-admin", "approver-kj2"), nil)
		again, _ := b.Identity.AccountByLogin(b.ctx, "approver-kj2")
		b.is("and comes back", b.Offices.Reopen(b.ctx, b.who("system-admin"), again.ID, again.Version, "x"), nil)
		if b.who("approver-kj2").Has(auth.Approver) {
			t.Error("with what two people gave him")
		}
	})
}

// handling is a case that is with the handlers of kj.
func (b bench) handling() cases.ID {
	b.t.Helper()
	k, err := b.Cases.Accept(b.ctx, b.who("clerk"), cases.Ref{ID: b.Submitted(b.t, "applicant", "KJ-0001").ID})
	if err != nil {
		b.t.Fatal(err)
	}
	return k.ID
}

// TestRunOut: what a post that ended by its day left in the hands goes back.
func TestRunOut(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	k := b.handling()
	if _, err := b.Cases.Claim(b.ctx, b.who("handler-kj"), cases.Ref{ID: k}); err != nil {
		t.Fatal(err)
	}
	b.is("until tomorrow", b.end("system-admin", "handler-kj", auth.Handler, b.day(1)), nil)
	hands := func() int {
		n, err := db.One(b.ctx, b.DB.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM cases_task WHERE state='open' AND assignee_id=$1`, b.id("handler-kj"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	b.is("today", b.Offices.RunOut(b.ctx), nil)
	if hands() != 1 {
		t.Fatal(hands())
	}
	b.Clock.Advance(48 * time.Hour)
	b.is("the day after", b.Offices.RunOut(b.ctx), nil)
	if hands() != 0 {
		t.Error(hands())
	}
}

func TestDepartments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		list, err := b.Offices.Departments(b.ctx, b.who("audit-admin"))
		if err != nil || len(list) == 0 {
			t.Fatalf("%d %v", len(list), err)
		}
		_, err = b.Offices.Departments(b.ctx, b.who("leader"))
		b.is("a leader", err, organisation.ErrForbidden)
		kj := list[slices.IndexFunc(list, func(x organisation.Department) bool { return x.ID == "kj" })]
		in := kj
		in.Phone, in.Name.EN, in.USCC, in.Region = " 0543-8169999 ", "Science Office", "1", "370000"
		for _, by := range []string{"security-admin", "audit-admin", "catalogue-admin", "applicant"} {
			b.is(by, b.Offices.SaveDepartment(b.ctx, b.who(by), in), organisation.ErrForbidden)
		}
		b.is("saved", b.Offices.SaveDepartment(b.ctx, b.who("system-admin"), in), nil)
		b.Clock.Advance(2 * time.Second)
		if got := b.Identity.Directory().Department("kj"); got.Phone != "0543-8169999" || got.Name.EN != "Science Office" || got.USCC != kj.USCC || got.Region != kj.Region {
			t.Errorf("%+v", got)
		}
		b.is("an old page", b.Offices.SaveDepartment(b.ctx, b.who("system-admin"), in), organisation.ErrOver)
		for name, change := range map[string]func(*organisation.Department){
			"organisation.name":  func(x *organisation.Department) { x.Name.ZH = " " },
			"organisation.phone": func(x *organisation.Department) { x.ComplaintPhone = "call us" },
			"organisation.long":  func(x *organisation.Department) { x.Address.ZH = strings.Repeat("路", 121) },
		} {
			bad := in
			change(&bad)
			if err := b.Offices.SaveDepartment(b.ctx, b.who("system-admin"), bad); !complains(err, name) {
				t.Errorf("%s: %v", name, err)
			}
		}
		in.ID = "none"
		b.is("an unknown one", b.Offices.SaveDepartment(b.ctx, b.who("system-admin"), in), organisation.ErrNotFound)
	})
}

func TestConsole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		in := identity.StaffInput{Login: "root", Password: "a long password", Posts: []auth.Post{{Role: auth.SystemAdmin, DepartmentID: "zw", Region: "371671"}}}
		in.Name.ZH = "管理员"
		_, proposed, err := b.Offices.CreateFromConsole(b.ctx, in, false)
		if err != nil || !proposed || b.who("root").Has(auth.SystemAdmin) {
			t.Errorf("%v %v", proposed, err)
		}
		p := b.open("root")
		b.is("confirmed", b.Offices.Confirm(b.ctx, b.who("security-admin"), p.ID, p.Version), nil)
		in.Login = "root2"
		if _, proposed, err = b.Offices.CreateFromConsole(b.ctx, in, true); err != nil || proposed || !b.who("root2").Has(auth.SystemAdmin) {
			t.Errorf("%v %v", proposed, err)
		}
		n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='organisation.without_confirmation' AND object=$1`, "account:"+b.id("root2"))
		if err != nil || n != 1 {
			t.Errorf("the audit trail has it %d times, %v", n, err)
		}
	})
}
