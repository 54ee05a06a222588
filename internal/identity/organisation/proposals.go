package organisation

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// ProposalTTL is how long a proposal can be confirmed.
const ProposalTTL = 14 * 24 * time.Hour

// The states of a proposal. That one is over is derived.
const (
	Open      = "open"
	Confirmed = "confirmed"
	Refused   = "refused"
	Recalled  = "recalled"
	Expired   = "expired"
)

// Proposal is a post that waits for a second person, or did.
type Proposal struct {
	identity.Held // what it would be
	Reason        string
	ProposedBy    string
	ProposedAt    time.Time
	ExpiresAt     time.Time
	State         string
	DecidedBy     string
	DecidedAt     time.Time
	Answer        string
}

const proposalColumns = `p.id, p.account_id, p.role, p.department_id, p.region, p.from_on, p.until_on, p.reason, p.proposed_by, p.proposed_at, p.expires_at, p.state, p.decided_by, p.decided_at, p.answer, p.version`

func (s *Service) proposals(ctx context.Context, where string, args ...any) ([]Proposal, error) {
	now := s.Clock.Now()
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (p Proposal, err error) {
		err = r.Scan(&p.ID, &p.AccountID, &p.Role, &p.DepartmentID, &p.Region, &p.From, &p.Until, &p.Reason, &p.ProposedBy, db.Time{Time: &p.ProposedAt}, db.Time{Time: &p.ExpiresAt},
			&p.State, &p.DecidedBy, db.Time{Time: &p.DecidedAt}, &p.Answer, &p.Version)
		if p.State == Open && !now.Before(p.ExpiresAt) {
			p.State = Expired
		}
		return p, err
	}, `SELECT `+proposalColumns+` FROM identity_post_proposal p WHERE `+where+` ORDER BY p.proposed_at DESC, p.id DESC LIMIT 200`, args...)
	if err != nil {
		return nil, fmt.Errorf("organisation: proposals: %w", err)
	}
	return list, nil
}

// Proposals lists what waits for a second person, and what was decided in the
// last 90 days, newest first. Administrators only.
func (s *Service) Proposals(ctx context.Context, actor auth.Actor) ([]Proposal, error) {
	if !reads(actor) {
		return nil, ErrForbidden
	}
	return s.proposals(ctx, `p.proposed_at > $1`, db.MS(s.Clock.Now().AddDate(0, 0, -90)))
}

// Propose proposes a post for a second person. System administrators, and the
// engine itself (command line).
func (s *Service) Propose(ctx context.Context, actor auth.Actor, in Input) (Proposal, error) {
	if actor.Kind != auth.System && !keeps(actor) {
		return Proposal{}, ErrForbidden
	}
	return s.propose(ctx, actor, in)
}

func (s *Service) propose(ctx context.Context, actor auth.Actor, in Input) (Proposal, error) {
	var err error
	if in.Reason, err = reasonOf(in.Reason); err != nil {
		return Proposal{}, err
	}
	if actor.ID == in.AccountID {
		return Proposal{}, identity.ErrOwnPost
	}
	h, err := s.held(in, actor.ID)
	if err != nil {
		return Proposal{}, err
	}
	now := s.Clock.Now()
	p := Proposal{Held: h, Reason: in.Reason, ProposedBy: actor.ID, ProposedAt: now, ExpiresAt: now.Add(ProposalTTL), State: Open}
	p.ID, p.Version = ids.New(now), 1
	return p, s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Identity.LockPosts(ctx); err != nil {
			return err
		}
		if err := s.Identity.FitsPost(ctx, p.Held); err != nil {
			return err
		}
		if p.HallID != "" || p.WindowID != "" { // a window is of clerks, whose posts need nobody else
			return ErrInvalid
		}
		same, err := s.proposals(ctx, `p.account_id=$1 AND p.role=$2 AND p.department_id=$3 AND p.state='open' AND p.expires_at > $4`, p.AccountID, string(p.Role), p.DepartmentID, db.MS(now))
		if err != nil {
			return err
		}
		if len(same) > 0 {
			return ErrProposed.At("role", ErrProposed.Code)
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_post_proposal (id, account_id, role, department_id, region, from_on, until_on, reason, proposed_by, proposed_at, expires_at, state, decided_by, decided_at, answer, version)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,'open','',0,'',1)`, p.ID, p.AccountID, string(p.Role), p.DepartmentID, p.Region, p.From, p.Until, p.Reason, p.ProposedBy, db.MS(now), db.MS(p.ExpiresAt)); err != nil {
			return err
		}
		return s.record(ctx, actor, "propose_post", p.AccountID, p.Reason, change(p.Held))
	})
}

// one is an open proposal, held for the transaction of ctx.
func (s *Service) one(ctx context.Context, id string, version int) (Proposal, error) {
	if err := s.Identity.LockPosts(ctx); err != nil {
		return Proposal{}, err
	}
	list, err := s.proposals(ctx, `p.id=$1`, id)
	if err != nil {
		return Proposal{}, err
	}
	if len(list) == 0 {
		return Proposal{}, ErrNotFound
	}
	if list[0].State != Open || list[0].Version != version {
		return Proposal{}, ErrOver
	}
	return list[0], nil
}

func (s *Service) decide(ctx context.Context, actor auth.Actor, p Proposal, state, answer string) error {
	return s.DB.ExecOne(ctx, `UPDATE identity_post_proposal SET state=$3, decided_by=$4, decided_at=$5, answer=$6, version=version+1 WHERE id=$1 AND version=$2 AND state='open'`,
		p.ID, p.Version, state, actor.ID, db.MS(s.Clock.Now()), answer)
}

// Confirm makes a post of a proposal. Security administrators only: neither who
// proposed it nor whom it is for.
func (s *Service) Confirm(ctx context.Context, actor auth.Actor, id string, version int) error {
	if actor.Kind != auth.Staff || !actor.Has(auth.SecurityAdmin) {
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		p, err := s.one(ctx, id, version)
		if err != nil {
			return err
		}
		switch actor.ID {
		case p.ProposedBy:
			return ErrProposer
		case p.AccountID:
			return identity.ErrOwnPost
		}
		if p.ProposedBy != auth.SystemActor().ID { // who may not propose any more has not proposed
			by, err := s.Identity.Actor(ctx, p.ProposedBy)
			if err != nil {
				return err
			}
			if !keeps(by) {
				return ErrOver
			}
		}
		h := p.Held
		h.From, h.GivenBy, h.ConfirmedBy = max(h.From, s.Identity.Today()), p.ProposedBy, actor.ID
		if h, err = s.Identity.GivePost(ctx, actor, h); err != nil {
			return err
		}
		if err := s.decide(ctx, actor, p, Confirmed, ""); err != nil {
			return err
		}
		if err := s.record(ctx, actor, "confirm_post", p.AccountID, p.Reason, change(h)); err != nil {
			return err
		}
		params := map[string]any{"post": s.words(p.Post), "reason": p.Reason}
		if err := s.tell(ctx, p.AccountID, "post_given", h.ID, params); err != nil {
			return err
		}
		return s.tell(ctx, p.ProposedBy, "post_confirmed", p.ID, map[string]any{"post": s.words(p.Post), "who": s.Identity.NameOf(ctx, p.AccountID)})
	})
}

// Refuse says no to a proposal, and why. Security administrators only.
func (s *Service) Refuse(ctx context.Context, actor auth.Actor, id string, version int, reason string) error {
	if actor.Kind != auth.Staff || !actor.Has(auth.SecurityAdmin) {
		return ErrForbidden
	}
	return s.close(ctx, actor, id, version, Refused, "refuse_post", reason)
}

// Recall takes a proposal back. System administrators only.
func (s *Service) Recall(ctx context.Context, actor auth.Actor, id string, version int, reason string) error {
	if !keeps(actor) {
		return ErrForbidden
	}
	return s.close(ctx, actor, id, version, Recalled, "recall_post", reason)
}

func (s *Service) close(ctx context.Context, actor auth.Actor, id string, version int, state, what, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		p, err := s.one(ctx, id, version)
		if err != nil {
			return err
		}
		if err := s.decide(ctx, actor, p, state, reason); err != nil {
			return err
		}
		if err := s.record(ctx, actor, what, p.AccountID, reason, change(p.Held)); err != nil || state != Refused {
			return err
		}
		return s.tell(ctx, p.ProposedBy, "post_refused", p.ID, map[string]any{"post": s.words(p.Post), "who": s.Identity.NameOf(ctx, p.AccountID), "reason": reason})
	})
}

// Waiting says whether anybody could confirm a proposal today.
func (s *Service) Waiting(ctx context.Context) error {
	all, err := s.administrators(ctx)
	if err != nil {
		return err
	}
	today := s.Identity.Today()
	for _, h := range all[auth.SecurityAdmin] {
		if h.On(today) {
			return nil
		}
	}
	return ErrNobody
}
