package identity

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// IssueInput is a certificate to be issued.
type IssueInput struct {
	Type   string
	Number string // "": the next number of the type, issuer and year
	Holder Party
	Issuer string // department
	Title  i18n.Text
	CaseID string
	From   string // ISO date, "" for today
	Until  string // ISO date, "" for From + Months, or unlimited without
	Months int

	// Of copies that are no decisions of the house.
	Code       string // identifier of GB/T 36904; "": one is made where type and issuer have codes
	Level      string // "" for that of the type
	State      string // "" for valid
	Source     string // "" for decision
	FileID     string
	IssuerName string
	KeeperID   string
	Checked    Checked
}

// Issue puts a new certificate on file. It is called by the command that
// decided, in its transaction, and by imports; who may do that was checked there.
func (s *Service) Issue(ctx context.Context, actor auth.Actor, in IssueInput) (Certificate, error) {
	t, ok := s.Directory().CertificateType(in.Type)
	if !ok {
		return Certificate{}, fmt.Errorf("identity: issue: no certificate type %q", in.Type)
	}
	now := s.clock.Now()
	if in.From == "" {
		in.From = today(s.clock)
	}
	if in.Until == "" && in.Months > 0 {
		from, err := workday.Parse(in.From)
		if err != nil {
			return Certificate{}, fmt.Errorf("identity: issue: %w", err)
		}
		in.Until = from.AddMonths(in.Months).AddDays(-1).String() // valid to the day before the anniversary
	}
	if in.Title.IsZero() {
		in.Title = t.Name
	}
	c := Certificate{
		ID: ids.New(now), Number: s.KeptNumber(in.Number), Type: in.Type, HolderKind: in.Holder.Kind, HolderID: in.Holder.ID, HolderName: in.Holder.Name,
		IssuerID: in.Issuer, Title: in.Title, CaseID: in.CaseID, ValidFrom: in.From, ValidTo: in.Until, State: cmp.Or(in.State, CertValid), Token: ids.Token(), IssuedAt: now, Version: 1,
		Code: in.Code, Level: cmp.Or(in.Level, t.Level), Source: cmp.Or(in.Source, "decision"), Edition: 1, FileID: in.FileID,
		IssuerName: in.IssuerName, KeeperID: in.KeeperID, Checked: in.Checked,
	}
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		if c.Number == "" {
			if err := s.nextNumber(ctx, &c); err != nil {
				return err
			}
		}
		if c.Code == "" && c.Source == "decision" {
			var err error
			if c.Code, err = s.FreeIdentifier(ctx, t, c.IssuerID, c.Number, 1); err != nil {
				return err
			}
		}
		if err := s.store.insertCertificate(ctx, c); err != nil {
			return err
		}
		if err := s.HeldChanged(ctx, c.HolderKind, c.HolderID); err != nil {
			return err
		}
		return s.audit.Record(ctx, actor, audit.Note{
			Action: "identity.issue_certificate", Object: "certificate:" + c.ID,
			Change: map[string]any{"type": c.Type, "number": c.Number, "case": c.CaseID},
		})
	})
	return c, err
}

// HeldChanged tells whoever asked that a firm holds other certificates now. Of
// people nobody asked.
func (s *Service) HeldChanged(ctx context.Context, kind HolderKind, holder string) error {
	if s.Held == nil || kind != HolderEnterprise {
		return nil
	}
	return s.Held(ctx, holder)
}

// nextNumber gives a certificate the next number of its type and year. One that
// a clerk typed from a paper of elsewhere is passed over.
func (s *Service) nextNumber(ctx context.Context, c *Certificate) error {
	for {
		n, err := s.store.next(ctx, "certificate:"+c.Type+":"+c.ValidFrom[:4])
		if err != nil {
			return err
		}
		c.Number = fmt.Sprintf("%s-%s-%06d", certificatePrefix(c.Type), c.ValidFrom[:4], n)
		if taken, err := s.store.certificates(ctx, `type=$1 AND number=$2`, c.Type, c.Number); err != nil || len(taken) == 0 {
			return err
		}
	}
}

// FreeIdentifier is Identifier, or empty where another certificate that was
// issued here has it: two numbers may differ in nothing but their characters.
// What anybody else says to have this identifier does not count.
func (s *Service) FreeIdentifier(ctx context.Context, t CertificateType, issuer, number string, edition int) (string, error) {
	code := s.Identifier(t, issuer, number, edition)
	taken, err := s.store.certificates(ctx, `code=$1 AND code <> '' AND source='decision'`, code)
	if err != nil || len(taken) > 0 {
		return "", err
	}
	return code, nil
}

// Identifier is the identifier of GB/T 36904 of a version of a certificate: the
// code of its type, the credit code of its issuer, letters and figures of its
// number, and the version, with the check character of MOD 37,36. It is empty
// where type or issuer have no code, or the number has neither letters nor
// figures.
func (s *Service) Identifier(t CertificateType, issuer, number string, edition int) string {
	d := s.Directory()
	if t.Code == "" || !d.HasDepartment(issuer) {
		return ""
	}
	serial := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		default:
			return -1
		}
	}, number)
	return idcode.WithCertificateCheck(fmt.Sprintf("%s.%s.%s.%s.%03d", idcode.CertificateRoot, t.Code, d.Department(issuer).USCC, serial, edition))
}

// certificatePrefix makes a short mark of a type key: lab_animal_permit → LAP.
func certificatePrefix(key string) string {
	out := []byte{}
	for i := range len(key) {
		if c := key[i]; c >= 'a' && c <= 'z' && (i == 0 || key[i-1] == '_') {
			out = append(out, c-'a'+'A')
		}
	}
	return string(out)
}

// OnFile returns the valid certificates of a holder by type, the newest of each.
func (s *Service) OnFile(ctx context.Context, holderID string) (map[string]Certificate, error) {
	return s.newest(ctx, holderID, "", db.Args{})
}

// OnFileOf is OnFile for some types only; without any it asks nobody.
func (s *Service) OnFileOf(ctx context.Context, holderID string, types []string) (map[string]Certificate, error) {
	if len(types) == 0 {
		return map[string]Certificate{}, nil
	}
	var args db.Args
	return s.newest(ctx, holderID, ` AND type IN `+db.In(&args, types), args)
}

// newest of each type; who gets a certificate a week has hundreds of one type.
func (s *Service) newest(ctx context.Context, holderID, cond string, args db.Args) (map[string]Certificate, error) {
	list, err := s.store.newestCertificates(ctx, holderID, today(s.clock), cond, args)
	if err != nil {
		return nil, fmt.Errorf("identity: on file: %w", err)
	}
	out := map[string]Certificate{}
	for _, c := range list {
		out[c.Type] = c
	}
	return out, nil
}

// Certificates lists everything on file for the holders, newest first.
func (s *Service) Certificates(ctx context.Context, holders []string) ([]Certificate, error) {
	var out []Certificate
	for _, h := range holders {
		list, err := s.store.certificates(ctx, `holder_id=$1 ORDER BY issued_at DESC, id DESC`, h)
		if err != nil {
			return nil, fmt.Errorf("identity: certificates: %w", err)
		}
		out = append(out, list...)
	}
	return out, nil
}

// CertificateOfCase returns the certificate that a case ended with, as it stands
// now: a change since then made another version of it.
func (s *Service) CertificateOfCase(ctx context.Context, caseID string) (Certificate, bool, error) {
	if caseID == "" {
		return Certificate{}, false, nil
	}
	list, err := s.store.certificates(ctx, `case_id=$1 OR id IN (SELECT certificate_id FROM identity_certificate_past WHERE case_id=$1) ORDER BY CASE WHEN case_id=$1 THEN 0 ELSE 1 END, id DESC LIMIT 1`, caseID)
	if err != nil || len(list) == 0 {
		return Certificate{}, false, err
	}
	return list[0], true, nil
}

// CertificateOf returns a certificate of a holder by its type and number: two
// types may give the same number. What its holder uploaded and nobody has seen is
// none; one that was valid then may be revoked by now.
func (s *Service) CertificateOf(ctx context.Context, holderID, kind, number string) (Certificate, bool, error) {
	list, err := s.store.certificates(ctx, `holder_id=$1 AND type=$2 AND number=$3 AND state NOT IN ('unchecked', 'declared') ORDER BY id DESC LIMIT 1`, holderID, kind, s.KeptNumber(number))
	if err != nil || len(list) == 0 {
		return Certificate{}, false, err
	}
	return list[0], true, nil
}

// CertificateByID returns a certificate; rights are the caller's.
func (s *Service) CertificateByID(ctx context.Context, id string) (Certificate, error) {
	list, err := s.store.certificates(ctx, `id=$1`, id)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Certificate{}, err
	}
	return list[0], nil
}

// CertificateByToken returns a certificate for its public verification page.
func (s *Service) CertificateByToken(ctx context.Context, token string) (Certificate, error) {
	list, err := s.store.certificates(ctx, `token=$1`, token)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Certificate{}, err
	}
	return list[0], nil
}

// Today is the present day as certificates count it.
func (s *Service) Today() string { return today(s.clock) }
