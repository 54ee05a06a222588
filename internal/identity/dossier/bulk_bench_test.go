package dossier_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// BenchmarkEach reads the facts of all firms, as the rules do, beside a bare
// scan of the same rows: of a zone of 1,613 firms, and of 100,000 where the
// benchmark is not short.
func BenchmarkEach(b *testing.B) {
	for _, n := range []int{1613, 100_000} {
		if n > 2000 && testing.Short() {
			continue
		}
		d := dbtest.New(b)
		x := setup(b, d)
		many(b, d, x.firm.ID, n)
		b.Run(fmt.Sprintf("facts/%d", n), func(b *testing.B) {
			for b.Loop() {
				firms := 0
				if err := x.Each(b.Context(), func(dossier.Firm) error { firms++; return nil }); err != nil || firms < n {
					b.Fatalf("%d firms, %v", firms, err)
				}
			}
		})
		b.Run(fmt.Sprintf("scan/%d", n), func(b *testing.B) {
			for b.Loop() {
				rows, err := db.List(b.Context(), d.Read(b.Context()), func(r db.Scanner) (f dossier.Fact, err error) {
					return f, r.Scan(&f.Firm, &f.Key, &f.Year, &f.Value)
				}, `SELECT enterprise_id, key, year, value FROM identity_fact WHERE state='present' ORDER BY enterprise_id, key, year`)
				if err != nil || len(rows) < n {
					b.Fatalf("%d rows, %v", len(rows), err)
				}
			}
		})
	}
}

// many copies a firm with its facts.
func many(b *testing.B, d *db.DB, from string, n int) {
	b.Helper()
	if err := d.InTx(b.Context(), func(ctx context.Context) error {
		for i := range n {
			id, code := fmt.Sprintf("firm-%06d", i), idcode.WithUSCCCheck(fmt.Sprintf("91371671MAB%06d", i))
			if _, err := d.Exec(ctx, `INSERT INTO identity_enterprise (id, uscc, name, legal_representative, industry, region, address, registered_on, capital_fen, phone, email, created_at, version)
				SELECT $1, $2, name, legal_representative, industry, region, address, registered_on, capital_fen, phone, email, created_at, 1 FROM identity_enterprise WHERE id=$3`, id, code, from); err != nil {
				return err
			}
			if _, err := d.Exec(ctx, `INSERT INTO identity_fact (id, enterprise_id, key, year, value, source, origin, ref, since, as_of, asked, reason, paper, state, disputed, recorded_at, recorded_by, by_name)
				SELECT $1 || id, $1, key, year, value, source, origin, ref, since, as_of, asked, reason, paper, state, disputed, recorded_at, recorded_by, by_name FROM identity_fact WHERE enterprise_id=$2`, id, from); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}
