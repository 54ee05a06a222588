package casesweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// laterPage is where tolerated materials of an accepted case are handed in.
type laterPage struct {
	*cases.View
	base string
	f    *form.Form
	max  int64
	rows []cases.MaterialState
}

func (d laterPage) path(below ...string) string { return casePath(d.base, d.ID, below...) }

// later shows what has to come yet and by when; when nothing has, the case.
func (p formPages) later(w http.ResponseWriter, r *http.Request) error {
	return p.showLater(w, r, form.New())
}

func (p formPages) showLater(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	v, err := p.Service.View(ctx, actor, cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	if !v.May(cases.CmdHandIn) {
		return httpx.SeeOther(w, r, casePath(p.base, v.ID))
	}
	d := laterPage{View: v, base: p.base, f: f, max: p.MaxUpload}
	if d.rows, err = p.Service.LaterForm(ctx, actor, v); err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), laterView(d))
}

// handIn hands in one tolerated material: the files chosen, a paper given
// before, or at a window one that the clerk has seen.
func (p formPages) handIn(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	key, field := r.PathValue("key"), materialField(r.PathValue("key"))
	switch {
	case errors.Is(err, form.ErrTooLarge):
		f = form.New()
		f.Complain(field, files.ErrTooLarge.Code, map[string]any{"mb": p.MaxUpload >> 20})
		return p.showLater(w, r, f)
	case err != nil:
		return err
	}
	in := cases.HandInInput{Key: key, Seen: p.base == work && f.Value("how") == string(cases.BySight), Until: untilOf(f, key)}
	id, version := cases.ID(r.PathValue("id")), int(f.Int("version", 1, 1<<31, true))
	if from, fromKey := earlierOf(f.Value("earlier")); from != "" {
		in.From = &cases.Offer{CaseID: from, Key: fromKey}
	} else if !in.Seen {
		in.Files, err = p.receive(r, id, key)
	}
	if err == nil {
		_, err = p.Service.HandIn(r.Context(), auth.From(r.Context()), cases.Ref{ID: id, Version: version}, in)
	}
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid && !errors.Is(err, cases.ErrMaterial) {
		if len(e.Fields) > 0 && e.Fields[0].Name == untilField(key) {
			field = e.Fields[0].Name
		}
		f.Complain(field, e.Code, e.Params)
		return p.showLater(w, r, f)
	}
	if err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "papers.later.done")
	v, err := p.Service.View(r.Context(), auth.From(r.Context()), id)
	if err != nil {
		return err
	}
	if v.May(cases.CmdHandIn) { // there is more to come
		return httpx.SeeOther(w, r, casePath(p.base, id, "later"))
	}
	return httpx.SeeOther(w, r, casePath(p.base, id))
}

// receive takes in the files that were chosen for a material.
func (p formPages) receive(r *http.Request, id cases.ID, key string) ([]cases.Received, error) {
	var out []cases.Received
	if r.MultipartForm == nil {
		return nil, nil
	}
	for _, upload := range r.MultipartForm.Value["upload"] {
		x, err := p.Service.ReceiveUpload(r.Context(), auth.From(r.Context()), id, key, upload, p.MaxUpload)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	for _, h := range r.MultipartForm.File[materialField(key)] {
		if h.Filename == "" && h.Size == 0 {
			continue
		}
		file, err := h.Open()
		if err != nil {
			return nil, err
		}
		x, err := p.Service.Receive(r.Context(), auth.From(r.Context()), id, key, h.Filename, file, p.MaxUpload)
		_ = file.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (d laterPage) version() string { return strconv.Itoa(d.Version) }
