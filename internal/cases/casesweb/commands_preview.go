package casesweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
)

// previewDecision shows the paper that a decision would leave, above the form
// that is still to be signed. Nothing is kept.
func (p *Pages) previewDecision(w http.ResponseWriter, r *http.Request, c commandForm, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	x, err := p.pane(ctx, actor, cases.ID(r.PathValue("id")), listOf(f.Value("from")))
	if err != nil {
		return err
	}
	if err := p.Service.Refusal(actor, x.V, c.Command); err != nil {
		return err
	}
	in := decisionIn(f)
	status := http.StatusUnprocessableEntity
	var text *docs.Text
	if f.OK() {
		d, err := p.Service.Preview(x.V, in)
		if err != nil && !f.Reject(err) {
			return err
		}
		if err == nil {
			if t, ok := d.Compose(i18n.Source, nil); ok { // the Chinese text is the decision
				text, status = &t, http.StatusOK
			}
		}
	}
	if err := p.formAgain(ctx, actor, x, c, f); err != nil {
		return err
	}
	x.Command.Preview = text
	return p.showPane(w, r, status, x)
}

// formAgain puts the form of a command back as it was filled in.
func (p *Pages) formAgain(ctx context.Context, actor auth.Actor, x *casePane, c commandForm, f *form.Form) (err error) {
	x.Command = &commandPage{commandForm: c.offered(x.V), Form: f, Version: x.V.Version}
	if err := p.addSaid(ctx, actor, x, false); err != nil {
		return err
	}
	if err := p.picks(ctx, actor, x.V, x.Command); err != nil {
		return err
	}
	x.Command.Canned, err = p.cannedFor(ctx, actor, x.V)
	return err
}
