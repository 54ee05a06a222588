package mandateweb

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Left is what somebody left behind who may do nothing more about it.
type Left struct {
	AccountID string
	Name      i18n.Text
	Items     []i18n.Text // what his cases ask for
}

// Item is one item of the catalogue.
type Item struct {
	Code string
	Name i18n.Text
}

// Ports are what the pages need of modules above: app passes them.
type Ports struct {
	Left func(ctx context.Context, actor auth.Actor, firm string) ([]Left, error)
	Give func(ctx context.Context, actor auth.Actor, firm, account, to string) (int, error)
	// Acts lists what was done under a mandate, newest first, those before an id ("" for all).
	Acts    func(ctx context.Context, actor auth.Actor, firm, mandate, before string) ([]Act, error)
	Item    func(words string) (Item, bool) // by code or by its whole name
	Popular func() []Item                   // what firms ask for most
}

// Act is something that somebody did for a firm under a mandate.
type Act struct {
	ID     string // in the order of time
	At     time.Time
	Who    i18n.Text
	What   string // key of its text
	Item   i18n.Text
	Number string // of the case, "" while it is a draft
	Link   string
}

// Deps of the pages.
type Deps struct {
	Service  *mandate.Service
	Identity *identity.Service
	Sessions *session.Manager
	Clock    clock.Clock
	Ports
}

// Pages are the pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	const people = "/my/firms/{id}/colleagues"
	return []httpx.Route{
		httpx.Get(people, auth.AsPerson, p.colleagues),
		httpx.Get(people+"/new", auth.AsPerson, p.askAppoint),
		httpx.Post(people+"/new", auth.AsPerson, p.appoint),
		httpx.Post(people+"/left", auth.AsPerson, p.give),
		httpx.Get(people+"/invite", auth.AsPerson, p.askInvite),
		httpx.Post(people+"/invite", auth.AsPerson, p.invite),
		httpx.Post(people+"/invite/{invitation}/recall", auth.AsPerson, p.recall),
		httpx.Get("/my/firms/{id}/organisations", auth.AsPerson, p.organisations),
		httpx.Post("/my/firms/{id}/organisations", auth.AsPerson, p.commission),
		httpx.Get("/my/firms/{id}/organisations/{mandate}", auth.AsPerson, p.acts),
		httpx.Post("/my/firms/{id}/organisations/{mandate}", auth.AsPerson, p.changeCommission),
		httpx.Get("/join", auth.AsPerson, p.askJoin),
		httpx.Post("/join", auth.AsPerson, p.join),
		httpx.Get(authorisationsPath, auth.AsPerson, p.authorisations),
		httpx.Get(people+"/{agent}", auth.AsPerson, p.colleague),
		httpx.Post(people+"/{agent}", auth.AsPerson, p.change),
		httpx.Post(people+"/{agent}/end", auth.AsPerson, p.end),
	}
}

func peoplePath(firm string, more ...string) string {
	path := "/my/firms/" + firm + "/colleagues"
	for _, m := range more {
		path += "/" + m
	}
	return path
}

// itemName is what an item is called; its code where it is offered no more.
func (p *Pages) itemName(code string) i18n.Text {
	if it, ok := p.Item(code); ok {
		return it.Name
	}
	return i18n.Text{ZH: code}
}
