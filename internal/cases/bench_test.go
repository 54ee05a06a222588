package cases_test

import (
	"context"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// BenchmarkCommand measures a whole command (lock, rights, event, audit,
// notice) beside the bare transaction of the same database: the ratio counts.
func BenchmarkCommand(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB) *db.DB
	}{{"sqlite", func(t testing.TB) *db.DB { return dbtest.New(t) }}, {"postgres", dbtest.NewPostgres}} {
		b.Run(engine.name, func(b *testing.B) {
			a := apptest.NewOn(b, engine.open(b))
			ctx := context.Background()
			who := auth.Actor{Kind: auth.Client, ID: "bench", Scopes: auth.Scopes}
			k, err := a.Cases.Start(ctx, who, cases.StartInput{ItemCode: "KJ-0101", USCC: "91371671MA3TB0009L"})
			if err != nil {
				b.Skip(err)
			}
			b.Run("bare-transaction", func(b *testing.B) {
				for b.Loop() {
					if err := a.DB.InTx(ctx, func(ctx context.Context) error {
						_, err := a.DB.Exec(ctx, `INSERT INTO db_setting (key, value) VALUES ($1, '')`, ids.New(a.Clock.Now()))
						return err
					}); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("save-typed", func(b *testing.B) {
				rev := 1
				for b.Loop() {
					out, err := a.Cases.SaveTyped(ctx, who, k.ID, rev, map[string][]string{"request_text": {"测量一个命令"}})
					if err != nil {
						b.Fatal(err)
					}
					rev = out.Rev
				}
			})
			b.Run("withdraw", func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					k, err := a.Cases.Start(ctx, who, cases.StartInput{ItemCode: "KJ-0101", USCC: "91371671MA3TB0009L"})
					if err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					if _, err := a.Cases.Withdraw(ctx, who, cases.Ref{ID: k.ID}, "不办了"); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
