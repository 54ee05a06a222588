package identity_test

import (
	"context"
	"testing"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestStaffed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		ask := func(role auth.Role, department string) bool {
			t.Helper()
			has, err := b.svc.Staffed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return has(role, department)
		}
		if !ask(auth.Clerk, "kj") || ask(auth.Handler, "kj") || ask(auth.Clerk, "other") {
			t.Error("who holds a post is not who does")
		}
		err := d.InTx(t.Context(), func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE identity_account SET state='closed' WHERE id=$1`, b.clerk.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if ask(auth.Clerk, "kj") {
			t.Error("a closed account can act")
		}
		if types := b.svc.Directory().CertificateTypes(); len(types) != 1 || types[0].Key != "lab_animal_permit" {
			t.Errorf("%+v", types)
		}
	})
}
