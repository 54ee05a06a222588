package batch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/sealtest"

	"github.com/xuri/excelize/v2"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	uscc   = "91350200776049653A"
	number = "371602199001010018"
	typed  = "371602199001010026" // of somebody whose card nobody has seen
	office = "12441500196720244T"
)

// house is a register with a firm, two people and two offices.
type house struct {
	*batch.Service
	db                               *db.DB
	id                               *identity.Service
	firm                             identity.Enterprise
	person                           identity.Account
	handler, approver, other, outsid auth.Actor
}

func setup(t *testing.T, d *db.DB) *house {
	t.Helper()
	c := clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	texts, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	log, hits, ctx, sys := audit.New(d, c), throttle.New(d, c), t.Context(), auth.SystemActor()
	id := identity.New(identity.Deps{DB: d, Clock: c, Audit: log, Throttle: hits, Seal: sealtest.Ring(t)})
	store, err := files.New(d, c, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	q, err := jobs.New(d, dbtest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	tell := notify.New(d, c, q, texts, nil, "http://t.test")
	rules, err := credit.Published()
	if err != nil {
		t.Fatal(err)
	}
	cs := certs.New(certs.Deps{DB: d, Clock: c, Identity: id, Files: store, Notify: tell, Audit: log, Throttle: hits})
	cr := credit.New(credit.Deps{DB: d, Clock: c, Identity: id, Files: store, Notify: tell, Audit: log, Rules: rules})
	h := &house{db: d, id: id, Service: batch.New(batch.Deps{DB: d, Clock: c, Identity: id, Files: store, Jobs: q, Audit: log, Kinds: []batch.Kind{cs.Sheet(), cr.Sheet()}})}
	h.Workers(q)
	if err := id.SaveOrganisation(ctx, sys, identity.Organisation{
		Regions:     []identity.Region{{Code: "371600", Level: "city", Name: i18n.Text{ZH: "市"}}, {Code: "371671", Level: "county", Parent: "371600", Name: i18n.Text{ZH: "区"}}},
		Departments: []identity.Department{{ID: "kj", USCC: office, Region: "371671", Name: i18n.Text{ZH: "科创局"}}, {ID: "sc", USCC: "113716000043456718", Region: "371671", Name: i18n.Text{ZH: "市场局"}}},
		CertificateTypes: []identity.CertificateType{
			{Key: "permit", Name: i18n.Text{ZH: "许可证", EN: "Permit"}, Holder: identity.HolderEnterprise, Level: "A", Code: office + "001"},
			{Key: "diploma", Name: i18n.Text{ZH: "学历", EN: "Diploma"}, Holder: identity.HolderPerson, Level: "B"},
		},
	}); err != nil {
		t.Fatal(err)
	}
	staff := func(login, department string, role auth.Role) auth.Actor {
		a, err := id.CreateStaff(ctx, sys, identity.StaffInput{Login: login, Name: i18n.Text{ZH: login}, Password: "window-pass", Posts: []auth.Post{{Role: role, DepartmentID: department, Region: "371671"}}})
		if err != nil {
			t.Fatal(err)
		}
		actor, err := id.Actor(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	h.handler, h.approver, h.other, h.outsid = staff("handler", "kj", auth.Handler), staff("approver", "kj", auth.Approver), staff("head", "kj", auth.Head), staff("beside", "sc", auth.Approver)
	person := func(login, number string) identity.Account {
		a, err := id.SeedAccount(ctx, sys, identity.Account{Login: login, Kind: auth.Person, Name: i18n.Text{ZH: "张三"}, IDNumber: number, Phone: "1390001000" + number[17:]}, nil, "x")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	h.person = person("holder", number)
	person("typed", typed)
	if err := d.InTx(ctx, func(ctx context.Context) error {
		return id.NoteRealName(ctx, h.person.ID, identity.RealWindow, i18n.Text{ZH: "大厅"})
	}); err != nil {
		t.Fatal(err)
	}
	if h.firm, err = id.SaveEnterprise(ctx, sys, identity.EnterpriseInput{Enterprise: identity.Enterprise{USCC: uscc, Name: i18n.Text{ZH: "试验公司"}, Region: "371671", RegisteredOn: "2020-01-01"}}); err != nil {
		t.Fatal(err)
	}
	if err := id.Authorise(ctx, sys, h.firm.ID, h.person.ID, identity.Owner); err != nil {
		t.Fatal(err)
	}
	return h
}

func source(text string) sheet.Source {
	return sheet.Source{ReaderAt: strings.NewReader(text), Size: int64(len(text))}
}

// counted runs Check or Take and keeps the rows.
func (h *house) counted(t *testing.T, kind, text string, take bool) (batch.Counts, []batch.Row) {
	t.Helper()
	var rows []batch.Row
	keep := func(r batch.Row) { rows = append(rows, r) }
	var c batch.Counts
	var err error
	if take {
		c, err = h.Take(t.Context(), auth.SystemActor(), kind, "kj", "batch:test", source(text), keep)
	} else {
		c, err = h.Check(t.Context(), kind, "kj", source(text), keep)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c, rows
}

func (h *house) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	n, err := db.One(t.Context(), h.db.Read(t.Context()), db.Scalar[int], query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// said are the findings of a row.
func said(r batch.Row) string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Column+" "+f.Code)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func code(serial string) string {
	return idcode.WithCertificateCheck(idcode.CertificateRoot + "." + office + "001." + office + "." + serial + ".001")
}

func TestASheetOfCertificates(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		good := code("SY1")
		wrongCheck := good[:len(good)-1] + map[bool]string{true: "A", false: "B"}[good[len(good)-1] != 'A']
		elsewhere := idcode.WithCertificateCheck(idcode.CertificateRoot + "." + office + "001.113716000043456718.SY9.001")
		text := "证照类型,证照编号,证照标识,主体代码,主体名称,发证机关,有效期自,有效期至,状态\n" +
			"许可证,SY-1," + good + "," + uscc + ",试验公司,,2025年1月1日,2030/12/31,有效\n" + // 2
			"permit,SY-2,," + uscc + ",,科创局,2025-01-01,长期,暂停\n" + // 3
			"学历,XL-1,," + number + ",张三,某大学,20150701,,\n" + // 4
			"许可证,SY-3," + wrongCheck + "," + uscc + ",,,2025-01-01,,\n" + // 5
			"许可证,SY-4," + elsewhere + "," + uscc + ",,,2025-01-01,,\n" + // 6
			"许可证,SY-5,,91371671MA3TB0009L,,,2025-01-01,,\n" + // 7: a firm nobody knows
			"许可证,SY-6,,12345,,,2025-01-01,,\n" + // 8
			"学历,XL-2,," + typed + ",张三,某大学,2015-07-01,,\n" + // 9: nobody saw the card
			"学历,XL-3,," + number + ",,,2015-07-01,,\n" + // 10: neither name nor issuer
			"许可证,SY-7,," + number + ",李四,,2025-13-01,2024-01-01,作废\n" + // 11
			"没有的证,SY-8,," + uscc + ",,,2025-01-01,,\n" + // 12
			"许可证,SY-1,," + uscc + ",,,2025-01-01,,\n" + // 13: the number once more
			"许可证,,," + uscc + ",,,2025-01-01,,\n" // 14
		counts, rows := h.counted(t, "certificates", text, false)
		if want := (batch.Counts{Read: 13, New: 3, Wrong: 10}); counts != want {
			t.Fatalf("%+v %+v", counts, rows)
		}
		for n, want := range map[int]string{
			5: "证照标识 certs.code", 6: "证照标识 certs.other_code", 7: "主体代码 batch.holder_unknown", 8: "主体代码 batch.holder_code", 9: "主体代码 identity.not_proven",
			10: "主体名称 batch.required; 发证机关 certs.issuer", 11: "主体名称 batch.holder_name; 有效期自 certs.day; 状态 certs.state_word; 证照类型 certs.type", 12: "证照类型 certs.type",
			13: " batch.twice", 14: "证照编号 batch.required",
		} {
			if got := said(rows[n-2]); got != want {
				t.Errorf("row %d: %s, want %s", n, got, want)
			}
		}
		if strings.Contains(rows[2].Holder, number) || !strings.Contains(rows[2].Holder, "*") {
			t.Errorf("an identity number is shown: %s", rows[2].Holder)
		}
		if n := h.count(t, `SELECT count(*) FROM identity_certificate`); n != 0 {
			t.Fatalf("a check wrote %d", n)
		}
		if counts, rows = h.counted(t, "certificates", text, true); counts.New != 3 || counts.Wrong != 10 {
			t.Fatalf("%+v %+v", counts, rows)
		}
		list, err := h.id.Certificates(t.Context(), []string{h.firm.ID, h.person.ID})
		if err != nil || len(list) != 3 {
			t.Fatalf("%+v %v", list, err)
		}
		for _, c := range list {
			switch c.Number {
			case "SY-1":
				if c.Code != good || c.IssuerID != "kj" || c.Level != "A" || c.ValidTo != "2030-12-31" || c.State != identity.CertValid || c.Source != "import" {
					t.Errorf("%+v", c)
				}
			case "SY-2":
				if c.State != identity.CertSuspended || c.ValidTo != "" {
					t.Errorf("%+v", c)
				}
			case "XL-1":
				if c.IssuerID != "" || c.KeeperID != "kj" || c.IssuerName != "某大学" || c.Level != "B" || c.HolderID != h.person.ID || c.ValidFrom != "2015-07-01" {
					t.Errorf("%+v", c)
				}
			}
		}
		if n := h.count(t, `SELECT count(*) FROM audit_entry WHERE action='identity.issue_certificate'`); n != 3 {
			t.Errorf("%d records in the trail", n)
		}
		if n := h.count(t, `SELECT count(*) FROM audit_entry WHERE action='batch.take' AND object='batch:test'`); n != 1 {
			t.Errorf("%d batches in the trail", n)
		}
		if counts, rows = h.counted(t, "certificates", text, true); counts.New != 0 || counts.Same != 3 || counts.Wrong != 10 {
			t.Errorf("the same sheet once more: %+v %+v", counts, rows)
		}
		// What is in the register is not overwritten.
		other := "证照类型,证照编号,主体代码,有效期自,有效期至\n许可证,SY-1," + uscc + ",2025-01-01,2040-12-31\n"
		if counts, rows = h.counted(t, "certificates", other, true); counts.Wrong != 1 || said(rows[0]) != "证照编号 certs.differs" {
			t.Errorf("%+v %+v", counts, rows)
		}
		// A department brings in what it issues.
		_, err = h.Check(t.Context(), "certificates", "sc", source(other), func(r batch.Row) { rows = []batch.Row{r} })
		if err != nil || said(rows[0]) != "证照类型 certs.not_ours" {
			t.Errorf("%+v %v", rows, err)
		}
	})
}

func TestASheetOfCreditRecords(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		text := "记录编号,信息来源,主体代码,主体名称,记录类别,事由,认定日期,截止日期\n" +
			"A-1,," + uscc + ",试验公司,守信,纳税信用A级,2025-06-01,\n" +
			"A-2,信用中国," + number + ",张三,行政处罚,未按期申报,2025-06-01,2026-06-01\n" +
			"A-3,市场局," + uscc + ",,失信,承诺不实,2025-06-01,\n" +
			"A-4,," + uscc + ",,表扬信,x,2025-06-01,\n" +
			"A-5,," + uscc + ",,失信,y,2027-06-01,\n" +
			"A-1,科创局," + uscc + ",,守信,纳税信用A级,2025-06-01,\n"
		if c, rows := h.counted(t, "credit", text, false); c != (batch.Counts{Read: 6, New: 2, Wrong: 4}) || said(rows[2]) != "信息来源 credit.not_ours" ||
			said(rows[3]) != "记录类别 credit.kind" || said(rows[4]) != "认定日期 credit.day" || said(rows[5]) != " batch.twice" {
			t.Fatalf("%+v %+v", c, rows)
		}
		for _, want := range []batch.Counts{{Read: 6, New: 2, Wrong: 4}, {Read: 6, Same: 2, Wrong: 4}} {
			if c, rows := h.counted(t, "credit", text, true); c != want {
				t.Fatalf("%+v %+v", c, rows)
			}
		}
		if n := h.count(t, `SELECT count(*) FROM notify_message WHERE kind='credit_record'`); n != 2 {
			t.Errorf("%d were told", n)
		}
		if n := h.count(t, `SELECT count(*) FROM identity_credit WHERE department_id='kj'`); n != 2 {
			t.Errorf("%d records", n)
		}
		other := "记录编号,主体代码,记录类别,事由,认定日期\nA-1," + uscc + ",失信,改了,2025-06-01\n"
		if c, rows := h.counted(t, "credit", other, true); c.Wrong != 1 || said(rows[0]) != "记录编号 credit.differs" {
			t.Errorf("%+v %+v", c, rows)
		}
	})
}

func TestTwoSteps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		ctx := t.Context()
		text := "证照类型,证照编号,主体代码,有效期自\n许可证,SY-1," + uscc + ",2025-01-01\n许可证,SY-2,x,2025-01-01\n"
		up := func(who auth.Actor, kind, name, content string) (string, error) {
			return h.Bring(ctx, who, kind, batch.Upload{Name: name, Content: strings.NewReader(content), Limit: 1 << 20})
		}
		for name, who := range map[string]auth.Actor{"the holder": {Kind: auth.Person, ID: h.person.ID}, "nobody": {}} {
			if _, err := up(who, "certificates", "a.csv", text); !errors.Is(err, batch.ErrForbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := up(h.approver, "certificates", "a.exe", "MZ\x90\x00"); !errors.Is(err, batch.ErrInvalid) {
			t.Errorf("a program: %v", err)
		}
		id, err := up(h.approver, "certificates", "a.csv", text)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Release(ctx, h.other, "certificates", id, 1); !errors.Is(err, batch.ErrState) {
			t.Errorf("before the check: %v", err)
		}
		if err := h.Work(ctx, id); err != nil {
			t.Fatal(err)
		}
		x, err := h.Find(ctx, h.handler, "certificates", id)
		if err != nil || x.State != batch.Checked || x.Counts.New != 1 || x.Counts.Wrong != 1 || x.Lines[0].Kind != batch.RowWrong {
			t.Fatalf("%+v %v", x, err)
		}
		for name, c := range map[string]struct {
			who  auth.Actor
			want error
		}{"another department": {h.outsid, batch.ErrNotFound}, "who uploaded it": {h.approver, batch.ErrSame}, "a handler": {h.handler, batch.ErrForbidden}} {
			if err := h.Release(ctx, c.who, "certificates", id, x.Version); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.Find(ctx, h.other, "credit", id); !errors.Is(err, batch.ErrNotFound) {
			t.Errorf("under another kind: %v", err)
		}
		if list, err := h.List(ctx, h.outsid, "certificates"); err != nil || len(list) != 0 {
			t.Errorf("another department lists %+v %v", list, err)
		}
		if err := h.Release(ctx, h.other, "certificates", id, x.Version-1); !errors.Is(err, batch.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		if err := h.Release(ctx, h.other, "certificates", id, x.Version); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a job may run twice
			if err := h.Work(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		if x, err = h.Find(ctx, h.approver, "certificates", id); err != nil || x.State != batch.Done || x.Counts.New != 1 {
			t.Errorf("%+v %v", x, err)
		}
		if n := h.count(t, `SELECT count(*) FROM identity_certificate`); n != 1 {
			t.Errorf("%d certificates", n)
		}
		if id, err = up(h.handler, "credit", "b.csv", "甲,乙\n1,2\n"); err != nil {
			t.Fatal(err)
		}
		if err := h.Work(ctx, id); err != nil {
			t.Fatal(err)
		}
		if x, err := h.Find(ctx, h.handler, "credit", id); err != nil || x.State != batch.Failed || x.Failure != "sheet.header" {
			t.Errorf("%+v %v", x, err)
		}
		// The sheets hold numbers of people: they go, what came of them stays.
		waits, err := up(h.approver, "certificates", "c.csv", strings.Replace(text, "SY-1", "SY-9", 1))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Work(ctx, waits); err != nil {
			t.Fatal(err)
		}
		age := h.Clock.(*clock.Moved)
		age.Advance(batch.KeptFor - time.Minute)
		if err := h.Sweep(ctx); err != nil || h.count(t, `SELECT count(*) FROM files_file`) != 3 {
			t.Errorf("gone too early: %v", err)
		}
		age.Advance(time.Minute)
		if err := h.Sweep(ctx); err != nil || h.count(t, `SELECT count(*) FROM files_file`) != 0 || h.count(t, `SELECT count(*) FROM identity_batch WHERE file_id <> '' OR CAST(lines AS TEXT) <> '[]'`) != 0 {
			t.Errorf("still there: %v", err)
		}
		if x, err := h.Find(ctx, h.approver, "certificates", waits); err != nil || x.State != batch.Failed || x.Failure != "batch.old" || x.Counts.New != 1 {
			t.Errorf("%+v %v", x, err)
		}
	})
}

func TestHostileSheets(t *testing.T) {
	t.Parallel()
	h := setup(t, dbtest.New(t))
	heads := "证照类型,证照编号,主体代码,有效期自\n"
	check := func(src sheet.Source) (batch.Counts, []batch.Row, error) {
		var rows []batch.Row
		c, err := h.Check(t.Context(), "certificates", "kj", src, func(r batch.Row) { rows = append(rows, r) })
		return c, rows, err
	}
	if _, rows, err := check(source(heads + strings.Repeat("x,y,z,w\n", 100_000))); !errors.Is(err, sheet.ErrRows) || len(rows) > batch.MaxRows {
		t.Errorf("100,000 rows: %d %v", len(rows), err)
	}
	for name, text := range map[string]string{"no head": "甲,乙\n1,2\n", "a column is missing": "证照类型,证照编号\n许可证,1\n", "a head twice": "证照类型,证照编号,主体代码,信用代码,有效期自\n许可证,1,2,3,4\n", "empty": "", "binary": "\x00\x01\x02"} {
		if c, _, err := check(source(text)); err == nil {
			t.Errorf("%s is read: %+v", name, c)
		}
	}
	f := excelize.NewFile()
	for i, row := range [][]any{{"证照类型", "证照编号", "主体代码", "有效期自", "有效期至"}, {"许可证", "SY-1", uscc, "2025-01-01"}, {"许可证", "SY-2", uscc, "2025-01-01", time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)}, {true, 17, 3.5, "2025-01-01", -4}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellFormula("Sheet1", "B2", `HYPERLINK("http://x","SY-1")`); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	c, rows, err := check(sheet.Source{ReaderAt: bytes.NewReader(b.Bytes()), Size: int64(b.Len())})
	if err != nil || c.Read != 3 || c.Wrong < 2 {
		t.Fatalf("%+v %+v %v", c, rows, err)
	}
	if !strings.Contains(said(rows[0]), "sheet.formula") {
		t.Errorf("a formula: %+v", rows[0])
	}
	if rows[2].Kind != batch.RowWrong {
		t.Errorf("wrong types: %+v", rows[2])
	}
}

func FuzzDay(f *testing.F) {
	for _, s := range []string{"2025-01-01", "2025年1月1日", "20250101", "长期", "9999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		day, ok := batch.Day(s)
		if !ok || day == "" {
			return
		}
		if again, ok := batch.Day(day); !ok || again != day {
			t.Errorf("%q: %q is read as %q", s, day, again)
		}
	})
}
