package talkweb

import (
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Talk      *talk.Service
	Identity  *identity.Service
	Sessions  *session.Manager
	Clock     clock.Clock
	MaxUpload int64 // bytes of one file
}

// Pages are the pages of the conversation.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// The two faces of a conversation.
const (
	my   = "/my"
	work = "/work"
)

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	var out []httpx.Route
	for base, need := range map[string]auth.Need{my: auth.AsPerson, work: auth.AsStaff} {
		x := thread{p, base}
		out = append(out,
			httpx.Get(base+"/cases/{id}/messages", need, x.show),
			httpx.Post(base+"/cases/{id}/messages", need, x.write).WithMaxBody((talk.MaxFiles+1)*p.MaxUpload),
			httpx.Post(base+"/cases/{id}/messages/withdraw/{message}", need, x.withdraw),
			httpx.Get(base+"/cases/{id}/messages/files/{file}", need, x.file),
		)
	}
	keepers := auth.AsRole(talk.Keepers...)
	return append(out,
		httpx.Post(work+"/cases/{id}/messages/drop/{message}", auth.AsStaff, thread{p, work}.drop),
		httpx.Get("/work/phrases", keepers, p.phrases),
		httpx.Post("/work/phrases", keepers, p.addPhrase),
		httpx.Get("/work/phrases/{id}", keepers, p.phrase),
		httpx.Post("/work/phrases/{id}", keepers, p.changePhrase),
		httpx.Post("/work/phrases/{id}/remove", keepers, p.removePhrase),
	)
}
