package visit_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestGuessedDeskCodes: who tries codes at the door where they are used up is
// counted like who tries them where they are looked at: the failing visit does
// not take the count back with it.
func TestGuessedDeskCodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newDesk(t, d)
		for n := range 61 {
			_, err := x.Visits.Begin(x.ctx, x.clerk, visit.BeginInput{DeskCode: "SQ-2222-2222"})
			if n < 60 && !errors.Is(err, identity.ErrDeskCode) || n == 60 && !errors.Is(err, throttle.ErrTooMany) {
				t.Fatalf("try %d: %v", n+1, err)
			}
		}
		// Nor does he look at a code of somebody now.
		code, err := x.Identity.OfferDesk(x.ctx, x.who, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := x.Identity.PeekDesk(x.ctx, x.clerk, code.Code); !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("%v", err)
		}
	})
}
