package identityweb_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestATypedPhoneIsNobodys: who signs up with the telephone and the name of a
// colleague gets neither his firm nor his messages, is not taken for him at a
// window, and does not keep him from signing in; a code makes the telephone his.
func TestATypedPhoneIsNobodys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx, post := apptest.Reaching(t, d), t.Context(), letters{}
		if err := a.Jobs.Start(ctx); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = a.Jobs.Stop(context.WithoutCancel(ctx)) }()
		owner, clerk := a.Actor(t, "applicant"), a.Actor(t, "clerk")
		const phone, secret = "13900020002", "a long pass"
		x, err := a.Identity.SignUp(ctx, auth.Actor{From: "192.0.2.7"}, identity.SignUpInput{Name: "周文", IDNumber: idcode.WithResidentIDCheck("37160219900101123"), Phone: phone, Login: "zhouwen", Password: secret})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Mandates.Appoint(ctx, owner, owner.Firms[0], phone, "周文", mandate.Grant{Level: auth.LevelAgent}); !errors.Is(err, mandate.ErrColleague) {
			t.Errorf("acts for the firm: %v", err)
		}
		if found, err := a.Identity.FindVisitor(ctx, clerk, phone); err != nil || len(found) != 0 {
			t.Errorf("found at a window: %v %v", found, err)
		}
		// Beside who proved the telephone he is nobody.
		y, err := a.Identity.RegisterVisitor(ctx, clerk, identity.VisitorInput{Name: "周文", IDNumber: idcode.WithResidentIDCheck("37160219900101456"), Phone: phone})
		if err != nil {
			t.Fatal(err)
		}
		if found, err := a.Identity.FindVisitor(ctx, clerk, phone); err != nil || len(found) != 1 || found[0].Account.ID != y.ID {
			t.Errorf("%v %v", found, err)
		}

		c := a.As(t, "zhouwen")
		const path = "/settings/contact"
		for lang, says := range map[string]string{"zh-CN": "还没有验证", "en": "has not been verified"} {
			c.Header.Set("Accept-Language", lang)
			p := c.Get(path)
			if !p.Has(says) {
				t.Errorf("%s: %s", lang, p.Text())
			}
			webtest.A11y(t, p.Doc())
		}
		c.Post(path+"/phone", url.Values{"address_phone": {phone}, "password_phone": {secret}})
		text, code := post.next(a, phone)
		if code == "" {
			t.Fatalf("no code left: %q", text)
		}
		c.Post(path+"/phone/code", url.Values{"code_phone": {code}})
		if now, err := a.Identity.Account(ctx, x.ID); err != nil || now.PhoneProvenAt.IsZero() || now.Phone != phone || now.Login != "zhouwen" {
			t.Fatalf("%+v %v", now, err)
		}
		if p := c.Get(path); p.Has("has not been verified") || p.Has("还没有验证") {
			t.Error(p.Text())
		}
		if found, err := a.Identity.FindVisitor(ctx, clerk, phone); err != nil || len(found) != 2 {
			t.Errorf("%v %v", found, err)
		}
		if p := c.Post(path+"/phone", url.Values{"address_phone": {phone}, "password_phone": {secret}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("proven once more: %d %s", p.Status, strings.TrimSpace(p.Text()))
		}
	})
}
