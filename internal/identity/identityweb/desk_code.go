package identityweb

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/skip2/go-qrcode"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

const deskCodePath = "/my/desk-code"

// deskCodePage offers a code for the window, and shows the one just made.
type deskCodePage struct {
	Firms []identity.Acting
	Made  *identity.DeskCode
	For   string // whom it stands for
	form  *form.Form
}

// options are whom one can come for: oneself and one's firms.
func (d deskCodePage) options(ctx context.Context) []view.Opt {
	out := []view.Opt{{Value: "", Label: i18n.T(ctx, "identity.desk_code.self")}}
	for _, f := range d.Firms {
		out = append(out, view.Opt{Value: f.ID, Label: f.Name.For(ctx)})
	}
	return out
}

func (p *Pages) deskCode(w http.ResponseWriter, r *http.Request) error {
	return p.showDeskCode(w, r, deskCodePage{form: form.New()})
}

func (p *Pages) showDeskCode(w http.ResponseWriter, r *http.Request, d deskCodePage) error {
	var err error
	if d.Firms, err = p.Service.FirmsOf(r.Context(), auth.From(r.Context())); err != nil {
		return err
	}
	d.Firms = slices.DeleteFunc(d.Firms, func(f identity.Acting) bool { return !identity.ComesFor(auth.From(r.Context()), f.ID) })
	if d.Made == nil && len(d.Firms) > 0 && !d.form.Values().Has("firm") {
		d.form.Values().Set("firm", d.Firms[0].ID)
	}
	if d.Made != nil {
		d.For = i18n.T(r.Context(), "identity.desk_code.self")
		for _, f := range d.Firms {
			if f.ID == d.Made.EnterpriseID {
				d.For = f.Name.For(r.Context())
			}
		}
	}
	return view.Render(w, r, d.form.Status(), deskCodeView(d))
}

// makeDeskCode shows a code once: what is kept of it is a hash.
func (p *Pages) makeDeskCode(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := deskCodePage{form: f}
	code, err := p.Service.OfferDesk(r.Context(), auth.From(r.Context()), f.Text("firm", form.Max(50)))
	switch {
	case err == nil:
		d.Made = &code
		w.Header().Set("Cache-Control", "no-store")
	case !f.Reject(err):
		return err
	}
	return p.showDeskCode(w, r, d)
}

// QRPath draws a text as the squares of a QR code, for the path of a picture;
// size is how many there are in a row.
func QRPath(text string) (path string, size int, err error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", 0, fmt.Errorf("identityweb: QR code: %w", err)
	}
	var b strings.Builder
	bits := code.Bitmap()
	for y, row := range bits {
		for x, on := range row {
			if on {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return b.String(), len(bits), nil
}
