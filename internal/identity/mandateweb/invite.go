package mandateweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// invitePage makes an invitation, and shows the code of the one just made.
type invitePage struct {
	appointPage
	Made      *mandate.Invitation
	Code      string
	mail, sms bool
}

// inviteLevels are the levels that the reader may invite to; handing over is a
// level of its own in the form.
func inviteLevels(ctx context.Context, actor auth.Actor, firm string) []view.Opt {
	out := levelOptions(ctx, actor, firm)
	if len(out) == 0 {
		return nil
	}
	for _, l := range []string{"owner", handsOver} {
		out = append(out, view.Opt{Value: l, Label: i18n.T(ctx, "mandate.invite."+l), Hint: i18n.T(ctx, "mandate.invite."+l+"_hint")})
	}
	return out
}

// handsOver is the choice that gives the firm to another owner.
const handsOver = "heir"

func (p *Pages) askInvite(w http.ResponseWriter, r *http.Request) error {
	return p.showInvite(w, r, invitePage{appointPage: appointPage{f: form.New("level", "agent", "scope", "all", "act", "file")}})
}

func (p *Pages) showInvite(w http.ResponseWriter, r *http.Request, d invitePage) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	if err := mayLead(actor, firm); err != nil {
		return err
	}
	d.Levels, d.Popular = inviteLevels(ctx, actor, firm), p.Popular()
	d.mail, d.sms = p.Service.CanSend()
	var err error
	if d.Firm, err = p.Identity.Enterprise(ctx, firm); err != nil {
		return err
	}
	return view.Render(w, r, d.f.Status(), inviteView(d))
}

// invite shows the code once: what is kept of it is a hash.
func (p *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, firm := r.Context(), auth.From(r.Context()), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := mayLead(actor, firm); err != nil {
		return err
	}
	d := invitePage{appointPage: appointPage{f: f}}
	in := mandate.InviteInput{Name: f.Text("name", form.Required, form.Max(50)), Address: f.Text("address", form.Max(100)), Grant: p.grantOf(f, inviteLevels(ctx, actor, firm))}
	if in.Level == handsOver {
		in.Level, in.HandsOver = auth.LevelOwner, true
	}
	if in.Level == auth.LevelOwner {
		in.From, in.Until = "", ""
	}
	if f.OK() {
		v, code, err := p.Service.Invite(ctx, actor, firm, in)
		switch {
		case err == nil:
			d.Made, d.Code = &v, code
			w.Header().Set("Cache-Control", "no-store")
		case !f.Reject(err):
			return err
		}
	}
	return p.showInvite(w, r, d)
}

func (p *Pages) recall(w http.ResponseWriter, r *http.Request) error {
	ctx, firm := r.Context(), r.PathValue("id")
	if err := p.Service.Recall(ctx, auth.From(ctx), firm, r.PathValue("invitation")); err != nil {
		return err
	}
	p.Sessions.Flash(ctx, "mandate.flash.recalled")
	return httpx.SeeOther(w, r, peoplePath(firm))
}

// joinPage is where who was invited types the code, sees what it is, and answers.
type joinPage struct {
	Code       string
	Invitation *mandate.Invitation
	Firm       identity.Enterprise
	By         i18n.Text
	f          *form.Form
	pages      *Pages
}

func (p *Pages) askJoin(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, joinView(joinPage{f: form.New()}))
}

// join shows the invitation behind a code, or answers it. The code goes along in
// the body and never stands in an address.
func (p *Pages) join(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := joinPage{f: f, Code: f.Text("code", form.Required, form.Max(30)), pages: p}
	if f.OK() {
		switch f.Value("do") {
		case "accept":
			v, err := p.Service.Accept(ctx, actor, d.Code)
			if err == nil {
				p.Sessions.Flash(ctx, "mandate.flash.joined")
				return httpx.SeeOther(w, r, peoplePath(v.Firm))
			}
			if !f.Reject(err) {
				return err
			}
		case "decline":
			if err := p.Service.Decline(ctx, actor, d.Code); err == nil {
				p.Sessions.Flash(ctx, "mandate.flash.declined")
				return httpx.SeeOther(w, r, authorisationsPath)
			} else if !f.Reject(err) {
				return err
			}
		default:
			v, err := p.Service.Invited(ctx, actor, d.Code)
			switch {
			case err == nil:
				d.Invitation = &v
				d.By = p.Identity.NameOf(ctx, v.MadeBy)
				if d.Firm, err = p.Identity.Enterprise(ctx, v.Firm); err != nil {
					return err
				}
			case !f.Reject(err):
				return err
			}
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return view.Render(w, r, f.Status(), joinView(d))
}

const authorisationsPath = "/my/authorisations"

// authorisationsPage is what the reader may do for which firm.
type authorisationsPage struct {
	Firms []identity.Acting
	actor auth.Actor
	via   map[string]i18n.Text // organisations by their id
	pages *Pages
}

func (p *Pages) authorisations(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := authorisationsPage{actor: actor, via: map[string]i18n.Text{}, pages: p}
	var err error
	if d.Firms, err = p.Identity.FirmsOf(ctx, actor); err != nil {
		return err
	}
	for _, m := range actor.Mandates {
		if m.Via != "" {
			e, err := p.Identity.Enterprise(ctx, m.Via)
			if err != nil {
				return err
			}
			d.via[m.Via] = e.Name
		}
	}
	return view.Render(w, r, http.StatusOK, authorisationsView(d))
}

// of are the authorisations of the reader for a firm.
func (d authorisationsPage) of(firm string) []auth.Mandate {
	var out []auth.Mandate
	for _, m := range d.actor.Mandates {
		if m.Firm == firm {
			out = append(out, m)
		}
	}
	return out
}
