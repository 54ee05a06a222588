package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
)

// Acting is a firm with what a person may do for it.
type Acting struct {
	Enterprise
	Level   Level
	Since   time.Time
	Mandate auth.Mandate // the one that goes before the others
}

// FirmsOf lists the firms that the person acts for, those of the owner first,
// those by way of an organisation last.
func (s *Service) FirmsOf(ctx context.Context, actor auth.Actor) ([]Acting, error) {
	firms, err := s.Enterprises(ctx, actor.Firms)
	if err != nil {
		return nil, fmt.Errorf("identity: firms: %w", err)
	}
	rank := func(m auth.Mandate) int {
		if m.Via != "" {
			return 3
		}
		return slices.Index([]Level{Owner, Manager, Agent}, m.Level)
	}
	out := make([]Acting, len(firms))
	for i, e := range firms {
		out[i].Enterprise = e
		for _, m := range actor.Mandates {
			if m.Firm == e.ID && (out[i].Level == "" || rank(m) < rank(out[i].Mandate)) {
				out[i].Mandate, out[i].Level, out[i].Since = m, m.Level, m.From
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Acting) int { return rank(a.Mandate) - rank(b.Mandate) })
	return out, nil
}

// Folder is what is on file for one holder.
type Folder struct {
	Holder       Party
	Certificates []Certificate
}

// Folders returns the certificates of the person and of each firm that the
// person acts for, newest first.
func (s *Service) Folders(ctx context.Context, actor auth.Actor) ([]Folder, error) {
	parties, err := s.Parties(ctx, actor)
	if err != nil {
		return nil, err
	}
	parties = slices.DeleteFunc(parties, func(p Party) bool { return p.Kind == HolderEnterprise && !actor.May(p.ID, auth.ModuleFile, "", false) })
	out := make([]Folder, len(parties))
	for i, p := range parties {
		out[i].Holder = p
		if out[i].Certificates, err = s.Certificates(ctx, []string{p.ID}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// HeldCertificate returns a certificate to its holder: the person, or one who
// acts for the firm. To everybody else it is ErrNotFound.
func (s *Service) HeldCertificate(ctx context.Context, actor auth.Actor, id string) (Certificate, error) {
	if actor.Kind != auth.Person {
		return Certificate{}, ErrNotFound
	}
	held, err := s.Certificates(ctx, append([]string{actor.ID}, actor.FirmsIn(auth.ModuleFile)...))
	if err != nil {
		return Certificate{}, err
	}
	i := slices.IndexFunc(held, func(c Certificate) bool { return c.ID == id })
	if i < 0 {
		return Certificate{}, ErrNotFound
	}
	return held[i], nil
}
