package identityweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type accountPage struct {
	Account identity.Account
	Firms   []identity.Acting
	Real    []identity.RealName
}

// account shows the person's own data, masked, and the firms acted for.
func (p *Pages) account(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := auth.From(ctx)
	account, err := p.Service.Account(ctx, actor.ID)
	if err != nil {
		return err
	}
	firms, err := p.Service.FirmsOf(ctx, actor)
	if err != nil {
		return err
	}
	real, err := p.Service.RealNameOf(ctx, account)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, accountView(accountPage{Account: account, Firms: firms, Real: real}))
}
