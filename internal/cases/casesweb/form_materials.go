package casesweb

import (
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// errCommit: the sentence has to be agreed to before it counts.
var errCommit = errs.Define(errs.Invalid, "cases.commit")

// errFile: one of the files was refused; params name and why.
var errFile = errs.Define(errs.Invalid, "cases.file_refused")

// upload keeps the files that were chosen, and what was typed beside them. The
// script sends the files of one material and gets its row back; without script
// all of the form comes, with the files of every material.
func (p formPages) upload(w http.ResponseWriter, r *http.Request) error {
	id, key := cases.ID(r.PathValue("id")), r.PathValue("key")
	f, err := form.Parse(r)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	switch {
	case errors.Is(err, form.ErrTooLarge): // nothing could be read; the draft shows what was saved before
		return p.rejected(w, r, key, materialField(key), files.ErrTooLarge.With("mb", p.MaxUpload>>20))
	case err != nil:
		return err
	}
	if done, err := p.keep(w, r, f); err != nil || done {
		return err
	}
	if failed, err := p.attach(r, key); err != nil {
		return p.rejected(w, r, failed, materialField(failed), err)
	}
	if r.Header.Get("X-Upload") != "" {
		return p.row(w, r, key, http.StatusOK, nil)
	}
	p.Sessions.Flash(r.Context(), "cases.form.uploaded")
	return httpx.SeeOther(w, r, casePath(p.base, id, "form")+"#"+view.FieldID(materialField(key)))
}

// attach takes in every file of a request; on an error it says of which material.
func (p formPages) attach(r *http.Request, key string) (failed string, err error) {
	count := 0
	if r.MultipartForm != nil {
		for _, upload := range r.MultipartForm.Value["upload"] {
			count++
			if _, err := p.Service.AttachUpload(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), key, upload, p.MaxUpload); err != nil {
				return key, err
			}
		}
	}
	n, failed, err := p.attachPosted(r, cases.ID(r.PathValue("id")))
	if err == nil && count+n == 0 {
		return key, files.ErrEmpty
	}
	return failed, err
}

// attachPosted attaches the files that a form sends whole, each to the material
// that its input names, and says how many; on an error also of which material.
func (p *Pages) attachPosted(r *http.Request, id cases.ID) (n int, failed string, err error) {
	if r.MultipartForm == nil {
		return 0, "", nil
	}
	for name, list := range r.MultipartForm.File {
		key, ok := strings.CutPrefix(name, "material.")
		if !ok {
			continue
		}
		for _, h := range list {
			if h.Filename == "" && h.Size == 0 { // an input that was left empty
				continue
			}
			if err := p.attachOne(r, id, key, h); err != nil {
				return n, key, err
			}
			n++
		}
	}
	return n, "", nil
}

func (p *Pages) attachOne(r *http.Request, id cases.ID, key string, h *multipart.FileHeader) error {
	file, err := h.Open()
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = p.Service.Attach(r.Context(), auth.From(r.Context()), id, key, h.Filename, file, p.MaxUpload)
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid && !errors.Is(err, cases.ErrMaterial) {
		// Of several files it is said which; those before it are kept.
		return errFile.With("name", h.Filename).With("why", i18n.T(r.Context(), "error."+e.Code, i18n.Map(e.Params)...))
	}
	return err
}

// commitField is the checkbox by which a material is committed to.
func commitField(key string) string { return "commit." + key }

// rejected shows a complaint beside the input that it is about.
func (p formPages) rejected(w http.ResponseWriter, r *http.Request, key, input string, cause error) error {
	e, ok := errors.AsType[*errs.Error](cause)
	if !ok || e.Kind != errs.Invalid || errors.Is(cause, cases.ErrMaterial) {
		return cause
	}
	complain := func(d *formPage) { d.f.Complain(input, e.Code, e.Params) }
	if alone(r) {
		return p.row(w, r, key, http.StatusUnprocessableEntity, complain)
	}
	x, err := p.Service.Form(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	d := p.page(r, x, false)
	complain(&d)
	d.rejected = true
	return view.Render(w, r, http.StatusUnprocessableEntity, formView(d))
}

// row answers the script with one material as it stands now.
func (p formPages) row(w http.ResponseWriter, r *http.Request, key string, status int, change func(*formPage)) error {
	x, err := p.Service.Form(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	d := p.page(r, x, false)
	if change != nil {
		change(&d)
	}
	for _, m := range x.Materials {
		if m.Key == key {
			return view.Render(w, r, status, formMaterial(d, m))
		}
	}
	return cases.ErrMaterial
}

// mark satisfies a material without a file, or takes that back.
func (p formPages) mark(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if done, err := p.keep(w, r, f); err != nil || done {
		return err
	}
	id, key, how := cases.ID(r.PathValue("id")), r.PathValue("key"), cases.How(f.Value("how"))
	if how == cases.ByCommitment && !f.Bool(commitField(key)) {
		return p.rejected(w, r, key, commitField(key), errCommit)
	}
	if err := p.Service.Mark(r.Context(), auth.From(r.Context()), id, key, how); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, casePath(p.base, id, "form")+"#materials")
}

// remove takes a file off its material.
func (p formPages) remove(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if done, err := p.keep(w, r, f); err != nil || done {
		return err
	}
	id := cases.ID(r.PathValue("id"))
	if err := p.Service.Detach(r.Context(), auth.From(r.Context()), id, r.PathValue("file")); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "cases.form.removed")
	return httpx.SeeOther(w, r, casePath(p.base, id, "form")+"#"+view.FieldID(materialField(r.PathValue("key"))))
}

// row of a material in the form, with what can be done about it.
func (d formPage) row(ctx context.Context, m cases.MaterialState) view.MaterialRow {
	row := materialRow(ctx, m)
	row.How = append(row.How, paperFacts(ctx, d.base, m)...)
	if m.How == cases.Later {
		row.How = append(row.How, daysOf(ctx, m))
	}
	askedMark(ctx, d.base, m, &row)
	row.Body = materialBody(d, m)
	if row.State != view.MaterialNeeds {
		row.Need = i18n.T(ctx, "cases.need."+string(m.Material.Need))
	}
	if m.Barred {
		row.Need = i18n.T(ctx, "cases.need."+string(catalogue.Required))
	}
	return row
}

// standardOf says what is accepted and who issues it.
func standardOf(ctx context.Context, m catalogue.Material) string {
	var parts []string
	if s := m.Standard.For(ctx); s != "" {
		parts = append(parts, sentence(ctx, s))
	}
	if s := m.Issuer.For(ctx); s != "" {
		parts = append(parts, sentence(ctx, i18n.T(ctx, "cases.form.issuer", "name", s)))
	}
	return sentences(ctx, parts)
}
