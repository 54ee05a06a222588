package certsweb

import (
	"context"
	"net/http"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// minePage is a certificate for its holder.
type minePage struct {
	certs.Page
	p    *Pages
	Form *form.Form
	Use  string // the use that the form is about
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	return p.showMine(w, r, form.New(), "")
}

func (p *Pages) showMine(w http.ResponseWriter, r *http.Request, f *form.Form, use string) error {
	x, err := p.Service.Held(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), mineView(minePage{Page: x, p: p, Form: f, Use: use}))
}

// complain takes a complaint about a use.
func (p *Pages) complain(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	text := f.Text("text", form.Required, form.Max(500))
	if f.OK() {
		err := p.Service.Complain(r.Context(), auth.From(r.Context()), r.PathValue("use"), text)
		if err == nil {
			p.Sessions.Flash(r.Context(), "certs.complained")
			return httpx.SeeOther(w, r, MyPath+"/"+r.PathValue("id"))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showMine(w, r, f, r.PathValue("use"))
}

// myFile is the file that the holder brought, as it was.
func (p *Pages) myFile(w http.ResponseWriter, r *http.Request) error {
	x, err := p.Service.Held(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	f, content, ok, err := p.Service.File(r.Context(), &x.Certificate)
	if err != nil {
		return err
	}
	if !ok {
		return httpx.ErrNotFound
	}
	return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
}

// bringPage is the form with which a holder puts a paper of his own on file.
type bringPage struct {
	p       *Pages
	Parties []identity.Party
	Form    *form.Form
}

func (p *Pages) newMine(w http.ResponseWriter, r *http.Request) error {
	return p.showBring(w, r, form.New("kind", "copy"))
}

func (p *Pages) showBring(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	parties, err := p.Identity.PartiesFor(r.Context(), auth.From(r.Context()), auth.ModuleFile, "")
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), bringView(bringPage{p: p, Parties: parties, Form: f}))
}

func (p *Pages) bring(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	holder := f.Text("holder", form.Required) // complaints come in the order of the form
	in := paperOf(f)
	file, name, err := upload(r, "file")
	if err != nil {
		return err
	}
	if file == nil {
		f.Complain("file", "certs.file", nil)
	} else {
		defer func() { _ = file.Close() }()
		in.File, in.Name = file, name
	}
	own := f.Text("kind", form.Required, form.OneOf("copy", "own")) == "own"
	if own && !f.Bool("promise") {
		f.Complain("promise", "certs.promise", nil)
	}
	if f.OK() {
		c, err := p.Service.Bring(r.Context(), auth.From(r.Context()), holder, in, own, f.Bool("promise"))
		if err == nil {
			p.Sessions.Flash(r.Context(), "certs.brought")
			return httpx.SeeOther(w, r, MyPath+"/"+c.ID)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showBring(w, r, f)
}

func (x bringPage) ins(ctx context.Context) []view.In {
	holders := make([]view.Opt, len(x.Parties))
	for i, h := range x.Parties {
		holders[i] = view.Opt{Value: h.ID, Label: h.Name.For(ctx)}
	}
	ins := append([]view.In{{Name: "holder", Label: i18n.T(ctx, "certs.in.holder_mine"), Required: true, Width: "md", Options: holders}}, slices.DeleteFunc(x.p.paperIns(ctx, ""), func(in view.In) bool { return in.Name == "code" })...)
	return append(ins, fileIn(ctx, true),
		view.In{Name: "kind", Label: i18n.T(ctx, "certs.bring.kind"), Required: true, Options: []view.Opt{
			{Value: "copy", Label: i18n.T(ctx, "certs.bring.copy"), Hint: i18n.T(ctx, "certs.bring.copy_hint")},
			{Value: "own", Label: i18n.T(ctx, "certs.bring.own"), Hint: i18n.T(ctx, "certs.bring.own_hint")},
		}},
		view.In{Name: "promise", Label: i18n.T(ctx, "certs.bring.promise")},
	)
}
