package cases_test

import (
	"testing"

	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestSamplesHold fills a form whose checks tie two days together, which a year
// of history does many times.
func TestSamplesHold(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	owner := b.Actor(t, "applicant")
	for seed := range uint64(40) {
		k := b.start(t, owner, "GX-0201")
		if err := b.Cases.TypeSample(b.ctx, owner, k.ID, seed*7919, nil); err != nil {
			t.Fatal(err)
		}
		f, err := b.Cases.Form(b.ctx, owner, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range f.Bad {
			t.Errorf("seed %d: %+v", seed, bad)
		}
	}
}
