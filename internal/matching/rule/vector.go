package rule

import (
	"errors"
	"math/big"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/tongban/tongban/internal/matching/engine"
)

// errRows is a rule, or a part of one, that only CEL itself can answer, row by row.
var errRows = errors.New("rule: only row by row")

// Expr translates the rule for the engine, as of a day; false when it has
// something that only CEL can reckon. The answers are the same.
func (r *Rule) Expr(today int64) (*engine.Expr, bool) {
	v := vector{r, today}
	e, err := v.truth(r.ast.NativeRep().Expr())
	return e, err == nil
}

// vector translates.
type vector struct {
	*Rule
	today int64
}

func not(e *engine.Expr) *engine.Expr { return &engine.Expr{Op: engine.Not, Kids: []*engine.Expr{e}} }

func always(yes bool) *engine.Expr {
	if yes {
		return &engine.Expr{Op: engine.Always}
	}
	return &engine.Expr{Op: engine.Never}
}

func (v vector) truth(e ast.Expr) (*engine.Expr, error) {
	switch e.Kind() {
	case ast.LiteralKind:
		if b, ok := e.AsLiteral().(types.Bool); ok {
			return always(bool(b)), nil
		}
	case ast.IdentKind:
		if f, col := v.fact(e); f != nil && f.Kind == Flag {
			return &engine.Expr{Op: engine.Has, Attr: col}, nil
		}
	case ast.CallKind:
		return v.call(e.AsCall())
	}
	return nil, errRows
}

func (v vector) fact(e ast.Expr) (*Fact, int) {
	f := v.factOf(e)
	if f == nil {
		return nil, 0
	}
	key, back := splitYear(e.AsIdent())
	col, ok := v.vocab.Column(key, back)
	if !ok {
		return nil, 0
	}
	return f, col
}

func (v vector) call(c ast.CallExpr) (*engine.Expr, error) {
	args := c.Args()
	if c.IsMemberFunction() {
		args = append([]ast.Expr{c.Target()}, args...)
	}
	switch op := c.FunctionName(); op {
	case operators.LogicalAnd, operators.LogicalOr:
		out := &engine.Expr{Op: engine.And}
		if op == operators.LogicalOr {
			out.Op = engine.Or
		}
		for _, a := range args {
			k, err := v.truth(a)
			if err != nil {
				return nil, err
			}
			out.Kids = append(out.Kids, k)
		}
		return out, nil
	case operators.LogicalNot:
		k, err := v.truth(args[0])
		if err != nil {
			return nil, err
		}
		return not(k), nil
	case operators.In:
		return v.in(args[0], args[1])
	case "under":
		f, col := v.fact(args[0])
		s, ok := text(args[1])
		if f == nil || f.Kind != Code || !ok {
			return nil, errRows
		}
		lo, hi, err := branch(trim(s), f.Width)
		if err != nil {
			return nil, errRows
		}
		if trim(s) == "" { // every code, and what has none, which is a text without letters
			return nil, errRows
		}
		return within(engine.TermOf(col), lo, hi), nil
	case operators.Equals, operators.NotEquals:
		out, err := v.equal(args[0], args[1])
		if err == nil && op == operators.NotEquals {
			out = not(out)
		}
		return out, err
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return v.compare(op, args[0], args[1])
	}
	return nil, errRows
}

func within(t engine.Term, lo, hi int64) *engine.Expr {
	return &engine.Expr{Op: engine.InRange, Range: engine.Range{Term: t, Lo: lo, Hi: hi}}
}

// in is a member of a set, or a choice among some.
func (v vector) in(a, b ast.Expr) (*engine.Expr, error) {
	if f, col := v.fact(b); f != nil && f.Kind == Set {
		s, ok := text(a)
		if !ok || f.member(s) < 0 {
			return nil, errRows
		}
		return &engine.Expr{Op: engine.Has, Attr: col, Member: f.member(s)}, nil
	}
	if b.Kind() != ast.ListKind {
		return nil, errRows
	}
	out := &engine.Expr{Op: engine.Or}
	for _, x := range b.AsList().Elements() {
		k, err := v.equal(a, x)
		if err != nil || v.factOf(a) == nil {
			return nil, errRows
		}
		out.Kids = append(out.Kids, k)
	}
	if len(out.Kids) == 0 { // what is missing in no list at all is unknown to CEL
		return nil, errRows
	}
	return out, nil
}

func (v vector) equal(a, b ast.Expr) (*engine.Expr, error) {
	if v.factOf(a) == nil && v.factOf(b) != nil {
		a, b = b, a
	}
	f, col := v.fact(a)
	if f != nil {
		switch f.Kind {
		case Code, Choice:
			s, ok := text(b)
			if !ok || s == "" {
				return nil, errRows
			}
			if f.Kind == Code {
				n, err := EncodeCode(s, f.Width)
				if err != nil {
					return within(engine.TermOf(col), 0, 0), nil // no code is that; one that is missing stays unknown
				}
				return within(engine.TermOf(col), n, n+1), nil
			}
			n := int64(f.member(s))
			return within(engine.TermOf(col), n, n+1), nil
		case Flag:
			if b.Kind() != ast.LiteralKind {
				return nil, errRows
			}
			if b.AsLiteral() == types.True {
				return &engine.Expr{Op: engine.Has, Attr: col}, nil
			}
			return not(&engine.Expr{Op: engine.Has, Attr: col}), nil
		case Set:
			return nil, errRows
		}
	}
	return v.compare(operators.Equals, a, b)
}

func (v vector) compare(op string, a, b ast.Expr) (*engine.Expr, error) {
	if t := v.ast.NativeRep().GetType(a.ID()); t == dayType {
		return v.days(op, a, b)
	} else if t != numberType {
		return nil, errRows
	}
	if from, ok := v.years(a); ok {
		return v.since(op, from, b)
	}
	x, err := v.number(a)
	if err != nil {
		return nil, err
	}
	y, err := v.number(b)
	if err != nil {
		return nil, err
	}
	if x.den != nil {
		return v.quotient(op, x, y)
	}
	if y.den != nil {
		return nil, errRows
	}
	return sums(op, x.num.plus(*y.num, -1))
}

// linear is a sum of facts with factors, and a number.
type linear struct {
	factor map[int]*big.Rat
	add    *big.Rat
}

func (l linear) plus(o linear, sign int64) linear {
	s := new(big.Rat).SetInt64(sign)
	out := linear{map[int]*big.Rat{}, new(big.Rat).Add(l.add, new(big.Rat).Mul(s, o.add))}
	for k, f := range l.factor {
		out.factor[k] = f
	}
	for k, f := range o.factor {
		f = new(big.Rat).Mul(s, f)
		if have, ok := out.factor[k]; ok {
			f = new(big.Rat).Add(have, f)
		}
		out.factor[k] = f
	}
	return out
}

func (l linear) times(r *big.Rat) linear {
	out := linear{map[int]*big.Rat{}, new(big.Rat).Mul(l.add, r)}
	for k, f := range l.factor {
		out.factor[k] = new(big.Rat).Mul(f, r)
	}
	return out
}

// quantity is mul times num over den, and add; without den it is num.
type quantity struct {
	num, den *linear
	mul, add *big.Rat
}

func (v vector) number(e ast.Expr) (quantity, error) {
	one, none := big.NewRat(1, 1), new(big.Rat)
	switch e.Kind() {
	case ast.LiteralKind:
		if n, ok := literal(e.AsLiteral()); ok {
			return quantity{num: &linear{add: n}}, nil
		}
	case ast.IdentKind:
		if f, col := v.fact(e); f != nil && f.Kind == Number {
			return quantity{num: &linear{map[int]*big.Rat{col: one}, none}}, nil
		}
	case ast.CallKind:
		c := e.AsCall()
		var args []quantity
		for _, a := range c.Args() {
			q, err := v.number(a)
			if err != nil {
				return q, err
			}
			args = append(args, q)
		}
		switch op := c.FunctionName(); {
		case op == operators.Negate && len(args) == 1:
			return args[0].times(big.NewRat(-1, 1)), nil
		case len(args) != 2:
		case op == operators.Add:
			return args[0].plus(args[1], 1)
		case op == operators.Subtract:
			return args[0].plus(args[1], -1)
		case op == operators.Multiply:
			if k, ok := args[1].constant(); ok && k.Sign() != 0 {
				return args[0].times(k), nil
			}
		case op == operators.Divide:
			k, ok := args[1].constant()
			switch {
			case ok && k.Sign() != 0:
				return args[0].times(new(big.Rat).Inv(k)), nil
			case !ok && args[0].den == nil && args[1].den == nil && args[0].num.add.Sign() == 0 && args[1].num.add.Sign() == 0 && len(args[0].num.factor) > 0:
				return quantity{args[0].num, args[1].num, one, none}, nil
			}
		}
	}
	return quantity{}, errRows
}

func (q quantity) constant() (*big.Rat, bool) {
	if q.den != nil || len(q.num.factor) > 0 {
		return nil, false
	}
	return q.num.add, true
}

func (q quantity) times(k *big.Rat) quantity {
	if q.den != nil {
		return quantity{q.num, q.den, new(big.Rat).Mul(q.mul, k), new(big.Rat).Mul(q.add, k)}
	}
	n := q.num.times(k)
	return quantity{num: &n}
}

func (q quantity) plus(o quantity, sign int64) (quantity, error) {
	switch k, ok := o.constant(); {
	case q.den == nil && o.den == nil:
		n := q.num.plus(*o.num, sign)
		return quantity{num: &n}, nil
	case q.den != nil && ok:
		return quantity{q.num, q.den, q.mul, new(big.Rat).Add(q.add, new(big.Rat).Mul(k, big.NewRat(sign, 1)))}, nil
	}
	return q, errRows
}

// maxFactor bounds what factors of a sum are together, so that sums of facts stay
// inside of 64 bits.
const maxFactor = 1 << 11

// whole makes the factors of some sums integers by one number above zero, which
// it returns. Facts that cancel out stay, with factor nought: one that is missing
// keeps the answer open.
func wholes(sums ...*linear) (out [][]engine.Lin, by *big.Rat, ok bool) {
	lcm := big.NewInt(1)
	for _, l := range sums {
		for _, f := range l.factor {
			g := new(big.Int).GCD(nil, nil, lcm, f.Denom())
			lcm.Mul(lcm, new(big.Int).Div(f.Denom(), g))
		}
	}
	by = new(big.Rat).SetInt(lcm)
	for _, l := range sums {
		var lins []engine.Lin
		total := int64(0)
		for col, f := range l.factor {
			n := new(big.Rat).Mul(f, by).Num()
			if !n.IsInt64() || n.Int64() > maxFactor || n.Int64() < -maxFactor {
				return nil, nil, false
			}
			total += max(n.Int64(), -n.Int64())
			lins = append(lins, engine.Lin{Attr: col, Factor: n.Int64()})
		}
		if total > maxFactor {
			return nil, nil, false
		}
		out = append(out, lins)
	}
	return out, by, true
}

// sums compares a sum with zero.
func sums(op string, l linear) (*engine.Expr, error) {
	if len(l.factor) == 0 {
		return nil, errRows // a rule that says nothing of a firm; CEL may have its say
	}
	lins, by, ok := wholes(&l)
	if !ok {
		return nil, errRows
	}
	limit := new(big.Rat).Mul(new(big.Rat).Neg(l.add), by) // sum op limit
	floor := new(big.Int).Div(limit.Num(), limit.Denom())  // Euclidean: the denominator is above zero
	if !floor.IsInt64() || floor.Int64() > 1<<62 || floor.Int64() < -1<<62 {
		return nil, errRows
	}
	t, at, exact := engine.Term{Num: lins[0]}, floor.Int64(), limit.IsInt()
	ceil := at
	if !exact {
		ceil++
	}
	switch op {
	case operators.GreaterEquals:
		return within(t, ceil, engine.NoHi), nil
	case operators.Greater:
		return within(t, at+1, engine.NoHi), nil
	case operators.Less:
		return within(t, engine.NoLo, ceil), nil
	case operators.LessEquals:
		return within(t, engine.NoLo, at+1), nil
	}
	if !exact {
		return within(t, 0, 0), nil // equal to no sum of whole numbers
	}
	return within(t, at, at+1), nil
}

// quotient compares a ratio with a number that somebody wrote.
func (v vector) quotient(op string, q, o quantity) (*engine.Expr, error) {
	k, ok := o.constant()
	if !ok || q.mul.Sign() == 0 || op == operators.Equals {
		return nil, errRows
	}
	limit := new(big.Rat).Quo(new(big.Rat).Sub(k, q.add), q.mul)
	if q.mul.Sign() < 0 {
		op = map[string]string{operators.Less: operators.Greater, operators.Greater: operators.Less, operators.LessEquals: operators.GreaterEquals, operators.GreaterEquals: operators.LessEquals}[op]
	}
	lins, _, ok := wholes(q.num, q.den)
	if !ok {
		return nil, errRows
	}
	num, den := lins[0], lins[1]
	limit.Mul(limit, big.NewRat(engine.Scale, 1))
	if !limit.IsInt() || !limit.Num().IsInt64() || limit.Num().Int64() > 1<<60 || limit.Num().Int64() < -1<<60 {
		return nil, errRows // finer than a ratio is kept
	}
	at := limit.Num().Int64()
	if op == operators.Greater || op == operators.LessEquals {
		// A ratio is rounded down, so "above" is asked of its opposite: -x < -limit.
		turned := make([]engine.Lin, len(num))
		for i, l := range num {
			turned[i] = engine.Lin{Attr: l.Attr, Factor: -l.Factor}
		}
		num, at = turned, -at
	}
	t := engine.Term{Num: num, Den: den, Zero: v.zero}
	if op == operators.GreaterEquals || op == operators.LessEquals {
		return within(t, at, engine.NoHi), nil
	}
	return within(t, engine.NoLo, at), nil
}
