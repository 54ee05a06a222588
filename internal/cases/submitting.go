package cases

import (
	"cmp"
	"context"
	"errors"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/rules"
)

// Submit hands in a draft, or the answer to a supplement notice. Everything
// that is wrong or missing is named at once (ErrIncomplete with Fields; names
// are field ids and "material.<key>"). An item with an automatic condition that
// holds is decided in the same transaction.
func (s *Service) Submit(ctx context.Context, actor auth.Actor, ref Ref) (Case, error) {
	return s.run(ctx, actor, ref, CmdSubmit, "", func(ctx context.Context, w *work) error {
		if err := w.current(ctx); err != nil {
			return err
		}
		answers, err := w.takeIn(ctx)
		if err != nil {
			return err
		}
		if err := w.register(ctx); err != nil {
			return err
		}
		w.State = Submitted
		w.detail["data_version"] = w.DataVersion
		if w.Bundle {
			return someStep(w.item, answers)
		}
		atOnce := w.item.Flow.Automatic != "" && rules.Holds(w.item.Flow.Automatic, answers)
		if !atOnce {
			if atOnce, err = w.onTrust(ctx, w.papers); err != nil {
				return err
			}
		}
		if !atOnce || !settled(w.papers) { // what is tolerated or has to be seen needs a person
			return nil
		}
		return w.automatic(ctx, answers)
	})
}

// current takes the item of a draft as it is published now.
func (w *work) current(ctx context.Context) error {
	if w.State != Draft {
		return nil
	}
	item, err := w.svc.Catalogue.Orderable(ctx, w.item)
	if err != nil {
		return err // suspended since the draft was opened
	}
	if w.Bundle != (item.Bundle != nil) {
		return ErrRemade
	}
	w.item = item
	w.Region = w.svc.regionOf(w.item)
	return nil
}

// register gives a draft that comes in its number and fixes its item as it is today.
func (w *work) register(ctx context.Context) (err error) {
	if w.State != Draft {
		return nil
	}
	if w.actor.Kind == auth.Staff {
		if err := w.stillActs(ctx); err != nil {
			return err
		}
	}
	w.SubmittedAt = w.now
	if w.Number, err = w.svc.store.number(ctx, w.Region, w.now); err != nil {
		return err
	}
	if w.actor.Kind == auth.Staff { // received at a window
		w.receive()
	} else {
		w.ReceivingRegion = w.Region
	}
	w.ItemVersionID, w.ItemName, w.DepartmentID = w.item.VersionID, w.item.Name, w.item.Department
	return nil
}

// stillActs asks again, when a clerk hands in what he typed, whether the visitor
// acts for the party now: the draft may be older than the end of his
// authorisation, or of his account. Who files for himself is asked by his right
// to the case.
func (w *work) stillActs(ctx context.Context) error {
	visitor, err := w.svc.Identity.ActAs(ctx, w.AccountID)
	if errors.Is(err, identity.ErrNotFound) {
		return ErrNotActing
	}
	if err != nil || w.Party.ID == visitor.ID {
		return err
	}
	if ok, err := w.svc.coversAll(ctx, visitor, &w.Case, true); err != nil || !ok {
		return cmp.Or(err, error(ErrNotActing))
	}
	return nil
}

// takeIn checks the buffer and makes the next snapshot of it.
func (w *work) takeIn(ctx context.Context) (map[string]any, error) {
	s := w.svc
	b, err := s.store.buffer(ctx, w.ID)
	if err != nil {
		return nil, err
	}
	answers, bad := Answers(w.item, b.Typed, s.today())
	var open *Request
	if w.NeedsApplicant {
		requests, err := s.store.requests(ctx, w.ID)
		if err != nil {
			return nil, err
		}
		open = unanswered(requests)
	}
	before := map[string]any{}
	if w.DataVersion > 0 {
		if before, err = w.answers(ctx); err != nil {
			return nil, err
		}
	}
	materials, err := s.materials(ctx, &w.Case, w.item, answers, open)
	if err != nil {
		return nil, err
	}
	if err := s.restrain(ctx, w.Party.ID, materials); err != nil {
		return nil, err
	}
	bad = append(bad, unchanged(open, before, answers)...)
	for _, m := range materials {
		if m.How == Missing {
			name, code := m.Complaint()
			bad = append(bad, errs.Field{Name: name, Code: code, Params: map[string]any{"material": m.Material.Name}})
		}
	}
	if len(bad) > 0 {
		e := *ErrIncomplete
		e.Fields = bad
		return nil, &e
	}
	w.DataVersion++
	if err := s.store.insertSnapshot(ctx, w.ID, Snapshot{DataVersion: w.DataVersion, Answers: answers, Materials: materials, SubmittedAt: w.now}, w.actor.ID); err != nil {
		return nil, err
	}
	if err := w.closeGiven(ctx, materials); err != nil {
		return nil, err
	}
	w.known = answers
	if open != nil {
		if err := w.closeRequest(ctx); err != nil {
			return nil, err
		}
	}
	w.taken, w.papers = answers, materials
	return answers, w.before(ctx, w.cmd, "")
}

// unchanged complains about the fields that a notice asked to be mended and
// that still hold what they held.
func unchanged(open *Request, before, now map[string]any) []errs.Field {
	if open == nil {
		return nil
	}
	var bad []errs.Field
	changed := Changed(before, now)
	for _, p := range open.Points {
		if p.Kind == "field" && !changed[p.Key] {
			bad = append(bad, errs.Field{Name: p.Key, Code: errUnchanged.Code, Params: map[string]any{"reason": p.Reason}})
		}
	}
	return bad
}

// Withdraw ends a case at the applicant's wish; a draft is thrown away so.
func (s *Service) Withdraw(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdWithdraw, reason, func(ctx context.Context, w *work) error {
		if err := w.mayLeave(ctx); err != nil {
			return err
		}
		running := w.Bundle && w.State == Handling
		w.State = Withdrawn
		if running {
			if err := w.withdrawSteps(ctx); err != nil {
				return err
			}
		}
		if err := w.cancelTasks(ctx); err != nil {
			return err
		}
		return w.closeLedger(ctx)
	})
}

// closeLedger ends what is open when a case ends: the pause and the request.
func (w *work) closeLedger(ctx context.Context) error {
	if err := w.endPublicities(ctx, ""); err != nil {
		return err
	}
	if _, err := w.closeGap(ctx, "", GapEnded); err != nil {
		return err
	}
	if !w.Paused && !w.Bundle { // no pause is open: the case says so (an order mirrors its steps)
		if !w.NeedsApplicant {
			return nil
		}
		return w.closeRequest(ctx)
	}
	if _, err := w.closePauses(ctx, w.now, everyPause); err != nil {
		return err
	}
	if err := w.closeRequest(ctx); err != nil {
		return err
	}
	return w.tick(ctx)
}

// closeRequest ends the waiting for the applicant; its pause is ended apart.
func (w *work) closeRequest(ctx context.Context) error {
	w.NeedsApplicant = false
	_, err := w.svc.DB.Exec(ctx, `UPDATE cases_request SET answered_at=$2 WHERE case_id=$1 AND answered_at=0`, string(w.ID), db.MS(w.now))
	return err
}
