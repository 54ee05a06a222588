package feedback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Calendars knows in which calendar a region works, counted from an instant;
// package calendar has the rule.
type Calendars interface {
	For(region string, since time.Time) *workday.Calendar
}

// Deps of the module.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Calendars Calendars
	Identity  *identity.Service
	Notify    *notify.Service
	Audit     *audit.Log
}

// Service is the module's use cases.
type Service struct {
	Deps
	store store
}

// New wires the module.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB}} }

// moments says after which commands who asked is asked.
var moments = map[cases.Command]Moment{cases.CmdDeliver: Finish, cases.CmdRefuse: Acceptance}

// Invite reacts to the end of a case: it opens an invitation and tells the
// applicant its link, in the transaction of the command. Other events are let
// pass, as are a case of an API client, who has no account to be told at, and
// the steps of an order, which is rated once. A
// moment that was invited already is left alone.
func (s *Service) Invite(ctx context.Context, e cases.Happened) error {
	moment, ok := moments[e.Event.Command]
	if !ok || e.Case.AccountID == "" || e.Case.ParentID != "" { // an order is rated as a whole, not step by step
		return nil
	}
	k, now := e.Case, s.Clock.Now()
	token := ids.Token()
	i := Invitation{
		ID: ids.New(now), CaseID: string(k.ID), CaseNumber: k.Number, Moment: moment, ItemCode: k.ItemCode, ItemName: k.ItemName, DepartmentID: k.DepartmentID,
		Region: k.Region, HallID: k.HallID, ClerkID: k.ReceiverID, AccountID: k.AccountID, CreatedAt: now, ExpiresAt: now.Add(Open),
	}
	added, err := s.store.insertInvitation(ctx, i, hash(token))
	if err != nil {
		return fmt.Errorf("feedback: invite %s: %w", k.ID, err)
	}
	if !added {
		return nil
	}
	a, err := s.Identity.Account(ctx, k.AccountID)
	if err != nil {
		return fmt.Errorf("feedback: whom to ask: %w", err)
	}
	return s.Notify.Tell(ctx, a.Reader(), notify.News{
		Key: "rate:" + i.ID, Kind: "rate", Link: "/rate/" + token,
		Params: map[string]any{
			"item": k.ItemName, "number": k.Number,
			"until": i18n.Text{ZH: i18n.Date(i18n.Chinese, i.ExpiresAt), EN: i18n.Date(i18n.English, i.ExpiresAt)},
		},
	})
}

// NoticeKinds lists the kinds that Invite tells; a test looks for the texts.
func NoticeKinds() []string { return []string{"rate"} }

// Invitation returns what a link invites to. An unknown one is ErrNotFound; one
// that was answered or is too old comes with ErrUsed or ErrExpired.
func (s *Service) Invitation(ctx context.Context, token string) (Invitation, error) {
	i, ok, err := s.store.invitation(ctx, `token_hash=$1`, hash(token))
	switch {
	case err != nil:
		return i, fmt.Errorf("feedback: invitation: %w", err)
	case !ok:
		return i, ErrNotFound
	default:
		return i, i.check(s.Clock.Now())
	}
}

// Rate answers an invitation by its link. Whoever has the link may: it was told
// to the applicant only, and rating asks for no account.
func (s *Service) Rate(ctx context.Context, token string, in RateInput) error {
	return s.rate(ctx, in, auth.Actor{Name: "link"}, `token_hash=$1`, hash(token))
}

// RateCase answers the newest open invitation of a case without its link: for
// the signed-in applicant it was sent to, and for imports. Of somebody else's
// case there is nothing to find.
func (s *Service) RateCase(ctx context.Context, actor auth.Actor, caseID string, in RateInput) error {
	where, args := `case_id=$1 ORDER BY answered_at <> 0, id DESC LIMIT 1`, []any{caseID}
	if actor.Kind != auth.System {
		where, args = `case_id=$1 AND account_id=$2 ORDER BY answered_at <> 0, id DESC LIMIT 1`, append(args, actor.ID)
	}
	return s.rate(ctx, in, actor, where, args...)
}

func (s *Service) rate(ctx context.Context, in RateInput, actor auth.Actor, where string, args ...any) error {
	if err := in.check(); err != nil {
		return err
	}
	if in.Anonymous {
		actor = auth.Actor{Name: "link"} // the trail must not say what the rating hides
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		i, ok, err := s.store.invitation(ctx, where, args...)
		switch {
		case err != nil:
			return fmt.Errorf("feedback: invitation: %w", err)
		case !ok:
			return ErrNotFound
		}
		now := s.Clock.Now()
		if err := i.check(now); err != nil {
			return err
		}
		if err := s.store.answer(ctx, i.ID, now); errors.Is(err, db.ErrStale) {
			return ErrUsed
		} else if err != nil {
			return fmt.Errorf("feedback: answer: %w", err)
		}
		id := ids.New(now)
		state, contact := in.judge(s.Calendars.For(i.Region, now), now)
		if err := s.store.insertRating(ctx, id, i.ID, in, state, contact, now); err != nil {
			return fmt.Errorf("feedback: rating: %w", err)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "feedback.rate", Object: "rating:" + id, Change: map[string]any{"score": in.Score, "state": state}})
	})
}

// Thanks is what somebody who has rated is told.
type Thanks struct {
	Invitation
	Score        int
	ContactDueAt time.Time // zero when nobody will call
}

// Thanks returns what was said by a link; ErrNotFound before that.
func (s *Service) Thanks(ctx context.Context, token string) (Thanks, error) {
	i, ok, err := s.store.invitation(ctx, `token_hash=$1 AND answered_at > 0`, hash(token))
	if err == nil && !ok {
		err = ErrNotFound
	}
	if err != nil {
		return Thanks{}, err
	}
	return db.One(ctx, s.DB.Read(ctx), func(r db.Scanner) (Thanks, error) {
		t := Thanks{Invitation: i}
		return t, r.Scan(&t.Score, db.Time{Time: &t.ContactDueAt})
	}, `SELECT score, contact_due_at FROM feedback_rating WHERE invitation_id=$1`, i.ID)
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
