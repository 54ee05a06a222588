package organisation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// grouped is the group of the demonstration, and its member with a login.
func (b bench) grouped(login string) (organisation.Group, organisation.GroupMember) {
	b.t.Helper()
	g, err := b.Offices.Group(b.ctx, b.who("audit-admin"), "kj-contract")
	if err != nil {
		b.t.Fatal(err)
	}
	id := b.id(login)
	for _, m := range g.Members {
		if m.AccountID == id {
			return g, m
		}
	}
	return g, organisation.GroupMember{}
}

func (b bench) leave(login string) {
	b.t.Helper()
	_, m := b.grouped(login)
	b.is(login+" leaves the group", b.Offices.Leave(b.ctx, b.who("system-admin"), "kj-contract", m.ID, m.Version), nil)
}

// task is the first open task of a case for the handlers of kj.
func (b bench) task(id cases.ID) cases.Task {
	b.t.Helper()
	v, err := b.Cases.View(b.ctx, auth.SystemActor(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	i := slices.IndexFunc(v.Tasks, func(t cases.Task) bool {
		return t.State == cases.TaskOpen && t.Role == "handler" && t.DepartmentID == "kj"
	})
	if i < 0 {
		b.t.Fatalf("%+v", v.Tasks)
	}
	return v.Tasks[i]
}

// offered holds the rule of groups against itself: a case stands in the list of
// what somebody can claim exactly when the command is his, and says which it is.
func (b bench) offered(login string, id cases.ID) bool {
	b.t.Helper()
	who := b.who(login)
	rows, err := b.Cases.List(b.ctx, who, cases.Filter{List: cases.ListGroup, Request: page.Request{Size: 200}})
	if err != nil {
		b.t.Fatal(err)
	}
	listed := slices.ContainsFunc(rows.Rows, func(r cases.Row) bool { return r.ID == id })
	v, err := b.Cases.View(b.ctx, who, id)
	if err != nil {
		b.t.Fatal(err)
	}
	if can := v.May(cases.CmdClaim); can != listed {
		b.t.Errorf("%s: may claim %v, list says %v", login, can, listed)
	}
	return listed
}

// TestGroups: what a flow gives to a group only its members of the day take, and
// when nobody of it is left it is the whole department's.
func TestGroups(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k, err := b.Cases.Accept(b.ctx, b.who("clerk"), cases.Ref{ID: b.Submitted(t, "applicant", "KJ-0006").ID})
		if err != nil {
			t.Fatal(err)
		}
		ref := cases.Ref{ID: k.ID}
		if b.task(k.ID).GroupID != "kj-contract" || !b.offered("handler-kj", k.ID) || !b.offered("handler-kj2", k.ID) || b.offered("approver", k.ID) {
			t.Fatalf("%+v", b.task(k.ID))
		}
		of := func(login, assignee string) bool {
			rows, err := b.Cases.List(b.ctx, b.who(login), cases.Filter{List: cases.ListAll, Assignee: assignee, Request: page.Request{Size: 200}})
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(rows.Rows, func(r cases.Row) bool { return r.ID == k.ID })
		}
		if !of("approver", "group:kj-contract") || of("approver", "group:none") || of("approver", "group:") || of("handler-sc", "group:kj-contract") {
			t.Error("the filter of a group")
		}

		// who leaves the group takes nothing with him
		if _, err := b.Cases.Claim(b.ctx, b.who("handler-kj2"), ref); err != nil {
			t.Fatal(err)
		}
		b.leave("handler-kj2")
		if task := b.task(k.ID); task.AssigneeID != "" || task.GroupID != "kj-contract" {
			t.Errorf("%+v", task)
		}
		if b.offered("handler-kj2", k.ID) || !b.offered("handler-kj", k.ID) {
			t.Error("who left still claims")
		}
		_, err = b.Cases.Claim(b.ctx, b.who("handler-kj2"), ref)
		b.is("who left claims", err, cases.ErrNoTask)
		_, err = b.Cases.Endorse(b.ctx, b.who("handler-kj2"), ref, cases.EndorseInput{Opinion: "同意"})
		b.is("who left examines", err, cases.ErrNoTask)

		// by hand: to a colleague outside the group, and back to the group
		approver := b.who("approver")
		_, err = b.Cases.Reassign(b.ctx, approver, ref, cases.ReassignInput{To: b.id("handler-kj2")})
		b.is("to a colleague", err, nil)
		if task := b.task(k.ID); task.GroupID != "" || task.AssigneeID != b.id("handler-kj2") {
			t.Errorf("%+v", task)
		}
		for _, to := range []string{"group:", "group:none", "group:kj"} {
			_, err = b.Cases.Reassign(b.ctx, approver, ref, cases.ReassignInput{To: to})
			b.is(to, err, cases.ErrColleague)
		}
		_, err = b.Cases.Reassign(b.ctx, approver, ref, cases.ReassignInput{To: "group:kj-contract"})
		b.is("to the group", err, nil)
		_, err = b.Cases.Reassign(b.ctx, approver, ref, cases.ReassignInput{To: "group:kj-contract"})
		b.is("to the group that has it", err, cases.ErrColleague)
		if task := b.task(k.ID); task.GroupID != "kj-contract" || task.AssigneeID != "" || b.offered("handler-kj2", k.ID) {
			t.Errorf("%+v", task)
		}

		// a deputy of a member does his tasks
		if _, err := b.Cases.NameDeputy(b.ctx, b.who("handler-kj"), cases.DeputyInput{DeputyID: b.id("handler-kj2"), From: b.Clock.Now(), To: b.Clock.Now().AddDate(0, 0, 5)}); err != nil {
			t.Fatal(err)
		}
		deputy, err := b.Cases.WithDeputies(b.ctx, b.who("handler-kj2"))
		if err != nil {
			t.Fatal(err)
		}
		if v, err := b.Cases.View(b.ctx, deputy, k.ID); err != nil || !v.May(cases.CmdClaim) {
			t.Errorf("a deputy may not: %v", err)
		}

		// nobody is left: the department's, at once and for what comes
		b.leave("handler-kj")
		if task := b.task(k.ID); task.GroupID != "" || !b.offered("handler-kj2", k.ID) || !b.offered("handler-kj", k.ID) {
			t.Errorf("%+v", task)
		}
		more, err := b.Cases.Accept(b.ctx, b.who("clerk"), cases.Ref{ID: b.Submitted(t, "applicant", "KJ-0006").ID})
		if err != nil || b.task(more.ID).GroupID != "" {
			t.Errorf("a group without members gets a task: %+v %v", b.task(more.ID), err)
		}
	})
}

// TestGroupsHaveDays: a member by days is one on those days, without a job.
func TestGroupsHaveDays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.leave("handler-kj2")
		system := b.who("system-admin")
		join := func(login, from, until string) error {
			return b.Offices.Join(b.ctx, system, organisation.MemberInput{Group: "kj-contract", AccountID: b.id(login), From: from, Until: until})
		}
		b.is("from tomorrow for two days", join("handler-kj2", b.day(1), b.day(2)), nil)
		for what, err := range map[string]error{
			"twice":                       join("handler-kj2", b.day(2), ""),
			"of another department":       join("handler-sc", "", ""),
			"a person":                    join("applicant", "", ""),
			"the head, who does no tasks": join("head-kj", "", ""),
		} {
			if !complains(err, "organisation.member") {
				t.Errorf("%s: %v", what, err)
			}
		}
		for what, err := range map[string]error{"yesterday": join("approver", b.day(-1), ""), "backwards": join("approver", b.day(3), b.day(2)), "no day": join("approver", "soon", "")} {
			if !complains(err, "organisation.day") {
				t.Errorf("%s: %v", what, err)
			}
		}
		k, err := b.Cases.Accept(b.ctx, b.who("clerk"), cases.Ref{ID: b.Submitted(t, "applicant", "KJ-0006").ID})
		if err != nil {
			t.Fatal(err)
		}
		if b.offered("handler-kj2", k.ID) {
			t.Error("before his first day")
		}
		b.Clock.Advance(24 * time.Hour)
		if !b.offered("handler-kj2", k.ID) {
			t.Error("on his first day")
		}
		if _, err := b.Cases.Claim(b.ctx, b.who("handler-kj2"), cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(48 * time.Hour)
		_, err = b.Cases.Endorse(b.ctx, b.who("handler-kj2"), cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"})
		b.is("after his last day", err, cases.ErrNoTask)
		b.is("tidied up", b.Offices.RunOut(b.ctx), nil)
		if task := b.task(k.ID); task.AssigneeID != "" || b.offered("handler-kj2", k.ID) || !b.offered("handler-kj", k.ID) {
			t.Errorf("%+v", task)
		}
	})
}

// TestKeepingGroups: who may change groups, and what becomes of them.
func TestKeepingGroups(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		in := organisation.GroupInput{ID: "kj-funds", Department: "kj", Name: i18n.Text{ZH: "资金兑付组"}}
		g, m := b.grouped("handler-kj")
		for _, login := range []string{"security-admin", "audit-admin", "approver", "head-kj", "applicant"} {
			who := b.who(login)
			b.is(login+" opens", b.Offices.OpenGroup(b.ctx, who, in), organisation.ErrForbidden)
			b.is(login+" renames", b.Offices.RenameGroup(b.ctx, who, g.ID, g.Version, in.Name), organisation.ErrForbidden)
			b.is(login+" closes", b.Offices.CloseGroup(b.ctx, who, g.ID, g.Version, "x"), organisation.ErrForbidden)
			b.is(login+" joins", b.Offices.Join(b.ctx, who, organisation.MemberInput{Group: g.ID, AccountID: b.id("approver")}), organisation.ErrForbidden)
			b.is(login+" removes", b.Offices.Leave(b.ctx, who, g.ID, m.ID, m.Version), organisation.ErrForbidden)
		}
		_, err := b.Offices.Groups(b.ctx, b.who("head-kj"))
		b.is("a head reads", err, organisation.ErrForbidden)
		system := b.who("system-admin")
		b.is("opened", b.Offices.OpenGroup(b.ctx, system, in), nil)
		if err := b.Offices.OpenGroup(b.ctx, system, in); !complains(err, "organisation.group_id") {
			t.Errorf("twice: %v", err)
		}
		bad := b.Offices.OpenGroup(b.ctx, system, organisation.GroupInput{ID: "KJ 1", Department: "none"})
		if len(errs.FieldsOf(bad)) != 3 {
			t.Errorf("%v", bad)
		}
		b.is("an old page", b.Offices.RenameGroup(b.ctx, system, g.ID, g.Version+1, in.Name), organisation.ErrOver)
		b.is("renamed", b.Offices.RenameGroup(b.ctx, system, g.ID, g.Version, i18n.Text{ZH: "技术合同组"}), nil)
		if name := b.Identity.Directory().Group(g.ID).Name.ZH; name != "技术合同组" {
			t.Error(name)
		}

		k, err := b.Cases.Accept(b.ctx, b.who("clerk"), cases.Ref{ID: b.Submitted(t, "applicant", "KJ-0006").ID})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Claim(b.ctx, b.who("handler-kj"), cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		g, _ = b.grouped("handler-kj")
		b.is("closed", b.Offices.CloseGroup(b.ctx, system, g.ID, g.Version, "机构调整"), nil)
		if task := b.task(k.ID); task.GroupID != "" || task.AssigneeID != b.id("handler-kj") {
			t.Errorf("what is in hand stays: %+v", task)
		}
		b.is("a closed one", b.Offices.Join(b.ctx, system, organisation.MemberInput{Group: g.ID, AccountID: b.id("approver")}), organisation.ErrOver)
		if len(b.who("handler-kj").Posts[0].Groups) != 0 {
			t.Error("he is of a closed group")
		}
	})
}

// TestTasksOfWhoLeaves: who closes an account says who takes over; what that one
// may not do goes back to the desk.
func TestTasksOfWhoLeaves(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		plain := b.handling()
		grouped, err := b.Cases.Accept(b.ctx, b.who("clerk"), cases.Ref{ID: b.Submitted(t, "applicant", "KJ-0006").ID})
		if err != nil {
			t.Fatal(err)
		}
		b.leave("handler-kj2")
		for _, id := range []cases.ID{plain, grouped.ID} {
			if _, err := b.Cases.Claim(b.ctx, b.who("handler-kj"), cases.Ref{ID: id}); err != nil {
				t.Fatal(err)
			}
		}
		system, left := b.who("system-admin"), b.id("handler-kj")
		n, heirs, err := b.Offices.InHandsOf(b.ctx, system, left)
		if err != nil || n != 2 || len(heirs) != 1 || heirs[0].ID != b.id("handler-kj2") {
			t.Fatalf("%d %+v %v", n, heirs, err)
		}
		_, _, err = b.Offices.InHandsOf(b.ctx, b.who("audit-admin"), left)
		b.is("an auditor asks", err, organisation.ErrForbidden)
		a, err := b.Identity.Account(b.ctx, left)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []string{b.id("handler-sc"), b.id("approver"), left, "nobody"} {
			if err := b.Offices.Close(b.ctx, system, left, a.Version, to, "离职"); !complains(err, "organisation.heir") {
				t.Errorf("to %s: %v", to, err)
			}
		}
		b.is("closed", b.Offices.Close(b.ctx, system, left, a.Version, heirs[0].ID, "离职"), nil)
		for _, id := range []cases.ID{plain, grouped.ID} {
			if task := b.task(id); task.AssigneeID != heirs[0].ID {
				t.Errorf("%+v", task)
			}
			if _, err := b.Cases.Release(b.ctx, b.who("handler-kj2"), cases.Ref{ID: id}); err != nil {
				t.Errorf("it is not his: %v", err)
			}
		}
		if g, _ := b.grouped("handler-kj"); len(g.Members) != 0 {
			t.Errorf("who left is of the group: %+v", g.Members)
		}

		// and without an heir, back to the desk
		if _, err := b.Cases.Claim(b.ctx, b.who("handler-kj2"), cases.Ref{ID: grouped.ID}); err != nil {
			t.Fatal(err)
		}
		b.is("one leaves without an heir", b.closeAccount("system-admin", "handler-kj2"), nil)
		if task := b.task(grouped.ID); task.AssigneeID != "" {
			t.Errorf("%+v", task)
		}
	})
}
