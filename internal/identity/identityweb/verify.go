package identityweb

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

var errCode = errs.Define(errs.Invalid, "identity.verify_code")

// showVerify explains how a certificate is verified.
func (p *Pages) showVerify(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, verifyFormView(form.New()))
}

// findVerify goes to the page that a link or code leads to.
func (p *Pages) findVerify(w http.ResponseWriter, req *http.Request) error {
	f, err := form.Parse(req)
	if err != nil {
		return err
	}
	typed := f.Text("code", form.Required, form.Max(300))
	if r := idcode.CheckCertificateID(typed); r.OK(true) {
		return p.verifyNumber(w, req, r.Normalised)
	}
	token := tokenOf(typed)
	if f.OK() && token == "" {
		f.Complain("code", errCode.Code, nil)
	}
	if !f.OK() {
		return view.Render(w, req, f.Status(), verifyFormView(f))
	}
	return httpx.SeeOther(w, req, "/verify/"+token)
}

// verifyNumber answers who typed the identifier of a certificate: how it stands,
// and no name, for identifiers can be guessed.
func (p *Pages) verifyNumber(w http.ResponseWriter, r *http.Request, code string) error {
	ctx := r.Context()
	c, err := p.Service.VerifyNumber(ctx, auth.From(ctx), code)
	if errors.Is(err, identity.ErrNotFound) {
		return view.Render(w, r, http.StatusNotFound, verifyUnknownView())
	}
	if err != nil {
		return err
	}
	v := p.show(ctx, c)
	v.Holder = i18n.T(ctx, "identity.verify.no_name")
	return view.Render(w, r, http.StatusOK, verifyView(v))
}

// paperCode is the length of the code of a document; that of a certificate is longer.
const paperCode = 16

var codeForm = regexp.MustCompile(`^([a-z2-7]{32}|[a-z2-7]{16})$`)

// tokenOf takes the code out of a link, or out of what was typed in groups.
func tokenOf(typed string) string {
	if u, err := url.Parse(typed); err == nil && strings.Contains(u.Path, "/verify/") {
		typed = u.Path[strings.LastIndex(u.Path, "/verify/")+len("/verify/"):]
	}
	typed = strings.ToLower(strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return r == ' ' || r == '-' || r == '/' }), ""))
	if !codeForm.MatchString(typed) {
		return ""
	}
	return typed
}

// verify is the public page behind the QR code of a certificate or a document.
func (p *Pages) verify(w http.ResponseWriter, r *http.Request) error {
	ctx, token := r.Context(), tokenOf(r.PathValue("token"))
	if len(token) == paperCode && p.Papers != nil {
		err := p.Papers(w, r, token)
		if errs.KindOf(err) == errs.NotFound {
			return view.Render(w, r, http.StatusNotFound, verifyUnknownView())
		}
		return err
	}
	c, err := p.Service.Verify(ctx, auth.From(ctx), token)
	if errors.Is(err, identity.ErrNotFound) {
		return view.Render(w, r, http.StatusNotFound, verifyUnknownView())
	}
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, verifyView(p.showPublic(ctx, c)))
}
