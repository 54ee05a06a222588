package dossier_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
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
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/sealtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	uscc   = "91371671MA3TB0009L"
	pilot  = "91350203M0001QAY9B" // issued with a wrong check character
	someID = "371602199001010018"
)

// bench is the package with what it stands on, and a firm with an owner.
type bench struct {
	*dossier.Service
	ctx      context.Context
	clock    *clock.Moved
	identity *identity.Service
	jobs     *jobs.Queue
	changed  *[]dossier.Changed
	firm     identity.Enterprise
	owner    auth.Actor
	keeper   auth.Actor // of the register of companies
	tax      auth.Actor
	stranger auth.Actor
}

func setup(t testing.TB, d *db.DB) bench {
	t.Helper()
	ctx, c := t.Context(), clock.At(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC))
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
	people := identity.New(identity.Deps{DB: d, Clock: c, Audit: log, Throttle: throttle.New(d, c), Seal: sealtest.Ring(t)})
	b := bench{ctx: ctx, clock: c, identity: people, jobs: q, changed: &[]dossier.Changed{}}
	events.Subscribe(bus, func(_ context.Context, e dossier.Changed) error { *b.changed = append(*b.changed, e); return nil })
	b.Service = dossier.New(dossier.Deps{DB: d, Clock: c, Identity: people, Audit: log, Notify: notify.New(d, c, q, texts, nil, ""), Files: store, Jobs: q, Bus: bus})
	sys := auth.SystemActor()
	if err := people.SaveOrganisation(ctx, sys, identity.Organisation{
		Regions: []identity.Region{{Code: "371600", Level: "city", Name: i18n.Text{ZH: "市"}}, {Code: "371671", Level: "county", Parent: "371600", Name: i18n.Text{ZH: "区"}}, {Code: "371603", Level: "county", Parent: "371600", Name: i18n.Text{ZH: "沾化区"}}},
		Departments: []identity.Department{
			{ID: "sc", USCC: "12441500196720244T", Region: "371671", Name: i18n.Text{ZH: "市场监管局"}}, {ID: "sw", USCC: "11510100MB0U99044Q", Region: "371671", Name: i18n.Text{ZH: "税务局"}},
		},
		CertificateTypes: []identity.CertificateType{{Key: "high_tech_enterprise", Name: i18n.Text{ZH: "高新技术企业证书"}, Holder: identity.HolderEnterprise, Level: "A"}},
	}); err != nil {
		t.Fatal(err)
	}
	staff := func(login, department, region string) auth.Actor {
		a, err := people.CreateStaff(ctx, sys, identity.StaffInput{
			Login: login, Name: i18n.Text{ZH: login}, Password: "a long pass", Posts: []auth.Post{{Role: auth.Approver, DepartmentID: department, Region: region}},
		})
		if err != nil {
			t.Fatal(err)
		}
		actor, err := people.Actor(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	b.keeper, b.tax, b.stranger = staff("market", "sc", "371600"), staff("taxes", "sw", "371671"), staff("elsewhere", "sc", "371603")
	b.firm = b.take(t, reg("name", "market", "渤海智联传感科技有限公司", "2020-01-01"), reg("region", "market", "371671", "2020-01-01"), reg("address", "market", "创新路18号", "2024-05-01"),
		figure("revenue", "tax", 2024, "3684000000", "2025-06-30"), figure("revenue", "tax", 2025, "4200000000", "2026-06-30"), figure("rd_cost", "tax", 2025, "260000000", "2026-06-30"))
	a, err := people.SignUp(ctx, auth.Actor{}, identity.SignUpInput{Name: "赵启明", IDNumber: someID, Phone: "13900010001", Password: "a long pass", Locale: i18n.Chinese})
	if err != nil {
		t.Fatal(err)
	}
	if err := people.Authorise(ctx, sys, b.firm.ID, a.ID, identity.Owner); err != nil {
		t.Fatal(err)
	}
	if b.owner, err = people.Actor(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	return b
}

func reg(key, origin, value, asOf string) dossier.Word {
	return dossier.Word{Key: key, Value: value, Source: dossier.Registry, Origin: origin, AsOf: asOf}
}

func figure(key, origin string, year int, value, asOf string) dossier.Word {
	w := reg(key, origin, value, asOf)
	w.Year = year
	return w
}

func (b bench) take(t testing.TB, words ...dossier.Word) identity.Enterprise {
	t.Helper()
	e, err := b.Take(b.ctx, auth.SystemActor(), dossier.Opening{USCC: uscc, Words: words})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (b bench) place(t testing.TB, key string, year int) (dossier.Place, []dossier.Fact) {
	t.Helper()
	p, list, _, err := b.History(b.ctx, b.owner, b.firm.ID, dossier.Slot{Key: key, Year: year})
	if err != nil {
		t.Fatal(err)
	}
	return p, list
}

func TestFactsBecomeColumns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		if b.firm.Name.ZH != "渤海智联传感科技有限公司" || b.firm.Region != "371671" || b.firm.Address != "创新路18号" {
			t.Errorf("%+v", b.firm)
		}
		figures, err := b.identity.Figures(b.ctx, b.firm.ID)
		if err != nil || len(figures) != 2 || figures[0].Year != 2025 || *figures[0].Revenue != 4_200_000_000 || figures[0].Staff != nil || figures[0].Assets != nil || figures[1].RD != nil {
			t.Errorf("%+v %v", figures, err)
		}
		*b.changed = nil
		e := b.take(t, reg("address", "market", "创新路20号", "2026-02-01"), figure("staff", "social", 2025, "0", "2026-06-30"))
		if e.Address != "创新路20号" || len(*b.changed) != 1 || !slices.Equal((*b.changed)[0].Keys, []string{"address", "staff"}) {
			t.Errorf("%+v %+v", e, *b.changed)
		}
		if figures, _ = b.identity.Figures(b.ctx, b.firm.ID); figures[0].Staff == nil || *figures[0].Staff != 0 {
			t.Error("nobody on the staff is not the same as not known")
		}
		*b.changed = nil
		if e = b.take(t, reg("address", "market", "创新路19号", "2025-01-01"), reg("address", "market", "创新路20号", "2026-03-01")); e.Address != "创新路20号" || len(*b.changed) != 0 {
			t.Errorf("an older day: %s %+v", e.Address, *b.changed)
		}
		if _, list := b.place(t, "address", 0); len(list) != 3 {
			t.Errorf("%+v", list)
		}
		if _, err := b.Take(b.ctx, b.owner, dossier.Opening{USCC: uscc}); !errors.Is(err, dossier.ErrForbidden) {
			t.Errorf("a person: %v", err)
		}
	})
}

func TestWhatIsVerifiedIsNotOverwritten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		say := func(in dossier.Declaration) (dossier.State, error) { return b.Declare(b.ctx, b.owner, b.firm.ID, in) }
		// Nobody has verified the staff: what is declared holds at once, and can be corrected.
		for _, n := range []string{"86", "88"} {
			if state, err := say(dossier.Declaration{Key: "staff", Year: 2025, Value: n}); err != nil || state != dossier.Present {
				t.Fatalf("%s %v", state, err)
			}
		}
		// The address is verified: a request, with a reason.
		in := dossier.Declaration{Key: "address", Value: "海纳路1号"}
		if _, err := say(in); err == nil || !strings.Contains(err.Error(), "[reason:") {
			t.Errorf("without a reason: %v", err)
		}
		in.Reason, in.Paper = "已搬迁", &dossier.Paper{Name: "租赁合同.pdf", Content: strings.NewReader("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"), Limit: 1 << 20}
		if state, err := say(in); err != nil || state != dossier.Waiting {
			t.Fatalf("%s %v", state, err)
		}
		p, _ := b.place(t, "address", 0)
		if p.Present.Value != "创新路18号" || len(p.Open) != 1 || p.Open[0].Paper == "" {
			t.Errorf("%+v", p)
		}
		if _, err := b.PaperOf(b.ctx, b.tax, b.firm.ID, p.Open[0].ID); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("the paper to another department: %v", err)
		}
		if f, err := b.PaperOf(b.ctx, b.keeper, b.firm.ID, p.Open[0].ID); err != nil || f.Name != "租赁合同.pdf" {
			t.Errorf("%+v %v", f, err)
		}
		for name, in := range map[string]dossier.Declaration{
			"the same":     {Key: "address", Value: " 创新路18号 ", Reason: "x"},
			"no value":     {Key: "address", Value: " ", Reason: "x"},
			"not a number": {Key: "staff", Year: 2025, Value: "很多"},
			"a far year":   {Key: "staff", Year: 2031, Value: "3"},
			"negative":     {Key: "revenue", Year: 2025, Value: "-3", Reason: "x"},
		} {
			if _, err := say(in); !errors.Is(err, dossier.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, in := range map[string]dossier.Declaration{"unknown": {Key: "colour", Value: "red"}, "computed": {Key: "age_years", Value: "3"}, "for the registers only": {Key: "abnormal", Value: "否"}, "a year too much": {Key: "address", Year: 2024, Value: "x"}} {
			if _, err := say(in); !errors.Is(err, dossier.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAPersonDecides(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		b.take(t, reg("address", "tax", "海纳路1号", "2025-01-01"))
		slot := dossier.Slot{Key: "address"}
		if n, err := b.Open(b.ctx, b.keeper); err != nil || n != 1 {
			t.Fatalf("%d %v", n, err)
		}
		list, err := b.Matters(b.ctx, b.keeper, page.Request{})
		if err != nil || len(list.Rows) != 1 || list.Rows[0].Request() || len(list.Rows[0].Open) != 1 || !list.Rows[0].Present.Disputed {
			t.Fatalf("%+v %v", list, err)
		}
		m := list.Rows[0]
		for name, who := range map[string]auth.Actor{"the firm": b.owner, "the tax office": b.tax, "the same office elsewhere": b.stranger, "nobody": {}} {
			if err := b.Decide(b.ctx, who, b.firm.ID, dossier.Verdict{Slot: slot, Mark: m.Mark(), Take: m.Open[0].ID, Reason: "x"}); !errors.Is(err, dossier.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if list, err := b.Matters(b.ctx, b.tax, page.Request{}); err != nil || len(list.Rows) != 0 {
			t.Errorf("%+v %v", list, err)
		}
		for name, v := range map[string]dossier.Verdict{
			"no reason": {Slot: slot, Mark: m.Mark(), Take: m.Open[0].ID}, "nothing chosen": {Slot: slot, Mark: m.Mark(), Reason: "x"}, "a strange line": {Slot: slot, Mark: m.Mark(), Take: "x", Reason: "x"},
		} {
			if err := b.Decide(b.ctx, b.keeper, b.firm.ID, v); !errors.Is(err, dossier.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		b.take(t, reg("address", "social", "望海路2号", "2025-03-01"))
		v := dossier.Verdict{Slot: slot, Mark: m.Mark(), Take: m.Open[0].ID, Reason: "实地看过"} // what the tax office says, which is newer but not the keeper of this fact
		if err := b.Decide(b.ctx, b.keeper, b.firm.ID, v); !errors.Is(err, dossier.ErrStale) {
			t.Errorf("what he has not seen: %v", err)
		}
		if m, err = b.Matter(b.ctx, b.keeper, b.firm.ID, slot); err != nil {
			t.Fatal(err)
		}
		v.Mark = m.Mark()
		*b.changed = nil
		if err := b.Decide(b.ctx, b.keeper, b.firm.ID, v); err != nil {
			t.Fatal(err)
		}
		p, _ := b.place(t, "address", 0)
		e, _ := b.identity.Enterprise(b.ctx, b.firm.ID)
		if p.Present.Value != "海纳路1号" || p.Present.Disputed || len(p.Open) != 0 || e.Address != "海纳路1号" || len(*b.changed) != 1 {
			t.Errorf("%+v %+v %+v", p.Present, e, *b.changed)
		}
		if feed, err := b.Notify.Feed(b.ctx, b.owner.ID, page.Request{}); err != nil || len(feed.Rows) != 1 || feed.Rows[0].Kind != "dossier_decided" {
			t.Errorf("%+v %v", feed, err)
		}
		if err := b.Decide(b.ctx, b.keeper, b.firm.ID, v); !errors.Is(err, dossier.ErrSettled) {
			t.Errorf("twice: %v", err)
		}
		// The register repeats what was rejected: nothing opens. It says something new: it does.
		b.clock.Advance(48 * time.Hour)
		b.take(t, reg("address", "market", "创新路18号", "2026-11-24"))
		if p, _ := b.place(t, "address", 0); len(p.Open) != 0 || p.Present.Value != "海纳路1号" {
			t.Errorf("%+v", p)
		}
		b.take(t, reg("address", "market", "创新路30号", "2026-11-24"))
		if p, _ := b.place(t, "address", 0); len(p.Open) != 1 || p.Open[0].Value != "创新路30号" || p.Present.Value != "海纳路1号" || !p.Present.Disputed {
			t.Errorf("%+v", p)
		}
	})
}

func TestTheOfficerFindsSomethingElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		slot := dossier.Slot{Key: "revenue", Year: 2025}
		if _, err := b.Declare(b.ctx, b.owner, b.firm.ID, dossier.Declaration{Key: slot.Key, Year: slot.Year, Value: "4,500", Reason: "汇算清缴更正"}); err != nil {
			t.Fatal(err)
		}
		m, err := b.Matter(b.ctx, b.tax, b.firm.ID, slot)
		if err != nil || !m.Request() {
			t.Fatalf("%+v %v", m, err)
		}
		if err := b.Decide(b.ctx, b.tax, b.firm.ID, dossier.Verdict{Slot: slot, Mark: m.Mark(), Value: "4450", Reason: "以更正后的申报表为准"}); err != nil {
			t.Fatal(err)
		}
		p, list := b.place(t, slot.Key, slot.Year)
		if p.Present.Value != "4450000000" || p.Present.Source != dossier.Officer || len(p.Open) != 0 || len(list) != 3 {
			t.Errorf("%+v %+v", p, list)
		}
		figures, err := b.identity.Figures(b.ctx, b.firm.ID)
		if err != nil || *figures[0].Revenue != 4_450_000_000 {
			t.Errorf("%+v %v", figures, err)
		}
	})
}

func TestWhoReadsAFile(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	read := func(who auth.Actor) error {
		_, err := b.Read(b.ctx, who, b.firm.ID)
		return err
	}
	looked := auth.Actor{Kind: auth.Staff, ID: "x", Posts: []auth.Post{{Role: auth.Commissioner, DepartmentID: "kj", Region: "371671"}}}
	after := looked
	after.Portfolio = []string{b.firm.ID}
	leader := auth.Actor{Kind: auth.Staff, ID: "x", Posts: []auth.Post{{Role: auth.Leader, Region: "371600"}}}
	for name, who := range map[string]auth.Actor{"its owner": b.owner, "the keeper": b.keeper, "the tax office": b.tax, "its commissioner": after, "the leader": leader} {
		if err := read(who); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	elsewhere := leader
	elsewhere.Posts = []auth.Post{{Role: auth.Leader, Region: "371603"}}
	for name, who := range map[string]auth.Actor{
		"nobody": {}, "another person": {Kind: auth.Person, ID: "x", Firms: []string{"y"}}, "another commissioner": looked, "a keeper elsewhere": b.stranger, "a leader elsewhere": elsewhere,
		"a clerk": {Kind: auth.Staff, ID: "x", Posts: []auth.Post{{Role: auth.Clerk, DepartmentID: "sc", Region: "371671"}}}, "a program": {Kind: auth.Client, ID: "x"},
	} {
		if err := read(who); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheWholeFileForRules(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		if _, err := b.identity.Issue(b.ctx, auth.SystemActor(), identity.IssueInput{Type: "high_tech_enterprise", Number: "GR2024", Holder: b.firm.Party(), From: "2024-11-01", Until: "2027-10-31"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Declare(b.ctx, b.owner, b.firm.ID, dossier.Declaration{Key: "qualifications", Value: "省级瞪羚企业 | DL-7 | 2025-01-01 | 2027-12-31"}); err != nil {
			t.Fatal(err)
		}
		other, err := b.Take(b.ctx, auth.SystemActor(), dossier.Opening{USCC: pilot, Confirmed: true, Region: "371671"})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]dossier.Firm{}
		if err := b.Each(b.ctx, func(f dossier.Firm) error { seen[f.ID] = f; return nil }); err != nil || len(seen) != 2 {
			t.Fatalf("%d %v", len(seen), err)
		}
		f := seen[b.firm.ID]
		if x := f.Fact("rd_share", 2025); x == nil || x.Value != "6.19" || x.Source != dossier.Computed {
			t.Errorf("%+v", x)
		}
		if x := f.Fact("revenue_growth", 2025); x == nil || x.Value != "14.01" {
			t.Errorf("%+v", x)
		}
		if f.Fact("rd_share", 2024) != nil || f.Fact("staff", 2025) != nil {
			t.Error("what is missing is not there")
		}
		if x := f.Fact("qualifications", 0); x == nil || len(dossier.Items(x.Value)) != 2 || x.Source != dossier.Certificate {
			t.Errorf("%+v", x)
		}
		if o := seen[other.ID]; len(o.Facts) != 0 {
			t.Errorf("%+v", o)
		}
		one, err := b.FirmFacts(b.ctx, b.firm.ID)
		if err != nil || len(one.Facts) != len(f.Facts) {
			t.Errorf("%+v %v", one, err)
		}
		file, err := b.Read(b.ctx, b.owner, b.firm.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored, _ := b.Scores(b.ctx, []string{b.firm.ID})
		if err := b.Rescore(b.ctx); err != nil {
			t.Fatal(err)
		}
		again, _ := b.Scores(b.ctx, []string{b.firm.ID})
		if file.Score == 0 || file.Score != again[b.firm.ID] || stored[b.firm.ID] != file.Score {
			t.Errorf("score %d, kept %d, counted again %d", file.Score, stored[b.firm.ID], again[b.firm.ID])
		}
		if len(file.Gaps) == 0 || file.Gaps[0].Part < file.Gaps[len(file.Gaps)-1].Part {
			t.Errorf("%+v", file.Gaps)
		}
	})
}

// Firms from before there were files get one from their columns.
func TestAdopt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		e, err := b.identity.SaveEnterprise(b.ctx, auth.SystemActor(), identity.EnterpriseInput{
			Enterprise: identity.Enterprise{USCC: "91350200776049653A", Name: i18n.Text{ZH: "老企业"}, Region: "371671", Industry: "I6513", RegisteredOn: "2018-05-11", Capital: 500_000_000},
			Figures:    []identity.Figure{{Year: 2024, Staff: new(10), RDStaff: new(0)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := b.Adopt(b.ctx); err != nil {
				t.Fatal(err)
			}
		}
		f, err := b.FirmFacts(b.ctx, e.ID)
		if err != nil || f.Fact("staff", 2024) == nil || f.Fact("rd_staff", 2024) != nil || f.Fact("age_years", 0).Value != "8" || f.Fact("capital", 0).Value != "500000000" {
			t.Errorf("%+v %v", f, err)
		}
	})
}

// Who declares something before the job came by takes nothing away from the file.
func TestDeclaredBeforeAdopted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		e, err := b.identity.SaveEnterprise(b.ctx, auth.SystemActor(), identity.EnterpriseInput{
			Enterprise: identity.Enterprise{USCC: "91350200776049653A", Name: i18n.Text{ZH: "老企业"}, Region: "371671", RegisteredOn: "2018-05-11", Capital: 500_000_000},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.identity.Authorise(b.ctx, auth.SystemActor(), e.ID, b.owner.ID, identity.Owner); err != nil {
			t.Fatal(err)
		}
		who, err := b.identity.Actor(b.ctx, b.owner.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Declare(b.ctx, who, e.ID, dossier.Declaration{Key: "staff", Year: 2025, Value: "9"}); err != nil {
			t.Fatal(err)
		}
		if err := b.Adopt(b.ctx); err != nil {
			t.Fatal(err)
		}
		f, err := b.FirmFacts(b.ctx, e.ID)
		if err != nil || f.Fact("capital", 0) == nil || f.Fact("staff", 2025) == nil {
			t.Errorf("%+v %v", f, err)
		}
	})
}

// The telephone of a firm is shown to who decides about it, while there is something to decide.
func TestATelephoneIsShownToWhoDecides(t *testing.T) {
	t.Parallel()
	b := setup(t, dbtest.New(t))
	seen := func() string {
		p, _, _, err := b.History(b.ctx, b.keeper, b.firm.ID, dossier.Slot{Key: "phone"})
		if err != nil || p.Present == nil {
			t.Fatalf("%+v %v", p, err)
		}
		return p.Present.Value
	}
	b.take(t, reg("phone", "market", "13900010009", "2026-01-01"))
	if v := seen(); !strings.Contains(v, "*") {
		t.Errorf("shown with nothing to decide: %s", v)
	}
	b.take(t, reg("phone", "tax", "13900010008", "2026-02-01"))
	if v := seen(); v != "13900010009" {
		t.Errorf("hidden from who decides: %s", v)
	}
}
