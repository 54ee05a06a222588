package casesweb

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/kernel/division"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

// addressSteps ask for the divisions that lead to an address.
var addressSteps = []string{"forms.address.province", "forms.address.city", "forms.address.county", "forms.address.town"}

// addressLevel is one step of choosing a division.
type addressLevel struct {
	ID, Label string
	Options   []view.Opt // none where there is nothing to choose
	Chosen    string
}

// addressLevels are the steps as far as they were chosen, and the next one. All
// of them stand in the form, so that its inputs keep their places.
func (d formPage) addressLevels(ctx context.Context, name string) (levels []addressLevel, detail string) {
	codes, detail := forms.AddressTyped(d.f.All(name))
	known := division.Known()
	path := known.Chosen(codes...)
	above, open := "", true
	for n, ask := range addressSteps {
		l := addressLevel{ID: view.FieldID(name), Label: i18n.T(ctx, ask)}
		if n > 0 {
			l.ID += "-l" + strconv.Itoa(n+1)
		}
		if open {
			for _, x := range known.Below(above) {
				l.Options = append(l.Options, view.Opt{Value: x.Code, Label: x.Name})
			}
		}
		if open = n < len(path); open {
			l.Chosen, above = path[n].Code, path[n].Code
		}
		levels = append(levels, l)
	}
	return levels, detail
}

// addressAttrs ask for the next step when one was chosen, where script runs.
func (d formPage) addressAttrs() templ.Attributes {
	if d.Case.ID == "" {
		return nil
	}
	return templ.Attributes{"hx-post": d.path("form", "part"), "hx-trigger": "change"}
}

// addressDescribed names what is said about an address.
func (d formPage) addressDescribed(in view.In) templ.Attributes {
	out, ids := templ.Attributes{}, ""
	if in.Hint != "" {
		ids = view.FieldID(in.Name) + "-h"
	}
	if d.f.Error(in.Name) != nil {
		ids += " " + view.FieldID(in.Name) + "-e"
		out["aria-invalid"] = "true"
	}
	if ids != "" {
		out["aria-describedby"] = ids
	}
	return out
}
