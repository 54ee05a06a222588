package privacyweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
)

const ownPath = privacy.OwnPath

// RevealPath leads to the page on which staff say why they have to see the data
// behind a case whole.
func RevealPath(caseID string) string { return "/work/cases/" + caseID + "/personal" }

// Pages are the pages of the package.
type Pages struct {
	Service  *privacy.Service
	Identity *identity.Service
	Sessions *session.Manager
}

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	return []httpx.Route{
		httpx.Get(ownPath, auth.AsPerson, p.own),
		httpx.Post(ownPath+"/recommend", auth.AsPerson, p.recommend),
		httpx.Post(ownPath+"/copies", auth.AsPerson, p.askCopy),
		httpx.Post(ownPath+"/copies/{id}", auth.AsPerson, p.takeCopy),
		httpx.Post(ownPath+"/leave", auth.AsPerson, p.leave),
		httpx.Post(ownPath+"/stay", auth.AsPerson, p.stay),
		httpx.Get("/work/cases/{id}/personal", auth.AsStaff, p.ask),
		httpx.Post("/work/cases/{id}/personal", auth.AsStaff, p.reveal),
	}
}

func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	return p.showOwn(w, r, form.New())
}

func (p *Pages) recommend(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	given := f.Text("given", form.Max(3)) == "yes"
	if err := p.Service.Consent(r.Context(), auth.From(r.Context()), privacy.Recommend, given); err != nil {
		return err
	}
	key := "privacy.flash.refused"
	if given {
		key = "privacy.flash.agreed"
	}
	p.Sessions.Flash(r.Context(), key)
	return httpx.SeeOther(w, r, ownPath)
}

type askPage struct {
	id     string
	person privacy.Person
	may    []privacy.Field
	shown  *privacy.Whole
	form   *form.Form
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, askPage{form: form.New()})
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, d askPage) (err error) {
	ctx := r.Context()
	d.id, d.may = r.PathValue("id"), privacy.MayReveal(auth.From(ctx))
	if d.person, err = p.Service.Behind(ctx, auth.From(ctx), d.id); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return view.Render(w, r, d.form.Status(), askView(d))
}

// reveal shows the numbers in the answer to this one request; a page that is
// loaded again asks again.
func (p *Pages) reveal(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := askPage{form: f}
	d.shown, err = p.Service.Reveal(r.Context(), auth.From(r.Context()), r.PathValue("id"), f.Text("reason", form.Max(20)), f.Text("words", form.Max(400)))
	if err != nil && !f.Reject(err) {
		return err
	}
	return p.show(w, r, d)
}

func reasonOptions(ctx context.Context) []view.Opt {
	out := make([]view.Opt, len(privacy.Reasons))
	for i, key := range privacy.Reasons {
		out[i] = view.Opt{Value: key, Label: i18n.T(ctx, "privacy.reason."+key)}
	}
	return out
}

func sureIn(ctx context.Context) view.In {
	return view.In{Name: "sure", Label: i18n.T(ctx, "privacy.leave.sure"), Required: true}
}

// own is a field of an account.
func own(a identity.Account, f privacy.Field) string {
	switch f {
	case personal.IDNumber:
		return a.IDNumber
	case personal.Phone:
		return a.Phone
	default:
		return a.Email
	}
}

func (d askPage) facts(ctx context.Context) []view.Pair {
	key := "privacy.who.filed"
	if d.person.Asks {
		key = "privacy.who.asks"
	}
	out := []view.Pair{{Key: i18n.T(ctx, key), Value: d.person.Name.For(ctx)}}
	for _, f := range privacy.Fields {
		v := personal.Mask(f, own(d.person.Account, f))
		if d.shown != nil && d.shown.Own[f] != "" {
			v = d.shown.Own[f]
		}
		if v == "" {
			v = "—"
		}
		out = append(out, view.Pair{Key: i18n.T(ctx, "privacy.field."+string(f)), Value: v})
	}
	for i, x := range d.person.Answers {
		v := personal.Mask(x.Kind, x.Value)
		if d.shown != nil {
			v = d.shown.Answers[i].Value
		}
		out = append(out, view.Pair{Key: i18n.T(ctx, "privacy.answer", "label", x.Label), Value: v})
	}
	return out
}

// kept is what is kept about a person and why, in the order of the page.
var kept = []string{"identity", "contact", "cases", "papers", "messages", "trail"}

func lookText(ctx context.Context, l privacy.Look) string {
	switch l.Action {
	case privacy.RevealAction:
		return i18n.T(ctx, "privacy.look.reveal")
	case "identity.open_visitor":
		return i18n.T(ctx, "privacy.look.open")
	case privacy.FindAction:
		return i18n.T(ctx, "privacy.look.number")
	default:
		return i18n.T(ctx, "privacy.look.find")
	}
}

func lookWhy(ctx context.Context, l privacy.Look) string {
	if l.Action == privacy.FindAction {
		return i18n.T(ctx, "privacy.look.cases")
	}
	if l.Reason == "" {
		return i18n.T(ctx, "privacy.look.window")
	}
	return i18n.T(ctx, "privacy.look.why", "reason", i18n.T(ctx, "privacy.reason."+l.Reason), "words", l.Words)
}
