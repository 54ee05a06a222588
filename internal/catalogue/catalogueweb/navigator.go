package catalogueweb

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// eventsPage is the way into the guide (智能导办): what happens in a life or a
// firm, and what a sentence about it leads to.
type eventsPage struct {
	Query     string
	Events    []catalogue.LifeEvent
	Items     []*catalogue.Item
	Directory *identity.Directory
}

// itemsFound is how many items a sentence is answered with beside life events.
const itemsFound = 8

// events shows all life events, or those that a sentence speaks of together
// with the items that fit it.
func (p *Pages) events(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	now := p.Service.Snapshot()
	g := eventsPage{Query: f.Value("q"), Directory: p.Identity.Directory()}
	if rs := []rune(g.Query); len(rs) > longestQuery {
		g.Query = string(rs[:longestQuery])
	}
	g.Events = now.FindEvents(g.Query)
	if g.Query != "" {
		for _, h := range now.Search(g.Query, itemsFound, catalogue.Filter{}) {
			g.Items = append(g.Items, h.Item)
		}
		if len(g.Items) == 0 && len(g.Events) == 0 {
			if err := p.Service.NoteMiss(r.Context(), g.Query); err != nil {
				return err
			}
		}
	}
	return view.Render(w, r, http.StatusOK, eventsView(g))
}

// of are the events whose first audience it is: nobody reads one twice.
func (g eventsPage) of(a catalogue.Audience) []catalogue.LifeEvent {
	return slices.DeleteFunc(slices.Clone(g.Events), func(e catalogue.LifeEvent) bool { return e.Audience[0] != a })
}

// forParty names for whom a guide is read. A question cannot have this name.
const forParty = "for-party"

// eventPage is one life event with the answers of a reader and what they lead to.
type eventPage struct {
	Event     catalogue.LifeEvent
	Asked     questionnaire
	Shown     bool // the list, not only the questions
	Steps     []planStep
	Together  catalogue.Together
	Halls     []identity.Hall
	Parties   []identity.Party
	Party     identity.Party // for whom; zero for a visitor
	OnFile    map[string]bool
	Directory *identity.Directory
	BaseURL   string
}

// planStep is an item of the personal list.
type planStep struct {
	Item  *catalogue.Item // narrowed to the answers
	Why   i18n.Text
	Round int // 0 at once, 1 after a result of round 0
}

// event asks the questions of a life event and shows what the answers lead to.
func (p *Pages) event(w http.ResponseWriter, r *http.Request) error {
	g, err := p.eventOf(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, eventView(g))
}

// eventPrint is the personal list on paper.
func (p *Pages) eventPrint(w http.ResponseWriter, r *http.Request) error {
	g, err := p.eventOf(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, eventPrintView(g))
}

func (p *Pages) eventOf(r *http.Request) (eventPage, error) {
	f, err := form.Parse(r)
	if err != nil {
		return eventPage{}, err
	}
	now := p.Service.Snapshot()
	e, ok := now.LifeEvent(r.PathValue("key"))
	if !ok {
		return eventPage{}, httpx.ErrNotFound
	}
	g := eventPage{Event: e, Asked: answered(e.Questions, f.Values()), Directory: p.Identity.Directory(), BaseURL: p.BaseURL}
	g.Shown = len(g.Asked.Answers) > 0 || len(e.Questions) == 0
	if err := p.party(r.Context(), &g, f.Value(forParty)); err != nil {
		return eventPage{}, err
	}
	if g.Shown {
		g.plan(now)
	}
	return g, nil
}

// party finds out for whom the reader asks, and what that party and the reader
// have on file.
func (p *Pages) party(ctx context.Context, g *eventPage, wanted string) error {
	actor := auth.From(ctx)
	parties, err := p.Identity.Parties(ctx, actor)
	if err != nil {
		return err
	}
	for _, x := range parties {
		if slices.Contains(g.Event.Audience, catalogue.Audience(x.Kind)) {
			g.Parties = append(g.Parties, x)
		}
	}
	if len(g.Parties) == 0 {
		return nil
	}
	g.Party = g.Parties[0]
	for _, x := range g.Parties {
		if partyValue(x) == wanted {
			g.Party = x
		}
	}
	g.OnFile = map[string]bool{}
	holders := []string{actor.ID} // the one who acts shows his own identity card
	if g.Party.ID != actor.ID && readsFile(actor, g.Party) {
		holders = append(holders, g.Party.ID)
	}
	for _, holder := range holders {
		have, err := p.Identity.OnFile(ctx, holder)
		if err != nil {
			return err
		}
		for kind := range have {
			g.OnFile[kind] = true
		}
	}
	return nil
}

// plan makes the personal list: the items of the event that the answers lead
// to, each narrowed by the answers that it asks for, too.
func (g *eventPage) plan(now *catalogue.Snapshot) {
	var items []*catalogue.Item
	why := map[string]i18n.Text{}
	for _, s := range g.Event.Suggested(g.Asked.Answers) {
		it, err := now.Item(s.Item)
		if _, twice := why[s.Item]; err != nil || twice { // it may be suspended for a time
			continue
		}
		narrowed := *it
		narrowed.Definition = it.Choose(catalogue.Picked(it.Questions(), g.Asked.values()))
		items, why[s.Item] = append(items, &narrowed), s.Why
	}
	// What a bundle on the list does anyway is no errand of its own.
	items = slices.DeleteFunc(items, func(it *catalogue.Item) bool {
		return slices.ContainsFunc(items, func(b *catalogue.Item) bool { return b.Bundle.Has(it.Code) })
	})
	g.Together = catalogue.Gather(items)
	for round, these := range g.Together.Rounds {
		for _, it := range these {
			g.Steps = append(g.Steps, planStep{it, why[it.Code], round})
		}
	}
	seen := map[string]bool{}
	for _, it := range items {
		for _, h := range hallsOf(it, g.Directory, g.Directory.Department(it.Department).Region) {
			if !seen[h.ID] {
				seen[h.ID] = true
				g.Halls = append(g.Halls, h)
			}
		}
	}
}

func (g eventPage) path() string { return "/guide/" + g.Event.Key }

// here is the address that holds the answers; for whom the reader asks is his
// own business and does not go into a link to share.
func (g eventPage) here() string { return withQuery(g.path(), g.Asked.values()) }

// printPath keeps for whom, since what is on file stands on the paper.
func (g eventPage) printPath() string {
	v := g.Asked.values()
	if g.Party.ID != "" {
		v.Set(forParty, partyValue(g.Party))
	}
	return withQuery(g.path()+"/print", v)
}

// guidePath of an item takes along the answers that it asks for, too.
func (g eventPage) guidePath(it *catalogue.Item) string {
	mine := url.Values{}
	for _, f := range it.Questions() {
		if vs := g.Asked.values()[f.ID]; len(vs) > 0 {
			mine[f.ID] = vs
		}
	}
	return withQuery("/items/"+it.Code, mine)
}

// orderable are the codes that can be asked for here.
func (g eventPage) orderable() []string {
	var out []string
	for _, s := range g.Steps {
		if s.Item.Online() && !s.Item.External() {
			out = append(out, s.Item.Code)
		}
	}
	return out
}

// partyIn asks for whom the list is.
func (g eventPage) partyIn(ctx context.Context) (*form.Form, view.In) {
	return form.New(forParty, partyValue(g.Party)), view.In{Name: forParty, Label: i18n.T(ctx, "catalogue.start_for_whom"), Hint: i18n.T(ctx, "catalogue.nav.party_hint"), Options: partyOptions(ctx, g.Parties)}
}

// timeWords say how long it all takes.
func (g eventPage) timeWords(ctx context.Context) (shortest, sum string) {
	t := g.Together
	if t.Sum == 0 && len(t.Untimed) == 0 {
		return i18n.T(ctx, "catalogue.nav.same_day"), ""
	}
	if t.Sum == 0 {
		return "—", ""
	}
	shortest = i18n.Count(ctx, "catalogue.limit.workday", max(t.Shortest, 1))
	if t.Sum > t.Shortest {
		sum = i18n.T(ctx, "catalogue.nav.sum", "limit", i18n.Count(ctx, "catalogue.limit.workday", t.Sum))
	}
	return shortest, sum
}

// trips are all the times somebody has to come.
func (g eventPage) trips() int {
	n := 0
	for _, s := range g.Steps {
		n += s.Item.Trips
	}
	return n
}

// paperRows are the papers of all items, each once: those that are asked for in
// any case, or those that hang on answers not given yet.
func (g eventPage) paperRows(ctx context.Context, perhaps bool) []view.MaterialRow {
	out := make([]view.MaterialRow, 0, len(g.Together.Papers))
	guide := guidePage{Directory: g.Directory}
	for _, m := range g.Together.Papers {
		if perhaps != (m.When != "") {
			continue
		}
		row := view.MaterialRow{State: view.MaterialListed, Name: m.Name.For(ctx), Standard: m.Standard.For(ctx)}
		if m.Need != catalogue.Required {
			row.Need = i18n.T(ctx, "catalogue.need."+string(m.Need))
		}
		if m.SatisfiedBy != "" && g.OnFile[m.SatisfiedBy] {
			row.State = view.MaterialOK
			row.How = []string{i18n.T(ctx, "catalogue.nav.have")}
		} else {
			guide.Item = m.For[0].Item
			row.How = guide.how(ctx, m.Material)
		}
		var names []string
		for _, f := range m.For {
			names = append(names, f.Item.Name.For(ctx))
		}
		if m.When != "" {
			row.How = append([]string{whenWords(ctx, m.For[0].Item.Definition, m.For[0].When)}, row.How...)
		}
		row.Why = i18n.T(ctx, "catalogue.nav.serves", "items", strings.Join(names, i18n.T(ctx, "catalogue.comma")))
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b view.MaterialRow) int { return cmp.Compare(rank(a.State), rank(b.State)) })
	return out
}

// rank puts what is still to be brought before what is there.
func rank(s view.MaterialState) int {
	if s == view.MaterialOK {
		return 1
	}
	return 0
}

// perhaps counts the papers that hang on answers that nobody asked for yet.
func (g eventPage) perhaps() int {
	n := 0
	for _, m := range g.Together.Papers {
		if m.When != "" {
			n++
		}
	}
	return n
}

// onFile counts the papers that the party has already.
func (g eventPage) onFile() int {
	n := 0
	for _, m := range g.Together.Papers {
		if m.SatisfiedBy != "" && g.OnFile[m.SatisfiedBy] {
			n++
		}
	}
	return n
}

// stepWords are the few facts of an item in the list.
func stepWords(ctx context.Context, it *catalogue.Item, d *identity.Directory) []string {
	out := []string{departmentName(ctx, it, d)}
	if s := SpeedWords(ctx, it); s != "" {
		out = append(out, s)
	}
	return append(out, tripWords(ctx, it.Trips), feeWords(ctx, it.Fee))
}

// chargedPairs are the fees of the items that have one.
func chargedPairs(ctx context.Context, items []*catalogue.Item) []view.Pair {
	out := make([]view.Pair, len(items))
	for i, it := range items {
		words := it.Fee.Standard.For(ctx)
		if words == "" || len(it.Fee.Cases) > 0 {
			words = strings.TrimSpace(words + " " + i18n.T(ctx, "catalogue.nav.fee_depends"))
		}
		out[i] = view.Pair{Key: it.Name.For(ctx), Value: words}
	}
	return out
}

func queryEscape(s string) string { return url.QueryEscape(s) }

// eventsBeside are the life events that the search page names above what it
// found, as long as the reader has not begun to narrow it down.
func eventsBeside(now *catalogue.Snapshot, in finding) []catalogue.LifeEvent {
	if in.Query == "" || in.narrowed() || in.Page > 1 {
		return nil
	}
	found := now.FindEvents(in.Query)
	return found[:min(len(found), 2)]
}
