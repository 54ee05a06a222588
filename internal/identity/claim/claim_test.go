package claim_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/claim"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/sealtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	uscc   = "91371671MA3TB0009L"
	pilot  = "91350203M0001QAY9B" // issued with a wrong check character
	bossID = "371602199001010018"
	aideID = "371602198803120011"
)

var ctx = context.Background()

type bench struct {
	*claim.Service
	t        testing.TB
	clock    *clock.Moved
	people   *identity.Service
	files    *dossier.Service
	register *register.Memory
	mandates *mandate.Service
	quota    *quota.Book
	boss     auth.Actor // legal representative by the register, checked at a window
	aide     auth.Actor
	other    auth.Actor
	keeper   auth.Actor
	second   auth.Actor // of the same department
	tax      auth.Actor
}

func record() register.Record {
	return register.Record{USCC: uscc, AsOf: "2026-11-20", RepresentativeID: bossID, Facts: map[string]string{
		"name": "渤海智联传感科技有限公司", "legal_representative": "赵启明", "region": "371671", "address": "创新路18号", "capital": "500", "unheard_of": "x",
	}}
}

func setup(t testing.TB, d *db.DB) *bench {
	t.Helper()
	c := clock.At(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC))
	log, bus := audit.New(d, c), events.New()
	q, err := jobs.New(d, dbtest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	texts, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	store, err := files.New(d, c, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	th := throttle.New(d, c)
	n := notify.New(d, c, q, texts, nil, "")
	b := &bench{t: t, clock: c, register: register.NewMemory(record())}
	b.people = identity.New(identity.Deps{DB: d, Clock: c, Audit: log, Throttle: th, Seal: sealtest.Ring(t)})
	b.files = dossier.New(dossier.Deps{DB: d, Clock: c, Identity: b.people, Audit: log, Notify: n, Files: store, Jobs: q, Bus: bus, Register: b.register})
	b.mandates = mandate.New(mandate.Deps{DB: d, Clock: c, Audit: log, Throttle: th, Notify: n, Identity: b.people, HasItem: func(string) bool { return true }})
	b.quota = quota.New(d, c, quota.Limits{Files: 20, MB: 20})
	b.Service = claim.New(claim.Deps{DB: d, Clock: c, Identity: b.people, Dossier: b.files, Grants: b.mandates, Files: store, Notify: n, Audit: log, Throttle: th, Quota: b.quota})
	events.Subscribe(bus, b.RegisterAnswered)
	sys := auth.SystemActor()
	if err := b.people.SaveOrganisation(ctx, sys, identity.Organisation{
		Regions: []identity.Region{{Code: "371600", Level: "city", Name: i18n.Text{ZH: "市"}}, {Code: "371671", Level: "county", Parent: "371600", Name: i18n.Text{ZH: "区"}}},
		Departments: []identity.Department{
			{ID: "sc", USCC: "12441500196720244T", Region: "371671", Name: i18n.Text{ZH: "市场监管局"}}, {ID: "sw", USCC: "11510100MB0U99044Q", Region: "371671", Name: i18n.Text{ZH: "税务局"}},
		},
	}); err != nil {
		t.Fatal(err)
	}
	person := func(name, number, phone string) auth.Actor {
		a, err := b.people.SignUp(ctx, auth.Actor{}, identity.SignUpInput{Name: name, IDNumber: number, Phone: phone, Password: "a long pass", Locale: i18n.Chinese})
		if err != nil {
			t.Fatal(err)
		}
		return b.again(a.ID)
	}
	b.boss, b.aide, b.other = person("赵启明", bossID, "13900010001"), person("孙晓岚", aideID, "13900010002"), person("沈知远", "371602199110080015", "13900010003")
	staff := func(login, department string) auth.Actor {
		a, err := b.people.CreateStaff(ctx, sys, identity.StaffInput{
			Login: login, Name: i18n.Text{ZH: login}, Password: "a long pass", Posts: []auth.Post{{Role: auth.Approver, DepartmentID: department, Region: "371671"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return b.again(a.ID)
	}
	b.keeper, b.second, b.tax = staff("market", "sc"), staff("market2", "sc"), staff("taxes", "sw")
	return b
}

func (b *bench) again(id string) auth.Actor {
	b.t.Helper()
	a, err := b.people.Actor(ctx, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// checked notes that a clerk has looked at an identity card.
func (b *bench) checked(a auth.Actor) {
	b.t.Helper()
	if err := b.DB.InTx(ctx, func(ctx context.Context) error {
		return b.people.NoteRealName(ctx, a.ID, identity.RealWindow, i18n.Text{ZH: "大厅"})
	}); err != nil {
		b.t.Fatal(err)
	}
}

func typed() claim.AddInput {
	return claim.AddInput{USCC: uscc, Name: "渤海智联传感科技有限公司", Representative: "赵启明"}
}

func withPaper(in claim.AddInput) claim.AddInput {
	in.Paper = &claim.Paper{Name: "委托书.pdf", Content: bytes.NewReader([]byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")), Limit: 1 << 20}
	return in
}

func fieldCode(err error, field string) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			if f.Name == field {
				return f.Code
			}
		}
	}
	return ""
}

func (b *bench) refused(a auth.Actor, in claim.AddInput, field string, want *errs.Error) {
	b.t.Helper()
	if _, err := b.Add(ctx, a, in); fieldCode(err, field) != want.Code {
		b.t.Errorf("got %v, want %s at %s", err, want.Code, field)
	}
}

func (b *bench) feed(a auth.Actor, kind string) {
	b.t.Helper()
	feed, err := b.Notify.Feed(ctx, a.ID, page.Request{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range feed.Rows {
		if m.Kind == kind {
			return
		}
	}
	b.t.Errorf("was not told %s: %+v", kind, feed.Rows)
}

func TestRepresentativeBecomesOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.refused(b.boss, typed(), "paper", claim.ErrPaper) // a number that was typed proves nothing
		b.checked(b.boss)
		done, err := b.Add(ctx, b.boss, typed())
		if err != nil || done.State != claim.Accepted || done.Claim != "" {
			t.Fatalf("%+v %v", done, err)
		}
		boss := b.again(b.boss.ID)
		if !boss.Leads(done.Firm, auth.LevelOwner) {
			t.Errorf("%+v", boss.Mandates)
		}
		e, err := b.people.Enterprise(ctx, done.Firm)
		if err != nil || e.Address != "创新路18号" || e.Capital != 5_000_000_00 || e.LegalRepresentative != "赵启明" {
			t.Errorf("%+v %v", e, err)
		}
		b.refused(boss, typed(), "uscc", claim.ErrActs)
		if why, err := b.HoldOf(ctx, done.Firm, boss.ID); why != "" || err != nil {
			t.Errorf("held: %s %v", why, err)
		}
	})
}

// Nobody learns who the legal representative is: whoever is not proven hears the
// same, whether the typed number is right or not.
func TestNoAnswerTellsWhoItIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		_, right := b.Add(ctx, b.boss, typed())
		_, stranger := b.Add(ctx, b.aide, typed())
		if right == nil || stranger == nil || right.Error() != stranger.Error() {
			t.Errorf("%v, %v", right, stranger)
		}
		wrongName, wrongPerson := typed(), typed()
		wrongName.Name, wrongPerson.Representative = "别的公司", "别的人"
		_, x := b.Add(ctx, b.aide, withPaper(wrongName))
		_, y := b.Add(ctx, b.aide, withPaper(wrongPerson))
		if fieldCode(x, "name") != claim.ErrMismatch.Code || x.Error() != y.Error() {
			t.Errorf("%v, %v", x, y)
		}
		for range 7 {
			_, err := b.Add(ctx, b.aide, withPaper(wrongPerson))
			if fieldCode(err, "name") != claim.ErrMismatch.Code {
				t.Fatal(err)
			}
		}
		if _, err := b.Add(ctx, b.aide, withPaper(typed())); err == nil || fieldCode(err, "name") != "" {
			t.Errorf("the eleventh try: %v", err)
		}
	})
}

func TestCodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		in := typed()
		in.USCC = "91371671MA3TB0009X"
		b.refused(b.aide, in, "uscc", claim.ErrUSCC)
		in.USCC = "91371671MAEX003K5K"
		b.refused(b.aide, in, "uscc", claim.ErrUnknown)
		in.USCC = pilot
		b.refused(b.aide, in, "uscc", claim.ErrConfirm)
		in.Confirmed = true
		b.refused(b.aide, in, "uscc", claim.ErrUnknown)
		r := record()
		r.USCC = pilot
		b.register.Put(r)
		if done, err := b.Add(ctx, b.aide, withPaper(in)); err != nil || done.State != claim.Open {
			t.Errorf("%+v %v", done, err)
		}
		in = typed()
		in.Name, in.Representative = "", ""
		b.refused(b.aide, in, "name", claim.ErrName)
		b.refused(b.aide, in, "representative", claim.ErrPerson)
	})
}

func TestClaimAtTheDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		done, err := b.Add(ctx, b.aide, withPaper(typed()))
		if err != nil || done.State != claim.Open {
			t.Fatalf("%+v %v", done, err)
		}
		b.refused(b.aide, withPaper(typed()), "uscc", claim.ErrOpen)
		if b.again(b.aide.ID).ActsFor(done.Firm) {
			t.Error("acts before anybody has decided")
		}
		for _, a := range []auth.Actor{b.tax, b.other, b.boss} {
			if _, err := b.Claim(ctx, a, done.Claim); !errors.Is(err, claim.ErrNotFound) {
				t.Errorf("%s sees it: %v", a.Name, err)
			}
			if _, err := b.Decide(ctx, a, done.Claim, claim.Verdict{Version: 1, Accept: true}); !errors.Is(err, claim.ErrNotFound) {
				t.Errorf("%s decides it: %v", a.Name, err)
			}
			if list, err := b.ToDecide(ctx, a); err != nil || len(list) > 0 {
				t.Errorf("%v %v", list, err)
			}
			if _, err := b.PaperOf(ctx, a, done.Claim); !errors.Is(err, claim.ErrNotFound) {
				t.Errorf("%s reads the paper: %v", a.Name, err)
			}
		}
		if _, err := b.Decide(ctx, b.aide, done.Claim, claim.Verdict{Version: 1, Accept: true}); !errors.Is(err, claim.ErrOwn) {
			t.Errorf("decides his own: %v", err)
		}
		b.feed(b.keeper, "claim_desk")
		if feed, err := b.Notify.Feed(ctx, b.tax.ID, page.Request{}); err != nil || len(feed.Rows) > 0 {
			t.Errorf("another department is told: %+v %v", feed.Rows, err)
		}
		list, err := b.ToDecide(ctx, b.keeper)
		if err != nil || len(list) != 1 || !list[0].May || list[0].Level != auth.LevelManager || list[0].Proven {
			t.Fatalf("%+v %v", list, err)
		}
		if _, err := b.PaperOf(ctx, b.keeper, done.Claim); err != nil {
			t.Error(err)
		}
		if _, err := b.Decide(ctx, b.keeper, done.Claim, claim.Verdict{Version: 1}); fieldCode(err, "reason") != claim.ErrReason.Code {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := b.Decide(ctx, b.keeper, done.Claim, claim.Verdict{Version: 9, Accept: true}); !errors.Is(err, claim.ErrSettled) {
			t.Errorf("of another version: %v", err)
		}
		if decided, err := b.Decide(ctx, b.keeper, done.Claim, claim.Verdict{Version: 1, Accept: true}); err != nil || decided {
			t.Fatalf("one officer is not enough: %v %v", decided, err)
		}
		if b.again(b.aide.ID).ActsFor(done.Firm) {
			t.Error("acts by the word of one officer")
		}
		if _, err := b.Decide(ctx, b.keeper, done.Claim, claim.Verdict{Version: 2, Accept: true}); !errors.Is(err, claim.ErrSecond) {
			t.Errorf("the same one again: %v", err)
		}
		if list, err := b.ToDecide(ctx, b.keeper); err != nil || len(list) != 1 || list[0].May || list[0].FirstBy != b.keeper.ID {
			t.Errorf("%+v %v", list, err)
		}
		if decided, err := b.Decide(ctx, b.second, done.Claim, claim.Verdict{Version: 2, Accept: true}); err != nil || !decided {
			t.Fatal(decided, err)
		}
		if !b.again(b.aide.ID).Leads(done.Firm, auth.LevelManager) {
			t.Error("is no manager")
		}
		b.feed(b.aide, "claim_accepted")
		if _, err := b.Decide(ctx, b.keeper, done.Claim, claim.Verdict{Version: 3, Reason: "x"}); !errors.Is(err, claim.ErrSecond) && !errors.Is(err, claim.ErrSettled) {
			t.Errorf("twice: %v", err)
		}
	})
}

// A firm that has an owner: the claim goes to him, also that of the legal
// representative.
func TestClaimAtTheOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.checked(b.boss)
		done, err := b.Add(ctx, b.boss, typed())
		if err != nil {
			t.Fatal(err)
		}
		r := record()
		r.RepresentativeID, r.Facts["legal_representative"] = aideID, "孙晓岚" // it has changed
		b.register.Put(r)
		b.checked(b.aide)
		in := typed()
		in.Representative = "孙晓岚"
		second, err := b.Add(ctx, b.aide, in)
		if err != nil || second.State != claim.Open {
			t.Fatalf("%+v %v", second, err)
		}
		third, err := b.Add(ctx, b.other, withPaper(in))
		if err != nil {
			t.Fatal(err)
		}
		boss := b.again(b.boss.ID)
		b.feed(boss, "claim_opened")
		list, err := b.ToDecide(ctx, boss)
		if err != nil || len(list) != 2 || list[0].Level != auth.LevelOwner || !list[0].Proven || list[1].Level != auth.LevelAgent {
			t.Fatalf("%+v %v", list, err)
		}
		if _, err := b.Decide(ctx, boss, second.Claim, claim.Verdict{Version: 1, Accept: true}); err != nil {
			t.Error(err)
		}
		if _, err := b.Decide(ctx, boss, third.Claim, claim.Verdict{Version: 1, Reason: "不认识"}); err != nil {
			t.Error(err)
		}
		b.feed(b.other, "claim_rejected")
		if !b.again(b.aide.ID).Leads(done.Firm, auth.LevelOwner) || b.again(b.other.ID).ActsFor(done.Firm) {
			t.Error("wrong people act for it")
		}
	})
}

func (b *bench) declared(a auth.Actor, in claim.AddInput) claim.Added {
	b.t.Helper()
	b.register.Switch(true)
	if _, err := b.Add(ctx, a, in); !errors.Is(err, claim.ErrDown) {
		b.t.Fatalf("without a word that he declares: %v", err)
	}
	in.Declare = true
	b.refused(a, in, "region", claim.ErrRegion)
	in.Region, in.Address = "371671", "创新路20号"
	done, err := b.Add(ctx, a, in)
	if err != nil || done.State != claim.Waiting {
		b.t.Fatalf("%+v %v", done, err)
	}
	if !b.again(a.ID).ActsFor(done.Firm) || b.again(a.ID).Leads(done.Firm, auth.LevelOwner) {
		b.t.Error("acts for it for the time being, as nothing more than an agent")
	}
	b.held(done.Firm, a, claim.HoldWaiting)
	return done
}

func (b *bench) held(firm string, a auth.Actor, want claim.Hold) {
	b.t.Helper()
	if got, err := b.HoldOf(ctx, firm, a.ID); got != want || err != nil {
		b.t.Errorf("held %q %v, want %q", got, err, want)
	}
}

// fill lets the register answer again and the job run, when its pause is over.
func (b *bench) fill() {
	b.t.Helper()
	b.register.Switch(false)
	b.clock.Advance(3 * time.Hour)
	if err := b.files.FillWaiting(ctx); err != nil {
		b.t.Fatal(err)
	}
}

func TestRegisterDown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.checked(b.boss)
		done := b.declared(b.boss, typed())
		for range 3 { // it is not asked again at once, and its silence changes nothing
			if err := b.files.FillWaiting(ctx); err != nil {
				t.Fatal(err)
			}
			b.clock.Advance(time.Minute)
		}
		b.held(done.Firm, b.boss, claim.HoldWaiting)
		b.feed(b.keeper, "claim_unverified")
		b.fill()
		b.held(done.Firm, b.boss, "")
		b.feed(b.boss, "dossier_filled")
		b.feed(b.boss, "claim_accepted")
		if !b.again(b.boss.ID).Leads(done.Firm, auth.LevelOwner) {
			t.Error("is not the owner")
		}
		e, err := b.people.Enterprise(ctx, done.Firm)
		if err != nil || e.Address != "创新路18号" {
			t.Errorf("the register's word does not hold: %+v %v", e, err)
		}
		list, err := b.files.Matters(ctx, b.keeper, page.Request{})
		if err != nil || len(list.Rows) != 1 || list.Rows[0].Def.Key != "address" || list.Rows[0].Open[0].Value != "创新路20号" {
			t.Errorf("what differs is for the desk: %+v %v", list, err)
		}
	})
}

func TestRegisterDownAndNotProven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		in := typed()
		in.Declare, in.Region = true, "371671"
		b.register.Switch(true)
		b.refused(b.aide, in, "paper", claim.ErrPaper) // says himself that he is somebody else
		done := b.declared(b.aide, withPaper(typed()))
		b.fill()
		b.held(done.Firm, b.aide, claim.HoldClaim)
		if b.again(b.aide.ID).ActsFor(done.Firm) {
			t.Error("reads what the register said")
		}
		list, err := b.ToDecide(ctx, b.keeper)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		if _, err := b.Decide(ctx, b.keeper, done.Claim, claim.Verdict{Version: list[0].Version, Reason: "委托书没有盖章"}); err != nil {
			t.Fatal(err)
		}
		b.held(done.Firm, b.aide, claim.HoldRejected)
		b.held(done.Firm, b.boss, "") // of somebody else
	})
}

func TestRegisterDoesNotHaveIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		in := typed()
		in.USCC = "91371671MAEX003K5K"
		done := b.declared(b.boss, in)
		b.fill()
		b.held(done.Firm, b.boss, claim.HoldUnknown)
		b.feed(b.boss, "dossier_unknown")
		for _, a := range []auth.Actor{b.tax, b.boss} {
			if list, err := b.files.Unverified(ctx, a, page.Request{}); err != nil || len(list.Rows) > 0 {
				t.Errorf("%+v %v", list, err)
			}
			if _, err := b.files.VerifyByHand(ctx, a, done.Firm, 1, "x"); !errors.Is(err, dossier.ErrNotFound) {
				t.Errorf("%s verifies: %v", a.Name, err)
			}
		}
		list, err := b.files.Unverified(ctx, b.keeper, page.Request{})
		if err != nil || len(list.Rows) != 1 || len(list.Rows[0].Declared) != 4 {
			t.Fatalf("%+v %v", list, err)
		}
		v := list.Rows[0].Version
		if _, err := b.files.VerifyByHand(ctx, b.keeper, done.Firm, v, " "); fieldCode(err, "reason") != dossier.ErrReason.Code {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := b.files.VerifyByHand(ctx, b.keeper, done.Firm, v+1, "x"); !errors.Is(err, dossier.ErrStale) {
			t.Errorf("of another version: %v", err)
		}
		b.byHand(done.Firm)
		b.held(done.Firm, b.boss, claim.HoldClaim) // who he is, people decide
		if b.again(b.boss.ID).ActsFor(done.Firm) {
			t.Error("acts for a verified firm and has proven nothing")
		}
		claims, err := b.ToDecide(ctx, b.keeper)
		if err != nil || len(claims) != 1 {
			t.Fatalf("%+v %v", claims, err)
		}
		b.accept(claims[0].ID)
		b.held(done.Firm, b.boss, "")
		if !b.again(b.boss.ID).ActsFor(done.Firm) {
			t.Error("acts no more")
		}
	})
}

// byHand lets two people verify a firm.
func (b *bench) byHand(firm string) {
	b.t.Helper()
	for i, a := range []auth.Actor{b.keeper, b.second} {
		u, err := b.files.UnverifiedFirm(ctx, a, firm)
		if err != nil {
			b.t.Fatal(err)
		}
		done, err := b.files.VerifyByHand(ctx, a, firm, u.Version, "已核对执照原件")
		if err != nil || done != (i == 1) {
			b.t.Fatalf("%v %v", done, err)
		}
		if i == 0 {
			if _, err := b.files.VerifyByHand(ctx, a, firm, u.Version+1, "再来一次"); !errors.Is(err, dossier.ErrSecond) {
				b.t.Errorf("the same one twice: %v", err)
			}
		}
	}
}

// accept lets two people accept a claim.
func (b *bench) accept(id string) {
	b.t.Helper()
	for _, a := range []auth.Actor{b.keeper, b.second} {
		c, err := b.Claim(ctx, a, id)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.Decide(ctx, a, id, claim.Verdict{Version: c.Version, Accept: true}); err != nil {
			b.t.Fatal(err)
		}
	}
}
