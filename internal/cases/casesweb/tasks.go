package casesweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// dayOf writes a date that an event carries.
func dayOf(ctx context.Context, v any) string {
	s, _ := v.(string)
	d, err := workday.Parse(s)
	if err != nil {
		return s
	}
	return i18n.FormatDate(ctx, workday.StartOf(d))
}

// taskMore adds what belongs to a task of a kind.
func (p *Pages) taskMore(ctx context.Context, actor auth.Actor, v *cases.View, x *taskView) {
	if x.Task.Kind != "" {
		x.Kind = i18n.T(ctx, "flow.kind."+x.Task.Kind)
	}
	if x.BackTo != "" {
		x.Kind = i18n.T(ctx, "flow.again")
	}
	if x.DoneFor != "" {
		x.Assignee = i18n.T(ctx, "cases.who.for", "who", x.Assignee, "name", p.Identity.NameOf(ctx, x.DoneFor).For(ctx))
	}
	if x.Role == "" && x.State == i18n.T(ctx, "work.task.open") { // its members have it in hand
		x.Assignee = ""
	}
	f := v.Facts[x.ID]
	switch catalogue.TaskKind(x.Task.Kind) {
	case catalogue.TaskJoint, catalogue.TaskCountersign:
		done, of := 0, 0
		for _, t := range v.Tasks {
			if t.ParentID == x.ID && t.Result != cases.TransferredAway {
				of++
				if t.State == cases.TaskDone {
					done++
				}
			}
		}
		if x.Task.State == cases.TaskOpen {
			x.Lines = append(x.Lines, i18n.T(ctx, "flow.answered", "done", done, "of", of))
		}
	case catalogue.TaskInspection:
		p.inspectionLines(ctx, v, x, f)
	case catalogue.TaskPublicity:
		p.publicityLines(ctx, v, x, f)
	}
	x.Upload = cases.InHand(actor, &x.Task) && v.State == cases.Handling && (x.Task.Kind == string(catalogue.TaskInspection) || x.Task.Kind == string(catalogue.TaskOpinion))
	if len(f.Files) > 0 {
		if all, err := p.Service.Files.FindAll(ctx, f.Files); err == nil {
			for _, id := range f.Files {
				x.Files = append(x.Files, all[id])
			}
		}
	}
}

// inspectionLines say who goes when and where, or by when it has to begin.
func (p *Pages) inspectionLines(ctx context.Context, v *cases.View, x *taskView, f cases.TaskFacts) {
	if f.Inspection == nil {
		if x.Task.State == cases.TaskOpen {
			x.Lines = append(x.Lines, i18n.T(ctx, "flow.inspection.start_by", "day", i18n.FormatDate(ctx, workday.StartOf(p.Service.StartBy(&v.Case)))))
		}
		return
	}
	var names []string
	for _, n := range f.Inspection.Names {
		names = append(names, n.For(ctx))
	}
	on := f.Inspection.PlannedOn
	if f.Inspection.HeldOn != "" {
		on = f.Inspection.HeldOn
	}
	x.Lines = append(x.Lines, i18n.T(ctx, "flow.inspection.line", "day", dayOf(ctx, on), "place", f.Inspection.Place, "names", strings.Join(names, i18n.T(ctx, "flow.and"))))
}

// publicityLines say until when, and what was objected.
func (p *Pages) publicityLines(ctx context.Context, v *cases.View, x *taskView, f cases.TaskFacts) {
	if f.Publicity == nil {
		return
	}
	x.Link = view.Link{Href: publicPath + "/" + f.Publicity.Token, Text: i18n.T(ctx, "flow.publicity.page")}
	x.Objections = slices.Clone(f.Objections)
	if !personal.Whole(personal.Phone, personal.File, readerOf(auth.From(ctx), &v.Case, v.Tasks)) { // who does not answer need not know who asks
		for i := range x.Objections {
			o := &x.Objections[i]
			o.Name, o.Contact, o.Body = personal.Mask(personal.Name, o.Name), contactMask(o.Contact), personal.MaskText(o.Body)
		}
	}
	undecided := 0
	for _, o := range f.Objections {
		if o.Answer == "" {
			undecided++
		}
	}
	x.Lines = append(x.Lines, i18n.T(ctx, "flow.publicity.until", "day", i18n.FormatLastMoment(ctx, f.Publicity.UntilAt)))
	if len(f.Objections) > 0 {
		x.Lines = append(x.Lines, i18n.T(ctx, "flow.publicity.count", "n", len(f.Objections), "open", undecided))
	}
}

// contactMask hides a telephone of any country or a mail address.
func contactMask(s string) string {
	if strings.Contains(s, "@") {
		return personal.Mask(personal.Email, s)
	}
	return personal.Mask(personal.Phone, s)
}

// attachToTask keeps photos of an inspection or papers of an opinion.
func (p *Pages) attachToTask(w http.ResponseWriter, r *http.Request) error {
	_, err := form.Parse(r)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	if err != nil {
		return err
	}
	id := cases.ID(r.PathValue("id"))
	if r.MultipartForm != nil {
		for _, h := range r.MultipartForm.File["photo"] {
			if h.Filename == "" && h.Size == 0 {
				continue
			}
			file, err := h.Open()
			if err != nil {
				return err
			}
			_, err = p.Service.AttachToTask(r.Context(), auth.From(r.Context()), id, r.PathValue("task"), h.Filename, file, p.MaxUpload)
			_ = file.Close()
			if err != nil {
				return err
			}
		}
	}
	p.Sessions.Flash(r.Context(), "flow.file.added")
	return httpx.SeeOther(w, r, casePath(work, id))
}

// detachFromTask takes one off again.
func (p *Pages) detachFromTask(w http.ResponseWriter, r *http.Request) error {
	id := cases.ID(r.PathValue("id"))
	if err := p.Service.DetachFromTask(r.Context(), auth.From(r.Context()), id, r.PathValue("task"), r.PathValue("file")); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "flow.file.removed")
	return httpx.SeeOther(w, r, casePath(work, id))
}

const publicPath = "/publicity"

// publicityPage is one publicity as everybody reads it.
type publicityPage struct {
	cases.Publicity
	Facts []view.Pair
	Open  bool
	Now   time.Time
	Form  *form.Form
}

func (p *Pages) publicities(w http.ResponseWriter, r *http.Request) error {
	list, next, err := p.Service.Publicities(r.Context(), auth.From(r.Context()), r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	if next != "" {
		next = publicPath + "?after=" + url.QueryEscape(next)
	}
	return view.Render(w, r, http.StatusOK, publicitiesView(list, next))
}

func (p *Pages) publicity(w http.ResponseWriter, r *http.Request) error {
	return p.showPublicity(w, r, form.New())
}

func (p *Pages) showPublicity(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx := r.Context()
	x, err := p.Service.ReadPublicity(ctx, auth.From(ctx), r.PathValue("token"))
	if err != nil {
		return err
	}
	d := publicityPage{Publicity: x, Form: f, Open: x.Open(p.now())}
	d.Facts = []view.Pair{
		{Key: i18n.T(ctx, "flow.publicity.item"), Value: x.ItemName.For(ctx)},
		{Key: i18n.T(ctx, "flow.publicity.department"), Value: x.Dept.For(ctx)},
		{Key: i18n.T(ctx, "flow.publicity.period"), Value: i18n.T(ctx, "flow.publicity.from_to", "from", i18n.FormatDate(ctx, x.OpenedAt), "to", i18n.FormatLastMoment(ctx, x.UntilAt))},
	}
	if d.Open {
		d.Facts = slices.Insert(d.Facts, 1, view.Pair{Key: i18n.T(ctx, "flow.publicity.applicant"), Value: x.Applicant.For(ctx)})
	}
	for _, field := range x.Fields {
		d.Facts = append(d.Facts, view.Pair{Key: field.Label.For(ctx), Value: shownAnswer(ctx, field, x.Answers[field.ID])})
	}
	return view.Render(w, r, f.Status(), publicityView(d))
}

// objectTo takes in what somebody has against it.
func (p *Pages) objectTo(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := objectionIn(f)
	if f.OK() {
		err := p.Service.FileObjection(r.Context(), auth.From(r.Context()), r.PathValue("token"), in)
		if err == nil {
			p.Sessions.Flash(r.Context(), "flow.publicity.sent")
			return httpx.SeeOther(w, r, publicPath+"/"+r.PathValue("token"))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showPublicity(w, r, f)
}

func objectionIns(ctx context.Context) []view.In {
	return []view.In{
		{Name: "name", Label: i18n.T(ctx, "flow.objection.name"), Hint: i18n.T(ctx, "flow.objection.name_hint"), Required: true, MaxLength: 50, Width: "md", Autocomplete: "name"},
		{Name: "contact", Label: i18n.T(ctx, "flow.objection.contact"), Required: true, MaxLength: 50, Width: "md", Autocomplete: "tel"},
		{Name: "body", Label: i18n.T(ctx, "flow.objection.body"), Hint: i18n.T(ctx, "flow.objection.body_hint"), Required: true, MaxLength: 2000, Rows: 6},
	}
}
