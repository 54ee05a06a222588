package casesweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/rules"
	"github.com/tongban/tongban/internal/platform/view"
)

// formPreviewPage is the form of an item that may not be published yet, with
// answers to try. Nothing of it is kept.
type formPreviewPage struct {
	formPage
	directory *identity.Directory
	tried     bool
}

// formPreview shows the form of a draft to those who keep the catalogue.
func (p *Pages) formPreview(w http.ResponseWriter, r *http.Request) error {
	it, err := p.Catalogue.Preview(r.Context(), auth.From(r.Context()), r.PathValue("code"))
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if e, ok := forms.ParseEdit(f.Value("go")); ok {
		changeRows(it, f, e)
	}
	typed := forms.WithRows(it, cases.KeepKnown(it, f.Values()))
	answers, bad := cases.Answers(it, typed, p.today())
	d := formPreviewPage{
		formPage:  formPage{Form: cases.Form{Item: it, Answers: answers, Buffer: cases.Buffer{Typed: typed}}, base: my, f: f, max: p.MaxUpload, today: p.today(), rowAt: f.Value("row")},
		directory: p.Identity.Directory(), tried: f.Value("go") == "try",
	}
	if d.tried {
		for _, b := range bad {
			d.f.Complain(b.Name, b.Code, b.Params)
		}
	}
	return view.Render(w, r, http.StatusOK, formPreviewView(d))
}

// rows of the materials that the answers ask for.
func (d formPreviewPage) rows(ctx context.Context) []view.MaterialRow {
	var out []view.MaterialRow
	for _, m := range d.Item.Materials {
		if rules.Asked(m.When, d.Answers) {
			row := view.MaterialRow{State: view.MaterialListed, Name: m.Name.For(ctx), Standard: m.Standard.For(ctx)}
			out = append(out, row)
		}
	}
	return out
}

// draft is the definition whose flow is drawn.
func (d formPreviewPage) draft() catalogue.Definition { return d.Item.Definition }
