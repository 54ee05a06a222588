package insight

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// store is the SQL of the module, all of it on the views of others.
type store struct{ db *db.DB }

// A day of the service begins at 00:00 in UTC+8, a week on Monday: an instant
// in milliseconds becomes the number of its day or week by whole division.
const weekNo = `(f.submitted_at + 288000000) / 604800000`

// work counts what desks did: a step of an order is a case like any other, and
// the order itself is none, else its steps would count twice.
const work = `f.part <> 'order'`

func day(instant string) string { return `(` + instant + ` + 28800000) / 86400000` }

// loads counts, for each department, both periods and what is in hand.
func (s store) loads(ctx context.Context, a auth.Actor, x span) ([]DepartmentRow, error) {
	var args db.Args
	before, from, until, now := args.Add(db.MS(x.before)), args.Add(db.MS(x.from)), args.Add(db.MS(x.until)), args.Add(db.MS(x.now))
	in := func(column string) string { return `f.` + column + ` >= ` + from + ` AND f.` + column + ` < ` + until }
	first := func(column string) string { return `f.` + column + ` >= ` + before + ` AND f.` + column + ` < ` + from }
	count := func(where string) string { return `count(*) FILTER (WHERE ` + where + `)` }
	running := `f.state = 'handling'`
	red := `f.red_at > 0 AND f.red_at <= ` + now
	yellow := `NOT (` + red + `) AND f.yellow_at > 0 AND f.yellow_at <= ` + now
	warning := `f.warn_at > 0 AND f.warn_at <= ` + now + ` AND (f.yellow_at = 0 OR f.yellow_at > ` + now + `) AND (f.red_at = 0 OR f.red_at > ` + now + `)`
	clock := running + ` AND NOT f.paused AND `
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (d DepartmentRow, err error) {
		return d, r.Scan(&d.ID, &d.Received.Now, &d.Received.Before, &d.Decided.Now, &d.Decided.Before, &d.InTime.Part, &d.InTime.Whole, &d.InTimeBefore.Part,
			&d.InTimeBefore.Whole, &d.Running, &d.Warning, &d.Yellow, &d.Red, &d.Waiting, &d.Crossed.Part, &d.Crossed.Whole, &d.CrossedFirst.Part, &d.CrossedFirst.Whole)
	}, `SELECT f.department_id, `+
		count(in("submitted_at"))+`, `+count(first("submitted_at"))+`, `+
		count(in("decided_at"))+`, `+count(first("decided_at"))+`, `+
		count(in("decided_at")+` AND f.due_at > f.decided_at`)+`, `+count(in("decided_at")+` AND f.due_at > 0`)+`, `+
		count(first("decided_at")+` AND f.due_at > f.decided_at`)+`, `+count(first("decided_at")+` AND f.due_at > 0`)+`, `+
		count(running)+`, `+count(clock+warning)+`, `+count(clock+yellow)+`, `+count(clock+red)+`, `+
		count(`f.needs_applicant AND f.state IN ('supplementing','handling')`)+`, `+
		count(in("submitted_at")+` AND f.receiving_region <> '' AND f.receiving_region <> f.region`)+`, `+count(in("submitted_at")+` AND f.receiving_region <> ''`)+`, `+
		count(first("submitted_at")+` AND f.receiving_region <> '' AND f.receiving_region <> f.region`)+`, `+count(first("submitted_at")+` AND f.receiving_region <> ''`)+`
		FROM cases_v_fact f WHERE `+scope(&args, a, "f")+` AND `+work+` GROUP BY f.department_id`, args...)
}

// rated counts, for each department, the ratings of both periods and those open.
func (s store) rated(ctx context.Context, a auth.Actor, x span) ([]DepartmentRow, error) {
	var args db.Args
	before, from, until := args.Add(db.MS(x.before)), args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	in := `(WHERE r.rated_at >= ` + from + ` AND r.rated_at < ` + until
	first := `(WHERE r.rated_at >= ` + before + ` AND r.rated_at < ` + from + `)`
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (d DepartmentRow, err error) {
		return d, r.Scan(&d.ID, &d.Ratings.N, &d.Ratings.Sum, &d.RatingsFirst.N, &d.RatingsFirst.Sum, &d.Bad, &d.ToRectify)
	}, `SELECT r.department_id, count(*) FILTER `+in+`), COALESCE(sum(r.score) FILTER `+in+`), 0), count(*) FILTER `+first+`, COALESCE(sum(r.score) FILTER `+first+`, 0),
		count(*) FILTER `+in+` AND r.score <= 2), count(*) FILTER (WHERE r.state = 'to_rectify')
		FROM feedback_v_rating r WHERE `+scope(&args, a, "r")+` GROUP BY r.department_id`, args...)
}

func (s store) items(ctx context.Context, a auth.Actor, x span) ([]ItemRow, error) {
	var args db.Args
	from, until := args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (i ItemRow, err error) { return i, r.Scan(&i.Code, &i.Received, &i.Decided) },
		`SELECT f.item_code, count(*) FILTER (WHERE f.submitted_at >= `+from+` AND f.submitted_at < `+until+`) AS received,
			count(*) FILTER (WHERE f.decided_at >= `+from+` AND f.decided_at < `+until+`)
		FROM cases_v_fact f WHERE `+scope(&args, a, "f")+` AND `+work+` AND (f.submitted_at >= `+from+` OR f.decided_at >= `+from+`)
		GROUP BY f.item_code ORDER BY received DESC, f.item_code LIMIT 10`, args...)
}

func (s store) ratedItems(ctx context.Context, a auth.Actor, x span, codes []string) (map[string]Score, error) {
	type row struct {
		code string
		Score
	}
	var args db.Args
	from, until := args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.code, &x.N, &x.Sum) },
		`SELECT r.item_code, count(*), sum(r.score) FROM feedback_v_rating r
		WHERE `+scope(&args, a, "r")+` AND r.rated_at >= `+from+` AND r.rated_at < `+until+` AND r.item_code IN `+db.In(&args, codes)+` GROUP BY r.item_code`, args...)
	out := map[string]Score{}
	for _, r := range rows {
		out[r.code] = r.Score
	}
	return out, err
}

func (s store) channels(ctx context.Context, a auth.Actor, x span) ([]ChannelRow, error) {
	var args db.Args
	from, until := args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (c ChannelRow, err error) { return c, r.Scan(&c.Channel, &c.N) },
		`SELECT f.channel, count(*) FROM cases_v_fact f WHERE `+scope(&args, a, "f")+` AND `+work+` AND f.submitted_at >= `+from+` AND f.submitted_at < `+until+`
		GROUP BY f.channel ORDER BY count(*) DESC, f.channel`, args...)
}

// outcomes counts what was decided, by how.
func (s store) outcomes(ctx context.Context, a auth.Actor, x span) ([]OutcomeRow, error) {
	var args db.Args
	from, until := args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (o OutcomeRow, err error) { return o, r.Scan(&o.Outcome, &o.N) },
		`SELECT f.outcome, count(*) FROM cases_v_fact f WHERE `+scope(&args, a, "f")+` AND `+work+` AND f.decided_at >= `+from+` AND f.decided_at < `+until+`
		GROUP BY f.outcome ORDER BY count(*) DESC, f.outcome`, args...)
}

// orders counts the bundles that were asked for, in both periods.
func (s store) orders(ctx context.Context, a auth.Actor, x span) (Count, error) {
	var args db.Args
	before, from, until := args.Add(db.MS(x.before)), args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	return db.One(ctx, s.db.Read(ctx), func(r db.Scanner) (c Count, err error) { return c, r.Scan(&c.Now, &c.Before) },
		`SELECT count(*) FILTER (WHERE f.submitted_at >= `+from+`), count(*) FILTER (WHERE f.submitted_at < `+from+`) FROM cases_v_fact f
		WHERE `+scope(&args, a, "f")+` AND f.part = 'order' AND f.submitted_at >= `+before+` AND f.submitted_at < `+until, args...)
}

// spared counts the papers that nobody had to bring.
func (s store) spared(ctx context.Context, a auth.Actor, x span) (Count, error) {
	var args db.Args
	before, from, until := args.Add(db.MS(x.before)), args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	return db.One(ctx, s.db.Read(ctx), func(r db.Scanner) (c Count, err error) { return c, r.Scan(&c.Now, &c.Before) },
		`SELECT count(*) FILTER (WHERE p.at >= `+from+`), count(*) FILTER (WHERE p.at < `+from+`) FROM identity_v_proof_saved p
		WHERE `+scope(&args, a, "p")+` AND p.at >= `+before+` AND p.at < `+until, args...)
}

// weeks counts what was submitted, by number of week.
func (s store) weeks(ctx context.Context, a auth.Actor, from, until time.Time) (map[int]int, error) {
	type row struct{ week, n int }
	var args db.Args
	since, to := args.Add(db.MS(from)), args.Add(db.MS(until))
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.week, &x.n) },
		`SELECT `+weekNo+`, count(*) FROM cases_v_fact f WHERE `+scope(&args, a, "f")+` AND `+work+` AND f.submitted_at >= `+since+` AND f.submitted_at < `+to+` GROUP BY 1`, args...)
	out := map[int]int{}
	for _, r := range rows {
		out[r.week] = r.n
	}
	return out, err
}

// run is a way from acceptance to decision that n cases went, in days since 1970.
type run struct {
	accepted, decided, due, n int
	region                    string
}

func (s store) runs(ctx context.Context, a auth.Actor, x span) ([]run, error) {
	var args db.Args
	from, until := args.Add(db.MS(x.from)), args.Add(db.MS(x.until))
	// A limit that ends at 24:00 is stored as the first instant of the day after.
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x run, err error) {
		return x, r.Scan(&x.accepted, &x.decided, &x.due, &x.region, &x.n)
	},
		`SELECT `+day("f.accepted_at")+`, `+day("f.decided_at")+`, `+day("f.due_at - 1")+`, f.region, count(*) FROM cases_v_fact f
		WHERE `+scope(&args, a, "f")+` AND `+work+` AND f.decided_at >= `+from+` AND f.decided_at < `+until+` AND f.accepted_at > 0 AND f.due_at > 0 AND f.decided_at > f.accepted_at
		GROUP BY 1, 2, 3, 4`, args...)
}
