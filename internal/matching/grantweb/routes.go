package grantweb

import (
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service  *grant.Service
	Identity *identity.Service
	Sessions *session.Manager
	Clock    clock.Clock
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

const (
	workPath   = "/work/grants"
	myPath     = "/my/grants"
	publicPath = "/publicity/grants"
	small      = 32 << 10
)

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	staff := auth.AsRole(grant.Readers...)
	return []httpx.Route{
		httpx.Get(workPath, staff, p.batches),
		httpx.Post(workPath, staff, p.draft).WithMaxBody(small),
		httpx.Get(workPath+"/{id}", staff, p.batch),
		httpx.Post(workPath+"/{id}/do/{what}", staff, p.do).WithMaxBody(small),
		httpx.Post(workPath+"/{id}/lines/{line}", staff, p.move).WithMaxBody(small),
		httpx.Post(workPath+"/{id}/objections/{objection}", staff, p.settle).WithMaxBody(small),
		httpx.Post(workPath+"/{id}/lists/{list}/paid", staff, p.paid).WithMaxBody(small),
		httpx.Post(workPath+"/{id}/lists/{list}/void", staff, p.void).WithMaxBody(small),
		httpx.Post(workPath+"/{id}/lists/{list}/file", staff, p.file).WithMaxBody(small),
		httpx.Get(publicPath, auth.Public, p.published),
		httpx.Get(publicPath+"/{id}", auth.Public, p.public),
		httpx.Post(publicPath+"/{id}", auth.SignedIn, p.object).WithMaxBody(small),
		httpx.Get(myPath, auth.AsPerson, p.mine),
		httpx.Get(myPath+"/{line}", auth.AsPerson, p.own),
		httpx.Post(myPath+"/{line}", auth.AsPerson, p.answer).WithMaxBody(small),
	}
}
