package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
)

func TestItemsByThemeAndTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	codes := func(path string) []string {
		t.Helper()
		out := []string{}
		for _, it := range into[api.ItemList](b.get(t, v1+path).want(http.StatusOK)).Items {
			out = append(out, it.Code)
		}
		slices.Sort(out)
		return out
	}
	if got := codes("/items?theme=after_death"); !slices.Contains(got, "GA-6003") || slices.Contains(got, "SC-0001") {
		t.Errorf("items of a theme: %v", got)
	}
	if got := codes("/items?updated_since=2026-03-02T09:00:01%2B08:00"); len(got) != 0 {
		t.Errorf("nothing was published since: %v", got)
	}
	b.Clock.Advance(time.Hour)
	it, err := b.Catalogue.Item("RC-0001")
	if err != nil {
		t.Fatal(err)
	}
	d := it.Definition
	d.Popularity++
	if _, err := b.Catalogue.Import(t.Context(), auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{d}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"RC-0001", "YJS-0011"}, codes("/items?updated_since=2026-03-02T09:30:00%2B08:00")); diff != "" {
		t.Error(diff)
	}
}

func TestAnItemWithEverything(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	it := into[api.Item](b.get(t, v1+"/items/KJ-0001").want(http.StatusOK))
	if it.Codes.Base != it.BaseCode || len(it.Codes.Implementation) != 31 || it.Level != "county" || it.Type != "01" || it.Kind != "apply" {
		t.Errorf("%+v, %s %s %s", it.Codes, it.Level, it.Type, it.Kind)
	}
	if it.Phones.Consult == "" || it.Phones.Complaint == "" || len(it.Halls) != 3 || it.Halls[0].Address.EN == "" || it.PublishedAt == nil || it.RealTime != nil || !slices.Contains(it.Themes, "business_permit") {
		t.Errorf("%+v", it.ItemMore)
	}
}

func TestChangesOfItems(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	total := into[api.ItemList](b.get(t, v1+"/items?limit=1")).Total
	seen, cursor := map[string]bool{}, ""
	for {
		c := into[api.ItemChanges](b.get(t, v1+"/items/changes?limit=50&after="+cursor).want(http.StatusOK))
		for _, x := range c.Changes {
			if seen[x.Code] || x.Change != "created" || x.Version != 1 || x.At == nil {
				t.Errorf("%+v", x)
			}
			seen[x.Code] = true
		}
		if cursor = c.Cursor; !c.More {
			break
		}
	}
	if len(seen) != total {
		t.Errorf("%d items told, %d there", len(seen), total)
	}
	if c := into[api.ItemChanges](b.get(t, v1+"/items/changes?after="+cursor)); len(c.Changes) != 0 || c.Cursor != cursor || c.More {
		t.Errorf("at the end: %+v", c)
	}
	keeper := b.Actor(t, "catalogue-admin")
	record, _, err := b.Catalogue.History(t.Context(), keeper, "KJ-0004")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Catalogue.Suspend(t.Context(), keeper, "KJ-0004", record.Version, "检修"); err != nil {
		t.Fatal(err)
	}
	b.Clock.Advance(2 * time.Second)
	c := into[api.ItemChanges](b.get(t, v1+"/items/changes?after="+cursor).want(http.StatusOK))
	// The bundle that has it as a step goes with it.
	if len(c.Changes) != 2 || c.Changes[1].Code != "YJS-0008" || c.Changes[1].Change != "withdrawn" || c.Changes[0].Code != "KJ-0004" || c.Changes[0].Change != "suspended" || c.Cursor == cursor {
		t.Errorf("%+v", c)
	}
	b.post(t, v1+"/items/changes", nil).want(http.StatusMethodNotAllowed)
	for _, odd := range []string{"x", "-1", "99999", "99999999999999999999"} {
		b.get(t, v1+"/items/changes?after="+odd).problem(http.StatusUnprocessableEntity, "api.invalid", "query.after")
	}
}
