package policy_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// sampleDocument is one that can be published.
func sampleDocument(key, department string) policy.Document {
	return policy.Document{
		Key: key, Number: "渤科发〔2026〕9号", Title: i18n.Text{ZH: "样本措施", EN: "Sample measures"}, Issuer: i18n.Text{ZH: "科技创新局", EN: "Bureau"}, Department: department,
		Level: policy.Zone, Region: "371671", Issued: "2026-01-01", From: "2026-01-01", Text: i18n.Text{ZH: "样本。", EN: "A sample."}, Source: "https://zone.example/1",
	}
}

// sampleClause is one that can be published.
func sampleClause(key string) policy.Clause {
	return policy.Clause{
		Key: key, Title: i18n.Text{ZH: "样本奖励", EN: "Sample prize"}, Summary: i18n.Text{ZH: "给奖励。", EN: "A prize."},
		Benefit: policy.Benefit{Kind: policy.Share, Rate: 10, Of: "rd_cost(-1) - rd_cost(-2)", Cap: 100_000_000, Per: policy.Year, Covers: "rd"},
		Way:     policy.Apply, Item: "KJ-0004", Windows: []policy.Window{{From: "--03-01", Until: "--04-30"}}, Rule: `rd_cost(-1) / revenue(-1) >= 0.03`, Zero: "none", Topics: []string{"rd"},
	}
}

type bench struct {
	*apptest.App
	ctx                     context.Context
	handler, head, one, two auth.Actor
	stranger                auth.Actor
}

func newBench(t *testing.T, d *db.DB) bench {
	t.Helper()
	a := apptest.NewOn(t, d)
	return bench{a, t.Context(), a.Actor(t, "handler-kj"), a.Actor(t, "head-kj"), a.Actor(t, "catalogue-admin"), a.Actor(t, "catalogue-admin2"), a.Actor(t, "head-sc")}
}

func want(t *testing.T, what string, err, sentinel error) {
	t.Helper()
	if !errors.Is(err, sentinel) || (sentinel == nil && err != nil) {
		t.Errorf("%s: %v, want %v", what, err, sentinel)
	}
}

// TestTheWayOfADraft: a handler writes, the head proposes, one administrator
// publishes what he has not written, and readers see it at once; another
// department sees nothing.
func TestTheWayOfADraft(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		s := b.Policies
		before, err := s.Library(b.ctx)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := s.SaveDocument(b.ctx, b.handler, sampleDocument("kj-2026-99", "kj"), 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.SaveDocument(b.ctx, b.handler, sampleDocument("kj-2026-99", "kj"), 0); errs.FieldsOf(err) == nil {
			t.Errorf("the same key again: %v", err)
		}
		if _, err := s.SaveDocument(b.ctx, b.handler, sampleDocument("sc-2026-99", "sc"), 0); errs.FieldsOf(err) == nil {
			t.Errorf("for another department: %v", err)
		}
		half := sampleClause("kj-2026-99-1")
		half.Rule, half.Item, half.Topics = "revenue(-1) >= ", "XX-0000", nil
		clause, err := s.SaveClause(b.ctx, b.handler, "kj-2026-99", half, 0)
		if err != nil {
			t.Fatal("a draft may be unfinished:", err)
		}
		faults, err := s.Faults(b.ctx, clause)
		if err != nil {
			t.Fatal(err)
		}
		var at []string
		for _, f := range faults {
			at = append(at, f.Name)
		}
		for _, name := range []string{"rule", "item", "topics"} {
			if !slices.Contains(at, name) {
				t.Errorf("no complaint at %s: %v", name, faults)
			}
		}
		refs := []policy.Ref{doc.Ref(), clause.Ref()}
		want(t, "unsound", s.Propose(b.ctx, b.head, refs, ""), policy.ErrUnsound)
		// What is wrong with a draft is told to nobody who may not see it.
		want(t, "unsound, another department", s.Propose(b.ctx, b.stranger, refs, ""), policy.ErrNotFound)
		want(t, "unsound, published by another department", s.Publish(b.ctx, b.stranger, refs), policy.ErrNotFound)
		want(t, "unsound, published by its head", s.Publish(b.ctx, b.head, refs), policy.ErrForbidden)
		if _, err := s.SaveClause(b.ctx, b.stranger, "sc-2026-99", half, clause.Version+3); !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("an old page of another department's clause: %v", err)
		}
		if clause, err = s.SaveClause(b.ctx, b.handler, "kj-2026-99", sampleClause("kj-2026-99-1"), clause.Version); err != nil {
			t.Fatal(err)
		}
		want(t, "an old page", s.Propose(b.ctx, b.head, refs, ""), db.ErrStale)
		refs = []policy.Ref{doc.Ref(), clause.Ref()}
		want(t, "a handler proposes", s.Propose(b.ctx, b.handler, refs, ""), policy.ErrForbidden)
		want(t, "another department", s.Propose(b.ctx, b.stranger, refs, ""), policy.ErrNotFound)
		want(t, "a clause without its document", s.Propose(b.ctx, b.head, refs[1:], ""), policy.ErrUnsound)
		want(t, "propose", s.Propose(b.ctx, b.head, refs, "年度修订"), nil)
		_, file, err := s.File(b.ctx, b.one, "kj-2026-99")
		if err != nil || len(file) != 1 || file[0].Stage != policy.Proposed {
			t.Fatalf("%v %+v", err, file)
		}
		refs[0].Version++
		refs[1].Version++
		want(t, "the head publishes", s.Publish(b.ctx, b.head, refs), policy.ErrForbidden)
		want(t, "publish", s.Publish(b.ctx, b.one, refs), nil)
		l, err := s.Library(b.ctx)
		if err != nil || l.Generation() <= before.Generation() {
			t.Fatalf("%v: readers still see what was", err)
		}
		e, ok := l.Entry("kj-2026-99-1")
		if !ok || !e.Holds("2026-03-02") || e.Edition != 1 {
			t.Fatalf("%+v", e)
		}
		if until, open := e.Open("2026-03-02"); !open || until != "2026-04-30" {
			t.Errorf("open until %q, %v", until, open)
		}
		// An administrator who wrote himself needs the other.
		p, _, err := s.Paper(b.ctx, b.one, policy.KindClause, "kj-2026-99-1")
		if err != nil {
			t.Fatal(err)
		}
		changed := sampleClause("kj-2026-99-1")
		changed.Benefit.Rate = 12.5
		if p, err = s.SaveClause(b.ctx, b.one, "kj-2026-99", changed, p.Version); err != nil {
			t.Fatal(err)
		}
		want(t, "propose", s.Propose(b.ctx, b.one, []policy.Ref{p.Ref()}, "提高比例"), nil)
		p.Version++
		want(t, "his own", s.Publish(b.ctx, b.one, []policy.Ref{p.Ref()}), policy.ErrOwn)
		want(t, "give back without a reason", s.Return(b.ctx, b.two, []policy.Ref{p.Ref()}, " "), policy.ErrInvalid)
		want(t, "give back", s.Return(b.ctx, b.two, []policy.Ref{p.Ref()}, "再核实"), nil)
		p.Version++
		want(t, "propose", s.Propose(b.ctx, b.one, []policy.Ref{p.Ref()}, "提高比例"), nil)
		p.Version++
		want(t, "the other one", s.Publish(b.ctx, b.two, []policy.Ref{p.Ref()}), nil)
		editions, err := s.Editions(b.ctx, e.ID)
		if err != nil || len(editions) != 2 || editions[0].Body.Clause.Benefit.Rate != 12.5 || editions[1].Body.Clause.Benefit.Rate != 10 || editions[0].Reason != "提高比例" {
			t.Errorf("%v %+v", err, editions)
		}
		doc.Version += 2
		want(t, "withdraw", s.Withdraw(b.ctx, b.two, doc.Ref(), "文件有误"), nil)
		if l, _ = s.Library(b.ctx); l != nil {
			if _, ok := l.Entry("kj-2026-99-1"); ok {
				t.Error("a clause of a withdrawn document is still there")
			}
		}
	})
}

// TestFilesAreTakenInOnce: what the files say again changes nothing, also after
// people have edited; a fault names its place.
func TestFilesAreTakenInOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	sys := auth.SystemActor()
	d := sampleDocument("kj-2026-98", "kj")
	c := sampleClause("kj-2026-98-1")
	c.Benefit.Cap, c.Benefit.Most = 0, "1,000,000"
	seed := []policy.Seed{{Document: d, Clauses: []policy.Clause{c}}}
	if _, err := b.Policies.Import(b.ctx, b.one, seed); !errors.Is(err, policy.ErrForbidden) {
		t.Errorf("somebody: %v", err)
	}
	r, err := b.Policies.Import(b.ctx, sys, seed)
	if err != nil || r != (policy.Report{Created: 2}) {
		t.Fatalf("%+v %v", r, err)
	}
	p, _, err := b.Policies.Paper(b.ctx, b.one, policy.KindClause, c.Key)
	if err != nil || p.Published.Clause.Benefit.Cap != 100_000_000 {
		t.Fatalf("%v %+v", err, p)
	}
	edited := *p.Published.Clause
	edited.Benefit.Rate = 20
	if p, err = b.Policies.SaveClause(b.ctx, b.one, d.Key, edited, p.Version); err != nil {
		t.Fatal(err)
	}
	want(t, "propose", b.Policies.Propose(b.ctx, b.one, []policy.Ref{p.Ref()}, ""), nil)
	p.Version++
	want(t, "publish", b.Policies.Publish(b.ctx, b.two, []policy.Ref{p.Ref()}), nil)
	if r, err = b.Policies.Import(b.ctx, sys, seed); err != nil || r != (policy.Report{Unchanged: 2}) {
		t.Errorf("again: %+v %v", r, err)
	}
	seed[0].Clauses[0].Benefit.Most = "a lot"
	if _, err := b.Policies.Import(b.ctx, sys, seed); len(errs.FieldsOf(err)) != 1 || !strings.HasPrefix(errs.FieldsOf(err)[0].Name, c.Key+": ") {
		t.Errorf("a fault: %v", err)
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	x := policy.Issue{Document: policy.Document{From: "2026-01-01", Until: "2026-12-31"}}
	for day, want := range map[string]policy.Standing{"2025-12-31": policy.Coming, "2026-01-01": policy.InForce, "2026-12-31": policy.InForce, "2027-01-01": policy.Expired} {
		if got := x.Standing(day); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
	x.RepealedBy, x.RepealedOn = "b", "2026-07-01"
	if x.Standing("2026-06-30") != policy.InForce || x.Standing("2026-07-01") != policy.Repealed || x.Last() != "2026-06-30" {
		t.Error(x.Last())
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		windows []policy.Window
		from    string
		until   string
		want    string
	}{
		{"none is always", nil, "2026-05-01", "", "2026-05-01/"},
		{"none, with an end", nil, "2026-05-01", "2026-06-30", "2026-05-01/2026-06-30"},
		{"once", []policy.Window{{From: "2026-03-01", Until: "2026-04-30"}}, "2026-04-01", "2026-12-31", "2026-04-01/2026-04-30"},
		{"over", []policy.Window{{From: "2026-03-01", Until: "2026-04-30"}}, "2026-05-01", "", ""},
		{"yearly", []policy.Window{{From: "--03-01", Until: "--04-30"}}, "2026-04-15", "2027-03-10", "2026-04-15/2026-04-30 2027-03-01/2027-03-10"},
		{"over the turn of the year", []policy.Window{{From: "--12-01", Until: "--01-31"}}, "2026-01-10", "2026-12-20", "2026-01-10/2026-01-31 2026-12-01/2026-12-20"},
		{"the 29th of February", []policy.Window{{From: "--02-29", Until: "--03-31"}}, "2026-01-01", "2026-12-31", "2026-02-28/2026-03-31"},
		{"nothing at all", nil, "2026-05-02", "2026-05-01", ""},
	} {
		var got []string
		for _, s := range policy.Spans(c.windows, c.from, c.until) {
			got = append(got, s.From+"/"+s.Until)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	got, ok := policy.Terms(" rd_cost(-1) - rd_cost(-2)+capital")
	if !ok || !slices.Equal(got, []policy.Term{{Key: "rd_cost", Back: 1}, {Key: "rd_cost", Back: 2, Minus: true}, {Key: "capital"}}) {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"", "rd_cost(-1) * 2", "rd_cost(1)", "rd_cost(-1) rd_cost(-2)", "+", "5"} {
		if got, ok := policy.Terms(bad); ok {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

// TestChecks: each fault is told at its input.
func TestChecks(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	d := sampleDocument("kj-2026-97", "kj")
	if _, err := b.Policies.SaveDocument(b.ctx, b.one, d, 0); err != nil {
		t.Fatal(err)
	}
	version := 0
	for name, change := range map[string]func(c *policy.Clause){
		"benefit.kind":    func(c *policy.Clause) { c.Benefit.Kind = "gift" },
		"benefit.amount":  func(c *policy.Clause) { c.Benefit.Amount = 5 },
		"benefit.rate":    func(c *policy.Clause) { c.Benefit.Rate = 0.00001 },
		"benefit.of":      func(c *policy.Clause) { c.Benefit.Of = "staff(-1)" },
		"benefit.fund":    func(c *policy.Clause) { c.Benefit.Fund = "nobody" },
		"benefit.covers":  func(c *policy.Clause) { c.Benefit.Covers = "lunch" },
		"benefit.text.zh": func(c *policy.Clause) { c.Benefit.Rate, c.Benefit.Of = 0, "" },
		"way":             func(c *policy.Clause) { c.Way = "gift" },
		"item":            func(c *policy.Clause) { c.Item = "" },
		"windows":         func(c *policy.Clause) { c.Windows = []policy.Window{{From: "2026-02-30", Until: "2026-03-01"}} },
		"rule":            func(c *policy.Clause) { c.Rule = "revenue(-9) > 1" },
		"zero":            func(c *policy.Clause) { c.Zero = "" },
		"topics":          func(c *policy.Clause) { c.Topics = []string{"rd", "rd"} },
		"excludes":        func(c *policy.Clause) { c.Excludes = []string{"no-such-clause"} },
		"publicity":       func(c *policy.Clause) { c.Publicity = 5 },
		"summary.zh":      func(c *policy.Clause) { c.Summary.ZH = "" },
	} {
		c := sampleClause("kj-2026-97-1")
		change(&c)
		p, err := b.Policies.SaveClause(b.ctx, b.one, d.Key, c, version)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		version = p.Version
		got, err := b.Policies.Faults(b.ctx, p)
		if err != nil || len(got) != 1 || got[0].Name != name {
			t.Errorf("%s: %v %+v", name, err, got)
		}
		if len(got) > 0 {
			if _, ok := b.Texts.Raw(i18n.Chinese, "error."+got[0].Code); !ok {
				t.Errorf("%s: no text for %s", name, got[0].Code)
			}
		}
	}
}

// TestSearch: words find clauses, facets count what a choice would give.
func TestSearch(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	c, other := sampleClause("kj-2026-96-1"), sampleClause("kj-2026-96-2")
	c.Title = i18n.Text{ZH: "超级计算机使用券", EN: "Voucher for supercomputers"}
	other.Title, other.Benefit = i18n.Text{ZH: "会展补贴", EN: "Fairs"}, policy.Benefit{Kind: policy.Grant, Amount: 500_000_00, Per: policy.Once}
	other.Windows = []policy.Window{{From: "2026-09-01", Until: "2026-09-30"}}
	if _, err := b.Policies.Import(b.ctx, auth.SystemActor(), []policy.Seed{{Document: sampleDocument("kj-2026-96", "kj"), Clauses: []policy.Clause{c, other}}}); err != nil {
		t.Fatal(err)
	}
	l, err := b.Policies.Library(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := l.List(policy.Filter{Words: "超级计算机"}, "2026-03-02").Entries; len(got) == 0 || got[0].Key != c.Key {
		t.Errorf("%+v", got)
	}
	got := l.List(policy.Filter{Document: "kj-2026-96", Open: true}, "2026-03-02")
	if len(got.Entries) != 1 || got.Entries[0].Key != c.Key || got.Open != 1 || got.Kinds[policy.Share] != 1 || got.Topics["rd"] != 1 {
		t.Errorf("%+v", got)
	}
}

// TestWindow: the stretch that is open on a day, from its first day on.
func TestWindow(t *testing.T) {
	t.Parallel()
	yearly, turn := policy.Window{From: "--03-01", Until: "--04-30"}, policy.Window{From: "--12-01", Until: "--01-31"}
	for _, c := range []struct {
		name    string
		windows []policy.Window
		day     string
		want    policy.Span
		open    bool
	}{
		{"none is the term", nil, "2027-06-01", policy.Span{From: "2026-02-01", Until: "2028-04-15"}, true},
		{"before the term", nil, "2026-01-31", policy.Span{From: "2026-02-01", Until: "2028-04-15"}, false},
		{"of this year", []policy.Window{yearly}, "2027-04-30", policy.Span{From: "2027-03-01", Until: "2027-04-30"}, true},
		{"cut off by the term", []policy.Window{yearly}, "2028-04-01", policy.Span{From: "2028-03-01", Until: "2028-04-15"}, true},
		{"between", []policy.Window{yearly}, "2027-05-01", policy.Span{}, false},
		{"over the turn of the year", []policy.Window{turn}, "2027-01-31", policy.Span{From: "2026-12-01", Until: "2027-01-31"}, true},
		{"of several the one that closes last", []policy.Window{yearly, {From: "2027-04-01", Until: "2027-06-30"}}, "2027-04-02", policy.Span{From: "2027-04-01", Until: "2027-06-30"}, true},
	} {
		e := policy.Entry{Clause: policy.Clause{Windows: c.windows}, Document: policy.Issue{Document: policy.Document{From: "2026-02-01", Until: "2028-04-15"}}}
		if got, open := e.Window(c.day); got != c.want || open != c.open {
			t.Errorf("%s: %v %v", c.name, got, open)
		}
	}
}

// TestSynonyms: what people call things finds what documents call otherwise.
func TestSynonyms(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	seed := policy.Seed{Document: sampleDocument("kj-2026-91", "kj")}
	found := map[string]string{"高企": "高新技术企业认定奖励", "科小": "科技型中小企业入库奖励", "小巨人": "专精特新“小巨人”企业奖励", "自动兑付": "免申即享兑现", "技改": "技术改造补助"}
	keys := map[string]string{}
	for word, title := range found {
		c := sampleClause("kj-2026-91-" + strconv.Itoa(len(keys)+1))
		c.Title, c.Summary = i18n.Text{ZH: title, EN: "Sample"}, i18n.Text{ZH: "样本。", EN: "Sample."}
		keys[word] = c.Key
		seed.Clauses = append(seed.Clauses, c)
	}
	if _, err := b.Policies.Import(b.ctx, auth.SystemActor(), []policy.Seed{seed}); err != nil {
		t.Fatal(err)
	}
	l, err := b.Policies.Library(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for word, key := range keys {
		got := l.List(policy.Filter{Words: word, Document: seed.Document.Key}, "2026-03-02").Entries
		if len(got) == 0 || got[0].Key != key {
			t.Errorf("%s does not find %s first: %d found", word, found[word], len(got))
		}
	}
}

// TestAutomaticOfItsOwn: an automatic clause names an item of the department of its
// document, which has to be able to undo what it gave; other clauses may name any.
func TestAutomaticOfItsOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	if _, err := b.Policies.SaveDocument(b.ctx, b.handler, sampleDocument("kj-2026-96", "kj"), 0); err != nil {
		t.Fatal(err)
	}
	version := 0
	at := func(item string, way policy.Way) (codes []string) {
		t.Helper()
		c := sampleClause("kj-2026-96-1")
		c.Item, c.Way = item, way
		p, err := b.Policies.SaveClause(b.ctx, b.handler, "kj-2026-96", c, version)
		if err != nil {
			t.Fatal(err)
		}
		version = p.Version
		faults, err := b.Policies.Faults(b.ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range faults {
			codes = append(codes, f.Name+" "+f.Code)
		}
		return codes
	}
	foreign := []string{"item policy.field.keeper"}
	for _, x := range []struct {
		item string
		way  policy.Way
		want []string
	}{
		{"KJ-0004", policy.Automatic, nil},
		{"GX-0202", policy.Automatic, foreign},
		{"GX-0202", policy.Apply, nil},
		{"XX-0000", policy.Automatic, []string{"item policy.field.item"}},
	} {
		if got := at(x.item, x.way); !slices.Equal(got, x.want) {
			t.Errorf("%s %s: %v, want %v", x.way, x.item, got, x.want)
		}
	}
	// An item off the shelves for a time still has its department.
	record, _, err := b.Catalogue.History(b.ctx, b.one, "GX-0202")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Catalogue.Suspend(b.ctx, b.one, "GX-0202", record.Version, "样本"); err != nil {
		t.Fatal(err)
	}
	if got := at("GX-0202", policy.Automatic); !slices.Equal(got, foreign) {
		t.Errorf("suspended: %v", got)
	}
}
