package notifyweb

import (
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Notify   *notify.Service
	Outbox   *notify.Outbox // nil unless messages stay in memory
	Sessions *session.Manager
	Clock    clock.Clock
}

// Pages are the pages around notices.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	admin := auth.AsRole(auth.SystemAdmin)
	return []httpx.Route{
		httpx.Get("/settings", auth.SignedIn, p.settings),
		httpx.Get(notify.PreferencesPath, auth.SignedIn, p.preferences),
		httpx.Post(notify.PreferencesPath, auth.SignedIn, p.setPreferences),
		httpx.Get(notify.UnsubscribePath+"{token}", auth.Public, p.unsubscribeAsk),
		httpx.Post(notify.UnsubscribePath+"{token}", auth.Public, p.unsubscribe),
		httpx.Post("/hooks/sms", auth.Public, p.report).WithMaxBody(16 << 10),
		httpx.Get("/admin/notices", admin, p.dead),
		httpx.Post("/admin/notices/{id}/again", admin, p.again),
		httpx.Get("/admin/notices/outbox", admin, p.outbox),
	}
}
