package catalogueweb

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// blank shows the form of an item to print and fill in by hand.
func (p *Pages) blank(w http.ResponseWriter, r *http.Request) error {
	it, err := p.Service.Item(r.PathValue("code"))
	if err != nil {
		return err
	}
	if it.External() { // its form is not ours to print
		return httpx.ErrNotFound
	}
	return view.Render(w, r, http.StatusOK, blankView(it, p.Identity.Directory().Department(it.Department)))
}

// fieldNote says what to mind at a field: when it is to be filled in, its hint.
func fieldNote(ctx context.Context, it *catalogue.Item, f catalogue.Field) string {
	note := f.Hint.For(ctx)
	if f.Formula != "" {
		note = strings.TrimSpace(i18n.T(ctx, "catalogue.blank.computed") + " " + note)
	}
	if f.When == "" {
		return note
	}
	words := ifWords(ctx, it.Definition, f.When)
	if note == "" {
		return i18n.T(ctx, "catalogue.blank.only", "when", words)
	}
	return i18n.T(ctx, "catalogue.blank.only_note", "when", words, "note", note)
}

// boxes are the answers to tick.
func boxes(ctx context.Context, f catalogue.Field) []string {
	if f.Type == catalogue.FieldYesNo {
		return []string{i18n.T(ctx, "catalogue.answer.yes"), i18n.T(ctx, "catalogue.answer.no")}
	}
	out := make([]string, len(f.Options))
	for i, o := range f.Options {
		out[i] = o.Label.For(ctx)
	}
	return out
}

// specimen shows what the certificate looks like that the item ends with.
func (p *Pages) specimen(w http.ResponseWriter, r *http.Request) error {
	it, err := p.Service.Item(r.PathValue("code"))
	if err != nil {
		return err
	}
	t, ok := p.Identity.Directory().CertificateType(it.Result.CertificateType)
	if !ok {
		return httpx.ErrNotFound
	}
	return view.Render(w, r, http.StatusOK, specimenView(it, sheetOf(r.Context(), it, t, p.Identity.Directory().Department(it.Department))))
}

// sheetOf is a certificate with nothing true in it.
func sheetOf(ctx context.Context, it *catalogue.Item, t identity.CertificateType, d identity.Department) view.SheetView {
	holder := "catalogue.specimen.firm"
	if t.Holder == identity.HolderPerson {
		holder = "catalogue.specimen.person"
	}
	valid := validWords(ctx, it.Result.Months)
	if valid == "" {
		valid = i18n.T(ctx, "catalogue.valid.unlimited")
	}
	return view.SheetView{
		Title: t.Name.For(ctx), Number: i18n.T(ctx, "catalogue.specimen.number"), SignedBy: d.Name.For(ctx),
		Pairs: []view.Pair{
			{Key: i18n.T(ctx, "catalogue.specimen.holder"), Value: i18n.T(ctx, holder)},
			{Key: i18n.T(ctx, "catalogue.specimen.item"), Value: it.Name.For(ctx)},
			{Key: i18n.T(ctx, "catalogue.specimen.issuer"), Value: d.Name.For(ctx)},
			{Key: i18n.T(ctx, "catalogue.valid"), Value: valid},
		},
	}
}

// shelfItems is a shelf with all that stands on it, by department and name.
type shelfItems struct {
	Shelf catalogue.Shelf
	Items []*catalogue.Item
}

// printed is the whole catalogue for paper.
func (p *Pages) printed(w http.ResponseWriter, r *http.Request) error {
	now := p.Service.Snapshot()
	all := now.List(catalogue.Filter{Sort: catalogue.ByName}).Items
	directory := p.Identity.Directory()
	order := map[string]int{}
	for i, d := range directory.Departments {
		order[d.ID] = i
	}
	var shelves []shelfItems
	for _, s := range now.Shelves() {
		on := shelfItems{Shelf: s}
		for _, it := range all {
			if it.Shelf == s.Key {
				on.Items = append(on.Items, it)
			}
		}
		slices.SortStableFunc(on.Items, func(a, b *catalogue.Item) int { return order[a.Department] - order[b.Department] })
		shelves = append(shelves, on)
	}
	return view.Render(w, r, http.StatusOK, printedView(shelves, directory))
}
