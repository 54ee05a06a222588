package casesweb

import (
	"mime"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
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
	defer func() { _ = content.Close() }()
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", f.CreatedAt, content)
	return nil
}
