package dossierweb

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type filePage struct {
	side
	dossier.Dossier
}

// file shows the file of a firm.
func (s side) file(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Service.Read(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	if s.staff {
		return view.Render(w, r, http.StatusOK, staffFile(filePage{s, d}))
	}
	return view.Render(w, r, http.StatusOK, ownFile(filePage{s, d}))
}

// gapsShown beside the score; the rest is in the file itself.
const gapsShown = 6

func (p filePage) gaps() []dossier.Gap { return p.Gaps[:min(len(p.Gaps), gapsShown)] }

// nameOf a fact, with its year.
func nameOf(ctx context.Context, d *dossier.Def, year int) string {
	if year == 0 {
		return d.Name.For(ctx)
	}
	return i18n.T(ctx, "dossier.of_year", "year", strconv.Itoa(year), "fact", d.Name.For(ctx))
}

// words of a value, for a reader.
func words(ctx context.Context, d *dossier.Def, value string) string {
	return d.Words(i18n.LocaleOf(ctx), value)
}

// sourceWords say who says a value, and for which day.
func sourceWords(ctx context.Context, f *dossier.Fact) string {
	day := dayWords(ctx, f.AsOf)
	switch f.Source {
	case dossier.Registry:
		name := f.Origin
		if r, ok := dossier.Published().Register(f.Origin); ok {
			name = r.Name.For(ctx)
		}
		return i18n.T(ctx, "dossier.source.registry", "register", name, "day", day)
	case dossier.Computed:
		return i18n.T(ctx, "dossier.source.computed")
	case dossier.Certificate:
		return i18n.T(ctx, "dossier.source.certificate")
	default:
		return i18n.T(ctx, "dossier.source."+string(f.Source), "day", day)
	}
}

func dayWords(ctx context.Context, iso string) string {
	d, err := workday.Parse(iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), workday.StartOf(d))
}

// ask is whom to ask about a fact: the department that keeps its register.
func (s side) ask(ctx context.Context, d *dossier.Def) string {
	dep := s.Identity.Directory().Department(dossier.Published().Keeper(d.Key))
	if d.Register == "" || dep.Phone == "" {
		return dep.Name.For(ctx)
	}
	return dep.Name.For(ctx) + " " + dep.Phone
}

// needs says that the place wants attention, in a word; "" for none.
func needs(ctx context.Context, p dossier.Place) string {
	switch {
	case len(p.Open) == 0:
		return ""
	case p.Present != nil && p.Present.Disputed:
		return i18n.T(ctx, "dossier.chip.conflict")
	default:
		return i18n.T(ctx, "dossier.chip.waiting")
	}
}

// links says that the fact has a page of its own.
func links(p dossier.Place) bool { return !p.Def.By(dossier.Computed) }

func slot(p dossier.Place) dossier.Slot { return dossier.Slot{Key: p.Def.Key, Year: p.Year} }
