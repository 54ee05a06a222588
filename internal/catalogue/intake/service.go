package intake

import (
	"context"
	"fmt"
	"sync"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Deps is what the intake needs.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Audit     *audit.Log
	Jobs      *jobs.Queue
	Files     *files.Store
	Catalogue *catalogue.Service
	Identity  *identity.Service
	Limits    sheet.Options // of files; zero for the defaults
}

// Service takes sheets in.
type Service struct {
	Deps
	store    store
	progress sync.Map // id of a run → Progress, of runs that this process works on
}

// New wires the service.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB}} }

// Apply writes a plan, all of it or nothing: departments first, then items,
// then one entry in the audit trail for the whole. db.ErrStale or
// db.ErrDuplicate says that the catalogue has moved on since Check.
func (s *Service) Apply(ctx context.Context, actor auth.Actor, by catalogue.Hands, p *Plan, object string, progress func(done int)) error {
	if len(p.changes) == 0 {
		return nil
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Identity.AddDepartments(ctx, actor, p.Departments); err != nil {
			return err
		}
		if err := s.Catalogue.ApplySheet(ctx, actor, by, p.changes, progress); err != nil {
			return err
		}
		return s.Catalogue.NoteImport(ctx, actor, object, map[string]any{
			"read": p.Read, "created": p.Created, "updated": p.Updated, "unchanged": p.Unchanged, "errors": p.Errors, "departments": len(p.Departments),
			"brought": by.Brought, "checked": by.Checked, "mapping_by": by.Mapped, "released": by.Released,
		})
	})
	if err != nil {
		return fmt.Errorf("intake: apply %s: %w", object, err)
	}
	return nil
}
