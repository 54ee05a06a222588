package catalogueweb

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// RealTime is how long an item really took in the last 90 days, in working
// days over N decided cases.
type RealTime struct{ N, Median, P90 int }

// Deps of the pages.
type Deps struct {
	Service   *catalogue.Service
	Intake    *intake.Service
	Identity  *identity.Service
	RealTimes func(ctx context.Context, itemID string) (RealTime, error)
	Sessions  *session.Manager // for the cart of a visitor
	Ratings   func(ctx context.Context, itemCode string) (Rating, error)
	BaseURL   string
}

// Pages are the pages of the module: search, shelves and guides for everybody,
// the upkeep of the catalogue below /admin/items.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	return slices.Concat([]httpx.Route{
		httpx.Get("/search", auth.Public, p.search),
		httpx.Get("/search/suggest", auth.Public, p.suggest),
		httpx.Get("/shelves", auth.Public, p.shelves),
		httpx.Get("/shelves/{key}", auth.Public, p.shelf),
		httpx.Get("/departments/{id}", auth.Public, p.department),
		httpx.Get("/items/{code}", auth.Public, p.guide),
		httpx.Get("/items/{code}/print", auth.Public, p.print),
		httpx.Get("/items/{code}/blank", auth.Public, p.blank),
		httpx.Get("/items/{code}/specimen", auth.Public, p.specimen),
		httpx.Get("/items/{code}/files/{file}", auth.Public, p.paper),
		httpx.Get("/shelves/print", auth.Public, p.printed),
		httpx.Get("/themes", auth.Public, p.themes),
		httpx.Get("/themes/{key}", auth.Public, p.theme),
		httpx.Get("/guide", auth.Public, p.events),
		httpx.Get("/guide/{key}", auth.Public, p.event),
		httpx.Get("/guide/{key}/print", auth.Public, p.eventPrint),
		httpx.Get("/changes.atom", auth.Public, p.atom),
		httpx.Get("/sitemap.xml", auth.Public, p.sitemap),
		httpx.Get("/sitemap/{page}", auth.Public, p.sitemapPage),
		httpx.Post("/items/{code}/favour", auth.SignedIn, p.favour),
		httpx.Post("/items/{code}/unfavour", auth.SignedIn, p.unfavour),
		httpx.Get("/my/favourites", auth.SignedIn, p.favourites),
		httpx.Get(cartPath, auth.Public, p.cart),
		httpx.Post(cartPath+"/add", auth.Public, p.addToCart),
		httpx.Post(cartPath+"/remove", auth.Public, p.removeFromCart),
	}, p.deskRoutes())
}
