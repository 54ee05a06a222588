package dossierweb

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// SheetsPath is where sheets of registers are brought in.
const SheetsPath = "/work/registers"

type sheetsPage struct {
	*Pages
	Form      *form.Form
	Sheets    []dossier.Sheet
	Registers []dossier.RegisterDef
}

func (p *Pages) sheets(w http.ResponseWriter, r *http.Request) error {
	return p.sheetsForm(w, r, form.New())
}

func (p *Pages) sheetsForm(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := sheetsPage{Pages: p, Form: f, Registers: p.Service.Registers(actor)}
	var err error
	if d.Sheets, err = p.Service.Sheets(ctx, actor); err != nil {
		return err
	}
	if len(d.Registers) == 1 && f.Value("register") == "" {
		f.Values().Set("register", d.Registers[0].Key)
	}
	return view.Render(w, r, f.Status(), sheetsView(d))
}

// upload takes a sheet and goes to its page, where the check is under way.
func (p *Pages) upload(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if errors.Is(err, form.ErrTooLarge) {
		f = form.New()
		f.Complain("file", files.ErrTooLarge.Code, map[string]any{"mb": p.MaxUpload >> 20})
		return p.sheetsForm(w, r, f)
	}
	if err != nil {
		return err
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 || r.MultipartForm.File["file"][0].Filename == "" {
		f.Complain("file", dossier.ErrFile.Code, nil)
		return p.sheetsForm(w, r, f)
	}
	head := r.MultipartForm.File["file"][0]
	content, err := head.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	id, err := p.Service.TakeSheet(r.Context(), auth.From(r.Context()), dossier.Upload{
		Name: head.Filename, Content: content, Limit: p.MaxUpload,
		Options: dossier.SheetOptions{Register: f.Text("register"), AsOf: f.Text("as_of"), Confirmed: f.Bool("confirmed")},
	})
	if err != nil {
		if f.Reject(err) {
			return p.sheetsForm(w, r, f)
		}
		return err
	}
	return httpx.SeeOther(w, r, SheetsPath+"/"+id)
}

func (p *Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	x, err := p.Service.Sheet(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, sheetView(sheetPage{p, x}))
}

func (p *Pages) release(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := p.Service.Release(r.Context(), auth.From(r.Context()), id, int(f.Int("version", 1, 1<<30, true))); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "dossier.sheet.released")
	return httpx.SeeOther(w, r, SheetsPath+"/"+id)
}

type sheetPage struct {
	*Pages
	dossier.Sheet
}

// moves says that releasing the sheet would do something.
func (s sheetPage) moves() bool {
	return s.State == dossier.SheetChecked && s.Counts.New+s.Counts.Changed+s.Counts.Conflict > 0
}

func (s sheetPage) pairs(ctx context.Context) []view.Pair {
	out := []view.Pair{
		{Key: i18n.T(ctx, "dossier.sheet.register"), Value: registerName(ctx, s.Options.Register)},
		{Key: i18n.T(ctx, "dossier.sheet.as_of"), Value: dayWords(ctx, s.Options.AsOf)},
		{Key: i18n.T(ctx, "dossier.col.state"), Value: i18n.T(ctx, "dossier.sheet."+s.State)},
	}
	if !s.Working() {
		for _, x := range []struct {
			kind string
			n    int
		}{{"read", s.Counts.Read}, {dossier.RowNew, s.Counts.New}, {dossier.RowChanged, s.Counts.Changed}, {dossier.RowConflict, s.Counts.Conflict}, {dossier.RowSame, s.Counts.Same}, {dossier.RowWrong, s.Counts.Wrong}} {
			out = append(out, view.Pair{Key: i18n.T(ctx, "dossier.row."+x.kind), Value: strconv.Itoa(x.n)})
		}
	}
	return out
}

func registerName(ctx context.Context, key string) string {
	r, _ := dossier.Published().Register(key)
	return r.Name.For(ctx)
}

// rowWords say what a row does, or what is wrong with it.
func rowWords(ctx context.Context, r dossier.SheetRow) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, i18n.T(ctx, "dossier.row.at", "column", f.Column, "what", i18n.T(ctx, "error."+f.Code, i18n.Map(f.Params)...)))
	}
	var names []string
	for _, k := range r.Keys {
		if d := dossier.Published().Def(k); d != nil {
			names = append(names, d.Name.For(ctx))
		}
	}
	if len(names) > 0 {
		out = append(out, strings.Join(names, i18n.T(ctx, "dossier.row.and")))
	}
	return out
}
