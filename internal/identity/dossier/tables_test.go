package dossier

import (
	"slices"
	"testing"
)

// The tables by which firms are ranked (科技型中小企业、高新技术企业、创新型中小企业、
// 瞪羚) read these facts; each must be in the vocabulary and say so.
func TestTablesHaveTheirFacts(t *testing.T) {
	t.Parallel()
	for table, keys := range map[string][]string{
		"tech_sme": {
			"resident", "staff", "rd_staff", "rd_staff_share", "revenue", "assets", "costs", "rd_cost", "rd_share", "rd_cost_share", "patents_1", "patents_2", "prohibited",
			"incident_on", "abnormal", "qualifications", "awards", "rd_bodies", "standards",
		},
		"high_tech": {
			"registered_on", "age_years", "field", "staff", "rd_staff", "rd_staff_share", "revenue", "rd_cost", "rd_cost_domestic", "rd_share", "high_tech_revenue", "high_tech_share",
			"patents_1", "patents_2", "patents_1_own", "conversions", "standards", "net_assets", "net_assets_growth", "revenue_growth", "incident_on", "abnormal",
		},
		"innovative": {
			"patents_1", "patents_2", "patents_1_own", "patents_1_high_value", "rd_cost", "rd_share", "main_revenue", "main_revenue_growth", "main_share", "assets", "net_assets",
			"debt_ratio", "strategic", "niche_since", "awards", "qualifications", "rd_bodies", "equity_raised",
		},
		"gazelle": {"registered_on", "age_years", "region", "revenue", "revenue_growth", "profit", "equity_raised", "valuation", "listed", "qualifications"},
	} {
		for _, key := range keys {
			if d := Published().Def(key); d == nil {
				t.Errorf("%s needs %s, which is not in the vocabulary", table, key)
			} else if !slices.Contains(d.Needed, table) {
				t.Errorf("%s does not say that %s needs it: %v", key, table, d.Needed)
			}
		}
	}
}
