package casesweb

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// receiptPage is what a person sees after handing in.
type receiptPage struct {
	myCasePage
	saver string
}

func trackPath(number string) string { return "/track?" + url.Values{"number": {number}}.Encode() }

// myReceipt shows the number of a case and what happens next.
func (p *Pages) myReceipt(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	v, err := p.Service.View(ctx, actor, cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	if v.SubmittedAt.IsZero() {
		return httpx.SeeOther(w, r, casePath(my, v.ID, "form"))
	}
	if v.Channel == cases.ByAward { // nothing was handed in
		return httpx.SeeOther(w, r, casePath(my, v.ID))
	}
	d := receiptPage{myCasePage{View: v, department: p.Identity.Directory().Department(v.DepartmentID), ladder: p.ladder(ctx, my, v)}, "case:" + actor.ID + ":" + string(v.ID)}
	if c, ok, err := p.Service.Certificate(ctx, v); err != nil {
		return err
	} else if ok {
		d.certificate = &c
	}
	return view.Render(w, r, http.StatusOK, receiptView(d))
}

func (d receiptPage) title(ctx context.Context) string {
	if d.State == cases.Delivered {
		return i18n.T(ctx, "cases.receipt.title_done")
	}
	return i18n.T(ctx, "cases.receipt.title")
}

// later lists the materials that may still follow.
func (d receiptPage) later() []cases.MaterialState {
	var out []cases.MaterialState
	for _, m := range d.Materials {
		if m.How == cases.Later {
			out = append(out, m)
		}
	}
	return out
}
