package policyweb

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/view"
)

// hintGroup are the hints of one code.
type hintGroup struct {
	Code  string
	Hints []policy.Hint
}

type checkPage struct {
	Groups  []hintGroup
	N       int
	Library *policy.Library
	Titles  map[policy.Ref]i18n.Text
}

// checkUp shows what of the library somebody should look at.
func (p *Pages) checkUp(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	list, err := p.Service.Hints(ctx, actor)
	if err != nil {
		return err
	}
	papers, err := p.Service.Papers(ctx, actor)
	if err != nil {
		return err
	}
	d := checkPage{N: len(list), Titles: map[policy.Ref]i18n.Text{}}
	if d.Library, err = p.Service.Library(ctx); err != nil {
		return err
	}
	for _, x := range papers {
		d.Titles[policy.Ref{Kind: x.Kind, Key: x.Key}] = x.Latest().Title()
	}
	for _, h := range list {
		if n := len(d.Groups); n == 0 || d.Groups[n-1].Code != h.Code {
			d.Groups = append(d.Groups, hintGroup{Code: h.Code})
		}
		g := &d.Groups[len(d.Groups)-1]
		g.Hints = append(g.Hints, h)
	}
	return view.Render(w, r, http.StatusOK, checkView(d))
}

// title of what a hint is about.
func (d checkPage) title(ctx context.Context, kind policy.Kind, key string) string {
	if t, ok := d.Titles[policy.Ref{Kind: kind, Key: key}]; ok {
		return t.For(ctx)
	}
	if e, ok := d.Library.Entry(key); ok {
		return e.Title.For(ctx)
	}
	return key
}

func (d checkPage) href(kind policy.Kind, key string) string {
	if _, mine := d.Titles[policy.Ref{Kind: kind, Key: key}]; !mine {
		return ClausePath(key)
	}
	if kind == policy.KindDocument {
		return filePath(key)
	}
	return paperPath(key)
}

// detail says what beyond its title a hint is about.
func (d checkPage) detail(ctx context.Context, h policy.Hint) string {
	switch h.Code {
	case policy.HintItem, policy.HintFund, policy.HintGone:
		return h.Other
	case policy.HintEnding, policy.HintEnding60:
		return day(ctx, h.Day)
	case policy.HintEverybody:
		return i18n.Count(ctx, "policy.firms", h.N)
	case policy.HintTwice:
		if h.N > 0 {
			return i18n.Count(ctx, "policy.firms", h.N)
		}
	}
	return ""
}

// export writes the library as a sheet.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	format := sheet.XLSX
	if r.URL.Query().Get("format") == string(sheet.CSV) {
		format = sheet.CSV
	}
	return p.write(w, format, "policies", func(out sheet.Writer) error {
		return p.Service.Export(r.Context(), auth.From(r.Context()), out, i18n.LocaleOf(r.Context()))
	})
}

// template is a sheet with the right heads.
func (p *Pages) template(w http.ResponseWriter, r *http.Request) error {
	return p.write(w, sheet.XLSX, "policies-template", func(out sheet.Writer) error { return out.Write(policy.Heads(i18n.LocaleOf(r.Context()))) })
}

func (p *Pages) write(w http.ResponseWriter, f sheet.Format, name string, fill func(out sheet.Writer) error) error {
	var b bytes.Buffer
	out, err := sheet.NewWriter(&b, f)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(out), out.Close()); err != nil {
		return err
	}
	httpx.Attachment(w, f.MediaType(), name+f.Extension())
	_, err = w.Write(b.Bytes())
	return err
}

type sheetsPage struct {
	Form   *form.Form
	Sheets []policy.Sheet
	NameOf func(ctx context.Context, account string) string
	Max    int64
}

// sheets lists those that were brought, with the form for another.
func (p *Pages) sheets(w http.ResponseWriter, r *http.Request) error {
	return p.showSheets(w, r, form.New())
}

func (p *Pages) showSheets(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	list, err := p.Service.Sheets(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), sheetsView(sheetsPage{f, list, p.nameOf, p.MaxUpload}))
}

func (p *Pages) nameOf(ctx context.Context, account string) string {
	if account == auth.SystemActor().ID {
		return i18n.T(ctx, "policy.by_files")
	}
	return p.Identity.NameOf(ctx, account).For(ctx)
}

// bring takes a sheet and goes to the report of its check.
func (p *Pages) bring(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if errors.Is(err, form.ErrTooLarge) {
		f = form.New()
		f.Complain("file", files.ErrTooLarge.Code, map[string]any{"mb": p.MaxUpload >> 20})
		return p.showSheets(w, r, f)
	}
	if err != nil {
		return err
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 || r.MultipartForm.File["file"][0].Filename == "" {
		f.Complain("file", "policy.field.required", nil)
		return p.showSheets(w, r, f)
	}
	head := r.MultipartForm.File["file"][0]
	content, err := head.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	id, err := p.Service.Bring(r.Context(), auth.From(r.Context()), policy.Upload{Name: head.Filename, Content: content, Limit: p.MaxUpload})
	if err != nil {
		if f.Reject(err) {
			return p.showSheets(w, r, f)
		}
		return err
	}
	return httpx.SeeOther(w, r, sheetsPath+"/"+id)
}

type sheetPage struct {
	Sheet policy.Sheet
	Form  *form.Form
}

// sheet shows what each row of a sheet would do, or did.
func (p *Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	return p.showSheet(w, r, form.New())
}

func (p *Pages) showSheet(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	x, err := p.Service.Sheet(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), sheetView(sheetPage{x, f}))
}

// take makes drafts of a sheet.
func (p *Pages) take(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Value("version"))
	if err := p.Service.Take(r.Context(), auth.From(r.Context()), r.PathValue("id"), version); err != nil {
		if f.Reject(err) {
			return p.showSheet(w, r, f)
		}
		return err
	}
	p.Sessions.Flash(r.Context(), "policy.flash.taken")
	return httpx.SeeOther(w, r, DeskPath+"?state=draft")
}

// findingWords says what is wrong with a cell.
func findingWords(ctx context.Context, x policy.Finding) string {
	s := i18n.T(ctx, "error."+x.Code, i18n.Map(x.Params)...)
	if x.Column != "" {
		return i18n.T(ctx, "policy.sheet.at", "column", x.Column, "what", s)
	}
	return s
}
