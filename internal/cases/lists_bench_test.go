package cases_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// BenchmarkLists reads the first page of lists among 100,000 cases, most of
// which ended long ago. With TONGBAN_PLANS set it prints how the database went
// about each.
func BenchmarkLists(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB) *db.DB
	}{{"sqlite", func(t testing.TB) *db.DB { return dbtest.New(t) }}, {"postgres", dbtest.NewPostgres}} {
		b.Run(engine.name, func(b *testing.B) {
			a := apptest.NewOn(b, engine.open(b))
			k := a.Submitted(b, "applicant", "KJ-0001")
			if _, err := a.Cases.Accept(context.Background(), a.Actor(b, "clerk"), cases.Ref{ID: k.ID}); err != nil {
				b.Fatal(err)
			}
			crowd(b, a, k)
			for _, tt := range []struct {
				login string
				f     cases.Filter
			}{
				{"handler-kj", cases.Filter{List: cases.ListMine}},
				{"handler-kj", cases.Filter{List: cases.ListGroup}},
				{"approver", cases.Filter{List: cases.ListOverdue}},
				{"approver", cases.Filter{List: cases.ListNear}},
				{"approver", cases.Filter{List: cases.ListOthers}},
				{"approver", cases.Filter{List: cases.ListDoneUs}},
				{"approver", cases.Filter{List: cases.ListAll}},
				{"clerk", cases.Filter{List: cases.ListToAccept}},
				{"clerk", cases.Filter{List: cases.ListWaiting}},
				{"clerk", cases.Filter{List: cases.ListAll}},
				{"clerk", cases.Filter{List: cases.ListAll, Sort: cases.ByParty}},
				{"clerk", cases.Filter{List: cases.ListAll, Sort: cases.ByNumber, Desc: true}},
				{"clerk", cases.Filter{List: cases.ListAll, Query: k.Number}},
				{"clerk", cases.Filter{List: cases.ListAll, Query: k.Party.Code}},
				{"clerk", cases.Filter{List: cases.ListAll, Query: k.Party.Name.ZH}},
				{"leader", cases.Filter{List: cases.ListAll, Light: "red"}},
				{"applicant", cases.Filter{List: cases.ListNeedsMe}},
			} {
				who := a.Actor(b, tt.login)
				name := fmt.Sprintf("%s/%s/%s%s%s", tt.login, tt.f.List, tt.f.Sort, tt.f.Light, tt.f.Query)
				if os.Getenv("TONGBAN_PLANS") != "" {
					plan, err := a.Cases.Plan(context.Background(), who, tt.f)
					b.Logf("%s\n%s %v", name, strings.Join(plan, "\n"), err)
				}
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						if _, err := a.Cases.List(context.Background(), who, tt.f); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// crowd makes 100,000 cases like one, with their tasks: one in fifty runs, the
// rest ended; they spread over twenty departments, two thousand firms and a year.
func crowd(b *testing.B, a *apptest.App, k cases.Case) {
	b.Helper()
	err := a.DB.InTx(context.Background(), func(ctx context.Context) error {
		if _, err := a.DB.Exec(ctx, `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i < 100000)
			INSERT INTO cases_case (id, number, pickup_code, item_id, item_version_id, item_code, item_name, department_id, region, party_kind, party_id, party_name, party_code, account_id, filed_by, channel,
				receiving_region, hall_id, window_id, receiver_id, collect, state, outcome, stage, data_version, needs_applicant, paused, provisional, due_at, statutory_at, warn_at, yellow_at, red_at,
				created_at, submitted_at, accepted_at, decided_at, closed_at, updated_at, version, parent_id, bundle)
			SELECT 'crowd-' || (1000000 + s.i), 'C-' || (1000000 + s.i), pickup_code, item_id, item_version_id, item_code, item_name,
				CASE WHEN s.i % 20 = 0 THEN 'kj' ELSE 'd' || (s.i % 20) END, region, party_kind, 'firm' || (s.i % 2000), party_name, 'CODE' || (s.i % 2000), 'p' || (s.i % 2000), 'x', channel,
				receiving_region, 'hall', 'hall/1', 'r' || (s.i % 50), collect, CASE WHEN s.i % 50 = 0 THEN 'handling' ELSE 'delivered' END, '', stage, 1, FALSE, FALSE, FALSE,
				due_at - 300000 * (100000 - s.i), 0, warn_at - 300000 * (100000 - s.i), yellow_at - 300000 * (100000 - s.i), 0,
				created_at, submitted_at - 300000 * (100000 - s.i), accepted_at, CASE WHEN s.i % 50 = 0 THEN 0 ELSE accepted_at END, 0, updated_at, 1, '', FALSE FROM cases_case, s WHERE cases_case.id = $1`, string(k.ID)); err != nil {
			return err
		}
		_, err := a.DB.Exec(ctx, `INSERT INTO cases_task (id, case_id, stage, key, name, department_id, role, decides, state, assignee_id, due_at, result, opinion, done_by, created_at, done_at, version)
			SELECT 'task-' || id, id, 'review', 'site', '{"zh":"核查"}', department_id, 'handler', FALSE, CASE WHEN state = 'handling' THEN 'open' ELSE 'done' END, '', due_at, '', '', CASE WHEN state = 'handling' THEN '' ELSE 'somebody' END, created_at, 0, 1
			FROM cases_case WHERE id LIKE 'crowd-%'`)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := a.DB.Pool().ExecContext(context.Background(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}
