package privacyweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// ownPage is what somebody may know and do about his own data.
type ownPage struct {
	account   identity.Account
	looks     []privacy.Look
	recommend bool
	copies    []privacy.Copy
	leaving   *privacy.Leaving
	keeps     []privacy.Obstacle // what keeps the account from going
	fresh     bool               // signed in just now: proof enough without a password
	form      *form.Form
}

// mayAct says whether who reads can prove who he is.
func (d ownPage) mayAct() bool { return d.account.HasSecret || d.fresh }

// passwordIn is the password in the form of a part.
func passwordIn(ctx context.Context, part string) view.In {
	return view.In{Name: passwordField(part), Label: i18n.T(ctx, "privacy.password"), Hint: i18n.T(ctx, "privacy.password.why"), Type: "password", Autocomplete: "current-password", Required: true, MaxLength: 200, Width: "md"}
}

// ins are the inputs of the page, for the summary of complaints.
func (d ownPage) ins(ctx context.Context) []view.In {
	var out []view.In
	for _, c := range d.copies {
		out = append(out, passwordIn(ctx, partTake+c.ID))
	}
	return append(out, passwordIn(ctx, partCopy), sureIn(ctx), passwordIn(ctx, partLeave))
}

func (p *Pages) showOwn(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx := r.Context()
	actor := auth.From(ctx)
	d := ownPage{form: f, fresh: p.Service.Fresh(p.Sessions.BegunAt(ctx))}
	var err error
	if d.account, err = p.Identity.Account(ctx, actor.ID); err != nil {
		return err
	}
	if d.looks, err = p.Service.Looks(ctx, actor); err != nil {
		return err
	}
	if d.recommend, err = p.Service.Allows(ctx, actor.ID, privacy.Recommend); err != nil {
		return err
	}
	if d.copies, err = p.Service.Copies(ctx, actor); err != nil {
		return err
	}
	l, leaving, err := p.Service.LeavingOf(ctx, actor.ID)
	if err != nil {
		return err
	}
	if leaving {
		d.leaving = &l
	}
	if d.keeps, err = p.Service.Obstacles(ctx, actor.ID); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return view.Render(w, r, f.Status(), ownView(d))
}

// The forms of the page that ask for the password again; that of a copy is taken
// with its id, as there may be several.
const (
	partCopy  = "copy"
	partTake  = "take_"
	partLeave = "leave"
)

func passwordField(part string) string { return "password_" + part }

// proven reads what somebody proves himself with in a form and does something
// with it. A complaint about the password stands at the input of that form.
func (p *Pages) proven(w http.ResponseWriter, r *http.Request, part string, do func(actor auth.Actor, f *form.Form, proof privacy.Proof) error) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	actor := auth.From(ctx)
	a, err := p.Identity.Account(ctx, actor.ID)
	if err != nil {
		return err
	}
	proof := privacy.Proof{SignedInAt: p.Sessions.BegunAt(ctx)}
	if a.HasSecret {
		if proof.Password = f.Secret(passwordField(part), form.Required); !f.OK() {
			return p.showOwn(w, r, f)
		}
	}
	err = do(actor, f, proof)
	if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) > 0 {
		c := *e
		c.Fields = slices.Clone(e.Fields)
		for i := range c.Fields {
			if c.Fields[i].Name == "password" {
				c.Fields[i].Name = passwordField(part)
			}
		}
		err = &c
	}
	if err != nil && f.Reject(err) {
		return p.showOwn(w, r, f)
	}
	return err
}

func (p *Pages) askCopy(w http.ResponseWriter, r *http.Request) error {
	return p.proven(w, r, partCopy, func(actor auth.Actor, _ *form.Form, proof privacy.Proof) error {
		if err := p.Service.AskCopy(r.Context(), actor, proof); err != nil {
			return err
		}
		p.Sessions.Flash(r.Context(), "privacy.flash.copy")
		return httpx.SeeOther(w, r, ownPath)
	})
}

// takeCopy is a POST: no browser or program that looks ahead may use it up.
func (p *Pages) takeCopy(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return p.proven(w, r, partTake+id, func(actor auth.Actor, _ *form.Form, proof privacy.Proof) error {
		f, content, err := p.Service.TakeCopy(r.Context(), actor, id, proof)
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
	})
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	return p.proven(w, r, partLeave, func(actor auth.Actor, f *form.Form, proof privacy.Proof) error {
		if err := p.Service.AskLeave(r.Context(), actor, f.Bool("sure"), proof); err != nil {
			return err
		}
		p.Sessions.Flash(r.Context(), "privacy.flash.leaving")
		return httpx.SeeOther(w, r, ownPath)
	})
}

func (p *Pages) stay(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.Stay(r.Context(), auth.From(r.Context())); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "privacy.flash.stays")
	return httpx.SeeOther(w, r, ownPath)
}

// lastDay is the day on which something ends, "" where nobody knows.
func lastDay(ctx context.Context, end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return i18n.LastDay(i18n.LocaleOf(ctx), end)
}
