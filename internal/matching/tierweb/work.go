package tierweb

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/view"
)

type overviewPage struct {
	*Pages
	Counts   []tier.Counts
	Movement []tier.Movement
	Targets  []tier.Target
	Sets     []*tier.Rung // those of which the reader sets targets
	Officers []view.Opt
	Form     *form.Form
}

// overview shows how the firms stand that the reader sees.
func (p *Pages) overview(w http.ResponseWriter, r *http.Request) error {
	d, err := p.overviewPage(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	d.Form = form.New()
	return view.Render(w, r, http.StatusOK, overview(d))
}

func (p *Pages) overviewPage(ctx context.Context, actor auth.Actor) (d overviewPage, err error) {
	d.Pages = p
	if d.Counts, err = p.Service.Overview(ctx, actor); err != nil {
		return d, err
	}
	if d.Movement, err = p.Service.Movement(ctx, actor); err != nil {
		return d, err
	}
	if d.Targets, err = p.Service.Targets(ctx, actor); err != nil {
		return d, err
	}
	for _, c := range d.Counts {
		if tier.Sets(actor, c.Rung) {
			d.Sets = append(d.Sets, c.Rung)
		}
	}
	if len(d.Sets) == 0 {
		return d, nil
	}
	officers, err := p.Service.Officers(ctx)
	for _, o := range officers {
		d.Officers = append(d.Officers, view.Opt{Value: o, Label: p.Identity.NameOf(ctx, o).For(ctx)})
	}
	return d, err
}

// setTarget sets, changes or takes away a target.
func (p *Pages) setTarget(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := tier.TargetInput{Rung: f.Text("rung", form.Required, form.Max(40)), AccountID: f.Text("account", form.Max(40)), Number: int(f.Int("number", 0, tier.MaxTarget, true))}
	if f.OK() {
		list, err := p.Service.Targets(ctx, actor)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(list, func(t tier.Target) bool { return t.Key == in.Rung && t.AccountID == in.AccountID }); i >= 0 {
			in.Version = list[i].Version
		}
		if err := p.Service.SetTarget(ctx, actor, in); err == nil {
			p.Sessions.Flash(ctx, "tier.flash.target")
			return httpx.SeeOther(w, r, WorkPath)
		} else if !f.Reject(err) {
			return err
		}
	}
	d, err := p.overviewPage(ctx, actor)
	if err != nil {
		return err
	}
	d.Form = f
	return view.Render(w, r, f.Status(), overview(d))
}

func (d overviewPage) rungIn(ctx context.Context) view.In {
	in := view.In{Name: "rung", Label: i18n.T(ctx, "tier.target.rung"), Required: true, Width: "md"}
	for _, r := range d.Sets {
		if r.Certificate != "" {
			in.Options = append(in.Options, view.Opt{Value: r.Key, Label: r.Name.For(ctx)})
		}
	}
	return in
}

func (d overviewPage) officerIn(ctx context.Context) view.In {
	return view.In{Name: "account", Label: i18n.T(ctx, "tier.target.for"), Width: "md", Options: append([]view.Opt{{Value: "", Label: i18n.T(ctx, "tier.target.department")}}, d.Officers...)}
}

func (d overviewPage) numberIn(ctx context.Context) view.In {
	return view.In{Name: "number", Label: i18n.T(ctx, "tier.target.number"), Hint: i18n.T(ctx, "tier.target.hint"), Inputmode: "numeric", Width: "xs", Required: true}
}

// whose is for whom a target is.
func (d overviewPage) whose(ctx context.Context, t tier.Target) string {
	if t.AccountID != "" {
		return t.Name.For(ctx)
	}
	return d.Identity.Directory().Department(t.Department).Name.For(ctx)
}

func listPath(rung string, c tier.Cohort) string {
	return WorkPath + "/lists/" + url.PathEscape(rung) + "/" + string(c)
}

type listPage struct {
	*Pages
	*tier.Rung
	Cohort tier.Cohort
	Rows   []tier.Member
	Next   string
	N      int
	Tabs   []view.Tab
}

// list shows one cohort of a rung.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := listPage{Pages: p, Rung: p.Service.Tables.Rung(r.PathValue("rung")), Cohort: tier.Cohort(r.PathValue("cohort"))}
	got, err := p.Service.List(ctx, actor, r.PathValue("rung"), d.Cohort, page.Request{After: r.URL.Query().Get("after")})
	if err != nil {
		return err
	}
	d.Rows = got.Rows
	if got.Next != "" {
		d.Next = listPath(d.Key, d.Cohort) + "?" + url.Values{"after": {got.Next}}.Encode()
	}
	counts, err := p.Service.Overview(ctx, actor)
	if err != nil {
		return err
	}
	for _, c := range counts {
		if c.Key != d.Key {
			continue
		}
		d.N = c.N[d.Cohort]
		for _, k := range tier.Cohorts {
			if d.Certificate == "" && (k == tier.Holding || k == tier.AtRisk) {
				continue
			}
			d.Tabs = append(d.Tabs, view.Tab{Href: listPath(d.Key, k), Text: i18n.T(ctx, "tier.cohort."+string(k)), Count: c.N[k], Active: k == d.Cohort})
		}
	}
	return view.Render(w, r, http.StatusOK, cohortList(d))
}

// sheetRows bounds a sheet.
const sheetRows = 20_000

// sheet sends a cohort as a table.
func (p *Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	rung, cohort := p.Service.Tables.Rung(r.PathValue("rung")), tier.Cohort(r.PathValue("cohort"))
	var out bytes.Buffer
	book, err := sheet.NewWriter(&out, sheet.XLSX)
	if err != nil {
		return err
	}
	head := []string{i18n.T(ctx, "tier.col.code"), i18n.T(ctx, "tier.col.firm"), i18n.T(ctx, "tier.col.answer"), i18n.T(ctx, "tier.col.until"), i18n.T(ctx, "tier.col.commissioner")}
	err = book.Write(head)
	for after, n := "", 0; err == nil && n < sheetRows; {
		got, fault := p.Service.List(ctx, actor, r.PathValue("rung"), cohort, page.Request{After: after, Size: 200})
		if fault != nil {
			return fault
		}
		for _, m := range got.Rows {
			err = errors.Join(err, book.Write([]string{m.USCC, m.Name.For(ctx), answerWord(ctx, m.Answer), m.HeldUntil, m.Commissioner.For(ctx)}))
		}
		if n, after = n+len(got.Rows), got.Next; after == "" {
			break
		}
	}
	if err := errors.Join(err, book.Close()); err != nil {
		return err
	}
	name := i18n.T(ctx, "tier.sheet.file", "rung", rung.Name.For(ctx), "cohort", i18n.T(ctx, "tier.cohort."+string(cohort)), "day", workday.DateOf(p.Clock.Now()).String())
	httpx.Attachment(w, sheet.XLSX.MediaType(), name+sheet.XLSX.Extension())
	_, _ = io.Copy(w, &out) // a reader who left is no error of ours
	return nil
}

// why a firm is in a list.
func (d listPage) why(ctx context.Context, m tier.Member) string {
	switch {
	case d.Cohort == tier.AtRisk && m.Answer == engine.No:
		return i18n.T(ctx, "tier.why.unmet")
	case d.Cohort == tier.AtRisk:
		return i18n.T(ctx, "tier.why.ends")
	}
	return answerWord(ctx, m.Answer)
}

// heads of the table of cohorts.
func heads(ctx context.Context) []view.Head {
	out := []view.Head{{Text: i18n.T(ctx, "tier.target.rung")}}
	for _, c := range tier.Cohorts {
		out = append(out, view.Head{Text: i18n.T(ctx, "tier.cohort."+string(c)), Num: true})
	}
	return out
}

func movementHeads(ctx context.Context, list []tier.Movement) []view.Head {
	out := []view.Head{{Text: i18n.T(ctx, "tier.target.rung")}}
	if len(list) > 0 {
		for _, y := range list[0].Years {
			out = append(out, view.Head{Text: strconv.Itoa(y.Year)})
		}
	}
	return out
}
