package rule

import (
	"fmt"
	"math/big"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/tongban/tongban/internal/matching/engine"
)

// FactRef names a fact that a condition reads, of a yearly one how many years back.
type FactRef struct {
	Key  string
	Back int
}

// Reason says why a rule, or a part of it, answers as it does for one row.
type Reason struct {
	Answer engine.Tri
	Op     string    // And, Or, Not or Condition
	Kids   []*Reason // of a join

	// Of a condition:
	Source  string    // as it is written
	Node    *Node     // the same in parts
	Facts   []FactRef // that it reads
	Missing []FactRef // of those, the ones that nobody has told
	Fixed   bool      // nobody can bring it about
	Compare string    // >=, >, <=, <, == or !=; "" for other conditions
	Own     *big.Rat  // what the row has, nil when that is missing, not applicable or no number
	Need    *big.Rat  // what is asked for
	Short   *big.Rat  // how much the sum, or the dividend of a ratio, has to grow or, below zero, to shrink, the rest staying as it is; nil when the condition holds
	Ratio   bool      // Own and Need are a ratio, Short an amount
	OwnDay  int64     // of days, with NeedDay
	NeedDay int64
	Days    bool     // OwnDay and NeedDay count
	Words   []string // a branch of codes, a choice, a member
}

// Ops of reasons.
const (
	OpAnd       = "and"
	OpOr        = "or"
	OpNot       = "not"
	OpCondition = "condition"
)

// Explain says why the rule answers as it does for a row: by the rule as it is
// written, with every part evaluated, also where another one decides already.
func (r *Rule) Explain(row []engine.Value, today int64) (*Reason, error) {
	prog, err := r.vocab.language().Program(r.ast, cel.EvalOptions(cel.OptExhaustiveEval), cel.CostLimit(maxCost))
	if err != nil {
		return nil, fmt.Errorf("rule: explain: %w", err)
	}
	bound := &facts{v: r.vocab, row: row, today: today, zero: r.zero}
	out, details, err := prog.Eval(bound)
	if err != nil && !types.IsUnknown(out) {
		return nil, fmt.Errorf("rule: explain: %w", err)
	}
	x := explainer{vector{r, today}, bound, func(id int64) ref.Val {
		v, _ := details.State().Value(id)
		return v
	}}
	return x.part(r.ast.NativeRep().Expr())
}

type explainer struct {
	vector
	row   *facts
	value func(id int64) ref.Val
}

func answerOf(v ref.Val) engine.Tri {
	switch {
	case v == types.True:
		return engine.Yes
	case v == types.False:
		return engine.No
	}
	return engine.Unknown
}

func (x explainer) part(e ast.Expr) (*Reason, error) {
	out := &Reason{Answer: answerOf(x.value(e.ID())), Op: OpCondition}
	if e.Kind() == ast.LiteralKind {
		out.Answer = answerOf(e.AsLiteral())
	}
	if e.Kind() == ast.CallKind {
		c := e.AsCall()
		if op, ok := map[string]string{operators.LogicalAnd: OpAnd, operators.LogicalOr: OpOr, operators.LogicalNot: OpNot}[c.FunctionName()]; ok {
			out.Op = op
			for _, a := range c.Args() {
				k, err := x.part(a)
				if err != nil {
					return nil, err
				}
				if k.Op == op && op != OpNot { // joined in a row
					out.Kids = append(out.Kids, k.Kids...)
				} else {
					out.Kids = append(out.Kids, k)
				}
			}
			return out, nil
		}
	}
	return out, x.condition(e, out)
}

func (x explainer) condition(e ast.Expr, out *Reason) (err error) {
	if out.Source, err = cel.ExprToString(e, x.ast.NativeRep().SourceInfo()); err != nil {
		return fmt.Errorf("rule: explain: %w", err)
	}
	out.Node = x.node(e)
	x.facts(e, out)
	if e.Kind() != ast.CallKind {
		return nil
	}
	c := e.AsCall()
	args := c.Args()
	if c.IsMemberFunction() {
		args = append([]ast.Expr{c.Target()}, args...)
	}
	words := func(list ...ast.Expr) {
		for _, a := range list {
			if s, ok := text(a); ok {
				out.Words = append(out.Words, s)
			}
		}
	}
	switch op := c.FunctionName(); op {
	case "under":
		words(args[1])
	case operators.In:
		words(args[0])
		if args[1].Kind() == ast.ListKind {
			words(args[1].AsList().Elements()...)
		}
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		out.Compare = sign[op]
		words(args...)
		switch t := x.ast.NativeRep().GetType(args[0].ID()); t {
		case numberType:
			x.numbers(args[0], args[1], out)
		case dayType:
			own, ok := x.of(args[0]).(day)
			need, ok2 := x.of(args[1]).(day)
			if ok && ok2 && !own.none && !need.none {
				out.OwnDay, out.NeedDay, out.Days = own.n, need.n, true
			}
		}
	}
	return nil
}

var sign = map[string]string{operators.Equals: "==", operators.NotEquals: "!=", operators.Less: "<", operators.LessEquals: "<=", operators.Greater: ">", operators.GreaterEquals: ">="}

// of is the value of a part; what is written has none of its own.
func (x explainer) of(e ast.Expr) ref.Val {
	if e.Kind() == ast.LiteralKind {
		return e.AsLiteral()
	}
	return x.value(e.ID())
}

// facts lists what a part reads.
func (x explainer) facts(e ast.Expr, out *Reason) {
	fixed := true
	var walk func(ast.Expr)
	walk = func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			f, col := x.fact(e)
			if f == nil {
				return
			}
			key, back := splitYear(e.AsIdent())
			out.Facts = append(out.Facts, FactRef{key, back})
			if x.row.row[col].State == engine.Missing {
				out.Missing = append(out.Missing, FactRef{key, back})
			}
			fixed = fixed && f.Fixed
		case ast.ListKind:
			for _, k := range e.AsList().Elements() {
				walk(k)
			}
		case ast.CallKind:
			c := e.AsCall()
			if c.IsMemberFunction() {
				walk(c.Target())
			}
			for _, k := range c.Args() {
				walk(k)
			}
		}
	}
	walk(e)
	out.Fixed = fixed && len(out.Facts) > 0
}

// numbers reckons what is there, what is asked for, and the distance.
func (x explainer) numbers(a, b ast.Expr, out *Reason) {
	rat := func(v ref.Val) *big.Rat {
		if n, ok := v.(number); ok {
			return n.rat
		}
		r, _ := literal(v)
		return r
	}
	out.Own, out.Need = rat(x.of(a)), rat(x.of(b))
	q, err := x.number(a)
	out.Ratio = err == nil && q.den != nil
	if out.Own == nil || out.Need == nil || out.Answer != engine.No {
		return
	}
	out.Short = new(big.Rat).Sub(out.Need, out.Own)
	if !out.Ratio {
		return
	}
	// own = mul * num/den + add, so num has to move by (need - own) * den / mul.
	den := x.sum(*q.den)
	if den == nil || q.mul.Sign() == 0 {
		out.Short = nil
		return
	}
	out.Short.Mul(out.Short, den)
	out.Short.Quo(out.Short, q.mul)
}

// sum is a sum of facts of the row, nil when one is not known.
func (x explainer) sum(l linear) *big.Rat {
	out := new(big.Rat).Set(l.add)
	for col, f := range l.factor {
		v := x.row.row[col]
		if v.State != engine.Known {
			return nil
		}
		out.Add(out, new(big.Rat).Mul(f, new(big.Rat).SetInt64(v.N)))
	}
	return out
}

// Distance is how many facts have to change, or to be told, before the rule
// holds: the sum over what is demanded together, the least over what there is to
// choose from; engine.Unreachable when nobody can bring it about.
func (r *Reason) Distance() int { return r.distance(false) }

func (r *Reason) distance(not bool) int {
	switch r.Op {
	case OpNot:
		return r.Kids[0].distance(!not)
	case OpAnd, OpOr:
		sum := (r.Op == OpAnd) != not
		out := engine.Unreachable
		if sum {
			out = 0
		}
		for _, k := range r.Kids {
			d := k.distance(not)
			if sum {
				out = min(out+d, engine.Unreachable)
			} else {
				out = min(out, d)
			}
		}
		return out
	}
	answer := r.Answer
	if not {
		answer = engine.Yes - answer
	}
	switch {
	case answer == engine.Yes:
		return 0
	case answer == engine.No && (r.Fixed || len(r.Facts) == 0):
		return engine.Unreachable
	}
	return 1
}
