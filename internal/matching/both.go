package matching

import "github.com/tongban/tongban/internal/matching/engine"

// Both is how many firms fit two offers.
func (v *View) Both(a, b string) int {
	n := 0
	v.each(a, engine.Yes, func(row int) {
		if v.at(b, row) == engine.Yes {
			n++
		}
	})
	return n
}
