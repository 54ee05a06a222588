package mandateweb

import (
	"context"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// namedItems is how many single items are named before the rest is counted.
const namedItems = 3

// ScopeWords say how far an authorisation goes: "办事 · 高新技术企业认定 · 只能查看".
// name tells what an item is called.
func ScopeWords(ctx context.Context, m auth.Mandate, name func(code string) i18n.Text) string {
	var parts []string
	if !m.Limited() {
		return i18n.T(ctx, "mandate.scope.all")
	}
	for _, x := range m.Modules {
		parts = append(parts, i18n.T(ctx, "mandate.module."+string(x)))
	}
	if len(m.Items) > 0 {
		names := make([]string, 0, namedItems)
		for _, code := range m.Items[:min(len(m.Items), namedItems)] {
			names = append(names, name(code).For(ctx))
		}
		words := strings.Join(names, i18n.T(ctx, "mandate.scope.comma"))
		if n := len(m.Items) - namedItems; n > 0 {
			words = i18n.T(ctx, "mandate.scope.and_more", "names", words, "n", n)
		}
		parts = append(parts, words)
	}
	if m.ReadOnly {
		parts = append(parts, i18n.T(ctx, "mandate.scope.read_only"))
	}
	return strings.Join(parts, " · ")
}

// PeriodWords say from when until when: "2026年3月2日起，至2026年12月31日".
func PeriodWords(ctx context.Context, m auth.Mandate) string {
	from := i18n.Day(i18n.LocaleOf(ctx), m.From)
	if m.Until.IsZero() {
		return i18n.T(ctx, "mandate.period.open", "from", from)
	}
	return i18n.T(ctx, "mandate.period.until", "from", from, "until", i18n.LastDay(i18n.LocaleOf(ctx), m.Until))
}
