package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Acting is a firm with what a person may do for it.
type Acting struct {
	Enterprise
	Level Level
	Since time.Time
}

// FirmsOf lists the firms that the person acts for, those of the owner first.
func (s *Service) FirmsOf(ctx context.Context, actor auth.Actor) ([]Acting, error) {
	type row struct {
		level Level
		since time.Time
	}
	rights := map[string]row{}
	_, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) {
		var firm string
		err = r.Scan(&firm, &x.level, db.Time{Time: &x.since})
		rights[firm] = x
		return x, err
	}, `SELECT enterprise_id, level, since FROM identity_agent WHERE account_id=$1 AND ended_at=0`, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("identity: firms: %w", err)
	}
	firms, err := s.Enterprises(ctx, actor.Firms)
	if err != nil {
		return nil, fmt.Errorf("identity: firms: %w", err)
	}
	out := make([]Acting, len(firms))
	for i, e := range firms {
		out[i] = Acting{Enterprise: e, Level: rights[e.ID].level, Since: rights[e.ID].since}
	}
	slices.SortStableFunc(out, func(a, b Acting) int {
		switch {
		case a.Level == b.Level:
			return 0
		case a.Level == Owner:
			return -1
		default:
			return 1
		}
	})
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
	held, err := s.Certificates(ctx, append([]string{actor.ID}, actor.Firms...))
	if err != nil {
		return Certificate{}, err
	}
	i := slices.IndexFunc(held, func(c Certificate) bool { return c.ID == id })
	if i < 0 {
		return Certificate{}, ErrNotFound
	}
	return held[i], nil
}
