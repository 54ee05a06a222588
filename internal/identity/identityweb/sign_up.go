package identityweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/signup"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

const (
	signUpPath     = "/sign-up"
	signUpCodePath = "/sign-up/code"
	keptSignUp     = "sign-up" // what was asked for in this session
)

type signUpPage struct {
	Form    *form.Form
	Next    string
	Receipt bool // asks for the code of a receipt: no telephone can be proven
}

// showSignUp asks for what an account needs.
func (p *Pages) showSignUp(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if actor := auth.From(r.Context()); actor.SignedIn() {
		return httpx.SeeOther(w, r, AfterSignIn(actor.Kind, f.Value("next")))
	}
	return view.Render(w, r, http.StatusOK, signUpView(signUpPage{form.New(), httpx.LocalPath(f.Value("next"), ""), !p.SignUps.Proves()}))
}

// signUp has a code sent to the telephone; without a way to send one it opens the
// account at once. The answer is the same whether or not there is an account already.
func (p *Pages) signUp(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, status := r.Context(), http.StatusUnprocessableEntity
	in := signUpInput(ctx, f)
	if f.OK() {
		wanted(f)
		next := httpx.LocalPath(f.Value("next"), "")
		if p.SignUps.Proves() {
			var id string
			if id, err = p.SignUps.Ask(ctx, auth.From(ctx), in); err == nil {
				p.Sessions.Keep(ctx, keptSignUp, id)
				return httpx.SeeOther(w, r, withNext(signUpCodePath, next))
			}
		} else if err = p.SignUps.Open(ctx, auth.From(ctx), in); err == nil {
			p.Sessions.Flash(ctx, "signup.flash.opened")
			return httpx.SeeOther(w, r, withNext("/sign-in", next))
		}
		if !f.Reject(err) {
			return err
		}
		status = rejected(f, err)
	}
	return view.Render(w, r, status, signUpView(signUpPage{f, httpx.LocalPath(f.Value("next"), ""), !p.SignUps.Proves()}))
}

// wanted complains about what was left empty, in plain words; the service then
// says what is wrong with the rest.
func wanted(f *form.Form) {
	for _, name := range []string{"name", "id_number", "phone"} {
		f.Text(name, form.Required)
	}
	f.Secret("password", form.Required)
}

func signUpInput(ctx context.Context, f *form.Form) identity.SignUpInput {
	return identity.SignUpInput{
		Name: f.Text("name", form.Max(50)), IDNumber: f.Text("id_number", form.Max(30)), Phone: f.Text("phone", form.Max(30)),
		Email: f.Text("email", form.Max(100)), Password: f.Secret("password"),
		Receipt: f.Text("receipt", form.Max(20)),
		Locale:  i18n.LocaleOf(ctx),
	}
}

type signUpCodePage struct {
	Form *form.Form
	Next string
	To   string // masked telephone
	Left string // what would have left, in a demonstration
}

// showSignUpCode asks for the code.
func (p *Pages) showSignUpCode(w http.ResponseWriter, r *http.Request) error {
	return p.signUpCode(w, r, form.New(), http.StatusOK)
}

func (p *Pages) signUpCode(w http.ResponseWriter, r *http.Request, f *form.Form, status int) error {
	next := httpx.LocalPath(r.FormValue("next"), "")
	masked, phone, err := p.SignUps.Pending(r.Context(), p.Sessions.Kept(r.Context(), keptSignUp))
	if errors.Is(err, signup.ErrOver) {
		return httpx.SeeOther(w, r, withNext(signUpPath, next))
	}
	if err != nil {
		return err
	}
	d := signUpCodePage{Form: f, Next: next, To: masked}
	if p.Left != nil {
		d.Left = p.Left(phone)
	}
	return view.Render(w, r, status, signUpCodeView(d))
}

// finishSignUp takes the code, opens the account and signs its owner in.
func (p *Pages) finishSignUp(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, status := r.Context(), http.StatusUnprocessableEntity
	code := f.Text("code", form.Required, form.Max(20))
	if !f.OK() {
		return p.signUpCode(w, r, f, status)
	}
	account, err := p.SignUps.Finish(ctx, auth.From(ctx), p.Sessions.Kept(ctx, keptSignUp), code)
	switch {
	case err == nil:
		p.Sessions.Keep(ctx, keptSignUp, "")
		if err := p.Sessions.SignIn(ctx, account.ID); err != nil {
			return err
		}
		p.Sessions.Flash(ctx, "identity.flash.signed_up")
		return httpx.SeeOther(w, r, AfterSignIn(account.Kind, f.Value("next")))
	case errors.Is(err, signup.ErrOver):
		p.Sessions.Keep(ctx, keptSignUp, "")
		p.Sessions.Flash(ctx, "signup.flash.over")
		return httpx.SeeOther(w, r, withNext(signUpPath, httpx.LocalPath(f.Value("next"), "")))
	case !f.Reject(err):
		return err
	}
	return p.signUpCode(w, r, f, rejected(f, err))
}

func signUpCodeIn(ctx context.Context) view.In {
	return view.In{Name: "code", Label: i18n.T(ctx, "signup.code.code"), Hint: i18n.T(ctx, "signup.code.hint"), Inputmode: "numeric", Autocomplete: "one-time-code", Width: "md", Required: true, Autofocus: true, MaxLength: 20}
}
