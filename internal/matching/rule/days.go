package rule

import (
	"math/big"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/tongban/tongban/internal/matching/engine"
)

// dayForm is a column with days added, or a day.
type dayForm struct {
	col int // -1 for none
	n   int64
}

func (v vector) day(e ast.Expr) (dayForm, error) {
	switch e.Kind() {
	case ast.IdentKind:
		if e.AsIdent() == "today" {
			return dayForm{-1, v.today}, nil
		}
		if f, col := v.fact(e); f != nil && f.Kind == Day {
			return dayForm{col, 0}, nil
		}
	case ast.CallKind:
		c := e.AsCall()
		switch op := c.FunctionName(); op {
		case "day":
			if s, ok := text(c.Args()[0]); ok {
				if n, err := ParseDay(s); err == nil {
					return dayForm{-1, n}, nil
				}
			}
		case operators.Add, operators.Subtract, "years_before":
			d, err := v.day(c.Args()[0])
			n, ok := integer(c.Args()[1])
			switch {
			case err != nil || !ok || n > 1<<20 || n < -1<<20:
				return d, errRows
			case op == operators.Add:
				d.n += n
			case op == operators.Subtract:
				d.n -= n
			case d.col >= 0:
				return d, errRows
			default:
				d.n = yearsBefore(d.n, int(n))
			}
			return d, nil
		}
	}
	return dayForm{}, errRows
}

func integer(e ast.Expr) (int64, bool) {
	if e.Kind() != ast.LiteralKind {
		return 0, false
	}
	n, ok := e.AsLiteral().(types.Int)
	return int64(n), ok
}

func (v vector) days(op string, a, b ast.Expr) (*engine.Expr, error) {
	x, err := v.day(a)
	if err != nil {
		return nil, err
	}
	y, err := v.day(b)
	if err != nil {
		return nil, err
	}
	l := linear{map[int]*big.Rat{}, new(big.Rat).SetInt64(x.n - y.n)}
	if x.col >= 0 {
		l.factor[x.col] = big.NewRat(1, 1)
	}
	if y.col >= 0 {
		if y.col == x.col {
			return nil, errRows
		}
		l.factor[y.col] = big.NewRat(-1, 1)
	}
	return sums(op, l)
}

// years is the day of which a part is the years since.
func (v vector) years(e ast.Expr) (int, bool) {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "years_between" {
		return 0, false
	}
	from, err := v.day(e.AsCall().Args()[0])
	to := e.AsCall().Args()[1]
	return from.col, err == nil && from.col >= 0 && from.n == 0 && to.Kind() == ast.IdentKind && to.AsIdent() == "today"
}

// since compares whole years since a day, by the day that they are counted from.
func (v vector) since(op string, col int, b ast.Expr) (*engine.Expr, error) {
	q, err := v.number(b)
	if err != nil {
		return nil, err
	}
	k, ok := q.constant()
	if !ok {
		return nil, errRows
	}
	floor := new(big.Int).Div(k.Num(), k.Denom())
	if !floor.IsInt64() || floor.Int64() > 1000 || floor.Int64() < 0 {
		return nil, errRows
	}
	at, exact := int(floor.Int64()), k.IsInt()
	atLeast := at // whole years
	if op == operators.Greater || op == operators.LessEquals || !exact {
		atLeast++
	}
	t := engine.TermOf(col)
	switch op {
	case operators.GreaterEquals, operators.Greater:
		return within(t, engine.NoLo, yearsBefore(v.today, atLeast)+1), nil
	case operators.Less, operators.LessEquals:
		return within(t, yearsBefore(v.today, atLeast)+1, engine.NoHi), nil
	}
	if !exact {
		return within(t, 0, 0), nil
	}
	return within(t, yearsBefore(v.today, at+1)+1, yearsBefore(v.today, at)+1), nil
}
