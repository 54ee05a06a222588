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
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// How a reader can begin.
type beginning string

const (
	beginOffline beginning = "offline" // not filed here at all
	beginSignIn  beginning = "sign_in"
	beginNobody  beginning = "nobody" // signed in, but for none of whom the item is
	beginStaff   beginning = "staff"
	beginHere    beginning = "here"
	beginNowhere beginning = "elsewhere" // a guide only, of another body or of a department of ours
)

// guidePage is the guide of one item, as one reader sees it.
type guidePage struct {
	Item       *catalogue.Item
	Shelf      catalogue.Shelf
	Department identity.Department
	Directory  *identity.Directory
	Halls      []identity.Hall // the department's own region first
	Real       RealTime
	Begin      beginning
	Parties    []identity.Party    // for whom the reader can ask
	OnFile     map[string][]string // certificate type → who has one, of the reader and his firms
	SignedIn   bool
	Favoured   bool
	Preview    bool              // of a draft, for those who keep the catalogue
	Steps      []*catalogue.Item // of a bundle
	Bundles    []*catalogue.Item // that the item is a step of
	guideMore
}

// guide shows everything about an item.
func (p *Pages) guide(w http.ResponseWriter, r *http.Request) error {
	if x, ok := p.Service.Snapshot().Stopped(r.PathValue("code")); ok {
		return p.stopped(w, r, x)
	}
	g, err := p.guideOf(r)
	if err != nil {
		return err
	}
	if err := p.remember(w, r, g.Whole); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, guidePageView(g))
}

// print shows the guide for paper.
func (p *Pages) print(w http.ResponseWriter, r *http.Request) error {
	g, err := p.guideOf(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, guidePrint(g))
}

func (p *Pages) guideOf(r *http.Request) (guidePage, error) {
	it, err := p.Service.Item(r.PathValue("code"))
	if err != nil {
		return guidePage{}, err
	}
	return p.guideFor(r, it)
}

// guideFor is the guide of an item, published or not.
func (p *Pages) guideFor(r *http.Request, it *catalogue.Item) (g guidePage, err error) {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := p.Identity.Directory()
	g = guidePage{Item: it, Department: d.Department(it.Department), Directory: d, SignedIn: actor.Kind == auth.Person || actor.Kind == auth.Staff}
	g.Shelf, _ = p.Service.Snapshot().Shelf(it.Shelf)
	if it.External() {
		g.Department = identity.Department{Name: it.Agency.Name, Phone: it.Phones.Consult, ComplaintPhone: it.Phones.Complaint}
	}
	if it.Orderable() {
		g.Halls = hallsOf(it, d, g.Department.Region)
	}
	if g.Real, err = p.RealTimes(ctx, it.ID); err != nil {
		return guidePage{}, err
	}
	g.Bundles = p.Service.Snapshot().BundlesWith(it.Code)
	if err := p.reader(ctx, actor, &g); err != nil {
		return guidePage{}, err
	}
	g.Begin = g.beginning(actor)
	if err := p.more(r, &g); err != nil {
		return guidePage{}, err
	}
	if g.Item.Bundle != nil { // the steps that the answers leave
		g.Steps, err = p.stepItems(ctx, g.Item)
	}
	return g, err
}

// reader adds what depends on who reads: for whom he can ask, what is on file.
func (p *Pages) reader(ctx context.Context, actor auth.Actor, g *guidePage) error {
	if !g.SignedIn {
		return nil
	}
	mine, err := p.Service.Favourites(ctx, actor)
	if err != nil {
		return err
	}
	g.Favoured = slices.ContainsFunc(mine, func(it *catalogue.Item) bool { return it.ID == g.Item.ID })
	parties, err := p.Identity.Parties(ctx, actor)
	if err != nil {
		return err
	}
	g.OnFile = map[string][]string{}
	for _, party := range parties {
		if !g.Item.For(catalogue.Audience(party.Kind)) || !mayAsk(actor, party, g.Item) {
			continue
		}
		g.Parties = append(g.Parties, party)
	}
	for _, party := range parties {
		if !readsFile(actor, party) {
			continue
		}
		have, err := p.Identity.OnFile(ctx, party.ID)
		if err != nil {
			return err
		}
		for kind := range have {
			g.OnFile[kind] = append(g.OnFile[kind], party.Name.For(ctx))
		}
	}
	return nil
}

// readsFile says whether somebody may know what a party has on file.
func readsFile(a auth.Actor, p identity.Party) bool {
	return p.ID == a.ID || a.May(p.ID, auth.ModuleFile, "", false)
}

func (g guidePage) beginning(actor auth.Actor) beginning {
	switch {
	case !g.Item.Orderable():
		return beginNowhere
	case !g.Item.Online():
		return beginOffline
	case actor.Kind == auth.Person && len(g.Parties) == 0:
		return beginNobody
	case actor.Kind == auth.Person:
		return beginHere
	case actor.Kind == auth.Staff:
		return beginStaff
	default:
		return beginSignIn
	}
}

// hallsFor are the halls of the city that a region lies in: every window of
// the city serves for every other. Those of the region itself come first.
func hallsFor(d *identity.Directory, region string) []identity.Hall {
	out := []identity.Hall{}
	for _, h := range d.Halls {
		if strings.HasPrefix(h.Region, auth.CityOf(region)) {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b identity.Hall) int {
		return cmp.Compare(notIn(a.Region, region), notIn(b.Region, region))
	})
	return out
}

func notIn(region, want string) int {
	if region == want {
		return 0
	}
	return 1
}

// crumbs lead back to the shelf, for what stands on one.
func (g guidePage) crumbs(ctx context.Context) []view.Link {
	out := []view.Link{{Href: "/shelves", Text: i18n.T(ctx, "catalogue.shelves.title")}}
	if g.Shelf.Key != "" {
		out = append(out, view.Link{Href: "/shelves/" + g.Shelf.Key, Text: g.Shelf.Name.For(ctx)})
	}
	return out
}

func (g guidePage) path() string {
	if g.Preview {
		return "/admin/items/" + g.Item.Code + "/preview"
	}
	return "/items/" + g.Item.Code
}

// fileBase is where the blanks and samples of the item lie.
func (g guidePage) fileBase() string {
	if g.Preview { // not public yet
		return "/admin/items/" + g.Item.Code + "/files/"
	}
	return "/items/" + g.Item.Code + "/files/"
}

func (g guidePage) signIn() string { return "/sign-in?next=" + url.QueryEscape(g.path()) }

// partyValue is what the form of the start says about for whom.
func partyValue(party identity.Party) string {
	if party.Kind == identity.HolderPerson {
		return "person"
	}
	return party.ID
}

// materials of the guide. What the reader has on file is ticked.
func (g guidePage) materials(ctx context.Context) []view.MaterialRow {
	out, serves := make([]view.MaterialRow, len(g.Item.Materials)), used(g.Item)
	for i, m := range g.Item.Materials {
		row := view.MaterialRow{State: view.MaterialListed, Name: m.Name.For(ctx), Standard: m.Standard.For(ctx)}
		if m.Need != catalogue.Required {
			row.Need = i18n.T(ctx, "catalogue.need."+string(m.Need))
		}
		if who := g.OnFile[m.SatisfiedBy]; m.SatisfiedBy != "" && len(who) > 0 {
			row.State = view.MaterialOK
			row.How = append(row.How, i18n.T(ctx, "catalogue.material.have", "who", strings.Join(who, i18n.T(ctx, "catalogue.comma"))))
		} else {
			row.How = g.how(ctx, m)
		}
		if words := whenWords(ctx, g.Item.Definition, m.When); words != "" {
			row.How = append([]string{words}, row.How...)
		}
		if words := serves[i].words(ctx); words != "" {
			row.How = append([]string{words}, row.How...)
		}
		if !m.Basis.IsZero() {
			row.How = append(row.How, i18n.T(ctx, "catalogue.more.material_basis", "basis", m.Basis))
		}
		if links := g.links(m); len(links) > 0 {
			row.Body = materialLinks(links)
		}
		out[i] = row
	}
	return out
}

// how a material that is not there yet can be given.
func (g guidePage) how(ctx context.Context, m catalogue.Material) []string {
	var out []string
	if t, ok := g.Directory.CertificateType(m.SatisfiedBy); ok {
		out = append(out, i18n.T(ctx, "catalogue.material.on_file", "certificate", t.Name))
	}
	if g.Item.Orderable() { // of a guide from a sheet only the names are known
		out = append(out, i18n.Count(ctx, "catalogue.medium."+m.Medium, max(m.Copies, 1)))
	}
	if m.Source != "applicant" && !m.Issuer.IsZero() {
		out = append(out, i18n.T(ctx, "catalogue.material.issuer", "issuer", m.Issuer))
	}
	if m.Commitment {
		out = append(out, i18n.T(ctx, "catalogue.material.commitment"))
	}
	return out
}

// steps are the way of a case from the application to the result.
func (g guidePage) steps(ctx context.Context) []step {
	out := []step{
		{Text: i18n.T(ctx, "catalogue.step.apply"), Who: i18n.T(ctx, "catalogue.step.you"), Note: channelWords(ctx, g.Item.Channels)},
		{Text: i18n.T(ctx, "catalogue.step.accept"), Who: i18n.T(ctx, "catalogue.step.window"), Note: i18n.T(ctx, "catalogue.step.accept_note")},
	}
	if g.Item.Flow.Automatic != "" {
		out[1].Note = i18n.T(ctx, "catalogue.step.automatic")
	}
	for _, s := range g.Item.Flow.Stages {
		one := step{Text: s.Name.For(ctx)}
		for _, t := range s.Tasks {
			note := i18n.T(ctx, "catalogue.step.task", "department", g.Directory.Department(t.Department).Name, "task", t.Name)
			if l := LimitWords(ctx, t.Limit); l != "" {
				note = i18n.T(ctx, "catalogue.step.within", "task", note, "limit", l)
			}
			one.Notes = append(one.Notes, note)
		}
		out = append(out, one)
	}
	return append(out, step{Text: i18n.T(ctx, "catalogue.step.result", "result", g.Item.Result.Name), Who: i18n.T(ctx, "catalogue.step.you"), Note: i18n.T(ctx, "catalogue.step.result_note")})
}

// step of the way of a case.
type step struct {
	Text, Who, Note string
	Notes           []string
}

// favour puts the item on the reader's own list.
func (p *Pages) favour(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.Favour(r.Context(), auth.From(r.Context()), r.PathValue("code")); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, "/items/"+r.PathValue("code"))
}

// unfavour takes it off again.
func (p *Pages) unfavour(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.Unfavour(r.Context(), auth.From(r.Context()), r.PathValue("code")); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, httpx.LocalPath(r.PostFormValue("back"), "/items/"+r.PathValue("code")))
}

// favourites is the reader's own list.
func (p *Pages) favourites(w http.ResponseWriter, r *http.Request) error {
	items, err := p.Service.Favourites(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, favouritesPage(items, p.Identity.Directory()))
}
