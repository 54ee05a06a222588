package certsweb

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/certsheet"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/platform/watermark"
)

// Paths of the pages.
const (
	MyPath   = "/my/certificates"
	WorkPath = "/work/certificates"

	ComplaintsPath = "/work/certificate-complaints"
)

// Deps of the pages.
type Deps struct {
	Service  *certs.Service
	Identity *identity.Service
	Sessions *session.Manager
	Clock    clock.Clock
	BaseURL  string
}

// Pages of the register.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	staff, clerk := auth.AsRole(certs.Staff...), auth.AsRole(auth.Clerk)
	const body = certs.MaxFile + 1<<20
	return []httpx.Route{
		httpx.Get(SavedPath, auth.Public, p.savedPublic),
		httpx.Get(MyPath+"/new", auth.AsPerson, p.newMine),
		httpx.Post(MyPath+"/new", auth.AsPerson, p.bring).WithMaxBody(body),
		httpx.Get(MyPath+"/{id}", auth.AsPerson, p.mine),
		httpx.Get(MyPath+"/{id}/file", auth.AsPerson, p.myFile),
		httpx.Post(MyPath+"/{id}/uses/{use}", auth.AsPerson, p.complain),

		httpx.Get(WorkPath, staff, p.list),
		httpx.Get(WorkPath+"/new", clerk, p.newPaper),
		httpx.Post(WorkPath+"/new", clerk, p.takeIn).WithMaxBody(body),
		httpx.Get(ComplaintsPath, auth.AsRole(certs.Judges...), p.complaints),
		httpx.Post(ComplaintsPath+"/{use}", auth.AsRole(certs.Judges...), p.answer),
		httpx.Get(WorkPath+"/saved", auth.AsStaff, p.saved),
		httpx.Get(WorkPath+"/ending", auth.AsRole(auth.Commissioner), p.ending),
		httpx.Get(WorkPath+"/{id}", staff, p.kept),
		httpx.Post(WorkPath+"/{id}/open", staff, p.open),
		httpx.Get(WorkPath+"/{id}/pdf", staff, p.copy),
		httpx.Post(WorkPath+"/{id}/acts", staff, p.propose),
		httpx.Post(WorkPath+"/{id}/acts/{act}", staff, p.decide),
		httpx.Post(WorkPath+"/{id}/check", clerk, p.check),
	}
}

// day writes an ISO date as papers do.
func day(ctx context.Context, iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), t)
}

// validity says from when to when, the last day included.
func validity(ctx context.Context, from, until string) string {
	if until == "" {
		return i18n.T(ctx, "identity.certificate.from", "from", day(ctx, from))
	}
	return i18n.T(ctx, "identity.certificate.from_to", "from", day(ctx, from), "to", day(ctx, until))
}

// issuer of a certificate in words.
func (p *Pages) issuer(ctx context.Context, c *identity.Certificate) string {
	if d := p.Identity.Directory(); d.HasDepartment(c.IssuerID) {
		return d.Department(c.IssuerID).Name.For(ctx)
	}
	if c.IssuerName != "" {
		return c.IssuerName
	}
	return i18n.T(ctx, "identity.certificate.elsewhere")
}

// department in words, "" for none.
func (p *Pages) department(ctx context.Context, id string) string {
	if d := p.Identity.Directory(); d.HasDepartment(id) {
		return d.Department(id).Name.For(ctx)
	}
	return ""
}

// stateWord is how a certificate stands, in a word.
func stateWord(ctx context.Context, state string) string {
	return i18n.T(ctx, "identity.certificate.state."+state)
}

// facts of a certificate, as holder and staff read them.
func (p *Pages) facts(ctx context.Context, x *certs.Page) []view.Pair {
	pairs := []view.Pair{
		{Key: i18n.T(ctx, "identity.certificate.how"), Value: stateWord(ctx, x.Status)},
		{Key: i18n.T(ctx, "identity.certificate.number"), Value: certs.NumberOf(x.Number)},
	}
	if x.Code != "" {
		pairs = append(pairs, view.Pair{Key: i18n.T(ctx, "identity.certificate.code"), Value: x.Code})
	}
	pairs = append(pairs,
		view.Pair{Key: i18n.T(ctx, "identity.certificate.holder"), Value: x.HolderName.For(ctx)},
		view.Pair{Key: i18n.T(ctx, "identity.certificate.issuer"), Value: p.issuer(ctx, &x.Certificate)},
		view.Pair{Key: i18n.T(ctx, "identity.certificate.validity"), Value: validity(ctx, x.ValidFrom, x.ValidTo)},
	)
	if proves := x.Type.Proves.For(ctx); proves != "" {
		pairs = append(pairs, view.Pair{Key: i18n.T(ctx, "certs.proves"), Value: proves})
	}
	pairs = append(pairs, view.Pair{Key: i18n.T(ctx, "certs.level"), Value: i18n.T(ctx, "certs.level."+p.level(x))})
	if x.Checked.By != "" {
		pairs = append(pairs, view.Pair{Key: i18n.T(ctx, "certs.checked"), Value: p.checkedWords(ctx, x)})
	}
	return append(pairs, view.Pair{Key: i18n.T(ctx, "certs.edition"), Value: i18n.T(ctx, "certs.edition_n", "n", x.Edition)})
}

func (p *Pages) level(x *certs.Page) string {
	if x.Level != "" {
		return x.Level
	}
	if x.Type.Level != "" {
		return x.Type.Level
	}
	return "D"
}

func (p *Pages) checkedWords(ctx context.Context, x *certs.Page) string {
	return i18n.T(ctx, "certs.checked_words", "name", p.Identity.NameOf(ctx, x.Checked.By), "place", p.place(ctx, x.Checked.Window, x.KeeperID), "day", i18n.Day(i18n.LocaleOf(ctx), x.Checked.At))
}

// place is the window where something was seen, or the department without one.
func (p *Pages) place(ctx context.Context, window, department string) string {
	if hall, number, ok := strings.Cut(window, "/"); ok {
		for _, h := range p.Identity.Directory().Halls {
			if h.ID == hall {
				return h.Name.For(ctx) + " " + number
			}
		}
	}
	return p.department(ctx, department)
}

// whose says who used a certificate: the department and, for staff, the name.
func (p *Pages) whose(ctx context.Context, u *certs.Use) string {
	if u.Kind == certs.Lent {
		return i18n.T(ctx, "certs.use.engine")
	}
	return strings.TrimSpace(p.department(ctx, u.DepartmentID) + " " + p.Identity.NameOf(ctx, u.ActorID).For(ctx))
}

// why says what for.
func why(ctx context.Context, u *certs.Use) string {
	if u.Case.ID == "" {
		return u.Reason
	}
	if u.Case.Number == "" {
		return i18n.T(ctx, "certs.use.item", "item", u.Case.Item)
	}
	return i18n.T(ctx, "certs.use.case", "item", u.Case.Item, "number", u.Case.Number)
}

// upload is the file that came along with a form; nil without one.
func upload(r *http.Request, name string) (io.ReadCloser, string, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File[name]) == 0 {
		return nil, "", nil
	}
	h := r.MultipartForm.File[name][0]
	if h.Filename == "" && h.Size == 0 {
		return nil, "", nil
	}
	f, err := h.Open()
	return f, h.Filename, err
}

// paperOf reads a paper from a form.
func paperOf(f *form.Form) certs.Paper {
	return certs.Paper{
		Type: f.Text("type", form.Required), Number: f.Text("number", form.Required, form.Max(100)), Code: f.Text("code", form.Max(100)), Issuer: f.Text("issuer", form.Max(100)),
		From: f.Text("from", form.Required), Until: f.Text("until"),
	}
}

// paperIns are the inputs of a paper.
func (p *Pages) paperIns(ctx context.Context, kind identity.HolderKind) []view.In {
	types := []view.Opt{{Label: i18n.T(ctx, "flow.choose")}}
	for _, t := range p.Identity.Directory().CertificateTypes() {
		if kind == "" || t.Holder == kind {
			types = append(types, view.Opt{Value: t.Key, Label: t.Name.For(ctx)})
		}
	}
	return []view.In{
		{Name: "type", Label: i18n.T(ctx, "certs.in.type"), Required: true, Width: "md", Options: types},
		{Name: "number", Label: i18n.T(ctx, "certs.in.number"), Required: true, MaxLength: 100, Width: "md"},
		{Name: "code", Label: i18n.T(ctx, "certs.in.code"), Hint: i18n.T(ctx, "certs.in.code_hint"), Optional: true, MaxLength: 100},
		{Name: "issuer", Label: i18n.T(ctx, "certs.in.issuer"), Optional: true, MaxLength: 100, Width: "md"},
		{Name: "from", Label: i18n.T(ctx, "certs.in.from"), Type: "date", Required: true, Width: "sm"},
		{Name: "until", Label: i18n.T(ctx, "certs.in.until"), Hint: i18n.T(ctx, "certs.in.until_hint"), Type: "date", Optional: true, Width: "sm"},
	}
}

func fileIn(ctx context.Context, required bool) view.In {
	return view.In{Name: "file", Label: i18n.T(ctx, "certs.in.file"), Required: required, Optional: !required, Accept: ".pdf,.jpg,.jpeg,.png,.ofd", MaxBytes: certs.MaxFile}
}

// copy is the copy of a certificate for staff who opened it: with what it may be
// used for, who took it and why across it, and a line in the log of uses.
func (p *Pages) copy(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	x, open, err := p.Service.Kept(ctx, actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !open {
		return httpx.SeeOther(w, r, WorkPath+"/"+x.ID)
	}
	lines := []string{
		i18n.T(ctx, "certs.mark.who", "place", p.department(ctx, departmentOf(actor)), "name", actor.Name, "time", i18n.ShortTime(p.Clock.Now())),
		i18n.T(ctx, "certs.mark.why", "reason", x.Reason),
	}
	sheet, name, err := p.marked(ctx, &x, lines)
	if err != nil {
		return err
	}
	if err := p.Service.Note(ctx, actor, x.Certificate, certs.Downloaded, certs.CaseOf{}, x.Reason); err != nil {
		return err
	}
	if name != "" {
		w.Header().Set("Cache-Control", "private, no-store")
		return httpx.SendUpload(w, r, name, x.Title.For(ctx), time.Time{}, nopCloser{bytes.NewReader(sheet)})
	}
	return certsheet.Serve(ctx, w, x.Certificate, sheet)
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

func departmentOf(a auth.Actor) string {
	if len(a.Posts) == 0 {
		return ""
	}
	return a.Posts[0].DepartmentID
}

// marked is the file of a certificate with the words over it; where there is no
// file, or one that cannot carry them, the sheet. media is that of the file, ""
// for the sheet.
func (p *Pages) marked(ctx context.Context, x *certs.Page, lines []string) (content []byte, media string, err error) {
	f, file, ok, err := p.Service.File(ctx, &x.Certificate)
	if err != nil {
		return nil, "", err
	}
	if ok {
		defer func() { _ = file.Close() }()
		out, carried, err := watermark.Lay(ctx, f.MediaType, file, append([]string{certsheet.Mark(ctx, p.Identity.Directory(), x.Certificate, p.Identity.Today())}, lines...))
		if err != nil {
			return nil, "", err
		}
		if carried {
			return out, f.MediaType, nil
		}
	}
	sheet, err := certsheet.PDF(ctx, p.Identity.Directory(), x.Certificate, p.Identity.Today(), p.BaseURL)
	if err != nil {
		return nil, "", err
	}
	out, carried, err := watermark.Lay(ctx, "application/pdf", bytes.NewReader(sheet), lines)
	if err == nil && !carried { // never without: it is shown, not given
		err = httpx.ErrNotFound
	}
	return out, "", err
}
