package feedback

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
)

// store is the SQL of the module.
type store struct{ db *db.DB }

const invitationColumns = `id, case_id, case_number, moment, item_code, item_name, department_id, region, hall_id, clerk_id, account_id, created_at, expires_at, answered_at`

func scanInvitation(s db.Scanner) (i Invitation, err error) {
	return i, s.Scan(&i.ID, &i.CaseID, &i.CaseNumber, &i.Moment, &i.ItemCode, db.JSON[i18n.Text]{V: &i.ItemName}, &i.DepartmentID, &i.Region, &i.HallID, &i.ClerkID,
		&i.AccountID, db.Time{Time: &i.CreatedAt}, db.Time{Time: &i.ExpiresAt}, db.Time{Time: &i.AnsweredAt})
}

func (s store) invitation(ctx context.Context, where string, args ...any) (Invitation, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scanInvitation, `SELECT `+invitationColumns+` FROM feedback_invitation WHERE `+where, args...)
}

// insertInvitation returns false when the moment of the case has one already.
func (s store) insertInvitation(ctx context.Context, i Invitation, tokenHash string) (bool, error) {
	n, err := s.db.Exec(ctx, `INSERT INTO feedback_invitation (id, case_id, case_number, moment, item_code, item_name, department_id, region, hall_id, clerk_id, account_id,
		token_hash, created_at, expires_at, answered_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,0) ON CONFLICT (case_id, moment) DO NOTHING`,
		i.ID, i.CaseID, i.CaseNumber, string(i.Moment), i.ItemCode, db.ToJSON(i.ItemName), i.DepartmentID, i.Region, i.HallID, i.ClerkID, i.AccountID,
		tokenHash, db.MS(i.CreatedAt), db.MS(i.ExpiresAt))
	return n > 0, err
}

// answer marks an invitation as answered; somebody else's answer first is db.ErrStale.
func (s store) answer(ctx context.Context, id string, now time.Time) error {
	return s.db.ExecOne(ctx, `UPDATE feedback_invitation SET answered_at=$2 WHERE id=$1 AND answered_at=0`, id, db.MS(now))
}

func (s store) insertRating(ctx context.Context, id, invitation string, in RateInput, state State, contact, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO feedback_rating (id, invitation_id, score, reasons, text, anonymous, state, contact_due_at, rated_at, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,1)`, id, invitation, in.Score, db.ToJSON(in.Reasons), in.Text, in.Anonymous, string(state), db.MS(contact), db.MS(now))
	return err
}

// ratings reads r (the rating) and i (its invitation), without the person.
func (s store) ratings(ctx context.Context, where string, args ...any) ([]Rating, error) {
	return db.List(ctx, s.db.Read(ctx), func(row db.Scanner) (r Rating, err error) {
		var at time.Time
		err = row.Scan(&r.ID, &r.Moment, &r.ItemCode, db.JSON[i18n.Text]{V: &r.ItemName}, &r.DepartmentID, &r.HallID, &r.Score, db.JSON[[]string]{V: &r.Reasons}, &r.Text,
			&r.Anonymous, &r.State, db.Time{Time: &r.ContactDueAt}, db.Time{Time: &at})
		r.On = workday.DateOf(at)
		return r, err
	}, `SELECT r.id, i.moment, i.item_code, i.item_name, i.department_id, i.hall_id, r.score, r.reasons, r.text, r.anonymous, r.state, r.contact_due_at, r.rated_at
		FROM feedback_rating r JOIN feedback_invitation i ON i.id = r.invitation_id WHERE `+where, args...)
}

// summary counts the rows r of feedback_v_rating.
func (s store) summary(ctx context.Context, where string, args ...any) (Summary, error) {
	type row struct{ score, n int }
	rows, err := db.List(ctx, s.db.Read(ctx), func(x db.Scanner) (r row, err error) { return r, x.Scan(&r.score, &r.n) },
		`SELECT r.score, count(*) FROM feedback_v_rating r WHERE `+where+` GROUP BY r.score`, args...)
	out := Summary{Counts: map[int]int{}}
	for _, r := range rows {
		out.Counts[r.score] = r.n
		out.N += r.n
	}
	return out, err
}
