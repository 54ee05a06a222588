package certs

import (
	"context"
	"fmt"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Sheet is how certificates of before, and those that other systems issue, come
// into the register: by two people of the department that issued or keeps them.
func (s *Service) Sheet() batch.Kind {
	return batch.Kind{
		Key: "certificates", Bringers: desks, Releasers: second, TwoHands: true, Judge: s.judgeRow,
		Columns: []batch.Column{
			{Key: "type", Name: i18n.Text{ZH: "证照类型", EN: "Certificate type"}, Also: []string{"证照名称"}, Required: true},
			{Key: "number", Name: i18n.Text{ZH: "证照编号", EN: "Number"}, Also: []string{"证号", "许可证编号"}, Required: true},
			{Key: "code", Name: i18n.Text{ZH: "证照标识", EN: "Identifier"}, Also: []string{"电子证照标识"}},
			batch.HolderColumn, batch.NameColumn,
			{Key: "issuer", Name: i18n.Text{ZH: "发证机关", EN: "Issuer"}, Also: []string{"签发机构"}},
			{Key: "from", Name: i18n.Text{ZH: "有效期自", EN: "Valid from"}, Also: []string{"有效期起", "发证日期"}, Required: true},
			{Key: "until", Name: i18n.Text{ZH: "有效期至", EN: "Valid until"}, Also: []string{"有效期止"}},
			{Key: "state", Name: i18n.Text{ZH: "状态", EN: "State"}, Also: []string{"证照状态"}},
		},
	}
}

// sheetStates are the words of sheets for the states.
var sheetStates = map[string]string{
	"": identity.CertValid, "有效": identity.CertValid, "valid": identity.CertValid, "暂停": identity.CertSuspended, "suspended": identity.CertSuspended,
	"撤销": identity.CertRevoked, "吊销": identity.CertRevoked, "注销": identity.CertRevoked, "revoked": identity.CertRevoked,
}

// typeNamed finds a type by its key or name.
func typeNamed(d *identity.Directory, name string) (identity.CertificateType, bool) {
	for _, t := range d.CertificateTypes() {
		if name == t.Key || name == t.Name.ZH || strings.EqualFold(name, t.Name.EN) {
			return t, true
		}
	}
	return identity.CertificateType{}, false
}

// judgeRow reads a row of a sheet of certificates.
func (s *Service) judgeRow(ctx context.Context, department string, v batch.Values) (batch.Verdict, error) {
	dir, out := s.Identity.Directory(), batch.Verdict{}
	own := dir.Department(department)
	t, _ := typeNamed(dir, v["type"])
	p := Paper{Type: t.Key, Number: v["number"], Code: v["code"], Issuer: v["issuer"], From: v["from"], Until: v["until"]}
	out.Number = NumberOf(s.Identity.KeptNumber(p.Number))
	party, err := batch.Holder(ctx, s.Identity, v, &out)
	if err != nil {
		return out, err
	}
	if day, ok := batch.Day(p.From); ok {
		p.From = day
	}
	if p.Until == "长期" || strings.EqualFold(p.Until, "unlimited") {
		p.Until = ""
	}
	if day, ok := batch.Day(p.Until); ok {
		p.Until = day
	}
	if err := s.checkPaper(&p, party.Kind); err != nil {
		if errs.KindOf(err) != errs.Invalid {
			return out, err
		}
		for _, f := range errs.FieldsOf(err) {
			out.Wrong = append(out.Wrong, batch.Finding{Column: f.Name, Code: f.Code, Params: f.Params})
		}
	}
	in := identity.IssueInput{Type: t.Key, Holder: party, Source: "import", From: p.From, Until: p.Until, Number: p.Number, Code: p.Code}
	ours := p.Issuer == "" || p.Issuer == department || p.Issuer == own.Name.ZH || p.Issuer == own.Name.EN
	switch {
	case ours && t.Code != "" && !strings.HasPrefix(t.Code, own.USCC): // a department gives what it is in charge of
		out.Say("type", errNotOurs)
	case ours && t.Code != "":
		in.Issuer, in.Level = department, t.Level
		if c := idcode.CheckCertificateID(p.Code); p.Code != "" && c.OK(true) && (c.Type != t.Code || c.Issuer != own.USCC) {
			out.Say("code", errOtherCode)
		}
	case ours && t.Key != "":
		out.Say("issuer", errIssuer)
	case t.Code != "" && dir.HasDepartment(departmentNamed(dir, p.Issuer)): // what another department issues here comes in by its own sheet
		out.Say("issuer", errNotOurs)
	default: // a copy of what is issued elsewhere
		in.IssuerName, in.KeeperID, in.Level = p.Issuer, department, "B"
	}
	if in.State = sheetStates[strings.ToLower(v["state"])]; in.State == "" {
		out.Say("state", errStateWord)
	}
	if len(out.Wrong) > 0 {
		return out, nil
	}
	out.Unique = t.Key + "\n" + s.Identity.KeptNumber(p.Number)
	there, err := s.onFile(ctx, in)
	if err != nil {
		return out, err
	}
	for i := range there {
		if sameCopy(&there[i], s.Identity.KeptNumber(p.Number), in) {
			out.Same = true
			return out, nil
		}
	}
	if len(there) > 0 {
		out.Say("number", errDiffers)
		return out, nil
	}
	out.Take = func(ctx context.Context, actor auth.Actor) error {
		if in.Code == "" && in.Issuer != "" { // from now on it can be looked up by its identifier
			var err error
			if in.Code, err = s.Identity.FreeIdentifier(ctx, t, in.Issuer, in.Number, 1); err != nil {
				return err
			}
		}
		_, err := s.Identity.Issue(ctx, actor, in)
		return err
	}
	return out, nil
}

// departmentNamed is the department with a name, "" for none.
func departmentNamed(d *identity.Directory, name string) string {
	for _, x := range d.Departments {
		if name == x.ID || name == x.Name.ZH || name == x.Name.EN {
			return x.ID
		}
	}
	return ""
}

// onFile are the certificates of the register with the number or the identifier
// of a row; what holders uploaded and nobody has seen does not count.
func (s *Service) onFile(ctx context.Context, in identity.IssueInput) ([]identity.Certificate, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), identity.ScanCertificate, `SELECT `+identity.CertificateColumns+` FROM identity_certificate
		WHERE (type=$1 AND number=$2 OR code=$3 AND code <> '') AND state NOT IN ('unchecked', 'declared') ORDER BY id`, in.Type, s.Identity.KeptNumber(in.Number), in.Code)
	if err != nil {
		return nil, fmt.Errorf("certs: sheet: %w", err)
	}
	return list, nil
}

// sameCopy says that a row tells nothing else than the register: what happened to
// a certificate since it came in (a state, a next edition) is not undone by the
// sheet once more.
func sameCopy(c *identity.Certificate, number string, in identity.IssueInput) bool {
	if c.Type != in.Type || c.Number != number || c.HolderID != in.Holder.ID || c.IssuerID != in.Issuer {
		return false
	}
	return c.Edition > 1 || c.ValidFrom == in.From && c.ValidTo == in.Until && (in.Code == "" || c.Code == in.Code)
}
