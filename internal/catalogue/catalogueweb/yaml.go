package catalogueweb

import (
	"bytes"
	"context"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

// yamlFault is something in a text that is no definition, with the line it is in.
type yamlFault struct {
	yamlx.Fault
	Code   string // of a complaint by Validate, about the place that Key names
	Params map[string]any
}

// words of the fault in the reader's language.
func (f yamlFault) words(ctx context.Context) string {
	if f.Code != "" {
		return i18n.T(ctx, "catalogue.yaml.at", "place", f.Key, "text", i18n.T(ctx, "error."+f.Code, i18n.Map(f.Params)...))
	}
	return i18n.T(ctx, "catalogue.yaml."+f.Key, "value", f.Value)
}

// toYAML writes a definition as administrators edit it: in the order of the
// fields, without what is empty.
func toYAML(d any) string {
	var n yaml.Node
	if n.Encode(d) != nil { // a struct of texts and numbers always encodes
		return ""
	}
	prune(&n)
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	_ = e.Encode(&n) // a buffer takes everything
	_ = e.Close()
	return b.String()
}

// telling are the keys whose zero says something.
var telling = []string{"trips", "popularity", "charged", "min", "max"}

// prune drops empty values from a mapping, the innermost first; it says
// whether anything is left.
func prune(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.MappingNode:
		kept := n.Content[:0]
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			if prune(v) || slices.Contains(telling, k.Value) && v.Tag != "!!null" {
				k.Style = 0 // "n" would be quoted, for readers of an older YAML
				kept = append(kept, k, v)
			}
		}
		n.Content = kept
		return len(kept) > 0
	case yaml.SequenceNode:
		for _, v := range n.Content {
			prune(v)
		}
		return len(n.Content) > 0
	case yaml.ScalarNode:
		return n.Tag != "!!null" && n.Value != "" && (n.Tag == "!!str" || n.Value != "0" && n.Value != "false")
	default:
		return true
	}
}

// fromYAML reads a definition that an administrator typed.
func fromYAML(text string) (catalogue.Definition, []yamlFault) {
	return fromYAMLInto[catalogue.Definition](text)
}

// fromYAMLInto reads what an administrator typed. A key that the type does not
// have, a value of the wrong kind and a slip of the syntax are faults with their
// line.
func fromYAMLInto[T any](text string) (d T, faults []yamlFault) {
	for _, f := range yamlx.Decode(text, &d) {
		faults = append(faults, yamlFault{Fault: f})
	}
	return d, faults
}
