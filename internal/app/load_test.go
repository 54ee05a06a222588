package app_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestLoad fills a database with copies, stops in the middle and goes on, and
// holds every copy against the case of the engine that it was made of.
func TestLoad(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC))
		if err := d.InTx(t.Context(), func(ctx context.Context) error {
			_, err := d.Exec(ctx, `INSERT INTO db_setting (key, value) VALUES ('demo.zone', 'filled')`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		const originals, all = 40, 1600
		ctx, stop := context.WithCancel(t.Context())
		l := app.Load{Cases: all, Originals: originals, Seed: 5, Progress: func(done, _ int) {
			if done > originals {
				stop()
			}
		}}
		if err := a.LoadCases(ctx, l); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped: %v", err)
		}
		l.Progress = func(int, int) {}
		if err := a.LoadCases(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		ctx = t.Context()
		if r, err := a.Audit.Verify(ctx); err != nil || r.Broken != nil {
			t.Fatalf("audit: %+v %v", r.Broken, err)
		}
		for what, sql := range map[string]string{
			"a number given twice":        `SELECT count(*) FROM (SELECT number FROM cases_case WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1) x`,
			"a state without its event":   `SELECT count(*) FROM cases_case c WHERE c.state <> 'draft' AND c.state <> (SELECT e.to_state FROM cases_event e WHERE e.case_id=c.id ORDER BY seq DESC LIMIT 1)`,
			"a gap in the events":         `SELECT count(*) FROM cases_case c WHERE c.last_seq <> (SELECT count(*) FROM cases_event e WHERE e.case_id=c.id) OR c.last_seq <> (SELECT COALESCE(max(seq), 0) FROM cases_event e WHERE e.case_id=c.id)`,
			"an ended case in the future": fmt.Sprintf(`SELECT count(*) FROM cases_case c WHERE c.updated_at > %d`, clock.Millis(a.Clock.Now())),
			"events in another order":     `SELECT count(*) FROM cases_event a JOIN cases_event b ON a.case_id=b.case_id AND a.seq < b.seq WHERE a.at > b.at`,
			"a certificate number twice":  `SELECT count(*) FROM (SELECT number FROM identity_certificate GROUP BY type, number HAVING count(*) > 1) x`,
			"handling without a task":     `SELECT count(*) FROM cases_case c WHERE c.state='handling' AND NOT c.bundle AND NOT EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id=c.id AND t.state='open')`,
		} {
			if n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], sql); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", what, n, err)
			}
		}
		// The copies of one case have the shape of the case: the same commands by the
		// same people, the same waiting in working days, the same words.
		list, err := db.List(ctx, d.Read(ctx), db.Scalar[string], `SELECT id FROM cases_case WHERE number IS NOT NULL AND parent_id='' AND NOT bundle ORDER BY id`)
		if err != nil || len(list) < all-originals {
			t.Fatalf("%d cases, %v", len(list), err)
		}
		made, err := db.List(ctx, d.Read(ctx), db.Scalar[string], `SELECT substr(object, 6) FROM audit_entry WHERE action IN ('cases.start', 'cases.award') ORDER BY object`)
		if err != nil {
			t.Fatal(err)
		}
		shapes := map[string]int{}
		for i, id := range list {
			if i%7 != 0 && i > 60 {
				continue
			}
			v, err := a.Cases.View(ctx, auth.SystemActor(), cases.ID(id))
			if err != nil {
				t.Fatal(err)
			}
			shapes[shape(v)]++
			if _, found := slices.BinarySearch(made, id); !found {
				t.Errorf("%s stands without its beginning in the audit trail", id)
			}
			checkClock(t, v)
		}
		if len(shapes) > originals {
			t.Errorf("%d shapes of %d originals: copies are not like what they were copied of", len(shapes), originals)
		}
		// A copy goes on living: the engine takes commands on it.
		open, err := a.Cases.List(ctx, a.Actor(t, "clerk"), cases.Filter{List: cases.ListToAccept})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range open.Rows {
			if _, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), cases.Ref{ID: r.ID, Version: r.Version}); err != nil {
				t.Errorf("accept a copy: %v", err)
			}
		}
	})
}

var dates = regexp.MustCompile(`\d{4}-\d{2}-\d{2}|\d{4}年\d{1,2}月\d{1,2}日(\(周.\))?|(\w{3} )?\d{1,2} \w+ \d{4}|\d{6}-\d{8}-\d{5}|[0-9a-f]{8}-[0-9a-f-]{27}|\b1[5-9]\d{11}\b|[A-Z0-9-]*-[a-z0-9]{8,}`)

// shape of a case: everything that a copy has in common with its original.
func shape(v *cases.View) string {
	var b strings.Builder
	cal := workday.Official()
	since := func(at time.Time) workday.Days {
		if at.IsZero() {
			return -1
		}
		return cal.Between(workday.DateOf(v.CreatedAt), workday.DateOf(at))
	}
	plain := func(x any) string { return dates.ReplaceAllString(fmt.Sprint(x), "*") }
	fmt.Fprintln(&b, v.ItemCode, v.Party, v.AccountID, v.Channel, v.ReceiverID, v.Collect, v.State, v.Outcome, v.Stage, v.DataVersion, v.Version, v.LastSeq, v.NeedsApplicant, v.Paused,
		since(v.SubmittedAt), since(v.AcceptedAt), since(v.DecidedAt), since(v.ClosedAt))
	for _, e := range v.Events {
		fmt.Fprintln(&b, e.Seq, e.Command, e.ActorID, e.ActorRole, since(e.At), e.At.In(workday.Zone).Format(time.TimeOnly), e.Reason, e.From, e.To, e.Public, len(e.Detail))
	}
	for _, x := range v.Tasks {
		fmt.Fprintln(&b, x.Key, x.DepartmentID, x.State, x.AssigneeID, x.Result, x.Opinion, since(x.CreatedAt), since(x.DoneAt))
	}
	for _, x := range v.Pauses {
		fmt.Fprintln(&b, x.Kind, x.Reason, since(x.From), since(x.To))
	}
	for _, x := range v.Requests {
		fmt.Fprintln(&b, x.Kind, x.Points, since(x.AskedAt), since(x.AnsweredAt))
	}
	if v.Decision != nil {
		fmt.Fprintln(&b, v.Decision.Outcome, plain(v.Decision.Text.ZH), v.Decision.Reason, v.Decision.DecidedBy)
	}
	fmt.Fprintln(&b, plain(v.Answers), len(v.Materials))
	return b.String()
}

// checkClock works the promised limit out again from the acceptance and the
// ledger, counting days one by one.
func checkClock(t *testing.T, v *cases.View) {
	t.Helper()
	if v.AcceptedAt.IsZero() || v.Item.Promised.Unit != workday.UnitWorkday || v.Paused || len(v.Extensions) > 0 {
		return
	}
	cal := workday.Official()
	left := int(v.Item.Promised.N)
	d := workday.DateOf(v.AcceptedAt)
	for left > 0 {
		d = d.AddDays(1)
		still := slices.ContainsFunc(v.Pauses, func(p cases.Pause) bool {
			return !d.Before(workday.DateOf(p.From)) && d.Before(workday.DateOf(p.To))
		})
		if cal.IsWorkday(d) && !still {
			left--
		}
	}
	if due := workday.EndOf(d); !due.Equal(v.DueAt) && len(v.Pauses) == 0 {
		t.Errorf("%s is due %v, counted by hand %v", v.Number, v.DueAt, due)
	}
}
