package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
)

// TestCertificates walks the operations on certificates on certificates, as a program of a department,
// of another one, and of none.
func TestCertificates(t *testing.T) {
	t.Parallel()
	none := newBench(t)
	of := func(department string, scopes ...auth.Scope) bench {
		b := none
		var err error
		if _, b.token, err = b.Identity.CreateClientFor(t.Context(), auth.SystemActor(), department+" system", department, scopes, b.Clock.Now().AddDate(1, 0, 0)); err != nil {
			t.Fatal(err)
		}
		return b
	}
	kj, sc := of("kj", auth.Scopes...), of("sc", auth.Scopes...)
	at := v1 + "/certificates"
	fresh := object{"certificate_type": "lab_animal_permit", "certificate_number": "SYXK-2026-1", "holder": firm, "valid_from": "2026-01-02", "valid_to": "2031-01-01"}

	// A department registers what it issues, once.
	none.post(t, at, fresh).problem(http.StatusForbidden, "certs.no_department", "")
	if a := sc.post(t, at, fresh); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "certs.not_ours") || !strings.Contains(a.Body, `"body.certificate_type"`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	c := into[api.CertificateLine](kj.post(t, at, fresh).want(http.StatusCreated))
	if c.Identifier == "" || c.Status != "valid" || c.Level != "A" || c.Number != "SYXK-2026-1" {
		t.Errorf("%+v", c)
	}
	if again := into[api.CertificateLine](kj.post(t, at, fresh).want(http.StatusOK)); again != c {
		t.Errorf("%+v", again)
	}
	for name, change := range map[string]object{
		"valid_to": {"valid_to": "2025-01-01"}, "identifier": {"identifier": c.Identifier[:len(c.Identifier)-1] + "?"}, "holder": {"holder": "91350200776049653A"}, "holder_name": {"holder_name": "别的公司"}, "certificate_number": {"valid_to": "2040-01-01"},
	} {
		bad := object{}
		for k, v := range fresh {
			bad[k] = v
		}
		for k, v := range change {
			bad[k] = v
		}
		if a := kj.post(t, at, bad); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `"body.`+name+`"`) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}

	// Who sees it.
	one := at + "/" + c.Identifier
	if got := into[api.CertificateLine](kj.get(t, one).want(http.StatusOK)); got != c {
		t.Errorf("%+v", got)
	}
	kj.get(t, at+"/"+c.ID).want(http.StatusOK)
	for _, b := range []bench{sc, none} {
		b.get(t, one).problem(http.StatusNotFound, "certs.not_found", "")
		b.get(t, at+"/"+c.ID).want(http.StatusNotFound)
		b.post(t, one+"/use", object{"reason": "x"}).want(http.StatusNotFound)
		b.post(t, one+"/revoke", object{"reason": "x"}).want(http.StatusNotFound)
		if l := into[api.CertificateList](b.get(t, at).want(http.StatusOK)); len(l.Certificates) != 0 && b.token != sc.token {
			t.Errorf("%+v", l)
		}
	}
	page := into[api.CertificateList](kj.get(t, at+"?limit=1").want(http.StatusOK))
	if len(page.Certificates) != 1 || page.Certificates[0].ID != c.ID || page.Next == "" {
		t.Errorf("%+v", page)
	}
	if strings.Contains(kj.get(t, at).Body+kj.get(t, one).Body, "渤海智联") {
		t.Error("a list says whose certificates they are")
	}

	// Anybody with the right verifies, and learns not whose it is.
	for _, b := range []bench{kj, sc, none} {
		a := b.post(t, at+"/verify", object{"identifier": c.Identifier}).want(http.StatusOK)
		if v := into[api.CertificateVerdict](a); !v.Valid || v.Found == nil || v.Found.ID != "" || strings.Contains(a.Body, "渤海智联") {
			t.Errorf("%s", a.Body)
		}
	}
	if v := into[api.CertificateVerdict](kj.post(t, at+"/verify", object{"identifier": "1.2.3"}).want(http.StatusOK)); v.Valid || v.Status != "unknown" {
		t.Errorf("%+v", v)
	}

	// A use has a reason, and the holder reads it.
	kj.post(t, one+"/use", object{"reason": " "}).want(http.StatusUnprocessableEntity)
	if u := into[api.CertificateUsed](kj.post(t, one+"/use", object{"reason": "核对投标人"}).want(http.StatusOK)); u.HolderCode != firm || u.HolderName.ZH != "渤海智联传感科技有限公司" {
		t.Errorf("%+v", u)
	}
	p, err := kj.Certs.Held(t.Context(), kj.Actor(t, "applicant"), c.ID)
	if err != nil || len(p.Uses) != 1 || p.Uses[0].Reason != "核对投标人" || p.Uses[0].DepartmentID != "kj" || p.Uses[0].ActorKind != auth.Client {
		t.Errorf("%+v %v", p.Uses, err)
	}

	// A revocation waits for a person of the department.
	act := into[api.CertificateAsked](kj.post(t, one+"/revoke", object{"reason": "企业申请注销"}).want(http.StatusAccepted))
	kj.post(t, one+"/revoke", object{"reason": "x"}).problem(http.StatusConflict, "certs.open_act", "")
	if got := into[api.CertificateLine](kj.get(t, one)); got.Status != "valid" {
		t.Errorf("revoked by a program alone: %+v", got)
	}
	if err := kj.Certs.Decide(t.Context(), kj.Actor(t, "approver"), act.ID, 1, true, ""); err != nil {
		t.Fatal(err)
	}
	if v := into[api.CertificateVerdict](none.post(t, at+"/verify", object{"identifier": c.Identifier})); v.Valid || v.Status != "revoked" {
		t.Errorf("%+v", v)
	}
	kj.post(t, one+"/revoke", object{"reason": "x"}).problem(http.StatusConflict, "certs.state", "")

	reader := of("kj", auth.ScopeCertsRead)
	for path, code := range map[string]string{"": "api.scope", "/" + c.ID + "/use": "api.scope", "/" + c.ID + "/revoke": "api.scope"} {
		reader.post(t, at+path, object{"reason": "x"}).problem(http.StatusForbidden, code, "")
	}
}

// A program without a department sees the certificates of the cases it filed.
func TestCertificatesOfOwnCases(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	own, err := b.Identity.Issue(t.Context(), auth.SystemActor(), identity.IssueInput{Type: "lab_animal_permit", Holder: b.party(t), Issuer: "kj", CaseID: b.granted(t)})
	if err != nil {
		t.Fatal(err)
	}
	if l := into[api.CertificateList](b.get(t, v1+"/certificates").want(http.StatusOK)); len(l.Certificates) != 1 || l.Certificates[0].ID != own.ID {
		t.Errorf("%+v", l)
	}
	b.get(t, v1+"/certificates/"+own.Code).want(http.StatusOK)
	other := b
	_, other.token = b.newClient(t, auth.Scopes...)
	other.get(t, v1+"/certificates/"+own.Code).want(http.StatusNotFound)
	if l := into[api.CertificateList](other.get(t, v1+"/certificates").want(http.StatusOK)); len(l.Certificates) != 0 {
		t.Errorf("%+v", l)
	}
}

func (b bench) party(t *testing.T) identity.Party {
	t.Helper()
	e, err := b.Identity.EnterpriseByUSCC(t.Context(), firm)
	if err != nil {
		t.Fatal(err)
	}
	return e.Party()
}

// granted is a case that the program filed and that was granted.
func (b bench) granted(t *testing.T) string {
	t.Helper()
	k := into[api.Case](b.post(t, v1+"/cases", object{"item": "KJ-0002", "enterprise_uscc": firm, "answers": object{}}).want(http.StatusCreated))
	if err := b.DB.InTx(t.Context(), func(ctx context.Context) error {
		_, err := b.DB.Exec(ctx, `UPDATE cases_case SET state='delivered', outcome='granted', number='371671-20260302-90001', submitted_at=1772413200000 WHERE id=$1`, k.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return k.ID
}
