package organisationweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type departmentsPage struct {
	Rows  []organisation.Department
	Keeps bool
	pages *Pages
}

func (p *Pages) departments(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rows, err := p.Service.Departments(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, departmentsView(departmentsPage{rows, keeps(ctx), p}))
}

type departmentPage struct {
	organisation.Department
	form  *form.Form
	pages *Pages
}

func (p *Pages) askDepartment(w http.ResponseWriter, r *http.Request) error {
	d, err := p.departmentOf(r)
	if err != nil {
		return err
	}
	d.form = form.New("name", d.Name.ZH, "name_en", d.Name.EN, "phone", d.Phone, "complaint_phone", d.ComplaintPhone, "address", d.Address.ZH, "address_en", d.Address.EN, "version", strconv.Itoa(d.Version))
	return view.Render(w, r, http.StatusOK, departmentView(d))
}

func (p *Pages) departmentOf(r *http.Request) (departmentPage, error) {
	rows, err := p.Service.Departments(r.Context(), auth.From(r.Context()))
	if err != nil {
		return departmentPage{}, err
	}
	i := slices.IndexFunc(rows, func(d organisation.Department) bool { return d.ID == r.PathValue("id") })
	if i < 0 {
		return departmentPage{}, organisation.ErrNotFound
	}
	return departmentPage{Department: rows[i], pages: p}, nil
}

func (p *Pages) saveDepartment(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d, err := p.departmentOf(r)
	if err != nil {
		return err
	}
	in := d.Department
	in.Version = int(f.Int("version", 1, 1<<30, true))
	in.Name, in.Address = i18n.Text{ZH: f.Text("name", form.Required), EN: f.Text("name_en")}, i18n.Text{ZH: f.Text("address"), EN: f.Text("address_en")}
	in.Phone, in.ComplaintPhone = f.Text("phone", form.Required), f.Text("complaint_phone", form.Required)
	if f.OK() {
		if err = p.Service.SaveDepartment(ctx, auth.From(ctx), in); err == nil {
			p.Sessions.Flash(ctx, "organisation.flash.saved")
			return httpx.SeeOther(w, r, DepartmentsPath)
		}
		if !f.Reject(err) {
			return err
		}
	}
	d.form = f
	return view.Render(w, r, f.Status(), departmentView(d))
}

func departmentInputs(ctx context.Context) []view.In {
	return []view.In{
		{Name: "name", Label: i18n.T(ctx, "organisation.department.name"), Required: true, MaxLength: 60, Width: "md", Autocomplete: "off"},
		{Name: "name_en", Label: i18n.T(ctx, "organisation.department.name_en"), Optional: true, MaxLength: 120, Width: "md", Autocomplete: "off"},
		{Name: "phone", Label: i18n.T(ctx, "organisation.department.phone"), Hint: i18n.T(ctx, "organisation.department.phone_hint"), Type: "tel", Required: true, MaxLength: 30, Width: "md", Autocomplete: "off"},
		{Name: "complaint_phone", Label: i18n.T(ctx, "organisation.department.complaint_phone"), Type: "tel", Required: true, MaxLength: 30, Width: "md", Autocomplete: "off"},
		{Name: "address", Label: i18n.T(ctx, "organisation.department.address"), Optional: true, MaxLength: 120, Autocomplete: "off"},
		{Name: "address_en", Label: i18n.T(ctx, "organisation.department.address_en"), Optional: true, MaxLength: 200, Autocomplete: "off"},
	}
}
