package catalogue_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestReport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		other := copied(sample("XF-0001"))
		other.Department, other.BaseCode, other.Keywords, other.Promised = "xf", "370103001009", nil, limit(20, workday.UnitWorkday)
		other.Form, other.Flow, other.Materials = catalogue.Form{}, catalogue.Flow{}, nil
		other.Decision = catalogue.Wording{}
		service := copied(sample("JC-0001"))
		service.Family, service.Type, service.BaseCode, service.Name.EN = catalogue.ScienceService, "", "", ""
		seed := catalogue.Seed{Shelves: shelves, Items: []catalogue.Definition{sample("KJ-0001"), other, service}}
		if _, err := b.Import(ctx, auth.SystemActor(), seed); err != nil {
			t.Fatal(err)
		}
		used, _ := b.Item("KJ-0001")
		b.Ports = catalogue.Ports{
			Used: func(_ context.Context, since time.Time) (map[string]int, error) {
				if want := b.clock.Now().AddDate(-1, 0, 0); !since.Equal(want) {
					t.Errorf("asked since %v", since)
				}
				return map[string]int{used.ID: 4}, nil
			},
			Ratings: func(context.Context, time.Time) (map[string]catalogue.Rated, error) {
				return map[string]catalogue.Rated{"KJ-0001": {N: 3, Sum: 6, Bad: 2}, "XF-0001": {N: 2, Sum: 2, Bad: 2}, "JC-0001": {N: 9, Sum: 45}}, nil
			},
		}
		b.save(t, author, renamed("新的"), 0)
		r, err := b.Report(ctx, author, "")
		if err != nil {
			t.Fatal(err)
		}
		if r.Shelves != 1 || r.HandlingItems != 3 || r.CompleteItems != 2 || r.Services != 1 || r.External != 0 || r.Bundles != 0 || r.Drafts != 0 {
			t.Errorf("%+v", r)
		}
		if r.ByDepartment["kj"] != 2 || r.ByDepartment["xf"] != 1 || r.ByShelf["permit"] != 3 || r.Online != (catalogue.Share{Part: 3, Whole: 3}) {
			t.Errorf("%+v", r)
		}
		if !slices.Equal(r.NeverUsed, []string{"JC-0001", "XF-0001"}) || len(r.BadlyRated) != 1 || r.BadlyRated[0].Code != "KJ-0001" || r.BadlyRated[0].Mean != 2 {
			t.Errorf("never used %v, badly rated %+v", r.NeverUsed, r.BadlyRated)
		}
		if !slices.Contains(r.WithoutKeywords, "XF-0001") || !slices.Contains(r.WithoutEnglish, "JC-0001") {
			t.Errorf("%v %v", r.WithoutKeywords, r.WithoutEnglish)
		}
		if len(r.Press) != 2 || r.Press[0].Department != "kj" || r.Press[0].Median != 0.4 || r.Press[1].Pressed != 0 || math.Abs(r.All.Mean-0.6) > 1e-9 {
			t.Errorf("press %+v, all %+v", r.Press, r.All)
		}
		i := slices.IndexFunc(r.Lint, func(c catalogue.LintCount) bool { return c.Code == "keywords" })
		if i < 0 || r.Lint[i].Level != catalogue.Warning || r.Lint[i].Count != 1 || !slices.Equal(r.Lint[i].Items, []string{"XF-0001"}) {
			t.Errorf("lint %+v", r.Lint)
		}
		one, err := b.Report(ctx, auth.SystemActor(), "xf")
		if err != nil || one.HandlingItems != 1 || one.ByDepartment["kj"] != 0 || len(one.Press) != 1 {
			t.Errorf("of one department: %+v, %v", one, err)
		}
		// Nothing in it is null: programs read lists.
		text, err := json.Marshal(one)
		if err != nil || strings.Contains(string(text), "null") {
			t.Error(string(text), err)
		}
		for _, a := range []auth.Actor{clerk, person, {}} {
			if _, err := b.Report(ctx, a, ""); !errors.Is(err, catalogue.ErrForbidden) {
				t.Errorf("%v: %v", a.Kind, err)
			}
		}
	})
}
