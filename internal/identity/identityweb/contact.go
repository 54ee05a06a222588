package identityweb

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

const contactPath = "/settings/contact"

// contactPage is how the reader can be reached, and what waits to be proven.
type contactPage struct {
	Account identity.Account
	pending []identity.PendingContact
	can     map[identity.ContactKind]bool
	form    *form.Form
	kind    identity.ContactKind // that the form was about
	left    func(address string) string
}

func (p *Pages) contact(w http.ResponseWriter, r *http.Request) error {
	return p.showContact(w, r, form.New(), "")
}

func (p *Pages) showContact(w http.ResponseWriter, r *http.Request, f *form.Form, kind identity.ContactKind) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	a, err := p.Service.Account(ctx, actor.ID)
	if err != nil {
		return err
	}
	d := contactPage{Account: a, form: f, kind: kind, can: map[identity.ContactKind]bool{}}
	for _, k := range identity.ContactKinds {
		d.can[k] = p.Service.CanProve(k)
	}
	d.left = p.Left
	if d.pending, err = p.Service.PendingContacts(ctx, actor); err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), contactView(d))
}

// kindIn reads the kind of an address; another one is not there.
func kindIn(r *http.Request) (identity.ContactKind, error) {
	k := identity.ContactKind(r.PathValue("kind"))
	if !slices.Contains(identity.ContactKinds, k) {
		return "", httpx.ErrNotFound
	}
	return k, nil
}

// askContact sends a code to a new address.
func (p *Pages) askContact(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, err := kindIn(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	address, password := f.Text("address_"+string(k), form.Max(100)), f.Secret("password_"+string(k), form.Required)
	if f.OK() {
		err := p.Service.AskContact(ctx, auth.From(ctx), k, address, password)
		if err == nil {
			flash := "identity.contact.flash.sent"
			if address == "" {
				flash = "identity.contact.flash.removed"
			}
			p.Sessions.Flash(ctx, flash)
			return httpx.SeeOther(w, r, contactPath)
		}
		if !f.Reject(ofKind(err, k)) {
			return err
		}
	}
	return p.showContact(w, r, f, k)
}

// proveContact takes the code.
func (p *Pages) proveContact(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, err := kindIn(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	code := f.Text("code_"+string(k), form.Required, form.Max(20))
	if f.OK() {
		err := p.Service.ProveContact(ctx, auth.From(ctx), k, code)
		if err == nil {
			p.Sessions.Flash(ctx, "identity.contact.flash.changed")
			return httpx.SeeOther(w, r, contactPath)
		}
		if !f.Reject(ofKind(err, k)) {
			return err
		}
	}
	return p.showContact(w, r, f, k)
}

// dropContact gives a change up.
func (p *Pages) dropContact(w http.ResponseWriter, r *http.Request) error {
	k, err := kindIn(r)
	if err != nil {
		return err
	}
	if err := p.Service.DropContact(r.Context(), auth.From(r.Context()), k); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, contactPath)
}

// ofKind puts complaints at the inputs of a kind: there is a form of each on the page.
func ofKind(err error, k identity.ContactKind) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	c := *e
	c.Fields = slices.Clone(e.Fields)
	for i, f := range c.Fields {
		if f.Name == "login" { // the new phone is somebody's login
			f.Name = "address"
		}
		c.Fields[i].Name = f.Name + "_" + string(k)
	}
	return &c
}

// waits is what is not proven yet of a kind.
func (d contactPage) waits(k identity.ContactKind) (identity.PendingContact, bool) {
	i := slices.IndexFunc(d.pending, func(c identity.PendingContact) bool { return c.Kind == k })
	if i < 0 {
		return identity.PendingContact{}, false
	}
	return d.pending[i], true
}

// formOf is the form of a kind: what was filled in, only where it was.
func (d contactPage) formOf(k identity.ContactKind) *form.Form {
	if k == d.kind {
		return d.form
	}
	return form.New()
}

// current is the address that counts, masked.
func (d contactPage) current(ctx context.Context, k identity.ContactKind) string {
	if k == identity.ContactPhone {
		return idcode.MaskPhone(d.Account.Phone)
	}
	return orText(idcode.MaskEmail(d.Account.Email), i18n.T(ctx, "identity.account.no_email"))
}

// unproven says that the telephone was only typed, and can be proven.
func (d contactPage) unproven(k identity.ContactKind) bool {
	return k == identity.ContactPhone && d.can[k] && d.Account.Kind == auth.Person && d.Account.PhoneProvenAt.IsZero()
}

func (d contactPage) say(ctx context.Context, k identity.ContactKind, part string, kv ...any) string {
	return i18n.T(ctx, "identity.contact."+string(k)+"."+part, kv...)
}

// asks are the inputs of a change, or of its proof once a code is out.
func (d contactPage) asks(ctx context.Context, k identity.ContactKind) []view.In {
	if _, out := d.waits(k); out {
		return []view.In{{Name: "code_" + string(k), Label: i18n.T(ctx, "identity.contact.code"), Hint: i18n.T(ctx, "identity.contact.code_hint"), Inputmode: "numeric", Autocomplete: "one-time-code", Width: "sm", Required: true}}
	}
	address := view.In{Name: "address_" + string(k), Label: d.say(ctx, k, "new"), Hint: d.say(ctx, k, "hint"), Type: "email", Autocomplete: "email", Inputmode: "email", MaxLength: 100}
	if k == identity.ContactPhone {
		address.Type, address.Autocomplete, address.Inputmode, address.Required = "tel", "tel", "tel", true
	}
	return []view.In{address, {Name: "password_" + string(k), Label: i18n.T(ctx, "identity.contact.password"), Hint: i18n.T(ctx, "identity.contact.password_hint"), Type: "password", Autocomplete: "current-password", Required: true, MaxLength: 200}}
}
