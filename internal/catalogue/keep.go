package catalogue

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Line is an item in any state as the list of administrators shows it, with
// the definition they would look at first: that of the draft, else the
// published one.
type Line struct {
	Record
	Number     int // of that version
	HasDraft   bool
	Definition Definition
}

// Lines lists all items in any state, by code.
func (s *Service) Lines(ctx context.Context, actor auth.Actor) ([]Line, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	return s.lines(ctx)
}

func (s *Service) lines(ctx context.Context) ([]Line, error) {
	records, err := s.store.records(ctx)
	if err != nil {
		return nil, fmt.Errorf("catalogue: lines: %w", err)
	}
	// What is published is in memory; the rest are few.
	rest, err := s.store.notShown(ctx)
	if err != nil {
		return nil, fmt.Errorf("catalogue: lines: %w", err)
	}
	other := map[string]Revision{} // the draft wins over a suspended version
	for _, r := range rest {
		if have, ok := other[r.ItemID]; !ok || have.State != Draft {
			other[r.ItemID] = r
		}
	}
	shown := s.Snapshot()
	out := make([]Line, 0, len(records))
	for _, r := range records {
		l := Line{Record: r}
		if v, ok := other[r.ID]; ok {
			l.Number, l.HasDraft, l.Definition = v.Number, v.State == Draft, v.Definition
		} else if it, err := shown.ItemByID(r.ID); err == nil {
			l.Number, l.Definition = it.Version, it.Definition
		} else {
			l.Definition = Definition{Code: r.Code, Name: i18n.Text{ZH: r.Code}}
		}
		out = append(out, l)
	}
	return out, nil
}

// notShown are the drafts, and the published versions of items that are off the shelves.
func (s store) notShown(ctx context.Context) ([]Revision, error) {
	return db.List(ctx, s.db.Read(ctx), scanRevision, `SELECT `+revisionColumns+` FROM catalogue_version
		WHERE state=$1 OR (state=$2 AND item_id IN (SELECT id FROM catalogue_item WHERE state IN ($3, $4))) ORDER BY id`, Draft, Live, Suspended, Ended)
}

// Faults are what Validate complains about, and a shelf that is not there; see
// Obstacles for all that keeps a definition from being published in the editor.
func (s *Service) Faults(d Definition) error { return check(d, s.Shelves()) }
