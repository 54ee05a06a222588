package intake_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/catalogue/mapping"

	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestRunTakesTwo is the way of a sheet through the browser, on both databases.
func TestRunTakesTwo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, s := t.Context(), a.Intake
		one, two, clerk := a.Actor(t, "catalogue-admin"), a.Actor(t, "catalogue-admin2"), a.Actor(t, "clerk")
		upload := func(name, content string, o intake.Options) intake.Run {
			t.Helper()
			r, err := s.Upload(ctx, one, intake.UploadInput{Name: name, Content: strings.NewReader(content), Mapping: "gd", Options: o})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		now := func(id string) intake.Run {
			t.Helper()
			if err := s.WorkOff(ctx, id); err != nil {
				t.Fatal(err)
			}
			r, err := s.Run(ctx, one, id)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		good := string(sample(t, "gd.csv"))
		r := upload("gd.csv", good, intake.Options{})
		if r.State != intake.Checking || !r.Working() {
			t.Fatalf("%+v", r)
		}
		if err := s.Release(ctx, two, r.ID, r.Version); !errors.Is(err, intake.ErrState) {
			t.Errorf("released before it was checked: %v", err)
		}
		r = now(r.ID)
		if r.State != intake.Checked || r.Counts.Created != 4 || len(r.Result.Samples) != 4 || r.Progress.Done != 4 || r.Digest == "" {
			t.Fatalf("%+v", r)
		}
		if err := s.Release(ctx, one, r.ID, r.Version); !errors.Is(err, intake.ErrOwnRun) {
			t.Errorf("released by who brought it: %v", err)
		}
		if err := s.Release(ctx, clerk, r.ID, r.Version); !errors.Is(err, intake.ErrForbidden) {
			t.Errorf("released by a clerk: %v", err)
		}
		if err := s.Release(ctx, two, r.ID, r.Version-1); !errors.Is(err, db.ErrStale) {
			t.Errorf("released from an old page: %v", err)
		}
		if err := s.Release(ctx, two, r.ID, r.Version); err != nil {
			t.Fatal(err)
		}
		if r = now(r.ID); r.State != intake.Done || r.ApprovedBy != two.ID || r.FinishedAt.IsZero() {
			t.Fatalf("%+v", r)
		}
		if again := now(r.ID); again.Version != r.Version {
			t.Error("the job did something when run again")
		}
		a.Clock.Advance(2 * time.Second)
		record, history, err := a.Catalogue.History(ctx, one, "11371671MB0A00026N437070300100001")
		if err != nil || record.VersionID == "" || history[0].SavedBy != one.ID || history[0].PublishedBy != two.ID {
			t.Errorf("%+v %v", history, err)
		}
		entries, err := a.Audit.List(ctx, audit.Filter{Action: "catalogue.import", Limit: 10})
		whole := func(e audit.Entry) bool { return e.Action == "catalogue.import" && strings.HasSuffix(e.Actor, two.ID) }
		if err != nil || len(entries) != 3 || !slices.ContainsFunc(entries, whole) {
			t.Errorf("audit %+v %v", entries, err)
		}
		// The same sheet again has nothing to release.
		r = now(upload("gd.csv", good, intake.Options{}).ID)
		if err := s.Release(ctx, two, r.ID, r.Version); !errors.Is(err, intake.ErrNothing) {
			t.Errorf("released nothing: %v", err)
		}
		if err := s.Discard(ctx, two, r.ID, r.Version); err != nil {
			t.Error(err)
		}
		// Rows with errors block, until they are to be left out.
		bad := strings.Replace(strings.Replace(good, ",20,workday,5,workday", ",20,workday,25,workday", 1), "通关信息查询", "通关查询", 1)
		r = now(upload("gd.csv", bad, intake.Options{}).ID)
		if err := s.Release(ctx, two, r.ID, r.Version); !errors.Is(err, intake.ErrBlocked) {
			t.Errorf("released with errors: %v", err)
		}
		if err := s.Again(ctx, one, r.ID, r.Version, intake.Options{SkipErrors: true}); err != nil {
			t.Fatal(err)
		}
		r = now(r.ID)
		if r.Counts.Updated != 1 || r.Counts.Errors != 1 {
			t.Fatalf("%+v", r.Counts)
		}
		// The catalogue moves on between release and work: it is checked anew.
		if err := s.Release(ctx, two, r.ID, r.Version); err != nil {
			t.Fatal(err)
		}
		take(t, a, "gd", []byte(strings.Replace(good, "通关信息查询", "通关状态查询", 1)), intake.Options{})
		if r = now(r.ID); r.State != intake.Checked || !r.Result.MovedOn {
			t.Errorf("%s, moved on %v", r.State, r.Result.MovedOn)
		}
		// A file that cannot be read is told, not thrown.
		r = now(upload("x.csv", "a,b\n1,2\n", intake.Options{}).ID)
		if r.State != intake.Checked || !r.Blocked() || r.Result.Findings[0].Reason != "sheet.header" {
			t.Errorf("%+v", r)
		}
		list, err := s.Runs(ctx, two)
		if err != nil || len(list) != 4 || list[0].ID != r.ID {
			t.Errorf("%d runs, %v", len(list), err)
		}
	})
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	one := a.Actor(t, "catalogue-admin")
	for name, tt := range map[string]struct {
		file, content, mapping string
		want                   string
	}{
		"a picture":        {"a.png", "\x89PNG\r\n\x1a\n", "gd", "files.type"},
		"a false workbook": {"a.xlsx", "编码,名称\n", "gd", "files.type"},
		"nothing":          {"a.csv", "", "gd", "files.empty"},
		"no such mapping":  {"a.csv", "编码\n", "mars", "intake.mapping"},
	} {
		_, err := a.Intake.Upload(t.Context(), one, intake.UploadInput{Name: tt.file, Content: strings.NewReader(tt.content), Mapping: tt.mapping})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.Intake.Upload(t.Context(), a.Actor(t, "clerk"), intake.UploadInput{Name: "a.csv", Content: strings.NewReader("x"), Mapping: "gd"}); !errors.Is(err, intake.ErrForbidden) {
		t.Errorf("a clerk uploads: %v", err)
	}
	// CSV is taken for imports only.
	if _, err := a.Files.Put(t.Context(), bytes.NewReader([]byte("a,b\n")), "a.csv", 100); !errors.Is(err, files.ErrType) {
		t.Errorf("CSV as a paper: %v", err)
	}
}

func TestMappingsAreKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := apptest.NewOn(t, d)
		ctx, s, one := t.Context(), a.Intake, a.Actor(t, "catalogue-admin")
		shipped, err := s.Mapping(ctx, one, "sc")
		if err != nil || !shipped.Shipped || shipped.Version != 0 {
			t.Fatalf("%+v %v", shipped, err)
		}
		changed := strings.Replace(shipped.Content, "departments: {}", "departments: {区行政审批局: zw}", 1)
		if faults, err := s.SaveMapping(ctx, one, "sc", changed+"colour: red\n", 0); !errors.Is(err, intake.ErrMappingBad) || len(faults) != 1 || faults[0].Line == 0 {
			t.Errorf("%+v %v", faults, err)
		}
		if _, err := s.SaveMapping(ctx, one, "sc", changed, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SaveMapping(ctx, one, "sc", changed, 0); !errors.Is(err, db.ErrStale) {
			t.Errorf("saved over another's change: %v", err)
		}
		if _, err := s.SaveMapping(ctx, one, "County 2026", changed, 0); !errors.Is(err, intake.ErrMappingKey) {
			t.Errorf("%v", err)
		}
		if _, err := s.SaveMapping(ctx, one, "county-2026", changed, 0); err != nil {
			t.Fatal(err)
		}
		list, err := s.Mappings(ctx, one)
		if err != nil || len(list) != 4 || list[1].Version != 1 || !list[1].Shipped || list[3].Key != "county-2026" || list[3].Shipped {
			t.Errorf("%+v %v", list, err)
		}
		stored, err := s.Mapping(ctx, one, "sc")
		if err != nil {
			t.Fatal(err)
		}
		m, faults := stored.Parsed()
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		p, err := s.Check(ctx, source(sample(t, "sc.csv")), m, intake.Options{}, nil)
		if err != nil || p.Samples[0].Definition.Department != "zw" || !p.Samples[0].Definition.GuideOnly {
			t.Errorf("the alias does not count: %+v %v", p.Samples, err)
		}
		if _, err := s.Mapping(ctx, one, "mars"); !errors.Is(err, intake.ErrNotFound) {
			t.Errorf("%v", err)
		}
		if _, err := s.Mappings(ctx, a.Actor(t, "clerk")); !errors.Is(err, intake.ErrForbidden) {
			t.Errorf("%v", err)
		}
		plan, faults, err := s.Preview(ctx, one, shippedText("gd"), strings.ReplaceAll(string(sample(t, "gd.csv")), ",", "\t"))
		if err != nil || len(faults) > 0 || plan.Created != 4 {
			t.Errorf("pasted rows: %+v %v %v", plan, faults, err)
		}
	})
}

func shippedText(key string) string {
	text, _ := mapping.Shipped(key)
	return text
}
