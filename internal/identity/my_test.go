package identity_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

const (
	otherIDNumber = "371602198802290027"
	thirdIDNumber = "37160219710504001X"
)

// TestSignInByPhoneAndAnySpelling takes a second: passwords are hashed slowly on purpose.
func TestSignInByPhoneAndAnySpelling(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx, from := setup(t, d), t.Context(), auth.Actor{From: "192.0.2.1"}
		up := func(id, phone, login string) identity.Account {
			t.Helper()
			a, err := b.svc.SignUp(ctx, from, identity.SignUpInput{Name: "张三", IDNumber: id, Phone: phone, Login: login, Password: "a long pass"})
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		zhang := up(" 37160219710504001x ", "+86 139 0001 0001", "zhang")
		if zhang.IDNumber != thirdIDNumber || zhang.Phone != "13900010001" {
			t.Errorf("kept as %q, %q", zhang.IDNumber, zhang.Phone)
		}
		for _, typed := range []string{"zhang", " Zhang ", "13900010001", "139 0001 0001", "+8613900010001", thirdIDNumber, "371602 19710504 001x"} {
			if a, err := b.svc.SignIn(ctx, from, typed, "a long pass"); err != nil || a.ID != zhang.ID {
				t.Errorf("%q: %v", typed, err)
			}
		}
		up(idNumber, "13900010001", "wife") // one phone for two: it names neither
		if _, err := b.svc.SignIn(ctx, from, "13900010001", "a long pass"); !errors.Is(err, identity.ErrSignIn) {
			t.Errorf("a shared phone: %v", err)
		}
		// Without a login the phone is one; a wrong phone is complained about once.
		if a := up(otherIDNumber, "139 0001 0002", ""); a.Login != "13900010002" {
			t.Errorf("login %q", a.Login)
		}
		_, err := b.svc.SignUp(ctx, from, identity.SignUpInput{Name: "张三", IDNumber: "371602710504001", Phone: "", Password: "a long pass"})
		if err == nil || !strings.Contains(err.Error(), "[phone:") || !strings.Contains(err.Error(), "[id_number:") || strings.Contains(err.Error(), "[login:") {
			t.Errorf("%v", err)
		}
	})
}

func TestThrottleCountsThePersonNotTheSpelling(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t, dbtest.New(t)), t.Context()
	if _, err := b.svc.SignUp(ctx, auth.Actor{}, identity.SignUpInput{Name: "张三", IDNumber: idNumber, Phone: "13900010001", Login: "zhang", Password: "a long pass"}); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		typed := []string{"zhang", "13900010001", idNumber, "139 0001 000" + "1", strings.Repeat(" ", i) + idNumber}[i%5]
		if _, err := b.svc.SignIn(ctx, auth.Actor{From: "192.0.2." + string(rune('0'+i))}, typed, "wrong"); !errors.Is(err, identity.ErrSignIn) {
			t.Fatalf("%q: %v", typed, err)
		}
	}
	if _, err := b.svc.SignIn(ctx, auth.Actor{From: "198.51.100.1"}, "zhang", "a long pass"); !errors.Is(err, throttle.ErrTooMany) {
		t.Errorf("the eleventh try: %v", err)
	}
}

func TestWhatAPersonHolds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx, sys := setup(t, d), t.Context(), auth.SystemActor()
		person := func(id, phone string) auth.Actor {
			t.Helper()
			a, err := b.svc.SignUp(ctx, auth.Actor{}, identity.SignUpInput{Name: "张三", IDNumber: id, Phone: phone, Password: "a long pass"})
			if err != nil {
				t.Fatal(err)
			}
			return auth.Actor{Kind: auth.Person, ID: a.ID}
		}
		firm := func(code, name string) identity.Enterprise {
			t.Helper()
			e, err := b.svc.SaveEnterprise(ctx, sys, identity.EnterpriseInput{
				Enterprise: identity.Enterprise{USCC: code, Name: i18n.Text{ZH: name}, Region: "371671"},
				Figures:    []identity.Figure{{Year: 2024}, {Year: 2025}},
			})
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		zhang, li := person(idNumber, "13900010001"), person(otherIDNumber, "13900010002")
		served, owned := firm(uscc, "A 公司"), firm("91371671MA3TB0009L", "B 公司")
		for _, err := range []error{b.svc.Authorise(ctx, sys, served.ID, zhang.ID, identity.Agent), b.svc.Authorise(ctx, sys, owned.ID, zhang.ID, identity.Owner)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if zhang, err = b.svc.Actor(ctx, zhang.ID); err != nil {
			t.Fatal(err)
		}
		c, err := b.svc.Issue(ctx, sys, identity.IssueInput{Type: "lab_animal_permit", Holder: owned.Party(), Issuer: "kj", From: "2026-03-03"})
		if err != nil {
			t.Fatal(err)
		}

		firms, err := b.svc.FirmsOf(ctx, zhang)
		if err != nil || len(firms) != 2 || firms[0].ID != owned.ID || firms[0].Level != identity.Owner || firms[1].Level != identity.Agent || firms[0].Since.IsZero() {
			t.Errorf("%+v %v", firms, err)
		}
		if firms, err := b.svc.FirmsOf(ctx, li); err != nil || len(firms) != 0 {
			t.Errorf("%+v %v", firms, err)
		}
		folders, err := b.svc.Folders(ctx, zhang)
		if err != nil || len(folders) != 3 || folders[0].Holder.ID != zhang.ID || len(folders[0].Certificates)+len(folders[1].Certificates)+len(folders[2].Certificates) != 1 {
			t.Errorf("%+v %v", folders, err)
		}
		if got, err := b.svc.HeldCertificate(ctx, zhang, c.ID); err != nil || got.Status(b.svc.Today()) != "future" {
			t.Errorf("%+v %v", got, err)
		}
		for name, actor := range map[string]auth.Actor{"stranger": li, "visitor": {}, "clerk": b.clerk, "program": {Kind: auth.Client, ID: "x", Firms: []string{owned.ID}}} {
			if _, err := b.svc.HeldCertificate(ctx, actor, c.ID); !errors.Is(err, identity.ErrNotFound) {
				t.Errorf("%s gets the certificate: %v", name, err)
			}
		}

		from := auth.Actor{From: "192.0.2.7"}
		if got, err := b.svc.Verify(ctx, from, c.Token); err != nil || got.ID != c.ID {
			t.Errorf("%+v %v", got, err)
		}
		for i := range 59 {
			if _, err := b.svc.Verify(ctx, from, "\xff\x00"); !errors.Is(err, identity.ErrNotFound) {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		if _, err := b.svc.Verify(ctx, from, c.Token); !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("the 61st look: %v", err)
		}
		if _, err := b.svc.Verify(ctx, auth.Actor{From: "192.0.2.8"}, c.Token); err != nil {
			t.Errorf("another address: %v", err)
		}
	})
}

func TestPostsPointSomewhere(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	for name, tt := range map[string]struct {
		post auth.Post
		ok   bool
	}{
		"at a window":              {auth.Post{Role: auth.Clerk, DepartmentID: "kj", Region: "371671", HallID: "main", WindowID: "main/A01"}, true},
		"in a hall":                {auth.Post{Role: auth.Clerk, DepartmentID: "kj", Region: "371671", HallID: "main"}, true},
		"nowhere special":          {auth.Post{Role: auth.Head, DepartmentID: "kj", Region: "371671"}, true},
		"no such hall":             {auth.Post{Role: auth.Clerk, DepartmentID: "kj", Region: "371671", HallID: "moon"}, false},
		"no such window":           {auth.Post{Role: auth.Clerk, DepartmentID: "kj", Region: "371671", HallID: "main", WindowID: "main/Z99"}, false},
		"a window without a hall":  {auth.Post{Role: auth.Clerk, DepartmentID: "kj", Region: "371671", WindowID: "main/A01"}, false},
		"no such role":             {auth.Post{Role: "god", DepartmentID: "kj", Region: "371671"}, false},
		"no such department":       {auth.Post{Role: auth.Head, DepartmentID: "x", Region: "371671"}, false},
		"a region of another zone": {auth.Post{Role: auth.Head, DepartmentID: "kj", Region: "110000"}, false},
	} {
		login := strings.ReplaceAll(name, " ", "-")
		_, err := b.svc.CreateStaff(t.Context(), auth.SystemActor(), identity.StaffInput{Login: login, Name: i18n.Text{ZH: "白露"}, Password: "window-pass", Posts: []auth.Post{tt.post}})
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClientState(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	c, _, err := b.svc.CreateClient(t.Context(), auth.SystemActor(), "归集", []auth.Scope{auth.ScopeItems}, b.clock.Now().Add(time.Hour))
	if err != nil || b.svc.ClientState(c) != "live" {
		t.Errorf("%s %v", b.svc.ClientState(c), err)
	}
	b.clock.Advance(time.Hour)
	if got := b.svc.ClientState(c); got != "expired" {
		t.Error(got)
	}
	c.RevokedAt = b.clock.Now()
	if got := b.svc.ClientState(c); got != "revoked" {
		t.Error(got)
	}
}
