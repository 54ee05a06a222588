package matching_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// files are the files of firms: what package dossier gives, without its tables.
type files struct{ list []dossier.Firm }

func (f *files) Each(_ context.Context, do func(dossier.Firm) error) error {
	for _, x := range f.list {
		if err := do(x); err != nil {
			return err
		}
	}
	return nil
}

func (f *files) FirmFacts(_ context.Context, id string) (dossier.Firm, error) {
	i := slices.IndexFunc(f.list, func(x dossier.Firm) bool { return x.ID == id })
	if i < 0 {
		return dossier.Firm{}, errors.New("no such firm")
	}
	return f.list[i], nil
}

// shelf is what is in force.
type shelf struct {
	list    []matching.Offer
	version uint64
}

func (s *shelf) Version(context.Context) (uint64, error)        { return s.version, nil }
func (s *shelf) List(context.Context) ([]matching.Offer, error) { return s.list, nil }

func invented(rng *rand.Rand, id string) dossier.Firm {
	f := dossier.Firm{ID: id}
	say := func(key string, year int, value string) {
		if rng.IntN(6) > 0 {
			f.Facts = append(f.Facts, dossier.Fact{Firm: id, Key: key, Year: year, Value: value})
		}
	}
	for year := 2023; year <= 2025; year++ {
		revenue := rng.IntN(50_000_000)
		say("revenue", year, strconv.Itoa(revenue*100))
		say("rd_cost", year, strconv.Itoa(revenue*rng.IntN(12)))
		say("staff", year, strconv.Itoa(rng.IntN(300)))
	}
	say("registered_on", 0, fmt.Sprintf("20%02d-%02d-%02d", 10+rng.IntN(16), 1+rng.IntN(12), 1+rng.IntN(28)))
	say("industry", 0, []string{"I6513", "C2614", "C3911", "M7320"}[rng.IntN(4)])
	say("resident", 0, []string{"yes", "no"}[rng.IntN(2)])
	slices.SortFunc(f.Facts, func(a, b dossier.Fact) int {
		if a.Key != b.Key {
			return map[bool]int{true: -1, false: 1}[a.Key < b.Key]
		}
		return a.Year - b.Year
	})
	return f
}

// sources are rules of all kinds; the one before the last only CEL can answer.
var sources = []string{
	`rd_cost(-1) / revenue(-1) >= 0.03 && resident`, `(revenue(-1) - revenue(-2)) / revenue(-2) >= 0.2`, `industry.under("I") || staff(-1) >= 100`, `years_since(registered_on) < 5`,
	`registered_on >= years_ago(3)`, `revenue(-1) >= 20000000 ? resident : industry.startsWith("C")`, `!(staff(-1) >= 10) && revenue(-2) < 1000000`,
}

func TestEverythingAgreesWhileItChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rng := rand.New(rand.NewPCG(7, 7))
		f := &files{}
		for i := range 300 {
			f.list = append(f.list, invented(rng, fmt.Sprintf("firm-%04d", i)))
		}
		var offers []matching.Offer
		offered := &shelf{version: 1}
		for i, s := range sources {
			offers = append(offers, matching.Offer{Key: "clause:" + strconv.Itoa(i), Rule: s, Zero: "unknown", Benefit: policy.Benefit{Rate: 7.5, Of: "rd_cost(-1)", Cap: 50_000_000}})
		}
		now := clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
		open := func() *matching.Service {
			return matching.New(matching.Deps{DB: d, Clock: now, Firms: f, Offers: offered})
		}
		one, two := open(), open() // as two processes on one database
		check := func(s *matching.Service) {
			t.Helper()
			v, err := s.View(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			today, _ := rule.ParseDay(v.Day())
			for _, o := range offers {
				r, err := facts.Vocabulary().Compile(o.Rule, o.Zero)
				if err != nil {
					t.Fatal(err)
				}
				yes, open, cost, noSum := 0, 0, money.Fen(0), 0
				var fit []string
				for _, firm := range f.list {
					row := facts.Published().Row(&firm, v.Day())
					want, err := r.Eval(row, today)
					if got := v.Answer(o.Key, firm.ID); err != nil || got != want {
						t.Fatalf("%s for %s: %v, want %v %v", o.Rule, firm.ID, got, want, err)
					}
					switch want {
					case engine.Yes:
						yes++
						fit = append(fit, firm.ID)
						if w, ok := v.Worth(o.Key, firm.ID); ok {
							cost += w
						} else {
							noSum++
						}
					case engine.Unknown:
						open++
					}
					if why, err := v.Explain(o.Key, firm.ID); err != nil || why.Answer != want {
						t.Fatalf("%s for %s: %v, want %v %v", o.Rule, firm.ID, why, want, err)
					}
				}
				if y, u := v.Count(o.Key); y != yes || u != open {
					t.Fatalf("%s: %d and %d, want %d and %d", o.Rule, y, u, yes, open)
				}
				if c, n := v.Cost(o.Key); c != cost || n != noSum {
					t.Fatalf("%s costs %v (%d), want %v (%d)", o.Rule, c, n, cost, noSum)
				}
				var got []string
				v.Each(o.Key, engine.Yes, func(id string) { got = append(got, id) })
				slices.Sort(got)
				slices.Sort(fit)
				if !slices.Equal(got, fit) {
					t.Fatalf("%s: %v, want %v", o.Rule, got, fit)
				}
			}
		}
		note := func(id string) {
			t.Helper()
			if err := d.InTx(t.Context(), func(ctx context.Context) error { return one.Note(ctx, id) }); err != nil {
				t.Fatal(err)
			}
		}
		offered.list = offers
		check(one)
		check(two)
		for step := range 12 {
			i := rng.IntN(len(f.list))
			f.list[i] = invented(rng, f.list[i].ID)
			note(f.list[i].ID)
			switch step {
			case 3:
				f.list = append(f.list, invented(rng, "firm-new"))
				note("firm-new")
			case 5: // a rule is changed, one is taken away, one is new and only CEL can answer it
				offers = slices.Clone(offers)
				offers[0].Rule = `rd_cost(-1) / revenue(-1) >= 0.05`
				offers = append(offers[:1], offers[2:]...)
				offers = append(offers, matching.Offer{Key: "clause:new", Rule: `resident ? staff(-1) > 5 : staff(-1) > 50`, Benefit: policy.Benefit{Amount: 100}})
				offered.version++
			case 8:
				now.Set(now.Now().AddDate(0, 0, 30))
			}
			offered.list = offers
			check(one)
			check(two)
		}
	})
}

func TestTrials(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rng := rand.New(rand.NewPCG(8, 8))
		f := &files{}
		for i := range 500 {
			f.list = append(f.list, invented(rng, fmt.Sprintf("firm-%04d", i)))
		}
		offers := []matching.Offer{{Key: "clause:a", Rule: `rd_cost(-1) / revenue(-1) >= 0.03`, Zero: "none", Benefit: policy.Benefit{Amount: 1_000_00}}, {Key: "clause:b", Rule: `years_since(registered_on) >= 3`}}
		s := matching.New(matching.Deps{DB: d, Clock: clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)), Firms: f, Offers: &shelf{offers, 1}})
		v, err := s.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		was, _ := v.Count("clause:a")
		same, err := v.Try(matching.Draft{Rule: offers[0].Rule, Zero: "none", Benefit: offers[0].Benefit, Against: "clause:a"})
		if err != nil || same.Yes != was || same.Gained != 0 || same.Lost != 0 || same.Cost != same.WasCost || same.Cost != money.Fen(was)*1_000_00 || was == 0 {
			t.Fatalf("%+v %v", same, err)
		}
		low, err := v.Try(matching.Draft{Rule: `rd_cost(-1) / revenue(-1) >= 0.025`, Zero: "none", Benefit: offers[0].Benefit, Against: "clause:a"})
		if err != nil || low.Gained == 0 || low.Lost != 0 || low.Yes != was+low.Gained || len(low.Gains) == 0 {
			t.Errorf("%+v %v", low, err)
		}
		for _, rule := range []string{`rd_cost(-1) / revenue(-1) >= 0.05`, `rd_cost(-1) / revenue(-1) >= 0.05 ? true : false`} { // the second row by row
			high, err := v.Try(matching.Draft{Rule: rule, Zero: "none", Benefit: offers[0].Benefit, Against: "clause:a"})
			if err != nil || high.Lost == 0 || high.Gained != 0 || high.Yes != was-high.Lost || len(high.Losses) == 0 || high.WasCost-high.Cost != money.Fen(high.Lost)*1_000_00 {
				t.Errorf("%s: %+v %v", rule, high, err)
			}
			for _, id := range high.Losses {
				if v.Answer("clause:a", id) != engine.Yes {
					t.Errorf("%s did not fit before", id)
				}
			}
		}
		if all, err := v.Try(matching.Draft{Rule: `true`}); err != nil || !all.Everybody() || all.Nobody() {
			t.Errorf("%+v %v", all, err)
		}
		if none, err := v.Try(matching.Draft{Rule: `staff(-1) < -5 && staff(-1) > 5`}); err != nil || none.Yes != 0 {
			t.Errorf("%+v %v", none, err)
		}
		var bad rule.Faults
		if _, err := v.Try(matching.Draft{Rule: `rd_cost(-1) / revenue(-1) >= 0.03`}); !errors.As(err, &bad) || bad[0].Problem != rule.Zero {
			t.Errorf("%v", err)
		}
		near := map[string]bool{}
		v.Near("clause:b", func(id string) { near[id] = true })
		for id := range near {
			if v.Answer("clause:b", id) == engine.Yes {
				t.Errorf("%s fits already", id)
			}
		}
		if m := s.Memory(); !m.Ready || m.PerFirm() == 0 {
			t.Error("it takes no memory")
		}
	})
}

// What a day brings is told: a firm that becomes old enough, and one whose
// certificate begins.
func TestWhatTheDayBrings(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		firm := func(id, born, from string) dossier.Firm {
			f := dossier.Firm{ID: id}
			if from != "" {
				f.Facts = append(f.Facts, dossier.Fact{Key: "qualifications", Value: `[{"kind":"gazelle","name":"x","from":"` + from + `"}]`})
			}
			f.Facts = append(f.Facts, dossier.Fact{Key: "registered_on", Value: born})
			return f
		}
		f := &files{[]dossier.Firm{firm("old", "2020-01-01", ""), firm("today", "2023-03-02", ""), firm("tomorrow", "2023-03-03", ""), firm("marked", "2020-01-01", "2026-03-02"), firm("marked before", "2020-01-01", "2026-03-01")}}
		offers := []matching.Offer{{Key: "clause:age", Rule: `years_since(registered_on) >= 3`}, {Key: "clause:mark", Rule: `"gazelle" in qualifications`}, {Key: "clause:slow", Rule: `registered_on <= years_ago(3) ? true : false`}}
		s := matching.New(matching.Deps{DB: d, Clock: clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)), Firms: f, Offers: &shelf{offers, 1}})
		v, err := s.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string][]string{"clause:age": {"today"}, "clause:mark": {"marked"}, "clause:slow": {"today"}} {
			if got := v.Turned(key); !slices.Equal(got, want) {
				t.Errorf("%s: %v", key, got)
			}
		}
	})
}

// TestReadersAtOnce: whoever reads while firms change sees answers that belong
// together: what is counted is what is listed.
func TestReadersAtOnce(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 9))
	f := &kept{by: map[string]dossier.Firm{}}
	for i := range 200 {
		id := fmt.Sprintf("firm-%04d", i)
		f.by[id] = invented(rng, id)
	}
	d := dbtest.New(t)
	offers := &shelf{list: []matching.Offer{{Key: "clause:a", Rule: sources[0], Zero: "none"}, {Key: "clause:b", Rule: sources[5]}}, version: 1}
	s := matching.New(matching.Deps{DB: d, Clock: clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)), Firms: f, Offers: offers})
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				v, err := s.View(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				for _, key := range v.Keys() {
					yes, _ := v.Count(key)
					n := 0
					v.Each(key, engine.Yes, func(string) { n++ })
					if n != yes {
						t.Errorf("%s: %d listed, %d counted", key, n, yes)
					}
				}
				if _, err := v.Try(matching.Draft{Rule: sources[2], Against: "clause:a"}); err != nil {
					t.Error(err)
				}
				s.Memory()
			}
		})
	}
	for i := range 40 {
		id := fmt.Sprintf("firm-%04d", rng.IntN(220))
		f.put(invented(rng, id))
		if err := d.InTx(t.Context(), func(ctx context.Context) error { return s.Note(ctx, id) }); err != nil {
			t.Fatal(err)
		}
		if i == 20 {
			if err := s.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	close(stop)
	readers.Wait()
}

// kept are files that change while they are read.
type kept struct {
	mu sync.Mutex
	by map[string]dossier.Firm
}

func (k *kept) put(f dossier.Firm) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.by[f.ID] = f
}

func (k *kept) Each(_ context.Context, do func(dossier.Firm) error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, f := range k.by {
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

func (k *kept) FirmFacts(_ context.Context, id string) (dossier.Firm, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.by[id], nil
}
