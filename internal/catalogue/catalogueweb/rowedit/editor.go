package rowedit

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// Editor shows nodes as inputs.
type Editor struct {
	Env    Env
	Prefix string // of the keys of labels
	Nodes  []Node
	Form   *form.Form
	Focus  string   // path of the row to look at, "" for none
	Marked []string // paths of inputs that something is said about
	Max    int64    // bytes of a file
}

// HasFiles says whether the form has to be sent in parts.
func HasFiles(nodes []Node) bool {
	for _, n := range nodes {
		if n.Kind == File || HasFiles(n.Nodes) {
			return true
		}
	}
	return false
}

// FileInput is the name of the upload of a file that lies at a path.
func FileInput(path string) string { return path + file }

// Pick is the name of the list of conditions at a path.
func Pick(path string) string { return path + pick }

func (e Editor) in(ctx context.Context, n Node, path string) view.In {
	in := view.In{Name: path, Label: Label(ctx, e.Prefix, n), Optional: !n.Required, MaxLength: n.Max, Width: n.Width}
	if n.Hint != "" {
		in.Hint = i18n.T(ctx, n.Hint)
	}
	switch n.Kind {
	case Long, LongText:
		in.Rows = 3
	case Words:
		in.Rows, in.Hint = 4, orText(in.Hint, i18n.T(ctx, "rowedit.words_hint"))
	case Whole, Number:
		in.Inputmode, in.Width = "decimal", orText(in.Width, "xs")
	case Choice:
		in.Options, in.Optional = e.Env.Options(ctx, n.Source), false
		if n.Blank {
			in.Placeholder = i18n.T(ctx, "rowedit.none")
		}
		if v := e.Form.Value(path); v != "" && !offered(in.Options, v) { // what is there stays there
			in.Options = append(in.Options, view.Opt{Value: v, Label: v})
		}
	case Many:
		in.Options = e.Env.Options(ctx, n.Source)
		for _, v := range e.Form.All(path) {
			if !offered(in.Options, v) {
				in.Options = append(in.Options, view.Opt{Value: v, Label: v})
			}
		}
		if len(in.Options) == 0 {
			in.Hint = i18n.T(ctx, "rowedit.no_options")
		}
	case Bool:
		in.Optional = false
	}
	return in
}

func offered(options []view.Opt, v string) bool {
	for _, o := range options {
		if o.Value == v {
			return true
		}
	}
	return false
}

func orText(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// lang is the input of a text in one language.
func (e Editor) lang(ctx context.Context, n Node, path, lang string) view.In {
	in := e.in(ctx, n, path+"."+lang)
	in.Label = i18n.T(ctx, "rowedit.in_lang", "label", in.Label, "lang", i18n.T(ctx, "rowedit.lang."+lang))
	if lang == "en" {
		in.Hint = ""
	}
	return in
}

func (e Editor) spanNumber(ctx context.Context, n Node, path string) view.In {
	in := e.in(ctx, n, path+".n")
	in.Inputmode, in.Width = "numeric", "xs"
	return in
}

func (e Editor) spanUnit(ctx context.Context, n Node, path string) view.In {
	in := view.In{Name: path + ".unit", Label: i18n.T(ctx, "rowedit.unit", "label", Label(ctx, e.Prefix, n)), Width: "sm"}
	for _, u := range Units {
		in.Options = append(in.Options, view.Opt{Value: u, Label: i18n.T(ctx, "catalogue.unit."+u)})
	}
	return in
}

// pickIn is the list of conditions that can be chosen.
func (e Editor) pickIn(ctx context.Context, n Node, path string) view.In {
	in := view.In{Name: path + pick, Label: Label(ctx, e.Prefix, n)}
	in.Options = []view.Opt{{Value: "", Label: i18n.T(ctx, "rowedit.always")}}
	if n.Never != "" {
		in.Options = []view.Opt{{Value: "", Label: i18n.T(ctx, n.Never)}, {Value: "true", Label: i18n.T(ctx, "rowedit.always")}}
	}
	in.Options = append(in.Options, e.Env.Conditions(ctx)...)
	in.Options = append(in.Options, view.Opt{Value: own, Label: i18n.T(ctx, "rowedit.own")})
	return in
}

func (e Editor) whenIn(ctx context.Context, n Node, path string) view.In {
	in := view.In{
		Name: path, Label: i18n.T(ctx, "rowedit.expression", "label", Label(ctx, e.Prefix, n)), Optional: true, MaxLength: 2000,
		Attrs: templ.Attributes{"spellcheck": "false", "autocapitalize": "off"},
	}
	if w := e.Env.ConditionWords(ctx, e.Form.Value(path)); w != "" && e.Form.Value(path) != "" {
		in.Hint = i18n.T(ctx, "rowedit.reads", "words", w)
	}
	return in
}

func (e Editor) fileIn(ctx context.Context, n Node, path string) view.In {
	return view.In{Name: path + file, Label: Label(ctx, e.Prefix, n), Accept: files.AcceptAttribute, MaxBytes: e.Max, Optional: true}
}

// rowTitle of a row as it stands in the form.
func (e Editor) rowTitle(ctx context.Context, n Node, path string, i int) string {
	at := join(path, strconv.Itoa(i))
	row := map[string]any{}
	key := n.Title
	for _, c := range n.Nodes {
		if c.Key != key {
			continue
		}
		if c.Kind == Text || c.Kind == LongText {
			t := map[string]any{"zh": e.Form.Value(join(at, key) + ".zh"), "en": e.Form.Value(join(at, key) + ".en")}
			row[key] = t
			if key == "" {
				row = t
			}
		} else {
			row[key] = e.Form.Value(join(at, key))
		}
	}
	return Title(ctx, e.Env, n, row, i)
}

// open says whether a row stands open: it is looked at, or something in it is wrong.
func (e Editor) open(n Node, row string) bool {
	if n.Flat || e.Focus == row || strings.HasPrefix(e.Focus, row+".") {
		return true
	}
	for _, x := range e.Form.Errors() {
		if strings.HasPrefix(x.Name, row+".") {
			return true
		}
	}
	for _, x := range e.Marked {
		if strings.HasPrefix(x, row+".") {
			return true
		}
	}
	return false
}

// In lists all inputs for the summary of complaints: their labels stand before
// what is said about them.
func (e Editor) In(ctx context.Context) []view.In {
	var out []view.In
	for _, x := range e.Form.Errors() {
		out = append(out, view.In{Name: x.Name, Label: e.Place(ctx, x.Name)})
	}
	return out
}

// Place says in words where an input stands.
func (e Editor) Place(ctx context.Context, name string) string {
	nodes, path := e.Nodes, ""
	var words []string
	parts := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, file), pick), ".")
	for len(parts) > 0 {
		i := -1
		for k, n := range nodes {
			if n.Key == parts[0] || n.Key == "" && (parts[0] == "zh" || parts[0] == "en") {
				i = k
				break
			}
		}
		if i < 0 {
			break
		}
		n := nodes[i]
		words, path, parts = append(words, Label(ctx, e.Prefix, n)), join(path, n.Key), parts[1:]
		if n.Kind == List && len(parts) > 0 {
			row, err := strconv.Atoi(parts[0])
			if err != nil {
				break
			}
			words[len(words)-1] = e.rowTitle(ctx, n, path, row)
			path, parts = join(path, parts[0]), parts[1:]
		}
		nodes = n.Nodes
	}
	return strings.Join(words, " › ")
}

// button is what a button of a row does.
func button(parts ...string) string { return strings.Join(parts, "|") }
