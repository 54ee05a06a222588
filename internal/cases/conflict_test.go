package cases_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestManyClerksOneCase lets 32 people give the same command to the same case at the
// same moment: one wins, the others are told so and then see the new state.
func TestManyClerksOneCase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		applicant, clerk, handler, approver := b.Actor(t, "applicant"), b.Actor(t, "clerk"), b.Actor(t, "handler-kj"), b.Actor(t, "approver")
		k := b.start(t, applicant, "KJ-0007")
		b.Fill(t, applicant, k.ID)
		all := func(name string, want cases.State, losers []error, do func(ref cases.Ref) (cases.Case, error)) {
			t.Helper()
			before, err := b.Cases.Find(b.ctx, k.ID)
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			var mu sync.Mutex
			won := 0
			for i := range 32 {
				wg.Go(func() {
					ref := cases.Ref{ID: k.ID}
					if i%2 == 0 {
						ref.Version = before.Version
					}
					_, err := do(ref)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won++
						return
					}
					if errors.Is(err, cases.ErrStale) { // all who say what they saw
						return
					}
					for _, l := range losers {
						if ref.Version == 0 && errors.Is(err, l) {
							return
						}
					}
					t.Errorf("%s lost with %v", name, err)
				})
			}
			wg.Wait()
			after, err := b.Cases.Find(b.ctx, k.ID)
			if err != nil || won != 1 || after.Version != before.Version+1 || after.State != want {
				t.Errorf("%s: %d won, version %d after %d, state %s, %v", name, won, after.Version, before.Version, after.State, err)
			}
			if v, err := b.Cases.View(b.ctx, clerk, k.ID); err != nil || v.State != want {
				t.Errorf("%s: the losers see %v, %v", name, v, err)
			}
		}
		all("submit", cases.Submitted, []error{cases.ErrState}, func(r cases.Ref) (cases.Case, error) { return b.Cases.Submit(b.ctx, applicant, r) })
		all("accept", cases.Handling, []error{cases.ErrState}, func(r cases.Ref) (cases.Case, error) { return b.Cases.Accept(b.ctx, clerk, r) })
		all("claim", cases.Handling, []error{cases.ErrTaken}, func(r cases.Ref) (cases.Case, error) { return b.Cases.Claim(b.ctx, handler, r) })
		all("endorse", cases.Handling, []error{cases.ErrNoTask, cases.ErrForbidden}, func(r cases.Ref) (cases.Case, error) {
			return b.Cases.Endorse(b.ctx, handler, r, cases.EndorseInput{Opinion: "同意"})
		})
		v, err := b.Cases.View(b.ctx, approver, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.Collect == cases.Electronic {
			all("decide", cases.Delivered, []error{cases.ErrState, cases.ErrNoTask, cases.ErrForbidden}, func(r cases.Ref) (cases.Case, error) {
				return b.Cases.Decide(b.ctx, approver, r, cases.DecideInput{Outcome: cases.Denied, Reason: "未达到条件"})
			})
		} else {
			all("decide", cases.Decided, []error{cases.ErrState, cases.ErrNoTask, cases.ErrForbidden}, func(r cases.Ref) (cases.Case, error) {
				return b.Cases.Decide(b.ctx, approver, r, cases.DecideInput{Outcome: cases.Denied, Reason: "未达到条件"})
			})
		}
		for what, sql := range map[string]string{
			"events of one command": `SELECT count(*) FROM (SELECT command FROM cases_event WHERE command IN ('submit','accept','claim','endorse','decide') GROUP BY case_id, command HAVING count(*) > 1) x`,
			"news told twice":       `SELECT count(*) FROM (SELECT kind FROM notify_message WHERE kind IN ('case_submit','case_accept','case_decide_denied') GROUP BY account_id, kind HAVING count(*) > 1) x`,
		} {
			if n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], sql); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", what, n, err)
			}
		}
		if r, err := b.Audit.Verify(b.ctx); err != nil || r.Broken != nil {
			t.Errorf("audit: %+v %v", r.Broken, err)
		}
	})
}
