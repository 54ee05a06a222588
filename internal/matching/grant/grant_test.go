package grant_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// clause is one of the demonstration that is granted without an application.
const clause = "kj-2026-02-3"

type bench struct {
	*apptest.App
	t                            *testing.T
	ctx                          context.Context
	handler, approver, applicant auth.Actor
	real                         grant.Ports // before they were replaced
}

func newBench(t *testing.T, d *db.DB) *bench {
	a := apptest.NewOn(t, d)
	a.Clock.Set(time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)) // the clause holds
	b := &bench{a, t, t.Context(), a.Actor(t, "handler-kj"), a.Actor(t, "approver"), a.Actor(t, "applicant"), a.Grants.Ports}
	b.awards()
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) want(what string, err, sentinel error) {
	b.t.Helper()
	if !errors.Is(err, sentinel) {
		b.t.Errorf("%s: %v, want %v", what, err, sentinel)
	}
}

func (b *bench) sheet(id string) grant.Sheet {
	b.t.Helper()
	s, err := b.Grants.Batch(b.ctx, b.handler, id, grant.Filter{})
	b.must(err)
	return s
}

func ref(x grant.Batch) grant.Ref { return grant.Ref{ID: x.ID, Version: x.Version} }

// published brings a batch before the public.
func (b *bench) published() grant.Batch {
	b.t.Helper()
	x, err := b.Grants.Draft(b.ctx, b.handler, clause)
	b.must(err)
	x, err = b.Grants.Check(b.ctx, b.handler, ref(x))
	b.must(err)
	x, err = b.Grants.Release(b.ctx, b.approver, ref(x))
	b.must(err)
	return x
}

// owner acts for the firm of a line.
func (b *bench) owner(l grant.Line) auth.Actor {
	b.t.Helper()
	people, err := b.Identity.AgentsFor(b.ctx, l.FirmID, auth.ModuleCases)
	b.must(err)
	for _, p := range people {
		who, err := b.ActorOf(b.ctx, p.ID)
		b.must(err)
		if grant.Answers(who, l.FirmID, "KJ-0202") {
			return who
		}
	}
	b.t.Fatalf("nobody acts for %s", l.Name.ZH)
	return auth.Actor{}
}

// TestTheWayOfABatch: drafted, checked, released by somebody else, answered, closed.
func TestTheWayOfABatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s := b.Grants
		_, err := s.Draft(b.ctx, b.approver, clause)
		b.want("an approver drafts", err, grant.ErrNotFound)
		_, err = s.Draft(b.ctx, b.Actor(t, "handler-sc"), clause)
		b.want("another department drafts", err, grant.ErrNotFound)
		x, err := s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		_, err = s.Draft(b.ctx, b.handler, clause)
		b.want("a second list of the clause", err, grant.ErrNobody)
		sheet := b.sheet(x.ID)
		lines := sheet.Lines.Rows
		if len(lines) < 4 || sheet.Tallies.Standing().Sum != sumOf(lines) || len(lines[0].Why) == 0 || lines[0].Why[0].Text.EN == "" {
			t.Fatalf("%d lines, %+v", len(lines), sheet.Tallies)
		}
		for i := 1; i < len(lines); i++ {
			if lines[i].Seq != lines[i-1].Seq+1 {
				t.Errorf("line %d after %d", lines[i].Seq, lines[i-1].Seq)
			}
		}
		_, err = s.Batch(b.ctx, b.Actor(t, "handler-sc"), x.ID, grant.Filter{})
		b.want("another department reads", err, grant.ErrNotFound)
		_, err = s.Batch(b.ctx, b.Actor(t, "leader"), x.ID, grant.Filter{})
		b.must(err)

		_, err = s.Move(b.ctx, b.handler, ref(x), lines[0].ID, grant.Removed, " ")
		if errs.FieldsOf(err) == nil {
			t.Errorf("removed without a reason: %v", err)
		}
		stale := ref(x)
		x, err = s.Move(b.ctx, b.handler, ref(x), lines[0].ID, grant.Removed, "已注销")
		b.must(err)
		_, err = s.Move(b.ctx, b.handler, stale, lines[1].ID, grant.Removed, "x")
		b.want("from an old page", err, db.ErrStale)
		x, err = s.Move(b.ctx, b.handler, ref(x), lines[1].ID, grant.Waiting, "等税务数据")
		b.must(err)
		x, err = s.Move(b.ctx, b.handler, ref(x), lines[0].ID, grant.Listed, "")
		b.must(err)
		_, err = s.Release(b.ctx, b.approver, ref(x))
		b.want("released unchecked", err, grant.ErrState)
		x, err = s.Check(b.ctx, b.handler, ref(x))
		b.must(err)
		_, err = s.Release(b.ctx, b.handler, ref(x))
		b.want("a handler releases", err, grant.ErrForbidden)
		x, err = s.Return(b.ctx, b.approver, ref(x), "再看一遍")
		b.must(err)
		head := b.Actor(t, "head-kj")
		x, err = s.Check(b.ctx, head, ref(x))
		b.must(err)
		_, err = s.Release(b.ctx, head, ref(x))
		b.want("who checked releases", err, grant.ErrOwn)
		x, err = s.Return(b.ctx, head, ref(x), "再看一遍")
		b.must(err)
		x, err = s.Check(b.ctx, b.handler, ref(x))
		b.must(err)
		_, err = s.Release(b.ctx, head, ref(x))
		b.want("who checked before releases", err, grant.ErrOwn)
		_, err = s.Public(b.ctx, x.ID, grant.Look{})
		b.want("public before its time", err, grant.ErrNotFound)
		x, err = s.Release(b.ctx, b.approver, ref(x))
		b.must(err)
		public, err := s.Public(b.ctx, x.ID, grant.Look{})
		b.must(err)
		if public.Total.N != len(lines)-1 || slices.ContainsFunc(public.Lines.Rows, func(l grant.Line) bool { return l.ID == lines[1].ID || l.Account != "" || len(l.Why) > 0 }) {
			t.Errorf("%+v", public.Total)
		}

		first, second := lines[0], lines[2]
		owner, other := b.owner(first), b.owner(second)
		answer := grant.Answer{Line: first.ID, Version: b.line(owner, first.ID).Version, Bank: "渤海银行", Account: "6222 0000 1111 2222"}
		b.want("a stranger answers", s.Answer(b.ctx, b.stranger(first, second), answer), grant.ErrNotFound)
		if err := s.Answer(b.ctx, owner, grant.Answer{Line: first.ID, Version: answer.Version, Bank: "x", Account: "12"}); len(errs.FieldsOf(err)) != 2 {
			t.Errorf("a bad account: %v", err)
		}
		b.must(s.Answer(b.ctx, owner, answer))
		b.want("from an old page", s.Answer(b.ctx, owner, answer), db.ErrStale)
		if l := b.line(owner, first.ID); l.State != grant.Confirmed || l.Account != "6222000011112222" {
			t.Errorf("%+v", l)
		}
		if raw, err := db.One(b.ctx, d.Read(b.ctx), db.Scalar[string], `SELECT account FROM matching_grant_line WHERE id=$1`, first.ID); err != nil || len(raw) < 30 || raw == "6222000011112222" {
			t.Errorf("the account stands in clear: %q %v", raw, err)
		}
		b.must(s.Answer(b.ctx, other, grant.Answer{Line: second.ID, Version: b.line(other, second.ID).Version, Decline: true}))

		b.must(s.Sweep(b.ctx))
		if got := b.sheet(x.ID).Batch.State; got != grant.Published {
			t.Errorf("before its day: %s", got)
		}
		b.Clock.Set(x.ShownUntil)
		b.must(s.Sweep(b.ctx))
		if got := b.sheet(x.ID).Batch.State; got != grant.Confirming {
			t.Errorf("after the publicity: %s", got)
		}
		b.Clock.Set(x.RemindAt)
		b.must(s.Sweep(b.ctx))
		b.must(s.Sweep(b.ctx))
		if sheet := b.sheet(x.ID); sheet.RemindedAt.IsZero() {
			t.Error("nobody was reminded")
		}
		b.Clock.Set(x.AnswerUntil)
		b.want("an answer too late", s.Answer(b.ctx, owner, grant.Answer{Line: first.ID, Version: b.line(owner, first.ID).Version, Decline: true}), grant.ErrOver)
		b.must(s.Sweep(b.ctx))
		sheet = b.sheet(x.ID)
		if got := sheet.Tallies; sheet.Batch.State != grant.Settled || got[grant.Confirmed].N != 1 || got[grant.Declined].N != 1 || got[grant.Lapsed].N != len(lines)-3 {
			t.Errorf("%s %+v", sheet.Batch.State, got)
		}
		b.Clock.Set(x.DraftedAt) // when the certificates were long enough
		// What lapsed and waited is free again; what was confirmed or declined is not.
		again, err := s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		if n := b.sheet(again.ID).Tallies.All(); n != len(lines)-2 {
			t.Errorf("%d lines in the next list, want %d", n, len(lines)-2)
		}
	})
}

func sumOf(lines []grant.Line) (sum money.Fen) {
	for _, l := range lines {
		sum += l.Sum
	}
	return sum
}

func (b *bench) line(who auth.Actor, id string) grant.Line {
	b.t.Helper()
	c, err := b.Grants.Own(b.ctx, who, id)
	b.must(err)
	return c.Line
}

// stranger is somebody who acts for none of the firms.
func (b *bench) stranger(lines ...grant.Line) auth.Actor {
	for _, login := range []string{"applicant", "talent", "citizen"} {
		who := b.Actor(b.t, login)
		if !slices.ContainsFunc(lines, func(l grant.Line) bool { return who.ActsFor(l.FirmID) }) {
			return who
		}
	}
	b.t.Fatal("everybody acts for them")
	return auth.Actor{}
}

// TestObjections: one stops a line until somebody settles it; upheld it strikes it.
func TestObjections(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s, x := b.Grants, b.published()
		lines := b.sheet(x.ID).Lines.Rows
		who := b.Actor(t, "citizen")
		b.want("anonymous", s.Object(b.ctx, auth.Actor{}, x.ID, lines[0].ID, "这家企业已经搬走了"), grant.ErrForbidden)
		b.want("too short", s.Object(b.ctx, who, x.ID, lines[0].ID, "x"), grant.ErrInvalid)
		b.must(s.Object(b.ctx, who, x.ID, lines[0].ID, "这家企业已经搬走了"))
		b.want("again", s.Object(b.ctx, who, x.ID, lines[0].ID, "这家企业已经搬走了"), grant.ErrAgain)
		b.must(s.Object(b.ctx, who, x.ID, lines[1].ID, "证书已经撤销了"))
		b.Clock.Set(x.ShownUntil)
		b.must(s.Sweep(b.ctx))
		b.want("too late", s.Object(b.ctx, who, x.ID, lines[2].ID, "证书已经撤销了"), grant.ErrOver)
		sheet := b.sheet(x.ID)
		if sheet.Open != 2 || !sheet.Lines.Rows[0].Stopped || sheet.Lines.Rows[2].Stopped {
			t.Fatalf("%+v", sheet.Objections)
		}
		b.Clock.Set(x.AnswerUntil.Add(time.Hour))
		b.must(s.Sweep(b.ctx))
		if got := b.sheet(x.ID); got.Batch.State != grant.Confirming {
			t.Errorf("closed over an open objection: %s", got.Batch.State)
		}
		y := b.sheet(x.ID).Batch
		_, err := s.Settle(b.ctx, b.handler, ref(y), sheet.Objections[0].ID, true, "")
		if errs.FieldsOf(err) == nil {
			t.Errorf("settled without a reason: %v", err)
		}
		_, err = s.Settle(b.ctx, b.Actor(t, "handler-sc"), ref(y), sheet.Objections[0].ID, true, "属实")
		b.want("another department", err, grant.ErrNotFound)
		y, err = s.Settle(b.ctx, b.handler, ref(y), sheet.Objections[0].ID, true, "属实")
		b.must(err)
		_, err = s.Settle(b.ctx, b.handler, ref(y), sheet.Objections[0].ID, false, "不属实")
		b.want("settled twice", err, grant.ErrState)
		_, err = s.Settle(b.ctx, b.approver, ref(y), sheet.Objections[1].ID, false, "证书有效")
		b.must(err)
		b.must(s.Sweep(b.ctx))
		got := b.sheet(x.ID)
		// Nobody answered, so that nobody is left to pay: with the answers the list is over.
		if got.Batch.State != grant.Paid || got.Tallies[grant.Struck].N != 1 || got.Open != 0 {
			t.Errorf("%s %+v", got.Batch.State, got.Tallies)
		}
	})
}

// TestWhoFitsNoMore is left out at the release, unless somebody keeps him.
func TestWhoFitsNoMore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s := b.Grants
		x, err := s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		n := b.sheet(x.ID).Tallies.Standing().N
		b.Clock.Set(b.Clock.Now().AddDate(1, 6, 0)) // certificates come nearer to their end
		gone := b.sheet(x.ID).Gone
		if len(gone) < 2 {
			t.Fatalf("%d fit no more", len(gone))
		}
		lines := b.sheet(x.ID).Lines.Rows
		i := slices.IndexFunc(lines, func(l grant.Line) bool { return gone[l.FirmID] })
		x, err = s.Keep(b.ctx, b.handler, ref(x), lines[i].ID, "拟定时符合")
		b.must(err)
		x, err = s.Check(b.ctx, b.handler, ref(x))
		b.must(err)
		_, err = s.Keep(b.ctx, b.approver, ref(x), lines[i].ID, "我说了算")
		b.want("who releases keeps", err, grant.ErrForbidden)
		x, err = s.Release(b.ctx, b.approver, ref(x))
		b.must(err)
		if got := b.sheet(x.ID).Tallies; got.Standing().N != n-len(gone)+1 || got[grant.Unfit].N != len(gone)-1 {
			t.Errorf("%d of %d, %d gone: %+v", got.Standing().N, n, len(gone), got)
		}
	})
}
