package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// UnderAct is a step of a case that somebody took for its firm under a mandate.
type UnderAct struct {
	ID       string // of the event
	CaseID   ID
	Number   string
	ItemName i18n.Text
	Command  Command
	ActorID  string
	At       time.Time
}

// ActsShown is how many acts one page of ActsUnder holds; it returns one more
// when there are more.
const ActsShown = 50

// ActsUnder lists what was done for a firm under a mandate of an organisation,
// newest first, from the one before an event on ("" for all). For those who lead
// the firm; to everybody else the firm is not found.
func (s *Service) ActsUnder(ctx context.Context, actor auth.Actor, firm, mandate, before string) ([]UnderAct, error) {
	switch {
	case actor.Kind != auth.Person || !actor.ActsFor(firm):
		return nil, identity.ErrNotFound
	case !actor.Leads(firm, auth.LevelOwner, auth.LevelManager):
		return nil, identity.ErrForbidden
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x UnderAct, err error) {
		return x, r.Scan(&x.ID, &x.CaseID, &x.Number, db.JSON[i18n.Text]{V: &x.ItemName}, &x.Command, &x.ActorID, db.Time{Time: &x.At})
	}, `SELECT e.id, c.id, COALESCE(c.number, ''), c.item_name, e.command, e.actor_id, e.at FROM cases_case c JOIN cases_event e ON e.case_id = c.id
		WHERE c.party_id=$1 AND e.detail ->> 'mandate' = $2 AND ($3='' OR e.id < $3) ORDER BY e.id DESC LIMIT $4`, firm, mandate, before, ActsShown+1)
	if err != nil {
		return nil, fmt.Errorf("cases: acts under a mandate: %w", err)
	}
	return list, nil
}
