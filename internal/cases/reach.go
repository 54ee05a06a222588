package cases

import (
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
)

// ReachOf names what the actor sees by the table of rights: each relation with
// its place. Who later has all of it still may read what a list of today shows;
// who lost a part of it may not. Sorted, each once.
func ReachOf(a auth.Actor) []string {
	var out []string
	each(a, func(r right, p auth.Post) {
		switch r.scope.name {
		case desk.name, decides.name:
			out = append(out, r.scope.name+":"+p.DepartmentID)
		case city.name:
			out = append(out, city.name+":"+auth.CityOf(p.Region))
		case reach.name:
			out = append(out, reach.name+":"+auth.Reach(p.Region))
		case portfolio.name:
			for _, firm := range a.Portfolio {
				out = append(out, portfolio.name+":"+firm)
			}
		default: // what is the actor's own
			out = append(out, r.scope.name+":"+a.ID)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}
