package cases

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Accept takes a submitted case in (受理): from the next working day on the
// clock runs. The accepting window follows the case to the end unless another
// one received it before.
func (s *Service) Accept(ctx context.Context, actor auth.Actor, ref Ref) (Case, error) {
	return s.run(ctx, actor, ref, CmdAccept, "", func(ctx context.Context, w *work) error {
		return w.begin(ctx, w.now)
	})
}

// begin takes the case in and hands it to its desks: the first stage of the
// flow, or of an order the first group of its steps.
func (w *work) begin(ctx context.Context, accepted time.Time) error {
	if err := w.start(ctx, accepted); err != nil {
		return err
	}
	if w.Bundle {
		return w.beginOrder(ctx)
	}
	return w.enter(ctx, 0)
}

// receive notes the window that follows the case to the end: the first at which
// a clerk had it in hand.
func (w *work) receive() {
	if w.ReceiverID != "" || w.actor.Kind != auth.Staff {
		return
	}
	p := postFor(w.actor, nil, auth.Clerk)
	w.ReceivingRegion, w.HallID, w.WindowID, w.ReceiverID = p.Region, p.HallID, p.WindowID, w.actor.ID
}

// start takes the case in and starts its clock at the instant of acceptance.
func (w *work) start(ctx context.Context, accepted time.Time) error {
	w.receive()
	w.State, w.AcceptedAt = Handling, accepted
	w.clock(nil, nil) // nothing stands in the ledger of a case that was not accepted yet
	if w.Bundle {
		if err := w.reachExtended(ctx); err != nil {
			return err
		}
	}
	w.detail["due"] = db.MS(w.DueAt)
	return w.openGaps(ctx, accepted)
}

// enter opens the stage at position i, or the first after it with a task.
func (w *work) enter(ctx context.Context, i int) error {
	answers, err := w.answers(ctx)
	if err != nil {
		return err
	}
	stage, tasks := plan(w.cal(), &w.Case, w.item, i, answers, w.now)
	w.Stage = stage
	return w.open(ctx, tasks)
}

// AskInput is everything that is missing, named at once.
type AskInput struct {
	Points []Point
	Note   string
}

// check keeps the points that make sense and refuses an empty notice.
func (in *AskInput) check(w *work) error {
	in.Note = strings.TrimSpace(in.Note)
	var kept []Point
	for _, p := range in.Points {
		p.Reason = strings.TrimSpace(p.Reason)
		switch p.Kind {
		case "material":
			if _, ok := w.item.Material(p.Key); !ok {
				continue
			}
		case "field":
			if _, _, _, ok := w.item.At(p.Key); !ok {
				continue
			}
		default:
			continue
		}
		if p.Reason == "" || utf8.RuneCountInString(p.Reason) > 300 {
			return ErrReason.At("reason."+p.Kind+"."+p.Key, ErrReason.Code)
		}
		kept = append(kept, p)
	}
	in.Points = kept
	if len(kept) == 0 && in.Note == "" {
		return ErrNothing
	}
	return nil
}

// AskSupplement tells the applicant, once and completely, what is missing
// (一次性告知, 行政许可法 art. 32(4)). The clock has not started; a second
// notice about the same submission is refused, only what the answer shows new
// may be asked after it.
func (s *Service) AskSupplement(ctx context.Context, actor auth.Actor, ref Ref, in AskInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdAskSupplement, "", func(ctx context.Context, w *work) error {
		asked, err := s.store.requests(ctx, w.ID)
		if err != nil {
			return err
		}
		if err := in.check(w); err != nil {
			return err
		}
		for _, q := range asked {
			for _, old := range q.Points {
				// Asking again for a point already answered is what the law calls asking twice,
				// unless the answer to it was not good enough; that has to be said in the note.
				if q.Kind == "supplement" && in.Note == "" && slices.ContainsFunc(in.Points, func(p Point) bool { return p.Kind == old.Kind && p.Key == old.Key }) {
					return ErrAskedOnce
				}
			}
		}
		w.receive()
		w.State = Supplementing
		return w.ask(ctx, "supplement", "", in)
	})
}

// ask writes the request and takes back the marks of the materials asked for,
// so that they count as missing until something new is handed in.
func (w *work) ask(ctx context.Context, kind, task string, in AskInput) error {
	w.NeedsApplicant = true
	w.detail["points"], w.detail["note"] = in.Points, in.Note
	for _, p := range in.Points {
		if p.Kind != "material" {
			continue
		}
		if err := w.svc.mark(ctx, w.actor, w.ID, p.Key, ""); err != nil {
			return err
		}
		// A file that was not good enough is set aside, but stays in the snapshot it was submitted with.
		if _, err := w.svc.DB.Exec(ctx, `UPDATE cases_file SET removed_at=$3, set_aside=TRUE WHERE case_id=$1 AND key=$2 AND removed_at=0`, string(w.ID), p.Key, db.MS(w.now)); err != nil {
			return err
		}
	}
	due := int64(0)
	if kind == "return" { // that of a supplement notice moves with the calendar, see AnswerDue
		due = db.MS(w.svc.supplementDue(&w.Case, w.item, w.now))
		w.detail["due"] = due
	}
	_, err := w.svc.DB.Exec(ctx, `INSERT INTO cases_request (id, case_id, kind, task_id, points, note, asked_by, asked_at, due_at, answered_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,0)`,
		ids.New(w.now), string(w.ID), kind, task, db.ToJSON(in.Points), in.Note, w.actor.ID, db.MS(w.now), due)
	return err
}

// Refuse does not accept a case (不予受理), with reasons and the rights of the
// applicant on the notice.
func (s *Service) Refuse(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdRefuse, reason, func(ctx context.Context, w *work) error {
		w.State = Refused
		return w.closeLedger(ctx)
	})
}

// Note adds an internal remark that the applicant never sees.
func (s *Service) Note(ctx context.Context, actor auth.Actor, ref Ref, text string) (Case, error) {
	return s.run(ctx, actor, ref, CmdNote, text, func(context.Context, *work) error { return nil })
}
