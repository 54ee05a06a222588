package rules

import "testing"

func TestFormulas(t *testing.T) {
	t.Parallel()
	s := Scope{
		Answers: map[string]any{
			"n": 3.0, "price": 0.1, "born": "2000-02-29", "name": "甲",
			"rows": []any{map[string]any{"row": "r1", "amount": 0.1, "who": "a"}, map[string]any{"row": "r2", "amount": 0.2}, map[string]any{"row": "r3"}},
			"none": []any{},
		},
		Row: map[string]any{"count": 7.0, "price": 12.35}, Today: "2026-11-21",
	}
	for source, want := range map[string]any{
		"answers.n * 2":               6.0,
		"answers.n * 2 + 1":           7.0,
		"answers.n / 2":               1.5,
		"answers.price + 0.2":         0.3,
		"sum([0.1, 0.2, 0.3])":        0.6,
		"sum(answers.rows, 'amount')": 0.3,
		"sum(answers.none, 'amount')": 0.0,
		"sum(answers.rows.filter(r, has(r.amount)).map(r, r.amount))": 0.3,
		"count(answers.rows)":                3.0,
		"count(answers.rows) * 2":            6.0,
		"size(answers.rows) > 2":             true,
		"row.count * row.price":              86.45,
		"round(row.count * row.price, 1)":    86.5,
		"round(2.5)":                         3.0,
		"round(-2.5)":                        -3.0,
		"round(1.005, 2)":                    1.01,
		"min(answers.n * 1000, 2500)":        2500.0,
		"max(answers.n, 1)":                  3.0,
		"days('2026-02-27', '2026-03-01')":   2.0,
		"days(today, answers.born) < 0":      true,
		"years(answers.born, today)":         26.0,
		"years(answers.born, '2026-02-28')":  25.0,
		"plusDays(today, 10)":                "2026-12-01",
		"plusMonths('2026-01-31', 1)":        "2026-02-28",
		"plusMonths('2026-01-15', 12)":       "2027-01-15",
		"answers.name + text(answers.n)":     "甲3",
		"given(answers.missing, 5) + 1":      6.0,
		"given(answers.n, 5)":                3.0,
		"answers.n > 2 ? 'big' : 'small'":    "big",
		"answers.rows.exists(r, has(r.who))": true,
	} {
		f, err := CompileFormula(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, verdict, err := f.Value(s); got != want || verdict != Yes || err != nil {
			t.Errorf("%s = %v (%v, %v), want %v", source, got, verdict, err, want)
		}
	}
	for source, want := range map[string]Verdict{
		"answers.missing + 1":                Unknown,
		"row.missing":                        Unknown,
		"sum(answers.rows.map(r, r.amount))": Unknown, // a row without it
		"answers.name * 2":                   Broken,
		"sum(answers.rows, 'who')":           Broken,
		"answers.n / 0":                      Broken,
		"answers.rows":                       Broken,
		"days(answers.name, today)":          Broken,
		"plusDays(today, 0.5)":               Broken,
		"given(answers.name * 2, 1)":         Broken, // an error is no missing answer
		"answers.rows.map(a, answers.rows.map(b, answers.rows.map(c, answers.rows.map(d, answers.rows.map(e, answers.rows.map(f, answers.rows.map(g, answers.rows.map(h, answers.rows.map(i, i))))))))).size()": Broken, // too costly
	} {
		f, err := CompileFormula(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		v, verdict, err := f.Value(s)
		if v != nil || verdict != want || (want == Broken) != (err != nil) {
			t.Errorf("%s: %v, verdict %v, %v", source, v, verdict, err)
		}
	}
	for _, source := range []string{"", "answers.", "nosuch(1)", "other + 1", "sum(3)"} {
		if _, err := CompileFormula(source); err == nil {
			t.Errorf("%q compiled", source)
		}
	}
	if _, err := Compile("row.x == 1"); err == nil {
		t.Error("a condition outside of rows reads a row")
	}
	if _, err := Compile("today > '2026-01-01'"); err == nil {
		t.Error("a condition that is judged later reads the day")
	}
}

func TestScopeJudges(t *testing.T) {
	t.Parallel()
	s := Scope{Answers: map[string]any{"a": 1.0}, Row: map[string]any{"kind": "firm"}, Today: "2026-11-21"}
	for source, want := range map[string]Verdict{
		"": Yes, "row.kind == 'firm'": Yes, "row.kind == 'person'": No, "row.share > 5": Unknown, "row.kind > 5": Broken, "row.": Broken, "1 + 1": Broken,
		"answers.a == 1 && row.kind == 'firm'": Yes, "today >= '2026-11-21'": Yes,
	} {
		if got := s.Judge(source); got != want {
			t.Errorf("%q: %v, want %v", source, got, want)
		}
		if s.Holds(source) != (want == Yes) || s.Asked(source) != (want == Yes || want == Broken) {
			t.Errorf("%q: holds %v, asked %v", source, s.Holds(source), s.Asked(source))
		}
	}
	if got := (Scope{}).Judge("row.kind == 'firm'"); got != Unknown {
		t.Errorf("without a row: %v", got)
	}
}

func TestRoundGoesByTheDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    float64
		d    int
		want float64
	}{{1.005, 2, 1.01}, {2.675, 2, 2.68}, {-1.005, 2, -1.01}, {0.285 * 100, 2, 28.5}, {1e12 + 0.005, 2, 1e12 + 0.01}, {5, 0, 5}} {
		if got := Round(c.n, c.d); got != c.want {
			t.Errorf("%v to %d: %v, want %v", c.n, c.d, got, c.want)
		}
	}
}
