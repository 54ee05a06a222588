package mandate_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// bench is the application with the people of the first firm at hand.
type bench struct {
	*apptest.App
	ctx  context.Context
	t    *testing.T
	firm string
}

func newBench(t *testing.T, d *db.DB) bench {
	a := apptest.NewOn(t, d)
	return bench{a, t.Context(), t, a.Actor(t, "applicant").Firms[0]}
}

func (b bench) who(login string) auth.Actor { return b.Actor(b.t, login) }

// of is the authorisation of somebody as the owner sees it.
func (b bench) of(login string) mandate.Person {
	b.t.Helper()
	all, err := b.Mandates.People(b.ctx, b.who("applicant"), b.firm)
	if err != nil {
		b.t.Fatal(err)
	}
	id := b.who(login).ID
	i := slices.IndexFunc(all, func(p mandate.Person) bool { return p.AccountID == id && p.State != mandate.Over })
	if i < 0 {
		b.t.Fatalf("%s is not authorised", login)
	}
	return all[i]
}

func (b bench) appoint(by, login string, g mandate.Grant) error {
	b.t.Helper()
	a, err := b.Identity.AccountByLogin(b.ctx, login)
	if err != nil {
		b.t.Fatal(err)
	}
	_, err = b.Mandates.Appoint(b.ctx, b.who(by), b.firm, a.Phone, a.Name.ZH, g)
	return err
}

func TestLevels(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		is := func(what string, err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		manager, agent := mandate.Grant{Level: auth.LevelManager}, mandate.Grant{Level: auth.LevelAgent}
		is("an agent appoints", b.appoint("agent", "talent", agent), mandate.ErrForbidden)
		is("a stranger appoints", b.appoint("talent", "citizen", agent), mandate.ErrNotFound)
		is("a clerk appoints", b.appoint("clerk", "talent", agent), mandate.ErrNotFound)
		is("the owner makes an owner", b.appoint("applicant", "talent", mandate.Grant{Level: auth.LevelOwner}), mandate.ErrInvalid)
		is("a level out of the air", b.appoint("applicant", "talent", mandate.Grant{Level: "system_admin"}), mandate.ErrInvalid)
		is("the owner makes a manager", b.appoint("applicant", "talent", manager), nil)
		is("twice", b.appoint("applicant", "talent", agent), mandate.ErrActs)
		is("a manager makes an agent", b.appoint("talent", "citizen", agent), nil)
		is("a manager makes a manager", b.appoint("talent", "luzhengping", manager), mandate.ErrForbidden)

		change := func(by, of string, g mandate.Grant) error {
			p := b.of(of)
			return b.Mandates.Change(b.ctx, b.who(by), b.firm, p.Mandate.ID, p.Version, g)
		}
		end := func(by, of, reason string) error {
			_, err := b.Mandates.End(b.ctx, b.who(by), b.firm, b.of(of).Mandate.ID, reason)
			return err
		}
		is("a manager raises an agent", change("talent", "citizen", manager), mandate.ErrForbidden)
		is("a manager raises himself", change("talent", "talent", mandate.Grant{Level: auth.LevelOwner}), mandate.ErrForbidden)
		is("an agent widens his own", change("citizen", "citizen", agent), mandate.ErrForbidden)
		is("a manager ends the owner", end("talent", "applicant", "x"), mandate.ErrForbidden)
		is("the owner leaves alone", end("applicant", "applicant", "x"), mandate.ErrLastOwner)
		is("without a reason", end("applicant", "citizen", " "), mandate.ErrInvalid)
		is("a manager ends an agent", end("talent", "citizen", "换人"), nil)
		is("the owner makes the manager an agent", change("applicant", "talent", agent), nil)
		is("who was a manager appoints", b.appoint("talent", "citizen", agent), mandate.ErrForbidden)
		is("an agent leaves", end("talent", "talent", "离职"), nil)
		if b.who("talent").ActsFor(b.firm) {
			t.Error("he still acts")
		}
		old := b.of("agent")
		is("the owner narrows an agent", change("applicant", "agent", mandate.Grant{Level: auth.LevelAgent, ReadOnly: true}), nil)
		is("with an old page", b.Mandates.Change(b.ctx, b.who("applicant"), b.firm, old.Mandate.ID, old.Version, agent), mandate.ErrOver)
		_, err := b.Mandates.End(b.ctx, b.who("luzhengping"), b.firm, b.of("agent").Mandate.ID, "x")
		is("the owner of another firm", err, mandate.ErrNotFound)
	})
}

// TestAPeriodThatIsOverMakesRoom: no job ends it, and the next one can begin.
func TestAPeriodThatIsOverMakesRoom(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		if err := b.appoint("applicant", "talent", mandate.Grant{Level: auth.LevelAgent, From: "2026-03-05", Until: "2026-03-10"}); err != nil {
			t.Fatal(err)
		}
		acts := func(want bool) {
			t.Helper()
			if got := b.who("talent").ActsFor(b.firm); got != want {
				t.Errorf("on %s he acts: %v", b.Clock.Now(), got)
			}
			agents, err := b.Identity.Agents(b.ctx, b.firm)
			if err != nil || slices.ContainsFunc(agents, func(a identity.Account) bool { return a.Login == "talent" }) != want {
				t.Errorf("the list says otherwise: %v", err)
			}
		}
		acts(false)
		b.Clock.Set(apptest.Start.AddDate(0, 0, 3))
		acts(true)
		b.Clock.Set(apptest.Start.AddDate(0, 0, 9))
		acts(false)
		if err := b.appoint("applicant", "talent", mandate.Grant{Level: auth.LevelAgent}); err != nil {
			t.Fatalf("again: %v", err)
		}
		acts(true)
		if err := b.appoint("applicant", "talent", mandate.Grant{Level: auth.LevelAgent}); errs.KindOf(err) != errs.Conflict {
			t.Errorf("twice: %v", err)
		}
	})
}
