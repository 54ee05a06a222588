package factor_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestOneAdministratorIsNotTwoPeople: who opens an account for somebody who is
// not there gets no post with it that needs a second person, however he signs in.
func TestOneAdministratorIsNotTwoPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d, factor.Off)
		ctx, from := t.Context(), auth.Actor{From: "192.0.2.7"}
		const first, own = "first pass of wang", "a pass of his own"
		a, err := b.identity.CreateStaff(ctx, b.system, identity.StaffInput{
			Login: "wang", Name: i18n.Text{ZH: "王某"}, Phone: "13800001234", Password: first, Posts: []auth.Post{{Role: auth.Handler, DepartmentID: "kj", Region: "371671"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if kept, err := b.identity.Account(ctx, a.ID); err != nil || !kept.PhoneProvenAt.IsZero() {
			t.Errorf("the telephone that another one typed counts as proven: %v", err)
		}
		step := func() factor.Step {
			s, err := b.svc.After(ctx, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		may := func(r auth.Role) bool {
			who, err := b.identity.Actor(ctx, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			return who.Has(r)
		}
		if step() != factor.Own {
			t.Fatal("goes on with the password of another one")
		}
		for what, try := range map[string][2]string{"the same password": {"", first}, "a short one": {"", "short"}, "a code that nobody printed": {"aaaa-bbbb-cccc", own}} {
			if err := b.svc.Activate(ctx, from, a.ID, try[0], try[1]); !errors.Is(err, factor.ErrCode) && !errors.Is(err, identity.ErrInvalid) && err == nil {
				t.Errorf("%s is taken", what)
			}
		}
		if err := b.svc.Activate(ctx, from, a.ID, "", own); err != nil {
			t.Fatal(err)
		}
		if step() != factor.Done || !may(auth.Handler) {
			t.Error("an ordinary post waits for more")
		}
		if err := b.svc.Activate(ctx, from, a.ID, "", "again another pass"); !errors.Is(err, factor.ErrNotFound) {
			t.Errorf("twice: %v", err)
		}
		// The security administrator confirms a post that was proposed for him.
		if _, err := b.identity.GivePost(ctx, b.security, identity.Held{AccountID: a.ID, Post: auth.Post{Role: auth.SecurityAdmin, DepartmentID: "kj", Region: "371671"}, GivenBy: b.system.ID, ConfirmedBy: b.security.ID}); err != nil {
			t.Fatal(err)
		}
		if may(auth.SecurityAdmin) || !may(auth.Handler) || step() != factor.Own {
			t.Fatal("a post has an effect before anybody has seen whose it is")
		}
		if err := b.svc.Activate(ctx, from, a.ID, "", "yet another pass"); !errors.Is(err, factor.ErrCode) {
			t.Errorf("without a code: %v", err)
		}
		for what, actor := range map[string]auth.Actor{"who opened it": b.system, "a handler": b.clerk, "himself": {Kind: auth.Staff, ID: a.ID, Posts: []auth.Post{{Role: auth.SecurityAdmin}}}} {
			if _, err := b.svc.PrintActivation(ctx, actor, a.ID); err == nil {
				t.Errorf("%s prints the code", what)
			}
		}
		opener := b.system
		opener.Posts = append([]auth.Post{{Role: auth.SecurityAdmin, DepartmentID: "kj", Region: "371671"}}, opener.Posts...)
		if _, err := b.svc.PrintActivation(ctx, opener, a.ID); !errors.Is(err, factor.ErrOpener) {
			t.Errorf("who opened it, under another post: %v", err)
		}
		old, err := b.svc.PrintActivation(ctx, b.security, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(8 * 24 * time.Hour)
		if err := b.svc.Activate(ctx, from, a.ID, old.Code, "yet another pass"); !errors.Is(err, factor.ErrCode) {
			t.Errorf("after a week: %v", err)
		}
		made, err := b.svc.PrintActivation(ctx, b.security, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.svc.Activate(ctx, from, b.other.ID, made.Code, "yet another pass"); !errors.Is(err, factor.ErrNotFound) {
			t.Errorf("for another account: %v", err)
		}
		if err := b.svc.Activate(ctx, from, a.ID, made.Code, "yet another pass"); err != nil {
			t.Fatal(err)
		}
		if !may(auth.SecurityAdmin) || step() != factor.Done {
			t.Error("still without effect")
		}
		if _, err := b.svc.PrintActivation(ctx, b.security, a.ID); !errors.Is(err, factor.ErrNotFound) {
			t.Errorf("another code afterwards: %v", err)
		}
		// Accounts that the installation itself opened are not asked.
		if s, err := b.svc.After(ctx, b.other.ID); err != nil || s != factor.Done {
			t.Errorf("an account of the installation: %v %v", s, err)
		}
	})
}
