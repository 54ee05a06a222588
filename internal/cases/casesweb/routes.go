package casesweb

import (
	"slices"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service   *cases.Service
	Lists     *worklist.Service
	Identity  *identity.Service
	Certs     *certs.Service // the log of uses of certificates
	Credit    *credit.Service
	Catalogue *catalogue.Service
	Notify    *notify.Service
	Sessions  *session.Manager
	Clock     clock.Clock
	Visits    *visit.Service
	QueueHome string // where a clerk goes on when a ticket was served, "" for nowhere
	BaseURL   string
	MaxUpload int64 // bytes of one file
	Talk      *talk.Service
}

// Pages are the pages of the engine: the applicant's below /my, the
// workbench's below /work.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	return slices.Concat(p.applicantRoutes(), p.workRoutes(), p.flowRoutes(), p.previewRoutes())
}
