package organisationweb

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// memberPage is somebody of the staff.
type memberPage struct {
	organisation.Member
	Keeps bool // the reader may change it: an administrator, and not himself
	pages *Pages
}

func (p *Pages) member(w http.ResponseWriter, r *http.Request) error {
	d, err := p.memberOf(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, memberView(d))
}

func (p *Pages) memberOf(r *http.Request) (memberPage, error) {
	ctx, id := r.Context(), r.PathValue("id")
	m, err := p.Service.Member(ctx, auth.From(ctx), id)
	return memberPage{Member: m, Keeps: keeps(ctx) && auth.From(ctx).ID != id, pages: p}, err
}

// postPage asks for a new post.
type postPage struct {
	memberPage
	form *form.Form
}

func (p *Pages) askPost(w http.ResponseWriter, r *http.Request) error {
	return p.showPost(w, r, form.New())
}

func (p *Pages) showPost(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	m, err := p.memberOf(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), postView(postPage{m, f}))
}

func (p *Pages) addPost(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := organisation.Input{
		AccountID: id, From: f.Text("from", form.Max(10)), Until: f.Text("until", form.Max(10)), Reason: f.Text("reason", form.Required, form.Max(200)),
		Post: auth.Post{Role: auth.Role(f.Text("role", form.Required)), DepartmentID: f.Text("department", form.Required), Region: f.Text("region", form.Required)},
	}
	if in.Post.Role == auth.Clerk { // only clerks sit at a window
		in.Post.WindowID = f.Text("window", form.Required)
		in.Post.HallID, _, _ = strings.Cut(in.Post.WindowID, "/")
	}
	if f.OK() {
		proposed, err := p.Service.Add(ctx, auth.From(ctx), in)
		switch {
		case err == nil && proposed:
			p.Sessions.Flash(ctx, "organisation.flash.proposed")
			return httpx.SeeOther(w, r, staffPath(id))
		case err == nil:
			p.Sessions.Flash(ctx, "organisation.flash.given")
			return httpx.SeeOther(w, r, staffPath(id))
		case !f.Reject(err):
			return err
		}
	}
	return p.showPost(w, r, f)
}

// endPage asks when a post ends, and why.
type endPage struct {
	memberPage
	Post organisation.Post
	form *form.Form
}

func (p *Pages) askEnd(w http.ResponseWriter, r *http.Request) error {
	return p.showEnd(w, r, form.New())
}

func (p *Pages) showEnd(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	m, err := p.memberOf(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(m.Posts, func(x organisation.Post) bool { return x.ID == r.PathValue("post") && x.State != "over" })
	if i < 0 {
		return organisation.ErrNotFound
	}
	return view.Render(w, r, f.Status(), endView(endPage{m, m.Posts[i], f}))
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version := int(f.Int("version", 1, 1<<30, true))
	until, reason := f.Text("until", form.Max(10)), f.Text("reason", form.Required, form.Max(200))
	if f.OK() {
		err := p.Service.End(ctx, auth.From(ctx), id, r.PathValue("post"), version, until, reason)
		if err == nil {
			p.Sessions.Flash(ctx, "organisation.flash.ended")
			return httpx.SeeOther(w, r, staffPath(id))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showEnd(w, r, f)
}

// statePage asks why an account is closed or opened again, and who takes over.
type statePage struct {
	memberPage
	Open  int // tasks in hand
	heirs []view.Opt
	form  *form.Form
}

func (p *Pages) askState(w http.ResponseWriter, r *http.Request) error {
	return p.showState(w, r, form.New())
}

func (p *Pages) showState(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	m, err := p.memberOf(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	d := statePage{memberPage: m, form: f}
	if m.State == "active" {
		n, heirs, err := p.Service.InHandsOf(ctx, auth.From(ctx), m.ID)
		if err != nil {
			return err
		}
		d.Open = n
		for _, h := range heirs {
			words := i18n.T(ctx, "organisation.close.heir", "name", h.Name, "role", roleName(ctx, h.Role), "load", i18n.Count(ctx, "organisation.close.load", h.Open))
			d.heirs = append(d.heirs, view.Opt{Value: h.ID, Label: words})
		}
	}
	return view.Render(w, r, f.Status(), stateView(d))
}

func (p *Pages) state(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version, reason := int(f.Int("version", 1, 1<<30, true)), f.Text("reason", form.Required, form.Max(200))
	do, to := f.Text("do", form.OneOf("close", "reopen")), f.Text("to", form.Max(50))
	if f.OK() {
		said := "organisation.flash.reopened"
		if do == "reopen" {
			err = p.Service.Reopen(ctx, auth.From(ctx), id, version, reason)
		} else {
			said = "organisation.flash.closed"
			err = p.Service.Close(ctx, auth.From(ctx), id, version, to, reason)
		}
		if err == nil {
			p.Sessions.Flash(ctx, said)
			return httpx.SeeOther(w, r, staffPath(id))
		}
		if !reject(f, err, "reason", "to") {
			return err
		}
	}
	return p.showState(w, r, f)
}

// postInputs are the fields of a new post.
func (p *Pages) postInputs(ctx context.Context) []view.In {
	dir, choose := p.Identity.Directory(), i18n.T(ctx, "identity.choose")
	roles := make([]view.Opt, len(auth.Roles))
	for i, r := range auth.Roles {
		roles[i] = view.Opt{Value: string(r), Label: roleName(ctx, r)}
		if identity.NeedsSecond(r) {
			roles[i].Label = i18n.T(ctx, "organisation.post.second", "role", roles[i].Label)
		}
	}
	var departments, regions, windows []view.Opt
	for _, d := range dir.Departments {
		departments = append(departments, view.Opt{Value: d.ID, Label: d.Name.For(ctx)})
	}
	for _, d := range dir.Regions {
		regions = append(regions, view.Opt{Value: d.Code, Label: d.Name.For(ctx)})
	}
	for _, h := range dir.Halls {
		for _, win := range h.Windows {
			windows = append(windows, view.Opt{Value: win.ID, Label: h.Name.For(ctx) + " " + win.Number + " " + win.Name.For(ctx)})
		}
	}
	return []view.In{
		{Name: "role", Label: i18n.T(ctx, "identity.staff.role"), Placeholder: choose, Options: roles, Required: true, Width: "md"},
		{Name: "department", Label: i18n.T(ctx, "identity.staff.department"), Placeholder: choose, Options: departments, Required: true, Width: "md"},
		{Name: "region", Label: i18n.T(ctx, "identity.staff.region"), Hint: i18n.T(ctx, "identity.staff.region_hint"), Placeholder: choose, Options: regions, Required: true, Width: "md"},
		{Name: "window", Label: i18n.T(ctx, "identity.staff.window"), Hint: i18n.T(ctx, "identity.staff.window_hint"), Placeholder: i18n.T(ctx, "identity.staff.no_window"), Options: windows, Width: "md"},
		{Name: "from", Label: i18n.T(ctx, "organisation.post.from"), Hint: i18n.T(ctx, "organisation.post.from_hint"), Type: "date", Optional: true, Width: "sm"},
		{Name: "until", Label: i18n.T(ctx, "organisation.post.until"), Hint: i18n.T(ctx, "organisation.post.until_hint"), Type: "date", Optional: true, Width: "sm"},
		reasonInput(ctx, i18n.T(ctx, "organisation.post.reason_hint")),
	}
}

// heirInput asks who takes over what somebody has in hand.
func heirInput(ctx context.Context, d statePage) view.In {
	return view.In{
		Name: "to", Label: i18n.T(ctx, "organisation.close.to"), Hint: i18n.Count(ctx, "organisation.close.open", d.Open),
		Placeholder: i18n.T(ctx, "organisation.close.desk"), Options: d.heirs, Optional: true, Width: "md",
	}
}

func endInputs(ctx context.Context) []view.In {
	return []view.In{
		{Name: "until", Label: i18n.T(ctx, "organisation.end.until"), Hint: i18n.T(ctx, "organisation.end.until_hint"), Type: "date", Optional: true, Width: "sm"},
		reasonInput(ctx, ""),
	}
}
