package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Unverified is a firm that nobody has verified yet.
type Unverified struct {
	Firm     identity.Enterprise
	State    string // RegisterWaiting or RegisterUnknown
	Asked    time.Time
	Tries    int
	Version  int
	Declared []Fact // present, and said by the firm alone
	First    First  // who agreed already
	Mine     bool   // that was the reader
}

const unverified = `d.register IN ('waiting','unknown')`

// Unverified lists the firms that the actor verifies by hand while the register
// does not answer or does not have them, by the order of their files.
func (s *Service) Unverified(ctx context.Context, actor auth.Actor, r page.Request) (page.Result[Unverified], error) {
	var args db.Args
	where := unverified + ` AND ` + s.verifies(&args, actor)
	if r.After != "" {
		where += ` AND d.enterprise_id > ` + args.Add(r.After)
	}
	firms, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT d.enterprise_id FROM identity_dossier d JOIN identity_enterprise e ON e.id = d.enterprise_id
		WHERE `+where+` ORDER BY d.enterprise_id LIMIT `+args.Add(r.Limit()+1), args...)
	if err != nil {
		return page.Result[Unverified]{}, fmt.Errorf("dossier: unverified: %w", err)
	}
	cut := page.Cut(firms, r.Limit(), func(id string) string { return id })
	out := page.Result[Unverified]{Next: cut.Next}
	for _, id := range cut.Rows {
		u, err := s.UnverifiedFirm(ctx, actor, id)
		if err != nil {
			return out, err
		}
		out.Rows = append(out.Rows, u)
	}
	return out, nil
}

// UnverifiedFirm is one of them; every other firm is ErrNotFound.
func (s *Service) UnverifiedFirm(ctx context.Context, actor auth.Actor, firm string) (u Unverified, err error) {
	if u.Firm, err = s.Identity.Enterprise(ctx, firm); isNotFound(err) {
		return u, ErrNotFound
	} else if err != nil {
		return u, err
	}
	f, ok, err := s.store.file(ctx, firm)
	if err != nil {
		return u, err
	}
	if !ok || f.Register != RegisterWaiting && f.Register != RegisterUnknown || !s.Verifies(actor, u.Firm.Region) {
		return Unverified{}, ErrNotFound
	}
	u.State, u.Asked, u.Tries, u.Version, u.First, u.Mine = f.Register, f.AskedAt, f.Tries, f.Version, f.First, f.First.By == actor.ID
	u.Declared, err = s.declaredOf(ctx, firm)
	return u, err
}

// declaredOf are the facts of the register of companies that the firm alone says.
func (s *Service) declaredOf(ctx context.Context, firm string) ([]Fact, error) {
	list, err := s.store.facts(ctx, `enterprise_id=$1 AND year=0 AND state='present' AND source='declared' ORDER BY key`, firm)
	return slices.DeleteFunc(list, func(f Fact) bool {
		d := s.vocab.Def(f.Key)
		return d == nil || d.Register != Market || !d.By(Officer)
	}), err
}

// verifies is the condition on e (a firm) that the actor is of the department
// that keeps the register of companies there.
func (s *Service) verifies(args *db.Args, actor auth.Actor) string {
	var parts []string
	for _, p := range actor.PostsOf(Keepers...) {
		if s.keepsMarket(actor, p) {
			parts = append(parts, `e.region LIKE `+args.Add(db.LikePrefix(auth.Reach(p.Region)))+` ESCAPE '\'`)
		}
	}
	if len(parts) == 0 {
		return "1=0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (s *Service) keepsMarket(actor auth.Actor, p auth.Post) bool {
	r, _ := s.vocab.Register(Market)
	return actor.Kind == auth.Staff && p.DepartmentID == r.Department
}

// Verifies says whether the actor is of the department that keeps the register of
// companies for a region.
func (s *Service) Verifies(actor auth.Actor, region string) bool {
	return slices.ContainsFunc(actor.PostsOf(Keepers...), func(p auth.Post) bool {
		return s.keepsMarket(actor, p) && strings.HasPrefix(region, auth.Reach(p.Region))
	})
}

// Verifies says that the actor is of the department that keeps the register of companies.
func Verifies(actor auth.Actor) bool {
	r, _ := Published().Register(Market)
	return actor.Kind == auth.Staff && slices.ContainsFunc(actor.PostsOf(Keepers...), func(p auth.Post) bool { return p.DepartmentID == r.Department })
}

// byHand checks who is about to say something of an unverified firm, and why.
func (s *Service) byHand(ctx context.Context, actor auth.Actor, firm string, version int, reason *string) (Unverified, error) {
	e, err := s.Identity.Enterprise(ctx, firm)
	if err != nil || !s.Verifies(actor, e.Region) || actor.ActsFor(firm) {
		return Unverified{}, ErrNotFound
	}
	*reason = strings.TrimSpace(*reason)
	if n := utf8.RuneCountInString(*reason); n == 0 || n > maxReason {
		return Unverified{}, ErrInvalid.At("reason", ErrReason.Code, "max", maxReason)
	}
	u, err := s.UnverifiedFirm(ctx, actor, firm)
	switch {
	case isNotFound(err):
		return u, ErrSettled
	case err == nil && u.Version != version:
		return u, ErrStale
	}
	return u, err
}

// VerifyByHand ends the waiting of a firm: two people of the department that
// keeps the register, one after the other, have held what it declared against its
// licence, and stand for it. It is verified when done.
func (s *Service) VerifyByHand(ctx context.Context, actor auth.Actor, firm string, version int, reason string) (done bool, err error) {
	return done, s.DB.InTx(ctx, func(ctx context.Context) error {
		u, err := s.byHand(ctx, actor, firm, version, &reason)
		if err != nil {
			return err
		}
		if err := s.notTheirs(ctx, actor, firm); err != nil {
			return err
		}
		if u.First.By == "" {
			if err := s.DB.ExecOne(ctx, `UPDATE identity_dossier SET first_by=$3, first_name=$4, first_reason=$5, first_version=version+1, version=version+1 WHERE enterprise_id=$1 AND version=$2`,
				firm, version, actor.ID, db.ToJSON(s.Identity.NameOf(ctx, actor.ID)), reason); err != nil {
				return err
			}
			return s.Audit.Record(ctx, actor, audit.Note{Action: "dossier.agree", Object: "enterprise:" + firm, Reason: reason})
		}
		if u.Mine {
			return ErrSecond
		}
		done = true
		if _, err := s.settleRegister(ctx, firm, RegisterByHand, RegisterWaiting, RegisterUnknown); err != nil {
			return err
		}
		words := make([]Word, len(u.Declared))
		for i, d := range u.Declared {
			words[i] = Word{Key: d.Key, Value: d.Value, Source: Officer, Ref: d.Ref, Reason: reason}
		}
		if _, err := s.record(ctx, actor, firm, words); err != nil {
			return err
		}
		return s.answered(ctx, actor, Answered{Firm: firm}, "dossier_verified", reason)
	})
}

// notTheirs refuses a firm for which somebody acts who is, by name or telephone,
// the officer himself: another officer looks at it.
func (s *Service) notTheirs(ctx context.Context, actor auth.Actor, firm string) error {
	me, err := s.Identity.Account(ctx, actor.ID)
	if err != nil {
		return err
	}
	theirs, err := s.Identity.Authorised(ctx, firm, s.Clock.Now())
	if err == nil && slices.ContainsFunc(theirs, func(x identity.Authorised) bool { return me.MayBe(x.Account) }) {
		err = ErrOwn
	}
	return err
}

// RejectByHand takes an unverified firm off the desk: what was declared of it is
// not so. Who declared it is told why and acts for it no more; what was asked for
// it can only be refused. The register, or a claim that is accepted, opens the
// matter again.
func (s *Service) RejectByHand(ctx context.Context, actor auth.Actor, firm string, version int, reason string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.byHand(ctx, actor, firm, version, &reason); err != nil {
			return err
		}
		if _, err := s.settleRegister(ctx, firm, RegisterRejected, RegisterWaiting, RegisterUnknown); err != nil {
			return err
		}
		return s.answered(ctx, actor, Answered{Firm: firm, Rejected: reason}, "dossier_rejected", reason)
	})
}

// WaitAgain puts a firm that was rejected back among those that wait, with what
// somebody says of it whose power of attorney was accepted. Of a firm that waits
// already his word replaces what was declared; of a verified one it does nothing.
// The engine itself only.
func (s *Service) WaitAgain(ctx context.Context, actor auth.Actor, firm string, words []Word) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	for i := range words {
		words[i].Source, words[i].Asked = Declared, true
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.settleRegister(ctx, firm, RegisterWaiting, RegisterRejected); err != nil {
			return err
		}
		state, err := s.RegisterState(ctx, firm)
		if err != nil || !Unsettled(state) {
			return err
		}
		_, err = s.record(ctx, actor, firm, words)
		return err
	})
}

// Unsettled says of a state towards the register that what stands in the file is
// what somebody declared, and nobody has verified.
func Unsettled(state string) bool {
	return state == RegisterWaiting || state == RegisterUnknown || state == RegisterRejected
}

// UnsettledOf are those of the firms of which it is so.
func (s *Service) UnsettledOf(ctx context.Context, firms []string) (map[string]bool, error) {
	if len(firms) == 0 {
		return nil, nil
	}
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT d.enterprise_id FROM identity_dossier d WHERE d.register IN ('waiting','unknown','rejected') AND d.enterprise_id IN `+db.In(&args, firms), args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: unsettled: %w", err)
	}
	out := make(map[string]bool, len(list))
	for _, id := range list {
		out[id] = true
	}
	return out, nil
}
