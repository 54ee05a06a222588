package rightsweb

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// Path of the page.
const Path = "/admin/rights"

// Deps of the page.
type Deps struct {
	Cases    *cases.Service
	Identity *identity.Service
	// ActorOf is who acts under an account, with posts, deputies and firms.
	ActorOf func(ctx context.Context, account string) (auth.Actor, error)
	// RouteOf finds the route that answers an address; ok is false without one.
	RouteOf func(method, address string) (httpx.Route, bool)
}

// Pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	return []httpx.Route{httpx.Get(Path, auth.AsRole(cases.Explainers...), p.rights)}
}

// errLogin says that nobody has the login.
var errLogin = errs.Define(errs.Invalid, "rights.login")

type rightsPage struct {
	p     *Pages
	Form  *form.Form
	Who   *identity.Account
	Actor auth.Actor
	Case  *cases.Explanation
	Page  *pageAnswer
}

// pageAnswer is what a page asks of its readers.
type pageAnswer struct {
	Address string
	Route   httpx.Route
	Found   bool
	Met     bool
	By      []auth.Post // posts that meet it
}

// rights answers a question: who, and which case and command, or which page.
func (p *Pages) rights(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	x := rightsPage{p: p, Form: f}
	login, number := f.Text("login", form.Max(100)), f.Text("case", form.Max(60))
	command, address := f.Text("command", form.Max(40)), f.Text("page", form.Max(300))
	if login == "" {
		return view.Render(w, r, f.Status(), rightsView(x))
	}
	a, err := p.Identity.AccountByLogin(ctx, login)
	if errs.KindOf(err) == errs.NotFound {
		f.Reject(errLogin.At("login", errLogin.Code))
		return view.Render(w, r, f.Status(), rightsView(x))
	}
	if err != nil {
		return err
	}
	if x.Actor, err = p.ActorOf(ctx, a.ID); err != nil {
		return err
	}
	x.Who = &a
	if number != "" {
		if !slices.Contains(cases.Commands, cases.Command(command)) {
			command = ""
		}
		e, err := p.Cases.Explain(ctx, auth.From(ctx), x.Actor, number, cases.Command(command))
		if err != nil && !f.Reject(err) {
			return err
		}
		if err == nil {
			x.Case = &e
		}
	}
	if address != "" {
		x.Page = p.ofPage(address, x.Actor)
	}
	return view.Render(w, r, f.Status(), rightsView(x))
}

// ofPage says what the page at an address asks of its readers.
func (p *Pages) ofPage(address string, who auth.Actor) *pageAnswer {
	address = "/" + strings.TrimLeft(address, "/")
	out := &pageAnswer{Address: address}
	if out.Route, out.Found = p.RouteOf(http.MethodGet, address); !out.Found {
		return out
	}
	out.Met = out.Route.Need.Met(who)
	for _, post := range who.Posts {
		one := who
		one.Posts = []auth.Post{post}
		if out.Route.Need.Met(one) {
			out.By = append(out.By, post)
		}
	}
	return out
}

func (x rightsPage) ins(ctx context.Context) []view.In {
	commands := []view.Opt{}
	for _, c := range cases.Commands {
		commands = append(commands, view.Opt{Value: string(c), Label: i18n.T(ctx, "cases.command."+string(c))})
	}
	return []view.In{
		{Name: "login", Label: i18n.T(ctx, "rights.who"), Hint: i18n.T(ctx, "rights.who_hint"), Required: true, MaxLength: 100, Width: "md", Autocomplete: "off", Attrs: map[string]any{"spellcheck": "false", "autocapitalize": "none"}},
		{Name: "case", Label: i18n.T(ctx, "rights.case"), Hint: i18n.T(ctx, "rights.case_hint"), Optional: true, MaxLength: 60, Width: "md", Autocomplete: "off"},
		{Name: "command", Label: i18n.T(ctx, "rights.command"), Placeholder: i18n.T(ctx, "rights.only_see"), Options: commands, Optional: true, Width: "md"},
		{Name: "page", Label: i18n.T(ctx, "rights.page"), Hint: i18n.T(ctx, "rights.page_hint"), Optional: true, MaxLength: 300, Width: "md", Autocomplete: "off"},
	}
}

// post in words.
func (x rightsPage) post(ctx context.Context, p auth.Post) string {
	if p.Role == "" {
		return ""
	}
	words := i18n.T(ctx, "identity.post", "role", i18n.T(ctx, "role."+string(p.Role)), "place", x.p.Identity.Directory().Place(p).For(ctx))
	if p.For != "" {
		words += " " + i18n.T(ctx, "rights.deputy", "name", x.p.Identity.NameOf(ctx, p.For).For(ctx))
	}
	return words
}

// whom a line of the table speaks of.
func (x rightsPage) whom(ctx context.Context, l cases.RightLine) string {
	switch {
	case l.Post.Role != "":
		return x.post(ctx, l.Post)
	case l.Role != "":
		return i18n.T(ctx, "role."+string(l.Role))
	default:
		return i18n.T(ctx, "rights.kind."+string(l.Kind))
	}
}

// words of commands, in one line.
func words(ctx context.Context, list []cases.Command) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = i18n.T(ctx, "cases.command."+string(c))
	}
	return strings.Join(out, i18n.T(ctx, "rights.comma"))
}

// verdict says the answer about a case in one sentence.
func (x rightsPage) verdict(ctx context.Context) string {
	e := x.Case
	var from []string
	for _, s := range e.From {
		from = append(from, i18n.T(ctx, "cases.state."+string(s)))
	}
	command := i18n.T(ctx, "rights.see")
	if e.Command != "" {
		command = i18n.T(ctx, "cases.command."+string(e.Command))
	}
	return i18n.T(ctx, "rights.because."+string(e.Because), "name", x.Who.Name.For(ctx), "command", command, "state", i18n.T(ctx, "cases.state."+string(e.Case.State)),
		"from", strings.Join(from, i18n.T(ctx, "rights.comma")))
}

// need of a page in words.
func need(ctx context.Context, r httpx.Route) string {
	name, roles, ok := strings.Cut(r.Need.String(), ":")
	if !ok || name != "role" {
		return i18n.T(ctx, "rights.need."+name)
	}
	var out []string
	for role := range strings.SplitSeq(roles, "|") {
		out = append(out, i18n.T(ctx, "role."+role))
	}
	return i18n.T(ctx, "rights.need.role", "roles", strings.Join(out, i18n.T(ctx, "rights.comma")))
}

func heads(ctx context.Context, keys ...string) []view.Head {
	out := make([]view.Head, len(keys))
	for i, k := range keys {
		out[i] = view.Head{Text: i18n.T(ctx, "rights.col."+k)}
	}
	return out
}
