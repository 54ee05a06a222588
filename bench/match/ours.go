package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/testkit/matchgen"
)

// oursTook is what others are held against.
type oursTook struct {
	matrix  took
	simple  took  // portable
	yes     []int // firms of each rule
	oneRow  float64
	oneRule took
	pairs   float64
	answers int
}

// ours is what one table and some rules take.
type ours struct {
	matrix, simple, stored, changed, lent, bare, near took // of the rules one by one, the mean
	m, away                                           *engine.Matrix
}

// matrix reckons all firms x all rules with the kernel that there is, and portable.
func matrix(t *engine.Table, x *engine.Index, rules, runs int) (kernel, portable took, m *engine.Matrix) {
	sizes := "matrix " + size(t.Len()) + " x " + size(rules)
	pairs := float64(t.Len()) * float64(rules)
	pair := func(d took) string { return fmt.Sprintf("%.3f", d.per(pairs)) }
	kernel = best(runs, func() { m = x.Run(1) })
	row(sizes, "tongban", kernel.wall, short(kernel.cpu), pair(kernel), engine.Kernel()+": two planes, answers kept")
	portable = best(runs, func() { x.RunPortable(1) })
	row(sizes, "tongban", portable.wall, short(portable.cpu), pair(portable), "portable: the same")
	return kernel, portable, m
}

// measureMatrix measures that alone.
func measureMatrix(out *result, t *engine.Table, x *engine.Index, rules int) (o oursTook) {
	o.pairs = float64(t.Len()) * float64(rules)
	var m *engine.Matrix
	o.matrix, o.simple, m = matrix(t, x, rules, 15)
	for r := range rules {
		o.yes = append(o.yes, m.Yes(r))
	}
	putMatrix(out, o)
	return o
}

func putMatrix(out *result, o oursTook) {
	out.put("full_matrix_1m_1000_s", o.matrix.wall.Seconds())
	out.put("kernel", engine.Kernel())
	out.put("full_matrix_1m_1000_portable_s", o.simple.wall.Seconds())
	out.put("full_matrix_cpu_s", o.matrix.cpu.Seconds())
	out.put("full_matrix_portable_cpu_s", o.simple.cpu.Seconds())
}

// questions asks the four questions of a table and some rules.
func questions(t *engine.Table, x *engine.Index, rules int, fresh []*engine.Expr, runs int) (o ours) {
	sizes := size(t.Len()) + " x " + size(rules)
	pairs := float64(t.Len()) * float64(rules)
	pair := func(d took) string { return fmt.Sprintf("%.3f", d.per(pairs)) }
	o.matrix, o.simple, o.m = matrix(t, x, rules, runs)

	j := x.NewJudge()
	const times = 20_000
	var codes engine.Codes
	var answers engine.Answers
	one := func(f func(i int)) took {
		d := best(runs, func() {
			for i := range times {
				f(i)
			}
		})
		return took{d.wall / times, d.cpu / times}
	}
	o.stored = one(func(i int) {
		codes = j.Stored(i*611_953%t.Len(), codes)
		answers = j.Answer(codes, answers)
	})
	rows := sample(t, 4096)
	o.changed = one(func(i int) {
		codes = j.CodesOf(rows[i%len(rows)], codes)
		answers = j.Answer(codes, answers)
	})
	single := func(d took) string { return fmt.Sprintf("%.2f", d.per(float64(rules))) }
	row("one firm of "+sizes, "tongban", o.stored.wall, short(o.stored.cpu), single(o.stored), "a firm of the table, anywhere")
	row("one firm of "+sizes, "tongban", o.changed.wall, short(o.changed.cpu), single(o.changed), "changed facts, ranked first")

	scan := func(x *engine.Index) took {
		d := best(min(runs, 4), func() {
			for _, e := range fresh {
				engine.Scan(t, x, e, 1)
			}
		})
		n := time.Duration(len(fresh))
		return took{d.wall / n, d.cpu / n}
	}
	o.lent, o.bare = scan(x), scan(nil)
	firm := func(d took) string { return fmt.Sprintf("%.2f", d.per(float64(t.Len()))) }
	row("one rule of "+sizes, "tongban", o.lent.wall, short(o.lent.cpu), firm(o.lent), fmt.Sprintf("mean of %d new rules, compiling included, beside the ranks of the others", len(fresh)))
	row("one rule of "+sizes, "tongban", o.bare.wall, short(o.bare.cpu), firm(o.bare), "the same on the columns alone")

	o.near = best(runs, func() { o.away = x.Near(1) })
	row("one step away "+sizes, "tongban", o.near.wall, short(o.near.cpu), pair(o.near), "kept; no other engine answers this")
	return o
}

func measureOurs(out *result, t *engine.Table, x *engine.Index, prog *engine.Program, rules, fresh []*engine.Expr) (o oursTook) {
	o.pairs = float64(t.Len()) * float64(len(rules))
	q := questions(t, x, len(rules), fresh, 7)
	o.matrix, o.simple, o.answers, o.oneRule = q.matrix, q.simple, q.m.Bytes(), q.lent
	yes, open, away := 0, 0, 0
	for r := range rules {
		o.yes = append(o.yes, q.m.Yes(r))
		yes += q.m.Yes(r)
		open += q.m.Unknown(r)
		away += q.away.Yes(r)
	}
	o.oneRow = max(q.stored.per(1e3), q.changed.per(1e3))
	putMatrix(out, o)
	out.put("one_firm_1000_rules_us", o.oneRow)
	out.put("one_rule_1m_firms_ms", q.lent.per(1e6))
	out.put("near_miss_1m_1000_s", q.near.wall.Seconds())
	say("  %d pairs yes (%.2f %%), %d unknown (%.2f %%), %d one step away (%.2f %%)", yes, 100*float64(yes)/o.pairs, open, 100*float64(open)/o.pairs, away, 100*float64(away)/o.pairs)
	runtime.GOMAXPROCS(runtime.NumCPU())
	two := best(5, func() { x.Run(runtime.NumCPU()) })
	row("matrix "+size(t.Len())+" x "+size(len(rules)), "tongban", two.wall, short(two.cpu), fmt.Sprintf("%.3f", two.per(o.pairs)), fmt.Sprintf("the same with %d threads", runtime.NumCPU()))
	runtime.GOMAXPROCS(1)

	few := rules[:min(100, len(rules))]
	fewProg := engine.Compile(schema, few)
	small := matchgen.Table(1, t.Len()/10)
	questions(t, engine.NewIndex(t, fewProg), len(few), fresh[:100], 4)
	questions(small, engine.NewIndex(small, prog), len(rules), fresh, 5)
	questions(small, engine.NewIndex(small, fewProg), len(few), fresh, 5)
	measureLive(out, t, rules)

	n := float64(t.Len())
	lists := x.NewJudge().Bytes()
	all := t.Bytes() + x.Bytes() + o.answers + lists
	say("\nMemory a firm: facts %.0f B, ranks %.0f B, answers %.0f B, lists for one firm %.0f B: %.0f B; one step away, if kept, %.0f B more.\n",
		float64(t.Bytes())/n, float64(x.Bytes())/n, float64(o.answers)/n, float64(lists)/n, float64(all)/n, float64(q.away.Bytes())/n)
	out.put("bytes_per_firm", float64(all)/n)
	out.put("one_firm_stored_us", q.stored.per(1e3))
	out.put("one_firm_changed_us", q.changed.per(1e3))
	out.put("one_rule_no_index_ms", q.bare.per(1e6))
	out.put("matrix_ns_pair", o.matrix.per(o.pairs))
	out.put("matrix_all_threads_s", two.wall.Seconds())
	out.put("yes_pairs", yes)
	out.put("unknown_pairs", open)
	return o
}

// measureLive measures answers that are kept while facts change: all made anew as
// after a restart, a changed firm with its counts, and the bringing together of
// the changes, which every 513th pays for all.
func measureLive(out *result, t *engine.Table, rules []*engine.Expr) {
	byKey := engine.Rules{}
	for i, e := range rules {
		byKey[fmt.Sprint(i)] = e
	}
	var live *engine.Live
	made := best(1, func() { live = engine.NewLive(t, byKey, 1) })
	firms, facts := matchgen.NewFirms(3), make([]engine.Value, len(schema.Attrs))
	puts := make([]time.Duration, 0, 1100)
	for i := range cap(puts) {
		firms.Next(facts)
		change := map[int][]engine.Value{(i + 1) * 611_953 % t.Len(): facts}
		puts = append(puts, clock(func() {
			if _, err := live.Put(change, 1); err != nil {
				panic(err) // the firms fit the table
			}
		}).wall)
	}
	slices.Sort(puts)
	middle, most := puts[len(puts)/2], puts[len(puts)-1]
	row("restart", "tongban", made.wall, short(made.cpu), "", "ranks, all answers and lists from facts in memory")
	row("one firm, kept", "tongban", middle, "", "", fmt.Sprintf("a changed firm, its answers and all counts published to readers; the median; bringing 512 together takes %s", short(most)))
	out.put("restart_s", made.wall.Seconds())
	out.put("live_put_us", float64(middle.Nanoseconds())/1e3)
	out.put("live_fold_ms", most.Seconds()*1e3)
}

// measureBound is what the memory alone would take: to read the ranks once and to
// write the answers, as they are kept or as two planes with a bit for each pair.
func measureBound(out *result, x *engine.Index, o oursTook) {
	codes, kept, planes := make([]uint64, x.Bytes()/8), make([]uint64, o.answers/8), make([]uint64, int(o.pairs)/32)
	for i := range codes {
		codes[i] = uint64(i) //nolint:gosec // anything
	}
	sum := uint64(0)
	read := best(5, func() {
		for _, c := range codes {
			sum += c
		}
	})
	write := func(to []uint64) took {
		return best(5, func() {
			for i := range to {
				to[i] = sum
			}
		})
	}
	a, b := read.wall+write(kept).wall, read.wall+write(planes).wall
	row("memory alone", "bound", a, "", "", fmt.Sprintf("read ranks (%d MB), write answers as kept (%d MB): the matrix takes %.1f times that", len(codes)>>17, len(kept)>>17, float64(o.matrix.wall)/float64(a)))
	row("memory alone", "bound", b, "", "", fmt.Sprintf("the same with two whole planes (%d MB): %.1f times that", len(planes)>>17, float64(o.matrix.wall)/float64(b)))
	out.put("ratio_bound", float64(o.matrix.wall)/float64(a))
	out.put("ratio_bound_planes", float64(o.matrix.wall)/float64(b))
}
