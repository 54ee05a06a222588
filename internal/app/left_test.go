package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/claim"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// namesWhoLeft are the columns in which the id of a closed account may stand on,
// each with its reason. The id names nobody by then.
var namesWhoLeft = map[string]string{
	"audit_entry.actor":              "the chain hashes it",
	"audit_entry.object":             "the chain hashes it",
	"identity_account.id":            "what points at it",
	"identity_account.login":         "made of the id, so that it is unique",
	"identity_leaving.account_id":    "says when he left",
	"identity_certificate.holder_id": "what was issued to him, and that what he brought is gone",
}

// TestNothingOfWhoLeftWorks: an account that was closed leaves no session, no
// code, no link and no paper of its own, on both databases; its id stands only
// where something else needs it, and nothing that it had opens anything.
func TestNothingOfWhoLeftWorks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx, from := apptest.Reaching(t, d), t.Context(), auth.Actor{From: "192.0.2.9"}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		pdf := func() *strings.Reader {
			return strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
		}
		in := identity.SignUpInput{Name: "周文", IDNumber: idcode.WithResidentIDCheck("37160219910315901"), Phone: "13955518901", Email: "zhou.wen.901@example.com", Login: "zhouwen", Password: "a long pass", Locale: i18n.Chinese}
		acc, err := a.Identity.SignUp(ctx, from, in)
		must(err)
		me, err := a.ActorOf(ctx, acc.ID)
		must(err)
		must(a.Identity.AskContact(ctx, me, identity.ContactPhone, "13955518902", in.Password))
		must(a.Catalogue.AddToCart(ctx, me, "KJ-0001"))
		policies, err := a.Policies.Published(ctx)
		must(err)
		must(a.Push.Star(ctx, me, policies[0].Key))
		must(a.Factor.AskRecovery(ctx, from, in.Login, identity.ContactMail))
		firm, err := a.Identity.Enterprise(ctx, a.Actor(t, "applicant").Firms[0])
		must(err)
		_, err = a.Claims.Add(ctx, me, claim.AddInput{USCC: firm.USCC, Name: firm.Name.ZH, Representative: firm.LegalRepresentative, Paper: &claim.Paper{Name: "a.pdf", Content: pdf(), Limit: 1 << 20}})
		must(err)
		_, err = a.Certs.Bring(ctx, me, me.ID, certs.Paper{Type: "id_card", Number: in.IDNumber, Issuer: "公安局", From: "2020-01-01", File: pdf(), Name: "a.pdf"}, false, false)
		must(err)
		must(a.Privacy.AskCopy(ctx, me, privacy.Proof{Password: in.Password}))
		must(a.Privacy.AskLeave(ctx, me, true, privacy.Proof{Password: in.Password}))
		a.Clock.Advance(privacy.ThinkItOver)
		desk, err := a.Identity.OfferDesk(ctx, me, "")
		must(err)
		// Signed in twice at the moment it happens: the one goes on reading, the other comes back from sleep.
		here, there := a.As(t, ""), a.As(t, "")
		for _, c := range []*webtest.Client{here, there} {
			if p := c.Submit(c.Get("/sign-in"), "/sign-in", url.Values{"login": {in.Login}, "password": {in.Password}}); p.Status != http.StatusOK || c.Get("/my/privacy").Path != "/my/privacy" {
				t.Fatalf("not signed in: %d %s", p.Status, p.Path)
			}
		}
		must(a.Privacy.Sweep(ctx))

		if x, err := a.Identity.Account(ctx, acc.ID); err != nil || x.State != "closed" || x.Phone+x.IDNumber+x.Email != "" {
			t.Fatalf("%+v %v", x, err)
		}
		for i, c := range []*webtest.Client{here, there} {
			if p := c.Get("/my/privacy"); p.Path == "/my/privacy" {
				t.Errorf("session %d lives on", i)
			}
		}
		if n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM auth_session WHERE account=$1`, acc.ID); err != nil || n != 0 {
			t.Errorf("%d sessions: %v", n, err)
		}
		for _, typed := range []string{in.Login, in.Phone, in.Email, in.IDNumber, "gone:" + acc.ID} {
			for _, password := range []string{in.Password, ""} {
				if _, err := a.Identity.SignIn(ctx, from, typed, password); err == nil {
					t.Errorf("signed in as %q", typed)
				}
			}
		}
		if now, err := a.ActorOf(ctx, acc.ID); err != nil || now.Kind == auth.Person {
			t.Errorf("still acts: %+v %v", now, err)
		}
		if _, _, err := a.Identity.UseDesk(ctx, a.Actor(t, "clerk"), desk.Code); err == nil {
			t.Error("a window takes his code")
		}
		if list, err := a.Identity.FindVisitor(ctx, a.Actor(t, "clerk"), in.IDNumber); err == nil && len(list) > 0 {
			t.Error("a window finds him")
		}
		columns, err := columnsOf(ctx, d)
		must(err)
		for _, c := range columns {
			n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE CAST(%s AS TEXT) LIKE $1`, c[0], c[1]), "%"+acc.ID+"%")
			must(err)
			name := c[0] + "." + strings.Trim(c[1], `"`)
			if _, ok := namesWhoLeft[name]; n > 0 && !ok {
				t.Errorf("%s names who left", name)
			}
			n, err = db.One(ctx, d.Read(ctx), db.Scalar[int], fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE CAST(%s AS TEXT) LIKE '%%周文%%'`, c[0], c[1]))
			must(err)
			if n > 0 && !strings.HasPrefix(name, "audit_entry.") && name != "notify_message.params" { // what the owner of the firm was told
				t.Errorf("%s holds his name", name)
			}
		}
	})
}
