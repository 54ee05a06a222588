package cases_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// Who does not answer a supplement notice is reminded once, and then the case
// ends; who answers keeps it.
func TestASupplementNobodyAnswers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ask := cases.AskInput{Note: "请补充说明"}
		silent := b.submitted(t, "KJ-0004")
		b.must(t)(b.Cases.AskSupplement(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: silent.ID}, ask))
		v, err := b.Cases.View(b.ctx, b.Actor(t, "applicant"), silent.ID)
		if err != nil {
			t.Fatal(err)
		}
		due := b.Cases.AnswerDue(v)
		if want, _ := workday.Official().Due(b.Clock.Now(), cases.SupplementWithin); !due.Equal(want) {
			t.Fatalf("due %v, want %v", due, want)
		}
		count := func(c cases.Command) int {
			t.Helper()
			n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM cases_event WHERE case_id=$1 AND command=$2`, string(silent.ID), string(c))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, at := range []struct {
			days            int
			reminds, expire int
		}{{-10, 0, 0}, {-2, 1, 0}, {-1, 1, 0}, {0, 1, 1}, {5, 1, 1}} {
			b.Clock.Set(due.AddDate(0, 0, at.days))
			if err := b.Cases.Sweep(b.ctx); err != nil {
				t.Fatal(err)
			}
			if r, e := count(cases.CmdRemind), count(cases.CmdExpire); r != at.reminds || e != at.expire {
				t.Errorf("%d days after the end: reminded %d, ended %d", at.days, r, e)
			}
		}
		if k, err := b.Cases.Find(b.ctx, silent.ID); err != nil || k.State != cases.Withdrawn || k.NeedsApplicant {
			t.Errorf("%+v %v", k, err)
		}
	})
}

// After a downtime over the end of a supplement notice the reminder goes out
// first, with one working day more; then the case ends with a notice on paper
// that says why and what can be done about it.
func TestASupplementEndsAfterADowntime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		k := b.submitted(t, "KJ-0001")
		b.must(t)(b.Cases.AskSupplement(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "图纸缺少比例尺"}}}))
		due := b.Cases.AnswerDue(b.view(t, who, k.ID))
		b.Clock.Set(due.Add(4 * day))
		b.sweep(t)
		v := b.view(t, who, k.ID)
		later := workday.EndOf(b.Cases.Calendar.Add(workday.DateOf(b.Clock.Now()), 1))
		if v.State != cases.Supplementing || !b.Cases.AnswerDue(v).Equal(later) || b.toldOf(t, d, "applicant", "case_remind", k.ID) != 1 {
			t.Fatalf("%s, until %v, want %v", v.State, b.Cases.AnswerDue(v), later)
		}
		b.Clock.Set(later.Add(day))
		b.sweep(t)
		v, list, keys := b.papers(t, who, k.ID)
		if v.State != cases.Withdrawn || !slices.Equal(keys, []string{"receipt", "supplement", "expiry"}) {
			t.Fatalf("%s, %v", v.State, keys)
		}
		paper, err := b.Cases.Issue(b.ctx, v, list[2])
		if err != nil || paper.Facts.Text["review"].IsZero() || paper.Facts.Text["due"].IsZero() || paper.Facts.List["points"][0][1].ZH != "图纸缺少比例尺" {
			t.Errorf("%+v %v", paper.Facts, err)
		}
	})
}

// endCertificates takes the food permits of everybody.
func (b bench) endCertificates(t *testing.T, d *db.DB) {
	t.Helper()
	if err := d.InTx(b.ctx, func(ctx context.Context) error {
		_, err := d.Exec(ctx, `UPDATE identity_certificate SET state='revoked' WHERE type='food_permit'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Of two certificates of a type the one that the case names is renewed; where it
// names none, none is guessed and the desk is warned before the first of them
// ends. That the item was suspended meanwhile changes nothing.
func TestWhichCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.Renew(t, "SC-2002", func(x *catalogue.Definition) {
			x.Situation = append(x.Situation, catalogue.Field{ID: "permit_number", Type: catalogue.FieldText, Label: i18n.Text{ZH: "原许可证编号", EN: "Number of the permit"}})
		})
		who := b.Actor(t, "applicant")
		firm, err := b.Identity.Enterprise(b.ctx, who.Firms[0])
		if err != nil {
			t.Fatal(err)
		}
		start := b.Clock.Now()
		for _, name := range []string{"the first", "the second", ""} {
			t.Run("names "+name, func(t *testing.T) {
				b.endCertificates(t, d)
				b.Clock.Set(start.AddDate(0, 0, -20))
				numbers := map[string]string{}
				for _, x := range [][2]string{{"the first", "2026-04-01"}, {"the second", "2026-04-03"}} {
					c, err := b.Identity.Issue(b.ctx, auth.SystemActor(), identity.IssueInput{Type: "food_permit", Holder: firm.Party(), Issuer: "sc", From: "2021-04-02", Until: x[1]})
					if err != nil {
						t.Fatal(err)
					}
					numbers[x[0]] = c.Number
				}
				b.Clock.Set(start)
				k := b.start(t, who, "SC-2002")
				b.Fill(t, who, k.ID)
				if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{"permit_number": numbers[name]}); err != nil {
					t.Fatal(err)
				}
				k = b.must(t)(b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}))
				k = b.must(t)(b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}))
				record, _, err := b.Catalogue.History(b.ctx, b.Actor(t, "catalogue-admin"), "SC-2002")
				if err != nil {
					t.Fatal(err)
				}
				if err := b.Catalogue.SuspendFor(b.ctx, b.Actor(t, "catalogue-admin"), "SC-2002", record.Version, catalogue.Stop{Reason: "系统升级"}); err != nil {
					t.Fatal(err)
				}
				defer func() {
					record, _, _ := b.Catalogue.History(b.ctx, b.Actor(t, "catalogue-admin"), "SC-2002")
					if err := b.Catalogue.Resume(b.ctx, b.Actor(t, "catalogue-admin"), "SC-2002", record.Version); err != nil {
						t.Fatal(err)
					}
				}()
				b.Clock.Set(workday.StartOf(workday.MustParse("2026-04-01")).Add(time.Hour))
				b.sweep(t)
				if n := b.toldOf(t, d, "handler-sc", "case_renewal_near", k.ID); n != 1 {
					t.Errorf("the desk was warned %d times", n)
				}
				for _, at := range []struct {
					day     string
					renewed bool
				}{{"2026-04-02", name == "the first"}, {"2026-04-06", name != ""}} {
					b.Clock.Set(workday.StartOf(workday.MustParse(at.day)).Add(time.Hour))
					b.sweep(t)
					if now, _ := b.Cases.Find(b.ctx, k.ID); (now.Outcome == cases.Granted) != at.renewed {
						t.Errorf("%s: %s, %s", at.day, now.State, now.Outcome)
					}
				}
				c, ok, err := b.Identity.CertificateOfCase(b.ctx, string(k.ID))
				if from := map[string]string{"the first": "2026-04-02", "the second": "2026-04-04"}[name]; err != nil || c.ValidFrom != from || ok != (name != "") {
					t.Errorf("%+v %v %v", c, ok, err)
				}
			})
		}
	})
}

// A renewal asked for thirty days before the expiry and not decided before it is
// renewed by law, from the day after, also when nobody looked for days; one
// asked for too late is not.
func TestDeemedRenewed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		firm, err := b.Identity.Enterprise(b.ctx, who.Firms[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name, issued, until string
			renewed             bool
		}{{"a day too late", "2026-01-05", "2026-03-31", false}, {"in time", "2026-01-06", "2026-04-01", true}} {
			t.Run(tt.name, func(t *testing.T) {
				b.endCertificates(t, d) // of the run before
				b.Clock.Set(workday.StartOf(workday.MustParse(tt.issued)))
				if _, err := b.Identity.Issue(b.ctx, auth.SystemActor(), identity.IssueInput{Type: "food_permit", Holder: firm.Party(), Issuer: "sc", From: "2021-04-02", Until: tt.until}); err != nil {
					t.Fatal(err)
				}
				b.Clock.Set(workday.StartOf(workday.MustParse("2026-03-02")).Add(9 * 3600e9))
				k := b.accepted(t, "SC-2002")
				sweep := func(day string) cases.Case {
					t.Helper()
					b.Clock.Set(workday.StartOf(workday.MustParse(day)).Add(3600e9))
					if err := b.Cases.Sweep(b.ctx); err != nil {
						t.Fatal(err)
					}
					k, err := b.Cases.Find(b.ctx, k.ID)
					if err != nil {
						t.Fatal(err)
					}
					return k
				}
				warned := func() int {
					t.Helper()
					n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind='case_renewal_near' AND link=$1`, "/work/cases/"+string(k.ID))
					if err != nil {
						t.Fatal(err)
					}
					return n
				}
				until := workday.MustParse(tt.until)
				if sweep(b.Cases.Calendar.Add(until, -cases.RenewalWarned-1).String()); warned() != 0 {
					t.Error("the desk was warned too early")
				}
				sweep(b.Cases.Calendar.Add(until, -cases.RenewalWarned).String())
				if n := warned(); n == 0 {
					t.Error("the desk was not warned")
				} else if sweep(b.Cases.Calendar.Add(until, -1).String()); warned() != n {
					t.Errorf("warned %d times, then %d", n, warned())
				}
				if k := sweep(tt.until); k.State != cases.Handling {
					t.Fatalf("on the last day: %s", k.State)
				}
				k = sweep("2026-04-08") // the job was down for days
				if !tt.renewed {
					if k.State != cases.Handling {
						t.Errorf("renewed though asked too late: %s", k.State)
					}
					return
				}
				if k.Outcome != cases.Granted {
					t.Fatalf("%+v", k)
				}
				c, ok, err := b.Identity.CertificateOfCase(b.ctx, string(k.ID))
				if err != nil || !ok || c.ValidFrom != "2026-04-02" || c.Type != "food_permit" {
					t.Errorf("%+v %v %v", c, ok, err)
				}
				if n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM cases_task WHERE case_id=$1 AND state='open'`, string(k.ID)); err != nil || n != 0 {
					t.Errorf("%d open tasks, %v", n, err)
				}
			})
		}
	})
}
