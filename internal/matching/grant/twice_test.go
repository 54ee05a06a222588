package grant_test

import (
	"context"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// having makes these firms have a case of any item.
func (b *bench) having(firms ...string) *[]time.Time {
	var since []time.Time
	b.Grants.Ports.Having = func(_ context.Context, _ string, of []string, from time.Time) (map[string]bool, error) {
		since = append(since, from)
		out := map[string]bool{}
		for _, f := range firms {
			for _, x := range of {
				out[f] = out[f] || x == f
			}
		}
		return out, nil
	}
	return &since
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	b.must(b.DB.InTx(b.ctx, func(ctx context.Context) error {
		_, err := b.DB.Exec(ctx, query, args...)
		return err
	}))
}

// lines of a batch by firm.
func (b *bench) byFirm(id string) map[string]grant.Line {
	out := map[string]grant.Line{}
	for _, l := range b.sheet(id).Lines.Rows {
		out[l.FirmID] = l
	}
	return out
}

// TestNobodyGetsItTwice: who has a case of the item is not drafted and not released.
func TestNobodyGetsItTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s := b.Grants
		x, err := s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		lines := b.sheet(x.ID).Lines.Rows
		_, err = s.Discard(b.ctx, b.handler, ref(x), "重来")
		b.must(err)

		since := b.having(lines[0].FirmID)
		if got := b.free(b.handler, clause); got != len(lines)-1 {
			t.Errorf("%d free of %d", got, len(lines))
		}
		*since = nil
		x, err = s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		if _, on := b.byFirm(x.ID)[lines[0].FirmID]; on || x.Applied != 1 || len(*since) != 1 || !(*since)[0].IsZero() {
			t.Errorf("on the list: %v, %d counted, since %v", on, x.Applied, *since)
		}
		if got := b.sheet(x.ID).Applied; got != 1 {
			t.Errorf("%d counted once it is kept", got)
		}
		b.having(lines[1].FirmID)
		x, err = s.Check(b.ctx, b.handler, ref(x))
		b.must(err)
		x, err = s.Release(b.ctx, b.approver, ref(x))
		b.must(err)
		if l := b.byFirm(x.ID)[lines[1].FirmID]; l.State != grant.Double || l.Cause != grant.HasCase {
			t.Errorf("who has a case meanwhile: %s %s", l.State, l.Cause)
		}
	})
}

// TestYearlyAndOnce: a clause that is paid once after it was paid yearly, or the
// other way round, is not paid again. The unique index cannot tell: the periods differ.
func TestYearlyAndOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s := b.Grants
		b.having()
		x := b.published()
		if b.sheet(x.ID).Tallies.All() == 0 {
			t.Fatal("nobody is on the list")
		}
		_, err := s.Draft(b.ctx, b.handler, clause)
		b.want("once more", err, grant.ErrNobody)
		b.exec(`UPDATE matching_grant_line SET period='2025'`) // as if the clause had been yearly
		_, err = s.Draft(b.ctx, b.handler, clause)
		b.want("once, after it was yearly", err, grant.ErrNobody)
		if got := b.free(b.handler, clause); got != 0 {
			t.Errorf("%d are offered", got)
		}

		// The same the other way round, with a clause of every year.
		hr := b.Actor(t, "handler-rs")
		since := b.having()
		y, err := s.Draft(b.ctx, hr, yearly)
		b.must(err)
		china := time.FixedZone("", 8*3600)
		if want := time.Date(2026, 1, 1, 0, 0, 0, 0, china); len(*since) == 0 || !(*since)[0].Equal(want) {
			t.Errorf("cases count since %v, want %v", *since, want)
		}
		b.exec(`UPDATE matching_grant SET state='settled' WHERE id=$1`, y.ID)
		b.exec(`UPDATE matching_grant_line SET period='once' WHERE grant_id=$1`, y.ID)
		_, err = s.Draft(b.ctx, hr, yearly)
		b.want("yearly, after it was once", err, grant.ErrNobody)
		b.exec(`UPDATE matching_grant_line SET period='2025' WHERE grant_id=$1`, y.ID)
		again, err := s.Draft(b.ctx, hr, yearly)
		b.must(err)
		// And at the release: somebody gave it once and for all meanwhile.
		b.exec(`UPDATE matching_grant_line SET period='once' WHERE grant_id=$1`, y.ID)
		again, err = s.Check(b.ctx, hr, ref(again))
		b.must(err)
		_, err = s.Release(b.ctx, b.Actor(t, "approver-rs"), ref(again))
		b.want("released over lines that count", err, grant.ErrNobody)
	})
}

// yearly is a clause of the demonstration that is granted every year.
const yearly = "rs-2026-02-1"

// free is how many firms the next list of a clause would hold.
func (b *bench) free(who auth.Actor, key string) int {
	b.t.Helper()
	offers, err := b.Grants.Offers(b.ctx, who)
	b.must(err)
	for _, o := range offers {
		if o.Key == key {
			return o.Free
		}
	}
	b.t.Fatalf("%s is not offered", key)
	return 0
}

// TestWhomNobodyHasVerified waits, is not put back by hand, and is not released.
func TestWhomNobodyHasVerified(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s := b.Grants
		b.having()
		x, err := s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		lines := b.sheet(x.ID).Lines.Rows
		_, err = s.Discard(b.ctx, b.handler, ref(x), "重来")
		b.must(err)
		verified := func(firm, state string) {
			b.t.Helper()
			b.exec(`UPDATE identity_dossier SET register=$2 WHERE enterprise_id=$1`, firm, state)
		}
		first, second := lines[0].FirmID, lines[1].FirmID
		verified(first, "unknown")
		x, err = s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		l := b.byFirm(x.ID)[first]
		if l.State != grant.Waiting || l.Cause != grant.Unproven || l.Sum == 0 {
			t.Fatalf("%+v", l)
		}
		_, err = s.Move(b.ctx, b.handler, ref(x), l.ID, grant.Listed, "")
		b.want("put back by hand", err, grant.ErrUnproven)
		x, err = s.Move(b.ctx, b.handler, ref(x), l.ID, grant.Removed, "查无此企业")
		b.must(err)
		_, err = s.Move(b.ctx, b.handler, ref(x), l.ID, grant.Listed, "")
		b.want("put back after it was removed", err, grant.ErrUnproven)
		verified(first, "known")
		x, err = s.Move(b.ctx, b.handler, ref(x), l.ID, grant.Listed, "")
		b.must(err)
		if l := b.byFirm(x.ID)[first]; l.State != grant.Listed || l.Cause != "" {
			t.Errorf("once it is verified: %s %s", l.State, l.Cause)
		}
		verified(second, "waiting")
		x, err = s.Check(b.ctx, b.handler, ref(x))
		b.must(err)
		x, err = s.Release(b.ctx, b.approver, ref(x))
		b.must(err)
		if l := b.byFirm(x.ID)[second]; l.State != grant.Waiting || l.Cause != grant.Unproven {
			t.Errorf("released unverified: %s %s", l.State, l.Cause)
		}
		verified(second, "known") // and is on the next list
		y, err := s.Draft(b.ctx, b.handler, clause)
		b.must(err)
		if n := b.sheet(y.ID).Tallies.All(); n != 1 {
			t.Errorf("%d on the next list", n)
		}
	})
}

// TestThePublicListOpensNothing: it is read in parts, by name and by code, and
// never touches the accounts.
func TestThePublicListOpensNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s := b.Grants
		b.having()
		x := b.published()
		lines := b.sheet(x.ID).Lines.Rows
		b.exec(`UPDATE matching_grant_line SET state='confirmed', account='broken'`)
		all, err := s.Public(b.ctx, x.ID, grant.Look{})
		b.must(err)
		if all.Total.N != len(lines) || len(all.Lines.Rows) != len(lines) || all.Lines.Next != "" {
			t.Errorf("%d lines, %+v", len(all.Lines.Rows), all.Total)
		}
		rest, err := s.Public(b.ctx, x.ID, grant.Look{After: lines[1].Seq})
		b.must(err)
		if len(rest.Lines.Rows) != len(lines)-2 || rest.Total.N != len(lines) {
			t.Errorf("after the second: %d of %d", len(rest.Lines.Rows), len(lines))
		}
		l := lines[2]
		for _, q := range []string{l.Name.ZH, string([]rune(l.Name.ZH)[1:5]), l.USCC, l.USCC[:len(l.USCC)-1]} {
			got, err := s.Public(b.ctx, x.ID, grant.Look{Q: q})
			b.must(err)
			found := false
			for _, y := range got.Lines.Rows {
				found = found || y.ID == l.ID
			}
			if !found || got.Total != all.Total {
				t.Errorf("%q: %d found", q, len(got.Lines.Rows))
			}
		}
		for _, q := range []string{"%", "没有这家企业", l.USCC[2:]} {
			if got, err := s.Public(b.ctx, x.ID, grant.Look{Q: q}); err != nil || len(got.Lines.Rows) != 0 {
				t.Errorf("%q: %d found, %v", q, len(got.Lines.Rows), err)
			}
		}
		one, err := s.Public(b.ctx, x.ID, grant.Look{Q: "没有这家企业", Line: l.ID})
		b.must(err)
		if one.Chosen == nil || one.Chosen.ID != l.ID {
			t.Errorf("chosen: %+v", one.Chosen)
		}
		b.exec(`UPDATE matching_grant_line SET state='struck' WHERE id=$1`, l.ID)
		if one, err = s.Public(b.ctx, x.ID, grant.Look{Line: l.ID}); err != nil || one.Chosen != nil {
			t.Errorf("a struck line can be chosen: %+v %v", one.Chosen, err)
		}
	})
}
