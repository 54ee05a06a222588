package casesweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// withdrawPage asks before a case is withdrawn, or a draft thrown away.
type withdrawPage struct {
	*cases.View
	f *form.Form
}

func (p *Pages) withdrawAsk(w http.ResponseWriter, r *http.Request) error {
	return p.withdrawShow(w, r, form.New())
}

func (p *Pages) withdrawShow(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	v, err := p.Service.View(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	if !v.May(cases.CmdWithdraw) {
		return cases.ErrState.With("command", string(cases.CmdWithdraw)).With("state", string(v.State))
	}
	return view.Render(w, r, f.Status(), withdrawView(withdrawPage{v, f}))
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	reason, version := f.Text("reason", form.Max(500)), f.Int("version", 1, 1<<31, true)
	if f.OK() {
		_, err := p.Service.Withdraw(r.Context(), auth.From(r.Context()), cases.Ref{ID: cases.ID(r.PathValue("id")), Version: int(version)}, reason)
		if err == nil {
			p.Sessions.Flash(r.Context(), "cases.withdraw.done")
			return httpx.SeeOther(w, r, "/my/cases")
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.withdrawShow(w, r, f)
}
