package catalogueweb

import (
	"context"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

// fact is one of the things that everybody asks first.
type fact struct{ Key, Value, Note string }

// facts of a guide: how long, how often, how much, how. What a sheet of another
// administration does not say is left out.
func (g guidePage) facts(ctx context.Context) []fact {
	it := g.Item
	var out []fact
	add := func(key, value, note string) {
		if value == "" && it.Orderable() {
			value = dash(value)
		}
		if value != "" {
			out = append(out, fact{i18n.T(ctx, "catalogue.fact."+key), value, note})
		}
	}
	limitNote := g.single(ctx)
	if limitNote == "" {
		limitNote = statutoryWords(ctx, it)
	}
	add("limit", SpeedWords(ctx, it), limitNote)
	trips, why := "", ""
	if it.Orderable() || it.Trips > 0 || len(it.Channels) > 0 {
		trips = tripWords(ctx, it.Trips)
	}
	if it.Trips > 0 {
		why = it.TripsReason.For(ctx)
	}
	add("trips", trips, why)
	fee := ""
	if it.Orderable() || it.Fee.Charged {
		fee = feeWords(ctx, it.Fee)
	}
	add("fee", fee, "")
	add("channels", channelWords(ctx, it.Channels), "")
	return out
}

// sidePairs are whom to call, and the code to name then. What cannot be ordered
// here has its code among the facts of the catalogue and its number at the top.
func (g guidePage) sidePairs(ctx context.Context) []view.Pair {
	out := g.phones(ctx)
	if g.Item.Orderable() {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.code"), Value: g.Item.Code})
	}
	return out
}
