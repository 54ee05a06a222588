package intakeweb

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// mappings lists them.
func (p *Pages) mappings(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Service.Mappings(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, mappingsView(list, mappingNames(ctx, list), func(a string) string { return p.name(ctx, a) }))
}

// mappingPage is the editor of a mapping with its preview.
type mappingPage struct {
	Key     string // "" for a new one
	Stored  intake.Stored
	Form    *form.Form // key, content, rows, version
	Faults  []mapping.Fault
	Preview *intake.Plan // what it makes of the rows, nil before that was asked
	Saved   bool
	Pages   *Pages
}

func (m mappingPage) action() string {
	if m.Key == "" {
		return "/admin/import/mappings/new"
	}
	return "/admin/import/mappings/edit/" + m.Key
}

func (m mappingPage) status() int {
	if len(m.Faults) > 0 {
		return http.StatusUnprocessableEntity
	}
	return m.Form.Status()
}

// newMapping begins with the export's, as an example.
func (p *Pages) newMapping(w http.ResponseWriter, r *http.Request) error {
	content, _ := mapping.Shipped("sc")
	m := mappingPage{Form: form.New("content", content, "version", "0"), Pages: p}
	if from := r.URL.Query().Get("from"); from != "" {
		stored, err := p.Service.Mapping(r.Context(), auth.From(r.Context()), from)
		if err != nil {
			return err
		}
		m.Form = form.New("content", stored.Content, "version", "0")
	}
	return p.mapping(w, r, m)
}

// editMapping shows one with the first rows of an upload, if told which.
func (p *Pages) editMapping(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	stored, err := p.Service.Mapping(ctx, actor, r.PathValue("key"))
	if err != nil {
		return err
	}
	content := stored.Content
	if shipped, ok := mapping.Shipped(stored.Key); ok && r.URL.Query().Get("shipped") != "" {
		content = shipped
	}
	m := mappingPage{
		Key: stored.Key, Stored: stored, Saved: r.URL.Query().Get("done") == "saved", Pages: p,
		Form: form.New("content", content, "version", strconv.Itoa(stored.Version)),
	}
	if run := r.URL.Query().Get("run"); run != "" && r.Method == http.MethodGet {
		rows, err := p.Service.Head(ctx, actor, run)
		if err != nil && errs.KindOf(err) != errs.Invalid { // a file that cannot be read is told on its own page
			return err
		}
		m.Form.Values().Set("rows", rows)
		if rows != "" {
			if m.Preview, m.Faults, err = p.Service.Preview(ctx, actor, content, rows); err != nil && !errors.Is(err, intake.ErrPreviewLong) {
				return err
			}
		}
	}
	return p.mapping(w, r, m)
}

// mapping shows the editor; a POST saves, or only tries.
func (p *Pages) mapping(w http.ResponseWriter, r *http.Request, m mappingPage) error {
	if r.Method != http.MethodPost {
		return view.Render(w, r, m.status(), mappingView(m))
	}
	ctx, actor := r.Context(), auth.From(r.Context())
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	m.Form = f
	if f.Value("do") == "preview" {
		m.Preview, m.Faults, err = p.Service.Preview(ctx, actor, f.Value("content"), f.Value("rows"))
		if e, ok := errors.AsType[*errs.Error](err); ok && errors.Is(err, intake.ErrPreviewLong) {
			f.Complain("rows", e.Code, e.Params)
			return view.Render(w, r, m.status(), mappingView(m))
		}
		if err != nil {
			return err
		}
		return view.Render(w, r, m.status(), mappingView(m))
	}
	key := m.Key
	if key == "" {
		key = f.Text("key", form.Required, form.Max(40))
	}
	version := int(f.Int("version", 0, 1<<31, false))
	if f.OK() {
		m.Faults, err = p.Service.SaveMapping(ctx, actor, key, f.Value("content"), version)
		if err == nil {
			return httpx.SeeOther(w, r, "/admin/import/mappings/edit/"+key+"?done=saved")
		}
		switch {
		case errors.Is(err, intake.ErrMappingBad):
		case errors.Is(err, intake.ErrMappingKey):
			f.Complain("key", errs.CodeOf(err), nil)
		case errors.Is(err, intake.ErrMappingLong):
			f.Complain("content", errs.CodeOf(err), nil)
		default:
			return err
		}
	}
	return view.Render(w, r, m.status(), mappingView(m))
}

// faultWords says a fault in the reader's language.
func faultWords(ctx context.Context, f mapping.Fault) string {
	switch f.Key {
	case "empty", "syntax", "unknown", "twice", "type":
		return i18n.T(ctx, "catalogue.yaml."+f.Key, "value", f.Value)
	default:
		return i18n.T(ctx, "intake.fault."+f.Key, "value", f.Value)
	}
}
