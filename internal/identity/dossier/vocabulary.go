package dossier

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

// Type of a fact.
type Type string

// The types.
const (
	Text  Type = "text"
	Code  Type = "code"
	Money Type = "money"
	Count Type = "count"
	Date  Type = "date"
	Ratio Type = "ratio"
	Flag  Type = "flag"
	Set   Type = "set"
	List  Type = "list"
)

// Def is one fact of the vocabulary.
type Def struct {
	Key          string    `yaml:"key"`
	Type         Type      `yaml:"type"`
	Codes        string    `yaml:"codes"` // industry, region
	Yearly       bool      `yaml:"yearly"`
	Signed       bool      `yaml:"signed"`   // may be negative
	Personal     bool      `yaml:"personal"` // masked outside the firm and those who look after it
	Group        string    `yaml:"group"`
	Register     string    `yaml:"register"`
	Supply       []Source  `yaml:"supply"`
	Unit         i18n.Text `yaml:"unit"`
	Weight       int       `yaml:"weight"`
	Needed       []string  `yaml:"needed"`
	Options      []Option  `yaml:"options"`
	Certificates []string  `yaml:"certificates"` // types on file that are entries of the list
	Absent       string    `yaml:"absent"`       // "none": where nobody says it there is none; otherwise it is missing
	Name         i18n.Text `yaml:"name"`
	Hint         i18n.Text `yaml:"hint"`
}

// By says whether the source may say the fact.
func (d *Def) By(s Source) bool { return slices.Contains(d.Supply, s) }

// Option of a set.
type Option struct {
	Key  string    `yaml:"key"`
	Name i18n.Text `yaml:"name"`
}

// Group of facts on a page.
type Group struct {
	Key  string    `yaml:"key"`
	Name i18n.Text `yaml:"name"`
}

// RegisterDef is a register of an authority, with the department that keeps it.
type RegisterDef struct {
	Key        string    `yaml:"key"`
	Department string    `yaml:"department"`
	Name       i18n.Text `yaml:"name"`
}

// Vocabulary is the published list of facts. It never changes.
type Vocabulary struct {
	Registers []RegisterDef `yaml:"registers"`
	Groups    []Group       `yaml:"groups"`
	Facts     []*Def        `yaml:"facts"`

	byKey     map[string]*Def
	registers map[string]RegisterDef
}

//go:embed vocabulary.yaml
var published string

var theVocabulary = sync.OnceValue(func() *Vocabulary {
	v, err := readVocabulary(published)
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return v
})

// Published is the vocabulary of this program.
func Published() *Vocabulary { return theVocabulary() }

// PublishedText is the vocabulary as the file that people read.
func PublishedText() string { return published }

// readVocabulary reads and checks a vocabulary.
func readVocabulary(text string) (*Vocabulary, error) {
	v := &Vocabulary{byKey: map[string]*Def{}, registers: map[string]RegisterDef{}}
	if faults := yamlx.Decode(text, v); len(faults) > 0 {
		return nil, fmt.Errorf("dossier: vocabulary: line %d: %s %s", faults[0].Line, faults[0].Key, faults[0].Value)
	}
	for _, r := range v.Registers {
		v.registers[r.Key] = r
	}
	for _, d := range v.Facts {
		if v.byKey[d.Key] != nil {
			return nil, fmt.Errorf("dossier: vocabulary: %s stands there twice", d.Key)
		}
		v.byKey[d.Key] = d
		if err := v.check(d); err != nil {
			return nil, fmt.Errorf("dossier: vocabulary: %s: %w", d.Key, err)
		}
	}
	return v, nil
}

func (v *Vocabulary) check(d *Def) error {
	_, hasRegister := v.registers[d.Register]
	switch {
	case !slices.Contains([]Type{Text, Code, Money, Count, Date, Ratio, Flag, Set, List}, d.Type):
		return fmt.Errorf("no type %q", d.Type)
	case d.Type == Code && d.Codes != "industry" && d.Codes != "region":
		return fmt.Errorf("no codes %q", d.Codes)
	case !slices.ContainsFunc(v.Groups, func(g Group) bool { return g.Key == d.Group }):
		return fmt.Errorf("no group %q", d.Group)
	case d.By(Computed) != (len(d.Supply) == 1 && d.Supply[0] == Computed):
		return fmt.Errorf("what is computed is said by nobody")
	case d.By(Computed) && d.Weight > 0:
		return fmt.Errorf("what is computed cannot be missing")
	case !d.By(Computed) && !hasRegister:
		return fmt.Errorf("no register %q", d.Register)
	case (d.Type == Set) != (len(d.Options) > 0):
		return fmt.Errorf("a set has options, and nothing else has")
	case d.By(Certificate) && d.Type == List && len(d.Certificates) == 0:
		return fmt.Errorf("no types of certificates")
	case d.Absent != "" && (d.Absent != "none" || d.Weight > 0):
		return fmt.Errorf("absent is none, of what nobody need say")
	case d.Name.ZH == "" || d.Name.EN == "":
		return fmt.Errorf("no name in both languages")
	case len(d.Supply) == 0:
		return fmt.Errorf("nobody says it")
	}
	for _, s := range d.Supply {
		if !slices.Contains(Sources, s) {
			return fmt.Errorf("no source %q", s)
		}
	}
	return nil
}

// Def returns the fact with the key, nil for none.
func (v *Vocabulary) Def(key string) *Def { return v.byKey[key] }

// Register returns the register with the key.
func (v *Vocabulary) Register(key string) (RegisterDef, bool) {
	r, ok := v.registers[key]
	return r, ok
}

// Keeper is the department that settles what is disputed about a fact.
func (v *Vocabulary) Keeper(key string) string {
	d := v.byKey[key]
	if d == nil {
		return ""
	}
	return v.registers[d.Register].Department
}

// kept are the facts that a department keeps.
func (v *Vocabulary) kept(department string) []string {
	var out []string
	for _, d := range v.Facts {
		if r, ok := v.registers[d.Register]; ok && r.Department == department {
			out = append(out, d.Key)
		}
	}
	return out
}
