package policy

import (
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
)

// Keepers are the roles that see drafts: administrators of the catalogue all of
// them, heads and handlers those of their department.
var Keepers = []auth.Role{auth.CatalogueAdmin, auth.Head, auth.Handler}

// Administers says whether the actor keeps the whole library.
func Administers(a auth.Actor) bool { return a.Kind == auth.Staff && a.Has(auth.CatalogueAdmin) }

// Departments for whose documents the actor may write drafts, when he does not
// keep the whole library.
func Departments(a auth.Actor) []string { return departments(a, auth.Head, auth.Handler) }

func departments(a auth.Actor, roles ...auth.Role) []string {
	var out []string
	if a.Kind != auth.Staff {
		return nil
	}
	for _, p := range a.PostsOf(roles...) {
		if p.DepartmentID != "" && !slices.Contains(out, p.DepartmentID) {
			out = append(out, p.DepartmentID)
		}
	}
	return out
}

// edits says whether the actor may write drafts for the department, and see them.
func edits(a auth.Actor, department string) bool {
	return Administers(a) || department != "" && slices.Contains(Departments(a), department)
}

// proposes says whether the actor may propose what is drafted for the department.
func proposes(a auth.Actor, department string) bool {
	return Administers(a) || department != "" && slices.Contains(departments(a, auth.Head), department)
}

// own says whether the actor, or somebody for whom he stands in, had a hand in a draft.
func own(a auth.Actor, p Paper) bool {
	mine := append(a.StandsInFor(), a.ID)
	return slices.Contains(mine, p.SavedBy) || slices.Contains(mine, p.ProposedBy)
}
