package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// bring uploads a sheet and has it checked.
func bring(t *testing.T, a *apptest.App, by auth.Actor, key, content string) intake.Run {
	t.Helper()
	r, err := a.Intake.Upload(t.Context(), by, intake.UploadInput{Name: "a.csv", Content: strings.NewReader(content), Mapping: key})
	if err != nil {
		t.Fatal(err)
	}
	return checked(t, a, r.ID)
}

func checked(t *testing.T, a *apptest.App, id string) intake.Run {
	t.Helper()
	if err := a.Intake.WorkOff(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	r, err := a.Intake.Run(t.Context(), sys, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWhoHadAHandDoesNotRelease: uploading, checking again and writing the
// mapping are three ways to say what applicants will read.
func TestWhoHadAHandDoesNotRelease(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, s := t.Context(), a.Intake
		one, two := a.Actor(t, "catalogue-admin"), a.Actor(t, "catalogue-admin2")
		r := bring(t, a, one, "gd", string(sample(t, "gd.csv")))
		if err := s.Again(ctx, two, r.ID, r.Version, intake.Options{}); err != nil {
			t.Fatal(err)
		}
		r = checked(t, a, r.ID)
		if r.CreatedBy != one.ID || r.CheckedBy != two.ID {
			t.Errorf("uploaded by %s, checked by %s", r.CreatedBy, r.CheckedBy)
		}
		for _, who := range []auth.Actor{one, two} {
			if err := s.Release(ctx, who, r.ID, r.Version); !errors.Is(err, intake.ErrOwnRun) {
				t.Errorf("%s releases: %v", who.ID, err)
			}
		}
		if err := s.Again(ctx, one, r.ID, r.Version, intake.Options{}); err != nil {
			t.Fatal(err)
		}
		r = checked(t, a, r.ID)
		if err := s.Release(ctx, two, r.ID, r.Version); err != nil {
			t.Error(err)
		}
		entries, err := a.Audit.List(ctx, audit.Filter{Action: "catalogue.import_release", Limit: 1})
		if err != nil || len(entries) != 1 || !strings.Contains(db.ToJSON(entries[0]), one.ID) {
			t.Errorf("audit %+v %v", entries, err)
		}
		text, _ := mapping.Shipped("sc")
		if _, err := s.SaveMapping(ctx, two, "mine", text, 0); err != nil {
			t.Fatal(err)
		}
		r = bring(t, a, one, "mine", string(sample(t, "sc.csv")))
		if err := s.Release(ctx, two, r.ID, r.Version); r.MappingBy != two.ID || !errors.Is(err, intake.ErrOwnRun) {
			t.Errorf("who wrote the mapping (%q) releases: %v", r.MappingBy, err)
		}
	})
}

// TestARunWhoseJobDied ends, and can be taken up again.
func TestARunWhoseJobDied(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, s, one := t.Context(), a.Intake, a.Actor(t, "catalogue-admin")
		r, err := s.Upload(ctx, one, intake.UploadInput{Name: "a.csv", Content: strings.NewReader(string(sample(t, "gd.csv"))), Mapping: "gd"})
		if err != nil {
			t.Fatal(err)
		}
		tries, _, err := db.Maybe(ctx, d.Read(ctx), db.Scalar[int], `SELECT max_attempts FROM river_job WHERE kind='catalogue.import_check'`)
		if err != nil || tries != 2 {
			t.Errorf("tried %d times, %v", tries, err)
		}
		state := func() intake.Run {
			if err := s.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			r, err := s.Run(ctx, one, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if now := state(); now.State != intake.Checking {
			t.Fatalf("a run that waits for its job is %s", now.State)
		}
		if err := d.InTx(ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `DELETE FROM river_job`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		now := state()
		if now.State != intake.Failed || now.Result.Failure != "intake.died" {
			t.Fatalf("%s %s", now.State, now.Result.Failure)
		}
		if err := s.Again(ctx, one, r.ID, now.Version, intake.Options{}); err != nil {
			t.Fatal(err)
		}
		if now = checked(t, a, r.ID); now.State != intake.Checked {
			t.Errorf("checked again: %s", now.State)
		}
	})
}

// TestWhatCameToNothingIsCleared after a week, and the files with it.
func TestWhatCameToNothingIsCleared(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, s, one := t.Context(), a.Intake, a.Actor(t, "catalogue-admin")
		r := bring(t, a, one, "gd", string(sample(t, "gd.csv")))
		if err := s.Discard(ctx, one, r.ID, r.Version); err != nil {
			t.Fatal(err)
		}
		look := func() (intake.Run, error) {
			if err := s.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			now, err := s.Run(ctx, one, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			_, err = a.Files.Find(ctx, r.FileID)
			return now, err
		}
		a.Clock.Advance(6 * 24 * time.Hour)
		if now, err := look(); err != nil || len(now.Result.Findings) == 0 {
			t.Errorf("gone too early: %v", err)
		}
		a.Clock.Advance(2 * 24 * time.Hour)
		if now, err := look(); !errors.Is(err, files.ErrNotFound) || len(now.Result.Findings)+len(now.Result.Samples) > 0 || now.FileID != "" {
			t.Errorf("kept: %v", err)
		}
	})
}

func TestTooManyRunsAreOpen(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one := a.Actor(t, "catalogue-admin")
	open := func() error {
		_, err := a.Intake.Upload(t.Context(), one, intake.UploadInput{Name: "a.csv", Content: strings.NewReader("a\nb\n"), Mapping: "gd"})
		return err
	}
	for range 20 {
		if err := open(); err != nil {
			t.Fatal(err)
		}
	}
	if err := open(); !errors.Is(err, intake.ErrOpen) {
		t.Errorf("the 21st: %v", err)
	}
}

// TestReportsStaySmall: cells of the greatest length in thousands of rows, each with an error.
func TestReportsStaySmall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, one := t.Context(), a.Actor(t, "catalogue-admin")
		long := strings.Repeat("字", 2000)
		var b strings.Builder
		text, _ := mapping.Shipped("gd")
		m, _ := mapping.Parse(text)
		header := m.Known()
		b.WriteString(strings.Join(header, ",") + "\n")
		for i := range 9000 {
			for j := range header {
				if j > 0 {
					b.WriteByte(',')
				}
				if header[j] == m.ColumnOf("code") {
					fmt.Fprintf(&b, "X%d", i)
				} else if header[j] == m.ColumnOf("level") {
					b.WriteString(long)
				} else {
					fmt.Fprintf(&b, "%s%d", "不对的值", i)
				}
			}
			b.WriteByte('\n')
		}
		r := bring(t, a, one, "gd", b.String())
		for _, f := range r.Result.Findings {
			for k, v := range f.Params {
				if n := len([]rune(fmt.Sprint(v))); n > 121 {
					t.Fatalf("%s: %s has %d characters", f.Reason, k, n)
				}
			}
		}
		if n := len(db.ToJSON(r.Result)); n > 2<<20 || r.Result.Left == 0 || len(r.Result.Findings) < 1000 {
			t.Errorf("%d bytes, %d findings, %d left", n, len(r.Result.Findings), r.Result.Left)
		}
		// Pages that do not show the result do not read it.
		if err := d.InTx(ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE catalogue_import SET result='"not a result"'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Intake.Run(ctx, one, r.ID); err == nil {
			t.Fatal("the result is not read at all")
		}
		_, glance := a.Intake.Glance(ctx, one, r.ID)
		_, list := a.Intake.Runs(ctx, one)
		if err := errors.Join(glance, list); err != nil {
			t.Error(err)
		}
	})
}

// TestCellsOfManyValues are an error of their row, and take no time.
func TestCellsOfManyValues(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	values := make([]string, 201)
	for i := range values {
		values[i] = fmt.Sprint("主题", i)
	}
	sheet := func(n int) string {
		return "task_code,name,theme\nA-1,名称," + strings.Join(values[:n], "|") + "\n"
	}
	text, _ := mapping.Shipped("gd")
	m, _ := mapping.Parse(text)
	head := fmt.Sprintf("%s,%s,%s\n", m.ColumnOf("code"), m.ColumnOf("name"), m.ColumnOf("themes"))
	m.Required = nil
	for n, want := range map[int]bool{200: false, 201: true} {
		p, err := a.Intake.Check(t.Context(), source([]byte(head+strings.SplitN(sheet(n), "\n", 2)[1])), m, intake.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(strings.Join(reasons(p), " "), "mapping.many"); got != want {
			t.Errorf("%d values: %v", n, reasons(p))
		}
	}
}

func TestPreviewsAreBounded(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one := a.Actor(t, "catalogue-admin")
	lines := strings.SplitN(string(sample(t, "gd.csv")), "\n", 3)
	rows := lines[0] + "\n" + strings.Repeat(lines[1]+"\n", 30)
	plan, _, err := a.Intake.Preview(t.Context(), one, shippedText("gd"), rows)
	if err != nil || plan.Read != 20 {
		t.Errorf("%+v %v", plan, err)
	}
	if _, _, err := a.Intake.Preview(t.Context(), one, shippedText("gd"), rows+strings.Repeat("x", 64<<10)); !errors.Is(err, intake.ErrPreviewLong) {
		t.Errorf("%v", err)
	}
	if _, faults := mapping.Parse(shippedText("gd") + strings.Repeat("# x\n", 30_000)); len(faults) != 1 || faults[0].Key != "long" {
		t.Errorf("%+v", faults)
	}
}

// TestAllDifferences are in the file, not only those of the first rows.
func TestAllDifferences(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, one, two := t.Context(), a.Actor(t, "catalogue-admin"), a.Actor(t, "catalogue-admin2")
		good := string(sample(t, "gd.csv"))
		take(t, a, "gd", []byte(good), intake.Options{})
		r := bring(t, a, one, "gd", strings.Replace(good, "通关信息查询", "通关状态查询", 1))
		var got []string
		if err := a.Intake.Changes(ctx, two, r.ID, func(cells []string) error {
			got = append(got, strings.Join(cells, "|"))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(got, "\n"); !strings.Contains(all, "通关信息查询|") || !strings.Contains(all, "通关状态查询") || r.Counts.Updated != 1 {
			t.Errorf("%q", all)
		}
		same := bring(t, a, one, "gd", good)
		if err := a.Intake.Changes(ctx, two, same.ID, nil); !errors.Is(err, intake.ErrNotFound) {
			t.Errorf("nothing changes, and yet: %v", err)
		}
	})
}

// TestFormulasOfASheet: what would compute in a spreadsheet stands guarded in the
// rows that people copy, and is read as the text it was when they come back.
func TestFormulasOfASheet(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx, one := t.Context(), a.Actor(t, "catalogue-admin")
	const formula = "=通关状态查询(1)"
	r := bring(t, a, one, "gd", strings.Replace(string(sample(t, "gd.csv")), "通关信息查询", formula, 1))
	head, err := a.Intake.Head(ctx, one, r.ID)
	if err != nil || !strings.Contains(head, ",'"+formula+",") {
		t.Errorf("the rows to copy: %q %v", head, err)
	}
	plan, _, err := a.Intake.Preview(ctx, one, shippedText("gd"), head)
	if err != nil {
		t.Fatal(err)
	}
	if made := fmt.Sprintf("%+v", plan.Samples); !strings.Contains(made, formula) || strings.Contains(made, "'"+formula) {
		t.Errorf("what the mapping makes of them: %s", made)
	}
}
