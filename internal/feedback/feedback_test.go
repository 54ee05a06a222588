package feedback_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

type bench struct {
	*apptest.App
	ctx context.Context
	who auth.Actor
}

func newBench(t *testing.T, d *db.DB) bench {
	t.Helper()
	a := apptest.NewOn(t, d)
	return bench{a, t.Context(), a.Actor(t, "applicant")}
}

// end is a case of the applicant as its last command leaves it.
func (b bench) end(id string, cmd cases.Command) cases.Happened {
	k := cases.Case{
		ID: cases.ID(id), Number: "371671-20260302-" + id, ItemCode: "KJ-0001", ItemName: i18n.Text{ZH: "实验动物许可证", EN: "Lab animal licence"}, DepartmentID: "kj",
		Region: "371671", HallID: "east", AccountID: b.who.ID, Party: identity.Party{Kind: identity.HolderPerson, ID: b.who.ID},
	}
	return cases.Happened{Case: k, Event: cases.Event{CaseID: k.ID, Command: cmd}}
}

func (b bench) invite(t *testing.T, e cases.Happened) {
	t.Helper()
	if err := b.DB.InTx(b.ctx, func(ctx context.Context) error { return b.Feedback.Invite(ctx, e) }); err != nil {
		t.Fatal(err)
	}
}

// token is the secret of the newest link that the applicant was told.
func (b bench) token(t *testing.T) string {
	t.Helper()
	feed, err := b.Notify.Feed(b.ctx, b.who.ID, page.Request{Size: 1})
	if err != nil || len(feed.Rows) == 0 || feed.Rows[0].Kind != "rate" {
		t.Fatalf("feed %+v %v", feed, err)
	}
	return strings.TrimPrefix(feed.Rows[0].Link, "/rate/")
}

func TestInviteAndRate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.invite(t, b.end("c0", cases.CmdAccept))
		if feed, err := b.Notify.Feed(b.ctx, b.who.ID, page.Request{}); err != nil || len(feed.Rows) != 0 {
			t.Fatalf("an acceptance asked for a rating: %+v %v", feed, err)
		}
		b.invite(t, b.end("c1", cases.CmdDeliver))
		b.invite(t, b.end("c1", cases.CmdDeliver)) // a second event of the same moment
		token := b.token(t)
		if feed, _ := b.Notify.Feed(b.ctx, b.who.ID, page.Request{}); len(feed.Rows) != 1 {
			t.Fatalf("asked %d times", len(feed.Rows))
		}
		if n, _ := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM feedback_invitation WHERE token_hash LIKE $1`, "%"+token+"%"); n != 0 {
			t.Error("the secret is kept in clear")
		}
		i, err := b.Feedback.Invitation(b.ctx, token)
		if err != nil || i.CaseID != "c1" || i.Moment != feedback.Finish || !i.ExpiresAt.Equal(apptest.Start.Add(feedback.Open)) {
			t.Fatalf("%+v %v", i, err)
		}
		in := feedback.RateInput{Score: 2, Reasons: []string{"slow", "slow", "trips"}, Text: " 跑了三趟 "}
		if err := b.Feedback.Rate(b.ctx, "guess", in); !errors.Is(err, feedback.ErrNotFound) {
			t.Fatalf("a guessed link: %v", err)
		}
		if err := b.Feedback.Rate(b.ctx, token, feedback.RateInput{Score: 6, Reasons: []string{"bribe"}, Text: strings.Repeat("字", 501)}); len(errs.FieldsOf(err)) != 3 {
			t.Fatalf("nonsense: %v", err)
		}
		if _, err := b.Feedback.Thanks(b.ctx, token); !errors.Is(err, feedback.ErrNotFound) {
			t.Fatalf("thanks before: %v", err)
		}
		if err := b.Feedback.Rate(b.ctx, token, in); err != nil {
			t.Fatal(err)
		}
		if err := b.Feedback.Rate(b.ctx, token, in); !errors.Is(err, feedback.ErrUsed) {
			t.Fatalf("rated twice: %v", err)
		}
		thanks, err := b.Feedback.Thanks(b.ctx, token)
		if err != nil || thanks.Score != 2 || i18n.ShortDate(thanks.ContactDueAt.Add(-time.Millisecond)) != "2026-03-03" {
			t.Fatalf("%+v %v", thanks, err)
		}
		rows, err := b.Feedback.Ratings(b.ctx, b.Actor(t, "head-kj"), feedback.Filter{ToRectify: true})
		if err != nil || len(rows.Rows) != 1 {
			t.Fatalf("%+v %v", rows, err)
		}
		if r := rows.Rows[0]; r.State != feedback.ToRectify || r.Text != "跑了三趟" || len(r.Reasons) != 2 || r.On.String() != "2026-03-02" {
			t.Errorf("%+v", r)
		}
		s, err := b.Feedback.Summary(b.ctx, "KJ-0001")
		if err != nil || s.N != 1 || s.Average() != 2 || s.Share(2) != 100 || s.Share(5) != 0 {
			t.Errorf("%+v %v", s, err)
		}
		if r, err := b.Audit.Verify(b.ctx); err != nil || r.Broken != nil {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// Who rated badly is called on the next day that is worked where the case was.
func TestACallWaitsForAWorkingDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.invite(t, b.end("c1", cases.CmdDeliver))
		if err := b.Calendar.Decide(b.ctx, b.Actor(t, "system-admin"), calendar.Input{Region: "371671", On: "2026-03-03", Reason: "暴雪停工"}); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(2 * time.Second)
		token := b.token(t)
		if err := b.Feedback.Rate(b.ctx, token, feedback.RateInput{Score: 1, Reasons: []string{"slow"}}); err != nil {
			t.Fatal(err)
		}
		if thanks, err := b.Feedback.Thanks(b.ctx, token); err != nil || i18n.ShortDate(thanks.ContactDueAt.Add(-time.Millisecond)) != "2026-03-04" {
			t.Errorf("%+v %v", thanks, err)
		}
	})
}

func TestLinkExpiresAndRefusalInvites(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.invite(t, b.end("c1", cases.CmdRefuse))
		token := b.token(t)
		b.Clock.Advance(feedback.Open - time.Millisecond)
		if i, err := b.Feedback.Invitation(b.ctx, token); err != nil || i.Moment != feedback.Acceptance {
			t.Fatalf("%+v %v", i, err)
		}
		b.Clock.Advance(time.Millisecond)
		if _, err := b.Feedback.Invitation(b.ctx, token); !errors.Is(err, feedback.ErrExpired) {
			t.Fatalf("after 30 days: %v", err)
		}
		if err := b.Feedback.Rate(b.ctx, token, feedback.RateInput{Score: 5}); !errors.Is(err, feedback.ErrExpired) {
			t.Fatalf("rated after 30 days: %v", err)
		}
		e := b.end("c2", cases.CmdDeliver)
		e.Case.AccountID = "" // of an API client
		b.invite(t, e)
		if n, _ := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM feedback_invitation`); n != 1 {
			t.Errorf("%d invitations", n)
		}
	})
}

func TestRateCaseIsForWhomItWasSentTo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.invite(t, b.end("c1", cases.CmdDeliver))
		good := feedback.RateInput{Score: 5, Anonymous: true}
		if err := b.Feedback.RateCase(b.ctx, b.Actor(t, "talent"), "c1", good); !errors.Is(err, feedback.ErrNotFound) {
			t.Fatalf("somebody else: %v", err)
		}
		if err := b.Feedback.RateCase(b.ctx, b.who, "c1", good); err != nil {
			t.Fatal(err)
		}
		if err := b.Feedback.RateCase(b.ctx, auth.SystemActor(), "c1", good); !errors.Is(err, feedback.ErrUsed) {
			t.Fatalf("twice: %v", err)
		}
		// The trail of an anonymous rating names nobody.
		n, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='feedback.rate' AND (actor LIKE $1 OR name = $2)`, "%"+b.who.ID+"%", b.who.Name)
		if err != nil || n != 0 {
			t.Errorf("%d %v", n, err)
		}
	})
}

func TestWhoReadsRatings(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		for i, score := range []int{5, 4, 1} {
			id := string(rune('a' + i))
			b.invite(t, b.end(id, cases.CmdDeliver))
			if err := b.Feedback.RateCase(b.ctx, auth.SystemActor(), id, feedback.RateInput{Score: score, Anonymous: true}); err != nil {
				t.Fatal(err)
			}
		}
		for login, want := range map[string]int{"leader": 3, "head-kj": 3, "handler-kj": 3, "approver": 3, "head-sc": 0, "clerk": 0, "clerk3": 3} { // clerk3 sits in the hall that received
			rows, err := b.Feedback.Ratings(b.ctx, b.Actor(t, login), feedback.Filter{})
			if err != nil || len(rows.Rows) != want {
				t.Errorf("%s sees %d (%v), want %d", login, len(rows.Rows), err, want)
			}
			if s, err := b.Feedback.Overview(b.ctx, b.Actor(t, login), feedback.Filter{}); err != nil || s.N != want {
				t.Errorf("%s counts %d (%v), want %d", login, s.N, err, want)
			}
		}
		for _, login := range []string{"applicant", "commissioner", "system-admin"} {
			if _, err := b.Feedback.Ratings(b.ctx, b.Actor(t, login), feedback.Filter{}); !errors.Is(err, feedback.ErrForbidden) {
				t.Errorf("%s: %v", login, err)
			}
		}
		leader := b.Actor(t, "leader")
		first, err := b.Feedback.Ratings(b.ctx, leader, feedback.Filter{Request: page.Request{Size: 2}})
		if err != nil || len(first.Rows) != 2 || first.Rows[0].Score != 1 || !first.Rows[0].ContactDueAt.IsZero() {
			t.Fatalf("%+v %v", first, err)
		}
		rest, err := b.Feedback.Ratings(b.ctx, leader, feedback.Filter{Request: page.Request{Size: 2, After: first.Next}})
		if err != nil || len(rest.Rows) != 1 || rest.Rows[0].Score != 5 || rest.Next != "" {
			t.Fatalf("%+v %v", rest, err)
		}
		for _, f := range []feedback.Filter{{Department: "sc"}, {Item: "SC-0001"}} {
			if rows, err := b.Feedback.Ratings(b.ctx, leader, f); err != nil || len(rows.Rows) != 0 {
				t.Errorf("%+v: %+v %v", f, rows, err)
			}
		}
		s, err := b.Feedback.Overview(b.ctx, leader, feedback.Filter{ToRectify: true, Department: "kj", Item: "KJ-0001"})
		if err != nil || s.N != 1 {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestNoticesHaveTexts(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, kind := range feedback.NoticeKinds() {
		for _, l := range i18n.Locales {
			for _, part := range []string{"title", "body"} {
				if _, ok := a.Texts.Raw(l, "notify."+kind+"."+part); !ok {
					t.Errorf("no text notify.%s.%s in %s", kind, part, l)
				}
			}
		}
	}
}
