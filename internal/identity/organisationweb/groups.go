package organisationweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

func groupPath(id string, more ...string) string {
	path := GroupsPath + "/" + id
	for _, m := range more {
		path += "/" + m
	}
	return path
}

type groupsPage struct {
	Rows  []organisation.Group
	Keeps bool
	pages *Pages
}

func (p *Pages) groups(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rows, err := p.Service.Groups(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, groupsView(groupsPage{rows, keeps(ctx), p}))
}

func (p *Pages) askGroup(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, newGroupView(p.newGroupInputs(r.Context()), form.New()))
}

func (p *Pages) openGroup(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := organisation.GroupInput{ID: f.Text("id", form.Required), Department: f.Text("department", form.Required), Name: i18n.Text{ZH: f.Text("name", form.Required), EN: f.Text("name_en")}}
	if f.OK() {
		if err = p.Service.OpenGroup(ctx, auth.From(ctx), in); err == nil {
			p.Sessions.Flash(ctx, "organisation.flash.group_opened")
			return httpx.SeeOther(w, r, groupPath(in.ID))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return view.Render(w, r, f.Status(), newGroupView(p.newGroupInputs(ctx), f))
}

// groupPage is a group with the forms that change it; the one that was sent holds
// what was typed.
type groupPage struct {
	organisation.Group
	Keeps             bool
	name, join, close *form.Form
	people            []view.Opt
	pages             *Pages
}

func (p *Pages) group(w http.ResponseWriter, r *http.Request) error { return p.showGroup(w, r, nil) }

// showGroup shows a group, after put has put in the form that was sent.
func (p *Pages) showGroup(w http.ResponseWriter, r *http.Request, put func(*groupPage) *form.Form) error {
	ctx, me := r.Context(), auth.From(r.Context())
	g, err := p.Service.Group(ctx, me, r.PathValue("id"))
	if err != nil {
		return err
	}
	d := groupPage{Group: g, Keeps: keeps(ctx) && !g.Closed, name: form.New("name", g.Name.ZH, "name_en", g.Name.EN), join: form.New(), close: form.New(), pages: p}
	if d.Keeps {
		people, err := p.Service.Candidates(ctx, me, g.ID)
		if err != nil {
			return err
		}
		for _, h := range people {
			d.people = append(d.people, view.Opt{Value: h.ID, Label: h.Name.For(ctx)})
		}
	}
	status := http.StatusOK
	if put != nil {
		status = put(&d).Status()
	}
	return view.Render(w, r, status, groupView(d))
}

// changeGroup reads a form of the page of a group and does what it asks for.
func (p *Pages) changeGroup(w http.ResponseWriter, r *http.Request, said string, do func(*form.Form) func() error, put func(*groupPage, *form.Form)) error {
	ctx, id := r.Context(), r.PathValue("id")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	give := do(f)
	if f.OK() {
		if err = give(); err == nil {
			p.Sessions.Flash(ctx, said)
			return httpx.SeeOther(w, r, groupPath(id))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showGroup(w, r, func(d *groupPage) *form.Form { put(d, f); return f })
}

func versionOf(f *form.Form) int { return int(f.Int("version", 1, 1<<30, true)) }

func (p *Pages) renameGroup(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	return p.changeGroup(w, r, "organisation.flash.saved", func(f *form.Form) func() error {
		version, name := versionOf(f), i18n.Text{ZH: f.Text("name", form.Required), EN: f.Text("name_en")}
		return func() error { return p.Service.RenameGroup(ctx, auth.From(ctx), id, version, name) }
	}, func(d *groupPage, f *form.Form) { d.name = f })
}

func (p *Pages) join(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	return p.changeGroup(w, r, "organisation.flash.joined", func(f *form.Form) func() error {
		in := organisation.MemberInput{Group: id, AccountID: f.Text("account", form.Required), From: f.Text("from", form.Max(10)), Until: f.Text("until", form.Max(10))}
		return func() error { return p.Service.Join(ctx, auth.From(ctx), in) }
	}, func(d *groupPage, f *form.Form) { d.join = f })
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	return p.changeGroup(w, r, "organisation.flash.left", func(f *form.Form) func() error {
		version := versionOf(f)
		return func() error { return p.Service.Leave(ctx, auth.From(ctx), id, r.PathValue("member"), version) }
	}, func(d *groupPage, f *form.Form) { d.join = f })
}

func (p *Pages) closeGroup(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	return p.changeGroup(w, r, "organisation.flash.group_closed", func(f *form.Form) func() error {
		version, reason := versionOf(f), f.Text("reason", form.Required, form.Max(200))
		return func() error { return p.Service.CloseGroup(ctx, auth.From(ctx), id, version, reason) }
	}, func(d *groupPage, f *form.Form) { d.close = f })
}

func (p *Pages) newGroupInputs(ctx context.Context) []view.In {
	var departments []view.Opt
	for _, d := range p.Identity.Directory().Departments {
		departments = append(departments, view.Opt{Value: d.ID, Label: d.Name.For(ctx)})
	}
	return append([]view.In{
		{Name: "department", Label: i18n.T(ctx, "identity.staff.department"), Placeholder: i18n.T(ctx, "identity.choose"), Options: departments, Required: true, Width: "md"},
		{Name: "id", Label: i18n.T(ctx, "organisation.group.id"), Hint: i18n.T(ctx, "organisation.group.id_hint"), Required: true, MaxLength: 40, Width: "md", Autocomplete: "off"},
	}, groupNameInputs(ctx)...)
}

func groupNameInputs(ctx context.Context) []view.In {
	return []view.In{
		{Name: "name", Label: i18n.T(ctx, "organisation.department.name"), Required: true, MaxLength: 60, Width: "md", Autocomplete: "off"},
		{Name: "name_en", Label: i18n.T(ctx, "organisation.department.name_en"), Optional: true, MaxLength: 60, Width: "md", Autocomplete: "off"},
	}
}

func joinInputs(ctx context.Context, d groupPage) []view.In {
	return []view.In{
		{Name: "account", Label: i18n.T(ctx, "organisation.group.member"), Hint: i18n.T(ctx, "organisation.group.member_hint"), Placeholder: i18n.T(ctx, "identity.choose"), Options: d.people, Required: true, Width: "md"},
		{Name: "from", Label: i18n.T(ctx, "organisation.post.from"), Hint: i18n.T(ctx, "organisation.post.from_hint"), Type: "date", Optional: true, Width: "sm"},
		{Name: "until", Label: i18n.T(ctx, "organisation.post.until"), Hint: i18n.T(ctx, "organisation.post.until_hint"), Type: "date", Optional: true, Width: "sm"},
	}
}

func memberNames(ctx context.Context, g organisation.Group) string {
	names := make([]string, len(g.Members))
	for i, m := range g.Members {
		names[i] = m.Name.For(ctx)
	}
	return strings.Join(names, i18n.T(ctx, "organisation.group.and"))
}

// memberDays say from when until when somebody is of a group.
func memberDays(ctx context.Context, m organisation.GroupMember) string {
	return days(ctx, identity.Held{From: m.From, Until: m.Until})
}

func version(n int) string { return strconv.Itoa(n) }
