package claimweb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/claim"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
)

// Deps of the pages.
type Deps struct {
	Service   *claim.Service
	Dossier   *dossier.Service
	Identity  *identity.Service
	Files     *files.Store
	Sessions  *session.Manager
	Register  *register.Memory // of a demonstration; nil elsewhere
	MaxUpload int64            // bytes of one file
}

// Pages are the pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// errChoose: neither accepted nor rejected.
var errChoose = errs.Define(errs.Invalid, "claim.choose")

// Where the pages are.
const (
	NewPath      = "/my/firms/new"
	MyPath       = "/my/claims"
	DeskPath     = "/work/claims"
	FirmsPath    = "/work/unverified"
	RegisterPath = "/admin/register"
)

// side is where a claim is read: by persons, or by staff.
type side struct {
	*Pages
	base  string
	staff bool
}

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	my, work := side{p, MyPath, false}, side{p, DeskPath, true}
	keepers := auth.AsRole(dossier.Keepers...)
	out := []httpx.Route{
		httpx.Get(NewPath, auth.AsPerson, p.newFirm),
		httpx.Post(NewPath, auth.AsPerson, p.add).WithMaxBody(2 * p.MaxUpload),
		httpx.Get(MyPath, auth.AsPerson, p.mine),
		httpx.Get(MyPath+"/{id}", auth.AsPerson, my.one),
		httpx.Post(MyPath+"/{id}", auth.AsPerson, my.decide),
		httpx.Get(MyPath+"/{id}/paper", auth.AsPerson, my.paper),
		httpx.Get(DeskPath, keepers, p.desk),
		httpx.Get(DeskPath+"/{id}", keepers, work.one),
		httpx.Post(DeskPath+"/{id}", keepers, work.decide),
		httpx.Get(DeskPath+"/{id}/paper", keepers, work.paper),
		httpx.Get(FirmsPath+"/{id}", keepers, p.firm),
		httpx.Post(FirmsPath+"/{id}", keepers, p.verify),
	}
	if p.Register != nil {
		out = append(out, httpx.Get(RegisterPath, auth.AsRole(auth.SystemAdmin), p.register), httpx.Post(RegisterPath, auth.AsRole(auth.SystemAdmin), p.change))
	}
	return out
}

type newPage struct {
	*Pages
	Form    *form.Form
	Down    bool // the register does not answer
	Confirm bool // the code fails the check
	Regions []view.Opt
}

func (p *Pages) newFirm(w http.ResponseWriter, r *http.Request) error {
	return p.newForm(w, r, form.New(), false)
}

func (p *Pages) newForm(w http.ResponseWriter, r *http.Request, f *form.Form, down bool) error {
	d := newPage{Pages: p, Form: f, Down: down || f.Bool("declare"), Confirm: f.Bool("confirmed")}
	if e := f.Error("uscc"); e != nil && e.Code == claim.ErrConfirm.Code {
		d.Confirm = true
	}
	for _, x := range p.Identity.Directory().Regions {
		if x.Level == "county" {
			d.Regions = append(d.Regions, view.Opt{Value: x.Code, Label: x.Name.For(r.Context())})
		}
	}
	status := f.Status()
	if down {
		status = http.StatusConflict
	}
	return view.Render(w, r, status, newView(d))
}

func (p *Pages) add(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := form.Parse(r)
	if errors.Is(err, form.ErrTooLarge) {
		f = form.New()
		f.Complain("paper", files.ErrTooLarge.Code, map[string]any{"mb": p.MaxUpload >> 20})
		return p.newForm(w, r, f, false)
	}
	if err != nil {
		return err
	}
	in := claim.AddInput{
		USCC: f.Text("uscc"), Confirmed: f.Bool("confirmed"), Name: f.Text("name"), Representative: f.Text("representative"),
		Declare: f.Bool("declare"), Region: f.Text("region"), Address: f.Text("address"),
	}
	if r.MultipartForm != nil && len(r.MultipartForm.File["paper"]) > 0 && r.MultipartForm.File["paper"][0].Size > 0 {
		h := r.MultipartForm.File["paper"][0]
		content, err := h.Open()
		if err != nil {
			return err
		}
		defer func() { _ = content.Close() }()
		in.Paper = &claim.Paper{Name: h.Filename, Content: content, Limit: p.MaxUpload}
	}
	done, err := p.Service.Add(ctx, auth.From(ctx), in)
	switch {
	case errors.Is(err, claim.ErrDown):
		f.Values().Set("declare", "on")
		return p.newForm(w, r, f, true)
	case err != nil:
		if x, ok := errors.AsType[*errs.Error](err); ok && x.Kind == errs.Invalid && f.Reject(err) {
			return p.newForm(w, r, f, false)
		}
		return err
	}
	if done.Claim == "" {
		p.Sessions.Flash(ctx, "claim.done.owner")
		return httpx.SeeOther(w, r, "/my/firms/"+done.Firm)
	}
	p.Sessions.Flash(ctx, "claim.done."+done.State)
	return httpx.SeeOther(w, r, MyPath+"/"+done.Claim)
}

type minePage struct{ Mine, Decide []claim.Claim }

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	var d minePage
	var err error
	if d.Mine, err = p.Service.Mine(ctx, actor); err != nil {
		return err
	}
	if d.Decide, err = p.Service.ToDecide(ctx, actor); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, mineView(d))
}

type onePage struct {
	side
	claim.Claim
	Form *form.Form
}

func (s side) one(w http.ResponseWriter, r *http.Request) error { return s.oneForm(w, r, form.New()) }

func (s side) oneForm(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	c, err := s.Service.Claim(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	d := onePage{s, c, f}
	if s.staff {
		return view.Render(w, r, f.Status(), deskOneView(d))
	}
	return view.Render(w, r, f.Status(), myOneView(d))
}

func (s side) decide(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	verdict := f.Text("verdict")
	if verdict != "accept" && verdict != "reject" {
		f.Complain("verdict", errChoose.Code, nil)
		return s.oneForm(w, r, f)
	}
	decided, err := s.Service.Decide(ctx, auth.From(ctx), r.PathValue("id"), claim.Verdict{
		Version: int(f.Int("version", 1, 1<<30, true)), Accept: verdict == "accept", Reason: f.Text("reason"),
	})
	if x, ok := errors.AsType[*errs.Error](err); ok && x.Kind == errs.Invalid && f.Reject(err) {
		return s.oneForm(w, r, f)
	}
	if err != nil {
		return err
	}
	if decided {
		s.Sessions.Flash(ctx, "claim.decided")
	} else {
		s.Sessions.Flash(ctx, "claim.agreed")
	}
	return httpx.SeeOther(w, r, s.base)
}

func (s side) paper(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Service.PaperOf(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	content, err := s.Files.Open(f)
	if err != nil {
		return fmt.Errorf("claimweb: paper: %w", err)
	}
	return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
}

type deskPage struct {
	Claims []claim.Claim
	Firms  page.Result[dossier.Unverified]
}

func (d deskPage) next() string {
	if d.Firms.Next == "" {
		return ""
	}
	return DeskPath + "?" + url.Values{"after": {d.Firms.Next}}.Encode()
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	var d deskPage
	var err error
	if d.Claims, err = p.Service.ToDecide(ctx, actor); err != nil {
		return err
	}
	if d.Firms, err = p.Dossier.Unverified(ctx, actor, page.Request{After: r.URL.Query().Get("after")}); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, deskView(d))
}

type firmPage struct {
	dossier.Unverified
	Form *form.Form
}

func (p *Pages) firm(w http.ResponseWriter, r *http.Request) error {
	return p.firmForm(w, r, form.New())
}

func (p *Pages) firmForm(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	u, err := p.Dossier.UnverifiedFirm(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), firmView(firmPage{u, f}))
}

func (p *Pages) verify(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version, reason, done := int(f.Int("version", 1, 1<<30, true)), f.Text("reason"), "claim.refused"
	switch f.Text("verdict") {
	case "accept":
		var all bool
		if all, err = p.Dossier.VerifyByHand(ctx, auth.From(ctx), r.PathValue("id"), version, reason); all {
			done = "claim.verified"
		} else {
			done = "claim.verified_first"
		}
	case "reject":
		err = p.Dossier.RejectByHand(ctx, auth.From(ctx), r.PathValue("id"), version, reason)
	default:
		f.Complain("verdict", errChoose.Code, nil)
		return p.firmForm(w, r, f)
	}
	if x, ok := errors.AsType[*errs.Error](err); ok && x.Kind == errs.Invalid && f.Reject(err) {
		return p.firmForm(w, r, f)
	}
	if err != nil {
		return err
	}
	p.Sessions.Flash(ctx, done)
	return httpx.SeeOther(w, r, DeskPath)
}

// register shows the switch of the register of a demonstration.
func (p *Pages) register(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, registerView(p.Register.Down(), p.Register.Silent(), p.Register.Codes()))
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	down := f.Text("down") == "yes"
	if err := p.Service.NoteSwitch(r.Context(), auth.From(r.Context()), down); err != nil {
		return err
	}
	p.Register.Switch(down)
	p.Sessions.Flash(r.Context(), "register.changed")
	return httpx.SeeOther(w, r, RegisterPath)
}

// levelWords say what an accepted claim gives. Who made it hears that afterwards:
// it depends on whether the firm has an owner here.
func levelWords(ctx context.Context, c claim.Claim) string {
	if c.Own && c.State != claim.Accepted {
		return i18n.T(ctx, "claim.level_later")
	}
	return i18n.T(ctx, "claim.level."+string(c.Level))
}

func pairs(ctx context.Context, c claim.Claim) []view.Pair {
	out := []view.Pair{
		{Key: i18n.T(ctx, "claim.col.firm"), Value: c.Firm.Name.For(ctx)},
		{Key: i18n.T(ctx, "claim.col.code"), Value: c.Firm.USCC},
		{Key: i18n.T(ctx, "claim.col.who"), Value: c.Account.Name.For(ctx)},
		{Key: i18n.T(ctx, "claim.col.level"), Value: levelWords(ctx, c)},
		{Key: i18n.T(ctx, "claim.col.at"), Component: view.DateTime(c.CreatedAt)},
		{Key: i18n.T(ctx, "claim.col.state"), Value: i18n.T(ctx, "claim.state."+c.State)},
	}
	if c.SaidName != "" && (c.SaidName != c.Firm.Name.ZH || c.SaidPerson != c.Firm.LegalRepresentative) {
		out = append(out, view.Pair{Key: i18n.T(ctx, "claim.said"), Value: i18n.T(ctx, "claim.said_value", "name", c.SaidName, "person", c.SaidPerson)})
	}
	if c.Reason != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "claim.reason"), Value: c.Reason})
	}
	return out
}

// realWords say how surely the account is the person.
func realWords(ctx context.Context, c claim.Claim) string {
	if len(c.Real) == 0 {
		return ""
	}
	return i18n.T(ctx, "factor.real."+string(c.Real[0].Level))
}

func (d newPage) usccIn(ctx context.Context) view.In {
	return view.In{Name: "uscc", Label: i18n.T(ctx, "claim.col.code"), Hint: i18n.T(ctx, "claim.new.uscc_hint"), Required: true, Width: "md", MaxLength: 30}
}

func (d newPage) nameIn(ctx context.Context) view.In {
	return view.In{Name: "name", Label: i18n.T(ctx, "claim.col.firm"), Required: true, MaxLength: 100}
}

func (d newPage) personIn(ctx context.Context) view.In {
	return view.In{Name: "representative", Label: i18n.T(ctx, "claim.new.representative"), Required: true, Width: "md", MaxLength: 50}
}

func (d newPage) paperIn(ctx context.Context) view.In {
	return view.In{Name: "paper", Label: i18n.T(ctx, "claim.paper"), Hint: i18n.T(ctx, "claim.new.paper_hint"), Optional: true, Accept: ".pdf,.jpg,.jpeg,.png", MaxBytes: d.MaxUpload}
}

func (d newPage) confirmIn(ctx context.Context) view.In {
	return view.In{Name: "confirmed", Label: i18n.T(ctx, "claim.new.confirmed"), Hint: i18n.T(ctx, "claim.new.confirmed_hint")}
}

func (d newPage) regionIn(ctx context.Context) view.In {
	return view.In{Name: "region", Label: i18n.T(ctx, "claim.new.region"), Required: true, Placeholder: i18n.T(ctx, "claim.new.choose"), Options: d.Regions, Width: "md"}
}

func (d newPage) addressIn(ctx context.Context) view.In {
	return view.In{Name: "address", Label: i18n.T(ctx, "claim.new.address"), Optional: true, MaxLength: 200}
}

func verdictIn(ctx context.Context) view.In {
	return view.In{Name: "verdict", Label: i18n.T(ctx, "claim.verdict"), Required: true, Options: []view.Opt{
		{Value: "accept", Label: i18n.T(ctx, "claim.accept")}, {Value: "reject", Label: i18n.T(ctx, "claim.reject")},
	}}
}

// firmVerdictIn asks whether what was declared of a firm is so.
func firmVerdictIn(ctx context.Context) view.In {
	return view.In{Name: "verdict", Label: i18n.T(ctx, "claim.firm.verdict"), Required: true, Options: []view.Opt{
		{Value: "accept", Label: i18n.T(ctx, "claim.firm.verify")}, {Value: "reject", Label: i18n.T(ctx, "claim.firm.reject"), Hint: i18n.T(ctx, "claim.firm.reject_hint")},
	}}
}

func firmReasonIn(ctx context.Context) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "claim.reason"), Hint: i18n.T(ctx, "claim.firm.reason_hint"), Rows: 3, MaxLength: 500, Required: true}
}

func reasonIn(ctx context.Context) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "claim.reason"), Hint: i18n.T(ctx, "claim.reason_hint"), Rows: 3, MaxLength: 500, Optional: true}
}

func factWords(ctx context.Context, firm dossier.Unverified) []view.Pair {
	out := []view.Pair{{Key: i18n.T(ctx, "claim.col.code"), Value: firm.Firm.USCC}}
	for _, f := range firm.Declared {
		if d := dossier.Published().Def(f.Key); d != nil {
			out = append(out, view.Pair{Key: d.Name.For(ctx), Value: d.Words(i18n.LocaleOf(ctx), f.Value)})
		}
	}
	return out
}
