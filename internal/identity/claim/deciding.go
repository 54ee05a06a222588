package claim

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

const maxReason = 500

// Verdict on a claim.
type Verdict struct {
	Version int
	Accept  bool
	Reason  string // needed for a rejection
}

// Decide accepts or rejects a claim, as an owner of the firm or as the department
// that keeps the register, of which two people accept it one after the other. Who
// asked is told when it is decided.
func (s *Service) Decide(ctx context.Context, actor auth.Actor, id string, v Verdict) (decided bool, err error) {
	c, err := s.Claim(ctx, actor, id)
	if err != nil {
		return false, err
	}
	me, err := s.Identity.Account(ctx, actor.ID)
	if err != nil {
		return false, err
	}
	if c.AccountID == actor.ID || actor.Kind == auth.Staff && me.MayBe(c.Account) || me.IDNumber != "" && strings.EqualFold(me.IDNumber, c.Account.IDNumber) {
		return false, ErrOwn // also the same person at his desk
	}
	if c.FirstBy == actor.ID {
		return false, ErrSecond
	}
	v.Reason = strings.TrimSpace(v.Reason)
	if n := utf8.RuneCountInString(v.Reason); n > maxReason || n == 0 && !v.Accept {
		return false, ErrInvalid.At("reason", ErrReason.Code, "max", maxReason)
	}
	if c.State != Open || c.Version != v.Version {
		return false, ErrSettled
	}
	decided = actor.Kind != auth.Staff || !v.Accept || c.FirstBy != ""
	return decided, s.DB.InTx(ctx, func(ctx context.Context) error {
		if !decided {
			return s.agree(ctx, actor, c)
		}
		return s.settle(ctx, actor, c, v.Accept, v.Reason)
	})
}

// agree notes that the first of two officers would accept a claim.
func (s *Service) agree(ctx context.Context, actor auth.Actor, c Claim) error {
	n, err := s.DB.Exec(ctx, `UPDATE identity_claim SET first_by=$2, first_name=$3, version=version+1 WHERE id=$1 AND version=$4 AND state='open' AND first_by=''`,
		c.ID, actor.ID, db.ToJSON(s.Identity.NameOf(ctx, actor.ID)), c.Version)
	if err == nil && n == 0 {
		err = ErrSettled
	}
	if err != nil {
		return err
	}
	return s.Audit.Record(ctx, actor, audit.Note{Action: "claim.agree", Object: "claim:" + c.ID, Change: map[string]any{"firm": c.Firm.ID, "account": c.AccountID, "level": c.Level}})
}

// settle writes the end of a claim and what follows from it.
func (s *Service) settle(ctx context.Context, actor auth.Actor, c Claim, accept bool, reason string) error {
	sys, state, kind := auth.SystemActor(), Accepted, "claim_accepted"
	by, name := actor.ID, s.Identity.NameOf(ctx, actor.ID)
	if actor.Kind == auth.System {
		by, name = "", i18n.Text{}
	}
	switch {
	case accept:
		if err := s.Grants.Admit(ctx, sys, c.Firm.ID, c.AccountID, c.Level, by); err != nil {
			return err
		}
	case c.Provisional:
		if err := s.Grants.Dismiss(ctx, sys, c.Firm.ID, c.AccountID, reason); err != nil {
			return err
		}
		fallthrough
	default:
		state, kind = Rejected, "claim_rejected"
		if by == "" && reason == "" {
			kind = "claim_unproven"
		}
	}
	n, err := s.DB.Exec(ctx, `UPDATE identity_claim SET state=$2, reason=$3, decided_by=$4, decided_name=$5, decided_at=$6, level=$7, proven=$8, version=version+1
		WHERE id=$1 AND version=$9 AND state IN ('waiting','open')`, c.ID, state, reason, by, db.ToJSON(name), db.MS(s.Clock.Now()), string(c.Level), c.Proven, c.Version)
	if err == nil && n == 0 {
		err = ErrSettled
	}
	if err != nil {
		return err
	}
	if err := s.Audit.Record(ctx, actor, audit.Note{
		Action: "claim.decide", Object: "claim:" + c.ID, Reason: reason, Change: map[string]any{"firm": c.Firm.ID, "account": c.AccountID, "state": state, "level": c.Level},
	}); err != nil {
		return err
	}
	if err := s.tell(ctx, c.Account, kind, c.ID, "/my/claims/"+c.ID, c.Firm, map[string]any{"reason": reason}); err != nil || !accept {
		return err
	}
	return s.accepted(ctx, c)
}

// accepted brings into order what else waits for the firm of a claim that was
// accepted.
func (s *Service) accepted(ctx context.Context, c Claim) error {
	state, err := s.Dossier.RegisterState(ctx, c.Firm.ID)
	if err != nil {
		return err
	}
	if dossier.Unsettled(state) && !c.Provisional { // who declared the firm gives way to who has shown that he may act for it
		sys := auth.SystemActor()
		if err := s.Dossier.WaitAgain(ctx, sys, c.Firm.ID, c.words()); err != nil {
			return err
		}
		rest, err := s.list(ctx, sys, `c.enterprise_id=$1 AND c.state='waiting' AND c.id<>$2 ORDER BY c.created_at, c.id`, c.Firm.ID, c.ID)
		if err != nil {
			return err
		}
		for _, x := range rest {
			if err := s.unproven(ctx, x); err != nil {
				return err
			}
		}
	}
	if c.Level != auth.LevelOwner {
		return nil
	}
	return s.tellOwner(ctx, c.Firm, c.Account)
}

// words are what somebody says of a firm that nobody has verified.
func (c Claim) words() []dossier.Word {
	ref := "account:" + c.AccountID
	return []dossier.Word{{Key: "name", Value: c.SaidName, Ref: ref}, {Key: "legal_representative", Value: c.SaidPerson, Ref: ref}}
}

// unproven ends the time being in which somebody acted for a firm: with a power of
// attorney people look at it, without one it is over.
func (s *Service) unproven(ctx context.Context, c Claim) error {
	if c.Paper == "" {
		return s.settle(ctx, auth.SystemActor(), c, false, "")
	}
	return s.toDesk(ctx, c)
}

// tellOwner tells a new owner of a firm of the claims that are open: they are his
// to decide now, and give nobody more than an agent has.
func (s *Service) tellOwner(ctx context.Context, e identity.Enterprise, owner identity.Account) error {
	open, err := s.list(ctx, auth.SystemActor(), `c.enterprise_id=$1 AND c.state='open' AND c.account_id<>$2 ORDER BY c.created_at, c.id`, e.ID, owner.ID)
	if err != nil {
		return err
	}
	for _, c := range open {
		if err := s.tell(ctx, owner, "claim_opened", c.ID, "/my/claims/"+c.ID, e, map[string]any{"who": c.Account.Name}); err != nil {
			return err
		}
	}
	_, err = s.DB.Exec(ctx, `UPDATE identity_claim SET level=$2, first_by='', version=version+1 WHERE enterprise_id=$1 AND state='open' AND level=$3`, e.ID, string(auth.LevelAgent), string(auth.LevelManager))
	return err
}

// RegisterAnswered goes on with the claims that waited until a firm was verified.
// It runs in the transaction in which that happened.
func (s *Service) RegisterAnswered(ctx context.Context, a dossier.Answered) error {
	if a.Unknown {
		return nil // the firm itself stays unverified
	}
	sys := auth.SystemActor()
	list, err := s.list(ctx, sys, `c.enterprise_id=$1 AND c.state IN ('waiting','open') ORDER BY c.created_at, c.id`, a.Firm)
	if err != nil {
		return err
	}
	for _, c := range list {
		proven := false
		if a.Record != nil {
			if proven, err = s.isRepresentative(ctx, c.Account, *a.Record); err != nil {
				return err
			}
		}
		owners, err := s.owners(ctx, a.Firm)
		if err != nil {
			return err
		}
		// Whatever verified the firm: somebody who has not proven who he is acts for it
		// no more. What is filed and written about it from now on is not for him.
		switch {
		case proven && len(owners) == 0:
			c.Level, c.Proven = auth.LevelOwner, true
			err = s.settle(ctx, sys, c, true, "")
		case c.State == Open:
		case a.Rejected != "":
			err = s.settle(ctx, sys, c, false, a.Rejected)
		case a.Record == nil: // the register was not heard about him, so a person looks at who he is
			err = s.toDesk(ctx, c)
		default:
			err = s.unproven(ctx, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// toDesk leaves it to people whether somebody may act for a firm. Until they have
// said so he does not.
func (s *Service) toDesk(ctx context.Context, c Claim) error {
	if err := s.Grants.Dismiss(ctx, auth.SystemActor(), c.Firm.ID, c.AccountID, ""); err != nil {
		return err
	}
	owners, err := s.owners(ctx, c.Firm.ID)
	if err != nil {
		return err
	}
	level := c.Level
	if len(owners) > 0 {
		level = auth.LevelAgent
	}
	if err := s.DB.ExecOne(ctx, `UPDATE identity_claim SET state='open', level=$3, version=version+1 WHERE id=$1 AND version=$2`, c.ID, c.Version, string(level)); err != nil {
		return err
	}
	for _, o := range owners {
		if err := s.tell(ctx, o, "claim_opened", c.ID, "/my/claims/"+c.ID, c.Firm, map[string]any{"who": c.Account.Name}); err != nil {
			return err
		}
	}
	if err := s.Audit.Record(ctx, auth.SystemActor(), audit.Note{Action: "claim.to_desk", Object: "claim:" + c.ID, Change: map[string]any{"firm": c.Firm.ID}}); err != nil {
		return err
	}
	return s.tellDesk(ctx, "claim_desk", "/work/claims/"+c.ID, c.ID, c.Firm, c.Account.Name.ZH)
}

// Hold says why nothing is decided for a firm now.
type Hold string

// The reasons, from the firm to who filed for it.
const (
	HoldWaiting  Hold = "waiting"  // the register has not answered yet
	HoldUnknown  Hold = "unknown"  // it does not have the firm
	HoldRefused  Hold = "refused"  // a person found that what was declared of it is not so
	HoldClaim    Hold = "claim"    // nobody has decided yet whether he may act for it
	HoldRejected Hold = "rejected" // he may not
)

// HoldOf says why a decision for a firm, asked for by an account, has to wait;
// "" when it need not.
func (s *Service) HoldOf(ctx context.Context, firm, account string) (Hold, error) {
	state, err := s.Dossier.RegisterState(ctx, firm)
	switch {
	case err != nil:
		return "", err
	case state == dossier.RegisterWaiting:
		return HoldWaiting, nil
	case state == dossier.RegisterUnknown:
		return HoldUnknown, nil
	case state == dossier.RegisterRejected:
		return HoldRefused, nil
	}
	states, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT state FROM identity_claim WHERE enterprise_id=$1 AND account_id=$2
		AND EXISTS (SELECT 1 FROM identity_claim p WHERE p.enterprise_id=$1 AND p.account_id=$2 AND p.provisional)`, firm, account)
	switch {
	case err != nil || len(states) == 0 || slices.Contains(states, Accepted):
		return "", err
	case slices.Contains(states, Open) || slices.Contains(states, Waiting):
		return HoldClaim, nil
	}
	list, err := s.Identity.Authorised(ctx, firm, s.Clock.Now())
	if err != nil || slices.ContainsFunc(list, func(x identity.Authorised) bool { return x.Account.ID == account }) {
		return "", err // the firm itself has appointed him since
	}
	return HoldRejected, nil
}
