package firms

import (
	"math"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// kind of life a firm leads.
type kind int

const (
	settled   kind = iota // earns its living
	starting              // young, spends before it earns
	growing               // grows by a fifth and more each year
	shrinking             // loses ground
	ordinary              // of the trade, but does no research to speak of
)

// nature of one firm within its trade.
type nature struct {
	trade
	kind       kind
	registered workday.Date
	staff      float64 // of the last year
	capital    float64
}

// yearsTold is how many years of figures a firm has at most.
const yearsTold = 3

func (d dice) nature(t trade, registered, today workday.Date) nature {
	n := nature{trade: t, registered: registered}
	age := float64(today.Sub(registered)) / 365.25
	researching := t.rd >= .03
	switch {
	case !researching && d.chance(30), researching && d.chance(24):
		n.kind = ordinary
	case age < 3.5 && d.chance(75):
		n.kind = starting
	case d.chance(12):
		n.kind = growing
	case d.chance(15):
		n.kind = shrinking
	}
	// A long tail: half of the firms have fewer than a dozen people, one in a hundred some hundreds.
	size := map[sector]float64{making: 19, chemistry: 22, biomedicine: 15, food: 20, software: 13, science: 11, service: 7, dealing: 8}[t.sector]
	n.staff = d.around(size*math.Min(1.9, .45+age*.12), 1.08)
	if n.kind == growing {
		n.staff *= 1.6
	}
	n.staff = math.Max(1, math.Min(n.staff, 2400))
	n.capital = niceCapital(d.around(n.staff*t.perHead*.3, .7))
	return n
}

func niceCapital(v float64) float64 {
	best := 10.0
	for _, c := range []float64{30, 50, 100, 200, 300, 500, 800, 1000, 1200, 1500, 2000, 3000, 5000, 6000, 8000, 10_000, 15_000, 20_000, 30_000, 50_000} {
		if math.Abs(c-v) < math.Abs(best-v) {
			best = c
		}
	}
	return best
}

// money rounds as a return does: whole tens of thousands, small sums finer.
// It never lets a part grow above its whole.
func money(v float64) float64 {
	if math.Abs(v) >= 50 {
		return math.Round(v)
	}
	return math.Round(v*10) / 10
}

// figures of the full years before today, the oldest first; a firm of this year
// has none.
func (d dice) figures(n nature, today workday.Date) []demo.Figure {
	first := max(today.Year()-yearsTold, n.registered.Year())
	years := today.Year() - first
	if years <= 0 {
		return nil
	}
	// Backwards from the last year: staff and revenue.
	staff, revenue := make([]float64, years), make([]float64, years)
	heads, sold := n.staff, n.staff*d.around(n.perHead, .35)
	if n.kind == starting {
		sold *= .15 + .6*d.Float64()
		if n.rd > .2 && d.chance(35) { // a laboratory that sells nothing yet
			sold = 0
		}
	}
	trend := map[kind]float64{settled: .06, starting: .55, growing: .34, shrinking: -.14, ordinary: .03}[n.kind]
	for i := years - 1; i >= 0; i-- {
		part := 1.0
		if first+i == n.registered.Year() { // the year of foundation is not a whole one
			_, m, _ := n.registered.Date()
			part = float64(13-int(m)) / 12
		}
		staff[i], revenue[i] = math.Max(1, math.Round(heads)), money(sold*part)
		g := math.Max(-.5, d.near(trend, .09))
		sold /= 1 + g
		heads /= 1 + g*.6
	}
	// What does not change from year to year.
	research := map[kind]float64{settled: 1, starting: 1.9, growing: 1.25, shrinking: .8, ordinary: .22}[n.kind] * math.Exp(d.near(0, .28))
	people := math.Min(.92, n.rdStaff*math.Max(.25, math.Min(1.15, research))*math.Exp(d.near(0, .18)))
	mainShare := math.Min(1, .8+.22*d.Float64())
	own := math.Min(.97, map[bool]float64{true: d.near(.78, .1), false: d.near(.2, .14)}[n.rd >= .03 && n.kind != ordinary])
	margin := n.margin + map[kind]float64{settled: .01, starting: -.28, growing: .03, shrinking: -.09, ordinary: -.01}[n.kind]
	turnover := map[sector]float64{software: 1.25, making: .95, chemistry: .9, biomedicine: .65, science: .9, service: 1.5, dealing: 1.9, food: 1.2}[n.sector] * math.Exp(d.near(0, .22))
	debt := math.Min(.85, math.Max(.08, d.near(.45, .17)))
	vat := map[sector]float64{software: .028, making: .03, chemistry: .032, biomedicine: .026, science: .024, service: .025, dealing: .012, food: .014}[n.sector] * math.Exp(d.near(0, .25))
	patents1, patents2 := d.patents(n, people*n.staff, today)

	out := make([]demo.Figure, years)
	equity := math.NaN()
	for i := range out {
		rev := revenue[i]
		researchers := math.Min(staff[i], math.Round(staff[i]*people))
		if n.rd == 0 || n.kind == ordinary && d.chance(40) {
			researchers = math.Min(researchers, math.Round(staff[i]*.04))
		}
		spent := money(math.Max(rev*n.rd*research*math.Exp(d.near(0, .1)), researchers*d.around(6.5, .12)*boolTo(n.kind == starting)))
		if n.rd == 0 {
			spent = 0
		}
		surcharge := .006 * rev
		profit := rev * (margin + d.near(0, .04))
		costs := money(math.Max(rev-profit-surcharge, spent*(1.1+.3*d.Float64())))
		profit = money(rev - costs - surcharge)
		rate := .05 // a small firm
		switch {
		case profit > 300 && spent > .04*rev:
			rate = .15
		case profit > 300:
			rate = .25
		}
		tax := money(rev*vat + surcharge + math.Max(0, profit)*rate)
		assets := math.Max(rev/turnover, n.capital*.25)
		if math.IsNaN(equity) {
			equity = math.Max(assets*(1-debt), math.Min(n.capital*.6, assets*.85))
		} else if profit > 0 {
			equity += profit * .75
		} else {
			equity += profit
		}
		switch {
		case equity < assets*.12 && d.chance(85): // new money of the owners or of a fund
			fresh := math.Max(assets*.2, -profit*1.2)
			equity, assets = equity+fresh, assets+fresh*.7
		case equity > assets*.92:
			assets = equity / .9
		}
		out[i] = demo.Figure{
			Year: first + i, Staff: whole(staff[i]), RDStaff: whole(researchers), RevenueWan: &revenue[i],
			MainWan: amount(rev * mainShare), HighTechWan: amount(rev * math.Min(mainShare, math.Max(0, own+.012*float64(i)))),
			CostsWan: amount(costs), RDWan: amount(spent), ProfitWan: amount(profit), TaxWan: amount(tax),
			AssetsWan: amount(assets), NetAssetsWan: amount(math.Min(equity, assets)),
			Patents1: whole(patents1(first + i)), Patents2: whole(patents2(first + i)),
		}
	}
	if d.chance(26) {
		d.forget(out)
	}
	return out
}

func boolTo(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func whole(v float64) *int {
	n := int(math.Round(v))
	return &n
}

func amount(v float64) *float64 {
	v = money(v) + 0 // no negative zero
	return &v
}

// patents in force at the end of a year, by class: they come one by one as a
// firm grows older, and researchers are who brings them.
func (d dice) patents(n nature, researchers float64, today workday.Date) (class1, class2 func(year int) float64) {
	able := map[kind]float64{settled: 1, starting: .9, growing: 1.4, shrinking: .8, ordinary: .12}[n.kind]
	course := func(each float64) func(int) float64 {
		// An examination takes years: the young have few.
		end := each * able * math.Sqrt(researchers) * d.around(.55, .6) * math.Min(1, float64(today.Sub(n.registered))/365.25/5)
		if end < 1 && !d.chance(end*100) {
			end = 0
		}
		begun := float64(n.registered.Year())
		span := math.Max(1, float64(today.Year()-1)-begun)
		return func(year int) float64 {
			t := math.Max(0, math.Min(1, (float64(year)-begun)/span))
			return math.Floor(end * t)
		}
	}
	return course(n.trade.patents), course(n.trade.rights)
}

// forget takes out what some firms do not state: the whole last year, a part of
// the balance, what they think does not concern them.
func (d dice) forget(list []demo.Figure) {
	last := &list[len(list)-1]
	switch d.IntN(6) {
	case 0: // has not reported yet
		*last = demo.Figure{Year: last.Year, Staff: last.Staff}
	case 1:
		for i := range list {
			list[i].HighTechWan, list[i].MainWan = nil, nil
		}
	case 2:
		last.AssetsWan, last.NetAssetsWan = nil, nil
	case 3:
		for i := range list {
			list[i].Patents1, list[i].Patents2 = nil, nil
		}
	case 4:
		last.RDWan, last.RDStaff = nil, nil
	default:
		list[0].CostsWan, list[0].TaxWan, list[0].HighTechWan = nil, nil, nil
	}
}
