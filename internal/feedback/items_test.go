package feedback_test

import (
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestByItem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		for id, in := range map[string]feedback.RateInput{"c1": {Score: 5}, "c2": {Score: 1, Reasons: []string{"slow"}}} {
			b.invite(t, b.end(id, cases.CmdDeliver))
			if err := b.Feedback.Rate(b.ctx, b.token(t), in); err != nil {
				t.Fatal(err)
			}
		}
		got, err := b.Feedback.ByItem(b.ctx, b.Clock.Now().Add(-time.Hour))
		if want := (catalogue.Rated{N: 2, Sum: 6, Bad: 1}); err != nil || len(got) != 1 || got["KJ-0001"] != want || got["KJ-0001"].Mean() != 3 {
			t.Errorf("%+v %v", got, err)
		}
		if got, err = b.Feedback.ByItem(b.ctx, b.Clock.Now().Add(time.Hour)); err != nil || len(got) != 0 {
			t.Errorf("later: %v %v", got, err)
		}
	})
}
