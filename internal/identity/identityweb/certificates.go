package identityweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certsheet"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type folderView struct {
	Title        string
	Firm         string // path of the firm's file, "" for the person
	Certificates []certificateView
}

// certificates lists what is on file for the person and the firms acted for.
func (p *Pages) certificates(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	folders, err := p.Service.Folders(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	var page []folderView
	for _, f := range folders {
		v := folderView{Title: f.Holder.Name.For(ctx)}
		if f.Holder.Kind == identity.HolderEnterprise {
			v.Firm = "/my/firms/" + f.Holder.ID
		}
		for _, c := range f.Certificates {
			v.Certificates = append(v.Certificates, p.show(ctx, c))
		}
		page = append(page, v)
	}
	n := 0
	if p.Spared != nil {
		holders := make([]string, len(folders))
		for i, f := range folders {
			holders[i] = f.Holder.ID
		}
		if n, err = p.Spared(ctx, holders); err != nil {
			return err
		}
	}
	return view.Render(w, r, http.StatusOK, certificatesView(page, n))
}

// certificateFile is a certificate as PDF, for its holder only.
func (p *Pages) certificateFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := p.Service.HeldCertificate(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := certsheet.PDF(ctx, p.Service.Directory(), c, p.Service.Today(), p.BaseURL)
	if err != nil {
		return err
	}
	return certsheet.Serve(ctx, w, c, file)
}

// certificateSheet is a certificate to print, for its holder only.
func (p *Pages) certificateSheet(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := p.Service.HeldCertificate(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, sheetView(p.show(ctx, c)))
}
