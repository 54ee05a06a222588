package demo

import (
	"strings"
	"testing"
)

func TestContradictions(t *testing.T) {
	t.Parallel()
	n := func(v int) *int { return &v }
	f := func(v float64) *float64 { return &v }
	sound := Figure{
		Year: 2025, Staff: n(86), RDStaff: n(24), RevenueWan: f(4200), MainWan: f(3956), HighTechWan: f(2867), CostsWan: f(3878), RDWan: f(260),
		ProfitWan: f(310), TaxWan: f(96), AssetsWan: f(3352), NetAssetsWan: f(2257), Patents1: n(2), Patents2: n(8),
	}
	for name, c := range map[string]struct {
		change func(*Figure)
		want   string
	}{
		"sound":               {func(*Figure) {}, ""},
		"nothing stated":      {func(g *Figure) { *g = Figure{Year: 2025} }, ""},
		"a loss":              {func(g *Figure) { g.ProfitWan, g.CostsWan = f(-500), f(4700) }, ""},
		"R&D staff":           {func(g *Figure) { g.RDStaff = n(87) }, "R&D staff 87 is above staff 86"},
		"R&D staff, no staff": {func(g *Figure) { g.RDStaff, g.Staff = n(87), nil }, ""},
		"main business":       {func(g *Figure) { g.MainWan = f(4201) }, "main business 4201 is above revenue 4200"},
		"high-tech":           {func(g *Figure) { g.HighTechWan = f(4201) }, "high-tech income 4201 is above revenue 4200"},
		"net assets":          {func(g *Figure) { g.NetAssetsWan = f(3353) }, "net assets 3353 is above assets 3352"},
		"negative":            {func(g *Figure) { g.TaxWan = f(-1) }, "tax is -1"},
		"profit from nowhere": {func(g *Figure) { g.ProfitWan = f(3100) }, "profit 3100 does not come from revenue 4200 and costs 3878"},
		"tax":                 {func(g *Figure) { g.TaxWan = f(2000) }, "tax 2000 of a revenue of 4200"},
	} {
		g := sound
		c.change(&g)
		if got := strings.Join(g.Contradictions(), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
