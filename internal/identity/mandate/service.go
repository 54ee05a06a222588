package mandate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Audit    *audit.Log
	Throttle *throttle.Throttle
	Notify   *notify.Service
	Identity *identity.Service
	HasItem  func(code string) bool // of the catalogue
}

// Service is the use cases of the package, one file per group.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service { return &Service{d} }

// shownOver is how long somebody who acts no more still stands in the list.
const shownOver = 90 * 24 * time.Hour

// leads refuses everybody but who leads the firm with one of the levels: others
// who act for it are told that they may not, strangers that there is no such firm.
func leads(actor auth.Actor, firm string, levels ...auth.Level) error {
	switch {
	case actor.Kind != auth.Person || !actor.ActsFor(firm):
		return ErrNotFound
	case !actor.Leads(firm, levels...):
		return ErrForbidden
	default:
		return nil
	}
}

// over says who may appoint and end somebody of a level.
func overLevel(l auth.Level) []auth.Level {
	if l == auth.LevelAgent {
		return []auth.Level{auth.LevelOwner, auth.LevelManager}
	}
	return []auth.Level{auth.LevelOwner}
}

const personColumns = identity.MandateColumns + `, g.account_id, g.ended_at, g.reason, g.given_by, g.version`

func scanPerson(r db.Scanner) (p Person, err error) {
	p.Mandate, err = identity.ScanMandate(r, &p.AccountID, db.Time{Time: &p.EndedAt}, &p.Reason, &p.GivenBy, &p.Version)
	return p, err
}

// People lists who acts for a firm itself, who will, and who did until lately:
// owners first. For those whom the firm named itself; agents see only those who
// act now.
func (s *Service) People(ctx context.Context, actor auth.Actor, firm string) ([]Person, error) {
	if actor.Kind != auth.Person || !actor.Leads(firm, auth.LevelOwner, auth.LevelManager, auth.LevelAgent) {
		return nil, ErrNotFound
	}
	now := s.Clock.Now()
	list, err := s.people(ctx, `g.enterprise_id=$1 AND (g.ended_at=0 OR g.ended_at > $2)`, firm, db.MS(now.Add(-shownOver)))
	if err != nil {
		return nil, err
	}
	lead := actor.Leads(firm, auth.LevelOwner, auth.LevelManager)
	list = slices.DeleteFunc(list, func(p Person) bool {
		return !lead && p.State != InForce || p.State == Over && p.Mandate.Until.Before(now.Add(-shownOver)) && p.EndedAt.IsZero()
	})
	rank := func(p Person) int {
		return slices.Index([]State{InForce, Future, Over}, p.State)*10 + slices.Index([]auth.Level{auth.LevelOwner, auth.LevelManager, auth.LevelAgent}, p.Mandate.Level)
	}
	slices.SortStableFunc(list, func(a, b Person) int { return rank(a) - rank(b) })
	return list, nil
}

func (s *Service) people(ctx context.Context, where string, args ...any) ([]Person, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), scanPerson, `SELECT `+personColumns+` FROM identity_agent g WHERE `+where+` ORDER BY g.since, g.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("mandate: people: %w", err)
	}
	of := make([]string, len(list))
	for i := range list {
		of[i] = list[i].AccountID
	}
	accounts, err := s.Identity.Accounts(ctx, of)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	for i := range list {
		p := &list[i]
		if j := slices.IndexFunc(accounts, func(a identity.Account) bool { return a.ID == p.AccountID }); j >= 0 {
			p.Account = accounts[j]
		}
		p.State = stateAt(p.Mandate, p.EndedAt, now)
	}
	return list, nil
}

// one is an authorisation of a firm.
func (s *Service) one(ctx context.Context, firm, id string) (Person, error) {
	list, err := s.people(ctx, `g.id=$1 AND g.enterprise_id=$2`, id, firm)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Person{}, err
	}
	return list[0], nil
}

// Appoint lets somebody act for the firm. He is named by the phone number of his
// account and by his name, so that a slip of the finger gives nobody a right:
// what does not fit is not told apart from what is not there. An owner is not
// made so, see OfferOwnership and Invite.
func (s *Service) Appoint(ctx context.Context, actor auth.Actor, firm, phone, name string, g Grant) (identity.Account, error) {
	if err := leads(actor, firm, overLevel(g.Level)...); err != nil {
		return identity.Account{}, err
	}
	l, err := check(g, s.Clock.Now(), s.HasItem)
	if err == nil && g.Level == auth.LevelOwner {
		err = ErrInvalid.At("level", errLevel.Code)
	}
	if err != nil {
		return identity.Account{}, err
	}
	if err := s.Throttle.Hit(ctx, "add-agent:"+actor.ID, 20, time.Hour); err != nil {
		return identity.Account{}, err
	}
	to, found, err := s.Identity.Named(ctx, phone, name)
	if err != nil {
		return identity.Account{}, err
	}
	if !found {
		return identity.Account{}, ErrColleague.At("phone", ErrColleague.Code)
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.insert(ctx, firm, to.ID, actor.ID, l); err != nil {
			return err
		}
		if err := s.record(ctx, actor, "appoint", firm, "", l.change(map[string]any{"account": to.ID})); err != nil {
			return err
		}
		return s.tell(ctx, to, firm, "mandate_given", ids.New(s.Clock.Now()), map[string]any{"who": actor.Name})
	})
	if errors.Is(err, ErrActs) {
		err = ErrActs.At("phone", ErrActs.Code)
	}
	return to, err
}

// insert writes an authorisation. One of the same person whose period is over
// makes room for it.
func (s *Service) insert(ctx context.Context, firm, account, by string, l limits) error {
	now := s.Clock.Now()
	if _, err := s.DB.Exec(ctx, `UPDATE identity_agent SET ended_at=until_at, version=version+1 WHERE enterprise_id=$1 AND account_id=$2 AND ended_at=0 AND until_at > 0 AND until_at <= $3`,
		firm, account, db.MS(now)); err != nil {
		return err
	}
	n, err := s.DB.Exec(ctx, `INSERT INTO identity_agent (id, enterprise_id, account_id, level, since, ended_at, modules, items, read_only, until_at, given_by) VALUES ($1,$2,$3,$4,$5,0,$6,$7,$8,$9,$10)
		ON CONFLICT (enterprise_id, account_id) WHERE ended_at = 0 DO NOTHING`, ids.New(now), firm, account, string(l.level), db.MS(l.since), l.modules, l.items, l.readOnly, db.MS(l.until), by)
	if err == nil && n == 0 {
		err = ErrActs
	}
	return err
}

func (l limits) change(more map[string]any) map[string]any {
	more["level"], more["modules"], more["items"], more["read_only"], more["since"], more["until"] = l.level, l.modules, l.items, l.readOnly, db.MS(l.since), db.MS(l.until)
	return more
}

func (s *Service) record(ctx context.Context, actor auth.Actor, what, firm, reason string, change map[string]any) error {
	return s.Audit.Record(ctx, actor, audit.Note{Action: "mandate." + what, Object: "enterprise:" + firm, OnBehalf: firm, Reason: reason, Change: change})
}

// tell writes to somebody about his part in a firm.
func (s *Service) tell(ctx context.Context, to identity.Account, firm, kind, key string, params map[string]any) error {
	e, err := s.Identity.Enterprise(ctx, firm)
	if err != nil {
		return err
	}
	params["firm"] = e.Name
	return s.Notify.Tell(ctx, notify.Reader{AccountID: to.ID, Locale: to.Locale, Mail: to.Email}, notify.News{Key: kind + ":" + key, Kind: kind, Link: "/my/account", Params: params})
}

// Change gives an authorisation other limits, or another level: the old one ends
// and a new one begins, so that who looks back sees what was in force when.
func (s *Service) Change(ctx context.Context, actor auth.Actor, firm, id string, version int, g Grant) error {
	p, err := s.mine(ctx, actor, firm, id)
	if err != nil {
		return err
	}
	if err := leads(actor, firm, overLevel(g.Level)...); err != nil {
		return err
	}
	l, err := check(g, s.Clock.Now(), s.HasItem)
	if err == nil && g.Level == auth.LevelOwner {
		err = ErrInvalid.At("level", errLevel.Code)
	}
	if err != nil {
		return err
	}
	if p.AccountID == actor.ID { // nobody widens or narrows what he has himself
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.end(ctx, actor, id, version, ""); err != nil {
			return err
		}
		if err := s.insert(ctx, firm, p.AccountID, actor.ID, l); err != nil {
			return err
		}
		if err := s.record(ctx, actor, "change", firm, "", l.change(map[string]any{"account": p.AccountID})); err != nil {
			return err
		}
		return s.tell(ctx, p.Account, firm, "mandate_changed", ids.New(s.Clock.Now()), map[string]any{"who": actor.Name})
	})
}

// mine is an authorisation that the actor may change or end: an owner's is only
// his own.
func (s *Service) mine(ctx context.Context, actor auth.Actor, firm, id string) (Person, error) {
	if err := leads(actor, firm, auth.LevelOwner, auth.LevelManager, auth.LevelAgent); err != nil {
		return Person{}, err
	}
	p, err := s.one(ctx, firm, id)
	if err != nil {
		return Person{}, err
	}
	if p.State == Over {
		return p, ErrOver
	}
	if p.AccountID == actor.ID {
		return p, nil
	}
	if p.Mandate.Level == auth.LevelOwner {
		return p, ErrForbidden
	}
	return p, leads(actor, firm, overLevel(p.Mandate.Level)...)
}

// end writes the end of an authorisation; version 0 asks for none.
func (s *Service) end(ctx context.Context, actor auth.Actor, id string, version int, reason string) error {
	n, err := s.DB.Exec(ctx, `UPDATE identity_agent SET ended_at=$2, ended_by=$3, reason=$4, version=version+1 WHERE id=$1 AND ended_at=0 AND ($5=0 OR version=$5)`,
		id, db.MS(s.Clock.Now()), actor.ID, reason, version)
	if err == nil && n == 0 {
		err = ErrOver
	}
	return err
}

// End ends an authorisation now, and says why. Everybody may end his own; the
// last owner of a firm may not.
func (s *Service) End(ctx context.Context, actor auth.Actor, firm, id, reason string) (Person, error) {
	p, err := s.mine(ctx, actor, firm, id)
	if err != nil {
		return p, err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > 200 {
		return p, ErrInvalid.At("reason", errReason.Code)
	}
	return p, s.DB.InTx(ctx, func(ctx context.Context) error {
		if p.Mandate.Level == auth.LevelOwner {
			if err := s.anotherOwner(ctx, firm, p.AccountID); err != nil {
				return err
			}
		}
		if err := s.end(ctx, actor, id, 0, reason); err != nil {
			return err
		}
		if err := s.record(ctx, actor, "end", firm, reason, map[string]any{"account": p.AccountID, "level": p.Mandate.Level}); err != nil {
			return err
		}
		if p.AccountID == actor.ID {
			return nil
		}
		return s.tell(ctx, p.Account, firm, "mandate_ended", id, map[string]any{"who": actor.Name, "reason": reason})
	})
}

// anotherOwner holds the owners of a firm and refuses when nobody but one is
// left who can sign in. Two who leave at once wait for each other here.
func (s *Service) anotherOwner(ctx context.Context, firm, but string) error {
	if _, err := s.DB.Exec(ctx, `UPDATE identity_agent SET version=version+1 WHERE enterprise_id=$1 AND level='owner' AND ended_at=0`, firm); err != nil {
		return err
	}
	others, err := s.people(ctx, `g.enterprise_id=$1 AND g.level='owner' AND g.ended_at=0 AND g.account_id <> $2`, firm, but)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(others, func(p Person) bool { return p.State == InForce && p.Account.State == "active" }) {
		return ErrLastOwner
	}
	return nil
}
