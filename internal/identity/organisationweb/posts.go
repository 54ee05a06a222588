package organisationweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// postsPage is what waits for a second person, and what was decided.
type postsPage struct {
	Waiting, Decided []organisation.Proposal
	Gaps             []organisation.Gap
	me               auth.Actor
	form             *form.Form
	pages            *Pages
}

func (p *Pages) posts(w http.ResponseWriter, r *http.Request) error {
	return p.showPosts(w, r, form.New())
}

func (p *Pages) showPosts(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx := r.Context()
	d := postsPage{me: auth.From(ctx), form: f, pages: p}
	all, err := p.Service.Proposals(ctx, d.me)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.State == organisation.Open {
			d.Waiting = append(d.Waiting, x)
		} else {
			d.Decided = append(d.Decided, x)
		}
	}
	if d.Gaps, err = p.Service.Gaps(ctx); err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), postsView(d))
}

// mayDecide says whether the reader may confirm or refuse a proposal.
func (d postsPage) mayDecide(x organisation.Proposal) bool {
	return d.me.Has(auth.SecurityAdmin) && d.me.ID != x.ProposedBy && d.me.ID != x.AccountID
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, id := r.Context(), auth.From(r.Context()), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version, do := int(f.Int("version", 1, 1<<30, true)), f.Text("do", form.OneOf("confirm", "refuse", "recall"))
	if f.OK() {
		switch do {
		case "confirm":
			err = p.Service.Confirm(ctx, actor, id, version)
		case "refuse":
			err = p.Service.Refuse(ctx, actor, id, version, f.Text("reason"))
		default:
			err = p.Service.Recall(ctx, actor, id, version, f.Text("reason"))
		}
		if err == nil {
			p.Sessions.Flash(ctx, "organisation.flash."+do)
			return httpx.SeeOther(w, r, PostsPath)
		}
		if !reject(f, err) {
			return err
		}
	}
	return p.showPosts(w, r, f)
}
