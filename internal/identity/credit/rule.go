package credit

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

//go:embed rules/*.yaml
var shipped embed.FS

// Grade of trust, A the best.
type Grade string

// The grades.
const (
	A Grade = "A"
	B Grade = "B"
	C Grade = "C"
	D Grade = "D"
)

// worse returns the worse of two grades; "" is none.
func worse(a, b Grade) Grade { return max(a, b) }

// Kind of a record.
type Kind string

// The kinds.
const (
	Honour        Kind = "honour"
	Broken        Kind = "broken"         // a promise was not kept
	Penalty       Kind = "penalty"        // an administrative penalty
	SeverePenalty Kind = "severe_penalty" // one for a severe breach
	Arrears       Kind = "arrears"        // owed and not paid
)

// Kinds in the order of the form.
var Kinds = []Kind{Honour, Broken, Penalty, SeverePenalty, Arrears}

// Effect is what the rule says of a kind.
type Effect struct {
	Points      int   `yaml:"points"`
	Most        int   `yaml:"most"`  // of the points of all records of the kind, 0 for no bound
	Cap         Grade `yaml:"cap"`   // the best grade while one counts, "" for any
	Years       int   `yaml:"years"` // how long one counts at most
	RepairAfter int   `yaml:"repair_after"`
	Public      bool  `yaml:"public"` // stands in the public list
}

// Rule is one version of how the grade is made.
type Rule struct {
	Version string          `yaml:"version"`
	From    string          `yaml:"valid_from"`
	Until   string          `yaml:"valid_until"` // "" for the present one
	Start   int             `yaml:"start"`
	Grades  map[Grade]int   `yaml:"grades"`
	Kinds   map[Kind]Effect `yaml:"kinds"`
	Text    string          `yaml:"-"` // the file, to be read by anybody
}

// Rules are all versions, the oldest first.
type Rules []Rule

// Published are the versions that the program ships.
func Published() (Rules, error) {
	entries, err := shipped.ReadDir("rules")
	if err != nil {
		return nil, fmt.Errorf("credit: %w", err)
	}
	var out Rules
	for _, e := range entries {
		b, err := shipped.ReadFile("rules/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("credit: %w", err)
		}
		r, err := Parse(string(b))
		if err != nil {
			return nil, fmt.Errorf("credit: %s: %w", e.Name(), err)
		}
		if r.Version+".yaml" != e.Name() {
			return nil, fmt.Errorf("credit: %s holds version %s", e.Name(), r.Version)
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Rule) int { return cmp.Compare(a.From, b.From) })
	return out, out.check()
}

// Parse reads one version.
func Parse(text string) (Rule, error) {
	var r Rule
	if faults := yamlx.Decode(text, &r); len(faults) > 0 {
		return r, fmt.Errorf("line %d: %s %s", faults[0].Line, faults[0].Key, faults[0].Value)
	}
	r.Text = text
	if r.Version == "" || r.Start <= 0 {
		return r, fmt.Errorf("version or start is missing")
	}
	if r.Grades[A] <= r.Grades[B] || r.Grades[B] <= r.Grades[C] || r.Grades[C] <= 0 || len(r.Grades) != 3 {
		return r, fmt.Errorf("grades must fall from A to C")
	}
	for _, k := range Kinds {
		e, ok := r.Kinds[k]
		switch {
		case !ok:
			return r, fmt.Errorf("nothing about %s", k)
		case (k == Honour) != (e.Points > 0), k == Honour && e.Cap != "":
			return r, fmt.Errorf("%s: an honour gives points, everything else takes some", k)
		case e.Cap != "" && e.Cap != A && e.Cap != B && e.Cap != C && e.Cap != D:
			return r, fmt.Errorf("%s: no grade %s", k, e.Cap)
		case e.Years < 1 || e.Years > identity.MaxCreditYears:
			return r, fmt.Errorf("%s: %d years", k, e.Years)
		case e.RepairAfter < 0:
			return r, fmt.Errorf("%s: repair after %d days", k, e.RepairAfter)
		}
	}
	if len(r.Kinds) != len(Kinds) {
		return r, fmt.Errorf("a kind that nobody knows")
	}
	return r, nil
}

// check refuses versions between which there is a day with none or with two.
func (list Rules) check() error {
	for i, r := range list {
		from, err := workday.Parse(r.From)
		if err != nil {
			return fmt.Errorf("credit: %s: %w", r.Version, err)
		}
		if i == 0 {
			continue
		}
		until, err := workday.Parse(list[i-1].Until)
		if err != nil || until.AddDays(1) != from {
			return fmt.Errorf("credit: %s does not begin where %s ends", r.Version, list[i-1].Version)
		}
	}
	if len(list) == 0 || list[len(list)-1].Until != "" {
		return fmt.Errorf("credit: no rule without an end")
	}
	return nil
}

// On is the version that is valid on a day; before the first it is the first.
func (list Rules) On(day string) Rule {
	for _, r := range slices.Backward(list) {
		if r.From <= day {
			return r
		}
	}
	return list[0]
}

// Record is what is known of somebody.
type Record struct {
	ID           string
	Party        identity.Party // without its name where nobody asked for it
	Kind         Kind
	Reason       string
	Source       string // who said so
	DepartmentID string // that answers for it, "" when it came from elsewhere
	CaseID       string
	Number       string // under which the source keeps it, "" for what was entered here
	From, Until  string // ISO dates, both included
	EvidenceID   string // file
	RecordedBy   string
	RecordedAt   time.Time
	RepairedAt   time.Time
	StruckAt     time.Time  // after an objection
	Open         *Objection // that is not decided
	Last         *Objection // that was decided last
	Version      int
}

// Bad says whether a record speaks against somebody.
func (r Record) Bad() bool { return r.Kind != Honour }

// Counts says whether a record counts on a day.
func (r Record) Counts(day string) bool {
	return r.RepairedAt.IsZero() && r.StruckAt.IsZero() && r.From <= day && day <= r.Until
}

// Reason is what a record did to a grade.
type Reason struct {
	Record Record
	Points int // that it gave or took; 0 for an honour beyond the bound
	Cap    Grade
}

// Result is a grade with what made it.
type Result struct {
	Grade   Grade
	Points  int
	Rule    string // version
	Reasons []Reason
	Cap     Grade // that held it down, "" for none
}

// GradeOf makes the grade of some records on a day.
func GradeOf(rule Rule, records []Record, day string) Result {
	list := slices.Clone(records)
	slices.SortFunc(list, func(a, b Record) int { return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.ID, b.ID)) })
	out, sums := Result{Points: rule.Start, Rule: rule.Version}, map[Kind]int{}
	for _, r := range list {
		if !r.Counts(day) {
			continue
		}
		e := rule.Kinds[r.Kind]
		points := e.Points
		if e.Most > 0 {
			points = max(0, min(points, e.Most-sums[r.Kind]))
		}
		sums[r.Kind] += points
		out.Points += points
		out.Cap = worse(out.Cap, e.Cap)
		out.Reasons = append(out.Reasons, Reason{Record: r, Points: points, Cap: e.Cap})
	}
	out.Points = max(0, out.Points)
	earned := D
	for _, g := range []Grade{C, B, A} {
		if out.Points >= rule.Grades[g] {
			earned = g
		}
	}
	out.Grade = worse(earned, out.Cap)
	if out.Grade == earned {
		out.Cap = ""
	}
	return out
}

// Standing maps a grade to what the engine knows: A is approved easily, D is
// given neither tolerance nor commitment.
func Standing(g Grade) identity.Standing {
	switch g {
	case A:
		return identity.StandingGood
	case D:
		return identity.StandingBad
	default:
		return identity.StandingNormal
	}
}
