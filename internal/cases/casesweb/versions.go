package casesweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// versionsPage shows what each submission of a case changed.
type versionsPage struct {
	*cases.View
	base      string
	revisions []cases.Revision
}

// versionRow is one difference: what it is about, what was, what is.
type versionRow struct{ Label, Kind, Before, Now string }

// versions answers below base, for the applicant or for staff.
func (p *Pages) versions(base string) httpx.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, list, err := p.Service.Revisions(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")))
		if err != nil {
			return err
		}
		return view.Render(w, r, http.StatusOK, versionsView(versionsPage{View: v, base: base, revisions: list}))
	}
}

// rows of a submission: answers in the order of the form, then papers.
func (d versionsPage) rows(ctx context.Context, x cases.Revision) []versionRow {
	var out []versionRow
	for _, c := range x.Changes {
		out = append(out, d.change(ctx, c))
	}
	for _, c := range x.Papers {
		out = append(out, versionRow{
			Label: c.Material.Name.For(ctx), Kind: i18n.T(ctx, "forms.change.paper"),
			Before: paperWords(ctx, c.Before, c.Removed), Now: paperWords(ctx, c.Now, c.Added),
		})
	}
	return out
}

func (d versionsPage) change(ctx context.Context, c forms.Change) versionRow {
	l := i18n.LocaleOf(ctx)
	row := versionRow{Kind: i18n.T(ctx, "forms.change."+string(c.Kind)), Label: c.Field.Label.For(ctx)}
	if c.Section.Repeat == nil {
		row.Before, row.Now = d.shown(ctx, c.Field, c.Before), d.shown(ctx, c.Field, c.Now)
		return row
	}
	switch {
	case c.Kind == forms.Moved:
		row.Label = c.Section.Title.For(ctx)
	case c.Field.ID == "":
		row.Label = forms.RowTitle(c.Section, c.Row, l)
		row.Before, row.Now = d.whole(ctx, c.Section, c.Before), d.whole(ctx, c.Section, c.Now)
	default:
		row.Label = i18n.T(ctx, "forms.rows.label", "row", forms.RowTitle(c.Section, c.Row, l), "label", c.Field.Label)
		row.Before, row.Now = d.shown(ctx, c.Field, c.Before), d.shown(ctx, c.Field, c.Now)
	}
	return row
}

// shown is an answer as the reader may see it.
func (d versionsPage) shown(ctx context.Context, f catalogue.Field, answer any) string {
	if d.base == work {
		answer = hiding(ctx, &d.Case, d.Tasks)(f, answer)
	}
	return shownAnswer(ctx, f, answer)
}

// whole is a row in one line.
func (d versionsPage) whole(ctx context.Context, s catalogue.Section, row any) string {
	answers, _ := row.(map[string]any)
	var parts []string
	for _, f := range s.Fields {
		if v := d.shown(ctx, f, answers[f.ID]); v != "" {
			parts = append(parts, i18n.T(ctx, "cases.colon", "a", f.Label, "b", v))
		}
	}
	return strings.Join(parts, i18n.T(ctx, "cases.semicolon"))
}

// paperWords say how a material stood, and which of its files are only there.
func paperWords(ctx context.Context, how cases.How, own []files.File) string {
	if how == "" {
		return i18n.T(ctx, "forms.change.not_asked")
	}
	word := i18n.T(ctx, "forms.how."+string(how))
	names := make([]string, len(own))
	for i, f := range own {
		names[i] = f.Name
	}
	if len(names) == 0 {
		return word
	}
	return i18n.T(ctx, "cases.colon", "a", word, "b", strings.Join(names, i18n.T(ctx, "cases.semicolon")))
}

// changesLink leads to what each submission changed; nothing when there was one.
func changesLink(base string, v *cases.View) string {
	if v.DataVersion < 2 {
		return ""
	}
	return casePath(base, v.ID, "versions")
}
