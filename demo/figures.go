package demo

import (
	"fmt"
	"math"
)

// Contradictions says in words what does not fit within the figures of one
// year. What is missing contradicts nothing.
func (f Figure) Contradictions() []string {
	var out []string
	part := func(what string, a *float64, whole string, b *float64) {
		if a != nil && b != nil && *a > *b {
			out = append(out, fmt.Sprintf("%s %v is above %s %v", what, *a, whole, *b))
		}
	}
	part("R&D staff", number(f.RDStaff), "staff", number(f.Staff))
	part("main business", f.MainWan, "revenue", f.RevenueWan)
	part("high-tech income", f.HighTechWan, "revenue", f.RevenueWan)
	part("R&D", f.RDWan, "costs", f.CostsWan)
	part("net assets", f.NetAssetsWan, "assets", f.AssetsWan)
	for what, v := range map[string]*float64{
		"staff": number(f.Staff), "R&D staff": number(f.RDStaff), "revenue": f.RevenueWan, "main business": f.MainWan, "high-tech income": f.HighTechWan,
		"costs": f.CostsWan, "R&D": f.RDWan, "tax": f.TaxWan, "assets": f.AssetsWan, "patents of class I": number(f.Patents1), "patents of class II": number(f.Patents2),
	} {
		if v != nil && (*v < 0 || math.IsNaN(*v) || math.IsInf(*v, 0)) {
			out = append(out, fmt.Sprintf("%s is %v", what, *v))
		}
	}
	if f.RevenueWan == nil || f.CostsWan == nil || f.ProfitWan == nil || f.TaxWan == nil {
		return out
	}
	// What is left of the revenue after costs and surcharges is the profit, up to
	// other income and losses, which are small beside the trade of the year.
	if gap := math.Abs(*f.RevenueWan - *f.CostsWan - *f.ProfitWan); gap > 0.25**f.RevenueWan+*f.TaxWan+5 {
		out = append(out, fmt.Sprintf("profit %v does not come from revenue %v and costs %v", *f.ProfitWan, *f.RevenueWan, *f.CostsWan))
	}
	if *f.TaxWan > 0.4**f.RevenueWan+5 {
		out = append(out, fmt.Sprintf("tax %v of a revenue of %v", *f.TaxWan, *f.RevenueWan))
	}
	return out
}

func number(n *int) *float64 {
	if n == nil {
		return nil
	}
	v := float64(*n)
	return &v
}
