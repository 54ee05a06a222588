package catalogueweb

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// yamlFault is something in a text that is no definition, with the line it is in.
type yamlFault struct {
	Line   int // 0 when it is about the whole
	Source string
	Key    string // of the text; of a complaint by Validate its place
	Value  string
	Code   string // of a complaint by Validate
	Params map[string]any
}

// words of the fault in the reader's language.
func (f yamlFault) words(ctx context.Context) string {
	if f.Code != "" {
		return i18n.T(ctx, "catalogue.yaml.at", "place", f.Key, "text", i18n.T(ctx, "error."+f.Code, i18n.Map(f.Params)...))
	}
	return i18n.T(ctx, "catalogue.yaml."+f.Key, "value", f.Value)
}

var (
	yamlLine    = regexp.MustCompile(`line ([0-9]+): (.*)$`)
	unknownKey  = regexp.MustCompile(`^field (\S+) not found in type`)
	twiceKey    = regexp.MustCompile(`^mapping key "(.*)" already defined`)
	wrongType   = regexp.MustCompile("^cannot unmarshal \\S+ `?(.*?)`? into")
	errTwoTexts = errors.New("more than one document")
)

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
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	err := dec.Decode(&d)
	if err == nil && !errors.Is(dec.Decode(new(yaml.Node)), io.EOF) {
		err = errTwoTexts
	}
	if err == nil {
		return d, nil
	}
	if errors.Is(err, io.EOF) {
		return d, []yamlFault{{Key: "empty"}}
	}
	lines := strings.Split(text, "\n")
	messages := []string{err.Error()}
	if many, ok := errors.AsType[*yaml.TypeError](err); ok {
		messages = many.Errors
	}
	for _, m := range messages {
		faults = append(faults, faultOf(m, lines))
	}
	return d, faults
}

func faultOf(message string, lines []string) yamlFault {
	f := yamlFault{Key: "syntax", Value: strings.TrimPrefix(message, "yaml: ")}
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		f.Line, _ = strconv.Atoi(m[1])
		f.Value = m[2]
		if f.Line >= 1 && f.Line <= len(lines) {
			f.Source = strings.TrimSpace(lines[f.Line-1])
		}
	}
	for key, form := range map[string]*regexp.Regexp{"unknown": unknownKey, "twice": twiceKey, "type": wrongType} {
		if m := form.FindStringSubmatch(f.Value); m != nil {
			f.Key, f.Value = key, m[1]
			break
		}
	}
	return f
}
