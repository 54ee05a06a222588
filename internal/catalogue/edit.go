package catalogue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
)

// Records lists all items in any state, by code.
func (s *Service) Records(ctx context.Context, actor auth.Actor) ([]Record, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	return s.store.records(ctx)
}

// History returns an item with its versions, the newest number first; a draft
// is one of them.
func (s *Service) History(ctx context.Context, actor auth.Actor, code string) (Record, []Revision, error) {
	if err := mayKeep(actor); err != nil {
		return Record{}, nil, err
	}
	r, ok, err := s.store.record(ctx, code)
	switch {
	case err != nil:
		return r, nil, fmt.Errorf("catalogue: history of %s: %w", code, err)
	case !ok:
		return r, nil, ErrNotFound
	}
	versions, err := s.store.revisions(ctx, r.ID)
	if err != nil {
		return r, nil, fmt.Errorf("catalogue: history of %s: %w", code, err)
	}
	return r, versions, nil
}

// SaveDraft keeps an item as a draft, which may still be incomplete: only the
// code and a Chinese name are asked for. version is that of the draft that was
// edited, 0 for a new one; db.ErrStale when another draft is there by now.
func (s *Service) SaveDraft(ctx context.Context, actor auth.Actor, d Definition, version int) (Revision, error) {
	if err := mayKeep(actor); err != nil {
		return Revision{}, err
	}
	d = d.Source() // what Resolve filled in is not anybody's word
	bad := ErrInvalid
	if !codeForm.MatchString(d.Code) {
		bad = bad.At("code", badForm, "value", d.Code)
	}
	if Reserved(d.Code) {
		bad = bad.At("code", badReserved, "value", d.Code)
	}
	if strings.TrimSpace(d.Name.ZH) == "" {
		bad = bad.At("name", badChinese)
	}
	if err := bad.OrNil(); err != nil {
		return Revision{}, err
	}
	var draft Revision
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		item, ok, err := s.store.record(ctx, d.Code)
		if err != nil {
			return err
		}
		if !ok {
			if version != 0 {
				return db.ErrStale
			}
			item = Record{ID: ids.New(now), Code: d.Code, State: Draft, Version: 1, CreatedAt: now, UpdatedAt: now}
			if err := s.store.insertRecord(ctx, item); err != nil {
				return err
			}
		}
		draft, ok, err = s.store.draft(ctx, item.ID)
		switch {
		case err != nil:
			return err
		case item.State == Ended:
			return ErrState.With("state", string(item.State))
		case !ok && version != 0, ok && draft.Version != version:
			return db.ErrStale
		case ok:
			draft.Definition, draft.SavedBy, draft.SavedAt = d, actor.ID, now
			err = s.store.saveRevision(ctx, draft)
			draft.Version++
		default:
			var last int
			if last, err = s.store.lastNumber(ctx, item.ID, ""); err != nil {
				return err
			}
			draft = Revision{
				ID: ids.New(now), ItemID: item.ID, Number: last + 1, State: Draft, Definition: d, Version: 1,
				CreatedBy: actor.ID, CreatedAt: now, SavedBy: actor.ID, SavedAt: now,
			}
			err = s.store.insertRevision(ctx, draft)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, actor, "catalogue.save_draft", item, "", map[string]any{"number": draft.Number, "version": draft.Version})
	})
	if errors.Is(err, db.ErrDuplicate) { // two began the same draft at one moment
		err = db.ErrStale
	}
	if err != nil {
		return Revision{}, fmt.Errorf("catalogue: save draft of %s: %w", d.Code, err)
	}
	return draft, nil
}

// Publish makes the draft of an item the version that applicants see, and
// retires the one before. version is that of the draft that was reviewed.
// Who saved the draft last gets ErrOwnDraft, a draft with faults ErrInvalid
// with all of them. A suspended item stays suspended.
func (s *Service) Publish(ctx context.Context, actor auth.Actor, code string, version int) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.lockGeneration(ctx); err != nil {
			return err
		}
		item, ok, err := s.store.record(ctx, code)
		switch {
		case err != nil:
			return err
		case !ok:
			return ErrNotFound
		}
		draft, ok, err := s.store.draft(ctx, item.ID)
		switch {
		case err != nil:
			return err
		case item.State == Ended:
			return ErrState.With("state", string(item.State))
		case !ok:
			return ErrNoDraft
		case draft.Version != version:
			return db.ErrStale
		case draft.SavedBy == actor.ID:
			return ErrOwnDraft
		}
		shelves, err := s.store.shelves(ctx)
		if err != nil {
			return err
		}
		if draft.Definition, err = Resolve(draft.Definition, s.publishedIn(ctx)); err != nil {
			return err
		}
		if err := s.standing(ctx, draft.Definition, shelves); err != nil {
			return err
		}
		// An import may have published in between under a higher number.
		last, err := s.store.lastNumber(ctx, item.ID, draft.ID)
		if err != nil {
			return err
		}
		draft.Number = max(draft.Number, last+1)
		if err := s.store.retire(ctx, item.ID, s.Clock.Now()); err != nil {
			return err
		}
		draft.State, draft.PublishedBy, draft.PublishedAt = Live, actor.ID, s.Clock.Now()
		if err := s.store.saveRevision(ctx, draft); err != nil {
			return err
		}
		if err := s.live(ctx, actor, item, draft); err != nil {
			return err
		}
		return s.renewBundles(ctx, actor, func(b *Bundle) bool { return b.Has(code) })
	})
	if err != nil {
		return fmt.Errorf("catalogue: publish %s: %w", code, err)
	}
	return nil
}

// live points the item at its new published version and tells everybody.
func (s *Service) live(ctx context.Context, actor auth.Actor, item Record, v Revision) error {
	kind := Updated
	if item.State == Draft {
		item.State, kind = Live, Created
	}
	item.VersionID, item.UpdatedAt = v.ID, s.Clock.Now()
	if err := s.store.saveRecord(ctx, item); err != nil {
		return err
	}
	if err := s.changed(ctx); err != nil {
		return err
	}
	if item.State == Live { // of a suspended one the feed tells when it is back
		if err := s.told(ctx, item, kind, v.Number, v.Definition); err != nil {
			return err
		}
	}
	if err := s.note(ctx, actor, "catalogue.publish", item, "", map[string]any{"number": v.Number, "version_id": v.ID, "saved_by": v.SavedBy}); err != nil {
		return err
	}
	return events.Publish(ctx, s.Bus, Published{ItemID: item.ID, VersionID: v.ID, Code: item.Code})
}

// publishedIn looks items up in the transaction, which may have published some.
// A suspended one counts: it comes back, and its bundles wait for it.
func (s *Service) publishedIn(ctx context.Context) func(code string) (*Item, error) {
	return func(code string) (*Item, error) {
		r, ok, err := s.store.publishedByCode(ctx, code)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			return nil, ErrNotFound
		}
		return r.item(), nil
	}
}

// renewBundles puts published bundles together anew after an item of theirs
// has a new version, which the steps of new orders then run under; a bundle
// that would stay as it is keeps its version, and so does one that would have
// faults.
func (s *Service) renewBundles(ctx context.Context, actor auth.Actor, concerns func(*Bundle) bool) error {
	bundles, err := s.store.liveBundles(ctx)
	if err != nil {
		return err
	}
	shelves, err := s.store.shelves(ctx)
	if err != nil {
		return err
	}
	for _, b := range bundles {
		if !concerns(b.Definition.Bundle) {
			continue
		}
		d, err := Resolve(b.Definition.Source(), s.publishedIn(ctx))
		if err != nil && !errors.Is(err, ErrInvalid) {
			return err
		}
		faults := errs.FieldsOf(err) // a step of it was withdrawn, or is only a guide by now
		if err == nil && db.ToJSON(d) == db.ToJSON(b.Definition) {
			continue
		}
		item, ok, found := s.store.record(ctx, d.Code)
		if found != nil || !ok {
			return found
		}
		if err == nil {
			faults = errs.FieldsOf(check(d, shelves))
		}
		if len(faults) > 0 {
			// The item is published all the same; the bundle stays what it was,
			// and Lint tells those who keep it.
			places := make([]string, len(faults))
			for i, f := range faults {
				places[i] = f.Name + ": " + f.Code
			}
			if err := s.note(ctx, actor, "catalogue.keep_bundle", item, "", map[string]any{"version_id": b.ID, "faults": places[:min(len(places), 20)]}); err != nil {
				return err
			}
			continue
		}
		if err := s.publishNow(ctx, actor, item, d); err != nil {
			return fmt.Errorf("renew %s: %w", d.Code, err)
		}
	}
	return nil
}

// check is Validate, and what only a program may do, and the shelf.
func check(d Definition, shelves []Shelf) error {
	bad := ErrInvalid
	if Reserved(d.Code) || d.Bundle != nil && d.Bundle.Cart {
		bad = bad.At("code", badReserved, "value", d.Code)
	}
	for _, f := range errs.FieldsOf(d.Validate()) {
		bad = bad.At(f.Name, f.Code, i18n.Map(f.Params)...)
	}
	if d.Shelf != "" && !slices.ContainsFunc(shelves, func(v Shelf) bool { return v.Key == d.Shelf }) {
		bad = bad.At("shelf", badUnknown, "value", d.Shelf)
	}
	return bad.OrNil()
}

// Suspend takes a published item off the shelves for a time, for a reason.
// Cases that are open go on. version is that of the item.
func (s *Service) Suspend(ctx context.Context, actor auth.Actor, code string, version int, reason string) error {
	return s.SuspendFor(ctx, actor, code, version, Stop{Reason: reason})
}

// Resume puts a suspended item back on the shelves, and with it the bundles
// that waited for it, as its neighbours have become meanwhile.
func (s *Service) Resume(ctx context.Context, actor auth.Actor, code string, version int) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	return s.move(ctx, actor, code, version, "catalogue.resume", Stop{}, func(_ context.Context, item *Record) error {
		if item.State != Suspended {
			return ErrState.With("state", string(item.State))
		}
		item.State, item.Reason, item.ReplacedBy = Live, "", ""
		return nil
	}, func(ctx context.Context) error {
		return s.renewBundles(ctx, actor, func(b *Bundle) bool { return b.Has(code) })
	})
}

func (s *Service) note(ctx context.Context, actor auth.Actor, action string, item Record, reason string, change map[string]any) error {
	n := audit.Note{Action: action, Object: "item:" + item.ID, Reason: reason}
	if change != nil {
		change["code"] = item.Code
		n.Change = change
	}
	return s.Audit.Record(ctx, actor, n)
}
