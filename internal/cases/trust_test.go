package cases_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestDishonest: against who has a bad record nothing is tolerated and nothing
// promised, whether the record came before the form, between the form and its
// submission, or between that and the acceptance.
func TestDishonest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, clerk := b.Actor(t, "applicant"), b.Actor(t, "clerk")
		const key = "waste_contract"
		state := func(k cases.Case) cases.MaterialState {
			t.Helper()
			f, err := b.Cases.Form(b.ctx, who, k.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range f.Materials {
				if m.Key == key {
					return m
				}
			}
			t.Fatal("the paper is not asked for")
			return cases.MaterialState{}
		}
		later := func() cases.Case {
			t.Helper()
			k := b.start(t, who, "KJ-0001")
			b.Fill(t, who, k.ID)
			b.leaveLater(t, who, k.ID)
			return k
		}
		k := later()
		if m := state(k); m.How != cases.Later || m.Barred {
			t.Fatalf("%+v", m)
		}
		k, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Identity.RecordCredit(b.ctx, auth.SystemActor(), identity.CreditRecord{Party: k.Party, Kind: identity.StandingBad, Reason: "承诺没有兑现", Until: "2026-03-09"}); err != nil {
			t.Fatal(err)
		}

		// Handed in before, not accepted yet: the clerk is told, and asks for it.
		if v, err := b.Cases.View(b.ctx, clerk, k.ID); err != nil || !v.Dishonest {
			t.Fatalf("%v: the clerk is not told", err)
		}
		if _, err := b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID}); !errors.Is(err, cases.ErrBarred) {
			t.Fatalf("accepted on trust: %v", err)
		}
		k, err = b.Cases.AskSupplement(b.ctx, clerk, cases.Ref{ID: k.ID}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: key, Reason: "有失信记录，不能容缺"}}})
		if err != nil {
			t.Fatal(err)
		}
		if m := state(k); m.How != cases.Missing {
			t.Fatalf("%+v", m)
		}
		b.attach(t, who, k.ID, key, "协议.pdf", "")
		if k, err = b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		if v, err := b.Cases.View(b.ctx, clerk, k.ID); err != nil || v.Dishonest {
			t.Fatalf("%v: told although nothing leans on trust", err)
		}
		if _, err = b.Cases.Accept(b.ctx, clerk, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}

		// Before the form: it says so, and without the paper it is not complete.
		k = later()
		if m := state(k); m.How != cases.Missing || !m.Barred || m.Trust != "" {
			t.Fatalf("tolerated: %+v", m)
		}
		if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); !errors.Is(err, cases.ErrIncomplete) {
			t.Fatalf("submitted on trust: %v", err)
		}

		// When the record does not count any more the paper may come later again.
		b.Clock.Advance(10 * 24 * time.Hour)
		if m := state(k); m.How != cases.Later || m.Barred {
			t.Fatalf("%+v", m)
		}
	})
}

// TestPromiseOfTheDishonest: what was promised before the record counts for
// nothing after it.
func TestPromiseOfTheDishonest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "talent")
		k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "ZSCQ-0204"})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(b.Cases.TypeSample(b.ctx, who, k.ID, 7, map[string]string{"applicant_kind": "person", "has_income": "yes"}),
			b.Cases.Mark(b.ctx, who, k.ID, "income", cases.ByCommitment), b.Cases.AttachSample(b.ctx, who, k.ID),
			b.Identity.RecordCredit(b.ctx, auth.SystemActor(), identity.CreditRecord{Party: k.Party, Kind: identity.StandingBad, Reason: "承诺没有兑现"})); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); !errors.Is(err, cases.ErrIncomplete) {
			t.Fatalf("a promise of the dishonest: %v", err)
		}
		if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEffectOfAStanding(t *testing.T) {
	t.Parallel()
	item := func(on catalogue.Trust, materials ...catalogue.Material) *catalogue.Item {
		it := &catalogue.Item{}
		it.Flow.OnCommitment = on
		it.Materials = materials
		return it
	}
	promise, plain, later := catalogue.Material{Commitment: true}, catalogue.Material{}, catalogue.Material{Need: catalogue.Tolerated}
	for name, c := range map[string]struct {
		item *catalogue.Item
		s    identity.Standing
		want cases.Effect
	}{
		"a bad record takes all":                {item(catalogue.TrustAll, promise), identity.StandingBad, cases.EffectNone},
		"also where nothing can be promised":    {item("", plain), identity.StandingBad, cases.EffectNone},
		"a good one is decided at once":         {item(catalogue.TrustGood, promise, plain), identity.StandingGood, cases.EffectEasy},
		"an ordinary one where all are trusted": {item(catalogue.TrustAll, promise), identity.StandingNormal, cases.EffectEasy},
		"an ordinary one where the good are":    {item(catalogue.TrustGood, promise), identity.StandingNormal, cases.EffectUsual},
		"a paper may come later":                {item("", later), identity.StandingGood, cases.EffectUsual},
		"nothing to promise":                    {item(catalogue.TrustAll, plain), identity.StandingGood, cases.EffectPapers},
	} {
		if got := cases.EffectOf(c.item, c.s); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
