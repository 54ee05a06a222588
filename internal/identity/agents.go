package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Colleague is somebody who acts for a firm.
type Colleague struct {
	Account
	Level Level
	Since time.Time
}

// AgentsOf lists who acts for a firm, the owner first, to those who do.
func (s *Service) AgentsOf(ctx context.Context, actor auth.Actor, firm string) ([]Colleague, error) {
	if actor.Kind != auth.Person || !actor.ActsFor(firm) {
		return nil, ErrNotFound
	}
	accounts, err := s.Agents(ctx, firm)
	if err != nil {
		return nil, fmt.Errorf("identity: agents: %w", err)
	}
	type row struct {
		id    string
		level Level
		since time.Time
	}
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.id, &x.level, db.Time{Time: &x.since}) },
		`SELECT account_id, level, since FROM identity_agent WHERE enterprise_id=$1 AND ended_at=0`, firm)
	if err != nil {
		return nil, fmt.Errorf("identity: agents: %w", err)
	}
	out := make([]Colleague, len(accounts))
	for i, a := range accounts {
		out[i].Account = a
		if j := slices.IndexFunc(rows, func(x row) bool { return x.id == a.ID }); j >= 0 {
			out[i].Level, out[i].Since = rows[j].level, rows[j].since
		}
	}
	return out, nil
}

// CheckOwner is nil when the actor owns the firm, ErrForbidden when he only
// acts for it, and ErrNotFound for everybody else.
func (s *Service) CheckOwner(ctx context.Context, actor auth.Actor, firm string) error {
	all, err := s.AgentsOf(ctx, actor, firm)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(a Colleague) bool { return a.ID == actor.ID && a.Level == Owner }) {
		return ErrForbidden
	}
	return nil
}

// AddAgent lets a colleague act for the owner's firm. He is named by the phone
// number of his account and by his name, so that a slip of the finger gives
// nobody a right: what does not fit is not told apart from what is not there.
func (s *Service) AddAgent(ctx context.Context, actor auth.Actor, firm, phone, name string) (Account, error) {
	if err := s.CheckOwner(ctx, actor, firm); err != nil {
		return Account{}, err
	}
	if err := s.throttle.Hit(ctx, "add-agent:"+actor.ID, 20, time.Hour); err != nil {
		return Account{}, err
	}
	phone, name = strings.ReplaceAll(strings.TrimSpace(phone), " ", ""), strings.TrimSpace(name)
	var args db.Args
	list, err := db.List(ctx, s.db.Read(ctx), s.store.scanAccount, `SELECT `+accountColumns+` FROM identity_account
		WHERE kind='person' AND state='active' AND `+s.store.hasPhone(&args, phone)+` AND phone_proven_at >= `+args.Add(s.provenFrom()), args...)
	if err != nil {
		return Account{}, fmt.Errorf("identity: add agent: %w", err)
	}
	list = slices.DeleteFunc(list, func(a Account) bool {
		return a.Name.ZH != name && (a.Name.EN == "" || !strings.EqualFold(a.Name.EN, name))
	})
	if len(list) != 1 || phone == "" { // a telephone that two share names nobody
		return Account{}, ErrColleague.At("phone", ErrColleague.Code)
	}
	to := list[0]
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		now := s.clock.Now()
		n, err := s.db.Exec(ctx, `INSERT INTO identity_agent (id, enterprise_id, account_id, level, since, ended_at) VALUES ($1,$2,$3,$4,$5,0)
			ON CONFLICT (enterprise_id, account_id) WHERE ended_at = 0 DO NOTHING`, ids.New(now), firm, to.ID, string(Agent), db.MS(now))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrActsAlready.At("phone", ErrActsAlready.Code)
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.authorise", Object: "enterprise:" + firm, OnBehalf: firm, Change: map[string]any{"account": to.ID, "level": Agent}})
	})
	return to, err
}

// EndAgent ends what a colleague may do for the owner's firm, from now on. The
// owner does not end his own right here: then nobody could give it back.
func (s *Service) EndAgent(ctx context.Context, actor auth.Actor, firm, account string) error {
	if err := s.CheckOwner(ctx, actor, firm); err != nil {
		return err
	}
	if account == actor.ID {
		return ErrForbidden
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		n, err := s.db.Exec(ctx, `UPDATE identity_agent SET ended_at=$3 WHERE enterprise_id=$1 AND account_id=$2 AND ended_at=0 AND level <> 'owner'`, firm, account, db.MS(s.clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.end_authorisation", Object: "enterprise:" + firm, OnBehalf: firm, Change: map[string]any{"account": account}})
	})
}
