package audit_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestAChainOfTwoHashes: an installation that changes to SM3 and back has one
// chain that holds, and shows where it was tampered with.
func TestAChainOfTwoHashes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, now := t.Context(), audit.SHA256
		log := audit.New(d, clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)))
		log.Use(func() audit.Hash { return now })
		for i := range 9 {
			now = []audit.Hash{audit.SHA256, audit.SM3, audit.SHA256}[i/3]
			if err := d.InTx(ctx, func(ctx context.Context) error {
				return log.Record(ctx, auth.SystemActor(), audit.Note{Action: "test.act", Object: "thing:one"})
			}); err != nil {
				t.Fatal(err)
			}
		}
		entries, err := log.OfObject(ctx, "thing:one")
		if err != nil || len(entries) != 9 {
			t.Fatalf("%d %v", len(entries), err)
		}
		for i, e := range entries {
			if got := strings.HasPrefix(e.Hash, "sm3:"); got != (i/3 == 1) {
				t.Errorf("entry %d: %s", i, e.Hash)
			}
		}
		if r, err := log.Verify(ctx); err != nil || r.Broken != nil || r.Entries != 9 {
			t.Errorf("%+v %v", r, err)
		}
		change := func(q string) {
			t.Helper()
			if err := d.InTx(ctx, func(ctx context.Context) error { _, err := d.Exec(ctx, q); return err }); err != nil {
				t.Fatal(err)
			}
		}
		// Neither another word in an entry of SM3 nor taking its mark away goes unseen.
		for _, x := range [][2]string{{`reason='x'`, `reason=''`}, {`hash=substr(hash, 5)`, `hash='` + entries[4].Hash + `'`}} {
			change(`UPDATE audit_entry SET ` + x[0] + ` WHERE seq=5`)
			if r, err := log.Verify(ctx); err != nil || r.Broken == nil || r.Broken.Seq != 5 {
				t.Errorf("%s: %+v %v", x[0], r.Broken, err)
			}
			change(`UPDATE audit_entry SET ` + x[1] + ` WHERE seq=5`)
		}
	})
}
