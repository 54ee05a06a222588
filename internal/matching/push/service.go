package push

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Ports are what push asks of its neighbours; app passes them.
type Ports struct {
	// Fund is the money of a fund; false for one that is not known.
	Fund func(ctx context.Context, key string) (Fund, bool, error)
	// Officers are the names of the commissioners of firms, by firm.
	Officers func(ctx context.Context, firms []string) (map[string]i18n.Text, error)
	// ClauseOf is the key of the clause for which the award of a key was made; false
	// for an award of no list. It reads in the transaction of ctx.
	ClauseOf func(ctx context.Context, award string) (clause string, ok bool, err error)
}

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Matching *matching.Service
	Policies *policy.Service
	Identity *identity.Service
	Privacy  *privacy.Service
	Notify   *notify.Service
	Audit    *audit.Log
	Texts    *i18n.Catalog
	Facts    *facts.Facts
	Ports    Ports
}

// Service pushes.
type Service struct {
	Deps
	mu   sync.Mutex
	last seen
}

// New wires the package.
func New(d Deps) *Service {
	if d.Facts == nil {
		d.Facts = facts.Published()
	}
	return &Service{Deps: d}
}

func (s *Service) today() string { return workday.DateOf(s.Clock.Now()).String() }

const columns = `id, enterprise_id, clause, edition, kind, round, state, worth_fen, case_id, told_at, opened_at, applied_at, granted_at, declined_at`

func scan(r db.Scanner) (p Push, err error) {
	return p, r.Scan(&p.ID, &p.Firm, &p.Clause, &p.Edition, &p.Kind, &p.Round, &p.State, &p.Worth, &p.CaseID, db.Time{Time: &p.ToldAt}, db.Time{Time: &p.OpenedAt},
		db.Time{Time: &p.AppliedAt}, db.Time{Time: &p.GrantedAt}, db.Time{Time: &p.DeclinedAt})
}

// push returns one that concerns a firm for which the actor may read, or act.
func (s *Service) push(ctx context.Context, actor auth.Actor, id string, write bool) (Push, error) {
	p, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM matching_push WHERE id=$1`, id)
	if err != nil {
		return p, fmt.Errorf("push: %w", err)
	}
	if !ok || actor.Kind != auth.Person || !actor.May(p.Firm, auth.ModuleFile, "", write) {
		return p, ErrNotFound
	}
	return p, nil
}

// Open notes that somebody of the firm looks at a clause of which it was told, and
// returns the key of the clause.
func (s *Service) Open(ctx context.Context, actor auth.Actor, id string) (string, error) {
	p, err := s.push(ctx, actor, id, false)
	if err != nil {
		return "", err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.Exec(ctx, `UPDATE matching_push SET opened_at=$3, state=CASE WHEN state='told' THEN 'opened' ELSE state END, version=version+1
			WHERE enterprise_id=$1 AND clause=$2 AND opened_at=0`, p.Firm, p.Clause, db.MS(s.Clock.Now()))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("push: open: %w", err)
	}
	return p.Clause, nil
}

// Choose notes that somebody goes on from a clause to the item that receives
// applications, whose code it returns: what his firms hand in next comes from this
// clause, also where several share the item.
func (s *Service) Choose(ctx context.Context, actor auth.Actor, clause string) (item string, err error) {
	lib, err := s.Policies.Library(ctx)
	if err != nil {
		return "", err
	}
	e, ok := lib.Entry(clause)
	if !ok || e.Item == "" || actor.Kind != auth.Person {
		return "", ErrNotFound
	}
	firms := slices.DeleteFunc(slices.Clone(actor.Firms), func(f string) bool { return !actor.May(f, auth.ModuleFile, "", false) })
	if len(firms) == 0 {
		return e.Item, nil
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		var args db.Args
		now := args.Add(db.MS(s.Clock.Now()))
		_, err := s.DB.Exec(ctx, `UPDATE matching_push SET chosen_at=`+now+`, opened_at=CASE WHEN opened_at=0 THEN `+now+` ELSE opened_at END,
			state=CASE WHEN state='told' THEN 'opened' ELSE state END, version=version+1
			WHERE clause=`+args.Add(clause)+` AND applied_at=0 AND enterprise_id IN `+db.In(&args, firms), args...)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("push: choose: %w", err)
	}
	return e.Item, nil
}

// Decline says that the firm does not want a clause: nobody reminds it again.
func (s *Service) Decline(ctx context.Context, actor auth.Actor, id string) (firm string, err error) {
	p, err := s.push(ctx, actor, id, true)
	if err != nil {
		return "", err
	}
	return p.Firm, s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE matching_push SET declined_at=$3, state='declined', version=version+1
			WHERE enterprise_id=$1 AND clause=$2 AND state IN ('told','opened')`, p.Firm, p.Clause, db.MS(s.Clock.Now()))
		if err != nil {
			return fmt.Errorf("push: decline: %w", err)
		}
		if n == 0 {
			return ErrOver
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "push.decline", Object: "enterprise:" + p.Firm, Change: map[string]any{"clause": p.Clause}})
	})
}

// Happened follows a firm that applies for what it was told of, and is granted it.
func (s *Service) Happened(ctx context.Context, e cases.Happened) error {
	k := &e.Case
	if k.Party.Kind != identity.HolderEnterprise || k.ItemCode == "" {
		return nil
	}
	now := db.MS(s.Clock.Now())
	var err error
	switch {
	case e.Event.Command == cases.CmdSubmit || e.Event.Command == cases.CmdReceive:
		// Clauses may share an item. Where somebody went on to it from one of them,
		// the application is for that one; else nobody can tell, and it is for all.
		_, err = s.DB.Exec(ctx, `UPDATE matching_push SET applied_at=$3, state='applied', case_id=$4, version=version+1
			WHERE enterprise_id=$1 AND item=$2 AND applied_at=0 AND told_at <= $3 AND clause IN (
				SELECT p.clause FROM matching_push p WHERE p.enterprise_id=$1 AND p.item=$2 AND p.applied_at=0 AND p.told_at <= $3 AND p.chosen_at = (
					SELECT max(c.chosen_at) FROM matching_push c WHERE c.enterprise_id=$1 AND c.item=$2 AND c.applied_at=0 AND c.told_at <= $3))`,
			k.Party.ID, k.ItemCode, now, string(k.ID))
	case e.Event.Command == cases.CmdAward: // it did not even have to apply
		err = s.awarded(ctx, k, e.Event.Award().Key)
	case e.Event.Command == cases.CmdDecide && k.Outcome.Grants():
		_, err = s.DB.Exec(ctx, `UPDATE matching_push SET granted_at=$3, state='granted', version=version+1
			WHERE enterprise_id=$1 AND case_id=$2 AND granted_at=0`, k.Party.ID, string(k.ID), now)
	}
	if err != nil {
		return fmt.Errorf("push: %s: %w", e.Event.Command, err)
	}
	return nil
}

// awarded notes that a list gave a firm what one clause promises: other clauses with
// the same item promise something else, which it may still get.
func (s *Service) awarded(ctx context.Context, k *cases.Case, key string) error {
	clause, ok, err := s.Ports.ClauseOf(ctx, key)
	if err != nil || !ok {
		return err
	}
	_, err = s.DB.Exec(ctx, `UPDATE matching_push SET applied_at=$3, granted_at=$3, state='granted', case_id=$4, version=version+1
		WHERE enterprise_id=$1 AND clause=$2 AND applied_at=0 AND told_at <= $3`, k.Party.ID, clause, db.MS(s.Clock.Now()), string(k.ID))
	return err
}

// Mark is how a clause stands with a firm that was told of it.
type Mark struct {
	ID      string
	New     bool // nobody has looked at it
	Invited bool
	State   State
}

// Marks are those of a firm, by the key of the clause. What the firm is told
// follows from its file: who may not read that gets none.
func (s *Service) Marks(ctx context.Context, actor auth.Actor, firm string) (map[string]Mark, error) {
	if actor.Kind != auth.Person || !actor.May(firm, auth.ModuleFile, "", false) {
		return nil, ErrNotFound
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM matching_push WHERE enterprise_id=$1 ORDER BY told_at, id`, firm)
	if err != nil {
		return nil, fmt.Errorf("push: marks: %w", err)
	}
	out := map[string]Mark{}
	for _, p := range list {
		was := out[p.Clause]
		out[p.Clause] = Mark{ID: p.ID, New: p.OpenedAt.IsZero() && p.State == Told, Invited: was.Invited || p.Kind == Invite, State: p.State}
	}
	return out, nil
}

// Allowed says whether somebody wants to be told what suits his firms.
func (s *Service) Allowed(ctx context.Context, account string) (bool, error) {
	return s.Privacy.Allows(ctx, account, privacy.Recommend)
}

// Want says whether the actor wants it from now on.
func (s *Service) Want(ctx context.Context, actor auth.Actor, wants bool) error {
	return s.Privacy.Consent(ctx, actor, privacy.Recommend, wants)
}

// people are those of a firm who may be told.
func (s *Service) people(ctx context.Context, firm string) ([]identity.Account, error) {
	all, err := s.Identity.AgentsFor(ctx, firm, auth.ModuleFile)
	if err != nil {
		return nil, err
	}
	var out []identity.Account
	for _, a := range all {
		ok, err := s.Allowed(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, a)
		}
	}
	return out, nil
}

// seen is what the last run knew.
type seen struct {
	day        string
	generation int64
	at         time.Time
}
