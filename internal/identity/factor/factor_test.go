package factor_test

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/sealtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const password = "a long pass"

type bundle struct {
	db       *db.DB
	clock    *clock.Moved
	identity *identity.Service
	svc      *factor.Service
	clerk    auth.Actor
	system   auth.Actor
	security auth.Actor
	other    auth.Actor // another security administrator
}

func setup(t *testing.T, d *db.DB, policy factor.Policy) bundle {
	t.Helper()
	c := clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	log, th, ring := audit.New(d, c), throttle.New(d, c), sealtest.Ring(t)
	b := bundle{db: d, clock: c, identity: identity.New(identity.Deps{DB: d, Clock: c, Audit: log, Throttle: th, Seal: ring})}
	var err error
	if b.svc, err = factor.New(factor.Deps{
		DB: d, Clock: c, Identity: b.identity, Audit: log, Throttle: th, Seal: ring, Sessions: session.New(d, c, session.Options{Idle: time.Hour}), Policy: policy, BaseURL: "https://tongban.test", Brand: "通办",
	}); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := b.identity.SaveOrganisation(ctx, auth.SystemActor(), identity.Organisation{
		Regions:     []identity.Region{{Code: "371671", Level: "county", Name: i18n.Text{ZH: "区"}}},
		Departments: []identity.Department{{ID: "kj", USCC: "12441500196720244T", Region: "371671", Name: i18n.Text{ZH: "科创局"}}},
	}); err != nil {
		t.Fatal(err)
	}
	hash := identity.HashPassword(password)
	staff := func(login string, role auth.Role) auth.Actor {
		a, err := b.identity.SeedAccount(ctx, auth.SystemActor(), identity.Account{Login: login, Kind: auth.Staff, Name: i18n.Text{ZH: login}}, []auth.Post{{Role: role, DepartmentID: "kj", Region: "371671"}}, hash)
		if err != nil {
			t.Fatal(err)
		}
		actor, err := b.identity.Actor(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	b.clerk, b.system, b.security, b.other = staff("clerk", auth.Handler), staff("system", auth.SystemAdmin), staff("security", auth.SecurityAdmin), staff("security2", auth.SecurityAdmin)
	return b
}

// withApp sets an app up and returns its secret and the recovery codes.
func (b bundle) withApp(t *testing.T, who auth.Actor) (secret string, codes []string) {
	t.Helper()
	kept, err := b.svc.BeginApp(t.Context(), who, password)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.svc.PendingApp(t.Context(), who, kept)
	if err != nil {
		t.Fatal(err)
	}
	if codes, err = b.svc.ProveApp(t.Context(), who, kept, b.code(t, p.Secret)); err != nil {
		t.Fatal(err)
	}
	return p.Secret, codes
}

func (b bundle) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := factor.CodeAt(secret, b.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// The vectors of RFC 6238, appendix B, for SHA-1, as six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got, err := factor.CodeAt(secret, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("at %d: %s %v, want %s", at, got, err, want)
		}
	}
}

func TestACodeCountsOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d, factor.Off)
		ctx, from := t.Context(), auth.Actor{From: "192.0.2.1"}
		if _, err := b.svc.BeginApp(ctx, b.clerk, "wrong"); !errors.Is(err, identity.ErrInvalid) {
			t.Fatalf("with a wrong password: %v", err)
		}
		app, err := b.svc.BeginApp(ctx, b.clerk, password)
		if err != nil {
			t.Fatal(err)
		}
		if step, err := b.svc.After(ctx, b.clerk.ID); err != nil || step != factor.Done {
			t.Errorf("an app that is not proven is asked for: %v %v", step, err)
		}
		p, err := b.svc.PendingApp(ctx, b.clerk, app)
		if err != nil || !strings.Contains(p.URI, "secret="+p.Secret) || strings.Contains(p.URI, "+") {
			t.Fatalf("%+v %v", p, err)
		}
		if _, err := b.svc.ProveApp(ctx, b.clerk, app, "000000"); !errors.Is(err, factor.ErrCode) {
			t.Errorf("a wrong first code: %v", err)
		}
		first := b.code(t, p.Secret)
		// Neither another session of the account, which has nothing, nor somebody else has a part in it.
		if _, err := b.svc.ProveApp(ctx, b.clerk, "", first); !errors.Is(err, factor.ErrNoPending) || strings.Contains(app, p.Secret) {
			t.Errorf("from another session: %v", err)
		}
		if _, err := b.svc.ProveApp(ctx, b.system, app, first); !errors.Is(err, factor.ErrNoPending) {
			t.Errorf("by another account: %v", err)
		}
		codes, err := b.svc.ProveApp(ctx, b.clerk, app, first[:3]+" "+first[3:])
		if err != nil || len(codes) != 10 {
			t.Fatalf("%v %v", codes, err)
		}
		kept, err := db.One(ctx, d.Read(ctx), db.Scalar[string], `SELECT secret FROM identity_totp`)
		if err != nil || kept == "" || strings.Contains(kept, p.Secret) {
			t.Errorf("the secret lies open: %v", err)
		}
		if step, err := b.svc.After(ctx, b.clerk.ID); err != nil || step != factor.Ask {
			t.Errorf("after the password: %v %v", step, err)
		}
		if _, err := b.svc.CheckCode(ctx, from, b.clerk.ID, first); !errors.Is(err, factor.ErrCode) {
			t.Errorf("the code that set it up counts again: %v", err)
		}
		b.clock.Advance(2 * time.Minute)
		old := b.code(t, p.Secret)
		b.clock.Advance(30 * time.Second)
		now := b.code(t, p.Secret)
		if way, err := b.svc.CheckCode(ctx, from, b.clerk.ID, now); err != nil || way != factor.WayApp {
			t.Fatalf("%s %v", way, err)
		}
		for name, code := range map[string]string{"the same again": now, "the one before": old} {
			if _, err := b.svc.CheckCode(ctx, from, b.clerk.ID, code); !errors.Is(err, factor.ErrCode) {
				t.Errorf("%s: %v", name, err)
			}
		}
		b.clock.Advance(time.Minute)
		code := b.code(t, p.Secret)
		var taken sync.Map
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				if _, err := b.svc.CheckCode(ctx, from, b.clerk.ID, code); err == nil {
					taken.Store(i, true)
				}
			})
		}
		wg.Wait()
		n := 0
		taken.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("one code opened %d sign-ins", n)
		}
		if _, err := b.svc.CheckCode(ctx, from, b.system.ID, b.code(t, p.Secret)); !errors.Is(err, factor.ErrCode) {
			t.Errorf("somebody else's code: %v", err)
		}
		b.clock.Advance(20 * time.Minute)
		for range 10 {
			_, err = b.svc.CheckCode(ctx, from, b.clerk.ID, "123456")
		}
		if _, err2 := b.svc.CheckCode(ctx, from, b.clerk.ID, b.code(t, p.Secret)); !errors.Is(err, factor.ErrCode) || !errors.Is(err2, throttle.ErrTooMany) {
			t.Errorf("guessing: %v, then %v", err, err2)
		}
	})
}

func TestAnotherAppTakesOverOnlyOnceProven(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d, factor.Staff)
		ctx, from := t.Context(), auth.Actor{}
		secret, _ := b.withApp(t, b.clerk)
		app, err := b.svc.BeginApp(ctx, b.clerk, password)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(time.Minute)
		if _, err := b.svc.CheckCode(ctx, from, b.clerk.ID, b.code(t, secret)); err != nil {
			t.Errorf("the old app, while another is being set up: %v", err)
		}
		p, err := b.svc.PendingApp(ctx, b.clerk, app)
		if err != nil || p.Secret == secret {
			t.Fatalf("the same secret again: %v", err)
		}
		b.clock.Advance(time.Minute)
		if codes, err := b.svc.ProveApp(ctx, b.clerk, app, b.code(t, p.Secret)); err != nil || codes != nil {
			t.Errorf("%v %v; the recovery codes stay", codes, err)
		}
		b.clock.Advance(time.Minute)
		if _, err := b.svc.CheckCode(ctx, from, b.clerk.ID, b.code(t, secret)); !errors.Is(err, factor.ErrCode) {
			t.Errorf("the old app afterwards: %v", err)
		}
		if err := b.svc.DropApp(ctx, b.clerk, password); !errors.Is(err, factor.ErrLast) {
			t.Errorf("taking off what the installation asks for: %v", err)
		}
		if app, err = b.svc.BeginApp(ctx, b.clerk, password); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(31 * time.Minute)
		if _, err := b.svc.PendingApp(ctx, b.clerk, app); !errors.Is(err, factor.ErrNoPending) {
			t.Errorf("a set-up of long ago: %v", err)
		}
	})
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d, factor.Off)
		ctx, from := t.Context(), auth.Actor{}
		_, codes := b.withApp(t, b.clerk)
		typed := strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))
		if way, err := b.svc.CheckCode(ctx, from, b.clerk.ID, typed); err != nil || way != factor.WayRecovery {
			t.Fatalf("%s %v", way, err)
		}
		if _, err := b.svc.CheckCode(ctx, from, b.clerk.ID, codes[3]); !errors.Is(err, factor.ErrCode) {
			t.Errorf("a code works twice: %v", err)
		}
		if _, err := b.svc.CheckCode(ctx, from, b.system.ID, codes[4]); !errors.Is(err, factor.ErrCode) {
			t.Errorf("it opens another account: %v", err)
		}
		if state, err := b.svc.Of(ctx, b.clerk.ID); err != nil || state.Codes != 9 {
			t.Errorf("%+v %v", state, err)
		}
		kept, err := db.List(ctx, d.Read(ctx), db.Scalar[string], `SELECT hash FROM identity_recovery_code`)
		if err != nil || len(kept) != 10 || strings.Contains(strings.Join(kept, " "), strings.ReplaceAll(codes[0], "-", "")) {
			t.Errorf("%d kept, %v", len(kept), err)
		}
		if _, err := b.svc.NewCodes(ctx, b.clerk, "wrong"); !errors.Is(err, identity.ErrInvalid) {
			t.Errorf("new ones with a wrong password: %v", err)
		}
		fresh, err := b.svc.NewCodes(ctx, b.clerk, password)
		if err != nil || len(fresh) != 10 {
			t.Fatal(err)
		}
		if _, err := b.svc.CheckCode(ctx, from, b.clerk.ID, codes[0]); !errors.Is(err, factor.ErrCode) {
			t.Errorf("an old one after new ones: %v", err)
		}
		if err := b.svc.DropApp(ctx, b.clerk, password); err != nil {
			t.Fatal(err)
		}
		if _, err := b.svc.CheckCode(ctx, from, b.clerk.ID, fresh[0]); !errors.Is(err, factor.ErrCode) {
			t.Errorf("a recovery code without a factor: %v", err)
		}
		if _, err := b.svc.NewCodes(ctx, b.system, password); !errors.Is(err, factor.ErrNotFound) {
			t.Errorf("codes for nothing: %v", err)
		}
	})
}

func TestWhoIsAskedForASecondFactor(t *testing.T) {
	t.Parallel()
	person := auth.Actor{Kind: auth.Person}
	post := func(r auth.Role) auth.Actor { return auth.Actor{Kind: auth.Staff, Posts: []auth.Post{{Role: r}}} }
	for _, tt := range []struct {
		policy factor.Policy
		actor  auth.Actor
		want   bool
	}{
		{factor.Off, post(auth.SystemAdmin), false},
		{factor.Staff, post(auth.Clerk), true},
		{factor.Staff, person, false},
		{factor.Admins, post(auth.Clerk), false},
		{factor.Admins, post(auth.CatalogueAdmin), false},
		{factor.Admins, post(auth.SystemAdmin), true},
		{factor.Admins, post(auth.SecurityAdmin), true},
		{factor.Admins, post(auth.AuditAdmin), true},
		{factor.Admins, person, false},
	} {
		if got := tt.policy.Wants(tt.actor); got != tt.want {
			t.Errorf("%s of %v: %v", tt.policy, tt.actor.Posts, got)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d, factor.Admins)
		ctx := t.Context()
		b.withApp(t, b.clerk)
		b.withApp(t, b.security)
		if step, err := b.svc.After(ctx, b.system.ID); err != nil || step != factor.SetUp {
			t.Errorf("an administrator without a factor: %v %v", step, err)
		}
		for name, tt := range map[string]struct {
			actor   auth.Actor
			account string
			reason  string
			want    errs.Kind
		}{
			"a system administrator": {b.system, b.clerk.ID, "手机丢失", errs.Forbidden},
			"the person himself":     {b.clerk, b.clerk.ID, "手机丢失了", errs.Forbidden},
			"his own":                {b.security, b.security.ID, "手机丢失了", errs.NotFound},
			"nobody":                 {b.security, "nobody", "手机丢失了", errs.NotFound},
			"without a reason":       {b.security, b.clerk.ID, "  ", errs.Invalid},
		} {
			if err := b.svc.Reset(ctx, tt.actor, tt.account, tt.reason); errs.KindOf(err) != tt.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if state, _ := b.svc.Of(ctx, b.clerk.ID); !state.App {
			t.Fatal("a refused reset took the app off")
		}
		if err := b.svc.Reset(ctx, b.security, b.clerk.ID, "手机丢失，当面核实"); err != nil {
			t.Fatal(err)
		}
		if state, err := b.svc.Of(ctx, b.clerk.ID); err != nil || state.Any() || state.Codes != 0 {
			t.Errorf("%+v %v", state, err)
		}
		why, err := db.One(ctx, d.Read(ctx), db.Scalar[string], `SELECT reason FROM audit_entry WHERE action='factor.reset' AND actor=$1`, "staff:"+b.security.ID)
		if err != nil || why != "手机丢失，当面核实" {
			t.Errorf("audit: %q %v", why, err)
		}
		if rows, err := b.svc.List(ctx, b.other, "sec", "", 10); err != nil || len(rows) != 2 || !rows[0].State.App || rows[1].State.App {
			t.Errorf("list: %+v %v", rows, err)
		}
		if _, err := b.svc.List(ctx, b.system, "", "", 10); !errors.Is(err, factor.ErrForbidden) {
			t.Errorf("the list for others: %v", err)
		}
	})
}

func TestANewPasswordKeepsTheSecondFactor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d, factor.Off)
		ctx := t.Context()
		b.withApp(t, b.clerk)
		for name, tt := range map[string]struct{ old, fresh string }{"wrong": {"no", "another long pass"}, "short": {password, "short"}, "the same": {password, password}} {
			if err := b.svc.ChangePassword(ctx, b.clerk, tt.old, tt.fresh, ""); errs.KindOf(err) != errs.Invalid || len(errs.FieldsOf(err)) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := b.svc.ChangePassword(ctx, b.clerk, password, "another long pass", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := b.identity.CheckSignIn(ctx, auth.Actor{}, "clerk", password); !errors.Is(err, identity.ErrSignIn) {
			t.Errorf("the old password: %v", err)
		}
		if _, err := b.identity.CheckSignIn(ctx, auth.Actor{}, "clerk", "another long pass"); err != nil {
			t.Errorf("the new password: %v", err)
		}
		if step, err := b.svc.After(ctx, b.clerk.ID); err != nil || step != factor.Ask {
			t.Errorf("a new password took the second factor off: %v %v", step, err)
		}
	})
}
