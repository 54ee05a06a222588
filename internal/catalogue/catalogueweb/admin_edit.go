package catalogueweb

import (
	"errors"
	"net/http"

	"github.com/tongban/tongban/internal/catalogue"
	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

// partAll is the form of everything as YAML, beside that of the basics.
const partAll = "all"

// yamlPage edits everything of an item as one text, the expert's way.
type yamlPage struct {
	deskPage
	All  *form.Form
	YAML []yamlFault // faults of the text
}

func (y yamlPage) status() int {
	if len(y.YAML) > 0 {
		return http.StatusUnprocessableEntity
	}
	return y.All.Status()
}

func (y yamlPage) action() string {
	if y.Code == "" {
		return "/admin/items/new"
	}
	return y.path("yaml")
}

// pattern is what a new item begins with as YAML: the keys that every item needs.
var pattern = catalogue.Definition{
	Code: "XX-0001", BaseCode: "372000000001", Name: i18n.Text{ZH: "新事项", EN: "New item"}, Family: catalogue.Administrative, Type: "20", Shelf: "start", Department: "zw",
	Audience: []catalogue.Audience{catalogue.ForEnterprise}, CaseType: catalogue.Promised, Summary: i18n.Text{ZH: "用一两句话说明办什么。", EN: "Say in a sentence or two what it is for."},
	Statutory: workday.Limit{N: 20, Unit: workday.UnitWorkday}, Promised: workday.Limit{N: 5, Unit: workday.UnitWorkday},
	Channels: []catalogue.Channel{catalogue.Online, catalogue.AtWindow}, Result: catalogue.Result{Name: i18n.Text{ZH: "办理结果", EN: "Result"}}, Keywords: []string{"常用叫法"},
}

// editYAML shows an item as YAML, or saves it.
func (p *Pages) editYAML(w http.ResponseWriter, r *http.Request) error {
	d, version, begins, err := p.base(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	y := yamlPage{deskPage: deskPage{Code: d.Code, Definition: d, Version: version, Begins: begins}, All: form.New("yaml", toYAML(d))}
	y.Faults = errs.FieldsOf(p.Service.Obstacles(r.Context(), d))
	if r.Method != http.MethodPost {
		y.Saved = r.URL.Query().Get("done") == "saved"
		return view.Render(w, r, http.StatusOK, yamlView(y))
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	return p.saveYAML(w, r, y, f)
}

// saveYAML keeps a text as the draft.
func (p *Pages) saveYAML(w http.ResponseWriter, r *http.Request, y yamlPage, f *form.Form) error {
	y.All, y.Version = f, int(f.Int("version", 0, 1<<31, false))
	d, faults := fromYAML(f.Value("yaml"))
	if len(faults) == 0 && y.Code != "" && d.Code != y.Code {
		faults = []yamlFault{{Fault: yamlx.Fault{Key: "code", Value: y.Code}}}
	}
	y.YAML = faults
	if y.status() == http.StatusOK {
		saved, err := p.Service.SaveDraft(r.Context(), auth.From(r.Context()), d, y.Version)
		switch {
		case err == nil:
			return httpx.SeeOther(w, r, "/admin/items/"+saved.Definition.Code+"?done=saved")
		case !errors.Is(err, catalogue.ErrInvalid):
			return err
		}
		for _, x := range errs.FieldsOf(err) {
			y.YAML = append(y.YAML, yamlFault{Fault: yamlx.Fault{Key: "field." + x.Name, Value: x.Name}})
		}
	}
	return view.Render(w, r, y.status(), yamlView(y))
}

// newNodes are what an item begins with.
var newNodes = append([]re.Node{{Key: "code", Required: true, Max: 64, Hint: "catalogue.desk.h.code"}}, pick(parts[0].Nodes,
	"name", "summary", "family", "type", "base_code", "department", "shelf", "audience")...)

func pick(nodes []re.Node, keys ...string) []re.Node {
	var out []re.Node
	for _, n := range nodes {
		for _, k := range keys {
			if n.Key == k {
				out = append(out, n)
			}
		}
	}
	return out
}

// adminNew begins an item: by the form of what matters first, or as YAML.
func (p *Pages) adminNew(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		if r.URL.Query().Get("as") == "yaml" {
			return view.Render(w, r, http.StatusOK, yamlView(yamlPage{All: form.New("yaml", toYAML(pattern))}))
		}
		return p.showNew(w, r, form.New("family", string(catalogue.Administrative), "audience", string(catalogue.ForEnterprise)))
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if f.Value("part") == partAll {
		return p.saveYAML(w, r, yamlPage{}, f)
	}
	tree := map[string]any{}
	re.Read(newNodes, f, tree)
	d := catalogue.Definition{CaseType: catalogue.Promised, Channels: []catalogue.Channel{catalogue.Online, catalogue.AtWindow}}
	if err := re.Into(tree, &d); err != nil {
		return err
	}
	switch _, _, err := p.Service.History(r.Context(), auth.From(r.Context()), d.Code); {
	case err == nil:
		f.Complain("code", "catalogue.field.twice", map[string]any{"value": d.Code})
	case !errors.Is(err, catalogue.ErrNotFound):
		return err
	}
	if f.OK() {
		saved, err := p.Service.SaveDraft(r.Context(), auth.From(r.Context()), d, 0)
		if err == nil {
			return httpx.SeeOther(w, r, deskPath(saved.Definition.Code, "basics")+"?done=saved")
		}
		if !errors.Is(err, catalogue.ErrInvalid) {
			return err
		}
		for _, x := range errs.FieldsOf(err) {
			f.Complain(leaf(newNodes, x.Name), x.Code, x.Params)
		}
	}
	return p.showNew(w, r, f)
}

func (p *Pages) showNew(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	env, err := p.env(r.Context(), catalogue.Definition{Family: catalogue.Administrative})
	if err != nil {
		return err
	}
	e := re.Editor{Env: env, Prefix: labels, Nodes: newNodes, Form: f}
	return view.Render(w, r, f.Status(), newView(e, p.codeLines(r.Context(), f)))
}
