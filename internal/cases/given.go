package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// givenMonths is how long before an application an award for the same item is told.
const givenMonths = 24

// Given is what the firm of a case got for the same item from a public list.
type Given struct {
	ID     ID
	Number string
	At     time.Time
	Amount money.Fen
	Sees   bool // the actor may open that case
}

// Given are the awards for the item of a case, to its firm, in the two years before
// it was handed in, or before now for a draft, and later; the newest first. What was
// undone is none of them. It is only told: the firm may ask for something else under
// the same item, which people have to judge. A case that came by a list itself, one
// of a person, and one that ended with nothing have none, without a query. That the
// actor sees the case k is the business of the caller.
func (s *Service) Given(ctx context.Context, actor auth.Actor, k *Case) ([]Given, error) {
	if k.Party.Kind != identity.HolderEnterprise || k.Channel == ByAward || k.State == Withdrawn || k.State == Refused || k.State == Revoked {
		return nil, nil
	}
	since := k.SubmittedAt
	if since.IsZero() {
		since = s.Clock.Now()
	}
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (g Given, err error) {
		var e Event
		var sees int
		err = r.Scan(&g.ID, &g.Number, db.Time{Time: &g.At}, db.JSON[map[string]any]{V: &e.Detail}, &sees)
		g.Amount, g.Sees = e.Award().Amount, sees == 1
		return g, err
	}, `SELECT c.id, c.number, c.decided_at, e.detail, CASE WHEN `+visible(&args, actor)+` THEN 1 ELSE 0 END
		FROM cases_case c JOIN cases_event e ON e.case_id=c.id AND e.command=`+args.Add(string(CmdAward))+`
		WHERE c.party_id=`+args.Add(k.Party.ID)+` AND c.party_kind='enterprise' AND c.item_code=`+args.Add(k.ItemCode)+` AND c.channel=`+args.Add(string(ByAward))+`
		AND c.state<>'revoked' AND c.decided_at >= `+args.Add(db.MS(since.AddDate(0, -givenMonths, 0)))+` ORDER BY c.decided_at DESC, c.id DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("cases: given: %w", err)
	}
	return list, nil
}
