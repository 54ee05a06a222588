package demo_test

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/demo/firms"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/rule"
)

var (
	policyKey = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	perYear   = regexp.MustCompile(`^--\d\d-\d\d$`)
	chinese   = regexp.MustCompile(`\p{Han}`)
)

// TestPolicies holds the documents and clauses against what they refer to: what
// is wrong here would show on a page or fail in a batch.
func TestPolicies(t *testing.T) {
	t.Parallel()
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	items, funds, departments, regions := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{"": true, "370000": true}
	for _, x := range z.Items {
		items[x.Code] = true
	}
	for _, x := range z.Funds {
		funds[x.Key] = true
		if _, err := money.Parse(x.Total); err != nil {
			t.Errorf("fund %s: %v", x.Key, err)
		}
	}
	for _, x := range z.Departments {
		departments[x.Key] = true
	}
	for _, x := range z.Regions {
		regions[x.Code] = true
	}
	documents, clauses := map[string]bool{}, map[string]bool{}
	for _, d := range z.Policies {
		if documents[d.Key] || !policyKey.MatchString(d.Key) {
			t.Errorf("%s: is no key or stands twice", d.Key)
		}
		documents[d.Key] = true
		for _, c := range d.Clauses {
			if clauses[c.Key] || !policyKey.MatchString(c.Key) || !strings.HasPrefix(c.Key, d.Key+"-") {
				t.Errorf("%s: is no key, stands twice or does not begin with %s", c.Key, d.Key)
			}
			clauses[c.Key] = true
		}
	}
	if len(clauses) < 125 || len(documents) < 28 {
		t.Errorf("only %d clauses in %d documents", len(clauses), len(documents))
	}
	for _, d := range z.Policies {
		words(t, d.Key+": title", d.Title, 120)
		words(t, d.Key+": issuer", d.Issuer, 120)
		words(t, d.Key+": text", d.Text, 4000)
		if d.Number == "" || !departments[d.Department] || !regions[d.Region] || !slices.Contains([]policy.Level{policy.National, policy.Province, policy.City, policy.Zone}, d.Level) {
			t.Errorf("%s: number %q, department %q, region %q, level %q", d.Key, d.Number, d.Department, d.Region, d.Level)
		}
		for _, day := range []string{d.Issued, d.From} {
			isDay(t, d.Key, day)
		}
		if d.Until != "" {
			isDay(t, d.Key, d.Until)
			if d.Until < d.From {
				t.Errorf("%s: ends before it begins", d.Key)
			}
		}
		for _, r := range d.Repeals {
			if !documents[r] || r == d.Key {
				t.Errorf("%s repeals %s, which is not there", d.Key, r)
			}
		}
		for _, c := range d.Clauses {
			clause(t, d, c, items, funds)
			for _, x := range c.Excludes {
				if !clauses[x] || x == c.Key {
					t.Errorf("%s excludes %s, which is not there", c.Key, x)
				}
			}
		}
	}
}

func clause(t *testing.T, d policy.Seed, c policy.Clause, items, funds map[string]bool) {
	t.Helper()
	words(t, c.Key+": title", c.Title, 120)
	words(t, c.Key+": summary", c.Summary, 1000)
	b := c.Benefit
	if !slices.Contains(policy.Kinds, b.Kind) || !slices.Contains([]policy.Per{policy.Once, policy.Year, policy.Each}, b.Per) {
		t.Errorf("%s: benefit %q per %q", c.Key, b.Kind, b.Per)
	}
	for _, s := range []string{b.Yuan, b.Most, b.All} {
		if fen, err := money.Parse(s); s != "" && (err != nil || fen <= 0) {
			t.Errorf("%s: amount %q", c.Key, s)
		}
	}
	if b.Yuan != "" && b.Rate != 0 || (b.Rate == 0) != (b.Of == "") || b.Yuan == "" && b.Rate == 0 && b.Text.ZH == "" {
		t.Errorf("%s: gives nothing or two things: %+v", c.Key, b)
	}
	if b.Of != "" {
		if _, err := facts.Vocabulary().Compile("("+b.Of+") > 0", "none"); err != nil {
			t.Errorf("%s: %s: %v", c.Key, b.Of, err)
		}
	}
	if b.Text.ZH != "" {
		words(t, c.Key+": benefit", b.Text, 1000)
	}
	if b.Fund != "" && !funds[b.Fund] || b.Covers != "" && !slices.Contains(policy.Costs, b.Covers) {
		t.Errorf("%s: fund %q, covers %q", c.Key, b.Fund, b.Covers)
	}
	switch c.Way {
	case policy.Plain:
	case policy.Apply, policy.Prefilled, policy.Automatic:
		if !items[c.Item] {
			t.Errorf("%s: there is no item %q", c.Key, c.Item)
		}
	default:
		t.Errorf("%s: way %q", c.Key, c.Way)
	}
	if c.Publicity > 0 != (c.Way == policy.Automatic) || c.Way == policy.Automatic && !c.Matched() {
		t.Errorf("%s: %s with publicity of %d days", c.Key, c.Way, c.Publicity)
	}
	for _, w := range c.Windows {
		if perYear.MatchString(w.From) && perYear.MatchString(w.Until) {
			isDay(t, c.Key, "2024"+w.From[1:])
			isDay(t, c.Key, "2024"+w.Until[1:])
			continue
		}
		isDay(t, c.Key, w.From)
		isDay(t, c.Key, w.Until)
		if w.Until < w.From || w.Until < d.From || d.Until != "" && w.From > d.Until {
			t.Errorf("%s: window %s to %s", c.Key, w.From, w.Until)
		}
	}
	for _, m := range c.Materials {
		words(t, c.Key+": material", m, 120)
	}
	if len(c.Topics) == 0 {
		t.Errorf("%s: stands under no topic", c.Key)
	}
	for _, x := range c.Topics {
		if !slices.Contains(policy.Topics, x) {
			t.Errorf("%s: no topic %q", c.Key, x)
		}
	}
	if _, known := rule.Zeros[c.Zero]; c.Zero != "" && !known {
		t.Errorf("%s: zero %q", c.Key, c.Zero)
	}
	if _, err := facts.Vocabulary().Compile(c.Rule, c.Zero); c.Matched() && err != nil {
		t.Errorf("%s: %v", c.Key, err)
	}
}

// words are there in both languages, each in its own letters, and no longer than pages bear.
func words(t *testing.T, at string, x i18n.Text, most int) {
	t.Helper()
	if x.ZH == "" || x.EN == "" || len([]rune(x.ZH)) > most || len([]rune(x.EN)) > most || !chinese.MatchString(x.ZH) || chinese.MatchString(x.EN) {
		t.Errorf("%s: %+v", at, x)
	}
}

func isDay(t *testing.T, at, day string) {
	t.Helper()
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		t.Errorf("%s: %v", at, err)
	}
}

// factsOf reads a firm of the demonstration as its file will have it.
func factsOf(t testing.TB, f demo.Firm) *dossier.Firm {
	t.Helper()
	out := &dossier.Firm{ID: f.USCC}
	add := func(key string, year int, typed string) {
		d := dossier.Published().Def(key)
		if d == nil || d.Yearly != (year != 0) {
			t.Fatalf("%s: no fact %s of %d", f.USCC, key, year)
		}
		value, err := d.Parse(typed)
		if err != nil {
			t.Fatalf("%s: %s of %d: %q: %v", f.USCC, key, year, typed, err)
		}
		if value != "" {
			out.Facts = append(out.Facts, dossier.Fact{Firm: f.USCC, Key: key, Year: year, Value: value})
		}
	}
	add("industry", 0, f.Industry)
	out.Facts = append(out.Facts, dossier.Fact{Firm: f.USCC, Key: "region", Value: f.Region}) // of an invented city, that no table has
	add("registered_on", 0, f.RegisteredOn)
	add("capital", 0, strconv.FormatFloat(f.CapitalWan, 'f', -1, 64))
	for _, y := range f.Figures {
		for key, v := range map[string]*float64{
			"revenue": y.RevenueWan, "main_revenue": y.MainWan, "high_tech_revenue": y.HighTechWan, "costs": y.CostsWan, "rd_cost": y.RDWan, "profit": y.ProfitWan,
			"tax": y.TaxWan, "assets": y.AssetsWan, "net_assets": y.NetAssetsWan,
		} {
			if v != nil {
				add(key, y.Year, strconv.FormatFloat(*v, 'f', -1, 64))
			}
		}
		for key, v := range map[string]*int{"staff": y.Staff, "rd_staff": y.RDStaff, "patents_1": y.Patents1, "patents_2": y.Patents2} {
			if v != nil {
				add(key, y.Year, strconv.Itoa(*v))
			}
		}
	}
	for _, x := range f.Facts {
		add(x.Key, x.Year, x.Value)
	}
	var held []dossier.Item
	for _, c := range f.Certificates {
		held = append(held, dossier.Item{Kind: c.Type, Name: c.Type, Number: c.Number, From: c.From, To: c.To})
	}
	list, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	out.Facts = append(out.Facts, dossier.Fact{Firm: f.USCC, Key: "qualifications", Value: string(list)})
	slices.SortFunc(out.Facts, func(a, b dossier.Fact) int { return cmp.Or(cmp.Compare(a.Key, b.Key), a.Year-b.Year) })
	for i := 1; i < len(out.Facts); i++ {
		if out.Facts[i].Slot() == out.Facts[i-1].Slot() {
			t.Errorf("%s: %s of %d is said twice", f.USCC, out.Facts[i].Key, out.Facts[i].Year)
		}
	}
	return out
}

// TestFits holds every clause against every firm: most rules fit some firms, none
// fits all, and most firms have something, something missing and something near.
func TestFits(t *testing.T) {
	t.Parallel()
	const today = "2026-11-22"
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	day := workday.MustParse(today)
	more, _ := firms.Generate(z, firms.All, day, firms.Seed)
	list := slices.Clone(z.Firms)
	for i, f := range list {
		list[i].Facts = append(slices.Clone(f.Facts), firms.Facts(f, day, firms.Seed)...)
	}
	list = append(list, more...)
	f := facts.Published()
	rows := make([][]engine.Value, len(list))
	said := 0
	for i, x := range list {
		said += len(x.Facts)
		rows[i] = f.Row(factsOf(t, x), today)
	}
	t.Logf("%d facts besides the figures, %d a firm", said, said/len(list))
	now, err := rule.ParseDay(today)
	if err != nil {
		t.Fatal(err)
	}
	fitting, own := make([]int, len(list)), [3]int{}
	none, few, many := 0, 0, 0
	for _, d := range z.Policies {
		for _, c := range d.Clauses {
			if !c.Matched() {
				continue
			}
			r, err := f.Rules.Compile(c.Rule, c.Zero)
			if err != nil {
				t.Errorf("%s: %v", c.Key, err)
				continue
			}
			var n [3]int
			for i, row := range rows {
				x, err := r.Eval(row, now)
				if err != nil {
					t.Fatalf("%s: %v", c.Key, err)
				}
				n[x]++
				if x == engine.Yes {
					fitting[i]++
				}
				if i == 0 {
					own[x]++
				}
			}
			yes, unknown := n[engine.Yes], n[engine.Unknown]
			t.Logf("%-20s yes %4d  unknown %4d  %s", c.Key, yes, unknown, c.Title.ZH)
			switch {
			case yes == 0:
				none++
			case yes <= 10:
				few++
			case yes >= 300:
				many++
			}
			if yes > len(list)*9/10 || unknown > len(list)*7/10 {
				t.Errorf("%s: fits %d of %d firms, is unknown of %d", c.Key, yes, len(list), unknown)
			}
		}
	}
	slices.Sort(fitting)
	t.Logf("none fit %d clauses, up to ten %d, 300 and more %d; half of the firms have %d and more, the first firm %v", none, few, many, fitting[len(fitting)/2], own)
	if none < 1 || none > 12 || few < 10 || many < 8 || fitting[len(fitting)/2] < 4 {
		t.Errorf("none fit %d clauses, up to ten %d, 300 and more %d; half of the firms have %d", none, few, many, fitting[len(fitting)/2])
	}
	if own[engine.Yes] < 20 || own[engine.Unknown] < 5 || own[engine.No] < 20 {
		t.Errorf("the firm of the applicant has %v", own)
	}
}
