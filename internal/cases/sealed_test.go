package cases_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestAnswersAreSealed: numbers in what somebody typed are not kept in clear,
// wherever he typed them, and come back as typed; so does what only looks like
// sealed text, and what an older release kept in clear.
func TestAnswersAreSealed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		k := b.start(t, who, "GX-0201")
		f, err := b.Cases.Form(b.ctx, who, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		bare := b.Seal.Seal("cases.answers", "another case", "x")
		for _, text := range []string{"6222000011112222", "请打 139 0001 0001 找我，\"急\"", "371602199001010018", "tb1.aes.k123456.AAAA", bare, "0543-1234567", "12 人"} {
			typed := url.Values(f.Buffer.Typed)
			typed.Set("bank_account", text)
			_, err := b.Cases.SaveTyped(b.ctx, who, k.ID, f.Buffer.Rev, typed)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[string], `SELECT CAST(typed AS TEXT) FROM cases_buffer WHERE case_id=$1`, string(k.ID))
			if err != nil {
				t.Fatal(err)
			}
			if in := strings.Contains(raw, text); in != (text == "12 人") {
				t.Errorf("%q in clear: %v", text, in)
			}
			if f, err = b.Cases.Form(b.ctx, who, k.ID); err != nil || url.Values(f.Buffer.Typed).Get("bank_account") != text {
				t.Errorf("%q comes back as %q (%v)", text, url.Values(f.Buffer.Typed).Get("bank_account"), err)
			}
		}
		// As an older release left it, the keeper seals it at the next start; a new key rewrites it.
		if err := d.InTx(b.ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE cases_buffer SET typed=$2 WHERE case_id=$1`, string(k.ID), `{"bank_account":["6222000011112222"],"other":["a \"13900010001\" b"]}`)
			if err == nil {
				_, err = d.Exec(ctx, `DELETE FROM seal_column`)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		keeper := seal.NewKeeper(b.Seal, d, b.Clock, b.Cases.SealedColumns()...)
		if err := keeper.SealPlain(b.ctx); err != nil {
			t.Fatal(err)
		}
		raw, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[string], `SELECT CAST(typed AS TEXT) FROM cases_buffer WHERE case_id=$1`, string(k.ID))
		if err != nil || strings.Contains(raw, "6222") || strings.Contains(raw, "139") {
			t.Errorf("%s %v", raw, err)
		}
		if f, err = b.Cases.Form(b.ctx, who, k.ID); err != nil || url.Values(f.Buffer.Typed).Get("bank_account") != "6222000011112222" {
			t.Errorf("%v %v", f.Buffer.Typed, err)
		}
	})
}
