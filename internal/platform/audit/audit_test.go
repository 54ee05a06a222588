package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// trail writes n entries of one object, which all go to one chain.
func trail(t *testing.T, d *db.DB, n int) (*audit.Log, audit.Entry) {
	t.Helper()
	l, ctx := audit.New(d, clock.System{}), t.Context()
	for i := range n {
		if err := d.InTx(ctx, func(ctx context.Context) error {
			return l.Record(ctx, auth.Actor{Kind: auth.Staff, ID: "u1", Name: "林巧云"}, audit.Note{Action: "cases.accept", Object: "case:1", Reason: fmt.Sprint("entry ", i)})
		}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := l.OfObject(ctx, "case:1")
	if err != nil || len(list) != n {
		t.Fatalf("%d entries, %v", len(list), err)
	}
	return l, list[0]
}

// TestTampering does what somebody with the database in hand may try: each
// time the first broken link is named.
func TestTampering(t *testing.T) {
	t.Parallel()
	tampers := map[string]struct {
		sql []string // C is the chain, O another one, M the entry in the middle
		seq int64
		why string
	}{
		"a reason changed":                 {[]string{`UPDATE audit_entry SET reason='x' WHERE chain=C AND seq=5`}, 5, audit.WhyChanged},
		"a name changed":                   {[]string{`UPDATE audit_entry SET name='x' WHERE chain=C AND seq=1`}, 1, audit.WhyChanged},
		"an instant changed":               {[]string{`UPDATE audit_entry SET at=at+1 WHERE chain=C AND seq=9`}, 9, audit.WhyChanged},
		"a hash changed":                   {[]string{`UPDATE audit_entry SET hash='00' WHERE chain=C AND seq=4`}, 4, audit.WhyChanged},
		"a text moved between two columns": {[]string{`UPDATE audit_entry SET reason='', change=reason WHERE chain=C AND seq=6`}, 6, audit.WhyChanged},
		"one removed":                      {[]string{`DELETE FROM audit_entry WHERE chain=C AND seq=5`}, 5, audit.WhyMissing},
		"the first removed":                {[]string{`DELETE FROM audit_entry WHERE chain=C AND seq=1`}, 1, audit.WhyMissing},
		"one removed, the others renumbered": {[]string{
			`DELETE FROM audit_entry WHERE chain=C AND seq=5`, `UPDATE audit_entry SET seq=seq+1000 WHERE chain=C AND seq > 5`, `UPDATE audit_entry SET seq=seq-1001 WHERE chain=C AND seq > 1000`,
			`UPDATE audit_head SET seq=seq-1 WHERE chain=C`,
		}, 5, audit.WhyChanged},
		"two reordered": {[]string{
			`UPDATE audit_entry SET seq=-3 WHERE chain=C AND seq=3`, `UPDATE audit_entry SET seq=3 WHERE chain=C AND seq=4`, `UPDATE audit_entry SET seq=4 WHERE chain=C AND seq=-3`,
		}, 3, audit.WhyChanged},
		"all removed":         {[]string{`DELETE FROM audit_entry WHERE chain=C`}, 1, audit.WhyCut},
		"the end cut off":     {[]string{`DELETE FROM audit_entry WHERE chain=C AND seq > 7`}, 8, audit.WhyCut},
		"the head set back":   {[]string{`UPDATE audit_head SET seq=6, hash=(SELECT hash FROM audit_entry WHERE chain=C AND seq=6) WHERE chain=C`}, 7, audit.WhyHead},
		"the head rewritten":  {[]string{`UPDATE audit_head SET hash='00' WHERE chain=C`}, 10, audit.WhyHead},
		"the head moved on":   {[]string{`UPDATE audit_head SET seq=11 WHERE chain=C`}, 11, audit.WhyCut},
		"the head removed":    {[]string{`DELETE FROM audit_head WHERE chain=C`}, 1, audit.WhyHead},
		"one in front of all": {[]string{`INSERT INTO audit_entry SELECT id || 'x', chain, 0, at, actor, name, action, object, on_behalf, reason, change, origin, request, '', hash FROM audit_entry WHERE chain=C AND seq=1`}, 0, audit.WhyStray},
		"one behind all":      {[]string{`INSERT INTO audit_entry SELECT id || 'x', chain, 11, at, actor, name, action, object, on_behalf, reason, change, origin, request, hash, hash FROM audit_entry WHERE chain=C AND seq=10`}, 11, audit.WhyHead},
		"one moved to another chain": {[]string{
			`UPDATE audit_entry SET chain=O, seq=1 WHERE chain=C AND seq=10`, `UPDATE audit_head SET seq=9, hash=(SELECT hash FROM audit_entry WHERE chain=C AND seq=9) WHERE chain=C`,
		}, 1, audit.WhyHead},
		"one moved, with a head of its own": {[]string{
			`INSERT INTO audit_head SELECT O, 1, hash FROM audit_entry WHERE chain=C AND seq=10`,
			`UPDATE audit_entry SET chain=O, seq=1 WHERE chain=C AND seq=10`, `UPDATE audit_head SET seq=9, hash=(SELECT hash FROM audit_entry WHERE chain=C AND seq=9) WHERE chain=C`,
		}, 1, audit.WhyChanged},
		"one moved to no chain": {[]string{
			`UPDATE audit_entry SET chain=99, seq=1 WHERE chain=C AND seq=10`, `UPDATE audit_head SET seq=9, hash=(SELECT hash FROM audit_entry WHERE chain=C AND seq=9) WHERE chain=C`,
		}, 1, audit.WhyStray},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, first := trail(t, d, 10)
		if r, err := l.Verify(t.Context()); err != nil || r.Broken != nil || r.Entries != 10 {
			t.Fatalf("before: %+v %v", r, err)
		}
		other := (first.Chain + 1) % 16
		names := strings.NewReplacer("chain=C", fmt.Sprint("chain=", first.Chain), "chain=O", fmt.Sprint("chain=", other), "SELECT O", fmt.Sprint("SELECT ", other))
		undo := errors.New("leave it as it was")
		for name, c := range tampers {
			err := d.InTx(t.Context(), func(ctx context.Context) error {
				for _, sql := range c.sql {
					if _, err := d.Exec(ctx, names.Replace(sql)); err != nil {
						return err
					}
				}
				if r, err := l.Verify(ctx); err != nil || r.Broken == nil || r.Broken.Why != c.why || r.Broken.Seq != c.seq {
					t.Errorf("%s: %+v %v, want %s at %d", name, r.Broken, err, c.why, c.seq)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if r, err := l.Verify(t.Context()); err != nil || r.Broken != nil || r.Entries != 10 {
			t.Errorf("after: %+v %v", r, err)
		}
	})
}

// TestKeptHeads: who writes the trail anew from a point on, heads included, is
// found by heads that were written down before, and by nothing else.
func TestKeptHeads(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l, first := trail(t, d, 10)
		r, err := l.Verify(ctx)
		if err != nil {
			t.Fatal(err)
		}
		kept := []audit.Kept{{Chain: first.Chain, Head: r.Heads[first.Chain]}, {Chain: (first.Chain + 1) % 16}}
		holds := func(what string, want *audit.BrokenLink) {
			t.Helper()
			if r, err := l.Verify(ctx); err != nil || r.Broken != nil {
				t.Errorf("%s: %+v %v", what, r.Broken, err)
			}
			got, err := l.Compare(ctx, kept)
			if err != nil || (got == nil) != (want == nil) || got != nil && (got.Why != want.Why || got.Seq != want.Seq) {
				t.Errorf("%s: %+v %v, want %+v", what, got, err, want)
			}
		}
		holds("untouched", nil)
		if err := d.InTx(ctx, func(ctx context.Context) error {
			return l.Record(ctx, auth.Actor{}, audit.Note{Action: "cases.accept", Object: "case:1"})
		}); err != nil {
			t.Fatal(err)
		}
		holds("longer by one", nil)
		if err := d.InTx(ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `DELETE FROM audit_entry WHERE seq > 6`)
			if err == nil {
				_, err = d.Exec(ctx, `UPDATE audit_head SET seq=6, hash=(SELECT hash FROM audit_entry WHERE seq=6)`)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		holds("cut off with its head", &audit.BrokenLink{Seq: 10, Why: audit.WhyCut})
		for range 4 { // the engine itself writes on
			if err := d.InTx(ctx, func(ctx context.Context) error {
				return l.Record(ctx, auth.Actor{}, audit.Note{Action: "cases.refuse", Object: "case:1"})
			}); err != nil {
				t.Fatal(err)
			}
		}
		holds("written anew", &audit.BrokenLink{Seq: 10, Why: audit.WhyChanged})
	})
}

func TestEveryWhyHasWords(t *testing.T) {
	t.Parallel()
	texts, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, why := range audit.WhyAll {
		for _, l := range i18n.Locales {
			if _, ok := texts.Raw(l, "identity.audit.why."+why); !ok {
				t.Errorf("%s has no words for %s", l, why)
			}
		}
	}
}
