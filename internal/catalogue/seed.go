package catalogue

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Seed is the catalogue of an installation as its files hold it. An empty part
// leaves what is there as it is.
type Seed struct {
	Shelves    []Shelf
	Themes     []Theme
	LifeEvents []LifeEvent
	Items      []Definition // bundles among them, in any order
}

// ImportReport counts what an import did to items.
type ImportReport struct {
	Created   int
	Updated   int
	Unchanged int
}

// Import publishes definitions as they are, for the seed of an installation:
// only the engine itself may, since no second person looks at them. Items are
// matched by code; an equal definition changes nothing, and what is not named
// stays as it is. Faults in any of them stop all: ErrInvalid with the code
// before each place. Bundles are put together after all other items are there.
func (s *Service) Import(ctx context.Context, actor auth.Actor, seed Seed) (ImportReport, error) {
	if actor.Kind != auth.System {
		return ImportReport{}, ErrForbidden
	}
	var report ImportReport
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		report = ImportReport{}
		if err := s.store.lockGeneration(ctx); err != nil {
			return err
		}
		all, moved, err := s.importFrame(ctx, seed)
		if err != nil {
			return err
		}
		items, bundles := apart(seed.Items)
		if err := checkAll(items, all); err != nil {
			return err
		}
		if moved {
			if err := s.changed(ctx); err != nil {
				return err
			}
		}
		if err := s.importItems(ctx, actor, items, &report); err != nil {
			return err
		}
		return s.importBundles(ctx, actor, bundles, all, &report)
	})
	if err != nil {
		return ImportReport{}, fmt.Errorf("catalogue: import: %w", err)
	}
	return report, nil
}

// apart parts items from bundles.
func apart(definitions []Definition) (items, bundles []Definition) {
	for _, d := range definitions {
		if d.Family == Bundled {
			bundles = append(bundles, d)
		} else {
			items = append(items, d)
		}
	}
	return items, bundles
}

// importBundles resolves the given bundles, and then those that were there,
// against the items as they are now.
func (s *Service) importBundles(ctx context.Context, actor auth.Actor, bundles []Definition, shelves []Shelf, report *ImportReport) error {
	bad := ErrInvalid
	bundles = slices.Clone(bundles)
	for i := len(bundles) - 1; i >= 0; i-- {
		// One with a step that was withdrawn stays what it was: renewBundles tells.
		gone, err := s.withoutStep(ctx, bundles[i])
		if err != nil {
			return err
		}
		if gone {
			bundles = slices.Delete(bundles, i, i+1)
			report.Unchanged++
		}
	}
	resolved := make([]Definition, len(bundles))
	for i, d := range bundles {
		r, err := Resolve(d, s.publishedIn(ctx))
		for _, f := range errs.FieldsOf(err) {
			bad = bad.At(d.Code+": "+f.Name, f.Code, i18n.Map(f.Params)...)
		}
		resolved[i] = r
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	if err := checkAll(resolved, shelves); err != nil {
		return err
	}
	if err := s.importItems(ctx, actor, resolved, report); err != nil {
		return err
	}
	return s.renewBundles(ctx, actor, func(*Bundle) bool { return true })
}

// withoutStep says that a bundle which is published names an item that was
// withdrawn since.
func (s *Service) withoutStep(ctx context.Context, d Definition) (bool, error) {
	if _, has, err := s.store.publishedByCode(ctx, d.Code); err != nil || !has {
		return false, err
	}
	for _, step := range d.Bundle.Steps() {
		if r, ok, err := s.store.record(ctx, step.Item); err != nil || ok && r.State == Ended {
			return ok, err
		}
	}
	return false, nil
}

func (s *Service) importItems(ctx context.Context, actor auth.Actor, definitions []Definition, report *ImportReport) error {
	if len(definitions) == 0 {
		return nil
	}
	records, err := s.store.records(ctx)
	if err != nil {
		return err
	}
	live, err := s.store.live(ctx)
	if err != nil {
		return err
	}
	items, published := map[string]Record{}, map[string]Definition{}
	for _, r := range records {
		items[r.Code] = r
	}
	for _, v := range live {
		published[v.ItemID] = v.Definition
	}
	for _, d := range definitions {
		item, known := items[d.Code]
		before, has := published[item.ID]
		if has && db.ToJSON(before) == db.ToJSON(d) {
			report.Unchanged++
			continue
		}
		if err := s.publishNow(ctx, actor, item, d); err != nil {
			return fmt.Errorf("%s: %w", d.Code, err)
		}
		if known {
			report.Updated++
		} else {
			report.Created++
		}
	}
	return nil
}

// importFrame saves shelves, themes and life events that differ and returns
// the shelves that there are then.
func (s *Service) importFrame(ctx context.Context, seed Seed) (all []Shelf, moved bool, err error) {
	all, err = s.store.shelves(ctx)
	if err != nil {
		return nil, false, err
	}
	for i, v := range seed.Shelves {
		if v.Position == 0 {
			v.Position = i + 1
		}
		if slices.Contains(all, v) {
			continue
		}
		if err := s.store.saveShelf(ctx, v); err != nil {
			return nil, false, err
		}
		all, moved = append(all, v), true
	}
	themes, err := s.store.themes(ctx)
	if err != nil {
		return nil, false, err
	}
	for i, v := range seed.Themes {
		v.Position = i + 1
		if slices.Contains(themes, v) {
			continue
		}
		if err := s.store.saveTheme(ctx, v); err != nil {
			return nil, false, err
		}
		moved = true
	}
	events, err := s.store.lifeEvents(ctx)
	if err != nil {
		return nil, false, err
	}
	for i, v := range seed.LifeEvents {
		v.Position = i + 1
		if err := v.Validate(); err != nil {
			return nil, false, fmt.Errorf("life event %s: %w", v.Key, err)
		}
		at := slices.IndexFunc(events, func(e LifeEvent) bool { return e.Key == v.Key })
		if at >= 0 {
			v.Version = events[at].Version
			if db.ToJSON(v) == db.ToJSON(events[at]) {
				continue
			}
		}
		if err := s.store.saveLifeEvent(ctx, v, at < 0, s.Clock.Now()); err != nil {
			return nil, false, err
		}
		moved = true
	}
	return all, moved, nil
}

func checkAll(definitions []Definition, shelves []Shelf) error {
	bad, seen := ErrInvalid, map[string]bool{}
	for _, d := range definitions {
		if seen[d.Code] {
			return ErrTwice.With("code", d.Code)
		}
		seen[d.Code] = true
		for _, f := range errs.FieldsOf(check(d, shelves)) {
			bad = bad.At(d.Code+": "+f.Name, f.Code, i18n.Map(f.Params)...)
		}
	}
	return bad.OrNil()
}

// publishNow publishes a definition for an item, which is new when it has no
// id, without a draft in between.
func (s *Service) publishNow(ctx context.Context, actor auth.Actor, item Record, d Definition) error {
	now := s.Clock.Now()
	if item.ID == "" {
		item = Record{ID: ids.New(now), Code: d.Code, State: Draft, Version: 1, CreatedAt: now, UpdatedAt: now}
		if err := s.store.insertRecord(ctx, item); err != nil {
			return err
		}
	}
	last, err := s.store.lastNumber(ctx, item.ID, "")
	if err != nil {
		return err
	}
	if err := s.store.retire(ctx, item.ID, now); err != nil {
		return err
	}
	v := Revision{
		ID: ids.New(now), ItemID: item.ID, Number: last + 1, State: Live, Definition: d, Version: 1,
		CreatedBy: actor.ID, CreatedAt: now, SavedBy: actor.ID, SavedAt: now, PublishedBy: actor.ID, PublishedAt: now,
	}
	if err := s.store.insertRevision(ctx, v); err != nil {
		return err
	}
	return s.live(ctx, actor, item, v)
}
