package catalogue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// LifeEventVersion is a life event as it was saved once.
type LifeEventVersion struct {
	Number  int
	Removed bool // taken off the portal then
	SavedBy string
	SavedAt time.Time
	LifeEvent
}

// AllLifeEvents reads the life events from the database, in their order, with
// the version that a form carries.
func (s *Service) AllLifeEvents(ctx context.Context, actor auth.Actor) ([]LifeEvent, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	return s.store.lifeEvents(ctx)
}

// LifeEventVersions are the versions of a life event, newest first. One that
// was never changed here has none.
func (s *Service) LifeEventVersions(ctx context.Context, actor auth.Actor, key string) ([]LifeEventVersion, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	return s.store.lifeEventVersions(ctx, key)
}

// RemovedLifeEvents are those that were taken off the portal, as they were last.
func (s *Service) RemovedLifeEvents(ctx context.Context, actor auth.Actor) ([]LifeEventVersion, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	return s.store.removedLifeEvents(ctx)
}

// SaveLifeEvent adds a life event (version 0, at the end) or changes one. It is
// shown at once; what was before stays in its versions. An item that does not
// exist is ErrInvalid, one that is suspended passes.
func (s *Service) SaveLifeEvent(ctx context.Context, actor auth.Actor, e LifeEvent, version int) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	return s.keepLifeEvent(ctx, actor, e, version, "catalogue.save_life_event")
}

// RestoreLifeEvent brings back how a life event was, also one that was removed
// (version 0 then).
func (s *Service) RestoreLifeEvent(ctx context.Context, actor auth.Actor, key string, number, version int) error {
	versions, err := s.LifeEventVersions(ctx, actor, key)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(v LifeEventVersion) bool { return v.Number == number })
	if i < 0 {
		return ErrNotFound
	}
	return s.keepLifeEvent(ctx, actor, versions[i].LifeEvent, version, "catalogue.restore_life_event")
}

func (s *Service) keepLifeEvent(ctx context.Context, actor auth.Actor, e LifeEvent, version int, action string) error {
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.checkLifeEvent(ctx, e); err != nil {
			return err
		}
		all, err := s.store.lifeEvents(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(x LifeEvent) bool { return x.Key == e.Key })
		switch {
		case at < 0 && version != 0:
			return db.ErrStale
		case at >= 0 && version == 0:
			return ErrInvalid.At("key", badTwice, "value", e.Key)
		case at < 0:
			e.Position = 1
			if n := len(all); n > 0 {
				e.Position = all[n-1].Position + 1
			}
		default:
			e.Position = all[at].Position
			if err := s.remember(ctx, all[at], "", false); err != nil {
				return err
			}
		}
		e.Version = version
		if err := s.store.saveLifeEvent(ctx, e, at < 0, s.Clock.Now()); err != nil {
			return err
		}
		if err := s.remember(ctx, e, actor.ID, false); err != nil {
			return err
		}
		return s.frameChanged(ctx, actor, action, "life_event:"+e.Key, nil)
	})
	if err != nil {
		return fmt.Errorf("catalogue: save life event %s: %w", e.Key, err)
	}
	return nil
}

// checkLifeEvent is Validate, and that its items are there.
func (s *Service) checkLifeEvent(ctx context.Context, e LifeEvent) error {
	bad := ErrInvalid
	if err := e.Validate(); err != nil {
		if !errors.As(err, &bad) {
			return err
		}
	}
	for i, x := range e.Items {
		if x.Item == "" {
			continue
		}
		if r, ok, err := s.store.record(ctx, x.Item); err != nil {
			return err
		} else if !ok || r.State == Ended {
			bad = bad.At(fmt.Sprintf("items.%d", i+1), badUnknown, "value", x.Item)
		}
	}
	return bad.OrNil()
}

// remember writes a version of a life event, unless it is how the newest one is.
func (s *Service) remember(ctx context.Context, e LifeEvent, by string, removed bool) error {
	versions, err := s.store.lifeEventVersions(ctx, e.Key)
	if err != nil {
		return err
	}
	number := 1
	if len(versions) > 0 {
		newest := versions[0]
		if newest.Removed == removed && db.ToJSON(newest.LifeEvent) == db.ToJSON(e) {
			return nil
		}
		number = newest.Number + 1
	}
	return s.store.insertLifeEventVersion(ctx, LifeEventVersion{Number: number, Removed: removed, SavedBy: by, SavedAt: s.Clock.Now(), LifeEvent: e})
}

// RemoveLifeEvent takes a life event off the portal; its versions stay.
func (s *Service) RemoveLifeEvent(ctx context.Context, actor auth.Actor, key string, version int) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		all, err := s.store.lifeEvents(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(x LifeEvent) bool { return x.Key == key })
		if at < 0 {
			return ErrNotFound
		}
		if err := s.remember(ctx, all[at], actor.ID, true); err != nil {
			return err
		}
		if err := s.store.removeLifeEvent(ctx, key, version); err != nil {
			return err
		}
		return s.frameChanged(ctx, actor, "catalogue.remove_life_event", "life_event:"+key, nil)
	})
	if err != nil {
		return fmt.Errorf("catalogue: remove life event %s: %w", key, err)
	}
	return nil
}

// MoveLifeEvent puts a life event one place up or down; at the end it stays.
func (s *Service) MoveLifeEvent(ctx context.Context, actor auth.Actor, key string, up bool) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		all, err := s.store.lifeEvents(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(x LifeEvent) bool { return x.Key == key })
		if at < 0 {
			return ErrNotFound
		}
		to := at + 1
		if up {
			to = at - 1
		}
		if to < 0 || to >= len(all) {
			return nil
		}
		all[at], all[to] = all[to], all[at]
		for i, e := range all {
			if e.Position == i+1 {
				continue
			}
			e.Position = i + 1
			if err := s.store.saveLifeEvent(ctx, e, false, s.Clock.Now()); err != nil {
				return err
			}
		}
		return s.frameChanged(ctx, actor, "catalogue.move_life_event", "life_event:"+key, map[string]any{"place": to + 1})
	})
	if err != nil {
		return fmt.Errorf("catalogue: move life event %s: %w", key, err)
	}
	return nil
}

// ThemesStamp names the state of the themes, for a form that edits them all.
func ThemesStamp(themes []Theme) string {
	sum := sha256.Sum256([]byte(db.ToJSON(themes))) // their order counts, their positions are not in JSON
	return hex.EncodeToString(sum[:8])
}

// AllThemes reads the themes from the database, in their order.
func (s *Service) AllThemes(ctx context.Context, actor auth.Actor) ([]Theme, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	return s.store.themes(ctx)
}

// SaveThemes replaces the list of themes, in the order given. stamp is that of
// the list that was edited; db.ErrStale when it moved. A theme that items
// belong to cannot go: ErrInvalid names it.
func (s *Service) SaveThemes(ctx context.Context, actor auth.Actor, themes []Theme, stamp string) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	if err := checkThemes(themes); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		before, err := s.store.themes(ctx)
		if err != nil {
			return err
		}
		if ThemesStamp(before) != stamp {
			return db.ErrStale
		}
		used, err := s.themesUsed(ctx)
		if err != nil {
			return err
		}
		for _, old := range before {
			if slices.ContainsFunc(themes, func(t Theme) bool { return t.Key == old.Key }) {
				continue
			}
			if n := used[old.Key]; n > 0 {
				return ErrInvalid.At("themes", badThemeUsed, "value", old.Name.ZH, "n", n)
			}
			if err := s.store.removeTheme(ctx, old.Key); err != nil {
				return err
			}
		}
		for i, t := range themes {
			t.Position = i + 1
			if err := s.store.saveTheme(ctx, t); err != nil {
				return err
			}
		}
		return s.frameChanged(ctx, actor, "catalogue.save_themes", "themes", map[string]any{"themes": len(themes)})
	})
	if err != nil {
		return fmt.Errorf("catalogue: save themes: %w", err)
	}
	return nil
}

// themesUsed counts the items of each theme, drafts among them.
func (s *Service) themesUsed(ctx context.Context) (map[string]int, error) {
	lines, err := s.lines(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, l := range lines {
		for _, key := range l.Definition.Themes {
			out[key]++
		}
	}
	return out, nil
}

func checkThemes(themes []Theme) error {
	c, seen := &checker{err: ErrInvalid}, map[string]bool{}
	for i, t := range themes {
		at := fmt.Sprintf("themes.%d", i+1)
		c.key(at+".key", strings.ReplaceAll(t.Key, "-", "_"), seen)
		c.text(at+".name", t.Name, true)
		known(c, at+".group", t.Group, []string{"business", "person"})
	}
	return c.err.OrNil()
}

func (s *Service) frameChanged(ctx context.Context, actor auth.Actor, action, object string, change map[string]any) error {
	if err := s.changed(ctx); err != nil {
		return err
	}
	n := audit.Note{Action: action, Object: object}
	if change != nil {
		n.Change = change
	}
	return s.Audit.Record(ctx, actor, n)
}

func scanLifeEventVersion(r db.Scanner) (v LifeEventVersion, err error) {
	return v, r.Scan(&v.Number, db.JSON[LifeEvent]{V: &v.LifeEvent}, &v.Removed, &v.SavedBy, db.Time{Time: &v.SavedAt})
}

func (s store) lifeEventVersions(ctx context.Context, key string) ([]LifeEventVersion, error) {
	return db.List(ctx, s.db.Read(ctx), scanLifeEventVersion,
		`SELECT number, definition, removed, saved_by, saved_at FROM catalogue_life_event_version WHERE key=$1 ORDER BY number DESC`, key)
}

func (s store) removedLifeEvents(ctx context.Context) ([]LifeEventVersion, error) {
	return db.List(ctx, s.db.Read(ctx), scanLifeEventVersion, `SELECT v.number, v.definition, v.removed, v.saved_by, v.saved_at FROM catalogue_life_event_version v
		WHERE v.removed AND v.key NOT IN (SELECT key FROM catalogue_life_event)
		AND v.number = (SELECT MAX(x.number) FROM catalogue_life_event_version x WHERE x.key = v.key) ORDER BY v.saved_at DESC`)
}

func (s store) insertLifeEventVersion(ctx context.Context, v LifeEventVersion) error {
	_, err := s.db.Exec(ctx, `INSERT INTO catalogue_life_event_version (key, number, definition, removed, saved_by, saved_at) VALUES ($1,$2,$3,$4,$5,$6)`,
		v.Key, v.Number, db.ToJSON(v.LifeEvent), v.Removed, v.SavedBy, db.MS(v.SavedAt))
	return err
}

func (s store) removeLifeEvent(ctx context.Context, key string, version int) error {
	return s.db.ExecOne(ctx, `DELETE FROM catalogue_life_event WHERE key=$1 AND version=$2`, key, version)
}

func (s store) removeTheme(ctx context.Context, key string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM catalogue_theme WHERE key=$1`, key)
	return err
}
