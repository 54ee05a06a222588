package catalogueweb

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// locate finds where something that Validate or Lint complains about is edited:
// the part and the name of its input.
func locate(d catalogue.Definition, where string) (key, input string) {
	path := inputPath(d, where)
	first, _, _ := strings.Cut(path, ".")
	for _, p := range parts {
		if slices.ContainsFunc(p.Nodes, func(n re.Node) bool { return n.Key == first }) {
			return p.Key, leaf(p.Nodes, path)
		}
	}
	return "basics", ""
}

// places says where things are edited, in words and as links.
type inputPlaces struct {
	env    deskEnv
	d      catalogue.Definition
	editor re.Editor
}

func newInputPlaces(env deskEnv, d catalogue.Definition) inputPlaces {
	p := inputPlaces{env: env, d: d, editor: re.Editor{Env: env, Prefix: labels, Nodes: allNodes(d), Form: form.New()}}
	if tree, err := re.Tree(d); err == nil { // what JSON wrote it reads
		p.editor.Form = form.FromValues(re.Values(p.editor.Nodes, tree, func(string) bool { return true }))
	}
	return p
}

// href leads to the input where something is edited.
func (p inputPlaces) href(where string) string {
	key, input := locate(p.d, where)
	href := deskPath(p.d.Code, key)
	if input != "" {
		href += "#" + view.FieldID(input)
	}
	return href
}

// words name the input and what it belongs to.
func (p inputPlaces) words(ctx context.Context, where string) string {
	_, input := locate(p.d, where)
	if w := p.editor.Place(ctx, input); w != "" {
		return w
	}
	return where
}

// leaf completes a path to an input that there is: a text begins with its
// Chinese, a limit with its number, a list with itself.
func leaf(nodes []re.Node, path string) string {
	segments, at := strings.Split(path, "."), nodes
	for i := 0; i < len(segments); i++ {
		k := slices.IndexFunc(at, func(n re.Node) bool { return n.Key == segments[i] })
		if k < 0 {
			flat := slices.ContainsFunc(at, func(n re.Node) bool { return n.Key == "" })
			if flat {
				return strings.Join(segments[:i], ".") + ".zh"
			}
			return strings.Join(segments[:i], ".")
		}
		n, last := at[k], i == len(segments)-1
		switch n.Kind {
		case re.Text, re.LongText:
			return strings.Join(segments[:i+1], ".") + ".zh"
		case re.Span:
			return strings.Join(segments[:i+1], ".") + ".n"
		case re.List:
			if last {
				return path
			}
			i++
			if i == len(segments)-1 { // a whole row: its first input
				path += "." + n.Nodes[0].Key
				if n.Nodes[0].Key == "" {
					return strings.Join(segments, ".") + ".zh"
				}
				segments = strings.Split(path, ".")
			}
			at = n.Nodes
		case re.Group:
			if last {
				return leaf(nodes, path+"."+n.Nodes[0].Key)
			}
			at = n.Nodes
		default:
			return strings.Join(segments[:i+1], ".")
		}
	}
	return path
}

// inputPath turns the place of a complaint, which names rows by their key or
// counts from one, into a path of the editor, which counts from zero.
func inputPath(d catalogue.Definition, where string) string {
	s := strings.Split(where, ".")
	at := func(i int) string {
		if i < len(s) {
			return s[i]
		}
		return ""
	}
	rest := func(from int) string {
		if from >= len(s) {
			return ""
		}
		return "." + strings.Join(s[from:], ".")
	}
	number := func(i int) string {
		n, err := strconv.Atoi(at(i))
		if err != nil || n < 1 {
			return "0"
		}
		return strconv.Itoa(n - 1)
	}
	switch s[0] {
	case "materials":
		i := slices.IndexFunc(d.Materials, func(m catalogue.Material) bool { return m.Key == at(1) })
		if i < 0 {
			return "materials"
		}
		return "materials." + strconv.Itoa(i) + rest(2)
	case "conditions", "legal_basis", "faq":
		if len(s) == 1 {
			return s[0]
		}
		return s[0] + "." + number(1) + rest(2)
	case "fee", "offer":
		if len(s) > 2 && (s[1] == "cases" || s[1] == "qualifications") {
			return s[0] + "." + s[1] + "." + number(2) + rest(3)
		}
	case "checks":
		return "form.checks." + number(1) + rest(2)
	case "form":
		return formPath(d, s)
	case "flow":
		return flowPath(d, s)
	case "bundle":
		return bundlePath(d, s)
	}
	return where
}

func formPath(d catalogue.Definition, s []string) string {
	if len(s) < 2 {
		return "form.sections"
	}
	tail := ""
	if len(s) > 2 {
		tail = "." + s[2]
	}
	field := func(base string, fields []catalogue.Field, s []string) string {
		for i, f := range fields {
			if f.ID != s[1] {
				continue
			}
			at := base + "." + strconv.Itoa(i)
			if len(s) > 3 && s[2] == "options" {
				k := slices.IndexFunc(f.Options, func(o catalogue.Option) bool { return o.Value == s[3] })
				return at + ".options." + strconv.Itoa(max(k, 0)) + ".label"
			}
			if len(s) > 2 {
				return at + "." + s[2]
			}
			return at
		}
		return ""
	}
	if p := field("situation", d.Situation, s); p != "" {
		return p
	}
	for i, section := range d.Form.Sections {
		base := "form.sections." + strconv.Itoa(i)
		if section.Key == s[1] {
			switch {
			case len(s) > 3 && s[2] == "repeat":
				return base + ".repeat." + s[3]
			case len(s) > 4 && s[2] == "checks":
				n, _ := strconv.Atoi(s[3])
				return base + ".checks." + strconv.Itoa(max(n-1, 0)) + "." + s[4]
			case section.Repeat != nil && len(s) > 2:
				if p := field(base+".fields", section.Fields, s[1:]); p != "" {
					return p
				}
			}
			return base + tail
		}
		if section.Repeat == nil {
			if p := field(base+".fields", section.Fields, s); p != "" {
				return p
			}
		}
	}
	return "form.sections"
}

func flowPath(d catalogue.Definition, s []string) string {
	if len(s) < 2 {
		return "flow.stages"
	}
	if s[1] == "automatic" {
		return "flow.automatic"
	}
	for i, stage := range d.Flow.Stages {
		if stage.Key != s[1] {
			continue
		}
		base := "flow.stages." + strconv.Itoa(i)
		if len(s) < 3 {
			return base
		}
		for k, t := range stage.Tasks {
			if t.Key == s[2] {
				return base + ".tasks." + strconv.Itoa(k) + tailOf(s, 3)
			}
		}
		if s[2] == "decides" || s[2] == "tasks" {
			return base + ".tasks"
		}
		return base + "." + s[2]
	}
	return "flow.stages"
}

func bundlePath(d catalogue.Definition, s []string) string {
	if len(s) > 1 && s[1] == "same" {
		return "bundle.same"
	}
	if d.Bundle == nil || len(s) < 2 {
		return "bundle.groups"
	}
	for i, g := range d.Bundle.Groups {
		base := "bundle.groups." + strconv.Itoa(i)
		if g.Key == s[1] && (len(s) < 3 || s[2] == "name") {
			return base + ".name"
		}
		for k, step := range g.Items {
			if step.Item == s[1] {
				return base + ".items." + strconv.Itoa(k) + ".item"
			}
			if g.Key == s[1] && len(s) > 2 && step.Item == s[2] {
				return base + ".items." + strconv.Itoa(k) + tailOf(s, 3)
			}
		}
	}
	return "bundle.groups"
}

func tailOf(s []string, from int) string {
	if from >= len(s) {
		return ""
	}
	return "." + strings.Join(s[from:], ".")
}
