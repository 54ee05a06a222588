package catalogueweb

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// The two forms of the page: the texts of the guide, and everything as YAML.
const (
	partGuide = "guide"
	partAll   = "all"
)

// adminEditPage edits the draft of an item, or begins one.
type adminEditPage struct {
	Code       string // "" for a new item
	Definition catalogue.Definition
	Version    int  // of the draft, 0 for none
	Published  bool // the draft begins with the published version
	Guide      *form.Form
	All        *form.Form
	Part       string      // which form was sent
	YAML       []yamlFault // faults of the text
}

func (e adminEditPage) action() string {
	if e.Code == "" {
		return "/admin/items/new"
	}
	return "/admin/items/" + e.Code + "/edit"
}

func (e adminEditPage) status() int {
	if len(e.YAML) > 0 || !e.Guide.OK() {
		return http.StatusUnprocessableEntity
	}
	return e.All.Status()
}

// newItem is what a new item begins with: the keys that every item needs.
var newItem = catalogue.Definition{
	Code: "XX-0001", BaseCode: "372000000001", Name: i18n.Text{ZH: "新事项", EN: "New item"}, Family: catalogue.Administrative, Type: "20", Shelf: "start", Department: "zw",
	Audience: []catalogue.Audience{catalogue.ForEnterprise}, CaseType: catalogue.Promised, Summary: i18n.Text{ZH: "用一两句话说明办什么。", EN: "Say in a sentence or two what it is for."},
	Statutory: workday.Limit{N: 20, Unit: workday.UnitWorkday}, Promised: workday.Limit{N: 5, Unit: workday.UnitWorkday},
	Channels: []catalogue.Channel{catalogue.Online, catalogue.AtWindow}, Result: catalogue.Result{Name: i18n.Text{ZH: "办理结果", EN: "Result"}}, Keywords: []string{"常用叫法"},
}

// adminNew begins an item from a pattern.
func (p *Pages) adminNew(w http.ResponseWriter, r *http.Request) error {
	return p.edit(w, r, adminEditPage{Definition: newItem, Guide: form.New(), All: form.New("yaml", toYAML(newItem)), Part: partAll})
}

// adminEdit changes the draft of an item, or makes one of what is published.
func (p *Pages) adminEdit(w http.ResponseWriter, r *http.Request) error {
	a, err := p.itemPage(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	e := adminEditPage{Code: a.Record.Code, Definition: a.Shown.Definition, Published: a.Draft == nil}
	if a.Draft != nil {
		e.Version = a.Draft.Version
	}
	e.Guide, e.All = guideForm(e.Definition), form.New("yaml", toYAML(e.Definition))
	return p.edit(w, r, e)
}

// edit shows the page, or saves what was sent.
func (p *Pages) edit(w http.ResponseWriter, r *http.Request, e adminEditPage) error {
	if r.Method == http.MethodPost {
		f, err := form.Parse(r)
		if err != nil {
			return err
		}
		version := int(f.Int("version", 0, 1<<31, false))
		d := e.take(f)
		if e.status() == http.StatusOK {
			saved, err := p.Service.SaveDraft(r.Context(), auth.From(r.Context()), d, version)
			if err == nil {
				return httpx.SeeOther(w, r, "/admin/items/"+saved.Definition.Code+"?done=saved")
			}
			if !e.reject(f, err) {
				return err
			}
		}
		e.Version = version
	}
	return view.Render(w, r, e.status(), adminEditView(e))
}

// take reads the form that was sent into a definition.
func (e *adminEditPage) take(f *form.Form) catalogue.Definition {
	e.Part = f.Value("part")
	if e.Code == "" {
		e.Part = partAll
	}
	if e.Part != partAll {
		e.Part, e.Guide = partGuide, f
		return readGuide(f, e.Definition)
	}
	e.All = f
	d, faults := fromYAML(f.Value("yaml"))
	if len(faults) == 0 && e.Code != "" && d.Code != e.Code {
		faults = []yamlFault{{Key: "code", Value: e.Code}}
	}
	e.YAML = faults
	return d
}

// reject puts the complaints of the service where they belong.
func (e *adminEditPage) reject(f *form.Form, err error) bool {
	if !errors.Is(err, catalogue.ErrInvalid) {
		return false
	}
	for _, field := range errs.FieldsOf(err) {
		if e.Part == partAll {
			e.YAML = append(e.YAML, yamlFault{Key: "field." + field.Name, Value: field.Name})
			continue
		}
		f.Complain("name_zh", field.Code, field.Params)
	}
	return true
}

// guideForm shows the texts of a definition.
func guideForm(d catalogue.Definition) *form.Form {
	kv := []string{
		"name_zh", d.Name.ZH, "name_en", d.Name.EN, "summary_zh", d.Summary.ZH, "summary_en", d.Summary.EN,
		"promised_unit", string(d.Promised.Unit), "keywords", strings.Join(d.Keywords, "\n"), "popularity", strconv.Itoa(d.Popularity),
	}
	if !d.Promised.IsZero() {
		kv = append(kv, "promised_n", strconv.Itoa(d.Promised.N))
	}
	for _, m := range d.Materials {
		kv = append(kv, "standard_zh_"+m.Key, m.Standard.ZH, "standard_en_"+m.Key, m.Standard.EN)
	}
	return form.New(kv...)
}

// readGuide puts the texts that were sent into a definition; what the form
// does not show stays.
func readGuide(f *form.Form, d catalogue.Definition) catalogue.Definition {
	d.Name = i18n.Text{ZH: f.Text("name_zh", form.Required, form.Max(100)), EN: f.Text("name_en", form.Required, form.Max(200))}
	d.Summary = i18n.Text{ZH: f.Text("summary_zh", form.Required, form.Max(500)), EN: f.Text("summary_en", form.Required, form.Max(1000))}
	d.Promised = workday.Limit{N: int(f.Int("promised_n", 0, 3650, false)), Unit: workday.Unit(f.Text("promised_unit", form.OneOf(limitUnits...)))}
	if d.Promised.N == 0 {
		d.Promised = workday.Limit{}
	}
	d.Keywords = nil
	for _, k := range strings.FieldsFunc(f.Text("keywords", form.Max(1000)), func(r rune) bool { return strings.ContainsRune("\n,,、;;", r) }) {
		if k = strings.TrimSpace(k); k != "" {
			d.Keywords = append(d.Keywords, k)
		}
	}
	d.Popularity = int(f.Int("popularity", 0, 100, false))
	materials := make([]catalogue.Material, len(d.Materials)) // the definition at hand is shared
	for i, m := range d.Materials {
		m.Standard = i18n.Text{ZH: f.Text("standard_zh_"+m.Key, form.Max(500)), EN: f.Text("standard_en_"+m.Key, form.Max(1000))}
		materials[i] = m
	}
	if len(materials) > 0 {
		d.Materials = materials
	}
	return d
}

var limitUnits = []string{string(workday.UnitWorkday), string(workday.UnitDay), string(workday.UnitHour), string(workday.UnitMinute), string(workday.UnitMonth)}

// guideInputs describe the inputs of the guide, for the page and its summary.
func guideInputs(ctx context.Context, d catalogue.Definition) map[string]view.In {
	in := map[string]view.In{}
	add := func(v view.In) { in[v.Name] = v }
	label := func(key string) string { return i18n.T(ctx, "catalogue.edit."+key) }
	add(view.In{Name: "name_zh", Label: label("name_zh"), Required: true, MaxLength: 100})
	add(view.In{Name: "name_en", Label: label("name_en"), Required: true, MaxLength: 200})
	add(view.In{Name: "summary_zh", Label: label("summary_zh"), Hint: label("summary_hint"), Required: true, Rows: 3, MaxLength: 500})
	add(view.In{Name: "summary_en", Label: label("summary_en"), Required: true, Rows: 3, MaxLength: 1000})
	add(view.In{Name: "promised_n", Label: label("promised_n"), Hint: statutoryHint(ctx, d), Inputmode: "numeric", Width: "xs", Optional: true})
	units := make([]view.Opt, len(limitUnits))
	for i, u := range limitUnits {
		units[i] = view.Opt{Value: u, Label: i18n.T(ctx, "catalogue.unit."+u)}
	}
	add(view.In{Name: "promised_unit", Label: label("promised_unit"), Options: units, Width: "sm"})
	add(view.In{Name: "keywords", Label: label("keywords"), Hint: label("keywords_hint"), Rows: 5, Optional: true})
	add(view.In{Name: "popularity", Label: label("popularity"), Hint: label("popularity_hint"), Inputmode: "numeric", Width: "xs"})
	for _, m := range d.Materials {
		add(view.In{Name: "standard_zh_" + m.Key, Label: i18n.T(ctx, "catalogue.edit.standard_zh", "material", m.Name), Rows: 2, Optional: true, MaxLength: 500})
		add(view.In{Name: "standard_en_" + m.Key, Label: i18n.T(ctx, "catalogue.edit.standard_en", "material", m.Name), Rows: 2, Optional: true, MaxLength: 1000})
	}
	return in
}

func statutoryHint(ctx context.Context, d catalogue.Definition) string {
	if d.Statutory.IsZero() {
		return ""
	}
	return i18n.T(ctx, "catalogue.edit.statutory", "limit", LimitWords(ctx, d.Statutory))
}

func listed(in map[string]view.In) []view.In {
	out := make([]view.In, 0, len(in))
	for _, v := range in {
		out = append(out, v)
	}
	return out
}
