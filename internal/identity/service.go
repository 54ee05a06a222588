package identity

import (
	"context"
	"sync/atomic"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Deps of the module.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Audit    *audit.Log
	Throttle *throttle.Throttle
	Seal     *seal.Ring      // keys of what is not kept in clear
	Notify   *notify.Service // nil: nobody can prove a new address
}

// Service is the module's use cases, one file per group.
type Service struct {
	db        *db.DB
	clock     clock.Clock
	audit     *audit.Log
	throttle  *throttle.Throttle
	notify    *notify.Service
	store     store
	directory atomic.Pointer[Directory]
	// Held is told, in the same transaction, that a firm holds other certificates
	// now: it fits other policies. nil: nobody wants to know.
	Held func(ctx context.Context, firm string) error
	// Receipts says whether a code is that of a receipt of the account's cases; the
	// cases answer it. Without it nobody takes over an account from a window.
	Receipts func(ctx context.Context, account, code string) (bool, error)
	// Standing says how somebody stands by the published rule of credit; package
	// credit answers it. Without it the records alone count.
	Standing func(ctx context.Context, party string) (Standing, error)
	looked   atomic.Int64 // when the generation of the directory was last looked at, unix ms
}

// New wires the module. Call Load before serving.
func New(d Deps) *Service {
	if d.Seal == nil {
		panic("identity: Deps.Seal is needed: people's numbers are never kept in clear; tests take sealtest.Ring(t)")
	}
	s := &Service{db: d.DB, clock: d.Clock, audit: d.Audit, throttle: d.Throttle, notify: d.Notify, store: store{d.DB, d.Seal}}
	s.directory.Store(&Directory{})
	return s
}
