package matchingweb

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// crowd is very many firms that are made while they are read.
type crowd int

func (c crowd) Each(_ context.Context, do func(dossier.Firm) error) error {
	rng := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // invented firms
	for i := range int(c) {
		f := dossier.Firm{ID: fmt.Sprintf("f%07d", i)}
		say := func(key string, year, value int) {
			if rng.IntN(10) > 0 {
				f.Facts = append(f.Facts, dossier.Fact{Key: key, Year: year, Value: strconv.Itoa(value)})
			}
		}
		revenue := rng.IntN(60_000_000)
		say("rd_cost", 2024, revenue*rng.IntN(8))
		say("rd_cost", 2025, revenue*rng.IntN(10))
		f.Facts = append(f.Facts, dossier.Fact{Key: "region", Value: "371671"})
		say("revenue", 2024, (revenue+rng.IntN(9_000_000))*100)
		say("revenue", 2025, revenue*100)
		say("staff", 2025, rng.IntN(400))
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

func (crowd) FirmFacts(context.Context, string) (dossier.Firm, error) { return dossier.Firm{}, nil }

type oneShelf []matching.Offer

func (oneShelf) Version(context.Context) (uint64, error)          { return 1, nil }
func (s oneShelf) List(context.Context) ([]matching.Offer, error) { return s, nil }

// BenchmarkSlider moves a threshold over HTTP: count, cost, whom it gains and
// loses. TONGBAN_FIRMS says over how many firms, 20,000 otherwise.
func BenchmarkSlider(b *testing.B) {
	n := 20_000
	if s := os.Getenv("TONGBAN_FIRMS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	texts, err := locales.Load()
	if err != nil {
		b.Fatal(err)
	}
	ctx := i18n.With(b.Context(), texts, i18n.Chinese)
	benefit := policy.Benefit{Rate: 5, Of: "rd_cost(-1)", Cap: 2_000_000_00}
	rule := `region.under("371671") && revenue(-1) >= 5000000 && rd_cost(-1) / revenue(-1) >= %s && staff(-1) >= 10`
	shelf := oneShelf{{Key: "clause:x", Rule: fmt.Sprintf(rule, "0.03"), Zero: "none", Benefit: benefit}}
	d := dbtest.New(b)
	m := matching.New(matching.Deps{DB: d, Clock: clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)), Firms: crowd(n), Offers: shelf})
	if err := m.Load(ctx); err != nil {
		b.Fatal(err)
	}
	p := New(Deps{Matching: m, Facts: facts.Published()})
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := p.Matching.View(ctx)
		if err != nil {
			b.Error(err)
			return
		}
		t, err := v.Try(matching.Draft{Rule: fmt.Sprintf(rule, r.URL.Query().Get("n")), Zero: "none", Benefit: benefit, Against: "clause:x"})
		if err != nil {
			b.Error(err)
			return
		}
		_ = view.Render(w, r.WithContext(ctx), http.StatusOK, whatIfResult(whatIfPage{trialBox: trialBox{Pages: p, Trial: &t, Names: true, Phrase: new(facts.Phrase)}}))
	}))
	defer site.Close()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		begun := clock.System{}.Now()
		r, err := http.Get(site.URL + "?n=0.0" + strconv.Itoa(100+i%800)) //nolint:noctx // our own
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		took = append(took, clock.System{}.Now().Sub(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
	b.ReportMetric(float64(m.Memory().PerFirm()), "B/firm")
}
