package tierweb

import (
	"context"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/view"
)

// tableRows are the rungs of a ladder that hold on a day.
func tableRows(ctx context.Context, l *tier.Ladder, day string) []view.RowView {
	var out []view.RowView
	for _, r := range l.On(day) {
		out = append(out, view.RowView{Href: PublicPath + "/" + r.Key, Title: r.Name.For(ctx), Note: r.About.For(ctx)})
	}
	return out
}

// needWords says how many points are enough.
func needWords(ctx context.Context, s *tier.Score) string {
	if s.Above > 0 {
		return i18n.T(ctx, "tier.need.above", "n", s.Above)
	}
	return i18n.T(ctx, "tier.need.at_least", "n", s.AtLeast)
}
