package advice_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const document = "kj-2026-98"

// fixture has clauses of one document, named by what a firm of 80 people that has
// said nothing else should hear of them.
func fixture(t *testing.T) (*apptest.App, context.Context) {
	t.Helper()
	a := apptest.New(t)
	d := policy.Document{
		Key: document, Number: "渤科发〔2026〕98号", Title: i18n.Text{ZH: "样本办法", EN: "Sample measures"}, Issuer: i18n.Text{ZH: "科技创新局", EN: "Bureau"}, Department: "kj",
		Level: policy.Zone, Region: "371671", Issued: "2026-01-01", From: "2026-01-01", Text: i18n.Text{ZH: "样本。", EN: "A sample."}, Source: "https://zone.example/98",
	}
	window := func(from, until string) []policy.Window { return []policy.Window{{From: from, Until: until}} }
	seed := policy.Seed{Document: d}
	for i, c := range []struct {
		rule     string
		yuan     money.Fen
		windows  []policy.Window
		excludes []string
	}{
		{rule: `region.under("3716")`, yuan: 10_000},                                                                              // 1: fits, always
		{rule: `staff(-1) >= 50`, yuan: 20_000, windows: window("2026-03-01", "2026-03-31")},                                      // 2: fits, closes soon
		{rule: `staff(-1) >= 60`, yuan: 30_000, windows: window("2026-03-01", "2026-03-31"), excludes: []string{document + "-2"}}, // 3: fits, worth more, not besides 2
		{rule: `staff(-1) >= 70`, yuan: 40_000, windows: window("2026-01-10", "2026-02-10")},                                      // 4: fits, too late
		{rule: `staff(-1) >= 100`, yuan: 50_000},                                                                                  // 5: near
		{rule: `rd_cost(-1) >= 1000000`, yuan: 60_000},                                                                            // 6: open
		{rule: `rd_cost(-1) >= 1000000 && staff(-1) >= 1000`, yuan: 70_000},                                                       // 7: what is missing would not be enough
		{rule: ``, yuan: 80_000}, // 8: not matched
	} {
		seed.Clauses = append(seed.Clauses, policy.Clause{
			Key: document + "-" + strconv.Itoa(i+1), Title: i18n.Text{ZH: "样本" + strconv.Itoa(i+1), EN: "Sample"}, Summary: i18n.Text{ZH: "给奖励。", EN: "A prize."},
			Benefit: policy.Benefit{Kind: policy.Grant, Amount: c.yuan * 100, Per: policy.Once}, Way: policy.Apply, Item: "KJ-0004",
			Windows: c.windows, Rule: c.rule, Excludes: c.excludes, Topics: []string{"rd"},
		})
	}
	if _, err := a.Policies.Import(t.Context(), auth.SystemActor(), []policy.Seed{seed}); err != nil {
		t.Fatal(err)
	}
	return a, i18n.With(t.Context(), a.Texts, i18n.Chinese)
}

// of are the numbers of the clauses of the fixture that stand so, in their order.
func of(a *advice.Advice, s advice.Standing) string {
	var out []string
	for _, m := range a.Of(s) {
		if n, ok := strings.CutPrefix(m.Key, document+"-"); ok {
			out = append(out, n)
		}
	}
	return strings.Join(out, " ")
}

func match(t *testing.T, a *advice.Advice, n string) advice.Match {
	t.Helper()
	i := slices.IndexFunc(a.Matches, func(m advice.Match) bool { return m.Key == document+"-"+n })
	if i < 0 {
		t.Fatalf("clause %s is not named", n)
	}
	return a.Matches[i]
}

// TestCheck: what somebody says of a firm is told apart into what it fits, what is a
// step away and what cannot be told, with why, in the order of use.
func TestCheck(t *testing.T) {
	t.Parallel()
	a, ctx := fixture(t)
	said := advice.Said{{Key: "region"}: "371671", {Key: "staff", Back: 1}: "80"}
	got, err := a.Advice.Check(ctx, said)
	if err != nil {
		t.Fatal(err)
	}
	// What closes first stands first, of two that close together what is worth more; what nobody can have any more last.
	for s, want := range map[advice.Standing]string{advice.Fits: "3 2 1 4", advice.Near: "5", advice.Open: "6"} {
		if have := of(got, s); have != want {
			t.Errorf("%s: %q, want %q", s, have, want)
		}
	}
	three := match(t, got, "3")
	if !three.Known || three.Worth != 3_000_000 || !three.Now || three.Until != "2026-03-31" {
		t.Errorf("%+v", three)
	}
	if four := match(t, got, "4"); four.Now || four.Next != "" {
		t.Errorf("over, yet: %+v", four)
	}
	five := match(t, got, "5")
	if five.Distance != 1 || !strings.Contains(five.Why.Own, "80") || !strings.Contains(five.Why.Short, "20") {
		t.Errorf("distance %d, own %q, short %q", five.Distance, five.Why.Own, five.Why.Short)
	}
	gaps := match(t, got, "6").Why.Gaps()
	if len(gaps) != 1 || gaps[0].Key != "rd_cost" || gaps[0].Year != 2025 || gaps[0].Name == "" || !gaps[0].Declared && gaps[0].Register == "" {
		t.Errorf("whom to ask: %+v", gaps)
	}
	at := slices.IndexFunc(got.Gaps, func(w advice.Wanted) bool { return w.Key == "rd_cost" && w.Year == 2025 })
	if at < 0 || got.Gaps[at].Clauses < 1 || !slices.IsSortedFunc(got.Gaps, func(x, y advice.Wanted) int { return y.Clauses - x.Clauses }) {
		t.Errorf("wanted: %+v", got.Gaps)
	}
	if got.Far == 0 {
		t.Error("nothing is far")
	}
	// With the missing fact the answer is one or the other.
	for value, want := range map[string]string{"100000000": "6", "99999900": ""} {
		said[rule.FactRef{Key: "rd_cost", Back: 1}] = value
		got, err := a.Advice.Check(ctx, said)
		if err != nil {
			t.Fatal(err)
		}
		if fits := strings.Contains(of(got, advice.Fits), "6"); fits != (want == "6") || strings.Contains(of(got, advice.Open), "6") {
			t.Errorf("research of %s fen: fits %v, open %s", value, fits, of(got, advice.Open))
		}
	}
}

// TestTotal: of what excludes each other the total has what is worth most, and
// nothing that can be had no more.
func TestTotal(t *testing.T) {
	t.Parallel()
	a, ctx := fixture(t)
	total := func(said advice.Said) (money.Fen, int) {
		t.Helper()
		got, err := a.Advice.Check(ctx, said)
		if err != nil {
			t.Fatal(err)
		}
		return got.Total, got.Sums
	}
	region := advice.Said{{Key: "region"}: "371671"}
	base, n := total(region)
	for staff, want := range map[string]struct {
		more money.Fen
		sums int
	}{"49": {0, 0}, "50": {2_000_000, 1}, "60": {3_000_000, 1}, "80": {3_000_000, 1}, "100": {8_000_000, 2}} {
		got, sums := total(advice.Said{{Key: "region"}: "371671", {Key: "staff", Back: 1}: staff})
		got -= base
		sums -= n
		// Other policies of the zone read staff as well: they are counted apart.
		other, err := a.Advice.Check(ctx, advice.Said{{Key: "region"}: "371671", {Key: "staff", Back: 1}: staff})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range other.Of(advice.Fits) {
			if m.Document.Key != document && m.Known && m.Worth > 0 && (m.Now || m.Next != "") && !fitsWithout(t, a, ctx, m.Key) {
				got -= m.Worth
				sums--
			}
		}
		if got != want.more || sums != want.sums {
			t.Errorf("%s people: %d fen more of %d clauses, want %d of %d", staff, got, sums, want.more, want.sums)
		}
	}
}

func fitsWithout(t *testing.T, a *apptest.App, ctx context.Context, key string) bool {
	t.Helper()
	got, err := a.Advice.Check(ctx, advice.Said{{Key: "region"}: "371671"})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(got.Of(advice.Fits), func(m advice.Match) bool { return m.Key == key })
}

// TestClauses: some clauses are held against a firm, those that are far too; it is
// nobody else's business.
func TestClauses(t *testing.T) {
	t.Parallel()
	a, ctx := fixture(t)
	who := a.Actor(t, "applicant")
	l, err := a.Policies.Library(ctx)
	if err != nil {
		t.Fatal(err)
	}
	entries := l.Of(document)
	got, err := a.Advice.Clauses(ctx, who, who.Firms[0], entries)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got[document+"-8"]; ok || len(got) != 7 {
		t.Errorf("%d clauses, not matched ones among them: %v", len(got), ok)
	}
	whole, err := a.Advice.For(ctx, who, who.Firms[0])
	if err != nil {
		t.Fatal(err)
	}
	for key, m := range got {
		i := slices.IndexFunc(whole.Matches, func(w advice.Match) bool { return w.Key == key })
		if (i < 0) != (m.Standing == advice.Far) || i >= 0 && (whole.Matches[i].Standing != m.Standing || whole.Matches[i].Worth != m.Worth) {
			t.Errorf("%s: %s here, otherwise in the whole", key, m.Standing)
		}
	}
	for _, login := range []string{"luzhengping", "citizen"} {
		if _, err := a.Advice.Clauses(ctx, a.Actor(t, login), who.Firms[0], entries); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%s: %v", login, err)
		}
		if _, err := a.Advice.For(ctx, a.Actor(t, login), who.Firms[0]); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%s: %v", login, err)
		}
	}
}
