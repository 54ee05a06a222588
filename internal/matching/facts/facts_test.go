package facts_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
)

func in(t *testing.T, l i18n.Locale) context.Context {
	t.Helper()
	c, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	return i18n.With(t.Context(), c, l)
}

func TestSentences(t *testing.T) {
	t.Parallel()
	f := facts.Published()
	zh, en := in(t, i18n.Chinese), in(t, i18n.English)
	for _, x := range []struct{ rule, zh, en string }{
		{`rd_cost(-1) / revenue(-1) >= 0.03`, "上一年度研发费用 ÷ 上一年度营业收入不低于 3%", "R&D cost, last year ÷ Revenue, last year at least 3%"},
		{`revenue(-1) < 20000000 && staff(-1) > 0`, "上一年度营业收入低于 2,000 万元；上一年度职工总数高于 0人", "Revenue, last year below 20,000,000 yuan; Staff, last year above 0 people"},
		{`(revenue(-1) - revenue(-2)) / revenue(-2) >= 0.2`, "上一年度营业收入的增长率不低于 20%", "Growth of: Revenue, last year at least 20%"},
		{`!abnormal && (resident || listed)`, "不属于：列入经营异常名录或严重失信名单；（居民企业，或者已上市）", "Not: On a list of abnormal or untrustworthy firms; (Resident for tax, or Listed on an exchange)"},
		{`"high_tech_enterprise" in qualifications`, "资质荣誉包括高新技术企业证书", "Qualifications: High-tech enterprise certificate"},
		{`"national" in awards`, "科技奖励包括国家级科技奖励（前三完成单位）", "Science awards: National science award (first three)"},
		{`years_since(registered_on) >= 3`, "自成立日期起的年数不低于 3 年", "Time since “Registered on” at least 3 years"},
		{`high_tech_enterprise_until < today + 90`, "高新技术企业证书的有效期止早于 今天起 90 天后", "End of: High-tech enterprise certificate before the day 90 days from now"},
		{`registered_on + 365 >= day("2025-01-01")`, "成立日期之后 365 天不早于 2025-01-01", "365 days after: Registered on not before 2025-01-01"},
		{`!industry.under("I65")`, "所属行业不属于I65 软件和信息技术服务业", "Industry does not lie in I65 软件和信息技术服务业"},
		{`revenue(-1) / staff(-1) >= 800000`, "上一年度营业收入 ÷ 上一年度职工总数不低于 80 万元", "Revenue, last year ÷ Staff, last year at least 800,000 yuan"},
	} {
		r, err := f.Rules.Compile(x.rule, "none")
		if err != nil {
			t.Errorf("%s: %v", x.rule, err)
			continue
		}
		if got := f.Sentence(zh, r); got != x.zh {
			t.Errorf("%s: %s", x.rule, got)
		}
		if got := f.Sentence(en, r); got != x.en {
			t.Errorf("%s: %s", x.rule, got)
		}
	}
}

// Every word and every member of a set has a name in both languages.
func TestEveryWordHasAName(t *testing.T) {
	t.Parallel()
	f := facts.Published()
	for _, l := range []i18n.Locale{i18n.Chinese, i18n.English} {
		ctx := in(t, l)
		for _, w := range f.Words() {
			for _, m := range w.Members {
				r, err := f.Rules.Compile(`"`+m+`" in `+w.Key, "")
				if err != nil {
					t.Errorf("%s in %s: %v", m, w.Key, err)
					continue
				}
				if s := f.Sentence(ctx, r); strings.Contains(s, "matching.") {
					t.Errorf("%s", s)
				}
			}
		}
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	f := facts.Published()
	firm := dossier.Firm{ID: "f", Facts: []dossier.Fact{
		{Key: "high_tech_revenue", Year: 2025, Value: "5", Disputed: true},
		{Key: "industry", Value: "I6513"},
		{Key: "profit", Year: 2025, Value: "-150"}, // fen
		{Key: "qualifications", Value: `[{"kind":"high_tech_enterprise","name":"x","from":"2024-01-01","to":"2027-01-01"},{"kind":"tech_sme","name":"y","from":"2024-01-01","to":"2025-01-01"}]`},
		{Key: "resident", Value: "yes"},
		{Key: "revenue", Year: 2024, Value: "2000000099"},
	}}
	row := f.Row(&firm, "2026-11-22")
	for source, want := range map[string]engine.Tri{
		`revenue(-2) == 20000000`: engine.Yes, `revenue(-1) > 0`: engine.Unknown, `high_tech_revenue(-1) >= 0`: engine.Unknown, `profit(-1) == -2`: engine.Yes,
		`industry.under("I65")`: engine.Yes, `resident`: engine.Yes, `strategic`: engine.Unknown, `abnormal`: engine.No, `"national" in awards`: engine.No, `"city" in rd_bodies`: engine.No,
		`incident_on > years_ago(3)`: engine.No, `!(incident_on > years_ago(3))`: engine.Yes, `"high_tech_enterprise" in qualifications`: engine.Yes, `"tech_sme" in qualifications`: engine.No,
		`high_tech_enterprise_until == day("2027-01-01")`: engine.Yes, `tech_sme_until >= today`: engine.No, `registered_on < today`: engine.Unknown,
	} {
		r, err := f.Rules.Compile(source, "none")
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, err := r.Eval(row, 20779); err != nil || got != want {
			t.Errorf("%s: %v %v", source, got, err)
		}
	}
	if !slices.ContainsFunc(f.Words(), func(w facts.Word) bool { return w.Key == "gazelle_until" }) && len(f.Words()) < 40 {
		t.Error("words are missing")
	}
}
