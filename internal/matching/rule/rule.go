package rule

import (
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/tongban/tongban/internal/matching/engine"
)

// MaxLength is the longest rule, in bytes.
const MaxLength = 4000

// Bounds of what an expression may be and cost.
const (
	maxDepth = 60
	maxCost  = 20_000
)

// Faults is a rule that cannot be used.
type Faults []Fault

// Error implements error.
func (f Faults) Error() string {
	var list []string
	for _, x := range f {
		list = append(list, fmt.Sprintf("%d:%d %s %s", x.Line, x.Column, x.Problem, x.Detail))
	}
	return "rule: " + strings.Join(list, "; ")
}

// Zeros are what a rule can say about a division by zero.
var Zeros = map[string]engine.Zero{"none": engine.ZeroNone, "unknown": engine.ZeroUnknown, "infinite": engine.ZeroInfinite}

// Rule is a condition over a vocabulary.
type Rule struct {
	Source string
	zero   engine.Zero
	vocab  *Vocabulary
	ast    *cel.Ast
	prog   cel.Program
	faults Faults
}

// environments of vocabularies, made once.
var environments sync.Map // *Vocabulary to *cel.Env

func (v *Vocabulary) language() *cel.Env {
	if e, ok := environments.Load(v); ok {
		return e.(*cel.Env) //nolint:forcetypeassert // only environments are stored
	}
	e, err := cel.NewCustomEnv(v.options()...)
	if err != nil {
		panic("rule: " + err.Error()) // words are checked before
	}
	environments.Store(v, e)
	return e
}

func (v *Vocabulary) options() []cel.EnvOption {
	out := []cel.EnvOption{
		// Without loops. What is equal is declared anew: a fact and a number that somebody wrote can be.
		cel.StdLib(cel.StdLibSubset(env.NewLibrarySubset().SetDisableMacros(true).AddExcludedFunctions(env.NewFunction(operators.Equals), env.NewFunction(operators.NotEquals)))), cel.ParserExpressionSizeLimit(MaxLength), cel.ParserRecursionLimit(maxDepth), cel.EnableMacroCallTracking(),
		cel.Variable("today", dayType),
		arithmetic(operators.Add, "add"), arithmetic(operators.Subtract, "subtract"), arithmetic(operators.Multiply, "multiply"), arithmetic(operators.Divide, "divide"),
		cel.Function(operators.Negate, cel.Overload("negate_fact", []*cel.Type{numberType}, numberType)),
		cel.Function(operators.Add, cel.Overload("add_day", []*cel.Type{dayType, cel.IntType}, dayType)),
		cel.Function(operators.Subtract, cel.Overload("subtract_day", []*cel.Type{dayType, cel.IntType}, dayType)),
		cel.Function(operators.In, cel.Overload("in_set", []*cel.Type{cel.StringType, setType}, cel.BoolType)),
		cel.Function("under", cel.MemberOverload("code_under", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(under))),
		cel.Function("day", cel.Overload("day_text", []*cel.Type{cel.StringType}, dayType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			n, err := ParseDay(string(v.(types.String))) //nolint:forcetypeassert // checked by type
			if err != nil {
				return types.WrapErr(err)
			}
			return day{n: n}
		}))),
		cel.Function("years_between", cel.Overload("years_days", []*cel.Type{dayType, dayType}, numberType, cel.BinaryBinding(func(a, b ref.Val) ref.Val {
			from, to := a.(day), b.(day) //nolint:forcetypeassert // checked by type
			if from.none || to.none {
				return number{zero: to.zero}
			}
			return whole(yearsBetween(from.n, to.n), to.zero)
		}))),
		cel.Function("years_before", cel.Overload("years_before_day", []*cel.Type{dayType, cel.IntType}, dayType, cel.BinaryBinding(func(a, b ref.Val) ref.Val {
			d := a.(day)                               //nolint:forcetypeassert // checked by type
			d.n = yearsBefore(d.n, int(b.(types.Int))) //nolint:forcetypeassert // checked by type
			return d
		}))),
	}
	for _, op := range []string{operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals, operators.Equals, operators.NotEquals} {
		out = append(out, compared(op))
	}
	macros := []cel.Macro{
		cel.GlobalMacro("years_since", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			return f.NewCall("years_between", args[0], f.NewIdent("today")), nil
		}),
		cel.GlobalMacro("years_ago", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			return f.NewCall("years_before", f.NewIdent("today"), args[0]), nil
		}),
	}
	for _, f := range v.facts {
		t := map[Kind]*cel.Type{Number: numberType, Day: dayType, Code: cel.StringType, Choice: cel.StringType, Set: setType, Flag: cel.BoolType}[f.Kind]
		if f.Years == 0 {
			out = append(out, cel.Variable(f.Key, t))
			continue
		}
		for back := range f.Years {
			out = append(out, cel.Variable(yearName(f.Key, back+1), t))
		}
		macros = append(macros, cel.GlobalMacro(f.Key, 1, func(m cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			if args[0].Kind() == ast.LiteralKind {
				if n, ok := args[0].AsLiteral().(types.Int); ok && n <= -1 && n >= types.Int(-f.Years) {
					return m.NewIdent(yearName(f.Key, int(-n))), nil
				}
			}
			return nil, m.NewError(args[0].ID(), yearsMessage+f.Key)
		}))
	}
	return append(out, cel.Macros(macros...))
}

// yearsMessage tells our own message among those of the parser.
const yearsMessage = "tongban: years of "

func arithmetic(op, name string) cel.EnvOption {
	var list []cel.FunctionOpt
	for i, t := range []*cel.Type{numberType, cel.IntType, cel.DoubleType} {
		list = append(list, cel.Overload(fmt.Sprintf("%s_fact_%d", name, i), []*cel.Type{numberType, t}, numberType))
	}
	return cel.Function(op, list...)
}

func compared(op string) cel.EnvOption {
	var list []cel.FunctionOpt
	pairs := [][2]*cel.Type{{numberType, cel.IntType}, {numberType, cel.DoubleType}, {numberType, numberType}, {dayType, dayType}}
	if op == operators.Equals || op == operators.NotEquals {
		for _, t := range []*cel.Type{cel.StringType, cel.BoolType, cel.IntType, cel.DoubleType} {
			pairs = append(pairs, [2]*cel.Type{t, t})
		}
	}
	for i, t := range pairs {
		list = append(list, cel.Overload(fmt.Sprintf("%s_fact_%d", strings.Trim(op, "_"), i), []*cel.Type{t[0], t[1]}, cel.BoolType))
	}
	return cel.Function(op, list...)
}

// under says whether a code lies in a branch.
func under(code, prefix ref.Val) ref.Val {
	return types.Bool(strings.HasPrefix(string(code.(types.String)), trim(string(prefix.(types.String))))) //nolint:forcetypeassert // checked by type
}

// trim takes the zeros off that stand for "all of it" at the end of the code of a region.
func trim(prefix string) string {
	if len(prefix) != 6 || strings.Trim(prefix, "0123456789") != "" {
		return prefix
	}
	for len(prefix) > 2 && strings.HasSuffix(prefix, "00") {
		prefix = prefix[:len(prefix)-2]
	}
	return prefix
}

// Compile checks a rule. zero, a key of Zeros, says what a division by zero
// means; it may be empty in a rule that does not divide. What is wrong comes back
// as Faults.
func (v *Vocabulary) Compile(source, zero string) (*Rule, error) {
	if len(source) > MaxLength {
		return nil, Faults{{1, 1, TooLong, "", ""}}
	}
	parsed, iss := v.language().Parse(source)
	if iss.Err() != nil {
		return nil, v.unread(source, iss)
	}
	checked, iss := v.language().Check(parsed)
	if iss.Err() != nil {
		return nil, v.unfit(source, iss)
	}
	if checked.OutputType() != cel.BoolType {
		return nil, Faults{{1, 1, NoTruth, "", ""}}
	}
	r := &Rule{Source: source, vocab: v, ast: checked}
	var known bool
	r.zero, known = Zeros[zero]
	r.look(checked.NativeRep().Expr(), known)
	if len(r.faults) > 0 {
		return nil, r.faults
	}
	var err error
	if r.prog, err = v.language().Program(checked, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptOptimize)); err != nil {
		return nil, Faults{{1, 1, Syntax, "", ""}}
	}
	return r, nil
}

func (r *Rule) fault(e ast.Expr, problem, detail string) {
	at := r.ast.NativeRep().SourceInfo().GetStartLocation(e.ID())
	r.faults = append(r.faults, Fault{at.Line(), at.Column() + 1, problem, detail, ""})
}

// look finds what the checker of types does not.
func (r *Rule) look(e ast.Expr, zeroKnown bool) {
	switch e.Kind() {
	case ast.IdentKind:
		key, _ := splitYear(e.AsIdent())
		if i, ok := r.vocab.byKey[key]; ok && r.vocab.facts[i].Retired {
			r.fault(e, Retired, key)
		}
	case ast.ListKind:
		for _, x := range e.AsList().Elements() {
			r.look(x, zeroKnown)
		}
	case ast.CallKind:
		c := e.AsCall()
		args := c.Args()
		if c.IsMemberFunction() {
			args = append([]ast.Expr{c.Target()}, args...)
		}
		for _, a := range args {
			r.look(a, zeroKnown)
		}
		switch c.FunctionName() {
		case operators.Divide:
			if !zeroKnown && r.ast.NativeRep().GetType(args[0].ID()) == numberType && !r.constant(args[1]) {
				r.fault(e, Zero, "")
			}
		case operators.Equals, operators.NotEquals:
			r.words(args[0], args[1:])
			r.words(args[1], args[:1])
		case operators.In:
			if args[1].Kind() == ast.ListKind {
				r.words(args[0], args[1].AsList().Elements())
			} else if f := r.factOf(args[1]); f != nil {
				r.members(f, args[:1])
			}
		case "under":
			if f := r.factOf(args[0]); f != nil && f.Kind == Code {
				if s, ok := text(args[1]); ok {
					if _, _, err := branch(trim(s), f.Width); err != nil {
						r.fault(args[1], NoCode, s)
					}
				}
			}
		case "day":
			if s, ok := text(args[0]); ok {
				if _, err := ParseDay(s); err != nil {
					r.fault(args[0], NoDay, s)
				}
			}
		}
	}
}

// constant says whether a part is a number that somebody wrote, other than zero.
func (r *Rule) constant(e ast.Expr) bool {
	if e.Kind() != ast.LiteralKind {
		return false
	}
	n, ok := literal(e.AsLiteral())
	return ok && n.Sign() != 0
}

// factOf is the fact that a part is.
func (r *Rule) factOf(e ast.Expr) *Fact {
	if e.Kind() != ast.IdentKind {
		return nil
	}
	key, _ := splitYear(e.AsIdent())
	if i, ok := r.vocab.byKey[key]; ok {
		return &r.vocab.facts[i]
	}
	return nil
}

// words checks texts that a choice is compared with.
func (r *Rule) words(e ast.Expr, with []ast.Expr) {
	if f := r.factOf(e); f != nil && f.Kind == Choice {
		r.members(f, with)
	}
}

func (r *Rule) members(f *Fact, list []ast.Expr) {
	for _, x := range list {
		if s, ok := text(x); ok && f.member(s) < 0 {
			r.fault(x, NoWord, s)
		}
	}
}

func (f *Fact) member(s string) int {
	for i, m := range f.Members {
		if m == s {
			return i
		}
	}
	return -1
}

// text is a text that somebody wrote.
func text(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// Eval answers for one row on a day by CEL itself, as the rule is written. An
// error says that the rule cannot be reckoned there, such as for its cost.
func (r *Rule) Eval(row []engine.Value, today int64) (engine.Tri, error) {
	out, _, err := r.prog.Eval(&facts{v: r.vocab, row: row, today: today, zero: r.zero})
	switch {
	case types.IsUnknown(out):
		return engine.Unknown, nil
	case err != nil:
		return engine.Unknown, fmt.Errorf("rule: %w", err)
	case out == types.True:
		return engine.Yes, nil
	}
	return engine.No, nil
}
