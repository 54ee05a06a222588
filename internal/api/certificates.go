package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
)

// CertificateLine is a certificate on file, without whose it is.
type CertificateLine struct {
	ID         string    `json:"id"`
	Identifier string    `json:"identifier,omitempty"`
	Number     string    `json:"number"`
	Type       string    `json:"type"`
	Title      i18n.Text `json:"title"`
	Issuer     string    `json:"issuer"`
	Level      string    `json:"level,omitempty" enum:"A,B,C,D"`
	Edition    int       `json:"edition"`
	ValidFrom  string    `json:"valid_from"`
	ValidTo    string    `json:"valid_to,omitempty"`
	Status     string    `json:"status" enum:"valid,future,expired,suspended,revoked,replaced"`
}

// CertificateList is a page of them.
type CertificateList struct {
	Certificates []CertificateLine `json:"certificates"`
	Next         string            `json:"next,omitempty"`
}

// CertificateUsed is a certificate with whose it is.
type CertificateUsed struct {
	CertificateLine
	HolderKind string    `json:"holder_kind" enum:"enterprise,person"`
	HolderName i18n.Text `json:"holder_name"`
	HolderCode string    `json:"holder_code,omitempty"`
}

// CertificateVerdict says whether a paper with an identifier is valid.
type CertificateVerdict struct {
	Valid  bool             `json:"valid"`
	Status string           `json:"status" enum:"valid,future,expired,suspended,revoked,replaced,unknown"`
	Found  *CertificateLine `json:"certificate,omitempty"`
}

// CertificateNew is a certificate that the system of a department issued.
type CertificateNew struct {
	Type       string `json:"certificate_type" minLength:"1" maxLength:"60"`
	Number     string `json:"certificate_number" minLength:"1" maxLength:"100"`
	Identifier string `json:"identifier,omitempty" maxLength:"200"`
	Holder     string `json:"holder" minLength:"1" maxLength:"30"`
	HolderName string `json:"holder_name,omitempty" maxLength:"200"`
	Issuer     string `json:"issuer,omitempty" maxLength:"100"`
	ValidFrom  string `json:"valid_from" minLength:"1" maxLength:"10"`
	ValidTo    string `json:"valid_to,omitempty" maxLength:"10"`
}

// CertificateWhy says why.
type CertificateWhy struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500"`
}

// CertificateAsked is a revocation that waits for a person of the department.
type CertificateAsked struct {
	ID    string `json:"id"`
	State string `json:"state" enum:"proposed"`
}

type listCertificatesInput struct {
	After string `query:"after" maxLength:"200"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type listCertificatesOutput struct{ Body CertificateList }

type onFileInput struct {
	Certificate string `path:"certificate" maxLength:"200"`
}

type onFileOutput struct{ Body CertificateLine }

type verifyInput struct {
	Body struct {
		Identifier string `json:"identifier" minLength:"1" maxLength:"200"`
	}
}

type verifyOutput struct{ Body CertificateVerdict }

type useInput struct {
	Certificate string `path:"certificate" maxLength:"200"`
	Body        CertificateWhy
}

type useOutput struct{ Body CertificateUsed }

type issueInput struct{ Body CertificateNew }

type issueOutput struct {
	Status int
	Body   CertificateLine
}

type askedOutput struct{ Body CertificateAsked }

func (s *server) certificates() {
	tag, notFound := []string{"certificates"}, []int{http.StatusNotFound}
	sent := []int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}
	read := auth.ScopeCertsRead
	add(s, read, huma.Operation{OperationID: "list-certificates", Method: http.MethodGet, Path: "/certificates", Tags: tag}, s.listCertificates)
	add(s, read, huma.Operation{OperationID: "find-certificate", Method: http.MethodGet, Path: "/certificates/{certificate}", Tags: tag, Errors: notFound}, s.findCertificate)
	add(s, read, huma.Operation{OperationID: "verify-certificate", Method: http.MethodPost, Path: "/certificates/verify", Tags: tag, Errors: sent}, s.verifyCertificate)
	add(s, auth.ScopeCertsUse, huma.Operation{OperationID: "use-certificate", Method: http.MethodPost, Path: "/certificates/{certificate}/use", Tags: tag, Errors: append(sent, notFound...)}, s.useCertificate)
	add(s, auth.ScopeCertsWrite, huma.Operation{OperationID: "issue-certificate", Method: http.MethodPost, Path: "/certificates", Tags: tag, DefaultStatus: http.StatusCreated, Errors: sent}, s.issueCertificate)
	add(s, auth.ScopeCertsWrite, huma.Operation{
		OperationID: "revoke-certificate", Method: http.MethodPost, Path: "/certificates/{certificate}/revoke", Tags: tag, DefaultStatus: http.StatusAccepted,
		Errors: append([]int{http.StatusConflict, http.StatusNotFound}, sent...),
	}, s.revokeCertificate)
}

func (s *server) lineOf(c identity.Certificate) CertificateLine {
	issuer := c.IssuerName
	if d := s.Identity.Directory(); d.HasDepartment(c.IssuerID) {
		issuer = d.Department(c.IssuerID).Name.ZH
	}
	return CertificateLine{
		ID: c.ID, Identifier: c.Code, Number: certs.NumberOf(c.Number), Type: c.Type, Title: c.Title, Issuer: issuer, Level: c.Level, Edition: c.Edition,
		ValidFrom: c.ValidFrom, ValidTo: c.ValidTo, Status: c.Status(s.Identity.Today()),
	}
}

// listCertificates are those of the department that the program works for; of one
// without a department those of the cases that it filed.
func (s *server) listCertificates(ctx context.Context, in *listCertificatesInput) (*listCertificatesOutput, error) {
	out, actor := &listCertificatesOutput{Body: CertificateList{Certificates: []CertificateLine{}}}, auth.From(ctx)
	if actor.DepartmentID != "" {
		list, err := s.Certs.ListForProgram(ctx, actor, in.After, in.Limit)
		for _, c := range list {
			out.Body.Certificates = append(out.Body.Certificates, s.lineOf(c))
		}
		if len(list) == in.Limit {
			out.Body.Next = list[len(list)-1].ID
		}
		return out, err
	}
	res, err := s.Cases.List(ctx, actor, cases.Filter{List: cases.ListApplicant, Request: page.Request{After: in.After, Size: in.Limit}})
	if err != nil {
		return nil, err
	}
	for i := range res.Rows {
		if !res.Rows[i].Outcome.Grants() {
			continue
		}
		c, ok, err := s.Identity.CertificateOfCase(ctx, string(res.Rows[i].ID))
		if err != nil {
			return nil, err
		}
		if ok {
			out.Body.Certificates = append(out.Body.Certificates, s.lineOf(c))
		}
	}
	out.Body.Next = res.Next
	return out, nil
}

// onFile is a certificate that the program may see.
func (s *server) onFile(ctx context.Context, code string) (identity.Certificate, error) {
	return s.Certs.ForProgram(ctx, auth.From(ctx), strings.TrimSpace(code), func(id string) bool {
		_, err := s.Cases.View(ctx, auth.From(ctx), cases.ID(id))
		return err == nil
	})
}

func (s *server) findCertificate(ctx context.Context, in *onFileInput) (*onFileOutput, error) {
	c, err := s.onFile(ctx, in.Certificate)
	if err != nil {
		return nil, err
	}
	return &onFileOutput{s.lineOf(c)}, nil
}

// verifyCertificate answers as the public page does: what its paper shows, and
// nothing of whose it is.
func (s *server) verifyCertificate(ctx context.Context, in *verifyInput) (*verifyOutput, error) {
	c, err := s.Identity.VerifyNumber(ctx, auth.From(ctx), in.Body.Identifier)
	if errors.Is(err, identity.ErrNotFound) {
		return &verifyOutput{CertificateVerdict{Status: "unknown"}}, nil
	}
	if err != nil {
		return nil, err
	}
	line := s.lineOf(c)
	line.ID = ""
	return &verifyOutput{CertificateVerdict{Valid: line.Status == "valid", Status: line.Status, Found: &line}}, nil
}

func (s *server) useCertificate(ctx context.Context, in *useInput) (*useOutput, error) {
	c, err := s.onFile(ctx, in.Certificate)
	if err != nil {
		return nil, err
	}
	holder, err := s.Certs.UseByProgram(ctx, auth.From(ctx), c, in.Body.Reason)
	if err != nil {
		return nil, located(err, "body")
	}
	return &useOutput{CertificateUsed{CertificateLine: s.lineOf(c), HolderKind: string(c.HolderKind), HolderName: c.HolderName, HolderCode: holder}}, nil
}

// names of the columns of a sheet in a body.
var bodyOf = map[string]string{"type": "certificate_type", "number": "certificate_number", "code": "identifier", "name": "holder_name", "from": "valid_from", "until": "valid_to"}

func (s *server) issueCertificate(ctx context.Context, in *issueInput) (*issueOutput, error) {
	b := in.Body
	c, created, err := s.Certs.IssueByProgram(ctx, auth.From(ctx), batch.Values{
		"type": b.Type, "number": b.Number, "code": b.Identifier, "holder": b.Holder, "name": b.HolderName, "issuer": b.Issuer, "from": b.ValidFrom, "until": b.ValidTo,
	})
	if err != nil {
		return nil, located(renamed(err, bodyOf), "body")
	}
	out := &issueOutput{Status: http.StatusOK, Body: s.lineOf(c)}
	if created {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (s *server) revokeCertificate(ctx context.Context, in *useInput) (*askedOutput, error) {
	c, err := s.onFile(ctx, in.Certificate)
	if err != nil {
		return nil, err
	}
	act, err := s.Certs.RevokeByProgram(ctx, auth.From(ctx), c.ID, in.Body.Reason)
	if err != nil {
		return nil, located(err, "body")
	}
	return &askedOutput{CertificateAsked{ID: act.ID, State: act.State}}, nil
}
