package grant

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/auth"
)

// Readers are the roles that see batches: leaders those of their region, the
// others those of their department.
var Readers = []auth.Role{auth.Handler, auth.Approver, auth.Head, auth.Leader}

func holds(a auth.Actor, department string, roles ...auth.Role) bool {
	return a.Kind == auth.Staff && department != "" && slices.ContainsFunc(a.PostsOf(roles...), func(p auth.Post) bool { return p.DepartmentID == department })
}

// Drafts says whether the actor makes and checks lists of the department.
func Drafts(a auth.Actor, department string) bool {
	return holds(a, department, auth.Handler, auth.Head)
}

// Releases says whether the actor releases lists of the department.
func Releases(a auth.Actor, department string) bool {
	return holds(a, department, auth.Approver, auth.Head)
}

func sees(a auth.Actor, b *Batch) bool {
	return holds(a, b.DepartmentID, auth.Handler, auth.Approver, auth.Head) ||
		a.Kind == auth.Staff && slices.ContainsFunc(a.PostsOf(auth.Leader), func(p auth.Post) bool { return strings.HasPrefix(b.Region, auth.Reach(p.Region)) })
}

// MayRelease says whether the actor releases this batch: he had no hand in it, nor
// had anybody for whom he stands in.
func MayRelease(a auth.Actor, b *Batch) bool {
	mine := append(a.StandsInFor(), a.ID)
	return Releases(a, b.DepartmentID) && !slices.Contains(mine, b.DraftedBy) && !slices.Contains(mine, b.CheckedBy) &&
		!slices.ContainsFunc(mine, func(id string) bool { return slices.Contains(b.Hands, id) })
}

// Answers says whether the person answers for the firm.
func Answers(a auth.Actor, firm, item string) bool {
	return a.Kind == auth.Person && a.May(firm, auth.ModuleCases, item, true)
}
