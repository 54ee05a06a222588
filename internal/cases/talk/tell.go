package talk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

type lookAgainArgs struct {
	Case    string `json:"case"`
	Account string `json:"account"`
}

// Kind names the job.
func (lookAgainArgs) Kind() string { return "cases.talk_look_again" }

// tell tells the other side of something new, each reader once in a quarter of
// an hour; for what comes within it a job looks again when it is over.
func (s *Service) tell(ctx context.Context, k *cases.Case, from cases.Side, author string) error {
	readers, err := s.others(ctx, k, from, author)
	if err != nil {
		return fmt.Errorf("talk: whom to tell: %w", err)
	}
	now := s.Clock.Now()
	for _, a := range readers {
		n, err := s.DB.Exec(ctx, `INSERT INTO cases_told (case_id, account_id, told_at, pending) VALUES ($1,$2,$3,FALSE)
			ON CONFLICT (case_id, account_id) DO UPDATE SET told_at=excluded.told_at, pending=FALSE WHERE cases_told.told_at <= $4`,
			string(k.ID), a.ID, db.MS(now), db.MS(now.Add(-Quiet)))
		if err != nil {
			return err
		}
		if n > 0 {
			if err := s.news(ctx, k, from, a, now); err != nil {
				return err
			}
			continue
		}
		told, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int64], `SELECT told_at FROM cases_told WHERE case_id=$1 AND account_id=$2`, string(k.ID), a.ID)
		if err != nil {
			return err
		}
		if n, err = s.DB.Exec(ctx, `UPDATE cases_told SET pending=TRUE WHERE case_id=$1 AND account_id=$2 AND NOT pending`, string(k.ID), a.ID); err != nil {
			return err
		}
		if n > 0 {
			if err := s.Jobs.EnqueueAt(ctx, lookAgainArgs{Case: string(k.ID), Account: a.ID}, time.UnixMilli(told).Add(Quiet)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookAgain tells of what came within the quarter and is still unread.
func (s *Service) lookAgain(ctx context.Context, a lookAgainArgs) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE cases_told SET pending=FALSE WHERE case_id=$1 AND account_id=$2 AND pending`, a.Case, a.Account)
		if err != nil || n == 0 {
			return err // done before
		}
		k, err := s.Cases.Find(ctx, cases.ID(a.Case))
		if err != nil {
			return err
		}
		for _, from := range []cases.Side{cases.PartySide, cases.StaffSide} {
			readers, err := s.others(ctx, &k, from, "")
			if err != nil {
				return err
			}
			i := slices.IndexFunc(readers, func(x identity.Account) bool { return x.ID == a.Account })
			if i < 0 {
				continue
			}
			unread, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_message WHERE case_id=$1 AND side=$2 AND author_id <> $3 AND read_at=0 AND withdrawn_at=0`, a.Case, string(from), a.Account)
			if err != nil || unread == 0 {
				return err
			}
			now := s.Clock.Now()
			if _, err := s.DB.Exec(ctx, `UPDATE cases_told SET told_at=$3 WHERE case_id=$1 AND account_id=$2`, a.Case, a.Account, db.MS(now)); err != nil {
				return err
			}
			return s.news(ctx, &k, from, readers[i], now)
		}
		return nil
	})
}

// others are the people of the other side who are told: of the applicant's the
// person who acts and whoever wrote, all who act for a firm while a reply is
// waited for; of the office who wrote last and who has the case in hand.
func (s *Service) others(ctx context.Context, k *cases.Case, from cases.Side, author string) ([]identity.Account, error) {
	wrote, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT author_id FROM cases_message WHERE case_id=$1 AND side<>$2 AND withdrawn_at=0 GROUP BY author_id ORDER BY max(id) DESC`, string(k.ID), string(from))
	if err != nil {
		return nil, err
	}
	var out []identity.Account
	if from == cases.StaffSide {
		asked, err := s.open(ctx, k.ID)
		if err != nil {
			return nil, err
		}
		if out, err = s.Cases.Readers(ctx, k, !asked.IsZero()); err != nil {
			return nil, err
		}
		if k.Party.Kind == identity.HolderEnterprise { // who acts for the firm no more is not told
			agents, err := s.Cases.Followers(ctx, k)
			if err != nil {
				return nil, err
			}
			wrote = slices.DeleteFunc(wrote, func(id string) bool {
				return !slices.ContainsFunc(agents, func(a identity.Account) bool { return a.ID == id })
			})
		}
	} else {
		if len(wrote) > 1 {
			wrote = wrote[:1]
		}
		hands, err := s.Cases.Hands(ctx, k)
		if err != nil {
			return nil, err
		}
		wrote = append(wrote, hands...)
	}
	for _, id := range wrote {
		if slices.ContainsFunc(out, func(a identity.Account) bool { return a.ID == id }) {
			continue
		}
		a, err := s.Identity.Account(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return slices.DeleteFunc(out, func(a identity.Account) bool { return a.ID == author || a.State == "closed" }), nil
}

// open is the first day by which a reply is waited for; zero without one.
func (s *Service) open(ctx context.Context, id cases.ID) (due time.Time, err error) {
	ms, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int64], `SELECT COALESCE(min(due_at), 0) FROM cases_ask WHERE case_id=$1 AND state='open'`, string(id))
	if ms > 0 {
		due = time.UnixMilli(ms)
	}
	return due, err
}

// news writes the notice. What was written is not in it: mails and short
// messages are read by others.
func (s *Service) news(ctx context.Context, k *cases.Case, from cases.Side, to identity.Account, now time.Time) error {
	n := notify.News{
		Key: fmt.Sprintf("talk:%s:%d", k.ID, db.MS(now)), Kind: "talk_staff", Link: "/work/cases/" + string(k.ID) + "/messages",
		Params: map[string]any{"item": k.ItemName, "number": k.Number, "applicant": k.Party.Name}, Class: notify.Conversation,
	}
	if from == cases.StaffSide {
		n.Kind, n.Link = "talk_party", "/my/cases/"+string(k.ID)+"/messages"
		due, err := s.open(ctx, k.ID)
		if err != nil {
			return err
		}
		if !due.IsZero() {
			n.Kind, n.NeedsYou, n.Class, n.Params["due"] = "talk_asked", true, notify.Action, dueText(due)
		}
	}
	return s.Notify.Tell(ctx, to.Reader(), n)
}
