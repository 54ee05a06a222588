package facts

import (
	"context"
	"math/big"
	"strings"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/division"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/rule"
)

// Phrase is a rule, or a part of it, in words: one condition, or a join of phrases.
type Phrase struct {
	Join string // rule.OpAnd, rule.OpOr, rule.OpNot, "" for one condition
	Text string // of one condition
	Kids []Phrase
}

// Say puts a rule into words.
func (f *Facts) Say(ctx context.Context, n *rule.Node) Phrase {
	switch n.Op {
	case rule.OpAnd, rule.OpOr:
		p := Phrase{Join: n.Op}
		for _, k := range n.Kids {
			p.Kids = append(p.Kids, f.Say(ctx, k))
		}
		return p
	case rule.OpNot:
		if k := n.Kids[0]; k.Op == rule.NodeFact || k.Op == rule.NodeMember || k.Op == rule.NodeUnder {
			return Phrase{Text: f.condition(ctx, k, true)}
		}
		return Phrase{Join: rule.OpNot, Kids: []Phrase{f.Say(ctx, n.Kids[0])}}
	}
	return Phrase{Text: f.condition(ctx, n, false)}
}

// Sentence is a rule in one sentence.
func (f *Facts) Sentence(ctx context.Context, r *rule.Rule) string {
	return f.Say(ctx, r.Tree()).flat(ctx, true)
}

func (p Phrase) flat(ctx context.Context, top bool) string {
	if p.Join == "" {
		return p.Text
	}
	var parts []string
	for _, k := range p.Kids {
		parts = append(parts, k.flat(ctx, false))
	}
	out := strings.Join(parts, i18n.T(ctx, "matching.say."+p.Join))
	switch {
	case p.Join == rule.OpNot:
		return i18n.T(ctx, "matching.say.not", "what", out)
	case top:
		return out
	}
	return i18n.T(ctx, "matching.say.group", "what", out)
}

// Condition puts one condition into words.
func (f *Facts) Condition(ctx context.Context, n *rule.Node) string {
	return f.condition(ctx, n, false)
}

// signs are the comparisons of numbers, and of days.
var signs = map[string]string{">=": "least", ">": "above", "<=": "most", "<": "below", "==": "is", "!=": "is_not"}

func (f *Facts) condition(ctx context.Context, n *rule.Node, not bool) string {
	key := func(name string) string {
		if not {
			return "matching.say." + name + "_not"
		}
		return "matching.say." + name
	}
	switch n.Op {
	case rule.NodeFact:
		return i18n.T(ctx, key("flag"), "fact", f.Name(ctx, n.Fact))
	case rule.NodeBool:
		return i18n.T(ctx, "matching.say."+n.Text)
	case rule.NodeUnder:
		return i18n.T(ctx, key("under"), "fact", f.part(ctx, n.Kids[0], nil), "branch", f.member(ctx, n.Kids[0], n.Kids[1]))
	case rule.NodeMember:
		if len(n.Kids) == 2 && n.Kids[1].Op == rule.NodeFact { // in a set
			return i18n.T(ctx, key("has"), "fact", f.part(ctx, n.Kids[1], nil), "member", f.member(ctx, n.Kids[1], n.Kids[0]))
		}
		var list []string
		for _, k := range n.Kids[1:] {
			list = append(list, f.member(ctx, n.Kids[0], k))
		}
		return i18n.T(ctx, key("among"), "fact", f.part(ctx, n.Kids[0], nil), "list", strings.Join(list, i18n.T(ctx, "matching.say.comma")))
	}
	name, ok := signs[n.Op]
	if !ok {
		return f.part(ctx, n, nil)
	}
	a, b := n.Kids[0], n.Kids[1]
	if f.unit(a).day || f.unit(b).day {
		name = "day_" + name
	}
	ua, ub := f.unit(a), f.unit(b)
	return i18n.T(ctx, "matching.say."+name, "a", f.part(ctx, a, &ub), "b", f.part(ctx, b, &ua))
}

// unit is what a part is counted in.
type unit struct {
	money, share, day, years bool
	of                       i18n.Text // heads, items
}

func (f *Facts) unit(n *rule.Node) unit {
	switch n.Op {
	case rule.NodeFact:
		w, ok := f.Word(n.Fact.Key)
		if !ok {
			return unit{}
		}
		return unit{money: w.Money, day: w.Kind == rule.Day, of: w.Def.Unit}
	case rule.NodeToday, rule.NodeDay, rule.NodeAgo:
		return unit{day: true}
	case rule.NodeSince:
		return unit{years: true}
	case "/":
		a, b := f.unit(n.Kids[0]), f.unit(n.Kids[1])
		if b == (unit{}) {
			return a
		}
		return unit{share: a == b, money: a.money && !b.money}
	case "+", "-", "*", rule.NodeNegate:
		for _, k := range n.Kids {
			if u := f.unit(k); u != (unit{}) {
				return u
			}
		}
	}
	return unit{}
}

// part puts a number, a day or a fact into words; with says in what a number that
// stands alone is counted.
func (f *Facts) part(ctx context.Context, n *rule.Node, with *unit) string {
	switch n.Op {
	case rule.NodeFact:
		return f.Name(ctx, n.Fact)
	case rule.NodeNumber:
		if with == nil {
			return decimal(n.Num)
		}
		return f.amount(ctx, n.Num, *with)
	case rule.NodeText:
		return n.Text
	case rule.NodeToday:
		return i18n.T(ctx, "matching.say.today")
	case rule.NodeDay:
		return n.Text
	case rule.NodeAgo:
		return i18n.T(ctx, "matching.say.years_ago", "n", f.part(ctx, n.Kids[0], nil))
	case rule.NodeSince:
		return i18n.T(ctx, "matching.say.years_since", "fact", f.part(ctx, n.Kids[0], nil))
	case rule.NodeNegate:
		return "−" + f.part(ctx, n.Kids[0], with)
	case "+", "-", "*", "/":
		if g, ok := f.growth(ctx, n); ok {
			return g
		}
		if d, ok := f.daysOn(ctx, n); ok {
			return d
		}
		sign := map[string]string{"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}[n.Op]
		// What is added is counted as the other part is, a factor as nothing.
		inner := func(k, other *rule.Node) string {
			var u *unit
			if n.Op == "+" || n.Op == "-" {
				x := f.unit(other)
				u = &x
			}
			s := f.part(ctx, k, u)
			if (n.Op == "*" || n.Op == "/") && (k.Op == "+" || k.Op == "-") {
				return i18n.T(ctx, "matching.say.group", "what", s)
			}
			return s
		}
		return inner(n.Kids[0], n.Kids[1]) + sign + inner(n.Kids[1], n.Kids[0])
	}
	var kids []string
	for _, k := range n.Kids {
		kids = append(kids, f.part(ctx, k, nil))
	}
	return n.Text + i18n.T(ctx, "matching.say.group", "what", strings.Join(kids, i18n.T(ctx, "matching.say.comma")))
}

// daysOn reads today + 90 as the day 90 days from now, and a day + 90 in the same way.
func (f *Facts) daysOn(ctx context.Context, n *rule.Node) (string, bool) {
	if n.Op != "+" && n.Op != "-" || !f.unit(n.Kids[0]).day || n.Kids[1].Op != rule.NodeNumber {
		return "", false
	}
	key := map[string]string{"+": "matching.say.days_on", "-": "matching.say.days_back"}[n.Op]
	if n.Kids[0].Op == rule.NodeToday {
		return i18n.T(ctx, key+"_today", "n", decimal(n.Kids[1].Num)), true
	}
	return i18n.T(ctx, key, "day", f.part(ctx, n.Kids[0], nil), "n", decimal(n.Kids[1].Num)), true
}

// growth reads (x(-1) - x(-2)) / x(-2) as the growth of x.
func (f *Facts) growth(ctx context.Context, n *rule.Node) (string, bool) {
	if n.Op != "/" || n.Kids[0].Op != "-" {
		return "", false
	}
	now, before, base := n.Kids[0].Kids[0], n.Kids[0].Kids[1], n.Kids[1]
	if now.Op != rule.NodeFact || before.Op != rule.NodeFact || base.Op != rule.NodeFact || before.Fact != base.Fact || now.Fact.Key != base.Fact.Key || base.Fact.Back != now.Fact.Back+1 {
		return "", false
	}
	return i18n.T(ctx, "matching.say.growth", "fact", f.Name(ctx, now.Fact)), true
}

// Name is a fact in words, of a yearly one with the year.
func (f *Facts) Name(ctx context.Context, ref rule.FactRef) string {
	w, ok := f.Word(ref.Key)
	if !ok {
		return ref.Key
	}
	name := w.Name.In(i18n.LocaleOf(ctx))
	if ref.Back > 0 {
		name = strings.TrimPrefix(name, "当年") // the year is said before it
	}
	if w.Certificate != "" {
		return i18n.T(ctx, "matching.say.until", "certificate", f.memberName(ctx, w, w.Certificate))
	}
	switch {
	case ref.Back == 1:
		return i18n.T(ctx, "matching.say.last_year", "fact", name)
	case ref.Back > 1:
		return i18n.T(ctx, "matching.say.year_before", "fact", name, "n", ref.Back)
	}
	return name
}

// member is a text that a fact is compared with, in words.
func (f *Facts) member(ctx context.Context, fact, text *rule.Node) string {
	if text.Op != rule.NodeText {
		return f.part(ctx, text, nil)
	}
	w, ok := f.Word(fact.Fact.Key)
	if !ok {
		return text.Text
	}
	return f.memberName(ctx, w, text.Text)
}

// Member is a member of a set, or a code, in words.
func (f *Facts) Member(ctx context.Context, key, member string) string {
	w, ok := f.Word(key)
	if !ok {
		return member
	}
	return f.memberName(ctx, w, member)
}

func (f *Facts) memberName(ctx context.Context, w Word, key string) string {
	l := i18n.LocaleOf(ctx)
	switch w.Def.Type {
	case dossier.Set:
		for _, o := range w.Def.Options {
			if o.Key == key {
				return o.Name.In(l)
			}
		}
	case dossier.List:
		return i18n.T(ctx, "matching.certificate."+key)
	case dossier.Code:
		if w.Def.Codes == "industry" {
			if _, name, ok := dossier.Industry(key); ok {
				return key + " " + name
			}
			return key
		}
		if name := division.Known().Name(key + strings.Repeat("0", max(0, 6-len(key)))); name != "" {
			return name
		}
	}
	return key
}

// Amount puts a number that belongs to a fact into words: yuan, heads, years.
func (f *Facts) Amount(ctx context.Context, n *big.Rat, of *rule.Node) string {
	return f.amount(ctx, n, f.unit(of))
}

func (f *Facts) amount(ctx context.Context, n *big.Rat, u unit) string {
	l := i18n.LocaleOf(ctx)
	switch {
	case u.share:
		return decimal(new(big.Rat).Mul(n, big.NewRat(100, 1))) + "%"
	case u.money:
		return Yuan(ctx, n)
	case u.years:
		return i18n.T(ctx, "matching.say.years", "n", decimal(n))
	case u.of.In(l) != "" && l == i18n.Chinese:
		return decimal(n) + u.of.In(l)
	case u.of.In(l) != "":
		return decimal(n) + " " + u.of.In(l)
	}
	return decimal(n)
}

// Yuan writes an amount of yuan as people say it: in 10,000 or 100 million.
func Yuan(ctx context.Context, n *big.Rat) string {
	abs := new(big.Rat).Abs(n)
	for _, x := range []struct{ key, from, zh, en int64 }{{0, 100_000_000, 100_000_000, 1_000_000}, {1, 10_000, 10_000, 1}} {
		if abs.Cmp(big.NewRat(x.from, 1)) < 0 {
			continue
		}
		by := x.zh
		if i18n.LocaleOf(ctx) != i18n.Chinese {
			by = x.en
		}
		return i18n.T(ctx, "matching.say."+[]string{"yi", "wan"}[x.key], "n", decimal(new(big.Rat).Quo(n, big.NewRat(by, 1))))
	}
	return i18n.T(ctx, "matching.say.yuan", "n", decimal(n))
}

// decimal writes a number with at most two decimals, and commas.
func decimal(n *big.Rat) string {
	return money.Grouped(strings.TrimSuffix(strings.TrimRight(n.FloatString(2), "0"), "."))
}

// Title is a word without a year, in words.
func (f *Facts) Title(ctx context.Context, key string) string {
	return f.Name(ctx, rule.FactRef{Key: key})
}
