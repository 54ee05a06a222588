package casesweb

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// asPerson is the value of party with which somebody asks for himself.
const asPerson = "person"

// startPage says why an item cannot be started.
type startPage struct {
	Item string // code
	Code string
	kv   map[string]any
}

// back is where the reader came from: the guide of the item, or his cart.
func (d startPage) back() string {
	if d.Item == "" {
		return "/cart"
	}
	return itemPath(d.Item)
}

// itemPath is the guide of an item.
func itemPath(code string) string { return "/items/" + url.PathEscape(code) }

// start opens a draft, or the draft that is open already.
func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := cases.StartInput{ItemCode: f.Text("item", form.Required), EnterpriseID: f.Text("party", form.Required)}
	if in.EnterpriseID == asPerson {
		in.EnterpriseID = ""
	}
	if !f.OK() {
		return form.ErrFields
	}
	return p.started(w, r, in)
}

// order opens a draft of everything that the reader put into his cart together.
func (p *Pages) order(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := cases.StartInput{Cart: f.Values()["item"], EnterpriseID: f.Text("party", form.Required)}
	if in.EnterpriseID == asPerson {
		in.EnterpriseID = ""
	}
	if !f.OK() || len(in.Cart) == 0 || len(in.Cart) > catalogue.MaxCart {
		return form.ErrFields
	}
	return p.started(w, r, in)
}

// started opens the form of what was started, or says why it cannot be.
func (p *Pages) started(w http.ResponseWriter, r *http.Request, in cases.StartInput) error {
	k, err := p.Service.Start(r.Context(), auth.From(r.Context()), in)
	if err == nil {
		return httpx.SeeOther(w, r, casePath(my, k.ID, "form"))
	}
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid && e.Kind != errs.Conflict || errors.Is(err, identity.ErrNotFound) {
		return err
	}
	return view.Render(w, r, httpx.Status(err), startView(startPage{in.ItemCode, e.Code, e.Params}))
}
