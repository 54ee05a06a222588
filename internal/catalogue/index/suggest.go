package index

import (
	"cmp"
	"slices"
	"strings"
)

// Suggest completes what somebody is typing: what Search finds, those whose
// name begins with it first, also in pinyin.
func (x *Index) Suggest(typed string, n int, keep func(doc int) bool) []Hit {
	if n <= 0 {
		return nil
	}
	hits := x.search(typed, max(8*n, 100), keep, true)
	text := compact(Normalise(typed))
	sound := isASCII(text)
	for i := range hits {
		name := x.names[hits[i].Doc]
		begins := strings.HasPrefix(name, text)
		if !begins && sound && len(text) > 1 {
			sp := spell(name)
			begins = strings.HasPrefix(sp.initials, text) || strings.HasPrefix(sp.full(), text)
		}
		if begins {
			hits[i].Score += 0.25
		}
		hits[i].Score += 0.3 * float64(x.about[hits[i].Doc].popularity) / 100
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(len(x.names[a.Doc]), len(x.names[b.Doc])), cmp.Compare(a.Doc, b.Doc))
	})
	return hits[:min(n, len(hits))]
}
