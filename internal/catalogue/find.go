package catalogue

import (
	"slices"
	"time"

	"github.com/tongban/tongban/internal/catalogue/index"
)

// Filter narrows a list or a search; an empty part lets everything pass.
type Filter struct {
	Shelf      string
	Department string
	Theme      string
	Audience   Audience
	CaseType   CaseType
	Kind       Kind
	Channel    Channel
	Online     bool      // only what can be filed here
	Today      bool      // only what can be done on the day, see Definition.Today
	ZeroTrips  bool      // only what nobody has to come for
	Since      time.Time // only what was published at this instant or after
	Sort       Sort      // of lists; a search is sorted by how well things fit
}

// facet is a part of a filter, one bit each.
type facet int

const (
	shelfFacet facet = 1 << iota
	departmentFacet
	themeFacet
	audienceFacet
	caseTypeFacet
	kindFacet
	channelFacet
	todayFacet
	tripsFacet
	otherFacet

	noFacet facet = 0
)

// fails names the parts of the filter that keep the item out.
func (f Filter) fails(it *Item) (out facet) {
	for _, part := range [...]struct {
		facet
		out bool
	}{
		{shelfFacet, f.Shelf != "" && it.Shelf != f.Shelf},
		{departmentFacet, f.Department != "" && it.Department != f.Department},
		{themeFacet, f.Theme != "" && !it.About(f.Theme)},
		{audienceFacet, f.Audience != "" && !it.For(f.Audience)},
		{caseTypeFacet, f.CaseType != "" && it.CaseType != f.CaseType},
		{kindFacet, f.Kind != "" && it.Asks() != f.Kind},
		{channelFacet, f.Channel != "" && !it.By(f.Channel)},
		{todayFacet, f.Today && !it.Today()},
		{tripsFacet, f.ZeroTrips && (it.Trips != 0 || !it.Orderable() && it.Promised.IsZero())}, // a sheet without figures says nothing
		{otherFacet, f.Online && !it.Online() || !f.Since.IsZero() && it.PublishedAt.Before(f.Since)},
	} {
		if part.out {
			out |= part.facet
		}
	}
	return out
}

// passes says whether the item fits all parts of the filter but one.
func (f Filter) passes(it *Item, but facet) bool { return f.fails(it)&^but == 0 }

// Found is what the search page and the pages of shelves, themes and
// departments show: what fits, best first, and for each value of a part of the
// filter how much there would be if that value were chosen and the other parts
// stayed.
type Found struct {
	Items       []*Item
	Shelves     map[string]int
	Departments map[string]int
	Themes      map[string]int
	Audiences   map[Audience]int
	Kinds       map[Kind]int
	Channels    map[Channel]int
	Instant     int // done while you wait
	Today       int // done on the day
	ZeroTrips   int // nobody has to come
}

// enoughOf is the share of the best score below which a hit is no answer to
// what was asked, only a neighbour of it.
const enoughOf = 0.4

// Find searches, or lists when nothing was typed.
func (s *Snapshot) Find(query string, f Filter) Found {
	var all []*Item
	if index.Normalise(query) == "" {
		all = s.List(Filter{Sort: f.Sort}).Items
	} else {
		hits := s.Search(query, len(s.items), Filter{})
		for _, h := range hits {
			if h.Score < hits[0].Score*enoughOf {
				break
			}
			all = append(all, h.Item)
		}
	}
	out := Found{
		Items: []*Item{}, Shelves: map[string]int{}, Departments: map[string]int{}, Themes: map[string]int{},
		Audiences: map[Audience]int{}, Kinds: map[Kind]int{}, Channels: map[Channel]int{},
	}
	for _, it := range all {
		out.count(it, f.fails(it))
	}
	return out
}

// count an item that some parts of the filter keep out.
func (f *Found) count(it *Item, fails facet) {
	but := func(one facet) bool { return fails&^one == 0 }
	one := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	if but(noFacet) {
		f.Items = append(f.Items, it)
	}
	if but(shelfFacet) {
		f.Shelves[it.Shelf]++
	}
	if but(departmentFacet) {
		f.Departments[it.Department]++
	}
	if but(themeFacet) {
		for _, t := range it.Themes {
			f.Themes[t]++
		}
	}
	if but(audienceFacet) {
		for _, a := range it.Audience {
			f.Audiences[a]++
		}
	}
	if but(kindFacet) {
		f.Kinds[it.Asks()]++
	}
	if but(channelFacet) {
		for _, c := range it.Channels {
			f.Channels[c]++
		}
	}
	f.Instant += one(but(caseTypeFacet) && it.CaseType == Instant)
	f.Today += one(but(todayFacet) && it.Today())
	f.ZeroTrips += one(but(tripsFacet) && it.Trips == 0)
}

// Find searches, or lists when nothing was typed; see Snapshot.Find.
func (s *Service) Find(query string, f Filter) Found { return s.Snapshot().Find(query, f) }

// ShelfCounts says how many items stand on each shelf.
func (s *Service) ShelfCounts() map[string]int {
	out := map[string]int{}
	for _, it := range s.Snapshot().items {
		out[it.Shelf]++
	}
	return out
}

// FindEvents returns the life events that fit a sentence, best first; with
// nothing typed, all.
func (s *Snapshot) FindEvents(sentence string) []LifeEvent { return eventsFor(s.events, sentence) }

// Theme with the key.
func (s *Snapshot) Theme(key string) (Theme, bool) {
	i := slices.IndexFunc(s.themes, func(t Theme) bool { return t.Key == key })
	if i < 0 {
		return Theme{}, false
	}
	return s.themes[i], true
}
