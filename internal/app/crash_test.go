package app_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// crashChild names the environment variable that turns the test binary into
// the process that is going to be killed.
const crashChild = "TONGBAN_CRASH_CHILD"

// TestCrash kills a process with SIGKILL at random moments while four people
// hand in, then opens what is left: everything acknowledged is there, nothing
// is half-way, no number was given twice. The default is a handful of kills;
// TONGBAN_KILLS asks for more.
func TestCrash(t *testing.T) {
	if dsn := os.Getenv(crashChild); dsn != "" {
		crashing(t, dsn)
		return
	}
	t.Parallel()
	kills := 6
	if s := os.Getenv("TONGBAN_KILLS"); s != "" {
		if _, err := fmt.Sscan(s, &kills); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		killing(t, dir, "sqlite:"+dir+"/tongban.db", kills)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		killing(t, t.TempDir(), dbtest.PostgresURL(t), kills)
	})
}

func crashApp(t *testing.T, dir, dsn string) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Database = dir, dsn
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(context.Background(), cfg, dbtest.Quiet(), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func killing(t *testing.T, dir, dsn string, kills int) {
	t.Helper()
	a := crashApp(t, dir, dsn)
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SeedZone(t.Context(), z); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]string{} // number to "state outcome"
	for range kills {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrash$") //nolint:gosec // ourselves
		cmd.Env = append(os.Environ(), crashChild+"="+dsn, "TONGBAN_CRASH_DIR="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		first := true
		for lines.Scan() {
			f := strings.Fields(lines.Text())
			if len(f) != 3 || f[0] != "ack" {
				continue
			}
			if first {
				first = false
				time.AfterFunc(time.Duration(20+rand.IntN(300))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			}
			if _, twice := acknowledged[f[1]]; twice {
				t.Errorf("number %s was given twice", f[1])
			}
			acknowledged[f[1]] = f[2]
		}
		_ = cmd.Wait()
		if first {
			t.Fatal("the child acknowledged nothing")
		}
	}
	a = crashApp(t, dir, dsn)
	defer func() { _ = a.Close() }()
	ctx := t.Context()
	for number, state := range acknowledged {
		got, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT state FROM cases_case WHERE number=$1`, number)
		if err != nil || got != state {
			t.Errorf("%s was acknowledged as %s, is %q (%v)", number, state, got, err)
		}
	}
	for what, sql := range map[string]string{
		"a submitted case without its snapshot":   `SELECT count(*) FROM cases_case c WHERE c.state <> 'draft' AND NOT EXISTS (SELECT 1 FROM cases_snapshot s WHERE s.case_id=c.id)`,
		"a state without its event":               `SELECT count(*) FROM cases_case c WHERE c.state <> 'draft' AND NOT EXISTS (SELECT 1 FROM cases_event e WHERE e.case_id=c.id AND e.to_state=c.state)`,
		"a gap in the events":                     `SELECT count(*) FROM (SELECT case_id FROM cases_event GROUP BY case_id HAVING max(seq) <> count(*)) x`,
		"a granted case without its certificate":  `SELECT count(*) FROM cases_case c WHERE c.outcome='granted' AND NOT EXISTS (SELECT 1 FROM identity_certificate i WHERE i.case_id=c.id)`,
		"a submission that nobody was told of":    `SELECT count(*) FROM cases_case c WHERE c.state='submitted' AND NOT EXISTS (SELECT 1 FROM notify_message m WHERE m.link LIKE '%' || c.id)`,
		"a material whose file is not registered": `SELECT count(*) FROM cases_file f WHERE NOT EXISTS (SELECT 1 FROM files_file x WHERE x.id=f.file_id)`,
	} {
		if n, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int], sql); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
	rows, err := db.List(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT id FROM files_file`)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range rows {
		f, err := a.Files.Find(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.Files.Open(f)
		if err != nil {
			t.Errorf("the bytes of %s are gone: %v", id, err)
			continue
		}
		_ = r.Close()
	}
	if r, err := a.Audit.Verify(ctx); err != nil || r.Broken != nil {
		t.Errorf("audit: %v %v", r.Broken, err)
	}
	t.Logf("%d kills, %d acknowledged submissions, %d files", kills, len(acknowledged), len(rows))
}

// crashing is the child: four people hand in until they are killed.
func crashing(t *testing.T, dsn string) {
	t.Helper()
	a := crashApp(t, os.Getenv("TONGBAN_CRASH_DIR"), dsn)
	ctx := context.Background()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i, login := range []string{"applicant", "agent", "applicant", "agent"} {
		wg.Go(func() {
			acc, err := a.Identity.AccountByLogin(ctx, login)
			if err != nil {
				t.Error(err)
				return
			}
			who, err := a.ActorOf(ctx, acc.ID)
			if err != nil {
				t.Error(err)
				return
			}
			item := []string{"KJ-0003", "KJ-0001", "KJ-0004", "KJ-0003"}[i]
			for n := range 200 {
				k, err := handIn(ctx, a, who, item, n)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				fmt.Printf("ack %s %s\n", k.Number, k.State) //nolint:forbidigo // this is how the child talks
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func handIn(ctx context.Context, a *app.App, who auth.Actor, item string, n int) (cases.Case, error) {
	k, err := a.Cases.Start(ctx, who, cases.StartInput{ItemCode: item, EnterpriseID: who.Firms[0]})
	if err != nil {
		return k, err
	}
	if err := a.Cases.TypeSample(ctx, who, k.ID, uint64(n), nil); err != nil {
		return k, err
	}
	if err := a.Cases.AttachSample(ctx, who, k.ID); err != nil {
		return k, err
	}
	return a.Cases.Submit(ctx, who, cases.Ref{ID: k.ID})
}
