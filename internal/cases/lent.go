package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
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
		c, ok, err := s.Identity.CertificateOf(ctx, holder, list[i].Material.SatisfiedBy, list[i].Ref)
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
	item, err := s.Catalogue.Version(ctx, k.ItemVersionID)
	if err != nil {
		return nil, err
	}
	out := map[string]identity.Certificate{}
	for _, m := range snaps[0].Materials {
		asked, ok := item.Material(m.Key)
		if m.How != ByCertificate || m.Ref == "" || !ok {
			continue
		}
		for _, holder := range []string{k.Party.ID, k.AccountID} {
			c, ok, err := s.Identity.CertificateOf(ctx, holder, asked.SatisfiedBy, m.Ref)
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

// Cited is a certificate that a case was handed in with, by its type and number.
type Cited struct{ Type, Number string }

// CitedBy lists the certificates with which cases of somebody were handed in
// that are not erased yet: as long as a case has to be kept, so has its evidence.
func (s *Service) CitedBy(ctx context.Context, account string) ([]Cited, error) {
	type row struct {
		version   string
		materials []MaterialState
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.version, db.JSON[[]MaterialState]{V: &x.materials})
	}, `SELECT c.item_version_id, n.materials FROM cases_case c JOIN cases_snapshot n ON n.case_id=c.id WHERE `+ofPerson, account)
	if err != nil {
		return nil, fmt.Errorf("cases: cited: %w", err)
	}
	var out []Cited
	for _, x := range list {
		for _, m := range x.materials {
			if m.How != ByCertificate || m.Ref == "" {
				continue
			}
			item, err := s.Catalogue.Version(ctx, x.version)
			if err != nil {
				return nil, fmt.Errorf("cases: cited: %w", err)
			}
			if asked, ok := item.Material(m.Key); ok && !slices.Contains(out, Cited{asked.SatisfiedBy, m.Ref}) {
				out = append(out, Cited{asked.SatisfiedBy, m.Ref})
			}
		}
	}
	return out, nil
}
