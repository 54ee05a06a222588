package casesweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// visitPapers takes in all papers of a case at once: what was seen in the
// original, and what was scanned or photographed.
func (p *Pages) visitPapers(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	id, k := visit.ID(r.PathValue("id")), cases.ID(r.PathValue("case"))
	ctx, actor := r.Context(), auth.From(r.Context())
	if errors.Is(err, form.ErrTooLarge) {
		f = form.New()
		f.Complain("", files.ErrTooLarge.Code, map[string]any{"mb": p.MaxUpload >> 20})
		return p.showVisit(w, r, id, f)
	}
	if err != nil {
		return err
	}
	if err := p.takePapers(r, f, id, k); err != nil {
		if !f.Reject(err) {
			return err
		}
		return p.showVisit(w, r, id, f)
	}
	x, err := p.Service.Form(ctx, actor, k)
	if err == nil && len(x.Gaps()) == 0 {
		p.Sessions.Flash(ctx, "visit.flash.complete")
	} else {
		p.Sessions.Flash(ctx, "visit.flash.papers")
	}
	return httpx.SeeOther(w, r, visitPath(id, "")+"#case-"+string(k))
}

func (p *Pages) takePapers(r *http.Request, f *form.Form, id visit.ID, k cases.ID) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	if v, err := p.Visits.Visit(ctx, actor, id); err != nil {
		return err
	} else if !v.Has(k) {
		return visit.ErrNotFound
	}
	if _, _, err := p.attachPosted(r, k); err != nil {
		return err
	}
	x, err := p.Service.Form(ctx, actor, k)
	if err != nil {
		return err
	}
	shown := f.All("shown") // every checkbox that stood there
	for _, m := range x.Materials {
		if slices.Contains(shown, m.Key) && lacks(m) && seen(m) != f.Has("seen", m.Key) {
			if err := p.Visits.See(ctx, actor, id, k, m.Key, f.Has("seen", m.Key)); err != nil {
				return err
			}
		}
	}
	return nil
}

// visitAccept takes a case in; a draft is handed in by it, which the visitor
// confirms by his signature.
func (p *Pages) visitAccept(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, id, k := r.Context(), visit.ID(r.PathValue("id")), cases.ID(r.PathValue("case"))
	version := f.Int("version", 0, 1<<31, true)
	if f.Value("promises") != "" && !f.Bool("promise") {
		f.Complain("promise-"+string(k), errPromise.Code, nil)
	}
	if f.OK() {
		_, err := p.Visits.Accept(ctx, auth.From(ctx), id, cases.Ref{ID: k, Version: int(version)})
		switch {
		case err == nil:
			p.Sessions.Flash(ctx, "work.flash.accept")
			return httpx.SeeOther(w, r, visitPath(id, "")+"#case-"+string(k))
		case errors.Is(err, cases.ErrIncomplete):
			f.Complain("", cases.ErrIncomplete.Code, nil)
		case !f.Reject(err):
			return err
		}
	}
	return p.showVisit(w, r, id, f)
}

// visitCommand is a form about one case of a visit: what is missing, why it is
// refused, or to whom the result goes.
type visitCommand struct {
	*casePane
	Page  *commandPage
	Visit visit.Visit
	Name  string // of the command in the address
}

var visitCommands = map[string]commandForm{
	"ask":       {Command: cases.CmdAskSupplement, Inputs: []input{points, note}},
	"refuse":    {Command: cases.CmdRefuse, Inputs: []input{reason(saidOften.refusal)}},
	"hand-over": {Command: cases.CmdDeliver},
}

// visitAsk shows the form of a command.
func (p *Pages) visitAsk(w http.ResponseWriter, r *http.Request) error {
	d, err := p.visitCommand(r)
	if err != nil {
		return err
	}
	d.Page.Form = d.firstForm(r.Context(), p)
	return view.Render(w, r, http.StatusOK, visitCommandView(d))
}

func (p *Pages) visitCommand(r *http.Request) (*visitCommand, error) {
	ctx, actor := r.Context(), auth.From(r.Context())
	c, ok := visitCommands[r.PathValue("command")]
	if !ok {
		return nil, httpx.ErrNotFound
	}
	v, err := p.Visits.Visit(ctx, actor, visit.ID(r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	k := cases.ID(r.PathValue("case"))
	if !v.Has(k) {
		return nil, visit.ErrNotFound
	}
	x, err := p.Service.View(ctx, actor, k)
	if err != nil {
		return nil, err
	}
	if f, err := p.Service.Form(ctx, actor, k); err == nil { // a draft shows what is typed so far
		x.Materials, x.Answers = f.Materials, f.Answers
	}
	return &visitCommand{casePane: &casePane{V: x, Main: true}, Page: &commandPage{commandForm: c, Version: x.Version}, Visit: v, Name: r.PathValue("command")}, nil
}

// firstForm is the form as it is first shown: everything that is missing is
// ticked with what is usually said about it.
func (d *visitCommand) firstForm(ctx context.Context, p *Pages) *form.Form {
	switch d.Name {
	case "ask":
		var kv []string
		if f, err := p.Service.Form(ctx, auth.From(ctx), d.V.ID); err == nil {
			for _, g := range f.Gaps() {
				name, why := g.Kind+"."+g.Key, i18n.T(ctx, "visit.ask.missing_paper")
				if g.Kind == "field" {
					why = i18n.T(ctx, "visit.ask.missing_field")
				}
				kv = append(kv, "point", name, "reason."+name, why)
			}
		}
		return form.New(kv...)
	case "hand-over":
		receiver := ""
		if a, err := p.Identity.Account(ctx, d.Visit.AccountID); err == nil {
			receiver = a.Name.ZH
		}
		return form.New("how", string(cases.AtWindow), "proof", "code", "receiver", receiver)
	default:
		return form.New()
	}
}

// visitGive gives the command.
func (p *Pages) visitGive(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d, err := p.visitCommand(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	d.Page.Form = f
	ref := cases.Ref{ID: d.V.ID, Version: int(f.Int("version", 0, 1<<31, true))}
	if err := p.giveInVisit(ctx, auth.From(ctx), d, ref, f); err != nil && !f.Reject(err) {
		return err
	}
	if !f.OK() {
		return view.Render(w, r, f.Status(), visitCommandView(d))
	}
	p.Sessions.Flash(ctx, "work.flash."+string(d.Page.Command))
	return httpx.SeeOther(w, r, visitPath(d.Visit.ID, "")+"#case-"+string(d.V.ID))
}

func (p *Pages) giveInVisit(ctx context.Context, actor auth.Actor, d *visitCommand, ref cases.Ref, f *form.Form) error {
	var give func() error
	switch d.Name {
	case "ask":
		in := cases.AskInput{Points: pointsIn(f), Note: f.Text("note", form.Max(1000))}
		give = func() error { _, err := p.Visits.Ask(ctx, actor, d.Visit.ID, ref, in); return err }
	case "refuse":
		why := reasonOf(f)
		give = func() error { _, err := p.Visits.Refuse(ctx, actor, d.Visit.ID, ref, why); return err }
	default:
		in := cases.DeliverInput{How: cases.AtWindow, Receiver: f.Text("receiver", form.Required, form.Max(100))}
		if f.Value("proof") == "identity" {
			in.IDNumber = f.Text("id_number", form.Required, form.Max(20))
		} else {
			in.Pickup = strings.ReplaceAll(f.Text("pickup", form.Required, form.Max(20)), " ", "")
		}
		give = func() error { _, err := p.Visits.HandOver(ctx, actor, d.Visit.ID, ref, in); return err }
	}
	if !f.OK() {
		return nil
	}
	return give()
}

// inputs names the inputs for the summary of complaints.
func (d *visitCommand) inputs(ctx context.Context) []view.In {
	if d.Name == "hand-over" {
		return handOverInputs(ctx)
	}
	return d.Page.ins(ctx, d.V)
}

func handOverInputs(ctx context.Context) []view.In {
	return []view.In{
		{Name: "proof", Label: i18n.T(ctx, "visit.hand.proof"), Required: true, Options: []view.Opt{
			{Value: "code", Label: i18n.T(ctx, "visit.hand.proof_code")}, {Value: "identity", Label: i18n.T(ctx, "visit.hand.proof_identity")},
		}},
		{Name: "pickup", Label: i18n.T(ctx, "visit.hand.code"), Hint: i18n.T(ctx, "visit.hand.code_hint"), Inputmode: "numeric", Autocomplete: "off", Width: "sm", Autofocus: true},
		{Name: "id_number", Label: i18n.T(ctx, "visit.hand.card"), Hint: i18n.T(ctx, "visit.hand.card_hint"), Autocomplete: "off", Width: "md", MaxLength: 20},
		{Name: "receiver", Label: i18n.T(ctx, "visit.hand.receiver"), Hint: i18n.T(ctx, "visit.hand.receiver_hint"), Autocomplete: "off", Width: "md", MaxLength: 100, Required: true},
	}
}

// slip is one case on the sheet that the visitor takes home.
type slip struct {
	V          *cases.View
	State      string
	Asked      []string
	Refusal    string
	Department string
	Phone      string
	Code       bool
}

// slipsPage is the sheet of a visit.
type slipsPage struct {
	visit.Visit
	Name  string
	Place string
	Slips []slip
}

// visitSlips prints everything that came out of a visit on one sheet.
func (p *Pages) visitSlips(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	v, err := p.Visits.Visit(ctx, actor, visit.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	d := slipsPage{Visit: v, Name: p.Identity.NameOf(ctx, v.AccountID).For(ctx), Place: p.Identity.Directory().Place(auth.Post{HallID: v.HallID, WindowID: v.WindowID}).For(ctx)}
	for _, id := range v.IDs() {
		x, err := p.Service.View(ctx, actor, id)
		if errors.Is(err, cases.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if x.SubmittedAt.IsZero() {
			continue // a draft is not a receipt
		}
		dep := p.Identity.Directory().Department(x.DepartmentID)
		s := slip{V: x, State: staffState(ctx, &x.Case), Department: dep.Name.For(ctx), Phone: dep.Phone}
		s.Asked = (&casePane{V: x}).asked(ctx)
		// The code proves who collects: only who took the case in at this window prints it.
		s.Code = x.FiledBy == actor.ID && !x.State.Ended()
		for _, e := range x.Events {
			if e.Command == cases.CmdRefuse {
				s.Refusal = e.Reason
			}
		}
		d.Slips = append(d.Slips, s)
	}
	return view.Render(w, r, http.StatusOK, slipsView(d))
}

func slipFacts(ctx context.Context, s slip) []view.Pair {
	out := []view.Pair{
		{Key: i18n.T(ctx, "visit.slips.number"), Value: s.V.Number},
		{Key: i18n.T(ctx, "visit.slips.party"), Value: s.V.Party.Name.For(ctx)},
		{Key: i18n.T(ctx, "visit.slips.state"), Value: s.State},
		{Key: i18n.T(ctx, "visit.slips.submitted"), Value: i18n.FormatDateTime(ctx, s.V.SubmittedAt)},
		{Key: i18n.T(ctx, "visit.slips.department"), Value: strings.TrimSpace(s.Department + " " + s.Phone)},
	}
	if !s.V.DueAt.IsZero() && s.V.State == cases.Handling {
		out = append(out, view.Pair{Key: i18n.T(ctx, "visit.slips.due"), Value: i18n.FormatLastMoment(ctx, s.V.DueAt)})
	}
	return out
}
