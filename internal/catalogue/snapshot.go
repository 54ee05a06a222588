package catalogue

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/catalogue/index"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Snapshot is everything that is published, at one moment. It never changes
// and may be read by many.
type Snapshot struct {
	generation int64
	day        string
	items      []*Item // most popular first
	shelves    []Shelf
	themes     []Theme
	events     []LifeEvent
	byCode     map[string]*Item
	byID       map[string]*Item
	byVersion  map[string]*Item
	stopped    map[string]Stopped // by code: what is off the shelves
	index      *index.Index
	byName     map[string]string // code → pinyin of the name, to sort by
}

// Sort of a list.
type Sort string

// The orders of a list.
const (
	ByPopularity Sort = ""
	ByName       Sort = "name"
	BySpeed      Sort = "speed" // the shortest promise first
)

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

// contents is what a snapshot is made of.
type contents struct {
	generation int64
	day        string // ISO date, for offers that lapse
	shelves    []Shelf
	themes     []Theme
	events     []LifeEvent
	synonyms   [][]string
	records    []Record
	live       []Revision
}

// newSnapshot builds the snapshot. Left out are the live versions of suspended
// items, bundles with a step that is not there, and lapsed offers.
func newSnapshot(c contents) *Snapshot {
	s := &Snapshot{
		generation: c.generation, day: c.day, shelves: c.shelves, themes: c.themes, events: c.events,
		byCode: map[string]*Item{}, byID: map[string]*Item{}, byVersion: map[string]*Item{}, stopped: map[string]Stopped{}, byName: map[string]string{},
	}
	record := make(map[string]Record, len(c.records))
	for _, r := range c.records {
		record[r.ID] = r
		if r.State == Suspended || r.State == Ended {
			s.stopped[r.Code] = Stopped{Code: r.Code, State: r.State, Stop: Stop{r.Reason, r.ReplacedBy}}
		}
	}
	for _, v := range c.live {
		switch r := record[v.ItemID]; {
		case r.State != Live:
			if x, ok := s.stopped[r.Code]; ok {
				x.Item = v.item()
				s.stopped[r.Code] = x
			}
		case v.Definition.Offer.Lapsed(c.day):
			s.stopped[r.Code] = Stopped{Code: r.Code, State: Suspended, Item: v.item()}
		default:
			s.items = append(s.items, v.item())
		}
	}
	slices.SortFunc(s.items, func(a, b *Item) int {
		return cmp.Or(cmp.Compare(b.Popularity, a.Popularity), cmp.Compare(a.Code, b.Code))
	})
	for _, it := range s.items {
		s.byCode[it.Code] = it
	}
	s.items = slices.DeleteFunc(s.items, func(it *Item) bool {
		gone := slices.ContainsFunc(it.Bundle.Steps(), func(step Step) bool { return s.byCode[step.Item] == nil })
		if gone {
			s.stopped[it.Code] = Stopped{Code: it.Code, State: Suspended, Item: it}
			delete(s.byCode, it.Code)
		}
		return gone
	})
	for _, it := range s.items {
		s.byID[it.ID], s.byVersion[it.VersionID] = it, it
		s.byName[it.Code] = index.Pinyin(it.Name.ZH)
	}
	s.index = newIndex(s.items, c.synonyms)
	return s
}

func (r Revision) item() *Item {
	return &Item{ID: r.ItemID, VersionID: r.ID, Version: r.Number, Modelled: r.Definition.Complete(), PublishedAt: r.PublishedAt, Definition: r.Definition.WithDefaults(), written: &r.Definition}
}

// Version names what is published, for caches: it changes with everything that
// a reader could see, also when a day ends on which an offer lapses.
func (s *Snapshot) Version() string { return fmt.Sprintf("%d-%s", s.generation, s.day) }

// Shelves in their order.
func (s *Snapshot) Shelves() []Shelf { return s.shelves }

// Themes in their order.
func (s *Snapshot) Themes() []Theme { return s.themes }

// LifeEvents in their order.
func (s *Snapshot) LifeEvents() []LifeEvent { return s.events }

// LifeEvent with the key.
func (s *Snapshot) LifeEvent(key string) (LifeEvent, bool) {
	i := slices.IndexFunc(s.events, func(e LifeEvent) bool { return e.Key == key })
	if i < 0 {
		return LifeEvent{}, false
	}
	return s.events[i], true
}

// Bundles that have the item as a step.
func (s *Snapshot) BundlesWith(code string) []*Item {
	var out []*Item
	for _, it := range s.items {
		if it.Bundle.Has(code) {
			out = append(out, it)
		}
	}
	return out
}

// Siblings are the other handling items of the same main item.
func (s *Snapshot) Siblings(it *Item) []*Item {
	var out []*Item
	for _, other := range s.items {
		if !it.Main.IsZero() && other.Main.ZH == it.Main.ZH && other.Department == it.Department && other.Code != it.Code {
			out = append(out, other)
		}
	}
	return out
}

// Shelf with the key.
func (s *Snapshot) Shelf(key string) (Shelf, bool) {
	i := slices.IndexFunc(s.shelves, func(v Shelf) bool { return v.Key == key })
	if i < 0 {
		return Shelf{}, false
	}
	return s.shelves[i], true
}

// Item with the code. A suspended one is ErrSuspended, one that was withdrawn
// for good ErrWithdrawn.
func (s *Snapshot) Item(code string) (*Item, error) {
	if it, ok := s.byCode[code]; ok {
		return it, nil
	}
	if x, ok := s.stopped[code]; ok && x.State == Ended {
		return nil, ErrWithdrawn.With("code", code)
	} else if ok {
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
