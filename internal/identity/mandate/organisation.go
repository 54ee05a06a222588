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
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Commission is a firm's mandate to an organisation (委托).
type Commission struct {
	ID           string
	Firm         string
	FirmName     i18n.Text
	Organisation string
	OrgName      i18n.Text
	Mandate      auth.Mandate
	State        State
	Side         string // "firm" or "organisation": who ended it
	Reason       string
	EndedAt      time.Time
	People       []Named // whom the organisation named
}

// Named is one of an organisation's people who acts under a mandate.
type Named struct {
	ID      string
	Account identity.Account
}

// Commission lets an organisation, named by its credit code, act for the firm.
// It names its people itself; nobody acts before it did.
func (s *Service) Commission(ctx context.Context, actor auth.Actor, firm, uscc string, g Grant) error {
	if err := leads(actor, firm, auth.LevelOwner, auth.LevelManager); err != nil {
		return err
	}
	g.Level = auth.LevelAgent
	now := s.Clock.Now()
	l, err := check(g, now, s.HasItem)
	if err != nil {
		return err
	}
	org, err := s.Identity.EnterpriseByUSCC(ctx, uscc)
	switch {
	case errors.Is(err, identity.ErrNotFound):
		return ErrNoFirm.At("uscc", ErrNoFirm.Code)
	case err != nil:
		return err
	case org.ID == firm:
		return ErrItself.At("uscc", ErrItself.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `UPDATE identity_mandate SET ended_at=until_at, version=version+1 WHERE enterprise_id=$1 AND organisation_id=$2 AND ended_at=0 AND until_at > 0 AND until_at <= $3`,
			firm, org.ID, db.MS(now)); err != nil {
			return err
		}
		n, err := s.DB.Exec(ctx, `INSERT INTO identity_mandate (id, enterprise_id, organisation_id, modules, items, read_only, since, until_at, given_by, ended_at, ended_by, ended_side, reason, version)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,0,'','','',1) ON CONFLICT (enterprise_id, organisation_id) WHERE ended_at = 0 DO NOTHING`,
			ids.New(now), firm, org.ID, l.modules, l.items, l.readOnly, db.MS(l.since), db.MS(l.until), actor.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrMandated.At("uscc", ErrMandated.Code)
		}
		return s.record(ctx, actor, "commission", firm, "", l.change(map[string]any{"organisation": org.ID}))
	})
}

// Commissions lists the mandates that a firm gave and those that it holds, to
// those who lead it.
func (s *Service) Commissions(ctx context.Context, actor auth.Actor, firm string) (given, held []Commission, err error) {
	if err := leads(actor, firm, auth.LevelOwner, auth.LevelManager); err != nil {
		return nil, nil, err
	}
	list, err := s.commissions(ctx, `(m.enterprise_id=$1 OR m.organisation_id=$1) AND (m.ended_at=0 OR m.ended_at > $2)`, firm, db.MS(s.Clock.Now().Add(-shownOver)))
	for _, c := range list {
		if c.Firm == firm {
			given = append(given, c)
		} else {
			held = append(held, c)
		}
	}
	return given, held, err
}

func (s *Service) commissions(ctx context.Context, where string, args ...any) ([]Commission, error) {
	now := s.Clock.Now()
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (c Commission, err error) {
		c.Mandate, err = identity.ScanMandate(r, db.Time{Time: &c.EndedAt}, &c.Side, &c.Reason)
		return c, err
	}, `SELECT m.id, m.enterprise_id, 'agent', m.modules, m.items, m.read_only, m.since, m.until_at, m.organisation_id, m.ended_at, m.ended_side, m.reason
		FROM identity_mandate m WHERE `+where+` ORDER BY m.ended_at, m.since DESC, m.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("mandate: commissions: %w", err)
	}
	for i := range list {
		c := &list[i]
		c.ID, c.Firm, c.Organisation = c.Mandate.ID, c.Mandate.Firm, c.Mandate.Via
		c.State = stateAt(c.Mandate, c.EndedAt, now)
		both, err := s.Identity.Enterprises(ctx, []string{c.Firm, c.Organisation})
		if err != nil {
			return nil, err
		}
		for _, e := range both {
			if e.ID == c.Firm {
				c.FirmName = e.Name
			} else {
				c.OrgName = e.Name
			}
		}
		if c.People, err = s.named(ctx, c.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) named(ctx context.Context, id string) ([]Named, error) {
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (n Named, err error) { return n, r.Scan(&n.ID, &n.Account.ID) },
		`SELECT id, account_id FROM identity_mandate_person WHERE mandate_id=$1 AND ended_at=0 ORDER BY since, id`, id)
	if err != nil {
		return nil, fmt.Errorf("mandate: named: %w", err)
	}
	for i := range rows {
		if rows[i].Account, err = s.Identity.Account(ctx, rows[i].Account.ID); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// ours is a mandate in force that one of the two sides may change: the firm, or
// the organisation. To everybody else there is none.
func (s *Service) ours(ctx context.Context, actor auth.Actor, id string) (c Commission, firm, organisation bool, err error) {
	list, err := s.commissions(ctx, `m.id=$1`, id)
	if err != nil {
		return c, false, false, err
	}
	if len(list) == 0 {
		return c, false, false, ErrNotFound
	}
	c = list[0]
	firm, organisation = actor.Leads(c.Firm, auth.LevelOwner, auth.LevelManager), actor.Leads(c.Organisation, auth.LevelOwner, auth.LevelManager)
	switch {
	case actor.Kind != auth.Person || !firm && !organisation:
		return c, false, false, ErrNotFound
	case c.State == Over:
		return c, firm, organisation, ErrOver
	}
	return c, firm, organisation, nil
}

// EndCommission ends a mandate for all who act under it, from now on. Either side may.
func (s *Service) EndCommission(ctx context.Context, actor auth.Actor, id, reason string) error {
	c, firm, _, err := s.ours(ctx, actor, id)
	if err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > 200 {
		return ErrInvalid.At("reason", errReason.Code)
	}
	side := "organisation"
	if firm {
		side = "firm"
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE identity_mandate SET ended_at=$2, ended_by=$3, ended_side=$4, reason=$5, version=version+1 WHERE id=$1 AND ended_at=0`, id, db.MS(s.Clock.Now()), actor.ID, side, reason)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrOver
		}
		return s.record(ctx, actor, "end_commission", c.Firm, reason, map[string]any{"organisation": c.Organisation, "side": side})
	})
}

// Name lets one of the organisation's own people act under a mandate. Who acts
// for the organisation only by way of another cannot: it is not given on.
func (s *Service) Name(ctx context.Context, actor auth.Actor, id, account string) error {
	c, _, organisation, err := s.ours(ctx, actor, id)
	if err != nil {
		return err
	}
	if !organisation {
		return ErrForbidden
	}
	own, err := s.people(ctx, `g.enterprise_id=$1 AND g.account_id=$2 AND g.ended_at=0`, c.Organisation, account)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(own, func(p Person) bool { return p.State == InForce && p.Account.State == "active" }) {
		return ErrInvalid.At("account", ErrColleague.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_mandate_person (id, mandate_id, account_id, named_by, since, ended_at) VALUES ($1,$2,$3,$4,$5,0)
			ON CONFLICT (mandate_id, account_id) WHERE ended_at = 0 DO NOTHING`, ids.New(now), id, account, actor.ID, db.MS(now)); err != nil {
			return err
		}
		return s.record(ctx, actor, "name", c.Firm, "", map[string]any{"organisation": c.Organisation, "account": account})
	})
}

// Unname takes somebody off a mandate: the organisation, or the firm.
func (s *Service) Unname(ctx context.Context, actor auth.Actor, id, person string) error {
	c, _, _, err := s.ours(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE identity_mandate_person SET ended_at=$3 WHERE id=$1 AND mandate_id=$2 AND ended_at=0`, person, id, db.MS(s.Clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return s.record(ctx, actor, "unname", c.Firm, "", map[string]any{"organisation": c.Organisation, "person": person})
	})
}
