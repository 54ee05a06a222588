package catalogue

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// ToTheLastField says that nothing of an item is left to the common form, flow
// or wording, and that its guide says who can ask, why and what people want to
// know.
func (d Definition) ToTheLastField() bool {
	return d.Complete() && !d.Decision.Grant.IsZero() && !d.Decision.Deny.IsZero() && len(d.Conditions) > 0 && len(d.LegalBasis) > 0 && len(d.FAQ) > 0
}

// Report is the state of health of what is published.
type Report struct {
	At         time.Time `json:"at"`
	Department string    `json:"department,omitempty"` // only this one

	Shelves       int `json:"shelves"`
	HandlingItems int `json:"handling_items"` // that people order here: no bundles, none of other administrations
	CompleteItems int `json:"complete_items"` // of these, see ToTheLastField
	Bundles       int `json:"bundles"`
	Services      int `json:"services"` // science services, among the handling items
	External      int `json:"external"` // of other administrations
	Drafts        int `json:"drafts"`   // never published
	Suspended     int `json:"suspended"`
	Withdrawn     int `json:"withdrawn"`

	ByDepartment map[string]int `json:"by_department"` // handling items
	ByShelf      map[string]int `json:"by_shelf"`      // handling items

	Online    Share `json:"online"` // of the handling items
	ZeroTrips Share `json:"zero_trips"`
	Instant   Share `json:"instant"`

	Lint  []LintCount `json:"lint"`
	Press []Press     `json:"press"` // by department, those that press most first
	All   Press       `json:"press_all"`

	NeverUsed       []string    `json:"never_used"`  // codes; no case within a year
	BadlyRated      []BadRating `json:"badly_rated"` // worst first
	WithoutSample   []string    `json:"without_sample"`
	WithoutKeywords []string    `json:"without_keywords"`
	WithoutEnglish  []string    `json:"without_english"`

	Names map[string]i18n.Text `json:"-"` // of the items named
}

// Share of a whole.
type Share struct {
	Part  int `json:"part"`
	Whole int `json:"whole"`
}

// Of the whole, 0 to 1.
func (s Share) Of() float64 {
	if s.Whole == 0 {
		return 0
	}
	return float64(s.Part) / float64(s.Whole)
}

func (s *Share) count(yes bool) {
	s.Whole++
	if yes {
		s.Part++
	}
}

// LintCount is how often a finding was found, and where.
type LintCount struct {
	Code  string   `json:"code"`
	Level Level    `json:"level"`
	Count int      `json:"count"`
	Items []string `json:"items"` // codes
}

// Press is how far promises stay below the law: promised over statutory limit.
type Press struct {
	Department string  `json:"department,omitempty"`
	Items      int     `json:"items"`   // that have both limits
	Median     float64 `json:"median"`  // of promised over statutory, 1 when nothing is pressed
	Mean       float64 `json:"mean"`    //
	Pressed    float64 `json:"pressed"` // share of items promised earlier than the law asks
}

// BadRating is an item that people are not satisfied with.
type BadRating struct {
	Code string  `json:"code"`
	Mean float64 `json:"mean"`
	Rated
}

// A badly rated item has this many ratings at least, and a mean below.
const (
	enoughRatings = 3
	badMean       = 3.5
)

// Report counts and checks what is published, for one department or ("") all.
// Keepers of the catalogue may, and the engine itself for the command line.
func (s *Service) Report(ctx context.Context, actor auth.Actor, department string) (Report, error) {
	if actor.Kind != auth.System {
		if err := mayKeep(actor); err != nil {
			return Report{}, err
		}
	}
	now, snapshot := s.Clock.Now(), s.Snapshot()
	r := Report{At: now, Department: department, Shelves: len(snapshot.Shelves()), ByDepartment: map[string]int{}, ByShelf: map[string]int{}, WithoutSample: []string{}, WithoutKeywords: []string{}, WithoutEnglish: []string{}, Names: map[string]i18n.Text{}}
	items := slices.DeleteFunc(slices.Clone(snapshot.items), func(it *Item) bool { return department != "" && it.Department != department })
	slices.SortFunc(items, func(a, b *Item) int { return cmp.Compare(a.Code, b.Code) })
	r.count(items)
	r.lint(items, s.surroundings())
	r.press(items)
	if err := s.evidence(ctx, items, now, &r); err != nil {
		return Report{}, fmt.Errorf("catalogue: report: %w", err)
	}
	if err := s.states(ctx, department, &r); err != nil {
		return Report{}, fmt.Errorf("catalogue: report: %w", err)
	}
	return r, nil
}

func (r *Report) count(items []*Item) {
	for _, it := range items {
		r.Names[it.Code] = it.Name
		switch {
		case it.Family == Bundled:
			r.Bundles++
		case it.External():
			r.External++
		default:
			r.HandlingItems++
			r.ByDepartment[it.Department]++
			r.ByShelf[it.Shelf]++
			if it.Family == ScienceService {
				r.Services++
			}
			if it.written.ToTheLastField() {
				r.CompleteItems++
			}
			r.Online.count(it.Online())
			r.ZeroTrips.count(it.Trips == 0)
			r.Instant.count(it.CaseType == Instant)
		}
		if len(it.Keywords) == 0 {
			r.WithoutKeywords = append(r.WithoutKeywords, it.Code)
		}
		if it.Name.EN == "" || !it.Summary.IsZero() && it.Summary.EN == "" {
			r.WithoutEnglish = append(r.WithoutEnglish, it.Code)
		}
	}
}

func (r *Report) lint(items []*Item, around Surroundings) {
	type kind struct {
		level Level
		code  string
	}
	found := map[kind]*LintCount{}
	for _, it := range items {
		for _, f := range LintIn(*it.written, around) {
			k := kind{f.Level, f.Code}
			if found[k] == nil {
				found[k] = &LintCount{Code: f.Code, Level: f.Level}
			}
			c := found[k]
			c.Count++
			if len(c.Items) == 0 || c.Items[len(c.Items)-1] != it.Code {
				c.Items = append(c.Items, it.Code)
			}
			if f.Code == "sample" {
				r.WithoutSample = append(r.WithoutSample, it.Code)
			}
		}
	}
	r.Lint = []LintCount{}
	for _, c := range found {
		r.Lint = append(r.Lint, *c)
	}
	slices.SortFunc(r.Lint, func(a, b LintCount) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
}

func (r *Report) press(items []*Item) {
	ratios := map[string][]float64{}
	var all []float64
	for _, it := range items {
		if it.Promised.IsZero() || it.Statutory.IsZero() || it.Family == Bundled || it.External() {
			continue
		}
		ratio := pressOf(it.Definition)
		ratios[it.Department] = append(ratios[it.Department], ratio)
		all = append(all, ratio)
	}
	r.All, r.Press = pressed("", all), []Press{}
	for _, d := range slices.Sorted(maps.Keys(ratios)) {
		r.Press = append(r.Press, pressed(d, ratios[d]))
	}
	slices.SortStableFunc(r.Press, func(a, b Press) int { return cmp.Compare(a.Median, b.Median) })
}

// pressOf is the promised over the statutory limit. Limits in different units
// are compared by the shortest that they can last.
func pressOf(d Definition) float64 {
	if d.Promised.Unit == d.Statutory.Unit {
		return float64(d.Promised.N) / float64(d.Statutory.N)
	}
	return float64(minutes(d.Promised, false)) / float64(minutes(d.Statutory, false))
}

func pressed(department string, ratios []float64) Press {
	p := Press{Department: department, Items: len(ratios)}
	if len(ratios) == 0 {
		return p
	}
	slices.Sort(ratios)
	sum, below := 0.0, 0
	for _, v := range ratios {
		sum += v
		if v < 1 {
			below++
		}
	}
	n := len(ratios)
	p.Median = (ratios[(n-1)/2] + ratios[n/2]) / 2
	p.Mean, p.Pressed = sum/float64(n), float64(below)/float64(n)
	return p
}

// evidence is what cases and ratings say about the items.
func (s *Service) evidence(ctx context.Context, items []*Item, now time.Time, r *Report) error {
	since := now.AddDate(-1, 0, 0)
	r.NeverUsed, r.BadlyRated = []string{}, []BadRating{}
	if s.Ports.Used != nil {
		used, err := s.Ports.Used(ctx, since)
		if err != nil {
			return err
		}
		for _, it := range items {
			if used[it.ID] == 0 && !it.External() && it.Family != Bundled {
				r.NeverUsed = append(r.NeverUsed, it.Code)
			}
		}
	}
	if s.Ports.Ratings != nil {
		rated, err := s.Ports.Ratings(ctx, since)
		if err != nil {
			return err
		}
		for _, it := range items {
			if x := rated[it.Code]; x.N >= enoughRatings && x.Mean() < badMean {
				r.BadlyRated = append(r.BadlyRated, BadRating{Code: it.Code, Mean: x.Mean(), Rated: x})
			}
		}
		slices.SortStableFunc(r.BadlyRated, func(a, b BadRating) int { return cmp.Compare(a.Mean, b.Mean) })
	}
	return nil
}

// states counts what is not on the shelves.
func (s *Service) states(ctx context.Context, department string, r *Report) error {
	lines, err := s.lines(ctx)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if department != "" && l.Definition.Department != department {
			continue
		}
		switch l.State {
		case Draft:
			r.Drafts++
		case Suspended:
			r.Suspended++
		case Ended:
			r.Withdrawn++
		}
	}
	return nil
}
