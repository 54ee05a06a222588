package identity

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// AddDepartments adds departments that are not there yet; one whose id is
// taken stays as it is. Their region must be known; one without a credit code
// has its id in the place of it, since codes are unique. For those who take a
// catalogue in, and the engine. It joins the transaction of ctx: the directory is read anew once that is
// committed.
func (s *Service) AddDepartments(ctx context.Context, actor auth.Actor, list []Department) error {
	if actor.Kind != auth.System && !(actor.Kind == auth.Staff && actor.Has(auth.CatalogueAdmin)) {
		return ErrForbidden
	}
	if len(list) == 0 {
		return nil
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		for _, d := range list {
			n, err := s.db.Exec(ctx, `INSERT INTO identity_department (id, uscc, region, name, phone, complaint_phone, address, version) VALUES ($1,$2,$3,$4,$5,$6,$7,1)
				ON CONFLICT (id) DO NOTHING`, d.ID, cmp.Or(d.USCC, d.ID), d.Region, db.ToJSON(d.Name), d.Phone, d.ComplaintPhone, db.ToJSON(d.Address))
			if err != nil {
				return fmt.Errorf("identity: add department %s: %w", d.ID, err)
			}
			if n == 0 {
				continue
			}
			if err := s.audit.Record(ctx, actor, audit.Note{Action: "identity.add_department", Object: "department:" + d.ID, Change: map[string]any{"name": d.Name.ZH, "uscc": d.USCC, "region": d.Region}}); err != nil {
				return err
			}
		}
		return s.DirectoryChanged(ctx)
	})
}

// DirectoryChanged tells every process on this database that the organisation is
// another one; the directory is read anew once the transaction of ctx is over.
func (s *Service) DirectoryChanged(ctx context.Context) error {
	if _, err := s.store.next(ctx, directoryGeneration); err != nil {
		return err
	}
	db.AfterCommit(ctx, func() { s.looked.Store(0) })
	return nil
}
