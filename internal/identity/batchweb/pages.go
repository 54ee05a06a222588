package batchweb

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/view"
)

// Path of the sheets of all kinds.
const Path = "/work/sheets"

// Deps of the pages.
type Deps struct {
	Service   *batch.Service
	Identity  *identity.Service
	Sessions  *session.Manager
	MaxUpload int64 // bytes of one file
}

// Pages are the pages of the package.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// of are the pages of one kind.
type of struct {
	*Pages
	kind batch.Kind
}

func (p of) path() string { return Path + "/" + p.kind.Key }

// homes are the pages from which one comes.
var homes = map[string]string{"certificates": "/work/certificates", "credit": "/work/credit"}

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	var out []httpx.Route
	for _, k := range p.Service.Kinds {
		o, who := of{p, k}, auth.AsRole(append(append([]auth.Role{}, k.Bringers...), k.Releasers...)...)
		out = append(out,
			httpx.Get(o.path(), who, o.list),
			httpx.Post(o.path(), who, o.bring).WithMaxBody(2*p.MaxUpload),
			httpx.Get(o.path()+"/template", who, o.template),
			httpx.Get(o.path()+"/{id}", who, o.sheet),
			httpx.Post(o.path()+"/{id}/release", who, o.release),
		)
	}
	return out
}

type listPage struct {
	of
	Form   *form.Form
	Sheets []batch.Sheet
}

func (p of) list(w http.ResponseWriter, r *http.Request) error { return p.show(w, r, form.New()) }

func (p of) show(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	list, err := p.Service.List(r.Context(), auth.From(r.Context()), p.kind.Key)
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), listView(listPage{p, f, list}))
}

// bring takes a sheet and goes to its page, where the check is under way.
func (p of) bring(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if errors.Is(err, form.ErrTooLarge) {
		f = form.New()
		f.Complain("file", files.ErrTooLarge.Code, map[string]any{"mb": p.MaxUpload >> 20})
		return p.show(w, r, f)
	}
	if err != nil {
		return err
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 || r.MultipartForm.File["file"][0].Filename == "" {
		f.Complain("file", batch.ErrFile.Code, nil)
		return p.show(w, r, f)
	}
	head := r.MultipartForm.File["file"][0]
	content, err := head.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	id, err := p.Service.Bring(r.Context(), auth.From(r.Context()), p.kind.Key, batch.Upload{Name: head.Filename, Content: content, Limit: p.MaxUpload})
	if err != nil {
		if f.Reject(err) {
			return p.show(w, r, f)
		}
		return err
	}
	return httpx.SeeOther(w, r, p.path()+"/"+id)
}

// template is a sheet with the right heads.
func (p of) template(w http.ResponseWriter, _ *http.Request) error {
	var b bytes.Buffer
	out, err := sheet.NewWriter(&b, sheet.XLSX)
	if err != nil {
		return err
	}
	if err := errors.Join(p.kind.Template(out), out.Close()); err != nil {
		return err
	}
	httpx.Attachment(w, sheet.XLSX.MediaType(), p.kind.Key+sheet.XLSX.Extension())
	_, err = w.Write(b.Bytes())
	return err
}

type sheetPage struct {
	of
	batch.Sheet
	Refused error // why who reads does not release it
}

func (p of) sheet(w http.ResponseWriter, r *http.Request) error {
	actor := auth.From(r.Context())
	x, err := p.Service.Find(r.Context(), actor, p.kind.Key, r.PathValue("id"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, sheetView(sheetPage{p, x, p.Service.Releases(actor, &x)}))
}

func (p of) release(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := p.Service.Release(r.Context(), auth.From(r.Context()), p.kind.Key, id, int(f.Int("version", 1, 1<<30, true))); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "batch.released")
	return httpx.SeeOther(w, r, p.path()+"/"+id)
}

// moves says that releasing the sheet would do something.
func (s *sheetPage) moves() bool { return s.State == batch.Checked && s.Counts.New > 0 }

func (s *sheetPage) pairs(ctx context.Context) []view.Pair {
	out := []view.Pair{
		{Key: i18n.T(ctx, "batch.state"), Value: i18n.T(ctx, "batch.state."+s.State)},
		{Key: i18n.T(ctx, "batch.by"), Value: s.Identity.NameOf(ctx, s.CreatedBy).For(ctx) + " " + i18n.FormatDateTime(ctx, s.CreatedAt)},
	}
	if s.ReleasedBy != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "batch.released_by"), Value: s.Identity.NameOf(ctx, s.ReleasedBy).For(ctx)})
	}
	if s.Working() || s.State == batch.Failed {
		return out
	}
	for _, x := range []struct {
		kind string
		n    int
	}{{"read", s.Counts.Read}, {batch.RowNew, s.Counts.New}, {batch.RowSame, s.Counts.Same}, {batch.RowWrong, s.Counts.Wrong}} {
		out = append(out, view.Pair{Key: i18n.T(ctx, "batch.row."+x.kind), Value: strconv.Itoa(x.n)})
	}
	return out
}

// heads are the columns that a sheet has, as a hint.
func (p of) heads(ctx context.Context) string {
	out := ""
	for i, c := range p.kind.Columns {
		if i > 0 {
			out += i18n.T(ctx, "batch.and")
		}
		out += c.Name.ZH
		if c.Required {
			out += "*"
		}
	}
	return out
}

func findingWords(ctx context.Context, f batch.Finding) string {
	what := i18n.T(ctx, "error."+f.Code, i18n.Map(f.Params)...)
	if f.Column == "" {
		return what
	}
	return i18n.T(ctx, "batch.at", "column", f.Column, "what", what)
}

func fileIn(ctx context.Context, p listPage) view.In {
	return view.In{Name: "file", Label: i18n.T(ctx, "batch.sheet"), Hint: i18n.T(ctx, "batch.hint", "columns", p.heads(ctx), "rows", batch.MaxRows), Required: true, Accept: ".xlsx,.csv", MaxBytes: p.MaxUpload}
}
