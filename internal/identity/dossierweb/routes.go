package dossierweb

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
)

// Deps of the pages.
type Deps struct {
	Service   *dossier.Service
	Identity  *identity.Service
	Files     *files.Store
	Sessions  *session.Manager
	MaxUpload int64 // bytes of one file
}

// Pages are the pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// DeskPath is the desk of a department that keeps a register.
const DeskPath = "/work/dossiers"

// side is where a file is read: by its own people, or by staff.
type side struct {
	*Pages
	base  string
	staff bool
}

const mine = "/my/firms"

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	my, work := side{p, mine, false}, side{p, DeskPath, true}
	readers := auth.AsRole(auth.Handler, auth.Approver, auth.Head, auth.Commissioner, auth.Leader)
	keepers := auth.AsRole(dossier.Keepers...)
	return []httpx.Route{
		httpx.Get(mine+"/{id}", auth.AsPerson, my.file),
		httpx.Get(mine+"/{id}/facts/{key}", auth.AsPerson, my.fact),
		httpx.Post(mine+"/{id}/facts/{key}", auth.AsPerson, my.declare).WithMaxBody(2 * p.MaxUpload),
		httpx.Get(mine+"/{id}/papers/{fact}", auth.AsPerson, my.paper),

		httpx.Get(SheetsPath, auth.AsRole(dossier.Stewards...), p.sheets),
		httpx.Post(SheetsPath, auth.AsRole(dossier.Stewards...), p.upload).WithMaxBody(2 * p.MaxUpload),
		httpx.Get(SheetsPath+"/{id}", auth.AsRole(dossier.Stewards...), p.sheet),
		httpx.Post(SheetsPath+"/{id}/release", auth.AsRole(dossier.Stewards...), p.release),

		httpx.Get(DeskPath, keepers, p.matters),
		httpx.Get(DeskPath+"/{id}", readers, work.file),
		httpx.Get(DeskPath+"/{id}/facts/{key}", readers, work.fact),
		httpx.Post(DeskPath+"/{id}/facts/{key}", keepers, work.decide),
		httpx.Get(DeskPath+"/{id}/papers/{fact}", keepers, work.paper),
	}
}

func (s side) filePath(firm string) string { return s.base + "/" + firm }

func (s side) factPath(firm string, slot dossier.Slot) string {
	return s.base + "/" + firm + "/facts/" + slot.Key + query(slot)
}

func query(slot dossier.Slot) string {
	if slot.Year == 0 {
		return ""
	}
	return "?" + url.Values{"year": {strconv.Itoa(slot.Year)}}.Encode()
}

// slotOf reads which fact of which year a page is about.
func slotOf(r *http.Request) (dossier.Slot, error) {
	slot := dossier.Slot{Key: r.PathValue("key")}
	if y := r.URL.Query().Get("year"); y != "" {
		n, err := strconv.Atoi(y)
		if err != nil {
			return slot, dossier.ErrNotFound
		}
		slot.Year = n
	}
	return slot, nil
}

// paper sends a file that came with a value.
func (s side) paper(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Service.PaperOf(r.Context(), auth.From(r.Context()), r.PathValue("id"), r.PathValue("fact"))
	if err != nil {
		return err
	}
	content, err := s.Files.Open(f)
	if err != nil {
		return fmt.Errorf("dossierweb: paper: %w", err)
	}
	return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
}
