package identity

import (
	"context"

	"github.com/tongban/tongban/internal/kernel/idcode"
)

// PartyByCode finds the firm or person that the sheet of an office names by
// credit code or identity number. A person only whose identity card a clerk or a
// provider of single sign-on has seen (else ErrNotProven): anybody can type the
// number of somebody else at signing up, and must not come by his papers. Rights
// are the caller's.
func (s *Service) PartyByCode(ctx context.Context, code string) (Party, error) {
	if r := idcode.CheckUSCC(code); r.OK(true) {
		e, err := s.EnterpriseByUSCC(ctx, r.Normalised)
		return e.Party(), err
	}
	r := idcode.CheckResidentID(code)
	if !r.OK(true) {
		return Party{}, ErrNotFound
	}
	a, found, err := s.store.byIDNumber(ctx, r.Normalised)
	if err != nil {
		return Party{}, err
	}
	if !found || a.State != "active" {
		return Party{}, ErrNotFound
	}
	known, err := s.RealNameOf(ctx, a)
	if err != nil {
		return Party{}, err
	}
	for _, n := range known {
		if n.Level == RealWindow || n.Level == RealProvider {
			return a.Party(), nil
		}
	}
	return Party{}, ErrNotProven
}
