package insight_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/insight"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// fact is a case as the cockpit sees it; days count from Start, 0 is never.
type fact struct {
	department, region, receiving, channel, state string
	submitted, accepted, decided, due             time.Duration
	yellow, red, warn                             time.Duration
	needs, paused                                 bool
	item, outcome                                 string
	order, step                                   bool
}

const day = 24 * time.Hour

func ms(d time.Duration) int64 {
	if d == 0 {
		return 0
	}
	return apptest.Start.Add(d).UnixMilli()
}

// put writes cases as rows: the cockpit reads a view of them and no engine.
func put(t *testing.T, d *db.DB, facts []fact) {
	t.Helper()
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		for i, f := range facts {
			if f.channel == "" {
				f.channel = "online"
			}
			if f.outcome == "" && f.decided != 0 {
				f.outcome = "granted"
			}
			if f.item == "" {
				f.item = "KJ-0001"
			}
			if _, err := d.Exec(ctx, `INSERT INTO cases_case (id, number, pickup_code, item_id, item_version_id, item_code, item_name, department_id, region, party_kind, party_id,
				party_name, party_code, account_id, filed_by, channel, receiving_region, hall_id, window_id, receiver_id, collect, state, outcome, stage, data_version, needs_applicant,
				paused, provisional, due_at, statutory_at, warn_at, yellow_at, red_at, created_at, submitted_at, accepted_at, decided_at, closed_at, updated_at, version, bundle, parent_id)
				VALUES ($1,$1,'','i','v',$2,'{}',$3,$4,'person','p','{}','','','',$5,$6,'','','','electronic',$7,$19,'',1,$8,$9,FALSE,$10,0,$11,$12,$13,1,$14,$15,$16,0,1,1,$17,$18)`,
				fmt.Sprintf("c%03d", i), f.item, f.department, f.region, f.channel, f.receiving, f.state, f.needs, f.paused, ms(f.due), ms(f.warn), ms(f.yellow), ms(f.red),
				ms(f.submitted), ms(f.accepted), ms(f.decided), f.order, map[bool]string{true: "order"}[f.step], f.outcome); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func rate(t *testing.T, d *db.DB, n int, department string, score int, at time.Duration) {
	t.Helper()
	state := "closed"
	if score <= 2 {
		state = "to_rectify"
	}
	if err := d.InTx(t.Context(), func(ctx context.Context) error {
		id := fmt.Sprintf("r%03d", n)
		if _, err := d.Exec(ctx, `INSERT INTO feedback_invitation (id, case_id, case_number, moment, item_code, item_name, department_id, region, hall_id, clerk_id, account_id, token_hash,
			created_at, expires_at, answered_at) VALUES ($1,$1,'','finish','KJ-0001','{}',$2,'371671','','','',$1,1,1,1)`, id, department); err != nil {
			return err
		}
		_, err := d.Exec(ctx, `INSERT INTO feedback_rating (id, invitation_id, score, reasons, text, anonymous, state, contact_due_at, rated_at, version)
			VALUES ($1,$1,$2,'[]','',TRUE,$3,0,$4,1)`, id, score, state, ms(at))
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestCockpit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.NewOn(t, d), t.Context()
		put(t, d, []fact{
			// Decided in time: accepted Monday 23 February, promised until the end of 2 March, decided on Thursday.
			{department: "kj", region: "371671", state: "delivered", submitted: -8 * day, accepted: -7 * day, decided: -4 * day, due: 15 * time.Hour},
			// Late, and received at a window of another region.
			{department: "kj", region: "371671", state: "decided", outcome: "partly", channel: "window", receiving: "371602", submitted: -20 * day, accepted: -18 * day, decided: -3 * day, due: -9 * day},
			// By the engine at once: in time, but without a pace.
			{department: "sc", region: "371671", state: "delivered", item: "SC-0001", submitted: -2 * day, accepted: -2 * day, decided: -2 * day, due: 15 * time.Hour},
			// Running: with a warning, yellow, red, one paused for the applicant, one that is to be supplemented.
			{department: "sc", region: "371671", state: "handling", channel: "window", receiving: "371671", submitted: -9 * day, accepted: -9 * day, due: 2 * day, warn: -time.Hour, yellow: 2 * day, red: 9 * day},
			{department: "sc", region: "371671", state: "handling", submitted: -29 * day, accepted: -29 * day, due: -time.Hour, warn: -2 * day, yellow: -time.Hour, red: 9 * day},
			{department: "kj", region: "371671", state: "handling", submitted: -31 * day, accepted: -31 * day, due: -5 * day, warn: -7 * day, yellow: -5 * day, red: -time.Hour},
			{department: "kj", region: "371671", state: "handling", paused: true, needs: true, submitted: -40 * day, accepted: -31 * day, due: -5 * day, warn: -7 * day, yellow: -5 * day, red: -time.Hour},
			{department: "kj", region: "371671", state: "supplementing", needs: true, submitted: -time.Hour},
			// An order with a step: the step is work, the order is counted apart.
			{department: "sc", region: "371671", state: "handling", order: true, submitted: -3 * day, accepted: -3 * day, due: -time.Hour, yellow: -time.Hour},
			{department: "kj", region: "371671", state: "handling", step: true, submitted: -3 * day, accepted: -3 * day, due: 2 * day},
			// Decided in the period before, and a draft and another county that nobody here counts.
			{department: "kj", region: "371671", state: "delivered", submitted: -50 * day, accepted: -49 * day, decided: -45 * day, due: -42 * day},
			{department: "kj", region: "371671", state: "draft"},
			{department: "sh-zw", region: "371622", state: "handling", submitted: -3 * day, accepted: -3 * day, due: 9 * day},
		})
		rate(t, d, 1, "kj", 5, -3*day)
		rate(t, d, 2, "kj", 2, -2*day)
		rate(t, d, 3, "sc", 1, -45*day)

		c, err := a.Insight.Cockpit(ctx, a.Actor(t, "leader"), insight.Month)
		if err != nil {
			t.Fatal(err)
		}
		want := insight.Load{
			Received: insight.Count{Now: 7, Before: 3}, Decided: insight.Count{Now: 3, Before: 1}, InTime: insight.Rate{Part: 2, Whole: 3}, InTimeBefore: insight.Rate{Part: 1, Whole: 1},
			Running: 5, Warning: 1, Yellow: 1, Red: 1, Waiting: 2, Crossed: insight.Rate{Part: 1, Whole: 2},
			Ratings: insight.Score{N: 2, Sum: 7}, RatingsFirst: insight.Score{N: 1, Sum: 1}, Bad: 1, ToRectify: 2,
		}
		if c.Orders != (insight.Count{Now: 1}) {
			t.Errorf("orders %+v", c.Orders)
		}
		if c.All != want {
			t.Errorf("all\n got %+v\nwant %+v", c.All, want)
		}
		if len(c.Departments) != 2 || c.Departments[0].ID != "kj" || c.Departments[0].Name.ZH != "科技创新局" || c.Departments[0].Received.Now != 4 {
			t.Errorf("%+v", c.Departments)
		}
		// Two with a pace: 3 and 10 working days (the Spring Festival of 2026 is 15 to 23 February).
		if c.Pace.N != 2 || c.PaceBefore.N != 1 {
			t.Errorf("%+v %+v", c.Pace, c.PaceBefore)
		}
		if len(c.Items) != 2 || c.Items[0].Code != "KJ-0001" || c.Items[0].Received != 6 || c.Items[0].Decided != 2 || c.Items[0].Ratings.N != 2 || c.Items[0].Name.IsZero() {
			t.Errorf("%+v", c.Items)
		}
		if len(c.Channels) != 2 || c.Channels[0] != (insight.ChannelRow{Channel: "online", N: 5}) {
			t.Errorf("%+v", c.Channels)
		}
		if len(c.Outcomes) != 2 || c.Outcomes[0] != (insight.OutcomeRow{Outcome: "granted", N: 2}) || c.Outcomes[1] != (insight.OutcomeRow{Outcome: "partly", N: 1}) {
			t.Errorf("%+v", c.Outcomes)
		}
		sum := 0
		for i, w := range c.Weeks {
			sum += w.N
			if w.Monday.Weekday() != time.Monday || w.Open != (i == len(c.Weeks)-1) {
				t.Errorf("%+v", w)
			}
		}
		if len(c.Weeks) != 6 || sum != 8 || c.Weeks[5].Monday.String() != "2026-03-02" || c.Weeks[5].N != 1 { // whole weeks: one more than the period holds
			t.Errorf("%d in %+v", sum, c.Weeks)
		}

		// Three days that the zone took off lie within both: they are no working days.
		for _, day := range []string{"2026-02-24", "2026-02-25", "2026-02-26"} {
			if err := a.Calendar.Decide(ctx, a.Actor(t, "system-admin"), calendar.Input{Region: "371671", On: day, Reason: "暴雪停工"}); err != nil {
				t.Fatal(err)
			}
		}
		a.Clock.Advance(2 * time.Second)
		if snow, err := a.Insight.Cockpit(ctx, a.Actor(t, "leader"), insight.Month); err != nil || snow.Pace.Real != c.Pace.Real-3 {
			t.Errorf("%+v, without the days off %+v, %v", snow.Pace, c.Pace, err)
		}

		head, err := a.Insight.Cockpit(ctx, a.Actor(t, "head-sc"), insight.Year)
		if err != nil || len(head.Departments) != 1 || head.DepartmentID != "sc" || head.All.Received.Now != 3 || head.All.Waiting != 0 || len(head.Weeks) != 53 {
			t.Errorf("%+v %v", head, err)
		}
		for _, login := range []string{"clerk", "commissioner", "applicant"} {
			if _, err := a.Insight.Cockpit(ctx, a.Actor(t, login), insight.Month); !errors.Is(err, insight.ErrForbidden) {
				t.Errorf("%s: %v", login, err)
			}
		}
	})
}

func TestAnEmptyZoneHasACockpit(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, err := a.Insight.Cockpit(t.Context(), a.Actor(t, "leader"), "nonsense")
	if err != nil || c.Period != insight.Month || c.All != (insight.Load{}) || len(c.Departments) != 0 {
		t.Fatalf("%+v %v", c, err)
	}
	if _, ok := c.Pace.Saved(); ok {
		t.Error("something was saved")
	}
}
