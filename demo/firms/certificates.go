package firms

import (
	"fmt"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// numbers of certificates run over all firms, so that none is given twice.
type numbers struct{ patent, techSME, highTech, leases, estates, other, titles int }

// newNumbers begin above those of demo/zone.
func newNumbers() *numbers {
	return &numbers{patent: 8_100_000, techSME: 10_000, highTech: 991_000, leases: 1000, estates: 9_810_000, other: 20_000, titles: 100}
}

// certificates of a firm: its licence, the qualifications that it holds, and a
// few papers that belong to where it works.
func (d dice) certificates(f *demo.Firm, n nature, fit Fit, clean bool, today workday.Date, no *numbers) {
	registered := n.registered
	add := func(kind, number string, from, to workday.Date) {
		if from.Before(registered) || from.After(today) {
			return
		}
		c := demo.FirmCertificate{Type: kind, Number: number, From: from.String()}
		if !to.IsZero() {
			c.To = to.String()
		}
		f.Certificates = append(f.Certificates, c)
	}
	// since draws a day of the last years, after the registration.
	since := func(years int) workday.Date {
		from := today.AddMonths(-12 * years)
		if from.Before(registered) {
			from = registered
		}
		return from.AddDays(d.between(0, max(0, today.Sub(from)-1)))
	}
	forYears := func(from workday.Date, years int) workday.Date { return from.AddMonths(12 * years).AddDays(-1) }

	add("business_licence", f.USCC, registered, workday.Date{})
	d.qualifications(f, n, fit, clean, today, no, add)
	if len(f.Figures) > 0 {
		d.patentPapers(f, registered, no, add)
	}
	switch n.sector {
	case making, chemistry, food:
		if n.staff > 60 && d.chance(55) {
			no.estates++
			from := since(12)
			add("property_certificate", fmt.Sprintf("渤（%d）科创区不动产权第%07d号", from.Year(), no.estates), from, workday.Date{})
		} else if d.chance(60) {
			d.lease(since(2), no, add)
		}
		if (n.sector != making || d.chance(12)) && d.chance(70) {
			from := since(4)
			no.other++
			add("drainage_permit", fmt.Sprintf("渤科创排字第%d-%d号", from.Year(), no.other), from, forYears(from, 5))
		}
		if n.staff > 30 && d.chance(40) {
			from := since(4)
			no.other++
			add("electricity_contract", fmt.Sprintf("GY371671-%d-%d", from.Year(), no.other), from, forYears(from, 5))
		}
		if n.sector == food && n.industry < "C17" {
			from := since(4)
			no.other++
			add("food_permit", fmt.Sprintf("JY13716719%07d", no.other), from, forYears(from, 5))
		}
	default:
		if d.chance(62) {
			d.lease(since(2), no, add)
		}
	}
	switch {
	case n.industry == "L7262":
		from := since(4)
		no.other++
		add("hr_service_permit", fmt.Sprintf("（鲁）人服证字〔%d〕第16%05d号", from.Year(), no.other), from, workday.Date{})
	case n.sector == science && n.kind != ordinary && d.chance(35):
		from := since(2)
		no.other++
		add("tech_contract_certificate", fmt.Sprintf("%d37167199%05d", from.Year(), no.other), from, workday.Date{})
	case n.kind != ordinary && n.rd >= .04 && n.staff > 80 && d.chance(60):
		from := since(3)
		no.other++
		add("rd_institution_filing", fmt.Sprintf("YFJG371671-%d-%d", from.Year(), no.other), from, forYears(from, 3))
	case (n.sector == making || n.sector == biomedicine) && d.chance(18):
		from := since(2)
		no.other++
		add("test_report", fmt.Sprintf("JC%d-%05d", from.Year(), no.other), from, workday.Date{})
	}
}

type adder = func(kind, number string, from, to workday.Date)

func (d dice) lease(from workday.Date, no *numbers, add adder) {
	no.leases++
	add("lease_filing", fmt.Sprintf("渤科创房租备〔%d〕%d号", from.Year(), no.leases), from, from.AddMonths(12*d.between(1, 3)).AddDays(-1))
}

// qualifications that a firm holds. Most that fit do, some do not ask for it;
// some hold one that their figures no longer bear, as it was given earlier.
func (d dice) qualifications(f *demo.Firm, n nature, fit Fit, clean bool, today workday.Date, no *numbers, add adder) {
	thisYear := today.Year()
	// Rounds of the year: those that lie ahead are not there yet.
	round := func(year int, m time.Month, day int) workday.Date { return workday.NewDate(year, m, day) }
	ripe := n.registered.AddMonths(12)
	highTech := func(year int) {
		from := round(year, time.December, 7)
		if d.chance(50) {
			from = round(year, time.November, 28)
		}
		if !from.Before(ripe) {
			no.highTech++
			add("high_tech_enterprise", fmt.Sprintf("GR%d37%06d", year, no.highTech), from, from.AddMonths(36).AddDays(-1))
		}
	}
	switch {
	case fit.HighTech && clean && d.chance(80):
		highTech(thisYear - d.between(1, 3))
	case fit.HighTech && d.chance(30): // ran out and was not asked for again
		highTech(thisYear - 4)
	case !fit.HighTech && fit.HighTechMargin > .5 && d.chance(25): // was given when the figures were better
		highTech(thisYear - d.between(2, 3))
	}
	if fit.TechSME && clean && d.chance(82) {
		from := round(thisYear, time.April, 10).AddDays(d.between(0, 200))
		if from.After(today) { // not yet this year: that of the year before runs to the end of March
			from = from.AddMonths(-12)
		}
		no.techSME += d.between(1, 9)
		add("tech_sme", fmt.Sprintf("%d371671%08d", from.Year(), no.techSME), from, round(from.Year()+1, time.March, 31))
	}
	tier := func(kind, mark string, years int, month time.Month, percent float64) bool {
		if !clean || !d.chance(percent) {
			return false
		}
		from := round(thisYear-d.between(0, years-1), month, d.between(5, 25))
		if from.After(today) || from.Before(ripe) {
			return false
		}
		no.other++
		add(kind, fmt.Sprintf("%s-3716-%d-%d", mark, from.Year(), no.other), from, from.AddMonths(12*years).AddDays(-1))
		return true
	}
	if !fit.InnovativeSME {
		return
	}
	innovative := tier("innovative_sme", "CXX", 3, time.June, 55)
	if fit.Specialised && innovative && tier("specialized_sme", "ZJTX", 3, time.August, 65) && fit.LittleGiant {
		tier("little_giant", "XJR", 3, time.September, 40)
	}
	if fit.Gazelle {
		tier("gazelle", "DL", 2, time.October, 55)
	}
}

// titles of the zone: eaglets are young and grow on research, leading firms are
// large and do much of it.
func (d dice) titles(f *demo.Firm, clean bool, today workday.Date, no *numbers) {
	registered, err := workday.Parse(f.RegisteredOn)
	if err != nil || len(f.Figures) == 0 || !clean {
		return
	}
	last := f.Figures[len(f.Figures)-1]
	share := ratio(last.RDWan, last.RevenueWan)
	kind, mark, years := "", "", 3
	switch {
	case registered.AddMonths(72).After(today) && share >= .08 && has(last.RevenueWan) >= 200 && has(last.RevenueWan) <= 10_000 && has(last.Patents1)+has(last.Patents2) >= 2 && d.chance(45):
		kind, mark = "eaglet", "CY"
	case has(last.RevenueWan) >= 20_000 && share >= .03 && has(last.Patents1) >= 5 && d.chance(55):
		kind, mark = "leading", "LJ"
	default:
		return
	}
	from := workday.NewDate(today.Year()-d.between(0, 1), 5, d.between(8, 28))
	if from.Before(registered.AddMonths(12)) || from.After(today) {
		return
	}
	no.titles++
	f.Certificates = append(f.Certificates, demo.FirmCertificate{
		Type: kind, Number: fmt.Sprintf("%s-371671-%d-%d", mark, from.Year(), no.titles),
		From: from.String(), To: from.AddMonths(12 * years).AddDays(-1).String(),
	})
}

// patentPapers are the certificates of some of the patents that the figures count.
func (d dice) patentPapers(f *demo.Firm, registered workday.Date, no *numbers, add adder) {
	last := f.Figures[len(f.Figures)-1]
	for class, count := range []*int{last.Patents1, last.Patents2} {
		if count == nil {
			continue
		}
		for range min(*count, d.between(0, 2)) {
			granted := workday.NewDate(last.Year-d.between(0, 4), time.Month(d.between(1, 12)), d.between(1, 28))
			asked := granted.AddMonths(-d.between(8, 26))
			if asked.Before(registered) {
				continue
			}
			years, form := 20, 1
			if class == 1 {
				years, form = 10, 2
			}
			no.patent += d.between(3, 17)
			base := fmt.Sprintf("%d%d%07d", asked.Year(), form, no.patent)
			add("patent_certificate", "ZL"+base+"."+patentCheck(base), granted, asked.AddMonths(12*years).AddDays(-1))
		}
	}
}

// patentCheck is the check digit of an application number (ZC 0006-2003).
func patentCheck(s string) string {
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * (2 + i%8)
	}
	return string("0123456789X"[sum%11])
}

// credit records of a firm: few have any. clean is false while a bad one counts.
func (d dice) credit(f *demo.Firm, registered, today workday.Date) (clean bool) {
	record := func(kind string, r [2]string, back, months int) workday.Date {
		from := today.AddDays(-d.between(5, back))
		if from.Before(registered.AddDays(90)) {
			return workday.Date{}
		}
		to := from.AddMonths(months).AddDays(-1)
		if kind == "" {
			kind = kinds[r[0]]
		}
		f.Credit = append(f.Credit, demo.FirmCredit{Kind: kind, Reason: r[0], Source: r[1], From: from.String(), To: to.String()})
		return to
	}
	clean = true
	if d.chance(4) {
		if to := record("", pick(d, misdeeds), 900, pick(d, []int{12, 24, 36})); !to.Before(today) {
			clean = false
		}
	} else if d.chance(6) {
		record("honour", pick(d, merits), 700, pick(d, []int{12, 24}))
	}
	return clean
}

var (
	misdeeds = [][2]string{
		{"未在规定期限内公示年度报告，被列入经营异常名录", "市场监督管理局"},
		{"通过登记的住所无法取得联系，被列入经营异常名录", "市场监督管理局"},
		{"承诺的材料逾期没有补齐，告知承诺书没有履行", "政务服务局"},
		{"拖欠职工工资，经责令改正逾期未改", "人力资源和社会保障局"},
		{"未按规定贮存危险废物，受到行政处罚", "生态环境局"},
		{"专项资金没有按用途使用，已责令退回", "科技创新局"},
		{"逾期未缴税款，经催缴仍未缴清", "税务局"},
	}
	// kinds of the misdeeds, as the rule of credit knows them.
	kinds = map[string]string{
		misdeeds[0][0]: "penalty",
		misdeeds[1][0]: "penalty",
		misdeeds[2][0]: "broken",
		misdeeds[3][0]: "severe_penalty",
		misdeeds[4][0]: "penalty",
		misdeeds[5][0]: "broken",
		misdeeds[6][0]: "arrears",
	}
	merits = [][2]string{
		{"纳税信用等级评为A级", "税务局"},
		{"劳动保障守法诚信等级评为A级", "人力资源和社会保障局"},
		{"获评守合同重信用企业", "市场监督管理局"},
		{"环境信用评价为诚信企业", "生态环境局"},
		{"按期履行全部告知承诺事项", "政务服务局"},
	}
)
