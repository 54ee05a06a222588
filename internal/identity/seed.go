package identity

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Organisation is what SaveOrganisation takes in: the frame of a zone.
type Organisation struct {
	Regions          []Region
	Departments      []Department
	Halls            []Hall
	CertificateTypes []CertificateType
}

// SaveOrganisation writes regions, departments, halls, windows and certificate
// types, new or changed, and reloads the directory. The engine itself only.
func (s *Service) SaveOrganisation(ctx context.Context, actor auth.Actor, o Organisation) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		for _, r := range o.Regions {
			if _, err := s.db.Exec(ctx, `INSERT INTO identity_region (code, level, parent, name) VALUES ($1,$2,$3,$4)
				ON CONFLICT (code) DO UPDATE SET level=excluded.level, parent=excluded.parent, name=excluded.name`, r.Code, r.Level, r.Parent, db.ToJSON(r.Name)); err != nil {
				return fmt.Errorf("identity: region %s: %w", r.Code, err)
			}
		}
		for _, d := range o.Departments {
			if _, err := s.db.Exec(ctx, `INSERT INTO identity_department (id, uscc, region, name, phone, complaint_phone, address, version) VALUES ($1,$2,$3,$4,$5,$6,$7,1)
				ON CONFLICT (id) DO UPDATE SET uscc=excluded.uscc, region=excluded.region, name=excluded.name, phone=excluded.phone,
					complaint_phone=excluded.complaint_phone, address=excluded.address, version=identity_department.version+1`,
				d.ID, d.USCC, d.Region, db.ToJSON(d.Name), d.Phone, d.ComplaintPhone, db.ToJSON(d.Address)); err != nil {
				return fmt.Errorf("identity: department %s: %w", d.ID, err)
			}
		}
		for i, h := range o.Halls {
			if _, err := s.db.Exec(ctx, `INSERT INTO identity_hall (id, region, name, address, hours, phone, position) VALUES ($1,$2,$3,$4,$5,$6,$7)
				ON CONFLICT (id) DO UPDATE SET region=excluded.region, name=excluded.name, address=excluded.address, hours=excluded.hours, phone=excluded.phone, position=excluded.position`,
				h.ID, h.Region, db.ToJSON(h.Name), db.ToJSON(h.Address), db.ToJSON(h.Hours), h.Phone, i); err != nil {
				return fmt.Errorf("identity: hall %s: %w", h.ID, err)
			}
			for _, w := range h.Windows {
				if _, err := s.db.Exec(ctx, `INSERT INTO identity_window (id, hall_id, number, name) VALUES ($1,$2,$3,$4)
					ON CONFLICT (id) DO UPDATE SET name=excluded.name`, h.ID+"/"+w.Number, h.ID, w.Number, db.ToJSON(w.Name)); err != nil {
					return fmt.Errorf("identity: window %s/%s: %w", h.ID, w.Number, err)
				}
			}
		}
		for _, t := range o.CertificateTypes {
			if _, err := s.db.Exec(ctx, `INSERT INTO identity_certificate_type (key, name, holder, level, code, proves, remind, renewal_item) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
				ON CONFLICT (key) DO UPDATE SET name=excluded.name, holder=excluded.holder, level=excluded.level, code=excluded.code, proves=excluded.proves,
					remind=excluded.remind, renewal_item=excluded.renewal_item`,
				t.Key, db.ToJSON(t.Name), string(t.Holder), t.Level, t.Code, db.ToJSON(t.Proves), remindWords(t.Remind), t.Item); err != nil {
				return fmt.Errorf("identity: certificate type %s: %w", t.Key, err)
			}
		}
		if _, err := s.store.next(ctx, directoryGeneration); err != nil {
			return err
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.save_organisation", Object: "organisation:"})
	})
	if err != nil {
		return err
	}
	return s.Load(ctx)
}

// SeedAccount opens an account with a hash that was made before, so that a
// demonstration with hundreds of accounts does not spend a minute hashing one
// password. The engine itself only.
func (s *Service) SeedAccount(ctx context.Context, actor auth.Actor, a Account, posts []auth.Post, hash string) (Account, error) {
	if actor.Kind != auth.System {
		return Account{}, ErrForbidden
	}
	if a.Kind == auth.Staff {
		if err := checkPosts(s.Directory(), s.Today(), nil, asHeld(posts, "", "")...).OrNil(); err != nil {
			return Account{}, fmt.Errorf("identity: seed %s: %+v: %w", a.Login, posts, err)
		}
		return s.insertStaff(ctx, actor, StaffInput{Login: a.Login, Name: a.Name, Phone: a.Phone, Email: a.Email, Posts: posts}, hash)
	}
	if err := checkPerson(a.Name.ZH, a.IDNumber, a.Phone, a.Email).OrNil(); err != nil {
		return Account{}, fmt.Errorf("identity: seed %s: %w", a.Login, err)
	}
	now := s.clock.Now()
	a.ID, a.State, a.CreatedAt, a.PhoneProvenAt, a.Version, a.HasSecret, a.Locale = ids.New(now), "active", now, now, 1, true, i18n.Source
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.insertAccount(ctx, a, hash, ""); err != nil {
			return takenOr(err)
		}
		if err := s.store.mailProven(ctx, a.ID, now); err != nil {
			return err
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.sign_up", Object: "account:" + a.ID})
	})
	return a, err
}

// remindWords writes the days of reminding as they are kept.
func remindWords(days []int) string {
	if len(days) == 0 {
		days = DefaultRemind
	}
	words := make([]string, len(days))
	for i, n := range days {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, " ")
}
