package dossier

import (
	"math"
	"strconv"

	"github.com/tongban/tongban/internal/kernel/workday"
)

// share is part by whole in percent, growth the change against the year before.
type formula struct {
	part, whole string
	growth      bool
	less        bool // whole minus part, by whole
}

// formulas are the yearly facts that are reckoned from others.
var formulas = map[string]formula{
	"rd_staff_share":      {part: "rd_staff", whole: "staff"},
	"rd_share":            {part: "rd_cost", whole: "revenue"},
	"rd_cost_share":       {part: "rd_cost", whole: "costs"},
	"main_share":          {part: "main_revenue", whole: "revenue"},
	"high_tech_share":     {part: "high_tech_revenue", whole: "revenue"},
	"debt_ratio":          {part: "net_assets", whole: "assets", less: true},
	"revenue_growth":      {part: "revenue", growth: true},
	"main_revenue_growth": {part: "main_revenue", growth: true},
	"net_assets_growth":   {part: "net_assets", growth: true},
}

// compute reckons what follows from the present facts of a firm. Where a part is
// missing or the whole is nought nothing follows. What follows from a disputed
// value is disputed, and speaks for the oldest day of its parts.
func (v *Vocabulary) compute(present map[Slot]Fact, today string) []Fact {
	var out []Fact
	years := map[int]bool{}
	for s := range present {
		if s.Year != 0 {
			years[s.Year] = true
		}
	}
	if born, ok := present[Slot{"registered_on", 0}]; ok {
		if n, ok := yearsBetween(born.Value, today); ok {
			out = append(out, Fact{Firm: born.Firm, Key: "age_years", Value: strconv.Itoa(n), Source: Computed, State: Present, Since: born.Since, AsOf: today, Disputed: born.Disputed})
		}
	}
	for _, d := range v.Facts {
		f, ok := formulas[d.Key]
		if !ok {
			continue
		}
		for year := range years {
			a, okA := present[Slot{f.part, year}]
			b, okB := present[Slot{f.whole, year}]
			if f.growth {
				b, okB = present[Slot{f.part, year - 1}]
			}
			x, errX := strconv.ParseFloat(a.Value, 64)
			y, errY := strconv.ParseFloat(b.Value, 64)
			if !okA || !okB || errX != nil || errY != nil || y <= 0 {
				continue
			}
			switch {
			case f.growth:
				x -= y
			case f.less:
				x = y - x
			}
			if r := x / y * 100; !math.IsInf(r, 0) {
				out = append(out, Fact{Firm: a.Firm, Key: d.Key, Year: year, Value: ratio(r), Source: Computed, State: Present, Since: min(a.Since, b.Since), AsOf: min(a.AsOf, b.AsOf), Disputed: a.Disputed || b.Disputed})
			}
		}
	}
	return out
}

// yearsBetween are the whole years from one day to another.
func yearsBetween(from, to string) (int, bool) {
	a, err := workday.Parse(from)
	b, err2 := workday.Parse(to)
	if err != nil || err2 != nil || b.Before(a) {
		return 0, false
	}
	n := b.Year() - a.Year()
	if a.AddMonths(12 * n).After(b) {
		n--
	}
	return n, true
}
