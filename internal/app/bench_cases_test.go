package app_test

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/shell"
)

// TestBenchCases measures lists, pages, search and commands on databases of
// several sizes, and the commands beside the bare transaction of the same
// database in the same run. "make bench-cases" calls it; without
// TONGBAN_BENCH_SIZES it is skipped.
//
//	TONGBAN_BENCH_SIZES  "10000,100000"
//	TONGBAN_BENCH_DIR    where the filled SQLite databases are kept for the next run
//	TONGBAN_BENCH_PG     a PostgreSQL server with its normal durability (a URL whose user may create databases)
func TestBenchCases(t *testing.T) {
	sizes := os.Getenv("TONGBAN_BENCH_SIZES")
	if sizes == "" {
		t.Skip("measures; see make bench-cases")
	}
	dir := cmp.Or(os.Getenv("TONGBAN_BENCH_DIR"), t.TempDir())
	for _, text := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("sqlite-%d", n), func(t *testing.T) {
			data := filepath.Join(dir, fmt.Sprintf("sqlite-%d", n))
			measure(t, data, "sqlite:"+filepath.Join(data, "tongban.db"), n)
		})
		t.Run(fmt.Sprintf("postgres-%d", n), func(t *testing.T) {
			base := os.Getenv("TONGBAN_BENCH_PG")
			if base == "" {
				t.Skip("TONGBAN_BENCH_PG names no server")
			}
			measure(t, filepath.Join(dir, fmt.Sprintf("postgres-%d", n)), benchDatabase(t, base, fmt.Sprintf("bench_%d", n)), n)
		})
	}
}

// benchDatabase makes the database if it is not there yet.
func benchDatabase(t *testing.T, base, name string) string {
	t.Helper()
	d, err := db.Open(t.Context(), base, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	_, _ = d.Pool().ExecContext(t.Context(), `CREATE DATABASE `+name) // there already: fine
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

type measuring struct {
	*app.App
	t   *testing.T
	ctx context.Context
}

func now() time.Time { return clock.System{}.Now() }

func measure(t *testing.T, data, dsn string, n int) {
	m := measuring{crashApp(t, data, dsn), t, t.Context()}
	defer func() { _ = m.Close() }()
	began := now()
	if err := m.LoadCases(m.ctx, app.Load{Cases: n, Originals: 300, Seed: 1, Progress: func(int, int) {}}); err != nil {
		t.Fatal(err)
	}
	t.Logf("filled with %d cases in %s", n, now().Sub(began).Round(time.Second))
	m.reads()
	m.writes()
}

func (m measuring) who(login string) auth.Actor {
	m.t.Helper()
	acc, err := m.Identity.AccountByLogin(m.ctx, login)
	if err != nil {
		m.t.Fatal(err)
	}
	a, err := m.ActorOf(m.ctx, acc.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	return a
}

// reads measures what people wait for when they open a page.
func (m measuring) reads() {
	ids, err := db.List(m.ctx, m.DB.Read(m.ctx), db.Scalar[string], `SELECT id FROM cases_case WHERE number IS NOT NULL AND id > $1 ORDER BY id LIMIT 50`, "019")
	if err != nil || len(ids) == 0 {
		m.t.Fatal(ids, err)
	}
	numbers, err := db.List(m.ctx, m.DB.Read(m.ctx), db.Scalar[string], `SELECT number FROM cases_case WHERE number IS NOT NULL ORDER BY id DESC LIMIT 50`)
	if err != nil {
		m.t.Fatal(err)
	}
	handler, clerk, leader, applicant := m.who("handler-kj"), m.who("clerk"), m.who("leader"), m.who("applicant")
	list := func(who auth.Actor, f cases.Filter) func(int) error {
		f.Request = page.Request{Size: 25}
		return func(int) error { _, err := m.Cases.List(m.ctx, who, f); return err }
	}
	lines := []string{"| what | takes |", "|---|---|"}
	for _, r := range []struct {
		name string
		do   func(i int) error
	}{
		{"one case, whole page", func(i int) error {
			_, err := m.Cases.View(m.ctx, auth.SystemActor(), cases.ID(ids[i%len(ids)]))
			return err
		}},
		{"my tasks", list(handler, cases.Filter{List: cases.ListMine})},
		{"tasks of the department", list(handler, cases.Filter{List: cases.ListGroup})},
		{"to accept (window)", list(clerk, cases.Filter{List: cases.ListToAccept})},
		{"near its limit (department)", list(handler, cases.Filter{List: cases.ListNear})},
		{"overdue (leader)", list(leader, cases.Filter{List: cases.ListOverdue})},
		{"done by me", list(handler, cases.Filter{List: cases.ListDone})},
		{"all (window)", list(clerk, cases.Filter{List: cases.ListAll})},
		{"all (department)", list(handler, cases.Filter{List: cases.ListAll})},
		{"all mine (applicant)", list(applicant, cases.Filter{List: cases.ListApplicant})},
		{"search by number", func(i int) error {
			r, err := m.Cases.List(m.ctx, clerk, cases.Filter{List: cases.ListAll, Query: numbers[i%len(numbers)], Request: page.Request{Size: 25}})
			if err == nil && len(r.Rows) == 0 {
				return fmt.Errorf("%s was not found", numbers[i%len(numbers)])
			}
			return err
		}},
		{"counts of the navigation (window)", func(int) error { _, err := m.Cases.Counts(m.ctx, clerk, shell.Counted(clerk)...); return err }},
		{"counts of the navigation (department)", func(int) error { _, err := m.Cases.Counts(m.ctx, handler, shell.Counted(handler)...); return err }},
	} {
		var failed error
		n := 0
		took := testing.Benchmark(func(b *testing.B) {
			for b.Loop() && failed == nil {
				failed = r.do(n)
				n++
			}
		})
		if failed != nil {
			m.t.Errorf("%s: %v", r.name, failed)
			continue
		}
		lines = append(lines, fmt.Sprintf("| %s | %s |", r.name, short(time.Duration(took.NsPerOp()))))
	}
	m.t.Log("\n" + strings.Join(lines, "\n"))
}

func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(100 * time.Microsecond).String()
	default:
		return d.Round(10 * time.Millisecond).String()
	}
}

// perCommand cases go through each command at each number of writers; some more
// go through all of them before, unmeasured, since the first of a kind compile
// rules and prepare statements.
const (
	perCommand = 320
	warmUp     = 16
)

// writes measures the commands beside the bare transaction.
func (m measuring) writes() {
	for _, sql := range []string{`CREATE TABLE IF NOT EXISTS bench_row (id INTEGER PRIMARY KEY, v TEXT NOT NULL)`, `CREATE TABLE IF NOT EXISTS bench_log (id TEXT PRIMARY KEY, v TEXT NOT NULL)`} {
		if _, err := m.DB.Pool().ExecContext(m.ctx, sql); err != nil {
			m.t.Fatal(err)
		}
	}
	for i := range 64 {
		_, _ = m.DB.Pool().ExecContext(m.ctx, `INSERT INTO bench_row (id, v) VALUES ($1, '')`, i)
	}
	client := auth.Actor{Kind: auth.Client, ID: "bench", Scopes: auth.Scopes}
	clerk, first, second, approver := m.who("clerk"), m.who("handler-kj"), m.who("handler-sw"), m.who("approver")
	lines := []string{"| writers | command | a second | bare a second | ratio | processor, µs | bare, µs | ratio |", "|---|---|---|---|---|---|---|---|"}
	firms, err := db.List(m.ctx, m.DB.Read(m.ctx), db.Scalar[string], `SELECT uscc FROM identity_enterprise ORDER BY uscc`)
	if err != nil || len(firms) == 0 {
		m.t.Fatal(firms, err)
	}
	for _, writers := range []int{1, 8, 32} {
		var refs []cases.Ref
		for i := range warmUp + perCommand {
			k, err := m.Cases.Start(m.ctx, client, cases.StartInput{ItemCode: "KJ-0002", USCC: firms[i%len(firms)]})
			if err != nil {
				m.t.Fatal(err)
			}
			if err := m.Cases.TypeSample(m.ctx, client, k.ID, uint64(i), nil); err != nil {
				m.t.Fatal(err)
			}
			if err := m.Cases.AttachSample(m.ctx, client, k.ID); err != nil {
				m.t.Fatal(err)
			}
			refs = append(refs, cases.Ref{ID: k.ID})
		}
		type result struct {
			name      string
			rate      float64
			bare      float64
			cpu, bcpu float64 // microseconds of this process's processor for one
		}
		var all []result
		for _, c := range []struct {
			name string
			do   func(cases.Ref) (cases.Case, error)
		}{
			{"submit", func(r cases.Ref) (cases.Case, error) { return m.Cases.Submit(m.ctx, client, r) }},
			{"accept", func(r cases.Ref) (cases.Case, error) { return m.Cases.Accept(m.ctx, clerk, r) }},
			{"claim", func(r cases.Ref) (cases.Case, error) { return m.Cases.Claim(m.ctx, first, r) }},
			{"endorse", func(r cases.Ref) (cases.Case, error) {
				return m.Cases.Endorse(m.ctx, first, r, cases.EndorseInput{Opinion: "符合条件"})
			}},
			{"endorse again", func(r cases.Ref) (cases.Case, error) {
				return m.Cases.Endorse(m.ctx, second, r, cases.EndorseInput{Opinion: "没有重复"})
			}},
			{"decide", func(r cases.Ref) (cases.Case, error) {
				return m.Cases.Decide(m.ctx, approver, r, cases.DecideInput{Outcome: cases.Granted})
			}},
		} {
			for _, r := range refs[:warmUp] {
				if _, err := c.do(r); err != nil {
					m.t.Fatal(c.name, err)
				}
			}
			before, cpuBefore := m.bare(writers)
			rate, cpu := m.rate(writers, perCommand, func(i int) error { _, err := c.do(refs[warmUp+i]); return err })
			after, cpuAfter := m.bare(writers)
			all = append(all, result{c.name, rate, (before + after) / 2, cpu, (cpuBefore + cpuAfter) / 2})
		}
		var time, bare, cpu, bcpu float64
		for _, r := range all {
			time, bare, cpu, bcpu = time+1/r.rate, bare+1/r.bare, cpu+r.cpu, bcpu+r.bcpu
			lines = append(lines, fmt.Sprintf("| %d | %s | %.0f | %.0f | 1/%.1f | %.0f | %.0f | 1/%.1f |", writers, r.name, r.rate, r.bare, r.bare/r.rate, r.cpu, r.bcpu, r.cpu/r.bcpu))
		}
		n := float64(len(all))
		lines = append(lines, fmt.Sprintf("| %d | **all six** | %.0f | %.0f | **1/%.1f** | %.0f | %.0f | **1/%.1f** |", writers, n/time, n/bare, time/bare, cpu/n, bcpu/n, cpu/bcpu))
	}
	m.t.Log("\n" + strings.Join(lines, "\n"))
}

// rate does n things with so many writers and tells how many a second, and how
// many microseconds of the processor this process took for one: on a machine
// that others use as well the clock on the wall says little.
func (m measuring) rate(writers, n int, do func(i int) error) (aSecond, micros float64) {
	used := processor()
	var next atomic.Int64
	var wg sync.WaitGroup
	began := now()
	for range writers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					m.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / now().Sub(began).Seconds(), float64((processor() - used).Microseconds()) / float64(n)
}

// processor is the time that this process has had of it.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var bareSeq atomic.Int64

// bare is the rate of transactions that change one row by its key and add one,
// without anything of ours above the driver.
func (m measuring) bare(writers int) (aSecond, micros float64) {
	text := strings.Repeat("一行", 60)
	return m.rate(writers, 2000, func(i int) error {
		tx, err := m.DB.Pool().BeginTx(m.ctx, nil)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(m.ctx, `UPDATE bench_row SET v=$2 WHERE id=$1`, i%64, text+strconv.Itoa(i)); err == nil {
			_, err = tx.ExecContext(m.ctx, `INSERT INTO bench_log (id, v) VALUES ($1, $2)`, fmt.Sprintf("%d-%d", now().UnixNano(), bareSeq.Add(1)), text)
			if err != nil {
				_ = tx.Rollback()
				return err
			}
		} else {
			_ = tx.Rollback()
			return err
		}
		return tx.Commit()
	})
}
