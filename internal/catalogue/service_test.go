package catalogue_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

type bench struct {
	*catalogue.Service
	db        *db.DB
	clock     *clock.Moved
	audit     *audit.Log
	published []catalogue.Published
	failing   error // what the subscriber returns
}

var (
	shelves = []catalogue.Shelf{{Key: "permit", Icon: "certificate", Name: i18n.Text{ZH: "经营许可", EN: "Permits"}, Hint: i18n.Text{ZH: "证", EN: "Permits"}}}
	author  = keeper("author")
	second  = keeper("second")
	clerk   = auth.Actor{Kind: auth.Staff, ID: "clerk", Posts: []auth.Post{{Role: auth.Clerk}}}
	person  = auth.Actor{Kind: auth.Person, ID: "person"}
)

func keeper(id string) auth.Actor {
	return auth.Actor{Kind: auth.Staff, ID: id, Posts: []auth.Post{{Role: auth.CatalogueAdmin}}}
}

func setup(t *testing.T, d *db.DB) *bench {
	t.Helper()
	b := &bench{db: d, clock: clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))}
	b.audit = audit.New(d, b.clock)
	bus := events.New()
	events.Subscribe(bus, func(_ context.Context, e catalogue.Published) error {
		b.published = append(b.published, e)
		return b.failing
	})
	b.Service = catalogue.New(catalogue.Deps{DB: d, Clock: b.clock, Audit: b.audit, Bus: bus})
	return b
}

// seeded has the sample KJ-0001 published.
func seeded(t *testing.T, d *db.DB) *bench {
	t.Helper()
	b := setup(t, d)
	if _, err := b.Import(t.Context(), auth.SystemActor(), catalogue.Seed{Shelves: shelves, Items: []catalogue.Definition{sample("KJ-0001")}}); err != nil {
		t.Fatal(err)
	}
	b.published = nil
	return b
}

func renamed(zh string) catalogue.Definition {
	d := sample("KJ-0001")
	d.Name = text(zh)
	return d
}

func (b *bench) save(t *testing.T, a auth.Actor, d catalogue.Definition, version int) catalogue.Revision {
	t.Helper()
	r, err := b.SaveDraft(t.Context(), a, d, version)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) actions(t *testing.T) []string {
	t.Helper()
	entries, err := b.audit.List(t.Context(), audit.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Action
	}
	slices.Sort(out) // entries of one millisecond have no order
	return out
}

func TestPublishingTakesTwo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		old, err := b.Item("KJ-0001")
		if err != nil {
			t.Fatal(err)
		}
		draft := b.save(t, author, renamed("新名称"), 0)
		if it, _ := b.Item("KJ-0001"); it.Name.ZH != "实验动物使用许可" {
			t.Error("a draft is shown to applicants")
		}
		if _, err := b.Version(ctx, draft.ID); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("a draft as a version: %v", err)
		}
		if err := b.Publish(ctx, author, "KJ-0001", draft.Version); !errors.Is(err, catalogue.ErrOwnDraft) {
			t.Fatalf("the author publishes: %v", err)
		}
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); err != nil {
			t.Fatal(err)
		}
		now, err := b.Item("KJ-0001")
		if err != nil || now.Name.ZH != "新名称" || now.Version != 2 || now.ID != old.ID || now.VersionID != draft.ID {
			t.Errorf("published: %+v, %v", now, err)
		}
		kept, err := b.Version(ctx, old.VersionID)
		if err != nil || kept.Name.ZH != "实验动物使用许可" || kept.Version != 1 {
			t.Errorf("the version that open cases keep: %+v, %v", kept, err)
		}
		if again, _ := b.Version(ctx, old.VersionID); again != kept {
			t.Error("a retired version is read from the database each time")
		}
		if want := []catalogue.Published{{ItemID: now.ID, VersionID: now.VersionID, Code: "KJ-0001"}}; !slices.Equal(b.published, want) {
			t.Errorf("told %+v, want %+v", b.published, want)
		}
		record, history, err := b.History(ctx, author, "KJ-0001")
		if err != nil || len(history) != 2 || history[0].State != catalogue.Live || history[1].State != catalogue.Retired {
			t.Fatalf("history %+v, %v", history, err)
		}
		if record.VersionID != history[0].ID || history[0].PublishedBy != "second" || history[0].CreatedBy != "author" || history[1].RetiredAt.IsZero() {
			t.Errorf("record %+v, history %+v", record, history)
		}
		if got, want := b.actions(t), []string{"catalogue.publish", "catalogue.publish", "catalogue.save_draft"}; !slices.Equal(got, want) {
			t.Errorf("audit %v, want %v", got, want)
		}
		if err := b.Publish(ctx, second, "KJ-0001", 2); !errors.Is(err, catalogue.ErrNoDraft) {
			t.Errorf("publishing what is not there: %v", err)
		}
	})
}

func TestWhoChangedADraftLastDoesNotPublishIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		draft := b.save(t, author, renamed("一稿"), 0)
		draft = b.save(t, second, renamed("二稿"), draft.Version)
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); !errors.Is(err, catalogue.ErrOwnDraft) {
			t.Errorf("who changed it last publishes: %v", err)
		}
		if err := b.Publish(ctx, author, "KJ-0001", draft.Version); err != nil {
			t.Error(err)
		}
	})
}

func TestOnlyKeepersEdit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		draft := b.save(t, author, renamed("新名称"), 0)
		posing := person
		posing.Posts = second.Posts // posts are for staff
		for _, a := range []auth.Actor{{}, person, posing, clerk, auth.SystemActor()} {
			_, saved := b.SaveDraft(ctx, a, renamed("坏"), draft.Version)
			_, _, history := b.History(ctx, a, "KJ-0001")
			_, records := b.Records(ctx, a)
			_, misses := b.Misses(ctx, a, 5)
			for what, err := range map[string]error{
				"save": saved, "publish": b.Publish(ctx, a, "KJ-0001", draft.Version), "history": history, "records": records, "misses": misses,
				"suspend": b.Suspend(ctx, a, "KJ-0001", 2, "检修"), "resume": b.Resume(ctx, a, "KJ-0001", 2),
			} {
				if !errors.Is(err, catalogue.ErrForbidden) {
					t.Errorf("%s by %s: %v", what, a.Kind, err)
				}
			}
		}
		for _, a := range []auth.Actor{{}, person, author} {
			if _, err := b.Import(ctx, a, catalogue.Seed{Shelves: shelves, Items: nil}); !errors.Is(err, catalogue.ErrForbidden) {
				t.Errorf("import by %s: %v", a.Kind, err)
			}
		}
	})
}

func TestStaleForms(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		draft := b.save(t, author, renamed("一稿"), 0)
		b.save(t, author, renamed("二稿"), draft.Version)
		record, _, err := b.History(ctx, author, "KJ-0001")
		if err != nil {
			t.Fatal(err)
		}
		save := func(d catalogue.Definition, version int) error {
			_, err := b.SaveDraft(ctx, second, d, version)
			return err
		}
		for what, err := range map[string]error{
			"saving over a newer draft":            save(renamed("三稿"), draft.Version),
			"beginning a second draft":             save(renamed("三稿"), 0),
			"saving a draft of nothing":            save(sample("NEW-1"), 3),
			"publishing a draft read before":       b.Publish(ctx, second, "KJ-0001", draft.Version),
			"suspending an item read before":       b.Suspend(ctx, second, "KJ-0001", record.Version-1, "检修"),
			"resuming under a version not reached": b.Resume(ctx, second, "KJ-0001", record.Version+1),
		} {
			if !errors.Is(err, db.ErrStale) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, history, _ := b.History(ctx, author, "KJ-0001"); len(history) != 2 || history[0].Definition.Name.ZH != "二稿" {
			t.Errorf("history %+v", history)
		}
	})
}

func TestFaultsBlockPublishing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		bad := renamed("坏")
		bad.Shelf, bad.Summary = "attic", i18n.Text{}
		draft := b.save(t, author, bad, 0)
		err := b.Publish(ctx, second, "KJ-0001", draft.Version)
		if !errors.Is(err, catalogue.ErrInvalid) {
			t.Fatalf("Publish = %v", err)
		}
		var where []string
		for _, f := range errs.FieldsOf(err) {
			where = append(where, f.Name)
		}
		if slices.Sort(where); !slices.Equal(where, []string{"shelf", "summary"}) {
			t.Errorf("complaints about %v", where)
		}
		if _, err := b.SaveDraft(ctx, author, catalogue.Definition{Code: "a b"}, 0); !errors.Is(err, catalogue.ErrInvalid) || len(errs.FieldsOf(err)) != 2 {
			t.Errorf("a draft without code and name: %v", err)
		}
		if err := b.Publish(ctx, second, "GONE", 1); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("an item that is not there: %v", err)
		}
	})
}

func TestRollbackLeavesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		draft := b.save(t, author, renamed("新名称"), 0)
		before, _, err := b.History(ctx, author, "KJ-0001")
		if err != nil {
			t.Fatal(err)
		}
		b.failing = errors.New("a reaction fails")
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); !errors.Is(err, b.failing) {
			t.Fatalf("Publish = %v", err)
		}
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: append(shelves, catalogue.Shelf{Key: "new"}), Items: []catalogue.Definition{sample("NEW-1")}}); !errors.Is(err, b.failing) {
			t.Fatalf("Import = %v", err)
		}
		outer := errors.New("the caller fails")
		err = d.InTx(ctx, func(ctx context.Context) error {
			if err := b.Suspend(ctx, second, "KJ-0001", before.Version, "检修"); err != nil {
				return err
			}
			if _, err := b.SaveDraft(ctx, second, sample("NEW-2"), 0); err != nil {
				return err
			}
			return outer
		})
		if !errors.Is(err, outer) {
			t.Fatal(err)
		}
		b.clock.Advance(time.Minute)
		after, history, err := b.History(ctx, author, "KJ-0001")
		if err != nil || after != before || len(history) != 2 || history[0].State != catalogue.Draft || history[1].State != catalogue.Live {
			t.Errorf("record %+v, was %+v; history %+v, %v", after, before, history, err)
		}
		if it, err := b.Item("KJ-0001"); err != nil || it.Version != 1 {
			t.Errorf("shown: %+v, %v", it, err)
		}
		if records, _ := b.Records(ctx, author); len(records) != 1 || len(b.Shelves()) != 1 {
			t.Errorf("%d items and %d shelves are left", len(records), len(b.Shelves()))
		}
		if got, want := b.actions(t), []string{"catalogue.publish", "catalogue.save_draft"}; !slices.Equal(got, want) {
			t.Errorf("audit %v, want %v", got, want)
		}
	})
}

func TestSuspendAndResume(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		it, err := b.Item("KJ-0001")
		if err != nil {
			t.Fatal(err)
		}
		record, _, _ := b.History(ctx, author, "KJ-0001")
		if err := b.Suspend(ctx, author, "KJ-0001", record.Version, "  "); !errors.Is(err, catalogue.ErrReason) {
			t.Errorf("without a reason: %v", err)
		}
		if err := b.Resume(ctx, author, "KJ-0001", record.Version); !errors.Is(err, catalogue.ErrState) {
			t.Errorf("resuming what goes on: %v", err)
		}
		if err := b.Suspend(ctx, author, "KJ-0001", record.Version, "系统检修"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Item("KJ-0001"); !errors.Is(err, catalogue.ErrSuspended) {
			t.Errorf("a suspended item: %v", err)
		}
		if len(b.List(catalogue.Filter{}).Items) != 0 || len(b.Search("小鼠", 5, catalogue.Filter{})) != 0 {
			t.Error("a suspended item is on the shelves")
		}
		if kept, err := b.Version(ctx, it.VersionID); err != nil || kept.Code != "KJ-0001" {
			t.Errorf("the version of open cases: %v", err)
		}
		// A new version does not bring it back.
		draft := b.save(t, author, renamed("新名称"), 0)
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Item("KJ-0001"); !errors.Is(err, catalogue.ErrSuspended) {
			t.Errorf("suspended, with a new version: %v", err)
		}
		record, _, _ = b.History(ctx, author, "KJ-0001")
		if err := b.Resume(ctx, author, "KJ-0001", record.Version); err != nil {
			t.Fatal(err)
		}
		if it, err := b.Item("KJ-0001"); err != nil || it.Name.ZH != "新名称" {
			t.Errorf("resumed: %v", err)
		}
	})
}

func TestANewItemFromDraftToShelf(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		draft := b.save(t, author, sample("NEW-1"), 0)
		if _, err := b.Item("NEW-1"); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("before it is published: %v", err)
		}
		if err := b.Publish(ctx, second, "NEW-1", draft.Version); err != nil {
			t.Fatal(err)
		}
		it, err := b.Item("NEW-1")
		if err != nil || !it.Modelled || it.Version != 1 {
			t.Fatalf("%+v, %v", it, err)
		}
		if same, err := b.ItemByID(it.ID); err != nil || same != it {
			t.Errorf("by id: %v", err)
		}
		if _, err := b.ItemByID("gone"); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("an id that is not: %v", err)
		}
	})
}

func TestImport(t *testing.T) {
	t.Parallel()
	zone, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		if len(b.Shelves()) != 0 || len(b.Popular(5)) != 0 {
			t.Error("an empty catalogue holds something")
		}
		got, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: zone.Shelves, Items: zone.Items})
		if err != nil || got.Created != len(zone.Items) || got.Updated+got.Unchanged != 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := b.Load(ctx); err != nil {
			t.Fatal(err)
		}
		first := b.Snapshot()
		b.clock.Advance(time.Hour)
		got, err = b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: zone.Shelves, Items: zone.Items})
		if err != nil || got.Unchanged != len(zone.Items) || got.Created+got.Updated != 0 {
			t.Errorf("again: %+v, %v", got, err)
		}
		if b.Snapshot() != first {
			t.Error("an import that changes nothing makes everybody load anew")
		}
		if len(b.published) != len(zone.Items) || len(b.Shelves()) != len(zone.Shelves) || b.Shelves()[0].Key != "start" {
			t.Errorf("%d told, shelves %+v", len(b.published), b.Shelves())
		}
		changed := slices.Clone(zone.Items)
		changed[3].Promised.N--
		got, err = b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: nil, Items: changed})
		if err != nil || got.Updated != 1 || got.Unchanged != len(zone.Items)-1 {
			t.Errorf("one changed: %+v, %v", got, err)
		}
		refresh(t, b)
		if it, err := b.Item(changed[3].Code); err != nil || it.Version != 2 || it.Promised != changed[3].Promised {
			t.Errorf("the changed item: %v", err)
		}
		wrong := slices.Clone(zone.Items)
		wrong[5].Shelf, wrong[7].Name.ZH = "attic", ""
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: nil, Items: wrong}); !errors.Is(err, catalogue.ErrInvalid) || len(errs.FieldsOf(err)) != 2 ||
			!strings.HasPrefix(errs.FieldsOf(err)[0].Name, wrong[5].Code+": ") {
			t.Errorf("faults: %v", err)
		}
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: nil, Items: append(slices.Clone(zone.Items), zone.Items[0])}); !errors.Is(err, catalogue.ErrTwice) {
			t.Errorf("an item twice: %v", err)
		}
	})
}

func TestADraftOlderThanAnImportGetsAHigherNumber(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		draft := b.save(t, author, renamed("草稿"), 0)
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: nil, Items: []catalogue.Definition{renamed("导入")}}); err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); err != nil {
			t.Fatal(err)
		}
		if it, err := b.Item("KJ-0001"); err != nil || it.Version != 4 || it.Name.ZH != "草稿" {
			t.Errorf("%+v, %v", it, err)
		}
	})
}

func TestOtherProcessesSeeItWithinASecond(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		other := setup(t, d)
		if it, err := other.Item("KJ-0001"); err != nil || it.Version != 1 {
			t.Fatalf("%+v, %v", it, err)
		}
		draft := b.save(t, author, renamed("新名称"), 0)
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); err != nil {
			t.Fatal(err)
		}
		other.clock.Advance(999 * time.Millisecond)
		if it, _ := other.Item("KJ-0001"); it.Version != 1 {
			t.Error("looked again within a second")
		}
		other.clock.Advance(time.Millisecond)
		if it, _ := other.Item("KJ-0001"); it.Version != 2 {
			t.Error("did not look again after a second")
		}
		held := other.Snapshot()
		other.clock.Advance(time.Minute)
		if other.Snapshot() != held {
			t.Error("loaded anew although nothing moved")
		}
	})
}

func TestFavourites(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Shelves: nil, Items: []catalogue.Definition{sample("KJ-0002")}}); err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"KJ-0001", "KJ-0002", "KJ-0001"} {
			b.clock.Advance(time.Second)
			if err := b.Favour(ctx, person, code); err != nil {
				t.Fatal(err)
			}
		}
		list := func(a auth.Actor) (out []string) {
			items, err := b.Favourites(ctx, a)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				out = append(out, it.Code)
			}
			return out
		}
		if got := list(person); !slices.Equal(got, []string{"KJ-0002", "KJ-0001"}) {
			t.Errorf("favourites %v", got)
		}
		if got := list(clerk); len(got) != 0 {
			t.Errorf("somebody else's favourites: %v", got)
		}
		if err := b.Unfavour(ctx, person, "KJ-0002"); err != nil {
			t.Fatal(err)
		}
		if got := list(person); !slices.Equal(got, []string{"KJ-0001"}) {
			t.Errorf("favourites %v", got)
		}
		for what, err := range map[string]error{
			"favour by nobody":     b.Favour(ctx, auth.Actor{}, "KJ-0001"),
			"unfavour by a client": b.Unfavour(ctx, auth.Actor{Kind: auth.Client, ID: "c"}, "KJ-0001"),
		} {
			if !errors.Is(err, catalogue.ErrForbidden) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for what, err := range map[string]error{"favour": b.Favour(ctx, person, "GONE"), "unfavour": b.Unfavour(ctx, person, "GONE")} {
			if !errors.Is(err, catalogue.ErrNotFound) {
				t.Errorf("%s of what is not there: %v", what, err)
			}
		}
	})
}

func TestVainSearchesAreLoggedWithoutNumbers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		for _, q := range []string{"老式执照", " 查 371602198803120011 的 13900010001 ", strings.Repeat("长", 300)} {
			if err := b.NoteMiss(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		b.clock.Advance(time.Hour)
		for _, q := range []string{"老式执照", "   "} {
			if err := b.NoteMiss(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		misses, err := b.Misses(ctx, author, 10)
		if err != nil || len(misses) != 3 || misses[0].Query != "老式执照" || misses[0].Count != 2 || !misses[0].LastAt.Equal(b.clock.Now()) {
			t.Fatalf("%+v, %v", misses, err)
		}
		for _, m := range misses[1:] {
			if m.Query != "查 # 的 #" && m.Query != strings.Repeat("长", 100) {
				t.Errorf("logged %q", m.Query)
			}
		}
		b.clock.Advance(200 * 24 * time.Hour)
		if err := b.NoteMiss(ctx, "新的"); err != nil {
			t.Fatal(err)
		}
		if misses, _ := b.Misses(ctx, author, 10); len(misses) != 1 {
			t.Errorf("after half a year: %+v", misses)
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	s := demoSnapshot(t, 1)
	all := s.List(catalogue.Filter{})
	if len(all.Items) < 100 || all.Items[0].Popularity < all.Items[1].Popularity {
		t.Fatalf("%d items", len(all.Items))
	}
	sum := 0
	for _, n := range all.Facets.Departments {
		sum += n
	}
	if sum != len(all.Items) || all.Facets.CaseTypes[catalogue.Instant]+all.Facets.CaseTypes[catalogue.Promised] != len(all.Items) {
		t.Errorf("facets %+v", all.Facets)
	}
	// Each count is what choosing it would show.
	f := catalogue.Filter{Shelf: "talent", Department: "rs", CaseType: catalogue.Promised, Online: true}
	for department, n := range s.List(f).Facets.Departments {
		g := f
		g.Department = department
		if got := len(s.List(g).Items); got != n {
			t.Errorf("%s: counted %d, shown %d", department, n, got)
		}
	}
	for audience, n := range s.List(f).Facets.Audiences {
		g := f
		g.Audience = audience
		if got := len(s.List(g).Items); got != n {
			t.Errorf("%s: counted %d, shown %d", audience, n, got)
		}
	}
	quick := s.List(catalogue.Filter{Sort: catalogue.BySpeed}).Items
	if quick[0].CaseType != catalogue.Instant {
		t.Errorf("the quickest is %s", quick[0].Code)
	}
	named := s.List(catalogue.Filter{Sort: catalogue.ByName, Shelf: "tier"}).Items
	if i := slices.IndexFunc(named, func(it *catalogue.Item) bool { return it.Code == "KJ-0102" }); i < 0 || i > len(named)/2 { // 雏鹰, chuying
		t.Errorf("雏鹰 stands at %d", i)
	}
	if n := len(s.Popular(3)); n != 3 || len(s.Popular(-1)) != 0 || len(s.Popular(10_000)) != len(all.Items) {
		t.Errorf("%d popular items", n)
	}
}
