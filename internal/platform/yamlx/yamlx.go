// Package yamlx reads YAML that people typed, strictly: a key that nothing
// knows, a value of the wrong kind and a slip of the syntax are faults that
// name their line, so that a page can point at it.
package yamlx

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fault is something in a text that cannot be read as what it should be.
type Fault struct {
	Line   int    // 0 when it is about the whole
	Source string // the line itself
	Key    string // what is wrong: empty, syntax, unknown, twice, type, or a word of the caller
	Value  string // that it is about
}

var (
	atLine      = regexp.MustCompile(`line ([0-9]+): (.*)$`)
	unknownKey  = regexp.MustCompile(`^field (\S+) not found in type`)
	twiceKey    = regexp.MustCompile(`^mapping key "(.*)" already defined`)
	wrongType   = regexp.MustCompile("^cannot unmarshal \\S+ `?(.*?)`? into")
	errTwoTexts = errors.New("more than one document")
)

// Decode reads one document into a value.
func Decode(text string, into any) []Fault {
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	err := dec.Decode(into)
	if err == nil && !errors.Is(dec.Decode(new(yaml.Node)), io.EOF) {
		err = errTwoTexts
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return []Fault{{Key: "empty"}}
	}
	messages := []string{err.Error()}
	if many, ok := errors.AsType[*yaml.TypeError](err); ok {
		messages = many.Errors
	}
	faults := make([]Fault, len(messages))
	for i, m := range messages {
		faults[i] = faultOf(m, text)
	}
	return faults
}

func faultOf(message, text string) Fault {
	f := Fault{Key: "syntax", Value: strings.TrimPrefix(message, "yaml: ")}
	if m := atLine.FindStringSubmatch(message); m != nil {
		line, _ := strconv.Atoi(m[1])
		f.Value = m[2]
		f = f.At(line, text)
	}
	for key, form := range map[string]*regexp.Regexp{"unknown": unknownKey, "twice": twiceKey, "type": wrongType} {
		if m := form.FindStringSubmatch(f.Value); m != nil {
			f.Key, f.Value = key, m[1]
			break
		}
	}
	return f
}

// At returns the fault with its line and what stands in it.
func (f Fault) At(line int, text string) Fault {
	f.Line = line
	if lines := strings.Split(text, "\n"); line >= 1 && line <= len(lines) {
		f.Source = strings.TrimSpace(lines[line-1])
	}
	return f
}
