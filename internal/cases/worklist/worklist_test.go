package worklist_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// multiply makes n more cases like one, without their files: what lists read.
func multiply(t testing.TB, a *apptest.App, k cases.Case, n int) {
	t.Helper()
	err := a.DB.InTx(context.Background(), func(ctx context.Context) error {
		_, err := a.DB.Exec(ctx, `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i < $2)
			INSERT INTO cases_case (id, number, pickup_code, item_id, item_version_id, item_code, item_name, department_id, region, party_kind, party_id, party_name, party_code, account_id, filed_by, channel,
				receiving_region, hall_id, window_id, receiver_id, collect, state, outcome, stage, data_version, needs_applicant, paused, provisional, due_at, statutory_at, warn_at, yellow_at, red_at,
				created_at, submitted_at, accepted_at, decided_at, closed_at, updated_at, version, parent_id, bundle)
			SELECT 'copy-' || (1000000 + s.i), 'C-' || (1000000 + s.i), pickup_code, item_id, item_version_id, item_code, item_name, department_id, region, party_kind, party_id, party_name, party_code, account_id, filed_by, channel,
				receiving_region, hall_id, window_id, receiver_id, collect, state, outcome, stage, data_version, needs_applicant, paused, provisional, due_at, statutory_at, warn_at, yellow_at, red_at,
				created_at, submitted_at + s.i, accepted_at, decided_at, closed_at, updated_at, version, parent_id, bundle FROM cases_case, s WHERE cases_case.id = $1`, string(k.ID), n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// work lets the queue run until done says so.
func work(t *testing.T, a *apptest.App, done func() bool) {
	t.Helper()
	if err := a.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 600 { // the queue polls once a second
		if done() {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := a.Jobs.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

// TestABatchGoesOnWhereItStopped runs more than are done at once: in the
// background, with a result for each, and after a cut with what still waits.
func TestABatchGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		clerk := a.Actor(t, "clerk")
		k := a.Submitted(t, "applicant", "KJ-0002")
		multiply(t, a, k, 24)
		b, err := a.Lists.Choose(ctx, clerk, cases.ListToAccept, worklist.Query{}, nil)
		if err != nil || b.Total != 25 {
			t.Fatalf("%+v %v", b, err)
		}
		if _, err := a.Lists.Batch(ctx, a.Actor(t, "clerk2"), b.ID); !errors.Is(err, worklist.ErrNotFound) {
			t.Errorf("a colleague's batch: %v", err)
		}
		if b, err = a.Lists.Run(ctx, clerk, b.ID, cases.CmdNote, worklist.Input{Reason: "已电话提醒"}); err != nil || b.State != worklist.Running || b.Done != 0 {
			t.Fatalf("%+v %v", b, err)
		}
		if _, err := a.Lists.Run(ctx, clerk, b.ID, cases.CmdNote, worklist.Input{Reason: "再一次"}); !errors.Is(err, worklist.ErrRunning) {
			t.Errorf("a second press: %v", err)
		}
		// One row was done before the process died, and one case moved on.
		if err := d.InTx(ctx, func(ctx context.Context) error {
			if _, err := d.Exec(ctx, `UPDATE cases_batch_row SET state='done' WHERE batch_id=$1 AND position=1`, b.ID); err != nil {
				return err
			}
			_, err := d.Exec(ctx, `UPDATE cases_case SET version=version+1 WHERE id=(SELECT case_id FROM cases_batch_row WHERE batch_id=$1 AND position=2)`, b.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		work(t, a, func() bool {
			b, err = a.Lists.Batch(ctx, clerk, b.ID)
			return err != nil || b.State == worklist.Done
		})
		if err != nil || b.Done != 24 || b.Refused != 1 {
			t.Fatalf("%+v %v", b, err)
		}
		notes, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_event WHERE command='note'`)
		if err != nil || notes != 23 {
			t.Errorf("%d notes, want one for each row that was still waiting and fresh, %v", notes, err)
		}
		rows, err := a.Lists.BatchRows(ctx, clerk, b)
		if err != nil || rows[1].Code != cases.ErrStale.Code {
			t.Errorf("%+v %v", rows[1], err)
		}
		told, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind='batch_done' AND account_id=$1`, clerk.ID)
		if err != nil || told != 1 {
			t.Errorf("told %d times, %v", told, err)
		}
		again, err := a.Lists.Retry(ctx, clerk, b.ID)
		if err != nil || again.Total != 1 {
			t.Fatalf("%+v %v", again, err)
		}
		if again, err = a.Lists.Run(ctx, clerk, again.ID, cases.CmdNote, worklist.Input{Reason: "补记"}); err != nil || again.State != worklist.Done || again.Done != 1 {
			t.Errorf("%+v %v", again, err)
		}
		if _, err := a.Lists.Choose(ctx, clerk, cases.ListToAccept, worklist.Query{}, make([]cases.Ref, worklist.MaxBatch+1)); !errors.Is(err, worklist.ErrTooMany) {
			t.Errorf("too many: %v", err)
		}
	})
}

// TestAnExportInTheBackground: a long list is made by a job, belongs to who
// asked for it, and goes after a week.
func TestAnExportInTheBackground(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		clerk := a.Actor(t, "clerk")
		k := a.Submitted(t, "applicant", "KJ-0002")
		multiply(t, a, k, worklist.AtOnce+100)
		var one bytes.Buffer
		if n, err := a.Lists.Direct(ctx, clerk, worklist.ExportInput{List: cases.ListAll, Format: sheet.CSV}, &one); err != nil || n != worklist.AtOnce || strings.Count(one.String(), "\r\n")+strings.Count(one.String(), "\n") < n {
			t.Errorf("at once: %d, %v", n, err)
		}
		e, err := a.Lists.Order(ctx, clerk, worklist.ExportInput{List: cases.ListAll, Format: sheet.XLSX, Columns: []string{"number", "item", "party", "left"}})
		if err != nil || e.Total != worklist.AtOnce+101 {
			t.Fatalf("%+v %v", e, err)
		}
		if _, _, err := a.Lists.File(ctx, clerk, e.ID); !errors.Is(err, worklist.ErrNotFound) {
			t.Errorf("before it is there: %v", err)
		}
		work(t, a, func() bool {
			e, err = a.Lists.Export(ctx, clerk, e.ID)
			return err != nil || !e.Working()
		})
		if err != nil || e.State != worklist.ExportDone || e.Done != worklist.AtOnce+101 {
			t.Fatalf("%+v %v", e, err)
		}
		if _, _, err := a.Lists.File(ctx, a.Actor(t, "clerk2"), e.ID); !errors.Is(err, worklist.ErrNotFound) {
			t.Errorf("somebody else's file: %v", err)
		}
		f, content, err := a.Lists.File(ctx, clerk, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(content)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows(book.GetSheetName(0))
		_ = content.Close()
		if err != nil || len(rows) != e.Done+1 || rows[0][0] != "编号" || !strings.HasSuffix(f.Name, ".xlsx") {
			t.Errorf("%d rows, %v, %s, %v", len(rows), rows[0], f.Name, err)
		}
		noted, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='cases.export'`)
		if err != nil || noted != 3 { // the direct one, the order, the file
			t.Errorf("%d in the audit trail, %v", noted, err)
		}
		fetched := func() int {
			n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='cases.export_read' AND object=$1`, "export:"+e.ID)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if fetched() != 1 {
			t.Errorf("%d of one fetching in the audit trail", fetched())
		}
		gone, moved := clerk, clerk
		gone.Posts, moved.Posts = nil, slices.Clone(clerk.Posts)
		for i := range moved.Posts {
			moved.Posts[i].Region = "110000"
		}
		for name, who := range map[string]auth.Actor{"without the post": gone, "with a post elsewhere": moved} {
			if _, _, err := a.Lists.File(ctx, who, e.ID); !errors.Is(err, worklist.ErrNotFound) {
				t.Errorf("the maker %s fetches it: %v", name, err)
			}
			if list, err := a.Lists.Exports(ctx, who); err != nil || len(list) != 0 {
				t.Errorf("the maker %s is shown it: %v %v", name, list, err)
			}
		}
		if list, err := a.Lists.Exports(ctx, clerk); err != nil || len(list) != 1 || fetched() != 1 {
			t.Errorf("the maker who kept his post: %v %v", list, err)
		}
		a.Clock.Advance(8 * 24 * time.Hour)
		if err := a.Lists.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Files.Find(ctx, e.FileID); !errors.Is(err, files.ErrNotFound) {
			t.Errorf("the file after a week: %v", err)
		}
		if _, err := a.Lists.Export(ctx, clerk, e.ID); !errors.Is(err, worklist.ErrNotFound) {
			t.Errorf("after a week: %v", err)
		}
	})
}

// BenchmarkExport writes 50,000 rows both ways and says how much memory was in
// use at the end beyond the start.
func BenchmarkExport(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB) *db.DB
	}{{"sqlite", func(t testing.TB) *db.DB { return dbtest.New(t) }}, {"postgres", dbtest.NewPostgres}} {
		b.Run(engine.name, func(b *testing.B) {
			a := apptest.NewOn(b, engine.open(b))
			k := a.Submitted(b, "applicant", "KJ-0002")
			multiply(b, a, k, 50_000)
			clerk := a.Actor(b, "clerk")
			for _, f := range worklist.Formats {
				b.Run(string(f), func(b *testing.B) {
					for b.Loop() {
						var before, after runtime.MemStats
						runtime.GC()
						runtime.ReadMemStats(&before)
						n, err := a.Lists.WriteAll(context.Background(), clerk, worklist.ExportInput{List: cases.ListAll, Format: f, Columns: worklist.Columns}, io.Discard)
						if err != nil || n != 50_001 {
							b.Fatal(n, err)
						}
						runtime.ReadMemStats(&after)
						b.ReportMetric(float64(after.HeapSys-before.HeapSys)/(1<<20), "MB-more")
					}
				})
			}
		})
	}
}

// TestReassignedTogether gives the tasks of many cases to one colleague: each
// case says for itself whether it could.
func TestReassignedTogether(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		approver := a.Actor(t, "approver")
		to := a.Actor(t, "handler-kj")
		var refs []cases.Ref
		for i := range 4 {
			k := a.Submitted(t, "applicant", "KJ-0002")
			k, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), cases.Ref{ID: k.ID})
			if err != nil {
				t.Fatal(err)
			}
			if i == 3 { // his already
				if k, err = a.Cases.Claim(ctx, to, cases.Ref{ID: k.ID}); err != nil {
					t.Fatal(err)
				}
			}
			refs = append(refs, cases.Ref{ID: k.ID, Version: k.Version})
		}
		b, err := a.Lists.Choose(ctx, approver, cases.ListAll, worklist.Query{}, refs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Lists.Run(ctx, approver, b.ID, cases.CmdReassign, worklist.Input{}); !errors.Is(err, cases.ErrColleague) {
			t.Errorf("given to nobody: %v", err)
		}
		if b, err = a.Lists.Run(ctx, approver, b.ID, cases.CmdReassign, worklist.Input{To: to.ID, Reason: "平衡工作量"}); err != nil || b.Done != 3 || b.Refused != 1 {
			t.Fatalf("%+v %v", b, err)
		}
		rows, err := a.Lists.BatchRows(ctx, approver, b)
		if err != nil || rows[3].State != worklist.Refused || rows[3].Code != cases.ErrColleague.Code {
			t.Fatalf("%+v %v", rows[3], err)
		}
		v, err := a.Cases.View(ctx, approver, refs[0].ID)
		if err != nil || v.Tasks[0].AssigneeID != to.ID {
			t.Errorf("%+v %v", v.Tasks, err)
		}
		// Who may not give tasks to others may not give many either.
		handler, err := a.Lists.Choose(ctx, to, cases.ListAll, worklist.Query{}, refs[:1])
		if err != nil {
			t.Fatal(err)
		}
		if handler, err = a.Lists.Run(ctx, to, handler.ID, cases.CmdReassign, worklist.Input{To: to.ID}); err != nil || handler.Refused != 1 {
			t.Errorf("%+v %v", handler, err)
		}
	})
}

// TestNothingUnseenIsGrantedTogether: a grant that asks for an amount is left out
// of what is granted together, with the reason, while it can be denied together.
func TestNothingUnseenIsGrantedTogether(t *testing.T) {
	t.Parallel()
	a, ctx := apptest.New(t), t.Context()
	approver := a.Actor(t, "approver")
	ready := func(item string) cases.Ref {
		k := a.Submitted(t, "applicant", item)
		if _, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		for range 9 {
			v, err := a.Cases.View(ctx, auth.SystemActor(), k.ID)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(v.Tasks, func(x cases.Task) bool { return x.State == cases.TaskOpen })
			if v.Tasks[i].Decides {
				return cases.Ref{ID: k.ID, Version: v.Version}
			}
			if _, err := a.Cases.Endorse(ctx, a.Actor(t, v.Tasks[i].Role+"-"+v.Tasks[i].DepartmentID), cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"}); err != nil {
				t.Fatal(err)
			}
		}
		t.Fatal("never ready")
		return cases.Ref{}
	}
	together := func(in worklist.Input, refs ...cases.Ref) (worklist.Batch, []worklist.BatchRow) {
		t.Helper()
		b, err := a.Lists.Choose(ctx, approver, cases.ListAll, worklist.Query{}, refs)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = a.Lists.Run(ctx, approver, b.ID, cases.CmdDecide, in); err != nil {
			t.Fatal(err)
		}
		rows, err := a.Lists.BatchRows(ctx, approver, b)
		if err != nil {
			t.Fatal(err)
		}
		return b, rows
	}
	plain, subsidy := ready("KJ-0001"), ready("KJ-0004")
	b, rows := together(worklist.Input{Outcome: cases.Granted}, plain, subsidy)
	if b.Done != 1 || b.Refused != 1 || rows[1].Code != cases.ErrOneByOne.Code || rows[1].Case.State != cases.Handling {
		t.Fatalf("%+v %+v", b, rows)
	}
	if b, rows = together(worklist.Input{Outcome: cases.Denied, Reason: "不符合条件"}, cases.Ref{ID: subsidy.ID, Version: rows[1].Case.Version}); b.Done != 1 {
		t.Errorf("denied together: %+v %+v", b, rows)
	}
}
