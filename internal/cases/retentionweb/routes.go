package retentionweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/cases/retention"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
)

// Paths of the pages.
const (
	PublicPath = "/retention"
	AdminPath  = "/admin/retention"
)

// Pages are the pages of the package.
type Pages struct {
	Service  *retention.Service
	Identity *identity.Service
	Sessions *session.Manager
}

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	keeper, reader := auth.AsRole(retention.Keepers...), auth.AsRole(retention.Readers...)
	return []httpx.Route{
		httpx.Get(PublicPath, auth.Public, p.table),
		httpx.Get(AdminPath, reader, p.board),
		httpx.Post(AdminPath+"/holds", keeper, p.hold),
		httpx.Post(AdminPath+"/holds/{id}", keeper, p.askLift),
		httpx.Post(AdminPath+"/holds/{id}/end", auth.AsRole(retention.Confirmers...), p.lift),
	}
}

func (p *Pages) table(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, tableView(p.Service.Table))
}

type boardPage struct {
	retention.Board
	p     *Pages
	form  *form.Form
	actor auth.Actor
}

// keeps says that who reads may hold a case, and ask for the end of a hold;
// confirms, that he may end one of which somebody else asked for the end.
func (d boardPage) keeps() bool { return d.actor.Has(retention.Keepers...) }

func (d boardPage) confirms(h retention.Hold) bool {
	return d.actor.Has(retention.Confirmers...) && h.AskedBy != d.actor.ID
}

func (p *Pages) board(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, form.New())
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	b, err := p.Service.Board(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), boardView(boardPage{b, p, f, auth.From(r.Context())}))
}

func (p *Pages) hold(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = p.Service.Keep(r.Context(), auth.From(r.Context()), f.Text("number", form.Max(60)), f.Text("reason", form.Max(600)), f.Text("until", form.Max(10)))
	if err != nil {
		if !f.Reject(err) {
			return err
		}
		return p.show(w, r, f)
	}
	p.Sessions.Flash(r.Context(), "retention.flash.held")
	return httpx.SeeOther(w, r, AdminPath)
}

func (p *Pages) askLift(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Value("version")) // 0 fits none
	if err := p.Service.AskLift(r.Context(), auth.From(r.Context()), r.PathValue("id"), version, f.Text("lift", form.Max(600))); err != nil {
		if !f.Reject(err) {
			return err
		}
		return p.show(w, r, f)
	}
	p.Sessions.Flash(r.Context(), "retention.flash.asked")
	return httpx.SeeOther(w, r, AdminPath)
}

func (p *Pages) lift(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Value("version")) // 0 fits none
	yes := f.Text("answer", form.Max(3)) == "yes"
	if err := p.Service.Lift(r.Context(), auth.From(r.Context()), r.PathValue("id"), version, yes); err != nil {
		if !f.Reject(err) {
			return err
		}
		return p.show(w, r, f)
	}
	flash := "retention.flash.stands"
	if yes {
		flash = "retention.flash.lifted"
	}
	p.Sessions.Flash(r.Context(), flash)
	return httpx.SeeOther(w, r, AdminPath)
}

func ins(ctx context.Context) []view.In {
	return []view.In{
		{Name: "number", Label: i18n.T(ctx, "retention.number"), Required: true, MaxLength: 60, Autocomplete: "off", Width: "md"},
		{Name: "reason", Label: i18n.T(ctx, "retention.reason"), Hint: i18n.T(ctx, "retention.reason.hint"), Required: true, MaxLength: 300, Autocomplete: "off"},
		{Name: "until", Label: i18n.T(ctx, "retention.until"), Type: "date", Required: true, Width: "sm"},
	}
}

// dayOf is a day of the table for people.
func dayOf(ctx context.Context, iso string) string {
	d, err := workday.Parse(iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), workday.StartOf(d))
}

func heads(ctx context.Context, keys ...string) []view.Head {
	out := make([]view.Head, len(keys))
	for i, k := range keys {
		out[i] = view.Head{Text: i18n.T(ctx, "retention.col."+k)}
	}
	return out
}

// rule is how the table calls the kind of a case.
func (d boardPage) rule(ctx context.Context, key string) string {
	r, ok := d.p.Service.Table.Rule(key)
	if !ok {
		return key
	}
	return r.Name.For(ctx)
}

// stands says how far a case is on its way out.
func stands(ctx context.Context, l retention.Line) string {
	var out []string
	if l.WaitsFor != "" {
		out = append(out, i18n.T(ctx, "retention.waits."+l.WaitsFor))
	}
	switch {
	case !l.HeldUntil.IsZero() && l.WaitsFor != retention.Held:
		out = append(out, i18n.T(ctx, "retention.waits."+retention.Held))
	case l.ToldAt.IsZero():
		out = append(out, i18n.T(ctx, "retention.not_told"))
	case len(out) == 0:
		out = append(out, i18n.T(ctx, "retention.told", "day", i18n.FormatDate(ctx, l.ToldAt)))
	}
	return strings.Join(out, i18n.T(ctx, "retention.and"))
}
