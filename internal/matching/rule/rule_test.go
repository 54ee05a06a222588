package rule

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/matching/engine"
)

var today = DayOf(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))

func words(t testing.TB) *Vocabulary {
	t.Helper()
	v, err := NewVocabulary([]Fact{
		{Key: "staff", Kind: Number},
		{Key: "capital", Kind: Number},
		{Key: "score", Kind: Number},
		{Key: "turnover", Kind: Number, Retired: true},
		{Key: "revenue", Kind: Number, Years: 3},
		{Key: "research", Kind: Number, Years: 3},
		{Key: "profit", Kind: Number, Years: 2},
		{Key: "registered_on", Kind: Day, Fixed: true},
		{Key: "certificate_end", Kind: Day},
		{Key: "industry", Kind: Code, Width: 5, Fixed: true},
		{Key: "region", Kind: Code, Width: 6, Fixed: true},
		{Key: "form", Kind: Choice, Members: []string{"有限公司", "股份公司", "个人独资"}},
		{Key: "qualifications", Kind: Set, Members: []string{"高新技术企业", "专精特新", "瞪羚企业"}},
		{Key: "listed", Kind: Flag},
		{Key: "penalised", Kind: Flag, Fixed: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// row gives values to some facts; the others are missing.
func (v *Vocabulary) row(t testing.TB, values map[string]engine.Value) []engine.Value {
	t.Helper()
	out := make([]engine.Value, len(v.schema.Attrs))
	for name, x := range values {
		i := slices.IndexFunc(v.schema.Attrs, func(a engine.Attr) bool { return a.Key == name })
		if i < 0 {
			t.Fatalf("no %s", name)
		}
		out[i] = x
	}
	return out
}

func code(t testing.TB, s string, width int) engine.Value {
	t.Helper()
	n, err := EncodeCode(s, width)
	if err != nil || decodeCode(n) != s {
		t.Fatalf("%s: %v, back as %s", s, err, decodeCode(n))
	}
	return engine.Of(n)
}

func TestMeaning(t *testing.T) {
	t.Parallel()
	v := words(t)
	none := engine.Value{State: engine.NotApplicable}
	at := func(s string) engine.Value { n, _ := ParseDay(s); return engine.Of(n) }
	firm := v.row(t, map[string]engine.Value{
		"staff": engine.Of(100), "revenue(-1)": engine.Of(10_000_000), "revenue(-2)": engine.Of(0), "research(-1)": engine.Of(300_000), "research(-2)": engine.Of(-5), "profit(-1)": engine.Of(0), "profit(-2)": engine.Of(0),
		"registered_on": at("2023-11-21"), "certificate_end": none, "industry": code(t, "C2614", 5), "region": code(t, "371671", 6),
		"form": engine.Of(1), "qualifications": engine.Of(0b101), "listed": engine.Of(1), "penalised": engine.Of(0), "score": none,
	})
	for source, want := range map[string]engine.Tri{
		`staff >= 100`: engine.Yes, `staff > 100`: engine.No, `staff > 99.5`: engine.Yes, `staff == 100 && staff != 99`: engine.Yes, `staff <= 99`: engine.No, `capital >= 1`: engine.Unknown,
		`capital >= 1 && staff < 5`: engine.No, `capital >= 1 || staff > 5`: engine.Yes, `!(capital >= 1)`: engine.Unknown,
		`research(-1) / revenue(-1) >= 0.03`: engine.Yes, `research(-1) / revenue(-1) > 0.03`: engine.No, `research(-1) / revenue(-1) <= 0.03`: engine.Yes, `research(-1) / revenue(-1) < 0.03`: engine.No,
		`research(-1) / revenue(-1) * 100 >= 3`: engine.Yes, `-(research(-1) / revenue(-1)) <= -0.03`: engine.Yes, `(revenue(-1) - revenue(-2)) / revenue(-2) >= 0.2`: engine.Unknown,
		`research(-1) + research(-2) >= 299995`: engine.Yes, `research(-1) * 2 - staff >= 599900`: engine.Yes, `revenue(-1) / 10000 >= 1000`: engine.Yes, `research(-1) > revenue(-1) * 0.03`: engine.No, `research(-1) >= revenue(-1) * 0.03`: engine.Yes,
		`years_since(registered_on) >= 3`: engine.Yes, `years_since(registered_on) > 3`: engine.No, `years_since(registered_on) < 4`: engine.Yes, `registered_on <= years_ago(3)`: engine.Yes, `registered_on < years_ago(3)`: engine.No,
		`registered_on >= day("2023-11-21") && registered_on + 10 <= today`: engine.Yes,
		`certificate_end >= today`: engine.No, `certificate_end < today`: engine.No, `!(certificate_end >= today)`: engine.Yes, `score < 60 || score >= 60`: engine.No, `score != 60`: engine.Yes,
		`industry.under("C26")`: engine.Yes, `industry.under("C")`: engine.Yes, `industry.under("C27")`: engine.No, `region.under("371600")`: engine.Yes, `region.under("370000") && region.under("3716")`: engine.Yes, `region == "371671"`: engine.Yes, `region.under("371602")`: engine.No,
		`form == "股份公司"`: engine.Yes, `form in ["有限公司", "个人独资"]`: engine.No, `form != "有限公司"`: engine.Yes,
		`"高新技术企业" in qualifications`: engine.Yes, `"专精特新" in qualifications`: engine.No, `listed && !penalised`: engine.Yes, `listed == true`: engine.Yes, `penalised == false`: engine.Yes,
		`true`: engine.Yes, `false`: engine.No, `staff >= 5 ? listed : penalised`: engine.Yes, `industry.startsWith("C2")`: engine.Yes, `profit(-1) / profit(-2) >= 0.0`: engine.Unknown,
	} {
		r, err := v.Compile(source, "unknown")
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := r.Eval(firm, today); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", source, got, err, want)
		}
		if e, ok := r.Expr(today); ok {
			if got := e.Eval(firm); got != want {
				t.Errorf("%s: the engine says %v, want %v", source, got, want)
			}
		} else if !strings.Contains(source, "?") && !strings.Contains(source, "startsWith") && source != "true" && source != "false" {
			t.Errorf("%s: only row by row", source)
		}
	}
	for zero, want := range map[string][2]engine.Tri{"none": {engine.No, engine.No}, "unknown": {engine.Unknown, engine.Unknown}, "infinite": {engine.Yes, engine.No}} {
		for i, source := range []string{`research(-1) / revenue(-2) >= 0.5`, `research(-2) / revenue(-2) >= -0.5`} {
			r, err := v.Compile(source, zero)
			if err != nil {
				t.Fatal(err)
			}
			e, _ := r.Expr(today)
			if got, err := r.Eval(firm, today); err != nil || got != want[i] || e.Eval(firm) != want[i] {
				t.Errorf("%s with zero as %s: %v and %v, %v, want %v", source, zero, got, e.Eval(firm), err, want[i])
			}
		}
	}
}

func TestFaultsStandAtTheirPlace(t *testing.T) {
	t.Parallel()
	v := words(t)
	for source, want := range map[string]Fault{
		"staff >= ":                                  {1, 10, Ends, "", ""},
		"staff >=\n  \"five\"":                       {1, 7, Unlike, ">=", ""},
		"staf >= 5":                                  {1, 1, Meant, "staf", "staff"},
		"listed && revnue(-1) >= 5":                  {1, 11, Meant, "revnue", "revenue"},
		"listed && altitude >= 5":                    {1, 11, Unknown, "altitude", ""},
		"form == 有限公司":                               {1, 9, Wide, "有限公司", ""},
		"staff + 1":                                  {1, 1, NoTruth, "", ""},
		"listed &&\n turnover >= 5":                  {2, 2, Retired, "turnover", ""},
		"revenue(-4) >= 5":                           {1, 9, Years, "revenue", ""},
		"revenue(staff) >= 5":                        {1, 9, Years, "revenue", ""},
		"revenue >= 5":                               {1, 1, Yearly, "revenue", ""},
		"listed || revenue() >= 5":                   {1, 11, Yearly, "revenue", ""},
		"years_since(registered_on, 3) >= 1":         {1, 1, Use, "years_since", ""},
		`listed || industry.under(5)`:                {1, 25, Use, "under", ""},
		"!staff":                                     {1, 1, Unlike, "!", ""},
		`form in registered_on`:                      {1, 6, Unlike, "in", ""},
		"listed and staff >= 5":                      {1, 8, Joined, "and", ""},
		"listed & staff >= 5":                        {1, 8, Joined, "&", ""},
		"listed\n且 staff >= 5":                       {2, 1, Wide, "且", ""},
		"staff ＞ 5":                                  {1, 7, Wide, "＞", ""},
		"industry.under(“C26”)":                      {1, 16, Wide, "“", ""},
		"industry.under(\"C26)":                      {1, 16, Quotes, "", ""},
		"staff >= 3万":                                {1, 11, Wide, "万", ""},
		"staff = 5":                                  {1, 7, OneEquals, "", ""},
		"staff >= 20,000":                            {1, 12, Grouped, "", ""},
		"revenue(-1) / staff >= 3.5%":                {1, 26, Percent, "3.5", ""},
		"revenue(-1) / staff >= 3% && listed":        {1, 24, Percent, "3", ""},
		"(staff >= 5 && listed":                      {1, 22, Brackets, "", ""},
		"staff >= 5) && listed":                      {1, 11, Brackets, "", ""},
		"staff >= 99999999999999999999":              {1, 10, Digits, "", ""},
		"listed && ;":                                {1, 11, Syntax, ";", ""},
		"staff listed":                               {1, 7, Syntax, "listed", ""},
		"[staff].all(x, x > 0)":                      {1, 9, Loop, "all", ""},
		`listed || industry.under("c26")`:            {1, 26, NoCode, "c26", ""},
		`form == "合伙"`:                               {1, 9, NoWord, "合伙", ""},
		`form in ["有限公司", "合伙"]`:                     {1, 18, NoWord, "合伙", ""},
		`"高企" in qualifications`:                     {1, 1, NoWord, "高企", ""},
		`registered_on >= day("2023-02-30")`:         {1, 22, NoDay, "2023-02-30", ""},
		"research(-1) / revenue(-1) >= 0.03":         {1, 14, Zero, "", ""},
		strings.Repeat("listed && ", 600) + "listed": {1, 1, TooLong, "", ""},
		strings.Repeat("(", 100) + "listed" + strings.Repeat(")", 100): {1, 1, TooLong, "", ""},
	} {
		_, err := v.Compile(source, "")
		faults, ok := errors.AsType[Faults](err)
		if !ok || len(faults) == 0 {
			t.Errorf("%.60s is taken: %v", source, err)
			continue
		}
		f := faults[0]
		if f.Problem != want.Problem || f.Line != want.Line || want.Column > 0 && f.Column != want.Column || f.Detail != want.Detail || f.Near != want.Near {
			t.Errorf("%.60s: %+v, want %+v", source, f, want)
		}
	}
	for _, source := range []string{`[1,2,3].all(x, x > 0)`, `staff >= 5 && [staff].exists(s, s > 1)`} {
		if _, err := v.Compile(source, ""); err == nil {
			t.Errorf("%s: a loop is taken", source)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	v := words(t)
	firm := v.row(t, map[string]engine.Value{
		"staff": engine.Of(15), "revenue(-1)": engine.Of(5_250_000), "research(-1)": engine.Of(126_000), "registered_on": engine.Of(today - 100), "industry": code(t, "C2614", 5), "penalised": engine.Of(0),
	})
	r, err := v.Compile(`research(-1) / revenue(-1) >= 0.03 && (staff >= 20 || capital >= 5) && industry.under("I65") && !penalised && registered_on <= today - 365`, "none")
	if err != nil {
		t.Fatal(err)
	}
	why, err := r.Explain(firm, today)
	if err != nil {
		t.Fatal(err)
	}
	if why.Op != OpAnd || why.Answer != engine.No || len(why.Kids) != 5 {
		t.Fatalf("%+v", why)
	}
	share, size, branch, clean, age := why.Kids[0], why.Kids[1], why.Kids[2], why.Kids[3], why.Kids[4]
	if share.Answer != engine.No || !share.Ratio || share.Own.FloatString(4) != "0.0240" || share.Need.FloatString(2) != "0.03" || share.Short.FloatString(0) != "31500" || share.Compare != ">=" || share.Source != "research(-1) / revenue(-1) >= 0.03" {
		t.Errorf("%+v", share)
	}
	if size.Op != OpOr || size.Answer != engine.Unknown || size.Kids[0].Short.FloatString(0) != "5" || len(size.Kids[1].Missing) != 1 || size.Kids[1].Missing[0].Key != "capital" {
		t.Errorf("%+v", size.Kids)
	}
	if branch.Answer != engine.No || !branch.Fixed || !slices.Equal(branch.Words, []string{"I65"}) || branch.Facts[0].Key != "industry" {
		t.Errorf("%+v", branch)
	}
	if clean.Op != OpNot || clean.Answer != engine.Yes || clean.Kids[0].Answer != engine.No {
		t.Errorf("%+v", clean)
	}
	if !age.Days || age.OwnDay != today-100 || age.NeedDay != today-365 || !age.Fixed {
		t.Errorf("%+v", age)
	}
	if d := why.Distance(); d != engine.Unreachable {
		t.Errorf("distance %d", d)
	}
	if d := share.Distance() + size.Distance() + clean.Distance(); d != 2 {
		t.Errorf("distance of what can be done: %d", d)
	}
}

// source writes random rules, most of them of the kind that the engine takes.
type source struct {
	*rand.Rand
	v *Vocabulary
}

func (s source) number() string {
	switch s.IntN(9) {
	case 0:
		return fmt.Sprintf("revenue(-%d) + research(-%d)", 1+s.IntN(3), 1+s.IntN(3))
	case 1:
		return fmt.Sprintf("(revenue(-1) - revenue(-%d))", 1+s.IntN(3))
	case 2:
		return fmt.Sprintf("staff * %d - score", 1+s.IntN(4))
	case 3:
		return fmt.Sprintf("capital / %s", []string{"4", "0.5", "1000"}[s.IntN(3)])
	case 4:
		return "score"
	case 5:
		return fmt.Sprintf("-profit(-%d)", 1+s.IntN(2))
	case 6:
		return fmt.Sprintf("revenue(-%d) * 0.%d", 1+s.IntN(3), 1+s.IntN(9))
	}
	return []string{"staff", "capital", "score", "profit(-1)"}[s.IntN(4)]
}

func (s source) limit() string {
	return []string{"0", "1", "-3", "2.5", "10", "40", "-0.25", "7"}[s.IntN(8)]
}

func (s source) op() string { return []string{">=", "<=", ">", "<", ">=", "==", "!="}[s.IntN(7)] }

func (s source) leaf() string {
	switch s.IntN(14) {
	case 0, 1:
		return s.number() + " " + s.op() + " " + s.limit()
	case 2:
		return s.number() + " " + s.op() + " " + s.number()
	case 3, 4:
		op := s.op()
		return fmt.Sprintf("(%s) / (%s) %s %s", s.sum(), s.sum(), op, []string{"0.03", "0.5", "1.0", "0.0", "-0.2", "0.1234567"}[s.IntN(6)])
	case 5:
		return fmt.Sprintf("(%s) / (%s) * %s - %s %s %s", s.sum(), s.sum(), []string{"100", "-2"}[s.IntN(2)], []string{"1", "0.5"}[s.IntN(2)], []string{">=", "<", ">", "<="}[s.IntN(4)], s.limit())
	case 6:
		return fmt.Sprintf("years_since(registered_on) %s %s", s.op(), []string{"0", "1", "3", "2.5"}[s.IntN(4)])
	case 7:
		return fmt.Sprintf("certificate_end %s today %s %d", s.op(), []string{"+", "-"}[s.IntN(2)], s.IntN(400))
	case 8:
		return fmt.Sprintf("registered_on %s %s", s.op(), []string{"years_ago(2)", `day("2024-02-29")`, "certificate_end - 300", "today"}[s.IntN(4)])
	case 9:
		return fmt.Sprintf("industry.under(%q)", []string{"C26", "C", "I65", "C2614"}[s.IntN(4)])
	case 10:
		return fmt.Sprintf("region.under(%q) || region == %q", []string{"371600", "37", "371671"}[s.IntN(3)], []string{"371671", "371602", "nowhere"}[s.IntN(3)])
	case 11:
		return []string{`form == "股份公司"`, `form != "有限公司"`, `form in ["有限公司", "个人独资"]`}[s.IntN(3)]
	case 12:
		return fmt.Sprintf("%q in qualifications", s.v.facts[s.v.byKey["qualifications"]].Members[s.IntN(3)])
	}
	return []string{"listed", "penalised", "listed == true", "penalised == false", "listed ? staff > 5 : penalised", "true", `form.startsWith("有")`}[s.IntN(7)]
}

func (s source) sum() string {
	return []string{"revenue(-1)", "research(-1)", "research(-1) + research(-2)", "revenue(-1) - revenue(-2)", "profit(-1)", "staff - score", "profit(-1) * 2"}[s.IntN(7)]
}

func (s source) truth(depth int) string {
	if depth == 0 || s.IntN(4) == 0 {
		return s.leaf()
	}
	switch s.IntN(5) {
	case 0:
		return "!(" + s.truth(depth-1) + ")"
	case 1, 2:
		return "(" + s.truth(depth-1) + ") || (" + s.truth(depth-1) + ")"
	}
	return "(" + s.truth(depth-1) + ") && (" + s.truth(depth-1) + ")"
}

func (s source) value(t testing.TB, f *Fact) engine.Value {
	switch n := s.IntN(9); {
	case n == 0:
		return engine.Value{}
	case n == 1:
		return engine.Value{State: engine.NotApplicable}
	case f.Kind == Number && n == 2:
		return engine.Of(0)
	case f.Kind == Number && n == 3:
		return engine.Of((s.Int64N(2*engine.MaxValue) - engine.MaxValue) >> s.IntN(30))
	}
	switch f.Kind {
	case Number:
		return engine.Of(s.Int64N(60) - 15)
	case Day:
		return engine.Of(today - s.Int64N(1500) + 200)
	case Code:
		if f.Width == 6 {
			return code(t, []string{"371671", "371602", "370100", "110101"}[s.IntN(4)], 6)
		}
		return code(t, []string{"C2614", "C2710", "I6513", "C26", "A0111"}[s.IntN(5)], 5)
	case Choice:
		return engine.Of(s.Int64N(3))
	case Set:
		return engine.Of(s.Int64N(8))
	}
	return engine.Of(s.Int64N(2))
}

// TestEngineSaysWhatCELSays: for random rules, facts, missing values and edits the
// engine, in bulk and for one row, gives the answers of CEL.
func TestEngineSaysWhatCELSays(t *testing.T) {
	t.Parallel()
	v := words(t)
	var pairs, byRow atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for seed := range uint64(22) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				s := source{rand.New(rand.NewPCG(seed, 9)), v} //nolint:gosec // repeatable
				random := func() []engine.Value {
					out := make([]engine.Value, 0, len(v.schema.Attrs))
					for i := range v.facts {
						for range max(1, v.facts[i].Years) {
							out = append(out, s.value(t, &v.facts[i]))
						}
					}
					return out
				}
				table := engine.NewTable(v.Schema())
				var rows [][]engine.Value
				for range 400 {
					rows = append(rows, random())
					if _, err := table.Append(rows[len(rows)-1]); err != nil {
						t.Fatal(err)
					}
				}
				var rules []*Rule
				var exprs []*engine.Expr
				for len(exprs) < 120 {
					text := s.truth(3)
					r, err := v.Compile(text, []string{"none", "unknown", "infinite"}[s.IntN(3)])
					if err != nil {
						t.Fatalf("%s: %v", text, err)
					}
					e, ok := r.Expr(today)
					if !ok {
						byRow.Add(1)
						continue
					}
					rules, exprs = append(rules, r), append(exprs, e)
				}
				for k, r := range rules { // explanations answer the same
					for range 4 {
						i := s.IntN(len(rows))
						why, err := r.Explain(rows[i], today)
						if err != nil {
							t.Fatalf("%s: %v", r.Source, err)
						}
						if want := exprs[k].Eval(rows[i]); why.Answer != want || (why.Distance() == 0) != (want == engine.Yes) {
							t.Fatalf("%s for %v: explained as %v at distance %d, is %v", r.Source, rows[i], why.Answer, why.Distance(), want)
						}
					}
				}
				for range 2 {
					x := engine.NewIndex(table, engine.Compile(v.Schema(), exprs))
					m, portable, judge := x.Run(1), x.RunPortable(1), x.NewJudge()
					var codes engine.Codes
					var answers engine.Answers
					for i := range rows {
						codes = judge.Stored(i, codes)
						answers = judge.Answer(codes, answers)
						for k, r := range rules {
							want, err := r.Eval(rows[i], today)
							if err != nil {
								t.Fatalf("%s: %v", r.Source, err)
							}
							if got, also := m.At(i, k), portable.At(i, k); got != want || also != want || answers.Of(k) != want {
								t.Fatalf("%s (zero %d)\nfor %v: %v in bulk, %v portable, %v alone, want %v", r.Source, r.zero, rows[i], got, also, answers.Of(k), want)
							}
							pairs.Add(1)
						}
					}
					for range 100 { // edits
						i := s.IntN(len(rows))
						rows[i] = random()
						if err := table.Set(i, rows[i]); err != nil {
							t.Fatal(err)
						}
					}
				}
			})
		}
	})
	if byRow.Load() == 0 || pairs.Load() < 2_000_000 {
		t.Errorf("%d pairs, %d rules only row by row: the test tests little", pairs.Load(), byRow.Load())
	}
	t.Logf("%d pairs; %d rules only row by row", pairs.Load(), byRow.Load())
}
