package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Activation is how far an account of staff is its owner's that somebody else
// opened. Who opened it knows its first password: posts that need a second person
// have no effect before another one has seen the owner, or one administrator could
// be two people.
type Activation struct {
	Opened    bool // by somebody else; all others are their owner's
	OpenedBy  string
	Activated bool // has a password of his own
	Vouched   bool // was seen by a second person
	CodeHash  string
	CodeUntil time.Time
	Version   int
}

// ActivationOf returns how far an account is its owner's.
func (s *Service) ActivationOf(ctx context.Context, account string) (Activation, error) {
	a, _, err := db.Maybe(ctx, s.db.Read(ctx), func(r db.Scanner) (a Activation, err error) {
		var at, seen time.Time
		err = r.Scan(&a.OpenedBy, &a.CodeHash, db.Time{Time: &a.CodeUntil}, db.Time{Time: &at}, db.Time{Time: &seen}, &a.Version)
		a.Opened, a.Activated, a.Vouched = true, !at.IsZero(), !seen.IsZero()
		return a, err
	}, `SELECT opened_by, code_hash, code_until, activated_at, vouched_at, version FROM identity_activation WHERE account_id=$1`, account)
	if err != nil {
		return a, fmt.Errorf("identity: activation: %w", err)
	}
	if !a.Opened {
		a.Activated, a.Vouched = true, true
	}
	return a, nil
}

// NeedsVouching says whether an account holds, today, posts that have no effect
// before a second person has seen its owner.
func (s *Service) NeedsVouching(ctx context.Context, account string) (bool, error) {
	a, err := s.ActivationOf(ctx, account)
	if err != nil || a.Vouched {
		return false, err
	}
	posts, err := s.store.posts(ctx, account, s.Today())
	return slices.ContainsFunc(posts, needsSecond), err
}

func needsSecond(p auth.Post) bool { return NeedsSecond(p.Role) }

// effective leaves out the posts that have no effect yet.
func (s *Service) effective(ctx context.Context, account string, posts []auth.Post) ([]auth.Post, error) {
	if !slices.ContainsFunc(posts, needsSecond) {
		return posts, nil
	}
	a, err := s.ActivationOf(ctx, account)
	if err != nil || a.Vouched {
		return posts, err
	}
	return slices.DeleteFunc(posts, needsSecond), nil
}

// openedBy notes, in the transaction of ctx, that an account was opened by somebody else.
func (s *Service) openedBy(ctx context.Context, account, by string) error {
	_, err := s.db.Exec(ctx, `INSERT INTO identity_activation (account_id, opened_by, code_hash, code_by, code_until, activated_at, vouched_at, version) VALUES ($1,$2,'','',0,0,0,1)`, account, by)
	return err
}

// PutActivationCode keeps the hash of a code that was printed for the owner of an
// account. It joins the transaction of ctx; who may is the caller's.
func (s *Service) PutActivationCode(ctx context.Context, account, hash, by string, until time.Time) error {
	return s.db.ExecOne(ctx, `UPDATE identity_activation SET code_hash=$2, code_by=$3, code_until=$4, version=version+1 WHERE account_id=$1 AND vouched_at=0`, account, hash, by, db.MS(until))
}

// Activated notes that the owner of an account has given it a password of his own,
// and with vouched that he had a code from a second person, which is used up. It
// joins the transaction of ctx.
func (s *Service) Activated(ctx context.Context, account string, version int, vouched bool) error {
	now := db.MS(s.clock.Now())
	seen := int64(0)
	if vouched {
		seen = now
	}
	return s.db.ExecOne(ctx, `UPDATE identity_activation SET activated_at=$3, vouched_at=$4, code_hash='', version=version+1 WHERE account_id=$1 AND version=$2`, account, version, now, seen)
}
