package app

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
)

// cataloguePorts lets the catalogue ask the modules below and above it. The
// functions look the services up when they are called: cases and feedback are
// made after the catalogue that they use.
func (m *Modules) cataloguePorts() catalogue.Ports {
	return catalogue.Ports{
		Department: func(key string) (catalogue.Contact, bool) {
			d := m.Identity.Directory()
			x := d.Department(key)
			return catalogue.Contact{Phone: x.Phone, ComplaintPhone: x.ComplaintPhone}, d.HasDepartment(key)
		},
		CertificateType: func(key string) bool { _, ok := m.Identity.Directory().CertificateType(key); return ok },
		Hall:            func(key string) bool { _, ok := m.Identity.Directory().Hall(key); return ok },
		Group: func(key, department string) bool {
			g := m.Identity.Directory().Group(key)
			return !g.Closed && g.DepartmentID == department
		},
		Staffed: func(ctx context.Context) (func(role, department string) bool, error) {
			has, err := m.Identity.Staffed(ctx)
			return func(role, department string) bool { return has(auth.Role(role), department) }, err
		},
		Officers: func(ctx context.Context) (func(department string) int, error) {
			return m.Identity.Officers(ctx, cases.Inspecting...)
		},
		OpenCases: func(ctx context.Context, itemID string) (catalogue.OpenCases, error) {
			return m.Cases.OpenCases(ctx, itemID)
		},
		Used: func(ctx context.Context, since time.Time) (map[string]int, error) { return m.Cases.Used(ctx, since) },
		Ratings: func(ctx context.Context, since time.Time) (map[string]catalogue.Rated, error) {
			return m.Feedback.ByItem(ctx, since)
		},
		Procedures: func() []string { return m.Cases.ProcedureKinds() },
		Procedure:  func(ctx context.Context, d catalogue.Definition) []errs.Field { return m.Cases.CheckProcedure(ctx, d) },
	}
}
