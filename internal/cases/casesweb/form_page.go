package casesweb

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// formPage is a form in hand as it is shown.
type formPage struct {
	cases.Form
	base     string
	f        *form.Form // values as typed, and the complaints
	max      int64      // bytes of one file
	check    bool       // everything missing is marked
	conflict bool       // somebody saved in between; what is shown is not saved
	rejected bool       // a file was refused: the complaint is told on top too
	opens    map[string]bool
	saver    string         // name of the copy kept in the browser, "" for none
	today    string         // the day that conditions in rows see
	apart    []forms.Typing // what was saved meanwhile is other than what is typed here
	rowAt    string         // row of a repeating section, to go on with
}

// savedAt is when what the page shows was saved; zero when it is not.
func (d formPage) savedAt() time.Time {
	if d.conflict {
		return time.Time{}
	}
	return d.Buffer.SavedAt
}

// path below the case.
func (d formPage) path(below ...string) string { return casePath(d.base, d.Case.ID, below...) }

// page readies a form for showing. Complaints about what is not filled in yet
// show only once the person has asked for the check.
func (p formPages) page(r *http.Request, x cases.Form, check bool) formPage {
	values := url.Values{"collect": {string(x.Case.Collect)}}
	for field, typed := range x.Buffer.Typed {
		values[field] = typed
	}
	d := formPage{Form: x, base: p.base, f: form.FromValues(values), max: p.MaxUpload, check: check, opens: opens(x.Item), today: p.today()}
	for _, b := range x.Bad {
		if check || !slices.Contains(unfinished, b.Code) {
			d.f.Complain(b.Name, b.Code, b.Params)
		}
	}
	if check {
		for _, m := range x.Materials {
			if m.How == cases.Missing {
				name, code := m.Complaint()
				d.f.Complain(name, code, map[string]any{"material": m.Material.Name})
			}
		}
	}
	if p.base == my { // at a window nothing stays in the browser
		d.saver = "case:" + auth.From(r.Context()).ID + ":" + string(x.Case.ID)
	}
	return d
}

// unfinished are the complaints that a form gives rise to while it is being
// filled in; they are told when the person asks for the check.
var unfinished = []string{"cases.field.required", "cases.field.rows_few", "cases.field.rule", "cases.field.waits", "cases.field.division", "cases.field.detail"}

// materialField is the name under which a material is complained about.
func materialField(key string) string { return "material." + key }

var answersOf = regexp.MustCompile(`answers\.([A-Za-z_][A-Za-z0-9_]*)`)

// show shows the form.
func (p formPages) show(w http.ResponseWriter, r *http.Request) error {
	x, err := p.Service.Form(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")))
	if errors.Is(err, cases.ErrState) { // submitted meanwhile: its page says how it stands
		return httpx.SeeOther(w, r, casePath(p.base, cases.ID(r.PathValue("id"))))
	}
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, formView(p.page(r, x, r.FormValue("check") != "")))
}

// save keeps what is typed and goes on to where the pressed button leads.
func (p formPages) save(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	at, err := p.editRows(r, f)
	if err != nil {
		return err
	}
	id := cases.ID(r.PathValue("id"))
	done, err := p.keep(w, r, f)
	if errors.Is(err, cases.ErrState) { // submitted meanwhile in another tab: its page says how it stands
		p.Sessions.Flash(r.Context(), "autosave.submitted")
		return httpx.SeeOther(w, r, casePath(p.base, id))
	}
	if err != nil || done {
		return err
	}
	if at != "" {
		return httpx.SeeOther(w, r, casePath(p.base, id, "form")+"#"+at)
	}
	switch f.Value("go") {
	case "seen":
		if err := p.Service.DropAside(r.Context(), auth.From(r.Context()), id); err != nil {
			return err
		}
		return httpx.SeeOther(w, r, casePath(p.base, id, "form"))
	case "review":
		return httpx.SeeOther(w, r, casePath(p.base, id, "review"))
	case "update":
		return httpx.SeeOther(w, r, casePath(p.base, id, "form")+"#"+sectionID(f.Value("at")))
	default:
		p.Sessions.Flash(r.Context(), "cases.form.saved")
		return httpx.SeeOther(w, r, casePath(p.base, id, "form"))
	}
}

// keep saves what came with a form. When somebody saved in between it answers
// with the page again, everything typed still in it, and says that it is done.
func (p formPages) keep(w http.ResponseWriter, r *http.Request, f *form.Form) (done bool, err error) {
	if !f.Values().Has("rev") { // an upload by script carries its file only
		return false, nil
	}
	ctx, actor, id := r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id"))
	_, err = p.Service.SaveTyped(ctx, actor, id, int(f.Int("rev", 0, 1<<31, true)), f.Values())
	if !errors.Is(err, cases.ErrTyped) {
		return false, err
	}
	x, err := p.Service.FormWith(ctx, actor, id, f.Values())
	if err != nil {
		return true, err
	}
	saved, err := p.Service.Form(ctx, actor, id)
	if err != nil {
		return true, err
	}
	d := p.page(r, x, false)
	d.conflict, d.apart = true, forms.Apart(x.Item, saved.Buffer.Typed, x.Buffer.Typed)
	return true, view.Render(w, r, http.StatusConflict, formView(d))
}

// part is the form as the answers open it, for a page with script. It saves nothing.
func (p formPages) part(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if _, err := p.editRows(r, f); err != nil {
		return err
	}
	x, err := p.Service.FormWith(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), f.Values())
	if err != nil {
		return err
	}
	d := p.page(r, x, false)
	d.rowAt = f.Value("row")
	return view.Render(w, r, http.StatusOK, formPart(d))
}

// editRows changes the rows of what was posted as the pressed button says, and
// tells where to go on.
func (p formPages) editRows(r *http.Request, f *form.Form) (at string, err error) {
	e, ok := forms.ParseEdit(f.Value("go"))
	if !ok {
		return "", nil
	}
	item, err := p.Service.FormItem(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")))
	if err != nil {
		return "", err
	}
	return changeRows(item, f, e), nil
}

// changeRows does it to the values of a form.
func changeRows(item *catalogue.Item, f *form.Form, e forms.Edit) (at string) {
	values := f.Values()
	next, row := e.Apply(item, cases.Typed(values))
	for name := range values {
		if _, stays := next[name]; !stays {
			values.Del(name)
		}
	}
	for name, v := range next {
		values[name] = v
	}
	if row == "" {
		return sectionID(e.Group)
	}
	values.Set("row", row)
	return rowAnchor(e.Group, row)
}

// autosave keeps what is typed and tells the script its new revision.
func (p formPages) autosave(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor, id := r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id"))
	b, err := p.Service.SaveTyped(ctx, actor, id, int(f.Int("rev", 0, 1<<31, true)), f.Values())
	if err != nil {
		return err
	}
	item, err := p.Service.FormItem(ctx, actor, id)
	if err != nil {
		return err
	}
	answers, _ := cases.Answers(item, b.Typed, p.today())
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(struct {
		Rev      int               `json:"rev"`
		SavedAt  string            `json:"savedAt"`
		Computed map[string]string `json:"computed,omitempty"`
	}{b.Rev, b.SavedAt.UTC().Format(time.RFC3339), allComputed(ctx, item, b.Typed, answers)})
}

// ---- fields ----

// in describes the input of a field.
func (d formPage) in(ctx context.Context, f catalogue.Field, name string) view.In {
	in := view.In{Name: name, Label: f.Label.For(ctx), Hint: d.hint(ctx, f, name), Optional: !f.Required}
	typedIn(ctx, f, &in)
	if d.many(f) {
		in.Placeholder = i18n.T(ctx, "cases.form.choose")
	}
	if d.opens[openKey(name)] && d.Case.ID != "" {
		in.Attrs = templ.Attributes{"hx-post": d.path("form", "part"), "hx-trigger": "change"}
	}
	return in
}

// typedIn shapes the input of a field by its type.
func typedIn(ctx context.Context, f catalogue.Field, in *view.In) {
	switch f.Type {
	case catalogue.FieldNumber:
		in.Inputmode, in.Width, in.Autocomplete = "decimal", "sm", "off"
	case catalogue.FieldMoney:
		in.Inputmode, in.Width, in.Suffix, in.Autocomplete = "decimal", "md", i18n.T(ctx, "cases.form.yuan"), "off"
	case catalogue.FieldPercent:
		in.Inputmode, in.Width, in.Suffix, in.Autocomplete = "decimal", "sm", "%", "off"
	case catalogue.FieldBankAccount:
		in.Inputmode, in.Width, in.Autocomplete = "numeric", "md", "off"
	case catalogue.FieldDate:
		in.Type, in.Width = "date", "sm"
	case catalogue.FieldUSCC, catalogue.FieldIDCard:
		in.Width, in.Autocomplete = "md", "off"
	case catalogue.FieldPhone:
		in.Type, in.Width, in.Autocomplete = "tel", "md", "tel"
	case catalogue.FieldEmail:
		in.Type, in.Width, in.Autocomplete = "email", "md", "email"
	case catalogue.FieldYesNo:
		in.Options = []view.Opt{{Value: "yes", Label: i18n.T(ctx, "cases.form.yes")}, {Value: "no", Label: i18n.T(ctx, "cases.form.no")}}
	case catalogue.FieldTextarea:
		if f.Max != nil && *f.Max <= 200 {
			in.Rows = 2
		}
	}
	for _, o := range f.Options {
		in.Options = append(in.Options, view.Opt{Value: o.Value, Label: o.Label.For(ctx)})
	}
}

// many says that a choice is shown as a list to unfold.
func (d formPage) many(f catalogue.Field) bool {
	return f.Type == catalogue.FieldChoice && len(f.Options) > 6
}

// hint is what is asked for here, what the field wants, and where its value
// came from, in this order.
func (d formPage) hint(ctx context.Context, f catalogue.Field, name string) string {
	var parts []string
	if why := d.asked("field", name); why != "" {
		parts = append(parts, sentence(ctx, i18n.T(ctx, "cases.form.asked", "reason", why)))
	}
	if h := f.Hint.For(ctx); h != "" {
		parts = append(parts, sentence(ctx, h))
	}
	return sentences(ctx, append(parts, d.from(ctx, name)...))
}

// sentence ends a hint with a full stop, since another may follow.
func sentence(ctx context.Context, s string) string {
	if strings.HasSuffix(s, "。") || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "！") {
		return s
	}
	return s + stop(ctx, "。", ".")
}

// sentences puts whole sentences one after the other.
func sentences(ctx context.Context, parts []string) string {
	return strings.Join(parts, stop(ctx, "", " "))
}

// stop is a punctuation mark of the reader's language.
func stop(ctx context.Context, zh, en string) string {
	return i18n.Text{ZH: zh, EN: en}.For(ctx)
}

// word is the key of a text that speaks of the applicant at a window.
func (d formPage) word(key string) string {
	if d.base == work {
		return key + "_window"
	}
	return key
}

// asked is why the applicant was asked for a field or material, "" if not.
func (d formPage) asked(kind, key string) string {
	if d.Request == nil {
		return ""
	}
	for _, x := range d.Request.Points {
		if x.Kind == kind && x.Key == key {
			return x.Reason
		}
	}
	return ""
}

// shown says whether the answers open the field.
func (d formPage) shown(f catalogue.Field) bool { return cases.Opens(f, d.Answers) }

// empty says that no field of the section is open.
func (d formPage) empty(s catalogue.Section) bool {
	if s.Repeat != nil {
		return !forms.OpensGroup(s, d.Answers)
	}
	for _, f := range s.Fields {
		if d.shown(f) {
			return false
		}
	}
	return true
}

// steers says whether a field of the section opens others.
func (d formPage) steers(s catalogue.Section) bool {
	for _, f := range s.Fields {
		if d.opens[f.ID] && s.Repeat == nil || s.Repeat != nil && d.opens[s.Key+"."+f.ID] {
			return true
		}
	}
	return false
}

// groupHint is what is asked for in a repeating section, and how many rows it takes.
func (d formPage) groupHint(ctx context.Context, s catalogue.Section) string {
	var parts []string
	if why := d.asked("field", s.Key); why != "" {
		parts = append(parts, sentence(ctx, i18n.T(ctx, "cases.form.asked", "reason", why)))
	}
	return sentences(ctx, append(append(parts, howMany(ctx, s)), d.from(ctx, s.Key)...))
}

// rowFocus takes the focus to the row that was just added.
func (d formPage) rowFocus(row string) templ.Attributes {
	if d.rowAt != row {
		return nil
	}
	return templ.Attributes{"data-focus": true}
}

// partPath is where the script gets the form as other answers open it.
func (d formPage) partPath() string {
	if d.Case.ID == "" {
		return ""
	}
	return d.path("form", "part")
}

// today is the day that formulas see.
func (p *Pages) today() string { return workday.DateOf(p.Clock.Now()).String() }

func sectionID(key string) string { return "section-" + key }

// collects are the ways to take the result.
func collects(ctx context.Context) view.In {
	in := view.In{Name: "collect", Label: i18n.T(ctx, "cases.form.collect")}
	for _, c := range []cases.Collect{cases.Electronic, cases.AtWindow, cases.ByPost} {
		in.Options = append(in.Options, view.Opt{Value: string(c), Label: i18n.T(ctx, "cases.collect."+string(c)), Hint: i18n.T(ctx, "cases.collect_hint."+string(c))})
	}
	return in
}

// fileIn is the input for the files of a material.
func (d formPage) fileIn(ctx context.Context, m cases.MaterialState) view.In {
	label := i18n.T(ctx, "cases.form.choose_file")
	if len(m.Files) > 0 {
		label = i18n.T(ctx, "cases.form.more_files")
	}
	return view.In{Name: materialField(m.Key), Label: label, Accept: files.AcceptAttribute, MaxBytes: d.max, Attrs: templ.Attributes{"multiple": true}}
}

// ins names the inputs for the summary of complaints.
func (d formPage) ins(ctx context.Context) []view.In {
	var out []view.In
	for _, b := range d.f.Errors() {
		if label := labelOf(ctx, d.Item, d.Buffer.Typed, b.Name); label != "" {
			out = append(out, view.In{Name: b.Name, Label: label})
		}
	}
	for _, m := range d.Materials {
		out = append(out, view.In{Name: materialField(m.Key), Label: m.Material.Name.For(ctx)}, view.In{Name: commitField(m.Key), Label: m.Material.Name.For(ctx)}, view.In{Name: untilField(m.Key), Label: m.Material.Name.For(ctx)})
	}
	return out
}

// dropPath is where a draft is thrown away.
func (d formPage) dropPath() string {
	if d.base == work {
		return d.path("do", string(cases.CmdWithdraw))
	}
	return d.path("withdraw")
}
