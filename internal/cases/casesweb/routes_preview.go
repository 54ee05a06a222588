package casesweb

import (
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// previewRoutes are the pages of the engine for those who keep the catalogue.
func (p *Pages) previewRoutes() []httpx.Route {
	return []httpx.Route{httpx.Get("/admin/items/{code}/preview/form", auth.AsRole(auth.CatalogueAdmin), p.formPreview)}
}
