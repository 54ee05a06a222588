package matching

import (
	"context"
	"math/big"
	"strings"

	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/rule"
)

// Offer is something that firms can fit: a clause of a policy, or a rung of a
// ladder, whose rule is then an Expr already.
type Offer struct {
	Key     string
	Rule    string
	Zero    string
	Benefit policy.Benefit
	Made    func(today int64) *engine.Expr // in place of Rule
	Mark    string                         // another one says that the offer is another
}

// Offers are all that is in force.
type Offers interface {
	// Version is another number when something else is in force. It is asked often.
	Version(ctx context.Context) (uint64, error)
	List(ctx context.Context) ([]Offer, error)
}

// ClausePrefix begins the keys of clauses, RungPrefix those of rungs.
const (
	ClausePrefix = "clause:"
	RungPrefix   = "tier:"
)

// compiled is an offer that is in use.
type compiled struct {
	Offer
	rule  *rule.Rule // nil for one that was Made
	expr  *engine.Expr
	quick bool // the engine answers
	worth *worth
}

// worth is what an offer is worth to a firm.
type worth struct {
	fixed  money.Fen
	of     *rule.Amount
	attrs  []int
	part   int64 // millionths
	capped money.Fen
}

// percent is a rate in millionths: rates have at most four decimals.
func percent(rate float64) int64 {
	n, _ := new(big.Rat).SetString(trimFloat(rate))
	n.Mul(n, big.NewRat(10_000, 1))
	return new(big.Int).Quo(n.Num(), n.Denom()).Int64()
}

func (s *Service) worthOf(b policy.Benefit) *worth {
	w := &worth{fixed: b.Amount, capped: b.Cap, part: percent(b.Rate)}
	if b.Rate > 0 && strings.TrimSpace(b.Of) != "" {
		of, err := s.Facts.Rules.Amount(b.Of)
		if err == nil { // checked when the clause was published
			w.of, w.attrs = of, of.Attrs()
		}
	}
	return w
}

// none says that nobody can reckon a sum.
func (w *worth) none() bool { return w.fixed == 0 && w.of == nil }

// sum for a firm; false when it cannot be told. read gives the value of a column.
func (w *worth) sum(read func(attr int) engine.Value) (money.Fen, bool) {
	if w.of == nil {
		return w.fixed, true
	}
	var buf [8]engine.Value
	values := buf[:0]
	for _, a := range w.attrs {
		values = append(values, read(a))
	}
	yuan, ok := w.of.PartOf(values, w.part)
	if !ok {
		return 0, false
	}
	fen := w.fixed + money.Fen(min(yuan, 1<<53)*100)
	if w.capped > 0 {
		fen = min(fen, w.capped)
	}
	return fen, true
}

// compile makes an offer ready for a day. A rule that does not compile fits
// nobody; it cannot have been published, unless by another edition of the program.
func (s *Service) compile(o Offer, today int64) *compiled {
	c := &compiled{Offer: o, worth: s.worthOf(o.Benefit)}
	if o.Made != nil {
		c.expr, c.quick = o.Made(today), true
		return c
	}
	r, err := s.Facts.Rules.Compile(o.Rule, o.Zero)
	if err != nil {
		s.Log.Error("a rule in force does not compile", "offer", o.Key, "error", err)
		c.expr, c.quick = &engine.Expr{Op: engine.Never}, true
		return c
	}
	c.rule = r
	c.expr, c.quick = r.Expr(today)
	return c
}
