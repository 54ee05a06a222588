package identity

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

// store is the SQL of the module.
type store struct {
	db   *db.DB
	ring *seal.Ring
}

const accountColumns = `id, login, kind, name, COALESCE(id_number, ''), phone, email, locale, state, password_hash <> '', created_at, signed_in_at, version, phone_proven_at`

func (s store) scanAccount(r db.Scanner) (a Account, err error) {
	err = r.Scan(&a.ID, &a.Login, &a.Kind, db.JSON[i18n.Text]{V: &a.Name}, &a.IDNumber, &a.Phone, &a.Email, &a.Locale, &a.State, &a.HasSecret,
		db.Time{Time: &a.CreatedAt}, db.Time{Time: &a.SignedInAt}, &a.Version, db.Time{Time: &a.PhoneProvenAt})
	if err != nil {
		return a, err
	}
	return s.opened(a)
}

func (s store) account(ctx context.Context, where string, args ...any) (Account, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), s.scanAccount, `SELECT `+accountColumns+` FROM identity_account WHERE `+where, args...)
}

func (s store) insertAccount(ctx context.Context, a Account, hash, registeredBy string) error {
	login, err := s.keptLogin(ctx, a)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO identity_account (id, login, kind, name, id_number, phone, email, password_hash, locale, state, registered_by, created_at, signed_in_at, phone_proven_at, version,
			id_number_index, phone_index)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,0,$13,1,$14,$15)`, a.ID, login, string(a.Kind), db.ToJSON(a.Name), db.NullString(s.ring.Seal(sealedIDNumber, a.ID, a.IDNumber)),
		s.ring.Seal(sealedPhone, a.ID, a.Phone), s.ring.Seal(sealedEmail, a.ID, a.Email),
		hash, string(a.Locale), a.State, registeredBy, db.MS(a.CreatedAt), db.MS(a.PhoneProvenAt), s.idNumberIndex(a.IDNumber), s.phoneIndex(a.Phone))
	return err
}

// saveContact writes how somebody is reached, guarded by the version.
func (s store) saveContact(ctx context.Context, a Account) error {
	login, err := s.keptLogin(ctx, a)
	if err != nil {
		return err
	}
	return s.db.ExecOne(ctx, `UPDATE identity_account SET phone=$3, phone_index=$4, email=$5, login=$6, phone_proven_at=$7, version=version+1 WHERE id=$1 AND version=$2`,
		a.ID, a.Version, s.ring.Seal(sealedPhone, a.ID, a.Phone), s.phoneIndex(a.Phone), s.ring.Seal(sealedEmail, a.ID, a.Email), login, db.MS(a.PhoneProvenAt))
}

func (s store) secret(ctx context.Context, id string) (string, error) {
	return db.One(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT password_hash FROM identity_account WHERE id=$1`, id)
}

const enterpriseColumns = `id, uscc, name, legal_representative, industry, region, address, registered_on, capital_fen, phone, email, version`

func scanEnterprise(s db.Scanner) (e Enterprise, err error) {
	return e, s.Scan(&e.ID, &e.USCC, db.JSON[i18n.Text]{V: &e.Name}, &e.LegalRepresentative, &e.Industry, &e.Region, &e.Address, &e.RegisteredOn,
		&e.Capital, &e.Phone, &e.Email, &e.Version)
}

func (s store) enterprises(ctx context.Context, where string, args ...any) ([]Enterprise, error) {
	return db.List(ctx, s.db.Read(ctx), scanEnterprise, `SELECT `+enterpriseColumns+` FROM identity_enterprise WHERE `+where, args...)
}

// CertificateColumns are the columns that ScanCertificate reads; for the packages
// below this one, which share its tables.
const CertificateColumns = `id, CASE WHEN paper_number <> '' THEN paper_number ELSE number END, type, holder_kind, holder_id, holder_name, issuer_id, title, case_id, valid_from, valid_to, state, token, issued_at, version,
	code, level, source, edition, file_id, issuer_name, keeper_id, checked_by, checked_at, checked_window`

// ScanCertificate reads a row of CertificateColumns.
func ScanCertificate(s db.Scanner) (c Certificate, err error) {
	return c, s.Scan(&c.ID, &c.Number, &c.Type, &c.HolderKind, &c.HolderID, db.JSON[i18n.Text]{V: &c.HolderName}, &c.IssuerID, db.JSON[i18n.Text]{V: &c.Title},
		&c.CaseID, &c.ValidFrom, &c.ValidTo, &c.State, &c.Token, db.Time{Time: &c.IssuedAt}, &c.Version,
		&c.Code, &c.Level, &c.Source, &c.Edition, &c.FileID, &c.IssuerName, &c.KeeperID, &c.Checked.By, db.Time{Time: &c.Checked.At}, &c.Checked.Window)
}

func (s store) certificates(ctx context.Context, where string, args ...any) ([]Certificate, error) {
	return db.List(ctx, s.db.Read(ctx), ScanCertificate, `SELECT `+CertificateColumns+` FROM identity_certificate WHERE `+where, args...)
}

// newestCertificates are those of a holder that are valid on a day, one of each type.
func (s store) newestCertificates(ctx context.Context, holder, day, cond string, args db.Args) ([]Certificate, error) {
	own := ` AND holder_id=` + args.Add(holder) + ` AND valid_from <= ` + args.Add(day) + ` AND (valid_to = '' OR valid_to >= ` + args.Add(day) + `)`
	return db.List(ctx, s.db.Read(ctx), ScanCertificate, `SELECT `+CertificateColumns+` FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY type ORDER BY issued_at DESC, id DESC) AS place
		FROM identity_certificate WHERE state='valid'`+cond+own+`) c WHERE place=1`, args...)
}

func (s store) insertCertificate(ctx context.Context, c Certificate) error {
	number, paper := c.Number, ""
	if c.State == CertUnchecked || c.State == CertDeclared { // nobody has seen it: its number takes no place in the register
		number, paper = "upload:"+c.ID, c.Number
	}
	_, err := s.db.Exec(ctx, `INSERT INTO identity_certificate (id, number, type, holder_kind, holder_id, holder_name, issuer_id, title, case_id, valid_from, valid_to, state, token, issued_at, version,
			code, level, source, edition, file_id, issuer_name, keeper_id, checked_by, checked_at, checked_window, paper_number)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,1,$15,$16,$17,1,$18,$19,$20,$21,$22,$23,$24)`, c.ID, number, c.Type, string(c.HolderKind), c.HolderID, db.ToJSON(c.HolderName), c.IssuerID,
		db.ToJSON(c.Title), c.CaseID, c.ValidFrom, c.ValidTo, c.State, c.Token, db.MS(c.IssuedAt),
		c.Code, c.Level, c.Source, c.FileID, c.IssuerName, c.KeeperID, c.Checked.By, db.MS(c.Checked.At), c.Checked.Window, paper)
	return err
}

const clientColumns = `id, name, scopes, department_id, created_at, expires_at, revoked_at, used_at, version`

func scanClient(s db.Scanner) (c Client, err error) {
	var scopes string
	err = s.Scan(&c.ID, &c.Name, &scopes, &c.DepartmentID, db.Time{Time: &c.CreatedAt}, db.Time{Time: &c.ExpiresAt}, db.Time{Time: &c.RevokedAt}, db.Time{Time: &c.UsedAt}, &c.Version)
	for scope := range strings.FieldsSeq(scopes) {
		c.Scopes = append(c.Scopes, auth.Scope(scope))
	}
	return c, err
}

// next raises a counter and returns its new value; the first is 1.
func (s store) next(ctx context.Context, key string) (int64, error) {
	return db.One(ctx, s.db.Write(ctx), db.Scalar[int64], `INSERT INTO identity_sequence (key, value) VALUES ($1, 1)
		ON CONFLICT (key) DO UPDATE SET value = identity_sequence.value + 1 RETURNING value`, key)
}

// generation of the organisation; 0 before the first change.
func (s store) generation(ctx context.Context) (int64, error) {
	n, _, err := db.Maybe(ctx, s.db.Read(ctx), db.Scalar[int64], `SELECT value FROM identity_sequence WHERE key=$1`, directoryGeneration)
	return n, err
}

// loadDirectory reads regions, departments, halls and certificate types.
func (s store) loadDirectory(ctx context.Context) (*Directory, error) {
	d := &Directory{regions: map[string]Region{}, departments: map[string]Department{}, types: map[string]CertificateType{}, windows: map[string]Window{}}
	regions, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g Region, err error) {
		return g, r.Scan(&g.Code, &g.Level, &g.Parent, db.JSON[i18n.Text]{V: &g.Name})
	}, `SELECT code, level, parent, name FROM identity_region ORDER BY code`)
	if err != nil {
		return nil, fmt.Errorf("identity: regions: %w", err)
	}
	d.Regions = regions
	if d.Groups, err = s.loadGroups(ctx); err != nil {
		return nil, fmt.Errorf("identity: groups: %w", err)
	}
	if d.Departments, err = db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g Department, err error) {
		return g, r.Scan(&g.ID, &g.USCC, &g.Region, db.JSON[i18n.Text]{V: &g.Name}, &g.Phone, &g.ComplaintPhone, db.JSON[i18n.Text]{V: &g.Address})
	}, `SELECT id, uscc, region, name, phone, complaint_phone, address FROM identity_department ORDER BY id`); err != nil {
		return nil, fmt.Errorf("identity: departments: %w", err)
	}
	if d.Halls, err = db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g Hall, err error) {
		return g, r.Scan(&g.ID, &g.Region, db.JSON[i18n.Text]{V: &g.Name}, db.JSON[i18n.Text]{V: &g.Address}, db.JSON[i18n.Text]{V: &g.Hours}, &g.Phone)
	}, `SELECT id, region, name, address, hours, phone FROM identity_hall ORDER BY position`); err != nil {
		return nil, fmt.Errorf("identity: halls: %w", err)
	}
	windows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g Window, err error) {
		return g, r.Scan(&g.ID, &g.HallID, &g.Number, db.JSON[i18n.Text]{V: &g.Name})
	}, `SELECT id, hall_id, number, name FROM identity_window ORDER BY number`)
	if err != nil {
		return nil, fmt.Errorf("identity: windows: %w", err)
	}
	for i := range d.Halls {
		for _, w := range windows {
			if w.HallID == d.Halls[i].ID {
				d.Halls[i].Windows = append(d.Halls[i].Windows, w)
			}
			d.windows[w.ID] = w
		}
	}
	types, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g CertificateType, err error) {
		var remind string
		err = r.Scan(&g.Key, db.JSON[i18n.Text]{V: &g.Name}, &g.Holder, &g.Level, &g.Code, db.JSON[i18n.Text]{V: &g.Proves}, &remind, &g.Item)
		for day := range strings.FieldsSeq(remind) {
			if n, bad := strconv.Atoi(day); bad == nil {
				g.Remind = append(g.Remind, n)
			}
		}
		return g, err
	}, `SELECT key, name, holder, level, code, proves, remind, renewal_item FROM identity_certificate_type ORDER BY key`)
	if err != nil {
		return nil, fmt.Errorf("identity: certificate types: %w", err)
	}
	for _, r := range regions {
		d.regions[r.Code] = r
	}
	for _, x := range d.Departments {
		d.departments[x.ID] = x
	}
	for _, t := range types {
		d.types[t.Key] = t
	}
	return d, nil
}

func today(c clock.Clock) string { return i18n.ShortDate(c.Now()) }
