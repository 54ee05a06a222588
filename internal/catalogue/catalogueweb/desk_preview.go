package catalogueweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// beginPreview is the beginning of a guide that is not published yet.
const beginPreview beginning = "preview"

// preview shows the guide of the draft as applicants will see it.
func (p *Pages) preview(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	it, err := p.Service.Preview(ctx, auth.From(ctx), r.PathValue("code"))
	if err != nil {
		return err
	}
	g, err := p.guideFor(r, it)
	if err != nil {
		return err
	}
	g.Begin, g.Preview, g.Parties, g.SignedIn = beginPreview, true, nil, false
	return view.Render(w, r, http.StatusOK, guidePageView(g))
}

// stopped answers at the address of an item that is off the shelves: why, and
// what is asked for instead. 410 for good, 409 for a time.
func (p *Pages) stopped(w http.ResponseWriter, r *http.Request, x catalogue.Stopped) error {
	s := stoppedPage{Stopped: x}
	if x.ReplacedBy != "" {
		if it, err := p.Service.Item(x.ReplacedBy); err == nil {
			s.Instead = it
		}
	}
	if x.Item != nil {
		s.Department = p.Identity.Directory().Department(x.Item.Department)
	}
	status := http.StatusConflict
	if x.State == catalogue.Ended {
		status = http.StatusGone
	}
	return view.Render(w, r, status, stoppedView(s))
}

// paper sends a blank or a sample that a published version names.
func (p *Pages) paper(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Service.PublicFile(r.Context(), r.PathValue("code"), r.PathValue("file"))
	if err != nil {
		return err
	}
	return p.sendFile(w, r, f)
}

// adminPaper sends any blank or sample to those who keep the catalogue.
func (p *Pages) adminPaper(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Service.File(r.Context(), auth.From(r.Context()), r.PathValue("file"))
	if err != nil {
		return err
	}
	return p.sendFile(w, r, f)
}

// sendFile sends a file as a download, never as a page of this site.
func (p *Pages) sendFile(w http.ResponseWriter, r *http.Request, f files.File) error {
	content, err := p.Service.Files.Open(f)
	if err != nil {
		return err
	}
	return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
}
