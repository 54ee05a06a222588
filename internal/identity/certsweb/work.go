package certsweb

import (
	"context"
	"net/http"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type viewForm = form.Form

func complaintIn(ctx context.Context) view.In {
	return view.In{Name: "text", Label: i18n.T(ctx, "certs.complain.text")}
}

// listPage is the register as staff find their way in it.
type listPage struct {
	p      *Pages
	Tab    string
	Query  string
	Rows   []identity.Certificate
	Today  string
	Clerk  bool
	Judge  bool
	Sheets bool // who reads brings in sheets, or takes them in
	Ending bool // of a commissioner: nothing to open
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	x := listPage{p: p, Tab: r.FormValue("tab"), Query: r.FormValue("q"), Today: p.Identity.Today(), Clerk: actor.Has(auth.Clerk), Judge: actor.Has(certs.Judges...), Sheets: actor.Has(auth.Handler, auth.Approver, auth.Head)}
	var err error
	if x.Rows, err = p.Service.Find(ctx, actor, x.Tab, x.Query); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, listView(x))
}

// ending lists what ends soon for the firms of a commissioner.
func (p *Pages) ending(w http.ResponseWriter, r *http.Request) error {
	rows, err := p.Service.Ending(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, endingView(listPage{p: p, Rows: rows, Today: p.Identity.Today(), Ending: true}))
}

func (x listPage) tabs(ctx context.Context) []view.Tab {
	out := make([]view.Tab, len(certs.Tabs))
	for i, t := range certs.Tabs {
		key, href := "certs.tab.ours", WorkPath
		switch t {
		case certs.TabWaiting:
			key = "certs.tab.waiting"
		case certs.TabEnding:
			key = "certs.tab.ending"
		}
		if t != "" {
			href += "?tab=" + t
		}
		out[i] = view.Tab{Href: href, Text: i18n.T(ctx, key), Active: x.Tab == t && x.Query == ""}
	}
	return out
}

// holder is masked for a person: a list is looked over, not opened.
func (x listPage) holder(ctx context.Context, c *identity.Certificate) string {
	if c.HolderKind == identity.HolderPerson {
		return personal.Shown(personal.Name, personal.List, personal.Reader{}, c.HolderName.ZH)
	}
	return c.HolderName.For(ctx)
}

// keptPage is a certificate for staff.
type keptPage struct {
	certs.Page
	p    *Pages
	Form *form.Form
}

func (p *Pages) kept(w http.ResponseWriter, r *http.Request) error {
	return p.showKept(w, r, form.New())
}

func (p *Pages) showKept(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	x, open, err := p.Service.Kept(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !open {
		return view.Render(w, r, f.Status(), reasonView(x.ID, f))
	}
	return view.Render(w, r, f.Status(), keptView(keptPage{Page: x, p: p, Form: f}))
}

// done answers after a command: back to the page, or the form with what is wrong.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, f *form.Form, flash string, do func() error) error {
	if f.OK() {
		err := do()
		if err == nil {
			if flash != "" {
				p.Sessions.Flash(r.Context(), flash)
			}
			return httpx.SeeOther(w, r, WorkPath+"/"+r.PathValue("id"))
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showKept(w, r, f)
}

func (p *Pages) open(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	reason := f.Text("reason", form.Required, form.Max(500))
	return p.done(w, r, f, "", func() error { return p.Service.Open(r.Context(), auth.From(r.Context()), r.PathValue("id"), reason) })
}

func (p *Pages) propose(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := certs.Proposal{
		Kind: certs.Kind(f.Text("kind", form.Required)), Reason: f.Text("reason", form.Required, form.Max(500)), Version: int(f.Int("version", 1, 1<<31, true)),
		Changes: certs.Changes{Holder: f.Text("holder", form.Max(200)), From: f.Text("from"), Until: f.Text("until"), Always: f.Bool("always")},
	}
	return p.done(w, r, f, "certs.proposed", func() error {
		_, err := p.Service.Propose(r.Context(), auth.From(r.Context()), r.PathValue("id"), in)
		return err
	})
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	confirm, note, version := f.Text("answer", form.Required, form.OneOf("confirm", "refuse")) == "confirm", f.Text("note", form.Max(500)), int(f.Int("version", 1, 1<<31, true))
	return p.done(w, r, f, "certs.decided", func() error {
		return p.Service.Decide(r.Context(), auth.From(r.Context()), r.PathValue("act"), version, confirm, note)
	})
}

func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version := int(f.Int("version", 1, 1<<31, true))
	return p.done(w, r, f, "certs.checked_done", func() error {
		return p.Service.Check(r.Context(), auth.From(r.Context()), r.PathValue("id"), version, f.Bool("original"))
	})
}

// actIns are the inputs for what can be done now.
func (x keptPage) actIns(ctx context.Context) []view.In {
	kinds := make([]view.Opt, len(x.Can))
	change := false
	for i, k := range x.Can {
		kinds[i] = view.Opt{Value: string(k), Label: i18n.T(ctx, "certs.act."+string(k)), Hint: i18n.T(ctx, "certs.act."+string(k)+"_hint")}
		change = change || k == certs.Change
	}
	ins := []view.In{{Name: "kind", Label: i18n.T(ctx, "certs.act.kind"), Required: true, Options: kinds}, {Name: "reason", Label: i18n.T(ctx, "certs.act.why"), Hint: i18n.T(ctx, "certs.act.why_hint"), Required: true, MaxLength: 500, Rows: 2}}
	if change {
		ins = append(ins,
			view.In{Name: "holder", Label: i18n.T(ctx, "certs.act.holder"), Hint: i18n.T(ctx, "certs.act.leave"), Optional: true, MaxLength: 200, Width: "md"},
			view.In{Name: "from", Label: i18n.T(ctx, "certs.in.from"), Type: "date", Optional: true, Width: "sm"},
			view.In{Name: "until", Label: i18n.T(ctx, "certs.in.until"), Type: "date", Optional: true, Width: "sm"},
			view.In{Name: "always", Label: i18n.T(ctx, "certs.act.always")},
		)
	}
	return ins
}

func reasonIn(ctx context.Context) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "certs.open.reason"), Hint: i18n.T(ctx, "certs.open.hint"), Required: true, MaxLength: 500, Rows: 2}
}

func decideIns(ctx context.Context) []view.In {
	return []view.In{
		{Name: "answer", Label: i18n.T(ctx, "certs.decide.answer"), Required: true, Options: []view.Opt{{Value: "confirm", Label: i18n.T(ctx, "certs.decide.confirm")}, {Value: "refuse", Label: i18n.T(ctx, "certs.decide.refuse")}}},
		{Name: "note", Label: i18n.T(ctx, "certs.decide.note"), Hint: i18n.T(ctx, "certs.decide.note_hint"), Optional: true, MaxLength: 500, Rows: 2},
	}
}

// newPage is the form with which a clerk takes a certificate in.
type newPage struct {
	p    *Pages
	Form *form.Form
}

func (p *Pages) newPaper(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, newView(newPage{p, form.New("holder", r.FormValue("holder"))}))
}

func (p *Pages) takeIn(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	holder := f.Text("holder", form.Required, form.Max(30)) // complaints come in the order of the form
	in := paperOf(f)
	if !f.Bool("original") {
		f.Complain("original", "certs.original", nil)
	}
	if f.OK() {
		file, name, err := upload(r, "file")
		if err != nil {
			return err
		}
		if file != nil {
			defer func() { _ = file.Close() }()
			in.File, in.Name = file, name
		}
		c, err := p.Service.TakeIn(r.Context(), auth.From(r.Context()), holder, in, true)
		if err == nil {
			p.Sessions.Flash(r.Context(), "certs.taken_in")
			return httpx.SeeOther(w, r, WorkPath+"?q="+c.Number)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return view.Render(w, r, f.Status(), newView(newPage{p, f}))
}

func (x newPage) ins(ctx context.Context) []view.In {
	ins := append([]view.In{{Name: "holder", Label: i18n.T(ctx, "certs.in.holder"), Hint: i18n.T(ctx, "certs.in.holder_hint"), Required: true, MaxLength: 30, Width: "md"}}, x.p.paperIns(ctx, "")...)
	return append(ins, fileIn(ctx, false), view.In{Name: "original", Label: i18n.T(ctx, "certs.in.original"), Required: true})
}

// complaintsPage lists complaints about uses.
type complaintsPage struct {
	p    *Pages
	Rows []certs.Complained
	Form *form.Form
	Use  string
}

func (p *Pages) complaints(w http.ResponseWriter, r *http.Request) error {
	return p.showComplaints(w, r, form.New(), "")
}

func (p *Pages) showComplaints(w http.ResponseWriter, r *http.Request, f *form.Form, use string) error {
	rows, err := p.Service.Complaints(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), complaintsView(complaintsPage{p, rows, f, use}))
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	text, upheld, version := f.Text("answer", form.Required, form.Max(500)), f.Text("upheld", form.Required, form.OneOf("yes", "no")) == "yes", int(f.Int("version", 1, 1<<31, true))
	if f.OK() {
		err := p.Service.Answer(r.Context(), auth.From(r.Context()), r.PathValue("use"), version, upheld, text)
		if err == nil {
			p.Sessions.Flash(r.Context(), "certs.answered")
			return httpx.SeeOther(w, r, ComplaintsPath)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showComplaints(w, r, f, r.PathValue("use"))
}

// savedPage is how many papers nobody had to bring.
type savedPage struct {
	certs.Saved
	Year bool
}

func (p *Pages) saved(w http.ResponseWriter, r *http.Request) error {
	since, year := time.Time{}, r.FormValue("since") == "year"
	if year {
		since = workday.StartOf(workday.NewDate(workday.DateOf(p.Clock.Now()).Year(), time.January, 1))
	}
	s, err := p.Service.SavedSince(r.Context(), auth.From(r.Context()), since)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, savedView(savedPage{s, year}))
}

// SavedPath is where anybody reads how many papers were spared.
const SavedPath = "/proofs-saved"

// savedPublic is the total for everybody.
func (p *Pages) savedPublic(w http.ResponseWriter, r *http.Request) error {
	s, err := p.Service.SavedPublic(r.Context())
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, savedPublicView(s))
}

func savedName(ctx context.Context, l certs.SavedLine) string {
	if name := l.Name.For(ctx); name != "" {
		return name
	}
	return i18n.T(ctx, "certs.saved.checked")
}
