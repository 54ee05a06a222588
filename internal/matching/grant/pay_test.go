package grant_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// awards stands for the engine of cases: one case for a key.
type awards struct {
	mu     sync.Mutex
	made   map[string]grant.Awarded
	undone []string
	calls  int
	fail   func(call int, a grant.Awarding) error
}

func (b *bench) awards() *awards {
	x := &awards{made: map[string]grant.Awarded{}}
	b.having()
	b.Grants.Ports.Award = func(_ context.Context, _ auth.Actor, a grant.Awarding) (grant.Awarded, error) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.calls++
		if x.fail != nil {
			if err := x.fail(x.calls, a); err != nil {
				return grant.Awarded{}, err
			}
		}
		if _, again := x.made[a.Key]; !again {
			x.made[a.Key] = grant.Awarded{ID: "case-" + a.Key, Number: fmt.Sprintf("N%04d", len(x.made)+1)}
		}
		return x.made[a.Key], nil
	}
	b.Grants.Ports.Unaward = func(_ context.Context, _ auth.Actor, id, _ string) error {
		x.undone = append(x.undone, id)
		return nil
	}
	return x
}

func (b *bench) fund() budget.Fund {
	b.t.Helper()
	f, ok, err := b.Budget.Money(b.ctx, "tiers")
	b.must(err)
	if !ok {
		b.t.Fatal("there is no fund")
	}
	return f
}

// confirms lets the firm of a line give an account.
func (b *bench) confirms(l grant.Line, account string) {
	b.t.Helper()
	owner := b.owner(l)
	b.must(b.Grants.Answer(b.ctx, owner, grant.Answer{Line: l.ID, Version: b.line(owner, l.ID).Version, Bank: "渤海银行", Account: account}))
}

const number = "6222000011112222333"

// settled brings a batch to the end of its answers: the first n lines are confirmed.
func (b *bench) settled(n int) (grant.Batch, []grant.Line) {
	b.t.Helper()
	x := b.published()
	lines := b.sheet(x.ID).Lines.Rows
	for _, l := range lines[:n] {
		b.confirms(l, number)
	}
	b.Clock.Set(x.ShownUntil)
	b.must(b.Grants.Sweep(b.ctx))
	b.Clock.Set(x.AnswerUntil)
	return x, lines
}

func (b *bench) today() string { return b.Clock.Now().Add(8 * time.Hour).Format("2006-01-02") }

// TestFromTheAnswersToTheMoney: what is set aside, what becomes cases, what is paid,
// what bounces, and what is taken back.
func TestFromTheAnswersToTheMoney(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s, cases, before := b.Grants, b.awards(), b.fund()
		b.exec(`UPDATE budget_fund SET total_fen=1 WHERE key='tiers'`)
		x, err := s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		x, err = s.Check(b.ctx, b.handler, ref(x))
		b.must(err)
		_, err = s.Release(b.ctx, b.approver, ref(x))
		b.want("released without money", err, budget.ErrExhausted)
		if got := b.sheet(x.ID); got.Batch.State != grant.Checked || b.fund().Reserved != before.Reserved {
			t.Errorf("after that: %s, %s reserved", got.Batch.State, b.fund().Reserved)
		}
		b.exec(`UPDATE budget_fund SET total_fen=$1 WHERE key='tiers'`, int64(before.Total))
		_, err = s.Discard(b.ctx, b.handler, ref(x), "重来")
		b.must(err)

		x, lines := b.settled(3)
		all := sumOf(lines)
		if got := b.fund(); got.Reserved != before.Reserved+all || got.Granted != before.Granted {
			t.Errorf("once it is out: %s reserved of %s", got.Reserved, all)
		}
		_, err = s.MakeList(b.ctx, b.handler, ref(b.sheet(x.ID).Batch))
		b.want("a payment list before the answers are in", err, grant.ErrState)
		b.must(s.Sweep(b.ctx))
		b.must(s.Sweep(b.ctx))
		sheet := b.sheet(x.ID)
		three := sumOf(lines[:3])
		if sheet.Batch.State != grant.Settled || sheet.Cases.Made != 3 || sheet.Cases.Todo != 0 || sheet.Cases.Ready != (grant.Tally{N: 3, Sum: three}) || cases.calls != 3 || sheet.AwardedAt.IsZero() {
			t.Fatalf("%s %+v after %d calls", sheet.Batch.State, sheet.Cases, cases.calls)
		}
		if got := b.fund(); got.Reserved != before.Reserved || got.Granted != before.Granted+three {
			t.Errorf("once the cases are made: %s reserved, %s granted", got.Reserved, got.Granted-before.Granted)
		}
		x = b.listed(sheet.Batch)
		b.file(x)
		x = b.paidAndBounced(x)
		b.clawed(x, cases, before.Granted+three)
	})
}

// listed makes the payment list, and tries who may not.
func (b *bench) listed(x grant.Batch) grant.Batch {
	b.t.Helper()
	s := b.Grants
	_, err := s.MakeList(b.ctx, b.Actor(b.t, "leader"), ref(x))
	b.want("a leader makes the list", err, grant.ErrForbidden)
	_, err = s.MakeList(b.ctx, b.Actor(b.t, "handler-sc"), ref(x))
	b.want("another department makes the list", err, grant.ErrNotFound)
	old := ref(x)
	x, err = s.MakeList(b.ctx, b.handler, ref(x))
	b.must(err)
	if x.State != grant.Paying {
		b.t.Errorf("with a list: %s", x.State)
	}
	_, err = s.MakeList(b.ctx, b.handler, old)
	b.want("from an old page", err, db.ErrStale)
	_, err = s.MakeList(b.ctx, b.handler, ref(x))
	b.want("a second list before the first is paid", err, grant.ErrListOpen)
	return x
}

// file hands the list out as it was frozen.
func (b *bench) file(x grant.Batch) {
	b.t.Helper()
	s, list := b.Grants, b.sheet(x.ID).Lists[0]
	f, err := s.File(b.ctx, b.handler, x.ID, list.ID, "送国库付款")
	b.must(err)
	if len(f.Rows) != 4 || f.Rows[1][4] != number || f.Rows[1][5] != "100000.00" || f.Rows[1][6] == "" || !strings.Contains(f.CSV, "\t"+number+"\",") || f.Lines != 3 || f.Sum != 3*10_000_000 || len(f.SHA256) != 64 {
		b.t.Errorf("%+v %q", f.List, f.CSV)
	}
	again, err := s.File(b.ctx, b.approver, x.ID, list.ID, "核对")
	b.must(err)
	if again.CSV != f.CSV {
		b.t.Error("the file is another one the second time")
	}
	_, err = s.File(b.ctx, b.handler, x.ID, list.ID, " ")
	if errs.FieldsOf(err) == nil {
		b.t.Errorf("without a reason: %v", err)
	}
	_, err = s.File(b.ctx, b.Actor(b.t, "leader"), x.ID, list.ID, "看看")
	b.want("a leader reads accounts", err, grant.ErrForbidden)
	_, err = s.File(b.ctx, b.Actor(b.t, "handler-sc"), x.ID, list.ID, "看看")
	b.want("another department reads accounts", err, grant.ErrNotFound)
	n, err := db.One(b.ctx, b.DB.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='grant.download' AND reason<>''`)
	if err != nil || n != 2 {
		b.t.Errorf("%d downloads are noted, %v", n, err)
	}
	raw, err := db.One(b.ctx, b.DB.Read(b.ctx), db.Scalar[string], `SELECT content FROM matching_grant_list`)
	if err != nil || strings.Contains(raw, number) {
		b.t.Errorf("accounts stand in clear: %v", err)
	}
}

// paidAndBounced: somebody else enters what came of the list; one payment comes back
// and is on the next list, with the account that the firm gives then.
func (b *bench) paidAndBounced(x grant.Batch) grant.Batch {
	b.t.Helper()
	s, list := b.Grants, b.sheet(x.ID).Lists[0]
	lines := b.sheet(x.ID).Lines.Rows
	_, err := s.Bounce(b.ctx, b.handler, grant.Back{Ref: ref(x), Line: lines[0].ID, Reason: "户名不符"})
	b.want("who made the list enters what bounced", err, grant.ErrPayer)
	_, err = s.Bounce(b.ctx, b.approver, grant.Back{Ref: ref(x), Line: lines[3].ID, Reason: "户名不符"})
	b.want("a line on no list bounces", err, grant.ErrState)
	x, err = s.Bounce(b.ctx, b.approver, grant.Back{Ref: ref(x), Line: lines[0].ID, Reason: "户名不符"})
	b.must(err)
	pay := func(who auth.Actor, x grant.Batch, list, on, voucher string) (grant.Batch, error) {
		return s.Paid(b.ctx, who, grant.Payment{Ref: ref(x), List: list, On: on, Voucher: voucher})
	}
	_, err = pay(b.handler, x, list.ID, b.today(), "GK-1")
	b.want("who made the list enters that it was paid", err, grant.ErrPayer)
	_, err = pay(b.approver, x, list.ID, "2027-12-31", " ")
	if len(errs.FieldsOf(err)) != 2 {
		b.t.Errorf("no voucher and a day to come: %v", err)
	}
	_, err = pay(b.approver, x, list.ID, "2020-01-01", "GK-1")
	if len(errs.FieldsOf(err)) != 1 {
		b.t.Errorf("a day before the list: %v", err)
	}
	x, err = pay(b.approver, x, list.ID, b.today(), "GK-1")
	b.must(err)
	got := b.sheet(x.ID)
	if x.State != grant.Paying || got.Tallies[grant.PaidOut].N != 2 || got.Tallies[grant.Bounced].N != 1 || got.Lists[0].State != grant.ListPaid || got.Lists[0].Voucher != "GK-1" {
		b.t.Errorf("%s %+v %+v", x.State, got.Tallies, got.Lists)
	}
	_, err = pay(b.approver, x, list.ID, b.today(), "GK-2")
	b.want("paid twice", err, grant.ErrState)
	_, err = s.MakeList(b.ctx, b.handler, ref(x))
	b.want("a list before there is another account", err, grant.ErrNobody)

	owner := b.owner(lines[0])
	l := b.line(owner, lines[0].ID)
	b.want("declined after its case was made", s.Answer(b.ctx, owner, grant.Answer{Line: l.ID, Version: l.Version, Decline: true}), grant.ErrOver)
	b.must(s.Answer(b.ctx, owner, grant.Answer{Line: l.ID, Version: l.Version, Bank: "渤海银行", Account: "8888000011112222"}))
	_, err = s.MakeList(b.ctx, b.approver, ref(x))
	b.want("who entered that it bounced makes the next list", err, grant.ErrBouncer)
	x, err = s.MakeList(b.ctx, b.Actor(b.t, "head-kj"), ref(x))
	b.must(err)
	got = b.sheet(x.ID)
	second := got.Lists[1]
	f, err := s.File(b.ctx, b.handler, x.ID, second.ID, "送国库付款")
	b.must(err)
	if second.Lines != 1 || len(f.Rows) != 2 || f.Rows[1][4] != "8888000011112222" || second.Number == got.Lists[0].Number {
		b.t.Errorf("the second list: %+v %v", second, f.Rows)
	}
	x, err = pay(b.handler, x, second.ID, b.today(), "GK-3")
	b.must(err)
	if x.State != grant.Paid {
		b.t.Errorf("when everybody is paid: %s", x.State)
	}
	return x
}

// clawed takes one back.
func (b *bench) clawed(x grant.Batch, cases *awards, granted money.Fen) {
	b.t.Helper()
	s, lines := b.Grants, b.sheet(x.ID).Lines.Rows
	_, err := s.ClawBack(b.ctx, b.handler, ref(x), lines[1].ID, "材料不实")
	b.want("a handler takes back", err, grant.ErrForbidden)
	_, err = s.ClawBack(b.ctx, b.Actor(b.t, "head-kj"), ref(x), lines[0].ID, "材料不实")
	b.want("who made the payment list takes back", err, grant.ErrOwn)
	_, err = s.ClawBack(b.ctx, b.approver, ref(x), lines[3].ID, "材料不实")
	b.want("what was never granted", err, grant.ErrState)
	_, err = s.ClawBack(b.ctx, b.approver, ref(x), lines[1].ID, "")
	if errs.FieldsOf(err) == nil {
		b.t.Errorf("taken back without a reason: %v", err)
	}
	x, err = s.ClawBack(b.ctx, b.approver, ref(x), lines[1].ID, "材料不实")
	b.must(err)
	l := b.line(b.owner(lines[1]), lines[1].ID)
	if l.State != grant.Clawed || l.Owed != l.Sum || x.State != grant.Paid || len(cases.undone) != 1 || cases.undone[0] != "grant:"+l.ID {
		b.t.Errorf("%+v %s %v", l, x.State, cases.undone)
	}
	if got := b.fund().Granted; got != granted {
		b.t.Errorf("%s granted while the firm has it, want %s", got, granted)
	}
	told, err := db.One(b.ctx, b.DB.Read(b.ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind='grant_clawed'`)
	if err != nil || told == 0 {
		b.t.Errorf("nobody was told: %v", err)
	}
	_, err = s.ClawBack(b.ctx, b.approver, ref(x), lines[1].ID, "材料不实")
	b.want("taken back twice", err, grant.ErrState)
	_, err = s.Recovered(b.ctx, b.handler, ref(x), lines[2].ID, b.today())
	b.want("paid back though nothing is owed", err, grant.ErrState)
	if _, err = s.Recovered(b.ctx, b.handler, ref(x), lines[1].ID, "2020-01-01"); len(errs.FieldsOf(err)) != 1 {
		b.t.Errorf("paid back before it was asked for: %v", err)
	}
	x, err = s.Recovered(b.ctx, b.handler, ref(x), lines[1].ID, b.today())
	b.must(err)
	if l := b.line(b.owner(lines[1]), lines[1].ID); l.Recovered != b.today() || b.sheet(x.ID).Cases.Owed.N != 0 {
		b.t.Errorf("%+v", l)
	}
	if got := b.fund().Granted; got != granted-l.Sum {
		b.t.Errorf("%s granted when it is back, want %s", got, granted-l.Sum)
	}
	// What was taken back holds its place: the firm is not on the next list by itself.
	b.Clock.Set(x.DraftedAt)
	next, err := s.Draft(b.ctx, b.handler, clause)
	b.must(err)
	if _, on := b.byFirm(next.ID)[lines[1].FirmID]; on {
		b.t.Error("whom it was taken from is on the next list")
	}
}

// TestCasesInPortions: a process that dies in the middle repeats nothing.
func TestCasesInPortions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s, cases, before := b.Grants, b.awards(), b.fund()
		x, lines := b.settled(1)
		const more = 119
		for i := range more {
			b.exec(`INSERT INTO matching_grant_line (id, grant_id, seq, clause_key, period, enterprise_id, uscc, name, fen, why, state, live, reason, kept, bank, account, answered_by, answered_at, version)
				SELECT $2, grant_id, $3, clause_key, period, $2, uscc, name, fen, why, 'confirmed', live, '', '', bank, account, '', 0, 1 FROM matching_grant_line WHERE id=$1`, lines[0].ID, fmt.Sprintf("line-%03d", i), 1000+i)
		}
		dead := errors.New("the process died")
		cases.fail = func(call int, _ grant.Awarding) error {
			if call == 70 {
				return dead
			}
			return nil
		}
		b.want("in the middle", s.Sweep(b.ctx), dead)
		sheet := b.sheet(x.ID)
		if sheet.Cases.Made != 50 || sheet.Cases.Todo != more+1-50 || !sheet.AwardedAt.IsZero() || sheet.Batch.State != grant.Settled {
			t.Fatalf("%+v", sheet.Cases)
		}
		if got := b.fund().Granted - before.Granted; got != 50*lines[0].Sum {
			t.Errorf("%s granted", got)
		}
		b.must(s.Sweep(b.ctx))
		b.must(s.Sweep(b.ctx))
		if sheet = b.sheet(x.ID); sheet.Cases.Made != more+1 || sheet.Cases.Todo != 0 || sheet.AwardedAt.IsZero() || len(cases.made) != more+1 {
			t.Errorf("%+v, %d cases", sheet.Cases, len(cases.made))
		}
		if got := b.fund(); got.Granted-before.Granted != (more+1)*lines[0].Sum || got.Reserved != before.Reserved {
			t.Errorf("%s granted, %s reserved", got.Granted-before.Granted, got.Reserved)
		}
	})
}

// TestACaseThatCannotBeMade keeps nobody else waiting, and its money stays set aside.
func TestACaseThatCannotBeMade(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s, cases, before := b.Grants, b.awards(), b.fund()
		x, lines := b.settled(3)
		cases.fail = func(_ int, a grant.Awarding) error {
			if a.Firm == lines[1].FirmID {
				return grant.ErrOver
			}
			return nil
		}
		b.must(s.Sweep(b.ctx))
		sheet := b.sheet(x.ID)
		if sheet.Cases.Made != 2 || sheet.Cases.Faults != 1 || sheet.AwardedAt.IsZero() {
			t.Fatalf("%+v", sheet.Cases)
		}
		l := b.byFirm(x.ID)[lines[1].FirmID]
		if text := l.FaultText(); text.ZH == "" || text.EN == "" || text.ZH == text.EN {
			t.Errorf("why: %+v", text)
		}
		if got := b.fund().Reserved - before.Reserved; got < lines[1].Sum {
			t.Errorf("%s are still set aside", got)
		}
		y, err := s.MakeList(b.ctx, b.handler, ref(sheet.Batch)) // the others are paid meanwhile
		b.must(err)
		_, err = s.Retry(b.ctx, b.Actor(t, "leader"), ref(y))
		b.want("a leader tries again", err, grant.ErrForbidden)
		cases.fail = nil
		_, err = s.Retry(b.ctx, b.handler, ref(y))
		b.must(err)
		b.must(s.Sweep(b.ctx))
		sheet = b.sheet(x.ID)
		if sheet.Cases.Made != 3 || sheet.Cases.Faults != 0 || sheet.Cases.Ready.N != 1 || b.fund().Reserved != before.Reserved {
			t.Errorf("%+v, %s reserved", sheet.Cases, b.fund().Reserved-before.Reserved)
		}
		y, err = s.Paid(b.ctx, b.approver, grant.Payment{Ref: ref(sheet.Batch), List: sheet.Lists[0].ID, On: b.today(), Voucher: "GK-1"})
		b.must(err)
		if y.State != grant.Paying {
			t.Errorf("paid though one is on no list: %s", y.State)
		}
	})
}

// TestACaseBetween: whoever gets the benefit by a case between the release and the
// end of the answers gets nothing from the list.
func TestACaseBetween(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s, cases, before := b.Grants, b.awards(), b.fund()
		x, lines := b.settled(2)
		b.having(lines[0].FirmID)
		b.must(s.Sweep(b.ctx))
		sheet := b.sheet(x.ID)
		if l := b.byFirm(x.ID)[lines[0].FirmID]; l.State != grant.Double || l.Cause != grant.HasCase || len(cases.made) != 1 {
			t.Errorf("%s %s, %d cases", l.State, l.Cause, len(cases.made))
		}
		if got := b.fund(); got.Granted-before.Granted != lines[1].Sum || got.Reserved != before.Reserved || sheet.Cases.Made != 1 {
			t.Errorf("%s granted, %+v", got.Granted-before.Granted, sheet.Cases)
		}
	})
}

// TestTwoMakeTheListAtOnce: one of them does.
func TestTwoMakeTheListAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.awards()
		x, _ := b.settled(2)
		b.must(b.Grants.Sweep(b.ctx))
		at := ref(b.sheet(x.ID).Batch)
		errsOf := make([]error, 4)
		var wg sync.WaitGroup
		for i, who := range []auth.Actor{b.handler, b.approver, b.handler, b.approver} {
			wg.Go(func() { _, errsOf[i] = b.Grants.MakeList(b.ctx, who, at) })
		}
		wg.Wait()
		won := 0
		for _, err := range errsOf {
			if err == nil {
				won++
			} else if !errors.Is(err, db.ErrStale) && !errors.Is(err, grant.ErrListOpen) {
				t.Error(err)
			}
		}
		sheet := b.sheet(x.ID)
		if won != 1 || len(sheet.Lists) != 1 || sheet.Lists[0].Lines != 2 || slices.ContainsFunc(sheet.Lines.Rows[:2], func(l grant.Line) bool { return l.ListID != sheet.Lists[0].ID }) {
			t.Errorf("%d won, %+v", won, sheet.Lists)
		}
	})
}
