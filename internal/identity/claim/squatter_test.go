package claim_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/claim"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// namesake signs up under the name of the legal representative of somebody else's firm.
func (b *bench) namesake() auth.Actor {
	b.t.Helper()
	a, err := b.people.SignUp(ctx, auth.Actor{}, identity.SignUpInput{Name: "赵启明", IDNumber: "371602199306150011", Phone: "13900010009", Password: "a long pass", Locale: i18n.Chinese})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.again(a.ID)
}

// Whoever declared a firm while the register did not answer, and has proven
// nothing, acts for it no more once it is verified, whatever verified it.
func TestSquatterActsNoMore(t *testing.T) {
	for name, verify := range map[string]func(t *testing.T, b *bench, firm string){
		"a sheet or a program": func(t *testing.T, b *bench, firm string) {
			if _, err := b.files.Take(ctx, auth.SystemActor(), dossier.Opening{USCC: uscc, Words: []dossier.Word{{Key: "name", Value: "渤海智联传感科技有限公司", Source: dossier.Registry, Origin: dossier.Market}}}); err != nil {
				t.Fatal(err)
			}
		},
		"people":                               func(_ *testing.T, b *bench, firm string) { b.byHand(firm) },
		"the register, when it is asked again": func(_ *testing.T, b *bench, _ string) { b.fill() },
		"the legal representative himself": func(t *testing.T, b *bench, firm string) {
			b.register.Switch(false)
			done, err := b.Add(ctx, b.boss, typed())
			if err != nil || done.State != claim.Accepted || done.Firm != firm {
				t.Fatalf("%+v %v", done, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				b := setup(t, d)
				b.checked(b.boss)
				squatter := b.namesake()
				done := b.declared(squatter, typed())
				verify(t, b, done.Firm)
				if state, err := b.files.RegisterState(ctx, done.Firm); err != nil || state == dossier.RegisterWaiting {
					t.Fatalf("%s %v", state, err)
				}
				if a := b.again(squatter.ID); a.ActsFor(done.Firm) {
					t.Errorf("the squatter acts for it: %+v", a.Mandates)
				}
			})
		})
	}
}

// With a power of attorney the squatter's claim stays open, and the owner is told.
func TestOwnerHearsOfClaims(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.checked(b.boss)
		done := b.declared(b.aide, withPaper(typed()))
		b.register.Switch(false)
		if _, err := b.Add(ctx, b.boss, typed()); err != nil {
			t.Fatal(err)
		}
		boss := b.again(b.boss.ID)
		b.feed(boss, "claim_opened")
		list, err := b.ToDecide(ctx, boss)
		if err != nil || len(list) != 1 || list[0].ID != done.Claim || list[0].Level != auth.LevelAgent {
			t.Errorf("%+v %v", list, err)
		}
		if b.again(b.aide.ID).ActsFor(done.Firm) {
			t.Error("acts before the owner has said so")
		}
	})
}

// An officer does not accept what looks like his own claim, nor verifies a firm
// for which he himself may act under another account.
func TestOfficerAndClaimantAlike(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		a, err := b.people.CreateStaff(ctx, auth.SystemActor(), identity.StaffInput{
			Login: "twin", Name: i18n.Text{ZH: "孙晓岚"}, Password: "a long pass", Posts: []auth.Post{{Role: auth.Approver, DepartmentID: "sc", Region: "371671"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		twin := b.again(a.ID)
		done, err := b.Add(ctx, b.aide, withPaper(typed()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Decide(ctx, twin, done.Claim, claim.Verdict{Version: 1, Accept: true}); !errors.Is(err, claim.ErrOwn) {
			t.Errorf("accepts his own: %v", err)
		}
		in := typed()
		in.USCC, in.Representative = "91371671MAEX003K5K", "孙晓岚"
		firm := b.declared(b.aide, in).Firm
		u, err := b.files.UnverifiedFirm(ctx, twin, firm)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.files.VerifyByHand(ctx, twin, firm, u.Version, "x"); !errors.Is(err, dossier.ErrOwn) {
			t.Errorf("verifies his own: %v", err)
		}
	})
}

// What is said of the firm after the first of two agreed takes that back.
func TestAgreedToWhatStoodThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		firm := b.declared(b.boss, typed()).Firm
		u, err := b.files.UnverifiedFirm(ctx, b.keeper, firm)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.files.VerifyByHand(ctx, b.keeper, firm, u.Version, "已核对"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.files.Declare(ctx, b.again(b.boss.ID), firm, dossier.Declaration{Key: "address", Value: "别处99号", Reason: "搬迁"}); err != nil {
			t.Fatal(err)
		}
		u, err = b.files.UnverifiedFirm(ctx, b.second, firm)
		if err != nil || u.First.By != "" {
			t.Fatalf("%+v %v", u, err)
		}
		if done, err := b.files.VerifyByHand(ctx, b.second, firm, u.Version, "已核对"); err != nil || done {
			t.Errorf("verified what one of two has not seen: %v %v", done, err)
		}
	})
}

// A squatter who declares wrong names keeps nobody out: with a power of attorney
// the true firm is heard, and his words count once it is accepted.
func TestSquatterLocksNobodyOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		wrong := typed()
		wrong.Name, wrong.Representative = "占位公司", "沈知远"
		firm := b.declared(b.other, wrong).Firm
		b.refused(b.aide, typed(), "paper", claim.ErrPaper)
		done, err := b.Add(ctx, b.aide, withPaper(typed()))
		if err != nil || done.State != claim.Open || done.Firm != firm {
			t.Fatalf("%+v %v", done, err)
		}
		c, err := b.Claim(ctx, b.keeper, done.Claim)
		if err != nil || c.SaidName != typed().Name || c.SaidPerson != typed().Representative {
			t.Errorf("%+v %v", c, err)
		}
		b.accept(done.Claim)
		if !b.again(b.aide.ID).Leads(firm, auth.LevelManager) || b.again(b.other.ID).ActsFor(firm) {
			t.Error("the wrong one acts for it")
		}
		if e, err := b.people.Enterprise(ctx, firm); err != nil || e.Name.ZH != typed().Name || e.LegalRepresentative != "赵启明" {
			t.Errorf("%+v %v", e, err)
		}
		b.held(firm, b.aide, claim.HoldWaiting)
		b.byHand(firm)
		b.held(firm, b.aide, "")
		b.held(firm, b.other, claim.HoldRejected)
	})
}

// An unverified firm whose papers are no good leaves the desk; the register and an
// accepted claim bring it back.
func TestRejectedFirm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		firm := b.declared(b.other, func() claim.AddInput { in := typed(); in.Representative = "沈知远"; return in }()).Firm
		reject := func(a auth.Actor, reason string) error {
			u, err := b.files.UnverifiedFirm(ctx, b.keeper, firm)
			if err != nil {
				t.Fatal(err)
			}
			return b.files.RejectByHand(ctx, a, firm, u.Version, reason)
		}
		if err := reject(b.tax, "x"); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("another department: %v", err)
		}
		if err := reject(b.keeper, " "); fieldCode(err, "reason") != dossier.ErrReason.Code {
			t.Errorf("without a reason: %v", err)
		}
		if err := reject(b.keeper, "执照是伪造的"); err != nil {
			t.Fatal(err)
		}
		if list, err := b.files.Unverified(ctx, b.keeper, page.Request{}); err != nil || len(list.Rows) > 0 {
			t.Errorf("still at the desk: %+v %v", list, err)
		}
		b.held(firm, b.other, claim.HoldRefused)
		b.feed(b.other, "dossier_rejected")
		b.feed(b.other, "claim_rejected")
		if b.again(b.other.ID).ActsFor(firm) {
			t.Error("acts for it")
		}
		done, err := b.Add(ctx, b.aide, withPaper(typed()))
		if err != nil {
			t.Fatal(err)
		}
		b.accept(done.Claim)
		b.held(firm, b.aide, claim.HoldWaiting)
		if err := reject(b.keeper, "又错了"); err != nil {
			t.Fatal(err)
		}
		b.checked(b.boss)
		b.register.Switch(false)
		if done, err := b.Add(ctx, b.boss, typed()); err != nil || done.State != claim.Accepted {
			t.Errorf("%+v %v", done, err)
		}
		b.held(firm, b.boss, "")
	})
}

// Nobody fills the desk: a person has three firms that wait, and the list has pages.
func TestDeskIsNotFilled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.register.Switch(true)
		for i, code := range []string{"91371671MAEX003K5K", "91371671MA3TB0018J", uscc, pilot} {
			in := typed()
			in.USCC, in.Confirmed, in.Declare, in.Region = code, true, true, "371671"
			if !idcode.CheckUSCC(code).OK(true) {
				t.Fatal(code)
			}
			_, err := b.Add(ctx, b.boss, in)
			if i < 3 && err != nil || i == 3 && fieldCode(err, "uscc") != claim.ErrMany.Code {
				t.Fatalf("%d: %v", i, err)
			}
		}
		seen, after := 0, ""
		for {
			list, err := b.files.Unverified(ctx, b.keeper, page.Request{Size: 2, After: after})
			if err != nil || len(list.Rows) > 2 {
				t.Fatalf("%d %v", len(list.Rows), err)
			}
			seen += len(list.Rows)
			if after = list.Next; after == "" {
				break
			}
		}
		if seen != 3 {
			t.Errorf("%d firms on all pages", seen)
		}
	})
}

// Only wrong names count against a firm, and papers count as the files of a day.
func TestWhatIsCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		for _, a := range []auth.Actor{b.aide, b.other, b.boss} {
			for range 8 {
				b.refused(a, typed(), "paper", claim.ErrPaper) // right names, no paper: guesses nothing
			}
		}
		if _, err := b.Add(ctx, b.aide, withPaper(typed())); err != nil {
			t.Errorf("the 25th try: %v", err)
		}
		b.quota.Files = 1
		b.refused(b.aide, withPaper(typed()), "uscc", claim.ErrOpen)
		in := withPaper(typed())
		if _, err := b.Add(ctx, b.other, in); err != nil {
			t.Errorf("the first paper: %v", err)
		}
		r := record()
		r.USCC = "91371671MAEX003K5K"
		b.register.Put(r)
		in = withPaper(typed())
		in.USCC = r.USCC
		b.refused(b.other, in, "paper", quota.ErrFiles)
	})
}
