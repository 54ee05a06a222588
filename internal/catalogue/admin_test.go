package catalogue_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// complaint says what is said about a place, "" for nothing.
func complaint(err error, where string) string {
	for _, f := range errs.FieldsOf(err) {
		if f.Name == where {
			return strings.TrimPrefix(f.Code, "catalogue.field.")
		}
	}
	return ""
}

func (b *bench) version(t *testing.T, code string) int {
	t.Helper()
	r, _, err := b.History(t.Context(), author, code)
	if err != nil {
		t.Fatal(err)
	}
	return r.Version
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		next := sample("KJ-0002")
		next.BaseCode = "370103001003"
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{next}}); err != nil {
			t.Fatal(err)
		}
		v := b.version(t, "KJ-0001")
		for what, tt := range map[string]struct {
			who  auth.Actor
			ver  int
			why  catalogue.Stop
			want error
		}{
			"a clerk":             {clerk, v, catalogue.Stop{Reason: "取消"}, catalogue.ErrForbidden},
			"an old page":         {author, v + 1, catalogue.Stop{Reason: "取消"}, db.ErrStale},
			"no reason":           {author, v, catalogue.Stop{Reason: " "}, catalogue.ErrReason},
			"replaced by nothing": {author, v, catalogue.Stop{Reason: "取消", ReplacedBy: "XX-1"}, catalogue.ErrInvalid},
			"replaced by itself":  {author, v, catalogue.Stop{Reason: "取消", ReplacedBy: "KJ-0001"}, catalogue.ErrInvalid},
		} {
			if err := b.Withdraw(ctx, tt.who, "KJ-0001", tt.ver, tt.why); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := b.Item("KJ-0001"); err != nil {
			t.Fatal(err)
		}
		draft := b.save(t, author, renamed("改"), 0)
		if err := b.Withdraw(ctx, author, "KJ-0001", v, catalogue.Stop{Reason: "法规废止", ReplacedBy: "KJ-0002"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Item("KJ-0001"); !errors.Is(err, catalogue.ErrWithdrawn) {
			t.Errorf("the item: %v", err)
		}
		gone, ok := b.Snapshot().Stopped("KJ-0001")
		if !ok || gone.State != catalogue.Ended || gone.Reason != "法规废止" || gone.ReplacedBy != "KJ-0002" || gone.Item == nil || gone.Item.Name.ZH != "实验动物使用许可" {
			t.Errorf("%+v", gone)
		}
		touched, err := b.Touches(ctx, author, "KJ-0002")
		if err != nil || !slices.Equal(touched.Replace, []string{"KJ-0001"}) {
			t.Errorf("%+v %v", touched, err)
		}
		// For good: neither back, nor changed, nor published.
		v = b.version(t, "KJ-0001")
		if err := b.Resume(ctx, author, "KJ-0001", v); !errors.Is(err, catalogue.ErrState) {
			t.Errorf("resumed: %v", err)
		}
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); !errors.Is(err, catalogue.ErrState) {
			t.Errorf("published: %v", err)
		}
		if _, err := b.SaveDraft(ctx, author, renamed("再改"), draft.Version); !errors.Is(err, catalogue.ErrState) {
			t.Errorf("changed: %v", err)
		}
		story, err := b.Story(ctx, author, "KJ-0001")
		if err != nil || story[0].Action != "catalogue.withdraw" || story[0].Reason != "法规废止" || !strings.Contains(story[0].Change, "KJ-0002") {
			t.Errorf("%+v %v", story, err)
		}
		if _, err := b.Story(ctx, clerk, "KJ-0001"); !errors.Is(err, catalogue.ErrForbidden) {
			t.Errorf("a clerk reads the story: %v", err)
		}
	})
}

func TestSuspendForThenWithdraw(t *testing.T) {
	t.Parallel()
	b, ctx := seeded(t, dbtest.New(t)), t.Context()
	if err := b.SuspendFor(ctx, author, "KJ-0001", b.version(t, "KJ-0001"), catalogue.Stop{Reason: "系统升级"}); err != nil {
		t.Fatal(err)
	}
	if x, ok := b.Snapshot().Stopped("KJ-0001"); !ok || x.State != catalogue.Suspended || x.Reason != "系统升级" {
		t.Errorf("%+v", x)
	}
	if err := b.Withdraw(ctx, author, "KJ-0001", b.version(t, "KJ-0001"), catalogue.Stop{Reason: "不再办"}); err != nil {
		t.Fatal(err)
	}
	if x, _ := b.Snapshot().Stopped("KJ-0001"); x.State != catalogue.Ended || x.Reason != "不再办" {
		t.Errorf("%+v", x)
	}
	if err := b.Withdraw(ctx, author, "KJ-0001", b.version(t, "KJ-0001"), catalogue.Stop{Reason: "再来"}); !errors.Is(err, catalogue.ErrState) {
		t.Errorf("twice: %v", err)
	}
}

// TestBundleWaits: while a step is off the shelves its neighbours can still be
// published, and the bundle comes back with them as they are then.
func TestBundleWaits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		next := copied(sample("KJ-0002"))
		next.BaseCode = "370103001003"
		both := catalogue.Definition{
			Code: "YJS-0001", Name: text("一件事"), Family: catalogue.Bundled, Shelf: "permit", Department: "kj", Audience: []catalogue.Audience{catalogue.ForEnterprise},
			CaseType: catalogue.Promised, Summary: text("两件一起办。"), Channels: []catalogue.Channel{catalogue.Online}, Result: catalogue.Result{Name: text("两个证")},
			Promised: limit(8, workday.UnitWorkday),
			Bundle:   &catalogue.Bundle{Groups: []catalogue.Group{{Key: "all", Name: text("一起"), Items: []catalogue.Step{{Item: "KJ-0001"}, {Item: "KJ-0002"}}}}},
		}
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{next, both}}); err != nil {
			t.Fatal(err)
		}
		if err := b.Suspend(ctx, author, "KJ-0001", b.version(t, "KJ-0001"), "升级"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Item("YJS-0001"); !errors.Is(err, catalogue.ErrSuspended) {
			t.Errorf("the bundle: %v", err)
		}
		next.Materials[0].Name = text("新的材料")
		draft := b.save(t, author, next, 0)
		if err := b.Publish(ctx, second, "KJ-0002", draft.Version); err != nil {
			t.Fatal(err)
		}
		if err := b.Resume(ctx, author, "KJ-0001", b.version(t, "KJ-0001")); err != nil {
			t.Fatal(err)
		}
		it, err := b.Item("YJS-0001")
		if err != nil || !slices.ContainsFunc(it.Materials, func(m catalogue.Material) bool { return m.Name.ZH == "新的材料" }) {
			t.Errorf("%+v %v", it, err)
		}
		touched, err := b.Touches(ctx, author, "KJ-0002")
		if err != nil || len(touched.Bundles) != 1 || touched.Bundles[0].Code != "YJS-0001" {
			t.Errorf("%+v %v", touched, err)
		}
	})
}

// TestPublishingNeedsPeople: a task for nobody would never be done.
func TestPublishingNeedsPeople(t *testing.T) {
	t.Parallel()
	b, ctx := seeded(t, dbtest.New(t)), t.Context()
	b.Ports = catalogue.Ports{
		Department: func(key string) (catalogue.Contact, bool) { return catalogue.Contact{}, key == "kj" || key == "xf" },
		Staffed: func(context.Context) (func(role, department string) bool, error) {
			return func(role, department string) bool { return department == "kj" }, nil
		},
	}
	d := renamed("有人办")
	draft := b.save(t, author, d, 0)
	err := b.Publish(ctx, second, "KJ-0001", draft.Version)
	if complaint(err, "flow.review.fire.role") != "nobody" || complaint(err, "flow.review.site.role") != "" {
		t.Errorf("%v", err)
	}
	if again := b.Obstacles(ctx, d); complaint(again, "flow.review.fire.role") != "nobody" {
		t.Errorf("the page says %v", again)
	}
	d = copied(d)
	d.Flow.Stages[0].Tasks[0].Department = "gone"
	if err := b.Obstacles(ctx, d); complaint(err, "flow.review.fire.department") != "unknown" {
		t.Errorf("%v", err)
	}
	d.Department = "gone"
	d.Flow = catalogue.Flow{}
	if err := b.Obstacles(ctx, d); complaint(err, "department") != "unknown" || len(errs.FieldsOf(err)) != 1 {
		t.Errorf("%v", err)
	}
	d.Department = "xf"
	if err := b.Obstacles(ctx, d); complaint(err, "department") != "nobody" {
		t.Errorf("the common flow: %v", err)
	}
	d.Department, d.Shelf = "kj", "gone"
	if err := b.Obstacles(ctx, d); complaint(err, "shelf") != "unknown" {
		t.Errorf("%v", err)
	}
}

// TestPublishingNeedsAFlowThatRuns: two officers for an inspection, a way into
// every stage, and one end.
func TestPublishingNeedsAFlowThatRuns(t *testing.T) {
	t.Parallel()
	b, ctx := seeded(t, dbtest.New(t)), t.Context()
	b.Ports = catalogue.Ports{
		Department: func(string) (catalogue.Contact, bool) { return catalogue.Contact{}, true },
		Officers: func(context.Context) (func(department string) int, error) {
			return func(department string) int { return map[string]int{"kj": 2, "xf": 1}[department] }, nil
		},
	}
	stages := func(d *catalogue.Definition) []catalogue.Stage { return d.Flow.Stages }
	for name, x := range map[string]struct {
		change      func(d *catalogue.Definition)
		where, code string
	}{
		"as it is": {change: func(*catalogue.Definition) {}},
		"an inspection by two": {change: func(d *catalogue.Definition) {
			stages(d)[0].Tasks[0].Kind, stages(d)[0].Tasks[0].Department = catalogue.TaskInspection, "kj"
		}},
		"an inspection by one": {change: func(d *catalogue.Definition) {
			stages(d)[0].Tasks[0].Kind, stages(d)[0].Tasks[0].Department = catalogue.TaskInspection, "xf"
		}, where: "flow.review.fire.department", code: "officers"},
		"a stage that no answers lead to": {change: func(d *catalogue.Definition) {
			for i := range stages(d)[0].Tasks {
				stages(d)[0].Tasks[i].When = "1 > 2"
			}
		}, where: "flow.review.tasks", code: "unreached"},
		"no end": {change: func(d *catalogue.Definition) {
			last := stages(d)[len(stages(d))-1]
			last.Tasks[0].Decides = false
		}, where: "flow.decide.decides", code: "decides"},
		"two ends": {change: func(d *catalogue.Definition) { stages(d)[0].Tasks[0].Decides = true }, where: "flow.review.decides", code: "decides"},
	} {
		d := copied(renamed("有人办"))
		x.change(&d)
		err := b.Obstacles(ctx, d)
		if x.where == "" && err != nil || x.where != "" && complaint(err, x.where) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPapersOfTheCatalogue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		var err error
		if b.Files, err = files.New(d, b.clock, filepath.Join(t.TempDir(), "files")); err != nil {
			t.Fatal(err)
		}
		pdf := strings.NewReader("%PDF-1.4\nblank\n%%EOF\n")
		if _, err := b.KeepFile(ctx, clerk, "KJ-0001", "a.pdf", pdf); !errors.Is(err, catalogue.ErrForbidden) {
			t.Errorf("a clerk: %v", err)
		}
		f, err := b.KeepFile(ctx, author, "KJ-0001", "空白表.pdf", pdf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.KeepFile(ctx, author, "KJ-0001", "a.pdf", strings.NewReader("<html>")); !errors.Is(err, files.ErrType) && !errors.Is(err, files.ErrDisguised) {
			t.Errorf("a page as a PDF: %v", err)
		}
		if _, err := b.PublicFile(ctx, "KJ-0001", f.ID); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("not named yet: %v", err)
		}
		if got, err := b.File(ctx, author, f.ID); err != nil || got.Name != "空白表.pdf" {
			t.Errorf("%+v %v", got, err)
		}
		// A file of somebody's case, named in the text, is neither published nor served.
		blob, err := b.Files.Put(ctx, strings.NewReader("%PDF-1.4\nsecret\n%%EOF\n"), "s.pdf", 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		var secret files.File
		err = d.InTx(ctx, func(ctx context.Context) (err error) {
			secret, err = b.Files.Register(ctx, blob, "s.pdf", "person")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		change := copied(sample("KJ-0001"))
		change.Materials[0].Blank, change.Materials[0].Sample = f.ID, secret.ID
		draft := b.save(t, author, change, 0)
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); complaint(err, "materials.audit.sample") != "file" || complaint(err, "materials.audit.blank") != "" {
			t.Errorf("published: %v", err)
		}
		if _, err := b.File(ctx, author, secret.ID); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("a keeper reads a file of a case: %v", err)
		}
		change.Materials[0].Sample = ""
		draft = b.save(t, author, change, draft.Version)
		if err := b.Publish(ctx, second, "KJ-0001", draft.Version); err != nil {
			t.Fatal(err)
		}
		if got, err := b.PublicFile(ctx, "KJ-0001", f.ID); err != nil || got.ID != f.ID {
			t.Errorf("%+v %v", got, err)
		}
		if _, err := b.PublicFile(ctx, "KJ-0001", ""); !errors.Is(err, catalogue.ErrNotFound) {
			t.Errorf("no id: %v", err)
		}
	})
}

func TestSynonyms(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		if len(b.Search("哈基米", 5, catalogue.Filter{})) != 0 {
			t.Fatal("found without the words")
		}
		for what, words := range map[string][]string{"one word": {"哈基米", " 哈基米 "}, "a long one": {"小鼠", strings.Repeat("长", 31)}, "only signs": {"小鼠", "！！"}} {
			if err := b.SaveSynonyms(ctx, author, "", 0, words); complaint(err, "words") == "" {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := b.SaveSynonyms(ctx, clerk, "", 0, []string{"a", "b"}); !errors.Is(err, catalogue.ErrForbidden) {
			t.Errorf("a clerk: %v", err)
		}
		if err := b.SaveSynonyms(ctx, author, "", 0, []string{"哈基米", "小鼠"}); err != nil {
			t.Fatal(err)
		}
		if hits := b.Search("哈基米", 5, catalogue.Filter{}); len(hits) != 1 {
			t.Errorf("%+v", hits)
		}
		list, err := b.Synonyms(ctx, author)
		if err != nil || len(list) != 1 || list[0].UpdatedBy != "author" {
			t.Fatalf("%+v %v", list, err)
		}
		g := list[0]
		if err := b.SaveSynonyms(ctx, second, g.ID, g.Version+1, []string{"x", "y"}); !errors.Is(err, db.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		if err := b.SaveSynonyms(ctx, second, g.ID, g.Version, []string{"老鼠人", "小鼠"}); err != nil {
			t.Fatal(err)
		}
		if len(b.Search("哈基米", 5, catalogue.Filter{})) != 0 {
			t.Error("the old word still leads there")
		}
		if err := b.RemoveSynonyms(ctx, author, g.ID, g.Version); !errors.Is(err, db.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		if err := b.RemoveSynonyms(ctx, author, g.ID, g.Version+1); err != nil {
			t.Fatal(err)
		}
		want := []string{"catalogue.publish", "catalogue.remove_synonyms", "catalogue.save_synonyms", "catalogue.save_synonyms"}
		if got := b.actions(t); !slices.Equal(got, want) {
			t.Errorf("audit %v", got)
		}
	})
}

func TestVainSearchesAreSeenTo(t *testing.T) {
	t.Parallel()
	b, ctx := seeded(t, dbtest.New(t)), t.Context()
	for range 2 {
		if err := b.NoteMiss(ctx, "哈基米"); err != nil {
			t.Fatal(err)
		}
	}
	draft, err := b.AddKeyword(ctx, author, "KJ-0001", " 哈基米 ")
	if err != nil || !slices.Equal(draft.Definition.Keywords, []string{"小鼠", "哈基米"}) {
		t.Fatalf("%+v %v", draft, err)
	}
	if it, _ := b.Item("KJ-0001"); len(it.Keywords) != 1 {
		t.Error("a keyword is published by one person")
	}
	if _, err := b.AddKeyword(ctx, author, "KJ-0001", "哈基米"); complaint(err, "keyword") != "twice" {
		t.Errorf("twice: %v", err)
	}
	if _, err := b.AddKeyword(ctx, author, "KJ-0001", "！"); complaint(err, "keyword") != "form" {
		t.Errorf("nothing: %v", err)
	}
	if _, err := b.AddKeyword(ctx, author, "XX-1", "哈"); !errors.Is(err, catalogue.ErrNotFound) {
		t.Errorf("no item: %v", err)
	}
	if err := b.DropMiss(ctx, author, "哈基米"); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Misses(ctx, author, 10); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
	if err := b.DropMiss(ctx, author, "哈基米"); err != nil {
		t.Errorf("seen to by somebody else: %v", err)
	}
}

func event(key string) catalogue.LifeEvent {
	return catalogue.LifeEvent{
		Key: key, Icon: "bulb", Audience: []catalogue.Audience{catalogue.ForPerson}, Name: text("养小鼠"), Hint: text("提示"),
		Questions: []catalogue.Field{{ID: "many", Type: catalogue.FieldYesNo, Label: text("多吗")}},
		Items:     []catalogue.Suggestion{{Item: "KJ-0001", When: "answers.many == 'yes'"}},
	}
}

func TestLifeEventsAreKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		if _, err := b.Import(ctx, auth.SystemActor(), catalogue.Seed{LifeEvents: []catalogue.LifeEvent{event("mice"), event("rats")}}); err != nil {
			t.Fatal(err)
		}
		keys := func() (out []string) {
			for _, e := range b.Snapshot().LifeEvents() {
				out = append(out, e.Key)
			}
			return out
		}
		all, err := b.AllLifeEvents(ctx, author)
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		mice := all[0]
		mice.Name = text("养很多小鼠")
		if err := b.SaveLifeEvent(ctx, author, mice, mice.Version); err != nil {
			t.Fatal(err)
		}
		if e, _ := b.Snapshot().LifeEvent("mice"); e.Name.ZH != "养很多小鼠" {
			t.Errorf("shown: %+v", e)
		}
		if err := b.SaveLifeEvent(ctx, second, mice, mice.Version); !errors.Is(err, db.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		if err := b.SaveLifeEvent(ctx, author, event("mice"), 0); complaint(err, "key") != "twice" {
			t.Errorf("a second one of the key: %v", err)
		}
		bad := event("cats")
		bad.Items[0].Item = "XX-1"
		if err := b.SaveLifeEvent(ctx, author, bad, 0); complaint(err, "items.1") != "unknown" {
			t.Errorf("leads nowhere: %v", err)
		}
		bad.Items[0] = catalogue.Suggestion{Item: "KJ-0001", When: "answers.few == 'yes'"}
		if err := b.SaveLifeEvent(ctx, author, bad, 0); complaint(err, "items.1.when") != "answer" {
			t.Errorf("asks nobody: %v", err)
		}
		// Back to how the files had it.
		versions, err := b.LifeEventVersions(ctx, author, "mice")
		if err != nil || len(versions) != 2 || versions[1].SavedBy != "" || versions[0].SavedBy != "author" || versions[1].Name.ZH != "养小鼠" {
			t.Fatalf("%+v %v", versions, err)
		}
		if err := b.RestoreLifeEvent(ctx, second, "mice", 1, mice.Version+1); err != nil {
			t.Fatal(err)
		}
		if e, _ := b.Snapshot().LifeEvent("mice"); e.Name.ZH != "养小鼠" {
			t.Errorf("restored: %+v", e)
		}
		if err := b.MoveLifeEvent(ctx, author, "rats", true); err != nil || !slices.Equal(keys(), []string{"rats", "mice"}) {
			t.Errorf("%v %v", keys(), err)
		}
		if err := b.MoveLifeEvent(ctx, author, "rats", true); err != nil || !slices.Equal(keys(), []string{"rats", "mice"}) {
			t.Errorf("above the first: %v %v", keys(), err)
		}
		all, _ = b.AllLifeEvents(ctx, author)
		if err := b.RemoveLifeEvent(ctx, author, "rats", all[0].Version+1); !errors.Is(err, db.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		if err := b.RemoveLifeEvent(ctx, author, "rats", all[0].Version); err != nil || !slices.Equal(keys(), []string{"mice"}) {
			t.Errorf("%v %v", keys(), err)
		}
		removed, err := b.RemovedLifeEvents(ctx, author)
		if err != nil || len(removed) != 1 || removed[0].Key != "rats" {
			t.Fatalf("%+v %v", removed, err)
		}
		if err := b.RestoreLifeEvent(ctx, author, "rats", removed[0].Number, 0); err != nil || !slices.Equal(keys(), []string{"mice", "rats"}) {
			t.Errorf("%v %v", keys(), err)
		}
		if removed, _ = b.RemovedLifeEvents(ctx, author); len(removed) != 0 {
			t.Errorf("%+v", removed)
		}
		for _, a := range []auth.Actor{clerk, person} {
			if err := errors.Join(b.SaveLifeEvent(ctx, a, event("x"), 0)); !errors.Is(err, catalogue.ErrForbidden) {
				t.Errorf("%v: %v", a.ID, err)
			}
		}
	})
}

func TestThemesAreKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := seeded(t, d), t.Context()
		theme := func(key, group, zh string) catalogue.Theme {
			return catalogue.Theme{Key: key, Group: group, Name: i18n.Text{ZH: zh, EN: key}}
		}
		used := copied(sample("KJ-0001"))
		used.Themes = []string{"open_firm"}
		seed := catalogue.Seed{Themes: []catalogue.Theme{theme("open_firm", "business", "开办企业"), theme("baby", "person", "生育")}, Items: []catalogue.Definition{used}}
		if _, err := b.Import(ctx, auth.SystemActor(), seed); err != nil {
			t.Fatal(err)
		}
		before, err := b.AllThemes(ctx, author)
		if err != nil {
			t.Fatal(err)
		}
		stamp := catalogue.ThemesStamp(before)
		if err := b.SaveThemes(ctx, author, []catalogue.Theme{theme("baby", "person", "生育")}, stamp); complaint(err, "themes") != "theme_used" {
			t.Errorf("one in use goes: %v", err)
		}
		if err := b.SaveThemes(ctx, author, []catalogue.Theme{theme("a b", "x", "")}, stamp); complaint(err, "themes.1.key") == "" || complaint(err, "themes.1.name") == "" || complaint(err, "themes.1.group") == "" {
			t.Errorf("%v", err)
		}
		if err := b.SaveThemes(ctx, author, []catalogue.Theme{theme("school", "person", "上学"), theme("open_firm", "business", "开公司")}, stamp); err != nil {
			t.Fatal(err)
		}
		now := b.Snapshot().Themes()
		if len(now) != 2 || now[0].Key != "school" || now[1].Name.ZH != "开公司" {
			t.Errorf("%+v", now)
		}
		if err := b.SaveThemes(ctx, second, before, stamp); !errors.Is(err, db.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		if err := b.SaveThemes(ctx, person, nil, stamp); !errors.Is(err, catalogue.ErrForbidden) {
			t.Errorf("%v", err)
		}
	})
}

func TestPreview(t *testing.T) {
	t.Parallel()
	b, ctx := seeded(t, dbtest.New(t)), t.Context()
	if it, err := b.Preview(ctx, author, "KJ-0001"); err != nil || it.Name.ZH != "实验动物使用许可" {
		t.Errorf("without a draft: %v %v", it, err)
	}
	d := renamed("草稿的名称")
	d.Form = catalogue.Form{}
	b.save(t, author, d, 0)
	it, err := b.Preview(ctx, author, "KJ-0001")
	if err != nil || it.Name.ZH != "草稿的名称" || len(it.Form.Sections) == 0 {
		t.Errorf("%v %v", it, err)
	}
	if _, err := b.Preview(ctx, person, "KJ-0001"); !errors.Is(err, catalogue.ErrForbidden) {
		t.Errorf("an applicant: %v", err)
	}
	fresh := catalogue.Definition{Code: "KJ-9999", Name: text("新事项"), Family: catalogue.Administrative, Department: "kj"}
	b.save(t, author, fresh, 0)
	if it, err := b.Preview(ctx, author, "KJ-9999"); err != nil || it.Name.ZH != "新事项" {
		t.Errorf("never published: %v %v", it, err)
	}
}
