package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// crashChild names the environment variable that turns the test binary into
// the process that is going to be killed.
const (
	crashChild = "TONGBAN_CRASH_CHILD"
	crashMail  = "TONGBAN_CRASH_SMTP" // its mail server
)

// TestCrash kills a process with SIGKILL at random moments while people hand in,
// upload, accept, examine and decide and mail goes out, then opens what is left:
// everything acknowledged is there, nothing is half-way, no number was given and
// no notice was sent twice. The default is a handful of kills; TONGBAN_KILLS asks
// for more, TONGBAN_KILLS_PG for another number on PostgreSQL.
func TestCrash(t *testing.T) {
	if dsn := os.Getenv(crashChild); dsn != "" {
		crashing(t, dsn)
		return
	}
	t.Parallel()
	kills := wanted(t, "TONGBAN_KILLS", 6)
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		killing(t, dir, "sqlite:"+dir+"/tongban.db", kills)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		killing(t, t.TempDir(), dbtest.PostgresURL(t), wanted(t, "TONGBAN_KILLS_PG", kills))
	})
}

func wanted(t *testing.T, name string, usual int) int {
	t.Helper()
	if s := os.Getenv(name); s != "" {
		if _, err := fmt.Sscan(s, &usual); err != nil {
			t.Fatal(err)
		}
	}
	return usual
}

// awake is the real clock; in the hours in which mails wait, half a day before.
type awake struct{}

func (awake) Now() time.Time {
	now := clock.System{}.Now()
	if h := now.In(workday.Zone).Hour(); h < 8 || h >= 21 {
		return now.Add(-12 * time.Hour)
	}
	return now
}

func crashApp(t *testing.T, dir, dsn string) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Database, cfg.SMTP = dir, dsn, os.Getenv(crashMail)
	cfg.DayFiles, cfg.DayMB, cfg.DayMessages, cfg.DayDrafts = 0, 0, 0, 0 // a few accounts, as fast as they can
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(context.Background(), cfg, dbtest.Quiet(), awake{})
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
	sink := newMailSink(t)
	acknowledged, decided, uploads := map[string]string{}, map[string]string{}, map[string]string{} // number to state, number to outcome, file to case
	for range kills {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrash$") //nolint:gosec // ourselves
		cmd.Env = append(os.Environ(), crashChild+"="+dsn, "TONGBAN_CRASH_DIR="+dir, crashMail+"="+sink.address)
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
			if len(f) != 3 {
				continue
			}
			switch f[0] {
			case "decided":
				if old, twice := decided[f[1]]; twice {
					t.Errorf("%s was decided twice, %s and %s", f[1], old, f[2])
				}
				decided[f[1]] = f[2]
				continue
			case "file":
				uploads[f[1]] = f[2]
				continue
			case "ack":
			default:
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
		if err != nil || slices.Index(cases.States, cases.State(got)) < slices.Index(cases.States, cases.State(state)) {
			t.Errorf("%s was acknowledged as %s, is %q (%v)", number, state, got, err)
		}
	}
	for number, outcome := range decided {
		got, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT d.outcome FROM cases_decision d JOIN cases_case c ON c.id=d.case_id AND c.outcome=d.outcome WHERE c.number=$1`, number)
		if err != nil || got != outcome {
			t.Errorf("%s was acknowledged as %s, is %q (%v)", number, outcome, got, err)
		}
	}
	for file, id := range uploads {
		if n, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_file WHERE case_id=$1 AND file_id=$2`, id, file); err != nil || n != 1 {
			t.Errorf("the upload %s of case %s was acknowledged and stands %d times (%v)", file, id, n, err)
		}
	}
	repeated := sink.check(t, a)
	for what, sql := range map[string]string{
		"a submitted case without its snapshot":   `SELECT count(*) FROM cases_case c WHERE c.state <> 'draft' AND NOT EXISTS (SELECT 1 FROM cases_snapshot s WHERE s.case_id=c.id)`,
		"a state without its event":               `SELECT count(*) FROM cases_case c WHERE c.state <> 'draft' AND NOT EXISTS (SELECT 1 FROM cases_event e WHERE e.case_id=c.id AND e.to_state=c.state)`,
		"a gap in the events":                     `SELECT count(*) FROM (SELECT case_id FROM cases_event GROUP BY case_id HAVING max(seq) <> count(*)) x`,
		"a granted case without its certificate":  `SELECT count(*) FROM cases_case c WHERE c.outcome='granted' AND NOT EXISTS (SELECT 1 FROM identity_certificate i WHERE i.case_id=c.id)`,
		"a submission that nobody was told of":    `SELECT count(*) FROM cases_case c WHERE c.state='submitted' AND NOT EXISTS (SELECT 1 FROM notify_message m WHERE m.link LIKE '%' || c.id)`,
		"a number that stands out of line":        `SELECT count(*) FROM cases_case c WHERE c.last_seq <> (SELECT COALESCE(max(seq), 0) FROM cases_event e WHERE e.case_id=c.id)`,
		"a decision without its state":            `SELECT count(*) FROM cases_decision d JOIN cases_case c ON c.id=d.case_id WHERE c.state NOT IN ('decided','delivered')`,
		"a state without its decision":            `SELECT count(*) FROM cases_case c WHERE c.state IN ('decided','delivered') AND NOT EXISTS (SELECT 1 FROM cases_decision d WHERE d.case_id=c.id)`,
		"an open desk after the end":              `SELECT count(*) FROM cases_task t JOIN cases_case c ON c.id=t.case_id WHERE t.state='open' AND c.state <> 'handling'`,
		"handling without a desk":                 `SELECT count(*) FROM cases_case c WHERE c.state='handling' AND NOT EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id=c.id AND t.state='open')`,
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
	t.Logf("%d kills; acknowledged: %d submissions, %d uploads, %d decisions; %d mails taken, %d of them a second time under their old Message-ID",
		kills, len(acknowledged), len(uploads), len(decided), len(sink.times), repeated)
}

// crashing is the child: four people hand in until they are killed.
func crashing(t *testing.T, dsn string) {
	t.Helper()
	a := crashApp(t, os.Getenv("TONGBAN_CRASH_DIR"), dsn)
	ctx := context.Background()
	if err := a.Jobs.Start(ctx); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	tell := func(what, who, how string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(what, who, how) //nolint:forbidigo // this is how the child talks
	}
	toDo := make(chan cases.Case, 1000)
	wg.Go(func() { // a window and two desks
		for k := range toDo {
			if err := handle(ctx, a, k, tell); err != nil {
				t.Error(err)
				return
			}
		}
	})
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
			item := []string{"KJ-0003", "KJ-0007", "KJ-0002", "KJ-0007"}[i]
			for n := range 200 {
				k, err := handInTelling(ctx, a, who, item, n, tell)
				if errors.Is(err, cases.ErrState) || errors.Is(err, cases.ErrStale) {
					continue // two of them had the same draft in hand
				}
				if err != nil {
					t.Error(err)
					return
				}
				tell("ack", k.Number, string(k.State))
				if k.State == cases.Submitted {
					toDo <- k
				}
			}
		})
	}
	wg.Wait()
}

// handle takes a case through its desks to a decision.
func handle(ctx context.Context, a *app.App, k cases.Case, tell func(what, who, how string)) error {
	as := func(login string) (auth.Actor, error) {
		acc, err := a.Identity.AccountByLogin(ctx, login)
		if err != nil {
			return auth.Actor{}, err
		}
		return a.ActorOf(ctx, acc.ID)
	}
	clerk, err := as("clerk")
	if err != nil {
		return err
	}
	ref := cases.Ref{ID: k.ID}
	if k, err = a.Cases.Accept(ctx, clerk, ref); err != nil {
		return err
	}
	for _, login := range []string{"handler-kj", "handler-sw"} {
		who, err := as(login)
		if err != nil {
			return err
		}
		if _, err := a.Cases.Endorse(ctx, who, ref, cases.EndorseInput{Opinion: "同意"}); err != nil && errs.KindOf(err) == errs.Internal {
			return err
		}
	}
	approver, err := as("approver")
	if err != nil {
		return err
	}
	if k, err = a.Cases.Decide(ctx, approver, ref, cases.DecideInput{Outcome: cases.Denied, Reason: "未达到规定条件"}); err != nil {
		if errs.KindOf(err) == errs.Internal {
			return err
		}
		return nil // another desk comes first
	}
	tell("decided", k.Number, string(k.Outcome))
	return nil
}

func handIn(ctx context.Context, a *app.App, who auth.Actor, item string, n int) (cases.Case, error) {
	return handInTelling(ctx, a, who, item, n, func(string, string, string) {})
}

func handInTelling(ctx context.Context, a *app.App, who auth.Actor, item string, n int, tell func(what, who, how string)) (cases.Case, error) {
	k, err := a.Cases.Start(ctx, who, cases.StartInput{ItemCode: item, EnterpriseID: who.Firms[0]})
	if err != nil {
		return k, err
	}
	if err := a.Cases.TypeSample(ctx, who, k.ID, uint64(n), nil); err != nil {
		return k, err
	}
	form, err := a.Cases.Form(ctx, who, k.ID)
	if err != nil {
		return k, err
	}
	for _, m := range form.Materials {
		if m.How != cases.Missing {
			continue
		}
		f, err := a.Cases.Attach(ctx, who, k.ID, m.Key, "a.pdf", strings.NewReader(fmt.Sprintf("%%PDF-1.4\n%% %s %s\n%%%%EOF\n", k.ID, m.Key)), 1<<20)
		if err != nil {
			return k, err
		}
		tell("file", f.ID, string(k.ID))
	}
	return a.Cases.Submit(ctx, who, cases.Ref{ID: k.ID})
}
