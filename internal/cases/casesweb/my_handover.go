package casesweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// copyCase asks for the same thing anew with the answers of a former case.
func (p *Pages) copyCase(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, again, err := p.Service.Copy(ctx, auth.From(ctx), cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	if again {
		p.Sessions.Flash(ctx, "lists.flash.draft_there")
	} else {
		p.Sessions.Flash(ctx, "lists.flash.copied")
	}
	return httpx.SeeOther(w, r, casePath(my, k.ID, "form"))
}

// handoverPage offers a case to a colleague, or asks whether one is taken.
type handoverPage struct {
	*cases.View
	f        *form.Form
	partners []view.Opt
	giver    i18n.Text // who acts in it now
	taker    i18n.Text // to whom it is offered
	mine     bool      // it is offered to the reader
}

func (p *Pages) handOverAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showHandOver(w, r, form.New())
}

func (p *Pages) showHandOver(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	v, err := p.Service.View(ctx, actor, cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	d := handoverPage{View: v, f: f, mine: v.May(cases.CmdTakeOver), giver: p.Identity.NameOf(ctx, v.AccountID)}
	if !d.mine && !v.May(cases.CmdHandOver) {
		return httpx.SeeOther(w, r, casePath(my, v.ID)) // taken or taken back meanwhile
	}
	if v.OfferedTo != "" {
		d.taker = p.Identity.NameOf(ctx, v.OfferedTo)
	}
	partners, err := p.Service.Partners(ctx, actor, &v.Case)
	if err != nil {
		return err
	}
	for _, a := range partners {
		d.partners = append(d.partners, view.Opt{Value: a.ID, Label: a.Name.For(ctx)})
	}
	return view.Render(w, r, f.Status(), handoverView(d))
}

// handOver offers the case, takes the offer back, or answers it.
func (p *Pages) handOver(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ref := cases.Ref{ID: cases.ID(r.PathValue("id"))}
	note := f.Text("note", form.Max(500))
	var k cases.Case
	to := casePath(my, ref.ID)
	if f.OK() {
		switch do := f.Value("do"); do {
		case "offer":
			k, err = p.Service.HandOver(ctx, actor, ref, f.Text("to", form.Required), note)
		case "back":
			k, err = p.Service.HandOver(ctx, actor, ref, "", note)
		case "take":
			k, err = p.Service.TakeOver(ctx, actor, ref)
		case "decline":
			to = "/my/cases"
			k, err = p.Service.Decline(ctx, actor, ref, note)
		default:
			return form.ErrFields
		}
		if err == nil && f.OK() {
			if k.State == cases.Draft && k.AccountID == actor.ID { // a draft has no page but its form
				to = casePath(my, ref.ID, map[bool]string{true: "handover", false: "form"}[k.OfferedTo != ""])
			}
			p.Sessions.Flash(ctx, "lists.flash.handover"+"_"+f.Value("do"))
			return httpx.SeeOther(w, r, to)
		}
		if err != nil && !f.Reject(err) {
			return err
		}
	}
	return p.showHandOver(w, r, f)
}
