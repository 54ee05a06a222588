package policyweb

import (
	"slices"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service   *policy.Service
	Identity  *identity.Service
	Catalogue *catalogue.Service
	Push      *push.Service   // who saved what
	Advice    *advice.Service // how clauses stand towards a firm
	Sessions  *session.Manager
	BaseURL   string
	MaxUpload int64 // bytes of one sheet
	// Trial stands below the rule of a clause and shows whom it fits while it is
	// written; nil for nothing. It reads the inputs of the form.
	Trial func() templ.Component
}

// Pages are the pages of the library.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

const (
	listPath     = "/policies"
	calendarPath = "/policies/calendar.ics"
	comparePath  = "/policies/compare"
	sheetsPath   = "/work/policies/sheets"
	checkPath    = "/work/policies/check"
)

// SavedPath is the list of clauses that somebody saved.
const SavedPath = "/my/policies/saved"

// DeskPath is where the library is kept.
const DeskPath = "/work/policies"

// Routes of the pages.
func (p *Pages) Routes() []httpx.Route {
	keepers := auth.AsRole(policy.Keepers...)
	return slices.Concat([]httpx.Route{
		httpx.Get(listPath, auth.Public, p.list),
		httpx.Get("/policies/{document}", auth.Public, p.document),
		httpx.Get("/policies/clauses/{key}", auth.Public, p.clause),
		httpx.Get(calendarPath, auth.Public, p.calendar),
		httpx.Get(comparePath, auth.Public, p.compare),
		httpx.Get(SavedPath, auth.AsPerson, p.savedList),
		httpx.Post("/policies/clauses/{key}/save", auth.AsPerson, p.save),
		httpx.Post("/policies/clauses/{key}/unsave", auth.AsPerson, p.unsave),
	}, []httpx.Route{
		httpx.Get(DeskPath, keepers, p.desk),
		httpx.Get(DeskPath+"/new", keepers, p.newDocument),
		httpx.Post(DeskPath+"/new", keepers, p.saveDocument).WithMaxBody(256 << 10),
		httpx.Get(DeskPath+"/documents/{document}", keepers, p.file),
		httpx.Get(DeskPath+"/documents/{document}/edit", keepers, p.editDocument),
		httpx.Post(DeskPath+"/documents/{document}/edit", keepers, p.saveDocument).WithMaxBody(256 << 10),
		httpx.Get(DeskPath+"/documents/{document}/clauses/new", keepers, p.newClause),
		httpx.Post(DeskPath+"/documents/{document}/clauses/new", keepers, p.saveClause).WithMaxBody(256 << 10),
		httpx.Post(DeskPath+"/documents/{document}/act/{act}", keepers, p.act).WithMaxBody(64 << 10),
		httpx.Get(DeskPath+"/clauses/{key}", keepers, p.paper),
		httpx.Get(DeskPath+"/clauses/{key}/edit", keepers, p.editClause),
		httpx.Post(DeskPath+"/clauses/{key}/edit", keepers, p.saveClause).WithMaxBody(256 << 10),
		httpx.Get(checkPath, keepers, p.checkUp),
		httpx.Get(DeskPath+"/export", keepers, p.export),
		httpx.Get(sheetsPath, keepers, p.sheets),
		httpx.Post(sheetsPath, keepers, p.bring).WithMaxBody(2 * p.MaxUpload),
		httpx.Get(sheetsPath+"/template", keepers, p.template),
		httpx.Get(sheetsPath+"/{id}", keepers, p.sheet),
		httpx.Post(sheetsPath+"/{id}/take", keepers, p.take).WithMaxBody(32 << 10),
	})
}
