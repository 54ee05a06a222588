package cases

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Attention is what the running cases of one party ask for.
type Attention struct {
	Party   string
	Running int
	Waiting int                   // of the running ones, for the party itself
	Lights  map[workday.Light]int // of the running ones that are being handled, without the normal
}

// AttentionOf sums up the cases of parties that were submitted and have not
// ended, as far as the actor may see them, in one line for each party that has
// any. An order is one of them, its steps are not; the lights of a decided case
// do not count, since nobody has to hurry any more.
func (s *Service) AttentionOf(ctx context.Context, actor auth.Actor, parties []string) (map[string]Attention, error) {
	var args db.Args
	where := visible(&args, actor) + ` AND c.party_id IN ` + db.In(&args, parties) + ` AND c.parent_id = '' AND c.state IN ('submitted','supplementing','handling','decided')`
	now := args.Add(db.MS(s.Clock.Now()))
	reached := func(column string) string { return `(c.` + column + ` > 0 AND c.` + column + ` <= ` + now + `)` }
	count := func(cond string) string { return `sum(CASE WHEN ` + cond + ` THEN 1 ELSE 0 END)` }
	lit := `c.state = 'handling' AND c.accepted_at > 0 AND NOT c.paused AND c.decided_at = 0 AND `
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (Attention, error) {
		var x Attention
		var red, yellow, warning int
		err := r.Scan(&x.Party, &x.Running, &x.Waiting, &red, &yellow, &warning)
		x.Lights = map[workday.Light]int{}
		for l, n := range map[workday.Light]int{workday.Red: red, workday.Yellow: yellow, workday.Warning: warning} {
			if n > 0 {
				x.Lights[l] = n
			}
		}
		return x, err
	}, `SELECT c.party_id, count(*), `+count(`c.needs_applicant`)+`, `+count(lit+reached("red_at"))+`, `+
		count(lit+reached("yellow_at")+` AND NOT `+reached("red_at"))+`, `+
		count(lit+reached("warn_at")+` AND NOT `+reached("yellow_at")+` AND NOT `+reached("red_at"))+`
		FROM cases_case c WHERE `+where+` GROUP BY c.party_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("cases: attention: %w", err)
	}
	out := make(map[string]Attention, len(rows))
	for _, x := range rows {
		out[x.Party] = x
	}
	return out, nil
}
