package firms

import (
	"math"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Fit is what a firm fits by its figures; missing figures fit nothing.
type Fit struct {
	TechSME        bool // 科技型中小企业, 国科发政〔2017〕115号
	TechSMEScore   int
	HighTech       bool // 高新技术企业, 国科发火〔2016〕32号, as far as figures tell
	InnovativeSME  bool // 创新型中小企业
	Specialised    bool // 专精特新中小企业
	LittleGiant    bool // 专精特新“小巨人”
	Gazelle        bool // 瞪羚企业, the growth of the table used here
	HighTechMargin float64
}

// Judge holds the figures of a firm (oldest first) against the tables of the
// qualifications. Figures alone are looked at: what experts score (management,
// conversion of results) is taken as given.
func Judge(f demo.Firm, day workday.Date) Fit {
	if len(f.Figures) == 0 {
		return Fit{}
	}
	registered, err := workday.Parse(f.RegisteredOn)
	if err != nil {
		return Fit{}
	}
	var out Fit
	last := f.Figures[len(f.Figures)-1]
	out.TechSMEScore = techSMEScore(last)
	out.TechSME = out.TechSMEScore >= 60 && staffScore(last) > 0 && has(last.Staff) <= 500 && has(last.RevenueWan) <= 20_000 && has(last.AssetsWan) <= 20_000 &&
		last.Staff != nil && last.RevenueWan != nil && last.AssetsWan != nil
	out.HighTechMargin = highTechMargin(f.Figures)
	out.HighTech = out.HighTechMargin >= 1 && !registered.AddMonths(12).After(day)
	share, grown := ratio(last.RDWan, last.RevenueWan), growth(f.Figures)
	main := ratio(last.MainWan, last.RevenueWan)
	debt := 1 - ratio(last.NetAssetsWan, last.AssetsWan)
	out.InnovativeSME = innovative(last, share, grown, debt, main) || out.HighTech
	small := last.Staff != nil && *last.Staff <= 1000 || has(last.RevenueWan) <= 40_000
	out.InnovativeSME = out.InnovativeSME && small
	out.Specialised = small && out.InnovativeSME && !registered.AddMonths(24).After(day) && has(last.RDWan) >= 100 && share >= .03 && has(last.RevenueWan) >= 1000 && main >= .7
	rd := .03
	switch r := has(last.RevenueWan); {
	case r < 5_000:
		rd = math.Inf(1)
	case r < 10_000:
		rd = .06
	}
	out.LittleGiant = out.Specialised && !registered.AddMonths(36).After(day) && main >= .7 && grown >= .05 && debt <= .7 && share >= rd
	out.Gazelle = gazelle(f.Figures)
	return out
}

func has[T int | float64](v *T) float64 {
	if v == nil {
		return 0
	}
	return float64(*v)
}

// ratio of two figures; NaN, which compares with nothing, when one is missing.
func ratio[A, B int | float64](a *A, b *B) float64 {
	if a == nil || b == nil || *b == 0 {
		return math.NaN()
	}
	return float64(*a) / float64(*b)
}

// step looks a value up in a falling table of bounds and points.
func step(v float64, table ...[2]float64) int {
	for _, t := range table {
		if v >= t[0] {
			return int(t[1])
		}
	}
	return 0
}

func staffScore(f demo.Figure) int {
	return step(ratio(f.RDStaff, f.Staff), [2]float64{.3, 20}, [2]float64{.25, 16}, [2]float64{.2, 12}, [2]float64{.15, 8}, [2]float64{.1, 4})
}

func techSMEScore(f demo.Figure) int {
	rd := max(
		step(ratio(f.RDWan, f.RevenueWan), [2]float64{.06, 50}, [2]float64{.05, 40}, [2]float64{.04, 30}, [2]float64{.03, 20}, [2]float64{.02, 10}),
		step(ratio(f.RDWan, f.CostsWan), [2]float64{.3, 50}, [2]float64{.25, 40}, [2]float64{.2, 30}, [2]float64{.15, 20}, [2]float64{.1, 10}))
	results := step(has(f.Patents1), [2]float64{1, 30})
	if results == 0 {
		results = step(has(f.Patents2), [2]float64{4, 24}, [2]float64{3, 18}, [2]float64{2, 12}, [2]float64{1, 6})
	}
	return staffScore(f) + rd + results
}

// highTechMargin is the smallest of what a firm has over what it needs: 1 lies
// on the line, below it does not fit.
func highTechMargin(list []demo.Figure) float64 {
	var rd, revenue float64
	for _, f := range list[max(0, len(list)-3):] {
		if f.RDWan == nil || f.RevenueWan == nil {
			return 0
		}
		rd, revenue = rd+*f.RDWan, revenue+*f.RevenueWan
	}
	last := list[len(list)-1]
	need := .05
	switch {
	case has(last.RevenueWan) > 20_000:
		need = .03
	case has(last.RevenueWan) > 5_000:
		need = .04
	}
	own := ratio(last.HighTechWan, last.RevenueWan)
	staff := ratio(last.RDStaff, last.Staff)
	if math.IsNaN(own) || math.IsNaN(staff) || revenue == 0 || has(last.Patents1)+has(last.Patents2) == 0 {
		return 0
	}
	return min(rd/revenue/need, own/.6, staff/.1)
}

// growth of the revenue over the year before.
func growth(list []demo.Figure) float64 {
	if len(list) < 2 {
		return math.NaN()
	}
	return ratio(list[len(list)-1].RevenueWan, list[len(list)-2].RevenueWan) - 1
}

func innovative(f demo.Figure, share, grown, debt, main float64) bool {
	ip := step(has(f.Patents1), [2]float64{1, 15})
	if ip == 0 {
		ip = step(has(f.Patents2), [2]float64{1, 5})
	}
	innovation := ip + step(share, [2]float64{.05, 20}, [2]float64{.03, 15}, [2]float64{.02, 10}, [2]float64{.01, 5})
	growing := step(grown, [2]float64{.15, 20}, [2]float64{.1, 15}, [2]float64{.05, 10}, [2]float64{0, 5})
	if debt <= .55 {
		growing += 10
	} else if debt <= .75 {
		growing += 5
	}
	special := 10 + step(main, [2]float64{.7, 20}, [2]float64{.6, 15}, [2]float64{.55, 10}, [2]float64{.5, 5})
	return innovation >= 20 && growing >= 15 && special >= 15 && innovation+growing+special >= 60
}

// gazelle: two years of growth each year, more of it from the small.
func gazelle(list []demo.Figure) bool {
	if len(list) < 3 {
		return false
	}
	base, last := list[len(list)-3].RevenueWan, list[len(list)-1].RevenueWan
	if base == nil || last == nil || *base < 1000 {
		return false
	}
	need := .2
	switch {
	case *base >= 50_000:
		need = .1
	case *base >= 10_000:
		need = .15
	}
	return math.Sqrt(*last / *base)-1 >= need && growth(list) > 0
}
