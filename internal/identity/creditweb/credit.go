package creditweb

import (
	"context"
	"net/http"
	"time"

	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
)

// Paths of the pages.
const (
	PublicPath = "/credit"
	MyPath     = "/my/credit"
	WorkPath   = "/work/credit"
)

// Deps of the pages.
type Deps struct {
	Service  *credit.Service
	Sessions *session.Manager
}

// Pages of credit.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	desk := auth.AsRole(auth.Handler, auth.Approver, auth.Head, auth.Leader)
	return []httpx.Route{
		httpx.Get(PublicPath, auth.Public, p.public),
		httpx.Get(MyPath, auth.AsPerson, p.mine),
		httpx.Post(MyPath+"/{id}", auth.AsPerson, p.ask).WithMaxBody(credit.MaxFile + 1<<20),
		httpx.Get(MyPath+"/files/{id}", auth.AsPerson, p.evidence),
		httpx.Get(MyPath+"/records/{id}/file", auth.AsPerson, p.proof),
		httpx.Get(WorkPath, desk, p.desk),
		httpx.Post(WorkPath, desk, p.record).WithMaxBody(credit.MaxFile + 1<<20),
		httpx.Post(WorkPath+"/asked/{id}", desk, p.decide),
		httpx.Get(WorkPath+"/files/{id}", desk, p.evidence),
		httpx.Get(WorkPath+"/records/{id}/file", desk, p.proof),
	}
}

// publicPage is the rule and the public list.
type publicPage struct {
	Rule credit.Rule
	Rows []credit.Listed
}

func (p *Pages) public(w http.ResponseWriter, r *http.Request) error {
	rows, err := p.Service.Public(r.Context())
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, publicView(publicPage{p.Service.Rule(), rows}))
}

// minePage is how somebody stands.
type minePage struct {
	p     *Pages
	Rows  []credit.Account
	Form  *form.Form
	About string // the record that the form is about
	Today string
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	return p.showMine(w, r, form.New(), "")
}

func (p *Pages) showMine(w http.ResponseWriter, r *http.Request, f *form.Form, about string) error {
	rows, err := p.Service.Mine(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), mineView(minePage{p, rows, f, about, p.Service.Identity.Today()}))
}

// upload is the file that came along; nil without one.
func upload(r *http.Request) (u *credit.Upload, done func(), err error) {
	done = func() {}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 || r.MultipartForm.File["file"][0].Filename == "" {
		return nil, done, nil
	}
	h := r.MultipartForm.File["file"][0]
	f, err := h.Open()
	if err != nil {
		return nil, done, err
	}
	return &credit.Upload{Name: h.Filename, Content: f}, func() { _ = f.Close() }, nil
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := credit.AskInput{Ask: credit.Ask(f.Text("ask", form.Required, form.OneOf("object", "repair"))), Text: f.Text("text", form.Required, form.Max(1000)), FulfilledOn: f.Text("fulfilled_on")}
	if f.OK() {
		file, done, err := upload(r)
		if err != nil {
			return err
		}
		defer done()
		in.File = file
		err = p.Service.Ask(r.Context(), auth.From(r.Context()), r.PathValue("id"), in)
		if err == nil {
			p.Sessions.Flash(r.Context(), "credit.asked")
			return httpx.SeeOther(w, r, MyPath)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showMine(w, r, f, r.PathValue("id"))
}

func (p *Pages) evidence(w http.ResponseWriter, r *http.Request) error {
	f, content, err := p.Service.Evidence(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
}

// proof sends the file that came with a record.
func (p *Pages) proof(w http.ResponseWriter, r *http.Request) error {
	f, content, err := p.Service.Proof(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
}

// proofPath is where the file of a record is, "" where there is none for the reader.
func (p *Pages) proofPath(ctx context.Context, r *credit.Record, mine bool) string {
	switch actor := auth.From(ctx); {
	case r.EvidenceID == "" || !p.Service.ReadsProof(actor, r):
		return ""
	case mine:
		return MyPath + "/records/" + r.ID + "/file"
	default:
		return WorkPath + "/records/" + r.ID + "/file"
	}
}

// deskPage is what waits, a firm that was looked for, and the form for a record.
type deskPage struct {
	p       *Pages
	Pending []credit.Pending
	Firm    *credit.Account
	Code    string
	Form    *form.Form
	About   string
	Records bool // who reads may enter records
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	return p.showDesk(w, r, form.New("code", r.FormValue("code")), "")
}

func (p *Pages) showDesk(w http.ResponseWriter, r *http.Request, f *form.Form, about string) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	x := deskPage{p: p, Form: f, About: about, Code: f.Value("code"), Records: actor.Has(credit.Recorders...)}
	var err error
	if x.Pending, err = p.Service.Pending(ctx, actor); err != nil {
		return err
	}
	if x.Code != "" && f.Error("code") == nil {
		firm, err := p.Service.Look(ctx, actor, x.Code)
		switch {
		case err == nil:
			x.Firm = &firm
		case !f.Reject(err):
			return err
		}
	}
	return view.Render(w, r, f.Status(), deskView(x))
}

func (p *Pages) record(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := credit.Input{
		Code: f.Text("code", form.Required, form.Max(30)), Kind: credit.Kind(f.Text("kind", form.Required)), Reason: f.Text("reason", form.Required, form.Max(1000)), Source: f.Text("source", form.Max(100)),
		From: f.Text("from", form.Required), Until: f.Text("until"),
	}
	if f.OK() {
		file, done, err := upload(r)
		if err != nil {
			return err
		}
		defer done()
		in.File = file
		_, err = p.Service.Record(r.Context(), auth.From(r.Context()), in)
		if err == nil {
			p.Sessions.Flash(r.Context(), "credit.recorded")
			return httpx.SeeOther(w, r, WorkPath+"?code="+in.Code)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showDesk(w, r, f, "record")
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	uphold, reason, version := f.Text("answer", form.Required, form.OneOf("uphold", "reject")) == "uphold", f.Text("decision", form.Required, form.Max(1000)), int(f.Int("version", 1, 1<<31, true))
	if f.OK() {
		err := p.Service.Decide(r.Context(), auth.From(r.Context()), r.PathValue("id"), version, uphold, reason)
		if err == nil {
			p.Sessions.Flash(r.Context(), "credit.decided")
			return httpx.SeeOther(w, r, WorkPath)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showDesk(w, r, f, r.PathValue("id"))
}

// day writes an ISO date as papers do.
func day(ctx context.Context, iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), t)
}

// made says what made a grade, in a sentence.
func made(ctx context.Context, r *credit.Result) string {
	if r.Cap != "" {
		return i18n.T(ctx, "credit.made_cap", "points", r.Points, "rule", r.Rule, "cap", string(r.Cap))
	}
	return i18n.T(ctx, "credit.made", "points", r.Points, "rule", r.Rule)
}

// did says what a record did to a grade, "" when it counts no more.
func did(ctx context.Context, a *credit.Account, id string) string {
	for _, x := range a.Result.Reasons {
		if x.Record.ID != id {
			continue
		}
		if x.Cap != "" {
			return i18n.T(ctx, "credit.did_cap", "points", x.Points, "cap", string(x.Cap))
		}
		return i18n.T(ctx, "credit.did", "points", x.Points)
	}
	return ""
}

// stands says how a record stands.
func (p *Pages) stands(ctx context.Context, r *credit.Record) string {
	switch {
	case !r.StruckAt.IsZero():
		return i18n.T(ctx, "credit.state.struck")
	case !r.RepairedAt.IsZero():
		return i18n.T(ctx, "credit.state.repaired")
	case r.Open != nil:
		return i18n.T(ctx, "credit.asked_for."+string(r.Open.Ask))
	case r.Counts(p.Service.Identity.Today()):
		return i18n.T(ctx, "credit.state.counts")
	default:
		return i18n.T(ctx, "credit.state.over")
	}
}

func askIns(ctx context.Context) []view.In {
	return []view.In{{Name: "ask", Label: i18n.T(ctx, "credit.ask")}, {Name: "text", Label: i18n.T(ctx, "credit.ask.text")}, {Name: "fulfilled_on", Label: i18n.T(ctx, "credit.ask.fulfilled")}, {Name: "file", Label: i18n.T(ctx, "credit.ask.file")}}
}

func recordIns(ctx context.Context) []view.In {
	kinds := []view.Opt{{Label: i18n.T(ctx, "flow.choose")}}
	for _, k := range credit.Kinds {
		kinds = append(kinds, view.Opt{Value: string(k), Label: i18n.T(ctx, "credit.kind."+string(k))})
	}
	return []view.In{
		{Name: "code", Label: i18n.T(ctx, "credit.in.code"), Required: true, MaxLength: 30, Width: "md"},
		{Name: "kind", Label: i18n.T(ctx, "credit.in.kind"), Required: true, Width: "md", Options: kinds},
		{Name: "reason", Label: i18n.T(ctx, "credit.in.reason"), Hint: i18n.T(ctx, "credit.in.reason_hint"), Required: true, MaxLength: 1000, Rows: 2},
		{Name: "source", Label: i18n.T(ctx, "credit.in.source"), Hint: i18n.T(ctx, "credit.in.source_hint"), Optional: true, MaxLength: 100, Width: "md"},
		{Name: "from", Label: i18n.T(ctx, "credit.in.from"), Type: "date", Required: true, Width: "sm"},
		{Name: "until", Label: i18n.T(ctx, "credit.in.until"), Hint: i18n.T(ctx, "credit.in.until_hint"), Type: "date", Optional: true, Width: "sm"},
		{Name: "file", Label: i18n.T(ctx, "credit.in.file"), Optional: true, Accept: ".pdf,.jpg,.jpeg,.png,.ofd", MaxBytes: credit.MaxFile},
	}
}
