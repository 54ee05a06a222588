package cases

import (
	"context"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// VerifyWithin is how long after a decision a commitment is verified, where the
// item names no limit of its own (浙江省保障"最多跑一次"改革规定 art. 14).
var VerifyWithin = workday.Limit{N: 60, Unit: workday.UnitWorkday}

// MaxFixDays is how long somebody has to mend what he promised, in days.
const MaxFixDays = 60

// Finding is what came out of the verification of a commitment.
type Finding string

// The results.
const (
	Kept   Finding = "kept"
	Mend   Finding = "mend"   // not kept yet: to be mended by a day
	Broken Finding = "broken" // the decision is undone and the record says so
)

// VerifyInput is the result of a verification. Days is the time to mend.
type VerifyInput struct {
	Result Finding
	Days   int
	Reason string
}

// committed says that something was promised instead of proved (告知承诺).
func committed(materials []MaterialState) bool {
	return slices.ContainsFunc(materials, func(m MaterialState) bool { return m.How == ByCommitment })
}

// trusted says whether the item decides at once on a commitment of this party:
// never for who has a bad record, for everybody else or only for who has a good
// one, as the item says (信易批).
func trusted(item *catalogue.Item, s identity.Standing) bool {
	switch item.Flow.OnCommitment {
	case catalogue.TrustAll:
		return s != identity.StandingBad
	case catalogue.TrustGood:
		return s == identity.StandingGood
	default:
		return false
	}
}

// Effect is what the standing of a party does to a case of an item.
type Effect string

// The effects.
const (
	EffectEasy   Effect = "easy"   // decided at once on a commitment (信易批)
	EffectUsual  Effect = "usual"  // a paper may be promised or come later, where the item says so
	EffectPapers Effect = "papers" // nothing can be promised with this item: the papers are needed
	EffectNone   Effect = "none"   // neither promised nor later, until the record is repaired
)

// EffectOf says what a standing does to a case of an item: what onTrust, restrain
// and mayPromise hold to.
func EffectOf(item *catalogue.Item, s identity.Standing) Effect {
	promise := slices.ContainsFunc(item.Materials, func(m catalogue.Material) bool { return m.Commitment })
	switch {
	case s == identity.StandingBad:
		return EffectNone
	case promise && trusted(item, s):
		return EffectEasy
	case promise || slices.ContainsFunc(item.Materials, func(m catalogue.Material) bool { return m.Need == catalogue.Tolerated }):
		return EffectUsual
	default:
		return EffectPapers
	}
}

// onTrust says whether the case that is handed in is decided on the spot.
func (w *work) onTrust(ctx context.Context, materials []MaterialState) (bool, error) {
	if w.item.Flow.OnCommitment == "" || !committed(materials) {
		return false, nil
	}
	s, err := w.svc.Identity.StandingOf(ctx, w.Party.ID)
	return err == nil && trusted(w.item, s), err
}

// mayPromise refuses a commitment of who has a bad record until it is repaired.
func (s *Service) mayPromise(ctx context.Context, party string) error {
	standing, err := s.Identity.StandingOf(ctx, party)
	if err == nil && standing == identity.StandingBad {
		return ErrCredit
	}
	return err
}

// leans says that a material comes later or on a promise, or could: what only
// somebody without a bad record may do (S17: the dishonest get neither).
func leans(m MaterialState) bool {
	return m.How == Later || m.How == ByCommitment || m.How == Missing && m.Material.Commitment
}

// restrain takes tolerance and commitment from who has a bad record until it is
// repaired: what leans on them is missing, and said to be barred.
func (s *Service) restrain(ctx context.Context, party string, list []MaterialState) error {
	bad, err := s.dishonest(ctx, party, list)
	if err != nil || !bad {
		return err
	}
	for i := range list {
		if leans(list[i]) {
			list[i].How, list[i].Trust, list[i].Barred = Missing, "", true
		}
	}
	return nil
}

// dishonest says that a party with a bad record leans on trust.
func (s *Service) dishonest(ctx context.Context, party string, list []MaterialState) (bool, error) {
	if !slices.ContainsFunc(list, leans) {
		return false, nil
	}
	standing, err := s.Identity.StandingOf(ctx, party)
	return standing == identity.StandingBad, err
}

// mayLean refuses to accept on trust who got a bad record after the case was
// handed in: the clerk asks for the papers. What was accepted stays accepted, and
// so do the later steps of an order.
func (w *work) mayLean(ctx context.Context, list []MaterialState) error {
	if w.cmd != CmdAccept || w.ParentID != "" || w.actor.Kind == auth.System { // the office was silent: that is not the applicant's fault
		return nil
	}
	bad, err := w.svc.dishonest(ctx, w.Party.ID, list)
	if err != nil || !bad {
		return err
	}
	return ErrBarred.With("materials", materialNames(slices.DeleteFunc(slices.Clone(list), func(m MaterialState) bool { return !leans(m) })))
}

// promise notes by when what was promised is verified, when a case with a
// commitment is granted.
func (w *work) promise(ctx context.Context) error {
	list, err := w.lastSnapshot(ctx)
	if err != nil || len(list) == 0 || !committed(list[0].Materials) {
		return err
	}
	limit := w.item.Flow.Verify
	if limit.IsZero() {
		limit = VerifyWithin
	}
	w.VerifyAt, _ = w.cal().Due(w.now, limit)
	return nil
}

// Verify says whether what was promised is so. Kept ends it; to be mended, the
// applicant is told by when; broken undoes the decision and enters the record.
func (s *Service) Verify(ctx context.Context, actor auth.Actor, ref Ref, in VerifyInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdVerify, in.Reason, func(ctx context.Context, w *work) error {
		if w.VerifyAt.IsZero() {
			return ErrState.With("command", string(CmdVerify)).With("state", string(w.State))
		}
		w.detail["result"] = string(in.Result)
		switch in.Result {
		case Kept:
			w.VerifyAt = time.Time{}
		case Mend:
			if in.Days < 1 || in.Days > MaxFixDays {
				return ErrReason.At("days", errRange.Code, "min", 1, "max", MaxFixDays)
			}
			w.VerifyAt = workday.EndOf(workday.DateOf(w.now).AddDays(in.Days))
			w.detail["until"] = workday.DateOf(w.now).AddDays(in.Days).String()
			return nil
		case Broken:
			if err := s.Identity.RecordCredit(ctx, actor, identity.CreditRecord{
				Party: w.Party, Kind: identity.StandingBad, Reason: w.reason, Source: w.DepartmentID, CaseID: string(w.ID),
			}); err != nil {
				return err
			}
			return w.revoke(ctx)
		default:
			return ErrReason.At("result", errChoice.Code)
		}
		return nil
	})
}

// Revoke undoes a decision that should not have been made (行政许可法 art. 69):
// what was issued loses its validity, and the procedure of the item takes back
// what it gave.
func (s *Service) Revoke(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdRevoke, reason, func(ctx context.Context, w *work) error {
		if !w.Outcome.Grants() || w.Bundle {
			return ErrState.With("command", string(CmdRevoke)).With("state", string(w.State))
		}
		return w.revoke(ctx)
	})
}

// revoke takes the decision back. Given by Verify, the event of the revocation
// stands beside that of the verification.
func (w *work) revoke(ctx context.Context) error {
	n, err := w.svc.Identity.RevokeCertificates(ctx, w.actor, string(w.ID), w.reason)
	if err != nil {
		return err
	}
	w.State, w.VerifyAt = Revoked, time.Time{}
	if w.cmd != CmdRevoke {
		w.also(CmdRevoke, true, map[string]any{"certificates": n})
		w.more[len(w.more)-1].Reason = w.reason
	} else {
		w.detail["certificates"] = n
	}
	return nil
}
