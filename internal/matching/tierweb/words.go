package tierweb

import (
	"context"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/matching/tier"
)

// speaker puts reasons into words for one reader.
type speaker struct {
	*Pages
	firm string // whose facts they are
	own  bool   // the reader is of the firm
}

// leaf is one condition of a rule, with the part of the rule that it is.
type leaf struct {
	*rule.Reason
	node *rule.Node
	not  bool
}

// holds is the answer of the condition where it stands.
func (l leaf) holds() engine.Tri {
	if l.not {
		return engine.Yes - l.Answer
	}
	return l.Answer
}

// leaves pairs the conditions of a reason with those of the rule as it is written:
// both stand in the same order.
func leaves(why *rule.Reason, n *rule.Node) map[*rule.Reason]leaf {
	var nodes []*rule.Node
	var walk func(*rule.Node)
	walk = func(n *rule.Node) {
		if n.Op == rule.OpAnd || n.Op == rule.OpOr || n.Op == rule.OpNot {
			for _, k := range n.Kids {
				walk(k)
			}
			return
		}
		nodes = append(nodes, n)
	}
	walk(n)
	out := map[*rule.Reason]leaf{}
	var pair func(r *rule.Reason, not bool)
	pair = func(r *rule.Reason, not bool) {
		for _, k := range r.Kids {
			pair(k, not != (r.Op == rule.OpNot))
		}
		if r.Op == rule.OpCondition && len(nodes) > 0 {
			out[r] = leaf{r, nodes[0], not}
			nodes = nodes[1:]
		}
	}
	pair(why, false)
	return out
}

// focus are the conditions that matter: of several ways the one that is nearest.
func focus(r *rule.Reason, of map[*rule.Reason]leaf, not bool) []leaf {
	switch {
	case r.Op == rule.OpNot:
		return focus(r.Kids[0], of, !not)
	case r.Op == rule.OpCondition:
		return []leaf{of[r]}
	case (r.Op == rule.OpAnd) != not:
		var out []leaf
		for _, k := range r.Kids {
			out = append(out, focus(k, of, not)...)
		}
		return out
	}
	var best []leaf
	least := -1
	for _, k := range r.Kids {
		part := focus(k, of, not)
		d := 0
		for _, l := range part {
			switch {
			case l.holds() == engine.Yes:
			case l.holds() == engine.No && l.Fixed:
				d += 1000
			case l.holds() == engine.No:
				d += 2 // what is only not known is nearer
			default:
				d++
			}
		}
		if least < 0 || d < least {
			best, least = part, d
		}
	}
	return best
}

// ask is a fact that is missing: what, whom to ask, and where to say it.
type ask struct{ Fact, Whom, Href string }

// line is one condition for a reader.
type line struct {
	Name   string
	Answer engine.Tri
	Own    string   // what the firm has, "" when nothing can be shown
	Short  []string // how far away it is
	Asks   []ask
}

// condition puts a check into words.
func (s speaker) condition(ctx context.Context, c tier.Check) line {
	out := line{Name: c.Name.For(ctx), Answer: c.Answer}
	s.reason(ctx, &out, c.Reason, c.Compiled)
	return out
}

func (s speaker) reason(ctx context.Context, out *line, why *rule.Reason, r *rule.Rule) {
	for _, l := range focus(why, leaves(why, r.Tree()), false) {
		if l.node == nil {
			continue
		}
		if own := s.ownValue(ctx, l); own != "" {
			out.Own = own
		}
		if l.holds() == engine.Yes || out.Answer == engine.Yes {
			continue
		}
		if short := s.short(ctx, l); short != "" {
			out.Short = append(out.Short, short)
		}
		for _, m := range l.Missing {
			out.Asks = append(out.Asks, s.ask(ctx, m))
		}
	}
}

// ownValue is what the firm has, as a reader counts it.
func (s speaker) ownValue(ctx context.Context, l leaf) string {
	f := s.Service.Tables.Facts
	switch {
	case l.Own != nil && len(l.node.Kids) > 0:
		return f.Amount(ctx, l.Own, l.node.Kids[0])
	case l.Days && l.OwnDay != 0 && len(l.Missing) == 0:
		return i18n.Day(i18n.LocaleOf(ctx), time.Unix(l.OwnDay*86400, 0).UTC())
	}
	return ""
}

// short is how far a condition is from holding.
func (s speaker) short(ctx context.Context, l leaf) string {
	if l.Short == nil || l.not || len(l.node.Kids) == 0 {
		return ""
	}
	value := l.node.Kids[0]
	if l.Ratio && value.Op == "/" { // an amount of what is divided, the rest staying as it is
		value = value.Kids[0]
	}
	amount := s.Service.Tables.Facts.Amount(ctx, new(big.Rat).Abs(l.Reason.Short), value)
	key := "tier.short.more"
	if l.Reason.Short.Sign() < 0 {
		key = "tier.short.less"
	}
	if l.Ratio && value.Op == rule.NodeFact {
		return i18n.T(ctx, key+"_of", "fact", s.Service.Tables.Facts.Name(ctx, value.Fact), "amount", amount)
	}
	return i18n.T(ctx, key, "amount", amount)
}

// ask says whom to ask for a fact.
func (s speaker) ask(ctx context.Context, m rule.FactRef) ask {
	out := ask{Fact: s.Service.Tables.Facts.Name(ctx, m)}
	w, ok := s.Service.Tables.Facts.Word(m.Key)
	if !ok || w.Def == nil {
		return out
	}
	d := s.Identity.Directory().Department(dossier.Published().Keeper(w.Def.Key))
	out.Whom = strings.TrimSpace(d.Name.For(ctx) + " " + d.Phone)
	if s.own && w.Def.By(dossier.Declared) {
		out.Href = "/my/firms/" + s.firm + "/facts/" + w.Def.Key
		if m.Back > 0 {
			out.Href += "?year=" + strconv.Itoa(workday.DateOf(s.Clock.Now()).Year()-m.Back)
		}
	}
	return out
}

// scored is one criterion for a reader.
type scored struct {
	Name    string
	Own     []string
	Points  string
	Most    int
	Full    bool
	Experts bool
	Next    []string
	Asks    []ask
}

// pointsWords writes 18, or 52–76.
func pointsWords(s rule.Span) string {
	if s.Low == s.High {
		return strconv.Itoa(s.Low)
	}
	return strconv.Itoa(s.Low) + "–" + strconv.Itoa(s.High)
}

// criterion puts the points of a criterion into words.
func (s speaker) criterion(ctx context.Context, c *tier.Criterion, e *rule.Earned) scored {
	out := scored{Name: c.Name.For(ctx), Points: pointsWords(e.Span), Most: e.Most(), Experts: c.Experts > 0, Full: e.Low == e.Most()}
	at := 0
	asked := map[string]bool{}
	steps := map[*rule.Rule]string{} // the way that a band belongs to, by its name
	for _, l := range c.Lines() {
		for i, b := range l.Bands {
			step := e.Steps[at]
			at++
			steps[b.Compiled] = l.Name.For(ctx)
			if step.Why == nil {
				continue
			}
			if b.When != "" && step.Answer == engine.Yes && b.High == e.High {
				out.Own = append(out.Own, s.Service.Tables.Facts.Sentence(ctx, b.Compiled))
			}
			var x line
			x.Answer = step.Answer
			s.reason(ctx, &x, step.Why, b.Compiled)
			if b.When == "" && i == 0 && x.Own != "" {
				if len(c.OneOf) > 0 {
					x.Own = i18n.T(ctx, "tier.own_of", "what", l.Name.For(ctx), "own", x.Own)
				}
				out.Own = append(out.Own, x.Own)
			}
			if e.High > e.Low {
				for _, a := range x.Asks {
					if !asked[a.Fact] {
						asked[a.Fact] = true
						out.Asks = append(out.Asks, a)
					}
				}
			}
		}
	}
	for _, n := range e.Next() {
		if n.Why == nil || n.Answer != engine.No {
			continue
		}
		if words := s.next(ctx, n, steps[n.When], len(c.OneOf) > 0); words != "" {
			out.Next = append(out.Next, words)
		}
	}
	return out
}

// next is what a better band asks for, and how far it is.
func (s speaker) next(ctx context.Context, n rule.Step, way string, several bool) string {
	points := pointsWords(rule.Span{Low: n.Low, High: n.High})
	list := focus(n.Why, leaves(n.Why, n.When.Tree()), false)
	if len(list) == 0 || list[len(list)-1].node == nil {
		return ""
	}
	l := list[len(list)-1] // what comes before it only says for whom
	if l.Need == nil || len(l.node.Kids) == 0 {
		return i18n.T(ctx, "tier.next.when", "what", s.Service.Tables.Facts.Condition(ctx, l.node), "points", points)
	}
	need := s.Service.Tables.Facts.Amount(ctx, l.Need, l.node.Kids[0])
	if several {
		need = i18n.T(ctx, "tier.own_of", "what", way, "own", need)
	}
	key := map[string]string{">=": "least", ">": "above", "<=": "most", "<": "below"}[l.Compare]
	if key == "" {
		return ""
	}
	out := i18n.T(ctx, "tier.next."+key, "need", need, "points", points)
	if short := s.short(ctx, l); short != "" {
		out += i18n.T(ctx, "tier.next.comma") + short
	}
	return out
}

// bandWords says what a band of a table asks for.
func (p *Pages) bandWords(ctx context.Context, b *tier.Band) string {
	n := b.Compiled.Tree()
	for n.Op == rule.OpAnd { // behind what says for whom
		n = n.Kids[len(n.Kids)-1]
	}
	f := p.Service.Tables.Facts
	key := map[string]string{">=": "least", ">": "above", "<=": "most", "<": "below"}[n.Op]
	if b.When != "" || key == "" || len(n.Kids) < 2 || n.Kids[1].Op != rule.NodeNumber {
		return f.Sentence(ctx, b.Compiled)
	}
	return i18n.T(ctx, "tier.band."+key, "need", f.Amount(ctx, n.Kids[1].Num, n.Kids[0]))
}

// dayWords writes an ISO day as people do.
func dayWords(ctx context.Context, iso string) string {
	d, err := workday.Parse(iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), workday.StartOf(d))
}
