// Package rules evaluates the one condition language of the house, CEL, over
// the answers of a form: conditions of materials, visibility of fields,
// branches of a flow.
//
// An expression sees one variable, answers, a map from field id to the answer.
// A field that was not answered is missing from the map; reading it makes the
// whole condition false, since nothing may be asked for because of an answer
// that nobody gave. Cost is bounded, so that an expression cannot stall a page.
package rules

import (
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
)

// MaxLength of an expression, in bytes.
const MaxLength = 2000

var env = sync.OnceValue(func() *cel.Env {
	e, err := cel.NewEnv(cel.Variable("answers", cel.MapType(cel.StringType, cel.DynType)), cel.CrossTypeNumericComparisons(true))
	if err != nil {
		panic("rules: " + err.Error()) // the declarations above are constant
	}
	return e
})

// Condition is a compiled expression; nil holds always.
type Condition struct {
	source string
	prog   cel.Program
}

var cache sync.Map // source → *Condition; sources come from published items, so there are few

// Compile checks an expression. The empty one gives nil, which always holds.
func Compile(source string) (*Condition, error) {
	source = strings.TrimSpace(source)
	if source == "" {
		return nil, nil
	}
	if c, ok := cache.Load(source); ok {
		return c.(*Condition), nil
	}
	if len(source) > MaxLength {
		return nil, fmt.Errorf("rules: longer than %d bytes", MaxLength)
	}
	ast, issues := env().Compile(source)
	if issues.Err() != nil {
		return nil, fmt.Errorf("rules: %w", issues.Err())
	}
	if t := ast.OutputType(); t != cel.BoolType && t != cel.DynType {
		return nil, fmt.Errorf("rules: gives %s, want a yes or no", t)
	}
	prog, err := env().Program(ast, cel.CostLimit(100_000), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	c := &Condition{source: source, prog: prog}
	cache.Store(source, c)
	return c, nil
}

// Holds says whether the condition is true for the answers. Anything but a
// clear yes (a missing answer, a wrong type, too costly) is no.
func (c *Condition) Holds(answers map[string]any) bool {
	if c == nil {
		return true
	}
	out, _, err := c.prog.Eval(map[string]any{"answers": answers})
	if err != nil {
		return false
	}
	b, ok := out.Value().(bool)
	return ok && b
}

// Holds compiles and evaluates; an expression that does not compile is no.
func Holds(source string, answers map[string]any) bool {
	c, err := Compile(source)
	return err == nil && c.Holds(answers)
}
