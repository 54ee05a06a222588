package claim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Grants gives and ends authorisations; both join the transaction of ctx.
type Grants interface {
	Admit(ctx context.Context, actor auth.Actor, firm, account string, level auth.Level, by string) error
	Dismiss(ctx context.Context, actor auth.Actor, firm, account, reason string) error
}

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Dossier  *dossier.Service
	Grants   Grants
	Files    *files.Store
	Notify   *notify.Service
	Audit    *audit.Log
	Throttle *throttle.Throttle
	Quota    *quota.Book
}

// Service is the use cases of the package.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service { return &Service{d} }

// The states of a claim.
const (
	Waiting  = "waiting" // for the register
	Open     = "open"
	Accepted = "accepted"
	Rejected = "rejected"
)

// Claim of somebody to act for a firm.
type Claim struct {
	ID          string
	Firm        identity.Enterprise
	AccountID   string
	Account     identity.Account
	Real        []identity.RealName // how surely the account is the person; for who decides
	Level       auth.Level
	Proven      bool
	Provisional bool
	Paper       string
	SaidName    string // of a firm whose file nobody has verified: what he writes that it is called,
	SaidPerson  string // and who its legal representative is
	FirstBy     string // who of two officers agreed, "" for nobody
	FirstName   i18n.Text
	State       string
	Reason      string
	DecidedBy   string // "" for the engine
	DecidedName i18n.Text
	DecidedAt   time.Time
	CreatedAt   time.Time
	Version     int
	May         bool // the reader decides it
	Own         bool // the reader made it
}

const columns = `c.id, c.enterprise_id, c.account_id, c.level, c.proven, c.provisional, c.paper, c.state, c.reason, c.decided_by, c.decided_name, c.decided_at, c.created_at, c.version, c.said_name, c.said_person, c.first_by, c.first_name`

func scan(r db.Scanner) (c Claim, err error) {
	return c, r.Scan(&c.ID, &c.Firm.ID, &c.AccountID, &c.Level, &c.Proven, &c.Provisional, &c.Paper, &c.State, &c.Reason, &c.DecidedBy, db.JSON[i18n.Text]{V: &c.DecidedName},
		db.Time{Time: &c.DecidedAt}, db.Time{Time: &c.CreatedAt}, &c.Version, &c.SaidName, &c.SaidPerson, &c.FirstBy, db.JSON[i18n.Text]{V: &c.FirstName})
}

func (s *Service) list(ctx context.Context, actor auth.Actor, where string, args ...any) ([]Claim, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM identity_claim c JOIN identity_enterprise e ON e.id = c.enterprise_id WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("claim: list: %w", err)
	}
	var accounts, firms []string
	for i := range list {
		accounts, firms = append(accounts, list[i].AccountID), append(firms, list[i].Firm.ID)
	}
	people, err := s.Identity.Accounts(ctx, accounts)
	if err != nil {
		return nil, err
	}
	named, err := s.Identity.Enterprises(ctx, firms)
	if err != nil {
		return nil, err
	}
	for i := range list {
		c := &list[i]
		if j := slices.IndexFunc(people, func(a identity.Account) bool { return a.ID == c.AccountID }); j >= 0 {
			c.Account = people[j]
		}
		if j := slices.IndexFunc(named, func(e identity.Enterprise) bool { return e.ID == c.Firm.ID }); j >= 0 {
			c.Firm = named[j]
		}
		c.Own = actor.Kind == auth.Person && c.AccountID == actor.ID
		c.May = c.State == Open && c.AccountID != actor.ID && c.FirstBy != actor.ID && s.decides(actor, c)
	}
	return list, nil
}

// decides says that the actor is an owner of the firm, or of the department that
// keeps the register of companies there.
func (s *Service) decides(actor auth.Actor, c *Claim) bool {
	if actor.Kind == auth.Person {
		return actor.Leads(c.Firm.ID, auth.LevelOwner)
	}
	return s.Dossier.Verifies(actor, c.Firm.Region)
}

// NoteSwitch keeps who switched the register of a demonstration off or on.
func (s *Service) NoteSwitch(ctx context.Context, actor auth.Actor, down bool) error {
	if !actor.Has(auth.SystemAdmin) {
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, actor, audit.Note{Action: "register.switch", Object: "register:" + dossier.Market, Change: map[string]any{"down": down}})
	})
}

// Mine lists the claims of the actor, newest first.
func (s *Service) Mine(ctx context.Context, actor auth.Actor) ([]Claim, error) {
	if actor.Kind != auth.Person {
		return nil, ErrForbidden
	}
	return s.list(ctx, actor, `c.account_id=$1 ORDER BY c.created_at DESC, c.id DESC LIMIT 50`, actor.ID)
}

// ToDecide lists the open claims that the actor decides, the oldest first.
func (s *Service) ToDecide(ctx context.Context, actor auth.Actor) ([]Claim, error) {
	var args db.Args
	var parts []string
	switch actor.Kind {
	case auth.Person:
		own := slices.DeleteFunc(slices.Clone(actor.Firms), func(f string) bool { return !actor.Leads(f, auth.LevelOwner) })
		if len(own) > 0 {
			parts = append(parts, `c.enterprise_id IN `+db.In(&args, own))
		}
	case auth.Staff:
		for _, p := range actor.PostsOf(dossier.Keepers...) {
			if s.Dossier.Verifies(auth.Actor{Kind: auth.Staff, Posts: []auth.Post{p}}, p.Region) {
				parts = append(parts, `e.region LIKE `+args.Add(db.LikePrefix(auth.Reach(p.Region)))+` ESCAPE '\'`)
			}
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return s.list(ctx, actor, `c.state='open' AND c.account_id <> `+args.Add(actor.ID)+` AND (`+strings.Join(parts, " OR ")+`) ORDER BY c.created_at, c.id LIMIT 200`, args...)
}

// Claim returns one, to who made it and who decides it.
func (s *Service) Claim(ctx context.Context, actor auth.Actor, id string) (Claim, error) {
	list, err := s.list(ctx, actor, `c.id=$1`, id)
	if err != nil {
		return Claim{}, err
	}
	if len(list) == 0 || !(actor.Kind == auth.Person && list[0].AccountID == actor.ID) && !s.decides(actor, &list[0]) {
		return Claim{}, ErrNotFound
	}
	c := list[0]
	c.Real, err = s.Identity.RealNameOf(ctx, c.Account)
	return c, err
}

// PaperOf returns the power of attorney of a claim, to who may read the claim.
func (s *Service) PaperOf(ctx context.Context, actor auth.Actor, id string) (files.File, error) {
	c, err := s.Claim(ctx, actor, id)
	if err == nil && c.Paper == "" {
		err = ErrNotFound
	}
	if err != nil {
		return files.File{}, err
	}
	return s.Files.Find(ctx, c.Paper)
}
