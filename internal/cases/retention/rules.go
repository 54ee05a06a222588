package retention

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

//go:embed rules.yaml
var shipped string

// Rule is one entry of the table.
type Rule struct {
	Key           string             `yaml:"key"`
	Name          i18n.Text          `yaml:"name"`
	Families      []catalogue.Family `yaml:"families"`
	Types         []string           `yaml:"types"`
	Procedures    []string           `yaml:"procedures"`
	States        []cases.State      `yaml:"states"`
	Years         int                `yaml:"years"`
	ClawbackYears int                `yaml:"clawback_years"`
	Basis         i18n.Text          `yaml:"basis"`
}

// Table is one version of how long what is kept.
type Table struct {
	Version       string `yaml:"version"`
	From          string `yaml:"from"`
	NoticeDays    int    `yaml:"notice_days"`
	ObjectionDays int    `yaml:"objection_days"`
	Kinds         []Rule `yaml:"kinds"`
}

// Published is the table that the program ships.
func Published() (Table, error) { return Parse(shipped) }

// Parse reads a table and refuses one that leaves a case without a rule.
func Parse(text string) (Table, error) {
	var t Table
	if faults := yamlx.Decode(text, &t); len(faults) > 0 {
		return t, fmt.Errorf("retention: %v", faults[0])
	}
	if t.Version == "" || t.NoticeDays < 30 || t.ObjectionDays < 183 || len(t.Kinds) == 0 {
		return t, errors.New("retention: a table has a version, at least 30 days of notice, 183 days for objections, and kinds")
	}
	seen := map[string]bool{}
	for i, r := range t.Kinds {
		switch {
		case r.Key == "" || seen[r.Key]:
			return t, fmt.Errorf("retention: entry %d: the key %q is missing or twice there", i+1, r.Key)
		case r.Years < 1 || r.Years > 100 || r.ClawbackYears < 0:
			return t, fmt.Errorf("retention: %s: years from 1 to 100", r.Key)
		case r.Name.ZH == "" || r.Name.EN == "" || r.Basis.ZH == "" || r.Basis.EN == "":
			return t, fmt.Errorf("retention: %s: name and legal basis in both languages", r.Key)
		case r.all() != (i == len(t.Kinds)-1):
			return t, fmt.Errorf("retention: %s: the last entry, and no other, fits every case", r.Key)
		}
		for _, s := range r.States {
			if !s.Ended() {
				return t, fmt.Errorf("retention: %s: %s is no end of a case", r.Key, s)
			}
		}
		seen[r.Key] = true
	}
	return t, nil
}

// subsidy is the kind of procedure by which money is given.
const subsidy = "subsidy"

// all says that the entry fits every case.
func (r Rule) all() bool {
	return len(r.Families) == 0 && len(r.Types) == 0 && len(r.Procedures) == 0 && len(r.States) == 0
}

func fits[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

// For is the entry that counts for a case of an item. What a list awarded is money,
// booked like a subsidy, whatever the item says.
func (t Table) For(d *catalogue.Definition, channel cases.Channel, state cases.State) Rule {
	kind := d.Procedure.Kind
	if channel == cases.ByAward {
		kind = subsidy
	}
	for _, r := range t.Kinds {
		if fits(r.Families, d.Family) && fits(r.Types, d.Type) && fits(r.Procedures, kind) && fits(r.States, state) {
			return r
		}
	}
	return t.Kinds[len(t.Kinds)-1]
}

// Rule returns an entry by its key.
func (t Table) Rule(key string) (Rule, bool) {
	i := slices.IndexFunc(t.Kinds, func(r Rule) bool { return r.Key == key })
	if i < 0 {
		return Rule{}, false
	}
	return t.Kinds[i], true
}

// Due is from when a case that ended then need not be kept any more.
func (t Table) Due(r Rule, decided, closed time.Time) time.Time {
	due := closed.AddDate(r.Years, 0, 0)
	for _, later := range []time.Time{closed.AddDate(0, 0, t.ObjectionDays), decided.AddDate(r.ClawbackYears, 0, 0)} {
		if later.After(due) {
			due = later
		}
	}
	return due
}
