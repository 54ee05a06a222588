package organisation

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Department is a department as it can be edited.
type Department struct {
	identity.Department
	Version int
}

// phoneForm takes landlines, hotlines and mobiles: 0543-8160001, 12345, 13900010001.
var phoneForm = regexp.MustCompile(`^[0-9+][0-9 \-转]{2,29}$`)

// Departments lists the departments in the order of the directory. Administrators only.
func (s *Service) Departments(ctx context.Context, actor auth.Actor) ([]Department, error) {
	if !reads(actor) {
		return nil, ErrForbidden
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (d Department, err error) {
		return d, r.Scan(&d.ID, &d.USCC, &d.Region, db.JSON[i18n.Text]{V: &d.Name}, &d.Phone, &d.ComplaintPhone, db.JSON[i18n.Text]{V: &d.Address}, &d.Version)
	}, `SELECT id, uscc, region, name, phone, complaint_phone, address, version FROM identity_department ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("organisation: departments: %w", err)
	}
	return list, nil
}

// SaveDepartment changes how a department is called and reached. Its key, its
// credit code and its region stay. System administrators only.
func (s *Service) SaveDepartment(ctx context.Context, actor auth.Actor, d Department) error {
	if !keeps(actor) {
		return ErrForbidden
	}
	if err := checkDepartment(&d).OrNil(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		list, err := s.Departments(ctx, actor)
		if err != nil {
			return err
		}
		var old *Department
		for i := range list {
			if list[i].ID == d.ID {
				old = &list[i]
			}
		}
		if old == nil {
			return ErrNotFound
		}
		if old.Version != d.Version {
			return ErrOver
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_department SET name=$3, phone=$4, complaint_phone=$5, address=$6, version=version+1 WHERE id=$1 AND version=$2`,
			d.ID, d.Version, db.ToJSON(d.Name), d.Phone, d.ComplaintPhone, db.ToJSON(d.Address)); err != nil {
			return err
		}
		if err := s.Identity.DirectoryChanged(ctx); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "organisation.save_department", Object: "department:" + d.ID, Change: map[string]any{
			"before": map[string]any{"name": old.Name, "phone": old.Phone, "complaint_phone": old.ComplaintPhone, "address": old.Address},
			"after":  map[string]any{"name": d.Name, "phone": d.Phone, "complaint_phone": d.ComplaintPhone, "address": d.Address},
		}})
	})
}

func checkDepartment(d *Department) *errs.Error {
	bad := ErrInvalid
	for _, f := range []struct {
		name string
		text *string
		most int
	}{{"name", &d.Name.ZH, 60}, {"name_en", &d.Name.EN, 120}, {"address", &d.Address.ZH, 120}, {"address_en", &d.Address.EN, 200}} {
		*f.text = strings.TrimSpace(*f.text)
		if utf8.RuneCountInString(*f.text) > f.most || strings.ContainsAny(*f.text, "\r\n\t") {
			bad = bad.At(f.name, errLong.Code, "max", f.most)
		}
	}
	if d.Name.ZH == "" {
		bad = bad.At("name", errName.Code)
	}
	for name, phone := range map[string]*string{"phone": &d.Phone, "complaint_phone": &d.ComplaintPhone} {
		*phone = strings.TrimSpace(*phone)
		if !phoneForm.MatchString(*phone) {
			bad = bad.At(name, errPhone.Code)
		}
	}
	return bad
}
