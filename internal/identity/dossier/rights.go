package dossier

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Keepers are the roles that settle what is disputed, in the departments whose
// registers say the facts (vocabulary.yaml): whoever examines and decides there
// knows what the register is worth.
var Keepers = []auth.Role{auth.Handler, auth.Approver, auth.Head}

// Stewards bring in the sheets of the registers.
var Stewards = []auth.Role{auth.Approver, auth.Head}

// keeps returns the facts that the actor settles for a firm in the region.
func (v *Vocabulary) keeps(actor auth.Actor, region string) []string {
	var out []string
	for _, p := range actor.PostsOf(Keepers...) {
		if actor.Kind == auth.Staff && strings.HasPrefix(region, auth.Reach(p.Region)) {
			out = append(out, v.kept(p.DepartmentID)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Keeps says that the actor works in a department that keeps a register.
func Keeps(actor auth.Actor) bool { return atRegister(actor, Keepers) }

// Imports says that the actor may bring in sheets of a register.
func Imports(actor auth.Actor) bool { return atRegister(actor, Stewards) }

func atRegister(actor auth.Actor, roles []auth.Role) bool {
	return actor.Kind == auth.Staff && slices.ContainsFunc(actor.PostsOf(roles...), func(p auth.Post) bool { return len(Published().kept(p.DepartmentID)) > 0 })
}

// Sees says whether the actor may read the file of a firm: its own people whose
// authorisation is for the file, the
// commissioner who looks after it, leaders of its region, and the departments
// whose registers speak in it.
func (s *Service) Sees(actor auth.Actor, e identity.Enterprise) bool {
	switch actor.Kind {
	case auth.System:
		return true
	case auth.Person:
		return actor.May(e.ID, auth.ModuleFile, "", false)
	case auth.Staff:
		if actor.Has(auth.Commissioner) && slices.Contains(actor.Portfolio, e.ID) {
			return true
		}
		return slices.ContainsFunc(actor.PostsOf(auth.Leader), func(p auth.Post) bool { return strings.HasPrefix(e.Region, auth.Reach(p.Region)) }) ||
			len(s.vocab.keeps(actor, e.Region)) > 0
	default:
		return false
	}
}

// says whether the actor is of the firm and may say what stands in its file.
func says(actor auth.Actor, firm string) bool {
	return actor.Kind == auth.Person && actor.May(firm, auth.ModuleFile, "", true)
}

// firm returns a firm whose file the actor may read, else ErrNotFound.
func (s *Service) firm(ctx context.Context, actor auth.Actor, id string) (identity.Enterprise, error) {
	e, err := s.Identity.Enterprise(ctx, id)
	if err != nil {
		return e, ErrNotFound.Because(err)
	}
	if !s.Sees(actor, e) {
		return identity.Enterprise{}, ErrNotFound
	}
	return e, nil
}
