package policyweb

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/rule"
)

// ClausePath is the public page of a clause.
func ClausePath(key string) string { return "/policies/clauses/" + url.PathEscape(key) }

// DocumentPath is the public page of a document.
func DocumentPath(key string) string { return "/policies/" + url.PathEscape(key) }

// sum is an amount as people say it: 50 万元, ¥ 8,000, CNY 500,000.
func sum(ctx context.Context, f money.Fen) string {
	if i18n.LocaleOf(ctx) == i18n.Chinese && f >= 1_000_000 && f%10_000 == 0 {
		return i18n.T(ctx, "policy.sum.wan", "n", money.Grouped(f.Wan()))
	}
	return i18n.T(ctx, "policy.sum.yuan", "n", strings.TrimSuffix(f.String(), ".00"))
}

// percent writes a rate as people do: 2.5%.
func percent(rate float64) string { return strconv.FormatFloat(rate, 'f', -1, 64) + "%" }

// ofWords says what a rate is taken of.
func ofWords(ctx context.Context, of string) string {
	terms, _ := policy.Terms(of)
	var b strings.Builder
	for i, t := range terms {
		switch {
		case t.Minus:
			b.WriteString(i18n.T(ctx, "policy.of.minus"))
		case i > 0:
			b.WriteString(i18n.T(ctx, "policy.of.plus"))
		}
		b.WriteString(facts.Published().Name(ctx, rule.FactRef{Key: t.Key, Back: t.Back}))
	}
	return strings.ReplaceAll(b.String(), "年度当年", "年度") // facts of one year are called so
}

// Gives says in one line what a clause gives.
func Gives(ctx context.Context, b policy.Benefit) string {
	var parts []string
	switch {
	case b.Amount > 0 && b.Kind == policy.Loan:
		parts = append(parts, i18n.T(ctx, "policy.gives.loan", "sum", sum(ctx, b.Amount)))
	case b.Amount > 0:
		parts = append(parts, i18n.T(ctx, "policy.gives.sum."+string(b.Per), "sum", sum(ctx, b.Amount)))
	case b.Rate > 0 && b.Of != "":
		parts = append(parts, i18n.T(ctx, "policy.gives.rate_of", "rate", percent(b.Rate), "of", ofWords(ctx, b.Of)))
	case b.Rate > 0 && b.Text.IsZero():
		parts = append(parts, i18n.T(ctx, "policy.gives.rate", "rate", percent(b.Rate)))
	}
	if b.Cap > 0 {
		parts = append(parts, i18n.T(ctx, "policy.gives.cap", "sum", sum(ctx, b.Cap)))
	}
	if len(parts) == 0 || b.Amount == 0 && b.Rate > 0 && b.Of == "" {
		if t := b.Text.For(ctx); t != "" {
			return t
		}
	}
	return strings.Join(parts, i18n.T(ctx, "policy.comma"))
}

func day(ctx context.Context, iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	if i18n.LocaleOf(ctx) == i18n.English {
		return t.Format("2 January 2006")
	}
	return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
}

func daysLeft(from, until string) int {
	a, err := time.Parse(time.DateOnly, from)
	b, err2 := time.Parse(time.DateOnly, until)
	if err != nil || err2 != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

// When says how one stands with the window of a clause today.
func When(ctx context.Context, e policy.Entry, today string) string {
	switch st := e.Document.Standing(today); st {
	case policy.Coming:
		return i18n.T(ctx, "policy.when.coming", "day", day(ctx, e.Document.From))
	case policy.Expired, policy.Repealed:
		return i18n.T(ctx, "policy.when."+string(st), "day", day(ctx, e.Document.Last()))
	}
	until, open := e.Open(today)
	switch {
	case open && len(e.Windows) == 0:
		return i18n.T(ctx, "policy.when.always."+string(e.Way))
	case open && until == today:
		return i18n.T(ctx, "policy.when.last")
	case open:
		return i18n.T(ctx, "policy.when.open", "day", day(ctx, until), "n", daysLeft(today, until))
	}
	if next, ok := e.Next(today); ok {
		return i18n.T(ctx, "policy.when.next", "day", day(ctx, next.From))
	}
	return i18n.T(ctx, "policy.when.over")
}

// windowWords writes a window as people do.
func windowWords(ctx context.Context, w policy.Window) string {
	if w.Yearly() {
		at := func(s string) string {
			t, err := time.Parse("--01-02", s)
			if err != nil {
				return s
			}
			if i18n.LocaleOf(ctx) == i18n.English {
				return t.Format("2 January")
			}
			return fmt.Sprintf("%d月%d日", t.Month(), t.Day())
		}
		return i18n.T(ctx, "policy.window.yearly", "from", at(w.From), "until", at(w.Until))
	}
	return i18n.T(ctx, "policy.window.once", "from", day(ctx, w.From), "until", day(ctx, w.Until))
}

// applied says that a clause is had by handing something in.
func applied(e policy.Entry) bool { return e.Way == policy.Apply || e.Way == policy.Prefilled }
