package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

const conflictChild = "TONGBAN_CONFLICT_CHILD"

// TestTwoProcesses runs two processes on one PostgreSQL: sixteen people in each
// accept the same cases at the same moment and hand in others, while both work
// jobs off. Each case is accepted once, no number is given twice, every mail
// goes out once, and what falls due is looked for by one of the two.
func TestTwoProcesses(t *testing.T) {
	if dsn := os.Getenv(conflictChild); dsn != "" {
		conflicting(t, dsn)
		return
	}
	t.Parallel()
	dsn, dir := dbtest.PostgresURL(t), t.TempDir()
	a := crashApp(t, dir, dsn)
	defer func() { _ = a.Close() }()
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SeedZone(t.Context(), z); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	const n = 12
	client := auth.Actor{Kind: auth.Client, ID: "two", Scopes: auth.Scopes}
	for i := range n {
		k, err := a.Cases.Start(ctx, client, cases.StartInput{ItemCode: "KJ-0007", USCC: "91371671MA3TB0009L"})
		if err == nil {
			err = errors.Join(a.Cases.TypeSample(ctx, client, k.ID, uint64(i), nil), a.Cases.AttachSample(ctx, client, k.ID))
		}
		if err == nil {
			_, err = a.Cases.Submit(ctx, client, cases.Ref{ID: k.ID})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sink := newMailSink(t)
	var mu sync.Mutex
	won, given := map[string]int{}, map[string]int{}
	lost := 0
	var wg sync.WaitGroup
	var ready sync.WaitGroup
	ready.Add(2)
	for range 2 {
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestTwoProcesses$") //nolint:gosec // ourselves
		cmd.Env = append(os.Environ(), conflictChild+"="+dsn, "TONGBAN_CRASH_DIR="+dir, crashMail+"="+sink.address)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				f := strings.Fields(lines.Text())
				mu.Lock()
				switch {
				case len(f) == 1 && f[0] == "ready":
					ready.Done()
					go func() {
						ready.Wait()
						_, _ = io.WriteString(in, "go\n")
					}()
				case len(f) == 2 && f[0] == "won":
					won[f[1]]++
				case len(f) == 2 && f[0] == "lost":
					lost++
				case len(f) == 2 && f[0] == "number":
					given[f[1]]++
				case len(f) > 0 && f[0] == "wrong":
					t.Error(lines.Text())
				}
				mu.Unlock()
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("a process ended with %v", err)
			}
		})
	}
	wg.Wait()
	if len(won) != n || lost != n*31 {
		t.Errorf("%d cases were accepted and %d tries lost, want %d and %d", len(won), lost, n, n*31)
	}
	for id, times := range won {
		if times != 1 {
			t.Errorf("%s was accepted %d times", id, times)
		}
	}
	if len(given) != 2*n {
		t.Errorf("%d numbers for %d submissions", len(given), 2*n)
	}
	for number, times := range given {
		if times != 1 {
			t.Errorf("%s was given %d times", number, times)
		}
	}
	if repeated := sink.check(t, a); repeated > 0 {
		t.Errorf("%d mails went out again", repeated)
	}
	if waiting, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM notify_delivery WHERE state <> 'sent'`); err != nil || waiting > 0 {
		t.Errorf("%d mails were not sent, %v", waiting, err)
	}
	sweeps, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM river_job WHERE kind='cases.sweep'`)
	if err != nil || sweeps < 1 || sweeps > 2 { // two when the ten minutes turn over meanwhile
		t.Errorf("%d sweeps, %v", sweeps, err)
	}
	if r, err := a.Audit.Verify(ctx); err != nil || r.Broken != nil {
		t.Errorf("audit: %+v %v", r.Broken, err)
	}
	t.Logf("%d cases accepted once, %d tries told that somebody was faster, %d numbers, %d mails, %d sweep", len(won), lost, len(given), len(sink.times), sweeps)
}

// conflicting is one of the two processes.
func conflicting(t *testing.T, dsn string) {
	t.Helper()
	a := crashApp(t, os.Getenv("TONGBAN_CRASH_DIR"), dsn)
	ctx := context.Background()
	if err := a.Jobs.Start(ctx); err != nil {
		t.Fatal(err)
	}
	acc, err := a.Identity.AccountByLogin(ctx, "clerk")
	if err != nil {
		t.Fatal(err)
	}
	clerk, err := a.ActorOf(ctx, acc.ID)
	if err != nil {
		t.Fatal(err)
	}
	list, err := a.Cases.List(ctx, clerk, cases.Filter{List: cases.ListToAccept})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	say := func(words ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(words...) //nolint:forbidigo // this is how the child talks
	}
	say("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	var wg sync.WaitGroup
	client := auth.Actor{Kind: auth.Client, ID: "two", Scopes: auth.Scopes}
	for _, r := range list.Rows {
		for range 16 {
			wg.Go(func() {
				_, err := a.Cases.Accept(ctx, clerk, cases.Ref{ID: r.ID, Version: r.Version})
				switch {
				case err == nil:
					say("won", r.ID)
				case errors.Is(err, cases.ErrStale):
					say("lost", r.ID)
				default:
					say("wrong", r.ID, err, errs.KindOf(err))
				}
			})
		}
		wg.Go(func() {
			k, err := a.Cases.Start(ctx, client, cases.StartInput{ItemCode: "KJ-0003", USCC: "91371671MA3TB0009L"})
			if err == nil {
				err = errors.Join(a.Cases.TypeSample(ctx, client, k.ID, 1, nil), a.Cases.AttachSample(ctx, client, k.ID))
			}
			if err == nil {
				k, err = a.Cases.Submit(ctx, client, cases.Ref{ID: k.ID})
			}
			if err != nil {
				say("wrong", err)
				return
			}
			say("number", k.Number)
		})
	}
	wg.Wait()
	for range 300 { // until the mail is out, no job writes another one, and the one that leads has swept
		n, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int],
			`SELECT (SELECT count(*) FROM notify_delivery WHERE state <> 'sent') + (SELECT count(*) FROM river_job WHERE state IN ('available', 'running'))`)
		if err == nil && n == 0 {
			n, err = db.One(ctx, a.DB.Read(ctx), db.Scalar[int], `SELECT 1 - least(1, count(*)) FROM river_job WHERE kind='cases.sweep'`)
		}
		if err != nil || n == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := errors.Join(a.Jobs.Stop(stop), a.Close()); err != nil {
		t.Error(err)
	}
}
