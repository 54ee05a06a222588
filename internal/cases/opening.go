package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Unopened says that a result was delivered electronically and that the
// applicant has not opened it yet.
func (v *View) Unopened() bool {
	return v.State == Delivered &&
		slices.ContainsFunc(v.Events, func(e Event) bool { return e.Command == CmdDeliver && e.Detail["how"] == string(Electronic) }) &&
		!slices.ContainsFunc(v.Events, func(e Event) bool { return e.Command == CmdOpen })
}

// Open notes that the applicant has the result of a case before him: what was
// delivered electronically is delivered when it is first opened, and the event
// proves it. Whoever only works on the case opens nothing; nor does a second look.
func (s *Service) Open(ctx context.Context, actor auth.Actor, id ID) error {
	if actor.Kind != auth.Person {
		return nil
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		k, err := s.store.locked(ctx, id)
		if err != nil {
			return err
		}
		if !own.holds(actor, auth.Post{}, &k, nil) {
			return ErrNotFound
		}
		if k.State != Delivered || !own.gives(actor, &k) { // who may only read acknowledges nothing
			return nil
		}
		w := s.newWork(k, actor, s.Clock.Now())
		n, err := s.DB.Exec(ctx, `UPDATE cases_delivery SET opened_at=$2, opened_by=$3 WHERE case_id=$1 AND how='electronic' AND opened_at=0`,
			string(id), db.MS(w.now), actor.ID)
		if err != nil || n == 0 {
			return err
		}
		if w.item, err = s.itemOf(ctx, &k); err != nil {
			return fmt.Errorf("cases: item of %s: %w", id, err)
		}
		if err := w.leave(ctx, Delivered, []Event{w.event(CmdOpen, true)}); err != nil {
			return fmt.Errorf("cases: open %s: %w", id, err)
		}
		return nil
	})
}
