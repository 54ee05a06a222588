package catalogueweb

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

func fieldTypes() []string {
	out := make([]string, len(catalogue.FieldTypes))
	for i, t := range catalogue.FieldTypes {
		out[i] = string(t)
	}
	return out
}

// mostOffered sources of former cases are offered; others can be written in a file.
const mostOffered = 60

// prefills are the sources beyond those of the account and the firm: former
// cases, certificates on file, and what the form names already.
func (e deskEnv) prefills(ctx context.Context) []view.Opt {
	out := []view.Opt{{Value: catalogue.FormerPrefill, Label: i18n.T(ctx, "catalogue.prefill.former")}}
	add := func(value, label string) {
		if !slices.ContainsFunc(out, func(o view.Opt) bool { return o.Value == value }) {
			out = append(out, view.Opt{Value: value, Label: label})
		}
	}
	for _, t := range e.p.Identity.Directory().CertificateTypes() {
		for _, field := range []string{"number", "valid_from", "valid_to"} {
			add("certificate."+t.Key+"."+field, i18n.T(ctx, "catalogue.prefill.of_certificate", "certificate", t.Name, "field", i18n.T(ctx, "catalogue.prefill.certificate_"+field)))
		}
	}
	ours := map[string]bool{}
	for _, s := range e.full.Form.Sections {
		for _, f := range s.Fields {
			ours[f.ID] = s.Repeat == nil
			if f.Prefill != "" && catalogue.PrefillFits(f.Prefill) && !slices.Contains(catalogue.PrefillNames, f.Prefill) {
				add(f.Prefill, f.Prefill)
			}
		}
	}
	e.others(func(it *catalogue.Item) {
		for _, s := range it.Form.Sections {
			for _, f := range s.Fields {
				if s.Repeat == nil && ours[f.ID] && f.Formula == "" && f.Prefill == "" && len(out) < mostOffered {
					add("case."+it.Code+"."+f.ID, i18n.T(ctx, "catalogue.prefill.of_case", "item", it.Name, "field", f.Label))
				}
			}
		}
	})
	return out
}

// rowPrefills are the sources of whole rows.
func (e deskEnv) rowPrefills(ctx context.Context) []view.Opt {
	out := []view.Opt{{Value: catalogue.FormerPrefill, Label: i18n.T(ctx, "catalogue.prefill.former")}}
	ours := map[string]bool{}
	for _, s := range e.full.Form.Sections {
		if s.Repeat == nil {
			continue
		}
		ours[s.Key] = true
		if from := s.Repeat.Prefill; from != "" && from != catalogue.FormerPrefill {
			out = append(out, view.Opt{Value: from, Label: from})
		}
	}
	e.others(func(it *catalogue.Item) {
		for _, s := range it.Form.Sections {
			value := "case." + it.Code + "." + s.Key
			if s.Repeat != nil && ours[s.Key] && !slices.ContainsFunc(out, func(o view.Opt) bool { return o.Value == value }) {
				out = append(out, view.Opt{Value: value, Label: i18n.T(ctx, "catalogue.prefill.of_case", "item", it.Name, "field", s.Title)})
			}
		}
	})
	return out
}

// others are the items with a form of their own, without the one that is edited.
func (e deskEnv) others(f func(*catalogue.Item)) {
	for _, it := range e.p.Service.Snapshot().List(catalogue.Filter{Sort: catalogue.ByName}).Items {
		if it.Modelled && it.Code != e.code {
			f(it)
		}
	}
}

// formFields are the places where the message of a check can stand.
func (e deskEnv) formFields(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, s := range e.full.Form.Sections {
		if s.Repeat != nil {
			out = append(out, view.Opt{Value: s.Key, Label: i18n.T(ctx, "catalogue.desk.whole_rows", "title", s.Title)})
		}
		for _, f := range s.Fields {
			if !slices.ContainsFunc(out, func(o view.Opt) bool { return o.Value == f.ID }) {
				out = append(out, view.Opt{Value: f.ID, Label: f.Label.For(ctx)})
			}
		}
	}
	return out
}

// rowsAnswer says how expressions read a repeating section: all rows, and in a
// row its fields.
func rowsAnswer(ctx context.Context, s catalogue.Section) []answer {
	out := []answer{{ID: s.Key, Label: s.Title.For(ctx), Type: i18n.T(ctx, "catalogue.desk.rows"), Example: "count(answers." + s.Key + ") > 1"}}
	for _, f := range s.Fields {
		if out[0].Values == nil && (f.Type == catalogue.FieldNumber || f.Type == catalogue.FieldMoney || f.Type == catalogue.FieldPercent) {
			out[0].Example = "sum(answers." + s.Key + ", '" + f.ID + "') > 100"
		}
		out = append(out, answer{ID: f.ID, Label: s.Title.For(ctx) + " · " + f.Label.For(ctx), Type: i18n.T(ctx, "catalogue.field_type."+string(f.Type)), Example: "row." + f.ID})
	}
	return out
}

// plainFields are the fields of a section that is no list of rows.
func plainFields(s catalogue.Section) []catalogue.Field {
	if s.Repeat != nil {
		return nil
	}
	return s.Fields
}

// prefillWords say where the value of a field comes from.
func prefillWords(f catalogue.Field) string {
	if f.Formula != "" {
		return "= " + f.Formula
	}
	return f.Prefill
}

// blankRows are how many rows a printed form leaves room for.
func blankRows(s catalogue.Section) []int {
	n := max(s.Repeat.Min, 4)
	if s.Repeat.Max > 0 {
		n = min(n, s.Repeat.Max)
	}
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}
