package identityweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type staffRow struct {
	identity.Account
	Posts []string
}

type staffPage struct {
	Form        *form.Form
	Rows        []staffRow
	Next        string
	Departments []view.Opt
	Filtered    bool
	Keeps       bool // the reader may add somebody
}

// staff lists the accounts of staff by login.
func (p *Pages) staff(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	limit := page.Request{}.Limit()
	filter := identity.StaffFilter{Query: f.Text("q", form.Max(50)), Department: f.Text("department"), Role: auth.Role(f.Text("role")), After: f.Text("after"), Limit: limit + 1}
	rows, err := p.Service.Staff(ctx, auth.From(ctx), filter)
	if err != nil {
		return err
	}
	list := page.Cut(rows, limit, func(x identity.StaffRow) string { return x.Login })
	v := staffPage{
		Form: f, Departments: p.departmentOptions(ctx), Keeps: auth.From(ctx).Has(auth.SystemAdmin), Filtered: filter.Query != "" || filter.Department != "" || filter.Role != "",
		Next: nextPage("/admin/staff", f, "after", list.Next, "q", "department", "role"),
	}
	for _, row := range list.Rows {
		posts := make([]string, len(row.Posts))
		for i, post := range row.Posts {
			posts[i] = p.postWords(ctx, post)
		}
		v.Rows = append(v.Rows, staffRow{row.Account, posts})
	}
	return view.Render(w, r, http.StatusOK, staffView(v))
}

// nextPage is the link to the page behind a cursor, with the filters kept.
func nextPage(path string, f *form.Form, cursor, value string, keep ...string) string {
	if value == "" {
		return ""
	}
	q := url.Values{cursor: {value}}
	for _, name := range keep {
		if v := f.Value(name); v != "" {
			q.Set(name, v)
		}
	}
	return path + "?" + q.Encode()
}

type newStaffPage struct {
	Form                          *form.Form
	Departments, Regions, Windows []view.Opt
}

// showNewStaff asks for an account of staff with its first post.
func (p *Pages) showNewStaff(w http.ResponseWriter, r *http.Request) error {
	return p.renderNewStaff(w, r, form.New())
}

// newStaff opens the account.
func (p *Pages) newStaff(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	in := staffInput(f)
	if f.OK() {
		account, proposed, err := p.Create(ctx, auth.From(ctx), in, f.Text("reason", form.Max(200)))
		switch {
		case err == nil && proposed:
			p.Sessions.Flash(ctx, "identity.flash.staff_proposed")
			return httpx.SeeOther(w, r, "/admin/staff?q="+url.QueryEscape(account.Login))
		case err == nil:
			p.Sessions.Flash(ctx, "identity.flash.staff_created")
			return httpx.SeeOther(w, r, "/admin/staff?q="+url.QueryEscape(account.Login))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.renderNewStaff(w, r, f)
}

func (p *Pages) renderNewStaff(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx := r.Context()
	return view.Render(w, r, f.Status(), newStaffView(newStaffPage{Form: f, Departments: p.departmentOptions(ctx), Regions: p.regionOptions(ctx), Windows: p.windowOptions(ctx)}))
}

// staffInput reads the account and its one post. The hall is that of the window,
// without which a clerk cannot receive anybody.
func staffInput(f *form.Form) identity.StaffInput {
	in := identity.StaffInput{
		Login: f.Text("login", form.Required, form.Max(40)), Name: i18n.Text{ZH: f.Text("name", form.Required, form.Max(50)), EN: f.Text("name_en", form.Max(80))},
		Phone: f.Text("phone", form.Max(30)), Password: f.Secret("password", form.Required),
	}
	in.From, in.Until = f.Text("from", form.Max(10)), f.Text("until", form.Max(10))
	post := auth.Post{Role: auth.Role(f.Text("role", form.Required)), DepartmentID: f.Text("department", form.Required), Region: f.Text("region", form.Required)}
	if post.Role == auth.Clerk {
		post.WindowID = f.Text("window", form.Required)
		post.HallID, _, _ = strings.Cut(post.WindowID, "/")
	}
	in.Posts = []auth.Post{post}
	return in
}

func (p *Pages) departmentOptions(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, d := range p.Service.Directory().Departments {
		out = append(out, view.Opt{Value: d.ID, Label: d.Name.For(ctx)})
	}
	return out
}

func (p *Pages) regionOptions(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, d := range p.Service.Directory().Regions {
		out = append(out, view.Opt{Value: d.Code, Label: d.Name.For(ctx)})
	}
	return out
}

func (p *Pages) windowOptions(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, h := range p.Service.Directory().Halls {
		for _, win := range h.Windows {
			out = append(out, view.Opt{Value: win.ID, Label: h.Name.For(ctx) + " " + win.Number + " " + win.Name.For(ctx)})
		}
	}
	return out
}

func roleOptions(ctx context.Context) []view.Opt {
	out := make([]view.Opt, len(auth.Roles))
	for i, r := range auth.Roles {
		out[i] = view.Opt{Value: string(r), Label: roleName(ctx, r)}
	}
	return out
}
