package facts

import (
	"context"
	"math/big"
	"time"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/engine"
	"github.com/tongban/tongban/internal/matching/rule"
)

// Line is a condition, or a join of conditions, of a reason in words.
type Line struct {
	Answer  engine.Tri
	Join    string // rule.OpAnd, rule.OpOr, rule.OpNot, "" for one condition
	Kids    []Line
	Text    string // what is asked for
	Own     string // what the firm has, "" when that is no number or day
	Short   string // how far it is away, "" when it is not
	Fixed   bool   // nobody can bring it about
	Missing []Gap  // facts that nobody has told
}

// Gap is a fact that is missing, and whom to ask.
type Gap struct {
	Key      string
	Year     int // 0 for a fact that is not yearly
	Name     string
	Register string // the register that says it first, in words; "" for one that the firm says itself
	Declared bool   // the firm may say it itself
}

// Why puts a reason into words, as of a day (ISO).
func (f *Facts) Why(ctx context.Context, r *rule.Reason, today string) Line {
	line := Line{Answer: r.Answer, Fixed: r.Fixed}
	if r.Op != rule.OpCondition {
		if r.Op == rule.OpNot && r.Kids[0].Op == rule.OpCondition {
			k := r.Kids[0]
			line = f.conditionLine(ctx, k, today)
			line.Answer, line.Short = r.Answer, ""
			line.Text = f.Say(ctx, &rule.Node{Op: rule.OpNot, Kids: []*rule.Node{k.Node}}).flat(ctx, true)
			return line
		}
		line.Join = r.Op
		for _, k := range r.Kids {
			line.Kids = append(line.Kids, f.Why(ctx, k, today))
		}
		return line
	}
	return f.conditionLine(ctx, r, today)
}

func (f *Facts) conditionLine(ctx context.Context, r *rule.Reason, today string) Line {
	line := Line{Answer: r.Answer, Fixed: r.Fixed, Text: f.Condition(ctx, r.Node)}
	for _, m := range r.Missing {
		line.Missing = append(line.Missing, f.gap(ctx, m, today))
	}
	switch {
	case r.Days:
		line.Own = i18n.Day(i18n.LocaleOf(ctx), dayOf(r.OwnDay))
	case r.Own != nil && r.Compare != "" && len(r.Node.Kids) == 2:
		line.Own = f.Amount(ctx, r.Own, r.Node.Kids[0])
		if r.Short != nil && r.Answer == engine.No && !r.Fixed && len(r.Node.Kids) > 0 {
			line.Short = f.short(ctx, r)
		}
	}
	return line
}

// short says by how much a number has to grow, or to shrink.
func (f *Facts) short(ctx context.Context, r *rule.Reason) string {
	of := r.Node.Kids[0]
	key := "matching.why.more"
	if r.Short.Sign() < 0 {
		key = "matching.why.less"
	}
	by := new(big.Rat).Abs(r.Short)
	if r.Ratio {
		for of.Op != "/" && len(of.Kids) > 0 { // the dividend is what has to grow
			of = of.Kids[0]
		}
		if of.Op == "/" {
			key += "_of"
			return i18n.T(ctx, key, "n", f.Amount(ctx, by, of.Kids[0]), "what", f.part(ctx, of.Kids[0], nil))
		}
	}
	if by.Sign() == 0 { // above is asked for, and the border is reached
		return i18n.T(ctx, "matching.why.border")
	}
	return i18n.T(ctx, key, "n", f.Amount(ctx, by, of))
}

func (f *Facts) gap(ctx context.Context, m rule.FactRef, today string) Gap {
	g := Gap{Key: m.Key, Name: f.Name(ctx, m)}
	w, ok := f.Word(m.Key)
	if !ok {
		return g
	}
	g.Key = w.Def.Key
	if m.Back > 0 && len(today) >= 4 {
		if y, err := time.Parse("2006", today[:4]); err == nil {
			g.Year = y.Year() - m.Back
		}
	}
	g.Declared = w.Def.By(dossier.Declared)
	if reg, ok := dossier.Published().Register(w.Def.Register); ok {
		g.Register = reg.Name.In(i18n.LocaleOf(ctx))
	}
	return g
}

func dayOf(n int64) time.Time { return time.Unix(n*86400, 0).UTC() }

// Flat lists the conditions of a line that are answered so, those of joins among
// them.
func (l Line) Flat(answer engine.Tri) []Line {
	if l.Join == "" {
		if l.Answer == answer {
			return []Line{l}
		}
		return nil
	}
	if l.Answer != answer && l.Join != rule.OpNot {
		return nil // decided otherwise: what is left of it does not matter
	}
	var out []Line
	for _, k := range l.Kids {
		out = append(out, k.Flat(answer)...)
	}
	return out
}

// Gaps lists the facts that keep a line open, each once.
func (l Line) Gaps() []Gap {
	var out []Gap
	seen := map[Gap]bool{}
	var walk func(Line)
	walk = func(x Line) {
		if x.Answer != engine.Unknown {
			return
		}
		for _, g := range x.Missing {
			if !seen[g] {
				seen[g] = true
				out = append(out, g)
			}
		}
		for _, k := range x.Kids {
			walk(k)
		}
	}
	walk(l)
	return out
}
