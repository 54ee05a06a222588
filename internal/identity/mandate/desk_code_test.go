package mandate_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestDeskCodeOfWhoActsNoMore: a code for the window is as good as the
// authorisation behind it at the moment when it is taken.
func TestDeskCodeOfWhoActsNoMore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner, clerk := b.who("applicant"), b.who("clerk")
		if err := b.appoint("applicant", "talent", mandate.Grant{Level: auth.LevelAgent, Items: []string{"KJ-0001"}, Until: "2026-03-02"}); err != nil {
			t.Fatal(err)
		}
		limited, err := b.Identity.OfferDesk(b.ctx, b.who("talent"), b.firm)
		if err != nil {
			t.Fatal(err)
		}
		if _, e, err := b.Identity.PeekDesk(b.ctx, clerk, limited.Code); err != nil || e == nil || e.ID != b.firm {
			t.Errorf("while he acts: %+v %v", e, err)
		}
		code, err := b.Identity.OfferDesk(b.ctx, b.who("agent"), b.firm)
		if err != nil {
			t.Fatal(err)
		}
		for _, login := range []string{"agent", "talent"} {
			if _, err := b.Mandates.End(b.ctx, owner, b.firm, b.of(login).Mandate.ID, "离职"); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]string{"an agent of everything": code.Code, "an agent of one item": limited.Code} {
			if _, _, err := b.Identity.PeekDesk(b.ctx, clerk, c); !errors.Is(err, identity.ErrDeskCode) {
				t.Errorf("%s: the clerk sees whom it stood for: %v", name, err)
			}
			if _, _, err := b.Identity.UseDesk(b.ctx, clerk, c); !errors.Is(err, identity.ErrDeskCode) {
				t.Errorf("%s: the clerk serves him: %v", name, err)
			}
		}
		if _, err := b.Identity.OfferDesk(b.ctx, b.who("agent"), b.firm); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("a new one: %v", err)
		}
	})
}
