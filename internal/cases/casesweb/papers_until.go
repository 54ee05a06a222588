package casesweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/cases"
	trust "github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// untilField is the input for the last day of a paper, foreverField says that it has none.
func untilField(key string) string   { return "until." + key }
func foreverField(key string) string { return "forever." + key }

// untilOf reads what was said about the last day of a paper.
func untilOf(f *form.Form, key string) string {
	if f.Bool(foreverField(key)) {
		return trust.Forever
	}
	return f.Value(untilField(key))
}

// until keeps the last day of a paper that was uploaded. The script sends it
// alone and gets the row back.
func (p formPages) until(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if done, err := p.keep(w, r, f); err != nil || done {
		return err
	}
	id, key := cases.ID(r.PathValue("id")), r.PathValue("key")
	if err := p.Service.SetUntil(r.Context(), auth.From(r.Context()), id, key, untilOf(f, key)); err != nil {
		return p.rejected(w, r, key, untilField(key), err)
	}
	if alone(r) {
		return p.row(w, r, key, http.StatusOK, nil)
	}
	return httpx.SeeOther(w, r, casePath(p.base, id, "form")+"#"+view.FieldID(materialField(key)))
}

// alone says that the script sent one material and wants its row back.
func alone(r *http.Request) bool {
	return r.Header.Get("X-Upload") != "" || r.Header.Get("HX-Request") != ""
}

// untilIn is the input for the last day of a paper.
func untilIn(ctx context.Context, m cases.MaterialState) view.In {
	return view.In{Name: untilField(m.Key), Label: i18n.T(ctx, "papers.until_label"), Hint: i18n.T(ctx, "papers.until_hint"), Type: "date", Width: "sm", Required: true}
}

// untilAttrs send the day as soon as it is chosen.
func untilAttrs(d formPage, m cases.MaterialState) templ.Attributes {
	return templ.Attributes{
		"hx-post": d.path("materials", m.Key, "until"), "hx-trigger": "change", "hx-target": "closest .tb-material", "hx-swap": "outerHTML",
		"hx-params": untilField(m.Key) + "," + foreverField(m.Key), "data-autosave-skip": true,
	}
}

// untilForm holds what stands in the inputs: as typed when it was refused, else as kept.
func untilForm(f *form.Form, m cases.MaterialState) *form.Form {
	if f.Error(untilField(m.Key)) != nil && f.Value(untilField(m.Key)) != "" || m.Until == "" {
		return f
	}
	day, forever := m.Until, ""
	if day == trust.Forever {
		day, forever = "", "on"
	}
	x := form.New(untilField(m.Key), day, foreverField(m.Key), forever)
	if e := f.Error(untilField(m.Key)); e != nil {
		x.Complain(untilField(m.Key), e.Code, e.Params)
	}
	return x
}

// lateBegin announces a file for a tolerated material.
func (p formPages) lateBegin(w http.ResponseWriter, r *http.Request) error {
	return p.begin(w, r, p.Service.BeginLate)
}

func withAttrs(in view.In, attrs templ.Attributes) view.In {
	in.Attrs = attrs
	return in
}
