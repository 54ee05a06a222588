package identity_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestDeskCode: a code opens who shows it, and his firm, once, for some minutes,
// at a window and nowhere else.
func TestDeskCode(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		who, clerk := a.Actor(t, "applicant"), a.Actor(t, "clerk")
		firm := who.Firms[0]
		if _, err := a.Identity.OfferDesk(ctx, a.Actor(t, "talent"), firm); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("for somebody else's firm: %v", err)
		}
		if _, err := a.Identity.OfferDesk(ctx, clerk, ""); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("a clerk shows a code: %v", err)
		}
		first, err := a.Identity.OfferDesk(ctx, who, firm)
		if err != nil {
			t.Fatal(err)
		}
		code, err := a.Identity.OfferDesk(ctx, who, firm)
		if err != nil || code.Code == first.Code || len(code.Code) != len("SQ-XXXX-XXXX") {
			t.Fatalf("%+v %v", code, err)
		}
		if _, _, err := a.Identity.PeekDesk(ctx, clerk, first.Code); !errors.Is(err, identity.ErrDeskCode) {
			t.Errorf("one that was replaced: %v", err)
		}
		for _, other := range []auth.Actor{a.Actor(t, "handler-kj"), who} {
			if _, _, err := a.Identity.UseDesk(ctx, other, code.Code); !errors.Is(err, identity.ErrForbidden) {
				t.Errorf("not at a window: %v", err)
			}
		}
		typed := " " + strings.ToLower(strings.ReplaceAll(code.Code, "-", " "))
		p, e, err := a.Identity.PeekDesk(ctx, clerk, typed)
		if err != nil || p.ID != who.ID || e == nil || e.ID != firm {
			t.Errorf("%+v %+v %v", p, e, err)
		}
		if account, enterprise, err := a.Identity.UseDesk(ctx, clerk, typed); err != nil || account != who.ID || enterprise != firm {
			t.Errorf("%s %s %v", account, enterprise, err)
		}
		if _, _, err := a.Identity.UseDesk(ctx, clerk, code.Code); !errors.Is(err, identity.ErrDeskCode) {
			t.Errorf("a second time: %v", err)
		}
		if code, err = a.Identity.OfferDesk(ctx, who, ""); err != nil {
			t.Fatal(err)
		}
		if _, e, err := a.Identity.PeekDesk(ctx, clerk, code.Code); err != nil || e != nil {
			t.Errorf("for himself: %+v %v", e, err)
		}
		a.Clock.Advance(identity.DeskCodeTTL + time.Second)
		if _, _, err := a.Identity.UseDesk(ctx, clerk, code.Code); !errors.Is(err, identity.ErrDeskCode) {
			t.Errorf("after its time: %v", err)
		}
		if n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_desk_code WHERE hash LIKE '%'||$1||'%'`, strings.ReplaceAll(code.Code, "-", "")); err != nil || n != 0 {
			t.Errorf("the code itself is kept: %d %v", n, err)
		}
	})
}
