package cases

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Lent returns the certificate on file that stands for a material of a case, for
// staff who work on the case: nobody else's certificate, and none that the case
// does not use.
func (s *Service) Lent(ctx context.Context, actor auth.Actor, id ID, material string) (identity.Certificate, error) {
	if actor.Kind != auth.Staff {
		return identity.Certificate{}, ErrNotFound
	}
	v, err := s.View(ctx, actor, id)
	if err != nil {
		return identity.Certificate{}, err
	}
	list := v.Materials
	if v.State == Draft { // being typed at a window: what is on file now
		f, err := s.Form(ctx, actor, id)
		if err != nil {
			return identity.Certificate{}, err
		}
		list = f.Materials
	}
	i := slices.IndexFunc(list, func(m MaterialState) bool {
		return m.Key == material && m.How == ByCertificate && m.Ref != ""
	})
	if i < 0 {
		return identity.Certificate{}, ErrNotFound
	}
	for _, holder := range []string{v.Party.ID, v.AccountID} { // what is lent is the party's, or that of the person who acts
		c, ok, err := s.Identity.CertificateOf(ctx, holder, list[i].Ref)
		if err != nil || ok {
			return c, err
		}
	}
	return identity.Certificate{}, ErrNotFound
}

// OnFile returns the certificates that stood for materials when a case was
// handed in last, by material. Rights are the caller's: it serves what reacts to
// commands.
func (s *Service) OnFile(ctx context.Context, k *Case) (map[string]identity.Certificate, error) {
	snaps, err := s.store.snapshots(ctx, k.ID, 1)
	if err != nil || len(snaps) == 0 {
		return nil, err
	}
	out := map[string]identity.Certificate{}
	for _, m := range snaps[0].Materials {
		if m.How != ByCertificate || m.Ref == "" {
			continue
		}
		for _, holder := range []string{k.Party.ID, k.AccountID} {
			c, ok, err := s.Identity.CertificateOf(ctx, holder, m.Ref)
			if err != nil {
				return nil, err
			}
			if ok {
				out[m.Key] = c
				break
			}
		}
	}
	return out, nil
}
