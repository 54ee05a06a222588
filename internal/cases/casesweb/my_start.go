package casesweb

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/cases"
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
