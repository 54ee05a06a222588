package catalogueweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// deskPage edits one part of an item.
type deskPage struct {
	Code       string // "" for a new item
	Definition catalogue.Definition
	Version    int  // of the draft, 0 for none
	Begins     bool // the draft begins with the published version
	Part       part
	Editor     re.Editor
	Faults     []errs.Field // of the whole draft
	Findings   []catalogue.Finding
	Answers    []answer
	Codes      []codeLine
	Find       string // of the search for items
	Found      []catalogue.Hit
	Saved      bool
	Conflict   bool // somebody saved meanwhile
	Places     inputPlaces
}

func (d deskPage) path(key string) string { return deskPath(d.Code, key) }

func deskPath(code, key string) string { return "/admin/items/" + code + "/edit/" + key }

// here says whether something that is complained about is edited in a part.
func (d deskPage) here(where, key string) bool {
	at, _ := locate(d.Definition, where)
	return at == key
}

// count of faults in a part.
func (d deskPage) count(key string) int {
	n := 0
	for _, f := range d.Faults {
		if d.here(f.Name, key) {
			n++
		}
	}
	return n
}

func partNamed(d catalogue.Definition, key string) (part, bool) {
	all := partsOf(d)
	i := slices.IndexFunc(all, func(p part) bool { return p.Key == key })
	if i < 0 {
		return part{}, false
	}
	return all[i], true
}

// base is what an edit begins with: the draft, else what is published.
func (p *Pages) base(ctx context.Context, code string) (d catalogue.Definition, version int, begins bool, err error) {
	record, versions, err := p.Service.History(ctx, auth.From(ctx), code)
	if err != nil {
		return d, 0, false, err
	}
	if record.State == catalogue.Ended {
		return d, 0, false, catalogue.ErrState.With("state", string(record.State))
	}
	for _, v := range versions {
		switch {
		case v.State == catalogue.Draft:
			return v.Definition.Source(), v.Version, false, nil
		case v.ID == record.VersionID:
			d = v.Definition.Source()
		}
	}
	return d, 0, true, nil
}

// editFirst leads to the first part.
func (p *Pages) editFirst(w http.ResponseWriter, r *http.Request) error {
	return httpx.SeeOther(w, r, deskPath(r.PathValue("code"), parts[0].Key))
}

// edit shows a part of an item, or saves it.
func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	d, version, begins, err := p.base(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	x, ok := partNamed(d, r.PathValue("part"))
	if !ok {
		return catalogue.ErrNotFound
	}
	page := deskPage{Code: d.Code, Definition: d, Version: version, Begins: begins, Part: x}
	if r.Method == http.MethodPost {
		return p.savePart(w, r, page)
	}
	page.Saved = r.URL.Query().Get("done") == "saved"
	tree, err := re.Tree(d)
	if err != nil {
		return err
	}
	env, err := p.env(r.Context(), d)
	if err != nil {
		return err
	}
	return p.showPart(w, r, page, form.FromValues(re.Values(x.Nodes, tree, env.knows)), http.StatusOK)
}

// savePart does what the pressed button says: changes a row, or saves.
func (p *Pages) savePart(w http.ResponseWriter, r *http.Request, page deskPage) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if page.Version != 0 || f.Value("version") != "" {
		page.Version = int(f.Int("version", 0, 1<<31, false))
	}
	if err := p.takeFiles(r, page.Code, page.Part.Nodes, f); err != nil {
		return err
	}
	do := f.Value("do")
	switch {
	case do == "find":
		page.Find = strings.TrimSpace(f.Value("find"))
		page.Found = p.stepsFor(page.Find)
		return p.showPart(w, r, page, f, http.StatusOK)
	case strings.Contains(do, "|"):
		focus, ok := re.Do(page.Part.Nodes, f.Values(), do)
		if !ok {
			return form.ErrUnreadable
		}
		page.Editor.Focus = focus
		return p.showPart(w, r, page, f, http.StatusOK)
	}
	next, err := p.readPart(r.Context(), page, f)
	if err != nil {
		return err
	}
	if f.OK() {
		saved, err := p.Service.SaveDraft(r.Context(), auth.From(r.Context()), next, page.Version)
		switch {
		case err == nil:
			return httpx.SeeOther(w, r, afterSave(saved.Definition, page.Part.Key, do))
		case errors.Is(err, db.ErrStale):
			return p.staleDraft(w, r, page, f)
		case !rejectPart(f, next, page.Part.Key, err):
			return err
		}
	}
	page.Definition = next
	return p.showPart(w, r, page, f, http.StatusUnprocessableEntity)
}

// afterSave is the same part, or the next one.
func afterSave(d catalogue.Definition, key, do string) string {
	all := partsOf(d)
	i := slices.IndexFunc(all, func(p part) bool { return p.Key == key })
	if do == "next" && i+1 < len(all) {
		key = all[i+1].Key
	}
	return deskPath(d.Code, key) + "?done=saved"
}

// staleDraft shows what was typed over what somebody else saved meanwhile: to
// save once more changes this part only.
func (p *Pages) staleDraft(w http.ResponseWriter, r *http.Request, page deskPage, f *form.Form) error {
	d, version, begins, err := p.base(r.Context(), page.Code)
	if err != nil {
		return err
	}
	page.Definition, page.Version, page.Begins, page.Conflict = d, version, begins, true
	return p.showPart(w, r, page, f, http.StatusPreconditionFailed)
}

// readPart puts what was sent into the definition. Conditions are checked at
// once: a slip in one would never show.
func (p *Pages) readPart(ctx context.Context, page deskPage, f *form.Form) (catalogue.Definition, error) {
	tree, err := re.Tree(page.Definition)
	if err != nil {
		return catalogue.Definition{}, err
	}
	re.Read(page.Part.Nodes, f, tree)
	var next catalogue.Definition
	if err := re.Into(tree, &next); err != nil {
		return next, err
	}
	if !f.OK() {
		return next, nil
	}
	faults := p.Service.Obstacles(ctx, next)
	for _, x := range errs.FieldsOf(faults) {
		if slices.Contains(atOnce, x.Code) {
			if key, input := locate(next, x.Name); key == page.Part.Key {
				f.Complain(input, x.Code, x.Params)
			}
		}
	}
	return next, nil
}

// atOnce are the complaints that stop a part from being saved: an expression
// that cannot be read, or reads what is not there, is easier mended now.
var atOnce = []string{"catalogue.field.condition", "catalogue.field.answer", "catalogue.field.formula", "catalogue.field.circle"}

// rejectPart puts complaints of the service beside the inputs.
func rejectPart(f *form.Form, d catalogue.Definition, key string, err error) bool {
	if !errors.Is(err, catalogue.ErrInvalid) {
		return false
	}
	for _, x := range errs.FieldsOf(err) {
		if at, input := locate(d, x.Name); at == key {
			f.Complain(input, x.Code, x.Params)
		} else {
			f.Complain("", x.Code, x.Params)
		}
	}
	return true
}

// takeFiles keeps what was uploaded and writes the ids into the form: what is
// rejected afterwards for something else does not lose them.
func (p *Pages) takeFiles(r *http.Request, code string, nodes []re.Node, f *form.Form) error {
	if r.MultipartForm == nil || !re.HasFiles(nodes) {
		return nil
	}
	for name, list := range r.MultipartForm.File {
		path, ok := strings.CutSuffix(name, re.FileInput(""))
		if !ok || len(list) == 0 || list[0].Size == 0 {
			continue
		}
		content, err := list[0].Open()
		if err != nil {
			return err
		}
		kept, err := p.Service.KeepFile(r.Context(), auth.From(r.Context()), code, list[0].Filename, content)
		_ = content.Close()
		if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid {
			f.Complain(name, e.Code, e.Params)
			continue
		}
		if err != nil {
			return err
		}
		f.Values().Set(path, kept.ID)
	}
	return nil
}

// stepsFor are the items that can be steps of a bundle.
func (p *Pages) stepsFor(query string) []catalogue.Hit {
	if query == "" {
		return nil
	}
	hits := p.Service.Search(query, 30, catalogue.Filter{})
	hits = slices.DeleteFunc(hits, func(h catalogue.Hit) bool { return h.Item.Family == catalogue.Bundled || !h.Item.Orderable() })
	return hits[:min(len(hits), 10)]
}

// showPart gathers what stands beside the inputs.
func (p *Pages) showPart(w http.ResponseWriter, r *http.Request, page deskPage, f *form.Form, status int) error {
	ctx := r.Context()
	shown := page.Definition
	env, err := p.env(ctx, shown)
	if err != nil {
		return err
	}
	if err := p.filesIn(ctx, f, env, page.Part.Nodes); err != nil {
		return err
	}
	page.Faults = errs.FieldsOf(p.Service.Obstacles(ctx, shown))
	page.Findings = p.Service.Findings(shown)
	page.Answers, page.Places = env.answers(ctx), newInputPlaces(env, shown)
	page.Editor = re.Editor{Env: env, Prefix: labels, Nodes: page.Part.Nodes, Form: f, Focus: page.Editor.Focus, Max: catalogue.MaxPaper}
	for _, x := range page.Faults {
		if key, input := locate(shown, x.Name); key == page.Part.Key {
			page.Editor.Marked = append(page.Editor.Marked, input)
		}
	}
	if page.Part.Key == "basics" {
		page.Codes = p.codeLines(ctx, f)
	}
	return view.Render(w, r, status, deskView(page))
}

// filesIn adds the names of files that were uploaded but not saved yet.
func (p *Pages) filesIn(ctx context.Context, f *form.Form, env deskEnv, nodes []re.Node) error {
	if !re.HasFiles(nodes) {
		return nil
	}
	for name, values := range f.Values() {
		if !strings.HasSuffix(name, ".blank") && !strings.HasSuffix(name, ".sample") || len(values) == 0 || values[0] == "" {
			continue
		}
		if _, known := env.files[values[0]]; known {
			continue
		}
		x, err := p.Service.File(ctx, auth.From(ctx), values[0])
		if errors.Is(err, catalogue.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		env.files[x.ID] = x
	}
	return nil
}

// numberOf a part, for its steps.
func (d deskPage) steps() []part { return partsOf(d.Definition) }

func (d deskPage) version() string { return strconv.Itoa(d.Version) }
