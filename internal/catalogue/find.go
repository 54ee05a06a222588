package catalogue

import "github.com/tongban/tongban/internal/catalogue/index"

// Found is what the search page and the pages of shelves and departments
// show: what fits, best first, and for each value of a part of the filter how
// much there would be if that value were chosen and the other parts stayed.
type Found struct {
	Items       []*Item
	Shelves     map[string]int
	Departments map[string]int
	Audiences   map[Audience]int
	Instant     int // done while you wait
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
	anyShelf := f
	anyShelf.Shelf = ""
	out := Found{Items: []*Item{}, Shelves: map[string]int{}, Departments: map[string]int{}, Audiences: map[Audience]int{}}
	for _, it := range all {
		if f.passes(it, noFacet) {
			out.Items = append(out.Items, it)
		}
		if anyShelf.passes(it, noFacet) {
			out.Shelves[it.Shelf]++
		}
		if f.passes(it, departmentFacet) {
			out.Departments[it.Department]++
		}
		if f.passes(it, audienceFacet) {
			for _, a := range it.Audience {
				out.Audiences[a]++
			}
		}
		if f.passes(it, caseTypeFacet) && it.CaseType == Instant {
			out.Instant++
		}
	}
	return out
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
