package tier

import (
	"embed"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

// Ladder is rungs that follow each other.
type Ladder struct {
	Key       string    `yaml:"key"`
	Name      i18n.Text `yaml:"name"`
	About     i18n.Text `yaml:"about"`
	Elsewhere bool      `yaml:"elsewhere"` // of another place: shown to compare with, counts for nothing
	Rungs     []*Rung   `yaml:"rungs"`     // from the lowest up; of one key several that follow each other in time
}

// Rung is one step, as its table stands from a day on.
type Rung struct {
	Key         string       `yaml:"key"`
	Name        i18n.Text    `yaml:"name"`
	About       i18n.Text    `yaml:"about"`
	Certificate string       `yaml:"certificate"` // type by which it is held, "" when nobody gives one
	Department  string       `yaml:"department"`  // that keeps it
	Item        string       `yaml:"item"`        // by which one applies, "" for none
	From        string       `yaml:"from"`        // ISO date, the first day of the table
	Until       string       `yaml:"until"`       // the last one, "" for no end
	Source      Source       `yaml:"source"`
	Gates       []*Condition `yaml:"gates"`
	Direct      []*Condition `yaml:"direct"`
	Score       *Score       `yaml:"score"`

	Ladder *Ladder `yaml:"-"`
}

// Source is where a table stands.
type Source struct {
	Text i18n.Text `yaml:"text"`
	URL  string    `yaml:"url"`
}

// Condition is a rule with a name.
type Condition struct {
	Name  i18n.Text `yaml:"name"`
	Rule  string    `yaml:"rule"`
	Cases []Case    `yaml:"cases"` // instead of a rule: one of them
	Zero  string    `yaml:"zero"`

	Compiled *rule.Rule `yaml:"-"`
}

// Case asks for something of those for whom a condition holds.
type Case struct {
	If   string `yaml:"if"`
	Then string `yaml:"then"`
}

// Score is a table of points.
type Score struct {
	AtLeast int      `yaml:"at_least"`
	Above   int      `yaml:"above"` // instead: more than that
	Groups  []*Group `yaml:"groups"`

	Points *rule.Points `yaml:"-"`
}

// Need is the least whole number of points that is enough.
func (s *Score) Need() int {
	if s.Above > 0 {
		return s.Above + 1
	}
	return s.AtLeast
}

// Group of criteria.
type Group struct {
	Key      string       `yaml:"key"`
	Name     i18n.Text    `yaml:"name"`
	Cap      int          `yaml:"cap"`
	AtLeast  int          `yaml:"at_least"`
	Criteria []*Criterion `yaml:"criteria"`

	Points *rule.Points `yaml:"-"`
}

// Criterion gives points; of its bands the best that holds counts.
type Criterion struct {
	Line    `yaml:",inline"`
	OneOf   []*Line `yaml:"one_of"`
	Experts int     `yaml:"experts"` // what experts give: between nothing and that
	Floor   int     `yaml:"floor"`   // what everybody has

	Points *rule.Points `yaml:"-"`
}

// Line is one way to meet a criterion.
type Line struct {
	Name  i18n.Text `yaml:"name"`
	If    string    `yaml:"if"` // else it gives nothing
	Value string    `yaml:"value"`
	Zero  string    `yaml:"zero"`
	Bands []*Band   `yaml:"bands"`
}

// Band gives points to a value that lies so, or to whom a condition holds for.
type Band struct {
	From      string `yaml:"from"`
	Above     string `yaml:"above"`
	To        string `yaml:"to"`
	Below     string `yaml:"below"`
	When      string `yaml:"when"`
	Points    string `yaml:"points"`
	Low, High int    `yaml:"-"`

	Compiled *rule.Rule `yaml:"-"`
}

// Lines are the ways to meet the criterion.
func (c *Criterion) Lines() []*Line {
	if len(c.OneOf) > 0 {
		return c.OneOf
	}
	if len(c.Bands) > 0 {
		return []*Line{&c.Line}
	}
	return nil
}

//go:embed ladders/*.yaml
var published embed.FS

// Tables are all ladders.
type Tables struct {
	Ladders []*Ladder
	Facts   *facts.Facts
}

var theTables = sync.OnceValue(func() *Tables {
	t, err := load(facts.Published())
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return t
})

// Published are the ladders of this program.
func Published() *Tables { return theTables() }

func load(f *facts.Facts) (*Tables, error) {
	t := &Tables{Facts: f}
	list, err := published.ReadDir("ladders")
	if err != nil {
		return nil, fmt.Errorf("tier: %w", err)
	}
	for _, file := range list {
		text, err := published.ReadFile("ladders/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("tier: %w", err)
		}
		l, err := read(f.Rules, string(text))
		if err != nil {
			return nil, fmt.Errorf("tier: %s: %w", file.Name(), err)
		}
		t.Ladders = append(t.Ladders, l)
	}
	return t, nil
}

// read reads one ladder and compiles its rules.
func read(v *rule.Vocabulary, text string) (*Ladder, error) {
	l := &Ladder{}
	if faults := yamlx.Decode(text, l); len(faults) > 0 {
		return nil, fmt.Errorf("line %d: %s %s", faults[0].Line, faults[0].Key, faults[0].Value)
	}
	for _, r := range l.Rungs {
		r.Ladder = l
		if err := r.compile(v); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Key, err)
		}
	}
	return l, nil
}

func (r *Rung) compile(v *rule.Vocabulary) error {
	if len(r.Gates)+len(r.Direct) == 0 && r.Score == nil || r.From == "" || r.Source.Text.IsZero() || r.Name.IsZero() || len(r.Direct) > 0 && r.Score == nil {
		return fmt.Errorf("a rung has a name, a first day, a source and conditions; what spares points needs points to spare")
	}
	for _, list := range [][]*Condition{r.Gates, r.Direct} {
		for _, c := range list {
			source := c.Rule
			var cases []string
			for _, x := range c.Cases {
				cases = append(cases, "("+x.If+") && ("+x.Then+")")
			}
			if len(cases) > 0 {
				source = strings.Join(cases, " || ")
			}
			var err error
			if c.Compiled, err = v.Compile(source, c.Zero); err != nil {
				return fmt.Errorf("%s: %w", c.Name.ZH, err)
			}
		}
	}
	if r.Score == nil {
		return nil
	}
	s := r.Score
	s.Points = &rule.Points{}
	for _, g := range s.Groups {
		g.Points = &rule.Points{Cap: g.Cap}
		for _, c := range g.Criteria {
			if err := c.compile(v); err != nil {
				return fmt.Errorf("%s: %w", c.Name.ZH, err)
			}
			g.Points.Sum = append(g.Points.Sum, c.Points)
		}
		s.Points.Sum = append(s.Points.Sum, g.Points)
	}
	if n := s.Need(); n <= 0 || n > s.Points.Most() {
		return fmt.Errorf("%d of %d points", n, s.Points.Most())
	}
	return nil
}

func (c *Criterion) compile(v *rule.Vocabulary) error {
	c.Points = &rule.Points{}
	line := 0
	for _, l := range c.Lines() {
		for _, b := range l.Bands {
			source, err := l.condition(b)
			if err != nil {
				return err
			}
			if b.Compiled, err = v.Compile(source, l.Zero); err != nil {
				return err
			}
			if b.Low, b.High, err = span(b.Points); err != nil {
				return err
			}
			if b.When != "" {
				line++ // conditions need not follow from each other
			}
			c.Points.Bands = append(c.Points.Bands, rule.Band{When: b.Compiled, Line: line, Low: b.Low, High: b.High})
		}
		line++
	}
	if c.Experts+c.Floor > 0 {
		c.Points.Bands = append(c.Points.Bands, rule.Band{Line: line, Low: c.Floor, High: max(c.Floor, c.Experts)})
	}
	if c.Points.Most() == 0 {
		return fmt.Errorf("gives no points")
	}
	return nil
}

// condition is the rule of a band.
func (l *Line) condition(b *Band) (string, error) {
	source := b.When
	for _, x := range []struct{ sign, bound string }{{">=", b.From}, {">", b.Above}, {"<=", b.To}, {"<", b.Below}} {
		if x.bound == "" {
			continue
		}
		n, err := number(x.bound)
		if err != nil || source != "" || l.Value == "" {
			return "", fmt.Errorf("%q bounds no value", x.bound)
		}
		source = "(" + l.Value + ") " + x.sign + " " + n
	}
	if source == "" {
		return "", fmt.Errorf("a band without a condition")
	}
	if l.If != "" {
		source = "(" + l.If + ") && (" + source + ")"
	}
	return source, nil
}

var plainNumber = regexp.MustCompile(`^-?\d{1,12}(\.\d{1,4})?%?$`)

// number writes 82.25% as 0.8225.
func number(s string) (string, error) {
	if !plainNumber.MatchString(s) {
		return "", fmt.Errorf("%q is no number", s)
	}
	n, percent := strings.CutSuffix(s, "%")
	if !percent {
		return n, nil
	}
	r, _ := new(big.Rat).SetString(n)
	return strings.TrimRight(new(big.Rat).Quo(r, big.NewRat(100, 1)).FloatString(7), "0") + "0", nil
}

// span reads 20, or 25-30.
func span(s string) (low, high int, err error) {
	a, b, two := strings.Cut(s, "-")
	if !two {
		b = a
	}
	low, err = strconv.Atoi(a)
	if err == nil {
		high, err = strconv.Atoi(b)
	}
	if err != nil || low < 0 || high < low || high == 0 || high > 100 {
		return 0, 0, fmt.Errorf("%q are no points", s)
	}
	return low, high, nil
}

// On are the rungs of a ladder whose tables hold on a day, ISO, from the lowest up.
func (l *Ladder) On(day string) []*Rung {
	var out []*Rung
	for _, r := range l.Rungs {
		if r.From <= day && (r.Until == "" || r.Until >= day) {
			out = append(out, r)
		}
	}
	return out
}

// Ladder returns the one with the key, nil for none.
func (t *Tables) Ladder(key string) *Ladder {
	for _, l := range t.Ladders {
		if l.Key == key {
			return l
		}
	}
	return nil
}

// Rung returns the newest table of a rung, nil for none.
func (t *Tables) Rung(key string) *Rung {
	var out *Rung
	for _, l := range t.Ladders {
		for _, r := range l.Rungs {
			if r.Key == key && (out == nil || r.From > out.From) {
				out = r
			}
		}
	}
	return out
}
