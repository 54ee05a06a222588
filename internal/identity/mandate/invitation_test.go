package mandate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestInvitations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner, invited, other := b.who("applicant"), b.who("talent"), b.who("citizen")
		is := func(what string, err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		make := func(by auth.Actor, name string, g mandate.Grant, hands bool) (mandate.Invitation, string, error) {
			return b.Mandates.Invite(b.ctx, by, b.firm, mandate.InviteInput{Name: name, Grant: g, HandsOver: hands})
		}
		agent := mandate.Grant{Level: auth.LevelAgent, Items: []string{"KJ-0001"}}
		_, _, err := make(b.who("agent"), "沈知远", agent, false)
		is("an agent invites", err, mandate.ErrForbidden)
		_, _, err = make(other, "沈知远", agent, false)
		is("a stranger invites", err, mandate.ErrNotFound)
		_, _, err = make(owner, "沈知远", agent, true)
		is("an agent in the place of the owner", err, mandate.ErrInvalid)

		v, code, err := make(owner, "沈知远", agent, false)
		is("the owner invites", err, nil)
		kept, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[string], `SELECT hash FROM identity_invitation WHERE id=$1`, v.ID)
		if err != nil || strings.Contains(kept, strings.ReplaceAll(code, "-", "")) {
			t.Errorf("the code is kept: %s %v", kept, err)
		}
		_, err = b.Mandates.Invited(b.ctx, other, code)
		is("somebody of another name", err, mandate.ErrInvitation)
		_, err = b.Mandates.Accept(b.ctx, other, code)
		is("and takes it", err, mandate.ErrInvitation)
		_, err = b.Mandates.Accept(b.ctx, b.who("clerk"), code)
		is("a member of staff takes it", err, mandate.ErrInvitation)
		_, err = b.Mandates.Invited(b.ctx, invited, "2222-3333-4444")
		is("a forged code", err, mandate.ErrInvitation)
		_, err = b.Mandates.Invited(b.ctx, invited, "'; DROP TABLE")
		is("no code", err, mandate.ErrInvitation)
		if seen, err := b.Mandates.Invited(b.ctx, invited, strings.ToLower(code)); err != nil || seen.State != mandate.Open || len(seen.Mandate.Items) != 1 {
			t.Errorf("%+v %v", seen, err)
		}
		_, err = b.Mandates.Accept(b.ctx, invited, code)
		is("who it is for", err, nil)
		if who := b.who("talent"); !who.May(b.firm, auth.ModuleCases, "KJ-0001", true) || who.May(b.firm, auth.ModuleCases, "KJ-0002", false) || who.Leads(b.firm, auth.LevelOwner) {
			t.Errorf("%+v", who.Mandates)
		}
		_, err = b.Mandates.Accept(b.ctx, invited, code)
		is("replayed", err, mandate.ErrAnswered)
		is("taken back when it was used", b.Mandates.Recall(b.ctx, owner, b.firm, v.ID), mandate.ErrAnswered)

		v, code, err = make(owner, "何桂芬", agent, false)
		is("another", err, nil)
		is("a stranger takes it back", b.Mandates.Recall(b.ctx, b.who("luzhengping"), b.firm, v.ID), mandate.ErrNotFound)
		is("taken back", b.Mandates.Recall(b.ctx, owner, b.firm, v.ID), nil)
		_, err = b.Mandates.Accept(b.ctx, other, code)
		is("after that", err, mandate.ErrAnswered)
		_, code, err = make(owner, "何桂芬", agent, false)
		is("a third", err, nil)
		is("declined", b.Mandates.Decline(b.ctx, other, code), nil)
		_, err = b.Mandates.Accept(b.ctx, other, code)
		is("after that", err, mandate.ErrAnswered)
		_, code, err = make(owner, "何桂芬", agent, false)
		is("a fourth", err, nil)
		b.Clock.Advance(mandate.InvitationTTL)
		if seen, err := b.Mandates.Invited(b.ctx, other, code); err != nil || seen.State != mandate.Expired {
			t.Errorf("a week later: %+v %v", seen, err)
		}
		_, err = b.Mandates.Accept(b.ctx, other, code)
		is("after a week", err, mandate.ErrAnswered)

		// a manager who was sent away invites nobody any more
		is("a manager", b.appoint("applicant", "luzhengping", mandate.Grant{Level: auth.LevelManager}), nil)
		_, code, err = make(b.who("luzhengping"), "何桂芬", agent, false)
		is("invites", err, nil)
		_, err = b.Mandates.End(b.ctx, owner, b.firm, b.of("luzhengping").Mandate.ID, "离职")
		is("is sent away", err, nil)
		_, err = b.Mandates.Accept(b.ctx, other, code)
		is("what he gave", err, mandate.ErrAnswered)

		// two owners, and the firm handed over: both have said so
		_, code, err = make(owner, "何桂芬", mandate.Grant{Level: auth.LevelOwner}, false)
		is("a second owner", err, nil)
		if b.who("citizen").Leads(b.firm, auth.LevelOwner) {
			t.Error("he is an owner before he said yes")
		}
		_, err = b.Mandates.Accept(b.ctx, other, code)
		is("says yes", err, nil)
		_, code, err = make(owner, "沈知远", mandate.Grant{Level: auth.LevelOwner}, true)
		is("the first one gives his part on", err, nil)
		_, err = b.Mandates.Accept(b.ctx, b.who("talent"), code)
		is("it is taken", err, nil)
		if o, n := b.who("applicant"), b.who("talent"); o.Leads(b.firm, auth.LevelOwner) || !o.Leads(b.firm, auth.LevelManager) || !n.Leads(b.firm, auth.LevelOwner) {
			t.Errorf("%+v %+v", o.Mandates, n.Mandates)
		}
	})
}

// Nor does who hands the codes on himself make as many as he likes.
func TestInvitationsWithoutAnAddressAreCounted(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	for i := range 21 {
		_, _, err := b.Mandates.Invite(b.ctx, b.who("applicant"), b.firm, mandate.InviteInput{Name: "何桂芬", Grant: mandate.Grant{Level: auth.LevelAgent}})
		if (err == nil) != (i < 20) {
			t.Fatalf("invitation %d: %v", i+1, err)
		}
	}
}
