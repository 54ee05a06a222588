package tier

import (
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/rule"
)

const day = "2026-11-22"

var today, _ = rule.ParseDay(day)

// firm is a row: "staff(-1)" 100, money in yuan, sets as a list, "none" for nothing there.
type firm map[string]any

func (f firm) row(t testing.TB) []engine.Value {
	t.Helper()
	v := facts.Published()
	out := make([]engine.Value, len(v.Rules.Schema().Attrs))
	for i, a := range v.Rules.Schema().Attrs {
		key, _, _ := strings.Cut(a.Key, "(")
		w, ok := v.Word(key)
		if !ok {
			t.Fatalf("no word %s", key)
		}
		if w.Certificate != "" || w.Def.Absent == "none" || key == "qualifications" {
			out[i] = engine.Of(0)
			if w.Kind == rule.Day {
				out[i] = engine.Value{State: engine.NotApplicable}
			}
		}
		x, told := f[a.Key]
		if !told {
			continue
		}
		switch x := x.(type) {
		case int:
			out[i] = engine.Of(int64(x))
		case bool:
			out[i] = engine.Of(map[bool]int64{true: 1}[x])
		case string:
			n, err := rule.ParseDay(x)
			if err != nil {
				t.Fatal(err)
			}
			out[i] = engine.Of(n)
		case []string:
			bits := int64(0)
			for _, m := range x {
				at := -1
				for k, have := range w.Members {
					if have == m {
						at = k
					}
				}
				if at < 0 {
					t.Fatalf("no %s in %s", m, key)
				}
				bits |= 1 << at
			}
			out[i] = engine.Of(bits)
		}
	}
	for key := range f {
		found := false
		for _, a := range v.Rules.Schema().Attrs {
			found = found || a.Key == key
		}
		if !found {
			t.Fatalf("no column %s", key)
		}
	}
	return out
}

func (f firm) with(kv ...any) firm {
	out := firm{}
	for k, v := range f {
		out[k] = v
	}
	for i := 0; i < len(kv); i += 2 {
		if kv[i+1] == nil {
			delete(out, kv[i].(string)) //nolint:forcetypeassert // a test
			continue
		}
		out[kv[i].(string)] = kv[i+1] //nolint:forcetypeassert // a test
	}
	return out
}

// stands answers for a firm, by the reasons and by the engine, which have to agree.
func stands(t testing.TB, key string, f firm) *Status {
	t.Helper()
	r := Published().Rung(key)
	if r == nil {
		t.Fatalf("no rung %s", key)
	}
	row := f.row(t)
	s, err := r.Status(row, today)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := r.Expr(today)
	if !ok {
		t.Fatalf("%s only row by row", key)
	}
	if got := e.Eval(row); got != s.Answer {
		t.Errorf("%s: the engine says %v, the reasons %v", key, got, s.Answer)
	}
	return s
}

const (
	no, open, yes = engine.No, engine.Unknown, engine.Yes
	wan           = 10_000
)

var sme = firm{
	"resident": true, "prohibited": false, "staff(-1)": 100, "rd_staff(-1)": 24, "revenue(-1)": 1000 * wan, "rd_cost(-1)": 49 * wan, "costs(-1)": 900 * wan, "assets(-1)": 800 * wan,
	"patents_1(-1)": 0, "patents_2(-1)": 3, "standards": 0, "awards": []string{}, "rd_bodies": []string{},
}

func TestTechSME(t *testing.T) {
	t.Parallel()
	s := stands(t, "tech_sme", sme)
	if s.Answer != yes || s.Points != (rule.Span{Low: 60, High: 60}) || s.Groups[0].Low != 12 || s.Groups[1].Low != 30 || s.Groups[2].Low != 18 {
		t.Errorf("12 + 30 + 18: %v of %v", s.Answer, s.Points)
	}
	// Nine technical staff give nothing, and that fails whatever the rest is.
	s = stands(t, "tech_sme", sme.with("rd_staff(-1)", 9, "rd_cost(-1)", 60*wan, "patents_1(-1)", 1))
	if s.Answer != no || s.Points.Low != 80 || s.Groups[0].High != 0 {
		t.Errorf("80 points without technical staff: %v of %v", s.Answer, s.Points)
	}
	for name, c := range map[string]struct {
		f    firm
		want engine.Tri
	}{
		"six points fewer":                {sme.with("patents_2(-1)", 2), no},
		"R&D of 3.99 % of sales":          {sme.with("rd_cost(-1)", 399_999), no},
		"R&D of 4 % exactly":              {sme.with("rd_cost(-1)", 400_000), yes},
		"R&D by costs is better":          {sme.with("rd_cost(-1)", 200_000, "costs(-1)", 100*wan, "revenue(-1)", 2000*wan), yes},
		"R&D is missing":                  {sme.with("rd_cost(-1)", nil), open},
		"R&D is missing, rest too little": {sme.with("rd_cost(-1)", nil, "patents_2(-1)", 0, "rd_staff(-1)", 5), no},
		"500 staff":                       {sme.with("staff(-1)", 500, "rd_staff(-1)", 100), yes},
		"501 staff":                       {sme.with("staff(-1)", 501, "rd_staff(-1)", 200), no},
		"sales of 200 million":            {sme.with("revenue(-1)", 20_000*wan, "rd_cost(-1)", 980*wan), yes},
		"sales above":                     {sme.with("revenue(-1)", 20_000*wan+1, "rd_cost(-1)", 1980*wan), no},
		"assets above":                    {sme.with("assets(-1)", 20_000*wan+1), no},
		"high-tech spares the points":     {sme.with("rd_cost(-1)", 0, "qualifications", []string{"high_tech_enterprise"}), yes},
		"led a standard":                  {sme.with("rd_cost(-1)", 0, "standards", 1), yes},
		"abnormal":                        {sme.with("abnormal", true), no},
		"an event a year ago":             {sme.with("incident_on", "2025-11-30"), no},
		"an event three years ago":        {sme.with("incident_on", "2023-11-30"), yes},
		"whether resident is not told":    {sme.with("resident", nil), open},
	} {
		if s := stands(t, "tech_sme", c.f); s.Answer != c.want {
			t.Errorf("%s: %v of %v, want %v", name, s.Answer, s.Points, c.want)
		}
	}
}

var highTech = firm{
	"registered_on": "2018-05-01", "patents_1(-1)": 1, "patents_2(-1)": 6, "field": []string{"electronics"}, "staff(-1)": 100, "rd_staff(-1)": 10, "high_tech_revenue(-1)": 2400 * wan,
	"revenue(-1)": 4000 * wan, "revenue(-2)": 3000 * wan, "revenue(-3)": 2000 * wan, "rd_cost(-1)": 200 * wan, "rd_cost(-2)": 150 * wan, "rd_cost(-3)": 100 * wan, "rd_cost_domestic(-1)": 120 * wan,
	"net_assets(-1)": 2000 * wan, "net_assets(-2)": 1500 * wan, "net_assets(-3)": 1000 * wan, "conversions(-1)": 5, "conversions(-2)": 5, "conversions(-3)": 5, "standards": 0,
}

func TestHighTech(t *testing.T) {
	t.Parallel()
	// Rights 7 to 8 and what experts say (22), results 25 to 30, management 20, growth 9 to 10 twice.
	s := stands(t, "high_tech", highTech)
	if s.Answer != open || s.Points != (rule.Span{Low: 50, High: 100}) {
		t.Errorf("%v of %v", s.Answer, s.Points)
	}
	// Without results 70 is the most, and 70 itself fails.
	s = stands(t, "high_tech", highTech.with("conversions(-1)", 0, "conversions(-2)", 0, "conversions(-3)", 0))
	if s.Answer != no || s.Points.High != 70 {
		t.Errorf("70 itself: %v of %v", s.Answer, s.Points)
	}
	if s = stands(t, "high_tech", highTech.with("conversions(-1)", 1, "conversions(-2)", 1, "conversions(-3)", 1)); s.Answer != open || s.Points.High != 76 {
		t.Errorf("76: %v of %v", s.Answer, s.Points)
	}
	// Rights count thirty at most, standards or not.
	if s = stands(t, "high_tech", highTech.with("standards", 1)); s.Groups[0].High != 30 || s.Groups[0].Low != 7 {
		t.Errorf("rights %v", s.Groups[0].Span)
	}
	gate := func(f firm, n int) engine.Tri { return stands(t, "high_tech", f).Gates[n].Answer }
	const age, ip, staff, research, domestic, income = 0, 1, 3, 4, 5, 6
	over := func(revenue, share int) firm { // three years of sales, the last one so large, and R&D in hundredths of a percent
		return highTech.with("revenue(-1)", revenue, "revenue(-2)", revenue, "revenue(-3)", revenue, "rd_cost(-1)", revenue/10_000*share, "rd_cost(-2)", revenue/10_000*share, "rd_cost(-3)", revenue/10_000*share)
	}
	for name, c := range map[string]struct {
		f    firm
		gate int
		want engine.Tri
	}{
		"a year old today":                  {highTech.with("registered_on", "2025-11-22"), age, yes},
		"a day short of a year":             {highTech.with("registered_on", "2025-11-23"), age, no},
		"no rights":                         {highTech.with("patents_1(-1)", 0, "patents_2(-1)", 0), ip, no},
		"technical staff of 10 %":           {highTech, staff, yes},
		"technical staff below":             {highTech.with("staff(-1)", 101), staff, no},
		"50 million with 5 %":               {over(5000*wan, 500), research, yes},
		"50 million with 4.99 %":            {over(5000*wan, 499), research, no},
		"above 50 million with 4 %":         {over(5000*wan+10_000, 400), research, yes},
		"above 50 million with 3.99 %":      {over(5000*wan+10_000, 399), research, no},
		"200 million with 4 %":              {over(20_000*wan, 400), research, yes},
		"200 million with 3 %":              {over(20_000*wan, 300), research, no},
		"above 200 million with 3 %":        {over(20_000*wan+10_000, 300), research, yes},
		"above 200 million with 2.99 %":     {over(20_000*wan+10_000, 299), research, no},
		"a year is missing":                 {highTech.with("rd_cost(-3)", nil), research, open},
		"younger than that, over two years": {highTech.with("registered_on", "2024-03-01", "rd_cost(-3)", nil, "revenue(-3)", nil), research, yes},
		"domestic of 60 %":                  {highTech, domestic, yes},
		"domestic below":                    {highTech.with("rd_cost_domestic(-1)", 119*wan), domestic, no},
		"income of 60 %":                    {highTech, income, yes},
		"income below":                      {highTech.with("high_tech_revenue(-1)", 2399*wan), income, no},
	} {
		if got := gate(c.f, c.gate); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	// Net assets below nought do not grow, however the ratio looks.
	s = stands(t, "high_tech", highTech.with("net_assets(-1)", -2000*wan, "net_assets(-3)", -1000*wan))
	if s.Groups[3].Kids[0].High != 0 {
		t.Errorf("growth of debts: %v", s.Groups[3].Kids[0].Span)
	}
}

var innovative = firm{
	"staff(-1)": 200, "revenue(-1)": 5000 * wan, "patents_1_high_value(-1)": 0, "patents_1_own(-1)": 0, "patents_1(-1)": 1, "patents_2(-1)": 2, "rd_cost(-1)": 150 * wan,
	"main_revenue(-1)": 3500 * wan, "main_revenue(-2)": 3180 * wan, "assets(-1)": 1000 * wan, "net_assets(-1)": 450 * wan, "strategic": false,
	"awards": []string{}, "rd_bodies": []string{}, "equity_raised(-1)": 0, "equity_raised(-2)": 0, "equity_raised(-3)": 0,
}

func TestInnovativeAndSpecialised(t *testing.T) {
	t.Parallel()
	// 10 + 15, 15 + 10, 5 + 20.
	s := stands(t, "innovative_sme", innovative)
	if s.Answer != yes || s.Points != (rule.Span{Low: 75, High: 75}) || s.Groups[0].Low != 25 || s.Groups[1].Low != 25 || s.Groups[2].Low != 25 {
		t.Errorf("%v of %v", s.Answer, s.Points)
	}
	for name, c := range map[string]struct {
		f    firm
		want engine.Tri
	}{
		"innovation below 20 fails at any sum": {innovative.with("rd_cost(-1)", 50*wan, "strategic", true, "main_revenue(-2)", 2000*wan), no}, // 10 + 5 of 20
		"growth of 15 is enough":               {innovative.with("main_revenue(-2)", 3300*wan, "net_assets(-1)", 300*wan, "strategic", true), yes},
		"growth of 10 is not":                  {innovative.with("main_revenue(-2)", 3490*wan, "net_assets(-1)", 250*wan, "strategic", true), no},
		"a debt of 75 % has five points":       {innovative.with("net_assets(-1)", 250*wan), yes},
		"new equity spares the points":         {innovative.with("patents_1(-1)", 0, "equity_raised(-3)", 500*wan), yes},
		"new equity below does not":            {innovative.with("patents_1(-1)", 0, "rd_cost(-1)", 0, "equity_raised(-3)", 500*wan-1), no},
		"own rights are not told, are enough":  {innovative.with("patents_1_own(-1)", nil), yes},
	} {
		if s := stands(t, "innovative_sme", c.f); s.Answer != c.want {
			t.Errorf("%s: %v of %v, want %v", name, s.Answer, s.Points, c.want)
		}
	}
	special := innovative.with("niche_since", "2016-01-01", "main_revenue(-1)", 4500*wan, "main_revenue(-3)", 3000*wan, "profit(-1)", 500*wan, "rd_staff(-1)", 40, "patents_1_own(-1)", 2, "rd_cost(-1)", 500*wan,
		"net_assets(-1)", 500*wan, "equity_raised(-1)", 0, "rd_cost(-2)", 100*wan)
	// 5 + 10 + 5, 10 + 5, 8 + 10 + 5: 58 certain, and 30 that the province and experts give.
	if s := stands(t, "specialized", special); s.Answer != open || s.Points != (rule.Span{Low: 58, High: 88}) {
		t.Errorf("%v of %v", s.Answer, s.Points)
	}
	if s := stands(t, "specialized", special.with("rd_bodies", []string{"city"})); s.Answer != yes {
		t.Errorf("with four points more: %v of %v", s.Answer, s.Points)
	}
	if s := stands(t, "specialized", special.with("rd_cost(-1)", 100*wan-1)); s.Answer != no || s.Gates[1].Short == nil {
		t.Errorf("R&D below a million: %v", s.Answer)
	}
	giant := special.with("qualifications", []string{"specialized_sme"}, "revenue(-1)", 10_000*wan, "main_revenue(-1)", 7000*wan, "main_revenue(-3)", 6000*wan, "rd_cost(-1)", 300*wan, "net_assets(-1)", 300*wan)
	for name, c := range map[string]struct {
		f    firm
		want engine.Tri
	}{
		"on every line":                {giant, yes},
		"debt above 70 %":              {giant.with("net_assets(-1)", 300*wan-1), no},
		"main revenue below 70 %":      {giant.with("main_revenue(-1)", 6999*wan), no},
		"below 100 million 6 % it is":  {giant.with("revenue(-1)", 9999*wan, "rd_cost(-1)", 599*wan), no},
		"and with 6 %":                 {giant.with("revenue(-1)", 9999*wan, "rd_cost(-1)", 600*wan), yes},
		"growth of 5 % a year, hardly": {giant.with("main_revenue(-3)", 6350*wan), no},
		"no specialised SME":           {giant.with("qualifications", []string{}), no},
		"below 50 million equity":      {giant.with("revenue(-1)", 4999*wan, "main_revenue(-1)", 4500*wan, "main_revenue(-3)", 3000*wan, "rd_cost(-1)", 3000*wan, "rd_staff(-1)", 50, "equity_raised(-1)", 8000*wan), yes},
	} {
		if s := stands(t, "little_giant", c.f); s.Answer != c.want {
			t.Errorf("%s: %v, want %v", name, s.Answer, c.want)
		}
	}
}

func TestGazelles(t *testing.T) {
	t.Parallel()
	f := firm{"registered_on": "2015-01-01", "patents_1(-1)": 1, "revenue(-1)": 1440 * wan, "revenue(-2)": 1200 * wan, "revenue(-3)": 1000 * wan, "revenue(-4)": 833 * wan, "profit(-1)": 10, "profit(-3)": 10}
	for name, c := range map[string]struct {
		rung string
		f    firm
		want engine.Tri
	}{
		"20 % a year of revenue":       {"gazelle", f, yes},
		"hardly":                       {"gazelle", f.with("revenue(-1)", 1440*wan-1), no},
		"by profit":                    {"gazelle", f.with("revenue(-1)", 1300*wan, "profit(-1)", 144, "profit(-3)", 100), yes},
		"from a loss is no growth":     {"gazelle", f.with("revenue(-1)", 1300*wan, "profit(-1)", 144, "profit(-3)", -100), no},
		"below 10 million":             {"gazelle", f.with("revenue(-1)", 999*wan, "revenue(-3)", 100*wan), no},
		"15 % from 100 million":        {"gazelle", f.with("revenue(-1)", 13_225*wan, "revenue(-3)", 10_000*wan), yes},
		"10 % from 500 million":        {"gazelle", f.with("revenue(-1)", 60_500*wan, "revenue(-3)", 50_000*wan), yes},
		"700 million in seven years":   {"gazelle", f.with("registered_on", "2020-01-01", "revenue(-1)", 70_000*wan, "revenue(-3)", 69_000*wan), yes},
		"600 million in seven years":   {"gazelle", f.with("registered_on", "2020-01-01", "revenue(-1)", 60_000*wan, "revenue(-3)", 59_000*wan), no},
		"without innovation":           {"gazelle", f.with("patents_1(-1)", 0), no},
		"a year is missing":            {"gazelle", f.with("revenue(-3)", nil), open},
		"Huangpu: base too small":      {"huangpu_gazelle", f, no},
		"Huangpu: base and 20 %":       {"huangpu_gazelle", f.with("revenue(-4)", 1000*wan, "revenue(-1)", 1728*wan), yes},
		"Huangpu: last year fell":      {"huangpu_gazelle", f.with("revenue(-4)", 1000*wan, "revenue(-1)", 1728*wan, "revenue(-2)", 1728*wan), no},
		"Huangpu: 1 billion in ten":    {"huangpu_gazelle", f.with("registered_on", "2017-01-01", "revenue(-1)", 100_000*wan), yes},
		"Huangpu: in training by base": {"huangpu_training", f.with("revenue(-4)", 500*wan, "revenue(-1)", 864*wan, "listed", true), yes},
		"Huangpu: in training by half": {"huangpu_training", f.with("revenue(-2)", 500*wan, "revenue(-1)", 750*wan), yes},
		"unicorn":                      {"unicorn", firm{"registered_on": "2017-01-01", "listed": false, "valuation": 710_000 * wan}, yes},
		"unicorn of unknown worth":     {"unicorn", firm{"registered_on": "2017-01-01", "listed": false}, open},
	} {
		if s := stands(t, c.rung, c.f); s.Answer != c.want {
			t.Errorf("%s: %v, want %v", name, s.Answer, c.want)
		}
	}
}

// Every rung can be asked of all firms at once, has both languages, and no key stands twice at a time.
func TestTables(t *testing.T) {
	t.Parallel()
	list, err := Published().Exprs(day)
	if err != nil || len(list) < 11 {
		t.Fatalf("%d rungs, %v", len(list), err)
	}
	seen := map[string]bool{}
	for _, c := range list {
		if seen[c.Key] {
			t.Errorf("%s stands twice", c.Key)
		}
		seen[c.Key] = true
		texts := []struct{ zh, en string }{{c.Rung.Name.ZH, c.Rung.Name.EN}, {c.Rung.Source.Text.ZH, c.Rung.Source.Text.EN}, {c.Rung.Ladder.Name.ZH, c.Rung.Ladder.Name.EN}}
		for _, g := range append(c.Rung.Gates[:len(c.Rung.Gates):len(c.Rung.Gates)], c.Rung.Direct...) {
			texts = append(texts, struct{ zh, en string }{g.Name.ZH, g.Name.EN})
		}
		if c.Rung.Score != nil {
			for _, g := range c.Rung.Score.Groups {
				for _, k := range g.Criteria {
					texts = append(texts, struct{ zh, en string }{k.Name.ZH, k.Name.EN})
				}
			}
		}
		for _, x := range texts {
			if x.zh == "" || x.en == "" {
				t.Errorf("%s: a text is missing in a language: %v", c.Key, x)
			}
		}
	}
	for name, text := range map[string]string{
		"no source":     "key: x\nname: {zh: x, en: x}\nrungs:\n  - {key: a, name: {zh: x, en: x}, from: 2026-01-01, gates: [{name: {zh: x, en: x}, rule: resident}]}\n",
		"unknown word":  "key: x\nname: {zh: x, en: x}\nrungs:\n  - {key: a, name: {zh: x, en: x}, from: 2026-01-01, source: {text: {zh: x, en: x}}, gates: [{name: {zh: x, en: x}, rule: residents}]}\n",
		"unknown field": "key: x\nname: {zh: x, en: x}\nrungs:\n  - {key: a, gate: []}\n",
	} {
		if _, err := read(facts.Vocabulary(), text); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
