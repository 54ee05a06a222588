package catalogue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Stop says why an item is taken off the shelves, as applicants read it, and
// what they ask for instead.
type Stop struct {
	Reason     string
	ReplacedBy string // code, "" for nothing
}

const longestReason = 500 // characters

// Withdraw takes an item off the shelves for good (取消): a suspended one, or
// one that is published. Cases that are open go on; its address tells what
// replaces it. version is that of the item.
func (s *Service) Withdraw(ctx context.Context, actor auth.Actor, code string, version int, why Stop) error {
	return s.stop(ctx, actor, code, version, Ended, "catalogue.withdraw", why)
}

// SuspendFor is Suspend that also names what is asked for meanwhile.
func (s *Service) SuspendFor(ctx context.Context, actor auth.Actor, code string, version int, why Stop) error {
	return s.stop(ctx, actor, code, version, Suspended, "catalogue.suspend", why)
}

func (s *Service) stop(ctx context.Context, actor auth.Actor, code string, version int, to State, action string, why Stop) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	why.Reason, why.ReplacedBy = strings.TrimSpace(why.Reason), strings.TrimSpace(why.ReplacedBy)
	if why.Reason == "" || len([]rune(why.Reason)) > longestReason {
		return ErrReason
	}
	return s.move(ctx, actor, code, version, action, why, func(ctx context.Context, item *Record) error {
		if item.State != Live && (to != Ended || item.State != Suspended) {
			return ErrState.With("state", string(item.State))
		}
		if why.ReplacedBy != "" {
			if _, ok, err := s.store.liveByCode(ctx, why.ReplacedBy); err != nil {
				return err
			} else if !ok || why.ReplacedBy == code {
				return ErrInvalid.At("replaced_by", badUnknown, "value", why.ReplacedBy)
			}
		}
		item.State, item.Reason, item.ReplacedBy = to, why.Reason, why.ReplacedBy
		return nil
	})
}

// move changes the state of an item, if it is still in the version that was
// looked at, and tells everybody.
func (s *Service) move(ctx context.Context, actor auth.Actor, code string, version int, action string, why Stop, change func(ctx context.Context, item *Record) error, after ...func(ctx context.Context) error) error {
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
		case item.Version != version:
			return db.ErrStale
		}
		if err := change(ctx, &item); err != nil {
			return err
		}
		item.UpdatedAt = s.Clock.Now()
		if err := s.store.saveRecord(ctx, item); err != nil {
			return err
		}
		if err := s.changed(ctx); err != nil {
			return err
		}
		if err := s.toldMove(ctx, item); err != nil {
			return err
		}
		var detail map[string]any
		if why.ReplacedBy != "" {
			detail = map[string]any{"replaced_by": why.ReplacedBy}
		}
		if err := s.note(ctx, actor, action, item, why.Reason, detail); err != nil {
			return err
		}
		for _, f := range after {
			if err := f(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", action, code, err)
	}
	return nil
}

// toldMove puts it into the feed that an item went or came back.
func (s *Service) toldMove(ctx context.Context, item Record) error {
	v, ok, err := s.store.revision(ctx, item.VersionID)
	if err != nil || !ok {
		return err
	}
	kind := map[State]ChangeKind{Suspended: Halted, Live: Restarted, Ended: Withdrawn}[item.State]
	return s.told(ctx, item, kind, v.Number, v.Definition)
}

// Stopped is what the old address of an item off the shelves tells.
type Stopped struct {
	Code  string
	State State // Suspended or Ended
	Item  *Item // as it was, nil when it never was published
	Stop
}

// Stopped returns why an item is off the shelves; ok is false for one that is
// not. A bundle whose step is gone, or an offer that has lapsed, has no reason.
func (s *Snapshot) Stopped(code string) (Stopped, bool) {
	x, ok := s.stopped[code]
	return x, ok
}

// Story is everything that happened to an item, newest first.
func (s *Service) Story(ctx context.Context, actor auth.Actor, code string) ([]audit.Entry, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	r, ok, err := s.store.record(ctx, code)
	switch {
	case err != nil:
		return nil, fmt.Errorf("catalogue: story of %s: %w", code, err)
	case !ok:
		return nil, ErrNotFound
	}
	return s.Audit.List(ctx, audit.Filter{Object: "item:" + r.ID, Limit: 500})
}

// Preview is an item as applicants would see it with the draft published; the
// published version when there is no draft. A bundle is put together from what
// is published of its items.
func (s *Service) Preview(ctx context.Context, actor auth.Actor, code string) (*Item, error) {
	record, versions, err := s.History(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		if v.State == Draft || v.ID == record.VersionID {
			now := s.Snapshot()
			d, err := Resolve(v.Definition.Source(), now.Item)
			if errors.Is(err, ErrInvalid) { // it is shown as far as it goes
				d, err = Resolve(withoutLost(v.Definition.Source(), now), now.Item)
			}
			if err != nil {
				return nil, fmt.Errorf("catalogue: preview of %s: %w", code, err)
			}
			v.Definition = d
			return v.item(), nil
		}
	}
	return nil, ErrNotFound
}

// withoutLost is a bundle without the steps that cannot be taken.
func withoutLost(d Definition, now *Snapshot) Definition {
	b, seen := *d.Bundle, map[string]bool{}
	b.Groups = slices.Clone(b.Groups)
	for g := range b.Groups {
		b.Groups[g].Items = slices.DeleteFunc(slices.Clone(b.Groups[g].Items), func(step Step) bool {
			it, err := now.Item(step.Item)
			lost := err != nil || seen[step.Item] || it.Family == Bundled || !it.Orderable()
			seen[step.Item] = true
			return lost
		})
	}
	d.Bundle = &b
	return d
}

// Touched is what a new version of an item reaches beyond itself.
type Touched struct {
	Open    OpenCases   // that stay under the version they were submitted with
	Bundles []*Item     // that are put together anew
	Events  []LifeEvent // that lead to it
	Replace []string    // codes of items off the shelves that name it as their successor
}

// Touches says what publishing, suspending or withdrawing an item reaches.
func (s *Service) Touches(ctx context.Context, actor auth.Actor, code string) (Touched, error) {
	if err := mayKeep(actor); err != nil {
		return Touched{}, err
	}
	r, ok, err := s.store.record(ctx, code)
	switch {
	case err != nil:
		return Touched{}, fmt.Errorf("catalogue: what %s touches: %w", code, err)
	case !ok:
		return Touched{}, ErrNotFound
	}
	now := s.Snapshot()
	t := Touched{Bundles: now.BundlesWith(code)}
	for _, e := range now.LifeEvents() {
		for _, x := range e.Items {
			if x.Item == code {
				t.Events = append(t.Events, e)
				break
			}
		}
	}
	for other, x := range now.stopped {
		if x.ReplacedBy == code {
			t.Replace = append(t.Replace, other)
		}
	}
	if s.Ports.OpenCases != nil {
		if t.Open, err = s.Ports.OpenCases(ctx, r.ID); err != nil {
			return Touched{}, fmt.Errorf("catalogue: what %s touches: %w", code, err)
		}
	}
	return t, nil
}
