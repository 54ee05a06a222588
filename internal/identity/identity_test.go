package identity_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/sealtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	idNumber = "371602199001010018"
	uscc     = "91350200776049653A"
)

type bundle struct {
	db    *db.DB
	clock *clock.Moved
	audit *audit.Log
	svc   *identity.Service
	clerk auth.Actor
}

func setup(t *testing.T, d *db.DB) bundle {
	t.Helper()
	c := clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	log := audit.New(d, c)
	b := bundle{db: d, clock: c, audit: log, svc: identity.New(identity.Deps{DB: d, Clock: c, Audit: log, Throttle: throttle.New(d, c), Seal: sealtest.Ring(t)})}
	ctx := t.Context()
	if err := b.svc.SaveOrganisation(ctx, auth.SystemActor(), identity.Organisation{
		Regions:          []identity.Region{{Code: "371600", Level: "city", Name: i18n.Text{ZH: "市"}}, {Code: "371671", Level: "county", Parent: "371600", Name: i18n.Text{ZH: "区"}}},
		Departments:      []identity.Department{{ID: "kj", USCC: "12441500196720244T", Region: "371671", Name: i18n.Text{ZH: "科创局"}}},
		Halls:            []identity.Hall{{ID: "main", Region: "371671", Name: i18n.Text{ZH: "大厅"}, Windows: []identity.Window{{Number: "A01", Name: i18n.Text{ZH: "综合"}}}}},
		CertificateTypes: []identity.CertificateType{{Key: "lab_animal_permit", Name: i18n.Text{ZH: "许可证"}, Holder: identity.HolderEnterprise, Level: "A"}},
	}); err != nil {
		t.Fatal(err)
	}
	staff, err := b.svc.CreateStaff(ctx, auth.SystemActor(), identity.StaffInput{
		Login: "clerk", Name: i18n.Text{ZH: "窗口"}, Password: "window-pass",
		Posts: []auth.Post{{Role: auth.Clerk, DepartmentID: "kj", Region: "371671", HallID: "main", WindowID: "main/A01"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if b.clerk, err = b.svc.Actor(ctx, staff.ID); err != nil || !b.clerk.Has(auth.Clerk) {
		t.Fatalf("%+v %v", b.clerk, err)
	}
	return b
}

func TestSignUpAndSignIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx, from := setup(t, d), t.Context(), auth.Actor{From: "192.0.2.1"}
		in := identity.SignUpInput{Name: "张三", IDNumber: idNumber, Phone: "13900010001", Password: "a long pass", Locale: i18n.Chinese}
		a, err := b.svc.SignUp(ctx, from, in)
		if err != nil || a.Login != "13900010001" {
			t.Fatalf("%+v %v", a, err)
		}
		for name, try := range map[string][2]string{"by phone": {"13900010001", "a long pass"}, "by identity number": {idNumber, "a long pass"}} {
			if got, err := b.svc.SignIn(ctx, from, try[0], try[1]); err != nil || got.ID != a.ID {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, try := range map[string][2]string{"wrong password": {"13900010001", "x"}, "unknown": {"nobody", "x"}, "empty": {"", ""}, "sql": {"' OR 1=1 --", "x"}} {
			if _, err := b.svc.SignIn(ctx, from, try[0], try[1]); !errors.Is(err, identity.ErrSignIn) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := b.svc.SignUp(ctx, from, in); !errors.Is(err, identity.ErrKnown) {
			t.Errorf("twice: %v", err)
		}
		in.IDNumber, in.Name = "371602198802290027", "李四"
		if other, err := b.svc.SignUp(ctx, from, in); err != nil || other.Login != "371602198802290027" {
			t.Errorf("the phone of another as login: %+v %v", other, err)
		}
		in.IDNumber, in.Login = "37160219920315006X", "wangwu"
		if _, err := b.svc.SignUp(ctx, from, in); err != nil {
			t.Fatal(err)
		}
		in.IDNumber = "37160219710504001X"
		if _, err := b.svc.SignUp(ctx, from, in); !errors.Is(err, identity.ErrLoginTaken) {
			t.Errorf("login taken: %v", err)
		}
	})
}

func TestSignUpNamesEveryMistake(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	_, err := b.svc.SignUp(t.Context(), auth.Actor{}, identity.SignUpInput{Name: strings.Repeat("长", 51), IDNumber: "371602199902300012", Phone: "1", Email: "x", Password: "short", Login: "'--"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, f := range []string{"name", "id_number", "phone", "email", "password", "login"} {
		if !strings.Contains(err.Error(), "["+f+":") {
			t.Errorf("%v does not name %s", err, f)
		}
	}
}

func TestNobodySignsUpUnderTheNumbersOfAnother(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	for login, want := range map[string]string{
		"13900010002": "[login:", "371602198802290027": "[login:", // by these somebody else would sign in
		"13900010001": "", strings.ToLower(idNumber): "", "zhang.san": "",
	} {
		_, err := b.svc.SignUp(t.Context(), auth.Actor{From: "192.0.2." + login}, identity.SignUpInput{Name: "张三", IDNumber: idNumber, Phone: "13900010001", Password: "a long pass", Login: login, Email: "x"})
		if err == nil || strings.Contains(err.Error(), "[login:") != (want != "") {
			t.Errorf("%s: %v", login, err)
		}
	}
}

func TestNamesAreWhatIsSeen(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	for what, in := range map[string]identity.SignUpInput{
		"name":  {Name: "张\u202e三", Email: "a@example.com"},
		"name ": {Name: "张\n三", Email: "a@example.com"},
		"email": {Name: "张三", Email: "张三 <a@example.com>"},
	} {
		in.IDNumber, in.Phone, in.Password = idNumber, "13900010001", "a long pass"
		if _, err := b.svc.SignUp(t.Context(), auth.Actor{}, in); err == nil || !strings.Contains(err.Error(), "["+strings.TrimSpace(what)+":") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestAHallSharesAnAddress: those who know their password do not use up the
// tries of the others, and do not give a guesser new ones.
func TestAHallSharesAnAddress(t *testing.T) {
	t.Parallel()
	b, from := setup(t, dbtest.New(t)), auth.Actor{From: "192.0.2.9"}
	for i := range 60 {
		if _, err := b.svc.SignIn(t.Context(), from, "clerk", "window-pass"); err != nil {
			t.Fatalf("sign-in %d: %v", i+1, err)
		}
	}
	for i := range 50 {
		if _, err := b.svc.SignIn(t.Context(), from, "guess-"+strconv.Itoa(i), "x"); !errors.Is(err, identity.ErrSignIn) {
			t.Fatalf("guess %d: %v", i+1, err)
		}
	}
	if _, err := b.svc.SignIn(t.Context(), from, "guess", "x"); !errors.Is(err, throttle.ErrTooMany) {
		t.Errorf("the next guess: %v", err)
	}
}

func TestSignInIsThrottled(t *testing.T) {
	t.Parallel()
	b, from := setup(t, dbtest.New(t)), auth.Actor{From: "192.0.2.9"}
	for range 10 {
		if _, err := b.svc.SignIn(t.Context(), from, "clerk", "wrong"); !errors.Is(err, identity.ErrSignIn) {
			t.Fatal(err)
		}
	}
	if _, err := b.svc.SignIn(t.Context(), from, "clerk", "window-pass"); !errors.Is(err, throttle.ErrTooMany) {
		t.Fatalf("the eleventh try: %v", err)
	}
	b.clock.Advance(16 * time.Minute)
	if _, err := b.svc.SignIn(t.Context(), from, "clerk", "window-pass"); err != nil {
		t.Fatalf("after the window: %v", err)
	}
}

func TestVisitorTakesTheAccountOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		v, err := b.svc.RegisterVisitor(ctx, b.clerk, identity.VisitorInput{Name: "王五", IDNumber: idNumber, Phone: "13900010002"})
		if err != nil {
			t.Fatal(err)
		}
		again, err := b.svc.RegisterVisitor(ctx, b.clerk, identity.VisitorInput{Name: "王五", IDNumber: idNumber, Phone: "13900010002"})
		if err != nil || again.ID != v.ID {
			t.Fatalf("registered twice: %v", err)
		}
		if _, err := b.svc.RegisterVisitor(ctx, auth.Actor{Kind: auth.Person, ID: v.ID}, identity.VisitorInput{}); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("a person registered a visitor: %v", err)
		}
		if _, err := b.svc.SignUp(ctx, auth.Actor{}, identity.SignUpInput{Name: "贼", IDNumber: idNumber, Phone: "13900010009", Password: "a long pass"}); !errors.Is(err, identity.ErrKnown) {
			t.Errorf("taken over with another phone: %v", err)
		}
		b.svc.Receipts = func(_ context.Context, account, code string) (bool, error) {
			return account == v.ID && code == "314159", nil
		}
		in := identity.SignUpInput{Name: "王五", IDNumber: idNumber, Phone: "13900010002", Password: "a long pass"}
		for _, code := range []string{"", "271828"} {
			in.Receipt = code
			if _, err := b.svc.SignUp(ctx, auth.Actor{}, in); !errors.Is(err, identity.ErrReceipt) {
				t.Errorf("taken over with %q for a receipt: %v", code, err)
			}
		}
		in.Receipt = " 314159 "
		a, err := b.svc.SignUp(ctx, auth.Actor{}, in)
		if err != nil || a.ID != v.ID {
			t.Fatalf("%v", err)
		}
		found, err := b.svc.FindVisitor(ctx, b.clerk, "13900010002")
		if err != nil || len(found) != 1 || found[0].Account.ID != v.ID {
			t.Errorf("%+v %v", found, err)
		}
	})
}

// TestNobodyLeafsThroughPeople: parts of numbers and two letters find nobody,
// few are shown, and who was found stands in the audit trail.
func TestNobodyLeafsThroughPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx, sys := setup(t, d), t.Context(), auth.SystemActor()
		for i := range 8 {
			a, err := b.svc.SignUp(ctx, auth.Actor{From: fmt.Sprint("192.0.2.", i)}, identity.SignUpInput{Name: "王小明", IDNumber: idcode.WithResidentIDCheck(fmt.Sprintf("37160219900101%03d", i)), Phone: fmt.Sprintf("1390001010%d", i), Password: "a long pass"})
			if err != nil {
				t.Fatal(err)
			}
			e, err := b.svc.SaveEnterprise(ctx, sys, identity.EnterpriseInput{Enterprise: identity.Enterprise{USCC: idcode.WithUSCCCheck(fmt.Sprintf("91371671MA3TB01%02d", i)), Name: i18n.Text{ZH: fmt.Sprintf("渤海%d号科技有限公司", i)}, Region: "371671"}})
			if err != nil {
				t.Fatal(err)
			}
			if err := b.svc.Authorise(ctx, sys, e.ID, a.ID, identity.Owner); err != nil {
				t.Fatal(err)
			}
		}
		told := func() int {
			n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='identity.find_visitor'`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for q, want := range map[string]int{"王": 0, "王小": 0, "13": 0, "1390001010": 0, "3716021990": 0, "公司": 0, "%": 0, "%%": 0, "___": 0, "": 0, "王小明": 5, "有限公司": 5, "13900010103": 1} {
			before := told()
			found, err := b.svc.FindVisitor(ctx, b.clerk, q)
			if err != nil || len(found) != want || told()-before != want {
				t.Errorf("%q finds %d, told %d, %v", q, len(found), told()-before, err)
			}
		}
		if _, err := b.svc.FindVisitor(ctx, auth.Actor{Kind: auth.Staff, ID: "h", Posts: []auth.Post{{Role: auth.Handler}}}, "13900010103"); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("a handler: %v", err)
		}
		var err error
		for range 300 {
			if _, err = b.svc.FindVisitor(ctx, b.clerk, "无此人"); err != nil {
				break
			}
		}
		if !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("a clerk searches on and on: %v", err)
		}
	})
}

func TestFirmsAndCertificates(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx, sys := setup(t, d), t.Context(), auth.SystemActor()
		a, err := b.svc.SignUp(ctx, auth.Actor{}, identity.SignUpInput{Name: "张三", IDNumber: idNumber, Phone: "13900010001", Password: "a long pass"})
		if err != nil {
			t.Fatal(err)
		}
		e, err := b.svc.SaveEnterprise(ctx, sys, identity.EnterpriseInput{
			Enterprise: identity.Enterprise{USCC: uscc, Name: i18n.Text{ZH: "渤海公司"}, Region: "371671", Capital: 500_000_000},
			Figures:    []identity.Figure{{Year: 2024, Staff: new(10)}, {Year: 2025, Staff: new(12), RD: new(money.Fen(260_000_000))}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.svc.Authorise(ctx, sys, e.ID, a.ID, identity.Owner); err != nil {
			t.Fatal(err)
		}
		if err := b.svc.Authorise(ctx, sys, e.ID, a.ID, identity.Owner); err != nil {
			t.Fatalf("again: %v", err)
		}
		actor, err := b.svc.Actor(ctx, a.ID)
		if err != nil || !actor.ActsFor(e.ID) {
			t.Fatalf("%+v %v", actor, err)
		}
		if agents, err := b.svc.Agents(ctx, e.ID); err != nil || len(agents) != 1 || agents[0].IDNumber != idNumber {
			t.Errorf("%+v %v", agents, err)
		}
		known, err := b.svc.Applicant(ctx, a.ID, e.ID)
		if err != nil || known["enterprise.uscc"] != uscc || known["figures.rd_wan"] != 260.0 || known["enterprise.capital_wan"] != 500.0 {
			t.Errorf("%v %v", known, err)
		}
		c1, err := b.svc.Issue(ctx, sys, identity.IssueInput{Type: "lab_animal_permit", Holder: e.Party(), Issuer: "kj", Months: 60, CaseID: "c1"})
		if err != nil || c1.Number != "LAP-2026-000001" || c1.ValidFrom != "2026-03-02" || c1.ValidTo != "2031-03-01" {
			t.Fatalf("%+v %v", c1, err)
		}
		on, err := b.svc.OnFile(ctx, e.ID)
		if err != nil || on["lab_animal_permit"].ID != c1.ID {
			t.Errorf("%v %v", on, err)
		}
		if got, err := b.svc.CertificateByToken(ctx, c1.Token); err != nil || got.Status("2031-03-02") != "expired" || got.Status("2031-03-01") != "valid" {
			t.Errorf("%+v %v", got, err)
		}
		if _, err := b.svc.CertificateByToken(ctx, "guess"); !errors.Is(err, identity.ErrNotFound) {
			t.Error(err)
		}
		if _, err := b.svc.SaveEnterprise(ctx, sys, identity.EnterpriseInput{Enterprise: identity.Enterprise{USCC: "91371602MA3TETQ0X1"}}); !errors.Is(err, identity.ErrInvalid) {
			t.Errorf("wrong credit code: %v", err)
		}
	})
}

func TestClientTokens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		c, token, err := b.svc.CreateClient(ctx, auth.SystemActor(), "银行", []auth.Scope{auth.ScopeItems}, b.clock.Now().AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.svc.ClientByToken(ctx, token)
		if err != nil || got.ID != c.ID || !got.HasScope(auth.ScopeItems) || got.HasScope(auth.ScopeCasesRead) {
			t.Fatalf("%+v %v", got, err)
		}
		if _, err := b.svc.ClientByToken(ctx, token+"x"); !errors.Is(err, identity.ErrClientToken) {
			t.Error(err)
		}
		b.clock.Advance(367 * 24 * time.Hour)
		if _, err := b.svc.ClientByToken(ctx, token); !errors.Is(err, identity.ErrClientToken) {
			t.Errorf("expired: %v", err)
		}
		if _, _, err := b.svc.CreateClient(ctx, b.clerk, "x", nil, time.Time{}); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("a clerk made a client: %v", err)
		}
		// what somebody made whose account is closed is marked, as long as it works
		a, err := b.svc.CreateStaff(ctx, auth.SystemActor(), identity.StaffInput{
			Login: "keeper", Name: i18n.Text{ZH: "管理员"}, Password: "a long pass", Posts: []auth.Post{{Role: auth.SystemAdmin, DepartmentID: b.clerk.Posts[0].DepartmentID, Region: b.clerk.Posts[0].Region}},
		})
		if err != nil {
			t.Fatal(err)
		}
		admin, err := b.svc.Actor(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if c, _, err = b.svc.CreateClient(ctx, admin, "旧系统", []auth.Scope{auth.ScopeItems}, b.clock.Now().AddDate(1, 0, 0)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []bool{false, true} {
			list, err := b.svc.Clients(ctx, admin)
			if err != nil || len(list) != 2 || list[0].ID != c.ID || list[0].Orphan != want || list[1].Orphan {
				t.Errorf("%+v %v", list, err)
			}
			if err := d.InTx(ctx, func(ctx context.Context) error {
				_, err := d.Exec(ctx, `UPDATE identity_account SET state='closed' WHERE id=$1`, a.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAuditChainShowsTampering(t *testing.T) {
	t.Parallel()
	for name, tamper := range map[string]struct{ sql, why string }{
		"a changed row":    {`UPDATE audit_entry SET reason='x' WHERE seq=1 AND chain=(SELECT min(chain) FROM audit_entry)`, "changed"},
		"a removed row":    {`DELETE FROM audit_entry WHERE seq=1 AND chain=(SELECT chain FROM audit_head ORDER BY seq DESC, chain LIMIT 1)`, "missing"},
		"the last cut off": {`DELETE FROM audit_entry WHERE (chain, seq) IN (SELECT chain, seq FROM audit_head)`, "cut"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				b, ctx := setup(t, d), t.Context()
				for range 20 {
					if _, err := b.svc.SignIn(ctx, auth.Actor{}, "clerk", "window-pass"); err != nil {
						t.Fatal(err)
					}
				}
				r, err := b.audit.Verify(ctx)
				if err != nil || r.Broken != nil || r.Entries < 20 {
					t.Fatalf("before: %+v %v", r, err)
				}
				if err := d.InTx(ctx, func(ctx context.Context) error { _, err := d.Exec(ctx, tamper.sql); return err }); err != nil {
					t.Fatal(err)
				}
				if r, err = b.audit.Verify(ctx); err != nil || r.Broken == nil || r.Broken.Why != tamper.why {
					t.Errorf("after: %+v %v", r.Broken, err)
				}
			})
		})
	}
}

// TestWhatAnOlderReleaseWrote: accounts with numbers in clear are sealed at the
// start, and found as before.
func TestWhatAnOlderReleaseWrote(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx, from := setup(t, d), t.Context(), auth.Actor{From: "192.0.2.1"}
		one, err := b.svc.SignUp(ctx, from, identity.SignUpInput{Name: "张三", IDNumber: idNumber, Phone: "13900010001", Email: "z@example.com", Password: "a long pass", Locale: i18n.Chinese})
		if err != nil {
			t.Fatal(err)
		}
		two, err := b.svc.SignUp(ctx, from, identity.SignUpInput{Name: "李四", IDNumber: "37160219920315006X", Phone: "13900010002", Login: "37160219920315006x", Password: "a long pass", Locale: i18n.Chinese})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.InTx(ctx, func(ctx context.Context) error {
			for _, q := range []string{
				`UPDATE identity_account SET id_number='` + idNumber + `', phone='13900010001', email='z@example.com', login='13900010001', id_number_index='', phone_index='' WHERE id='` + one.ID + `'`,
				`UPDATE identity_account SET id_number='37160219920315006X', phone='13900010002', login='37160219920315006x', id_number_index='', phone_index='' WHERE id='` + two.ID + `'`,
				`DELETE FROM seal_column`,
				`INSERT INTO identity_contact (account_id, kind, address, code_hash, tries, created_at, expires_at, version) VALUES ('` + one.ID + `','phone','13900010003','x',0,1,9999999999999,1)`,
			} {
				if _, err := d.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		ring := sealtest.Ring(t)
		keeper := seal.NewKeeper(ring, d, b.clock, b.svc.SealedColumns()...)
		for range 2 { // a start that is repeated changes nothing
			if err := keeper.SealPlain(ctx); err != nil {
				t.Fatal(err)
			}
		}
		var clear []string
		for _, table := range []string{"identity_account", "identity_contact"} {
			text := "phone || email || COALESCE(id_number, '') || login"
			if table == "identity_contact" {
				text = "address"
			}
			rows, err := db.List(ctx, d.Read(ctx), db.Scalar[string], `SELECT `+text+` FROM `+table)
			if err != nil {
				t.Fatal(err)
			}
			clear = append(clear, rows...)
		}
		for _, number := range []string{"13900010001", "13900010002", "13900010003", idNumber, "37160219920315006", "z@example.com"} {
			if strings.Contains(strings.Join(clear, " "), number) {
				t.Errorf("%s is still there in clear", number)
			}
		}
		for name, x := range map[string]struct{ typed, id string }{
			"phone as login": {"13900010001", one.ID}, "number": {idNumber, one.ID}, "number as login": {"37160219920315006x", two.ID}, "phone": {"13900010002", two.ID},
		} {
			if a, err := b.svc.SignIn(ctx, from, x.typed, "a long pass"); err != nil || a.ID != x.id {
				t.Errorf("%s: %+v %v", name, a, err)
			}
		}
		if a, err := b.svc.Account(ctx, one.ID); err != nil || a.Phone != "13900010001" || a.IDNumber != idNumber || a.Email != "z@example.com" || a.Login != "13900010001" {
			t.Errorf("%+v %v", a, err)
		}
		if list, err := b.svc.PendingContacts(ctx, auth.Actor{Kind: auth.Person, ID: one.ID}); err != nil || len(list) != 1 || list[0].Address != "13900010003" {
			t.Errorf("%+v %v", list, err)
		}
		// Nobody gets a second account with the same number, or the same phone as login.
		if _, err := b.svc.SignUp(ctx, from, identity.SignUpInput{Name: "张三", IDNumber: idNumber, Phone: "13900010009", Password: "a long pass"}); !errors.Is(err, identity.ErrKnown) {
			t.Errorf("the same number: %v", err)
		}
		if x, err := b.svc.SignUp(ctx, from, identity.SignUpInput{Name: "王五", IDNumber: "371602198802290027", Phone: "13900010001", Password: "a long pass"}); err != nil || x.Login == "13900010001" {
			t.Errorf("the same phone as login: %v %v", x, err)
		}
		for _, typed := range []string{"phone:" + ring.Index("identity_account.phone", "13900010001"), "id:" + two.ID} {
			if _, err := b.svc.SignIn(ctx, from, typed, "a long pass"); !errors.Is(err, identity.ErrSignIn) {
				t.Errorf("%s signs in: %v", typed, err)
			}
		}
		found, err := b.svc.FindVisitor(ctx, b.clerk, " "+idNumber)
		if err != nil || len(found) != 1 || found[0].Account.ID != one.ID {
			t.Errorf("at the window: %+v %v", found, err)
		}
	})
}
