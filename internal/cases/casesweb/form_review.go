package casesweb

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// Errors of the review.
var (
	errPromise = errs.Define(errs.Invalid, "cases.promise")  // not confirmed
	errChanged = errs.Define(errs.Conflict, "cases.changed") // the draft moved on since it was shown
)

// reviewPage shows a form as it will be submitted.
type reviewPage struct {
	cases.Form
	base       string
	f          *form.Form
	department string
	given      []cases.Given
}

func (d reviewPage) path(below ...string) string { return casePath(d.base, d.Case.ID, below...) }

// problem is something that keeps a form from being submitted.
type problem struct{ Href, Text string }

// problems in the order of the form.
func (d reviewPage) problems(ctx context.Context) []problem {
	at := d.path("form") + "?check=1#"
	var out []problem
	for _, b := range d.Bad {
		text := i18n.T(ctx, "error."+b.Code, i18n.Map(b.Params)...)
		if label := labelOf(ctx, d.Item, d.Buffer.Typed, b.Name); label != "" {
			text = i18n.T(ctx, "cases.colon", "a", label, "b", text)
		}
		out = append(out, problem{at + view.FieldID(b.Name), text})
	}
	for _, m := range d.Materials {
		if m.How == cases.Missing {
			name, code := m.Complaint()
			text := i18n.T(ctx, "error."+code, "material", m.Material.Name)
			if m.Flaw != nil {
				text = i18n.T(ctx, "cases.colon", "a", m.Material.Name, "b", text)
			}
			out = append(out, problem{at + view.FieldID(name), text})
		}
	}
	return out
}

// review shows everything as it will be submitted.
func (p formPages) review(w http.ResponseWriter, r *http.Request) error {
	x, err := p.Service.Form(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")))
	if errors.Is(err, cases.ErrState) {
		return httpx.SeeOther(w, r, casePath(p.base, cases.ID(r.PathValue("id"))))
	}
	if err != nil {
		return err
	}
	return p.showReview(w, r, x, form.New())
}

func (p formPages) showReview(w http.ResponseWriter, r *http.Request, x cases.Form, f *form.Form) error {
	d := reviewPage{Form: x, base: p.base, f: f, department: p.Identity.Directory().Department(x.Case.DepartmentID).Name.For(r.Context())}
	var err error
	if d.given, err = p.Service.Given(r.Context(), auth.From(r.Context()), &x.Case); err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), reviewView(d))
}

// submit hands the form in: the application, or the answer to what was asked for.
func (p formPages) submit(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor, id := r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id"))
	x, err := p.Service.Form(ctx, actor, id)
	if err != nil {
		return p.already(w, r, id, err)
	}
	version, rev := f.Int("version", 1, 1<<31, true), f.Int("rev", 0, 1<<31, true)
	if int(rev) != x.Buffer.Rev {
		f.Complain("", errChanged.Code, nil)
	}
	if !f.Bool("promise") {
		f.Complain("promise", errPromise.Code, nil)
	}
	if f.OK() {
		ref := cases.Ref{ID: id, Version: int(version)}
		if x.Case.State == cases.Handling {
			_, err = p.Service.Reply(ctx, actor, ref)
		} else {
			_, err = p.Service.Submit(ctx, actor, ref)
		}
		switch {
		case err == nil:
			return p.handedIn(w, r, id)
		case errors.Is(err, cases.ErrIncomplete):
			f.Complain("", cases.ErrIncomplete.Code, nil)
		default:
			return p.already(w, r, id, err)
		}
	}
	return p.showReview(w, r, x, f)
}

// already answers a second submission of the same form with what the first one
// led to. Any other error stays one.
func (p formPages) already(w http.ResponseWriter, r *http.Request, id cases.ID, cause error) error {
	if !errors.Is(cause, cases.ErrState) && !errors.Is(cause, cases.ErrStale) {
		return cause
	}
	v, err := p.Service.View(r.Context(), auth.From(r.Context()), id)
	if err != nil {
		return err
	}
	if v.SubmittedAt.IsZero() || v.NeedsApplicant {
		return cause
	}
	return p.handedIn(w, r, id)
}

func (p formPages) handedIn(w http.ResponseWriter, r *http.Request, id cases.ID) error {
	if v := visitOf(r.Context()); v != "" {
		return httpx.SeeOther(w, r, visitPath(v, ""))
	}
	if p.base == work {
		return httpx.SeeOther(w, r, casePath(work, id))
	}
	return httpx.SeeOther(w, r, casePath(my, id, "receipt"))
}

// formHead is the head of the pages of a form.
func formHead(ctx context.Context, base string, k *cases.Case, title string) view.Page {
	pg := view.Page{Title: title, Lead: i18n.T(ctx, "cases.form.for", "name", k.Party.Name), Width: view.WidthRead, NoIndex: true}
	if base == my {
		pg.Crumbs = []view.Link{{Href: "/my/cases", Text: i18n.T(ctx, "cases.my.title")}}
	}
	if base == work {
		pg.Crumbs = visitCrumbs(ctx)
	}
	if k.Number != "" {
		pg.Lead = strings.Join([]string{k.Number, pg.Lead}, " · ")
	}
	return pg
}

// stepsOf are the steps from the form to the receipt.
func stepsOf(ctx context.Context, base string, k *cases.Case, now int) []view.Step {
	steps := []view.Step{
		{Text: i18n.T(ctx, "cases.form.step1"), Href: casePath(base, k.ID, "form")},
		{Text: i18n.T(ctx, "cases.form.step2")},
		{Text: i18n.T(ctx, "cases.form.step3")},
	}
	for i := range steps {
		switch {
		case i < now:
			steps[i].State = view.StepDone
		case i == now:
			steps[i].State = view.StepNow
		default:
			steps[i].State = view.StepTodo
		}
	}
	return steps
}

// pointAnchor is where the form has what is asked for.
func pointAnchor(x cases.Point) string {
	if x.Kind == "material" {
		return view.FieldID(materialField(x.Key))
	}
	return view.FieldID(x.Key)
}

// sections of the answers as typed so far, for the review.
func (d reviewPage) sections(ctx context.Context) []answerSection {
	return answerSections(ctx, d.Item, d.Answers, nil)
}
