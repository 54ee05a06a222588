package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
)

// Standing is an item as it is before a sheet comes in.
type Standing struct {
	Record
	Has        bool // there is a published version
	Number     int
	Definition Definition        // of the published version
	ByHand     bool              // a person saved that version last, not the engine
	HasDraft   bool              // somebody is working on it
	Said       map[string]string // what a sheet said of it last; nil when it never came from one
	saidAt     int               // version of that
}

// Standings returns all items by code, for comparing a sheet with them.
func (s *Service) Standings(ctx context.Context) (map[string]Standing, error) {
	records, err := s.store.records(ctx)
	if err != nil {
		return nil, fmt.Errorf("catalogue: standings: %w", err)
	}
	byID := make(map[string]*Standing, len(records))
	for _, r := range records {
		byID[r.ID] = &Standing{Record: r}
	}
	live, err := s.store.live(ctx)
	if err != nil {
		return nil, fmt.Errorf("catalogue: standings: %w", err)
	}
	system := auth.SystemActor().ID
	for _, v := range live {
		if st := byID[v.ItemID]; st != nil {
			st.Has, st.Number, st.Definition, st.ByHand = true, v.Number, v.Definition, v.SavedBy != system
		}
	}
	drafts, err := db.List(ctx, s.store.db.Read(ctx), db.Scalar[string], `SELECT item_id FROM catalogue_version WHERE state=$1`, Draft)
	if err != nil {
		return nil, fmt.Errorf("catalogue: standings: %w", err)
	}
	for _, id := range drafts {
		if st := byID[id]; st != nil {
			st.HasDraft = true
		}
	}
	sources, err := s.store.sources(ctx)
	if err != nil {
		return nil, fmt.Errorf("catalogue: standings: %w", err)
	}
	for _, src := range sources {
		if st := byID[src.itemID]; st != nil {
			st.Said, st.saidAt = src.said, src.version
		}
	}
	out := make(map[string]Standing, len(byID))
	for _, st := range byID {
		out[st.Code] = *st
	}
	return out, nil
}

// SheetChange is what a sheet makes of one item.
type SheetChange struct {
	Before     Standing          // zero for a new item
	Definition Definition        // what is published; as before when only Said moved
	Said       map[string]string // what the sheet said
}

// publishes says that the change makes a new version.
func (c SheetChange) publishes() bool {
	return !c.Before.Has || db.ToJSON(c.Before.Definition) != db.ToJSON(c.Definition)
}

// Hands are the people behind an import: who brought the sheet, who last had it
// checked and last saved its mapping (these two for the audit trail), and who
// released it. All are the engine, or nobody, on the command line.
type Hands struct{ Brought, Checked, Mapped, Released string }

// fewAtOnce is how many rows go into one statement; SQLite takes 32,766
// arguments.
const fewAtOnce = 200

// ApplySheet publishes what a sheet brings, in the transaction of ctx or one of
// its own: all of it or nothing. The definitions must have passed Faults, and
// db.ErrStale or db.ErrDuplicate says that somebody changed one of the items
// since Standings. Only the engine and those who keep the catalogue may, and of
// these the second person: who may release is for the caller to know.
func (s *Service) ApplySheet(ctx context.Context, actor auth.Actor, by Hands, changes []SheetChange, progress func(done int)) error {
	if actor.Kind != auth.System && mayKeep(actor) != nil {
		return ErrForbidden
	}
	if progress == nil {
		progress = func(int) {}
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.lockGeneration(ctx); err != nil {
			return err
		}
		done := 0
		var added, changed []SheetChange
		for _, c := range changes {
			if c.Before.ID == "" {
				added = append(added, c)
			} else {
				changed = append(changed, c)
			}
		}
		for part := range slices.Chunk(added, fewAtOnce) {
			if err := s.addMany(ctx, actor, by, part); err != nil {
				return err
			}
			done += len(part)
			progress(done)
		}
		touched := map[string]bool{}
		for _, c := range changed {
			if err := s.changeOne(ctx, actor, by, c); err != nil {
				return fmt.Errorf("%s: %w", c.Definition.Code, err)
			}
			if c.publishes() {
				touched[c.Definition.Code] = true
			}
			if done++; done%20 == 0 {
				progress(done)
			}
		}
		progress(done)
		if len(added)+len(touched) == 0 { // only what sheets said was noted
			return nil
		}
		if len(touched) > 0 {
			concerns := func(b *Bundle) bool {
				return slices.ContainsFunc(b.Steps(), func(step Step) bool { return touched[step.Item] })
			}
			if err := s.renewBundles(ctx, actor, concerns); err != nil {
				return err
			}
		}
		return s.changed(ctx)
	})
	if err != nil {
		return fmt.Errorf("catalogue: apply a sheet: %w", err)
	}
	return nil
}

// addMany publishes new items, a few statements for all of them.
func (s *Service) addMany(ctx context.Context, actor auth.Actor, by Hands, part []SheetChange) error {
	now := s.Clock.Now()
	var records, versions, sources rows
	for i := range part {
		d := part[i].Definition
		item := Record{ID: ids.New(now), Code: d.Code, State: Live, VersionID: ids.New(now), Version: 1, CreatedAt: now, UpdatedAt: now}
		records.add(item.ID, item.Code, item.State, item.VersionID, item.Version, db.MS(now), db.MS(now))
		versions.add(item.VersionID, item.ID, 1, Live, db.ToJSON(d), by.Brought, db.MS(now), by.Brought, db.MS(now), by.Released, db.MS(now), db.MS(time.Time{}), 1)
		sources.add(item.ID, db.ToJSON(part[i].Said), db.MS(now), 1)
		if err := s.note(ctx, actor, "catalogue.publish", item, "", map[string]any{"number": 1, "version_id": item.VersionID, "saved_by": by.Brought, "sheet": true}); err != nil {
			return err
		}
		if err := events.Publish(ctx, s.Bus, Published{ItemID: item.ID, VersionID: item.VersionID, Code: item.Code}); err != nil {
			return err
		}
	}
	for _, in := range []struct {
		into string
		rows
	}{
		{`INSERT INTO catalogue_item (id, code, state, version_id, version, created_at, updated_at)`, records},
		{`INSERT INTO catalogue_version (` + revisionColumns + `)`, versions},
		{`INSERT INTO catalogue_source (item_id, said, imported_at, version)`, sources},
	} {
		if _, err := s.DB.Exec(ctx, in.into+` VALUES `+strings.Join(in.places, ","), in.args...); err != nil {
			return err
		}
	}
	return nil
}

// rows of one INSERT.
type rows struct {
	args   db.Args
	places []string
}

func (r *rows) add(values ...any) {
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = r.args.Add(v)
	}
	r.places = append(r.places, "("+strings.Join(places, ",")+")")
}

// changeOne publishes the next version of an item that was there, and notes
// what the sheet said.
func (s *Service) changeOne(ctx context.Context, actor auth.Actor, by Hands, c SheetChange) error {
	now := s.Clock.Now()
	if c.publishes() {
		last, err := s.store.lastNumber(ctx, c.Before.ID, "")
		if err != nil {
			return err
		}
		if err := s.store.retire(ctx, c.Before.ID, now); err != nil {
			return err
		}
		v := Revision{
			ID: ids.New(now), ItemID: c.Before.ID, Number: last + 1, State: Live, Definition: c.Definition, Version: 1,
			CreatedBy: by.Brought, CreatedAt: now, SavedBy: by.Brought, SavedAt: now, PublishedBy: by.Released, PublishedAt: now,
		}
		if err := s.store.insertRevision(ctx, v); err != nil {
			return err
		}
		item := c.Before.Record
		if item.State == Draft {
			item.State = Live
		}
		item.VersionID, item.UpdatedAt = v.ID, now
		if err := s.store.saveRecord(ctx, item); err != nil {
			return err
		}
		if err := s.note(ctx, actor, "catalogue.publish", item, "", map[string]any{"number": v.Number, "version_id": v.ID, "saved_by": v.SavedBy, "sheet": true}); err != nil {
			return err
		}
		if err := events.Publish(ctx, s.Bus, Published{ItemID: item.ID, VersionID: v.ID, Code: item.Code}); err != nil {
			return err
		}
	}
	return s.store.saveSource(ctx, c, now)
}

// source is a row of what sheets said.
type source struct {
	itemID  string
	said    map[string]string
	version int
}

func (s store) sources(ctx context.Context) ([]source, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (v source, err error) {
		return v, r.Scan(&v.itemID, db.JSON[map[string]string]{V: &v.said}, &v.version)
	}, `SELECT item_id, said, version FROM catalogue_source`)
}

func (s store) saveSource(ctx context.Context, c SheetChange, now time.Time) error {
	if c.Before.Said == nil {
		_, err := s.db.Exec(ctx, `INSERT INTO catalogue_source (item_id, said, imported_at, version) VALUES ($1,$2,$3,1)`, c.Before.ID, db.ToJSON(c.Said), db.MS(now))
		return err
	}
	return s.db.ExecOne(ctx, `UPDATE catalogue_source SET said=$1, imported_at=$2, version=version+1 WHERE item_id=$3 AND version=$4`,
		db.ToJSON(c.Said), db.MS(now), c.Before.ID, c.Before.saidAt)
}

// NoteImport writes into the trail that a sheet has come in, beside the entry
// of each item.
func (s *Service) NoteImport(ctx context.Context, actor auth.Actor, object string, change map[string]any) error {
	return s.Audit.Record(ctx, actor, audit.Note{Action: "catalogue.import", Object: object, Change: change})
}
