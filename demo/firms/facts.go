package firms

import (
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// teller tells what else is known of a firm.
type teller struct {
	dice
	f          demo.Firm
	sector     sector
	rd         float64 // of the revenue, as the trade does
	registered workday.Date
	today      workday.Date
	year       int // the last one with figures
	last, prev demo.Figure
	holds      map[string]bool // certificates that are valid
	known      map[string]bool // what the file of the firm says already
	out        []demo.FirmFact
}

// Facts are what registers know of a firm beyond its figures: who works there,
// what it spends and sells, what it has won. What the firm tells itself is left
// alone; some of it is missing, as in life. The same firm, day and seed give the
// same facts.
func Facts(f demo.Firm, today workday.Date, seed uint64) []demo.FirmFact {
	h := fnv.New64a()
	_, _ = h.Write([]byte(f.USCC))                                                                                              // never fails
	t := &teller{dice: diceOf(seed, int(h.Sum64()>>2)), f: f, today: today, holds: map[string]bool{}, known: map[string]bool{}} //nolint:gosec // a seed
	t.sector, t.rd = tradeOf(f.Industry)
	t.registered, _ = workday.Parse(f.RegisteredOn)
	for _, c := range f.Certificates {
		t.holds[c.Type] = t.holds[c.Type] || c.To == "" || c.To >= today.String()
	}
	for _, x := range f.Facts {
		t.known[x.Key] = true
	}
	t.standing()
	if n := len(f.Figures); n > 0 {
		t.last, t.year = f.Figures[n-1], f.Figures[n-1].Year
		if n > 1 {
			t.prev = f.Figures[n-2]
		}
		t.people()
		t.trade()
		t.finance()
		t.results()
		t.works()
	}
	t.place()
	return t.out
}

// tradeOf finds how firms of an industry live, by the nearest one that is described.
func tradeOf(industry string) (sector, float64) {
	for n := len(industry); n > 0; n-- {
		for _, k := range trades {
			if strings.HasPrefix(k.industry, industry[:n]) {
				return k.sector, k.rd
			}
		}
	}
	return service, 0
}

// tell notes a value, unless the firm says it itself.
func (t *teller) tell(key string, year int, value string) {
	if !t.known[key] {
		t.out = append(t.out, demo.FirmFact{Key: key, Year: year, Value: value})
	}
}

// sum tells money of the last year, in 10,000 yuan.
func (t *teller) sum(key string, v float64) { t.sumOf(key, t.year, v) }

func (t *teller) sumOf(key string, year int, v float64) {
	t.tell(key, year, strconv.FormatFloat(math.Round(max(0, v)*10)/10, 'f', -1, 64))
}

func (t *teller) count(key string, year int, v float64) {
	t.tell(key, year, strconv.Itoa(int(math.Round(max(0, v)))))
}

// some tells a sum that only some firms have; the register has none of the others.
func (t *teller) some(key string, told, percent, v float64) {
	if !t.chance(told) {
		return
	}
	if !t.chance(percent) {
		v = 0
	}
	t.sum(key, v)
}

// set tells the members that are there; none is told only where it says something.
func (t *teller) set(key string, members ...string) {
	members = slices.DeleteFunc(members, func(s string) bool { return s == "" })
	if len(members) > 0 {
		t.tell(key, 0, strings.Join(members, ", "))
	}
}

// orNone is a set that the register knows in full, also where nothing is in it.
func (t *teller) orNone(key string, members ...string) {
	members = slices.DeleteFunc(members, func(s string) bool { return s == "" })
	if len(members) == 0 {
		members = []string{"none"}
	}
	t.set(key, members...)
}

// member draws one of a set, "" for not.
func (t *teller) member(percent float64, key string) string {
	if t.chance(percent) {
		return key
	}
	return ""
}

func (t *teller) makes() bool {
	return t.sector == making || t.sector == chemistry || t.sector == food || t.sector == biomedicine && strings.HasPrefix(t.f.Industry, "C")
}

func (t *teller) age() float64 { return float64(t.today.Sub(t.registered)) / 365.25 }

// only is a chance that there is under a condition alone.
func only(yes bool, percent float64) float64 {
	if yes {
		return percent
	}
	return 0
}

// standing is what a firm is.
func (t *teller) standing() {
	if t.chance(94) {
		t.tell("resident", 0, "yes")
	}
	if t.chance(85) {
		t.tell("prohibited", 0, map[bool]string{true: "yes", false: "no"}[t.chance(1)])
	}
	researching := t.rd >= .03
	field := map[sector]string{software: "electronics", making: "manufacturing", chemistry: "materials", biomedicine: "biology", science: "services", food: "biology"}[t.sector]
	switch {
	case strings.HasPrefix(t.f.Industry, "C39"):
		field = "electronics"
	case strings.HasPrefix(t.f.Industry, "C30"), strings.HasPrefix(t.f.Industry, "C32"):
		field = "materials"
	case strings.HasPrefix(t.f.Industry, "C402"), strings.HasPrefix(t.f.Industry, "C359"), strings.HasPrefix(t.f.Industry, "M746"):
		field = "environment"
	case strings.HasPrefix(t.f.Industry, "C38"), strings.HasPrefix(t.f.Industry, "M7514"), strings.HasPrefix(t.f.Industry, "M7515"):
		field = "energy"
	}
	if researching && t.chance(80) {
		t.set("field", field)
		t.tell("strategic", 0, map[bool]string{true: "yes", false: "no"}[t.chance(only(t.sector != science && t.sector != service, 62))])
	}
	if t.chance(60) {
		t.set("chain", map[sector]string{software: "downstream", making: pick(t.dice, []string{"midstream", "midstream", "upstream"}), chemistry: "upstream", biomedicine: "midstream", science: "support", service: "support", dealing: "downstream", food: "downstream"}[t.sector])
	}
	if !t.registered.AddMonths(96).Before(t.today) && t.chance(70) {
		t.orNone("founders", t.member(8, "returnee"), t.member(18, "graduate"), t.member(only(researching, 16), "researcher"), t.member(5, "talent"))
	}
	if t.age() <= 3.5 && t.chance(38) && !t.makes() {
		t.tell("incubated", 0, "yes")
	}
	if t.chance(88) {
		grade := weighted(t.dice, []string{"a", "b", "m", "c", "d"}, func(s string) int { return map[string]int{"a": 18, "b": 60, "m": 12, "c": 8, "d": 2}[s] })
		if t.age() < 1.5 {
			grade = "m"
		}
		t.set("tax_grade", grade)
	}
	if since := t.registered.AddMonths(t.between(0, 18)); t.chance(40) && !since.After(t.today) {
		t.tell("niche_since", 0, since.String())
	}
}

// people who work there.
func (t *teller) people() {
	staff, researchers := has(t.last.Staff), has(t.last.RDStaff)
	if t.chance(86) {
		master := math.Min(researchers, t.around(researchers*.28+.02*staff, .5))
		doctors := math.Floor(t.around(researchers*map[sector]float64{biomedicine: .1, science: .08, software: .02, making: .02, chemistry: .03, food: .02}[t.sector], .7))
		doctors = math.Min(doctors, researchers-master)
		t.count("phd_staff", t.year, doctors)
		t.count("master_staff", t.year, master)
		if t.prev.Staff != nil {
			t.count("phd_staff", t.year-1, doctors-math.Floor(t.Float64()*1.4*only(doctors > 0, 1)))
		}
	}
	grown := math.Max(0, staff-has(t.prev.Staff))
	if t.prev.Staff == nil {
		grown = staff * .2
	}
	if t.chance(90) {
		t.count("graduates_hired", t.year, math.Min(staff, math.Floor(t.around(grown*.4+staff*.03, .6))))
		t.count("disadvantaged_hired", t.year, math.Floor(staff*.01*t.Float64()*4))
	}
	if t.chance(90) {
		fallen := math.Max(0, has(t.prev.Staff)-staff)
		t.count("laid_off", t.year, math.Floor(fallen*t.Float64()*.9+staff*.008*t.Float64()))
	}
	t.some("training_cost", 65, 70, staff*.08*t.around(1, .6))
	trainer := staff > 40 && t.chance(12)
	if t.chance(60) {
		t.count("interns", t.year, only(trainer, 1)*float64(t.between(2, 12)))
	}
	large := researchers >= 40
	stations := []string{
		t.member(only(researchers >= 80, 28), "postdoc_station"), t.member(only(large, 16), "postdoc_base"), t.member(only(large, 4), "academician"),
		t.member(only(t.makes() && staff > 90, 9), "skills_master"), t.member(only(trainer, 100), "training_base"),
	}
	t.set("talent_stations", stations...)
	if slices.Contains(stations, "postdoc_station") || slices.Contains(stations, "postdoc_base") {
		t.count("postdocs", 0, float64(t.between(0, 4)))
	}
	if t.chance(75) {
		n := 0.0
		if t.chance(math.Min(60, researchers*1.6)) {
			n = 1 + math.Floor(researchers/40*t.Float64())
		}
		t.count("high_talents", 0, n)
	}
}

// trade abroad and online.
func (t *teller) trade() {
	revenue, staff := has(t.last.RevenueWan), has(t.last.Staff)
	share := map[sector]float64{making: 34, chemistry: 36, food: 40, biomedicine: 18, dealing: 28, software: 6, science: 2, service: 4}[t.sector]
	abroad := t.chance(share) && revenue > 100
	part := .05 + .4*t.Float64()
	told := t.chance(88)
	switch {
	case !told:
	case abroad:
		now := revenue * part
		t.sum("export_value", now)
		if t.prev.Staff != nil {
			before := now / t.around(1.1, .2)
			if t.chance(12) {
				before = 0
			}
			t.sumOf("export_value", t.year-1, before)
		}
		t.some("export_insurance", 85, 46, now*.0035)
		t.some("exhibition_cost", 80, 58, 1+now*.006*t.around(1, .5))
	default:
		t.sum("export_value", 0)
		if t.prev.Staff != nil {
			t.sumOf("export_value", t.year-1, 0)
		}
		t.some("exhibition_cost", 55, 14, t.around(4, .6))
	}
	if abroad && staff > 80 && t.chance(14) {
		t.tell("overseas_branch", 0, "yes")
	}
	if t.sector == food || t.sector == dealing {
		t.some("online_sales", 80, 42, revenue*.5*t.Float64())
	} else if t.chance(70) {
		t.sum("online_sales", 0)
	}
}

// finance: loans, insurance, equity and the way to a listing.
func (t *teller) finance() {
	revenue, assets, profit := has(t.last.RevenueWan), has(t.last.AssetsWan), has(t.last.ProfitWan)
	science := t.holds["tech_sme"] || t.holds["high_tech_enterprise"]
	debt := 0.0
	if t.chance(48) {
		debt = assets * (.05 + .25*t.Float64())
	}
	if t.chance(82) {
		t.sum("loan_balance", debt)
		t.sum("loan_interest", debt*.041*t.around(1, .15))
	}
	t.some("guarantee_fees", 75, only(debt > 0, 22), debt*.008)
	t.some("ip_pledge_loan", 75, only(debt > 0 && has(t.last.Patents1) > 0, 26), math.Max(50, math.Round(debt*.4/50)*50))
	t.some("insurance_cost", 70, only(science, 20), 1+has(t.last.RDWan)*.012)
	raised := 0.0
	if t.rd >= .08 && t.age() < 9 && t.chance(16) {
		raised = math.Round(t.around(900, .9)/50) * 50
	}
	if t.chance(72) {
		t.sum("equity_raised", raised)
		if raised > 0 {
			t.tell("valuation", 0, strconv.FormatFloat(math.Round(raised*t.around(8, .3)/100)*100, 'f', -1, 64))
		}
	}
	able := revenue >= 3000 && profit >= 500
	stages := []string{}
	if able && t.chance(34) {
		stages = append(stages, "reserve")
		for _, s := range []struct {
			key     string
			percent float64
		}{{"reformed", 46}, {"guided", 52}, {"accepted", 46}} {
			if !t.chance(s.percent) {
				break
			}
			stages = append(stages, s.key)
		}
	}
	stages = append(stages, t.member(only(revenue >= 2000, 3), "neeq"), t.member(only(t.holds["specialized_sme"], 18), "regional"))
	t.set("listing", stages...)
	if revenue >= 30_000 && profit >= 3000 && t.chance(22) {
		t.tell("listed", 0, "yes")
	}
	if t.prev.RevenueWan != nil && revenue >= 2000 && t.makes() {
		if *t.prev.RevenueWan < 2000 { // crossed the line in the year
			t.tell("above_scale_on", 0, workday.NewDate(t.today.Year(), 1, 1).AddDays(t.between(0, max(0, t.today.Sub(workday.NewDate(t.today.Year(), 1, 1))))).String())
		} else if from := t.registered.AddMonths(24); from.Before(workday.NewDate(t.year, 1, 1)) {
			t.tell("above_scale_on", 0, from.AddDays(t.between(0, workday.NewDate(t.year, 1, 1).Sub(from))).String())
		}
	}
}

// results of research.
func (t *teller) results() {
	researchers, spent, revenue := has(t.last.RDStaff), has(t.last.RDWan), has(t.last.RevenueWan)
	researching := t.rd >= .03 && spent > 0
	t.some("rd_services_cost", 75, only(researching, 62), spent*(.01+.05*t.Float64()))
	if t.chance(90) {
		percent := map[sector]float64{science: 46, software: 20, biomedicine: 10, service: 8}[t.sector]
		sold := 0.0
		if t.chance(percent) {
			sold = revenue * (.05 + .4*t.Float64())
		}
		t.sum("contract_sales", sold)
	}
	t.some("contract_purchases", 82, only(researching, 16), t.around(45, .8))
	if p := t.last.Patents1; p != nil {
		own := math.Floor(float64(*p) * (.7 + .3*t.Float64()))
		if t.prev.Patents1 != nil {
			t.count("patents_new", t.year, float64(*p-*t.prev.Patents1))
		}
		if t.chance(80) {
			t.count("patents_1_own", t.year, own)
			t.count("patents_1_high_value", t.year, math.Floor(own*(.15+.4*t.Float64())))
		}
		if t.chance(80) {
			t.count("patents_overseas", 0, only(*p >= 4 && t.chance(22), 1)*float64(t.between(1, 4)))
		}
	}
	if researching && t.chance(70) {
		for _, g := range t.f.Figures {
			results := .6 + has(g.RDStaff)*.11
			if t.holds["high_tech_enterprise"] {
				results += 4.8 // without five a year hardly anybody gets above seventy points
			}
			t.count("conversions", g.Year, t.around(results, .4))
		}
	}
	if researching && t.chance(60) {
		for _, g := range t.f.Figures {
			if g.RDWan != nil {
				t.sumOf("rd_cost_domestic", g.Year, math.Min(*g.RDWan, *g.RDWan*(.97+.05*t.Float64())))
			}
		}
	}
	if t.chance(75) {
		national := only(researchers >= 15 && t.chance(12), 1) * float64(t.between(1, 3))
		industry := only(researchers >= 8 && t.chance(14), 1) * float64(t.between(1, 3))
		t.count("standards_national", 0, national)
		t.count("standards_industry", 0, industry)
		t.count("standards", 0, national+industry)
	}
	t.set("awards", t.member(only(researchers >= 20, 6), "provincial"), t.member(only(researchers >= 60, 3), "national"))
	t.set("projects", t.member(only(researchers >= 12, 12), "city"), t.member(only(researchers >= 20, 12), "provincial"), t.member(only(researchers >= 40, 9), "national"))
	t.set("rd_bodies", t.member(only(researchers >= 12, 20), "city"), t.member(only(researchers >= 25, 22), "provincial"), t.member(only(researchers >= 100, 8), "national"))
	t.set("contests", t.member(only(researching && t.age() < 6, 7), "zone"), t.member(only(researching && t.age() < 6, 3), "provincial"))
	t.set("first_sets", t.member(only(t.sector == making && spent >= 200, 7), "equipment"), t.member(only(t.sector == chemistry && spent >= 150, 12), "material"), t.member(only(t.sector == software && spent >= 150, 6), "software"))
	if t.holds["tech_sme"] || t.holds["high_tech_enterprise"] {
		t.count("innovation_points", 0, math.Min(98, math.Max(22, t.near(58, 14))))
	}
}

// works: equipment, energy, digital change and what a plant has won.
func (t *teller) works() {
	revenue, staff := has(t.last.RevenueWan), has(t.last.Staff)
	if t.makes() {
		t.some("fixed_investment", 80, 72, revenue*.11*t.around(1, .8))
		t.some("equipment_cost", 82, 70, revenue*.055*t.around(1, .8))
		t.some("digital_cost", 75, 55, revenue*.008*t.around(1, .7))
		heavy := map[sector]float64{chemistry: .042, food: .022, making: .016, biomedicine: .014}[t.sector]
		if t.chance(85) {
			t.sum("electricity_cost", revenue*heavy*t.around(1, .4))
		}
		if t.chance(72) {
			t.count("energy_saved", t.year, only(staff > 60 && t.chance(26), 1)*float64(t.between(20, 900)))
		}
		t.set("plants",
			t.member(only(staff > 60, 10), "green_factory"), t.member(only(staff > 50, 14), "digital_workshop"), t.member(only(staff > 120, 12), "smart_factory"),
			t.member(only(staff > 40, 10), "clean_production"), t.member(only(t.sector != making && staff > 30, 12), "water_saving"))
		t.set("titles",
			t.member(only(t.holds["little_giant"], 14), "champion_provincial"), t.member(only(t.sector == food && staff > 30, 34), "farming_leader"), t.member(only(staff > 250, 8), "chain_leader"))
	} else {
		t.some("equipment_cost", 65, 22, staff*.6*t.around(1, .6))
		t.some("digital_cost", 60, 24, staff*.25*t.around(1, .7))
		if t.chance(75) {
			t.sum("electricity_cost", staff*.07*t.around(1, .4))
			t.count("energy_saved", t.year, 0)
		}
		platform := map[string]string{"M7540": pick(t.dice, []string{"incubator", "maker_space"}), "M7530": t.member(34, "tech_transfer"), "M7452": t.member(22, "testing"), "M7320": t.member(16, "pilot_base"), "M7513": t.member(12, "concept_centre"), "I6431": t.member(40, "industrial_internet")}
		t.set("platforms", platform[t.f.Industry])
	}
	t.some("cloud_cost", 74, only(t.sector == software, 50)+only(t.sector == science, 25)+12, staff*.22*t.around(1, .6))
	if t.chance(62) {
		t.orNone("systems",
			t.member(only(staff >= 15, 55), "quality"), t.member(only(has(t.last.Patents1) >= 2, 24), "ip"), t.member(only(t.sector == software && staff >= 30, 16), "data"),
			t.member(only(t.makes() && staff >= 60, 14), "integration"), t.member(only(t.sector == software && staff >= 12, 22), "security"))
	}
}

// place where it works.
func (t *teller) place() {
	staff := math.Max(3, has(t.last.Staff))
	each, price := 14.0, 26.0 // m² for each of the staff, yuan a month for each m²
	if t.makes() {
		each, price = 45, 13
	}
	area := math.Round(t.around(staff*each, .35))
	if t.chance(78) {
		t.count("space_area", 0, area)
	}
	if t.year != 0 && t.chance(78) {
		rent := area * price * 12 / 10_000
		if t.holds["property_certificate"] {
			rent = 0
		}
		t.sum("rent_paid", rent)
	}
}
