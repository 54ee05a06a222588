package factor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// dropped is told of whom the links are taken off.
type dropped func(account string)

func (d dropped) DropAll(_ context.Context, account string) error {
	d(account)
	return nil
}

func TestACodeFromAWindow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d, factor.Off)
		ctx, from := t.Context(), auth.Actor{From: "192.0.2.9"}
		const name = "周文"
		id := idcode.WithResidentIDCheck("37160219900101123")
		a, err := b.identity.SignUp(ctx, from, identity.SignUpInput{Name: name, IDNumber: id, Phone: "13900020002", Login: "zhouwen", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		owner := auth.Actor{Kind: auth.Person, ID: a.ID, Name: name}
		b.withApp(t, owner)
		window, err := b.identity.SeedAccount(ctx, auth.SystemActor(), identity.Account{Login: "window", Kind: auth.Staff, Name: i18n.Text{ZH: "窗口"}}, []auth.Post{{Role: auth.Clerk, DepartmentID: "kj", Region: "371671"}}, "x")
		if err != nil {
			t.Fatal(err)
		}
		clerk, err := b.identity.Actor(ctx, window.ID)
		if err != nil {
			t.Fatal(err)
		}
		for what, tt := range map[string]struct {
			actor    auth.Actor
			name, id string
			looked   bool
			want     errs.Kind
		}{
			"not by a handler":        {b.clerk, name, id, true, errs.Forbidden},
			"not by himself":          {owner, name, id, true, errs.Forbidden},
			"not without the card":    {clerk, name, id, false, errs.Invalid},
			"not under another name":  {clerk, "周武", id, true, errs.NotFound},
			"not for a mistyped card": {clerk, name, id[:17] + "!", true, errs.Invalid},
			"not for a stranger":      {clerk, name, idcode.WithResidentIDCheck("37160219900101124"), true, errs.NotFound},
		} {
			if _, err := b.svc.PrintCode(ctx, tt.actor, tt.name, tt.id, tt.looked); errs.KindOf(err) != tt.want {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := d.InTx(ctx, func(ctx context.Context) error {
			return d.ExecOne(ctx, `UPDATE identity_account SET phone_proven_at=1, mail_proven_at=1 WHERE id=$1`, a.ID)
		}); err != nil {
			t.Fatal(err)
		}
		links := ""
		b.svc.Links = dropped(func(account string) { links += account })
		first, err := b.svc.PrintCode(ctx, clerk, name, id, true)
		if err != nil {
			t.Fatal(err)
		}
		made, err := b.svc.PrintCode(ctx, clerk, name, id, true)
		if err != nil || made.Code == first.Code || strings.Contains(made.IDNumber, id) {
			t.Fatalf("%+v %v", made, err)
		}
		if real, err := b.identity.RealNameOf(ctx, a); err != nil || len(real) != 2 || real[0].Level != identity.RealWindow || real[1].Level != identity.RealTyped {
			t.Errorf("real name: %+v %v", real, err)
		}
		const fresh = "another long pass"
		for what, try := range map[string][2]string{"one that was replaced": {id, first.Code}, "somebody else": {"clerk", made.Code}, "nobody": {"nobody", made.Code}} {
			if err := b.svc.Recover(ctx, from, try[0], try[1], fresh); !errors.Is(err, factor.ErrRecover) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := b.svc.Recover(ctx, from, id, made.Code, "short"); len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Name != "new_password" {
			t.Errorf("a short password: %v", err)
		}
		if err := b.svc.Recover(ctx, from, id, strings.ToUpper(made.Code), fresh); err != nil {
			t.Fatal(err)
		}
		if err := b.svc.Recover(ctx, from, id, made.Code, fresh); !errors.Is(err, factor.ErrRecover) {
			t.Errorf("a code works twice: %v", err)
		}
		if _, err := b.identity.CheckSignIn(ctx, from, "zhouwen", fresh); err != nil {
			t.Errorf("the new password: %v", err)
		}
		if state, err := b.svc.Of(ctx, a.ID); err != nil || state.Any() || state.Codes != 0 {
			t.Errorf("keys from before are left: %+v %v", state, err)
		}
		if n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_account WHERE id=$1 AND (phone_proven_at <> 0 OR mail_proven_at <> 0)`, a.ID); err != nil || n != 0 {
			t.Errorf("addresses from before count as proven: %v", err)
		}
		if links != a.ID {
			t.Errorf("links of single sign-on are left: %q", links)
		}
		late, err := b.svc.PrintCode(ctx, clerk, name, id, true)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(25 * time.Hour)
		if err := b.svc.Recover(ctx, from, id, late.Code, fresh); !errors.Is(err, factor.ErrRecover) {
			t.Errorf("a day later: %v", err)
		}
		guessed, err := b.svc.PrintCode(ctx, clerk, name, id, true)
		if err != nil {
			t.Fatal(err)
		}
		// Nobody takes the code from its owner by guessing, be it one of a window or one
		// that is sent.
		for range 8 {
			for _, typed := range []string{"xxxx-xxxx-xxxx", "12345678"} {
				if err := b.svc.Recover(ctx, from, id, typed, fresh); !errors.Is(err, factor.ErrRecover) {
					t.Fatal(err)
				}
			}
		}
		if err := b.svc.Recover(ctx, from, id, guessed.Code, fresh); err != nil {
			t.Errorf("after guesses of others: %v", err)
		}
		n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='factor.window_code' AND actor=$1`, "staff:"+clerk.ID)
		if err != nil || n != 4 {
			t.Errorf("%d in the audit trail, %v", n, err)
		}
	})
}
