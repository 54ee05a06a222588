package app_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// allowedInClear are the columns in which numbers of people may stand, each with
// its reason. There is none without.
var allowedInClear = map[string]string{}

// columnsOf lists every column of every table that can hold text, with the way
// to read it as text.
func columnsOf(ctx context.Context, d *db.DB) ([][2]string, error) {
	if d.Dialect() == db.Postgres {
		return db.List(ctx, d.Read(ctx), func(s db.Scanner) (x [2]string, err error) {
			var kind string
			if err = s.Scan(&x[0], &x[1], &kind); kind == "bytea" {
				x[1] = "encode(" + x[1] + ", 'escape')"
			}
			return x, err
		}, `SELECT table_name, '"' || column_name || '"', data_type FROM information_schema.columns WHERE table_schema = current_schema()
			AND data_type NOT IN ('bigint','integer','smallint','boolean','timestamp with time zone') ORDER BY 1, 2`)
	}
	return db.List(ctx, d.Read(ctx), func(s db.Scanner) (x [2]string, err error) { return x, s.Scan(&x[0], &x[1]) },
		`SELECT m.name, '"' || c.name || '"' FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type='table' AND c.type NOT IN ('BIGINT','INTEGER','BOOLEAN') ORDER BY 1, 2`)
}

var someNumber = regexp.MustCompile(`[0-9]{17}[0-9Xx]|1[0-9]{10}`)

// inClear lists "table.column" with each number of the list that stands there readable.
func inClear(t *testing.T, d *db.DB, numbers map[string]bool) map[string][]string {
	t.Helper()
	ctx := t.Context()
	columns, err := columnsOf(ctx, d)
	if err != nil || len(columns) < 300 {
		t.Fatalf("%d columns: %v", len(columns), err)
	}
	out := map[string][]string{}
	for _, c := range columns {
		rows, err := db.List(ctx, d.Read(ctx), db.Scalar[string], fmt.Sprintf(`SELECT COALESCE(CAST(%s AS TEXT), '') FROM "%s"`, c[1], c[0]))
		if err != nil {
			t.Fatalf("%s.%s: %v", c[0], c[1], err)
		}
		name := c[0] + "." + strings.Trim(strings.TrimSuffix(strings.TrimPrefix(c[1], "encode("), ", 'escape')"), `"`)
		for _, text := range rows {
			for _, hit := range someNumber.FindAllString(text, -1) {
				if numbers[strings.ToUpper(hit)] && !slices.Contains(out[name], hit) {
					out[name] = append(out[name], hit)
				}
			}
		}
	}
	return out
}

// TestNothingPersonalInClear fills an installation as people and clerks do, and
// looks for their identity numbers and telephones in every column of every table.
func TestNothingPersonalInClear(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.Reaching(t, d), t.Context()
		z, err := demo.Load()
		if err != nil {
			t.Fatal(err)
		}
		numbers := map[string]bool{"371602198802290027": true, "13900010001": true, "13900010002": true, "13900010003": true, "371602199001010018": true, "13900010004": true}
		for _, p := range z.People {
			numbers[p.IDNumber], numbers[p.Phone] = true, true
		}
		for _, f := range z.Firms { // the telephone of a firm is public, even where its owner has the same
			delete(numbers, f.Phone)
		}
		for _, g := range z.Departments {
			delete(numbers, g.Phone)
			delete(numbers, g.ComplaintPhone)
		}
		from, clerk := auth.Actor{From: "192.0.2.9"}, a.Actor(t, "clerk")
		in := identity.SignUpInput{Name: "赵六", IDNumber: "371602198802290027", Phone: "13900010001", Email: "zhao@example.com", Password: "a long pass", Locale: i18n.Chinese}
		acc, err := a.Identity.SignUp(ctx, from, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, typed := range []string{"13900010001", "371602198802290027", "13900010002", "371602199001010018"} { // the last two are nobody's: tries are counted under them
			_, err := a.Identity.SignIn(ctx, from, typed, "wrong")
			if err == nil {
				t.Error("signed in")
			}
		}
		me, err := a.ActorOf(ctx, acc.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Identity.AskContact(ctx, me, identity.ContactPhone, "13900010003", "a long pass"); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Identity.FindVisitor(ctx, clerk, "371602198802290027"); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Identity.RegisterVisitor(ctx, clerk, identity.VisitorInput{Name: "孙七", IDNumber: "371602199001010018", Phone: "13900010002"}); err != nil {
			t.Fatal(err)
		}
		if err := a.FillHistory(ctx, 12, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		if err := a.FillFlow(ctx); err != nil {
			t.Fatal(err)
		}
		if err := a.Cases.FileObjection(ctx, from, publicised(t, a), cases.ObjectInput{Name: "吴起", Contact: "13900010004", Body: "距离太近"}); err != nil {
			t.Fatal(err)
		}
		hits := inClear(t, d, numbers)
		for name, list := range hits {
			if _, ok := allowedInClear[name]; !ok {
				t.Errorf("%s holds %d numbers in clear, such as %s", name, len(list), list[0])
			}
		}
		for name := range allowedInClear {
			if len(hits[name]) == 0 {
				t.Errorf("%s is excused and holds nothing", name)
			}
		}
	})
}
