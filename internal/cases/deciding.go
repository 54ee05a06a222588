package cases

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// DecideInput is a decision. Text is the template as the approver edited it;
// "" takes the template as it is. Whatever is not granted needs a reason
// (行政许可法 art. 38).
type DecideInput struct {
	Outcome Outcome
	Text    string
	Reason  string
	Said    Typed // what the procedure of the item asks for with a grant, whole or in part; nil takes what it proposes
	Alike   bool  // one of many that are decided alike: refused when the procedure asks for something
}

// Decide decides a case. Granted, if only in part, the item's certificate is
// issued in the same transaction. Nobody decides what he filed or examined.
func (s *Service) Decide(ctx context.Context, actor auth.Actor, ref Ref, in DecideInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdDecide, "", func(ctx context.Context, w *work) error {
		if err := w.mine(); err != nil {
			return err
		}
		if !w.task.Decides {
			return ErrNoTask
		}
		if w.had(actor.ID) || w.had(w.standsFor()) {
			return ErrOwnCase
		}
		if took, err := w.tookIn(ctx, actor.ID, w.standsFor()); err != nil {
			return err
		} else if took {
			return ErrOwnCase
		}
		if was, err := w.onSite(ctx, actor.ID, w.standsFor()); err != nil {
			return err
		} else if was {
			return ErrOwnCase
		}
		if err := in.check(); err != nil {
			return err
		}
		w.reason = in.Reason
		if err := w.held(ctx, in.Outcome); err != nil {
			return err
		}
		if err := w.noGaps(ctx); err != nil {
			return err
		}
		if in.Outcome.Grants() {
			if err := w.mayGrant(ctx); err != nil {
				return err
			}
		}
		answers, err := w.answers(ctx)
		if err != nil {
			return err
		}
		text := in.words(&w.Case, w.item, answers, w.now)
		w.typed, w.alike = in.Said, in.Alike
		if err := w.complete(ctx, string(in.Outcome)); err != nil {
			return err
		}
		return w.decide(ctx, in.Outcome, text, w.task.ID)
	})
}

// check tidies a decision and refuses one that lacks what it needs.
func (in *DecideInput) check() error {
	in.Reason = strings.TrimSpace(in.Reason)
	switch {
	case !slices.Contains(Outcomes, in.Outcome):
		return ErrReason.At("outcome", errs.CodeOf(errChoice))
	case in.Outcome.NeedsReason() && in.Reason == "", utf8.RuneCountInString(in.Reason) > 1000:
		return ErrReason.At("reason", ErrReason.Code)
	case utf8.RuneCountInString(in.Text) > 4000:
		return ErrReason.At("text", errLong.Code, "max", 4000, "have", utf8.RuneCountInString(in.Text))
	}
	return nil
}

// words of the decision: the template filled in, or what was made of it.
func (in *DecideInput) words(k *Case, item *catalogue.Item, answers map[string]any, now time.Time) i18n.Text {
	text := wording(template(item, in.Outcome), k, item, answers, in.Reason, i18n.Text{}, now)
	if edited := strings.TrimSpace(in.Text); edited != "" && edited != text.ZH {
		text = i18n.Text{ZH: edited} // the Chinese text is the decision; a template's translation no longer fits it
	}
	return text
}

// Preview is the paper that a decision would leave if it were given now, for
// the approver to read before he signs. Nothing is kept of it.
func (s *Service) Preview(v *View, in DecideInput) (docs.Document, error) {
	if err := in.check(); err != nil {
		return docs.Document{}, err
	}
	now := s.Clock.Now()
	w := *v
	w.Decision = &Decision{Outcome: in.Outcome, Text: in.words(&v.Case, v.Item, v.Answers, now), Reason: in.Reason, DecidedAt: now}
	e := Event{Command: CmdDecide, At: now, Seq: len(v.Events) + 1, Detail: map[string]any{"outcome": string(in.Outcome)}}
	for _, k := range docs.For(string(CmdDecide), string(in.Outcome)) {
		return docs.Document{Kind: k.Key, Version: k.Version, Number: v.Number + "-" + k.Mark + "1", At: now, Facts: s.factsOf(&w, e, Snapshot{Answers: v.Answers})}, nil
	}
	return docs.Document{}, ErrNotFound
}

// template of a decision.
func template(item *catalogue.Item, o Outcome) i18n.Text {
	switch o {
	case Partly:
		return item.Decision.Part
	case Denied:
		return item.Decision.Deny
	case Ended:
		return item.Decision.End
	default:
		return item.Decision.Grant
	}
}

// Wording is the decision as the template gives it, for the approver to edit.
func (s *Service) Wording(v *View, o Outcome, now time.Time) string {
	return wording(template(v.Item, o), &v.Case, v.Item, v.Answers, "", i18n.Text{}, now).ZH
}

// decide writes the decision and issues the certificate.
func (w *work) decide(ctx context.Context, o Outcome, text i18n.Text, task string) error {
	s := w.svc
	if err := w.before(ctx, CmdDecide, o); err != nil {
		return err
	}
	text = worded(text, w.words)
	w.State, w.Outcome, w.DecidedAt, w.Stage = Decided, o, w.now, ""
	w.detail["outcome"] = string(o)
	if _, err := s.DB.Exec(ctx, `INSERT INTO cases_decision (case_id, outcome, text, reason, task_id, decided_by, decided_at) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		string(w.ID), string(o), db.ToJSON(text), w.reason, task, w.actor.ID, db.MS(w.now)); err != nil {
		return err
	}
	if err := w.cancelTasks(ctx); err != nil {
		return err
	}
	if err := w.closeLedger(ctx); err != nil {
		return err
	}
	if o.Grants() {
		if err := w.promise(ctx); err != nil {
			return err
		}
	}
	if o.Grants() && w.item.Result.CertificateType != "" {
		c, err := w.issue(ctx)
		if err != nil {
			return err
		}
		w.also(CmdIssue, true, map[string]any{"number": c.Number, "title": c.Title, "until": c.ValidTo})
	}
	if w.Collect == Electronic {
		w.also(CmdDeliver, true, map[string]any{"how": string(Electronic)})
		w.more[len(w.more)-1].To = Delivered
		return w.deliver(ctx, Electronic, w.Party.Name.ZH, auth.Post{})
	}
	return nil
}

// issue puts the certificate of a grant on file: for a change of one the next
// version of that very one, else a new one.
func (w *work) issue(ctx context.Context) (identity.Certificate, error) {
	s := w.svc
	if w.item.Action == catalogue.ActChange && s.Editions != nil {
		id, err := s.changes(ctx, &w.Case, w.item)
		if err != nil {
			return identity.Certificate{}, err
		}
		if id != "" {
			return s.Editions.NextEdition(ctx, w.actor, id, string(w.ID), w.Party)
		}
	}
	return s.Identity.Issue(ctx, w.actor, identity.IssueInput{
		Type: w.item.Result.CertificateType, Holder: w.Party, Issuer: w.DepartmentID,
		Title: w.item.Result.Name, CaseID: string(w.ID), Months: w.item.Result.Months, From: w.validFrom,
	})
}

// changes is the certificate that a case asks to change: what the party held of
// the type when it asked, in force today. Of several the one that the case names
// counts; none is guessed, and "" is none.
func (s *Service) changes(ctx context.Context, k *Case, item *catalogue.Item) (string, error) {
	list, err := s.Identity.Certificates(ctx, []string{k.Party.ID})
	if err != nil {
		return "", err
	}
	var held []ending
	for _, c := range list {
		if c.Type == item.Result.CertificateType && c.Status(s.Identity.Today()) == identity.CertValid && !c.IssuedAt.After(k.SubmittedAt) {
			held = append(held, ending{Certificate: c})
		}
	}
	if held, err = s.meant(ctx, k, held); err != nil || len(held) != 1 {
		return "", err
	}
	return held[0].ID, nil
}

// automatic is the whole handling of an instant item in the transaction of its
// submission: accepted, decided and delivered by the engine.
func (w *work) automatic(ctx context.Context, answers map[string]any) error {
	person := w.actor
	w.system()
	defer func() { w.actor = person }() // the submission itself was the person's
	if err := w.mayDecide(ctx); err != nil {
		_, err = w.people(err)
		return err
	}
	if err := w.start(ctx, w.now); err != nil {
		return err
	}
	w.also(CmdAccept, true, map[string]any{"automatic": true})
	w.more[len(w.more)-1].From = Submitted
	return w.byEngine(ctx, answers)
}

// byEngine decides an instant item at once and hands it over.
func (w *work) byEngine(ctx context.Context, answers map[string]any) error {
	w.Collect = Electronic
	text := wording(template(w.item, Granted), &w.Case, w.item, answers, "", i18n.Text{}, w.now)
	mark := len(w.more)
	if err := w.decide(ctx, Granted, text, ""); err != nil {
		return err
	}
	decided := w.event(CmdDecide, true)
	decided.Detail = map[string]any{"outcome": string(Granted), "automatic": true}
	w.more = append(w.more[:mark:mark], append([]Event{decided}, w.more[mark:]...)...)
	return nil
}

// DeliverInput says how a result was handed over.
type DeliverInput struct {
	How      Collect
	Receiver string // name of who took it; by post to whom it was sent, "" for the applicant
	Pickup   string // six digits of the receipt, for a hand-over at a window
	IDNumber string // instead of the code: of the identity card that the receiver showed

	Carrier, Tracking string // by post: who carries it, and under which number
	Signature         []byte // at a window: PNG of the receiver's signature, if he drew one
}

// Deliver hands the result over. At a window the pick-up code of the receipt
// is asked for, at any window of the city.
func (s *Service) Deliver(ctx context.Context, actor auth.Actor, ref Ref, in DeliverInput) (Case, error) {
	// Only the tries of those who may deliver count: nobody else can lock a hand-over. An order and its steps share one code.
	if v, err := s.View(ctx, actor, ref.ID); err == nil && v.May(CmdDeliver) {
		if err := s.Throttle.Hit(ctx, "pickup:"+cmp.Or(string(v.ParentID), string(ref.ID)), 10, 15*time.Minute); err != nil {
			return Case{}, err
		}
	}
	drawn, err := s.keepSignature(ctx, in.Signature)
	if err != nil {
		return Case{}, err
	}
	return s.run(ctx, actor, ref, CmdDeliver, "", func(ctx context.Context, w *work) error {
		switch in.How {
		case AtWindow:
			if err := w.proveReceiver(ctx, in); err != nil {
				return err
			}
		case ByPost:
			if w.Collect != ByPost { // else the code of the receipt could be passed by
				return ErrReason.At("how", errNoPost.Code)
			}
		default: // electronic results are delivered by the engine
			return ErrReason.At("how", errChoice.Code)
		}
		if err := in.check(&w.Case); err != nil {
			return err
		}
		w.detail["how"], w.detail["receiver"] = string(in.How), in.Receiver
		if w.Bundle {
			if err := w.deliverSteps(ctx, in); err != nil {
				return err
			}
		}
		if err := w.deliver(ctx, in.How, in.Receiver, postFor(actor, nil, auth.Clerk)); err != nil {
			return err
		}
		return w.prove(ctx, in, drawn)
	})
}

func (w *work) deliver(ctx context.Context, how Collect, receiver string, p auth.Post) error {
	w.State, w.ClosedAt = Delivered, w.now
	_, err := w.svc.DB.Exec(ctx, `INSERT INTO cases_delivery (case_id, how, receiver, hall_id, delivered_by, delivered_at) VALUES ($1,$2,$3,$4,$5,$6)`,
		string(w.ID), string(how), receiver, p.HallID, w.actor.ID, db.MS(w.now))
	return err
}
