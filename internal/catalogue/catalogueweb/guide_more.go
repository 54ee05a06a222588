package catalogueweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// Rating sums up what people said about an item: how many, their average of
// one to five, and how many in a hundred are satisfied (four or five).
type Rating struct {
	N         int
	Average   float64
	Satisfied int
}

// enough decided cases, or ratings, to be a figure and not an anecdote about a
// person.
const enough = 5

// guideMore is the part of a guide that goes beyond its definition.
type guideMore struct {
	Whole    *catalogue.Item // before the reader's answers narrowed it
	Asked    questionnaire
	Rating   Rating
	Siblings []*catalogue.Item // the same permit: change, renew, cancel
	Themes   []catalogue.Theme
	Region   identity.Region
	BaseURL  string
	Paper    bool // nothing to press
}

// more fills in what goes beyond the definition, and narrows the guide to the
// answers in the address.
func (p *Pages) more(r *http.Request, g *guidePage) error {
	it, now := g.Item, p.Service.Snapshot()
	g.guideMore = guideMore{Whole: it, Asked: answered(it.Questions(), r.URL.Query()), Siblings: now.Siblings(it), BaseURL: p.BaseURL}
	for _, t := range now.Themes() {
		if it.About(t.Key) {
			g.Themes = append(g.Themes, t)
		}
	}
	g.Region = g.Directory.Region(g.Department.Region)
	rating, err := p.Ratings(r.Context(), it.Code)
	if err != nil {
		return err
	}
	if rating.N >= enough {
		g.Rating = rating
	}
	if g.Real.N < enough {
		g.Real = RealTime{}
	}
	if len(g.Asked.Answers) > 0 {
		narrowed := *it
		narrowed.Definition = it.Choose(g.Asked.Answers)
		g.Item = &narrowed
	}
	return nil
}

// here is the address of this guide with the reader's answers.
func (g guidePage) here() string { return withQuery(g.path(), g.Asked.values()) }

// printPath is the guide on paper with the reader's answers.
func (g guidePage) printPath() string { return withQuery(g.path()+"/print", g.Asked.values()) }

// agency is who handles the item: a department of ours, or the body by name.
func (g guidePage) agency() i18n.Text {
	if g.Whole.External() {
		return g.Whole.Agency.Name
	}
	return g.Department.Name
}

// consult and complain are the numbers of the item, else of the department.
func (g guidePage) consult() string {
	if n := g.Whole.Phones.Consult; n != "" {
		return n
	}
	return g.Department.Phone
}

func (g guidePage) complain() string {
	if n := g.Whole.Phones.Complaint; n != "" {
		return n
	}
	return g.Department.ComplaintPhone
}

// hallsOf are the halls where the item is received: those that it names, else
// all of the city. What another administration handles is received at none.
func hallsOf(it *catalogue.Item, d *identity.Directory, region string) []identity.Hall {
	if it.External() {
		return nil
	}
	all := hallsFor(d, region)
	if len(it.Halls) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(h identity.Hall) bool { return !slices.Contains(it.Halls, h.ID) })
}

// mapLink searches an address on a public map: the one that people here use,
// and for readers of English one that speaks it.
func mapLink(ctx context.Context, h identity.Hall) string {
	if i18n.LocaleOf(ctx) == i18n.English {
		return "https://www.openstreetmap.org/search?query=" + url.QueryEscape(h.Address.ZH)
	}
	return "https://uri.amap.com/search?keyword=" + url.QueryEscape(h.Address.ZH)
}

// codes are the numbers that the item has in catalogues.
func (g guidePage) codes(ctx context.Context) []view.Pair {
	it := g.Whole
	uscc, level := g.Department.USCC, g.level()
	if it.External() {
		uscc = it.Agency.USCC
	}
	implementation, handling := it.Codes(uscc, level)
	out := []view.Pair{{Key: i18n.T(ctx, "catalogue.code"), Value: it.Code}}
	for _, c := range []struct{ key, value string }{
		{"catalogue.more.base_code", it.BaseCode}, {"catalogue.more.impl_code", implementation}, {"catalogue.more.handling_code", handling}, {"catalogue.more.local_code", it.LocalCode},
	} {
		if c.value != "" && c.value != it.Code {
			out = append(out, view.Pair{Key: i18n.T(ctx, c.key), Value: c.value})
		}
	}
	if it.Type != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.type"), Value: i18n.T(ctx, "catalogue.more.type."+it.Type)})
	}
	if !it.Main.IsZero() {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.main"), Value: it.Main.For(ctx)})
	}
	if level != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.level"), Value: i18n.T(ctx, "catalogue.more.level."+level)})
	}
	if it.Orderable() || it.CaseType == catalogue.Instant || !it.Promised.IsZero() {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.case_type"), Value: i18n.T(ctx, "catalogue.more.case_type."+string(it.CaseType))})
	}
	if len(g.Themes) > 0 {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.themes"), Component: themeLinks(g.Themes)})
	}
	return append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.version"), Value: i18n.T(ctx, "catalogue.more.version_n", "n", it.Version, "day", i18n.FormatDate(ctx, it.PublishedAt))})
}

// level of the body that handles the item (行使层级).
func (g guidePage) level() string {
	if g.Whole.Level != "" {
		return g.Whole.Level
	}
	return g.Region.Level
}

// fees are the standards that can apply: the one for everybody, and those of
// situations that are still open.
func (g guidePage) fees(ctx context.Context) []view.Pair {
	f := g.Item.Fee
	if !f.Charged {
		return nil
	}
	var out []view.Pair
	for _, c := range f.Cases {
		out = append(out, view.Pair{Key: ifWords(ctx, g.Whole.Definition, c.When), Value: c.Standard.For(ctx)})
	}
	if !f.Standard.IsZero() {
		key := "catalogue.fee.standard"
		if len(out) > 0 {
			key = "catalogue.more.fee_else"
		}
		out = append(out, view.Pair{Key: i18n.T(ctx, key), Value: f.Standard.For(ctx)})
	}
	if !f.Basis.IsZero() {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.fee.basis"), Value: f.Basis.For(ctx)})
	}
	if f.Online {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.fee_how"), Value: i18n.T(ctx, "catalogue.more.fee_online")})
	}
	return out
}

// ifWords says when something applies: "“有食堂”为“是”时".
func ifWords(ctx context.Context, d catalogue.Definition, when string) string {
	if words := conditionWords(ctx, d, when); words != "" {
		return i18n.T(ctx, "catalogue.more.if", "condition", words)
	}
	return i18n.T(ctx, "catalogue.when.depends")
}

// links of a material: the blank to fill in, a sample.
func (g guidePage) links(m catalogue.Material) []materialLink {
	var out []materialLink
	for _, l := range []struct{ key, file string }{{"catalogue.more.blank_file", m.Blank}, {"catalogue.more.sample_file", m.Sample}} {
		if l.file != "" {
			out = append(out, materialLink{l.key, g.fileBase() + l.file})
		}
	}
	return out
}

type materialLink struct{ Key, Href string }

// remedies are what somebody can do who does not agree with a decision. A
// science service decides nothing, and of another administration's item only
// that body can say.
func (g guidePage) remedies(ctx context.Context) []view.Pair {
	it := g.Whole
	if it.Family == catalogue.ScienceService || it.Asks() == catalogue.KindLookup || it.External() && it.Remedy.Review.IsZero() && it.Remedy.Court.IsZero() {
		return nil
	}
	review, court := i18n.T(ctx, "catalogue.more.review_default"), i18n.T(ctx, "catalogue.more.court_default")
	if !it.Remedy.Review.IsZero() {
		review = i18n.T(ctx, "catalogue.more.review_at", "body", it.Remedy.Review)
	}
	if !it.Remedy.Court.IsZero() {
		court = i18n.T(ctx, "catalogue.more.court_at", "body", it.Remedy.Court)
	}
	return []view.Pair{{Key: i18n.T(ctx, "catalogue.more.review"), Value: review}, {Key: i18n.T(ctx, "catalogue.more.court"), Value: court}}
}

// offerPairs are the terms of a science service.
func offerPairs(ctx context.Context, o *catalogue.Offer) []view.Pair {
	out := []view.Pair{
		{Key: i18n.T(ctx, "catalogue.more.offer.provider"), Value: o.Provider.For(ctx)},
		{Key: i18n.T(ctx, "catalogue.more.offer.price"), Value: o.Price.For(ctx)},
		{Key: i18n.T(ctx, "catalogue.more.offer.delivery"), Value: o.Delivery.For(ctx)},
	}
	if !o.Coverage.IsZero() {
		out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.offer.coverage"), Value: o.Coverage.For(ctx)})
	}
	vouchers := "catalogue.more.offer.no_vouchers"
	if o.Vouchers {
		vouchers = "catalogue.more.offer.yes_vouchers"
	}
	out = append(out, view.Pair{Key: i18n.T(ctx, "catalogue.more.offer.vouchers"), Value: i18n.T(ctx, vouchers)})
	for i, q := range o.Qualifications {
		words := q.Name.For(ctx)
		if q.Number != "" {
			words = i18n.T(ctx, "catalogue.more.offer.numbered", "name", words, "number", q.Number)
		}
		if q.Until != "" {
			words = i18n.T(ctx, "catalogue.more.offer.until", "name", words, "day", q.Until)
		}
		pair := view.Pair{Value: words}
		if i == 0 {
			pair.Key = i18n.T(ctx, "catalogue.more.offer.qualifications")
		}
		out = append(out, pair)
	}
	return out
}

// ratingWords say what people think of an item.
func ratingWords(ctx context.Context, r Rating) string {
	if r.N == 0 {
		return ""
	}
	return i18n.Count(ctx, "catalogue.more.rating", r.N, "average", oneDecimal(r.Average), "share", r.Satisfied)
}

// visitCookie holds what a visitor without an account looked at last, in his
// own browser and for as long as it stays open: nothing of it is kept here.
const (
	visitCookie = "tongban_seen"
	visitsShown = 6
)

// remember that the reader looked at a guide.
func (p *Pages) remember(w http.ResponseWriter, r *http.Request, it *catalogue.Item) error {
	actor := auth.From(r.Context())
	if actor.Kind == auth.Person {
		return p.Service.Visit(r.Context(), actor, it.ID)
	}
	if actor.Kind == auth.Staff || r.Method != http.MethodGet {
		return nil
	}
	codes := append([]string{it.Code}, slices.DeleteFunc(seenCodes(r), func(c string) bool { return c == it.Code })...)
	http.SetCookie(w, &http.Cookie{
		Name: visitCookie, Value: strings.Join(codes[:min(len(codes), visitsShown)], "|"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(p.BaseURL, "https://"),
	})
	return nil
}

func seenCodes(r *http.Request) []string {
	c, err := r.Cookie(visitCookie)
	if err != nil || c.Value == "" || len(c.Value) > 500 {
		return nil
	}
	return strings.Split(c.Value, "|")
}

// Recent is what the reader of a request looked at last, newest first.
func Recent(s *catalogue.Service, r *http.Request) ([]*catalogue.Item, error) {
	actor := auth.From(r.Context())
	if actor.Kind == auth.Person {
		return s.Visited(r.Context(), actor, visitsShown)
	}
	if actor.Kind == auth.Staff {
		return nil, nil
	}
	codes := seenCodes(r)
	return s.Snapshot().Items(codes[:min(len(codes), visitsShown)]), nil
}
