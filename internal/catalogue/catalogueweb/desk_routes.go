package catalogueweb

import (
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// The most that a sent form may weigh, in bytes: a definition as text, and a
// part with its blanks and samples.
const (
	longDefinition = 1 << 20
	longPart       = 6 * catalogue.MaxPaper
)

// deskRoutes are the pages of those who keep the catalogue.
func (p *Pages) deskRoutes() []httpx.Route {
	keeper := auth.AsRole(auth.CatalogueAdmin)
	return []httpx.Route{
		httpx.Get("/admin/items", keeper, p.adminList),
		httpx.Get("/admin/items/export", keeper, p.adminExport),
		httpx.Get("/admin/items/new", keeper, p.adminNew),
		httpx.Post("/admin/items/new", keeper, p.adminNew).WithMaxBody(longDefinition),
		httpx.Get("/admin/items/codes", keeper, p.checkCodes),
		httpx.Get("/admin/items/{code}", keeper, p.adminItem),
		httpx.Get("/admin/items/{code}/edit", keeper, p.editFirst),
		httpx.Get("/admin/items/{code}/edit/yaml", keeper, p.editYAML),
		httpx.Post("/admin/items/{code}/edit/yaml", keeper, p.editYAML).WithMaxBody(longDefinition),
		httpx.Get("/admin/items/{code}/edit/{part}", keeper, p.edit),
		httpx.Post("/admin/items/{code}/edit/{part}", keeper, p.edit).WithMaxBody(longPart),
		httpx.Get("/admin/items/{code}/review", keeper, p.review),
		httpx.Get("/admin/items/{code}/preview", keeper, p.preview),
		httpx.Get("/admin/items/{code}/history", keeper, p.story),
		httpx.Get("/admin/items/{code}/files/{file}", keeper, p.adminPaper),
		httpx.Post("/admin/items/{code}/publish", keeper, p.adminPublish),
		httpx.Post("/admin/items/{code}/suspend", keeper, p.adminSuspend),
		httpx.Post("/admin/items/{code}/resume", keeper, p.adminResume),
		httpx.Post("/admin/items/{code}/withdraw", keeper, p.adminWithdraw),

		httpx.Get("/admin/catalogue/report", keeper, p.report),
		httpx.Get("/admin/catalogue/words", keeper, p.words),
		httpx.Post("/admin/catalogue/words", keeper, p.saveWords),
		httpx.Post("/admin/catalogue/words/remove", keeper, p.removeWords),
		httpx.Post("/admin/catalogue/words/keyword", keeper, p.addKeyword),
		httpx.Post("/admin/catalogue/words/done", keeper, p.missDone),
		httpx.Get("/admin/catalogue/life-events", keeper, p.lifeEvents),
		httpx.Get("/admin/catalogue/life-events/new", keeper, p.editEvent),
		httpx.Post("/admin/catalogue/life-events/new", keeper, p.editEvent),
		httpx.Get("/admin/catalogue/life-events/{key}", keeper, p.editEvent),
		httpx.Post("/admin/catalogue/life-events/{key}", keeper, p.editEvent),
		httpx.Get("/admin/catalogue/life-events/{key}/yaml", keeper, p.eventYAML),
		httpx.Post("/admin/catalogue/life-events/{key}/yaml", keeper, p.eventYAML),
		httpx.Post("/admin/catalogue/life-events/{key}/move", keeper, p.moveEvent),
		httpx.Post("/admin/catalogue/life-events/{key}/remove", keeper, p.removeEvent),
		httpx.Post("/admin/catalogue/life-events/{key}/restore", keeper, p.restoreEvent),
		httpx.Get("/admin/catalogue/themes", keeper, p.editThemes),
		httpx.Post("/admin/catalogue/themes", keeper, p.editThemes),
	}
}
