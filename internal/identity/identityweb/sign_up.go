package identityweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type signUpPage struct {
	Form *form.Form
	Next string
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
	return view.Render(w, r, http.StatusOK, signUpView(signUpPage{Form: form.New(), Next: httpx.LocalPath(f.Value("next"), "")}))
}

// signUp opens the account and signs the person in.
func (p *Pages) signUp(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, status := r.Context(), http.StatusUnprocessableEntity
	in := signUpInput(ctx, f)
	if f.OK() {
		wanted(f)
		account, err := p.Service.SignUp(ctx, auth.From(ctx), in)
		if err == nil {
			if err := p.Sessions.SignIn(ctx, account.ID); err != nil {
				return err
			}
			p.Sessions.Flash(ctx, "identity.flash.signed_up")
			return httpx.SeeOther(w, r, AfterSignIn(account.Kind, f.Value("next")))
		}
		if !f.Reject(err) {
			return err
		}
		status = rejected(f, err)
	}
	return view.Render(w, r, status, signUpView(signUpPage{Form: f, Next: httpx.LocalPath(f.Value("next"), "")}))
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
		Email: f.Text("email", form.Max(100)), Login: f.Text("login", form.Max(40)), Password: f.Secret("password"),
		Receipt: f.Text("receipt", form.Max(20)),
		Locale:  i18n.LocaleOf(ctx),
	}
}
