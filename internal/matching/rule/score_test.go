package rule

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/matching/engine"
)

// compile is a rule that has to be right.
func (v *Vocabulary) compile(t testing.TB, source string) *Rule {
	t.Helper()
	r, err := v.Compile(source, "none")
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return r
}

// staircase is a value with bands, highest first.
func (v *Vocabulary) staircase(t testing.TB, line int, value string, bands ...[2]string) []Band {
	t.Helper()
	var out []Band
	for _, b := range bands {
		n := 0
		if _, err := fmt.Sscan(b[1], &n); err != nil {
			t.Fatal(err)
		}
		out = append(out, Band{When: v.compile(t, "("+value+") >= "+b[0]), Line: line, Low: n, High: n})
	}
	return out
}

func TestPoints(t *testing.T) {
	t.Parallel()
	v := words(t)
	share := &Points{Bands: append(
		v.staircase(t, 0, "research(-1) / revenue(-1)", [2]string{"0.06", "50"}, [2]string{"0.04", "30"}, [2]string{"0.02", "10"}),
		v.staircase(t, 1, "research(-1) / staff", [2]string{"0.3", "50"}, [2]string{"0.2", "30"})...)}
	size := &Points{Bands: append(v.staircase(t, 0, "staff", [2]string{"30", "20"}, [2]string{"10", "4"}), Band{Low: 2, High: 2})}
	experts := &Points{Bands: []Band{{High: 8}}}
	judged := &Points{Bands: []Band{{When: v.compile(t, "score >= 4"), Low: 5, High: 6}, {When: v.compile(t, "score >= 1"), Low: 1, High: 4}}}
	all := &Points{Sum: []*Points{share, size, {Sum: []*Points{experts, judged}, Cap: 10}}}
	if all.Most() != 80 {
		t.Errorf("at most %d", all.Most())
	}
	row := v.row(t, map[string]engine.Value{"research(-1)": engine.Of(5), "revenue(-1)": engine.Of(100), "staff": engine.Of(12)})
	for _, c := range []struct {
		name string
		with engine.Value
		want Span
	}{
		{"score", engine.Value{}, Span{54, 64}},
		{"score", engine.Of(4), Span{59, 64}},
		{"score", engine.Of(0), Span{54, 62}},
		{"score", engine.Value{State: engine.NotApplicable}, Span{54, 62}},
	} {
		i, _ := v.Column(c.name, 0)
		row[i] = c.with
		got, err := all.Of(row, today)
		if err != nil || got != c.want {
			t.Errorf("%v: %v, %v, want %v", c.with, got, err, c.want)
		}
		for n := range 70 {
			e, ok := all.Reach(n, today)
			if !ok || e.Eval(row) != c.want.Reaches(n) {
				t.Errorf("%v at least %d: %v", c.with, n, e.Eval(row))
			}
		}
	}
	why, err := all.Explain(row, today)
	if err != nil || why.Span != (Span{54, 62}) || why.Kids[0].Low != 50 || len(why.Kids[0].Next()) != 0 {
		t.Fatalf("%+v %v", why, err)
	}
	next := why.Kids[1].Next()
	if len(next) != 1 || next[0].High != 20 || next[0].Why.Short.FloatString(0) != "18" {
		t.Errorf("%+v", next)
	}
}

// TestScoresInBulk: for random tables of points and random facts the engine, in
// bulk, for one row, while writing and as a distance, says what the spans say.
func TestScoresInBulk(t *testing.T) {
	t.Parallel()
	v := words(t)
	var told [3]int
	for seed := range uint64(5) {
		s := source{rand.New(rand.NewPCG(seed, 5)), v} //nolint:gosec // repeatable
		table := engine.NewTable(v.Schema())
		var rows [][]engine.Value
		for range 100 {
			var row []engine.Value
			for i := range v.facts {
				for range max(1, v.facts[i].Years) {
					row = append(row, s.value(t, &v.facts[i]))
				}
			}
			rows = append(rows, row)
			if _, err := table.Append(row); err != nil {
				t.Fatal(err)
			}
		}
		var points []*Points
		var need []int
		var exprs []*engine.Expr
		for len(exprs) < 12 {
			p := s.points(t, 2)
			n := s.IntN(p.Most() + 2)
			e, ok := p.Reach(n, today)
			if !ok {
				continue
			}
			points, need, exprs = append(points, p), append(need, n), append(exprs, e)
		}
		prog := engine.Compile(v.Schema(), exprs)
		x := engine.NewIndex(table, prog)
		m, near, judge := x.Run(1), x.Near(1), x.NewJudge()
		var codes engine.Codes
		var answers engine.Answers
		for k, p := range points {
			alone := engine.Scan(table, nil, exprs[k], 1)
			for i, row := range rows {
				span, err := p.Of(row, today)
				if err != nil {
					t.Fatal(err)
				}
				want := span.Reaches(need[k])
				codes = judge.Stored(i, codes)
				answers = judge.Answer(codes, answers)
				if got := []engine.Tri{exprs[k].Eval(row), m.At(i, k), answers.Of(k), alone.At(i, 0)}; slices.ContainsFunc(got, func(a engine.Tri) bool { return a != want }) {
					t.Fatalf("%d of %v for %v: %v, want %v", need[k], span, row, got, want)
				}
				d := prog.Distance(k, row)
				if (d == 0) != (want == engine.Yes) || (d == 1) != (near.At(i, k) == engine.Yes) && need[k] > 0 && need[k] <= p.Most() {
					t.Fatalf("distance %d of an answer %v, near %v", d, want, near.At(i, k))
				}
				told[want]++
			}
		}
	}
	if slices.Min(told[:]) < 500 {
		t.Errorf("%v answers: the test tests little", told)
	}
}

// points are random: sums of up to nine criteria, some of them capped.
func (s source) points(t testing.TB, depth int) *Points {
	p := &Points{}
	if depth > 0 {
		for range 1 + s.IntN(3)*depth {
			p.Sum = append(p.Sum, s.points(t, depth-1-s.IntN(2)))
		}
		if s.IntN(3) == 0 {
			p.Cap = 1 + s.IntN(40)
		}
		return p
	}
	for line := range 1 + s.IntN(2) {
		value, high := []string{"staff", "score", "research(-1) / revenue(-1)", "profit(-1)"}[s.IntN(4)], 4+s.IntN(16)
		for at := 30; high > 0 && at > -5; at -= 4 + s.IntN(14) {
			b := Band{When: s.v.compile(t, fmt.Sprintf("%s >= %d", value, at)), Line: line, Low: high, High: high}
			if s.IntN(8) == 0 {
				b.Low -= s.IntN(high)
			}
			p.Bands = append(p.Bands, b)
			high -= 1 + s.IntN(9)
		}
	}
	if s.IntN(3) == 0 {
		p.Bands = append(p.Bands, Band{Low: 1, High: 1 + s.IntN(2)*s.IntN(5)})
	}
	if s.IntN(4) == 0 {
		p.Bands = append(p.Bands, Band{When: s.v.compile(t, `"专精特新" in qualifications || listed`), Line: 9, Low: 6, High: 6})
	}
	return p
}
