package catalogue

import (
	"fmt"
	"slices"

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
