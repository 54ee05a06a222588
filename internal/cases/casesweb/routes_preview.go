package casesweb

import (
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// previewRoutes are the pages of the engine for those who keep the catalogue.
func (p *Pages) previewRoutes() []httpx.Route {
	keeper := auth.AsRole(auth.CatalogueAdmin)
	return []httpx.Route{
		httpx.Get("/admin/items/{code}/preview/form", keeper, p.formPreview),
		httpx.Get("/admin/items/{code}/moves", keeper, p.moves),
		httpx.Post("/admin/items/{code}/moves/simulate", keeper, p.simulateMoves),
		httpx.Post("/admin/items/{code}/moves", keeper, p.moveCases),
		httpx.Get("/admin/items/{code}/moves/{run}", keeper, p.moveRun),
	}
}
