package catalogueweb

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/catalogue"
	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/form"
)

// notEdited are what Resolve fills in, and what the editor never changes.
var notEdited = map[string]bool{
	"code": true, "situation.formula": true, "bundle.cart": true, "bundle.groups.items.version_id": true, "bundle.groups.items.name": true,
	"bundle.groups.items.fields": true, "bundle.groups.items.materials": true,
}

// keysOf lists the places of a type as JSON writes them.
func keysOf(t reflect.Type, path string, out map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.Name() == "Text" && t.PkgPath() != "" || t.Name() == "Limit" {
		out[path] = true
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		at := path
		if f.Anonymous && name == "" {
			out[path] = true // a text that lies flat
			continue
		}
		if name == "-" || !f.IsExported() {
			continue
		}
		if at != "" {
			at += "."
		}
		keysOf(f.Type, at+name, out)
	}
}

func nodePaths(nodes []re.Node, path string, out map[string]bool) {
	for _, n := range nodes {
		at := path
		if n.Key != "" {
			if at != "" {
				at += "."
			}
			at += n.Key
		}
		if n.Kind == re.Group || n.Kind == re.List {
			nodePaths(n.Nodes, at, out)
		} else {
			out[at] = true
		}
	}
}

// TestEverythingCanBeEdited: each field of a Definition has an input in one of
// the parts, and each input a field.
func TestEverythingCanBeEdited(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		of    any
		nodes []re.Node
		but   map[string]bool
	}{
		"an item": {catalogue.Definition{}, func() (all []re.Node) {
			for _, p := range parts {
				all = append(all, p.Nodes...)
			}
			return all
		}(), notEdited},
		"a life event": {catalogue.LifeEvent{}, eventNodes, map[string]bool{"questions.formula": true}},
		"the themes":   {allThemes{}, themeNodes, nil},
	} {
		fields, inputs := map[string]bool{}, map[string]bool{}
		keysOf(reflect.TypeOf(tt.of), "", fields)
		nodePaths(tt.nodes, "", inputs)
		for f := range fields {
			if !inputs[f] && !tt.but[f] && !strings.HasPrefix(f, "bundle.written.") {
				t.Errorf("%s: %s cannot be edited", what, f)
			}
		}
		for i := range inputs {
			if !fields[i] {
				t.Errorf("%s: %s edits nothing", what, i)
			}
		}
	}
}

// TestNothingIsLost: every item of the demonstration comes out of its forms as
// it went in.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range z.Items {
		d = d.Source()
		tree, err := re.Tree(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range partsOf(d) {
			for _, known := range []bool{true, false} { // conditions chosen and written
				f := form.FromValues(re.Values(p.Nodes, tree, func(string) bool { return known }))
				re.Read(p.Nodes, f, tree)
				if !f.OK() {
					t.Fatalf("%s %s: %+v", d.Code, p.Key, f.Errors())
				}
			}
		}
		var after catalogue.Definition
		if err := re.Into(tree, &after); err != nil {
			t.Fatal(err)
		}
		if a, b := db.ToJSON(d), db.ToJSON(after); a != b {
			t.Errorf("%s:\n%s\n%s", d.Code, a, b)
		}
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	d := catalogue.Definition{
		Materials: []catalogue.Material{{Key: "a"}, {Key: "b"}},
		Situation: []catalogue.Field{{ID: "canteen"}},
		Form:      catalogue.Form{Sections: []catalogue.Section{{Key: "one", Fields: []catalogue.Field{{ID: "x"}, {ID: "y", Options: []catalogue.Option{{Value: "k"}, {Value: "l"}}}}}, {Key: "two", Repeat: &catalogue.Repeat{}, Fields: []catalogue.Field{{ID: "y"}, {ID: "z"}}}}},
		Flow:      catalogue.Flow{Stages: []catalogue.Stage{{Key: "s", Tasks: []catalogue.Task{{Key: "t"}}}}},
		Bundle:    &catalogue.Bundle{Groups: []catalogue.Group{{Key: "g", Items: []catalogue.Step{{Item: "KJ-1"}}}}},
	}
	for where, want := range map[string]string{
		"name":                         "basics name.zh",
		"base_code":                    "basics base_code",
		"promised":                     "time promised.n",
		"materials.b.when":             "materials materials.1.when",
		"materials.b.name":             "materials materials.1.name.zh",
		"conditions.2":                 "basis conditions.1.zh",
		"conditions.1.when":            "basis conditions.0.when",
		"legal_basis":                  "basis legal_basis",
		"faq.1.a":                      "basis faq.0.a.zh",
		"fee.cases.2":                  "fee fee.cases.1.standard.zh",
		"fee.basis":                    "fee fee.basis.zh",
		"form.canteen.label":           "questions situation.0.label.zh",
		"form.y.when":                  "form form.sections.0.fields.1.when",
		"form.y.options.l":             "form form.sections.0.fields.1.options.1.label",
		"form.one.title":               "form form.sections.0.title.zh",
		"form.two.z.formula":           "form form.sections.1.fields.1.formula",
		"form.two.y.label":             "form form.sections.1.fields.0.label.zh",
		"form.two.repeat.max":          "form form.sections.1.repeat.max",
		"form.two.checks.2.rule":       "form form.sections.1.checks.1.rule",
		"form.two.title":               "form form.sections.1.title.zh",
		"checks.1.message":             "form form.checks.0.message.zh",
		"form.one.fields":              "form form.sections.0.fields",
		"flow.s.t.department":          "flow flow.stages.0.tasks.0.department",
		"flow.s.t.limit":               "flow flow.stages.0.tasks.0.limit.n",
		"flow.s.decides":               "flow flow.stages.0.tasks",
		"flow.automatic":               "flow flow.automatic",
		"flow":                         "flow flow.stages",
		"bundle.KJ-1":                  "bundle bundle.groups.0.items.0.item",
		"bundle.g.KJ-1.when":           "bundle bundle.groups.0.items.0.when",
		"result.sample":                "result result.sample",
		"decision.deny":                "result decision.deny.zh",
		"offer.qualifications.1.until": "offer offer.qualifications.0.until",
	} {
		key, input := locate(d, where)
		if got := key + " " + input; got != want && !(strings.HasSuffix(got, ".zh") && strings.TrimSuffix(got, ".zh") == want) {
			t.Errorf("%s is at %q, want %q", where, got, want)
		}
	}
}
