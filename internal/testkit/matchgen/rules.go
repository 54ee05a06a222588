package matchgen

import (
	"math/rand/v2"
	"slices"

	"github.com/tongban/tongban/internal/matching/engine"
)

// Rules makes n rules of 3 to 12 comparisons. With round the thresholds are
// figures that texts use, so that many rules share them; without, each is its own.
func Rules(seed uint64, n int, round bool) []*engine.Expr {
	g := ruler{rand.New(rand.NewPCG(seed, 23)), round} //nolint:gosec // repeatable
	out := make([]*engine.Expr, n)
	for i := range out {
		out[i] = g.rule()
	}
	return out
}

type ruler struct {
	*rand.Rand
	round bool
}

// rule is a list of demands; some have alternatives, some exclude.
func (g ruler) rule() *engine.Expr {
	e := &engine.Expr{Op: engine.And}
	want := 3 + g.IntN(3) + g.IntN(4)
	if g.IntN(2) == 0 {
		e.Kids = append(e.Kids, g.region())
		want--
	}
	if g.IntN(3) > 0 {
		e.Kids = append(e.Kids, g.industry())
		want--
	}
	if g.IntN(3) == 0 { // nobody who was penalised
		e.Kids = append(e.Kids, not(has(Penalised, 0)), not(has(Abnormal, 0)))
		want -= 2
	}
	for want > 0 {
		switch g.IntN(8) {
		case 0:
			e.Kids = append(e.Kids, &engine.Expr{Op: engine.Or, Kids: []*engine.Expr{g.leaf(), g.leaf()}})
			want -= 2
		case 1:
			if want >= 6 {
				e.Kids = append(e.Kids, g.tiered())
				want -= 6
				continue
			}
			fallthrough
		default:
			e.Kids = append(e.Kids, g.leaf())
			want--
		}
	}
	return e
}

func has(attr, member int) *engine.Expr {
	return &engine.Expr{Op: engine.Has, Attr: attr, Member: member}
}

func not(e *engine.Expr) *engine.Expr {
	return &engine.Expr{Op: engine.Not, Kids: []*engine.Expr{e}}
}

func within(t engine.Term, lo, hi int64) *engine.Expr {
	return &engine.Expr{Op: engine.InRange, Range: engine.Range{Term: t, Lo: lo, Hi: hi}}
}

func atLeast(attr int, n int64) *engine.Expr { return within(engine.TermOf(attr), n, engine.NoHi) }
func below(attr int, n int64) *engine.Expr   { return within(engine.TermOf(attr), engine.NoLo, n) }

func share(zero engine.Zero, num, den []engine.Lin, millionths int64) *engine.Expr {
	return within(engine.Term{Num: num, Den: den, Zero: zero}, millionths, engine.NoHi)
}

func sum(attrs ...int) []engine.Lin {
	var out []engine.Lin
	for _, a := range attrs {
		out = append(out, engine.Lin{Attr: a, Factor: 1})
	}
	return out
}

// pick takes one of the figures, or, where every rule has its own, one near it.
func (g ruler) pick(of ...int64) int64 {
	n := of[g.IntN(len(of))]
	if g.round {
		return n
	}
	return n + int64(float64(n)*(g.Float64()-0.5)) + g.Int64N(3)
}

func (g ruler) region() *engine.Expr {
	switch g.IntN(4) {
	case 0:
		return within(engine.TermOf(Region), 120, 144) // the city
	case 1:
		return within(engine.TermOf(Region), 100, 200) // the province
	case 2:
		lo := int64(120 + 4*g.IntN(6))
		return within(engine.TermOf(Region), lo, lo+4) // a district
	}
	lo := int64(120 + g.IntN(24))
	return within(engine.TermOf(Region), lo, lo+1) // a town or park
}

// Sizes of the branches of industry, in leaves: groups, divisions and sections.
const group, division, section = 3, 14, 70

func (g ruler) industry() *engine.Expr {
	branch := func() *engine.Expr {
		n := []int{1, group, group, division, division, division, section, section}[g.IntN(8)]
		lo := int64(n * int(float64(industries/n)*g.Float64()*g.Float64())) // texts are about some branches more than others
		return within(engine.TermOf(Industry), lo, lo+int64(n))
	}
	switch g.IntN(6) {
	case 0:
		return &engine.Expr{Op: engine.Or, Kids: []*engine.Expr{branch(), branch(), branch()}}
	case 1:
		return &engine.Expr{Op: engine.Or, Kids: []*engine.Expr{branch(), branch()}}
	case 2:
		return not(branch())
	}
	return branch()
}

const million = 1_000_000

// Round figures: of money in yuan, of heads, and of shares in millionths.
var (
	money = []int64{
		100_000, 200_000, 300_000, 500_000, 800_000, million, 1_500_000, 2 * million, 3 * million, 4 * million, 5 * million, 6 * million, 8 * million, 10 * million, 12 * million, 15 * million,
		20 * million, 25 * million, 30 * million, 40 * million, 50 * million, 60 * million, 80 * million, 100 * million, 120 * million, 150 * million, 200 * million, 300 * million, 400 * million,
		500 * million, 800 * million, 1000 * million, 2000 * million,
	}
	heads  = []int64{1, 2, 3, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1500, 2000}
	shares = []int64{
		5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 35_000, 40_000, 45_000, 50_000, 60_000, 70_000, 80_000, 100_000, 120_000, 150_000, 180_000, 200_000, 250_000, 300_000, 350_000, 400_000,
		450_000, 500_000, 550_000, 600_000, 650_000, 700_000, 750_000, 800_000, 850_000, 900_000, 950_000,
	}
)

// of are the figures from lo to hi.
func of(all []int64, lo, hi int64) []int64 {
	from, _ := slices.BinarySearch(all, lo)
	to, _ := slices.BinarySearch(all, hi+1)
	return all[from:to]
}

func (g ruler) leaf() *engine.Expr {
	switch g.IntN(22) {
	case 0:
		return atLeast(Staff, g.pick(of(heads, 3, 300)...))
	case 1:
		return below(Staff, g.pick(of(heads, 20, 2000)...)+1)
	case 2, 3:
		return atLeast(Revenue, g.pick(of(money, 500_000, 1000*million)...))
	case 4:
		return below(Revenue, g.pick(of(money, 10*million, 2000*million)...)+1)
	case 5:
		return atLeast(Research, g.pick(of(money, 0, 50*million)...))
	case 6:
		return share(engine.ZeroNone, sum(Research), sum(Revenue), g.pick(of(shares, 5_000, 150_000)...))
	case 7:
		return share(engine.ZeroNone, sum(ResearchStaff), sum(Staff), g.pick(of(shares, 50_000, 500_000)...))
	case 8:
		return g.growth(engine.ZeroNone, Revenue, Revenue2, 500_000)
	case 9:
		return g.growth(engine.ZeroUnknown, Research, Research2, 500_000)
	case 10:
		return share(engine.ZeroNone, sum(HighTech), sum(Revenue), g.pick(of(shares, 300_000, 800_000)...))
	case 11:
		return share(engine.ZeroNone, sum(MainBusiness), sum(Revenue), g.pick(of(shares, 500_000, 950_000)...))
	case 12:
		return atLeast([]int{Patents1, Patents2}[g.IntN(2)], g.pick(of(heads, 1, 50)...))
	case 13:
		return has(Qualifications, g.IntN(qualifications))
	case 14:
		return &engine.Expr{Op: engine.Or, Kids: []*engine.Expr{has(Qualifications, g.IntN(6)), has(Platforms, g.IntN(platforms))}}
	case 15:
		days := []int64{365, 365, 365, 365, 30, 90}[g.IntN(6)] * g.pick(1, 2, 3, 4, 5, 6, 8, 10)
		if g.IntN(2) == 0 {
			return below(Registered, Today-days+1)
		}
		return atLeast(Registered, Today-days)
	case 16:
		return atLeast(CertificateEnd, Today+g.pick(0, 30, 60, 90, 180, 365))
	case 17:
		return atLeast(Score, g.pick(50, 55, 60, 65, 70, 75, 80, 85, 90))
	case 18, 19, 20:
		return g.seldom()
	}
	k := func(n int) (lo, hi int64) { i := int64(g.IntN(n)); return i, i + 1 }
	switch g.IntN(6) {
	case 0:
		lo, hi := k(14)
		return within(engine.TermOf(Chain), lo, hi)
	case 1:
		lo, hi := k(5)
		return within(engine.TermOf(Stage), lo, hi)
	case 2:
		lo, hi := k(8)
		return not(within(engine.TermOf(Form), lo, hi))
	case 3:
		lo, hi := k(6)
		return within(engine.TermOf(Premises), lo, hi)
	case 4:
		return has(Exporter, 0)
	}
	return not(has(Listed, 0))
}

// growth is a share of what was before.
func (g ruler) growth(zero engine.Zero, now, before int, most int64) *engine.Expr {
	return share(zero, []engine.Lin{{Attr: now, Factor: 1}, {Attr: before, Factor: -1}}, sum(before), g.pick(append([]int64{0}, of(shares, 20_000, most)...)...))
}

// seldom are demands that few texts make.
func (g ruler) seldom() *engine.Expr {
	switch g.IntN(16) {
	case 0, 1:
		return atLeast(Tax, g.pick(of(money, 0, 10*million)...))
	case 2:
		return atLeast(Profit, g.pick(of(money, 0, 50*million)...))
	case 3, 4:
		return atLeast(Capital, g.pick(of(money, 0, 100*million)...))
	case 5:
		return atLeast(Assets, g.pick(of(money, million, 1000*million)...))
	case 6:
		return below(Assets, g.pick(of(money, 10*million, 2000*million)...)+1)
	case 7:
		return atLeast(NetAssets, g.pick(append([]int64{0}, of(money, 0, 100*million)...)...))
	case 8:
		return atLeast(Masters, g.pick(of(heads, 1, 60)...))
	case 9:
		return atLeast(ResearchStaff, g.pick(of(heads, 1, 200)...))
	case 10: // what is owed
		return not(share(engine.ZeroNone, []engine.Lin{{Attr: Assets, Factor: 1}, {Attr: NetAssets, Factor: -1}}, sum(Assets), g.pick(of(shares, 500_000, 850_000)...)))
	case 11:
		return share(engine.ZeroNone, sum(Profit), sum(Revenue), g.pick(of(shares, 5_000, 200_000)...))
	case 12:
		return share(engine.ZeroNone, sum(Tax), sum(Revenue), g.pick(of(shares, 5_000, 60_000)...))
	case 13:
		return share(engine.ZeroNone, sum(Research), sum(Costs), g.pick(of(shares, 5_000, 150_000)...))
	case 14: // yuan a head
		return share(engine.ZeroNone, sum(Revenue), sum(Staff), engine.Scale*g.pick(of(money, 100_000, 2*million)...))
	}
	return g.growth(engine.ZeroNone, Revenue2, Revenue3, 500_000)
}

// tiered is the demand of 国科发火〔2016〕32号: the share of research in the
// turnover of three years, by the turnover of the last one.
func (g ruler) tiered() *engine.Expr {
	research, revenue := sum(Research, Research2, Research3), sum(Revenue, Revenue2, Revenue3)
	tier := func(lo, hi, millionths int64) *engine.Expr {
		return &engine.Expr{Op: engine.And, Kids: []*engine.Expr{within(engine.TermOf(Revenue), lo, hi), share(engine.ZeroNone, research, revenue, millionths)}}
	}
	return &engine.Expr{Op: engine.Or, Kids: []*engine.Expr{
		tier(engine.NoLo, 50*million+1, 50_000), tier(50*million+1, 200*million+1, 40_000), tier(200*million+1, engine.NoHi, 30_000),
	}}
}
