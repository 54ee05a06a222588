package policyweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// mostCompared is how many clauses stand side by side.
const mostCompared = 4

type comparePage struct {
	Entries []policy.Entry
	Unknown []string // keys that nobody knows, or of what was withdrawn
	Left    int      // how many are left out, being too many
	Today   string
	Saved   saved
	Items   map[string]i18n.Text // names of items on offer, by code
	Firms   []identity.Acting
	Firm    identity.Enterprise // the one that they are held against, if there is one
	Stands  map[string]advice.Match
}

// compare shows clauses side by side: everybody may, and who acts for a firm sees
// how each stands towards it.
func (p *Pages) compare(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, q := r.Context(), auth.From(r.Context()), r.URL.Query()
	l, err := p.Service.Library(ctx)
	if err != nil {
		return err
	}
	d := comparePage{Today: p.Service.Today(), Items: map[string]i18n.Text{}}
	for i, key := range q["key"] {
		e, ok := l.Entry(key)
		switch {
		case slices.Index(q["key"], key) < i || i >= 50:
		case !ok:
			d.Unknown = append(d.Unknown, words(key))
		case len(d.Entries) == mostCompared:
			d.Left++
		default:
			d.Entries = append(d.Entries, e)
		}
	}
	for _, e := range d.Entries {
		if it, err := p.Catalogue.Item(e.Item); err == nil {
			d.Items[e.Item] = it.Name
		}
	}
	if d.Saved, err = p.savedBy(ctx, actor); err != nil {
		return err
	}
	if err := p.hold(ctx, actor, q.Get("firm"), &d); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, compareClauses(d))
}

// hold holds the clauses against a firm of the reader, the first when he names none.
// Who refused to have policies matched with his files sees the clauses alone.
func (p *Pages) hold(ctx context.Context, actor auth.Actor, firm string, d *comparePage) error {
	if actor.Kind != auth.Person || len(actor.Firms) == 0 || len(d.Entries) == 0 {
		return nil
	}
	allowed, err := p.Push.Allowed(ctx, actor.ID)
	if err != nil || !allowed {
		return err
	}
	if d.Firms, err = p.Identity.FirmsOf(ctx, actor); err != nil || len(d.Firms) == 0 {
		return err
	}
	at := max(0, slices.IndexFunc(d.Firms, func(f identity.Acting) bool { return f.ID == firm }))
	d.Stands, err = p.Advice.Clauses(ctx, actor, d.Firms[at].ID, d.Entries)
	if errors.Is(err, dossier.ErrNotFound) { // he does other things for it
		return nil
	}
	d.Firm = d.Firms[at].Enterprise
	return err
}

// keys of what is compared, without one.
func (d comparePage) keys(but string) []string {
	var out []string
	for _, e := range d.Entries {
		if e.Key != but {
			out = append(out, e.Key)
		}
	}
	return out
}

func (d comparePage) here() string { return compareHref(d.keys(""), d.Firm.ID) }

func (d comparePage) heads(ctx context.Context) []view.Head {
	out := []view.Head{{Text: i18n.T(ctx, "policy.compare.part")}}
	for _, e := range d.Entries {
		out = append(out, view.Head{Text: e.Title.For(ctx)})
	}
	return out
}

// comparedPart is a row of a comparison: what it is, how to show it of a clause, and
// whether there is anything to show; a row with nothing at all is left out.
type comparedPart struct {
	name string
	show func(e policy.Entry) templ.Component
	has  func(e policy.Entry) bool
}

func (d comparePage) parts(ctx context.Context) []comparedPart {
	text := func(key string, f func(e policy.Entry) string) comparedPart {
		return comparedPart{i18n.T(ctx, key), func(e policy.Entry) templ.Component { return plainText(orDash(f(e))) }, func(e policy.Entry) bool { return f(e) != "" }}
	}
	part := func(key string, show func(e policy.Entry) templ.Component) comparedPart {
		return comparedPart{i18n.T(ctx, key), show, func(policy.Entry) bool { return true }}
	}
	sumOf := func(e policy.Entry) string {
		if e.Benefit.Cap == 0 {
			return ""
		}
		return sum(ctx, e.Benefit.Cap)
	}
	var out []comparedPart
	if d.Firm.ID != "" {
		out = append(out, part("policy.versus.firm", func(e policy.Entry) templ.Component { return comparedStanding(d, e) }))
	}
	out = append(out,
		part("policy.clause.gives", giveLine),
		text("policy.per", func(e policy.Entry) string { return i18n.T(ctx, "policy.per."+string(e.Benefit.Per)) }),
		text("policy.versus.cap", sumOf),
		text("policy.clause.when", func(e policy.Entry) string { return When(ctx, e, d.Today) }),
		text("policy.clause.windows", func(e policy.Entry) string {
			var list []string
			for _, w := range e.Windows {
				list = append(list, windowWords(ctx, w))
			}
			return strings.Join(list, i18n.T(ctx, "policy.semicolon"))
		}),
		part("policy.clause.how", func(e policy.Entry) templ.Component { return comparedWay(d, e) }),
		part("policy.clause.whom", func(e policy.Entry) templ.Component { return whomView(e.Clause) }),
		comparedPart{i18n.T(ctx, "policy.clause.materials"), comparedMaterials, func(e policy.Entry) bool { return len(e.Materials) > 0 }},
		comparedPart{i18n.T(ctx, "policy.clause.excludes"), func(e policy.Entry) templ.Component { return comparedExcludes(d, e) }, func(e policy.Entry) bool { return len(d.excluded(e)) > 0 }},
		part("policy.document", func(e policy.Entry) templ.Component { return documentLink(e.Document, e.Place) }),
		text("policy.level", func(e policy.Entry) string { return i18n.T(ctx, "policy.level."+string(e.Document.Level)) }),
	)
	return slices.DeleteFunc(out, func(x comparedPart) bool { return !slices.ContainsFunc(d.Entries, x.has) })
}

// excluded are those of the comparison that cannot be had besides a clause.
func (d comparePage) excluded(e policy.Entry) []policy.Entry {
	var out []policy.Entry
	for _, o := range d.Entries {
		if o.Key != e.Key && policy.Exclude(e, o) {
			out = append(out, o)
		}
	}
	return out
}

// lacks are the conditions that keep the firm from a clause, with what is missing.
func lacks(m advice.Match) []facts.Line {
	if m.Standing == advice.Fits {
		return nil
	}
	return slices.Concat(m.Why.Flat(engine.No), m.Why.Flat(engine.Unknown))
}

// factPath is where the firm can say a fact itself, "" when somebody else brings it.
func (d comparePage) factPath(g facts.Gap) string {
	if !g.Declared {
		return ""
	}
	path := "/my/firms/" + d.Firm.ID + "/facts/" + g.Key
	if g.Year > 0 {
		return path + "?year=" + strconv.Itoa(g.Year)
	}
	return path
}

func standsWorth(ctx context.Context, m advice.Match) string {
	if !m.Known || m.Worth <= 0 {
		return ""
	}
	return i18n.T(ctx, "policy.versus.worth", "n", push.Yuan(ctx, m.Worth))
}
