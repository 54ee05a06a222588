package catalogue

import (
	"cmp"
	"slices"

	"github.com/tongban/tongban/internal/kernel/workday"
)

// Snapshot is everything that is published, at one moment. It never changes
// and may be read by many.
type Snapshot struct {
	generation int64
	items      []*Item // most popular first
	shelves    []Shelf
	byCode     map[string]*Item
	byID       map[string]*Item
	byVersion  map[string]*Item
	suspended  map[string]bool // codes
	index      *index
	byName     map[string]string // code → pinyin of the name, to sort by
}

// Filter narrows a list or a search; an empty part lets everything pass.
type Filter struct {
	Shelf      string
	Department string
	Audience   Audience
	CaseType   CaseType
	Online     bool // only what can be filed here
	Sort       Sort // of lists; a search is sorted by how well things fit
}

// Sort of a list.
type Sort string

// The orders of a list.
const (
	ByPopularity Sort = ""
	ByName       Sort = "name"
	BySpeed      Sort = "speed" // the shortest promise first
)

// facet names a part of a filter.
type facet int

const (
	noFacet facet = iota
	departmentFacet
	audienceFacet
	caseTypeFacet
)

// passes says whether the item fits all parts of the filter but one.
func (f Filter) passes(it *Item, but facet) bool {
	return (f.Shelf == "" || it.Shelf == f.Shelf) &&
		(but == departmentFacet || f.Department == "" || it.Department == f.Department) &&
		(but == audienceFacet || f.Audience == "" || it.For(f.Audience)) &&
		(but == caseTypeFacet || f.CaseType == "" || it.CaseType == f.CaseType) &&
		(!f.Online || it.Online())
}

// Facets counts for each value of a part what the list would hold if that
// value were chosen, with the other parts as they are.
type Facets struct {
	Departments map[string]int
	Audiences   map[Audience]int
	CaseTypes   map[CaseType]int
}

// Listing is a filtered list.
type Listing struct {
	Items  []*Item
	Facets Facets
}

// newSnapshot builds the snapshot from the items and shelves of the store. The
// live versions of suspended items are left out.
func newSnapshot(generation int64, shelves []Shelf, records []Record, live []Revision) *Snapshot {
	s := &Snapshot{
		generation: generation, shelves: shelves,
		byCode: map[string]*Item{}, byID: map[string]*Item{}, byVersion: map[string]*Item{}, suspended: map[string]bool{}, byName: map[string]string{},
	}
	state := make(map[string]State, len(records))
	for _, r := range records {
		state[r.ID] = r.State
		if r.State == Suspended {
			s.suspended[r.Code] = true
		}
	}
	for _, v := range live {
		if state[v.ItemID] == Live {
			s.items = append(s.items, v.item())
		}
	}
	slices.SortFunc(s.items, func(a, b *Item) int {
		return cmp.Or(cmp.Compare(b.Popularity, a.Popularity), cmp.Compare(a.Code, b.Code))
	})
	for _, it := range s.items {
		s.byCode[it.Code], s.byID[it.ID], s.byVersion[it.VersionID] = it, it, it
		s.byName[it.Code] = spell(normalise(it.Name.ZH)).full
	}
	s.index = newIndex(s.items)
	return s
}

func (r Revision) item() *Item {
	return &Item{ID: r.ItemID, VersionID: r.ID, Version: r.Number, Modelled: r.Definition.Complete(), Definition: r.Definition.WithDefaults()}
}

// Shelves in their order.
func (s *Snapshot) Shelves() []Shelf { return s.shelves }

// Shelf with the key.
func (s *Snapshot) Shelf(key string) (Shelf, bool) {
	i := slices.IndexFunc(s.shelves, func(v Shelf) bool { return v.Key == key })
	if i < 0 {
		return Shelf{}, false
	}
	return s.shelves[i], true
}

// Item with the code. A suspended one is ErrSuspended.
func (s *Snapshot) Item(code string) (*Item, error) {
	if it, ok := s.byCode[code]; ok {
		return it, nil
	}
	if s.suspended[code] {
		return nil, ErrSuspended.With("code", code)
	}
	return nil, ErrNotFound
}

// ItemByID is Item by the id of the item; suspended ones are not found.
func (s *Snapshot) ItemByID(id string) (*Item, error) {
	if it, ok := s.byID[id]; ok {
		return it, nil
	}
	return nil, ErrNotFound
}

// List returns what passes the filter, with the counts for narrowing it.
func (s *Snapshot) List(f Filter) Listing {
	out := Listing{Items: []*Item{}, Facets: Facets{Departments: map[string]int{}, Audiences: map[Audience]int{}, CaseTypes: map[CaseType]int{}}}
	for _, it := range s.items {
		if f.passes(it, noFacet) {
			out.Items = append(out.Items, it)
		}
		if f.passes(it, departmentFacet) {
			out.Facets.Departments[it.Department]++
		}
		if f.passes(it, caseTypeFacet) {
			out.Facets.CaseTypes[it.CaseType]++
		}
		if f.passes(it, audienceFacet) {
			for _, a := range it.Audience {
				out.Facets.Audiences[a]++
			}
		}
	}
	switch f.Sort {
	case ByName:
		slices.SortStableFunc(out.Items, func(a, b *Item) int { return cmp.Compare(s.byName[a.Code], s.byName[b.Code]) })
	case BySpeed:
		slices.SortStableFunc(out.Items, func(a, b *Item) int { return cmp.Compare(speed(a.Promised), speed(b.Promised)) })
	case ByPopularity: // as they stand
	}
	return out
}

// speed is the length of a promise; no promise is the slowest.
func speed(l workday.Limit) int {
	if l.IsZero() {
		return int(^uint(0) >> 1)
	}
	return minutes(l, true)
}

// Popular returns the n items that are asked for most.
func (s *Snapshot) Popular(n int) []*Item {
	return slices.Clone(s.items[:min(max(n, 0), len(s.items))])
}

// Search returns the items that fit what somebody typed, best first, at most
// limit (20 when not given). See index for how.
func (s *Snapshot) Search(query string, limit int, f Filter) []Hit {
	return s.index.search(query, limit, f)
}

// Suggest completes what somebody is typing: items whose name or a keyword
// begins with it, also in pinyin, and when there are none what Search finds.
func (s *Snapshot) Suggest(prefix string, n int) []Hit { return s.index.suggest(prefix, n) }
