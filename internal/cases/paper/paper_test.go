package paper_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

func TestLevelOf(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		m       catalogue.Material
		checked bool
		want    paper.Level
	}{
		"a certificate":                  {catalogue.Material{Kind: "certificate", Source: "applicant"}, false, paper.Uploaded},
		"a paper of an authority":        {catalogue.Material{Kind: "document", Source: "authority"}, false, paper.Uploaded},
		"a report of an accountant":      {catalogue.Material{Kind: "document", Source: "other"}, false, paper.Uploaded},
		"a plan":                         {catalogue.Material{Kind: "document", Source: "applicant"}, false, paper.SelfMade},
		"a form":                         {catalogue.Material{Kind: "form", Source: "applicant"}, false, paper.SelfMade},
		"a lease to be seen in original": {catalogue.Material{Kind: "document", Source: "applicant", Original: true}, false, paper.Uploaded},
		"checked":                        {catalogue.Material{Kind: "certificate"}, true, paper.Checked},
	} {
		if got := paper.LevelOf(tt.m, tt.checked); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestSamePaper(t *testing.T) {
	t.Parallel()
	m := func(paper, name, kind, by string) catalogue.Material {
		return catalogue.Material{Paper: paper, Name: i18n.Text{ZH: name}, Kind: kind, SatisfiedBy: by}
	}
	for name, tt := range map[string]struct {
		a, b catalogue.Material
		want bool
	}{
		"of the library":               {m("lease", "房屋租赁合同", "document", ""), m("lease", "租房合同", "document", ""), true},
		"by name":                      {m("", "审计报告（上年度）", "document", ""), m("", "审计报告(上年度)", "document", ""), true},
		"library and name":             {m("audit", "审计报告", "document", ""), m("", "审计报告", "document", ""), true},
		"two papers":                   {m("lease", "房屋租赁合同", "document", ""), m("audit", "审计报告", "document", ""), false},
		"forms of one name":            {m("", "申请表", "form", ""), m("", "申请表", "form", ""), false},
		"a form of the library":        {m("list", "人员名单", "form", ""), m("list", "人员名单", "form", ""), true},
		"identity cards by name":       {m("", "身份证", "certificate", "id_card"), m("", "身份证", "certificate", "id_card"), false},
		"identity cards of one holder": {m("agent_id", "身份证", "certificate", "id_card"), m("agent_id", "身份证", "certificate", "id_card"), true},
	} {
		if got := paper.IdentityOf(tt.a).Same(paper.IdentityOf(tt.b)); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestReusableUntil(t *testing.T) {
	t.Parallel()
	given := time.Date(2026, 1, 31, 1, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		months  int
		expires string
		want    string
	}{
		"nothing said":               {0, "", "2027-01-31"},
		"one month, a shorter one":   {1, "", "2026-02-28"},
		"its own day is earlier":     {12, "2026-05-01", "2026-05-01"},
		"its own day is later":       {3, "2030-01-01", "2026-04-30"},
		"its own day makes no sense": {3, "soon", "2026-04-30"},
	} {
		if got := paper.ReusableUntil(catalogue.Material{ValidMonths: tt.months}, given, tt.expires).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	if today := workday.MustParse("2026-05-01"); paper.Expired("2026-05-01", today) || !paper.Expired("2026-04-30", today) || paper.Expired("", today) {
		t.Error("a paper is valid through its last day")
	}
}

func TestLate(t *testing.T) {
	t.Parallel()
	cal := workday.Official()
	at := func(s string) time.Time { return workday.StartOf(workday.MustParse(s)).Add(9 * time.Hour) }
	for _, tt := range []struct {
		accepted string
		days     int
		last     string
		remind   string // first day of the reminder
	}{
		{"2026-03-02", 15, "2026-03-23", "2026-03-19"},
		{"2026-03-02", 0, "2026-03-16", "2026-03-12"},
		{"2026-09-28", 3, "2026-10-08", "2026-09-29"}, // over the National Day holidays
	} {
		due := paper.LateBy(cal, catalogue.Material{LateDays: tt.days}, at(tt.accepted))
		if got := workday.DateOf(due.Add(-time.Second)).String(); got != tt.last {
			t.Errorf("%+v: due on %s", tt, got)
		}
		day := workday.MustParse(tt.remind)
		if !paper.Remind(cal, at(tt.remind), due) || paper.Remind(cal, at(day.AddDays(-1).String()), due) && cal.IsWorkday(day.AddDays(-1)) || paper.Remind(cal, due, due) {
			t.Errorf("%+v: the reminder does not begin on %s", tt, tt.remind)
		}
	}
}
