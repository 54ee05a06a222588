package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
)

// Revision is one submission of a case with what it changed.
type Revision struct {
	Snapshot
	First   bool
	Changes []forms.Change
	Papers  []PaperChange
}

// PaperChange is a material that stands otherwise than at the submission before.
type PaperChange struct {
	Material    catalogue.Material
	Before, Now How // "" when it was not asked for then
	Added       []files.File
	Removed     []files.File
}

// Revisions of a case, newest first, for who may read its answers; for anybody
// else there is no such case.
func (s *Service) Revisions(ctx context.Context, actor auth.Actor, id ID) (*View, []Revision, error) {
	v, err := s.View(ctx, actor, id)
	if err != nil {
		return nil, nil, err
	}
	if ladderOnly(actor, &v.Case, v.Tasks) || v.DataVersion == 0 {
		return nil, nil, ErrNotFound
	}
	list, err := s.store.snapshots(ctx, id, allSnapshots)
	if err != nil {
		return nil, nil, fmt.Errorf("cases: revisions: %w", err)
	}
	out := make([]Revision, len(list))
	for i, x := range list {
		out[i] = Revision{Snapshot: x, First: i == len(list)-1}
		if !out[i].First {
			out[i].Changes = forms.Diff(v.Item, list[i+1].Answers, x.Answers)
			out[i].Papers = paperChanges(v.Item, &list[i+1], &x)
		}
	}
	return v, out, nil
}

// paperChanges compares the papers of two submissions: those that are now in the
// order of the list, then those that are not asked for any more.
func paperChanges(item *catalogue.Item, before, now *Snapshot) []PaperChange {
	var out []PaperChange
	add := func(key string) {
		b, _ := before.paper(key)
		n, _ := now.paper(key)
		c := PaperChange{Before: b.How, Now: n.How, Added: without(n.Files, b.Files), Removed: without(b.Files, n.Files)}
		if c.Before == c.Now && len(c.Added)+len(c.Removed) == 0 {
			return
		}
		c.Material, _ = item.Material(key)
		out = append(out, c)
	}
	for _, m := range now.Materials {
		add(m.Key)
	}
	for _, m := range before.Materials {
		if _, still := now.paper(m.Key); !still {
			add(m.Key)
		}
	}
	return out
}

// without lists the files of a that are not in b.
func without(a, b []files.File) []files.File {
	return slices.DeleteFunc(slices.Clone(a), func(f files.File) bool {
		return slices.ContainsFunc(b, func(x files.File) bool { return x.ID == f.ID })
	})
}
