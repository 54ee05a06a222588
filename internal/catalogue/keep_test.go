package catalogue_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestLinesShowEachItemOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		one := func() catalogue.Line {
			t.Helper()
			lines, err := b.Lines(ctx, author)
			if err != nil || len(lines) != 1 {
				t.Fatalf("%d lines: %v", len(lines), err)
			}
			return lines[0]
		}
		if l := one(); l.HasDraft || l.Number != 1 || l.State != catalogue.Live || l.Definition.Name.ZH != "实验动物使用许可" {
			t.Errorf("published: %+v", l)
		}
		b.save(t, author, renamed("新名称"), 0)
		if l := one(); !l.HasDraft || l.Number != 2 || l.Definition.Name.ZH != "新名称" {
			t.Errorf("with a draft: %+v", l)
		}
		if err := b.Publish(ctx, second, "KJ-0001", 1); err != nil {
			t.Fatal(err)
		}
		if err := b.Suspend(ctx, author, "KJ-0001", one().Version, "调整"); err != nil {
			t.Fatal(err)
		}
		if l := one(); l.HasDraft || l.State != catalogue.Suspended || l.Number != 2 || l.Definition.Name.ZH != "新名称" {
			t.Errorf("suspended: %+v", l)
		}
		if _, err := b.Lines(ctx, clerk); !errors.Is(err, catalogue.ErrForbidden) {
			t.Errorf("a clerk: %v", err)
		}
	})
}

// TestFindCounts: each count is what the list would hold if that value were chosen.
func TestFindCounts(t *testing.T) {
	t.Parallel()
	defs := []catalogue.Definition{sample("A-1"), sample("A-2"), sample("A-3"), sample("B-1")}
	defs[1].Department, defs[1].CaseType = "sc", catalogue.Instant
	defs[2].Audience = []catalogue.Audience{catalogue.ForEnterprise, catalogue.ForPerson}
	defs[3].Shelf, defs[3].Name = "start", text("用水报装")
	s := catalogue.SnapshotOf(nil, defs)
	for _, query := range []string{"", "实验动物使用许可"} {
		for _, f := range []catalogue.Filter{{}, {Shelf: "permit"}, {Department: "sc"}, {Audience: catalogue.ForPerson}, {CaseType: catalogue.Instant, Shelf: "permit"}} {
			found := s.Find(query, f)
			for id, n := range found.Departments {
				g := f
				g.Department = id
				if got := len(s.Find(query, g).Items); got != n {
					t.Errorf("%q %+v: department %s says %d, holds %d", query, f, id, n, got)
				}
			}
			for key, n := range found.Shelves {
				g := f
				g.Shelf = key
				if got := len(s.Find(query, g).Items); got != n {
					t.Errorf("%q %+v: shelf %s says %d, holds %d", query, f, key, n, got)
				}
			}
			for a, n := range found.Audiences {
				g := f
				g.Audience = a
				if got := len(s.Find(query, g).Items); got != n {
					t.Errorf("%q %+v: audience %s says %d, holds %d", query, f, a, n, got)
				}
			}
			g := f
			g.CaseType = catalogue.Instant
			if got := len(s.Find(query, g).Items); got != found.Instant {
				t.Errorf("%q %+v: at once says %d, holds %d", query, f, found.Instant, got)
			}
		}
	}
	if found := s.Find("实验动物使用许可", catalogue.Filter{}); len(found.Items) != 3 {
		t.Errorf("%d items, the neighbour is among them", len(found.Items))
	}
}
