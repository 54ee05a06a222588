package cases_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestStatements counts the statements of the commands that make up most of
// the day, on both databases: each is a round trip to PostgreSQL. Who needs one
// more raises the number here and knows it.
func TestStatements(t *testing.T) {
	t.Parallel()
	for _, engine := range []struct {
		name string
		dsn  func(t *testing.T) string
	}{
		{"sqlite", func(t *testing.T) string { return filepath.Join(t.TempDir(), "tongban.db") }},
		{"postgres", func(t *testing.T) string { return dbtest.PostgresURL(t) }},
	} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var seen []string
			d, err := db.Open(t.Context(), engine.dsn(t), db.Options{MaxConns: 4, Watch: func(q string) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, strings.Join(strings.Fields(q), " "))
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			if err := app.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			a := apptest.NewOn(t, d)
			a.Calendar.For("371671", a.Clock.Now()) // the calendar of the service is read once in a while, not by each command
			k := a.Draft(t, "applicant", "KJ-0002")
			ref := cases.Ref{ID: k.ID}
			who, clerk, handler, second, approver := a.Actor(t, "applicant"), a.Actor(t, "clerk"), a.Actor(t, "handler-kj"), a.Actor(t, "handler-sw"), a.Actor(t, "approver")
			for _, c := range []struct {
				name string
				most int
				do   func() (cases.Case, error)
			}{
				// Two papers come from the file: that they were lent and spared is entered, too,
				// and that a policy for which the item is was told to the firm.
				{"submit", 21, func() (cases.Case, error) { return a.Cases.Submit(t.Context(), who, ref) }},
				{"accept", 13, func() (cases.Case, error) { return a.Cases.Accept(t.Context(), clerk, ref) }},
				{"claim", 10, func() (cases.Case, error) { return a.Cases.Claim(t.Context(), handler, ref) }},
				{"endorse", 10, func() (cases.Case, error) {
					return a.Cases.Endorse(t.Context(), handler, ref, cases.EndorseInput{Opinion: "符合要求"})
				}},
				{"endorse and on to the next desk", 11, func() (cases.Case, error) {
					return a.Cases.Endorse(t.Context(), second, ref, cases.EndorseInput{Opinion: "没有欠税"})
				}},
				{"decide", 20, func() (cases.Case, error) {
					return a.Cases.Decide(t.Context(), approver, ref, cases.DecideInput{Outcome: cases.Granted})
				}},
				{"award", 22, func() (cases.Case, error) {
					return a.Cases.Award(t.Context(), auth.SystemActor(), cases.Awarding{Key: "grant:1", Item: "KJ-0004", Firm: who.Firms[0], Account: who.ID, Amount: 100, Basis: i18n.Text{ZH: "名单"}})
				}},
			} {
				mu.Lock()
				seen = nil
				mu.Unlock()
				if _, err := c.do(); err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				mu.Lock()
				var own []string
				for _, q := range seen { // beginning and commit are told on PostgreSQL only
					if w, _, _ := strings.Cut(strings.ToLower(q), " "); w != "begin" && w != "commit" && !strings.Contains(q, "cases_calendar_") { // looked at once a second
						own = append(own, q)
					}
				}
				mu.Unlock()
				for _, q := range own { // a claim changes nothing that an index of the case holds
					if c.name == "claim" && strings.HasPrefix(q, "UPDATE cases_case ") && strings.Contains(q, "state=") {
						t.Errorf("claim writes more than it changed: %s", q)
					}
				}
				t.Logf("%s: %d statements\n  %s", c.name, len(own), strings.Join(own, "\n  "))
				if len(own) > c.most {
					t.Errorf("%s takes %d statements, %d are allowed", c.name, len(own), c.most)
				}
			}
		})
	}
}
