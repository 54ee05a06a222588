package organisationweb

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
)

// Paths of the package.
const (
	StaffPath       = "/admin/staff"
	PostsPath       = "/admin/posts"
	DepartmentsPath = "/admin/departments"
	GroupsPath      = "/admin/groups"
)

// Deps of the pages.
type Deps struct {
	Service  *organisation.Service
	Identity *identity.Service
	Sessions *session.Manager
}

// Pages are the pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	readers, keeper := auth.AsRole(organisation.Readers...), auth.AsRole(auth.SystemAdmin)
	return []httpx.Route{
		httpx.Get(StaffPath+"/{id}", readers, p.member),
		httpx.Get(StaffPath+"/{id}/post", keeper, p.askPost),
		httpx.Post(StaffPath+"/{id}/post", keeper, p.addPost),
		httpx.Get(StaffPath+"/{id}/post/{post}", keeper, p.askEnd),
		httpx.Post(StaffPath+"/{id}/post/{post}", keeper, p.end),
		httpx.Get(StaffPath+"/{id}/state", keeper, p.askState),
		httpx.Post(StaffPath+"/{id}/state", keeper, p.state),
		httpx.Get(PostsPath, readers, p.posts),
		httpx.Post(PostsPath+"/{id}", auth.AsRole(auth.SystemAdmin, auth.SecurityAdmin), p.decide),
		httpx.Get(DepartmentsPath, readers, p.departments),
		httpx.Get(DepartmentsPath+"/{id}", keeper, p.askDepartment),
		httpx.Post(DepartmentsPath+"/{id}", keeper, p.saveDepartment),
		httpx.Get(GroupsPath, readers, p.groups),
		httpx.Get(GroupsPath+"/new", keeper, p.askGroup),
		httpx.Post(GroupsPath+"/new", keeper, p.openGroup),
		httpx.Get(GroupsPath+"/{id}", readers, p.group),
		httpx.Post(GroupsPath+"/{id}", keeper, p.renameGroup),
		httpx.Post(GroupsPath+"/{id}/members", keeper, p.join),
		httpx.Post(GroupsPath+"/{id}/members/{member}", keeper, p.leave),
		httpx.Post(GroupsPath+"/{id}/close", keeper, p.closeGroup),
	}
}

func staffPath(account string, more ...string) string {
	path := StaffPath + "/" + account
	for _, m := range more {
		path += "/" + m
	}
	return path
}

func keeps(ctx context.Context) bool { return auth.From(ctx).Has(auth.SystemAdmin) }

// reject is form.Form.Reject for a page that has only some of the inputs that the
// service may complain about: what is said of others stands in the summary alone.
func reject(f *form.Form, err error, inputs ...string) bool {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return f.Reject(err)
	}
	for _, x := range fields {
		if !slices.Contains(inputs, x.Name) {
			x.Name = ""
		}
		f.Complain(x.Name, x.Code, x.Params)
	}
	return true
}

// postWords is a post in words: "审批人员 · 科技创新局".
func (p *Pages) postWords(ctx context.Context, post auth.Post) string {
	return i18n.T(ctx, "identity.post", "role", roleName(ctx, post.Role), "place", p.Identity.Directory().Place(post).For(ctx))
}

func roleName(ctx context.Context, r auth.Role) string { return i18n.T(ctx, "role."+string(r)) }

// days say from when until when a post is held.
func days(ctx context.Context, h identity.Held) string {
	switch {
	case h.From == "" && h.Until == "":
		return i18n.T(ctx, "organisation.days.open")
	case h.From == "":
		return i18n.T(ctx, "organisation.days.until", "until", dayWords(ctx, h.Until))
	case h.Until == "":
		return i18n.T(ctx, "organisation.days.from", "from", dayWords(ctx, h.From))
	}
	return i18n.T(ctx, "organisation.days.both", "from", dayWords(ctx, h.From), "until", dayWords(ctx, h.Until))
}

func dayWords(ctx context.Context, iso string) string {
	d, err := workday.Parse(iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), workday.StartOf(d))
}

func staffCrumbs(ctx context.Context, more ...view.Link) []view.Link {
	return append([]view.Link{{Href: StaffPath, Text: i18n.T(ctx, "identity.staff.title")}}, more...)
}

func memberCrumb(ctx context.Context, a identity.Account) view.Link {
	return view.Link{Href: staffPath(a.ID), Text: a.Name.For(ctx)}
}

func reasonInput(ctx context.Context, hint string) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "organisation.reason"), Hint: hint, Required: true, MaxLength: 200, Autocomplete: "off"}
}

// nameOf is who did something; the engine itself has no name but that.
func (p *Pages) nameOf(ctx context.Context, account string) string {
	if account == "" || account == auth.SystemActor().ID {
		return i18n.T(ctx, "organisation.by_system")
	}
	return p.Identity.NameOf(ctx, account).For(ctx)
}
