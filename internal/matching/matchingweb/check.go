package matchingweb

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// asked are the facts with which a check begins: those that most rules read, and
// that everybody in a firm knows.
var asked = []rule.FactRef{
	{Key: "region"},
	{Key: "industry"},
	{Key: "registered_on"},
	{Key: "staff", Back: 1},
	{Key: "rd_staff", Back: 1},
	{Key: "revenue", Back: 1},
	{Key: "rd_cost", Back: 1},
	{Key: "patents_1", Back: 1},
	{Key: "patents_2", Back: 1},
	{Key: "qualifications"},
}

// moreAtOnce is how many further facts are asked for after a check.
const moreAtOnce = 6

type checkPage struct {
	minePage
	Form   *form.Form
	Asked  []rule.FactRef
	More   []rule.FactRef // that would answer most of what is open
	Result bool
}

// inputName of a fact; of an earlier year revenue.2.
func inputName(r rule.FactRef) string {
	if r.Back > 1 {
		return r.Key + "." + strconv.Itoa(r.Back)
	}
	return r.Key
}

// check is the check of a firm without an account: facts are said in the address,
// nothing is kept.
func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := checkPage{minePage: minePage{Pages: p, Staff: true}, Form: f, Asked: slices.Clone(asked)}
	query := r.URL.Query()
	if len(query) == 0 {
		return view.Render(w, r, http.StatusOK, check(d))
	}
	said := advice.Said{}
	for _, ref := range p.known() {
		name := inputName(ref)
		if !query.Has(name) {
			continue
		}
		if !slices.Contains(d.Asked, ref) && strings.TrimSpace(query.Get(name)) != "" {
			d.Asked = append(d.Asked, ref)
		}
		said[ref] = p.said(f, ref, query[name])
	}
	if f.OK() {
		if d.Advice, err = p.Advice.Check(r.Context(), said); err != nil {
			return err
		}
		d.Result = true
		d.more()
	}
	return view.Render(w, r, f.Status(), check(d))
}

// known are all facts that can be said.
func (p *Pages) known() []rule.FactRef {
	var out []rule.FactRef
	for _, w := range p.Facts.Words() {
		if w.Certificate != "" {
			continue
		}
		for back := min(1, w.Years); back <= w.Years; back++ {
			out = append(out, rule.FactRef{Key: w.Key, Back: back})
		}
	}
	return out
}

// said reads one fact, and complains at its input.
func (p *Pages) said(f *form.Form, ref rule.FactRef, typed []string) string {
	w, _ := p.Facts.Word(ref.Key)
	if w.Def.Type == dossier.List {
		var items []dossier.Item
		for _, k := range typed {
			if slices.Contains(w.Members, k) {
				items = append(items, dossier.Item{Kind: k, Name: k})
			}
		}
		if items == nil {
			return ""
		}
		b, _ := json.Marshal(items) // of plain texts
		return string(b)
	}
	text, err := w.Def.Parse(strings.Join(typed, ","))
	if err != nil {
		f.Reject(dossier.ErrInvalid.At(inputName(ref), errs.CodeOf(err)))
	}
	return text
}

// more asks for the facts that keep most clauses open, and are not asked for yet.
func (d *checkPage) more() {
	for _, g := range d.Gaps {
		ref := rule.FactRef{Key: g.Key}
		if g.Year > 0 {
			year, _ := strconv.Atoi(d.Day[:4])
			ref.Back = year - g.Year
		}
		if len(d.More) < moreAtOnce && !slices.Contains(d.Asked, ref) && !slices.Contains(d.More, ref) {
			d.More = append(d.More, ref)
		}
	}
}

// in is the input of a fact.
func (d checkPage) in(ctx context.Context, ref rule.FactRef) view.In {
	w, _ := d.Facts.Word(ref.Key)
	in := view.In{Name: inputName(ref), Label: d.Facts.Name(ctx, ref), Optional: false, Width: "sm"}
	switch w.Def.Type {
	case dossier.Money:
		in.Suffix, in.Inputmode = i18n.T(ctx, "matching.check.wan"), "decimal"
	case dossier.Count:
		in.Suffix, in.Inputmode = w.Def.Unit.For(ctx), "numeric"
	case dossier.Date:
		in.Type = "date"
	case dossier.Flag:
		in.Placeholder = i18n.T(ctx, "matching.check.unknown")
		in.Options = []view.Opt{{Value: "yes", Label: i18n.T(ctx, "matching.check.yes")}, {Value: "no", Label: i18n.T(ctx, "matching.check.no")}}
	case dossier.Set, dossier.List:
		for _, m := range w.Members {
			in.Options = append(in.Options, view.Opt{Value: m, Label: d.Facts.Member(ctx, ref.Key, m)})
		}
	case dossier.Code:
		in.Placeholder, in.Width = i18n.T(ctx, "matching.check.choose"), "md"
		if w.Def.Codes == "industry" {
			for _, o := range dossier.IndustryDivisions() {
				in.Options = append(in.Options, view.Opt{Value: o.Key, Label: o.Key + " " + o.Name.For(ctx)})
			}
			break
		}
		for _, r := range d.Identity.Directory().Regions {
			in.Options = append(in.Options, view.Opt{Value: r.Code, Label: r.Name.For(ctx)})
		}
	}
	return in
}

// several says that more than one can be chosen.
func (d checkPage) several(ref rule.FactRef) bool {
	w, _ := d.Facts.Word(ref.Key)
	return w.Def.Type == dossier.Set || w.Def.Type == dossier.List
}
