package casesweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// file sends an attached file, always as a download and never as a page of
// this site: what people upload must not run here.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Service.File(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), r.PathValue("file"))
	if err != nil {
		return err
	}
	content, err := p.Service.Files.Open(f)
	if err != nil {
		return err
	}
	return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
}
