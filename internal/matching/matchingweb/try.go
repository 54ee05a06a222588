package matchingweb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// trialBox is what a rule would do, and what is wrong with it.
type trialBox struct {
	*Pages
	Rule   string
	Faults rule.Faults
	Phrase *facts.Phrase
	Trial  *matching.Trial
	Gains  []named
	Losses []named
	Budget money.Fen
	Names  bool // the reader may know which firms they are, so that no figure is too small to be shown
}

// few is the least number of firms of which a trial tells figures to those who may
// not know which firms they are: a rule that means one firm would tell its facts.
const few = 5

// number of firms as a trial tells it.
func (b trialBox) number(ctx context.Context, n int) string {
	if n > 0 && n < few && !b.Names {
		return i18n.T(ctx, "matching.try.few", "n", few)
	}
	return itoa(n)
}

// cost is what firms would get, as a trial tells it; "" when that would tell of single firms.
func (b trialBox) cost(ctx context.Context, fen money.Fen, firms int) string {
	switch {
	case b.Names || firms == 0:
		return push.Yuan(ctx, fen)
	case firms < few:
		return ""
	}
	const wan = 10_000_00
	return push.Yuan(ctx, (fen+wan/2)/wan*wan)
}

type named struct{ ID, Name string }

// try answers while somebody writes: the part of the page that shows what is wrong
// with the rule and at which place, what it says, how many firms fit, and what
// that costs.
func (p *Pages) try(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	d := matching.Draft{Rule: f.Value("rule"), Zero: f.Value("zero"), Benefit: benefitOf(f), Against: matching.ClausePrefix + f.Value("key")}
	box, err := p.box(r.Context(), d)
	if err != nil {
		return err
	}
	if err := p.narrow(r.Context(), box); err != nil {
		return err
	}
	if !view.IsFragment(r) {
		return view.Render(w, r, http.StatusOK, tryPage(box))
	}
	return view.Render(w, r, http.StatusOK, TrialResult(box))
}

// narrow enters a trial that means few firms into the audit trail: whoever asks for
// the facts of one in this way is seen.
func (p *Pages) narrow(ctx context.Context, b trialBox) error {
	if t := b.Trial; t == nil || t.Yes == 0 || t.Yes >= 10*few || t.Yes == t.Firms {
		return nil
	}
	return p.Matching.NoteTrial(ctx, auth.From(ctx), b.Rule, b.Trial.Yes)
}

// benefitOf reads the parts of a benefit that a cost is reckoned of. What is no
// number yet counts as none: the form says so when it is saved.
func benefitOf(f *form.Form) policy.Benefit {
	in := func(name string) string { return cmp.Or(f.Value("benefit."+name), f.Value(name)) } // as the editor of clauses calls them, and as addresses do
	b := policy.Benefit{Kind: policy.BenefitKind(in("kind")), Of: in("of"), Per: policy.Per(in("per"))}
	sum := func(name string) money.Fen {
		v, err := money.Parse(strings.ReplaceAll(in(name), ",", ""))
		if err != nil || v < 0 {
			return 0
		}
		return v
	}
	b.Amount, b.Cap, b.Budget = sum("amount"), sum("cap"), sum("budget")
	if rate, err := strconv.ParseFloat(in("rate"), 64); err == nil && rate > 0 && rate <= 1000 {
		b.Rate = rate
	}
	return b
}

func (p *Pages) box(ctx context.Context, d matching.Draft) (trialBox, error) {
	box := trialBox{Pages: p, Rule: d.Rule, Budget: d.Benefit.Budget}
	if strings.TrimSpace(d.Rule) == "" {
		return box, nil
	}
	if r, err := p.Facts.Rules.Compile(d.Rule, d.Zero); err == nil {
		say := p.Facts.Say(ctx, r.Tree())
		box.Phrase = &say
	} else if !errors.As(err, &box.Faults) {
		return box, err
	} else {
		return box, nil
	}
	if strings.TrimSpace(d.Benefit.Of) != "" {
		if _, err := p.Facts.Rules.Amount(d.Benefit.Of); err != nil { // said at its own input when it is saved
			d.Benefit.Of, d.Benefit.Rate = "", 0
		}
	}
	v, err := p.Matching.View(ctx)
	if err != nil {
		return box, err
	}
	t, err := v.Try(d)
	if errors.As(err, &box.Faults) {
		return box, nil
	} else if err != nil {
		return box, err
	}
	box.Trial = &t
	if box.Gains, err = p.names(ctx, t.Gains); err != nil {
		return box, err
	}
	box.Losses, err = p.names(ctx, t.Losses)
	return box, err
}

func (p *Pages) names(ctx context.Context, firms []string) ([]named, error) {
	var out []named
	for _, id := range firms {
		e, err := p.Identity.Enterprise(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("matchingweb: %w", err)
		}
		out = append(out, named{id, e.Name.For(ctx)})
	}
	return out, nil
}

// marked is the line of a rule with the place of a fault.
type marked struct{ Before, At, After string }

// place shows where a fault stands.
func place(source string, f rule.Fault) marked {
	lines := strings.Split(source, "\n")
	if f.Line < 1 || f.Line > len(lines) {
		return marked{}
	}
	line := []rune(lines[f.Line-1])
	at := min(max(0, f.Column-1), len(line))
	end := at
	for end < len(line) && (line[end] == '_' || line[end] >= '0' && line[end] <= '9' || line[end] >= 'a' && line[end] <= 'z' || line[end] >= 'A' && line[end] <= 'Z' || line[end] > 127) {
		end++
	}
	if end == at && end < len(line) {
		end++
	}
	return marked{string(line[:at]), string(line[at:end]), string(line[end:])}
}

func faultWords(ctx context.Context, f rule.Fault) string {
	return i18n.T(ctx, "error.policy.rule."+f.Problem, "line", f.Line, "column", f.Column, "detail", f.Detail, "near", f.Near)
}

type whatIfPage struct {
	trialBox
	Entry   policy.Entry
	Sliders []slider
	Moved   string // the rule with the numbers moved
}

// slider is a number of the rule that can be moved.
type slider struct {
	Name, Label   string
	Value, Was    string
	Low, Hi, Step string
}

// whatIf moves thresholds of a published rule, and shows who would be gained and
// lost and what it would cost.
func (p *Pages) whatIf(w http.ResponseWriter, r *http.Request) error {
	entries, err := p.Policies.Published(r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(entries, func(e policy.Entry) bool { return e.Key == r.PathValue("key") && e.Matched() })
	if i < 0 {
		return policy.ErrNotFound
	}
	d := whatIfPage{Entry: entries[i]}
	actor := auth.From(r.Context())
	names := p.Push.SeesCandidates(actor, d.Entry)
	if !names && !actor.Has(auth.CatalogueAdmin) { // another department's candidates
		return policy.ErrNotFound
	}
	if d.trialBox, err = p.moved(r.Context(), &d, r.URL.Query()); err != nil {
		return err
	}
	d.Names = names
	if !names {
		d.Gains, d.Losses = nil, nil
	}
	if view.IsFragment(r) {
		return view.Render(w, r, http.StatusOK, whatIfResult(d))
	}
	return view.Render(w, r, http.StatusOK, whatIf(d))
}

// moved reads the sliders into a draft and tries it.
func (p *Pages) moved(ctx context.Context, d *whatIfPage, q url.Values) (trialBox, error) {
	rl, err := p.Facts.Rules.Compile(d.Entry.Rule, d.Entry.Zero)
	if err != nil {
		return trialBox{}, err
	}
	texts := map[int]string{}
	d.Sliders = p.sliders(ctx, rl)
	for i := range d.Sliders {
		s := &d.Sliders[i]
		typed := q.Get(s.Name)
		if typed == s.Was || !typedNumber.MatchString(typed) {
			continue
		}
		if n, ok := new(big.Rat).SetString(typed); ok {
			s.Value, texts[i] = typed, plain(n)
		}
	}
	d.Moved = rl.With(texts)
	return p.box(ctx, matching.Draft{Rule: d.Moved, Zero: d.Entry.Zero, Benefit: d.Entry.Benefit, Against: matching.ClausePrefix + d.Entry.Key})
}

// typedNumber is what a slider can send.
var typedNumber = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,6})?$`)

// plain writes a number as rules have it.
func plain(n *big.Rat) string {
	s := n.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// sliders are the numbers of a rule, each with the condition that it stands in.
func (p *Pages) sliders(ctx context.Context, r *rule.Rule) []slider {
	out := []slider{}
	var walk func(n, cond *rule.Node)
	walk = func(n, cond *rule.Node) {
		switch n.Op {
		case ">=", ">", "<=", "<", "==", "!=":
			cond = n
		}
		if n.Op == rule.NodeNumber && n.End > n.At {
			was := plain(n.Num)
			low, hi, step := span(n.Num)
			out = append(out, slider{Name: "n" + strconv.Itoa(len(out)), Label: p.Facts.Condition(ctx, cond), Value: was, Was: was, Low: low, Hi: hi, Step: step})
		}
		for _, k := range n.Kids {
			walk(k, cond)
		}
	}
	tree := r.Tree()
	walk(tree, tree)
	return out
}

// span is how far a number can be moved: from nought to three times as much, in
// steps of about a hundredth.
func span(n *big.Rat) (low, hi, step string) {
	abs := new(big.Rat).Abs(n)
	if abs.Sign() == 0 {
		return "-10", "10", "1"
	}
	s := big.NewRat(1, 1)
	for new(big.Rat).Mul(s, big.NewRat(20, 1)).Cmp(abs) > 0 {
		s.Quo(s, big.NewRat(10, 1))
	}
	for new(big.Rat).Mul(s, big.NewRat(200, 1)).Cmp(abs) <= 0 {
		s.Mul(s, big.NewRat(10, 1))
	}
	if n.IsInt() && s.Cmp(big.NewRat(1, 1)) < 0 {
		s = big.NewRat(1, 1)
	}
	top := new(big.Rat).Mul(abs, big.NewRat(3, 1))
	if n.Sign() < 0 {
		return plain(new(big.Rat).Neg(top)), "0", plain(s)
	}
	return "0", plain(top), plain(s)
}

// wordRow is a word of rules as the list of words shows it.
type wordRow struct {
	facts.Word
	How string // an example
}

type wordsPage struct {
	Groups []wordGroup
}

type wordGroup struct {
	Name string
	Rows []wordRow
}

// words lists the words that rules can be made of.
func (p *Pages) words(w http.ResponseWriter, r *http.Request) error {
	d := wordsPage{}
	for _, g := range dossier.Published().Groups {
		list := wordGroup{Name: g.Name.For(r.Context())}
		for _, x := range p.Facts.Words() {
			if x.Def.Group == g.Key {
				list.Rows = append(list.Rows, wordRow{x, example(x)})
			}
		}
		if len(list.Rows) > 0 {
			d.Groups = append(d.Groups, list)
		}
	}
	return view.Render(w, r, http.StatusOK, wordList(p, d))
}

// example is how a word is used.
func example(w facts.Word) string {
	key := w.Key
	if w.Years > 0 {
		key += "(-1)"
	}
	switch w.Kind {
	case rule.Number:
		if w.Money {
			return key + " >= 5000000"
		}
		return key + " >= 10"
	case rule.Day:
		if w.Certificate != "" {
			return key + " < today + 90"
		}
		return "years_since(" + key + ") >= 1"
	case rule.Code:
		if w.Def.Codes == "region" {
			return key + `.under("3716")`
		}
		return key + `.under("I65")`
	case rule.Set:
		return `"` + w.Members[0] + `" in ` + key
	}
	return key
}

// memory shows what matching takes.
func (p *Pages) memory(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.Matching.View(r.Context()); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, memory(p.Matching.Memory()))
}

func mb(n int) string { return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB" }
