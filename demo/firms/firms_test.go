package firms

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/workday"
)

var day = workday.MustParse("2026-11-22")

func zone(t testing.TB) demo.Zone {
	t.Helper()
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestSameSeedSameFirms: one seed and day give the same bytes, a smaller zone
// is the beginning of a greater one, another seed gives others.
func TestSameSeedSameFirms(t *testing.T) {
	t.Parallel()
	z := zone(t)
	made := func(n int, seed uint64) ([]byte, []byte) {
		f, p := Generate(z, n, day, seed)
		fb, err := yaml.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		pb, err := yaml.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		return fb, pb
	}
	few, fewPeople := made(200, Seed)
	again, againPeople := made(200, Seed)
	if !bytes.Equal(few, again) || !bytes.Equal(fewPeople, againPeople) {
		t.Error("the same seed gave other firms")
	}
	more, morePeople := made(260, Seed)
	if !bytes.HasPrefix(more, few) || !bytes.HasPrefix(morePeople, fewPeople) {
		t.Error("a greater number does not begin with the smaller one")
	}
	if other, _ := made(200, Seed+1); bytes.Equal(few, other) {
		t.Error("another seed gave the same firms")
	}
	if f, p := Generate(z, len(z.Firms), day, Seed); len(f)+len(p) != 0 {
		t.Error("the zone was full")
	}
}

var login = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`) // as accounts take it

// TestEveryFirm checks each firm and its person by all the rules there are, on
// several days: the demonstration may be started on any.
func TestEveryFirm(t *testing.T) {
	t.Parallel()
	z := zone(t)
	for _, today := range []string{"2026-11-22", "2026-01-01", "2026-03-02", "2028-02-29"} {
		checkAll(t, z, workday.MustParse(today))
	}
}

func checkAll(t *testing.T, z demo.Zone, today workday.Date) {
	t.Helper()
	list, people := Generate(z, All, today, Seed)
	if len(list)+len(z.Firms) != All || len(list) != len(people) {
		t.Fatalf("%d firms and %d people", len(list), len(people))
	}
	seen := map[string]string{}
	once := func(kind, v, who string) {
		if v == "" || seen[kind+v] != "" {
			t.Errorf("%s: %s %q is empty or that of %s", who, kind, v, seen[kind+v])
		}
		seen[kind+v] = who
	}
	types, regions, departments := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, c := range z.CertificateTypes {
		types[c.Key] = c.Holder
	}
	for _, r := range z.Regions {
		regions[r.Code] = true
	}
	for _, d := range z.Departments {
		departments[d.Name.ZH] = true
	}
	for _, s := range z.Staff {
		once("login", s.Login, s.Login)
	}
	for i, p := range append(slices.Clone(z.People), people...) {
		once("login", p.Login, p.Login)
		once("identity number", p.IDNumber, p.Login)
		once("phone", p.Phone, p.Login)
		once("mail", p.Email, p.Login)
		if i < len(z.People) {
			continue
		}
		once("name", p.Name.ZH, p.Login)
		id := idcode.CheckResidentID(p.IDNumber)
		if id.Verdict != idcode.Valid || p.IDNumber[14:17] < "900" || today.Year()-id.BornOn.Year() < 18 || today.Year()-id.BornOn.Year() > 80 {
			t.Errorf("%s: identity number %s: %+v", p.Login, p.IDNumber, id.Result)
		}
		if idcode.CheckPhone(p.Phone).Verdict != idcode.Valid || !strings.HasPrefix(p.Phone, "1390001") {
			t.Errorf("%s: phone %s", p.Login, p.Phone)
		}
		if !login.MatchString(p.Login) || p.Name.EN == "" || slices.Contains(famous, p.Name.ZH) {
			t.Errorf("%s: login or name %+v", p.Login, p.Name)
		}
	}
	for _, f := range z.Firms {
		once("credit code", f.USCC, f.USCC)
		once("firm", f.Name.ZH, f.USCC)
		for _, c := range f.Certificates {
			once("certificate "+c.Type, c.Number, f.USCC)
		}
	}
	for i, f := range list {
		at := f.Name.ZH
		once("credit code", f.USCC, at)
		once("firm", at, at)
		if got := idcode.CheckUSCC(f.USCC); got.Verdict != idcode.Valid || idcode.CheckOrgCode(f.USCC[8:17]).Verdict != idcode.Valid || f.USCC[2:8] != f.Region {
			t.Errorf("%s: credit code %s: %+v", at, f.USCC, got)
		}
		if !regions[f.Region] || f.Name.EN == "" || f.Address == "" || f.CapitalWan <= 0 || f.Email == "" {
			t.Errorf("%s: %+v", at, f)
		}
		for _, k := range known {
			if strings.Contains(at, k) {
				t.Errorf("%s bears the name %s", at, k)
			}
		}
		if p := people[i]; len(f.Agents) != 1 || f.Agents[0] != p.Login || f.LegalRepresentative != p.Name.ZH {
			t.Errorf("%s: responsible is %v, the legal representative %s", at, f.Agents, f.LegalRepresentative)
		}
		registered, err := workday.Parse(f.RegisteredOn)
		if err != nil || registered.After(today) {
			t.Errorf("%s: registered on %s, %v", at, f.RegisteredOn, err)
		}
		checkFigures(t, f, registered, today)
		for _, c := range f.Certificates {
			once("certificate "+c.Type, c.Number, at)
			if types[c.Type] != "enterprise" {
				t.Errorf("%s: no certificate type %q of firms", at, c.Type)
			}
			checkDates(t, at+": "+c.Type+" "+c.Number, c.From, c.To, registered, today)
		}
		for _, c := range f.Credit {
			if !slices.Contains([]string{"honour", "broken", "penalty", "severe_penalty", "arrears"}, c.Kind) || c.Reason == "" || !departments[c.Source] {
				t.Errorf("%s: credit %+v", at, c)
			}
			checkDates(t, at+": credit", c.From, c.To, registered, today)
		}
	}
}

func checkFigures(t *testing.T, f demo.Firm, registered, today workday.Date) {
	t.Helper()
	if want := min(yearsTold, today.Year()-registered.Year()); len(f.Figures) != want {
		t.Errorf("%s: figures of %d years, want %d", f.Name.ZH, len(f.Figures), want)
	}
	for i, g := range f.Figures {
		if g.Year != today.Year()-len(f.Figures)+i {
			t.Errorf("%s: the %d. year is %d", f.Name.ZH, i+1, g.Year)
		}
		for _, bad := range g.Contradictions() {
			t.Errorf("%s: %d: %s", f.Name.ZH, g.Year, bad)
		}
		if i == 0 {
			continue
		}
		before := f.Figures[i-1]
		if has(g.Patents1) < has(before.Patents1) && g.Patents1 != nil || has(g.Patents2) < has(before.Patents2) && g.Patents2 != nil {
			t.Errorf("%s: %d: patents in force became fewer", f.Name.ZH, g.Year)
		}
		// Net assets follow from those of the year before and the result; what is above it the owners paid in.
		if g.NetAssetsWan != nil && before.NetAssetsWan != nil && g.ProfitWan != nil && *g.NetAssetsWan < *before.NetAssetsWan+min(0, *g.ProfitWan)-1 && *g.NetAssetsWan < *g.AssetsWan {
			t.Errorf("%s: %d: net assets fell from %v to %v with a profit of %v", f.Name.ZH, g.Year, *before.NetAssetsWan, *g.NetAssetsWan, *g.ProfitWan)
		}
	}
}

func checkDates(t *testing.T, what, from, to string, registered, today workday.Date) {
	t.Helper()
	a, err := workday.Parse(from)
	if err != nil || a.Before(registered) || a.After(today) {
		t.Errorf("%s: from %s, %v", what, from, err)
	}
	if to == "" {
		return
	}
	if b, err := workday.Parse(to); err != nil || !b.After(a) {
		t.Errorf("%s: from %s to %s, %v", what, from, to, err)
	}
}

// TestQualifications: what a firm holds agrees with what its figures say, and
// the zone has of each kind some that fit and hold it, some that fit and do not,
// some on the line, some near the end and some past it.
func TestQualifications(t *testing.T) {
	t.Parallel()
	list, _ := Generate(zone(t), All, day, Seed)
	soon, lastYear := day.AddDays(90).String(), workday.NewDate(day.Year()-1, 1, 1).String()
	n := map[string]int{}
	for _, f := range list {
		fit := Judge(f, day)
		held := map[string]demo.FirmCertificate{}
		for _, c := range f.Certificates {
			held[c.Type] = c
			if c.To != "" && c.To < day.String() {
				n[c.Type+" past"]++
			} else if c.To != "" && c.To <= soon {
				n[c.Type+" ending"]++
			}
		}
		for kind, fits := range map[string]bool{
			"tech_sme": fit.TechSME, "high_tech_enterprise": fit.HighTech, "innovative_sme": fit.InnovativeSME,
			"specialized_sme": fit.Specialised, "little_giant": fit.LittleGiant, "gazelle": fit.Gazelle,
		} {
			c, has := held[kind]
			switch {
			case has && fits:
				n[kind]++
			case fits:
				n[kind+" not asked for"]++
			case has && kind == "high_tech_enterprise":
				n[kind+" of better days"]++
				if c.From >= lastYear {
					t.Errorf("%s got %s on %s and never fitted", f.Name.ZH, kind, c.From)
				}
			case has:
				t.Errorf("%s holds %s and does not fit", f.Name.ZH, kind)
			}
		}
		if fit.TechSMEScore >= 54 && fit.TechSMEScore <= 66 {
			n["tech_sme on the line"]++
		}
		if fit.HighTechMargin > .9 && fit.HighTechMargin < 1.1 {
			n["high_tech_enterprise on the line"]++
		}
	}
	for kind, least := range map[string]int{
		"tech_sme": 300, "high_tech_enterprise": 200, "innovative_sme": 200, "specialized_sme": 50, "little_giant": 3, "gazelle": 10,
		"tech_sme not asked for": 50, "high_tech_enterprise not asked for": 50, "innovative_sme not asked for": 50, "gazelle not asked for": 5,
		"high_tech_enterprise of better days": 10, "high_tech_enterprise ending": 50, "high_tech_enterprise past": 10, "lease_filing ending": 10,
		"tech_sme on the line": 30, "high_tech_enterprise on the line": 30,
	} {
		if n[kind] < least {
			t.Errorf("%s: %d, want at least %d", kind, n[kind], least)
		}
	}
}

// TestLongTail: most firms are small, some are large, some lose money, some do
// not state everything, and commissioners share them evenly.
func TestLongTail(t *testing.T) {
	t.Parallel()
	z := zone(t)
	list, _ := Generate(z, All, day, Seed)
	var staff []int
	n, load := map[string]int{}, map[string]int{}
	for _, f := range slices.Concat(z.Firms, list) {
		load[f.Commissioner]++
	}
	for _, f := range list {
		n[f.Region]++
		for _, c := range f.Credit {
			kind := "bad"
			if c.Kind == "honour" {
				kind = "good"
			}
			n["credit "+kind]++
		}
		if len(f.Figures) == 0 {
			n["of this year"]++
			continue
		}
		g := f.Figures[len(f.Figures)-1]
		if g.Staff != nil {
			staff = append(staff, *g.Staff)
		}
		if g.ProfitWan != nil && *g.ProfitWan < 0 {
			n["loss"]++
		}
		if g.RevenueWan == nil || g.HighTechWan == nil || g.AssetsWan == nil || g.Patents1 == nil || g.RDWan == nil {
			n["missing"]++
		}
		if g.RevenueWan != nil && *g.RevenueWan == 0 {
			n["sells nothing yet"]++
		}
	}
	slices.Sort(staff)
	if half, most := staff[len(staff)/2], staff[len(staff)-1]; half < 8 || half > 40 || most < 400 {
		t.Errorf("half of the firms have up to %d people, the largest %d", half, most)
	}
	for what, c := range map[string][2]int{
		"loss": {150, 500}, "missing": {150, 500}, "of this year": {40, 200}, "sells nothing yet": {3, 100}, "credit bad": {20, 120}, "credit good": {40, 200},
		"371671": {1000, 1400}, "371602": {60, 250}, "371622": {30, 160}, "371623": {30, 160},
	} {
		if n[what] < c[0] || n[what] > c[1] {
			t.Errorf("%s: %d, want %v", what, n[what], c)
		}
	}
	least, most := All, 0
	for who, k := range load {
		if who != "" {
			least, most = min(least, k), max(most, k)
		}
	}
	if most-least > 1 {
		t.Errorf("commissioners have from %d to %d firms", least, most)
	}
}

// TestTrades: every class is one of the standard. The table of the standard lies
// beside the repository; without it only the form is looked at.
func TestTrades(t *testing.T) {
	t.Parallel()
	form, standard := regexp.MustCompile(`^[A-T]\d{4}$`), industries(t)
	for _, k := range trades {
		if !form.MatchString(k.industry) || standard != nil && !standard[k.industry] {
			t.Errorf("no industry %s", k.industry)
		}
		if len(k.words) == 0 || k.weight <= 0 || k.perHead <= 0 || k.rd < 0 || k.rdStaff > 1 {
			t.Errorf("%s: %+v", k.industry, k)
		}
		for _, word := range k.words {
			if word.ZH == "" || word.EN == "" {
				t.Errorf("%s: %+v", k.industry, word)
			}
		}
	}
}

func industries(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "industry", "gbt4754-2017.csv"))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, r := range rows[1:] {
		out[r[0]] = true
	}
	return out
}

// TestJudge holds the tables against examples worked out by hand.
func TestJudge(t *testing.T) {
	t.Parallel()
	n := func(v int) *int { return &v }
	f := func(v float64) *float64 { return &v }
	// 24 of 100 in R&D: 12; 4.9 % of the sales: 30; three of class II: 18.
	base := demo.Figure{
		Year: 2025, Staff: n(100), RDStaff: n(24), RevenueWan: f(10_000), CostsWan: f(9000), RDWan: f(490), AssetsWan: f(8000), NetAssetsWan: f(4000),
		MainWan: f(9000), HighTechWan: f(7000), Patents1: n(0), Patents2: n(3),
	}
	judge := func(change func(*demo.Figure), before ...demo.Figure) Fit {
		g := base
		change(&g)
		return Judge(demo.Firm{RegisteredOn: "2015-01-01", Figures: append(before, g)}, day)
	}
	same := func(*demo.Figure) {}
	if got := judge(same); got.TechSMEScore != 60 || !got.TechSME {
		t.Errorf("the example of the rule: %+v", got)
	}
	if got := judge(func(g *demo.Figure) { g.RDStaff, g.Patents1, g.RDWan = n(9), n(1), f(700) }); got.TechSMEScore != 80 || got.TechSME {
		t.Errorf("80 points without staff do not do: %+v", got)
	}
	if got := judge(func(g *demo.Figure) { g.Staff = n(501); g.RDStaff = n(200) }); got.TechSME {
		t.Error("501 are too many")
	}
	if got := judge(func(g *demo.Figure) { g.AssetsWan = nil }); got.TechSME {
		t.Error("what is missing does not fit")
	}
	if got := judge(same); !got.HighTech { // 4 % are asked of up to 200 million
		t.Errorf("high-tech: %v", got.HighTechMargin)
	}
	if got := judge(func(g *demo.Figure) { g.RevenueWan, g.HighTechWan, g.MainWan = f(5000), f(3000), f(4900) }); !got.HighTech || got.HighTechMargin != 1 {
		t.Errorf("exactly 60 %% is on the line: %v", got.HighTechMargin)
	}
	if got := judge(func(g *demo.Figure) { g.Patents2 = n(0) }); got.HighTech {
		t.Error("without any right of its own")
	}
	earlier := func(revenue ...float64) (out []demo.Figure) {
		for _, r := range revenue {
			g := base
			g.RevenueWan = f(r)
			out = append(out, g)
		}
		return out
	}
	for first, want := range map[float64]bool{6900: true, 7000: false, 900: false} { // 20 % a year from ten million on
		if got := judge(same, earlier(first, 8000)...); got.Gazelle != want {
			t.Errorf("from %v to 10000 in two years: %v", first, got.Gazelle)
		}
	}
	if got := judge(same, earlier(5000, 10_100)...); got.Gazelle {
		t.Error("the last year fell")
	}
}

func BenchmarkGenerate(b *testing.B) {
	z := zone(b)
	for b.Loop() {
		Generate(z, All, day, Seed)
	}
}
