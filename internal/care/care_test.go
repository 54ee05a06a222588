package care_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/care"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestAssign(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		officer, other := a.Actor(t, "commissioner"), a.Actor(t, "fuwu01")
		if len(officer.Portfolio) == 0 {
			t.Fatal("the zone assigned nothing")
		}
		firm := officer.Portfolio[0]
		for login, want := range map[string]error{"head-kj": care.ErrForbidden, "clerk": care.ErrForbidden, "applicant": care.ErrForbidden, "commissioner": care.ErrForbidden} {
			if err := a.Care.Assign(ctx, a.Actor(t, login), firm, other.ID); !errors.Is(err, want) {
				t.Errorf("%s: %v", login, err)
			}
		}
		abroad := auth.Actor{Kind: auth.Staff, ID: "x", Posts: []auth.Post{{Role: auth.Leader, DepartmentID: "sh-zw", Region: "371622"}}}
		if err := a.Care.Assign(ctx, abroad, firm, other.ID); !errors.Is(err, care.ErrNotFound) {
			t.Errorf("leader of another county: %v", err)
		}
		leader, head := a.Actor(t, "leader"), a.Actor(t, "head-zw")
		if err := a.Care.Assign(ctx, leader, firm, a.Actor(t, "clerk").ID); !errors.Is(err, care.ErrPost) {
			t.Errorf("to somebody without the post: %v", err)
		}
		if err := a.Care.Assign(ctx, leader, "nothing", other.ID); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("unknown firm: %v", err)
		}
		for range 2 { // the second time changes nothing
			if err := a.Care.Assign(ctx, leader, firm, other.ID); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM care_assignment WHERE enterprise_id=$1`, firm)
		if err != nil || rows != 2 {
			t.Errorf("%d rows, %v", rows, err)
		}
		if slices.Contains(a.Actor(t, "commissioner").Portfolio, firm) || !slices.Contains(a.Actor(t, "fuwu01").Portfolio, firm) {
			t.Error("the portfolios did not change")
		}
		if err := a.Care.Assign(ctx, head, firm, officer.ID); err != nil {
			t.Errorf("head of the department of the commissioners: %v", err)
		}
	})
}

func TestFirmsAndFile(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		officer, leader := a.Actor(t, "commissioner"), a.Actor(t, "leader")
		mine, err := a.Care.Firms(ctx, officer, care.Filter{})
		if err != nil || len(mine.Rows) != len(officer.Portfolio) {
			t.Fatalf("%d firms for a portfolio of %d, %v", len(mine.Rows), len(officer.Portfolio), err)
		}
		for _, f := range mine.Rows {
			if f.CommissionerID != officer.ID || f.Contact.IsZero() {
				t.Errorf("%+v", f)
			}
			for i, c := range f.Expiring {
				if c.ValidTo < "2026-03-02" || c.ValidTo > "2026-05-31" || i > 0 && c.ValidTo < f.Expiring[i-1].ValidTo {
					t.Errorf("%s expires %s", c.Number, c.ValidTo)
				}
			}
		}
		seen := map[string]bool{}
		for after := ""; ; {
			all, err := a.Care.Firms(ctx, leader, care.Filter{Request: page.Request{Size: 7, After: after}})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range all.Rows {
				if seen[f.ID] {
					t.Fatalf("%s stands on two pages", f.USCC)
				}
				seen[f.ID] = true
			}
			if after = all.Next; after == "" {
				break
			}
		}
		if total, _ := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_enterprise WHERE region LIKE '371671%'`); len(seen) != total {
			t.Errorf("a leader sees %d of %d firms", len(seen), total)
		}
		if found, err := a.Care.Firms(ctx, leader, care.Filter{Query: "智联传感"}); err != nil || len(found.Rows) != 1 {
			t.Errorf("%+v %v", found, err)
		}
		if _, err := a.Care.Firms(ctx, a.Actor(t, "clerk"), care.Filter{}); !errors.Is(err, care.ErrForbidden) {
			t.Errorf("clerk: %v", err)
		}
		firm := officer.Portfolio[0]
		file, err := a.Care.File(ctx, officer, firm, page.Request{})
		if err != nil || len(file.Figures) == 0 || len(file.Certificates) == 0 || len(file.Agents) == 0 {
			t.Fatalf("%+v %v", file, err)
		}
		for _, g := range file.Agents {
			if g.IDNumber != "" || g.Email != "" || len(g.Phone) != 11 || g.Phone[3:7] != "****" {
				t.Errorf("not masked: %+v", g)
			}
		}
		for _, login := range []string{"fuwu01", "clerk", "applicant"} {
			if _, err := a.Care.File(ctx, a.Actor(t, login), firm, page.Request{}); !errors.Is(err, care.ErrNotFound) {
				t.Errorf("%s: %v", login, err)
			}
		}
		if _, err := a.Care.File(ctx, leader, firm, page.Request{}); err != nil {
			t.Errorf("leader: %v", err)
		}
	})
}
