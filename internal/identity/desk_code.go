package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// DeskCodeTTL is how long a code for the window is good.
const DeskCodeTTL = 5 * time.Minute

// ErrDeskCode is a code that is wrong, over, or used: they are not told apart.
var ErrDeskCode = errs.Define(errs.Invalid, "identity.desk_code")

// Letters and figures that nobody mistakes for another.
const deskLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

var deskCode = regexp.MustCompile(`^SQ[2-9A-HJKMNP-TV-Z]{8}$`)

// DeskCode is a code as its owner shows it, once.
type DeskCode struct {
	Code         string // SQ-XXXX-XXXX
	EnterpriseID string
	ExpiresAt    time.Time
}

// ParseDeskCode takes a code out of what was typed or scanned.
func ParseDeskCode(s string) (string, bool) {
	s = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(s)))
	return s, deskCode.MatchString(s)
}

// hashDesk is what is kept of a code. It is fast: what is guessed has forty bits
// and five minutes.
func hashDesk(code string) string {
	sum := sha256.Sum256([]byte("desk-code:" + code))
	return hex.EncodeToString(sum[:])
}

// ComesFor says whether a person may come to a window for a firm, "" for himself:
// to apply, or at least to stand in its queue.
func ComesFor(a auth.Actor, enterpriseID string) bool {
	return enterpriseID == "" || a.May(enterpriseID, auth.ModuleCases, "", false) || a.May(enterpriseID, auth.ModuleQueue, "", false)
}

// OfferDesk makes a code with which a clerk opens who shows it, and the firm he
// comes for ("" for himself). It takes the place of an earlier one.
func (s *Service) OfferDesk(ctx context.Context, actor auth.Actor, enterpriseID string) (DeskCode, error) {
	if actor.Kind != auth.Person || !ComesFor(actor, enterpriseID) {
		return DeskCode{}, ErrNotFound
	}
	if err := s.throttle.Hit(ctx, "desk-code:"+actor.ID, 30, time.Hour); err != nil {
		return DeskCode{}, err
	}
	code := "SQ"
	for b := make([]byte, 1); len(code) < 10; {
		if _, err := rand.Read(b); err != nil {
			return DeskCode{}, fmt.Errorf("identity: desk code: %w", err)
		}
		if int(b[0]) < 256/len(deskLetters)*len(deskLetters) { // no letter is likelier than another
			code += string(deskLetters[int(b[0])%len(deskLetters)])
		}
	}
	now := s.clock.Now()
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.db.Exec(ctx, `INSERT INTO identity_desk_code (account_id, enterprise_id, hash, created_at, expires_at, used_at, version) VALUES ($1,$2,$3,$4,$5,0,1)
			ON CONFLICT (account_id) DO UPDATE SET enterprise_id=excluded.enterprise_id, hash=excluded.hash, created_at=excluded.created_at, expires_at=excluded.expires_at, used_at=0, version=identity_desk_code.version+1`,
			actor.ID, enterpriseID, hashDesk(code), db.MS(now), db.MS(now.Add(DeskCodeTTL))); err != nil {
			return err
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.show_desk_code", Object: "account:" + actor.ID, OnBehalf: enterpriseID})
	})
	return DeskCode{Code: code[:2] + "-" + code[2:6] + "-" + code[6:], EnterpriseID: enterpriseID, ExpiresAt: now.Add(DeskCodeTTL)}, err
}

// deskRow is a code that is still good.
type deskRow struct{ account, enterprise string }

func (s *Service) liveDesk(ctx context.Context, actor auth.Actor, typed string) (deskRow, string, error) {
	if !actor.Has(auth.Clerk) {
		return deskRow{}, "", ErrForbidden
	}
	code, ok := ParseDeskCode(typed)
	if !ok {
		return deskRow{}, "", ErrDeskCode
	}
	hash := hashDesk(code)
	x, ok, err := db.Maybe(ctx, s.db.Read(ctx), func(r db.Scanner) (x deskRow, err error) { return x, r.Scan(&x.account, &x.enterprise) },
		`SELECT account_id, enterprise_id FROM identity_desk_code WHERE hash=$1 AND used_at=0 AND expires_at > $2`, hash, db.MS(s.clock.Now()))
	if err != nil {
		return x, "", fmt.Errorf("identity: desk code: %w", err)
	}
	if ok {
		who, err := s.Actor(ctx, x.account)
		if err != nil {
			return x, "", err
		}
		ok = ComesFor(who, x.enterprise) // he may have lost the firm since
	}
	if !ok {
		return x, "", ErrDeskCode
	}
	return x, hash, nil
}

// PeekDesk says whom a code stands for, without using it: the clerk sees whom he
// is about to serve, and for which firm, nil for himself.
func (s *Service) PeekDesk(ctx context.Context, actor auth.Actor, typed string) (Account, *Enterprise, error) {
	if err := s.TryDesk(ctx, actor); err != nil {
		return Account{}, nil, err
	}
	x, _, err := s.liveDesk(ctx, actor, typed)
	if err != nil {
		return Account{}, nil, err
	}
	if err := s.db.InTx(ctx, func(ctx context.Context) error { // as when he looks for somebody
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.find_visitor", Object: "account:" + x.account, OnBehalf: x.enterprise})
	}); err != nil {
		return Account{}, nil, fmt.Errorf("identity: desk code: %w", err)
	}
	a, err := s.Account(ctx, x.account)
	if err != nil || x.enterprise == "" {
		return a, nil, err
	}
	e, err := s.Enterprise(ctx, x.enterprise)
	return a, &e, err
}

// TryDesk counts a code that a clerk types. It is called outside a transaction:
// a wrong code ends that one, and its count would go with it.
func (s *Service) TryDesk(ctx context.Context, actor auth.Actor) error {
	return s.throttle.Hit(ctx, "desk-code-at:"+actor.ID, 60, 10*time.Minute)
}

// UseDesk takes a code, once, and says whom it stands for. TryDesk counts it
// before.
func (s *Service) UseDesk(ctx context.Context, actor auth.Actor, typed string) (account, enterprise string, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		x, hash, err := s.liveDesk(ctx, actor, typed)
		if err != nil {
			return err
		}
		n, err := s.db.Exec(ctx, `UPDATE identity_desk_code SET used_at=$2, version=version+1 WHERE hash=$1 AND used_at=0`, hash, db.MS(s.clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 { // another window was faster
			return ErrDeskCode
		}
		account, enterprise = x.account, x.enterprise
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.use_desk_code", Object: "account:" + x.account, OnBehalf: x.enterprise})
	})
	return account, enterprise, err
}
