package rowedit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/view"
)

// Kind of a node.
type Kind int

// The kinds.
const (
	Line     Kind = iota // a line of text
	Long                 // several lines
	Text                 // a line in both languages
	LongText             // several lines in both languages
	Words                // a list of texts, one a line
	Whole                // a whole number, 0 when empty
	Number               // a number or nothing
	Span                 // a limit: a number and its unit
	Bool                 // yes or no
	Choice               // one of the options
	Many                 // several of the options
	When                 // a condition on answers
	File                 // the id of a file
	Group                // an object of its own
	List                 // rows
)

// Node describes one part: an input, an object or a list of rows.
type Node struct {
	Key      string // in the object; "" for a text that lies flat in its holder
	Kind     Kind
	Label    string // key of the text; "" for the prefix of the editor and Key
	Hint     string // key of a text, "" for none
	Source   string // of a Choice or Many: asked of the Env
	Blank    bool   // of a Choice: nothing is a choice, too
	Required bool   // told to the reader; an incomplete draft can be saved
	Max      int    // characters
	Low      int    // of a Whole
	High     int
	Width    string // as of view.In
	Nodes    []Node // of a Group or List
	ID       string // of a List: what a row is known by, "" for its content
	Title    string // of a List: the node that names a row
	Auto     string // of a List: a row without ID is given one that begins so
	Flat     bool   // of a List: rows are short and stand open
	Never    string // of a When: key of what nothing means there, instead of always
	Start    map[string]string
}

// Env is what an editor asks about the thing it edits.
type Env interface {
	// Options of a source, in the reader's language.
	Options(ctx context.Context, source string) []view.Opt
	// Conditions that can be chosen, as expression and in words.
	Conditions(ctx context.Context) []view.Opt
	// ConditionWords says a condition in words; "" when it is more than words can say.
	ConditionWords(ctx context.Context, expression string) string
	// FileLink of a file, empty when it is not there.
	FileLink(id string) view.Link
	// RowWords says more about a row of a list than its title, "" for nothing.
	RowWords(ctx context.Context, list string, title string) string
}

// Units of a Span.
var Units = []string{"workday", "day", "hour", "minute", "month"}

// Tree turns something into a tree of maps and lists.
func Tree(v any) (map[string]any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("rowedit: %w", err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("rowedit: %w", err)
	}
	return out, nil
}

// Into turns a tree back; a key that the type does not have is an error.
func Into(tree map[string]any, v any) error {
	b, err := json.Marshal(tree)
	if err != nil {
		return fmt.Errorf("rowedit: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("rowedit: %w", err)
	}
	return nil
}

func join(path, key string) string {
	switch {
	case path == "":
		return key
	case key == "":
		return path
	}
	return path + "." + key
}

// find returns the list that a path with numbers leads to.
func find(nodes []Node, path string) (Node, bool) {
	parts := strings.Split(path, ".")
	for {
		i := slices.IndexFunc(nodes, func(n Node) bool { return n.Key == parts[0] && (n.Kind == List || n.Kind == Group) })
		if i < 0 {
			return Node{}, false
		}
		n := nodes[i]
		parts = parts[1:]
		if len(parts) == 0 {
			return n, n.Kind == List
		}
		if n.Kind == List { // the number of a row
			if parts = parts[1:]; len(parts) == 0 {
				return Node{}, false
			}
		}
		nodes = n.Nodes
	}
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func rows(v any) []any {
	l, _ := v.([]any)
	return l
}

func str(v any) string {
	s, _ := v.(string)
	return s
}
