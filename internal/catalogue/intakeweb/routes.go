package intakeweb

import (
	"context"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// Deps of the pages.
type Deps struct {
	Service   *intake.Service
	Catalogue *catalogue.Service
	Identity  *identity.Service
}

// Pages of imports and mappings.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

const (
	maxUpload = 64 << 20
	maxText   = 1 << 20 // of a mapping with its rows
)

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	keeper := auth.AsRole(auth.CatalogueAdmin)
	return []httpx.Route{
		httpx.Get("/admin/import", keeper, p.list),
		httpx.Post("/admin/import", keeper, p.upload).WithMaxBody(maxUpload + 1<<20),
		httpx.Get("/admin/import/{id}", keeper, p.run),
		httpx.Get("/admin/import/{id}/progress", keeper, p.progress),
		httpx.Get("/admin/import/{id}/report", keeper, p.report),
		httpx.Get("/admin/import/{id}/changes", keeper, p.changes),
		httpx.Post("/admin/import/{id}/release", keeper, p.release),
		httpx.Post("/admin/import/{id}/again", keeper, p.again),
		httpx.Post("/admin/import/{id}/discard", keeper, p.discard),

		httpx.Get("/admin/import/mappings", keeper, p.mappings),
		httpx.Get("/admin/import/mappings/new", keeper, p.newMapping),
		httpx.Post("/admin/import/mappings/new", keeper, p.newMapping).WithMaxBody(maxText),
		httpx.Get("/admin/import/mappings/edit/{key}", keeper, p.editMapping),
		httpx.Post("/admin/import/mappings/edit/{key}", keeper, p.editMapping).WithMaxBody(maxText),
	}
}

// words of a finding in the reader's language.
func words(ctx context.Context, f mapping.Finding) string {
	return i18n.T(ctx, "error."+f.Reason, i18n.Map(f.Params)...)
}

// name of an account.
func (p *Pages) name(ctx context.Context, account string) string {
	if account == "" || account == auth.SystemActor().ID {
		return ""
	}
	return p.Identity.NameOf(ctx, account).For(ctx)
}

// office whose item it is, by the name that people see.
func (p *Pages) office(ctx context.Context, d catalogue.Definition) string {
	if d.External() {
		return d.Agency.Name.For(ctx)
	}
	return p.Identity.Directory().Department(d.Department).Name.For(ctx)
}

// mappingNames are the names of the mappings by key.
func mappingNames(ctx context.Context, list []intake.Stored) map[string]string {
	out := map[string]string{}
	for _, s := range list {
		out[s.Key] = s.Key
		if m, faults := s.Parsed(); len(faults) == 0 && !m.Name.IsZero() {
			out[s.Key] = m.Name.For(ctx)
		}
	}
	return out
}
