package engine

import "math"

// State of a value.
type State uint8

// States of a value.
const (
	Missing       State = iota // nobody has told it
	NotApplicable              // there is none: the end of a certificate that a firm does not have
	Known
)

// Value of an attribute of one row. Of a number, a day or a code it is N; of a
// set, N has a bit for each member, the first at bit 0.
type Value struct {
	State State
	N     int64
}

// Of returns a known value.
func Of(n int64) Value { return Value{Known, n} }

// MaxValue bounds numbers on both sides: sums of them with small factors stay
// whole in 64 bits, and in a float64.
const MaxValue = 1 << 50

// Kind of an attribute.
type Kind uint8

// Kinds of attributes.
const (
	Number Kind = iota // in whole units of the attribute: yuan, heads, days since 1970
	Code               // the place of a code in its tree, in preorder, so that a branch is a range
	Set                // up to 64 members, each there or not; a flag is a set of one
)

// Attr is a column of the table.
type Attr struct {
	Key     string
	Kind    Kind
	Members int  // of a set
	Fixed   bool // nobody can bring it about: industry, age, a penalty
}

// Schema names the columns. The place of an attribute is its number in rules and rows.
type Schema struct{ Attrs []Attr }

// Lin is one summand: Factor times the value of an attribute.
type Lin struct {
	Attr   int
	Factor int64
}

// Zero says what a ratio is when it would be divided by zero. Every rule that
// divides has to say it.
type Zero uint8

// Meanings of a ratio over zero.
const (
	ZeroNone     Zero = iota // there is no such ratio, so no comparison with it holds
	ZeroUnknown              // it cannot be told
	ZeroInfinite             // above everything if the dividend is above zero, below if it is below; else as ZeroNone
)

// Scale of a ratio: it is compared in millionths, rounded down.
const Scale = 1_000_000

// Term is a number reckoned from attributes: a sum, or a sum over a sum.
type Term struct {
	Num  []Lin
	Den  []Lin // nil: no ratio
	Zero Zero
}

// TermOf is the term that is an attribute as it stands.
func TermOf(attr int) Term { return Term{Num: []Lin{{attr, 1}}} }

// plain returns the attribute that a term is as it stands.
func (t *Term) plain() (attr int, ok bool) {
	if t.Den == nil && len(t.Num) == 1 && t.Num[0].Factor == 1 {
		return t.Num[0].Attr, true
	}
	return 0, false
}

// Ends of a range that has none.
const (
	NoLo = math.MinInt64
	NoHi = math.MaxInt64
)

// infinite is a ratio above everything, and still below NoHi.
const infinite = math.MaxInt64 - 1

func sum(lins []Lin, row []Value) Value {
	out := Value{State: Known}
	for _, l := range lins {
		v := row[l.Attr]
		out.State = min(out.State, v.State)
		out.N += l.Factor * v.N
	}
	return out
}

// Value reckons a term for a row. What is missing makes the whole missing; else
// what is not applicable makes it not applicable.
func (t *Term) Value(row []Value) Value {
	num := sum(t.Num, row)
	if t.Den == nil {
		return num
	}
	return t.over(num, sum(t.Den, row))
}

func (t *Term) over(num, den Value) Value {
	switch state := min(num.State, den.State); {
	case state != Known:
		return Value{State: state}
	case den.N != 0:
		return Of(ratio(num.N, den.N))
	case t.Zero == ZeroUnknown:
		return Value{State: Missing}
	case t.Zero == ZeroInfinite && num.N > 0:
		return Of(infinite)
	case t.Zero == ZeroInfinite && num.N < 0:
		return Of(-infinite)
	}
	return Value{State: NotApplicable}
}

// Range is a comparison: it holds for known values from Lo up to, without, Hi.
type Range struct {
	Term   Term
	Lo, Hi int64
}

// Op is what an expression does.
type Op uint8

// Operations.
const (
	Never Op = iota
	Always
	And
	Or
	Not
	InRange // Range holds
	Has     // the set Attr has Member
)

// Expr is a condition. It is not changed once it is in use.
type Expr struct {
	Op     Op
	Kids   []*Expr // of And, Or, Not
	Shared bool    // stands in several places of the rule, as in scores: is looked at once
	Range  Range
	Attr   int
	Member int
}

// Tri is one of three answers.
type Tri uint8

// Answers.
const (
	No Tri = iota
	Unknown
	Yes
)

// Eval answers for one row, as the rule is written: Kleene's logic, where a
// comparison with what is missing is unknown, and one with what is not
// applicable does not hold. Everything quick in this package has to agree with it.
func (e *Expr) Eval(row []Value) Tri {
	var known map[*Expr]Tri
	return e.eval(row, &known)
}

// eval keeps in known what shared parts are.
func (e *Expr) eval(row []Value, known *map[*Expr]Tri) Tri {
	if !e.Shared {
		return e.reckon(row, known)
	}
	out, ok := (*known)[e]
	if !ok {
		if *known == nil {
			*known = map[*Expr]Tri{}
		}
		out = e.reckon(row, known)
		(*known)[e] = out
	}
	return out
}

func (e *Expr) reckon(row []Value, known *map[*Expr]Tri) Tri {
	switch e.Op {
	case Always:
		return Yes
	case And:
		out := Yes
		for _, k := range e.Kids {
			out = min(out, k.eval(row, known))
		}
		return out
	case Or:
		out := No
		for _, k := range e.Kids {
			out = max(out, k.eval(row, known))
		}
		return out
	case Not:
		return Yes - e.Kids[0].eval(row, known)
	case InRange:
		return e.Range.holds(e.Range.Term.Value(row))
	case Has:
		v := row[e.Attr]
		switch {
		case v.State == Missing:
			return Unknown
		case v.State == Known && v.N>>e.Member&1 == 1:
			return Yes
		}
	}
	return No
}

func (r *Range) holds(v Value) Tri {
	switch {
	case v.State == Missing:
		return Unknown
	case v.State == Known && r.Lo <= v.N && v.N < r.Hi:
		return Yes
	}
	return No
}
