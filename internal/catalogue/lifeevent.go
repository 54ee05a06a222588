package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tongban/tongban/internal/catalogue/index"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/rules"
)

// Theme is a topic that items belong to.
type Theme struct {
	Key      string    `json:"key" yaml:"key"`
	Group    string    `json:"group" yaml:"group"` // business or person
	Name     i18n.Text `json:"name" yaml:"name"`
	Position int       `json:"-" yaml:"-"`
}

// LifeEvent (智能导办) leads from what happens in somebody's life or firm to
// the items to ask for, by a handful of questions.
type LifeEvent struct {
	Key       string       `json:"key" yaml:"key"`
	Icon      string       `json:"icon" yaml:"icon"`
	Audience  []Audience   `json:"audience" yaml:"audience"`
	Name      i18n.Text    `json:"name" yaml:"name"`
	Hint      i18n.Text    `json:"hint" yaml:"hint"`
	Keywords  []string     `json:"keywords,omitempty" yaml:"keywords"`
	Questions []Field      `json:"questions,omitempty" yaml:"questions"`
	Items     []Suggestion `json:"items" yaml:"items"`
	Position  int          `json:"-" yaml:"-"`
	Version   int          `json:"-" yaml:"-"` // for optimistic locking
}

// Suggestion is an item that a life event leads to.
type Suggestion struct {
	Item string    `json:"item" yaml:"item"`
	When string    `json:"when,omitempty" yaml:"when"` // CEL over answers; "" = always
	Why  i18n.Text `json:"why,omitzero" yaml:"why"`
}

// Validate reports everything that is wrong with the event as ErrInvalid.
// Whether its items are there is not checked: one may be suspended for a time.
func (e LifeEvent) Validate() error {
	c := &checker{err: ErrInvalid}
	if !keyForm.MatchString(e.Key) {
		c.at("key", badForm, "value", e.Key)
	}
	c.text("name", e.Name, true)
	c.text("hint", e.Hint, false)
	several(c, "audience", e.Audience, []Audience{ForEnterprise, ForPerson})
	fields := map[string]bool{}
	for _, q := range e.Questions {
		fields[q.ID] = true
		if !slices.Contains([]FieldType{FieldChoice, FieldMulti, FieldYesNo}, q.Type) {
			c.at("questions."+q.ID+".type", badUnknown, "value", string(q.Type))
		}
	}
	c.form(Form{Sections: []Section{{Key: "questions", Title: e.Name, Fields: e.Questions}}}, fields)
	if len(e.Items) == 0 {
		c.at("items", badRequired)
	}
	for i, s := range e.Items {
		at := fmt.Sprintf("items.%d", i+1)
		if s.Item == "" {
			c.at(at, badRequired)
		}
		c.text(at+".why", s.Why, false)
		c.condition(at+".when", s.When, fields)
	}
	return c.err.OrNil()
}

// Asked returns the questions that are asked with these answers so far.
func (e LifeEvent) Asked(answers map[string]any) []Field {
	return slices.DeleteFunc(slices.Clone(e.Questions), func(q Field) bool { return q.When != "" && !rules.Holds(q.When, answers) })
}

// Suggested returns what the answers lead to.
func (e LifeEvent) Suggested(answers map[string]any) []Suggestion {
	return slices.DeleteFunc(slices.Clone(e.Items), func(s Suggestion) bool { return s.When != "" && !rules.Holds(s.When, answers) })
}

// eventsFor are the events that a sentence speaks of. Each keyword counts with
// its length when it stands in the sentence as a whole, and with half of what
// is there of its parts when a good deal of it is; so 我想开一家饭店 finds 开饭店.
func eventsFor(events []LifeEvent, sentence string) []LifeEvent {
	type hit struct {
		event LifeEvent
		score float64
	}
	said := strings.ReplaceAll(index.Normalise(sentence), " ", "")
	if said == "" {
		return events
	}
	parts := map[string]bool{}
	for _, t := range pieces(index.Normalise(sentence)) {
		parts[t] = true
	}
	var hits []hit
	for _, e := range events {
		best := 0.0
		for _, word := range append([]string{e.Name.ZH, e.Name.EN}, e.Keywords...) {
			best = max(best, fits(index.Normalise(word), said, parts))
		}
		if best > 0 {
			hits = append(hits, hit{e, best})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	out := make([]LifeEvent, len(hits))
	for i, h := range hits {
		out[i] = h.event
	}
	return out
}

// fits says how well a keyword fits what was said, 0 for not at all.
func fits(word, said string, parts map[string]bool) float64 {
	compact := strings.ReplaceAll(word, " ", "")
	n := float64(len([]rune(compact)))
	switch {
	case n < 2:
		return 0
	case strings.Contains(said, compact):
		return n
	case len([]rune(said)) > 1 && strings.Contains(compact, said):
		return float64(len([]rune(said)))
	}
	all := pieces(word)
	here := 0
	for _, t := range all {
		if parts[t] {
			here++
		}
	}
	if len(all) == 0 || 2*here < len(all) {
		return 0
	}
	// The first and last character of a Chinese word say what is done to what.
	rs := []rune(compact)
	if unicode.Is(unicode.Han, rs[0]) && !(strings.ContainsRune(said, rs[0]) && strings.ContainsRune(said, rs[len(rs)-1])) {
		return 0
	}
	return n * float64(here) / float64(len(all)) / 2
}

// pieces of a normalised text: words of letters, and of Chinese each two
// neighbouring characters.
func pieces(s string) []string {
	var out []string
	for _, word := range strings.Fields(s) {
		rs := []rune(word)
		if !unicode.Is(unicode.Han, rs[0]) {
			out = append(out, word)
			continue
		}
		for i := range len(rs) - 1 {
			out = append(out, string(rs[i:i+2]))
		}
	}
	return out
}
