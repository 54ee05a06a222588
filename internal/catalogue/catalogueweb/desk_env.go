package catalogueweb

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/view"
)

// deskEnv is what the editor asks about an item.
type deskEnv struct {
	p     *Pages
	code  string
	full  catalogue.Definition // whose answers conditions read
	files map[string]files.File
}

// env of a definition. A bundle reads the answers of the form that it is put
// together with.
func (p *Pages) env(ctx context.Context, d catalogue.Definition) (deskEnv, error) {
	full, err := catalogue.Resolve(d.Source(), p.Service.Snapshot().Item)
	if err != nil {
		full = d
	}
	names, err := p.Service.FileNames(ctx, d)
	return deskEnv{p: p, code: d.Code, full: full.WithDefaults(), files: names}, err
}

// named makes options of values whose texts share a prefix.
func named(ctx context.Context, prefix string, values ...string) []view.Opt {
	out := make([]view.Opt, len(values))
	for i, v := range values {
		out[i] = view.Opt{Value: v, Label: i18n.T(ctx, prefix+v)}
	}
	return out
}

// sources are the options that do not depend on the installation.
var sources = map[string]struct {
	prefix string
	values []string
}{
	"families":        {"catalogue.family.", []string{"administrative", "science_service", "bundle"}},
	"types":           {"catalogue.type.", []string{"01", "05", "07", "08", "09", "10", "20", "21"}},
	"levels":          {"catalogue.level_of.", []string{"province", "city", "county", "town"}},
	"audiences":       {"catalogue.audience.", []string{"enterprise", "person"}},
	"kinds":           {"catalogue.asks.", []string{"apply", "lookup"}},
	"actions":         {"catalogue.action.", []string{"new", "change", "renew", "cancel", "replace", "other"}},
	"case_types":      {"catalogue.case_type.", []string{"promised", "instant"}},
	"channels":        {"catalogue.channel.", []string{"online", "window", "post"}},
	"needs":           {"catalogue.need.", []string{"required", "optional", "tolerated"}},
	"material_kinds":  {"catalogue.material_kind.", []string{"document", "certificate", "form"}},
	"media":           {"catalogue.medium_of.", []string{"electronic", "paper", "both"}},
	"lates":           {"catalogue.late_of.", []string{"lapse", "refuse"}},
	"sources":         {"catalogue.source_of.", []string{"applicant", "authority", "other"}},
	"roles":           {"role.", []string{"handler", "approver"}},
	"task_kinds":      {"flow.kind.", []string{"review", "joint", "countersign", "opinion", "inspection", "publicity"}},
	"uncounted":       {"cases.pause.", catalogue.Uncounted},
	"supplement_ends": {"flow.supplement.", []string{"withdrawn", "refused"}},
	"field_types":     {"catalogue.field_type.", fieldTypes()},
	"trust":           {"catalogue.trust.", []string{"all", "good"}},
	"groups":          {"catalogue.theme_group.", []string{"business", "person"}},
}

// Options of a source.
func (e deskEnv) Options(ctx context.Context, source string) []view.Opt {
	if s, ok := sources[source]; ok {
		return named(ctx, s.prefix, s.values...)
	}
	var out []view.Opt
	add := func(value string, label i18n.Text) {
		out = append(out, view.Opt{Value: value, Label: label.For(ctx)})
	}
	dir := e.p.Identity.Directory()
	switch source {
	case "departments":
		for _, d := range dir.Departments {
			add(d.ID, d.Name)
		}
	case "groups":
		for _, g := range dir.Groups {
			if !g.Closed {
				d := dir.Department(g.DepartmentID).Name
				add(g.ID, i18n.Text{ZH: d.ZH + " " + g.Name.ZH, EN: d.In(i18n.English) + ", " + g.Name.In(i18n.English)})
			}
		}
	case "regions":
		for _, r := range dir.Regions {
			add(r.Code, r.Name)
		}
	case "halls":
		for _, h := range dir.Halls {
			add(h.ID, h.Name)
		}
	case "certificates":
		for _, t := range dir.CertificateTypes() {
			add(t.Key, t.Name)
		}
	case "shelves":
		for _, s := range e.p.Service.Shelves() {
			add(s.Key, s.Name)
		}
	case "themes":
		for _, t := range e.p.Service.Snapshot().Themes() {
			add(t.Key, t.Name)
		}
	case "prefills":
		out = append(named(ctx, "catalogue.prefill.", catalogue.PrefillNames...), e.prefills(ctx)...)
	case "row_prefills":
		out = e.rowPrefills(ctx)
	case "form_fields":
		out = e.formFields(ctx)
	case "procedures":
		if e.p.Service.Ports.Procedures != nil {
			for _, kind := range e.p.Service.Ports.Procedures() {
				out = append(out, view.Opt{Value: kind, Label: i18n.T(ctx, "catalogue.procedure."+kind)})
			}
		}
	case "icons":
		for _, icon := range eventIcons {
			out = append(out, view.Opt{Value: icon, Label: i18n.T(ctx, "catalogue.icon."+icon)})
		}
	}
	return out
}

// Conditions that one answer makes true.
func (e deskEnv) Conditions(ctx context.Context) []view.Opt {
	var out []view.Opt
	add := func(expression string) {
		out = append(out, view.Opt{Value: expression, Label: e.ConditionWords(ctx, expression)})
	}
	for _, s := range e.full.Form.Sections {
		if s.Repeat != nil { // its answers are a list
			continue
		}
		for _, f := range s.Fields {
			switch f.Type {
			case catalogue.FieldYesNo:
				add("answers." + f.ID + " == 'yes'")
				add("answers." + f.ID + " == 'no'")
			case catalogue.FieldChoice:
				for _, o := range f.Options {
					add("answers." + f.ID + " == '" + o.Value + "'")
				}
			case catalogue.FieldMulti:
				for _, o := range f.Options {
					add("'" + o.Value + "' in answers." + f.ID)
				}
			}
		}
	}
	return out
}

func (e deskEnv) knows(expression string) bool {
	return expression == "true" || slices.ContainsFunc(e.Conditions(context.Background()), func(o view.Opt) bool { return o.Value == expression })
}

// ConditionWords says a condition in words.
func (e deskEnv) ConditionWords(ctx context.Context, expression string) string {
	if expression == "" || expression == "true" {
		return i18n.T(ctx, "rowedit.always")
	}
	return plainWhen(ctx, e.full, expression)
}

// plainWhen says on what answers something depends; "" when it is more than
// comparisons joined by one word.
func plainWhen(ctx context.Context, d catalogue.Definition, when string) string {
	for sep, key := range map[string]string{" || ": "catalogue.when.or", " && ": "catalogue.when.and"} {
		found := strings.Split(when, sep)
		if len(found) < 2 {
			continue
		}
		words := make([]string, len(found))
		for i, one := range found {
			if words[i] = oneWhen(ctx, d, one); words[i] == "" {
				return ""
			}
		}
		return strings.Join(words, i18n.T(ctx, key))
	}
	return oneWhen(ctx, d, when)
}

// FileLink of a blank or sample.
func (e deskEnv) FileLink(id string) view.Link {
	f, ok := e.files[id]
	if !ok {
		return view.Link{}
	}
	return view.Link{Href: "/admin/items/" + e.code + "/files/" + id, Text: f.Name}
}

// RowWords says which item a step of a bundle, or of a life event, is.
func (e deskEnv) RowWords(ctx context.Context, list, title string) string {
	if list != "items" {
		return ""
	}
	it, err := e.p.Service.Item(title)
	if err != nil {
		return ""
	}
	return title + " " + it.Name.For(ctx)
}

// answer is a field whose answer conditions can read.
type answer struct {
	ID, Label, Type string
	Values          []view.Opt
	Example         string
}

// answers lists what conditions can read, with an example of each.
func (e deskEnv) answers(ctx context.Context) []answer {
	var out []answer
	for _, s := range e.full.Form.Sections {
		if s.Repeat != nil {
			out = append(out, rowsAnswer(ctx, s)...)
			continue
		}
		for _, f := range s.Fields {
			a := answer{ID: f.ID, Label: f.Label.For(ctx), Type: i18n.T(ctx, "catalogue.field_type."+string(f.Type))}
			switch f.Type {
			case catalogue.FieldYesNo:
				a.Values = named(ctx, "catalogue.answer.", "yes", "no")
				a.Example = "answers." + f.ID + " == 'yes'"
			case catalogue.FieldChoice, catalogue.FieldMulti:
				for _, o := range f.Options {
					a.Values = append(a.Values, view.Opt{Value: o.Value, Label: o.Label.For(ctx)})
				}
				if len(f.Options) > 0 {
					a.Example = "answers." + f.ID + " == '" + f.Options[0].Value + "'"
					if f.Type == catalogue.FieldMulti {
						a.Example = "'" + f.Options[0].Value + "' in answers." + f.ID
					}
				}
			case catalogue.FieldNumber, catalogue.FieldMoney, catalogue.FieldPercent:
				n := 100.0
				if f.Max != nil {
					n = min(n, *f.Max/2)
				}
				a.Example = "answers." + f.ID + " > " + strconv.FormatFloat(n, 'f', -1, 64)
			default:
				continue
			}
			out = append(out, a)
		}
	}
	return out
}
