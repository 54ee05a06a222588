// Package rules evaluates the one condition language of the house, CEL, over
// the answers of a form: conditions of materials, visibility of fields,
// branches of a flow.
//
// An expression sees one variable, answers, a map from field id to the answer.
// A field that was not answered is missing from the map; reading it makes the
// whole condition false, since nothing may be asked for because of an answer
// that nobody gave. certainly(x) is true when x is, and false when it is false
// or reads an answer that nobody gave, so that !certainly(x) is true then.
// Cost is bounded, so that an expression cannot stall a page.
//
// A formula is an expression that gives a value. It and the checks of a form
// see two more variables: row, the answers of the row of a repeating part that
// it stands in, and today, the day as "2026-11-21". A number in an expression is
// always a number with decimals, so that answers.n * 2 needs no care about
// types. functions.go lists what can be called besides CEL's own.
package rules

import (
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/tongban/tongban/internal/kernel/recent"
)

// The longest expressions, in bytes: MaxLength of one that a person wrote,
// MaxComposed of one that was put together from many of those.
const (
	MaxLength   = 2000
	MaxComposed = 100_000
)

var env = sync.OnceValue(func() *cel.Env {
	e, err := cel.NewEnv(append([]cel.EnvOption{
		cel.Variable("answers", cel.MapType(cel.StringType, cel.DynType)), cel.CrossTypeNumericComparisons(true), cel.ParserExpressionSizeLimit(MaxComposed),
		cel.Function("certainly", cel.Overload("certainly_dyn", []*cel.Type{cel.DynType}, cel.BoolType, cel.OverloadIsNonStrict(),
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(v == types.True) }))),
	}, functions()...)...)
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

// cache of what compiled. People can compose orders, and with them conditions,
// so it is bounded.
var cache = recent.Map[string, *Condition]{Size: 8192}

// Compile checks an expression. The empty one gives nil, which always holds.
func Compile(source string) (*Condition, error) {
	source = strings.TrimSpace(source)
	if source == "" {
		return nil, nil
	}
	if c, ok := cache.Load(source); ok {
		return c, nil
	}
	if len(source) > MaxComposed {
		return nil, fmt.Errorf("rules: longer than %d bytes", MaxComposed)
	}
	ast, err := check(env(), source)
	if err != nil {
		return nil, err
	}
	if t := ast.OutputType(); t != cel.BoolType && t != cel.DynType {
		return nil, fmt.Errorf("rules: gives %s, want a yes or no", t)
	}
	// What is composed of many may cost as much as all of them.
	prog, err := env().Program(ast, cel.CostLimit(100_000*uint64(1+len(source)/MaxLength)), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	c := &Condition{source: source, prog: prog}
	cache.Store(source, c)
	return c, nil
}

// Verdict on a condition.
type Verdict int

// The verdicts.
const (
	No      Verdict = iota
	Yes             // clearly
	Unknown         // it reads an answer that nobody gave
	Broken          // it does not compile, or cannot be evaluated: wrong types, too costly, no yes or no
)

// Judge says how the condition stands for the answers.
func (c *Condition) Judge(answers map[string]any) Verdict {
	if c == nil {
		return Yes
	}
	out, _, err := c.prog.Eval(map[string]any{"answers": answers})
	switch {
	case missing(err):
		return Unknown
	case err != nil:
		return Broken
	}
	switch out.Value() {
	case true:
		return Yes
	case false:
		return No
	}
	return Broken
}

// Holds says whether the condition is true for the answers. Anything but a
// clear yes (a missing answer, a wrong type, too costly) is no.
func (c *Condition) Holds(answers map[string]any) bool { return c.Judge(answers) == Yes }

// Judge compiles and judges; an expression that does not compile is Broken.
func Judge(source string, answers map[string]any) Verdict {
	c, err := Compile(source)
	if err != nil {
		return Broken
	}
	return c.Judge(answers)
}

// Holds compiles and evaluates; an expression that does not compile is no.
func Holds(source string, answers map[string]any) bool { return Judge(source, answers) == Yes }

// Asked is Holds for what must not be forgotten, a paper or a required answer:
// a condition that cannot be read asks for it, since asking once too often can
// be mended and not asking cannot.
func Asked(source string, answers map[string]any) bool {
	v := Judge(source, answers)
	return v == Yes || v == Broken
}
