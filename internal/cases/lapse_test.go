package cases_test

import (
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
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
