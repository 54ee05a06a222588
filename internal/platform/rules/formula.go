package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/tongban/tongban/internal/kernel/recent"
)

// Scope is what a formula or a check of a form sees.
type Scope struct {
	Answers map[string]any
	Row     map[string]any // of a repeating part; nil outside of one
	Today   string         // ISO date
}

// values for the evaluation. Without a row, reading one is a missing answer.
func (s Scope) values() map[string]any {
	row := s.Row
	if row == nil {
		row = map[string]any{}
	}
	answers := s.Answers
	if answers == nil {
		answers = map[string]any{}
	}
	return map[string]any{"answers": answers, "row": row, "today": s.Today}
}

var wide = sync.OnceValue(func() *cel.Env {
	e, err := env().Extend(cel.Variable("row", cel.MapType(cel.StringType, cel.DynType)), cel.Variable("today", cel.StringType))
	if err != nil {
		panic("rules: " + err.Error()) // the declarations above are constant
	}
	return e
})

// Formula is a compiled expression that gives a value.
type Formula struct{ prog cel.Program }

type compiled struct {
	formula *Formula
	err     error
}

var formulas = recent.Map[string, compiled]{Size: 4096}

// CompileFormula checks an expression that may read answers, row and today.
func CompileFormula(source string) (*Formula, error) {
	source = strings.TrimSpace(source)
	if c, ok := formulas.Load(source); ok {
		return c.formula, c.err
	}
	f, err := compileFormula(source)
	formulas.Store(source, compiled{f, err})
	return f, err
}

func compileFormula(source string) (*Formula, error) {
	switch {
	case source == "":
		return nil, fmt.Errorf("rules: empty")
	case len(source) > MaxComposed:
		return nil, fmt.Errorf("rules: longer than %d bytes", MaxComposed)
	}
	ast, err := check(wide(), source)
	if err != nil {
		return nil, err
	}
	prog, err := wide().Program(ast, cel.CostLimit(100_000*uint64(1+len(source)/MaxLength)), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return &Formula{prog}, nil
}

// Value computes a formula. The value is a string, a float64 or a bool and comes
// with Yes; without one the verdict is Unknown (it reads an answer that nobody
// gave) or Broken, and err says what is wrong with it.
func (f *Formula) Value(s Scope) (v any, verdict Verdict, err error) {
	out, _, err := f.prog.Eval(s.values())
	switch {
	case missing(err):
		return nil, Unknown, nil
	case err != nil:
		return nil, Broken, fmt.Errorf("rules: %w", err)
	}
	switch x := out.(type) {
	case types.String:
		return string(x), Yes, nil
	case types.Bool:
		return bool(x), Yes, nil
	case types.Int:
		return float64(x), Yes, nil
	case types.Uint:
		return float64(x), Yes, nil
	case types.Double:
		if n := float64(x); !math.IsNaN(n) && !math.IsInf(n, 0) {
			return tidy(n), Yes, nil
		}
		return nil, Broken, fmt.Errorf("rules: not a number: a division by zero?")
	}
	return nil, Broken, fmt.Errorf("rules: gives %s, want a number, a text or a yes or no", out.Type().TypeName())
}

// Judge says how a condition or check stands in a scope. The empty one holds.
func (s Scope) Judge(source string) Verdict {
	if strings.TrimSpace(source) == "" {
		return Yes
	}
	f, err := CompileFormula(source)
	if err != nil {
		return Broken
	}
	v, verdict, _ := f.Value(s)
	switch {
	case verdict != Yes:
		return verdict
	case v == true:
		return Yes
	case v == false:
		return No
	}
	return Broken
}

// Holds and Asked are as the functions of these names, in a scope.
func (s Scope) Holds(source string) bool { return s.Judge(source) == Yes }

// Asked see Holds.
func (s Scope) Asked(source string) bool {
	v := s.Judge(source)
	return v == Yes || v == Broken
}

// tidy drops what floating-point arithmetic adds behind the fifteenth digit:
// 0.1 + 0.2 is 0.3 for everybody but the machine.
func tidy(n float64) float64 {
	t, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	if err != nil {
		return n
	}
	return t
}

// missing says that an evaluation failed for an answer that nobody gave.
func missing(err error) bool { return err != nil && strings.Contains(err.Error(), "no such key") }

// check parses and types an expression. Whole numbers in it become numbers with
// decimals, as all answers are: CEL multiplies nothing of two types. Where that
// does not fit, as in the year of a date plus one, they stay whole.
func check(e *cel.Env, source string) (*cel.Ast, error) {
	if ast, issues := e.Parse(source); issues.Err() == nil {
		factory := celast.NewExprFactory()
		celast.PreOrderVisit(ast.NativeRep().Expr(), celast.NewExprVisitor(func(x celast.Expr) {
			if x.Kind() != celast.LiteralKind {
				return
			}
			if n, ok := x.AsLiteral().(types.Int); ok && n >= -1<<53 && n <= 1<<53 {
				x.SetKindCase(factory.NewLiteral(x.ID(), types.Double(n)))
			}
		}))
		if checked, issues := e.Check(ast); issues.Err() == nil {
			return checked, nil
		}
	}
	ast, issues := e.Compile(source)
	if issues.Err() != nil {
		return nil, fmt.Errorf("rules: %w", issues.Err())
	}
	return ast, nil
}
