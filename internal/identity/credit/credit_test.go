package credit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/credit"
)

func rules(t *testing.T) credit.Rules {
	t.Helper()
	list, err := credit.Published()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

const today = "2026-03-02"

func rec(kind credit.Kind) credit.Record {
	return credit.Record{ID: string(kind), Kind: kind, From: "2026-01-01", Until: "2027-12-31"}
}

func TestGrades(t *testing.T) {
	t.Parallel()
	over, early, repaired, struck := rec(credit.Broken), rec(credit.Broken), rec(credit.Broken), rec(credit.Broken)
	over.Until, early.From = "2026-03-01", "2026-03-03"
	repaired.RepairedAt, struck.StruckAt = time.Unix(1, 0), time.Unix(1, 0)
	for name, tt := range map[string]struct {
		records []credit.Record
		grade   credit.Grade
		points  int
	}{
		"nothing":                       {nil, credit.B, 80},
		"an honour":                     {[]credit.Record{rec(credit.Honour)}, credit.A, 90},
		"three honours":                 {[]credit.Record{rec(credit.Honour), rec(credit.Honour), rec(credit.Honour)}, credit.A, 100},
		"a broken promise":              {[]credit.Record{rec(credit.Broken)}, credit.D, 40},
		"a broken promise with honours": {[]credit.Record{rec(credit.Broken), rec(credit.Honour), rec(credit.Honour)}, credit.D, 60},
		"a penalty":                     {[]credit.Record{rec(credit.Penalty)}, credit.C, 65},
		"a penalty and two honours":     {[]credit.Record{rec(credit.Penalty), rec(credit.Honour), rec(credit.Honour)}, credit.B, 85},
		"arrears":                       {[]credit.Record{rec(credit.Arrears)}, credit.C, 60},
		"a severe penalty":              {[]credit.Record{rec(credit.SeverePenalty)}, credit.D, 40},
		"all that is bad":               {[]credit.Record{rec(credit.Broken), rec(credit.Penalty), rec(credit.SeverePenalty), rec(credit.Arrears)}, credit.D, 0},
		"over yesterday":                {[]credit.Record{over}, credit.B, 80},
		"from tomorrow":                 {[]credit.Record{early}, credit.B, 80},
		"repaired":                      {[]credit.Record{repaired}, credit.B, 80},
		"struck out":                    {[]credit.Record{struck}, credit.B, 80},
	} {
		r := credit.GradeOf(rules(t).On(today), tt.records, today)
		if r.Grade != tt.grade || r.Points != tt.points || r.Rule != "2026.1" {
			t.Errorf("%s: %s with %d points of %s", name, r.Grade, r.Points, r.Rule)
		}
	}
	if r := credit.GradeOf(rules(t).On("2025-12-31"), []credit.Record{{Kind: credit.Penalty, From: "2025-01-01", Until: "2027-01-01"}}, "2025-12-31"); r.Rule != "2025.1" || r.Points != 60 {
		t.Errorf("the former rule: %+v", r)
	}
}

// Whatever the records are: their order does not matter, an honour more never
// lowers a grade, something bad more never raises it, and what counts is named.
func TestTheRuleIsFair(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 11))
	day := func() string { return fmt.Sprintf("%04d-%02d-%02d", 2023+rnd.IntN(6), 1+rnd.IntN(12), 1+rnd.IntN(28)) }
	any := func(id int) credit.Record {
		r := credit.Record{ID: fmt.Sprint(id), Kind: credit.Kinds[rnd.IntN(len(credit.Kinds))], From: day(), Until: day()}
		if rnd.IntN(6) == 0 {
			r.RepairedAt = time.Unix(1, 0)
		}
		return r
	}
	for _, rule := range rules(t) {
		for range 2000 {
			var list []credit.Record
			for i := range rnd.IntN(7) {
				list = append(list, any(i))
			}
			was := credit.GradeOf(rule, list, today)
			mixed := slices.Clone(list)
			rnd.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			if got := credit.GradeOf(rule, mixed, today); got.Grade != was.Grade || got.Points != was.Points || len(got.Reasons) != len(was.Reasons) {
				t.Fatalf("the order matters: %+v and %+v", was, got)
			}
			more := any(99)
			got := credit.GradeOf(rule, append(slices.Clone(list), more), today)
			if more.Bad() && got.Grade < was.Grade || !more.Bad() && got.Grade > was.Grade {
				t.Fatalf("%s made %s of %s", more.Kind, got.Grade, was.Grade)
			}
			n := 0
			for _, r := range list {
				if r.Counts(today) {
					n++
				}
			}
			if n != len(was.Reasons) || was.Points < 0 {
				t.Fatalf("%d count, %d are named, %d points", n, len(was.Reasons), was.Points)
			}
		}
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	for g, want := range map[credit.Grade]identity.Standing{credit.A: identity.StandingGood, credit.B: identity.StandingNormal, credit.C: identity.StandingNormal, credit.D: identity.StandingBad} {
		if got := credit.Standing(g); got != want {
			t.Errorf("%s: %s", g, got)
		}
	}
}

func TestARuleThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	good := rules(t).On(today).Text
	for name, change := range map[string][2]string{
		"a slip of the pen":      {"start:", "strat:"},
		"an honour that costs":   {"honour:         {points: 10", "honour:         {points: -10"},
		"a penalty that gives":   {"penalty:        {points: -15", "penalty:        {points: 15"},
		"for ever":               {"cap: D, years: 5, repair_after: 90", "cap: D, years: 50, repair_after: 90"},
		"grades upside down":     {"A: 90", "A: 40"},
		"a grade that is not":    {"cap: C", "cap: E"},
		"a kind that is missing": {"  arrears:", "  debts:"},
	} {
		text := strings.Replace(good, change[0], change[1], 1)
		if text == good {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := credit.Parse(text); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := credit.Parse(good); err != nil {
		t.Error(err)
	}
}
