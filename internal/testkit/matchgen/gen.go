package matchgen

import (
	"math"
	"math/rand/v2"

	"github.com/tongban/tongban/internal/matching/engine"
)

// Attributes, by their place in the schema.
const (
	Industry = iota // leaf of a tree with sections, divisions, groups and classes
	Region
	Form // four lists of kinds
	Stage
	Chain
	Premises
	Registered // day
	Staff
	ResearchStaff
	Masters
	Capital // yuan
	Revenue // of last year, of the year before, and of the one before that
	Revenue2
	Revenue3
	Research
	Research2
	Research3
	Profit
	Tax
	Costs
	HighTech
	MainBusiness
	Assets
	NetAssets
	Patents1
	Patents2
	Score
	CertificateEnd // day; not applicable without a certificate
	Qualifications
	Platforms
	Listed
	Exporter
	Penalised
	Abnormal
	attributes
)

// Numbers of kinds and codes.
const (
	industries, regions = 1414, 360
	qualifications      = 20
	platforms           = 10
	Today               = 20_778 // 2026-11-21 as days since 1970
)

// Schema of the generated facts.
func Schema() engine.Schema {
	s := engine.Schema{Attrs: make([]engine.Attr, attributes)}
	for i, key := range []string{
		"industry", "region", "form", "stage", "chain", "premises", "registered_on", "staff", "research_staff", "masters", "capital",
		"revenue", "revenue_2", "revenue_3", "research", "research_2", "research_3", "profit", "tax", "costs", "high_tech", "main_business", "assets", "net_assets",
		"patents_1", "patents_2", "score", "certificate_end", "qualifications", "platforms", "listed", "exporter", "penalised", "abnormal",
	} {
		s.Attrs[i].Key = key
	}
	for _, i := range []int{Industry, Region, Form, Stage, Chain, Premises} {
		s.Attrs[i].Kind = engine.Code
	}
	for i, n := range map[int]int{Qualifications: qualifications, Platforms: platforms, Listed: 1, Exporter: 1, Penalised: 1, Abnormal: 1} {
		s.Attrs[i].Kind, s.Attrs[i].Members = engine.Set, n
	}
	for _, i := range []int{Industry, Region, Registered, Penalised, Abnormal} {
		s.Attrs[i].Fixed = true
	}
	return s
}

// Firms makes firms, one after the other.
type Firms struct{ r *rand.Rand }

// NewFirms begins with a seed.
func NewFirms(seed uint64) *Firms { return &Firms{r: rand.New(rand.NewPCG(seed, 11))} } //nolint:gosec // repeatable

// gone is how often a fact is missing, in percent.
var gone = [attributes]int{
	Form: 1, Stage: 10, Chain: 15, Premises: 8, Registered: 1, Staff: 5, ResearchStaff: 15, Masters: 25, Capital: 2,
	Revenue: 6, Revenue2: 9, Revenue3: 14, Research: 12, Research2: 16, Research3: 22, Profit: 8, Tax: 6, Costs: 12, HighTech: 20, MainBusiness: 15, Assets: 10, NetAssets: 10,
	Patents1: 6, Patents2: 8, Score: 18, CertificateEnd: 3, Qualifications: 3, Platforms: 5, Listed: 2, Exporter: 10, Penalised: 1, Abnormal: 1,
}

func (f *Firms) spread(sigma float64) float64 { return math.Exp(f.r.NormFloat64() * sigma) }

// Next fills row with a firm.
func (f *Firms) Next(row []engine.Value) {
	r := f.r
	whole := func(x float64) engine.Value { return engine.Of(int64(math.Max(0, math.Min(x, 1e14)))) }
	size := f.spread(1.5) // of 20 people
	people := math.Ceil(20 * size)
	tech := r.Float64() < 0.35 // a firm that does research
	revenue := people * 400_000 * f.spread(0.7)
	growth := f.spread(0.25)
	growth2 := f.spread(0.25)
	share := 0.0
	if tech {
		share = 0.045 * f.spread(0.7)
	} else if r.IntN(4) == 0 {
		share = 0.01 * f.spread(0.8)
	}
	for i := range row {
		row[i] = engine.Of(0)
	}
	row[Industry] = engine.Of(int64(float64(industries) * math.Pow(r.Float64(), 1.7)))
	row[Region] = engine.Of(int64(r.IntN(regions)))
	if r.IntN(100) < 85 {
		row[Region] = engine.Of(int64(120 + r.IntN(24))) // the city itself
	}
	row[Form], row[Stage], row[Chain], row[Premises] = engine.Of(int64(r.IntN(8))), engine.Of(int64(r.IntN(5))), engine.Of(int64(r.IntN(14))), engine.Of(int64(r.IntN(6)))
	row[Registered] = engine.Of(int64(Today - 30 - int(365*12*math.Pow(r.Float64(), 1.3))))
	row[Staff] = whole(people)
	if tech {
		row[ResearchStaff] = whole(people * math.Min(0.9, 0.22*f.spread(0.6)))
	} else {
		row[ResearchStaff] = whole(people * 0.04 * f.spread(0.8))
	}
	row[Masters] = whole(people * 0.06 * f.spread(0.9))
	row[Capital] = whole(100_000 * math.Round(20*size*f.spread(1)))
	row[Revenue], row[Revenue2], row[Revenue3] = whole(revenue), whole(revenue/growth), whole(revenue/growth/growth2)
	row[Research], row[Research2], row[Research3] = whole(revenue*share), whole(revenue/growth*share*f.spread(0.2)), whole(revenue/growth/growth2*share*f.spread(0.3))
	if r.IntN(30) == 0 { // began to trade this year
		row[Revenue2], row[Revenue3], row[Research2], row[Research3] = engine.Of(0), engine.Of(0), engine.Of(0), engine.Of(0)
	}
	margin := 0.06 + 0.08*r.NormFloat64()
	row[Profit] = engine.Of(int64(revenue * margin))
	row[Tax] = whole(revenue * 0.03 * f.spread(0.5))
	row[Costs] = whole(revenue * (1 - margin))
	if tech {
		row[HighTech] = whole(revenue * math.Min(1, 0.65*f.spread(0.3)))
	}
	row[MainBusiness] = whole(revenue * math.Min(1, 0.85*f.spread(0.15)))
	row[Assets] = whole(revenue * 1.3 * f.spread(0.6))
	row[NetAssets] = engine.Of(int64(float64(row[Assets].N) * (0.55 + 0.2*r.NormFloat64())))
	if tech {
		row[Patents1], row[Patents2] = whole(0.8*size*f.spread(0.8)), whole(3*size*f.spread(0.8))
	} else {
		row[Patents2] = whole(0.3 * size * f.spread(0.9))
	}
	row[Score] = engine.Of(int64(max(0, min(100, 72+14*r.NormFloat64()))))
	quals := int64(0)
	for q := range qualifications {
		p := 0.10 / float64(1+q/2)
		if tech {
			p *= 3
		}
		if r.Float64() < p {
			quals |= 1 << q
		}
	}
	row[Qualifications] = engine.Of(quals)
	row[CertificateEnd] = engine.Value{State: engine.NotApplicable}
	if quals&1 != 0 {
		row[CertificateEnd] = engine.Of(int64(Today - 200 + r.IntN(1200)))
	}
	plats := int64(0)
	for q := range platforms {
		if r.Float64() < 0.03*math.Min(3, size)/float64(1+q) {
			plats |= 1 << q
		}
	}
	row[Platforms] = engine.Of(plats)
	row[Listed], row[Exporter], row[Penalised], row[Abnormal] = f.flag(0.01), f.flag(0.12), f.flag(0.02), f.flag(0.04)
	for i, p := range gone {
		if p > 0 && r.IntN(100) < p {
			row[i] = engine.Value{}
		}
	}
}

func (f *Firms) flag(p float64) engine.Value {
	if f.r.Float64() < p {
		return engine.Of(1)
	}
	return engine.Of(0)
}

// Table makes a table of n firms.
func Table(seed uint64, n int) *engine.Table {
	t, firms, row := engine.NewTable(Schema()), NewFirms(seed), make([]engine.Value, attributes)
	for range n {
		firms.Next(row)
		if _, err := t.Append(row); err != nil {
			panic(err) // the figures above stay inside of the bounds
		}
	}
	return t
}
