package cases_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// told counts the messages of a kind to somebody.
func (b bench) told(t *testing.T, who auth.Actor, kind string) int {
	t.Helper()
	feed, err := b.Notify.Feed(b.ctx, who.ID, page.Request{Size: 200})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range feed.Rows {
		if m.Kind == kind {
			n++
		}
	}
	return n
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner, agent, stranger := b.Actor(t, "applicant"), b.Actor(t, "agent"), b.Actor(t, "talent")
		draft := b.start(t, owner, "KJ-0004")
		ref := cases.Ref{ID: draft.ID}
		if _, err := b.Cases.View(b.ctx, agent, draft.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("a colleague sees a draft that nobody offered: %v", err)
		}
		for name, tt := range map[string]struct {
			who  auth.Actor
			to   string
			want error
		}{
			"to a stranger":        {owner, stranger.ID, cases.ErrPartner},
			"to himself":           {owner, owner.ID, cases.ErrPartner},
			"nothing to take back": {owner, "", cases.ErrPartner},
			"somebody else's":      {stranger, agent.ID, cases.ErrNotFound},
		} {
			if _, err := b.Cases.HandOver(b.ctx, tt.who, ref, tt.to, ""); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", name, err, tt.want)
			}
		}
		if _, err := b.Cases.HandOver(b.ctx, owner, ref, agent.ID, "请接着填"); err != nil {
			t.Fatal(err)
		}
		v, err := b.Cases.View(b.ctx, agent, draft.ID)
		if err != nil || !v.May(cases.CmdTakeOver) || v.May(cases.CmdSubmit) {
			t.Fatalf("%v %v", v.Can, err)
		}
		if _, err := b.Cases.Form(b.ctx, agent, draft.ID); !errors.Is(err, cases.ErrForbidden) {
			t.Errorf("a colleague reads what is typed before he takes it: %v", err)
		}
		needs := b.all(t, agent, cases.Filter{List: cases.ListNeedsMe}, 20)
		if b.told(t, agent, "case_offered") != 1 || len(needs) != 1 || needs[0].ID != draft.ID {
			t.Error("the colleague is not told")
		}
		if _, err := b.Cases.Decline(b.ctx, agent, ref, "手头忙"); err != nil || b.told(t, owner, "case_declined") != 1 {
			t.Fatal(err)
		}
		if _, err := b.Cases.TakeOver(b.ctx, agent, ref); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("taken after it was declined: %v", err)
		}
		if _, err := b.Cases.HandOver(b.ctx, owner, ref, agent.ID, ""); err != nil {
			t.Fatal(err)
		}
		k, err := b.Cases.TakeOver(b.ctx, agent, ref)
		if err != nil || k.AccountID != agent.ID || k.OfferedTo != "" || b.told(t, owner, "case_taken") != 1 {
			t.Fatalf("%+v %v", k, err)
		}
		if _, err := b.Cases.Form(b.ctx, agent, draft.ID); err != nil {
			t.Errorf("who took it cannot fill it in: %v", err)
		}
		if _, err := b.Cases.View(b.ctx, owner, draft.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("who gave the draft away still sees it: %v", err)
		}
		b.Fill(t, agent, draft.ID)
		if k, err = b.Cases.Submit(b.ctx, agent, ref); err != nil {
			t.Fatal(err)
		}
		if v, err := b.Cases.View(b.ctx, owner, k.ID); err != nil || v.May(cases.CmdHandOver) {
			t.Errorf("of what was handed in: %v %v", v, err)
		}
	})
}

func TestWhatALeaverLeftBehind(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner, agent := b.Actor(t, "applicant"), b.Actor(t, "agent")
		firm := owner.Firms[0]
		draft := b.start(t, agent, "KJ-0004")
		handed := b.Submitted(t, "agent", "KJ-0002")
		if left, err := b.Cases.LeftBehind(b.ctx, owner, firm); err != nil || len(left) != 0 {
			t.Fatalf("%v %v", left, err)
		}
		if _, err := b.Cases.LeftBehind(b.ctx, agent, firm); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("an agent: %v", err)
		}
		if err := endAgent(b, agent, firm, owner.ID); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("an agent sends the owner away: %v", err)
		}
		if err := endAgent(b, owner, firm, agent.ID); err != nil {
			t.Fatal(err)
		}
		gone := b.Actor(t, "agent")
		if _, err := b.Cases.View(b.ctx, gone, handed.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("who left still sees a case: %v", err)
		}
		left, err := b.Cases.LeftBehind(b.ctx, owner, firm)
		if err != nil || len(left) != 1 || len(left[0].Cases) != 2 || left[0].Account.ID != agent.ID {
			t.Fatalf("%+v %v", left, err)
		}
		if _, err := b.Cases.Recover(b.ctx, b.Actor(t, "talent"), firm, agent.ID, owner.ID); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("a stranger: %v", err)
		}
		if n, err := b.Cases.Recover(b.ctx, owner, firm, agent.ID, owner.ID); err != nil || n != 2 {
			t.Fatalf("%d %v", n, err)
		}
		for _, id := range []cases.ID{draft.ID, handed.ID} {
			if v, err := b.Cases.View(b.ctx, owner, id); err != nil || v.AccountID != owner.ID {
				t.Errorf("%v %v", v, err)
			}
		}
		if _, err := b.Cases.Form(b.ctx, owner, draft.ID); err != nil {
			t.Errorf("the draft cannot be gone on with: %v", err)
		}
		// and back again: named by phone and name together
		acc, err := b.Identity.Account(b.ctx, agent.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Mandates.Appoint(b.ctx, owner, firm, acc.Phone, "别人", mandate.Grant{Level: auth.LevelAgent}); !errors.Is(err, mandate.ErrColleague) {
			t.Errorf("a wrong name: %v", err)
		}
		if _, err := b.Mandates.Appoint(b.ctx, owner, firm, acc.Phone, acc.Name.ZH, mandate.Grant{Level: auth.LevelAgent}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Mandates.Appoint(b.ctx, owner, firm, acc.Phone, acc.Name.ZH, mandate.Grant{Level: auth.LevelAgent}); !errors.Is(err, mandate.ErrActs) {
			t.Errorf("twice: %v", err)
		}
		if !b.Actor(t, "agent").ActsFor(firm) {
			t.Error("the authorisation is not there")
		}
	})
}

func TestCopyAFormerCase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		former := b.submitted(t, "KJ-0101")
		v, err := b.Cases.View(b.ctx, who, former.ID)
		if err != nil {
			t.Fatal(err)
		}
		k, again, err := b.Cases.Copy(b.ctx, who, former.ID)
		if err != nil || again || k.CopiedFrom != former.ID || k.Party.ID != former.Party.ID {
			t.Fatalf("%+v %v %v", k, again, err)
		}
		f, err := b.Cases.Form(b.ctx, who, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := v.Answers["request_text"].(string); text == "" || f.Answers["request_text"] != text || f.Buffer.Prefill["request_text"] != cases.FromFormer+former.Number {
			t.Errorf("%v from %v", f.Answers["request_text"], f.Buffer.Prefill)
		}
		if _, again, err := b.Cases.Copy(b.ctx, who, former.ID); err != nil || !again {
			t.Errorf("a second copy: %v %v", again, err)
		}
		if _, _, err := b.Cases.Copy(b.ctx, b.Actor(t, "talent"), former.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		if _, _, err := b.Cases.Copy(b.ctx, who, k.ID); !errors.Is(err, cases.ErrState) {
			t.Errorf("a draft: %v", err)
		}
	})
}

// TestDraftsAreWarnedOnce tells before a draft goes, and once for each time
// that it was left alone.
func TestDraftsAreWarnedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	who := b.Actor(t, "applicant")
	k := b.start(t, who, "KJ-0101")
	sweep := func() {
		t.Helper()
		if err := b.Cases.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	b.Clock.Advance(cases.DraftAge - cases.DraftWarning - time.Hour)
	if sweep(); b.told(t, who, "draft_ends") != 0 {
		t.Error("told too early")
	}
	b.Clock.Advance(2 * time.Hour)
	sweep()
	if sweep(); b.told(t, who, "draft_ends") != 1 {
		t.Errorf("told %d times", b.told(t, who, "draft_ends"))
	}
	if _, err := b.Cases.SaveTyped(b.ctx, who, k.ID, 1, map[string][]string{"request_text": {"接着填"}}); err != nil {
		t.Fatal(err)
	}
	b.Clock.Advance(cases.DraftWarning)
	if sweep(); b.told(t, who, "draft_ends") != 1 {
		t.Error("a draft that was touched again is warned of")
	}
	b.Clock.Advance(cases.DraftAge)
	if sweep(); b.told(t, who, "draft_ends") > 2 {
		t.Error("warned over and over")
	}
	if _, err := b.Cases.View(b.ctx, who, k.ID); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("the draft is still there: %v", err)
	}
}

// A clerk hands in for an agent only while he acts for the firm, whenever the
// draft was typed.
func TestADraftOfWhoActsNoMore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner, agent, clerk := b.Actor(t, "applicant"), b.Actor(t, "agent"), b.Actor(t, "clerk")
		typed := func(item string) cases.Ref {
			t.Helper()
			k, err := b.Cases.Start(b.ctx, clerk, cases.StartInput{ItemCode: item, EnterpriseID: owner.Firms[0], AccountID: agent.ID})
			if err != nil {
				t.Fatal(err)
			}
			b.Fill(t, clerk, k.ID)
			return cases.Ref{ID: k.ID}
		}
		before, submitted, asked, refused := typed("KJ-0001"), typed("KJ-0002"), typed("KJ-0004"), typed("KJ-0005")
		if _, err := b.Cases.Submit(b.ctx, clerk, before); err != nil {
			t.Fatalf("while he acts: %v", err)
		}
		if err := endAgent(b, owner, owner.Firms[0], agent.ID); err != nil {
			t.Fatal(err)
		}
		_, e1 := b.Cases.Submit(b.ctx, clerk, submitted)
		_, e2 := b.Cases.AcceptAtWindow(b.ctx, clerk, submitted)
		_, e3 := b.Cases.ReceiveAndAsk(b.ctx, clerk, asked, cases.AskInput{Points: []cases.Point{{Kind: "other", Reason: "缺少章程"}}})
		_, e4 := b.Cases.ReceiveAndRefuse(b.ctx, clerk, refused, "不属于受理范围")
		for i, err := range []error{e1, e2, e3, e4} {
			if !errors.Is(err, cases.ErrNotActing) {
				t.Errorf("%d: %v", i, err)
			}
		}
		for _, ref := range []cases.Ref{submitted, asked, refused} {
			if k, err := b.Cases.Find(b.ctx, ref.ID); err != nil || k.State != cases.Draft || k.Number != "" {
				t.Errorf("%+v %v", k, err)
			}
		}
	})
}
