package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/testkit/matchgen"
)

func main() {
	firms := flag.Int("firms", 1_000_000, "firms")
	count := flag.Int("rules", 1000, "rules")
	peers := flag.Bool("peers", true, "measure the others too")
	columnar := flag.Bool("columnar", false, "only all firms x all rules, and of the others only DuckDB and Polars")
	flag.Parse()
	if err := run(context.Background(), *firms, *count, *peers, *columnar); err != nil {
		fmt.Fprintln(os.Stderr, "match:", err)
		os.Exit(1)
	}
}

// took is how long something took: on the clock, and of the processor, which
// other work on the machine does not stretch as much.
type took struct{ wall, cpu time.Duration }

func (t took) per(n float64) float64 { return float64(t.wall.Nanoseconds()) / n }

func clock(f func()) took {
	used := func() time.Duration {
		var r syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	begin, before := time.Now(), used()
	f()
	return took{time.Since(begin), used() - before}
}

// best is the best of some runs, with the garbage of others taken away before.
func best(runs int, f func()) took {
	out := took{math.MaxInt64, math.MaxInt64}
	for range runs {
		runtime.GC()
		t := clock(f)
		out = took{min(out.wall, t.wall), min(out.cpu, t.cpu)}
	}
	return out
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// row prints a line of the table.
func row(operation, name string, wall time.Duration, cpu, ns, form string) {
	say("%-28s %-10s %12s %12s %10s  %s", operation, name, short(wall), cpu, ns, form)
}

func short(d time.Duration) string {
	for _, unit := range []time.Duration{time.Hour, time.Minute, time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit*10 || d >= unit && unit <= time.Second {
			return fmt.Sprintf("%.3g %s", float64(d)/float64(unit), map[time.Duration]string{time.Hour: "h", time.Minute: "min", time.Second: "s", time.Millisecond: "ms", time.Microsecond: "us"}[unit])
		}
	}
	return d.String()
}

func size(n int) string { // of firms and rules
	if n >= 1_000_000 && n%1_000_000 == 0 {
		return fmt.Sprintf("%dM", n/1_000_000)
	}
	if n >= 1000 && n%1000 == 0 {
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprint(n)
}

// result is the last line, in the order in which it is told.
type result struct {
	keys   []string
	values map[string]any
}

func (r *result) put(key string, value any) {
	if f, ok := value.(float64); ok {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			value = nil
		} else {
			digits := math.Pow(10, 4-math.Ceil(math.Log10(math.Abs(f)+1e-12)))
			value = math.Round(f*digits) / digits
		}
	}
	if r.values == nil {
		r.values = map[string]any{}
	}
	r.keys, r.values[key] = append(r.keys, key), value
}

func (r *result) line() string {
	parts := make([]string, len(r.keys))
	for i, k := range r.keys {
		v, err := json.Marshal(r.values[k])
		if err != nil {
			panic(err) // numbers and texts
		}
		parts[i] = fmt.Sprintf("%q:%s", k, v)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func machine() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.SplitSeq(string(text), "\n") {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return runtime.GOARCH
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

func run(ctx context.Context, firms, count int, peers, columnar bool) error {
	begin := time.Now()
	runtime.GOMAXPROCS(1)
	out := &result{}
	say("%s, %d processors, %s %s/%s, load %s; one thread unless said otherwise", machine(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, load())
	rules := matchgen.Rules(1, count, true)
	w := newWords(rules)
	var t *engine.Table
	made := clock(func() { t = matchgen.Table(1, firms) })
	prog := engine.Compile(schema, rules)
	var x *engine.Index
	ranked := best(1, func() { x = engine.NewIndex(t, prog) })
	say("%s firms (made in %s) x %s rules of %d different comparisons, %d sums and ratios; ranked in %s", size(firms), short(made.wall), size(count), prog.Leaves(), len(w.terms), short(ranked.wall))

	say("\nGate: every engine against Expr.Eval")
	fresh := matchgen.Rules(7, 200, false) // with thresholds that no rule has used
	pairs, err := oursAgrees(t, rules, x, prog, fresh[:40])
	if err != nil {
		return err
	}
	say("  tongban: %d pairs, as matrix, for one firm, as new rules and one step away: all agree", pairs)
	var list []peer
	sampled := sample(t, gateRows)
	want := eval(rules, sampled)
	if peers && !columnar {
		list = rowPeers(w, rules)
		for _, p := range list {
			if err := p.agrees(w, sampled, want); err != nil {
				return err
			}
			n := len(sampled)
			if p.bulk == nil {
				n = gateRowsOPA
			}
			say("  %s: %d firms x %d rules: all agree", p.name, n, count)
		}
	}

	say("\n%-28s %-10s %12s %12s %10s  %s", "operation", "engine", "clock", "processor", "ns a pair", "form (clock and processor: best of some runs)")
	var ours oursTook
	if columnar {
		ours = measureMatrix(out, t, x, len(rules))
	} else {
		ours = measureOurs(out, t, x, prog, rules, fresh)
		measureBound(out, x, ours)
	}
	if peers && !columnar {
		measureRows(out, list, w, t, firms, count, ours)
		if err := measureSQLite(ctx, out, w, t, rules, ours); err != nil {
			return err
		}
	}
	if peers {
		if err := measureColumnar(ctx, out, w, t, rules, ours); err != nil {
			return err
		}
	}
	out.put("firms", firms)
	out.put("rules", count)
	out.put("leaves", prog.Leaves())
	out.put("threads", 1)
	out.put("cpu", machine())
	out.put("go", runtime.Version())
	out.put("load", load())
	say("\nIn %s; load now %s.", short(time.Since(begin)), load())
	say("%s", out.line())
	return nil
}
