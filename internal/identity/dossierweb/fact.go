package dossierweb

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// factPage is one fact with everything that was said of it.
type factPage struct {
	side
	dossier.Place
	Firm      identity.Enterprise
	Facts     []dossier.Fact
	Decisions []dossier.Decision
	Form      *form.Form
	Mark      string // of what is open, for a decision
}

func (p factPage) title(ctx context.Context) string { return nameOf(ctx, p.Def, p.Year) }

func (p factPage) action() string { return p.factPath(p.Firm.ID, slot(p.Place)) }

// verified says that a correction is a request.
func (p factPage) verified() bool { return p.Present != nil && p.Present.Source.Verified() }

func (s side) fact(w http.ResponseWriter, r *http.Request) error { return s.factForm(w, r, nil) }

// factForm shows a fact, with a form that was rejected or a fresh one.
func (s side) factForm(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor, id := r.Context(), auth.From(r.Context()), r.PathValue("id")
	at, err := slotOf(r)
	if err != nil {
		return err
	}
	p := factPage{side: s, Form: f}
	if p.Place, p.Facts, p.Decisions, err = s.Service.History(ctx, actor, id, at); err != nil {
		return err
	}
	if p.Firm, err = s.Identity.Enterprise(ctx, id); err != nil {
		return err
	}
	if p.Settles {
		m, err := s.Service.Matter(ctx, actor, id, at)
		if err != nil {
			return err
		}
		p.Mark, p.Open, p.Present = m.Mark(), m.Open, m.Present
	}
	if p.Form == nil {
		p.Form = form.New()
		if p.May && p.Present != nil {
			p.Form.Values()["value"] = typed(p.Def, p.Present.Value)
		}
	}
	if s.staff {
		return view.Render(w, r, p.Form.Status(), staffFact(p))
	}
	return view.Render(w, r, p.Form.Status(), ownFact(p))
}

// typed is a value as the inputs of its form hold it.
func typed(d *dossier.Def, value string) []string {
	if d.Type == dossier.Set {
		return dossier.Members(value)
	}
	return []string{d.Typed(value)}
}

// declare takes what the firm says of itself.
func (s side) declare(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if errors.Is(err, form.ErrTooLarge) {
		f = form.New()
		f.Complain("paper", files.ErrTooLarge.Code, map[string]any{"mb": s.MaxUpload >> 20})
		return s.factForm(w, r, f)
	}
	if err != nil {
		return err
	}
	at, err := slotOf(r)
	if err != nil {
		return err
	}
	in := dossier.Declaration{Key: at.Key, Year: at.Year, Value: strings.Join(f.All("value"), "\n"), Reason: f.Text("reason")}
	if f.Bool("none") && in.Value == "" {
		in.Value = "无"
	}
	if r.MultipartForm != nil && len(r.MultipartForm.File["paper"]) > 0 && r.MultipartForm.File["paper"][0].Size > 0 {
		h := r.MultipartForm.File["paper"][0]
		content, err := h.Open()
		if err != nil {
			return err
		}
		defer func() { _ = content.Close() }()
		in.Paper = &dossier.Paper{Name: h.Filename, Content: content, Limit: s.MaxUpload}
	}
	state, err := s.Service.Declare(ctx, actor, r.PathValue("id"), in)
	if err != nil {
		if f.Reject(err) {
			return s.factForm(w, r, f)
		}
		return err
	}
	done := "dossier.declared"
	if state.Open() {
		done = "dossier.requested"
	}
	s.Sessions.Flash(ctx, done)
	return httpx.SeeOther(w, r, s.factPath(r.PathValue("id"), at))
}

// valueIn is the input that a value is typed in.
func (p factPage) valueIn(ctx context.Context) view.In {
	d := p.Def
	in := view.In{Name: "value", Label: nameOf(ctx, d, p.Year), Hint: d.Hint.For(ctx), Required: true, Width: "md"}
	switch d.Type {
	case dossier.Money:
		in.Inputmode, in.Suffix, in.Width = "decimal", i18n.T(ctx, "dossier.wan"), "sm"
	case dossier.Count:
		in.Inputmode, in.Suffix, in.Width = "numeric", d.Unit.For(ctx), "sm"
	case dossier.Ratio:
		in.Inputmode, in.Suffix, in.Width = "decimal", "%", "sm"
	case dossier.Date:
		in.Type, in.Width = "date", "sm"
	case dossier.Flag:
		in.Options = []view.Opt{{Value: "yes", Label: i18n.T(ctx, "dossier.yes")}, {Value: "no", Label: i18n.T(ctx, "dossier.no")}}
	case dossier.Set:
		for _, o := range d.Options {
			in.Options = append(in.Options, view.Opt{Value: o.Key, Label: o.Name.For(ctx)})
		}
	case dossier.List:
		in.Rows, in.Width = 5, ""
	case dossier.Text:
		in.MaxLength = 300
	}
	if d.Key == "phone" {
		in.Type = "tel"
	}
	return in
}

func (p factPage) reasonIn(ctx context.Context) view.In {
	in := view.In{Name: "reason", Label: i18n.T(ctx, "dossier.reason"), Rows: 3, MaxLength: 500, Required: p.verified(), Optional: !p.verified()}
	if p.verified() {
		in.Hint = i18n.T(ctx, "dossier.reason_hint")
	}
	return in
}

func (p factPage) paperIn(ctx context.Context) view.In {
	return view.In{Name: "paper", Label: i18n.T(ctx, "dossier.paper"), Optional: true, Accept: ".pdf,.jpg,.jpeg,.png", MaxBytes: p.MaxUpload}
}

// matters is the desk of a department: what its registers and the firms say differently.
func (p *Pages) matters(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Service.Matters(r.Context(), auth.From(r.Context()), pageOf(r))
	if errors.Is(err, dossier.ErrForbidden) { // the role is right, the department keeps no register
		list, err = noMatters, nil
	}
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, deskView(deskPage{side{p, DeskPath, true}, list}))
}

// decide settles a matter.
func (s side) decide(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	at, err := slotOf(r)
	if err != nil {
		return err
	}
	take, value := f.Text("take"), strings.Join(f.All("value"), "\n")
	if take != "other" {
		value = ""
	}
	err = s.Service.Decide(ctx, actor, r.PathValue("id"), dossier.Verdict{Slot: at, Mark: f.Value("mark"), Take: take, Value: value, Reason: f.Text("reason")})
	if x, ok := errors.AsType[*errs.Error](err); ok && x.Kind == errs.Invalid && f.Reject(err) {
		return s.factForm(w, r, f)
	}
	if err != nil {
		return err
	}
	s.Sessions.Flash(ctx, "dossier.decided")
	return httpx.SeeOther(w, r, s.factPath(r.PathValue("id"), at))
}

// sides are the values to choose from.
func (p factPage) sides() []dossier.Fact {
	var out []dossier.Fact
	if p.Present != nil {
		out = append(out, *p.Present)
	}
	return append(out, p.Open...)
}

func (p factPage) byWords(ctx context.Context, f *dossier.Fact) string {
	day := i18n.FormatDateTime(ctx, f.RecordedAt)
	if f.ByName.IsZero() {
		return i18n.T(ctx, "dossier.recorded", "at", day)
	}
	return i18n.T(ctx, "dossier.recorded_by", "at", day, "name", f.ByName.For(ctx))
}

func (p factPage) takeIn(ctx context.Context) view.In {
	return view.In{Name: "take", Label: i18n.T(ctx, "dossier.decide.take")}
}

func (p factPage) verdictIn(ctx context.Context) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "dossier.decide.reason"), Hint: i18n.T(ctx, "dossier.decide.reason_hint"), Required: true, Rows: 3, MaxLength: 500}
}

// optional is the page with an input that may stay empty.
func (p factPage) optional() factPage {
	d := *p.Def
	d.Hint = i18n.Text{}
	p.Def = &d
	return p
}
